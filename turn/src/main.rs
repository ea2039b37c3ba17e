//! `wherry-turn`: the relay as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use logging::{DefaultLevel, LogConfig};
use tokio_util::sync::CancellationToken;
use turn::{Config, Relay, TlsFiles, read_config, read_secrets};

/// Relays what devices send each other when no direct way exists. Sees ciphertext and addresses only.
#[derive(Debug, Parser)]
#[command(name = "wherry-turn", version)]
struct Arguments {
    /// Where clients come by UDP and TCP; may be given several times [default: port 3478 everywhere]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Vec<SocketAddr>,
    /// Where clients come by TLS; may be given several times
    #[arg(long, value_name = "ADDRESS:PORT", requires = "tls_cert")]
    tls_listen: Vec<SocketAddr>,
    /// Certificate chain (PEM); read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A file with the secret that credentials are made with; two while one replaces the other
    #[arg(long, value_name = "FILE")]
    secret_file: Vec<PathBuf>,
    /// Where /health and /metrics are served
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// Configuration file (TOML); the options above override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Prints the whole configuration as it would be used, and ends
    #[arg(long)]
    print_config: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let print_config = arguments.print_config;
    let config = configure(arguments).await?;
    if print_config {
        let mut output = std::io::stdout().lock();
        output
            .write_all(config.print().as_bytes())
            .context("cannot print")?;
        return Ok(());
    }
    logging::init(LogConfig {
        default_level: DefaultLevel::Info,
        file: None,
    })?;
    anyhow::ensure!(
        !config.secret_files.is_empty(),
        "a relay needs a secret: name its file with --secret-file"
    );
    let asked_to_stop = stop_signals()?;
    let secrets = read_secrets(&config.secret_files).await?;
    let files = config.secret_files.clone();
    let shutdown = CancellationToken::new();
    let mut relay = Relay::bind(config, secrets, shutdown.clone()).await?;
    relay.watch_secrets(files);
    let stopped = relay.stopped();
    tokio::pin!(stopped);
    tokio::select! {
        ended = &mut stopped => return Ok(ended?),
        () = asked_to_stop => {}
    }
    shutdown.cancel();
    Ok(stopped.await?)
}

async fn configure(arguments: Arguments) -> anyhow::Result<Config> {
    let mut config = match &arguments.config {
        Some(path) => read_config(path).await?,
        None => Config::default(),
    };
    if !arguments.listen.is_empty() {
        config.listen = arguments.listen;
    }
    if !arguments.tls_listen.is_empty() {
        config.tls_listen = arguments.tls_listen;
    }
    if let (Some(certificate), Some(key)) = (arguments.tls_cert, arguments.tls_key) {
        config.tls = Some(TlsFiles::new(certificate, key));
    }
    if !arguments.secret_file.is_empty() {
        config.secret_files = arguments.secret_file;
    }
    config.metrics_listen = arguments.metrics_listen.or(config.metrics_listen);
    Ok(config)
}

/// Listens for the signals with which systems end programs; the future waits for the first.
#[cfg(unix)]
fn stop_signals() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Listens for the signals with which systems end programs; the future waits for the first.
#[cfg(windows)]
fn stop_signals() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_c, ctrl_shutdown};
    let mut interrupt = ctrl_c()?;
    let mut shutdown = ctrl_shutdown()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}
