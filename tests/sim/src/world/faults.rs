//! What goes wrong, and how the world turns kind in the end.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use model::TransferId;
use session_proto::SessionInput;
use testkit::Seed;
use transfer_proto::{ReceiverInput, SenderInput, SinkFailure};

use super::{Event, World};
use crate::device::Process;

/// The troubles of the moment.
#[derive(Debug)]
pub(crate) struct Weather {
    /// Whether nothing goes wrong any more.
    pub(super) kind: bool,
    pub(super) kind_at: Instant,
    /// The longest time between two faults, in milliseconds.
    calm: u64,
    /// How many of a thousand bulk messages bring trouble.
    malice: u64,
    pub(super) slow_disk: bool,
    pub(super) full_disk: [Option<SinkFailure>; 2],
    /// Whether bulk data is ever damaged in this world.
    pub(super) damages: bool,
    /// Bulk messages to damage.
    damage: u32,
    /// Whether sources ever change in this world.
    changes: bool,
    /// Whether they change all the time.
    restless: bool,
}

impl Weather {
    pub(super) fn new(start: Instant, restless: bool, seed: &mut Seed) -> Self {
        let storm = Duration::from_millis(seed.within(0..40_000));
        Self {
            kind: false,
            kind_at: start + storm,
            calm: *seed.pick(&[500, 2_000, 5_000, 10_000]),
            malice: *seed.pick(&[0, 5, 30]),
            slow_disk: false,
            full_disk: [None; 2],
            damages: seed.chance(50),
            damage: 0,
            changes: restless || seed.chance(50),
            restless,
        }
    }
}

impl World {
    pub(super) fn plan_faults(&mut self) {
        self.schedule.plan(self.weather.kind_at, Event::TurnedKind);
        self.plan_in(Duration::from_millis(1), Event::FaultDue);
    }

    /// Starts the process of a device: everything it knows comes from its home.
    pub(super) fn start_process(&mut self, device: usize) {
        if self.is_up(device) {
            return;
        }
        self.devices[device].incarnation += 1;
        self.devices[device].process = Some(Process::default());
        let own: Vec<TransferId> = (self.plans.values())
            .filter(|plan| plan.from == device)
            .map(|plan| plan.transfer)
            .collect();
        for transfer in own {
            self.start_sender(device, transfer);
        }
        let unfinished: Vec<TransferId> = (self.devices[device].home.receiving.iter())
            .filter(|(_, record)| record.accepted.is_some() && record.outcome.is_none())
            .map(|(transfer, _)| *transfer)
            .collect();
        for transfer in unfinished {
            self.start_receiver(device, transfer);
        }
    }

    /// Something goes wrong, and the next trouble is planned.
    pub(super) fn strike(&mut self) {
        if self.weather.kind {
            return;
        }
        let calm = Duration::from_millis(self.seed.within(1..self.weather.calm));
        self.plan_in(calm, Event::FaultDue);
        self.make_trouble();
    }

    /// Data is on its way: the best moment for something to go wrong.
    pub(super) fn tempt_fate(&mut self) {
        if !self.weather.kind && self.seed.within(0..1_000) < self.weather.malice {
            self.make_trouble();
        }
    }

    fn make_trouble(&mut self) {
        let device = self.seed.below(2);
        if self.weather.restless {
            match self.seed.within(0..100) {
                0..20 => self.change_source(),
                20..40 => self.crash(device),
                _ => {}
            }
        }
        match self.seed.within(0..100) {
            0..30 => self.cut_one(),
            30..42 => self.crash(device),
            42..55 if self.weather.damages => self.weather.damage += 1,
            55..65 => self.fill_disk(device),
            65..72 => self.slow_disk(),
            72..88 if self.weather.changes => self.change_source(),
            88..94 => self.pause(device),
            94..98 => self.connect_further(),
            98 => self.cancel(device),
            _ => {}
        }
    }

    /// A connection dies; each side notices when it does.
    fn cut_one(&mut self) {
        let alive = self.network.alive();
        if alive.is_empty() {
            return;
        }
        let connection = *self.seed.pick(&alive);
        self.network.cut(connection);
        self.report.cuts += 1;
        for device in [0, 1] {
            let longest = *self.seed.pick(&[2, 500, 40_000]);
            let delay = Duration::from_millis(self.seed.within(0..longest));
            self.plan_in(delay, Event::LossNoticed { device, connection });
        }
    }

    /// A process vanishes between two steps, with all its connections.
    fn crash(&mut self, device: usize) {
        let Some(process) = self.devices[device].process.take() else {
            return;
        };
        self.report.crashes += 1;
        for transfer in process.senders.keys().chain(process.receivers.keys()) {
            self.interrupt(*transfer);
        }
        for connection in self.network.alive() {
            self.network.cut(connection);
            let delay = Duration::from_millis(self.seed.within(1..40_000));
            let device = 1 - device;
            self.plan_in(delay, Event::LossNoticed { device, connection });
        }
        let longest = *self.seed.pick(&[2, 1_000, 20_000]);
        let delay = Duration::from_millis(self.seed.within(1..longest));
        self.plan_in(delay, Event::Restarted { device });
    }

    fn fill_disk(&mut self, device: usize) {
        self.weather.full_disk[device] = Some(SinkFailure::DiskFull);
        let delay = Duration::from_millis(self.seed.within(1..10_000));
        self.plan_in(delay, Event::DiskFreed { device });
    }

    fn slow_disk(&mut self) {
        self.weather.slow_disk = true;
        let delay = Duration::from_millis(self.seed.within(1..10_000));
        self.plan_in(delay, Event::DiskQuickened);
    }

    /// A person, or another program, changes what is being sent.
    fn change_source(&mut self) {
        let transfers: Vec<TransferId> = self.plans.keys().copied().collect();
        let transfer = *self.seed.pick(&transfers);
        let Some(plan) = self.plans.get_mut(&transfer) else {
            return;
        };
        let place = self.seed.below(plan.sources.len());
        let Some(source) = &mut plan.sources[place] else {
            return;
        };
        if source.kind == crate::source::SourceKind::Stream {
            return;
        }
        self.report.source_changes += 1;
        if self.seed.chance(5) {
            source.remove();
            return;
        }
        let size = usize::try_from(source.size_bytes()).expect("files are small");
        let size = match self.seed.below(3) {
            0 => size,
            1 => size / 2,
            _ => size + self.seed.below(size + 1_000),
        };
        if self.seed.chance(50) {
            source.write(size, &mut self.seed);
        } else {
            source.edit(size, &mut self.seed);
        }
    }

    fn pause(&mut self, device: usize) {
        for transfer in self.senders(device) {
            if self.seed.chance(50) {
                self.tell_sender(device, transfer, SenderInput::Pause);
            }
        }
        for transfer in self.receivers(device) {
            if self.seed.chance(50) {
                self.tell_receiver(device, transfer, ReceiverInput::Pause);
            }
        }
        let delay = Duration::from_millis(self.seed.within(1..10_000));
        self.plan_in(delay, Event::Nudged);
    }

    fn connect_further(&mut self) {
        let in_session = |device: usize| {
            (self.devices[device].process.as_ref())
                .and_then(|process| process.session.as_ref())
                .is_some_and(|session| session.is_established())
        };
        if in_session(0) && in_session(1) {
            self.connect();
        }
    }

    fn cancel(&mut self, device: usize) {
        let senders = self.senders(device);
        let receivers = self.receivers(device);
        if !senders.is_empty() && self.seed.chance(50) {
            let transfer = *self.seed.pick(&senders);
            self.tell_sender(device, transfer, SenderInput::Cancel);
        } else if !receivers.is_empty() {
            let transfer = *self.seed.pick(&receivers);
            self.tell_receiver(device, transfer, ReceiverInput::Cancel);
        }
    }

    /// Changes the last byte of a message if one is to be damaged: that is always data.
    pub(super) fn damage(&mut self, message: Bytes) -> Bytes {
        if self.weather.damage == 0 || self.weather.kind {
            return message;
        }
        self.weather.damage -= 1;
        let mut bytes = BytesMut::from(message);
        if let Some(last) = bytes.last_mut() {
            *last ^= 0x40;
        }
        bytes.freeze()
    }

    /// People press "resume" wherever something waits.
    pub(super) fn nudge(&mut self) {
        for device in [0, 1] {
            for transfer in self.senders(device) {
                self.tell_sender(device, transfer, SenderInput::Resume);
            }
            for transfer in self.receivers(device) {
                self.tell_receiver(device, transfer, ReceiverInput::Resume);
            }
            self.tell_session(device, SessionInput::Timeout);
        }
        if self.weather.kind {
            self.plan_in(Duration::from_secs(60), Event::Nudged);
        }
    }

    /// From now on nothing goes wrong.
    pub(super) fn turn_kind(&mut self) {
        self.weather.kind = true;
        self.weather.slow_disk = false;
        for device in [0, 1] {
            self.start_process(device);
            self.free_disk(device);
        }
        self.nudge();
    }
}
