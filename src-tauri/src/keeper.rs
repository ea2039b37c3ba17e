//! Keeps the engine's door: one task owns it, puts the page's questions through it, and passes on what
//! the engine tells. When another process owned the home and ends, it opens the home again.

use std::path::PathBuf;

use api::{
    Command, CommandError, Destination, ErrorCode, ReceiveCommand, Reply, SettingCommand,
    SettingSource, SettingView, Wishes,
};
use engine::{Client, EngineConfig, Events};
use tokio::sync::{mpsc, oneshot};

use crate::teller::{ShellEvent, Teller, Told};

/// How everything in the shell asks the engine.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    asks: mpsc::Sender<Ask>,
}

#[derive(Debug)]
enum Ask {
    Command {
        command: Box<Command>,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    },
    Close {
        closed: oneshot::Sender<()>,
    },
}

impl Keeper {
    /// Opens the home in a task of its own.
    pub(crate) fn start(config: EngineConfig, teller: Teller) -> Self {
        let (asks, asked) = mpsc::channel(ASKS);
        let task = Task {
            config,
            teller,
            asked,
        };
        tauri::async_runtime::spawn(Box::pin(task.run()));
        Self { asks }
    }

    /// Asks for something and waits for the answer.
    pub(crate) async fn ask(&self, command: impl Into<Command>) -> Result<Reply, CommandError> {
        let command = Box::new(command.into());
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Command { command, reply };
        self.asks.send(ask).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Every setting.
    pub(crate) async fn settings(&self) -> Result<Vec<SettingView>, CommandError> {
        let Reply::Settings { settings, .. } = self.ask(SettingCommand::List).await? else {
            return Err(ended());
        };
        Ok(settings)
    }

    /// Says goodbye to everybody and frees the home.
    pub(crate) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.asks.send(Ask::Close { closed }).await.is_ok() {
            // A task that is gone has freed the home.
            done.await.ok();
        }
    }
}

struct Task {
    config: EngineConfig,
    teller: Teller,
    asked: mpsc::Receiver<Ask>,
}

/// Why a task stopped serving.
enum Stop {
    /// The window is closed for good.
    Close(oneshot::Sender<()>),
    /// The process that owned the home ended.
    OwnerGone,
}

impl Task {
    async fn run(mut self) {
        let mut was_open = false;
        loop {
            let (client, events) = match Client::open(self.config.clone()).await {
                Ok(opened) => opened,
                Err(error) => match self.refuse(error).await {
                    Some(closed) => return finish(closed),
                    None => continue,
                },
            };
            announce(&client).await;
            if was_open {
                self.teller.tell(Told::Shell(ShellEvent::Reopened));
            }
            was_open = true;
            let stop = self.serve(&client, events).await;
            client.close_before(std::future::ready(())).await;
            if let Stop::Close(closed) = stop {
                return finish(closed);
            }
        }
    }

    /// Answers one question with why there is no engine; then it is tried again.
    async fn refuse(&mut self, error: CommandError) -> Option<oneshot::Sender<()>> {
        tracing::error!(code = ?error.code, "the home cannot be opened");
        match self.asked.recv().await? {
            Ask::Close { closed } => Some(closed),
            Ask::Command { reply, .. } => {
                // A page that was left does not wait.
                reply.send(Err(error)).ok();
                None
            }
        }
    }

    async fn serve(&mut self, client: &Client, mut events: Events) -> Stop {
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.teller.tell(Told::Engine(event)),
                    None => return Stop::OwnerGone,
                },
                ask = self.asked.recv() => match ask {
                    Some(Ask::Command { command, reply }) => {
                        let result = put(client, *command, &mut events, &self.teller).await;
                        reply.send(result).ok();
                    }
                    Some(Ask::Close { closed }) => return Stop::Close(closed),
                    None => return Stop::OwnerGone,
                },
            }
        }
    }
}

/// Puts a question, and passes on what is told meanwhile: an owner that tells much would not answer else.
async fn put(
    client: &Client,
    command: Command,
    events: &mut Events,
    teller: &Teller,
) -> Result<Reply, CommandError> {
    let changes_settings = matches!(
        &command,
        Command::Setting(SettingCommand::Change { .. } | SettingCommand::Reload)
    );
    let answer = async {
        let result = client.call(command).await;
        if changes_settings && result.is_ok() {
            announce(client).await;
        }
        result
    };
    let mut answer = std::pin::pin!(answer);
    loop {
        tokio::select! {
            result = &mut answer => return result,
            Some(event) = events.next() => teller.tell(Told::Engine(event)),
        }
    }
}

/// Takes what contacts send into the folder of the settings, and goes online, once a person chose one.
async fn announce(client: &Client) {
    if let Err(error) = try_announce(client).await {
        tracing::info!(code = ?error.code, "not online yet");
    }
}

async fn try_announce(client: &Client) -> Result<(), CommandError> {
    let Reply::Settings { settings, .. } = client.call(SettingCommand::List).await? else {
        return Err(ended());
    };
    let Some(folder) = chosen_folder(&settings) else {
        return Ok(());
    };
    let receive = ReceiveCommand::FromContacts {
        destination: Destination::Folder(folder),
        accept: false,
        wishes: Wishes::default(),
    };
    client.call(receive).await.map(|_| ())
}

/// The folder that receives, if somebody has chosen one: the first run is over then.
pub(crate) fn chosen_folder(settings: &[SettingView]) -> Option<PathBuf> {
    let folder = settings
        .iter()
        .find(|setting| setting.key == DESTINATION_FOLDER)?;
    match folder.source {
        SettingSource::Default => None,
        SettingSource::Policy
        | SettingSource::Flag
        | SettingSource::Environment
        | SettingSource::File => folder.value.as_ref().map(PathBuf::from),
    }
}

fn finish(closed: oneshot::Sender<()>) {
    // Whoever waited may be gone.
    closed.send(()).ok();
}

fn ended() -> CommandError {
    CommandError::new(ErrorCode::Internal, "The engine ended.")
}

/// The setting that names the folder that receives.
pub(crate) const DESTINATION_FOLDER: &str = "destination-folder";
/// Questions that wait.
const ASKS: usize = 64;
