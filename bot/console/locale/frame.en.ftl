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
trouble-role = Your roles do not allow this. Ask an administrator if they should.
trouble-csrf = This form is too old and was not carried out. Open the page again, fill it in and send it.
trouble-expired = You are signed out, and nothing was saved. Sign in again, open the page, fill it in and send it.
trouble-broken = Something went wrong, and nothing was saved. Try again in a while; tell an administrator if it goes on.
trouble-sent = What you filled in is hardly ever lost: use your browser's back button, and it is still on that page.
trouble-written = What you wrote, to be copied from here
trouble-back = Back to where you were
