use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use e2e::hostile::{RawEntry, Stage, one_file, udp_ports};
use model::{Candidate, CandidateKind, TransferId};

const FRAGMENTS: u32 = 30_000;

#[test]
fn thirty_thousand_handshake_fragments_are_not_kept() {
    let mut stage = Stage::set();
    // An address of the intruder's that the victim takes DTLS from.
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let own = socket.local_addr().unwrap();
    let mut session = stage
        .intruder
        .offer(&mut stage.friend, |description| {
            description.candidates.push(Candidate {
                kind: CandidateKind::Host,
                address: own,
                priority: 1,
            });
        })
        .unwrap();
    let victim = session.victim();
    for number in 0..FRAGMENTS {
        socket.send_to(&fragment(number), victim).unwrap();
        breathe(number);
    }
    gift(&mut session, 1, "during.txt");

    // The same from an address it was never told of, at every socket it has.
    let stranger = UdpSocket::bind("127.0.0.2:0").unwrap();
    for port in udp_ports(stage.victim.id()) {
        for number in 0..2_000 {
            let victim = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            stranger.send_to(&fragment(number), victim).unwrap();
            breathe(number);
        }
    }
    gift(&mut session, 2, "after.txt");
    stage.finish();
}

#[test]
fn a_third_address_changes_nothing_in_a_session() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let strangers = ["127.0.0.1:0", "127.0.0.2:0", "127.9.9.9:0"];
    let strangers = strangers.map(|address| UdpSocket::bind(address).unwrap());
    let ports = udp_ports(stage.victim.id());
    assert!(ports.contains(&session.victim().port()));
    for stranger in &strangers {
        for &port in &ports {
            let victim = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            for number in 0..200 {
                for datagram in forged(number) {
                    // A loopback that refuses is as good as one that drops.
                    stranger.send_to(&datagram, victim).ok();
                }
                breathe(number);
            }
        }
    }
    gift(&mut session, 1, "still here.txt");
    for stranger in &strangers {
        stranger
            .set_read_timeout(Some(Duration::from_millis(1)))
            .unwrap();
        let answer = stranger.recv_from(&mut [0; 2_048]);
        assert!(answer.is_err(), "strangers get no answer: {answer:?}");
    }
    stage.finish();
}

fn gift(session: &mut e2e::hostile::HostileSession, number: u8, name: &str) {
    let entries = [RawEntry::file(&[name], 4)];
    let end = one_file(session, TransferId([number; 16]), &entries, b"good");
    assert_eq!(end, Some(Ok(())), "the session lives");
}

/// A handshake record that claims to be one byte of a message of 16 MiB.
fn fragment(number: u32) -> Vec<u8> {
    let [_, high, middle, low] = number.to_be_bytes();
    let mut body = vec![1, 0xFF, 0xFF, 0xFF]; // A hello of 16 MiB
    body.extend([0, 0, high, middle, low, 0, 0, 1, 0xAA]); // Number 0, at this offset, one byte
    record(22, number, &body)
}

fn record(kind: u8, number: u32, body: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 254, 253, 0, 0, 0, 0];
    record.extend(number.to_be_bytes());
    record.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    record.extend(body);
    record
}

/// What somebody who knows the addresses and nothing else could send.
fn forged(number: u32) -> [Vec<u8>; 5] {
    let mut check = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
    check.extend([7; 8]);
    check.extend(number.to_be_bytes());
    [
        check,
        record(21, number, &[2, 0]), // A fatal alert: the session closes.
        record(21, number, &[1, 0]), // The polite one.
        record(23, number, &[0x55; 64]), // Data in the clear.
        record(20, number, &[1]),    // The cipher changes.
    ]
}

/// Lets the victim read, so that its kernel drops nothing.
fn breathe(number: u32) {
    if number % 64 == 63 {
        std::thread::sleep(Duration::from_millis(1));
    }
}
