use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Mutex;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, ParseError, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry};

use crate::directives::Directives;
use crate::file::LogFile;
use crate::redacted::show_private;

/// How one binary logs.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// What is shown when `RUST_LOG` is not set.
    pub default_level: DefaultLevel,
    /// A file that gets the same lines.
    pub file: Option<LogTarget>,
}

/// A log file and how long it may grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTarget {
    /// Where it lies; the one before it is kept beside it as `<name>.1`.
    pub path: PathBuf,
    /// When it is started anew; usually [`LOG_FILE_BYTES`](crate::LOG_FILE_BYTES).
    pub limit_bytes: u64,
}

/// What is shown when `RUST_LOG` is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultLevel {
    /// Warnings: for faces, whose own words matter more.
    Warn,
    /// What happens: for servers. Each line carries its time.
    Info,
}

/// Why a binary cannot log.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// `RUST_LOG` is not a list of directives.
    #[error("RUST_LOG cannot be read: {0}")]
    BadFilter(#[source] ParseError),
    /// The log file cannot be opened.
    #[error("the log file {} cannot be opened: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Called twice in one process.
    #[error("logging was set up before")]
    AlreadySet(#[source] TryInitError),
}

/// Sets up logging for the whole process; called once, first thing in `main`.
///
/// Reads `RUST_LOG`. Colours appear only on a terminal and without `NO_COLOR`.
pub fn init(config: LogConfig) -> Result<(), InitError> {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let directives = match asked.trim() {
        "" => config.default_level.directive(),
        asked => asked,
    };
    let file = config.file.map(open_file).transpose()?;
    let filter = EnvFilter::builder()
        .parse(directives)
        .map_err(InitError::BadFilter)?;
    let named = Directives::parse(directives);
    show_private(named.shows_private());
    Registry::default()
        .with(filter)
        .with(filter_fn(move |metadata| named.allow(metadata.target())))
        .with(terminal_lines(config.default_level))
        .with(file.map(file_lines))
        .try_init()
        .map_err(InitError::AlreadySet)
}

impl DefaultLevel {
    fn directive(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

fn open_file(target: LogTarget) -> Result<LogFile, InitError> {
    let LogTarget { path, limit_bytes } = target;
    LogFile::open(&path, limit_bytes).map_err(|source| InitError::File { path, source })
}

fn terminal_lines<S>(level: DefaultLevel) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = fmt::layer()
        .compact()
        .with_ansi(colours)
        .with_writer(io::stderr);
    match level {
        DefaultLevel::Warn => lines.without_time().boxed(),
        DefaultLevel::Info => lines.boxed(),
    }
}

fn file_lines<S>(file: LogFile) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fmt::layer()
        .compact()
        .with_ansi(false)
        .with_writer(Mutex::new(file))
}
