//! Emulated links do what was asked for. Bounds on time are those that a slow machine cannot break.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use netlab::{Lab, Node, Plan, alone};

/// From device a to the internet, both ways.
struct Line {
    near: UdpSocket,
    far: UdpSocket,
}

impl Line {
    fn new(lab: &Lab) -> Self {
        let bind = |node: &Node, at: &str| {
            let socket = node.inside(|| UdpSocket::bind(at).unwrap());
            socket
                .set_read_timeout(Some(Duration::from_secs(1)))
                .unwrap();
            socket
        };
        let line = Self {
            near: bind(lab.node("a"), "0.0.0.0:0"),
            far: bind(lab.node("inet"), "11.0.0.1:7000"),
        };
        line.near.connect("11.0.0.1:7000").unwrap();
        line
    }

    /// One word there and back; `None` if it got lost.
    fn round_trip(&self) -> Option<Duration> {
        let start = Instant::now();
        self.near.send(b"ping").unwrap();
        let mut word = [0; 4];
        let (_, from) = self.far.recv_from(&mut word).ok()?;
        self.far.send_to(&word, from).unwrap();
        self.near.recv(&mut word).ok()?;
        Some(start.elapsed())
    }

    /// Sends datagrams of 1,000 bytes, some at once and then a pause, and counts what arrives.
    fn arrived(&self, count: usize, at_once: usize) -> usize {
        let datagram = [7; 1_000];
        let mut arrived = 0;
        self.far.set_nonblocking(true).unwrap();
        for number in 0..count {
            self.near.send(&datagram).unwrap();
            if number % at_once == at_once - 1 {
                std::thread::sleep(Duration::from_millis(2));
                arrived += self.drain();
            }
        }
        // The last ones may still be on their way: this waits until nothing comes for a second.
        self.far.set_nonblocking(false).unwrap();
        arrived + self.drain()
    }

    fn drain(&self) -> usize {
        let mut buffer = [0; 1_100];
        std::iter::from_fn(|| self.far.recv(&mut buffer).ok()).count()
    }
}

fn lab_with(link: &str) -> Lab {
    let plan = Plan::between("none", "none").unwrap();
    Lab::up(&plan.with_links(link).unwrap()).unwrap()
}

fn fastest(line: &Line, rounds: usize) -> Duration {
    (0..rounds).filter_map(|_| line.round_trip()).min().unwrap()
}

#[test]
fn a_delay_is_added_to_each_direction() {
    alone::test("links::a_delay_is_added_to_each_direction", || {
        let base = fastest(&Line::new(&lab_with("")), 30);
        let lab = lab_with("delay=25ms");
        let fastest = fastest(&Line::new(&lab), 30);
        assert!(fastest >= Duration::from_millis(50), "{fastest:?}");
        let extra = fastest.saturating_sub(base + Duration::from_millis(50));
        assert!(
            extra < Duration::from_millis(25),
            "the fastest of 30 took {extra:?} more"
        );
    });
}

#[test]
fn a_share_of_packets_is_lost_and_counted() {
    alone::test("links::a_share_of_packets_is_lost_and_counted", || {
        let lab = lab_with("loss=10%");
        let arrived = Line::new(&lab).arrived(10_000, 20);
        let (out, _) = lab.link("a").unwrap().tallies();
        assert!(out.taken >= 10_000, "{out:?}");
        assert!((850..1_150).contains(&out.lost), "{out:?}");
        assert!(
            (8_850..9_150).contains(&arrived),
            "nothing else loses packets: {arrived}"
        );
    });
}

#[test]
fn a_rate_is_not_exceeded_and_a_queue_takes_no_more_than_its_size() {
    alone::test(
        "links::a_rate_is_not_exceeded_and_a_queue_takes_no_more_than_its_size",
        || {
            let lab = lab_with("rate=8mbit,queue=100k");
            let line = Line::new(&lab);
            let start = Instant::now();
            let arrived = line.arrived(2_000, 2_000);
            // What came through beyond the queue needed its time, at 1,028 bytes with headers.
            let queued = 100 * 1_024 / 1_028;
            let took = start.elapsed().as_secs_f64();
            let most = took * 1_000_000.0 / 1_028.0 + queued as f64 + 2.0;
            assert!((arrived as f64) <= most, "{arrived} in {took} s");
            assert!(arrived >= queued, "{arrived}");
            let (out, _) = lab.link("a").unwrap().tallies();
            assert!(out.overflowed > 0, "{out:?}");
        },
    );
}

#[test]
fn a_link_changes_while_it_carries() {
    alone::test("links::a_link_changes_while_it_carries", || {
        let lab = lab_with("delay=1ms");
        let line = Line::new(&lab);
        assert!(line.round_trip().is_some());
        let link = lab.link("a").unwrap();
        let (out, back) = link.params();
        let down = out.changed("down").unwrap();
        link.change(down, down);
        assert!(line.round_trip().is_none());
        link.change(out, back.changed("delay=80ms").unwrap());
        let took = line.round_trip().unwrap();
        assert!(took >= Duration::from_millis(81), "{took:?}");
    });
}

#[test]
fn a_small_mtu_is_told_to_senders_unless_the_router_keeps_it_secret() {
    alone::test(
        "links::a_small_mtu_is_told_to_senders_unless_the_router_keeps_it_secret",
        || {
            for (kind, is_told) in [("prc", true), ("prc+blackhole", false)] {
                let mut plan = Plan::between(kind, "none").unwrap();
                plan.a.mtu = Some(1_280);
                let lab = Lab::up(&plan).unwrap();
                let line = Line::new(&lab);
                assert!(line.round_trip().is_some(), "{kind}: what fits passes");
                // The first that is too large is lost either way; who is told sends smaller pieces then.
                let arrives = (0..3).any(|_| {
                    // What is known to be too large may be refused at once.
                    line.near.send(&[7; 1_400]).ok();
                    line.far.recv(&mut [0; 1_500]).is_ok()
                });
                assert_eq!(arrives, is_told, "{kind}");
            }
        },
    );
}
