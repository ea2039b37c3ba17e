//! The hub owns contacts, presence, pairings and the transfer table; everything else sends it messages.

mod changes;
mod clients;
mod contacts;
mod copies;
mod devices;
mod examining;
mod folders;
mod groups;
mod history;
mod hosting;
mod identity;
mod links;
mod meetings;
mod nearby;
mod pairings;
mod prompts;
mod receipts;
mod rules;
mod settings;
mod signaling;
mod spending;
mod status;
mod transfers;

use std::io;
use std::time::Instant;

use api::{Command, CommandError, Event, Reply, TransferCommand};
use model::{ContactId, DeviceSecrets, FolderId, SessionId, TransferId};
use store::{Home, SecretPlace, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use clients::{ClientId, ClientKind};
use clients::{Clients, Receiving};
use copies::Copies;
use devices::Devices;
use folders::Folders;
pub(crate) use hosting::HostFailure;
pub(crate) use meetings::MeetingReport;
use meetings::Meetings;
use pairings::{Aim, Pairings};
use settings::Configuration;
use signaling::Signaling;
use transfers::{Speed, Transfers};

use crate::doctor::Facts;
use crate::entropy::OsEntropy;
use crate::folders::FolderReport;
use crate::neighbourhood::NeighbourReport;
use crate::network_watch::{self, NetworkChange};
use crate::session::{SessionReport, sleep_until};
use crate::transfer::{Keep, TransferReport};
use crate::{EngineConfig, after_receive, problem};

/// How everything reaches the hub.
pub(crate) type HubHandle = mpsc::Sender<HubMessage>;

/// What the hub hears.
#[derive(Debug)]
pub(crate) enum HubMessage {
    ClientJoined {
        client: ClientId,
        kind: ClientKind,
        events: mpsc::Sender<Event>,
    },
    ClientLeft {
        client: ClientId,
    },
    Command {
        client: ClientId,
        command: Box<Command>,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    },
    Meeting {
        contact: ContactId,
        session: SessionId,
        report: MeetingReport,
    },
    Session {
        contact: ContactId,
        session: SessionId,
        report: SessionReport,
    },
    /// The networks of this device changed.
    Network(NetworkChange),
    /// This device introduces others no more.
    HostFailed(HostFailure),
    /// An examination begins.
    Facts {
        /// The way to it is looked at, too.
        contact: Option<ContactId>,
        reply: oneshot::Sender<Facts>,
    },
    /// From the local networks.
    Neighbour(NeighbourReport),
    Folder {
        folder: FolderId,
        report: FolderReport,
    },
    Transfer {
        transfer: TransferId,
        report: TransferReport,
    },
    /// Something must be durable before its transfer goes on.
    Keep {
        transfer: TransferId,
        what: Keep,
        kept: oneshot::Sender<io::Result<()>>,
    },
}

/// Starts the hub.
pub(crate) fn start(
    home: Home,
    config: EngineConfig,
    tasks: &mut JoinSet<()>,
    shutdown: CancellationToken,
) -> Result<HubHandle, CommandError> {
    let (mut hub, messages) = assemble(home, config, tasks, shutdown)?;
    let handle = hub.ties.hub.clone();
    hub.read_spending();
    hub.apply_speeds();
    hub.apply_stun_servers();
    tasks.spawn(network_watch::run(
        handle.clone(),
        hub.ties.shutdown.clone(),
    ));
    tasks.spawn(Box::pin(hub.run(messages)));
    Ok(handle)
}

fn assemble(
    home: Home,
    config: EngineConfig,
    tasks: &mut JoinSet<()>,
    shutdown: CancellationToken,
) -> Result<(Hub, mpsc::Receiver<HubMessage>), CommandError> {
    let (handle, messages) = mpsc::channel(MESSAGES);
    let mut store =
        Store::open(&home, SecretPlace::File, Box::new(OsEntropy)).map_err(problem::open)?;
    let secrets = store.identity().map_err(problem::store)?;
    let settings = Configuration::load(&home, config.given)?;
    let (speed, pacer) = Speed::start();
    tasks.spawn(Box::pin(pacer));
    let (arrived, arrivals) = after_receive::queue();
    tasks.spawn(Box::pin(after_receive::run(arrivals, shutdown.clone())));
    let hub = Hub {
        home,
        identity: Identity {
            secrets,
            copies: Copies::default(),
            devices: Devices::default(),
        },
        clients: Clients::default(),
        settings,
        signaling: Signaling::new(),
        meetings: Meetings::default(),
        pairings: Pairings::default(),
        transfers: Transfers::new(speed, arrived),
        folders: Folders::default(),
        store,
        ties: Ties {
            hub: handle,
            shutdown,
        },
        tasks: JoinSet::new(),
    };
    Ok((hub, messages))
}

struct Hub {
    home: Home,
    store: Store,
    identity: Identity,
    settings: Configuration,
    clients: Clients,
    signaling: Signaling,
    meetings: Meetings,
    pairings: Pairings,
    transfers: Transfers,
    folders: Folders,
    ties: Ties,
    tasks: JoinSet<()>,
}

/// What every task that the hub starts is given.
struct Ties {
    hub: HubHandle,
    shutdown: CancellationToken,
}

/// Who this device is.
struct Identity {
    secrets: DeviceSecrets,
    copies: Copies,
    devices: Devices,
}

impl Hub {
    async fn run(mut self, mut messages: mpsc::Receiver<HubMessage>) {
        self.forget_the_old();
        while !self.ties.shutdown.is_cancelled() {
            let deadline = self.deadline();
            let shutdown = self.ties.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(message) = messages.recv() => self.message(message),
                Some(event) = self.signaling.next_event() => self.signaling_event(event),
                Some(_) = self.tasks.join_next() => {}
                () = sleep_until(deadline) => self.timeout(),
            }
        }
        self.wind_up(messages).await;
    }

    fn deadline(&self) -> Option<Instant> {
        let deadlines = [
            self.signaling.relays.awaited_until(),
            self.pairings.deadline(),
            self.meetings.deadline(),
            self.transfers.deadline(),
            self.folders.deadline(),
            self.meetings.nearby.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    fn timeout(&mut self) {
        self.signaling_timeout();
        self.pairings_timeout();
        self.meetings_timeout();
        self.transfers_timeout();
        self.folders_timeout();
        self.nearby_timeout();
    }

    /// Sessions and transfers end by the same token; meanwhile they may still need the hub.
    async fn wind_up(mut self, mut messages: mpsc::Receiver<HubMessage>) {
        self.give_up_attempts();
        self.say_goodbye();
        self.leave_neighbours().await;
        self.signaling.close().await;
        while !self.tasks.is_empty() {
            tokio::select! {
                Some(message) = messages.recv() => {
                    if matches!(message, HubMessage::Keep { .. } | HubMessage::Transfer { .. } | HubMessage::Folder { .. }) {
                        self.message(message);
                        self.give_up_attempts();
                    }
                }
                _ = self.tasks.join_next() => {}
            }
        }
    }

    fn message(&mut self, message: HubMessage) {
        match message {
            HubMessage::ClientJoined {
                client,
                kind,
                events,
            } => self.clients.join(client, kind, events),
            HubMessage::ClientLeft { client } => {
                self.clients.leave(client);
                self.drop_pairings_of(client);
                self.forget_looker(client);
            }
            HubMessage::Command {
                client,
                command,
                reply,
            } => {
                let command = *command;
                if let Command::Examine { contact } = command {
                    return self.examine(contact.as_deref(), reply);
                }
                if let Command::Folder(command) = command {
                    return self.folder_command(command, reply);
                }
                if let Command::Transfer(TransferCommand::Entries {
                    transfer,
                    offset,
                    limit,
                }) = command
                {
                    return self.tell_entries(transfer, (offset, limit), reply);
                }
                let result = self.command(client, command);
                // Whoever asked may be gone.
                reply.send(result).ok();
            }
            HubMessage::Meeting {
                contact,
                session,
                report,
            } => self.meeting_report(contact, session, report),
            HubMessage::Session {
                contact,
                session,
                report,
            } => self.session_report(contact, session, report),
            HubMessage::Folder { folder, report } => self.folder_report(folder, report),
            HubMessage::Neighbour(report) => self.neighbour_report(report),
            HubMessage::Network(change) => self.network_changed(change),
            HubMessage::HostFailed(failure) => self.host_failed(failure),
            HubMessage::Facts { contact, reply } => {
                // Whoever asked may be gone.
                reply.send(self.facts(contact)).ok();
            }
            HubMessage::Transfer { transfer, report } => self.transfer_report(transfer, report),
            HubMessage::Keep {
                transfer,
                what,
                kept,
            } => {
                let result = self.keep(transfer, what);
                kept.send(result).ok();
            }
        }
    }

    fn command(&mut self, client: ClientId, command: Command) -> Result<Reply, CommandError> {
        match command {
            Command::GoOnline | Command::Examine { .. } => {
                self.start_folders();
                self.go_online().map(|()| Reply::Done)
            }
            Command::Status => Ok(self.status(client)),
            Command::Identity(command) => self.identity_command(client, command),
            Command::Send(command) => self.send_command(client, command),
            Command::Receive(command) => self.receive_command(client, command),
            Command::Offer(command) => self.offer_command(&command),
            Command::Pairing(command) => self.pairing_command(client, command),
            Command::Nearby(command) => self.nearby_command(client, command),
            Command::Contact(command) => self.contact_command(&command),
            Command::Group(command) => self.group_command(&command),
            // Answered by the folder itself.
            Command::Folder(_) => Err(problem::usage("A folder is asked by itself.")),
            Command::Rule(command) => self.rule_command(command),
            Command::Transfer(command) => self.transfer_command(client, &command),
            Command::Receipt(command) => self.receipt_command(&command),
            Command::History(command) => self.history_command(command),
            Command::Setting(command) => self.setting_command(client, &command),
            Command::Link(command) => self.link_command(&command),
        }
    }
}

/// Messages that wait for the hub.
const MESSAGES: usize = 256;

#[cfg(test)]
mod tests;
