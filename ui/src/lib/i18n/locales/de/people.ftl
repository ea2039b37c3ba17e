contacts = Kontakte
groups = Gruppen
on-this-network = In diesem Netz
choose-who = Wählen Sie, an wen
people-keys = Lassen Sie Dateien auf jemanden fallen, oder mit der Tastatur: Eingabe zeigt, was Sie senden können, Leertaste wählt mehrere, Pfeile bewegen.
people-empty-title = Noch niemand da
people-empty-text = Wen Sie hinzufügen, erscheint hier. Lassen Sie Dateien auf eine Karte fallen, und sie gehen direkt hinüber.
people-empty-hint = { $modifier } N fügt von überall einen Kontakt hinzu.
show-my-code = Meinen Code zeigen
enter-a-code = Code eingeben
nearby-stranger = Noch kein Kontakt
show-me = Mich 10 Minuten lang allen zeigen
show-me-text = Wer in diesem Netz kein Kontakt von Ihnen ist, sieht nichts von diesem Gerät, auch nicht seinen Namen.
visible-to-everyone = Alle in diesem Netz sehen { $name } und können darum bitten, hinzugefügt zu werden.
visible-left = Noch { $time }
hide-me = Wieder verbergen
add-named = { $name } hinzufügen

send-to = An { $name } senden
send-when-online = Senden, wenn { $name } online ist
send-to-group =
    { $count ->
        [one] An { $count } Person senden
       *[other] An { $count } Personen senden
    }
send-files = Dateien senden…
send-folder = Ordner senden…
send-text = Text senden…
send-files-to = Dateien an { $name } senden…
open-person = Über { $name }
actions-for = Was mit { $name } geschehen soll

selected = Ausgewählt
selection = Auswahl
selection-count =
    { $count ->
        [one] { $count } Person ausgewählt
       *[other] { $count } Personen ausgewählt
    }
clear-selection = Auswahl aufheben
make-group = Gruppe bilden…
group-name = Name der Gruppe
create-group = Gruppe anlegen

standing-key-changed = Andere Schlüssel als bisher
standing-blocked = Blockiert: dort erscheinen Sie offline
standing-muted = Stumm
standing-last-here = Zuletzt da: { $day }
standing-not-compared = Nicht verglichen
standing-compared = Verglichen
standing-compared-on = Verglichen: { $day }
standing-device = { $device }

person-devices = Geräte
person-comparison = Sechs Wörter
person-rules = Wenn etwas kommt
person-history = Zwischen Ihnen
person-no-history = Noch wurde nichts gesendet, in keiner Richtung.
person-gone-title = Kein Kontakt mehr
person-gone-text = Diese Person wurde entfernt, hier oder auf einem anderen Ihrer Geräte.
this-device = Dieses Gerät
device-here = da
device-away = nicht da

compared-on = Sie haben die sechs Wörter mit { $name } verglichen ({ $day }). Niemand kann unbemerkt dazwischen sein.
compared = Sie haben die sechs Wörter mit { $name } verglichen. Niemand kann unbemerkt dazwischen sein.
compare-ask = Fragen Sie { $name } persönlich oder am Telefon, ob dort dieselben sechs Wörter stehen.
compare-same = Sie sind gleich
compare-forget = Neu vergleichen

rule-relay = Über einen Vermittler
rule-relay-about = Nie: Ohne direkten Weg warten Übertragungen. Immer: { $name } erfährt die Adressen dieses Geräts nicht.
mute = Stumm schalten
mute-about = Angebote von { $name } werden abgelehnt, ohne Sie zu fragen.
block = Blockieren
block-about = Für { $name } erscheinen Sie offline, und nichts kommt herein.
remove-contact = Kontakt entfernen…
remove-named = { $name } entfernen
remove-contact-about = { $name } kann Ihnen nichts mehr senden, und Sie { $name } auch nicht. Empfangenes bleibt. Rückgängig machen Sie das mit einem neuen Code.

undo = Rückgängig
undo-label = Senden rückgängig machen
undo-what-files =
    { $more ->
        [0] { $first }
        [one] { $first } und eine weitere
       *[other] { $first } und { $more } weitere
    }
undo-what-text = Ein Text
undo-to-one = Geht an { $name }
undo-to-many = Geht an { $people } Personen
write-title =
    { $people ->
        [one] Ein Text für { $name }
       *[other] Ein Text für { $people } Personen
    }
write-label = Text
write-about = Er wird drüben angezeigt und nirgends von selbst gespeichert.

add-contact-status = Beide bestätigen. Vorher kann niemand senden.
show-code-title = Zeigen Sie das der anderen Person
show-code-text = Sie tippt ihn ab oder fotografiert ihn. Er gilt einmal, 10 Minuten lang.
code-left = Noch { $time }
code-expired = Dieser Code ist abgelaufen.
copy-code = Code kopieren
qr-label = QR-Code der Einladung { $code }
enter-code-title = Oder geben Sie den anderen ein
enter-code-text = Ein falscher Code ist verbraucht, zur Sicherheit.
enter-code-label = Code der anderen Person
code-shape = Ein Code ist eine Zahl und zwei Wörter, wie 4-amber-river.
connect = Verbinden
meeting = Das andere Gerät wird gesucht…
compare-title = Sieht { $name } dieselben Wörter?
compare-text = Sagen Sie sie laut, persönlich oder am Telefon.
compare-yes = Ja, { $name } hinzufügen
compare-no = Nein, abbrechen
compare-skip = Später
added-title = { $name } ist jetzt Ihr Kontakt
added-text = Ab jetzt können Sie einander senden.
to-people = Zu den Menschen
add-another = Noch jemanden hinzufügen

rename = Umbenennen…
rename-title = { $name } umbenennen
rename-label = Name
rename-about = Nur Sie sehen diesen Namen.
dissolve-group = Gruppe auflösen
link-other-server = Dieser Code gilt an einem anderen Server: { $server }. Stellen Sie ihn zuerst ein, wenn Sie ihm vertrauen.

by-code = Mit Code senden
by-code-status = Für jemanden, der kein Kontakt ist. Der Code ist der einzige Schlüssel.
by-code-send = An die Person mit dem Code senden
by-code-send-about = Sagen Sie ihn oder schicken Sie ein Bild davon. Er gilt einmal, 10 Minuten lang.
by-code-receive = Oder mit einem Code empfangen
by-code-receive-about = Sie sehen, was kommt, bevor Sie es annehmen.
receive = Empfangen

edit-group = Mitglieder und Name…
edit-group-title = Gruppe { $name }
group-members = Mitglieder
choose-nobody = Noch kann es niemand bekommen. Fügen Sie einen Kontakt hinzu, oder senden Sie mit Code.
link-for-receive = Dieser Link ist zum Empfangen, nicht um jemanden hinzuzufügen. Öffnen Sie ihn unter „Mit Code senden“.
link-for-pair = Dieser Link ist, um jemanden hinzuzufügen, nicht zum Empfangen. Öffnen Sie ihn unter „Kontakt hinzufügen“.
enter-another-code = Anderen Code eingeben
