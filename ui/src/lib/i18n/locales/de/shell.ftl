app-name = Wherry
window-title = { $screen } · Wherry
places = Orte
people = Menschen
activity = Verlauf
add-contact = Kontakt hinzufügen
settings = Einstellungen
search = Suchen
back = Zurück
close = Schließen
cancel = Abbrechen
choose = Wählen…
choose-named = Wählen: { $what }
change-folder = Ändern…
copy = Kopieren
copied = Kopiert
add = Hinzufügen
remove = Entfernen
save = Speichern
send = Senden
more = Mehr
more-named = Mehr zu { $what }
dismiss = Ausblenden
skip-to-content = Zum Inhalt springen
visible-to-contacts = Für Kontakte sichtbar
visible-nearby = In diesem Netz sichtbar
badge-needy =
    { $count ->
        [one] { $count } Übertragung braucht Sie
       *[other] { $count } Übertragungen brauchen Sie
    }

status-connecting = Verbindung zum Server wird aufgebaut…
status-ready = Ihre Kontakte können Sie erreichen.
status-none = Nur in diesem Netz, ohne Server.
status-lost =
    { $seconds ->
        [one] Server nicht erreichbar. Das lokale Netz geht weiter. Nächster Versuch in { $seconds } Sekunde.
       *[other] Server nicht erreichbar. Das lokale Netz geht weiter. Nächster Versuch in { $seconds } Sekunden.
    }
status-refused = Der Server weist dieses Gerät ab. Das lokale Netz geht weiter.

path-local = lokal
path-direct = direkt
path-relay = vermittelt
path-searching = sucht
path-here = erreichbar
path-offline = offline

call-offer =
    { $more ->
        [0] { $name } möchte Ihnen { $what } senden.
        [one] { $name } möchte Ihnen { $what } und noch eines senden.
       *[other] { $name } möchte Ihnen { $what } und { $more } weitere senden.
    }
call-progress = { $what }: { $percent } Prozent
call-completed = { $what }: fertig
call-failed = { $what } ist nicht angekommen
call-paused = { $what }: pausiert
call-prepared = { $what }. { $whom }. { $modifier } Z nimmt es zurück.
call-server-lost = Server nicht erreichbar. Das lokale Netz geht weiter.
call-server-ready = Wieder mit dem Server verbunden.

command-bar = Gehe zu oder tue
command-bar-hint = Ein Mensch, ein Ort, etwas zu tun
command-none = Nichts mit diesem Namen.

first-title = Dateien auf geradem Weg
first-text = Von diesem Gerät zu den Menschen, die Sie wählen, verschlüsselt auf der ganzen Strecke.
first-name = Name dieses Geräts
first-name-about = Ihre Kontakte sehen ihn.
first-folder = Ordner für Empfangenes
first-privacy = Kein Konto, keine Auswertung. Nur um Kontakte zu treffen, verlässt etwas diesen Rechner: Der Server erfährt, dass zwei Geräte einander suchen, aber nie, was sie senden.
start = Los

status-silent = Was Sie sehen, kann veraltet sein: Das Programm im Hintergrund antwortet nicht.
status-lost-now = Server nicht erreichbar. Das lokale Netz geht weiter. Neuer Versuch läuft…
first-server = Server (freiwillig)
first-server-about = Er macht Geräte bekannt, die nicht im selben Netz sind. Fragen Sie, wer Ihren betreibt, oder lassen Sie es für später.
first-join = Ich habe Wherry auf einem anderen Gerät
tray-show = Wherry zeigen
tray-status = { $count }, { $percent }
quit = Wherry beenden
open-log = Ordner mit den Protokollen öffnen
notice-offer = Öffnen Sie Wherry, um anzunehmen oder abzulehnen.
notice-show = Zeigen
autostart = Mit dem System starten
autostart-about = Wherry wartet neben der Uhr, damit Dateien Sie erreichen, ohne dass Sie es öffnen.
