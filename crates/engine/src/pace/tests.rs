use super::*;

const MESSAGE: u64 = 65_536;

fn speed(bytes: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(bytes)
}

/// Bytes that a bucket lets through in `time`, asked again and again.
fn passed(bucket: &mut Bucket, start: Instant, time: Duration) -> u64 {
    let mut now = start;
    let mut bytes = 0;
    while now < start + time {
        match bucket.opens_at(now) {
            Some(opens) => now = opens.max(now + Duration::from_micros(1)),
            None => {
                bucket.take(MESSAGE, now);
                bytes += MESSAGE;
            }
        }
    }
    bytes
}

#[test]
fn ten_seconds_are_within_five_percent_of_the_limit() {
    for limit in [64 << 10, 1 << 20, 3_333_333, 500 << 20] {
        let start = Instant::now();
        let mut bucket = Bucket::new(speed(limit), start);
        let bytes = passed(&mut bucket, start, Duration::from_secs(10));
        let ratio = bytes as f64 / (limit as f64 * 10.0);
        assert!((0.95..=1.05).contains(&ratio), "{limit}: {ratio}");
    }
}

#[test]
fn a_long_rest_saves_up_no_more_than_a_burst() {
    let start = Instant::now();
    let limit = 10 << 20;
    let mut bucket = Bucket::new(speed(limit), start);
    let later = start + Duration::from_secs(3_600);
    let bytes = passed(&mut bucket, later, Duration::from_secs(1));
    assert!(bytes <= limit + limit / 10 + 2 * MESSAGE, "{bytes}");
}

#[test]
fn a_new_limit_holds_at_once() {
    let start = Instant::now();
    let mut bucket = Bucket::new(None, start);
    assert_eq!(bucket.opens_at(start), None);
    bucket.take(1 << 30, start);
    bucket.set_limit(speed(1 << 20), start);
    let bytes = passed(&mut bucket, start, Duration::from_secs(10));
    assert!((10 << 20..11 << 20).contains(&bytes), "{bytes}");
}

#[tokio::test(start_paused = true)]
async fn transfers_share_the_common_limit_equally() {
    let (_says_rule, rule) = watch::channel("1M".parse::<RateRule>().unwrap());
    let (shared, pacer) = SharedPace::start(rule);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        pacer.await;
        0
    });
    tokio::task::yield_now().await;
    for _ in 0..3 {
        let mut pace = Pace::new(shared.clone(), None);
        tasks.spawn(async move {
            let end = tokio::time::Instant::now() + Duration::from_secs(10);
            let mut bytes = 0;
            while tokio::time::timeout_at(end, pace.ready(MESSAGE))
                .await
                .is_ok()
            {
                pace.went(MESSAGE);
                bytes += MESSAGE;
            }
            bytes
        });
    }
    drop(shared);
    let mut shares = Vec::new();
    while let Some(bytes) = tasks.join_next().await {
        shares.extend(bytes.ok().filter(|&bytes| bytes > 0));
    }
    let sum: u64 = shares.iter().sum();
    assert_eq!(shares.len(), 3);
    assert!(sum.abs_diff(10 << 20) <= (10 << 20) / 20, "{sum} of 10 MiB");
    let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
    assert!(most - least <= most / 10, "{shares:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nobody_waits() {
    let (_says_rule, rule) = watch::channel(RateRule::default());
    let (shared, _pacer) = SharedPace::start(rule);
    let mut pace = Pace::new(shared, None);
    for _ in 0..10 * REQUESTS {
        pace.ready(MESSAGE).await;
        pace.went(MESSAGE);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_that_was_cut_short_keeps_its_place() {
    let (_says_rule, rule) = watch::channel("1M".parse::<RateRule>().unwrap());
    let (shared, pacer) = SharedPace::start(rule);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(pacer);
    tokio::task::yield_now().await;
    let mut pace = Pace::new(shared, None);
    let start = tokio::time::Instant::now();
    for _ in 0..32 {
        while tokio::time::timeout(Duration::from_millis(1), pace.ready(MESSAGE))
            .await
            .is_err()
        {}
        pace.went(MESSAGE);
    }
    // The last message need not have left the bucket.
    let took = start.elapsed();
    assert!(
        took >= Duration::from_millis(1_900) && took <= Duration::from_millis(2_100),
        "{took:?}"
    );
}
