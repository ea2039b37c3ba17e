app-name = Wherry
window-title = { $screen } · Wherry
places = Places
people = People
activity = Activity
add-contact = Add contact
settings = Settings
search = Search
back = Back
close = Close
cancel = Cancel
choose = Choose…
choose-named = Choose: { $what }
change-folder = Change…
copy = Copy
copied = Copied
add = Add
remove = Remove
save = Save
send = Send
more = More
more-named = More about { $what }
dismiss = Dismiss
skip-to-content = Skip to the content
visible-to-contacts = Visible to contacts
visible-nearby = Visible on this network
badge-needy =
    { $count ->
        [one] { $count } transfer needs you
       *[other] { $count } transfers need you
    }

status-connecting = Connecting to the server…
status-ready = Your contacts can reach you.
status-none = On this network only, no server used.
status-lost =
    { $seconds ->
        [one] Server not reachable. Local network still works. Trying again in { $seconds } second.
       *[other] Server not reachable. Local network still works. Trying again in { $seconds } seconds.
    }
status-refused = The server refuses this device. Local network still works.

path-local = local
path-direct = direct
path-relay = relayed
path-searching = searching
path-here = reachable
path-offline = offline

call-offer =
    { $more ->
        [0] { $name } wants to send you { $what }.
       *[other] { $name } wants to send you { $what } and { $more } more.
    }
call-progress = { $what }: { $percent } percent
call-completed = { $what }: done
call-failed = { $what } did not arrive
call-paused = { $what }: paused
call-prepared = { $what }. { $whom }. { $modifier } Z takes it back.
call-server-lost = Server not reachable. Local network still works.
call-server-ready = Connected to the server again.

command-bar = Go to or do
command-bar-hint = A person, a place, something to do
command-none = Nothing of that name.

first-title = Files go straight across
first-text = From this device to the people you choose, encrypted all the way.
first-name = Name of this device
first-name-about = Your contacts see it.
first-folder = Folder for received files
first-privacy = No account and no telemetry. Only meeting your contacts leaves this machine: the server learns that two devices look for each other, never what they send.
start = Start

status-silent = What you see may be old: the engine does not answer.
status-lost-now = Server not reachable. Local network still works. Trying again now…
first-server = Server (optional)
first-server-about = It introduces devices that are not on one network. Ask whoever runs yours, or leave it for later.
first-join = I have Wherry on another device
tray-show = Show Wherry
tray-status = { $count }, { $percent }
quit = Quit Wherry
open-log = Open the log folder
notice-offer = Open Wherry to accept or decline.
notice-show = Show
autostart = Start with the system
autostart-about = Wherry waits beside the clock, so that files reach you without opening it.
