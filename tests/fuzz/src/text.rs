//! What people and peers write as text: ids, names, session descriptions.

use std::net::SocketAddr;

use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{
    Candidate, CandidateKind, Description, DeviceId, DisplayName, DtlsFingerprint, DtlsRole, Name,
    NameRules,
};

use crate::Verdict;

pub(crate) fn device_id(data: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(data);
    let Ok(id) = text.parse::<DeviceId>() else {
        return Verdict::Refused;
    };
    assert_eq!(id.to_string().parse(), Ok(id), "an id survives being shown");
    Verdict::Accepted
}

pub(crate) fn device_id_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text = DeviceId([0xA5; 32]).to_string();
    vec![
        ("shown", text.clone().into_bytes()),
        ("typed", text.to_lowercase().replace('-', " ").into_bytes()),
    ]
}

pub(crate) fn name(data: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(data);
    let shown = DisplayName::new(&text).to_string();
    assert!(
        !shown.chars().any(char::is_control),
        "nothing that is shown steers a terminal"
    );
    let Ok(name) = Name::parse(&text) else {
        return Verdict::Refused;
    };
    assert_eq!(name.as_str(), text, "a name is never repaired");
    assert!(
        !matches!(name.as_str(), "" | "." | ".."),
        "a name stays in its folder"
    );
    assert!(
        !name.as_str().contains(['/', '\\', '\0']),
        "a name is one name"
    );
    let key = name.collision_key();
    if let Ok(folded) = Name::parse(&key) {
        assert_eq!(folded.collision_key(), key, "folding twice changes nothing");
    }
    Verdict::of(name.check(NameRules::Windows).is_ok())
}

pub(crate) fn name_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "trip.mov",
        "Grüße an Ana (2).tar.gz",
        "日本語 файл 😀",
        "e\u{301}",
        "COM10.txt",
    ];
    let labels = ["plain", "spaces", "scripts", "combining", "almost-reserved"];
    labels.into_iter().zip(names.map(Vec::from)).collect()
}

pub(crate) fn session_description(data: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(data) else {
        return Verdict::Refused;
    };
    let cautious = CandidatePolicy {
        allow_loopback: false,
        allow_private: false,
    };
    if let Ok(description) = sdp::parse(text, cautious) {
        let mut addresses = description.candidates.iter().map(|it| it.address.ip());
        assert!(
            !addresses.any(|it| it.is_loopback()),
            "no candidate leads to this machine"
        );
    }
    let Ok(description) = sdp::parse(text, CandidatePolicy::EVERYTHING) else {
        return Verdict::Refused;
    };
    assert!(description.candidates.len() <= model::limits::CANDIDATES);
    let written = sdp::render(&description, SdpKind::Offer);
    let again = sdp::parse(&written, CandidatePolicy::EVERYTHING);
    assert_eq!(again, Ok(description), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn session_description_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text = |role, kind| sdp::render(&description(role), kind).into_bytes();
    vec![
        ("offer", text(DtlsRole::ActPass, SdpKind::Offer)),
        ("answer", text(DtlsRole::Active, SdpKind::Answer)),
        ("browser", BROWSER_OFFER.replace('\n', "\r\n").into_bytes()),
    ]
}

/// A description with one candidate of every kind.
pub(crate) fn description(dtls_role: DtlsRole) -> Description {
    let candidate = |kind, address: &str, priority| Candidate {
        kind,
        address: address.parse::<SocketAddr>().expect("a literal address"),
        priority,
    };
    Description {
        ice_ufrag: "aBcD".to_owned(),
        ice_pwd: "abcdefghijklmnopqrstuv".to_owned(),
        fingerprint: DtlsFingerprint([0x5A; 32]),
        dtls_role,
        candidates: vec![
            candidate(CandidateKind::Host, "192.0.2.7:50000", 2_130_706_431),
            candidate(CandidateKind::Host, "[2001:db8::7]:50001", 2_130_706_430),
            candidate(
                CandidateKind::ServerReflexive,
                "198.51.100.7:50000",
                1_694_498_815,
            ),
            candidate(CandidateKind::Relayed, "203.0.113.7:60000", 16_777_215),
        ],
    }
}

/// The shape in which browsers write an offer.
const BROWSER_OFFER: &str = "\
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS
m=application 50000 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 198.51.100.7
a=candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host generation 0 network-cost 999
a=candidate:2 1 udp 1677729535 198.51.100.7 50000 typ srflx raddr 192.0.2.7 rport 50000 generation 0
a=ice-ufrag:aBcD
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=fingerprint:sha-256 5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A:5A
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
";
