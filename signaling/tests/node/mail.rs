use signaling_proto::message::{
    ClientToServer, PairingEnd, PairingMood, PostOutcome, ServerToClient,
};

use super::device::{Device, direction};
use super::*;

#[tokio::test]
async fn two_devices_exchange_envelopes() {
    let node = serve(Config::default()).await;
    let (to_ana, to_ben) = (direction(1), direction(2));
    let (mut ana, mut ben) = (
        Device::join(node.address, 1).await,
        Device::join(node.address, 2).await,
    );
    ana.subscribe(&to_ana).await;
    assert_eq!(ana.post(&to_ben, b"early").await, PostOutcome::Offline);
    ben.subscribe(&to_ben).await;

    let large = vec![7; 64 * 1024 - 256];
    assert_eq!(ana.post(&to_ben, &large).await, PostOutcome::Delivered);
    assert_eq!(ben.envelope().await, large);
    assert_eq!(ben.post(&to_ana, b"thanks").await, PostOutcome::Delivered);
    assert_eq!(ana.envelope().await, b"thanks");
}

#[tokio::test]
async fn two_hundred_devices_behind_one_address_all_get_their_mail() {
    let node = serve(Config::default()).await;
    let mut devices = Vec::new();
    for number in 0..200 {
        let mut device = Device::join(node.address, number).await;
        device.subscribe(&direction(number)).await;
        devices.push(device);
    }
    for number in 0..200u8 {
        let next = (number + 1) % 200;
        let outcome = devices[usize::from(number)]
            .post(&direction(next), &[number])
            .await;
        assert_eq!(outcome, PostOutcome::Delivered);
        assert_eq!(devices[usize::from(next)].envelope().await, [number]);
    }
}

#[tokio::test]
async fn a_device_that_comes_back_finds_what_was_posted_meanwhile() {
    let node = serve(Config::default()).await;
    let to_ben = direction(1);
    let (mut ana, mut ben) = (
        Device::join(node.address, 1).await,
        Device::join(node.address, 2).await,
    );
    ben.subscribe(&to_ben).await;
    drop(ben); // Without a word, as when a cable is pulled.

    // Until the server notices, posts go into a socket that is dead: that is not what this is about.
    while ana.post(&to_ben, b"lost").await == PostOutcome::Delivered {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let stored = ana.post(&to_ben, b"kept").await;
    assert!(matches!(stored, PostOutcome::Unknown { .. }));

    let mut ben = Device::join(node.address, 2).await;
    ben.subscribe(&to_ben).await;
    while ben.envelope().await != b"kept" {}
}

#[tokio::test]
async fn two_devices_pair_through_a_code() {
    let node = serve(Config::default()).await;
    let (mut ana, mut ben) = (
        Device::join(node.address, 1).await,
        Device::join(node.address, 2).await,
    );
    ana.say(&ClientToServer::AllocateCode { request: 1 }).await;
    let Some(ServerToClient::CodeAllocated { nameplate, .. }) = ana.hear().await else {
        panic!("a code")
    };
    ben.say(&ClientToServer::ClaimCode {
        request: 1,
        nameplate,
    })
    .await;
    assert!(matches!(
        ben.hear().await,
        Some(ServerToClient::CodeClaimed { .. })
    ));
    assert_eq!(
        ana.hear().await,
        Some(ServerToClient::PairingPeerJoined { nameplate })
    );
    let body = b"hello".to_vec();
    ana.say(&ClientToServer::Pairing {
        nameplate,
        body: body.clone(),
    })
    .await;
    assert_eq!(
        ben.hear().await,
        Some(ServerToClient::Pairing { nameplate, body })
    );

    let mood = PairingMood::WrongCode;
    ben.say(&ClientToServer::ClosePairing { nameplate, mood })
        .await;
    let end = PairingEnd::WrongCode;
    assert_eq!(
        ana.hear().await,
        Some(ServerToClient::PairingClosed { nameplate, end })
    );
}
