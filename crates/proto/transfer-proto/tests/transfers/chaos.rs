use proptest::prelude::*;
use transfer_proto::{ReceiverInput, SenderInput, Tuning};

use crate::source::{Source, file, folder, noise, stream};
use crate::world::World;

/// What may go wrong in a run.
#[derive(Debug, Clone, Copy)]
struct Troubles {
    /// Sessions and connections are lost, processes are killed.
    losses: bool,
    /// Sources change and vanish.
    changes: bool,
    /// The disk fills up, bytes are damaged, people pause.
    obstacles: bool,
}

/// What an entry is: a file of so many bytes, or a folder.
type Kind = Option<usize>;

fn trees() -> impl Strategy<Value = Vec<Kind>> {
    let size = prop_oneof![
        5 => 0usize..3_000,
        2 => 60_000usize..70_000,
        1 => (1usize << 20) - 2..(1 << 20) + 3,
        1 => 2_000_000usize..3_500_000,
    ];
    let kind = prop_oneof![6 => size.prop_map(Some), 1 => Just(None)];
    prop::collection::vec(kind, 1..30)
}

fn plant(kinds: &[Kind], with_stream: bool) -> Vec<Source> {
    let mut sources: Vec<Source> = (0u64..)
        .zip(kinds)
        .map(|(index, kind)| match kind {
            Some(size) => file(&format!("file {index}"), noise(*size, index)),
            None => folder(&format!("folder {index}")),
        })
        .collect();
    if with_stream {
        sources.push(stream("stream", noise(1_300_000, 99)));
    }
    sources
}

fn run(sources: Vec<Source>, page_entries: usize, seed: u64, troubles: Troubles) -> World {
    let mut world = World::new(sources, page_entries, seed);
    world.disk.is_forgetful = seed.is_multiple_of(2);
    world.session_up();
    for _ in 0..world.chance.below(1_500) {
        step(&mut world, troubles);
    }
    calm(&mut world);
    world
}

fn step(world: &mut World, troubles: Troubles) {
    match world.chance.below(100) {
        0 if troubles.losses => world.session_down(),
        1 if troubles.losses => world.connection_lost(),
        2 if troubles.losses && world.chance.one_in(3) => world.restart_sender(),
        3 if troubles.losses && world.chance.one_in(3) => world.restart_receiver(),
        4 if troubles.changes => change(world),
        5 if troubles.obstacles => world.disk.is_full = true,
        6 if troubles.obstacles => world.network.damage = 1,
        7 if troubles.obstacles => world.tell_sender(SenderInput::Pause),
        8 if troubles.obstacles => world.tell_receiver(ReceiverInput::Pause),
        9 => world.tell_sender(SenderInput::Resume),
        10 => world.tell_receiver(ReceiverInput::Resume),
        11 | 12 => {
            world.disk.is_full = false;
            world.tell_receiver(ReceiverInput::SpaceAvailable);
        }
        13..=20 => world.session_up(),
        21..=25 => {
            world.wait();
        }
        26..=45 => {
            world.do_sender_job();
        }
        46..=65 => {
            world.do_receiver_job();
        }
        66..=85 => {
            world.deliver_bulk();
        }
        _ => {
            world.deliver_control();
        }
    }
}

fn change(world: &mut World) {
    let place = world.chance.below(world.sources.len());
    let size = world.chance.below(2_500_000);
    let mixer = world.chance.next();
    let source = &mut world.sources[place];
    if source.entry.size_bytes() == 0 {
        return;
    }
    source.stamp += 1;
    match mixer % 4 {
        0 => source.is_gone = true,
        1 => source.content = noise(size, mixer),
        _ => {
            let at = usize::try_from(mixer >> 8).unwrap() % source.content.len().max(1);
            if let Some(byte) = source.content.get_mut(at) {
                *byte ^= 1;
            }
        }
    }
    source.history.push(source.content.clone());
}

/// Ends all troubles and lets the transfer come to its end.
fn calm(world: &mut World) {
    world.network.damage = 0;
    world.disk.is_full = false;
    for _ in 0..3 {
        world.session_up();
        world.tell_sender(SenderInput::Resume);
        world.tell_receiver(ReceiverInput::Resume);
        world.tell_receiver(ReceiverInput::SpaceAvailable);
        world.run();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_lost_costs_no_more_than_the_window(
        kinds in trees(), with_stream: bool, page_entries in 1usize..20, seed: u64,
    ) {
        let troubles = Troubles { losses: true, changes: false, obstacles: false };
        let world = run(plant(&kinds, with_stream), page_entries, seed, troubles);
        world.check_result();
        let streams: u64 = world.sources.iter().map(|source| source.content.len() as u64).sum();
        let allowed = streams + world.tally.interruptions * Tuning::default().window_bytes;
        prop_assert!(world.sent_bytes() <= allowed);
        for (index, source) in (0..).zip(&world.sources) {
            prop_assert_eq!(&world.disk.finished[&index], &source.content);
        }
    }

    #[test]
    fn full_disks_damage_and_pauses_only_delay(
        kinds in trees(), with_stream: bool, page_entries in 1usize..20, seed: u64,
    ) {
        let troubles = Troubles { losses: true, changes: false, obstacles: true };
        let world = run(plant(&kinds, with_stream), page_entries, seed, troubles);
        world.check_result();
        prop_assert!(world.disk.dropped.is_empty());
    }

    #[test]
    fn a_source_that_changes_arrives_in_one_version_or_not_at_all(
        kinds in trees(), with_stream: bool, page_entries in 1usize..20, seed: u64,
    ) {
        let mut sources = plant(&kinds, with_stream);
        sources.push(file("anchor", noise(10, 1)));
        sources.push(folder("end"));
        let troubles = Troubles { losses: true, changes: true, obstacles: true };
        let mut world = World::new(sources, page_entries, seed);
        world.disk.is_forgetful = seed.is_multiple_of(2);
        world.session_up();
        for _ in 0..1_000 {
            step(&mut world, troubles);
        }
        calm(&mut world);
        if world.disk.finished.iter().any(|(index, _)| world.sources[*index as usize].entry.size_bytes() > 0) {
            world.check_result();
        }
    }

    #[test]
    fn lies_on_both_sides_never_panic_and_never_commit_twice(
        kinds in trees(), with_stream: bool, page_entries in 1usize..20, seed: u64,
    ) {
        let troubles = Troubles { losses: true, changes: true, obstacles: true };
        let mut world = World::new(plant(&kinds, with_stream), page_entries, seed);
        world.network.is_hostile = true;
        world.session_up();
        let mut seen = 0;
        for _ in 0..1_000 {
            step(&mut world, troubles);
            if world.tally.violations.len() > seen {
                seen = world.tally.violations.len();
                world.session_down();
            }
        }
        prop_assert!(world.disk.commits <= 1);
    }
}
