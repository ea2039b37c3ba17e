//! What people type and what devices say while they pair.

use std::time::{Duration, Instant};

use model::{DisplayName, Invitation, InvitationAim, wire};
use pairing_proto::{
    Code, Introduction, Message, Pairing, PairingConfig, PairingInput, PairingOutput,
    PairingPurpose, Role,
};

use crate::Verdict;
use crate::pair::PAIR;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};

pub(crate) fn code(data: &[u8]) -> Verdict {
    let Ok(code) = Code::parse(&String::from_utf8_lossy(data)) else {
        return Verdict::Refused;
    };
    let shown = code.to_string();
    let again = Code::parse(&shown).expect("what is shown can be typed");
    assert_eq!(again.nameplate(), code.nameplate());
    assert_eq!(again.password(), code.password());
    Verdict::Accepted
}

pub(crate) fn code_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let shown = Code::new(7, &mut Repeatable::seeded(4)).to_string();
    vec![
        (
            "typed",
            shown.to_uppercase().replace('-', "  ").into_bytes(),
        ),
        ("shown", shown.into_bytes()),
    ]
}

/// A link that the system hands over, or what a person pasted in its place.
pub(crate) fn invitation(data: &[u8]) -> Verdict {
    let Ok(invitation) = Invitation::parse(&String::from_utf8_lossy(data)) else {
        return Verdict::Refused;
    };
    // Written with escapes, a link may be a little longer than it was read, and then too long.
    if let (Some(aim), Some(server)) = (invitation.aim, &invitation.server)
        && let Some(link) = Invitation::link(aim, server, &invitation.code)
    {
        assert_eq!(
            Invitation::parse(&link),
            Ok(invitation),
            "what we write, we read"
        );
    }
    Verdict::Accepted
}

pub(crate) fn invitation_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let server = "wss://signal.example.org:7400/other".parse();
    let server = server.expect("the address is well-formed");
    let local = "ws://[fd00::1]"
        .parse()
        .expect("the address is well-formed");
    let link = |aim, server| {
        let link = Invitation::link(aim, server, "7-lunar-basil");
        link.expect("it is short").into_bytes()
    };
    vec![
        ("receive", link(InvitationAim::Receive, &server)),
        ("pair", link(InvitationAim::Pair, &local)),
        ("text", b"7-lunar-basil@signal.example.org".to_vec()),
    ]
}

pub(crate) fn pairing_message(data: &[u8]) -> Verdict {
    let Ok(message) = Message::decode(data) else {
        return Verdict::Refused;
    };
    let again = Message::decode(&message.encode());
    assert_eq!(again, Ok(message), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn pairing_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let pake = Message::Pake {
        version: 1,
        element: vec![1; 33],
    };
    vec![
        ("pake", pake.encode()),
        ("confirmation", Message::Confirmation([2; 32]).encode()),
        ("wrong-code", Message::WrongCode.encode()),
        ("handshake", Message::Handshake(vec![3; 48]).encode()),
        ("sealed", Message::Sealed(vec![4; 17]).encode()),
    ]
}

/// What a device says about itself once the code was right.
pub(crate) fn introduction(data: &[u8]) -> Verdict {
    let Ok(introduction) = Introduction::decode(data) else {
        return Verdict::Refused;
    };
    assert_eq!(introduction.keys.check(), Ok(()), "keys are certified");
    assert!(
        Introduction::decode(&introduction.encode()).is_ok_and(|again| again == introduction),
        "what we write, we read"
    );
    Verdict::Accepted
}

pub(crate) fn introduction_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let name = DisplayName::new("Ana's laptop");
    let body = wire::encode(&(PAIR.ana.public(), name, PairingPurpose::Contact, [5u8; 32]));
    let length = u16::try_from(body.len()).expect("a body is short");
    let mut bytes = [length.to_be_bytes().as_slice(), &body].concat();
    bytes.resize(INTRODUCTION_BYTES, 0);
    vec![("contact", bytes)]
}

/// Plays what comes through a nameplate; accepted if it ends with a contact.
///
/// The first byte says which end of the code the machine under test has, and why it pairs.
pub(crate) fn pairing(data: &[u8]) -> Verdict {
    let Some((&start, script)) = data.split_first() else {
        return Verdict::Refused;
    };
    let mut side = Side::new(start);
    for (kind, bytes) in steps(script) {
        match kind {
            ARRIVES => side.tell(PairingInput::MessageReceived(bytes.to_vec())),
            JOINS => side.tell(PairingInput::PeerJoined),
            DECIDES => side.tell(PairingInput::Decision(!bytes.is_empty())),
            _ => side.pass_time(),
        }
    }
    Verdict::of(side.paired)
}

pub(crate) fn pairing_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let [issuer, claimer] = recorded(IS_CONTACT);
    let [sender, receiver] = recorded(0);
    vec![
        ("contact-issuer", issuer),
        ("contact-claimer", claimer),
        ("transfer-issuer", sender),
        ("transfer-claimer", receiver),
    ]
}

/// Lets two devices pair and writes down what each of them saw.
fn recorded(purpose: u8) -> [Vec<u8>; 2] {
    let starts = [purpose | IS_ISSUER, purpose];
    let mut sides = starts.map(Side::new);
    let mut scripts = [Script::default(), Script::default()];
    for (side, script) in sides.iter_mut().zip(&mut scripts) {
        side.tell(PairingInput::PeerJoined);
        script.add(JOINS, &[]);
    }
    exchange(&mut sides, &mut scripts);
    for (side, script) in sides.iter_mut().zip(&mut scripts) {
        side.tell(PairingInput::Decision(true));
        script.add(DECIDES, &[1]);
    }
    exchange(&mut sides, &mut scripts);
    let [first, second] = scripts.map(Script::finish);
    [
        [vec![starts[0]], first].concat(),
        [vec![starts[1]], second].concat(),
    ]
}

fn exchange(sides: &mut [Side; 2], scripts: &mut [Script; 2]) {
    while sides.iter().any(|side| !side.sent.is_empty()) {
        for from in [0, 1] {
            let to = 1 - from;
            for bytes in std::mem::take(&mut sides[from].sent) {
                scripts[to].add(ARRIVES, &bytes);
                sides[to].tell(PairingInput::MessageReceived(bytes));
            }
        }
    }
}

/// One end of a code, with a driver that does nothing.
struct Side {
    machine: Pairing,
    sent: Vec<Vec<u8>>,
    paired: bool,
    now: Instant,
}

impl Side {
    fn new(start: u8) -> Self {
        let (role, own) = match start & IS_ISSUER {
            0 => (Role::Claimer, &PAIR.ben),
            _ => (Role::Issuer, &PAIR.ana),
        };
        let purpose = match start & IS_CONTACT {
            0 => PairingPurpose::Transfer,
            _ => PairingPurpose::Contact,
        };
        let config = PairingConfig {
            role,
            code: Code::new(7, &mut Repeatable::seeded(4)),
            own: own.clone(),
            name: DisplayName::new("a device"),
            purpose,
        };
        let now = Instant::now();
        let mut entropy = Repeatable::seeded(u64::from(start));
        Self {
            machine: Pairing::new(config, &mut entropy, now),
            sent: Vec::new(),
            paired: false,
            now,
        }
    }

    fn tell(&mut self, input: PairingInput) {
        self.machine.handle_input(input, self.now);
        while let Some(output) = self.machine.poll_output() {
            match output {
                PairingOutput::Send(bytes) => {
                    assert!(
                        bytes.len() <= model::limits::PAIRING_MESSAGE_BYTES,
                        "a message is bounded"
                    );
                    self.sent.push(bytes);
                }
                PairingOutput::Paired(_) => self.paired = true,
                PairingOutput::Compare(_) | PairingOutput::Failed(_) => {}
            }
        }
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_secs(7);
        if self.machine.deadline().is_some_and(|due| due <= self.now) {
            self.tell(PairingInput::Timeout);
        }
    }
}

const INTRODUCTION_BYTES: usize = 320;
// The first byte of a script.
const IS_ISSUER: u8 = 1;
const IS_CONTACT: u8 = 2;
// What a step of a script does.
const ARRIVES: u8 = 0;
const JOINS: u8 = 1;
const DECIDES: u8 = 2;
