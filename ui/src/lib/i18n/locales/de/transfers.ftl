transfers = Übertragungen
amount = { $part } von { $whole }
pace = { $speed }, { $left }
left-moment = noch ein paar Sekunden
left-second = noch { $count } Sekunden
left-minute =
    { $count ->
        [one] noch etwa eine Minute
       *[other] noch etwa { $count } Minuten
    }
left-hour =
    { $count ->
        [one] noch etwa eine Stunde
       *[other] noch etwa { $count } Stunden
    }
duration-moment = ein paar Sekunden
duration-second = { $count } Sekunden
duration-minute =
    { $count ->
        [one] eine Minute
       *[other] { $count } Minuten
    }
duration-hour =
    { $count ->
        [one] eine Stunde
       *[other] { $count } Stunden
    }
somebody = die andere Seite
dock-count =
    { $moving ->
        [0] { $count } Übertragungen, keine läuft
        [one] { $count } Übertragungen, eine läuft
       *[other] { $count } Übertragungen, { $moving } laufen
    }

transfer-preparing = Dateien werden durchgesehen
transfer-waiting-for-peer = Wartet, bis { $name } online ist
transfer-waiting-for-code = Wartet auf jemanden mit Ihrem Code
transfer-queued =
    { $ahead ->
        [0] In der Reihe
        [one] In der Reihe, eine geht vor
       *[other] In der Reihe, { $ahead } gehen vor
    }
transfer-waiting-for-answer = Wartet, dass { $name } annimmt
transfer-checking = Prüft, was { $name } schon hat
transfer-checking-here = Prüft, was schon hier ist
transfer-sending = Geht an { $name }, { $path }
transfer-receiving = Kommt von { $name }, { $path }
transfer-verifying = Wird geprüft
transfer-paused-here = Von Ihnen pausiert
transfer-paused-there = Pausiert von { $name }
transfer-paused-disk-full = Pausiert, beim Empfänger ist kein Platz mehr
transfer-paused-peer-offline = Pausiert, { $name } ist offline, geht von selbst weiter
transfer-paused-stalled = Pausiert, die Verbindung bringt nichts. Wir versuchen es weiter.
transfer-paused-relay-budget = Pausiert, was im Monat über Vermittler gehen darf, ist verbraucht.
transfer-delivered = Fertig, { $name } hat es
transfer-received = Fertig, von { $name }
transfer-cancelled = Abgebrochen
transfer-failed = Nicht angekommen

progress-of = Fortschritt von { $what }
files = Dateien
files-of = Dateien in { $what }
files-unknown = Die Liste der Dateien ist hier nicht bekannt.
entry-done = da
entry-moving = unterwegs
entry-waiting = wartet
entry-left-out = ausgelassen
pause = Pausieren
pause-named = { $what } pausieren
resume = Fortsetzen
resume-named = { $what } fortsetzen
cancel-named = { $what } abbrechen
retry = Noch einmal
retry-named = { $what } noch einmal versuchen
forget = Aus der Liste entfernen
forget-named = { $what } aus der Liste entfernen
show-in-folder = Im Ordner zeigen
show-in-folder-named = { $what } im Ordner zeigen
pause-all = Alle pausieren
resume-all = Alle fortsetzen
go-first = Zuerst senden
go-last = Zuletzt senden
limit-to = Höchstens { $rate }
no-limit = So schnell es geht

skipped-link = ausgelassen: Verknüpfungen werden nicht verfolgt
skipped-special = ausgelassen: weder Datei noch Ordner
skipped-name = ausgelassen: der Name kann nicht reisen
skipped-unreadable = ausgelassen: nicht lesbar
skipped-gone = ausgelassen: verschwunden
skipped-kind-changed = ausgelassen: wurde zu etwas anderem
skipped-keeps-changing = ausgelassen: änderte sich ständig
skipped-changed-resent = änderte sich beim Senden und wird noch einmal gesendet

incoming-from = Dateien von { $name }
offer-title = { $name } möchte Ihnen etwas senden, { $size }
offer-title-files =
    { $files ->
        [one] { $name } möchte Ihnen eine Datei senden, { $size }
       *[other] { $name } möchte Ihnen { $files } Dateien senden, { $size }
    }
offer-title-folders =
    { $folders ->
        [one] { $name } möchte Ihnen einen leeren Ordner senden
       *[other] { $name } möchte Ihnen { $folders } leere Ordner senden
    }
offer-title-both = { $name } möchte Ihnen { $files ->
        [one] eine Datei
       *[other] { $files } Dateien
    } und { $folders ->
        [one] einen Ordner
       *[other] { $folders } Ordner
    } senden, { $size }
offer-title-text = { $name } möchte Ihnen einen Text senden
offer-into = Nach { $folder }
trust-compared = verglichen
trust-not-compared = nicht verglichen
trust-new = neue Person
executable = ausführbar
and-more =
    { $count ->
        [one] und eine weitere
       *[other] und { $count } weitere
    }
space-left = { $size } frei
space-short = Nur { $size } frei
accept = Annehmen
decline = Ablehnen
accept-always = Von { $name } immer annehmen
text-from = { $name } hat Ihnen einen Text gesendet

activity-now = Jetzt
activity-past = Vorher
activity-empty-title = Noch hat sich nichts bewegt
activity-empty-text = Alles, was Sie senden und empfangen, steht hier, mit einer Quittung, die beide Seiten unterschrieben haben.
activity-empty-hint = { $modifier } 1 führt zu den Menschen.
history-search = Nach Namen suchen
history-clear = Alles vergessen
history-none = Nichts passt zu „{ $wanted }“.
history-text = Ein Text
history-files =
    { $more ->
        [0] { $what }
        [one] { $what } und eine weitere
       *[other] { $what } und { $more } weitere
    }
history-incoming = Von { $name }, { $path }
history-outgoing = An { $name }, { $path }
receipt = Quittung
receipt-of = Quittung für { $what }
receipt-contents =
    { $count ->
        [one] { $count } Datei, { $size }
       *[other] { $count } Dateien, { $size }
    }
receipt-sender = Gesendet von
receipt-receiver = Empfangen von
receipt-proof = Beide Geräte haben das unterschrieben. Die Prüfsumme ist auf beiden Seiten gleich und deckt jedes Byte.
copy-digest = Prüfsumme kopieren

skipped-name-refused = ausgelassen: das empfangende System kann den Namen nicht speichern
stored-as = gespeichert als { $name }, der Name war vergeben

skipped-program-refused = ausgelassen: Es ist ein Programm, und dort werden keine genommen
receipts = Quittungen
receipts-empty = Noch keine Quittungen. Jede Übertragung, die ankommt, bekommt eine, von beiden Seiten unterschrieben.
receipts-about = Von beiden Geräten unterschrieben. Jeder kann eine prüfen, mit nichts als ihrer Datei.
receipt-between = { $sender } an { $receiver }
receipt-show = Zeigen
receipt-save = Quittung speichern…
receipt-saved = Gespeichert.
history-empty = Von früher ist nichts mehr da.
history-clear-about = Die Liste wird geleert, nur hier. Dateien und Quittungen bleiben.

skipped-clash = ausgelassen: Ein Name daneben ist dort derselbe
skipped-too-long = ausgelassen: Name oder Pfad ist zu lang
transfer-paused-disk-failed = Angehalten, der Ordner dort lässt sich nicht beschreiben
transfer-paused-problem = Wartet auf Sie: Nicht alles käme an, wie es ist
preflight-renamed = hieße dort { $name }
preflight-taken-keep-both = der Name ist dort vergeben: Beide bleiben
preflight-taken-skip = ist schon da: wird nicht noch einmal übertragen, wenn es gleich ist
preflight-taken-replace = der Name ist dort vergeben: Das Ältere macht Platz
preflight-no-space = dort fehlen { $missing }
preflight-more =
    { $count ->
        [one] und { $count } weiteres dieser Art
       *[other] und { $count } weitere dieser Art
    }
