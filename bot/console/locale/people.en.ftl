# Signing in, one's own account, and the administrators' room.

role-editor = Editor
role-editor-may = Writes, changes and publishes articles
role-debunker = Debunker
role-debunker-may = Works on rumours and writes debunks
role-expert = Expert
role-expert-may = Answers debunkers' questions and signs off
role-administrator = Administrator
role-administrator-may = May do everything and looks after the people; in every region

signin-title = Sign in
signin-login = Login
signin-password = Password
signin-next = Next
signin-lost = Forgotten password, or a new phone? Ask an administrator for a new link.
signin-wrong = Login or password is wrong. Check small and capital letters and try again.
signin-late = That took too long. Enter login and password again.
signin-code-title = Enter the code
signin-code = Six-digit code on your phone
signin-code-hint = Open the authenticator on your phone and enter the number it shows now.
signin-wrong-code = The code is wrong or was used already. Wait until your phone shows a new one; if that fails too, check whether its clock is right.
signin-again = Enter the password again
signin-new-password = New password
signin-password-again = New password once more
signin-password-hint = At least { $least } characters. A few unrelated words are easiest to remember and hardest to guess.
signin-different = The two passwords differ. Enter them again.

invited-title = Choose a password
invited-hello = Hello { $who }. Your login is { $login }. Choose a password.

phone-title = Set up codes on your phone
phone-why = To sign in you need the password and a six-digit code from your phone, so that a password somebody learns is not enough.
phone-install = Install an authenticator on your phone (any that does TOTP).
phone-scan = Scan this QR code with it:
phone-picture = QR code for the authenticator; it says the same as the key below
phone-key = If it cannot be scanned, enter the key:
phone-confirm = Enter below the six digits that it shows.
phone-done = Finish and sign in

account-title = My account
account-password = Change password
account-password-old = Present password
account-password-hint = Your other browsers will be signed out.
account-password-wrong = The present password or the code is wrong; nothing was changed. A code works once: wait until your phone shows a new one.
account-password-done = The password was changed and your other browsers were signed out.
account-browsers = Browsers you are signed in with
account-since = Signed in
account-seen = Last at work
account-until = Ends
account-do = Actions
account-this = This browser
account-sign-out-of = Sign out the browser signed in at { $since }
account-sign-out-others = Sign out all other browsers
account-chat = Work in Telegram
account-chat-what = Once linked, the bot tells you in Telegram of hot rumours, of what is given to you, of what waits for your sign-off and of what is due; claiming, rating harm, replying and signing off take one touch there.
account-chat-code = Get a code
account-chat-send = Send this to the bot within { $minutes } minutes. The code is shown only this once:
account-chat-linked = Linked
account-chat-unlink = Unlink
account-keys = API keys
account-keys-what = With a key a program reads and writes as you and may do what you may. Revoke those that are not needed.
account-key-once = The key is shown only this once. Copy it now:
account-key-name = Name of the key
account-key-hint = Say which program uses it.
account-key-made = Made
account-key-used = Last used
account-key-make = Make a key
account-key-revoke = Revoke
account-key-revoke-of = Revoke the key “{ $key }”

people-name = Name
people-roles = Roles
people-state = State
people-active = Active
people-invited = No password yet
people-inactive = Deactivated
people-add = Add a person
people-login-hint = 2 to 60 characters: small letters, digits, dots, hyphens, underscores. It cannot be changed later.
people-regions-hint = Write regions after a role, separated by commas; none means everywhere.
people-regions-of = Regions of { $role }
people-everywhere = Everywhere
people-invite = New link
people-invite-what = For a forgotten password or a lost phone. The old password, phone and API keys stop working at once, and every browser is signed out.
people-deactivate = Deactivate
people-deactivate-what = Every browser is signed out at once, signing in and API keys stop working. What they did stays under their name.
people-activate = Activate again
people-activate-what = They can sign in with the password and the phone they had.

link-title = Link for { $who }
link-what = The link is shown only this once, is good for { $hours } hours, and works once. Give it to the person directly, never in a group chat.
link-back = Back to the people

refused-invitationgone = This link was used already or is too old. Ask an administrator for a new one.
refused-logintaken = The login { $login } is taken. Choose another one.
refused-lastadministrator = This is the last administrator. Make somebody else one first.
refused-toomanyattempts = Too many failed attempts. Try again in { $minutes } minutes.
refused-weakpassword = { $problem ->
    [short] The password is too short; use at least 10 characters.
    [long] The password is too long; use at most 200 characters.
    [login] The password must differ from the login.
   *[common] This password is too common and would be guessed at once. Choose another one.
}
refused-invalidperson = { $field ->
    [login] A login has 2 to 60 characters: small letters, digits, dots, hyphens and underscores.
    [name] A name is needed, of at most 60 characters.
    [region] The name of a region has at most 40 characters.
    [administrator] An administrator is one everywhere, not in a region.
    [token] The key needs a name of at most 60 characters.
   *[roles] Choose at least one role.
}
