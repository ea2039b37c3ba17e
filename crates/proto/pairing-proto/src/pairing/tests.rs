//! Two machines and the wire between them, which every test may bend.

mod attacks;
mod deadlines;
mod honest;
mod hostile_peer;
mod tap;

use std::collections::VecDeque;

use model::Digest;
use proptest::prelude::*;

use super::*;

/// Repeatable bytes: SHA-256 over seed and counter.
struct Seeded {
    seed: u64,
    drawn: u64,
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.drawn += 1;
            let block = Digest::of_parts(&[&self.seed.to_be_bytes(), &self.drawn.to_be_bytes()]);
            chunk.copy_from_slice(&block.0[..chunk.len()]);
        }
    }
}

/// One device in front of one person.
struct Side {
    pairing: Pairing,
    sent: Vec<Vec<u8>>,
    compared: Option<ComparisonWords>,
    shown_peer: Option<DisplayName>,
    /// What the person presses when asked; `None` is a person who went away.
    answer: Option<bool>,
    result: Option<Result<Paired, PairingError>>,
}

impl Side {
    fn new(role: Role, code: &str, seed: u64) -> Self {
        Self::with(role, code, seed, PairingPurpose::Contact)
    }

    fn with(role: Role, code: &str, seed: u64, purpose: PairingPurpose) -> Self {
        let mut entropy = Seeded { seed, drawn: 0 };
        let config = PairingConfig {
            role,
            code: Code::parse(code).unwrap(),
            own: DeviceSecrets::generate(&mut entropy),
            name: DisplayName::new(&format!("device {seed}")),
            purpose,
        };
        Self {
            pairing: Pairing::new(config, &mut entropy, epoch()),
            sent: Vec::new(),
            compared: None,
            shown_peer: None,
            answer: Some(true),
            result: None,
        }
    }

    /// A device without a code.
    fn tapping(role: Role, seed: u64) -> Self {
        let mut entropy = Seeded { seed, drawn: 0 };
        let config = TapConfig {
            role,
            own: DeviceSecrets::generate(&mut entropy),
            name: DisplayName::new(&format!("device {seed}")),
        };
        let mut side = Self::new(role, CODE, seed);
        side.pairing = Pairing::tap(config, &mut entropy, epoch());
        side
    }

    fn keys(&self) -> DeviceKeys {
        self.pairing.own.introduction.keys
    }

    /// Feeds one input and gives what is to be sent.
    fn feed(&mut self, input: PairingInput, now: Instant) -> Vec<Vec<u8>> {
        self.pairing.handle_input(input, now);
        let mut sent = Vec::new();
        while let Some(output) = self.pairing.poll_output() {
            assert!(self.result.is_none(), "nothing follows the end");
            match output {
                PairingOutput::Send(bytes) => {
                    assert!(bytes.len() <= limits::PAIRING_MESSAGE_BYTES);
                    sent.push(bytes);
                }
                PairingOutput::Compare(comparison) => {
                    self.compared = Some(comparison.words);
                    self.shown_peer = Some(comparison.peer);
                    if let Some(add) = self.answer {
                        self.pairing.handle_input(PairingInput::Decision(add), now);
                    }
                }
                PairingOutput::Paired(paired) => self.result = Some(Ok(paired)),
                PairingOutput::Failed(error) => self.result = Some(Err(error)),
            }
        }
        self.sent.extend(sent.clone());
        sent
    }

    fn receive(&mut self, bytes: Vec<u8>, now: Instant) -> Vec<Vec<u8>> {
        self.feed(PairingInput::MessageReceived(bytes), now)
    }

    /// Lets the clock run until this side gives up, if it has not ended.
    fn wait_for_the_end(&mut self) {
        while let Some(deadline) = self.pairing.deadline() {
            self.feed(PairingInput::Timeout, deadline);
        }
    }

    fn paired(&self) -> Option<&Paired> {
        self.result.as_ref().and_then(|result| result.as_ref().ok())
    }

    fn error(&self) -> PairingError {
        *self.result.as_ref().unwrap().as_ref().unwrap_err()
    }
}

/// Runs both sides to their end. `wire` sees every message with its number and says what arrives.
fn run(
    claimer: &mut Side,
    issuer: &mut Side,
    mut wire: impl FnMut(Role, usize, Vec<u8>) -> Vec<Vec<u8>>,
) {
    let now = epoch();
    let mut number = 0;
    let mut travelling = VecDeque::new();
    let mut post = |from: Role, sent: Vec<Vec<u8>>, travelling: &mut VecDeque<_>| {
        for bytes in sent {
            travelling.extend(
                wire(from, number, bytes)
                    .into_iter()
                    .map(|bytes| (from, bytes)),
            );
            number += 1;
        }
    };
    let sent = issuer.feed(PairingInput::PeerJoined, now);
    post(Role::Issuer, sent, &mut travelling);
    let sent = claimer.feed(PairingInput::PeerJoined, now);
    post(Role::Claimer, sent, &mut travelling);

    while let Some((from, bytes)) = travelling.pop_front() {
        let to = match from {
            Role::Issuer => &mut *claimer,
            Role::Claimer => &mut *issuer,
        };
        let sent = to.receive(bytes, now);
        post(from.other(), sent, &mut travelling);
    }
    claimer.wait_for_the_end();
    issuer.wait_for_the_end();
}

/// Runs both sides until nothing travels any more, without letting the clock run.
fn run_until_quiet(claimer: &mut Side, issuer: &mut Side) {
    let now = epoch();
    let mut to_issuer = claimer.feed(PairingInput::PeerJoined, now);
    let mut to_claimer = issuer.feed(PairingInput::PeerJoined, now);
    while !(to_issuer.is_empty() && to_claimer.is_empty()) {
        let replies = deliver(&mut to_issuer, issuer);
        to_issuer.extend(deliver(&mut to_claimer, claimer));
        to_claimer.extend(replies);
    }
}

fn deliver(messages: &mut Vec<Vec<u8>>, to: &mut Side) -> Vec<Vec<u8>> {
    let received = messages.drain(..);
    received
        .flat_map(|bytes| to.receive(bytes, epoch()))
        .collect()
}

fn run_undisturbed(claimer: &mut Side, issuer: &mut Side) {
    run(claimer, issuer, |_, _, bytes| vec![bytes]);
}

/// Two sides with the same code.
fn sides() -> (Side, Side) {
    let claimer = Side::new(Role::Claimer, CODE, 1);
    let issuer = Side::new(Role::Issuer, CODE, 2);
    (claimer, issuer)
}

/// Whoever paired has the other's keys, and if both did they share the secret and the words.
fn assert_no_confusion(claimer: &Side, issuer: &Side) {
    if let Some(paired) = claimer.paired() {
        assert_eq!(paired.keys, issuer.keys());
    }
    if let Some(paired) = issuer.paired() {
        assert_eq!(paired.keys, claimer.keys());
    }
    if let (Some(one), Some(other)) = (claimer.paired(), issuer.paired()) {
        assert_eq!(one.secret, other.secret);
        assert_eq!(one.words, other.words);
    }
    if let (Some(one), Some(other)) = (claimer.compared, issuer.compared) {
        assert_eq!(one, other);
    }
}

fn codes() -> impl Strategy<Value = String> {
    any::<(u32, u32)>().prop_map(|(nameplate, seed)| {
        let mut entropy = Seeded {
            seed: seed.into(),
            drawn: 0,
        };
        Code::new(nameplate, &mut entropy).to_string()
    })
}

const CODE: &str = "7-lunar-basil";

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test may start its clock"
)]
fn epoch() -> Instant {
    static EPOCH: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}
