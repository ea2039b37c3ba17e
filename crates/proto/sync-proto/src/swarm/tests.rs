use super::*;

const CHUNK: u32 = 32 * 1024;

fn seat(number: u8) -> Seat {
    Seat::parse(number).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test starts its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}

fn set(chunks: std::ops::Range<u64>) -> ChunkSet {
    let mut set = ChunkSet::new();
    set.insert_range(chunks);
    set
}

fn swarm(chunks: u32, now: Instant) -> Swarm {
    let lengths = vec![CHUNK; chunks as usize];
    Swarm::new(Digest([7; 32]), lengths, set(0..u64::from(chunks)), now)
}

#[test]
fn nobody_is_asked_for_more_than_its_window() {
    let now = epoch();
    let mut load = Load::default();
    let mut swarm = swarm(100_000, now);
    swarm.add_whole(seat(1));
    let asks = swarm.next_asks(seat(0), &mut load, now);
    assert_eq!(asks.len() as u64 * u64::from(CHUNK), FETCH_WINDOW_BYTES);
    assert_eq!(swarm.next_asks(seat(0), &mut load, now), []);
    for (_, chunk) in &asks[..asks.len() / 2] {
        swarm.arrived(*chunk, &mut load, now);
    }
    let more = swarm.next_asks(seat(0), &mut load, now);
    assert_eq!(more.len(), asks.len() / 2);
}

#[test]
fn small_chunks_are_asked_for_up_to_their_number() {
    let now = epoch();
    let mut load = Load::default();
    let lengths = vec![10; 2_000];
    let mut swarm = Swarm::new(Digest([7; 32]), lengths, set(0..2_000), now);
    swarm.add_whole(seat(1));
    let asks = swarm.next_asks(seat(0), &mut load, now);
    assert_eq!(asks.len(), FOLDER_ASKED_CHUNKS);
}

#[test]
fn members_who_fetch_the_same_share_the_source_and_miss_nothing() {
    let now = epoch();
    let mut shares = Vec::new();
    for own in 1..=4 {
        let mut load = Load::default();
        let mut swarm = swarm(100, now);
        swarm.add_whole(seat(0));
        let others = (1..=4).filter(|other| *other != own);
        others.for_each(|other| swarm.add_fetching(seat(other), &ChunkSet::new()));
        let asks = swarm.next_asks(seat(own), &mut load, now);
        shares.extend(asks.into_iter().map(|(_, chunk)| chunk));
    }
    shares.sort_unstable();
    assert_eq!(shares, (0..100).collect::<Vec<u32>>());
}

#[test]
fn whoever_fetches_is_asked_before_whoever_has_it_all() {
    let now = epoch();
    let mut load = Load::default();
    let mut swarm = swarm(40, now);
    swarm.add_whole(seat(0));
    swarm.add_fetching(seat(2), &set(0..40));
    let asks = swarm.next_asks(seat(1), &mut load, now);
    assert!(asks.iter().all(|(asked, _)| *asked == seat(2)) && asks.len() == 40);
}

#[test]
fn a_share_that_nobody_brings_is_asked_of_the_source_in_the_end() {
    let now = epoch();
    let mut load = Load::default();
    let mut swarm = swarm(100, now);
    swarm.add_whole(seat(0));
    swarm.add_fetching(seat(2), &ChunkSet::new());
    for (_, chunk) in swarm.next_asks(seat(1), &mut load, now) {
        swarm.arrived(chunk, &mut load, now);
    }
    assert_eq!(swarm.next_asks(seat(1), &mut load, now), []);
    let later = swarm.deadline().unwrap();
    assert_eq!(later, now + PATIENCE);
    swarm.expire(&mut load, later);
    assert!(!swarm.next_asks(seat(1), &mut load, later).is_empty());
}

#[test]
fn what_does_not_come_in_time_is_asked_of_somebody_else() {
    let now = epoch();
    let mut load = Load::default();
    let mut swarm = swarm(4, now);
    swarm.add_whole(seat(0));
    assert_eq!(swarm.next_asks(seat(1), &mut load, now).len(), 4);
    swarm.add_whole(seat(3));
    assert_eq!(swarm.deadline(), Some(now + FETCH_TIME));
    swarm.expire(&mut load, now + FETCH_TIME);
    let asks = swarm.next_asks(seat(1), &mut load, now + FETCH_TIME);
    assert!(asks.iter().all(|(asked, _)| *asked == seat(3)) && asks.len() == 4);
}

#[test]
fn a_member_that_leaves_is_asked_for_nothing_and_owes_nothing() {
    let now = epoch();
    let mut load = Load::default();
    let mut swarm = swarm(40, now);
    swarm.add_whole(seat(0));
    swarm.next_asks(seat(1), &mut load, now);
    swarm.remove_member(seat(0), &mut load);
    assert_eq!(load.of(seat(0)), 0);
    assert_eq!(swarm.next_asks(seat(1), &mut load, now), []);
}

/// A member cannot make another keep more than the file has.
#[test]
fn chunks_beyond_the_file_are_not_believed() {
    let now = epoch();
    let mut swarm = swarm(4, now);
    swarm.add_fetching(seat(2), &set(0..5));
    assert_eq!(swarm.next_asks(seat(1), &mut Load::default(), now), []);
}

/// Five members fetch 1 GiB at once from one source; all bytes are virtual, everybody sends some chunks per turn.
#[test]
fn five_members_who_fetch_a_gibibyte_cost_its_source_little_more_than_one() {
    let chunks: u32 = 1 << 14;
    let now = epoch();
    let members: Vec<u8> = (1..=5).collect();
    let lengths = vec![1 << 16; chunks as usize];
    let mut swarms: Vec<(Swarm, Load)> = Vec::new();
    for own in &members {
        let missing = set(0..u64::from(chunks));
        let mut swarm = Swarm::new(Digest([7; 32]), lengths.clone(), missing, now);
        swarm.add_whole(seat(0));
        let others = members.iter().filter(|other| *other != own);
        others.for_each(|other| swarm.add_fetching(seat(*other), &ChunkSet::new()));
        swarms.push((swarm, Load::default()));
    }
    // What each of the six has still to send: to whom, and which chunk.
    let mut queues = vec![std::collections::VecDeque::new(); 6];
    let mut from_source = 0;
    while swarms.iter().any(|(swarm, _)| !swarm.is_done()) {
        for (own, (swarm, load)) in (1..).zip(&mut swarms) {
            for (asked, chunk) in swarm.next_asks(seat(own), load, now) {
                queues[usize::from(asked.number())].push_back((own, chunk));
            }
        }
        let sent: Vec<(u8, (u8, u32))> = (0..)
            .zip(&mut queues)
            .flat_map(|(from, queue)| {
                let some = queue.len().min(64);
                queue
                    .drain(..some)
                    .map(move |ask| (from, ask))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(!sent.is_empty(), "nobody sends anything any more");
        for (from, (to, chunk)) in sent {
            from_source += u64::from(from == 0);
            let (swarm, load) = &mut swarms[usize::from(to) - 1];
            swarm.arrived(chunk, load, now);
            let Some(told) = swarm.take_untold() else {
                continue;
            };
            for (other, (swarm, _)) in (1..).zip(&mut swarms) {
                if other != to {
                    swarm.add_fetching(seat(to), &told);
                }
            }
        }
    }
    let gibibytes = from_source as f64 / f64::from(chunks);
    assert!((1.0..=1.6).contains(&gibibytes), "{gibibytes}");
}
