section-network-examination = Is the network all right?
examination-about = Looks at this device’s networks, the server and the relays. It takes up to half a minute and sends nothing to anybody.
examination-start = Look now
examination-again = Look again
examination-runs = Looking…
examination-good = Nothing is in the way.
examination-limited = Transfers work, some of them more slowly or not directly.
examination-bad = Something keeps transfers from working.
examination-copy = Copy the report
examination-results = What was found

verdict-good = Good
verdict-limited = Limited
verdict-bad = Does not work
verdict-unknown = Not known

finding-only-direct = Devices without a direct way to this one are not reached.
finding-nobody-outside = Devices in other networks are not reached.

finding-both-families-fact = This device has IPv4 and IPv6.
finding-only-v4-fact = This device has IPv4 and no IPv6.
finding-only-v6-fact = This device has IPv6 and no IPv4.
finding-only-v6-consequence = Devices that have only IPv4 are reached through a relay.
finding-no-address-fact = This device has no network address.
finding-no-address-consequence = Nothing can be sent or received.
finding-no-address-advice = Connect it to a network.

finding-lan-open-fact = { $value ->
    [0] Contacts in the same network find this device; none is there now.
    [one] Contacts in the same network find this device; one is there now.
   *[other] Contacts in the same network find this device; { $value } are there now.
  }
finding-lan-closed-fact = The settings let nobody in the same network find this device.
finding-lan-closed-consequence = Contacts in the same network are met through the server only.
finding-lan-closed-advice = Allow it in the settings of the local network.
finding-lan-shut-fact = The local network cannot be listened to.
finding-lan-shut-consequence = Contacts in the same network are met through the server only.
finding-lan-shut-advice = Let UDP to port 5353 and TCP to port 7421 in through the firewall of this device.
finding-multicast-answered-fact = Multicast works: other devices in this network answer.
finding-multicast-unanswered-fact = Multicast is sent and heard here; no other device in this network answered.
finding-multicast-blocked-fact = Multicast is blocked: this device does not hear itself.
finding-multicast-blocked-consequence = Contacts in the same network do not find this device without the server.
finding-multicast-blocked-advice = Let UDP to port 5353 in and out through the firewall of this device.

finding-no-proxy-fact = No proxy is used.
finding-http-proxy-set-fact = The settings name an HTTP proxy.
finding-socks-proxy-set-fact = The settings name a SOCKS 5 proxy.
finding-http-proxy-found-fact = The environment names an HTTP proxy.
finding-socks-proxy-found-fact = The environment names a SOCKS 5 proxy.

finding-no-server-fact = No signaling server is named.
finding-no-server-consequence = Nobody outside the local network can be met.
finding-no-server-advice = Name one in the settings.
finding-server-answers-fact = The server answers in { $value } ms.
finding-server-unreachable-fact = The server is not reached.
finding-server-unreachable-consequence = Nobody outside the local network can be met.
finding-server-unreachable-advice = Check the server’s address, and whether this network wants a proxy.
finding-server-behind-proxy-fact = The proxy does not lead to the server.
finding-server-behind-proxy-consequence = Nobody outside the local network can be met.
finding-server-behind-proxy-advice = Check the proxy in the settings.
finding-server-not-trusted-fact = The server’s certificate is not trusted.
finding-server-not-trusted-consequence = Nobody outside the local network can be met.
finding-server-not-trusted-advice = Check the server’s certificate, or ask whoever runs it.
finding-server-not-ours-fact = What answers at the server’s address is no signaling server.
finding-server-not-ours-consequence = Nobody outside the local network can be met.
finding-server-not-ours-advice = Check the server’s address.

finding-clock-agrees-fact = The clock agrees with the server’s.
finding-clock-ahead-fact = The clock is { $value } minutes ahead of the server’s.
finding-clock-ahead-consequence = Certificates and codes may count as expired.
finding-clock-ahead-advice = Set the clock.
finding-clock-behind-fact = The clock is { $value } minutes behind the server’s.
finding-clock-behind-consequence = Certificates and codes may count as expired.
finding-clock-behind-advice = Set the clock.
finding-clock-far-ahead-fact = The clock is more than a day ahead of the server’s.
finding-clock-far-ahead-consequence = Contacts are not found.
finding-clock-far-ahead-advice = Set the clock.
finding-clock-far-behind-fact = The clock is more than a day behind the server’s.
finding-clock-far-behind-consequence = Contacts are not found.
finding-clock-far-behind-advice = Set the clock.

finding-udp-works-fact = UDP gets out: a STUN server answers in { $value } ms.
finding-no-stun-server-fact = No STUN server is known.
finding-no-stun-server-consequence = Devices in other networks may be reached through a relay only.
finding-no-stun-server-advice = Name one in the settings.
finding-udp-blocked-fact = UDP is blocked: no STUN server answers.
finding-udp-blocked-consequence = Transfers go through a relay by TCP, and more slowly.
finding-udp-blocked-advice = Let UDP out through the firewall of this network.

finding-no-nat-fact = There is no NAT in front of this device.
finding-nat-one-address-fact = The router shows this device to all at one address.
finding-nat-symmetric-fact = The router shows this device to each destination at another address (symmetric NAT).
finding-nat-symmetric-consequence = Devices behind such a router, or behind a strict one, are reached through a relay.
finding-nat-symmetric-advice = Where speed matters, use a network with another router.
finding-nat-unknown-fact = There is a NAT; of which kind, one STUN server alone cannot tell.
finding-nat-unknown-consequence = Devices behind strict routers may be reached through a relay only.
finding-filter-open-fact = Everybody outside may answer at the address that this device has there.
finding-filter-address-fact = Only those that this device wrote to may answer, from any of their ports.
finding-filter-port-fact = Only those that this device wrote to may answer, and only from the same port.

finding-relay-reached-fact = A relay is reached by { $transport } in { $value } ms.
finding-relay-not-reached-fact = No relay is reached by { $transport }.
finding-relay-not-reached-consequence = Transfers that need a relay use another way to it, if there is one.
finding-relay-unwanted-fact = The settings want no relay.
finding-relay-unwanted-advice = Allow relays in the settings.
finding-relay-unknown-fact = Which relays there are is not known without the server.
finding-no-relay-fact = The server names no relay that can be used.
finding-no-relay-advice = Ask whoever runs the server for a relay.
finding-no-relay-reached-fact = No relay is reached in any way.
finding-no-relay-reached-advice = Let TCP to port 443 out through the firewall of this network.

finding-contact-direct-fact = There is a direct connection with this contact.
finding-contact-relayed-fact = There is a connection with this contact, through a relay.
finding-contact-relayed-consequence = Transfers may be slower than a direct way would be.
finding-contact-blocked-fact = This contact is blocked.
finding-contact-blocked-consequence = To it this device is never there.
finding-contact-blocked-advice = Unblock it.
finding-contact-unknown-fact = Whether this contact is there is not known without the server.
finding-contact-unknown-consequence = It is met again when the server is reached.
finding-contact-away-fact = This contact is not there: none of its devices is online.
finding-contact-away-consequence = Transfers to it wait.
finding-contact-away-advice = Ask for Wherry to be opened there, and for the network to be looked at there in the same way.
finding-contact-here-fact = This contact is there.
finding-contact-no-path-fact = This contact is there, and no way to it was found.
finding-contact-no-path-consequence = Transfers to it wait.
finding-contact-no-path-advice = Look at the network on its device in the same way: one of both lets nothing through.
finding-contact-no-path-unwanted-fact = This contact is there, no direct way to it was found, and relays are not wanted.
finding-contact-no-path-unwanted-consequence = Transfers to it wait.
finding-contact-no-path-unwanted-advice = Allow relays, for this contact or in the settings.
finding-contact-no-path-no-relay-fact = This contact is there, no direct way to it was found, and no relay is known.
finding-contact-no-path-no-relay-consequence = Transfers to it wait.
finding-contact-no-path-no-relay-advice = Ask whoever runs the server for a relay.
