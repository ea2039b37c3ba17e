use tracing_subscriber::filter::LevelFilter;

/// What `RUST_LOG` says, as far as redaction needs to know it; the filtering itself is `EnvFilter`'s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directives {
    named_others: Vec<String>,
    shows_private: bool,
}

impl Directives {
    /// Reads a list such as `info,webrtc=debug,engine[session]=trace`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut directives = Self {
            named_others: Vec::new(),
            shows_private: false,
        };
        for part in text.split(',').map(str::trim) {
            directives.add(part);
        }
        directives
    }

    /// Whether lines of `target` may be shown: it is one of Wherry's crates, or was named.
    pub(crate) fn allow(&self, target: &str) -> bool {
        is_ours(target)
            || self
                .named_others
                .iter()
                .any(|name| target.starts_with(name.as_str()))
    }

    /// Whether debug lines of Wherry's own crates are asked for.
    pub(crate) fn shows_private(&self) -> bool {
        self.shows_private
    }

    fn add(&mut self, part: &str) {
        let (subject, level) = match part.rsplit_once('=') {
            Some((subject, level)) => (subject, level.parse().ok()),
            None => match part.parse() {
                Ok(level) => ("", Some(level)),
                Err(_) => (part, Some(LevelFilter::TRACE)),
            },
        };
        let target = subject.split(['[', '{']).next().unwrap_or_default().trim();
        let is_debug = level.is_some_and(|level: LevelFilter| level >= LevelFilter::DEBUG);
        if is_debug && (target.is_empty() || is_ours(target)) {
            self.shows_private = true;
        }
        if !target.is_empty() && !is_ours(target) {
            self.named_others.push(target.to_owned());
        }
    }
}

/// Whether `target`, a module path, is within one of Wherry's crates.
fn is_ours(target: &str) -> bool {
    let package = target.split("::").next().unwrap_or_default();
    OURS.contains(&package)
}

/// Every crate of the workspace that a program holds, and the binaries. No dependency may have one of these names.
const OURS: &[&str] = &[
    "api",
    "cli",
    "desktop",
    "engine",
    "hashing",
    "lan",
    "logging",
    "model",
    "pairing_proto",
    "peer",
    "sctp_proto",
    "session_proto",
    "signaling",
    "signaling_proto",
    "store",
    "sync_proto",
    "testkit",
    "transfer_proto",
    "turn",
    "turn_proto",
    "vfs",
    "wherry",
    "wherry_app",
    "wherry_signaling",
    "wherry_turn",
];

#[cfg(test)]
mod tests;
