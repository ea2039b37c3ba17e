//! `wherry-signaling`: the signaling server as a program.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use logging::{DefaultLevel, LogConfig};
use signaling::{Cidr, Config, Server, TlsFiles, read_config};
use tokio_util::sync::CancellationToken;

/// Lets devices find each other. Sees sealed envelopes, never names, files or keys.
#[derive(Debug, Parser)]
#[command(name = "wherry-signaling", version)]
struct Arguments {
    /// Where devices connect; may be given several times [default: 127.0.0.1:7400]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Vec<SocketAddr>,
    /// Certificate chain (PEM); read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Where Prometheus metrics are served besides loopback
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// A network of proxies that say where devices come from; may be given several times
    #[arg(long, value_name = "CIDR")]
    trusted_proxy: Vec<Cidr>,
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
    // Listened for before anybody can see the node serve, and so ask it to stop.
    let asked_to_stop = stop_signals()?;
    let shutdown = CancellationToken::new();
    let server = Server::bind(config, shutdown.clone()).await?;
    let stopped = server.stopped();
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
    if let (Some(certificate), Some(key)) = (arguments.tls_cert, arguments.tls_key) {
        config.tls = Some(TlsFiles::new(certificate, key));
    }
    config.metrics_listen = arguments.metrics_listen.or(config.metrics_listen);
    config.proxy.trusted.extend(arguments.trusted_proxy);
    anyhow::ensure!(
        !config.listen.is_empty(),
        "there is no address to listen on"
    );
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
