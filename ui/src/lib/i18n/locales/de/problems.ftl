problems = Probleme
problems-more =
    { $count ->
        [one] { $count } weiteres zeigen
       *[other] { $count } weitere zeigen
    }
problems-fewer = Weniger zeigen
problem-action-open-settings = Zu den Einstellungen
problem-action-open-person = Neu vergleichen
problem-action-retry = Noch einmal
problem-action-resume = Fortsetzen

problem-internal-fact = In Wherry selbst ging etwas schief.
problem-internal-consequence = Was schon übertragen wurde, ist sicher. Wenn es wieder geschieht, starten Sie Wherry neu.
problem-usage-fact = Das ist nicht möglich.
problem-usage-consequence = Nichts wurde geändert.
problem-declined-fact =
    { $known ->
        [no] Die andere Seite hat abgelehnt.
       *[yes] { $name } hat abgelehnt.
    }
problem-declined-consequence = Nichts wurde gesendet. Wir fragen nicht von selbst noch einmal.
problem-wrong_code-fact = Dieser Code stimmt nicht.
problem-wrong_code-consequence = Zur Sicherheit ist er verbraucht. Bitten Sie um einen neuen.
problem-expired_code-fact = Dieser Code gilt nicht mehr.
problem-expired_code-consequence = Codes gelten einmal, 10 Minuten lang. Bitten Sie um einen neuen.
problem-too_many_attempts-fact = Zu viele falsche Codes.
problem-too_many_attempts-consequence = Der Server verlangt eine Pause. Versuchen Sie es in ein paar Minuten wieder.
problem-pairing_stopped-fact = Das Hinzufügen wurde abgebrochen.
problem-pairing_stopped-consequence = Niemand wurde hinzugefügt. Beginnen Sie mit einem neuen Code.
problem-unknown_contact-fact = Kein Kontakt mit diesem Namen.
problem-unknown_contact-consequence = Vielleicht wurde er auf einem anderen Ihrer Geräte entfernt.
problem-unknown_transfer-fact = Diese Übertragung gibt es nicht mehr.
problem-unknown_transfer-consequence = Sie ist zu Ende oder wurde entfernt. Der Verlauf zeigt, was aus ihr wurde.
problem-contact_offline-fact =
    { $known ->
        [no] Die andere Seite ist offline.
       *[yes] { $name } ist offline.
    }
problem-contact_offline-consequence = Nichts ging verloren. Es geht weiter, wenn beide da sind.
problem-server_unreachable-fact = Server nicht erreichbar, das lokale Netz geht weiter.
problem-server_unreachable-consequence = Wir versuchen es weiter. Kontakte anderswo sind erreichbar, sobald er antwortet.
problem-server_refused-fact = Der Server weist dieses Gerät ab.
problem-server_refused-consequence = Vielleicht fehlt eine Aktualisierung, oder ein anderer Server ist nötig. Das lokale Netz geht weiter.
problem-no_path-fact = Kein direkter Weg und kein Vermittler.
problem-no_path-consequence = Beide Netze verhindern direkte Verbindungen, und dieser Server bietet keinen Vermittler. Ein anderes Netz auf einer Seite genügt.
problem-relay_budget-fact = Kein direkter Weg, und was im Monat über Vermittler gehen darf, ist verbraucht.
problem-relay_budget-consequence = Nichts ging verloren. Es geht weiter, wenn es einen direkten Weg gibt, im nächsten Monat, oder wenn Sie mehr erlauben.
problem-hosting_failed-fact = Dieses Gerät kann nicht der Server sein.
problem-hosting_failed-consequence = Sein Port ist belegt oder darf nicht geöffnet werden. Geräte, die keinen anderen Server kennen, finden einander nur im lokalen Netz.
problem-peer_violation-fact =
    { $known ->
        [no] Die andere Seite hielt sich nicht an die Regeln.
       *[yes] Das Gerät von { $name } hielt sich nicht an die Regeln.
    }
problem-peer_violation-consequence = Die Übertragung wurde zur Sicherheit beendet. Eine Aktualisierung drüben kann helfen.
problem-integrity-fact = Daten kamen immer wieder beschädigt an.
problem-integrity-consequence = Nichts Beschädigtes wurde behalten. Ein fehlerhaftes Netzgerät oder Laufwerk ist wahrscheinlich.
problem-disk_full-fact = Beim Empfänger ist nicht genug Platz.
problem-disk_full-consequence = Was angekommen ist, bleibt. Schaffen Sie Platz und setzen Sie fort.
problem-destination_unwritable-fact = In den Ordner kann nicht geschrieben werden.
problem-destination_unwritable-consequence = Nichts wurde gespeichert. Wählen Sie in den Einstellungen einen anderen Ordner.
problem-source_unreadable-fact = Eine Datei ist nicht lesbar oder fehlt.
problem-source_unreadable-consequence = Der Rest wurde nicht gesendet. Sehen Sie nach, ob sie noch da ist, und versuchen Sie es noch einmal.
problem-source_changed-fact = Eine Datei änderte sich beim Senden ständig.
problem-source_changed-consequence = Schließen Sie das Programm, das sie schreibt, und versuchen Sie es noch einmal.
problem-bad_name-fact = Ein Name kann hier nicht gespeichert werden.
problem-bad_name-consequence = Bitten Sie um einen anderen Namen, oder um eine gepackte Datei.
problem-cancelled-fact = Abgebrochen.
problem-cancelled-consequence = Nichts Halbes wurde behalten.
problem-home_busy-fact = Wherry läuft schon.
problem-home_busy-consequence = Benutzen Sie das offene Fenster, oder beenden Sie zuerst das andere.
problem-home_unusable-fact = Wherry kann seinen eigenen Ordner nicht benutzen.
problem-home_unusable-consequence = Vielleicht gehört er jemand anderem oder einer neueren Version.
problem-identity_copied-fact = Dieses Gerät gibt es zweimal.
problem-identity_copied-consequence = Eine Kopie läuft anderswo. Machen Sie in den Einstellungen eines von beiden zu einem neuen Gerät.
problem-timed_out-fact = Nichts geschah in der erlaubten Zeit.
problem-timed_out-consequence = Das andere Gerät hat nicht geantwortet. Versuchen Sie es noch einmal, wenn beide da sind.

problem-key_changed-fact = Das ist nicht { $name }, wie Sie sie oder ihn kennen.
problem-key_changed-consequence = Die Schlüssel sind andere als die verglichenen. Nichts wird gesendet. Hat { $name } ein neues Gerät, vergleichen Sie neu.
problem-contact_copied-fact = { $name } scheint es zweimal zu geben.
problem-contact_copied-consequence = Zwei Geräte haben dieselben Schlüssel, oder der Server hielt Nachrichten zurück. Fragen Sie { $name }.
problem-contact_muted-fact = { $name } ist für { $duration } stumm.
problem-contact_muted-consequence = Sie haben mehrmals hintereinander abgelehnt. Angebote werden bis dahin abgelehnt.
problem-this_device_revoked-fact = Dieses Gerät wurde aus Ihren Geräten entfernt.
problem-this_device_revoked-consequence = Es hat den Server verlassen und sendet nichts mehr.
problem-device_added-fact =
    { $known ->
        [no] Sie haben ein neues Gerät: { $name }.
       *[yes] Neues Gerät: { $name }.
    }
problem-device_added-consequence = Eines der bekannten Geräte hat es angemeldet. Wenn das niemand war, entfernen Sie es.
problem-device_revoked-fact = { $name } gehört nicht mehr zu den Geräten dieser Person.
problem-device_revoked-consequence = Dorthin wird nichts mehr gesendet.
problem-setting-fact = Eine Einstellung ist nicht erlaubt: { $setting }.
problem-setting-consequence = Dieses Gerät bleibt offline, bis das geändert ist.

problem-engine_silent-fact = Was Sie sehen, kann veraltet sein.
problem-engine_silent-consequence = Der Teil von Wherry, der Dateien überträgt, antwortet nicht. Was ankam, ist sicher; alle paar Sekunden fragen wir wieder.
problem-action-ask-again = Jetzt fragen
problem-action-open-code = Code eingeben
problem-action-open-log = Protokolle öffnen

problem-preflight-fact = Nicht alles käme an, wie es ist.
problem-preflight-consequence = Die Dateiliste sagt, was und warum. Noch wurde nichts übertragen: Fahren Sie fort, oder brechen Sie ab.
