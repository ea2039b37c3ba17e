//! Asks STUN servers as whom the outside sees the sockets of a connection (RFC 8489 §14, RFC 8445 §5.1.1.2).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Candidate, CandidateKind};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::Instant;

use super::socket::{Burst, Sent, Sockets};
use crate::config::{ConnectionConfig, GATHER_TIME};
use crate::stun;

/// What one socket asked one server.
struct Question {
    socket: usize,
    local: SocketAddr,
    server: SocketAddr,
    id: [u8; stun::ID_BYTES],
    seen_as: Option<SocketAddr>,
}

/// Asks from every socket; one that is not answered in time has no such candidate.
pub(super) async fn gather(sockets: &mut Sockets, config: &ConnectionConfig) -> Vec<Candidate> {
    let mut questions = questions(sockets, config.asked_servers());
    let asking = ask_all(&mut questions, sockets);
    // Who is in a hurry takes what was answered so far.
    config.hurry.run_until_cancelled(asking).await;
    candidates(&questions)
}

async fn ask_all(questions: &mut [Question], sockets: &mut Sockets) {
    let end = Instant::now() + GATHER_TIME;
    for wait in WAITS {
        if is_answered(questions) {
            return;
        }
        ask(questions, sockets);
        let until = end.min(Instant::now() + wait);
        listen(questions, sockets, until).await;
    }
}

/// One for every socket and server of one family. Loopback leads to no outside, but for servers there.
fn questions(sockets: &Sockets, servers: &[SocketAddr]) -> Vec<Question> {
    let mut questions = Vec::new();
    for (socket, local) in sockets.addresses().enumerate() {
        let fits = |server: &&SocketAddr| {
            server.is_ipv4() == local.is_ipv4()
                && server.ip().is_loopback() == local.ip().is_loopback()
        };
        for &server in servers.iter().filter(fits) {
            let mut id = [0; stun::ID_BYTES];
            let filled = SystemRandom::new().fill(&mut id);
            filled.expect("a system that runs has randomness");
            questions.push(Question {
                socket,
                local,
                server,
                id,
                seen_as: None,
            });
        }
    }
    questions
}

/// Whether every socket that asked was answered by one server.
fn is_answered(questions: &[Question]) -> bool {
    questions.iter().all(|question| {
        let mut same = questions.iter().filter(|it| it.socket == question.socket);
        same.any(|it| it.seen_as.is_some())
    })
}

fn ask(questions: &[Question], sockets: &mut Sockets) {
    for question in questions.iter().filter(|it| it.seen_as.is_none()) {
        let contents = stun::binding_request(&question.id).to_vec();
        let burst = Burst {
            socket: question.socket,
            destination: question.server,
            segment_bytes: contents.len(),
            contents,
        };
        // What does not leave is asked again.
        let _: Sent = sockets.send_whole(burst);
    }
}

async fn listen(questions: &mut [Question], sockets: &mut Sockets, until: Instant) {
    while !is_answered(questions) {
        let Ok(socket) = tokio::time::timeout_at(until, sockets.readable()).await else {
            return;
        };
        sockets.receive(socket, |_, from, datagram| {
            let asked = questions
                .iter_mut()
                .find(|it| it.socket == socket && it.server == from);
            if let Some(question) = asked {
                let seen_as = stun::mapped_address(datagram, &question.id);
                question.seen_as = question.seen_as.or(seen_as);
            }
        });
    }
}

/// One for each socket and address: type preference 100, component 1 (RFC 8445 §5.1.2.1).
fn candidates(questions: &[Question]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (question, rank) in questions.iter().zip(0_u32..) {
        let Some(address) = question.seen_as.filter(is_usable) else {
            continue;
        };
        let is_known =
            address == question.local || candidates.iter().any(|it| it.address == address);
        if !is_known {
            let preference = u32::from(u16::MAX).saturating_sub(rank);
            candidates.push(Candidate {
                kind: CandidateKind::ServerReflexive,
                address,
                priority: (100 << 24) | (preference << 8) | 255,
            });
        }
    }
    candidates
}

fn is_usable(address: &SocketAddr) -> bool {
    let ip = address.ip();
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !is_broadcast
}

/// Four tries, in [`GATHER_TIME`] together; the second soon, so that one lost datagram costs no direct way.
const WAITS: [Duration; 4] = [
    Duration::from_millis(150),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(600),
];
