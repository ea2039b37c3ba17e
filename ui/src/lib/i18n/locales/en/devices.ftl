devices-title = Add a device of yours
devices-status = Your devices share your contacts. Each has keys of its own.
device-show-title = Show this on your other device
device-show-text = Type it there, under “I have Wherry on another device”. It works once, for 10 minutes.
device-show = Show a code
device-enter-title = Or enter the code that it shows
compare-yes-device = Yes, add this device
compare-text-device = Hold both screens side by side.
joined-title = { $name } is one of your devices
joined-text = It gets your contacts now. They see that you have one more device.
joined-contacts =
    { $count ->
        [0] You had no contacts yet. Whoever you add on one device is there on both.
        [one] { $count } contact came with it.
       *[other] { $count } contacts came with it.
    }
identity-file = A copy in a file
identity-file-about = It holds your keys and your contacts, locked with a passphrase. Use it to move to a new machine, not on two at once.
identity-export = Save a copy…
identity-import = Take over from a copy…
identity-export-title = Save a copy
identity-export-about = Whoever has the file and the passphrase can be you. There is no way to get a forgotten passphrase back.
identity-import-title = Take over from a copy
identity-import-about = This device becomes the one in the file. The old one must not be used any more.
identity-exported = The copy was saved.
identity-imported = This device is the one in the file now.
passphrase = Passphrase
passphrase-again = The same again
passphrase-short = At least { $count } characters, better several words.
passphrase-other = The two are not the same.
