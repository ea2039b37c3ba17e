use super::*;

const MILLI: u64 = 1_000_000;

fn shaper(params: &str) -> Shaper {
    Shaper::new(params.parse().unwrap(), 7)
}

/// Sends `count` packets of 1,000 bytes, one each `gap` nanoseconds.
fn send(shaper: &mut Shaper, count: u64, gap: u64) -> (Vec<u64>, Tally) {
    let mut tally = Tally::default();
    let mut releases = Vec::new();
    for number in 0..count {
        let fate = shaper.admit(1_000, number * gap);
        tally.count(1_000, fate);
        if let Fate::Release(at) = fate {
            releases.push(at - number * gap);
        }
    }
    (releases, tally)
}

#[test]
fn every_packet_takes_the_delay() {
    let (took, _) = send(&mut shaper("delay=20ms"), 1_000, MILLI);
    assert!(took.iter().all(|&took| took == 20 * MILLI));
}

#[test]
fn jitter_spreads_evenly_around_the_delay() {
    let (took, _) = send(&mut shaper("delay=20ms,jitter=5ms,reorder"), 20_000, MILLI);
    let mean = took.iter().sum::<u64>() / took.len() as u64;
    assert!(
        took.iter()
            .all(|took| (15 * MILLI..25 * MILLI).contains(took))
    );
    assert!((19_900_000..20_100_000).contains(&mean), "{mean}");
}

#[test]
fn nothing_overtakes_unless_it_may() {
    let in_order = |params: &str| {
        let mut shaper = shaper(params);
        let releases = (0..1_000u64).filter_map(|number| match shaper.admit(100, number * MILLI) {
            Fate::Release(at) => Some(at),
            Fate::Lost | Fate::Overflowed | Fate::Down => None,
        });
        releases.is_sorted_by(|a, b| a <= b)
    };
    assert!(in_order("delay=20ms,jitter=10ms"));
    assert!(!in_order("delay=20ms,jitter=10ms,reorder"));
}

#[test]
fn loss_is_as_large_as_asked_for_alone_and_in_bursts() {
    for (params, expected) in [
        ("loss=1%", 0.01),
        ("loss=10%", 0.1),
        ("loss=5%,burst=4", 0.05),
    ] {
        let (_, tally) = send(&mut shaper(params), 200_000, MILLI);
        let share = tally.lost as f64 / tally.taken as f64;
        assert!((share / expected - 1.0).abs() < 0.1, "{params}: {share}");
    }
}

#[test]
fn bursts_are_as_long_as_asked_for() {
    let mut shaper = shaper("loss=5%,burst=4");
    let lost: Vec<bool> = (0..200_000)
        .map(|_| shaper.admit(100, 0) == Fate::Lost)
        .collect();
    let total = lost.iter().filter(|lost| **lost).count();
    let rows = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count();
    let mean = total as f64 / rows as f64;
    assert!((3.7..4.3).contains(&mean), "{mean}");
}

#[test]
fn a_rate_is_kept_and_the_queue_is_bounded() {
    let mut shaper = shaper("rate=8mbit,queue=100k");
    // 1,000 bytes take 1 ms; they come twice as fast.
    let (took, tally) = send(&mut shaper, 10_000, MILLI / 2);
    let longest = took.iter().max().unwrap();
    assert!(
        *longest <= 102_400 * 1_000 + MILLI,
        "{longest}: the queue holds 102 ms"
    );
    let passed = tally.taken - tally.overflowed;
    assert!(
        (5_090..=5_110).contains(&passed),
        "5 s at the rate, and the queue: {passed}"
    );
}

#[test]
fn a_policer_passes_its_burst_and_then_the_rate_without_any_delay() {
    let mut shaper = shaper("rate=8mbit,policer=50k,delay=3ms");
    let (took, tally) = send(&mut shaper, 10_000, MILLI / 2);
    assert!(took.iter().all(|&took| took == 3 * MILLI));
    let passed = tally.taken - tally.overflowed;
    assert!((5_040..=5_060).contains(&passed), "{passed}");
}

#[test]
fn a_link_that_is_down_passes_nothing_until_it_is_up() {
    let mut shaper = shaper("down");
    assert_eq!(shaper.admit(100, 0), Fate::Down);
    let up = shaper.params().changed("up").unwrap();
    shaper.change(up);
    assert_eq!(shaper.admit(100, 5), Fate::Release(5));
}

#[test]
fn equal_seeds_lose_the_same_packets() {
    let fates = |seed| {
        let mut shaper = Shaper::new("loss=20%".parse().unwrap(), seed);
        (0..500).map(|_| shaper.admit(9, 0)).collect::<Vec<_>>()
    };
    assert_eq!(fates(3), fates(3));
    assert_ne!(fates(3), fates(4));
}
