//! What must hold on which path: payload after the framing of DTLS, UDP and IP.

use std::time::Duration;

use sctp_proto::Congestion;

use crate::bulk::Bulk;
use crate::link::{Change, Link};

#[test]
fn a_clean_path_is_filled_and_its_queue_left_empty() {
    let link = path(100.0, 50, 20.0);
    let mut bulk = flow(link);
    bulk.run(seconds(3));
    bulk.waits();
    bulk.run(seconds(13));
    let rate = bulk.rate(0, seconds(3), seconds(13));
    assert!(rate >= 91.5, "{rate}");
    let (mean, p95) = bulk.waits();
    assert!(mean <= Duration::from_millis(5), "{mean:?}");
    assert!(p95 <= Duration::from_millis(50), "{p95:?}");
}

#[test]
fn a_faster_path_is_found() {
    let mut bulk = flow(Link {
        change: Some((seconds(5), Change::Rate(200e6))),
        ..path(25.0, 50, 8.0)
    });
    bulk.run(seconds(10));
    let rate = bulk.rate(0, seconds(7), seconds(10));
    assert!(rate >= 165.0, "{rate}");
}

#[test]
fn a_smaller_packet_size_is_survived() {
    let mut bulk = flow(Link {
        change: Some((seconds(3), Change::Mtu(1_300))),
        ..path(20.0, 50, 1.0)
    });
    bulk.run(seconds(15));
    let rate = bulk.rate(0, seconds(12), seconds(15));
    assert!(rate >= 15.0, "{rate}");
}

fn flow(link: Link) -> Bulk {
    let mut bulk = Bulk::new(link, 7);
    bulk.flow(Congestion::Model, Duration::ZERO);
    bulk
}

/// A path with a queue of so many products of rate and round-trip time.
fn path(mbit: f64, rtt_ms: u64, products: f64) -> Link {
    let rate = mbit * 1e6;
    let rtt = Duration::from_millis(rtt_ms);
    let product = rate / 8.0 * rtt.as_secs_f64();
    Link::new(rate, rtt / 2, product * products)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
