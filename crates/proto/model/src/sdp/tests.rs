use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;

use super::*;
use crate::CandidateKind;

const PUBLIC_ONLY: CandidatePolicy = CandidatePolicy {
    allow_loopback: false,
    allow_private: false,
};

proptest! {
    #[test]
    fn what_is_rendered_is_read_back_unchanged(description in any_description(), offer in any::<bool>()) {
        let kind = match description.dtls_role {
            DtlsRole::Active | DtlsRole::Passive if !offer => SdpKind::Answer,
            DtlsRole::ActPass | DtlsRole::Active | DtlsRole::Passive => SdpKind::Offer,
        };
        let text = render(&description, kind);
        prop_assert!(text.len() <= limits::SDP_BYTES);
        prop_assert_eq!(parse(&text, CandidatePolicy::EVERYTHING), Ok(description));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,300}") {
        parse(&text, CandidatePolicy::EVERYTHING).ok();
    }

    #[test]
    fn arbitrary_candidate_lines_never_panic(value in "[ -~]{0,120}") {
        parse(&with_line(&format!("a=candidate:{value}")), CandidatePolicy::EVERYTHING).ok();
    }

    /// Damage in one place is refused, or gives a description that is rendered and read as itself.
    #[test]
    fn damaged_text_is_refused_or_stable(at in 0usize..600, with in any::<char>()) {
        let mut text: Vec<char> = sample_text().chars().collect();
        let at = at % text.len();
        text[at] = with;
        let text: String = text.into_iter().collect();
        if let Ok(description) = parse(&text, CandidatePolicy::EVERYTHING) {
            let again = parse(&render(&description, SdpKind::Offer), CandidatePolicy::EVERYTHING);
            prop_assert_eq!(again, Ok(description));
        }
    }
}

#[test]
fn what_a_browser_sends_is_understood() {
    let description = parse(BROWSER_OFFER, CandidatePolicy::EVERYTHING).unwrap();
    assert_eq!(description.ice_ufrag, "4ZcD");
    assert_eq!(description.dtls_role, DtlsRole::ActPass);
    assert_eq!(description.fingerprint.0[..2], [0xc2, 0x8e]);
    let kinds: Vec<_> = description
        .candidates
        .iter()
        .map(|candidate| candidate.kind)
        .collect();
    assert_eq!(kinds, [CandidateKind::Host, CandidateKind::ServerReflexive]);
}

#[test]
fn a_second_section_is_refused() {
    for section in [
        "audio 9 UDP/TLS/RTP/SAVPF 111",
        "application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ] {
        let text = with_line(&format!("m={section}"));
        assert_eq!(
            parse(&text, CandidatePolicy::EVERYTHING),
            Err(SdpError::ManySections)
        );
    }
}

#[test]
fn a_second_fingerprint_or_credential_is_refused() {
    for name in ["fingerprint", "ice-ufrag", "ice-pwd", "setup"] {
        let text = sample_text();
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("a={name}:")))
            .unwrap();
        assert_eq!(
            parse(&with_line(line), CandidatePolicy::EVERYTHING),
            Err(SdpError::Repeated),
            "{name}"
        );
    }
}

#[test]
fn a_missing_fingerprint_or_credential_is_refused() {
    for name in ["fingerprint", "ice-ufrag", "ice-pwd", "setup"] {
        let prefix = format!("a={name}:");
        let text: String = sample_text()
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(&prefix))
            .collect();
        assert_eq!(
            parse(&text, CandidatePolicy::EVERYTHING),
            Err(SdpError::Incomplete),
            "{name}"
        );
    }
}

#[test]
fn weaker_hashes_and_broken_fingerprints_are_refused() {
    let whole = "AB:".repeat(31) + "CD";
    for value in [
        format!("sha-1 {whole}"),
        format!("sha-256 {}", &whole[3..]),
        format!("sha-256 {whole}:EF"),
        format!("sha-256 {}", whole.replace(':', " ")),
        format!("sha-256 {}", whole.replace("CD", "+D")),
        format!("sha-256 {}", "A:BCD:".repeat(16).trim_end_matches(':')),
        "sha-256".to_owned(),
    ] {
        let text = replacing("fingerprint", &value);
        assert_eq!(
            parse(&text, CandidatePolicy::EVERYTHING),
            Err(SdpError::BadFingerprint),
            "{value}"
        );
    }
}

#[test]
fn credentials_of_wrong_length_or_alphabet_are_refused() {
    let long = "a".repeat(257);
    for (name, value) in [
        ("ice-ufrag", "abc"),
        ("ice-ufrag", &long),
        ("ice-ufrag", "ab cd"),
        ("ice-ufrag", "ab:cd"),
        ("ice-pwd", "only21characters/here"),
        ("ice-pwd", &long),
    ] {
        let text = replacing(name, value);
        assert_eq!(
            parse(&text, CandidatePolicy::EVERYTHING),
            Err(SdpError::BadCredentials),
            "{value}"
        );
    }
}

#[test]
fn lines_outside_the_whitelist_are_refused() {
    for line in [
        "a=ice-lite",
        "a=rtcp-mux",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "a=sctp-port:5001",
        "a=mid:data",
        "a=max-message-size:16384",
        "a=max-message-size:+65536",
        "b=AS:30",
        "k=clear:secret",
        "z=0 0",
    ] {
        assert_eq!(
            parse(&with_line(line), CandidatePolicy::EVERYTHING),
            Err(SdpError::NotAllowed),
            "{line}"
        );
    }
}

#[test]
fn lines_that_are_no_lines_are_refused() {
    for line in [
        "",
        "a",
        "a=candidate\u{7f}:",
        "a=grüße",
        "a=x\ty",
        "a=mid:0\rm=audio",
    ] {
        assert_eq!(
            parse(&with_line(line), CandidatePolicy::EVERYTHING),
            Err(SdpError::NotText),
            "{line:?}"
        );
    }
}

#[test]
fn a_section_that_is_refused_or_of_another_kind_is_no_data_section() {
    for section in [
        "application 0 UDP/DTLS/SCTP webrtc-datachannel",
        "application 9 TCP/DTLS/SCTP webrtc-datachannel",
        "application 9 UDP/DTLS/SCTP 5000",
        "video 9 UDP/DTLS/SCTP webrtc-datachannel",
    ] {
        let text = sample_text().replace("application 9 UDP/DTLS/SCTP webrtc-datachannel", section);
        assert_eq!(
            parse(&text, CandidatePolicy::EVERYTHING),
            Err(SdpError::NotAllowed),
            "{section}"
        );
    }
    assert_eq!(
        parse("v=0\r\ns=-\r\n", CandidatePolicy::EVERYTHING),
        Err(SdpError::NoDataSection)
    );
}

#[test]
fn text_beyond_the_limit_is_refused() {
    let mut text = sample_text();
    while text.len() <= limits::SDP_BYTES {
        text.push_str("a=ice-options:trickle\r\n");
    }
    assert_eq!(
        parse(&text, CandidatePolicy::EVERYTHING),
        Err(SdpError::TooLong)
    );
}

#[test]
fn the_candidate_limit_counts_usable_candidates() {
    let line = |port| format!("a=candidate:1 1 udp 1 192.0.2.1 {port} typ host\r\n");
    let full: String = (1..=limits::CANDIDATES).map(line).collect();
    let with_useless = format!("{full}a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active");
    let found = parse(&with_line(&with_useless), CandidatePolicy::EVERYTHING).unwrap();
    assert_eq!(found.candidates.len(), limits::CANDIDATES);

    let one_more = with_line(&format!("{full}{}", line(99)));
    assert_eq!(
        parse(&one_more, CandidatePolicy::EVERYTHING),
        Err(SdpError::TooManyCandidates)
    );
}

#[test]
fn malformed_candidates_are_refused() {
    for value in [
        "",
        "1 1 udp 1 192.0.2.1 5 typ",
        "1 1 udp 1 192.0.2.1 5 kind host",
        "1 1 udp 1 192.0.2.1 65536 typ host",
        "1 1 udp 4294967296 192.0.2.1 5 typ host",
        "1 1 udp -1 192.0.2.1 5 typ host",
        "1 1 udp 1 192.0.2.1 5 typ other",
        "1 1 udp 1 stun.example.org 5 typ host",
        "1 1 udp 1 fe80::1%eth0 5 typ host",
        "1 1 udp 1 192.0.2.1 5 typ host generation",
        "? 1 udp 1 192.0.2.1 5 typ host",
        "1  1 udp 1 192.0.2.1 5 typ host",
    ] {
        assert_eq!(
            parse(
                &with_line(&format!("a=candidate:{value}")),
                CandidatePolicy::EVERYTHING
            ),
            Err(SdpError::BadCandidate),
            "{value}"
        );
    }
}

#[test]
fn candidates_of_no_use_are_left_out() {
    for value in [
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
        "1 2 udp 1 192.0.2.1 5 typ host",
        "1 1 udp 1 192.0.2.1 0 typ host",
        "1 1 udp 1 192.0.2.1 5 typ prflx raddr 10.0.0.1 rport 9",
        "1 1 udp 1 1b2f9e6e-3a6c-4f0d-9d53-1f6f39a0d8a1.local 5 typ host",
        "1 1 udp 1 0.0.0.0 5 typ host",
        "1 1 udp 1 0.1.2.3 5 typ host",
        "1 1 udp 1 224.0.0.251 5353 typ host",
        "1 1 udp 1 255.255.255.255 5 typ host",
        "1 1 udp 1 :: 5 typ host",
        "1 1 udp 1 ff02::fb 5353 typ host",
        "1 1 udp 1 ::ffff:192.0.2.1 5 typ host",
        "1 1 udp 1 ::ffff:127.0.0.1 5 typ host",
        "1 1 udp 1 ::127.0.0.1 5 typ host",
    ] {
        assert_eq!(taken(value, CandidatePolicy::EVERYTHING), 0, "{value}");
    }
}

#[test]
fn the_policy_decides_about_loopback_and_private_addresses() {
    let loopback = ["127.0.0.1", "127.8.9.1", "::1"];
    let private = [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.0.5",
        "100.64.0.1",
        "fc00::1",
        "fe80::1",
    ];
    let no_loopback = CandidatePolicy {
        allow_loopback: false,
        ..CandidatePolicy::EVERYTHING
    };
    for (addresses, policy, expected) in [
        (&loopback[..], CandidatePolicy::EVERYTHING, 1),
        (&loopback[..], no_loopback, 0),
        (&private[..], no_loopback, 1),
        (&private[..], PUBLIC_ONLY, 0),
        (
            &["192.0.2.1", "2001:db8::1", "100.128.0.1"][..],
            PUBLIC_ONLY,
            1,
        ),
    ] {
        for ip in addresses {
            assert_eq!(
                taken(&format!("1 1 udp 1 {ip} 5 typ host"), policy),
                expected,
                "{ip}"
            );
        }
    }
}

#[test]
fn the_related_address_is_never_told() {
    let offer = parse(BROWSER_OFFER, CandidatePolicy::EVERYTHING).unwrap();
    let text = render(&offer, SdpKind::Offer);
    assert!(BROWSER_OFFER.contains("raddr 192.168.7.9"));
    assert!(text.contains("raddr 0.0.0.0 rport 9"), "{text}");
    assert_eq!(text.matches("192.168.7.9").count(), 1, "{text}");
}

#[test]
fn an_answer_never_leaves_the_role_open() {
    let mut description = parse(&sample_text(), CandidatePolicy::EVERYTHING).unwrap();
    description.dtls_role = DtlsRole::ActPass;
    assert!(render(&description, SdpKind::Offer).contains("a=setup:actpass\r\n"));
    assert!(render(&description, SdpKind::Answer).contains("a=setup:active\r\n"));
}

#[test]
fn credentials_cannot_start_a_line_of_their_own() {
    let mut description = parse(&sample_text(), CandidatePolicy::EVERYTHING).unwrap();
    description.ice_ufrag = "abcd\r\nm=audio 9 RTP/AVP 0".to_owned();
    let again = parse(
        &render(&description, SdpKind::Offer),
        CandidatePolicy::EVERYTHING,
    )
    .unwrap();
    assert_eq!(again.ice_ufrag, "abcdmaudio9RTP/AVP0");
}

fn taken(candidate: &str, policy: CandidatePolicy) -> usize {
    let text = with_line(&format!("a=candidate:{candidate}"));
    parse(&text, policy).unwrap().candidates.len()
}

fn with_line(line: &str) -> String {
    format!("{}{line}\r\n", sample_text())
}

fn replacing(name: &str, value: &str) -> String {
    let prefix = format!("a={name}:");
    let replace = |line: &str| match line.starts_with(&prefix) {
        true => format!("{prefix}{value}\r\n"),
        false => format!("{line}\r\n"),
    };
    sample_text().lines().map(replace).collect()
}

fn sample_text() -> String {
    let description = Description {
        ice_ufrag: "abcd".to_owned(),
        ice_pwd: "abcdefghijklmnopqrstuv".to_owned(),
        fingerprint: DtlsFingerprint([0xab; 32]),
        dtls_role: DtlsRole::ActPass,
        candidates: Vec::new(),
    };
    render(&description, SdpKind::Offer)
}

fn any_description() -> impl Strategy<Value = Description> {
    let role = prop_oneof![
        Just(DtlsRole::ActPass),
        Just(DtlsRole::Active),
        Just(DtlsRole::Passive)
    ];
    let candidates = proptest::collection::vec(any_candidate(), 0..=limits::CANDIDATES);
    (
        "[a-zA-Z0-9+/]{4,256}",
        "[a-zA-Z0-9+/]{22,256}",
        any::<[u8; 32]>(),
        role,
        candidates,
    )
        .prop_map(
            |(ice_ufrag, ice_pwd, fingerprint, dtls_role, candidates)| Description {
                ice_ufrag,
                ice_pwd,
                fingerprint: DtlsFingerprint(fingerprint),
                dtls_role,
                candidates,
            },
        )
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let kind = prop_oneof![
        Just(CandidateKind::Host),
        Just(CandidateKind::ServerReflexive),
        Just(CandidateKind::Relayed)
    ];
    let ip = prop_oneof![
        any::<Ipv4Addr>().prop_map(IpAddr::V4),
        any::<Ipv6Addr>().prop_map(IpAddr::V6)
    ];
    (kind, ip, any::<u16>(), any::<u32>())
        .prop_map(|(kind, ip, port, priority)| Candidate {
            kind,
            address: SocketAddr::new(ip, port),
            priority,
        })
        .prop_filter("an address that can answer", |candidate| {
            CandidatePolicy::EVERYTHING.allows(candidate.address)
        })
}

const BROWSER_OFFER: &str = "v=0\r\n\
o=- 5246723412409013837 2 IN IP4 127.0.0.1\r\n\
s=-\r\n\
t=0 0\r\n\
a=group:BUNDLE 0\r\n\
a=extmap-allow-mixed\r\n\
a=msid-semantic: WMS\r\n\
m=application 51472 UDP/DTLS/SCTP webrtc-datachannel\r\n\
c=IN IP4 203.0.113.7\r\n\
a=candidate:2999745851 1 udp 2122260223 192.168.7.9 51472 typ host generation 0 network-id 1\r\n\
a=candidate:842163049 1 udp 1686052607 203.0.113.7 51472 typ srflx raddr 192.168.7.9 rport 51472 generation 0 network-cost 999\r\n\
a=candidate:4233069003 1 tcp 1518280447 192.168.7.9 9 typ host tcptype active generation 0\r\n\
a=candidate:1 1 udp 2122260223 1b2f9e6e-3a6c-4f0d-9d53-1f6f39a0d8a1.local 51473 typ host\r\n\
a=ice-ufrag:4ZcD\r\n\
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlkX\r\n\
a=ice-options:trickle\r\n\
a=fingerprint:sha-256 C2:8E:1D:0A:93:5F:77:21:B4:6C:E0:38:4A:95:D2:1F:60:7B:3C:88:19:F4:A6:52:0D:EB:71:C9:35:84:2E:16\r\n\
a=setup:actpass\r\n\
a=mid:0\r\n\
a=sctp-port:5000\r\n\
a=max-message-size:262144\r\n";
