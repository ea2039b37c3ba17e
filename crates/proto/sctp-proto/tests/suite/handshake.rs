//! Bringing the association up, opening and closing channels, ending it.

use std::time::Duration;

use bytes::Bytes;
use sctp_proto::{ChannelId, ChannelOptions, Closed, Input, MessageKind, Output};

use crate::link::Link;
use crate::net::{Net, pair};

fn net() -> Net {
    let link = Link::new(100e6, Duration::from_millis(10), 1e6);
    let back = link.back();
    let mut net = Net::new(link, back, 1);
    net.join(pair(), Duration::ZERO);
    net
}

fn seconds(net: &Net, count: f64) -> Duration {
    net.now + Duration::from_secs_f64(count)
}

#[test]
fn both_ends_begin_at_once_and_connect_within_two_round_trips() {
    let mut net = net();
    net.run(Duration::from_millis(41), |_, _| {});
    for end in &net.ends {
        assert_eq!(end.outputs, [Output::Connected]);
    }
}

#[test]
fn packets_grow_only_to_what_the_peer_says_that_it_takes() {
    for (theirs, expected) in [(1_152, 1_412), (9_000, 9_000), (60_000, 16_000)] {
        let link = Link {
            mtu: 65_535,
            ..Link::new(100e6, Duration::from_millis(10), 1e6)
        };
        let back = link.back();
        let mut net = Net::new(link, back, 1);
        let [mut ours, mut peer] = pair();
        (ours.packet_bytes_max, peer.packet_bytes_max) = (16_000, theirs);
        net.join([ours, peer], Duration::ZERO);
        net.run(Duration::from_secs(5), |_, _| {});
        let after_handshake = net.ends[0].association.statistics().packet_bytes;
        assert_eq!(after_handshake, expected, "{theirs}");
        let now = net.instant();
        let association = &mut net.ends[0].association;
        association.handle_input(Input::PathChanged, now);
        net.drain(0);
        net.run(seconds(&net, 5.0), |_, _| {});
        let after_move = net.ends[0].association.statistics().packet_bytes;
        assert_eq!(after_move, expected, "{theirs}");
    }
}

#[test]
fn a_channel_opens_carries_messages_both_ways_and_closes() {
    let mut net = net();
    let options = ChannelOptions::new("files");
    let channel = net.ends[0]
        .association
        .open_channel(options.clone())
        .unwrap();
    assert_eq!(channel, ChannelId(0));
    let large = Bytes::from(vec![7; 256 * 1024]);
    for (kind, payload) in [
        (MessageKind::Text, Bytes::from_static(b"hello")),
        (MessageKind::Binary, Bytes::new()),
        (MessageKind::Text, Bytes::new()),
        (MessageKind::Binary, large.clone()),
    ] {
        net.ends[0]
            .association
            .send(channel, kind, payload)
            .unwrap();
    }
    net.run(Duration::from_secs(1), |_, _| {});
    assert!(
        net.ends[0]
            .outputs
            .contains(&Output::ChannelOpened { channel })
    );
    assert!(
        net.ends[1]
            .outputs
            .contains(&Output::ChannelOffered { channel, options })
    );
    let there = &mut net.ends[1].association;
    let got: Vec<_> = std::iter::from_fn(|| there.receive(channel))
        .map(|it| (it.kind, it.into_bytes()))
        .collect();
    assert_eq!(
        got,
        [
            (MessageKind::Text, Bytes::from_static(b"hello")),
            (MessageKind::Binary, Bytes::new()),
            (MessageKind::Text, Bytes::new()),
            (MessageKind::Binary, large),
        ]
    );

    there
        .send(channel, MessageKind::Text, Bytes::from_static(b"bye"))
        .unwrap();
    there.close_channel(channel);
    assert!(
        there
            .send(channel, MessageKind::Text, Bytes::new())
            .is_err()
    );
    net.drain(1);
    net.run(seconds(&net, 1.0), |_, _| {});
    for end in &mut net.ends {
        assert!(
            end.outputs.contains(&Output::ChannelClosed { channel }),
            "{:?}",
            end.outputs
        );
    }
    let last = net.ends[0].association.receive(channel).unwrap();
    assert_eq!(last.into_bytes(), "bye");
}

#[test]
fn a_closed_stream_can_be_used_again() {
    let mut net = net();
    let options = ChannelOptions::new("once");
    let channel = net.ends[0].association.open_channel(options).unwrap();
    for payload in ["a", "b"] {
        let payload = Bytes::from_static(payload.as_bytes());
        net.ends[0]
            .association
            .send(channel, MessageKind::Text, payload)
            .unwrap();
    }
    net.ends[0].association.close_channel(channel);
    net.run(Duration::from_secs(1), |_, _| {});
    while net.ends[1].association.receive(channel).is_some() {}
    // The stream can be used again.
    let again = net.ends[0]
        .association
        .open_channel(ChannelOptions::new("again"))
        .unwrap();
    assert_eq!(again, channel);
    net.ends[0]
        .association
        .send(again, MessageKind::Text, Bytes::from_static(b"x"))
        .unwrap();
    net.drain(0);
    net.run(seconds(&net, 1.0), |_, _| {});
    assert_eq!(
        net.ends[1].association.receive(again).unwrap().into_bytes(),
        "x"
    );
}

#[test]
fn a_negotiated_channel_needs_no_announcement() {
    let mut net = net();
    let options = ChannelOptions {
        negotiated: Some(9),
        ordered: false,
        ..ChannelOptions::new("")
    };
    for end in &mut net.ends {
        assert_eq!(
            end.association.open_channel(options.clone()),
            Ok(ChannelId(9))
        );
    }
    let channel = ChannelId(9);
    net.ends[1]
        .association
        .send(channel, MessageKind::Binary, Bytes::from_static(b"z"))
        .unwrap();
    net.run(Duration::from_secs(1), |_, _| {});
    for end in &net.ends {
        assert!(end.outputs.contains(&Output::ChannelOpened { channel }));
    }
    assert_eq!(
        net.ends[0]
            .association
            .receive(channel)
            .unwrap()
            .into_bytes(),
        "z"
    );
}

#[test]
fn a_shutdown_lets_everything_arrive_first() {
    let mut net = net();
    let channel = net.ends[0]
        .association
        .open_channel(ChannelOptions::new("a"))
        .unwrap();
    for _ in 0..20 {
        let payload = Bytes::from(vec![1; 50_000]);
        net.ends[0]
            .association
            .send(channel, MessageKind::Binary, payload)
            .unwrap();
    }
    net.run(Duration::from_millis(100), |_, _| {});
    let now = net.instant();
    net.ends[0].association.handle_input(Input::Shutdown, now);
    net.drain(0);
    net.run(seconds(&net, 3.0), |_, _| {});
    for end in &net.ends {
        assert_eq!(end.outputs.last(), Some(&Output::Closed(Closed::Shutdown)));
    }
    let there = &mut net.ends[1].association;
    assert_eq!(std::iter::from_fn(|| there.receive(channel)).count(), 20);
}

#[test]
fn an_abort_ends_both_sides_at_once() {
    let mut net = net();
    net.run(Duration::from_millis(100), |_, _| {});
    let now = net.instant();
    net.ends[1].association.handle_input(Input::Abort, now);
    net.drain(1);
    net.run(seconds(&net, 1.0), |_, _| {});
    assert_eq!(
        net.ends[1].outputs.last(),
        Some(&Output::Closed(Closed::Aborted))
    );
    let told = Output::Closed(Closed::PeerAborted { cause: 12 });
    assert_eq!(net.ends[0].outputs.last(), Some(&told));
}

#[test]
fn an_unanswered_handshake_is_given_up() {
    let mut net = net();
    net.wires[0].link.loss = 1.0;
    net.run(Duration::from_secs(40), |_, _| {});
    assert_eq!(net.ends[0].outputs, [Output::Closed(Closed::Silent)]);
}
