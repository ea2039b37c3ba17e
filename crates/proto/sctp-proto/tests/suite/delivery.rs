//! Exactly once, in order, whole: whatever the network does, against what was sent.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use sctp_proto::{ChannelId, ChannelOptions, Config, MessageKind, Reliability};

use crate::link::{Link, Random};
use crate::net::{Net, pair};

/// What happens in one run.
#[derive(Debug, Clone)]
struct Plan {
    seed: u64,
    loss: f64,
    burst: u32,
    jitter_ms: u64,
    interleaving: bool,
    packet_bytes: usize,
    /// Sender, channel, length.
    messages: Vec<(bool, usize, usize)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let length = prop_oneof![0_usize..50, 1_000_usize..5_000, 60_000_usize..262_144];
    let message = (any::<bool>(), 0_usize..KINDS.len(), length);
    (
        any::<u64>(),
        0.0..0.3,
        1_u32..5,
        0_u64..80,
        any::<bool>(),
        512_usize..1_400,
        vec(message, 1..40),
    )
        .prop_map(
            |(seed, loss, burst, jitter_ms, interleaving, packet_bytes, messages)| Plan {
                seed,
                loss: loss / f64::from(burst),
                burst,
                jitter_ms,
                interleaving,
                packet_bytes,
                messages,
            },
        )
}

/// Ordered or not, and whether messages may be given up.
const KINDS: [(bool, Reliability); 5] = [
    (true, Reliability::Reliable),
    (false, Reliability::Reliable),
    (true, Reliability::Retransmits(1)),
    (false, Reliability::Retransmits(0)),
    (true, Reliability::Lifetime(Duration::from_millis(150))),
];

fn net(plan: &Plan) -> Net {
    let link = Link {
        loss: plan.loss,
        burst: plan.burst,
        jitter: Duration::from_millis(plan.jitter_ms),
        ..Link::new(50e6, Duration::from_millis(20), 300_000.0)
    };
    let back = link.clone();
    let mut net = Net::new(link, back, plan.seed);
    let configs = pair().map(|it| Config {
        interleaving: plan.interleaving,
        packet_bytes: plan.packet_bytes,
        send_buffer_bytes: 64 * 1024 * 1024,
        ..it
    });
    net.join(configs, Duration::ZERO);
    for end in &mut net.ends {
        for (stream, (ordered, reliability)) in (0..).zip(KINDS) {
            let options = ChannelOptions {
                ordered,
                reliability,
                negotiated: Some(stream),
                ..ChannelOptions::new("")
            };
            end.association
                .open_channel(options)
                .expect("a free stream");
        }
    }
    net
}

/// A message that says who it is and that it is whole.
fn body(number: usize, length: usize) -> Bytes {
    let mut random = Random::new(number as u64);
    let mut bytes = vec![0; length.max(8)];
    model::Entropy::fill(&mut random, &mut bytes);
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_message_arrives_once_whole_and_in_order(plan in plan()) {
        let mut net = net(&plan);
        let mut sent: BTreeMap<(usize, u16), Vec<usize>> = BTreeMap::new();
        for (number, &(is_right, kind, length)) in plan.messages.iter().enumerate() {
            let end = usize::from(is_right);
            let channel = ChannelId(u16::try_from(kind).unwrap());
            let payload = body(number, length);
            net.ends[end].association.send(channel, MessageKind::Binary, payload).unwrap();
            sent.entry((1 - end, channel.0)).or_default().push(number);
        }
        // Read as they come: together they may be more than the receive window takes.
        let mut arrived: BTreeMap<(usize, u16), Vec<usize>> = BTreeMap::new();
        net.run(Duration::from_secs(120), |net, end| {
            for (stream, _) in (0..).zip(KINDS) {
                while let Some(message) = net.ends[end].association.receive(ChannelId(stream)) {
                    let bytes = message.into_bytes();
                    let number = u64::from_be_bytes(bytes[..8].try_into().unwrap());
                    let number = usize::try_from(number).unwrap();
                    assert_eq!(bytes, body(number, plan.messages[number].2), "whole");
                    arrived.entry((end, stream)).or_default().push(number);
                }
            }
        });
        for ((end, stream), numbers) in sent {
            let got = arrived.remove(&(end, stream)).unwrap_or_default();
            let (ordered, reliability) = KINDS[usize::from(stream)];
            let mut sorted = got.clone();
            sorted.sort_unstable();
            sorted.dedup();
            prop_assert_eq!(sorted.len(), got.len(), "once");
            if ordered {
                prop_assert_eq!(&sorted, &got, "in order");
            }
            prop_assert!(sorted.iter().all(|it| numbers.contains(it)), "only what was sent");
            if reliability == Reliability::Reliable {
                prop_assert_eq!(&sorted, &numbers, "all of it");
            }
        }
        for end in &net.ends {
            let statistics = end.association.statistics();
            prop_assert_eq!(statistics.flight_bytes[0], 0, "nothing is left under way");
            prop_assert!(!end.association.is_closed());
        }
    }
}
