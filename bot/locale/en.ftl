# Every fixed sentence a resident can read, in English. Articles themselves stay in Chinese.

## Answers

mark-true = ✅ True
mark-false = ❌ False
mark-misleading = ⚠️ Misleading
mark-unproven = ❓ No conclusion yet
mark-scam = 🚨 Scam
mark-explainer = 📖 Explained
mark-guide = 🧭 Guide
headline = { $mark }｜{ $title }
what-to-do = What to do:
when-to-call = 📞 { $text }
source-line = Source: { $publishers }
dated-line = Updated { $updated }, valid until { $review }
closest-headline = Which of these do you mean? Please tap one.
closest-note = If none fits, tap the last one; it will be noted and looked into.

unknown-question =
    ❓ I have no reliable answer to this yet
    I will not guess. Noted as { $rumour }; somebody will look into it. { $then }
    { $advice }
unknown-claim =
    ❓ No conclusion yet: nobody has checked this message
    Logged as { $rumour }, { $count ->
        [1] you are the first to ask.
       *[other] received { $count } times.
    } Somebody will check it. { $then }
    { $meanwhile }
    { $advice }
unknown-scam =
    🚨 This looks like a scam: stop, send no money
    No transfer, no verification code, no link, no screen sharing.
    Hang up, call 96110 yourself and ask, then tell your family. No answer, or money already sent: call 110 at once.
    Logged as { $rumour }. { $then }
then-told = When there is a verdict I will tell you here.
advice-general = Unwell? Ask a doctor. Money involved? Ask your family or call 96110. Government matters: 12345.
advice-doctor = ⚠️ Do not wait for an answer with this: see a doctor today. If it gets worse or the person is confused, call 120.
meanwhile = Until then: do not pass it on, do not act on it, do not pay.
meanwhile-leave = Do not pass it on and do not pay yet. If you live by a river, below a dam, at a slope or by the sea, do not wait: go to high ground first, then ask the village committee or 12345.
advice-danger = In danger right now: medical 120, fire or trapped 119, police 110.
following = All right. When { $rumour } has a verdict I will tell you here.
told-again = All right. When what you asked has a verdict I will tell you here.
hushed =
    All right, you will not be told any more
    This goes for everything you asked. To be told again, press the button below.
scam-stop = Stop first: no transfer, no code, no link. Unsure: call 96110. Money already sent: call 110 at once.

## Fuller text

full-sources = Sources
source-item = { $number }. { $publisher }: { $title } { $date }
gone = This article was withdrawn or is being updated. You can ask your question again.

## Buttons

button-full = Full text
button-sources = Sources
button-not-this = Not what I asked
button-helpful = 👍 Helpful
button-unhelpful = 👎 Not helpful
button-tell-me = Tell me when checked
button-no-need = No need to tell me
button-hush = Tell me no more
button-none = None of these
button-no-advert = No advert: please check it
button-reason-wrong = Content is wrong
button-reason-unclear = Hard to understand
button-reason-old = Out of date
button-reason-other = Something else
button-money-sent = I already sent money
button-code-given = I gave the code
button-screen-shared = I shared my screen
button-app-installed = I installed their app
button-read = Read: { $title }
thanks-helpful = Thank you. Tell your family about Qiuzhen; it may help them too.
ask-reason = Sorry it did not help. What was wrong?
thanks-reason = Noted; an editor will look at it.

## Small talk

greeting =
    👋 Hello, I am Qiuzhen
    Unsure about a message on health, disasters or scams? Type it or forward it to me.
    I answer only from checked sources, and say so when I do not know.
    For example, ask:
start =
    👋 Hello, I am Qiuzhen
    Unsure about a message on health, disasters or scams? Type it or forward it to me.
    I answer only from checked, sourced articles (in Chinese).
    When I do not know I say so, have it checked and tell you the result here; one press stops that.
    I am neither a doctor nor the police. Medical 120, fire 119, police 110.
    For example, ask:
help =
    How to use Qiuzhen
    · Type a question.
    · Forward or paste a message you doubt.
    · Use the buttons for the full text, the sources, and to say whether it helped.
    Commands: /mine what is kept of me　/forget delete it　/language　/privacy
    Medical 120, fire 119, police 110, anti-fraud advice 96110.
privacy =
    Your privacy
    · Phone, identity and card numbers and addresses are removed before what you wrote is stored and checked by people.
    · Who you are is kept only as a code that does not show who you are; your chat address is encrypted and used only to answer you and to tell you results.
    · You are told when what you asked has a verdict, is corrected or withdrawn; “No need to tell me” stops that.
    · { $days ->
        [0] Your words as they were before that are not kept. Nothing is sold or given to outsiders.
       *[other] Where a message to be checked held personal data, the original words are kept encrypted for { $days } days; a debunker sees them only for a written reason, and each look is recorded. Nothing is sold or given to outsiders.
    }
    · Never send a password or verification code to anybody, not even to me.
    · /mine shows what is kept, /forget deletes what leads to you. Words without personal data stay, tied to nobody.
test-reply = I am here. Send me any message you doubt.
advert-reply =
    This looks like an advertisement
    I do not judge adverts. Before you pay, add a contact or open a link, ask your family.
    If you suspect a scam call 96110.
chitchat-reply = I only check messages about health, disasters and scams. Send me one you doubt.
feedback-reply = Got it, thank you. Send me anything else you doubt.
echo-reply = That is an earlier answer of mine. Just type a new question; ask the old one again to see whether anything changed.
link-reply =
    I do not open links, and please do not tap it yet
    Send me the words of the message the link came in, or what the person says.
bare-reply =
    Please send me the message itself
    Forward it, paste it, or type what it says. If it goes on from an earlier question, write the whole question again.
    In an emergency: ambulance 120, fire 119, police 110.
after-card =
    If this is still about what just happened: when unsure, call 120 now
    Fire or trapped: 119. Under attack: 110. Do what the operator says and stay on the line.
    See a doctor even if it gets better. No water, no medicine, no making anybody vomit unless a doctor says so.
    If the danger is over and you ask something else, please write the whole question again.
human =
    I answer automatically; there is no human operator here
    What I do not know is checked by people, and you are told the result here.
    Medical 120, fire 119, police 110, anti-fraud advice 96110, city services 12345; on medicines ask a doctor or pharmacist.
more =
    For what an answer rests on, press “Sources” below it
    For more, press “Full text”. If it is hard to follow, read it with somebody of your family.
    To ask more, please write the whole question. In an emergency: medical 120, fire or trapped 119, police 110.
number-reply =
    I cannot look up whose number or account this is
    Do not call back, send money or give out codes. If in doubt call 96110 yourself.
    Send me what they said, and I will look into that. If money is gone call 110 at once.
unsupported-reply =
    I cannot read this kind of message yet
    Please type the words in the picture or recording and send them.
    If it is urgent: medical 120, fire 119, police 110.
flood-reply = That was very fast. Please wait a minute. In an emergency call 110, 119 or 120.
too-long-note = (The text is very long; I read only the beginning.)
unread-note = (I cannot read pictures or recordings. If it is about what is in them, please type the words and send them.)
busy-reply =
    Sorry, something went wrong on my side
    Please send it again in a moment. In an emergency call 110, 119 or 120.
unknown-command = There is no such command. Send /help.
stale-choice = This button no longer works. Please send your question again.

# Examples a first-time visitor can touch; asked in Chinese, since the articles are.
example-1 = 喝高度白酒能杀死病毒吗
example-2 = 有人说我涉嫌洗钱，让我把钱转到安全账户
example-3 = 油锅着火可以倒水吗

## Pages: each article, the lists of articles, the sheet for the notice board

page-skip = Skip to the text
page-ask = Ask Qiuzhen
page-ask-more = More questions? Ask Qiuzhen
page-topics = All articles
page-topics-lead = Every article is checked, has sources, and is checked again when its date runs out. Articles are in Chinese.
page-topics-title = All articles · { $site }
page-topic-title = { $topic } · { $site }
page-topic-count = { $count ->
    [1] 1 article
   *[other] { $count } articles
}
page-topic-empty = There are no articles on this yet.
page-this-month = Often asked this month
page-others = Other articles
page-larger = Larger
page-normal = Normal size
page-language = Language
page-hook = What the scammer says
page-answer = Answer
page-steps = What to do
page-details = Details
page-sources = Sources
page-new-tab = opens in a new page
page-one-source = Only one authoritative source was found.
page-regions = Applies to: { $regions }
page-second-reading = Checked against the sources: { $date }
page-updated = Updated: { $date }
page-review-by = Valid until: { $date }
page-related = Related articles
page-sheet = Sheet to print and post (PDF)
page-share = To share this, pass on the address of this page.
page-limits = This site is neither a doctor nor the police and does not replace either.
page-missing-title = There is no such page
page-missing = This page was not found. The address may be mistyped, or the article is not published yet.
page-unopened-title = This address cannot be opened
page-unopened = This address only takes what a page sends, and cannot be opened by itself. Please start from the first page.
page-retired-title = This article was withdrawn
page-retired = This article was withdrawn; please do not pass it on. Ask Qiuzhen what holds now.
page-overdue-title = This article is being updated
page-overdue = This article is past its date and is being checked again, so it cannot be read for now. If it is urgent, ask Qiuzhen.
page-no-font-title = The sheet cannot be made right now
page-no-font = This server has no usable Chinese font, so no PDF can be made. Its administrator can install one, on Debian or Ubuntu with: apt install fonts-noto-cjk; or name a font file in the setting QIUZHEN_SHEET_FONT.
page-no-font-meanwhile = You can also print the article's page.
page-read-article = Read the article
topic-health = Health
topic-disaster = Disasters
topic-fraud = Scams
topic-digital = Phones and internet
sheet-notice = Public notice
sheet-scan = Scan for the full text and sources
sheet-sources = Sources: { $publishers }

## Commands

mine =
    What is kept of you
    · { $turns } messages handled
    · Language: { $language }
    · Results: { $told ->
        [yes] you are told
       *[no] you are not told
    }
    · Waiting for: { $following }
    · Noted words, personal data removed: { $texts }{ $days ->
        [0] {""}
       *[other] {""}
        · Originals that held personal data are kept encrypted for { $days } days.
    }
    To delete it, send /forget.
mine-nothing = nothing
forget-ask =
    Delete what is kept of you?
    You will then not be told the results you are waiting for.
    What you asked, with personal data removed, stays to be checked, tied to nobody.
button-forget = Delete
button-keep = Keep
forgotten = Done. Nothing that leads to you is left. Your next message starts afresh.
kept = All right, nothing was deleted.
language-ask = Which language?
language-set = All right, English from now on.
language-auto = All right, I will answer in the script you write in.
button-language-auto = Automatic

## What those who asked are told later

notice-asked = You asked about { $rumour }: “{ $said }”
notice-asked-plain = You asked about { $rumour }
notice-verdict = { $asked }. It has been checked now.
notice-unproven = { $asked }. It was looked into; there is no conclusion yet.
notice-correction = We corrected our earlier conclusion; please go by this one. { $asked }.
notice-withdrawal =
    ❓ The earlier conclusion was withdrawn: do not act on it
    { $asked }. Please do not act on what I told you before, and do not pass it on.
    It is being checked again; I will tell you when there is a new conclusion.
    { $advice }
notice-still-unsure =
    ❓ No conclusion yet, still being checked
    { $asked }. It is not clear yet; I will tell you when it is.
    Until then: do not pass it on, do not act on it, do not pay.
    { $advice }
canned-advert =
    📢 This looks like an advertisement, not a claim to check
    { $asked }. I do not judge adverts. Before you pay, add a contact or open a link, ask your family.
    If you suspect a scam call 96110; for false advertising or a bad purchase call 12315.
canned-chat =
    💬 There is nothing to check here
    { $asked }. Somebody read it; it holds no claim that could be true or false.
    Send me any other message you doubt.
canned-not_checkable =
    ❓ This cannot be checked
    { $asked }. Somebody read it; without time, place and source it cannot be checked.
    Treat what has no source as unfounded and do not pass it on. If you learn more, send it to me again.
    { $advice }
canned-private =
    🔒 This is a private matter; we do not check it
    { $asked }. We neither check nor publish private matters.
    Unwell? Ask a doctor. Legal matters: 12348. Family or neighbours: ask your village or community office. Somebody is being hurt: 110.
canned-elsewhere =
    ☎️ Please ask the office in charge
    { $asked }. This is not ours to check.
    Government matters: 12345. Scams: 96110. Purchases: 12315.

## First aid: life

card-self-harm =
    ❤️ Thank you for telling me. In danger: call 120 or 110 at once
    Already hurt, or swallowed something harmful: call 120 now, even if you feel well.
    Please do not stay alone; ask a relative, friend or neighbour to come now.
    Need to talk: call the 12356 helpline. If nobody answers call again, or call 110.
    Worried about somebody else: stay with them, put away medicines, pesticides, rope and knives, call 120 or 110. A knife in their hand: do not grab it.
card-violence =
    🚨 Call 110 at once
    Leave first, go where people are; if you cannot leave, lock a door. Do not argue.
    If you cannot speak, whisper the address and stay on the line.
    Somebody hurt: call 120 too.
card-gas-poisoning =
    🚨 Get to fresh air, call 120 at once
    1. Dizzy yourself: get out now, crawl if you cannot walk, shout.
    2. Helping somebody: keep yourself safe, open doors and windows, touch no light switch, no flame, then carry them out.
    3. Somebody in a well, pit or cellar: do not climb in, call 119.
    4. Unconscious but breathing: on the side, loosen the collar, keep warm. Not breathing: press hard on the middle of the chest as 120 tells you.
    5. No vinegar or pickle juice, no cold water, do not chill them. Hospital even if they wake up, and for all who were in the room.
card-gas-leak =
    🚨 Get out first, call 119 from outside
    1. Lamp and cooker hood: neither on nor off; touch no switch. No flame, no phone call inside.
    2. Strong smell, or dizzy: leave the valve alone, go at once. Faint smell and on your way: close the valve, gently open a window.
    3. Knock on neighbours' doors by hand, do not ring bells, no lift.
    4. Outside: call 119 and the gas company. Do not go back until told it is safe.
    5. Anybody dizzy or down: call 120.
card-fire =
    🚨 Get out, then call 119
    1. Take nothing, stay low, close doors behind you, no lift.
    2. Door hot or corridor full of smoke: go back, shut the door, wet cloth in the gap, tell 119 the floor, call from the window.
    3. Never go back in. Burning e-bikes and batteries explode: keep away. Clothes on fire: do not run, lie down and roll.
    4. Fight only a tiny, new fire. Oil pan: heat off, lid on tight, never water, do not lift the lid early.
    5. Appliance on fire: cut the power first; if you cannot, leave. Wildfire: do not fight it, get away sideways, never uphill or with the wind.
card-poison =
    🚨 Call 120 at once
    1. Do not make them vomit; no water, milk or mung bean soup; do what 120 says. Only after too much insulin or the wrong diabetes pills: awake and able to swallow, a sweet drink first.
    2. Ill from spraying, or splashed: leave where it smells of it, take dirty clothes off, keep rinsing skin and eyes with clean water. Helpers: do not get it on yourself.
    3. Unconscious but breathing: on the side. Not breathing: press hard on the middle of the chest, no mouth-to-mouth, listen to 120.
    4. Bring the bottle, packet and what is left to the doctor.
    5. Hospital even if well now; pesticide and rat poison often show only days later. Whoever drank the same: be checked too. If it was on purpose, stay with them; 12356 can help.
card-food-poisoning =
    🚨 Call 120 at once, do not drive yourself
    1. Stop eating. Everybody who ate it must be checked, even without symptoms.
    2. Awake: do not force vomiting, no home remedies, listen to 120.
    3. Unconscious but breathing: on the side, nothing by mouth. Not breathing: press hard on the middle of the chest as 120 tells you.
    4. Keep a little of the food, mushrooms and vomit, or photograph it, for the doctor.
    5. Better: hospital all the same; some poisons hurt the liver a day or two later.
card-choking =
    🚨 Choking, cannot speak: help now, let others call 120
    1. Can cough: let them cough hard. Cannot cough or speak: bend them forward, 5 blows between the shoulders with the heel of the hand.
    2. Still stuck: from behind, fist above the navel, 5 hard thrusts inward and up. Then 5 blows again, in turn.
    3. Pregnant or very large: not the belly, thrust on the middle of the chest. Hospital check even when it is out.
    4. Under one year: face down on your arm, head low, 5 back blows; turn over, 5 presses on the middle of the chest with the heel of the hand, in turn. Never the belly.
    5. Unconscious: lay flat, press hard on the middle of the chest as 120 tells you. Never reach in for what you cannot see.
card-drowning =
    🚨 Shout for help, call 119 and 120
    1. Do not jump in, do not form a human chain, do not go onto ice.
    2. From the bank: reach with a pole or stick, throw a rope, ring or empty bucket.
    3. Out and not breathing: wipe mud and weed from mouth and nose. If you know how, breaths first, then press the chest; if not, only press, as 120 tells you.
    4. Do not hang them upside down, do not press the belly.
    5. Breathing: on the side, keep warm. Hospital even if awake.
card-electric-shock =
    🚨 Cut the power first, do not touch them, call 120
    1. At home: main switch off, pull the plug, only with dry hands and no water underfoot. Somebody lying in water: do not step in.
    2. At home, power cannot be cut: stand on dry wood, push the wire away with a dry stick. Nothing wet, nothing metal.
    3. A wire down outdoors, a power line: do not touch it or the person, keep at least 20 metres away, call 110 or the power company.
    4. Already near the wire: feet together and on the ground, shuffle away little by little, do not run or stride.
    5. Power off, not breathing: press hard on the middle of the chest as 120 tells you. Awake: hospital too, to check the heart.
card-lightning =
    🚨 Call 120 at once. Somebody struck by lightning carries no charge: help now
    1. A wire down nearby: keep away, call 110.
    2. No response and no normal breathing: press hard and fast on the middle of the chest, do not stop, use an AED if there is one, listen to 120.
    3. Still thundering: indoors if it is only a few steps, but do not delay pressing to carry them.
    4. Several down: first those who do not respond. Breathing: on the side.
    5. Hospital even if they look well.
card-stroke =
    🚨 This looks like a stroke: call 120 at once
    1. Let them lie still, head to one side, loosen the collar. Vomiting or unconscious: on the side.
    2. No water, no food, no medicine, not even Angong pills or aspirin.
    3. Remember when it began and tell the doctor.
    4. No finger pricking, no bloodletting, no pinching under the nose. Hospital at once even if it passes.
    5. No response and no normal breathing: press hard on the middle of the chest as 120 tells you.
card-heart-attack =
    🚨 This looks like a heart attack: call 120 at once
    1. Stop, sit or half lie, do not walk, do not drive yourself. No hard coughing, no slapping of the arm.
    2. Loosen the collar, leave the door open for the ambulance, do not leave them alone.
    3. Emergency medicine a doctor prescribed them earlier: as told, sitting. Otherwise take nothing. After a potency drug: no nitroglycerin, tell 120.
    4. Collapsed, no response, no normal breathing: press hard and fast on the middle of the chest, use an AED if there is one, listen to 120.
card-heat-stroke =
    🚨 Call 120 and cool them fast
    1. Shade or an air-conditioned room, outer clothes off, cool water on the body and fan, without stopping, until the ambulance comes.
    2. Ice packs wrapped in cloth at neck, armpits, groin.
    3. Confused or unconscious: on the side, nothing to drink, no medicine.
    4. Not breathing: press hard on the middle of the chest as 120 tells you. Was spraying pesticide: tell 120, no mouth-to-mouth, do not get it on yourself.
    5. No blankets, no pinching under the nose, no alcohol rub.
card-snake-bite =
    🚨 Move away, call 120 at once
    1. Snake: sit still, do not run, bitten part low, rings and watch off. Hospital even without pain or swelling.
    2. No tying, no cutting, no sucking, no ice, no alcohol.
    3. Remember how it looked; do not catch it.
    4. Bees or wasps: cover the head and run, scrape the sting off, cool it. Several stings, one in the mouth or on the neck, old people and children: hospital at once even if well.
    5. Short of breath, swollen face, rash all over, dizzy: life is at risk, call 120 again now. Not breathing: press hard on the middle of the chest as 120 tells you.
card-trapped =
    🚨 Call 119 or 110 and say where. Car in water: get out first, then call
    1. Rising water: go up, to the roof; do not enter the water, touch nothing electric.
    2. Car in water: belt off, open a door or window at once, climb out, go to high ground. Fast water: do not wade, climb on the roof of the car.
    3. Doors and windows stuck: break the corner of a side window with a safety hammer or something hard and sharp, not the front glass.
    4. Lift: press the alarm and wait; do not force the door, do not jump.
    5. Buried: cover mouth and nose, save strength, knock when you hear people.
card-missing =
    🚨 Call 110 at once; there is no 24-hour wait
    1. Name, age, clothes, when and where last seen. Find a recent photo for the police.
    2. Family search in several directions: usual places, stations, water. Ask shops and the estate to look at their cameras; in a mall or park ask for an announcement.
    3. One person stays at home, one where they went missing.
    4. A caller who found them but wants money first: do not pay, tell the police.
card-medical =
    🚨 Call 120 at once
    1. Say where and what happened; put it on speaker and listen.
    2. No response and no normal breathing: lay flat, hands together, press hard and fast on the middle of the chest, do not stop, until an AED and the ambulance come.
    3. No response but breathing: on the side, nothing by mouth.
    4. Bleeding: press hard with clean cloth, do not pull out anything stuck in. Eye blown or pierced: no rubbing, pressing or rinsing, cover it lightly. Falls and crashes: do not move them. Crushed: do not pull them out, call 119 too. Burns: cool running water, put nothing on.
    5. Seizure: move hard things away, something soft under the head, do not hold down, nothing in the mouth. When it stops: on the side.

## First aid: money

card-money-sent =
    🚨 Hang up, send nothing more, call 110 at once
    1. Phone black, sharing its screen, or with their app on it: switch it off if you can, borrow one. Tell 110: when, how much, from which card, to which account and name.
    2. Then call the number on your bank card, or the payment app, and say "fraud, stop the payment". Somebody with you: let them call at the same time.
    3. Screenshot chats, transfers and numbers; delete nothing.
    4. Go to the police station with identity and bank card.
    5. Whoever offers to get it back for a fee is the second scam. Answer calls from 96110; whoever tells you to transfer is false.
card-cash-given =
    🚨 Call 110 at once
    1. Just left: place, looks, clothes, plate, direction. Do not chase.
    2. Sent by courier: tell 110 the parcel number, call even without one; then call the courier's official number and have it stopped. Went by taxi or runner: give the plate.
    3. Not handed over yet: stay in, keep the door shut.
    4. Keep receipt, bag and chats for the police. Do not ask the swindler, do not say you called the police; give nothing more.
card-code-given =
    🚨 Give no more codes, have the bank freeze the card; money missing: 110
    1. Hang up, call the number on your bank card, say "a scammer has my code, freeze this card".
    2. Money missing, or a message about a loan: call 110 first, say when and how much, then the bank.
    3. In the payment app look for "freeze" or "report loss", change login and payment passwords. Let family help.
    4. Keep the messages. Tell your family not to believe "you" asking for loans. Unsure: 96110.
card-screen-shared =
    🚨 Switch the phone off, call 110 from another phone
    1. Remember two numbers: 110 and the one on your bank card. Hold the power key until it is off; going to the home screen does not stop it.
    2. It will not switch off: unplug the router at home, take out the phone card.
    3. Borrow a phone from family or a neighbour: 110 first, then the bank, freeze the card.
    4. Leave that phone off, do not delete their app yet, take it to the police station. Change passwords on another phone.
card-app-installed =
    🚨 Do not open that app, cut the network; money moved: 110
    1. Turn off Wi-Fi and data; if you do not know how, switch the phone off.
    2. From another phone call the number on your bank card, freeze the card.
    3. Money missing, or the phone moves by itself: switch it off, call 110 from another phone. Unsure: 96110.
    4. Do not delete the app yet; photograph icon, name and link with another phone for the police.
card-identity-given =
    🚨 Stop, send nothing more; money moved: call 110 at once
    1. No more photos of documents, no more blinking or reading numbers to the camera.
    2. Face filmed, or card number, password or expiry date given: call the number on the card, freeze it first, then replace it.
    3. Charges or loan messages: call 110 at once. Phone black or moving by itself: switch it off, borrow one.
    4. Turn off face payment in the payment app, change passwords. Let family help.
    5. Report at the police station, then check phone cards, bank cards and loans in your name. Unsure: 96110.
