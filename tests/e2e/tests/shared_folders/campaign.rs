//! Three people work on the same files at once with every habit that programs have, while processes are killed and
//! stand still. In the end all hold the same, and whatever nobody gave up is there.
//!
//! `WHERRY_FOLDER_SECONDS` says how long, `WHERRY_SIM_SEED` what they do.

use std::collections::BTreeSet;
use std::env;
use std::time::{Duration, Instant};

use testkit::{Seed, seed_from_environment};

use crate::person::{Person, name_of};
use crate::team::{Mate, Team};

#[test]
fn three_people_who_do_anything_at_once_lose_nothing() {
    let number = seed_from_environment().unwrap_or(7);
    eprintln!("WHERRY_SIM_SEED={number}");
    let mut seed = Seed::new(number);
    let mut team = Team::of(&["ana", "ben", "cleo"]);
    let mut people: Vec<Person> = (0..3)
        .map(|place| {
            let mate = &team.mates[place];
            Person::new(place, mate.folder(), mate.device.path("aside"), seed.fork())
        })
        .collect();
    let end = Instant::now() + time();
    let mut kills = 0;
    while Instant::now() < end {
        people.iter_mut().for_each(Person::do_something);
        std::thread::sleep(Duration::from_millis(seed.within(5..60)));
        if seed.chance(3) {
            disturb(&mut team, &mut seed);
            kills += 1;
        }
    }
    for mate in &mut team.mates {
        resume(mate);
    }
    team.settle();
    judge(&team, &people);
    let edits: usize = people.iter().map(|person| person.edits).sum();
    eprintln!("{edits} edits, {kills} disturbances");
    assert!(edits >= 50, "only {edits} edits");
}

/// Somebody's process is killed, stands still, or comes back.
fn disturb(team: &mut Team, seed: &mut Seed) {
    let mate = &mut team.mates[seed.below(3)];
    match (mate.running.as_ref(), mate.is_still) {
        (None, _) => mate.start(),
        (Some(_), true) => resume(mate),
        (Some(running), false) if seed.chance(30) => {
            running.signal("STOP");
            mate.is_still = true;
        }
        (Some(_), false) => mate.kill(),
    }
}

fn resume(mate: &mut Mate) {
    if let Some(running) = &mate.running {
        running.signal("CONT");
        mate.is_still = false;
    } else {
        mate.start();
    }
}

/// Whatever was written, and not replaced or deleted by somebody who had it before them, is somewhere.
fn judge(team: &Team, people: &[Person]) {
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for mate in &team.mates {
        let tree = mate.tree().into_values().flatten();
        kept.extend(tree.chain(mate.versions()).map(|it| name_of(&it)));
    }
    let given_up: BTreeSet<&String> = people.iter().flat_map(|it| &it.given_up).collect();
    let written = people.iter().flat_map(|it| &it.written);
    let lost = written.filter(|it| !given_up.contains(it) && !kept.contains(*it));
    let lost: Vec<&String> = lost.collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

fn time() -> Duration {
    let seconds = env::var("WHERRY_FOLDER_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds.unwrap_or(4))
}
