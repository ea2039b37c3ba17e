devices-title = Eigenes Gerät hinzufügen
devices-status = Ihre Geräte haben dieselben Kontakte. Jedes hat eigene Schlüssel.
device-show-title = Zeigen Sie dies Ihrem anderen Gerät
device-show-text = Geben Sie es dort ein, unter „Ich habe Wherry auf einem anderen Gerät“. Es gilt einmal, 10 Minuten lang.
device-show = Code zeigen
device-enter-title = Oder geben Sie den Code ein, den es zeigt
compare-yes-device = Ja, dieses Gerät hinzufügen
compare-text-device = Halten Sie beide Bildschirme nebeneinander.
joined-title = { $name } ist eines Ihrer Geräte
joined-text = Es bekommt jetzt Ihre Kontakte. Sie sehen, dass Sie ein Gerät mehr haben.
joined-contacts =
    { $count ->
        [0] Sie hatten noch keine Kontakte. Wen Sie auf einem Gerät hinzufügen, der ist auf beiden da.
        [one] { $count } Kontakt kam mit.
       *[other] { $count } Kontakte kamen mit.
    }
identity-file = Eine Kopie in einer Datei
identity-file-about = Sie enthält Ihre Schlüssel und Kontakte, verschlossen mit einer Passphrase. Damit ziehen Sie auf einen neuen Rechner um; auf zweien zugleich geht es nicht.
identity-export = Kopie speichern…
identity-import = Aus einer Kopie übernehmen…
identity-export-title = Kopie speichern
identity-export-about = Wer die Datei und die Passphrase hat, kann Sie sein. Eine vergessene Passphrase bringt niemand zurück.
identity-import-title = Aus einer Kopie übernehmen
identity-import-about = Dieses Gerät wird zu dem in der Datei. Das alte darf dann nicht mehr benutzt werden.
identity-exported = Die Kopie ist gespeichert.
identity-imported = Dieses Gerät ist jetzt das aus der Datei.
passphrase = Passphrase
passphrase-again = Noch einmal dieselbe
passphrase-short = Mindestens { $count } Zeichen, besser mehrere Wörter.
passphrase-other = Die beiden sind nicht gleich.
