# What the people at the desk read in their own chat.

desk-headline = 📥 { $rumour } | asked { $count } times | harm: { $harm ->
    [0] not rated
    [1] low
    [2] medium
   *[3] high
}
desk-hot = Many ask, and nobody works on it.
desk-assigned = A colleague gave it to you.
desk-due = The answer is due soon.
desk-question = There is a question for you; please answer on the web page:
desk-question-text = “{ $text }”
desk-review = The draft is ready for a second person's sign-off.
desk-signed = The draft was signed off; it can be published on the web page.
desk-state = { $status ->
    [open] Open
    [claimed] In work
    [review] Waits for sign-off
    [answered] Answered
    [not_a_claim] Not a claim
   *[merged] Merged into another
} | { $person ->
    [nobody] nobody's yet
   *[other] with { $person }
}
desk-due-at = Due: { $moment }
desk-link = Web page: { $address }

desk-button-claim = I take it
desk-button-release = Put it back
desk-button-canned = Not a claim…
desk-button-harm = Rate harm…
desk-button-draft = Read the draft
desk-button-sign = ✍️ Sign off: may be published
desk-button-back = Back
desk-button-rumour = { $rumour } ({ $count }) { $text }
desk-button-advert = An advert
desk-button-chat = Nothing to check
desk-button-not_checkable = Cannot be checked
desk-button-private = A private matter
desk-button-elsewhere = For another office
desk-button-harm-1 = Low: silly, annoying
desk-button-harm-2 = Medium: money, delay
desk-button-harm-3 = High: life, savings

desk-pick-canned =
    Is { $rumour } no claim that can be checked?
    Choose a reply; everybody who asked gets it at once.
desk-pick-harm =
    How much harm does { $rumour } do?
    Low: silly, annoying. Medium: costs money, or delays care. High: may cost life or savings, or set people against each other.

desk-done-claim = ✅ It is yours
desk-done-release = ✅ Put back
desk-done-mark = ✅ Everybody who asked has the reply
desk-done-rate = ✅ Harm noted
desk-done-sign = ✅ Signed off

desk-draft-headline = 📝 Draft for { $rumour }, revision { $revision }
desk-draft-own = You wrote part of this draft; somebody who did not has to sign it off.
desk-draft-signed = Signed off by: { $people }
desk-draft-none = This rumour has no draft that waits for a sign-off.

desk-list =
    📋 Yours: { $mine }. Hot and nobody's: { $hot }
    Touch one for details. Write, merge and publish on the web page.
desk-list-empty =
    📋 Nothing is yours at present
    I tell you here of hot rumours, of what is given to you, and of what is due.

desk-changed = ⚠️ Not done: { $rumour } was just changed{ $by ->
    [nobody] {""}
   *[other] {" "}by { $by }
}; this is how it is now
desk-not-allowed =
    ⛔ You may not do this
    Your roles or regions do not allow it. Ask an administrator if that is wrong.
desk-own-work =
    ⛔ Nobody signs off their own work
    Ask a colleague who wrote none of it.
desk-harm-kept =
    ⛔ Only an expert may lower high harm
    Ask one on the web page.
desk-not-staff =
    🔒 This is for the people who work here
    If you do, get a code on the console's page “My account” and send it to me.

desk-linked =
    ✅ Linked, { $person }
    I tell you here of hot rumours, of what is given to you, and of what is due. /desk lists your work, /unlink ends it.
    You can claim and sign off in this chat, so lock your phone.
desk-unlinked =
    ✅ Not linked any more
    You hear nothing of work here from now on.
desk-code-wrong =
    ❌ The code is wrong or too old
    Get a new one on the console's page “My account” and send it within 15 minutes.
desk-code-missing =
    ❓ Send the code along
    Like this: /link BCDFG-HJKLM. The code is on the console's page “My account”.
desk-code-pause =
    ⏳ Too many wrong codes
    Try again in { $minutes } minutes.
desk-no-push =
    ❌ I cannot tell you anything here
    Link your chat with me on Telegram.
