//! Devices and a server in a time of their own: hubs, lines and the node are the real ones, what lies between
//! them and the connections they make is played.

mod presence;
mod sessions;

use std::collections::{BTreeMap, BTreeSet};

use model::{DeviceId, TransferId};
use signaling_proto::client::ClientOutput;
use signaling_proto::negotiation::wins_glare;
use signaling_proto::server::SocketId;
use testkit::Seed;

use super::super::*;
use super::device::{Device, pair};
use super::server::{Node, ToSocket};

pub(super) struct World {
    seed: Seed,
    start: Instant,
    now: Instant,
    schedule: BTreeMap<(Instant, u64), Event>,
    number: u64,
    node: Option<Node>,
    devices: Vec<Device>,
    /// Which process is at the other end of a socket, and how far ahead its bytes are, each way.
    wires: BTreeMap<SocketId, Wire>,
    /// What is still to be sent: from whom, to whom.
    work: BTreeMap<TransferId, (usize, usize)>,
    /// Sessions whose end is about to be noticed, by who notices it.
    ending: BTreeSet<(usize, SessionId)>,
    peace_at: Option<Instant>,
}

struct Wire {
    device: usize,
    incarnation: u32,
    up: Instant,
    down: Instant,
}

/// What happens at a moment; to a process if it is still the one that it was meant for.
#[derive(Debug, Clone)]
enum Event {
    Accident {
        left: usize,
    },
    Started {
        device: usize,
    },
    ServerStarted,
    Nothing,
    AtServer {
        socket: SocketId,
        bytes: Vec<u8>,
    },
    ServerLost {
        socket: SocketId,
    },
    At {
        device: usize,
        incarnation: u32,
        what: AtDevice,
    },
}

#[derive(Debug, Clone)]
enum AtDevice {
    SocketAnswered,
    Received {
        socket: SocketId,
        bytes: Vec<u8>,
    },
    SocketLost {
        socket: SocketId,
    },
    Prepared {
        transfer: TransferId,
    },
    Described {
        peer: usize,
        session: SessionId,
    },
    Connects {
        peer: usize,
        session: SessionId,
        until: Instant,
    },
    Handshake {
        peer: usize,
        session: SessionId,
        until: Instant,
    },
    Carried {
        peer: usize,
        session: SessionId,
    },
    SessionOver {
        peer: usize,
        session: SessionId,
    },
}

impl World {
    pub(super) fn new(seed: Seed) -> Self {
        let now = Instant::now();
        clock::stand_at(now);
        let mut world = Self {
            seed,
            start: now,
            now,
            schedule: BTreeMap::new(),
            number: 0,
            node: Some(Node::new()),
            devices: (0..DEVICES).map(|_| Device::new(DEVICES)).collect(),
            wires: BTreeMap::new(),
            work: BTreeMap::new(),
            ending: BTreeSet::new(),
            peace_at: None,
        };
        for device in &mut world.devices {
            device.start();
        }
        for one in 0..DEVICES {
            for other in one + 1..DEVICES {
                pair(&mut world.devices, one, other);
            }
        }
        for device in 0..DEVICES {
            world.devices[device].process = None;
            world.at(0, Event::Started { device });
        }
        world
    }

    /// Goes through times of accidents; soon after the last of each, nothing is left to send.
    pub(super) fn run(mut self) {
        for _ in 0..self.seed.within(1..12) {
            let left = self.seed.below(8);
            let device = self.seed.below(DEVICES);
            self.peace_at = None;
            self.at(100, Event::Accident { left });
            self.add_work(device);
            while self.peace_at.is_none() || !self.work.is_empty() {
                self.step();
                let late = self.peace_at.is_some_and(|at| self.now > at + PATIENCE);
                assert!(
                    !late,
                    "who has something for another did not meet: {}",
                    self.describe()
                );
            }
        }
    }

    /// One device answers and is killed before anything connects; returns how long the two then need to meet.
    pub(super) fn lose_whoever_answered(mut self) -> Duration {
        while self.now < self.start + Duration::from_secs(10) {
            self.at(100, Event::Nothing);
            self.step();
        }
        let id = |device: &mut Device| device.hub().identity.secrets.device_id();
        let ids: Vec<DeviceId> = self.devices.iter_mut().map(id).collect();
        let (offers, answers) = match wins_glare(&ids[0], &ids[1]) {
            true => (0, 1),
            false => (1, 0),
        };
        self.want(offers, answers);
        while !self.is_answered(offers, answers) {
            self.step();
        }
        self.kill(answers);
        self.want(answers, offers);
        let killed_at = self.now;
        while !self.work.is_empty() {
            self.step();
        }
        self.now - killed_at
    }

    fn step(&mut self) {
        let next = self.schedule.first_key_value().map(|((at, _), _)| *at);
        let deadlines = self.deadlines();
        let at = next
            .into_iter()
            .chain(deadlines)
            .min()
            .expect("something happens");
        self.now = at.max(self.now);
        clock::stand_at(self.now);
        if next.is_some_and(|next| next <= self.now) {
            let (_, event) = self.schedule.pop_first().expect("there is one");
            self.happen(event);
        } else {
            self.tell_time();
        }
        self.look_around();
    }

    fn deadlines(&self) -> impl Iterator<Item = Instant> {
        let of_devices = self.devices.iter().filter_map(|device| {
            let deadline = device.process.as_ref()?.deadline()?;
            Some(
                device
                    .frozen_until
                    .map_or(deadline, |thaw| deadline.max(thaw)),
            )
        });
        let of_node = self.node.as_ref().and_then(Node::deadline);
        of_devices.chain(of_node).collect::<Vec<_>>().into_iter()
    }

    fn tell_time(&mut self) {
        let now = self.now;
        if let Some(node) = &mut self.node
            && node.deadline().is_some_and(|at| at <= now)
        {
            let done = node.time(now);
            self.server_does(done);
        }
        for device in 0..DEVICES {
            if self.devices[device].is_frozen(now) {
                continue;
            }
            if let Some(process) = &mut self.devices[device].process
                && process.deadline().is_some_and(|at| at <= now)
            {
                process.hub.meetings_timeout();
                let wishes = process.say(Some(ClientInput::Timeout), now);
                self.device_does(device, wishes);
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Accident { left } => self.accident(left),
            Event::Started { device } => self.started(device),
            Event::ServerStarted => self.node = Some(Node::new()),
            Event::Nothing => {}
            Event::AtServer { socket, bytes } => {
                if let Some(node) = &mut self.node {
                    let done = node.receive(socket, bytes, self.now);
                    self.server_does(done);
                }
            }
            Event::ServerLost { socket } => {
                self.wires.remove(&socket);
                if let Some(node) = &mut self.node {
                    let done = node.lose(socket, self.now);
                    self.server_does(done);
                }
            }
            Event::At {
                device,
                incarnation,
                what,
            } => {
                let at = &self.devices[device];
                if at.process.is_none() || at.incarnation != incarnation {
                    return;
                }
                match at.frozen_until.filter(|&until| self.now < until) {
                    Some(thaw) => self.put(
                        thaw,
                        Event::At {
                            device,
                            incarnation,
                            what,
                        },
                    ),
                    None => self.happen_at(device, what),
                }
            }
        }
    }

    fn happen_at(&mut self, device: usize, what: AtDevice) {
        match what {
            AtDevice::SocketAnswered => self.socket_answered(device),
            AtDevice::Received { socket, bytes } => {
                if self.process(device).socket == Some(socket) {
                    self.hear(device, ClientInput::MessageReceived(bytes));
                }
            }
            AtDevice::SocketLost { socket } => {
                let process = self.process(device);
                if process.socket.take_if(|it| *it == socket).is_some() {
                    self.hear(device, ClientInput::SocketClosed);
                }
            }
            AtDevice::Prepared { transfer } => self.prepared(device, transfer),
            AtDevice::Described { peer, session } => self.described(device, peer, session),
            AtDevice::Connects {
                peer,
                session,
                until,
            } => {
                self.connects(device, peer, session, until);
            }
            AtDevice::Handshake {
                peer,
                session,
                until,
            } => {
                self.handshake(device, peer, session, until);
            }
            AtDevice::Carried { peer, session } => self.carried(device, peer, session),
            AtDevice::SessionOver { peer, session } => {
                self.ending.remove(&(device, session));
                self.session_report(device, peer, session, SessionReport::Ended { error: None });
            }
        }
    }

    fn accident(&mut self, left: usize) {
        match left.checked_sub(1) {
            Some(left) => {
                let pause = *self.seed.pick(&[10, 300, 2_000, 8_000]);
                let pause = self.seed.within(0..pause);
                self.at(pause, Event::Accident { left });
            }
            None => self.peace_at = Some(self.now),
        }
        let device = self.seed.below(DEVICES);
        match self.seed.below(8) {
            0 | 1 => self.kill(device),
            2 => {
                let thaw = self.now + Duration::from_millis(self.seed.within(100..3_000));
                self.devices[device].frozen_until = Some(thaw);
            }
            3 => self.restart_server(),
            _ => self.add_work(device),
        }
    }

    fn kill(&mut self, device: usize) {
        let pause = self.seed.within(1..2_000);
        let Some(process) = self.devices[device].process.take() else {
            return; // It is being started.
        };
        if let Some(socket) = process.socket {
            self.after_latency(Event::ServerLost { socket });
        }
        self.devices[device].frozen_until = None;
        self.at(pause, Event::Started { device });
    }

    fn started(&mut self, device: usize) {
        self.devices[device].start();
        let waiting = self.work.iter().filter(|(_, (from, _))| *from == device);
        for transfer in waiting.map(|(&transfer, _)| transfer).collect::<Vec<_>>() {
            let pause = self.seed.within(10..500);
            self.at_device(pause, device, AtDevice::Prepared { transfer });
        }
        let now = self.now;
        let wishes = self.process(device).say(None, now);
        self.device_does(device, wishes);
    }

    pub(super) fn restart_server(&mut self) {
        if self.node.take().is_none() {
            return;
        }
        for (socket, wire) in std::mem::take(&mut self.wires) {
            let what = AtDevice::SocketLost { socket };
            let Wire {
                device,
                incarnation,
                ..
            } = wire;
            self.after_latency(Event::At {
                device,
                incarnation,
                what,
            });
        }
        let pause = self.seed.within(10..1_500);
        self.at(pause, Event::ServerStarted);
    }

    fn add_work(&mut self, from: usize) {
        let to = (from + 1 + self.seed.below(DEVICES - 1)) % DEVICES;
        self.want(from, to);
    }

    fn want(&mut self, from: usize, to: usize) {
        let transfer = TransferId(OsEntropy.draw());
        self.work.insert(transfer, (from, to));
        self.at_device(20, from, AtDevice::Prepared { transfer });
    }

    fn prepared(&mut self, device: usize, transfer: TransferId) {
        let Some(&(_, to)) = self.work.get(&transfer) else {
            return;
        };
        let contact = self.devices[device].contact(to);
        let process = self.process(device);
        let inbox = process.hub.add_waiting_send(transfer, contact);
        process.inboxes.push(inbox);
        match process.session_of(contact) {
            Some(session) => self.at_device(300, device, AtDevice::Carried { peer: to, session }),
            None => process.hub.meet(contact),
        }
    }

    fn socket_answered(&mut self, device: usize) {
        let now = self.now;
        let Some(node) = &mut self.node else {
            self.hear(device, ClientInput::SocketClosed);
            return;
        };
        self.number += 1;
        let socket = SocketId(self.number);
        let done = node.open(socket, now);
        let incarnation = self.devices[device].incarnation;
        self.wires.insert(
            socket,
            Wire {
                device,
                incarnation,
                up: now,
                down: now,
            },
        );
        self.process(device).socket = Some(socket);
        self.hear(device, ClientInput::SocketOpened);
        self.server_does(done);
    }

    fn hear(&mut self, device: usize, input: ClientInput) {
        let now = self.now;
        let wishes = self.process(device).say(Some(input), now);
        self.device_does(device, wishes);
    }

    fn device_does(&mut self, device: usize, wishes: Vec<ClientOutput>) {
        for wish in wishes {
            let socket = self.process(device).socket;
            match wish {
                ClientOutput::OpenSocket => {
                    let pause = self.seed.within(1..20);
                    self.at_device(pause, device, AtDevice::SocketAnswered);
                }
                ClientOutput::CloseSocket => {
                    if let Some(socket) = self.process(device).socket.take() {
                        self.after_latency(Event::ServerLost { socket });
                    }
                }
                ClientOutput::Send(bytes) => {
                    let latency = self.latency();
                    if let Some(socket) = socket
                        && let Some(wire) = self.wires.get_mut(&socket)
                    {
                        wire.up = wire.up.max(self.now + latency);
                        let at = wire.up;
                        self.put(at, Event::AtServer { socket, bytes });
                    }
                }
                ClientOutput::Event(_) => {}
            }
        }
    }

    fn server_does(&mut self, done: Vec<ToSocket>) {
        for what in done {
            let latency = self.latency();
            let (ToSocket::Send(socket, _) | ToSocket::Close(socket)) = what;
            let Some(wire) = self.wires.get_mut(&socket) else {
                continue;
            };
            wire.down = wire.down.max(self.now + latency);
            let (device, incarnation, at) = (wire.device, wire.incarnation, wire.down);
            let what = match what {
                ToSocket::Send(socket, bytes) => AtDevice::Received { socket, bytes },
                ToSocket::Close(socket) => AtDevice::SocketLost { socket },
            };
            self.put(
                at,
                Event::At {
                    device,
                    incarnation,
                    what,
                },
            );
        }
    }

    fn process(&mut self, device: usize) -> &mut super::device::Process {
        self.devices[device].process.as_mut().expect("it runs")
    }

    fn latency(&mut self) -> Duration {
        Duration::from_micros(self.seed.within(100..5_000))
    }

    fn after_latency(&mut self, event: Event) {
        let at = self.now + self.latency();
        self.put(at, event);
    }

    fn at(&mut self, pause_ms: u64, event: Event) {
        self.put(self.now + Duration::from_millis(pause_ms), event);
    }

    fn at_device(&mut self, pause_ms: u64, device: usize, what: AtDevice) {
        let incarnation = self.devices[device].incarnation;
        self.at(
            pause_ms,
            Event::At {
                device,
                incarnation,
                what,
            },
        );
    }

    fn put(&mut self, at: Instant, event: Event) {
        self.number += 1;
        self.schedule.insert((at, self.number), event);
    }

    fn describe(&self) -> String {
        let pairs: BTreeSet<_> = self.work.values().collect();
        let states = self.devices.iter().map(|device| {
            let hub = device.process.as_ref().map(|process| &process.hub);
            let online = hub.map(|hub| hub.signaling.online);
            format!(
                "online {online:?}: {:#?}",
                hub.map(|hub| &hub.meetings.contacts)
            )
        });
        let states = states.collect::<Vec<_>>().join("\n");
        format!("{pairs:?} after {:?}\n{states}", self.now - self.start)
    }
}

const DEVICES: usize = 3;
/// From the last accident until everybody has met: a session or a path whose other end is gone takes 25 or 30 s,
/// and the line to the server a while besides.
const PATIENCE: Duration = Duration::from_secs(60);
