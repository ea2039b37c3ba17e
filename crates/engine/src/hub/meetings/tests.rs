mod device;
mod server;
mod world;

use testkit::{Seed, cases_from_environment, seed_from_environment};
use world::World;

use super::*;

#[tokio::test]
async fn no_more_than_sixteen_handshakes_run_at_once() {
    let mut meetings = Meetings::default();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..HANDSHAKES {
        assert!(meetings.has_room());
        let attempt = Attempt {
            session: SessionId([0; 16]),
            stage: Stage::Gathering,
            task: tasks.spawn(std::future::pending::<()>()),
            since: Instant::now(),
            until: Instant::now(),
            repeat_at: None,
            unheard: false,
            way: Way::Direct,
        };
        let contact = ContactId([u8::try_from(number).unwrap(); 16]);
        meetings.contacts.entry(contact).or_default().attempt = Some(attempt);
    }
    assert!(!meetings.has_room());
}

/// Kills, freezes and restarts of the server in any order; then peace, in which everybody has to meet.
#[tokio::test]
async fn whoever_has_something_for_another_meets_soon_after_the_last_accident() {
    if let Some(seed) = seed_from_environment() {
        return World::new(Seed::new(seed)).run();
    }
    for seed in 0..cases_from_environment(CASES).min(MOST_CASES) {
        tracing::info!(seed, "WHERRY_SIM_SEED repeats the accidents of this world");
        let world = std::panic::AssertUnwindSafe(|| World::new(Seed::new(seed)).run());
        if let Err(panic) = std::panic::catch_unwind(world) {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("WHERRY_SIM_SEED={seed}: {text}");
        }
    }
}

/// Whoever won the glare once waited for the path to a process that was gone, deaf to the one that took its place.
#[tokio::test]
async fn a_device_that_was_killed_after_it_answered_is_met_as_soon_as_it_is_back() {
    for seed in 0..8 {
        let time = World::new(Seed::new(seed)).lose_whoever_answered();
        assert!(time < Duration::from_secs(10), "{time:?}");
    }
}

/// Nothing is to be sent, so that hellos and goodbyes alone tell.
#[tokio::test]
async fn who_comes_is_shown_as_there_and_who_leaves_as_away_also_when_the_server_was_gone() {
    for seed in 0..8 {
        let mut world = World::new(Seed::new(seed));
        world.rest(10);
        assert!(world.shows(0, 1) && world.shows(1, 0) && world.shows(2, 1));
        world.leave(1);
        world.rest(1);
        assert!(!world.shows(0, 1) && !world.shows(2, 1));
        assert!(world.last_seen(0, 1).is_some());
        world.come_back(1);
        world.rest(10);
        assert!(world.shows(0, 1) && world.shows(1, 0) && world.shows(2, 1));
        world.restart_server();
        world.rest(30);
        assert!(world.shows(0, 1) && world.shows(1, 0) && world.shows(2, 1));
        world.leave(2);
        world.restart_server();
        world.rest(60);
        assert!(!world.shows(0, 2) && world.shows(0, 1));
    }
}

const CASES: u64 = 24;
/// Every one takes a second: each device keeps a real store.
const MOST_CASES: u64 = 1_000;
