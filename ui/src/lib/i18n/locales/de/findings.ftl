section-network-examination = Ist das Netz in Ordnung?
examination-about = Sieht sich die Netze dieses Geräts, den Server und die Vermittler an. Es dauert bis zu einer halben Minute und sendet niemandem etwas.
examination-start = Jetzt nachsehen
examination-again = Noch einmal nachsehen
examination-runs = Sieht nach …
examination-good = Nichts steht im Weg.
examination-limited = Übertragungen gelingen, manche langsamer oder nicht direkt.
examination-bad = Etwas verhindert Übertragungen.
examination-copy = Bericht kopieren
examination-results = Was gefunden wurde

verdict-good = In Ordnung
verdict-limited = Eingeschränkt
verdict-bad = Geht nicht
verdict-unknown = Nicht bekannt

finding-only-direct = Geräte ohne direkten Weg zu diesem werden nicht erreicht.
finding-nobody-outside = Geräte in anderen Netzen werden nicht erreicht.

finding-both-families-fact = Dieses Gerät hat IPv4 und IPv6.
finding-only-v4-fact = Dieses Gerät hat IPv4 und kein IPv6.
finding-only-v6-fact = Dieses Gerät hat IPv6 und kein IPv4.
finding-only-v6-consequence = Geräte, die nur IPv4 haben, werden über einen Vermittler erreicht.
finding-no-address-fact = Dieses Gerät hat keine Netzadresse.
finding-no-address-consequence = Nichts kann gesendet oder empfangen werden.
finding-no-address-advice = Verbinden Sie es mit einem Netz.

finding-lan-open-fact = { $value ->
    [0] Kontakte im selben Netz finden dieses Gerät; gerade ist keiner da.
    [one] Kontakte im selben Netz finden dieses Gerät; gerade ist einer da.
   *[other] Kontakte im selben Netz finden dieses Gerät; gerade sind { $value } da.
  }
finding-lan-closed-fact = Die Einstellungen lassen niemanden im selben Netz dieses Gerät finden.
finding-lan-closed-consequence = Kontakte im selben Netz werden nur über den Server getroffen.
finding-lan-closed-advice = Erlauben Sie es in den Einstellungen des lokalen Netzes.
finding-lan-shut-fact = Im lokalen Netz kann nicht gehört werden.
finding-lan-shut-consequence = Kontakte im selben Netz werden nur über den Server getroffen.
finding-lan-shut-advice = Lassen Sie UDP an Port 5353 und TCP an Port 7421 durch die Firewall dieses Geräts herein.
finding-multicast-answered-fact = Multicast geht: andere Geräte in diesem Netz antworten.
finding-multicast-unanswered-fact = Multicast wird hier gesendet und gehört; kein anderes Gerät in diesem Netz hat geantwortet.
finding-multicast-blocked-fact = Multicast ist gesperrt: dieses Gerät hört sich selbst nicht.
finding-multicast-blocked-consequence = Kontakte im selben Netz finden dieses Gerät nicht ohne den Server.
finding-multicast-blocked-advice = Lassen Sie UDP an Port 5353 durch die Firewall dieses Geräts herein und hinaus.

finding-no-proxy-fact = Es wird kein Proxy benutzt.
finding-http-proxy-set-fact = Die Einstellungen nennen einen HTTP-Proxy.
finding-socks-proxy-set-fact = Die Einstellungen nennen einen SOCKS-5-Proxy.
finding-http-proxy-found-fact = Die Umgebung nennt einen HTTP-Proxy.
finding-socks-proxy-found-fact = Die Umgebung nennt einen SOCKS-5-Proxy.

finding-no-server-fact = Es ist kein Vermittlungsserver genannt.
finding-no-server-consequence = Niemand außerhalb des lokalen Netzes kann getroffen werden.
finding-no-server-advice = Nennen Sie einen in den Einstellungen.
finding-server-answers-fact = Der Server antwortet in { $value } ms.
finding-server-unreachable-fact = Der Server wird nicht erreicht.
finding-server-unreachable-consequence = Niemand außerhalb des lokalen Netzes kann getroffen werden.
finding-server-unreachable-advice = Prüfen Sie die Adresse des Servers, und ob dieses Netz einen Proxy verlangt.
finding-server-behind-proxy-fact = Der Proxy führt nicht zum Server.
finding-server-behind-proxy-consequence = Niemand außerhalb des lokalen Netzes kann getroffen werden.
finding-server-behind-proxy-advice = Prüfen Sie den Proxy in den Einstellungen.
finding-server-not-trusted-fact = Dem Zertifikat des Servers wird nicht vertraut.
finding-server-not-trusted-consequence = Niemand außerhalb des lokalen Netzes kann getroffen werden.
finding-server-not-trusted-advice = Prüfen Sie das Zertifikat, oder fragen Sie, wer den Server betreibt.
finding-server-not-ours-fact = Was unter der Adresse des Servers antwortet, ist kein Vermittlungsserver.
finding-server-not-ours-consequence = Niemand außerhalb des lokalen Netzes kann getroffen werden.
finding-server-not-ours-advice = Prüfen Sie die Adresse des Servers.

finding-clock-agrees-fact = Die Uhr stimmt mit der des Servers überein.
finding-clock-ahead-fact = Die Uhr geht gegenüber dem Server { $value } Minuten vor.
finding-clock-ahead-consequence = Zertifikate und Codes können als abgelaufen gelten.
finding-clock-ahead-advice = Stellen Sie die Uhr.
finding-clock-behind-fact = Die Uhr geht gegenüber dem Server { $value } Minuten nach.
finding-clock-behind-consequence = Zertifikate und Codes können als abgelaufen gelten.
finding-clock-behind-advice = Stellen Sie die Uhr.
finding-clock-far-ahead-fact = Die Uhr geht gegenüber dem Server mehr als einen Tag vor.
finding-clock-far-ahead-consequence = Kontakte werden nicht gefunden.
finding-clock-far-ahead-advice = Stellen Sie die Uhr.
finding-clock-far-behind-fact = Die Uhr geht gegenüber dem Server mehr als einen Tag nach.
finding-clock-far-behind-consequence = Kontakte werden nicht gefunden.
finding-clock-far-behind-advice = Stellen Sie die Uhr.

finding-udp-works-fact = UDP kommt hinaus: Ein STUN-Server antwortet in { $value } ms.
finding-no-stun-server-fact = Es ist kein STUN-Server bekannt.
finding-no-stun-server-consequence = Geräte in anderen Netzen werden vielleicht nur über einen Vermittler erreicht.
finding-no-stun-server-advice = Nennen Sie einen in den Einstellungen.
finding-udp-blocked-fact = UDP ist gesperrt: Kein STUN-Server antwortet.
finding-udp-blocked-consequence = Übertragungen laufen per TCP über einen Vermittler, und langsamer.
finding-udp-blocked-advice = Lassen Sie UDP durch die Firewall dieses Netzes hinaus.

finding-no-nat-fact = Vor diesem Gerät ist kein NAT.
finding-nat-one-address-fact = Der Router zeigt dieses Gerät allen unter einer Adresse.
finding-nat-symmetric-fact = Der Router zeigt dieses Gerät jedem Ziel unter einer anderen Adresse (symmetrisches NAT).
finding-nat-symmetric-consequence = Geräte hinter einem solchen oder einem strengen Router werden über einen Vermittler erreicht.
finding-nat-symmetric-advice = Wo es auf Tempo ankommt, nehmen Sie ein Netz mit einem anderen Router.
finding-nat-unknown-fact = Da ist ein NAT; welcher Art, kann ein STUN-Server allein nicht sagen.
finding-nat-unknown-consequence = Geräte hinter strengen Routern werden vielleicht nur über einen Vermittler erreicht.
finding-filter-open-fact = Unter der Adresse, die dieses Gerät draußen hat, darf jeder antworten.
finding-filter-address-fact = Nur wem dieses Gerät geschrieben hat, darf antworten, von jedem seiner Ports.
finding-filter-port-fact = Nur wem dieses Gerät geschrieben hat, darf antworten, und nur vom selben Port.

finding-relay-reached-fact = Ein Vermittler wird per { $transport } in { $value } ms erreicht.
finding-relay-not-reached-fact = Kein Vermittler wird per { $transport } erreicht.
finding-relay-not-reached-consequence = Übertragungen, die einen Vermittler brauchen, nehmen einen anderen Weg dorthin, wenn es einen gibt.
finding-relay-unwanted-fact = Die Einstellungen wollen keinen Vermittler.
finding-relay-unwanted-advice = Erlauben Sie Vermittler in den Einstellungen.
finding-relay-unknown-fact = Welche Vermittler es gibt, ist ohne den Server nicht bekannt.
finding-no-relay-fact = Der Server nennt keinen brauchbaren Vermittler.
finding-no-relay-advice = Fragen Sie, wer den Server betreibt, nach einem Vermittler.
finding-no-relay-reached-fact = Kein Vermittler wird auf irgendeinem Weg erreicht.
finding-no-relay-reached-advice = Lassen Sie TCP an Port 443 durch die Firewall dieses Netzes hinaus.

finding-contact-direct-fact = Mit diesem Kontakt besteht eine direkte Verbindung.
finding-contact-relayed-fact = Mit diesem Kontakt besteht eine Verbindung über einen Vermittler.
finding-contact-relayed-consequence = Übertragungen sind vielleicht langsamer als auf direktem Weg.
finding-contact-blocked-fact = Dieser Kontakt ist blockiert.
finding-contact-blocked-consequence = Für ihn ist dieses Gerät nie da.
finding-contact-blocked-advice = Heben Sie die Blockierung auf.
finding-contact-unknown-fact = Ob dieser Kontakt da ist, ist ohne den Server nicht bekannt.
finding-contact-unknown-consequence = Er wird wieder getroffen, wenn der Server erreicht wird.
finding-contact-away-fact = Dieser Kontakt ist nicht da: Keines seiner Geräte ist online.
finding-contact-away-consequence = Übertragungen an ihn warten.
finding-contact-away-advice = Bitten Sie darum, Wherry dort zu öffnen und dort ebenso nach dem Netz zu sehen.
finding-contact-here-fact = Dieser Kontakt ist da.
finding-contact-no-path-fact = Dieser Kontakt ist da, und es wurde kein Weg zu ihm gefunden.
finding-contact-no-path-consequence = Übertragungen an ihn warten.
finding-contact-no-path-advice = Sehen Sie auf seinem Gerät ebenso nach dem Netz: Eines von beiden lässt nichts durch.
finding-contact-no-path-unwanted-fact = Dieser Kontakt ist da, es wurde kein direkter Weg gefunden, und Vermittler sind nicht erwünscht.
finding-contact-no-path-unwanted-consequence = Übertragungen an ihn warten.
finding-contact-no-path-unwanted-advice = Erlauben Sie Vermittler, für diesen Kontakt oder in den Einstellungen.
finding-contact-no-path-no-relay-fact = Dieser Kontakt ist da, es wurde kein direkter Weg gefunden, und es ist kein Vermittler bekannt.
finding-contact-no-path-no-relay-consequence = Übertragungen an ihn warten.
finding-contact-no-path-no-relay-advice = Fragen Sie, wer den Server betreibt, nach einem Vermittler.
