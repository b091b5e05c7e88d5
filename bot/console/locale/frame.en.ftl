# What every page of the console says. One file a room.

frame-skip = Skip to the text
frame-rooms = Rooms
frame-sign-out = Sign out
frame-back = Back to the console
frame-save = Save
frame-cancel = Cancel
frame-none = None
frame-previous = Previous
frame-next = Next

room-desk = Rumour desk
room-articles = Articles
room-reports = Reports
room-people = People

trouble-title = This was not done
trouble-foreign = The request did not come from a page of this site and was not carried out.
trouble-large = What was sent is too large; at most { $megabytes } MB. Nothing was saved.
trouble-form = The form did not arrive whole, and nothing was saved. Go back and send it again.
trouble-csrf = This form is too old and was not carried out. Open the page again, fill it in and send it.
trouble-expired = You are signed out, and nothing was saved. Do not leave this page yet: sign in on a new tab, fill the form in there and send it.
trouble-sign-in = Sign in on a new tab
trouble-broken = Something went wrong, and nothing was saved. Try again in a while; tell an administrator if it goes on.
trouble-sent = What you filled in is hardly ever lost: use your browser's back button, and it is still on that page.
trouble-written = What you wrote, to be copied from here
trouble-back = Back to where you were

refused-notfound = { $reason ->
    [draft] This rumour has no draft yet. Write one first.
    [unpublished] The article is not published, so it cannot answer. Publish it first, or choose one that is.
    [some] Tick the sightings to split off: not none, and not all of them.
    [text] There is nothing written yet. Write something, then send it.
    [person] There is nobody of that kind, or not for this region. Choose somebody else.
    [source] No article in use names this source, so there is nothing to note.
    [original] What was received is not kept any more, or nothing was removed from it.
    [revision] The article has no such revision.
    [inactive] This person is not active. Activate them first.
    [name] Give the view a name.
    [filters] These filters are too long to be kept, and were not. Please shorten the words to look for.
    [harm] There is no such degree of harm.
    [state] A source can only be noted as working or as gone.
    [figure] There is no such figure; come here from a number of the report.
   *[other] There is nothing like that, or not any more. Go back, reload the page and look again.
  }
refused-notallowed = { $reason ->
    [elsewhere] Your roles do not allow this, or the rumour is not your region's. Ask an administrator if they should.
    [region] That region is not one of yours.
    [kind] Your roles do not allow you to write this kind of article.
    [writer] Only who wrote part of the draft can ask for sign-off.
    [sign] Your roles do not allow you to sign off.
    [source] Only editors may note whether a source works.
    [original] Only debunkers of the region may look at what was received.
   *[other] Your roles do not allow this. Ask an administrator if they should.
  }
