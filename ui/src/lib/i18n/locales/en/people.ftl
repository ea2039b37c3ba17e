contacts = Contacts
groups = Groups
on-this-network = On this network
choose-who = Choose who
people-keys = Drop files on a person, or focus one: Enter for what you can send, Space to select several, arrows to move.
people-empty-title = Nobody here yet
people-empty-text = People you add appear here. Drop files on one of them and they go straight across.
people-empty-hint = { $modifier } N adds a contact from anywhere.
show-my-code = Show my code
enter-a-code = Enter a code
nearby-stranger = Not a contact yet
show-me = Show me to everyone for 10 minutes
show-me-text = People on this network who are no contacts of yours see nothing of this device, not even its name.
visible-to-everyone = Everyone on this network sees { $name } and can ask to be added.
visible-left = { $time } left
hide-me = Hide again
add-named = Add { $name }

send-to = Send to { $name }
send-when-online = Send when { $name } is online
send-to-group =
    { $count ->
        [one] Send to { $count } person
       *[other] Send to { $count } people
    }
send-files = Send files…
send-folder = Send a folder…
send-text = Send a text…
send-files-to = Send files to { $name }…
open-person = About { $name }
actions-for = What to do with { $name }

selected = Selected
selection = Selection
selection-count =
    { $count ->
        [one] { $count } person selected
       *[other] { $count } people selected
    }
clear-selection = Clear selection
make-group = Make a group…
group-name = Name of the group
create-group = Create group

standing-key-changed = Other keys than before
standing-blocked = Blocked: to them you look offline
standing-muted = Muted
standing-last-here = Last here { $day }
standing-not-compared = Not compared
standing-compared = Compared
standing-compared-on = Compared { $day }
standing-device = { $device }

person-devices = Devices
person-comparison = Six words
person-rules = When something comes
person-history = Between you
person-no-history = Nothing was sent yet, in either direction.
person-gone-title = No longer a contact
person-gone-text = This person was removed, here or on another of your devices.
this-device = This device
device-here = here
device-away = away

compared-on = You compared the six words with { $name } ({ $day }). Nobody can stand in between unnoticed.
compared = You compared the six words with { $name }. Nobody can stand in between unnoticed.
compare-ask = Ask { $name } in person or on the phone whether the same six words stand there.
compare-same = They are the same
compare-forget = Compare again

rule-relay = Through a relay
rule-relay-about = Never: without a direct path, transfers wait. Always: { $name } does not learn this device’s addresses.
mute = Mute
mute-about = Offers from { $name } are declined without asking you.
block = Block
block-about = To { $name } you look offline, and nothing comes in.
remove-contact = Remove contact…
remove-named = Remove { $name }
remove-contact-about = { $name } can no longer send to you, nor you to { $name }. Received files stay. To undo this you meet with a code again.

undo = Undo
undo-label = Undo sending
undo-what-files =
    { $more ->
        [0] { $first }
       *[other] { $first } and { $more } more
    }
undo-what-text = A text
undo-to-one = Going to { $name }
undo-to-many = Going to { $people } people
write-title =
    { $people ->
        [one] A text for { $name }
       *[other] A text for { $people } people
    }
write-label = Text
write-about = It is shown over there and saved nowhere by itself.

add-contact-status = Both of you press Add. Nobody can send before that.
show-code-title = Show this to the other person
show-code-text = They type it or scan it. It works once, for 10 minutes.
code-left = { $time } left
code-expired = This code has expired.
copy-code = Copy code
qr-label = QR code of the invitation { $code }
enter-code-title = Or enter theirs
enter-code-text = A wrong code is used up, for safety.
enter-code-label = Code of the other person
code-shape = A code is a number and two words, like 4-amber-river.
connect = Connect
meeting = Looking for the other device…
compare-title = Does { $name } see the same words?
compare-text = Say them aloud, in person or on the phone.
compare-yes = Yes, add { $name }
compare-no = No, stop
compare-skip = Skip for now
added-title = { $name } is your contact
added-text = You can send to each other from now on.
to-people = To People
add-another = Add somebody else

rename = Rename…
rename-title = Rename { $name }
rename-label = Name
rename-about = Only you see this name.
dissolve-group = Dissolve the group
link-other-server = This code counts at another server: { $server }. Set it in the settings first, if you trust it.

by-code = Send by code
by-code-status = For somebody who is no contact. The code is the only key.
by-code-send = Send to whoever has the code
by-code-send-about = Say it or send it as a picture. It works once, for 10 minutes.
by-code-receive = Or receive with a code
by-code-receive-about = You see what comes before you accept it.
receive = Receive

edit-group = Members and name…
edit-group-title = Group { $name }
group-members = Members
choose-nobody = Nobody can get it yet. Add a contact, or send by code.
link-for-receive = This link is for receiving files, not for adding somebody. Open it under “Send by code”.
link-for-pair = This link is for adding somebody, not for receiving files. Open it under “Add contact”.
enter-another-code = Enter another code
