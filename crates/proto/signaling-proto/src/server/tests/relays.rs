//! Who gets credentials for relays.

use super::*;
use crate::message::{ServerRefusal, ServerToClient};

fn granted(node: &mut Node, socket: SocketId) -> Vec<(u32, String)> {
    let heard = node.heard(socket).into_iter();
    let grants = heard.filter_map(|message| match message {
        ServerToClient::Relays { request, grant } => Some((request, grant.username)),
        _ => None,
    });
    grants.collect()
}

#[test]
fn an_authenticated_socket_gets_credentials_of_its_own() {
    let mut node = Node::new();
    let (ana, ben) = (node.join(1, 1), node.join(2, 1));
    node.say(ana, &ClientToServer::AskRelays { request: 7 });
    node.say(ben, &ClientToServer::AskRelays { request: 8 });
    let (of_ana, of_ben) = (granted(&mut node, ana), granted(&mut node, ben));
    assert_eq!((of_ana.len(), of_ana[0].0), (1, 7));
    assert_eq!((of_ben.len(), of_ben[0].0), (1, 8));
    assert_ne!(of_ana[0].1, of_ben[0].1);
    // Another process of the same device shares its quota.
    let again = node.join(1, 2);
    node.say(again, &ClientToServer::AskRelays { request: 9 });
    assert_eq!(granted(&mut node, again)[0].1, of_ana[0].1);
}

#[test]
fn a_stranger_gets_no_credentials() {
    let mut node = Node::new();
    let socket = node.connect("192.0.2.1");
    node.say(socket, &ClientToServer::AskRelays { request: 7 });
    assert_eq!(node.refusal(socket), Some(ServerRefusal::Malformed));
    assert_eq!(granted(&mut node, socket), vec![]);
}
