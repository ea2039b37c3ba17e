//! What must hold on which path: payload after the framing of DTLS, UDP and IP.

use std::time::Duration;

use sctp_proto::Congestion;

use crate::bulk::Bulk;
use crate::link::{Change, Link};

#[test]
fn a_clean_path_is_filled_and_its_queue_left_empty() {
    let mut bulk = flow(path(100.0, 50, 20.0));
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
fn random_loss_costs_little_more_than_what_is_lost() {
    for (loss, goal) in [(0.001, 90.0), (0.01, 90.0)] {
        let link = Link {
            loss,
            ..path(100.0, 50, 1.0)
        };
        let rate = alone(link, 3, 13);
        assert!(rate >= goal, "{loss}: {rate}");
    }
}

#[test]
fn a_long_path_with_loss_is_filled() {
    let link = Link {
        loss: 0.001,
        ..path(100.0, 200, 1.0)
    };
    let rate = alone(link, 5, 20);
    assert!(rate >= 88.0, "{rate}");
}

#[test]
fn a_fast_path_is_filled_with_and_without_loss() {
    for (loss, goal) in [(0.0, 915.0), (0.01, 900.0)] {
        let link = Link {
            loss,
            ..path(1_000.0, 20, 1.0)
        };
        let rate = alone(link, 2, 4);
        assert!(rate >= goal, "{loss}: {rate}");
    }
}

#[test]
fn jitter_and_bursts_of_loss_cost_a_tenth_at_most() {
    for (mbit, rtt_ms, goal) in [(100.0, 50, 82.0), (1_000.0, 20, 823.0)] {
        for seed in [7, 8, 9] {
            let link = Link {
                loss: 0.01 / 3.0,
                burst: 3,
                jitter: Duration::from_millis(10),
                ..path(mbit, rtt_ms, 1.0)
            };
            let end = if mbit > 500.0 { 5 } else { 13 };
            let mut bulk = Bulk::new(link, seed);
            bulk.flow(Congestion::Model, Duration::ZERO);
            bulk.run(seconds(end));
            let rate = bulk.rate(0, seconds(3), seconds(end));
            let state = bulk.net.ends[0].association.describe_path();
            assert!(rate >= goal, "{mbit}: {rate}: {state}");
        }
    }
}

#[test]
fn clumped_and_lost_acknowledgments_do_not_slow_the_flow() {
    let link = path(100.0, 50, 1.0);
    for back in [
        Link {
            clump: Duration::from_millis(20),
            ..link.back()
        },
        Link {
            loss: 0.2,
            ..link.back()
        },
    ] {
        let mut bulk = Bulk::with_back(link.clone(), back, 7);
        bulk.flow(Congestion::Model, Duration::ZERO);
        bulk.run(seconds(10));
        let rate = bulk.rate(0, seconds(3), seconds(10));
        assert!(rate >= 85.0, "{rate}");
    }
}

#[test]
fn data_flow_again_soon_after_an_outage() {
    for (length, patience) in [(4, 1_000), (12, 2_000)] {
        let back_at = seconds(5 + length);
        let mut bulk = flow(Link {
            outage: Some((seconds(5), back_at)),
            ..path(100.0, 50, 1.0)
        });
        let end = back_at + Duration::from_millis(patience);
        bulk.run(end + seconds(1));
        assert!(bulk.rate(0, back_at, end) > 0.0, "{length}");
        assert!(bulk.rate(0, end, end + seconds(1)) > 80.0, "{length}");
    }
}

#[test]
fn an_eighth_of_the_rate_is_found_and_its_queue_drained() {
    for products in [1.0, 20.0] {
        let mut bulk = flow(Link {
            change: Some((seconds(6), Change::Rate(12.5e6))),
            ..path(100.0, 50, products)
        });
        bulk.run(seconds(9));
        bulk.waits();
        bulk.run(seconds(13));
        let (mean, _) = bulk.waits();
        assert!(mean < Duration::from_millis(25), "{products}: {mean:?}");
        let rate = bulk.rate(0, seconds(8), seconds(13));
        assert!(rate >= 9.0, "{products}: {rate}");
    }
}

#[test]
fn eight_times_the_rate_is_found() {
    for rate in [12.5, 25.0] {
        let mut bulk = flow(Link {
            change: Some((seconds(6), Change::Rate(8e6 * rate))),
            ..path(rate, 50, 8.0)
        });
        bulk.run(seconds(10));
        let found = bulk.rate(0, seconds(8), seconds(10));
        assert!(found >= 0.85 * 8.0 * rate, "{found}");
    }
}

#[test]
fn a_cubic_flow_and_ours_leave_each_other_a_quarter() {
    for products in [0.5, 1.0, 4.0] {
        let mut bulk = Bulk::new(path(100.0, 50, products), 7);
        bulk.flow(Congestion::Model, Duration::ZERO);
        bulk.flow(Congestion::Cubic, Duration::from_millis(100));
        let share = share(&mut bulk);
        assert!((0.25..=0.75).contains(&share), "{products}: {share}");
    }
}

#[test]
fn a_reno_flow_is_not_starved() {
    let mut bulk = Bulk::new(path(100.0, 50, 1.0), 7);
    bulk.flow(Congestion::Model, Duration::ZERO);
    bulk.flow(Congestion::NewReno, Duration::from_millis(100));
    let share = share(&mut bulk);
    assert!((0.25..=0.80).contains(&share), "{share}");
}

#[test]
fn two_flows_of_ours_share_fairly() {
    for products in [0.5, 1.0, 4.0] {
        let mut bulk = Bulk::new(path(100.0, 50, products), 7);
        bulk.flow(Congestion::Model, Duration::ZERO);
        bulk.flow(Congestion::Model, seconds(1));
        let share = share(&mut bulk);
        assert!((0.40..=0.60).contains(&share), "{products}: {share}");
    }
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

/// Payload of one flow in Mbit/s after it has found its pace.
fn alone(link: Link, warm: u64, end: u64) -> f64 {
    let mut bulk = flow(link);
    bulk.run(seconds(end));
    bulk.rate(0, seconds(warm), seconds(end))
}

/// What the first of two flows has, of the minute after the first ten seconds.
fn share(bulk: &mut Bulk) -> f64 {
    let (from, to) = (seconds(10), seconds(70));
    bulk.run(to);
    let [first, second] = [0, 1].map(|flow| bulk.rate(flow, from, to));
    first / (first + second)
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
