//! Somebody on the network who announces whatever it likes.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use lan::discovery::Sighting;
use netlab::{Lab, alone};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::{PATIENCE, discover, inside};

#[test]
fn a_flood_is_forgotten_and_what_is_announced_after_it_is_heard() {
    alone::test(
        "flood::a_flood_is_forgotten_and_what_is_announced_after_it_is_heard",
        || {
            let lab = Lab::team(&[("ana", 1), ("eve", 1)]).expect("a lab");
            let stage = AtomicU8::new(FIRST);
            thread::scope(|scope| {
                let ana = scope.spawn(|| {
                    inside(lab.node("ana"), async || {
                        let (_task, mut sightings) = discover(7_501);
                        let first = timeout(PATIENCE, forged(0, &mut sightings)).await;
                        // What is said again and again is told once.
                        sleep(Duration::from_secs(1)).await;
                        while sightings.try_recv().is_ok() {}
                        stage.store(FLOOD, Ordering::Relaxed);
                        let again = timeout(PATIENCE, forged(0, &mut sightings)).await;
                        stage.store(OVER, Ordering::Relaxed);
                        first.expect("an announcement is heard");
                        again.expect("it is news after the flood");
                    })
                });
                lab.node("eve").inside(|| announce(&stage));
                ana.join().expect("it heard both");
            });
        },
    );
}

/// Waits until the forged device of that number is announced.
async fn forged(number: u32, sightings: &mut mpsc::Receiver<Sighting>) {
    loop {
        let sighting = sightings.recv().await.expect("discovery goes on");
        if let Sighting::Announced(neighbour) = sighting
            && neighbour.instance.as_bytes() == name(number)
        {
            return;
        }
    }
}

/// Announces one device all the time, and many others when that is asked for.
fn announce(stage: &AtomicU8) {
    let socket = UdpSocket::bind(("192.168.1.11", 5_353)).expect("a socket");
    let say = |number| {
        let said = announcement(number);
        socket
            .send_to(&said, ("224.0.0.251", 5_353))
            .expect("it is sent");
    };
    let mut flood = 1..=3_000;
    loop {
        match stage.load(Ordering::Relaxed) {
            OVER => return,
            FLOOD => flood.by_ref().take(100).for_each(say),
            _ => {}
        }
        say(0);
        thread::sleep(Duration::from_millis(50));
    }
}

/// One device, as RFC 6762 has it: a name of the type, where it is and what its address is.
fn announcement(number: u32) -> Vec<u8> {
    let name = name(number);
    let label = |text: &[u8]| {
        let length = u8::try_from(text.len()).expect("labels are short");
        [&[length], text].concat()
    };
    let local = [label(b"local"), vec![0]].concat();
    let service = [label(b"_wherry"), label(b"_tcp"), local.clone()].concat();
    let instance = [label(&name), service.clone()].concat();
    let host = [label(&name), local].concat();
    let record = |owner: &[u8], kind: u16, data: &[u8]| {
        let length = u16::try_from(data.len()).expect("records are short");
        [
            owner,
            &kind.to_be_bytes(),
            &[0, 1],
            &4_500u32.to_be_bytes(),
            &length.to_be_bytes(),
            data,
        ]
        .concat()
    };
    let place = [&[0, 0, 0, 0][..], &FORGED_PORT.to_be_bytes(), &host].concat();
    [
        vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        record(&service, 12, &instance),
        record(&instance, 33, &place),
        record(&instance, 16, &[0]),
        record(&host, 1, &[192, 168, 1, 11]),
    ]
    .concat()
}

fn name(number: u32) -> Vec<u8> {
    let digits = b"abcdefghijklmnopqrstuvwxyz234567";
    let digit = |place: u32| digits[(number >> (place % 6 * 5)) as usize % 32];
    (0..16).map(digit).collect()
}

const FIRST: u8 = 0;
const FLOOD: u8 = 1;
const OVER: u8 = 2;
const FORGED_PORT: u16 = 6_666;
