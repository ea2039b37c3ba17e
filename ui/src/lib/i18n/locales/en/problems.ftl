problems = Problems
problems-more =
    { $count ->
        [one] Show { $count } more
       *[other] Show { $count } more
    }
problems-fewer = Show fewer
problem-action-open-settings = To the settings
problem-action-open-person = Compare again
problem-action-retry = Try again
problem-action-resume = Continue

problem-internal-fact = Something went wrong in Wherry itself.
problem-internal-consequence = What was already carried is safe. If it happens again, restart Wherry.
problem-usage-fact = That is not possible.
problem-usage-consequence = Nothing was changed.
problem-declined-fact =
    { $known ->
        [no] The other side declined.
       *[yes] { $name } declined.
    }
problem-declined-consequence = Nothing was sent. We do not ask again by ourselves.
problem-wrong_code-fact = That code does not match.
problem-wrong_code-consequence = For safety it is used up. Ask for a new one.
problem-expired_code-fact = That code is no longer valid.
problem-expired_code-consequence = Codes work once, for 10 minutes. Ask for a new one.
problem-too_many_attempts-fact = Too many wrong codes.
problem-too_many_attempts-consequence = The server asks for a pause. Try again in a few minutes.
problem-pairing_stopped-fact = Adding was stopped.
problem-pairing_stopped-consequence = Nobody was added. Begin again with a new code.
problem-unknown_contact-fact = No contact of that name.
problem-unknown_contact-consequence = It may have been removed on another of your devices.
problem-unknown_transfer-fact = That transfer is no longer there.
problem-unknown_transfer-consequence = It ended or was removed. Activity shows what became of it.
problem-contact_offline-fact =
    { $known ->
        [no] The other side is offline.
       *[yes] { $name } is offline.
    }
problem-contact_offline-consequence = Nothing was lost. We continue when both are there.
problem-server_unreachable-fact = Server not reachable, local network still works.
problem-server_unreachable-consequence = We keep trying. Contacts elsewhere are reached as soon as it answers.
problem-server_refused-fact = The server refuses this device.
problem-server_refused-consequence = An update may be needed, or another server. Local network still works.
problem-no_path-fact = No direct path and no relay.
problem-no_path-consequence = Your networks both block direct connections, and this server offers no relay. Another network on one side is enough.
problem-relay_budget-fact = No direct path, and this month’s budget for relays is used up.
problem-relay_budget-consequence = Nothing was lost. It goes on when there is a direct path, next month, or when you allow more.
problem-hosting_failed-fact = This device cannot be the server.
problem-hosting_failed-consequence = Its port is taken, or may not be opened. Devices that know no other server meet on the local network only.
problem-peer_violation-fact =
    { $known ->
        [no] The other side did not keep to the rules.
       *[yes] The device of { $name } did not keep to the rules.
    }
problem-peer_violation-consequence = The transfer was stopped for safety. An update over there may help.
problem-integrity-fact = Data arrived damaged again and again.
problem-integrity-consequence = Nothing damaged was kept. A faulty network device or disk is likely.
problem-disk_full-fact = Not enough space at the receiver.
problem-disk_full-consequence = What has arrived stays. Make room, then continue.
problem-destination_unwritable-fact = The folder cannot be written.
problem-destination_unwritable-consequence = Nothing was saved. Choose another folder in the settings.
problem-source_unreadable-fact = A file cannot be read, or is gone.
problem-source_unreadable-consequence = The rest was not sent. Check that it is still there, then try again.
problem-source_changed-fact = A file kept changing while it was sent.
problem-source_changed-consequence = Close the program that writes it, then try again.
problem-bad_name-fact = A name cannot be stored here.
problem-bad_name-consequence = Ask for it under another name, or packed as one file.
problem-cancelled-fact = Cancelled.
problem-cancelled-consequence = Nothing half was kept.
problem-home_busy-fact = Wherry is already running.
problem-home_busy-consequence = Use the window that is open, or end the other one first.
problem-home_unusable-fact = Wherry cannot use its own folder.
problem-home_unusable-consequence = It may belong to somebody else, or to a newer version.
problem-identity_copied-fact = This device exists twice.
problem-identity_copied-consequence = A copy of it is running elsewhere. Make one of the two a new device in the settings.
problem-timed_out-fact = Nothing happened in time.
problem-timed_out-consequence = The other device did not answer. Try again when both are there.

problem-key_changed-fact = This is not the { $name } you know.
problem-key_changed-consequence = The keys are others than those you compared. Nothing is sent. If { $name } has a new device, compare again.
problem-contact_copied-fact = { $name } seems to exist twice.
problem-contact_copied-consequence = Two devices use the same keys, or the server held messages back. Ask { $name }.
problem-contact_muted-fact = { $name } is muted for { $duration }.
problem-contact_muted-consequence = You declined several times in a row. Their offers are declined until then.
problem-this_device_revoked-fact = This device was removed from your devices.
problem-this_device_revoked-consequence = It has left the server and sends nothing any more.
problem-device_added-fact =
    { $known ->
        [no] You have a new device: { $name }.
       *[yes] New device: { $name }.
    }
problem-device_added-consequence = One of the known devices signed it in. If nobody did that, remove it.
problem-device_revoked-fact = { $name } was removed from its person’s devices.
problem-device_revoked-consequence = Nothing is sent to it any more.
problem-setting-fact = A setting is not allowed: { $setting }.
problem-setting-consequence = This device stays offline until it is put right.

problem-engine_silent-fact = What you see may be old.
problem-engine_silent-consequence = The part of Wherry that carries files does not answer. What was carried is safe; we ask again every few seconds.
problem-action-ask-again = Ask now
problem-action-open-code = Enter a code
problem-action-open-log = Open the log folder

problem-preflight-fact = Not everything would arrive as it is.
problem-preflight-consequence = The list of files says what and why. Nothing has moved yet: continue, or cancel it.
