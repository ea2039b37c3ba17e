use model::limits::PAIRING_MESSAGE_BYTES;

use super::*;
use crate::message::MAILBOXES_PER_MESSAGE;

#[test]
fn an_address_has_as_many_sockets_as_its_limit_and_not_one_more() {
    let mut node = Node::new();
    let sockets: Vec<_> = (0..256).map(|_| node.connect("203.0.113.5")).collect();
    assert!(
        sockets
            .iter()
            .all(|socket| node.turned_away(*socket).is_none())
    );

    let one_more = node.connect("203.0.113.5");
    let refusal = Some(AdmissionRefusal::TooManyFromAddress);
    assert_eq!(node.turned_away(one_more), refusal);
    let elsewhere = node.connect("203.0.113.6");
    assert_eq!(node.turned_away(elsewhere), None);

    node.close(sockets[0]);
    let next = node.connect("203.0.113.5");
    assert_eq!(node.turned_away(next), None);
}

#[test]
fn an_ipv6_customer_counts_as_one_address() {
    let mut limits = ServerLimits::default();
    limits.sockets.per_address = 2;
    let mut node = Node::with(limits);
    node.connect("2001:db8:1:2::1");
    node.connect("2001:db8:1:2:aaaa::2");
    let third = node.connect("2001:db8:1:2:bbbb::3");
    assert_eq!(
        node.turned_away(third),
        Some(AdmissionRefusal::TooManyFromAddress)
    );
    let neighbour = node.connect("2001:db8:1:3::1");
    assert_eq!(node.turned_away(neighbour), None);
}

#[test]
fn a_node_has_as_many_sockets_as_its_limit() {
    let mut limits = ServerLimits::default();
    limits.sockets.total = 2;
    let mut node = Node::with(limits);
    node.connect("203.0.113.1");
    node.connect("203.0.113.2");
    let third = node.connect("203.0.113.3");
    assert_eq!(node.turned_away(third), Some(AdmissionRefusal::NodeFull));
}

#[test]
fn a_device_has_four_sockets() {
    let mut node = Node::new();
    let sockets: Vec<_> = (0..4).map(|epoch| node.join(1, epoch)).collect();
    assert!(sockets.iter().all(|socket| node.refusal(*socket).is_none()));
    let fifth = node.join(1, 99);
    assert_eq!(node.refusal(fifth), Some(ServerRefusal::TooManySockets));
    node.close(sockets[0]);
    let next = node.join(1, 100);
    assert_eq!(node.refusal(next), None);
}

#[test]
fn a_socket_authenticates_within_ten_seconds_or_is_closed() {
    let mut node = Node::new();
    let slow = node.connect("192.0.2.1");
    node.wait(Duration::from_millis(9_999));
    assert_eq!(node.refusal(slow), None);
    node.wait(Duration::from_millis(1));
    assert_eq!(
        node.refusal(slow),
        Some(ServerRefusal::AuthenticationTimedOut)
    );
    assert_eq!(node.server.statistics().sockets, 0);
}

#[test]
fn a_device_that_says_nothing_for_three_keepalives_is_gone() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    node.wait(Duration::from_secs(70));
    node.say(socket, &ClientToServer::Ping);
    node.wait(Duration::from_secs(74));
    assert_eq!(node.refusal(socket), None);
    node.wait(Duration::from_secs(1));
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Silent));
}

#[test]
fn sixty_messages_at_once_pass_and_the_next_closes_the_socket() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    node.now += Duration::from_secs(10);
    for _ in 0..60 {
        node.say(socket, &ClientToServer::Ping);
    }
    assert_eq!(node.refusal(socket), None);
    node.say(socket, &ClientToServer::Ping);
    assert_eq!(node.refusal(socket), Some(ServerRefusal::TooFast));
}

#[test]
fn pings_of_the_websocket_count_as_messages_and_do_not_authenticate() {
    let mut node = Node::new();
    let idle = node.connect("192.0.2.1");
    for _ in 0..60 {
        node.gate(idle, GateInput::ControlReceived);
    }
    assert_eq!(node.refusal(idle), None);
    node.wait(Duration::from_secs(10));
    assert_eq!(
        node.refusal(idle),
        Some(ServerRefusal::AuthenticationTimedOut)
    );

    let flood = node.join(1, 1);
    for _ in 0..60 {
        node.gate(flood, GateInput::ControlReceived);
    }
    assert_eq!(node.refusal(flood), Some(ServerRefusal::TooFast));
}

#[test]
fn twenty_messages_per_second_can_go_on_for_ever() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    for _ in 0..2_000 {
        node.now += Duration::from_millis(50);
        node.say(socket, &ClientToServer::Ping);
    }
    assert_eq!(node.refusal(socket), None);
}

#[test]
fn two_mebibytes_per_minute_pass_and_more_close_the_socket() {
    let mut node = Node::new();
    let (ana, to_ben) = (node.join(1, 1), direction(1));
    let large = post(&to_ben, &vec![0; 60 * 1024]);
    for _ in 0..34 {
        node.say(ana, &large);
    }
    assert_eq!(node.refusal(ana), None);
    node.say(ana, &large);
    assert_eq!(node.refusal(ana), Some(ServerRefusal::TooFast));
}

#[test]
fn a_socket_reads_as_many_mailboxes_as_its_limit() {
    let mut limits = ServerLimits::default();
    limits.mailboxes.per_socket = 2;
    limits.sockets.keepalive_s = 1_000;
    let mut node = Node::with(limits);
    let socket = node.join(1, 1);
    let keys: Vec<_> = (0..3).map(direction).collect();
    assert_eq!(
        node.subscribe(socket, &[&keys[0], &keys[1]]),
        SubscribeOutcome::Done
    );
    node.wait(Duration::from_secs(600));
    assert_eq!(
        node.subscribe(socket, &[&keys[2]]),
        SubscribeOutcome::TooMany
    );
    assert_eq!(node.server.statistics().mailboxes, 2);
}

#[test]
fn a_socket_that_keeps_proving_mailboxes_is_too_fast() {
    let mut limits = ServerLimits::default();
    limits.mailboxes.per_socket = 2;
    let mut node = Node::with(limits);
    let (socket, keys) = (node.join(1, 1), direction(1));
    assert_eq!(node.subscribe(socket, &[&keys]), SubscribeOutcome::Done);
    assert_eq!(node.subscribe(socket, &[&keys]), SubscribeOutcome::Done);
    let mailboxes = vec![node.proof(socket, &keys)];
    node.say(
        socket,
        &ClientToServer::Subscribe {
            request: 1,
            mailboxes,
        },
    );
    assert_eq!(node.refusal(socket), Some(ServerRefusal::TooFast));
}

#[test]
fn a_subscription_beyond_the_room_of_the_socket_the_address_or_the_node_subscribes_nothing() {
    let keys: Vec<_> = (0..3).map(direction).collect();
    let narrow: [fn(&mut MailboxLimits); 2] =
        [|limits| limits.per_address = 2, |limits| limits.total = 2];
    for narrow in narrow {
        let mut limits = ServerLimits::default();
        narrow(&mut limits.mailboxes);
        let mut node = Node::with(limits);
        let socket = node.join(1, 1);
        assert_eq!(node.subscribe(socket, &[&keys[0]]), SubscribeOutcome::Done);
        let both = [&keys[1], &keys[2]];
        assert_eq!(node.subscribe(socket, &both), SubscribeOutcome::TooMany);
        assert_eq!(node.server.statistics().mailboxes, 1);
        assert_eq!(
            node.subscribe(socket, &[&keys[0], &keys[1]]),
            SubscribeOutcome::Done
        );
        assert_eq!(node.server.statistics().mailboxes, 2);
    }
}

#[test]
fn a_mailbox_keeps_thirty_two_messages_for_a_vanished_reader() {
    let mut node = Node::new();
    let (ana, ben, to_ben) = (node.join(1, 1), node.join(2, 1), direction(1));
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);
    for _ in 0..32 {
        let outcome = node.post(ana, &to_ben, b"hello");
        assert!(matches!(outcome, Some(PostOutcome::Unknown { .. })));
    }
    assert_eq!(node.post(ana, &to_ben, b"hello"), Some(PostOutcome::Busy));
}

#[test]
fn a_mailbox_keeps_half_a_mebibyte_for_a_vanished_reader() {
    let mut node = Node::new();
    let (ana, ben, to_ben) = (node.join(1, 1), node.join(2, 1), direction(1));
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);
    let large = vec![0; 64 * 1024 - 256];
    for _ in 0..8 {
        assert_ne!(node.post(ana, &to_ben, &large), Some(PostOutcome::Busy));
    }
    assert_eq!(node.post(ana, &to_ben, &large), Some(PostOutcome::Busy));
    assert!(node.server.statistics().stored_bytes <= 512 * 1024);
}

#[test]
fn all_mailboxes_of_a_node_together_keep_no_more_than_their_limit() {
    let mut limits = ServerLimits::default();
    limits.mailboxes.stored_bytes_total = 1_000;
    let mut node = Node::with(limits);
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let keys: Vec<_> = (0..3).map(direction).collect();
    node.subscribe(ben, &keys.iter().collect::<Vec<_>>());
    node.close(ben);
    assert_ne!(node.post(ana, &keys[0], &[0; 400]), Some(PostOutcome::Busy));
    assert_ne!(node.post(ana, &keys[1], &[0; 400]), Some(PostOutcome::Busy));
    assert_eq!(node.post(ana, &keys[2], &[0; 400]), Some(PostOutcome::Busy));
}

#[test]
fn a_reader_that_does_not_read_makes_its_posters_wait() {
    let mut node = Node::new();
    node.readers_read = false;
    let (ana, ben, to_ben) = (node.join(1, 1), node.join(2, 1), direction(1));
    node.subscribe(ben, &[&to_ben]);
    let large = vec![0; 60 * 1024];
    let outcomes: Vec<_> = (0..10).map(|_| node.post(ana, &to_ben, &large)).collect();
    assert_eq!(outcomes[0], Some(PostOutcome::Delivered));
    assert_eq!(outcomes[9], Some(PostOutcome::Busy));
    assert!(node.server.statistics().queue_bytes <= 2 * 512 * 1024);

    node.read_queue(ben);
    assert_eq!(
        node.post(ana, &to_ben, &large),
        Some(PostOutcome::Delivered)
    );
}

#[test]
fn all_queues_of_a_node_together_hold_no_more_envelopes_than_their_limit() {
    let mut limits = ServerLimits::default();
    limits.sockets.queue_bytes_total = 3_000;
    let mut node = Node::with(limits);
    node.readers_read = false;
    let (ana, ben, to_ben) = (node.join(1, 1), node.join(2, 1), direction(1));
    node.subscribe(ben, &[&to_ben]);
    assert_eq!(
        node.post(ana, &to_ben, &[0; 1_000]),
        Some(PostOutcome::Delivered)
    );
    assert_eq!(
        node.post(ana, &to_ben, &[0; 3_000]),
        Some(PostOutcome::Busy)
    );
}

#[test]
fn a_device_that_never_reads_its_answers_is_closed() {
    let mut limits = ServerLimits::default();
    limits.sockets.message_burst = 1_000;
    let mut node = Node::with(limits);
    node.readers_read = false;
    let ana = node.join(1, 1);
    for _ in 0..200 {
        node.say(ana, &post(&direction(1), b"?"));
    }
    assert_eq!(node.refusal(ana), Some(ServerRefusal::TooSlow));
    assert_eq!(node.server.statistics().queue_bytes, 0);
}

#[test]
fn a_socket_has_four_codes_at_a_time() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    let codes: Vec<_> = (0..4).map(|_| node.allocate(socket).unwrap()).collect();
    assert_eq!(node.allocate(socket), Err(CodeRefusal::ServerBusy));
    node.close_code(socket, codes[0], PairingMood::GaveUp);
    assert!(node.allocate(socket).is_ok());
}

#[test]
fn an_address_and_a_node_have_as_many_codes_as_their_limit() {
    let narrow: [fn(&mut CodeLimits); 2] =
        [|limits| limits.per_address = 2, |limits| limits.total = 2];
    for narrow in narrow {
        let mut limits = ServerLimits::default();
        narrow(&mut limits.codes);
        let mut node = Node::with(limits);
        let socket = node.join(1, 1);
        let first = node.allocate(socket).unwrap();
        node.allocate(socket).unwrap();
        // A number that rests still counts: nobody can use up the short ones.
        node.close_code(socket, first, PairingMood::GaveUp);
        assert_eq!(node.allocate(socket), Err(CodeRefusal::ServerBusy));
    }
}

#[test]
fn nothing_but_authentication_is_heard_before_it() {
    let mut node = Node::new();
    let socket = node.connect("192.0.2.1");
    node.say(socket, &ClientToServer::Ping);
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
}

#[test]
fn a_device_authenticates_once() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    node.authenticate(socket, 2, 2);
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
}

#[test]
fn a_signature_over_another_challenge_is_refused() {
    let mut node = Node::new();
    let (first, second) = (node.connect("192.0.2.1"), node.connect("192.0.2.1"));
    node.sockets.get_mut(&second).unwrap().nonce = node.sockets[&first].nonce;
    node.authenticate(second, 1, 1);
    assert_eq!(node.refusal(second), Some(ServerRefusal::BadSignature));
}

#[test]
fn a_version_the_server_did_not_offer_is_refused() {
    let mut node = Node::new();
    let socket = node.connect("192.0.2.1");
    let secrets = account(1);
    node.say(
        socket,
        &ClientToServer::Authenticate {
            version: VERSION + 1,
            account: secrets.public().signing,
            epoch: 1,
            signature: secrets.sign(Purpose::SignalingChallenge, b"anything"),
        },
    );
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Version));
}

#[test]
fn a_mailbox_is_opened_by_its_own_key_only() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    let mut proof = node.proof(socket, &direction(1));
    proof.public_key = direction(2).mailbox_key();
    let mailboxes = vec![proof];
    node.say(
        socket,
        &ClientToServer::Subscribe {
            request: 1,
            mailboxes,
        },
    );
    assert_eq!(node.refusal(socket), Some(ServerRefusal::BadSignature));
    assert_eq!(node.server.statistics().mailboxes, 0);
}

#[test]
fn one_message_names_at_most_256_mailboxes_each_once() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    let proof = node.proof(socket, &direction(1));
    let mailboxes = vec![proof.clone(), proof.clone()];
    node.say(
        socket,
        &ClientToServer::Subscribe {
            request: 1,
            mailboxes,
        },
    );
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));

    let socket = node.join(1, 2);
    let mailboxes = vec![proof; MAILBOXES_PER_MESSAGE + 1];
    node.say(
        socket,
        &ClientToServer::Subscribe {
            request: 1,
            mailboxes,
        },
    );
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));

    let socket = node.join(1, 3);
    let mailboxes = vec![direction(1).mailbox(); MAILBOXES_PER_MESSAGE + 1];
    node.say(socket, &ClientToServer::Unsubscribe { mailboxes });
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
}

#[test]
fn a_pairing_message_is_at_most_one_kibibyte() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    let body = vec![0; PAIRING_MESSAGE_BYTES];
    node.say(socket, &ClientToServer::Pairing { nameplate: 1, body });
    assert_eq!(node.refusal(socket), None);
    let body = vec![0; PAIRING_MESSAGE_BYTES + 1];
    node.say(socket, &ClientToServer::Pairing { nameplate: 1, body });
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
}

#[test]
fn what_is_no_message_closes_the_socket() {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    node.gate(socket, GateInput::MessageReceived(vec![0xFF; 10]));
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
    let socket = node.join(1, 2);
    node.gate(socket, GateInput::Garbled);
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
}
