use model::PostToken;

use super::*;

const UNKNOWN: Option<PostOutcome> = Some(PostOutcome::Unknown { retry_after_s: 10 });

#[test]
fn an_envelope_reaches_the_reader_of_the_mailbox_and_nobody_else() {
    let mut node = Node::new();
    let (ana, ben, eve) = (node.join(1, 1), node.join(2, 1), node.join(3, 1));
    let to_ben = direction(1);
    assert_eq!(node.subscribe(ben, &[&to_ben]), SubscribeOutcome::Done);

    assert_eq!(
        node.post(ana, &to_ben, b"hello"),
        Some(PostOutcome::Delivered)
    );

    assert_eq!(node.envelopes(ben), [b"hello".to_vec()]);
    assert_eq!(node.envelopes(eve), Vec::<Vec<u8>>::new());
    assert_eq!(node.server.statistics().posts.delivered, 1);
}

#[test]
fn a_wrong_token_looks_exactly_like_an_unknown_mailbox() {
    let mut node = Node::new();
    let (eve, ben) = (node.join(1, 1), node.join(2, 1));
    let mut to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);

    let unknown = node.post(eve, &direction(2), b"?");
    to_ben.post_token = PostToken([0; 16]);
    let barred = node.post(eve, &to_ben, b"?");

    assert_eq!(unknown, Some(PostOutcome::Offline));
    assert_eq!(barred, unknown);
    assert_eq!(node.envelopes(ben), Vec::<Vec<u8>>::new());
}

#[test]
fn a_reader_that_vanished_finds_what_was_posted_meanwhile_in_order() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);

    assert_eq!(node.post(ana, &to_ben, b"one"), UNKNOWN);
    assert_eq!(node.post(ana, &to_ben, b"two"), UNKNOWN);

    let ben = node.join(2, 2);
    node.subscribe(ben, &[&to_ben]);
    assert_eq!(node.envelopes(ben), [b"one".to_vec(), b"two".to_vec()]);
    assert_eq!(
        node.post(ana, &to_ben, b"three"),
        Some(PostOutcome::Delivered)
    );
    assert_eq!(node.server.statistics().stored_bytes, 0);
}

#[test]
fn a_reader_that_leaves_on_purpose_is_offline_at_once() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    let mailboxes = vec![to_ben.mailbox()];
    node.say(ben, &ClientToServer::Unsubscribe { mailboxes });
    node.close(ben);
    assert_eq!(node.post(ana, &to_ben, b"late"), Some(PostOutcome::Offline));
}

#[test]
fn nobody_can_unsubscribe_another_reader() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    let mailboxes = vec![to_ben.mailbox()];
    node.say(ana, &ClientToServer::Unsubscribe { mailboxes });
    assert_eq!(
        node.post(ana, &to_ben, b"hello"),
        Some(PostOutcome::Delivered)
    );
}

#[test]
fn what_was_stored_is_gone_after_five_minutes() {
    let mut node = Node::new();
    let ben = node.join(2, 1);
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);
    let ana = node.join(1, 1);
    assert_eq!(node.post(ana, &to_ben, b"hello"), UNKNOWN);

    node.wait(Duration::from_secs(299));
    assert_eq!(node.server.statistics().mailboxes, 1);
    node.wait(Duration::from_secs(1));

    assert_eq!(node.server.statistics().mailboxes, 0);
    assert_eq!(node.server.statistics().stored_bytes, 0);
    let ana = node.join(1, 2);
    assert_eq!(node.post(ana, &to_ben, b"late"), Some(PostOutcome::Offline));
}

#[test]
fn an_envelope_is_not_delivered_after_its_lifetime() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);
    let brief = ClientToServer::Post {
        request: 1,
        mailbox: to_ben.mailbox(),
        token: to_ben.post_token,
        lifetime_s: 5,
        envelope: b"brief".to_vec(),
    };
    node.say(ana, &brief);
    node.say(ana, &post(&to_ben, b"lasting"));
    node.wait(Duration::from_secs(6));

    let ben = node.join(2, 1);
    node.subscribe(ben, &[&to_ben]);
    assert_eq!(node.envelopes(ben), [b"lasting".to_vec()]);
}

#[test]
fn the_newest_reader_wins_and_the_older_learns_whether_it_was_a_stranger() {
    let mut node = Node::new();
    let to_ben = direction(1);
    let first = node.join(2, 10);
    node.subscribe(first, &[&to_ben]);
    node.heard(first);
    let clone = node.join(3, 20);
    node.subscribe(clone, &[&to_ben]);

    let mailbox = to_ben.mailbox();
    let replaced = ServerToClient::MailboxReplaced {
        mailbox,
        foreign: true,
    };
    assert_eq!(node.heard(first), [replaced]);
    let ana = node.join(1, 1);
    assert_eq!(
        node.post(ana, &to_ben, b"hello"),
        Some(PostOutcome::Delivered)
    );
    assert_eq!(node.envelopes(first), Vec::<Vec<u8>>::new());
    assert_eq!(node.envelopes(clone), [b"hello".to_vec()]);

    // The older one closing afterwards changes nothing for the newer one.
    node.close(first);
    assert_eq!(
        node.post(ana, &to_ben, b"again"),
        Some(PostOutcome::Delivered)
    );
}

#[test]
fn a_second_socket_of_the_same_process_supersedes_the_first() {
    let mut node = Node::new();
    let to_ben = direction(1);
    let lost = node.join(2, 10);
    node.subscribe(lost, &[&to_ben]);
    let ana = node.join(1, 1);

    let back = node.join(2, 10);

    assert_eq!(node.refusal(lost), Some(ServerRefusal::Superseded));
    assert_eq!(node.post(ana, &to_ben, b"meanwhile"), UNKNOWN);
    node.subscribe(back, &[&to_ben]);
    assert_eq!(node.envelopes(back), [b"meanwhile".to_vec()]);
}

#[test]
fn stored_envelopes_wait_for_room_in_the_queue_and_nothing_overtakes_them() {
    let mut limits = ServerLimits::default();
    limits.sockets.queue_messages = 2;
    let mut node = Node::with(limits);
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    node.close(ben);
    for number in 0..6u8 {
        assert_eq!(node.post(ana, &to_ben, &[number]), UNKNOWN);
    }

    node.readers_read = false;
    let ben = node.join(2, 2);
    node.subscribe(ben, &[&to_ben]);
    let mut read = node.envelopes(ben);
    assert!(read.len() < 6, "the queue is short");
    node.readers_read = true;
    assert_eq!(
        node.post(ana, &to_ben, &[6]),
        UNKNOWN,
        "it goes behind the stored ones"
    );
    node.read_queue(ben);

    read.extend(node.envelopes(ben));
    assert_eq!(
        read,
        (0..7u8).map(|number| vec![number]).collect::<Vec<_>>()
    );
    assert_eq!(node.post(ana, &to_ben, &[7]), Some(PostOutcome::Delivered));
}

#[test]
fn a_post_to_another_node_is_answered_when_that_node_answers() {
    let mut node = Node::new();
    let ana = node.join(1, 1);
    let Request::Post { post, .. } = gate_request(&post(&direction(1), b"far")) else {
        panic!("a post")
    };
    let request = Request::Post {
        request: 9,
        post: post.clone(),
    };
    let asked = ServerInput::Requested {
        socket: ana,
        request,
    };
    node.server.handle_input(asked, node.now);
    let forward = node.server.poll_output();
    assert_eq!(forward, Some(ServerOutput::Forward { ticket: 1, post }));

    node.heard(ana);
    let outcome = PostOutcome::Delivered;
    node.feed(ServerInput::Forwarded { ticket: 1, outcome });
    let posted = ServerToClient::Posted {
        request: 9,
        outcome,
    };
    assert_eq!(node.heard(ana), [posted]);
}

#[test]
fn a_post_from_another_node_is_delivered_here_and_never_forwarded_again() {
    let mut node = Node::new();
    let ben = node.join(2, 1);
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    for (keys, outcome) in [
        (to_ben, PostOutcome::Delivered),
        (direction(2), PostOutcome::Offline),
    ] {
        let Request::Post { post, .. } = gate_request(&post(&keys, b"far")) else {
            panic!("a post")
        };
        let received = ServerInput::ForwardReceived { ticket: 5, post };
        node.server.handle_input(received, node.now);
        let outputs: Vec<_> = std::iter::from_fn(|| node.server.poll_output()).collect();
        assert!(outputs.contains(&ServerOutput::Answer { ticket: 5, outcome }));
        let forwarded = |output: &ServerOutput| matches!(output, ServerOutput::Forward { .. });
        assert!(!outputs.iter().any(forwarded));
    }
}

#[test]
fn a_mailbox_that_moved_to_another_node_is_given_up() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    let to_ben = direction(1);
    node.subscribe(ben, &[&to_ben]);
    node.heard(ben);

    let mailbox = to_ben.mailbox();
    node.feed(ServerInput::HeldElsewhere { mailbox, epoch: 2 });

    let replaced = ServerToClient::MailboxReplaced {
        mailbox,
        foreign: true,
    };
    assert_eq!(node.heard(ben), [replaced]);
    assert_eq!(node.post(ana, &to_ben, b"?"), Some(PostOutcome::Offline));
}

#[test]
fn a_stopping_node_says_so_and_takes_nobody_new() {
    let mut node = Node::new();
    let ana = node.join(1, 1);
    node.heard(ana);
    node.feed(ServerInput::Stop);
    assert_eq!(node.heard(ana), [ServerToClient::GoAway]);
    let late = node.connect("192.0.2.9");
    assert_eq!(node.turned_away(late), Some(AdmissionRefusal::NodeFull));
    assert_eq!(node.allocate(ana), Err(CodeRefusal::ServerBusy));
}

fn gate_request(message: &ClientToServer) -> Request {
    let mut node = Node::new();
    let socket = node.join(1, 1);
    let gate = &mut node.sockets.get_mut(&socket).unwrap().gate;
    gate.handle_input(GateInput::MessageReceived(message.encode()), node.now);
    match gate.poll_output() {
        Some(GateOutput::Pass(request)) => request,
        other => panic!("the gate let it pass: {other:?}"),
    }
}
