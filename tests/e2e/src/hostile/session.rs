use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::sdp::{self, CandidatePolicy};
use model::{Description, FolderId, TransferId};
use peer::{Channel, Connection};
use session_proto::{
    ConnectionId, ControlMessage, Session, SessionConfig, SessionError, SessionInput, SessionOutput,
};
use sync_proto::{AddressedToFolder, FolderMessage};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use transfer_proto::{Addressed, ToReceiver, ToSender, TransferMessage};

use super::intruder::within;

/// A proven session with a victim; it stays alive by itself until it is dropped.
#[derive(Debug)]
pub struct HostileSession {
    handle: Handle,
    commands: mpsc::Sender<ControlMessage>,
    heard: mpsc::Receiver<Heard>,
    bulk: Channel,
    /// What the victim told of itself.
    pub remote: Description,
    /// What it offered inside the session.
    offered: mpsc::Receiver<Description>,
    /// What it said as a member of a folder.
    folders: mpsc::Receiver<AddressedToFolder>,
}

/// What a victim says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Something about a transfer.
    Message(Addressed),
    /// The session ended.
    Closed(SessionError),
    /// The connection ended.
    Gone,
}

impl HostileSession {
    pub(super) fn start(
        connection: Connection,
        config: SessionConfig,
        remote: Description,
        handle: Handle,
    ) -> Self {
        let (commands, wishes) = mpsc::channel(256);
        let (told, heard) = mpsc::channel(1_024);
        let bulk = connection.bulk();
        let (offers, offered) = mpsc::channel(64);
        let (members, folders) = mpsc::channel(1_024);
        let told = Ears {
            told,
            offers,
            members,
        };
        handle.spawn(pump(connection, Session::new(config), wishes, told));
        Self {
            handle,
            commands,
            heard,
            bulk,
            remote,
            offered,
            folders,
        }
    }

    /// Says something as a member of a folder.
    pub fn say_to_folder(&self, folder: FolderId, message: FolderMessage) {
        self.say_to_folder_raw(AddressedToFolder { folder, message }.encode());
    }

    /// Says bytes in the place of a folder's message.
    pub fn say_to_folder_raw(&self, bytes: Vec<u8>) {
        self.handle
            .block_on(self.commands.send(ControlMessage::Folder(bytes)))
            .ok();
    }

    /// Waits for something that the victim says as a member of a folder; `None` when the session ends before.
    ///
    /// # Panics
    /// When it says nothing for long.
    pub fn hear_of_folder<T>(
        &mut self,
        fits: impl Fn(&AddressedToFolder) -> Option<T>,
    ) -> Option<T> {
        loop {
            let said = self.handle.block_on(within(PATIENCE, self.folders.recv()));
            assert!(said.is_some(), "the victim says something");
            let said = said.flatten()?;
            if let Some(found) = fits(&said) {
                return Some(found);
            }
        }
    }

    /// What the victim said as a member of folders and was not heard yet.
    pub fn words_of_folders(&mut self) -> Vec<AddressedToFolder> {
        std::iter::from_fn(|| self.folders.try_recv().ok()).collect()
    }

    /// Says something as the sender of a transfer.
    pub fn say(&self, transfer: TransferId, message: ToReceiver) {
        self.say_as(transfer, TransferMessage::ToReceiver(message));
    }

    /// Says something as the receiver of a transfer.
    pub fn reply(&self, transfer: TransferId, message: ToSender) {
        self.say_as(transfer, TransferMessage::ToSender(message));
    }

    fn say_as(&self, transfer: TransferId, message: TransferMessage) {
        self.say_raw(Addressed { transfer, message }.encode());
    }

    /// Says bytes in the place of a transfer's message.
    pub fn say_raw(&self, bytes: Vec<u8>) {
        // A victim that closed the session hears nothing more, which is right.
        self.handle
            .block_on(self.commands.send(ControlMessage::Transfer(bytes)))
            .ok();
    }

    /// Sends a bulk message; one that the victim no longer takes is lost.
    pub fn send_bulk(&self, message: Bytes) {
        self.handle
            .block_on(within(PATIENCE, self.bulk.send(message)))
            .map(Result::ok);
    }

    /// What the victim says next.
    ///
    /// # Panics
    /// When it says nothing for a minute.
    pub fn hear(&mut self) -> Heard {
        let heard = self.handle.block_on(within(PATIENCE, self.heard.recv()));
        heard
            .expect("the victim says something")
            .unwrap_or(Heard::Gone)
    }

    /// Waits until the victim has offered so many further connections, and returns what it told.
    ///
    /// # Panics
    /// When it offers fewer.
    pub fn descriptions(&mut self, count: usize) -> Vec<Description> {
        let next = |it: &mut Self| it.handle.block_on(within(PATIENCE, it.offered.recv()));
        let told = (0..count).map(|_| next(self).flatten().expect("a further connection"));
        told.collect()
    }

    /// Waits for the token of the victim's consent.
    ///
    /// # Panics
    /// When the victim says anything else.
    pub fn accepted(&mut self) -> u64 {
        loop {
            match self.hear() {
                Heard::Message(Addressed {
                    message: TransferMessage::ToSender(ToSender::Accept(accept)),
                    ..
                }) => return accept.token,
                Heard::Message(_) => {}
                other => panic!("no consent: {other:?}"),
            }
        }
    }

    /// Waits for something that a receiver says.
    ///
    /// # Panics
    /// When the session ends before.
    pub fn told<T>(&mut self, fits: impl Fn(&ToSender) -> Option<T>) -> T {
        loop {
            match self.hear() {
                Heard::Message(Addressed {
                    message: TransferMessage::ToSender(message),
                    ..
                }) => {
                    if let Some(found) = fits(&message) {
                        return found;
                    }
                }
                Heard::Message(_) => {}
                other => panic!("it ended first: {other:?}"),
            }
        }
    }

    /// Waits for something that a sender says.
    ///
    /// # Panics
    /// When the session ends before.
    pub fn asked<T>(&mut self, fits: impl Fn(&TransferId, &ToReceiver) -> Option<T>) -> T {
        loop {
            match self.hear() {
                Heard::Message(Addressed {
                    transfer,
                    message: TransferMessage::ToReceiver(message),
                }) => {
                    if let Some(found) = fits(&transfer, &message) {
                        return found;
                    }
                }
                Heard::Message(_) => {}
                other => panic!("it ended first: {other:?}"),
            }
        }
    }

    /// Waits for the end, and says how it was.
    pub fn ended(&mut self) -> Heard {
        loop {
            match self.hear() {
                Heard::Message(_) => {}
                end => return end,
            }
        }
    }

    /// Where the victim listens, and can be reached on this machine.
    ///
    /// # Panics
    /// When it listens nowhere here.
    pub fn victim(&self) -> SocketAddr {
        let mut candidates = self.remote.candidates.iter();
        let here = candidates.find(|candidate| candidate.address.ip() == LOCALHOST);
        here.expect("both are on one machine").address
    }
}

const LOCALHOST: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Where it goes what a victim says.
struct Ears {
    told: mpsc::Sender<Heard>,
    offers: mpsc::Sender<Description>,
    members: mpsc::Sender<AddressedToFolder>,
}

async fn pump(
    connection: Connection,
    mut machine: Session,
    mut wishes: mpsc::Receiver<ControlMessage>,
    ears: Ears,
) {
    let control = connection.control();
    let bulk = connection.bulk();
    let fingerprints = connection.fingerprints();
    let id = ConnectionId(0);
    let opened = SessionInput::ControlOpened {
        connection: id,
        own: fingerprints.own,
        peer: fingerprints.peer,
    };
    machine.handle_input(opened, Instant::now());
    loop {
        if let Some(end) = drain(&mut machine, &control, &ears).await {
            ears.told.send(end).await.ok();
            connection.close().await;
            return;
        }
        let room = machine.can_send() && machine.is_established();
        let deadline = machine
            .deadline()
            .unwrap_or_else(|| Instant::now() + PATIENCE);
        let input = tokio::select! {
            wish = wishes.recv(), if room => match wish {
                Some(wish) => SessionInput::Send(wish),
                None => {
                    connection.close().await;
                    return;
                }
            },
            bytes = control.receive() => match bytes {
                Some(bytes) => SessionInput::ControlReceived { connection: id, bytes: bytes.into() },
                None => {
                    ears.told.send(Heard::Gone).await.ok();
                    return;
                }
            },
            // What a victim sends is of no interest, but must be taken.
            Some(_) = bulk.receive() => SessionInput::BulkReceived { connection: id },
            () = tokio::time::sleep_until(deadline.into()) => SessionInput::Timeout,
        };
        machine.handle_input(input, Instant::now());
    }
}

async fn drain(machine: &mut Session, control: &Channel, ears: &Ears) -> Option<Heard> {
    while let Some(output) = machine.poll_output() {
        match output {
            SessionOutput::SendControl { bytes, .. } => {
                if control.send(bytes.into()).await.is_err() {
                    return Some(Heard::Gone);
                }
            }
            SessionOutput::Received(ControlMessage::Transfer(bytes)) => {
                let message = Addressed::decode(&bytes).expect("victims speak clearly");
                ears.told.send(Heard::Message(message)).await.ok();
            }
            SessionOutput::Received(ControlMessage::Folder(bytes)) => {
                let message = AddressedToFolder::decode(&bytes).expect("victims speak clearly");
                ears.members.try_send(message).ok();
            }
            SessionOutput::Received(ControlMessage::ConnectionOffer { connection, sdp }) => {
                let told = sdp::parse(&sdp, CandidatePolicy::EVERYTHING);
                ears.offers
                    .try_send(told.expect("victims speak clearly"))
                    .ok();
                let refusal = ControlMessage::ConnectionRefused { connection };
                machine.handle_input(SessionInput::Send(refusal), Instant::now());
            }
            SessionOutput::Received(_)
            | SessionOutput::Established { .. }
            | SessionOutput::ConnectionSilent { .. } => {}
            SessionOutput::NeedsConnection => return Some(Heard::Gone),
            SessionOutput::Close(error) => return Some(Heard::Closed(error)),
        }
    }
    None
}

/// How long a victim may take for anything.
const PATIENCE: Duration = Duration::from_secs(10);
