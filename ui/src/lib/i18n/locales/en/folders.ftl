folders = Folders
share-folder = Share a folder…
share-folder-title = Share a folder
badge-undecided =
    { $count ->
        [one] { $count } decision needs you
       *[other] { $count } decisions need you
    }
folders-empty-title = No shared folders yet
folders-empty-text = A shared folder is the same on every member’s device. Each keeps a whole copy, and nothing in between stores it.
folders-empty-hint = { $modifier } ⇧ N shares a folder from anywhere.

folder-files =
    { $count ->
        [one] { $count } file
       *[other] { $count } files
    }
folder-files-with =
    { $count ->
        [one] { $count } file with { $names }
       *[other] { $count } files with { $names }
    }
folder-invited = { $name } asks you to join.
folder-paused = Paused. Nothing comes or goes until you continue.
folder-removed = You no longer belong to it. Your files stay.
folder-stopped = Stopped. { $why }
folder-why-disk_full = The disk is full.
folder-why-usage = Its place belongs to another shared folder.
folder-why-destination_unwritable = Its place cannot be reached or written.
folder-conflicts =
    { $count ->
        [one] { $count } conflict needs you
       *[other] { $count } conflicts need you
    }
folder-conflicts-count = Conflicts ({ $count })
folder-deletions =
    { $count ->
        [one] { $count } deletion waits for you
       *[other] { $count } deletions wait for you
    }
folder-local-changes =
    { $count ->
        [one] { $count } change of yours stays here
       *[other] { $count } changes of yours stay here
    }
folder-looking = Looking at your files…
folder-alone = Shared with nobody yet.
folder-behind =
    { $count ->
        [one] { $count } change to come from { $names }
       *[other] { $count } changes to come from { $names }
    }
folder-behind-bytes = { $size } to come from { $names }
folder-behind-away =
    { $count ->
        [one] { $count } change comes when the others are back
       *[other] { $count } changes come when the others are back
    }
folder-up-to-date = Up to date with { $names }
folder-nobody-here = Nobody else is here. Your changes go when they are.
folder-syncing = Coming into step with { $names }…

invitation-from = Invitation from { $name }
invitation-title = { $name } invites you to { $what }
invitation-change = A shared folder: you can change files in it.
invitation-read = A shared folder: you only read. What you change stays with you.
invitation-others = Also in it: { $names }.
invitation-place = You choose where it lies on this device.
invitation-accept = Accept into…

open-folder = Open
folder-parts = Parts of { $name }
folder-part-files = Files
folder-part-conflicts = Conflicts
folder-part-people = People
folder-part-versions = Versions
folder-part-settings = Settings
folder-resume = Continue
folder-files-none = Nothing in it yet. Put files into the folder, and they are on their way.
folder-files-resting = Nothing can be shown while the folder stands still.
entry-here = here
entry-coming = to come
entry-going = to go
entry-stays-here = stays here

problem-folder_stopped-fact = This folder has stopped. { $why }
problem-folder_stopped-consequence = Your files are as they were. We look again every few seconds and go on by ourselves.
problem-folder_removed-fact = You no longer belong to this folder.
problem-folder_removed-consequence = Your files stay, but nothing comes or goes any more. You can take it off the list in its settings.
problem-folder_deletions-fact =
    { $count ->
        [one] { $count } file is about to be deleted.
       *[other] { $count } files are about to be deleted.
    }
problem-folder_deletions-consequence = Somebody deleted very much at once. Nothing of it happens here before you decide.
problem-folder_local_changes-fact =
    { $count ->
        [one] { $count } change of yours does not reach the others.
       *[other] { $count } changes of yours do not reach the others.
    }
problem-folder_local_changes-consequence = You only read here. Undoing brings back what the others have; your version stays in Versions.
deletions-refuse = Keep the files
deletions-allow = Delete them
folder-revert = Undo my changes

side-yours = Yours
side-of = { $name }’s
side-present = The one in place
side-kept = The other one
keep-mine = Keep mine
keep-theirs = Keep { $name }’s
keep-present = Keep the one in place
keep-kept = Keep the other one
keep-both = Keep both
same-for-others =
    { $count ->
        [one] The same for the other one
       *[other] The same for { $count } others
    }
conflicts-list = Files with two versions
conflicts-none = No conflicts. If two people change a file while they are apart, both versions wait here for you.
conflict-why = You and { $name } both changed this file while you were apart.
conflict-why-others = Two people changed this file while they were apart.
conflict-why-folder = One of you changed this file while the other made a folder of its name.
conflict-nothing-lost = Nothing is lost: the one you do not keep stays in Versions for 30 days.
conflict-copy = Until you decide, the second one lies beside it as { $copy }
decided =
    { $count ->
        [one] Decided: { $what }.
       *[other] Decided: { $what } and others, { $count } in all.
    }
decided-both = Both files stay.
decided-lost = The other version is in Versions.
preview-text = Text of this version
preview-image = Picture of this version
preview-cut = There is more of it.
preview-folder = A folder
preview-unshown = This kind of file cannot be shown here. Its time and size may help; open the folder to look at both.
preview-nothing = It cannot be read just now.
only-here = Only here:

share = Share
share-what = Folder
share-no-place = None chosen yet
share-with = With
share-nobody = You have no contacts yet. You can let people in later.
share-versions = Older versions
share-versions-about = What is replaced or deleted is kept for 30 days.
share-rules = Not shared
share-rules-about = One pattern in each line, as in .gitignore. They hold from the first moment, for everybody.
what-may = What { $name } may do
may-owner = owns it
may-admin = changes files and people
may-change = can change
may-read = only reads

member-in-step = in step
member-syncing = coming into step
member-devices =
    { $count ->
        [one] { $count } device
       *[other] { $count } devices
    }
member-remove = Remove { $name } from the folder
member-remove-about = { $name } keeps the files that are there, gets nothing new and can change nothing for the others.
people-add = Let people in
people-let-in = Let in
people-all-in = All your contacts belong to it already.
people-not-yours = Only the owner and those who manage people decide who belongs.

versions-about = What was replaced or deleted, by anybody. It is kept for 30 days.
versions-search = Search in versions
versions-none = Nothing was replaced or deleted yet.
version-restore = Restore
version-restore-named = Restore { $what }, replaced { $when }
version-restored = { $what } is as it was. What was there is now in Versions.

folder-place = Lies in
folder-role = You
role-owner = own it
role-admin = change files and people
role-change = can change files
role-read = only read
folder-pause = Paused
folder-pause-about = Nothing comes or goes until you continue. What you change meanwhile goes afterwards.
rules-about = For everybody in this folder; the list is a file in it, .wherryignore.
rule-remove = Share { $rule } again
rule-new = A further pattern
rules-resting = The list can be changed while the folder runs.
folder-notes = Notes
folder-note-watch-limit = The system watches no more folders, so changes are found within a minute instead of at once. Raise fs.inotify.max_user_watches and fs.inotify.max_user_instances.
folder-note-not-watched = This folder cannot be watched, so changes are found within a minute instead of at once. The system says: { $reason }
folder-note-bad-rule = Line { $line } of the list of what is not shared is no pattern. The list before it stays in force until you mend it.
folder-note-long-rules = The list of what is not shared is too long. The list before it stays in force until you shorten it.
folder-note-disk-full = The disk is full. Free some space, and it goes on by itself.
folder-note-stopped = It does not go on: { $reason }
folder-note-left-out =
    { $count ->
        [one] One name is not shared, for it is a link, or other systems cannot hold it: { $name }
       *[other] { $count } names are not shared, for they are links, or other systems cannot hold them. The first is { $name }
    }
folder-leave = Leave
folder-leave-about = The folder is no longer kept in step on this device. All files stay, here and with the others.
folder-leave-ask = Stop sharing here…
folder-leave-yes = Stop sharing

call-invitation = { $name } invites you to the folder { $what }.
call-conflict =
    { $count ->
        [one] { $what }: { $count } conflict needs you.
       *[other] { $what }: { $count } conflicts need you.
    }
notice-invitation = Open Wherry to join or decline.
notice-conflict = Both versions are kept until you decide.
