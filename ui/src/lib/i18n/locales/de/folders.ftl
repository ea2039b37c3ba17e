folders = Ordner
share-folder = Ordner teilen…
share-folder-title = Ordner teilen
badge-undecided =
    { $count ->
        [one] { $count } Entscheidung wartet auf Sie
       *[other] { $count } Entscheidungen warten auf Sie
    }
folders-empty-title = Noch keine geteilten Ordner
folders-empty-text = Ein geteilter Ordner ist auf jedem Gerät der Beteiligten gleich. Alle haben eine ganze Kopie, und nichts dazwischen speichert sie.
folders-empty-hint = { $modifier } ⇧ N teilt von überall einen Ordner.

folder-files =
    { $count ->
        [one] { $count } Datei
       *[other] { $count } Dateien
    }
folder-files-with =
    { $count ->
        [one] { $count } Datei mit { $names }
       *[other] { $count } Dateien mit { $names }
    }
folder-invited = { $name } lädt Sie dazu ein.
folder-paused = Angehalten. Nichts kommt oder geht, bis Sie fortsetzen.
folder-removed = Sie gehören nicht mehr dazu. Ihre Dateien bleiben.
folder-stopped = Steht still. { $why }
folder-why-disk_full = Die Festplatte ist voll.
folder-why-usage = Sein Platz gehört zu einem anderen geteilten Ordner.
folder-why-destination_unwritable = Sein Platz ist nicht erreichbar oder nicht beschreibbar.
folder-conflicts =
    { $count ->
        [one] { $count } Konflikt braucht Sie
       *[other] { $count } Konflikte brauchen Sie
    }
folder-conflicts-count = Konflikte ({ $count })
folder-deletions =
    { $count ->
        [one] { $count } Löschung wartet auf Sie
       *[other] { $count } Löschungen warten auf Sie
    }
folder-local-changes =
    { $count ->
        [one] { $count } Änderung von Ihnen bleibt hier
       *[other] { $count } Änderungen von Ihnen bleiben hier
    }
folder-looking = Ihre Dateien werden angesehen…
folder-alone = Noch mit niemandem geteilt.
folder-behind =
    { $count ->
        [one] { $count } Änderung kommt noch von { $names }
       *[other] { $count } Änderungen kommen noch von { $names }
    }
folder-behind-bytes = { $size } kommen noch von { $names }
folder-behind-away =
    { $count ->
        [one] { $count } Änderung kommt, wenn die anderen wieder da sind
       *[other] { $count } Änderungen kommen, wenn die anderen wieder da sind
    }
folder-up-to-date = Auf dem gleichen Stand wie { $names }
folder-nobody-here = Niemand sonst ist da. Ihre Änderungen gehen dann hinaus.
folder-syncing = Gleicht sich mit { $names } ab…

invitation-from = Einladung von { $name }
invitation-title = { $name } lädt Sie zu { $what } ein
invitation-change = Ein geteilter Ordner: Sie können Dateien darin ändern.
invitation-read = Ein geteilter Ordner: Sie lesen nur. Was Sie ändern, bleibt bei Ihnen.
invitation-others = Auch dabei: { $names }.
invitation-place = Sie wählen, wo er auf diesem Gerät liegt.
invitation-accept = Annehmen nach…

open-folder = Öffnen
folder-parts = Teile von { $name }
folder-part-files = Dateien
folder-part-conflicts = Konflikte
folder-part-people = Personen
folder-part-versions = Versionen
folder-part-settings = Einstellungen
folder-resume = Fortsetzen
folder-files-none = Noch nichts darin. Legen Sie Dateien in den Ordner, und sie sind unterwegs.
folder-files-resting = Solange der Ordner stillsteht, kann hier nichts gezeigt werden.
entry-here = da
entry-coming = kommt noch
entry-going = wird gelöscht
entry-stays-here = bleibt hier

problem-folder_stopped-fact = Dieser Ordner steht still. { $why }
problem-folder_stopped-consequence = Ihre Dateien sind, wie sie waren. Wir sehen alle paar Sekunden nach und machen von selbst weiter.
problem-folder_removed-fact = Sie gehören nicht mehr zu diesem Ordner.
problem-folder_removed-consequence = Ihre Dateien bleiben, aber nichts kommt oder geht mehr. In seinen Einstellungen können Sie ihn von der Liste nehmen.
problem-folder_deletions-fact =
    { $count ->
        [one] { $count } Datei soll gelöscht werden.
       *[other] { $count } Dateien sollen gelöscht werden.
    }
problem-folder_deletions-consequence = Jemand hat sehr viel auf einmal gelöscht. Hier geschieht nichts davon, bevor Sie entscheiden.
problem-folder_local_changes-fact =
    { $count ->
        [one] { $count } Änderung von Ihnen erreicht die anderen nicht.
       *[other] { $count } Änderungen von Ihnen erreichen die anderen nicht.
    }
problem-folder_local_changes-consequence = Sie lesen hier nur. Rückgängig bringt den Stand der anderen zurück; Ihre Fassung bleibt unter Versionen.
deletions-refuse = Dateien behalten
deletions-allow = Löschen
folder-revert = Meine Änderungen rückgängig machen

side-yours = Ihre
side-of = Von { $name }
side-present = Die an ihrem Platz
side-kept = Die andere
keep-mine = Meine behalten
keep-theirs = Die von { $name } behalten
keep-present = Die an ihrem Platz behalten
keep-kept = Die andere behalten
keep-both = Beide behalten
same-for-others =
    { $count ->
        [one] Ebenso für die andere
       *[other] Ebenso für { $count } andere
    }
conflicts-list = Dateien mit zwei Fassungen
conflicts-none = Keine Konflikte. Wenn zwei eine Datei ändern, während sie getrennt sind, warten hier beide Fassungen auf Sie.
conflict-why = Sie und { $name } haben diese Datei geändert, während Sie getrennt waren.
conflict-why-others = Zwei Personen haben diese Datei geändert, während sie getrennt waren.
conflict-why-folder = Jemand hat diese Datei geändert, während jemand anderes einen Ordner dieses Namens angelegt hat.
conflict-nothing-lost = Nichts geht verloren: was Sie nicht behalten, bleibt 30 Tage unter Versionen.
conflict-copy = Bis Sie entscheiden, liegt die zweite daneben als { $copy }
decided =
    { $count ->
        [one] Entschieden: { $what }.
       *[other] Entschieden: { $what } und weitere, zusammen { $count }.
    }
decided-both = Beide Dateien bleiben.
decided-lost = Die andere Fassung liegt unter Versionen.
preview-text = Text dieser Fassung
preview-image = Bild dieser Fassung
preview-cut = Es geht noch weiter.
preview-folder = Ein Ordner
preview-unshown = Diese Art von Datei kann hier nicht gezeigt werden. Zeit und Größe helfen vielleicht; öffnen Sie den Ordner, um beide anzusehen.
preview-nothing = Sie kann gerade nicht gelesen werden.
only-here = Nur hier:

share = Teilen
share-what = Ordner
share-no-place = Noch keiner gewählt
share-with = Mit
share-nobody = Sie haben noch keine Kontakte. Sie können später Personen hereinlassen.
share-versions = Ältere Versionen
share-versions-about = Was ersetzt oder gelöscht wird, bleibt 30 Tage erhalten.
share-rules = Nicht geteilt
share-rules-about = Ein Muster in jeder Zeile, wie in .gitignore. Sie gelten vom ersten Moment an, für alle.
what-may = Was { $name } darf
may-owner = besitzt ihn
may-admin = ändert Dateien und Personen
may-change = kann ändern
may-read = liest nur

member-in-step = gleicher Stand
member-syncing = gleicht sich ab
member-devices =
    { $count ->
        [one] { $count } Gerät
       *[other] { $count } Geräte
    }
member-remove = { $name } aus dem Ordner nehmen
member-remove-about = { $name } behält die Dateien, die dort sind, bekommt nichts Neues und kann für die anderen nichts ändern.
people-add = Personen hereinlassen
people-let-in = Hereinlassen
people-all-in = Alle Ihre Kontakte gehören schon dazu.
people-not-yours = Wer dazugehört, entscheiden nur der Eigentümer und wer Personen verwaltet.

versions-about = Was ersetzt oder gelöscht wurde, von wem auch immer. Es bleibt 30 Tage erhalten.
versions-search = In Versionen suchen
versions-none = Noch wurde nichts ersetzt oder gelöscht.
version-restore = Zurückholen
version-restore-named = { $what } zurückholen, ersetzt { $when }
version-restored = { $what } ist wieder wie zuvor. Was dort war, liegt jetzt unter Versionen.

folder-place = Liegt in
folder-role = Sie
role-owner = besitzen ihn
role-admin = ändern Dateien und Personen
role-change = können Dateien ändern
role-read = lesen nur
folder-pause = Angehalten
folder-pause-about = Nichts kommt oder geht, bis Sie fortsetzen. Was Sie inzwischen ändern, geht danach hinaus.
rules-about = Für alle in diesem Ordner; die Liste ist eine Datei darin, .wherryignore.
rule-remove = { $rule } wieder teilen
rule-new = Ein weiteres Muster
rules-resting = Die Liste lässt sich ändern, während der Ordner läuft.
folder-notes = Hinweise
folder-note-watch-limit = Das System beobachtet keine weiteren Ordner. Änderungen werden deshalb innerhalb einer Minute gefunden statt sofort. Erhöhen Sie fs.inotify.max_user_watches und fs.inotify.max_user_instances.
folder-note-not-watched = Dieser Ordner lässt sich nicht beobachten. Änderungen werden deshalb innerhalb einer Minute gefunden statt sofort. Das System meldet: { $reason }
folder-note-bad-rule = Zeile { $line } der Liste dessen, was nicht geteilt wird, ist kein Muster. Die vorige Liste gilt weiter, bis Sie die Zeile berichtigen.
folder-note-long-rules = Die Liste dessen, was nicht geteilt wird, ist zu lang. Die vorige Liste gilt weiter, bis Sie sie kürzen.
folder-note-disk-full = Die Festplatte ist voll. Schaffen Sie Platz, dann geht es von selbst weiter.
folder-note-stopped = Es geht nicht weiter: { $reason }
folder-note-left-out =
    { $count ->
        [one] Ein Name wird nicht geteilt, weil er eine Verknüpfung ist oder andere Systeme ihn nicht führen können: { $name }
       *[other] { $count } Namen werden nicht geteilt, weil sie Verknüpfungen sind oder andere Systeme sie nicht führen können. Der erste ist { $name }
    }
folder-leave = Verlassen
folder-leave-about = Der Ordner wird auf diesem Gerät nicht mehr abgeglichen. Alle Dateien bleiben, hier und bei den anderen.
folder-leave-ask = Hier nicht mehr teilen…
folder-leave-yes = Nicht mehr teilen

call-invitation = { $name } lädt Sie zum Ordner { $what } ein.
call-conflict =
    { $count ->
        [one] { $what }: { $count } Konflikt braucht Sie.
       *[other] { $what }: { $count } Konflikte brauchen Sie.
    }
notice-invitation = Öffnen Sie Wherry, um beizutreten oder abzulehnen.
notice-conflict = Beide Fassungen bleiben, bis Sie entscheiden.
