//! Somebody on the local network who means no good, or only listens.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use e2e::hostile::Needles;
use model::DeviceId;
use netlab::{Node, alone};
use rustix::net::sockopt::{self, Timeout};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketType};

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

#[test]
fn the_wire_between_two_contacts_carries_no_name_no_id_and_no_key() {
    alone::test(
        "strangers::the_wire_between_two_contacts_carries_no_name_no_id_and_no_key",
        || {
            let office = Office::of(&["anastasia", "ben", "eve"]).without_server();
            let mut needles = Needles::default();
            for name in ["anastasia", "trip.mov"] {
                needles.add("a name", name.as_bytes());
            }
            for place in [0, 1] {
                let shown = office.device(place).run(&["id"]);
                let id = shown.events[0]["device_id"].as_str().expect("an id");
                let bytes = id.parse::<DeviceId>().expect("an id").0;
                needles.add("a device id", id.as_bytes());
                needles.add("the bytes of a device id", &bytes);
            }
            let is_over = AtomicBool::new(false);
            let frames = thread::scope(|scope| {
                let switch = office.node("lan");
                let captured = scope.spawn(|| switch.inside(|| capture(&is_over)));
                office.send();
                is_over.store(true, Ordering::Relaxed);
                captured.join().expect("the wire was read")
            });
            let bytes: usize = frames.iter().map(Vec::len).sum();
            // Some frames may be missed where the system gives little room.
            assert!(bytes > 300_000, "the file was on this wire");
            let is_there = |part: &[u8]| frames.iter().any(|it| holds(it, part));
            assert!(is_there(b"_wherry"), "who is there was announced");
            assert!(is_there(b"GET /lan"), "somebody called at a door");
            // The file itself fills most of it: some of that is enough.
            let mut long = 0;
            let mut is_looked_at = |frame: &Vec<u8>| {
                long += usize::from(frame.len() > 1_000);
                frame.len() <= 1_000 || long < 200
            };
            let looked_at = frames.into_iter().filter(|it| is_looked_at(it));
            let everything = looked_at.collect::<Vec<_>>().concat();
            assert_eq!(needles.found_in(&everything), Vec::<&str>::new());
        },
    );
}

/// Everything that goes through the switch, with the masks of WebSocket frames taken off.
fn capture(is_over: &AtomicBool) -> Vec<Vec<u8>> {
    let everything = NonZero::new(u32::from(0x0003_u16.to_be())).map(Protocol::from_raw);
    let socket = rustix::net::socket(AddressFamily::PACKET, SocketType::RAW, everything);
    let socket = socket.expect("a raw socket");
    sockopt::set_socket_timeout(&socket, Timeout::Recv, Some(Duration::from_millis(50)))
        .expect("a timeout");
    sockopt::set_socket_recv_buffer_size(&socket, 64 << 20).expect("as large as may be");
    let mut frames = Vec::new();
    let mut frame = vec![0; 65_536];
    let deadline = Instant::now() + PATIENCE * 6;
    while !is_over.load(Ordering::Relaxed) && Instant::now() < deadline {
        if let Ok((length, _)) = rustix::net::recv(&socket, &mut frame[..], RecvFlags::empty()) {
            let frame = &frame[..length];
            frames.extend(unmasked(frame));
            frames.push(frame.to_vec());
        }
    }
    frames
}

/// What a device says to a door begins with a masked frame at the start of a TCP segment: ETH, IPv4, TCP.
fn unmasked(frame: &[u8]) -> Option<Vec<u8>> {
    let is_tcp = frame.get(12..14)? == [8, 0] && *frame.get(23)? == 6;
    let ip = usize::from(frame.get(14)? & 15) * 4;
    let tcp = 14 + ip;
    let payload = frame.get(tcp + usize::from(frame.get(tcp + 12)? >> 4) * 4..)?;
    let (&[kind, length], rest) = payload.split_first_chunk::<2>()?;
    let extended = match length & 127 {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let (mask, body) = rest.get(extended..)?.split_first_chunk::<4>()?;
    let is_masked = is_tcp && kind == 0x82 && length & 128 != 0;
    let plain = body.iter().zip(mask.iter().cycle());
    is_masked.then(|| plain.map(|(byte, mask)| byte ^ mask).collect())
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
