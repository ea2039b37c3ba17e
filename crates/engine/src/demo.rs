//! Two devices on this machine, with everything real between them: an embedded signaling server, own
//! homes and keys, a code, and data channels.

use std::path::{Path, PathBuf};

use api::{
    CommandError, Destination, ErrorCode, Event, ReceiveCommand, SendCommand, SendSources,
    SettingCommand,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::settings::Given;
use crate::settings::table::{LAN_VISIBILITY, SERVER_URL};
use crate::{Client, EngineConfig, Events, problem};

/// What the demo carries.
#[derive(Debug)]
pub enum DemoSource {
    /// Something that exists.
    Path(PathBuf),
    /// A file of so many random bytes, made for the occasion.
    RandomBytes(u64),
}

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    ana: Client,
    ben: Client,
    ana_events: Events,
    ben_events: Events,
    server: JoinSet<()>,
    stop: CancellationToken,
    folder: TempDir,
}

impl Demo {
    /// Starts the server and both devices; Ana sends.
    ///
    /// # Errors
    /// Those of the two devices, and of a machine without room or loopback.
    pub async fn start(source: DemoSource) -> Result<Self, CommandError> {
        let folder = TempDir::with_prefix("wherry-demo-").map_err(no_room)?;
        let source = prepare(source, folder.path()).await?;
        let stop = CancellationToken::new();
        let mut server = JoinSet::new();
        let url = serve(&mut server, stop.clone()).await?;
        let (ana, ana_events) = device(folder.path(), "ana", &url).await?;
        let (ben, ben_events) = device(folder.path(), "ben", &url).await?;
        ana.call(SendCommand::ByCode {
            options: api::SendOptions::default(),
            sources: SendSources::Paths(vec![source]),
        })
        .await?;
        Ok(Self {
            ana,
            ben,
            ana_events,
            ben_events,
            server,
            stop,
            folder,
        })
    }

    /// The next thing that Ben's face would show; Ana's code is put into it.
    pub async fn next_event(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                event = self.ana_events.next() => {
                    let event = event?;
                    if let Event::CodeIssued { code, .. } = &event {
                        self.receive(code.clone()).await.ok()?;
                        return Some(event);
                    }
                    if let Event::TransferFailed { .. } = event {
                        return Some(event);
                    }
                }
                event = self.ben_events.next() => return event,
            }
        }
    }

    /// Ends both devices and removes everything.
    ///
    /// # Errors
    /// `internal` when the folder cannot be removed.
    pub async fn finish(mut self) -> Result<(), CommandError> {
        self.ben.close().await;
        self.ana.close().await;
        self.stop.cancel();
        while self.server.join_next().await.is_some() {}
        self.folder.close().map_err(no_room)
    }

    async fn receive(&self, code: String) -> Result<(), CommandError> {
        let destination = Destination::Folder(self.folder.path().join("received"));
        let command = ReceiveCommand::ByCode {
            code,
            destination,
            accept: true,
            wishes: api::Wishes::default(),
        };
        self.ben.call(command).await.map(|_| ())
    }
}

async fn serve(server: &mut JoinSet<()>, stop: CancellationToken) -> Result<String, CommandError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_room)?;
    let address = listener.local_addr().map_err(no_room)?;
    server.spawn(async move {
        if let Err(error) = signaling::serve(listener, signaling::Config::default(), stop).await {
            tracing::error!(%error, "the embedded signaling server ended");
        }
    });
    Ok(format!("ws://{address}/ws"))
}

async fn device(folder: &Path, name: &str, url: &str) -> Result<(Client, Events), CommandError> {
    let (client, events) = Client::open(EngineConfig {
        home: Some(folder.join(name)),
        // What is shown here concerns nobody else on the network.
        given: Given::default()
            .with_flag(&SERVER_URL, url)
            .with_flag(&LAN_VISIBILITY, "nobody"),
    })
    .await?;
    for (key, value) in [("device-name", name), ("disk-reserve-bytes", "0")] {
        client
            .call(SettingCommand::Change {
                key: key.to_owned(),
                value: Some(value.to_owned()),
            })
            .await?;
    }
    Ok((client, events))
}

async fn prepare(source: DemoSource, folder: &Path) -> Result<PathBuf, CommandError> {
    let bytes = match source {
        DemoSource::Path(path) => return Ok(path),
        DemoSource::RandomBytes(bytes) => bytes,
    };
    let path = folder.join("demo.bin");
    let made = path.clone();
    tokio::task::spawn_blocking(move || vfs::sample::random_file(&made, bytes))
        .await
        .map_err(|_| problem::engine_ended())?
        .map_err(no_room)?;
    Ok(path)
}

fn no_room(error: std::io::Error) -> CommandError {
    CommandError::new(
        ErrorCode::Internal,
        format!("The demo finds no room on this machine: {error}."),
    )
}
