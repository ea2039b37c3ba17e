//! The machine of one pairing, made of small states: each takes the next message and becomes the next.
//!
//! [`exchange`] reaches an unconfirmed key and confirms it, [`introduce`] runs the Noise handshake, [`commit`] takes the
//! place of a code where there is none, [`decide`] waits for the two people.

mod commit;
mod decide;
mod exchange;
mod introduce;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use model::{DeviceKeys, DeviceSecrets, DisplayName, Entropy, PairSecret, limits};
use zeroize::Zeroizing;

use crate::introduction::{Contribution, Introduction, PairingPurpose};
use crate::message::VERSION;
use crate::noise::Seed;
use crate::{Code, ComparisonWords, Message};
use commit::Committing;
use decide::Deciding;
use exchange::{Confirming, Exchanging};
use introduce::Introducing;

/// Which end of the code a device has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It showed the code.
    Issuer,
    /// It was typed there. Proves first, so that a wrong guess learns nothing.
    Claimer,
}

impl Role {
    /// The other end.
    pub fn other(self) -> Self {
        match self {
            Self::Issuer => Self::Claimer,
            Self::Claimer => Self::Issuer,
        }
    }

    pub(crate) fn label(self) -> &'static [u8] {
        match self {
            Self::Issuer => b"wherry 1 pairing issuer\0",
            Self::Claimer => b"wherry 1 pairing claimer\0",
        }
    }
}

/// What a pairing begins with.
#[derive(Debug, Clone)]
pub struct PairingConfig {
    /// Which end of the code this device has.
    pub role: Role,
    /// The code.
    pub code: Code,
    /// This device.
    pub own: DeviceSecrets,
    /// What this device calls itself.
    pub name: DisplayName,
    /// Why it pairs.
    pub purpose: PairingPurpose,
}

/// What a pairing without a code begins with: one person chose the other's device among those that show themselves.
#[derive(Debug, Clone)]
pub struct TapConfig {
    /// The claimer chose, the issuer showed itself.
    pub role: Role,
    /// This device.
    pub own: DeviceSecrets,
    /// What this device calls itself.
    pub name: DisplayName,
}

/// What the driver tells the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingInput {
    /// Both devices are at the nameplate: the claim succeeded (claimer) or a claimer came (issuer).
    PeerJoined,
    /// A message came through the nameplate.
    MessageReceived(Vec<u8>),
    /// The person pressed Add (`true`), or stopped the pairing (`false`, at any time).
    Decision(bool),
    /// The deadline from [`Pairing::deadline`] has passed.
    Timeout,
}

/// What the machine asks the driver to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingOutput {
    /// Send a message through the nameplate, at most [`limits::PAIRING_MESSAGE_BYTES`].
    Send(Vec<u8>),
    /// Show the words and ask for a [`PairingInput::Decision`]. Not for [`PairingPurpose::Transfer`].
    Compare(Comparison),
    /// Both sides confirmed. Nothing follows.
    Paired(Paired),
    /// It is over. Nothing follows.
    Failed(PairingError),
}

/// What two people compare before they add each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The words that both see, if nobody is in between.
    pub words: ComparisonWords,
    /// What the other device calls itself; never a reason to trust it.
    pub peer: DisplayName,
}

/// What two devices have after pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// The other device, certified and never this one.
    pub keys: DeviceKeys,
    /// What it calls itself.
    pub name: DisplayName,
    /// What only these two know.
    pub secret: PairSecret,
    /// The words that both could compare.
    pub words: ComparisonWords,
}

/// Why two devices did not pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// The two codes differ, or somebody guessed. Both sides are told.
    #[error("the code was not right")]
    WrongCode,
    /// The other person stopped.
    #[error("the other side stopped the pairing")]
    Rejected,
    /// This person stopped.
    #[error("the pairing was stopped")]
    Stopped,
    /// One wants a contact, the other a transfer or a further device.
    #[error("the other side used its code for something else")]
    PurposeMismatch,
    /// The other side is this device.
    #[error("a device cannot pair with itself")]
    SelfPairing,
    /// The other side speaks another version of this protocol.
    #[error("the other side runs a version that does not fit")]
    UnsupportedVersion,
    /// A message that the protocol does not allow, here or at all.
    #[error("the other side sent something unexpected")]
    Malformed,
    /// The other side or a person took too long.
    #[error("the pairing took too long")]
    TimedOut,
}

impl PairingError {
    /// Whether the code must not be used again: it is not certain that the other side knew it.
    pub fn burns_code(self) -> bool {
        match self {
            Self::WrongCode | Self::UnsupportedVersion | Self::Malformed | Self::TimedOut => true,
            Self::Rejected | Self::Stopped | Self::PurposeMismatch | Self::SelfPairing => false,
        }
    }
}

/// One run of the pairing protocol.
///
/// A misbehaving peer ends it with [`PairingOutput::Failed`]; a second attempt needs a new machine and,
/// unless [`PairingError::burns_code`] says no, a new code.
pub struct Pairing {
    own: Own,
    state: State,
    outputs: Outputs,
    deadline: Option<Instant>,
}

impl Pairing {
    /// Starts a pairing, which waits [`limits::CODE_TIME`] for the other device.
    ///
    /// All randomness is drawn here.
    pub fn new(config: PairingConfig, entropy: &mut dyn Entropy, now: Instant) -> Self {
        let exchanging = Exchanging::new(config.role, &config.code, entropy);
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut_slice());
        let mut contribution = Contribution([0; 32]);
        entropy.fill(&mut contribution.0);

        let introduction = Introduction {
            keys: config.own.public(),
            name: config.name,
            purpose: config.purpose,
            contribution,
        };
        Self {
            own: Own {
                role: config.role,
                secrets: config.own,
                seed,
                introduction,
                tap: None,
            },
            state: State::Exchanging(exchanging),
            outputs: Outputs::default(),
            deadline: Some(now + limits::CODE_TIME),
        }
    }

    /// Starts a pairing without a code, over a line that stands: both people must compare the words.
    ///
    /// All randomness is drawn here.
    pub fn tap(config: TapConfig, entropy: &mut dyn Entropy, now: Instant) -> Self {
        let mut draw = || {
            let mut drawn = Zeroizing::new([0; 32]);
            entropy.fill(drawn.as_mut_slice());
            drawn
        };
        let (seed, contribution, number) = (draw(), draw(), draw());
        let introduction = Introduction {
            keys: config.own.public(),
            name: config.name,
            purpose: PairingPurpose::Contact,
            contribution: Contribution(*contribution),
        };
        let mut pairing = Self {
            own: Own {
                role: config.role,
                secrets: config.own,
                seed,
                introduction,
                tap: Some(number),
            },
            state: State::Ended,
            outputs: Outputs::default(),
            deadline: Some(now + limits::NOISE_TIME),
        };
        let introducing = Introducing::begin(None, &pairing.own, &mut pairing.outputs);
        let introducing = introducing.map(|it| Next::State(State::Introducing(Box::new(it))));
        pairing.enter(introducing, now);
        pairing
    }

    /// Advances the pairing by one input.
    pub fn handle_input(&mut self, input: PairingInput, now: Instant) {
        match input {
            PairingInput::PeerJoined => self.handle_peer_joined(now),
            PairingInput::MessageReceived(bytes) => self.handle_message(&bytes, now),
            PairingInput::Decision(add) => self.handle_decision(add, now),
            PairingInput::Timeout => self.handle_timeout(now),
        }
    }

    /// Returns the next request to the driver, or `None` when there is nothing left to do.
    pub fn poll_output(&mut self) -> Option<PairingOutput> {
        self.outputs.queue.pop_front()
    }

    /// Returns the instant at which the driver must feed [`PairingInput::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn handle_peer_joined(&mut self, now: Instant) {
        if let State::Exchanging(exchanging) = &mut self.state
            && exchanging.join(&mut self.outputs)
        {
            self.deadline = Some(now + limits::NOISE_TIME);
        }
    }

    fn handle_message(&mut self, bytes: &[u8], now: Instant) {
        self.handle_peer_joined(now); // A message is as good as the news that somebody came.
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(_) => return self.end(Err(PairingError::Malformed)),
        };
        let state = std::mem::replace(&mut self.state, State::Ended);
        let next = state.receive(message, &self.own, &mut self.outputs);
        self.enter(next, now);
    }

    fn handle_decision(&mut self, add: bool, now: Instant) {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Deciding(deciding) => {
                let next = deciding.decide(add, &mut self.outputs);
                self.enter(next, now);
            }
            state @ (State::Exchanging(_)
            | State::Confirming(_)
            | State::Introducing(_)
            | State::Committing(_)) => {
                self.state = state; // There is nothing to add yet.
                if !add {
                    self.end(Err(PairingError::Stopped));
                }
            }
            State::Ended => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        if let State::Deciding(deciding) = &mut self.state {
            deciding.leave(&mut self.outputs);
        }
        self.end(Err(PairingError::TimedOut));
    }

    fn enter(&mut self, next: Result<Next, PairingError>, now: Instant) {
        match next {
            Ok(Next::State(State::Ended)) => {}
            Ok(Next::State(state)) => {
                self.deadline = Some(now + state.patience(&self.own));
                self.state = state;
            }
            Ok(Next::Paired(paired)) => self.end(Ok(paired)),
            Err(error) => self.end(Err(error)),
        }
    }

    fn end(&mut self, result: Result<Paired, PairingError>) {
        self.state = State::Ended;
        if self.deadline.take().is_none() {
            return; // It was over before.
        }
        self.outputs.queue.push_back(match result {
            Ok(paired) => PairingOutput::Paired(paired),
            Err(error) => PairingOutput::Failed(error),
        });
    }
}

impl fmt::Debug for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pairing({:?}, {})", self.own.role, self.state.name())
    }
}

/// What stays the same through all states.
struct Own {
    role: Role,
    secrets: DeviceSecrets,
    seed: Seed,
    introduction: Introduction,
    /// This side's number, if there is no code.
    tap: Option<Seed>,
}

impl Own {
    /// What the claimer says with the first message of the handshake: without a code, the version comes here.
    fn greeting(&self) -> Vec<u8> {
        match self.tap {
            Some(_) => VERSION.to_be_bytes().to_vec(),
            None => Vec::new(),
        }
    }

    fn wrong_greeting(&self) -> PairingError {
        match self.tap {
            Some(_) => PairingError::UnsupportedVersion,
            None => PairingError::Malformed,
        }
    }

    fn purpose(&self) -> PairingPurpose {
        self.introduction.purpose
    }
}

/// Requests that the driver has not taken yet.
#[derive(Default)]
struct Outputs {
    queue: VecDeque<PairingOutput>,
}

impl Outputs {
    fn send(&mut self, message: &Message) {
        self.queue.push_back(PairingOutput::Send(message.encode()));
    }

    fn compare(&mut self, paired: &Paired) {
        self.queue.push_back(PairingOutput::Compare(Comparison {
            words: paired.words,
            peer: paired.name.clone(),
        }));
    }
}

enum State {
    Exchanging(Exchanging),
    Confirming(Confirming),
    Introducing(Box<Introducing>),
    Committing(Box<Committing>),
    Deciding(Box<Deciding>),
    Ended,
}

/// Where a message leads.
enum Next {
    State(State),
    Paired(Paired),
}

impl State {
    fn receive(
        self,
        message: Message,
        own: &Own,
        outputs: &mut Outputs,
    ) -> Result<Next, PairingError> {
        match self {
            Self::Exchanging(state) => state.receive(&message, own, outputs),
            Self::Confirming(state) => state.receive(&message, own, outputs),
            Self::Introducing(state) => state.receive(&message, own, outputs),
            Self::Committing(state) => state.receive(&message, outputs),
            Self::Deciding(state) => state.receive(&message),
            Self::Ended => Ok(Next::State(Self::Ended)),
        }
    }

    /// How long the other side, or a person, may take for the next step.
    fn patience(&self, own: &Own) -> Duration {
        match (self, own.purpose()) {
            (Self::Deciding(_), PairingPurpose::Contact | PairingPurpose::Device) => {
                limits::CODE_TIME
            }
            (
                Self::Exchanging(_)
                | Self::Confirming(_)
                | Self::Introducing(_)
                | Self::Committing(_)
                | Self::Deciding(_)
                | Self::Ended,
                PairingPurpose::Contact | PairingPurpose::Transfer | PairingPurpose::Device,
            ) => limits::NOISE_TIME,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Exchanging(_) => "exchanging",
            Self::Confirming(_) => "confirming",
            Self::Introducing(_) => "introducing",
            Self::Committing(_) => "committing",
            Self::Deciding(_) => "deciding",
            Self::Ended => "ended",
        }
    }
}
