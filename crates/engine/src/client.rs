use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::{Command, CommandError, ErrorCode, Event, Reply, SettingCommand};
use store::{Home, HomeLock, LockError};
use tokio::sync::{mpsc, oneshot};

use crate::hub::{ClientId, ClientKind, HubHandle, HubMessage};
use crate::owner::{self, Owner};
use crate::{EngineConfig, attach, problem, settings};

/// A face's door to the engine: inside the process that owns the home, or attached to it.
#[derive(Debug)]
pub struct Client {
    door: Door,
}

#[derive(Debug)]
enum Door {
    Owner { owner: Box<Owner>, hub: HubHandle },
    Attached(attach::Attachment),
}

/// What a client is told, in order.
#[derive(Debug)]
pub struct Events {
    events: mpsc::Receiver<Event>,
}

impl Events {
    pub(crate) fn new(events: mpsc::Receiver<Event>) -> Self {
        Self { events }
    }

    /// Waits for the next event; `None` when the owner of the home ended.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

impl Client {
    /// Becomes the owner of the home, or attaches to the process that owns it.
    ///
    /// # Errors
    /// `home_unusable` when the home cannot be opened, `home_busy` when its owner does not answer.
    pub async fn open(config: EngineConfig) -> Result<(Self, Events), CommandError> {
        let path = match &config.home {
            Some(path) => path.clone(),
            None => Home::default_path().map_err(problem::home)?,
        };
        let home = Home::open(&path).map_err(problem::home)?;
        for _ in 0..OPEN_ATTEMPTS {
            match home.lock() {
                Ok(lock) => return Self::own(home, lock, config).await,
                Err(LockError::HomeBusy { .. }) => {
                    if let Some((client, events)) = Self::attach(&home).await? {
                        match client.check_flags(&config).await {
                            Ok(()) => return Ok((client, events)),
                            // It ended before it answered.
                            Err(error) if error.code == ErrorCode::HomeBusy => {}
                            Err(error) => return Err(error),
                        }
                    }
                }
                Err(error) => return Err(problem::lock(error)),
            }
            // The owner is starting or ending: it has the lock, but no socket.
            tokio::time::sleep(OPEN_PAUSE).await;
        }
        Err(CommandError::new(
            ErrorCode::HomeBusy,
            "Another process uses this home and does not answer. Wait for it, or use another --home.",
        ))
    }

    /// Asks for something and waits for the answer.
    ///
    /// # Errors
    /// What the engine answers; `home_busy` when its owner ended meanwhile.
    pub async fn call(&self, command: impl Into<Command>) -> Result<Reply, CommandError> {
        let command = command.into();
        match &self.door {
            Door::Owner { hub, .. } => call(hub, owner::OWN_CLIENT, command).await,
            Door::Attached(attachment) => attachment.call(command).await,
        }
    }

    /// Ends: says goodbye to peers, waits until attached processes are done, frees the home.
    pub async fn close(self) {
        self.close_before(std::future::pending()).await;
    }

    /// Ends like [`Client::close`], but waits for attached processes only until `impatience` is over; they
    /// see the owner go.
    pub async fn close_before(self, impatience: impl Future<Output = ()>) {
        match self.door {
            Door::Owner { owner, hub } => {
                drop(hub);
                owner.close_before(impatience).await;
            }
            Door::Attached(attachment) => attachment.close().await,
        }
    }

    /// Whether other processes work through this one.
    pub fn is_in_use(&self) -> bool {
        match &self.door {
            Door::Owner { owner, .. } => owner.is_in_use(),
            Door::Attached(_) => false,
        }
    }

    async fn check_flags(&self, config: &EngineConfig) -> Result<(), CommandError> {
        let Reply::Settings { settings, .. } = self.call(SettingCommand::List).await? else {
            return Err(problem::engine_ended());
        };
        settings::check_flags(&config.given, &settings)
    }

    async fn own(
        home: Home,
        lock: HomeLock,
        config: EngineConfig,
    ) -> Result<(Self, Events), CommandError> {
        let (owner, hub, events) = Owner::start(home, lock, config).await?;
        let door = Door::Owner {
            owner: Box::new(owner),
            hub,
        };
        Ok((Self { door }, Events::new(events)))
    }

    async fn attach(home: &Home) -> Result<Option<(Self, Events)>, CommandError> {
        let path = home.socket_path().map_err(problem::home)?;
        let Some((attachment, events)) = attach::connect(&path).await else {
            return Ok(None);
        };
        let door = Door::Attached(attachment);
        Ok(Some((Self { door }, Events::new(events))))
    }
}

/// Puts a command to the hub and waits for its answer.
pub(crate) async fn call(
    hub: &HubHandle,
    client: ClientId,
    command: Command,
) -> Result<Reply, CommandError> {
    let (reply, answer) = oneshot::channel();
    let message = HubMessage::Command {
        client,
        command: Box::new(command),
        reply,
    };
    hub.send(message)
        .await
        .map_err(|_| problem::engine_ended())?;
    answer.await.map_err(|_| problem::engine_ended())?
}

/// Makes a client known to the hub.
pub(crate) async fn join(
    hub: &HubHandle,
    client: ClientId,
    kind: ClientKind,
) -> mpsc::Receiver<Event> {
    let (events, receiver) = mpsc::channel(EVENTS_PER_CLIENT);
    let message = HubMessage::ClientJoined {
        client,
        kind,
        events,
    };
    // A hub that is gone drops the sender, and the receiver says so.
    hub.send(message).await.ok();
    receiver
}

/// Numbers clients.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientNumbers(Arc<AtomicU64>);

impl ClientNumbers {
    pub(crate) fn next(&self) -> ClientId {
        ClientId(1 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Events a client may lag behind before it is let go.
const EVENTS_PER_CLIENT: usize = 1_024;
/// How often a home that is changing hands is tried.
const OPEN_ATTEMPTS: u32 = 50;
/// The pause between tries.
const OPEN_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
