//! The task of one folder: it owns the machine, and does what the machine says.

mod asking;
mod doing;
mod listing;

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Instant;

use model::{DeviceId, DisplayName, Entropy as _, FolderId, wire};
use store::IndexChanges;
use sync_proto::{
    AddressedToFolder, Cursor, Folder, FolderConfig, FolderInput, FolderMessage, FolderPath,
    FolderRoster, FolderSettings, IgnoreRules, Moment, Seat, Slot,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vfs::shared_folder::SharedFolder;

pub(crate) use asking::role_of;

use super::books::Books;
use super::disk::{self, DiskJob, DiskReport, DiskStart, Seen};
use super::member::{FromTasks, Member};
use super::{FolderCommand, FolderReport, FolderStart, FolderTrouble, FromMember};
use crate::clock;
use crate::entropy::OsEntropy;
use crate::hub::{HubHandle, HubMessage};
use crate::session::{SessionHandle, sleep_until};

/// Runs a folder until it is stopped or cannot go on.
pub(crate) async fn run(
    start: FolderStart,
    commands: mpsc::Receiver<FolderCommand>,
    messages: mpsc::Receiver<FromMember>,
) {
    let hub = start.hub.clone();
    let folder = start.folder;
    let trouble = Box::pin(work(start, commands, messages)).await.err();
    let report = FolderReport::Ended { trouble };
    // A hub that is gone has no use for it.
    hub.send(HubMessage::Folder { folder, report }).await.ok();
}

async fn work(
    start: FolderStart,
    commands: mpsc::Receiver<FolderCommand>,
    messages: mpsc::Receiver<FromMember>,
) -> Result<(), FolderTrouble> {
    let shutdown = start.shutdown.clone();
    let opened = tokio::task::spawn_blocking(move || open(start)).await;
    let opened = opened.map_err(std::io::Error::other)??;
    let (jobs, reports) = disk::start(opened.disk);
    let (from_tasks, told) = mpsc::channel(FROM_TASKS);
    let task = Task {
        known: opened.known,
        machine: opened.machine,
        settings: opened.settings,
        books: opened.books,
        desk: Desk {
            jobs,
            backlog: VecDeque::new(),
        },
        members: BTreeMap::new(),
        from_tasks,
        hub: opened.hub,
        face: Face::default(),
        tasks: JoinSet::new(),
    };
    let ears = Ears {
        commands,
        messages,
        reports,
        told,
    };
    Box::pin(task.run(ears, shutdown)).await
}

/// What does not change while it runs.
#[derive(Debug)]
struct Known {
    id: FolderId,
    name: DisplayName,
    own: DeviceId,
    /// Opens bulk messages to this device.
    token: u64,
}

struct Opened {
    known: Known,
    machine: Folder,
    settings: FolderSettings,
    books: Books,
    disk: DiskStart,
    hub: HubHandle,
}

fn open(start: FolderStart) -> Result<Opened, FolderTrouble> {
    let shared = match start.is_new {
        true => SharedFolder::found(&start.place, start.folder)?,
        false => SharedFolder::open(&start.place, start.folder)?,
    };
    let fresh = u64::from_be_bytes(OsEntropy.draw());
    let (books, index, contents) = Books::open(&start.home, start.folder, fresh)?;
    let settings = FolderSettings {
        direction: start.direction,
        folds_names: shared.folds_names(),
        left_out: Vec::new(),
        rules: IgnoreRules::none(),
    };
    let token = u64::from_be_bytes(OsEntropy.draw());
    let config = FolderConfig {
        own: start.own,
        roster: start.roster,
        slots: contents.slots.iter().filter_map(slot).collect(),
        cursors: contents.cursors.iter().filter_map(cursor).collect(),
        index,
        token,
        settings: settings.clone(),
    };
    let machine = Folder::new(config, now());
    let seen = Seen::load(contents.seen, |path| machine.index().on_disk(path));
    let wanted = machine.index().slots();
    let wanted = wanted.filter_map(|(_, slot)| slot.wanted.as_ref()?.record.state.file());
    let wanted = wanted.map(|file| file.digest).collect();
    Ok(Opened {
        known: Known {
            id: start.folder,
            name: start.name,
            own: start.own,
            token,
        },
        machine,
        settings,
        books: books.clone(),
        disk: DiskStart {
            shared,
            root: start.place,
            seen,
            books,
            version_time: start.version_time,
            wanted,
        },
        hub: start.hub,
    })
}

fn slot((path, bytes): &(String, Vec<u8>)) -> Option<(FolderPath, Slot)> {
    let path = FolderPath::parse(path).ok()?;
    Some((path, wire::decode(bytes, bytes.len()).ok()?))
}

fn cursor((seat, bytes): &(u8, Vec<u8>)) -> Option<(Seat, Cursor)> {
    Some((Seat::parse(*seat)?, wire::decode(bytes, bytes.len()).ok()?))
}

fn now() -> Moment {
    Moment {
        instant: Instant::now(),
        wall: clock::milliseconds(),
    }
}

struct Task {
    known: Known,
    machine: Folder,
    settings: FolderSettings,
    books: Books,
    desk: Desk,
    members: BTreeMap<DeviceId, Member>,
    from_tasks: mpsc::Sender<FromTasks>,
    hub: HubHandle,
    face: Face,
    /// Answers that wait for the disk.
    tasks: JoinSet<()>,
}

/// What people are told.
#[derive(Debug, Default)]
struct Face {
    /// Everything was looked at once since the start.
    has_looked: bool,
    /// What is not as it should be.
    notes: Vec<api::FolderNote>,
    /// What was last told of its state.
    told: Option<api::FolderState>,
}

/// Jobs for the disk, in their order.
struct Desk {
    jobs: SyncSender<DiskJob>,
    /// What the disk has no room for yet.
    backlog: VecDeque<DiskJob>,
}

struct Ears {
    commands: mpsc::Receiver<FolderCommand>,
    messages: mpsc::Receiver<FromMember>,
    reports: mpsc::Receiver<DiskReport>,
    told: mpsc::Receiver<FromTasks>,
}

impl Desk {
    fn ask(&mut self, job: DiskJob) {
        self.backlog.push_back(job);
        self.hand_over();
    }

    fn hand_over(&mut self) {
        while let Some(job) = self.backlog.pop_front() {
            match self.jobs.try_send(job) {
                Ok(()) => {}
                Err(TrySendError::Full(job)) => {
                    self.backlog.push_front(job);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}

impl Task {
    async fn run(
        mut self,
        mut ears: Ears,
        shutdown: CancellationToken,
    ) -> Result<(), FolderTrouble> {
        let mut ended = Ok(());
        let mut changes = IndexChanges::default();
        // What was known and not done before the last end.
        self.input(FolderInput::Timeout);
        loop {
            self.do_outputs(&mut changes).await?;
            let deadline = self.machine.deadline();
            // The disk is asked again when it told something; in the worst case after a moment.
            let backlog = (!self.desk.backlog.is_empty()).then(|| Instant::now() + BACKLOG_PAUSE);
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(command) = ears.commands.recv() => self.command(command),
                report = ears.reports.recv() => match report {
                    Some(report) => ended = self.disk_report(report, &mut changes),
                    None => ended = Err(FolderTrouble::Gone),
                },
                Some(told) = ears.told.recv() => {
                    self.told(told);
                    more(&mut ears.told).for_each(|told| self.told(told));
                }
                Some(_) = self.tasks.join_next() => {}
                Some(message) = ears.messages.recv() => {
                    self.message(message);
                    more(&mut ears.messages).for_each(|message| self.message(message));
                }
                () = sleep_until(deadline) => self.time_passed(),
                () = sleep_until(backlog) => self.desk.hand_over(),
            }
            if ended.is_err() {
                break;
            }
        }
        self.desk.jobs.try_send(DiskJob::End).ok();
        // The thread may wait to tell something.
        ears.reports.close();
        ended
    }

    fn time_passed(&mut self) {
        if !self.machine.is_calm() {
            tracing::debug!(waits = %self.machine.waits(), "a folder waits");
        }
        self.input(FolderInput::Timeout);
    }

    fn input(&mut self, input: FolderInput) {
        self.machine.handle_input(input, now());
    }

    fn command(&mut self, command: FolderCommand) {
        match command {
            FolderCommand::SessionUp { device, session } => self.session_up(device, session),
            FolderCommand::Roster(roster) => {
                let present: Vec<DeviceId> = self.members.keys().copied().collect();
                for device in present {
                    self.invite(device, &roster);
                }
                self.input(FolderInput::Roster(*roster));
            }
            FolderCommand::Direct(direction) => {
                self.settings.direction = direction;
                self.input(FolderInput::Settings(self.settings.clone()));
            }
            FolderCommand::Ask { action, reply } => self.ask(action, reply),
        }
    }

    fn session_up(&mut self, device: DeviceId, session: SessionHandle) {
        if self.members.remove(&device).is_some() {
            self.input(FolderInput::Disconnected(device));
        }
        let member = Member::start(device, session, self.known.token, self.from_tasks.clone());
        self.members.insert(device, member);
        self.invite(device, &self.machine.roster().clone());
        self.input(FolderInput::Connected(device));
    }

    /// Asks a member to join that never said anything of the folder.
    fn invite(&self, device: DeviceId, roster: &FolderRoster) {
        let own = roster
            .seat_of(&self.known.own)
            .and_then(|seat| roster.member(seat));
        let may = own.is_some_and(|own| {
            matches!(own.role, sync_proto::Role::Owner | sync_proto::Role::Admin)
        });
        let seat = roster.seat_of(&device);
        if seat.is_none_or(|seat| self.machine.knows(seat)) || !may {
            return;
        }
        let invite = FolderMessage::Invite {
            name: self.known.name.clone(),
            roster: roster.encode(),
        };
        self.say(device, invite);
    }

    fn message(&mut self, from: FromMember) {
        let member = self.members.get(&from.device);
        if member.is_some_and(|member| member.session == from.session) {
            self.input(FolderInput::MessageReceived {
                device: from.device,
                message: from.message,
            });
        }
    }

    fn told(&mut self, told: FromTasks) {
        match told {
            FromTasks::Gone { device, session } => {
                let member = self.members.get(&device);
                if member.is_some_and(|member| member.session == session) {
                    self.members.remove(&device);
                    self.input(FolderInput::Disconnected(device));
                }
            }
            FromTasks::Chunk { device, chunk } => self.input(FolderInput::ChunkReceived {
                device,
                file: chunk.file,
                chunk: chunk.chunk,
                data: chunk.data,
            }),
            FromTasks::Served {
                device,
                file,
                sent,
                missing,
                is_stale,
            } => {
                if is_stale {
                    let index = self.machine.index();
                    let holds = |path: &&FolderPath| {
                        let on_disk = index.on_disk(path);
                        on_disk.file().is_some_and(|it| it.digest == file)
                    };
                    let paths = index.slots().map(|(path, _)| path).filter(holds);
                    let paths: Vec<FolderPath> = paths.cloned().collect();
                    for path in paths {
                        self.desk.ask(DiskJob::Look(path));
                    }
                }
                self.input(FolderInput::Served {
                    device,
                    file,
                    sent,
                    missing,
                });
            }
            FromTasks::Restore { path, file, reply } => {
                self.input(FolderInput::Restore { path, file });
                reply.send(Ok(api::Reply::Done)).ok();
            }
        }
    }

    fn say(&self, device: DeviceId, message: FolderMessage) {
        if let Some(member) = self.members.get(&device) {
            member.say(AddressedToFolder {
                folder: self.known.id,
                message,
            });
        }
    }
}

/// What else is there already, so that what follows from it is done together.
fn more<T>(channel: &mut mpsc::Receiver<T>) -> impl Iterator<Item = T> {
    std::iter::from_fn(|| channel.try_recv().ok()).take(AT_ONCE)
}

/// Messages that are taken together.
const AT_ONCE: usize = 64;
/// What the tasks of all members told and the folder has not taken.
const FROM_TASKS: usize = 64;
/// How long a disk with a full queue is left alone at most.
const BACKLOG_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);
