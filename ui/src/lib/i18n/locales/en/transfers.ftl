transfers = Transfers
amount = { $part } of { $whole }
pace = { $speed }, { $left }
left-moment = a few seconds left
left-second = { $count } seconds left
left-minute =
    { $count ->
        [one] about a minute left
       *[other] about { $count } minutes left
    }
left-hour =
    { $count ->
        [one] about an hour left
       *[other] about { $count } hours left
    }
duration-moment = a few seconds
duration-second = { $count } seconds
duration-minute =
    { $count ->
        [one] a minute
       *[other] { $count } minutes
    }
duration-hour =
    { $count ->
        [one] an hour
       *[other] { $count } hours
    }
somebody = the other side
dock-count =
    { $moving ->
        [0] { $count } transfers, none moving
       *[other] { $count } transfers, { $moving } moving
    }

transfer-preparing = Looking through the files
transfer-waiting-for-peer = Waiting until { $name } is online
transfer-waiting-for-code = Waiting for somebody with your code
transfer-queued =
    { $ahead ->
        [0] In line
        [one] In line, { $ahead } goes first
       *[other] In line, { $ahead } go first
    }
transfer-waiting-for-answer = Waiting for { $name } to accept
transfer-checking = Checking what { $name } already has
transfer-checking-here = Checking what is already here
transfer-sending = Sending to { $name }, { $path }
transfer-receiving = Receiving from { $name }, { $path }
transfer-verifying = Verifying
transfer-paused-here = Paused by you
transfer-paused-there = Paused by { $name }
transfer-paused-disk-full = Paused, no space left at the receiver
transfer-paused-peer-offline = Paused, { $name } is offline, continues by itself
transfer-paused-stalled = Paused, the connection brings nothing. We keep trying.
transfer-paused-relay-budget = Paused, this month’s budget for relays is used up.
transfer-delivered = Done, { $name } has it
transfer-received = Done, from { $name }
transfer-cancelled = Cancelled
transfer-failed = Did not arrive

progress-of = Progress of { $what }
files = Files
files-of = Files of { $what }
files-unknown = The list of files is not known here.
entry-done = there
entry-moving = moving
entry-waiting = waiting
entry-left-out = left out
pause = Pause
pause-named = Pause { $what }
resume = Resume
resume-named = Resume { $what }
cancel-named = Cancel { $what }
retry = Try again
retry-named = Try { $what } again
forget = Remove from the list
forget-named = Remove { $what } from the list
show-in-folder = Show in folder
show-in-folder-named = Show { $what } in its folder
pause-all = Pause all
resume-all = Resume all
go-first = Send first
go-last = Send last
limit-to = Keep to { $rate }
no-limit = As fast as it goes

skipped-link = left out: links are not followed
skipped-special = left out: neither a file nor a folder
skipped-name = left out: its name cannot travel
skipped-unreadable = left out: it cannot be read
skipped-gone = left out: it disappeared
skipped-kind-changed = left out: it became something else
skipped-keeps-changing = left out: it kept changing
skipped-changed-resent = changed while it was sent, and is sent again

incoming-from = Files from { $name }
offer-title = { $name } wants to send you something, { $size }
offer-title-files =
    { $files ->
        [one] { $name } wants to send you a file, { $size }
       *[other] { $name } wants to send you { $files } files, { $size }
    }
offer-title-folders =
    { $folders ->
        [one] { $name } wants to send you an empty folder
       *[other] { $name } wants to send you { $folders } empty folders
    }
offer-title-both = { $name } wants to send you { $files ->
        [one] a file
       *[other] { $files } files
    } and { $folders ->
        [one] a folder
       *[other] { $folders } folders
    }, { $size }
offer-title-text = { $name } wants to send you a text
offer-into = Into { $folder }
trust-compared = compared
trust-not-compared = not compared
trust-new = new person
executable = can run
and-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }
space-left = { $size } free
space-short = Only { $size } free
accept = Accept
decline = Decline
accept-always = Always accept from { $name }
text-from = { $name } sent you a text

activity-now = Now
activity-past = Before
activity-empty-title = Nothing has moved yet
activity-empty-text = Everything you send and receive is listed here, with a receipt that both sides signed.
activity-empty-hint = { $modifier } 1 leads to People.
history-search = Search by name
history-clear = Forget all
history-none = Nothing fits “{ $wanted }”.
history-text = A text
history-files =
    { $more ->
        [0] { $what }
       *[other] { $what } and { $more } more
    }
history-incoming = From { $name }, { $path }
history-outgoing = To { $name }, { $path }
receipt = Receipt
receipt-of = Receipt for { $what }
receipt-contents =
    { $count ->
        [one] { $count } file, { $size }
       *[other] { $count } files, { $size }
    }
receipt-sender = Sent by
receipt-receiver = Received by
receipt-proof = Both devices signed this. The digest is the same on both sides, and covers every byte.
copy-digest = Copy digest

skipped-name-refused = left out: the receiving system cannot hold its name
stored-as = stored as { $name }, the name was taken

skipped-program-refused = left out: it is a program, and the receiver takes none
receipts = Receipts
receipts-empty = No receipts yet. Each transfer that arrives gets one, signed by both sides.
receipts-about = Signed by both devices. Anybody can check one with nothing but its file.
receipt-between = { $sender } to { $receiver }
receipt-show = Show
receipt-save = Save receipt…
receipt-saved = Saved.
history-empty = Nothing from before is remembered.
history-clear-about = The list is emptied, here only. Files and receipts stay.

skipped-clash = left out: another name beside it is the same over there
skipped-too-long = left out: its name or path is too long
transfer-paused-disk-failed = Paused, the folder over there cannot be written
transfer-paused-problem = Waits for you: not everything would arrive as it is
preflight-renamed = would be called { $name } over there
preflight-taken-keep-both = the name is taken over there: both stay
preflight-taken-skip = is there already: not carried again if it is the same
preflight-taken-replace = the name is taken over there: the older one steps aside
preflight-no-space = { $missing } are missing over there
preflight-more =
    { $count ->
        [one] and { $count } more of the kind
       *[other] and { $count } more of the kind
    }
