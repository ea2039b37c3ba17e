use std::collections::{BTreeMap, BTreeSet};

use model::{MailboxId, PostToken};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What somebody does; numbers choose among what there is.
#[derive(Debug, Clone)]
enum Act {
    Join {
        device: u8,
        epoch: u64,
    },
    Close {
        socket: usize,
    },
    Subscribe {
        socket: usize,
        mailbox: u16,
    },
    Unsubscribe {
        socket: usize,
        mailbox: u16,
    },
    Post {
        socket: usize,
        mailbox: u16,
        knows_token: bool,
        bytes: usize,
    },
    Allocate {
        socket: usize,
    },
    Claim {
        socket: usize,
        nameplate: u32,
    },
    Talk {
        socket: usize,
        nameplate: u32,
    },
    Hang {
        socket: usize,
        nameplate: u32,
        mood: PairingMood,
    },
    Garble {
        socket: usize,
        bytes: Vec<u8>,
    },
    StopReading,
    ReadAll,
    Wait {
        seconds: u64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let mood = prop_oneof![
        Just(PairingMood::Paired),
        Just(PairingMood::WrongCode),
        Just(PairingMood::GaveUp)
    ];
    let (socket, mailbox, nameplate) = (0usize..8, 0u16..5, 1u32..100);
    prop_oneof![
        4 => (1u8..5, 0u64..3).prop_map(|(device, epoch)| Act::Join { device, epoch }),
        1 => socket.clone().prop_map(|socket| Act::Close { socket }),
        6 => (socket.clone(), mailbox.clone())
            .prop_map(|(socket, mailbox)| Act::Subscribe { socket, mailbox }),
        1 => (socket.clone(), mailbox.clone())
            .prop_map(|(socket, mailbox)| Act::Unsubscribe { socket, mailbox }),
        12 => (socket.clone(), mailbox, any::<bool>(), 8usize..900).prop_map(
            |(socket, mailbox, knows_token, bytes)| Act::Post { socket, mailbox, knows_token, bytes }
        ),
        2 => socket.clone().prop_map(|socket| Act::Allocate { socket }),
        3 => (socket.clone(), nameplate.clone())
            .prop_map(|(socket, nameplate)| Act::Claim { socket, nameplate }),
        3 => (socket.clone(), nameplate.clone())
            .prop_map(|(socket, nameplate)| Act::Talk { socket, nameplate }),
        1 => (socket.clone(), nameplate, mood)
            .prop_map(|(socket, nameplate, mood)| Act::Hang { socket, nameplate, mood }),
        1 => (socket, vec(any::<u8>(), 0..40))
            .prop_map(|(socket, bytes)| Act::Garble { socket, bytes }),
        1 => Just(Act::StopReading),
        2 => Just(Act::ReadAll),
        3 => prop_oneof![Just(1), Just(30), Just(400)].prop_map(|seconds| Act::Wait { seconds }),
    ]
}

/// A node, and what an observer who sees everything knows about it.
struct World {
    node: Node,
    keys: Vec<DirectionKeys>,
    /// Who reads which mailbox.
    readers: BTreeMap<MailboxId, SocketId>,
    posted: u64,
    delivered: BTreeSet<u64>,
    refused: BTreeSet<u64>,
    heard: BTreeSet<u64>,
    latest: BTreeMap<MailboxId, u64>,
}

impl World {
    fn new() -> Self {
        Self {
            node: Node::with(small_limits()),
            keys: (0..5).map(direction).collect(),
            readers: BTreeMap::new(),
            posted: 0,
            delivered: BTreeSet::new(),
            refused: BTreeSet::new(),
            heard: BTreeSet::new(),
            latest: BTreeMap::new(),
        }
    }

    fn act(&mut self, act: Act) {
        let numbers = self.numbers();
        let chosen = |nameplate: u32| match numbers.len() {
            0 => nameplate,
            count => numbers[nameplate as usize % count],
        };
        match act {
            Act::Join { device, epoch } => {
                self.node.join(device, epoch);
            }
            Act::Close { socket } => self.with(socket, |world, socket| world.node.close(socket)),
            Act::Subscribe { socket, mailbox } => {
                self.with(socket, |world, socket| world.subscribe(socket, mailbox));
            }
            Act::Unsubscribe { socket, mailbox } => {
                self.with(socket, |world, socket| world.unsubscribe(socket, mailbox));
            }
            Act::Post {
                socket,
                mailbox,
                knows_token,
                bytes,
            } => {
                self.with(socket, |world, socket| {
                    world.post(socket, mailbox, knows_token, bytes)
                });
            }
            Act::Allocate { socket } => {
                let message = ClientToServer::AllocateCode { request: 1 };
                self.with(socket, |world, socket| world.node.say(socket, &message));
            }
            Act::Claim { socket, nameplate } => {
                let nameplate = chosen(nameplate);
                let message = ClientToServer::ClaimCode {
                    request: 1,
                    nameplate,
                };
                self.with(socket, |world, socket| world.node.say(socket, &message));
            }
            Act::Talk { socket, nameplate } => {
                let (nameplate, body) = (chosen(nameplate), vec![0; 100]);
                let message = ClientToServer::Pairing { nameplate, body };
                self.with(socket, |world, socket| world.node.say(socket, &message));
            }
            Act::Hang {
                socket,
                nameplate,
                mood,
            } => {
                let nameplate = chosen(nameplate);
                let message = ClientToServer::ClosePairing { nameplate, mood };
                self.with(socket, |world, socket| world.node.say(socket, &message));
            }
            Act::Garble { socket, bytes } => self.with(socket, |world, socket| {
                world.node.gate(socket, GateInput::MessageReceived(bytes));
            }),
            Act::StopReading => self.node.readers_read = false,
            Act::ReadAll => self.read_all(),
            Act::Wait { seconds } => self.node.wait(Duration::from_secs(seconds)),
        }
    }

    /// Numbers that were told to anybody, so that claims and talk often meet a real code.
    fn numbers(&self) -> Vec<u32> {
        self.node.server.nameplates.numbers()
    }

    fn with(&mut self, place: usize, act: impl FnOnce(&mut Self, SocketId)) {
        let open = self.open();
        if let Some(socket) = open.get(place % open.len().max(1)) {
            act(self, *socket);
        }
    }

    fn open(&self) -> Vec<SocketId> {
        let sockets = self.node.sockets.iter();
        let open = sockets.filter(|(_, socket)| socket.end.is_none());
        open.map(|(socket, _)| *socket).collect()
    }

    fn subscribe(&mut self, socket: SocketId, mailbox: u16) {
        let keys = self.keys[usize::from(mailbox)].clone();
        let mailboxes = vec![self.node.proof(socket, &keys)];
        // It is the reader before it hears anything; a refusal below takes that back.
        let before = self.readers.insert(keys.mailbox(), socket);
        self.node.say(
            socket,
            &ClientToServer::Subscribe {
                request: 1,
                mailboxes,
            },
        );
        let heard = &self.node.sockets[&socket].heard;
        let is_answer =
            |message: &&ServerToClient| matches!(message, ServerToClient::Subscribed { .. });
        let answer = heard.iter().rfind(is_answer);
        let done = ServerToClient::Subscribed {
            request: 1,
            outcome: SubscribeOutcome::Done,
        };
        if answer != Some(&done) {
            match before {
                Some(before) => self.readers.insert(keys.mailbox(), before),
                None => self.readers.remove(&keys.mailbox()),
            };
        }
    }

    fn unsubscribe(&mut self, socket: SocketId, mailbox: u16) {
        let mailbox = self.keys[usize::from(mailbox)].mailbox();
        if self.readers.get(&mailbox) == Some(&socket) {
            self.readers.remove(&mailbox);
        }
        let mailboxes = vec![mailbox];
        self.node
            .say(socket, &ClientToServer::Unsubscribe { mailboxes });
    }

    fn post(&mut self, socket: SocketId, mailbox: u16, knows_token: bool, bytes: usize) {
        self.posted += 1;
        let number = self.posted;
        let mut keys = self.keys[usize::from(mailbox)].clone();
        if !knows_token {
            keys.post_token = PostToken([0; 16]);
        }
        let mut envelope = number.to_be_bytes().to_vec();
        envelope.resize(bytes, 0);
        self.node.say(socket, &post(&keys, &envelope));
        let heard = &self.node.sockets[&socket].heard;
        let outcome = heard.iter().rev().find_map(|message| match message {
            ServerToClient::Posted { outcome, .. } => Some(*outcome),
            _ => None,
        });
        match outcome {
            Some(PostOutcome::Delivered) => drop(self.delivered.insert(number)),
            Some(PostOutcome::Offline | PostOutcome::Busy) => drop(self.refused.insert(number)),
            Some(PostOutcome::Unknown { .. }) | None => {}
        }
    }

    fn read_all(&mut self) {
        self.node.readers_read = true;
        for socket in self.open() {
            self.node.read_queue(socket);
        }
    }

    /// Looks at everything that was said since the last look.
    fn look(&mut self) {
        for socket in self.node.sockets.keys().copied().collect::<Vec<_>>() {
            for message in self.node.heard(socket) {
                if let ServerToClient::Envelope { mailbox, envelope } = message {
                    self.hear(socket, mailbox, &envelope);
                }
            }
        }
    }

    fn hear(&mut self, socket: SocketId, mailbox: MailboxId, envelope: &[u8]) {
        assert_eq!(
            self.readers.get(&mailbox),
            Some(&socket),
            "only the reader hears"
        );
        let number = u64::from_be_bytes(envelope[..8].try_into().unwrap());
        assert!(self.heard.insert(number), "an envelope arrives once");
        assert!(
            !self.refused.contains(&number),
            "what was refused does not arrive"
        );
        let latest = self.latest.insert(mailbox, number);
        assert!(latest < Some(number), "envelopes arrive in order");
    }

    fn check_bounds(&self) {
        let limits = small_limits();
        let statistics = self.node.server.statistics();
        assert_eq!(statistics.sockets, self.open().len());
        assert!(statistics.mailboxes <= limits.mailboxes.total);
        assert!(statistics.stored_bytes <= limits.mailboxes.stored_bytes_total);
        assert!(statistics.codes <= limits.codes.total);
        let own = limits.sockets.queue_bytes * 2 * statistics.sockets;
        assert!(statistics.queue_bytes <= own);
    }
}

impl Server {
    /// Everything that could be left behind.
    fn inside(&self) -> String {
        let forwarded = &self.forwarded;
        format!(
            "{:?} {:?} {:?} {forwarded:?}",
            self.sockets, self.mailboxes, self.nameplates
        )
    }
}

fn small_limits() -> ServerLimits {
    let mut limits = ServerLimits::default();
    limits.sockets.queue_messages = 3;
    limits.sockets.queue_bytes = 1_500;
    limits.sockets.queue_bytes_total = 6_000;
    limits.mailboxes.total = 4;
    limits.mailboxes.stored_messages = 4;
    limits.mailboxes.stored_bytes = 2_000;
    limits.mailboxes.stored_bytes_total = 3_000;
    limits.codes.total = 6;
    limits.codes.messages = 4;
    limits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_devices_do_mail_reaches_its_reader_only_once_in_order_and_memory_is_bounded(
        acts in vec(act(), 1..120)
    ) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
            world.look();
            world.check_bounds();
        }

        // Everything that was delivered was heard, unless its reader closed before it read.
        world.read_all();
        world.look();
        prop_assert!(world.delivered.iter().all(|number| world.heard.contains(number)));

        // When everybody has gone silent and every time is over, nothing is left.
        world.node.wait(Duration::from_secs(2 * 60 * 60));
        let left = world.node.server.statistics();
        let nothing = Statistics {
            turned_away: left.turned_away,
            refused: left.refused,
            failed_claims: left.failed_claims,
            posts: left.posts,
            ..Statistics::default()
        };
        prop_assert_eq!(left, nothing);
        prop_assert_eq!(world.node.server.inside(), Node::with(small_limits()).server.inside());
        prop_assert_eq!(world.node.next_deadline(), None);
    }
}
