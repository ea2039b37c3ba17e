//! Whole transfers between a sender and a receiver, with in-memory disks and a network that loses things.

#[cfg(test)]
mod chance;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod source;
#[cfg(test)]
mod world;

use source::{file, folder, noise, stream};
use world::World;

#[test]
fn a_tree_arrives_whole() {
    let sources = vec![
        folder("a"),
        file("a/empty", Vec::new()),
        file("a/small", noise(100, 1)),
        file("a/large", noise(3_500_000, 2)),
        folder("b"),
        file("last", noise(1 << 20, 3)),
    ];
    let mut world = World::new(sources, 4, 5);
    world.session_up();
    world.run();
    world.check_result();
    assert_eq!(world.sent_bytes(), world.summary.bytes);
    assert_eq!(world.sender.bytes_done(), world.summary.bytes);
    assert_eq!(world.receiver.bytes_done(), world.summary.bytes);
    assert_eq!(world.sender.entries_done(), 6);
    assert_eq!(world.receiver.entries_done(), 6);
}

#[test]
fn a_stream_of_unknown_length_arrives_whole() {
    for length in [0, 10, 1 << 20, (1 << 20) + 1, 5_000_000] {
        let mut world = World::new(vec![stream("stdin", noise(length, 4))], 4, 77);
        world.session_up();
        world.run();
        world.check_result();
    }
}

#[test]
fn ten_thousand_small_files_cost_few_control_messages() {
    let sources = (0..10_000)
        .map(|index| file(&format!("f{index}"), noise(4_096, index)))
        .collect();
    let mut world = World::new(sources, 5_000, 9);
    world.session_up();
    world.run();
    world.check_result();
    assert!(
        world.tally.control_messages < 300,
        "{} messages",
        world.tally.control_messages
    );
    assert_eq!(world.sent_bytes(), world.summary.bytes);
}
