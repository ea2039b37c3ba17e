//! The loop: the next event or deadline, then a look at everything that must hold.

mod bulk;
mod diary;
mod faults;
mod receiving;
mod sending;
mod sessions;
mod signaling;
mod verdict;
mod work;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::TransferId;
use session_proto::SessionInput;
use testkit::Seed;
use transfer_proto::{ReceiverInput, SenderInput};

use crate::Report;
use crate::device::Device;
use crate::network::Network;
use crate::plan::Plan;
use crate::schedule::Schedule;
use diary::Diary;
use faults::Weather;
use signaling::Signaling;
use verdict::Ledger;
use work::Work;

/// Everything there is.
pub(crate) struct World {
    seed: Seed,
    start: Instant,
    now: Instant,
    schedule: Schedule<Event>,
    devices: [Device; 2],
    network: Network,
    signaling: Signaling,
    weather: Weather,
    plans: BTreeMap<TransferId, Plan>,
    ledgers: BTreeMap<TransferId, Ledger>,
    report: Report,
    diary: Diary,
}

/// What happens at a moment.
#[derive(Debug)]
pub(crate) enum Event {
    ControlArrived {
        to: usize,
        connection: u32,
        bytes: Vec<u8>,
    },
    BulkArrived {
        to: usize,
        connection: u32,
        transfer: TransferId,
        message: Bytes,
    },
    ConnectionOpened {
        device: usize,
        connection: u32,
    },
    LossNoticed {
        device: usize,
        connection: u32,
    },
    Negotiated,
    NegotiationOver,
    Worked {
        device: usize,
        incarnation: u32,
        work: Work,
    },
    FaultDue,
    Restarted {
        device: usize,
    },
    DiskFreed {
        device: usize,
    },
    DiskQuickened,
    Nudged,
    TurnedKind,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut seed = Seed::new(seed);
        let restless = seed.chance(25);
        let plans: BTreeMap<TransferId, Plan> = (0..=seed.within(0..3))
            .map(|number| Plan::draw(number.to_le_bytes()[0], restless, &mut seed))
            .map(|plan| (plan.transfer, plan))
            .collect();
        let start = Instant::now();
        let mut world = Self {
            start,
            now: start,
            schedule: Schedule::new(),
            devices: [Device::new(), Device::new()],
            network: Network::new(&mut seed),
            signaling: Signaling::new(),
            weather: Weather::new(start, restless, &mut seed),
            ledgers: plans
                .keys()
                .map(|transfer| (*transfer, Ledger::default()))
                .collect(),
            plans,
            report: Report::default(),
            diary: Diary::default(),
            seed,
        };
        world.plan_faults();
        world.start_process(0);
        world.start_process(1);
        world
    }

    /// Runs until everything is complete.
    pub(crate) fn run(mut self) -> Report {
        while !(self.is_settled() && self.weather.kind) {
            self.report.steps += 1;
            assert!(
                self.report.steps < STEPS,
                "the world runs in circles: {}",
                self.describe()
            );
            assert!(
                self.now < self.weather.kind_at + PATIENCE,
                "the kind world does not complete: {}",
                self.describe()
            );
            self.step();
        }
        self.judge()
    }

    fn step(&mut self) {
        self.negotiate_if_needed();
        let event = self.schedule.next_time();
        let deadline = self.next_deadline();
        let next = event.into_iter().chain(deadline).min();
        self.now = next.expect("faults are always planned").max(self.now);
        if event.is_some_and(|event| event <= self.now) {
            let event = self.schedule.pop().expect("there is a next event");
            self.handle(event);
        } else {
            self.wake();
        }
        for device in [0, 1] {
            self.pump_controls(device);
        }
        self.check();
    }

    fn handle(&mut self, event: Event) {
        if !matches!(
            event,
            Event::BulkArrived { .. } | Event::ControlArrived { .. }
        ) {
            self.note(|| format!("{event:?}"));
        }
        match event {
            Event::ControlArrived {
                to,
                connection,
                bytes,
            } => self.control_arrived(to, connection, bytes),
            Event::BulkArrived {
                to,
                connection,
                transfer,
                message,
            } => {
                self.bulk_arrived(to, connection, transfer, message);
            }
            Event::ConnectionOpened { device, connection } => {
                self.connection_opened(device, connection)
            }
            Event::LossNoticed { device, connection } => self.loss_noticed(device, connection),
            Event::Negotiated => self.negotiated(),
            Event::NegotiationOver => self.negotiation_over(),
            Event::Worked {
                device,
                incarnation,
                work,
            } => {
                if self.is_running(device, incarnation) {
                    self.worked(device, work);
                }
            }
            Event::FaultDue => self.strike(),
            Event::Restarted { device } => self.start_process(device),
            Event::DiskFreed { device } => self.free_disk(device),
            Event::DiskQuickened => self.weather.slow_disk = false,
            Event::Nudged => self.nudge(),
            Event::TurnedKind => self.turn_kind(),
        }
    }

    /// Writes into the diary that a failure prints.
    fn note(&mut self, what: impl FnOnce() -> String) {
        let time = self.now - self.start;
        self.diary.note(|| format!("{time:?} {}", what()));
    }

    fn plan_in(&mut self, time: Duration, event: Event) {
        self.schedule.plan(self.now + time, event);
    }

    fn is_up(&self, device: usize) -> bool {
        self.devices[device].process.is_some()
    }

    fn is_running(&self, device: usize, incarnation: u32) -> bool {
        self.is_up(device) && self.devices[device].incarnation == incarnation
    }

    fn next_deadline(&self) -> Option<Instant> {
        (self.devices.iter())
            .filter_map(|device| device.process.as_ref())
            .flat_map(|process| {
                let session = process
                    .session
                    .iter()
                    .filter_map(|session| session.deadline());
                let senders = process
                    .senders
                    .values()
                    .filter_map(|sender| sender.deadline());
                let receivers = process
                    .receivers
                    .values()
                    .filter_map(|receiver| receiver.deadline());
                session.chain(senders).chain(receivers)
            })
            .min()
    }

    /// Tells every machine whose deadline has passed.
    fn wake(&mut self) {
        let due = |deadline: Option<Instant>, now| deadline.is_some_and(|deadline| deadline <= now);
        for device in [0, 1] {
            let now = self.now;
            let Some(process) = &self.devices[device].process else {
                continue;
            };
            let session = process
                .session
                .as_ref()
                .is_some_and(|session| due(session.deadline(), now));
            let senders: Vec<TransferId> = (process.senders.iter())
                .filter(|(_, sender)| due(sender.deadline(), now))
                .map(|(transfer, _)| *transfer)
                .collect();
            let receivers: Vec<TransferId> = (process.receivers.iter())
                .filter(|(_, receiver)| due(receiver.deadline(), now))
                .map(|(transfer, _)| *transfer)
                .collect();
            if session {
                self.tell_session(device, SessionInput::Timeout);
            }
            for transfer in senders {
                self.tell_sender(device, transfer, SenderInput::Timeout);
            }
            for transfer in receivers {
                self.tell_receiver(device, transfer, ReceiverInput::Timeout);
            }
        }
    }
}

/// More steps than any run needs.
const STEPS: u64 = 1_000_000;
/// How long a kind world may take.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
