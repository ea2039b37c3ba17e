//! Somebody on the local network who means no good, or only listens.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use netlab::{Node, alone};

use super::serverless::Office;

#[test]
fn floods_forged_announcements_and_silent_sockets_keep_no_contacts_apart() {
    alone::test(
        "strangers::floods_forged_announcements_and_silent_sockets_keep_no_contacts_apart",
        || {
            let office = Office::of(&["ana", "ben", "eve"]).without_server();
            let is_over = AtomicBool::new(false);
            thread::scope(|scope| {
                let eve = office.node("eve");
                scope.spawn(|| eve.inside(|| flood(&is_over)));
                scope.spawn(|| eve.inside(|| knock(&is_over)));
                office.send();
                is_over.store(true, Ordering::Relaxed);
            });
        },
    );
}

#[test]
fn a_stranger_hears_no_names_and_gets_one_answer_whoever_is_there() {
    alone::test(
        "strangers::a_stranger_hears_no_names_and_gets_one_answer_whoever_is_there",
        || {
            let office = Office::of(&["ana-of-sales", "ben-of-law", "eve"]).without_server();
            let mut running = office.run(2);
            let eve = office.node("eve");
            let heard = eve.inside(|| listen(2));
            for name in ["ana-of-sales", "ben-of-law"] {
                let is_said = heard.iter().any(|it| holds(it, name.as_bytes()));
                assert!(!is_said, "{name} is announced");
            }
            let answers: Vec<Vec<u8>> = ["192.168.1.10", "192.168.1.11"]
                .iter()
                .flat_map(|ip| REQUESTS.map(|request| answer(eve, ip, request)))
                .collect();
            assert!(answers[0].starts_with(b"HTTP/1.1 404 "));
            assert!(answers.iter().all(|it| *it == answers[0]), "one answer");
            for running in &mut running {
                running.signal("TERM");
                running.end().expect_success();
            }
        },
    );
}

/// Announces devices that are not there, at addresses of others and its own.
fn flood(is_over: &AtomicBool) {
    let socket = UdpSocket::bind((EVE, 5_353)).expect("a socket");
    for number in 0u32.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let host = [10, 11, 12][number as usize % 3];
        let said = announcement(number, Ipv4Addr::new(192, 168, 1, host));
        socket.send_to(&said, MULTICAST).ok();
        if number % 20 == 0 {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Opens sockets at every door and says nothing.
fn knock(is_over: &AtomicBool) {
    let mut silent = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        for host in [10, 11] {
            let door = SocketAddr::from(([192, 168, 1, host], DOOR));
            silent.extend(TcpStream::connect_timeout(&door, Duration::from_secs(1)));
        }
        let surplus = silent.len().saturating_sub(64);
        silent.drain(..surplus);
        thread::sleep(Duration::from_millis(10));
    }
}

/// What is announced until so many devices were heard.
fn listen(devices: usize) -> Vec<Vec<u8>> {
    let socket = UdpSocket::bind(("0.0.0.0", 5_353)).expect("a socket");
    let group = Ipv4Addr::new(224, 0, 0, 251);
    let own = EVE.parse().expect("an address");
    socket.join_multicast_v4(&group, &own).expect("the group");
    socket
        .set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    // Whoever has this service answers.
    let question = [
        &[0u8, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
        SERVICE,
        &[0, 12, 0, 1],
    ]
    .concat();
    let mut heard: Vec<Vec<u8>> = Vec::new();
    let mut speakers = std::collections::BTreeSet::new();
    let deadline = Instant::now() + PATIENCE;
    while speakers.len() < devices {
        assert!(Instant::now() < deadline, "nobody answers");
        socket.send_to(&question, MULTICAST).ok();
        let mut datagram = [0; 9_000];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let datagram = &datagram[..length];
            if holds(datagram, b"_wherry") && from.ip() != own {
                speakers.insert(from.ip());
                heard.push(datagram.to_vec());
            }
        }
    }
    heard
}

/// What a door says to a request, in which `DOOR` stands for its address.
fn answer(node: &Node, ip: &str, request: &str) -> Vec<u8> {
    node.inside(|| {
        let mut stream = TcpStream::connect((ip, DOOR)).expect("a door");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let request = request.replace("DOOR", &format!("{ip}:{DOOR}"));
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        answer
    })
}

/// One device, as RFC 6762 has it.
fn announcement(number: u32, at: Ipv4Addr) -> Vec<u8> {
    let digits = b"abcdefghijklmnopqrstuvwxyz234567";
    let digit = |place: u32| digits[(number >> (place % 6 * 5)) as usize % 32];
    let name: Vec<u8> = std::iter::once(16).chain((0..16).map(digit)).collect();
    let instance = [&name, SERVICE].concat();
    let host = [&name[..], b"\x05local\0"].concat();
    let record = |owner: &[u8], kind: u8, data: &[u8]| {
        let length = u8::try_from(data.len()).expect("records are short");
        [owner, &[0, kind, 0, 1, 0, 0, 17, 148, 0, length], data].concat()
    };
    let place = [&[0, 0, 0, 0][..], &DOOR.to_be_bytes(), &host].concat();
    [
        vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        record(SERVICE, 12, &instance),
        record(&instance, 33, &place),
        record(&instance, 16, &[0]),
        record(&host, 1, &at.octets()),
    ]
    .concat()
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|it| it == part)
}

const EVE: &str = "192.168.1.12";
const DOOR: u16 = 7_421;
const MULTICAST: (&str, u16) = ("224.0.0.251", 5_353);
const SERVICE: &[u8] = b"\x07_wherry\x04_tcp\x05local\0";
const PATIENCE: Duration = Duration::from_secs(30);
/// What pages and the curious send: names that lead here, pages of others, other paths.
const REQUESTS: [&str; 3] = [
    "GET / HTTP/1.1\r\nHost: DOOR\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "GET /lan HTTP/1.1\r\nHost: rebound.example:7421\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "GET /lan HTTP/1.1\r\nHost: DOOR\r\nOrigin: http://page.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
];
