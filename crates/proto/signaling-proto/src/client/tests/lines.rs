//! Sockets: opened, authenticated, kept alive, lost, opened again.

use super::*;

fn retry_in(device: &mut Device) -> Duration {
    let told = device.told();
    let retry_at = told.iter().find_map(|output| match output {
        ClientOutput::Event(ClientEvent::Offline { retry_at }) => Some(*retry_at),
        _ => None,
    });
    retry_at.expect("it says when it tries again") - device.now
}

#[test]
fn a_device_wants_a_socket_at_once_and_proves_who_it_is() {
    let mut device = Device::new();
    assert_eq!(device.told(), [ClientOutput::OpenSocket]);
    device.feed(ClientInput::SocketOpened);
    device.hear(ServerToClient::Challenge {
        versions: vec![7, VERSION],
        nonce: NONCE,
    });

    let [
        ClientToServer::Authenticate {
            version,
            account: key,
            epoch,
            signature,
        },
    ] = &device.sent()[..]
    else {
        panic!("it authenticates")
    };
    assert_eq!(
        (*version, *epoch, *key),
        (VERSION, EPOCH, account(1).public().signing)
    );
    let signed = authentication_message(&NONCE, EPOCH);
    verify(key, Purpose::SignalingChallenge, &signed, signature).unwrap();
    assert_eq!(device.told(), [], "it is not online before it is welcome");
    device.hear(ServerToClient::Welcome(PACE));
    assert_eq!(device.told(), [ClientOutput::Event(ClientEvent::Online)]);
}

#[test]
fn a_server_without_a_common_version_is_not_tried_again() {
    let mut device = Device::new();
    device.feed(ClientInput::SocketOpened);
    device.hear(ServerToClient::Challenge {
        versions: vec![VERSION + 1],
        nonce: NONCE,
    });
    let told = device.told();
    assert!(told.contains(&ClientOutput::Event(ClientEvent::Refused(
        ServerRefusal::Version
    ))));
    assert!(told.contains(&ClientOutput::CloseSocket));
    assert_eq!(device.client.deadline(), None);
}

#[test]
fn a_refusal_that_may_pass_is_told_and_tried_again_later() {
    let mut device = Device::online();
    device.hear(ServerToClient::Refused(ServerRefusal::TooManySockets));
    let told = device.told();
    assert!(told.contains(&ClientOutput::Event(ClientEvent::Refused(
        ServerRefusal::TooManySockets
    ))));
    device.wait(Duration::from_secs(60));
    assert!(device.told().contains(&ClientOutput::OpenSocket));
}

#[test]
fn the_first_retry_comes_within_five_seconds_and_later_ones_within_a_minute() {
    let mut longest = [Duration::ZERO; 8];
    for seed in 0..400 {
        let mut device = Device::seeded(seed);
        device.told();
        for longest in &mut longest {
            device.feed(ClientInput::SocketClosed);
            let wait = retry_in(&mut device);
            *longest = wait.max(*longest);
            device.wait(wait);
            assert_eq!(device.told(), [ClientOutput::OpenSocket]);
        }
    }
    let ceilings = [5_000, 8_000, 12_800, 20_480, 32_768, 52_428, 60_000, 60_000];
    for (longest, ceiling) in longest.into_iter().zip(ceilings) {
        let ceiling = Duration::from_millis(ceiling);
        assert!(longest <= ceiling, "{longest:?} is below {ceiling:?}");
        assert!(
            longest > ceiling * 9 / 10,
            "the whole time is used, not only {longest:?}"
        );
    }
}

#[test]
fn devices_of_a_stopping_server_come_back_within_thirty_seconds() {
    let mut longest = Duration::ZERO;
    for seed in 0..200 {
        let mut device = Device::seeded(seed);
        device.open();
        device.hear(ServerToClient::GoAway);
        device.told();
        device.feed(ClientInput::SocketClosed);
        longest = longest.max(retry_in(&mut device));
    }
    assert!(longest > Duration::from_secs(20) && longest <= Duration::from_secs(30));
}

#[test]
fn a_success_makes_the_next_retry_quick_again() {
    for seed in 0..50 {
        let mut device = Device::seeded(seed);
        for _ in 0..6 {
            device.told();
            device.feed(ClientInput::SocketClosed);
            let wait = retry_in(&mut device);
            device.wait(wait);
        }
        device.open();
        device.told();
        device.feed(ClientInput::SocketClosed);
        assert!(retry_in(&mut device) <= Duration::from_secs(5));
    }
}

/// A server that took longer to start than five hurried tries was once met up to 52 s later.
#[test]
fn tries_in_a_hurry_do_not_make_later_ones_rarer() {
    for seed in 0..400 {
        let mut device = Device::seeded(seed);
        device.open();
        device.told();
        device.feed(ClientInput::SocketClosed);
        for _ in 0..10 {
            device.feed(ClientInput::NetworkChanged);
            device.wait(Duration::from_secs(1));
            assert!(device.told().contains(&ClientOutput::OpenSocket));
            device.feed(ClientInput::SocketClosed);
        }
        // The first loss counts.
        assert!(retry_in(&mut device) <= Duration::from_secs(8));
    }
}

#[test]
fn in_another_network_a_device_begins_anew() {
    for seed in 0..50 {
        let mut device = Device::seeded(seed);
        for _ in 0..6 {
            device.told();
            device.feed(ClientInput::SocketClosed);
            let wait = retry_in(&mut device);
            device.wait(wait);
        }
        device.feed(ClientInput::SocketClosed);
        device.told();
        device.feed(ClientInput::NetworkMoved);
        device.wait(Duration::from_millis(100));
        assert!(device.told().contains(&ClientOutput::OpenSocket));
        device.feed(ClientInput::SocketClosed);
        assert!(retry_in(&mut device) <= Duration::from_secs(5));
    }
}

#[test]
fn a_ping_goes_out_every_keepalive_and_a_dead_socket_is_noticed() {
    let mut device = Device::online();
    device.wait(Duration::from_secs(25));
    assert_eq!(device.sent(), [ClientToServer::Ping]);
    device.hear(ServerToClient::Pong);
    device.wait(Duration::from_secs(25));
    assert_eq!(device.sent(), [ClientToServer::Ping]);
    device.wait(Duration::from_millis(9_999));
    assert_eq!(device.told(), []);
    device.wait(Duration::from_millis(1));
    assert_eq!(device.told()[0], ClientOutput::CloseSocket);
}

#[test]
fn a_server_that_never_challenges_or_welcomes_is_left() {
    let mut device = Device::new();
    device.told();
    device.feed(ClientInput::SocketOpened);
    device.wait(WELCOME_TIME);
    assert_eq!(device.told()[0], ClientOutput::CloseSocket);

    let mut device = Device::new();
    device.told();
    device.feed(ClientInput::SocketOpened);
    device.hear(ServerToClient::Challenge {
        versions: vec![VERSION],
        nonce: NONCE,
    });
    device.wait(WELCOME_TIME);
    assert_eq!(device.told()[0], ClientOutput::CloseSocket);
}

#[test]
fn a_changed_network_is_tried_at_once_and_a_silent_socket_is_tested() {
    let mut device = Device::online();
    device.feed(ClientInput::NetworkChanged);
    assert_eq!(device.sent(), [ClientToServer::Ping]);
    device.wait(SUSPICION_TIME - Duration::from_millis(1));
    assert_eq!(device.told(), []);
    device.wait(Duration::from_millis(1));
    assert_eq!(device.told()[0], ClientOutput::CloseSocket);
    device.feed(ClientInput::NetworkChanged);
    device.wait(Duration::from_secs(1));
    assert_eq!(device.told(), [ClientOutput::OpenSocket]);
}

#[test]
fn a_socket_that_answers_after_a_change_is_kept() {
    let mut device = Device::online();
    device.feed(ClientInput::NetworkChanged);
    device.hear(ServerToClient::Pong);
    device.wait(Duration::from_secs(20));
    assert_eq!(device.told(), []);
}

#[test]
fn a_device_that_moved_opens_a_new_socket_at_once() {
    for seed in 0..50 {
        let mut device = Device::seeded(seed);
        device.told();
        device.open();
        device.told();
        device.feed(ClientInput::NetworkMoved);
        assert_eq!(device.told()[0], ClientOutput::CloseSocket);
        device.wait(AT_ONCE);
        assert_eq!(device.told(), [ClientOutput::OpenSocket]);
        device.feed(ClientInput::NetworkMoved);
        assert_eq!(
            device.told()[0],
            ClientOutput::CloseSocket,
            "it was opened over what is gone"
        );
        device.wait(AT_ONCE);
        assert_eq!(device.told(), [ClientOutput::OpenSocket]);
    }
}

#[test]
fn a_socket_that_closes_after_it_was_given_up_changes_nothing() {
    let mut device = Device::online();
    device.hear(ServerToClient::Welcome(PACE));
    device.told();
    let deadline = device.client.deadline();
    device.feed(ClientInput::SocketClosed);
    assert_eq!(device.told(), []);
    assert_eq!(device.client.deadline(), deadline);
}
