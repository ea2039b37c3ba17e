use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use model::DisplayName;

use crate::after_receive::command_words;
use crate::rate::RateRule;
use crate::stun::are_hosts;
use crate::{hosting, proxy};

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name for people, as `DisplayName` takes it.
    Name,
    /// `ws://` or `wss://` and a host.
    ServerUrl,
    /// Up to four hosts with ports, or `none`.
    Hosts,
    /// `http://` or `socks5://` with a host, `automatic` or `none`.
    Proxy,
    /// `automatic`, `all`, or names of network interfaces.
    Interfaces,
    /// `off`, `on`, or a host, perhaps with a port.
    Hosting,
    /// An absolute path.
    Folder,
    /// A size; K, M, G and T count 1024 each.
    Bytes {
        /// The smallest.
        at_least: u64,
        /// The largest.
        at_most: u64,
    },
    /// A plain number.
    Number {
        /// The smallest.
        at_least: u64,
        /// The largest.
        at_most: u64,
        /// What is counted, in the plural.
        unit: &'static str,
    },
    /// Speeds with the times for which they hold: see [`crate::RateRule`].
    Rate,
    /// A program with fixed arguments, or `none`.
    Command,
    /// `on` or `off`.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A value that its kind allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A name, a URL, speeds or a word.
    Text(String),
    /// Bytes, or whatever the row counts.
    Number(u64),
    /// On or off.
    Switch(bool),
    /// An absolute path.
    Folder(PathBuf),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Folder(path) => {
                let path = path.to_string_lossy();
                path.chars().try_for_each(|it| match it.is_control() {
                    true => it.escape_default().fmt(f),
                    false => f.write_char(it),
                })
            }
        }
    }
}

impl Kind {
    /// Reads a value, or `None` if it is not allowed.
    pub fn read(self, text: &OsStr) -> Option<Value> {
        if self == Self::Folder {
            let path = Path::new(text);
            return path.is_absolute().then(|| Value::Folder(path.to_owned()));
        }
        let text = text.to_str()?.trim();
        match self {
            Self::Name => {
                let name = DisplayName::new(text);
                // What would have to be cut or escaped is no name that anybody should see.
                let is_kept = !text.is_empty() && name.to_string() == text;
                is_kept.then(|| Value::Text(text.to_owned()))
            }
            Self::ServerUrl => is_server_url(text).then(|| Value::Text(text.to_owned())),
            Self::Hosts => are_hosts(text).then(|| Value::Text(text.to_owned())),
            Self::Proxy => proxy::is_setting(text).then(|| Value::Text(text.to_owned())),
            Self::Interfaces => {
                let interfaces: lan::Interfaces = text.parse().ok()?;
                Some(Value::Text(interfaces.to_string()))
            }
            Self::Hosting => hosting::is_setting(text).then(|| Value::Text(text.to_owned())),
            Self::Folder => None,
            Self::Bytes { at_least, at_most } => {
                let bytes = read_bytes(text)?;
                (at_least..=at_most)
                    .contains(&bytes)
                    .then_some(Value::Number(bytes))
            }
            Self::Number {
                at_least, at_most, ..
            } => {
                let number = read_number(text)?;
                (at_least..=at_most)
                    .contains(&number)
                    .then_some(Value::Number(number))
            }
            Self::Rate => {
                let rule: RateRule = text.parse().ok()?;
                (rule != RateRule::default()).then(|| Value::Text(rule.to_string()))
            }
            Self::Command => {
                let is_command = text == "none" || command_words(text).is_some();
                is_command.then(|| Value::Text(text.to_owned()))
            }
            Self::Switch => match text {
                "on" | "true" | "yes" => Some(Value::Switch(true)),
                "off" | "false" | "no" => Some(Value::Switch(false)),
                _ => None,
            },
            Self::Choice(words) => words.contains(&text).then(|| Value::Text(text.to_owned())),
        }
    }

    /// What is allowed, in words that follow "it must be".
    pub fn allowed(self) -> String {
        match self {
            Self::Name => format!(
                "a name of at most {} bytes without control characters",
                model::limits::DISPLAY_NAME_BYTES
            ),
            Self::ServerUrl => {
                "an address that begins with wss:// (or ws:// on a network you trust)".to_owned()
            }
            Self::Hosts => {
                "automatic, none, or up to four names or addresses with ports, like stun.example.org:3478"
                    .to_owned()
            }
            Self::Proxy => {
                "automatic, none, or an address like http://proxy.example.org:3128 or socks5://proxy.example.org:1080, without a login".to_owned()
            }
            Self::Interfaces => "automatic, all, or up to eight names of network interfaces".to_owned(),
            Self::Hosting => {
                "off, on, or the name or address under which others reach this machine, like home.example.org:7400".to_owned()
            }
            Self::Folder => "an absolute path".to_owned(),
            Self::Bytes { at_least, at_most } => format!(
                "a number of bytes{}, or one with K, M, G or T",
                range(at_least, at_most)
            ),
            Self::Number {
                at_least,
                at_most,
                unit,
            } => format!("a number of {unit}{}", range(at_least, at_most)),
            Self::Rate => "bytes a second from 16K, or none, for days and times if wanted, like `2M mon-fri 08:00-18:00, none`".to_owned(),
            Self::Command => "none, or the absolute path of a program and its arguments, with double quotes around what holds spaces".to_owned(),
            Self::Switch => "on or off".to_owned(),
            Self::Choice(words) => format!("one of: {}", words.join(", ")),
        }
    }
}

fn range(at_least: u64, at_most: u64) -> String {
    match (at_least, at_most) {
        (0, u64::MAX) => String::new(),
        (_, u64::MAX) => format!(" from {at_least}"),
        (_, _) => format!(" from {at_least} to {at_most}"),
    }
}

fn read_number(text: &str) -> Option<u64> {
    // `parse` would take a plus sign.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

fn read_bytes(text: &str) -> Option<u64> {
    let upper = text.to_ascii_uppercase();
    let (number, power) = match upper.chars().next_back()? {
        'K' => (&upper[..upper.len() - 1], 1),
        'M' => (&upper[..upper.len() - 1], 2),
        'G' => (&upper[..upper.len() - 1], 3),
        'T' => (&upper[..upper.len() - 1], 4),
        _ => (upper.as_str(), 0),
    };
    read_number(number)?.checked_mul(1024u64.pow(power))
}

/// Whether a URL can be a signaling server's.
pub(crate) fn is_server_url(url: &str) -> bool {
    let rest = url
        .strip_prefix("wss://")
        .or_else(|| url.strip_prefix("ws://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty())
        && !url.contains(|it: char| it.is_control() || it.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [Kind; 13] = [
        Kind::Name,
        Kind::ServerUrl,
        Kind::Hosts,
        Kind::Proxy,
        Kind::Interfaces,
        Kind::Hosting,
        Kind::Folder,
        Kind::Bytes {
            at_least: 0,
            at_most: u64::MAX,
        },
        Kind::Number {
            at_least: 2,
            at_most: 9,
            unit: "days",
        },
        Kind::Rate,
        Kind::Command,
        Kind::Switch,
        Kind::Choice(&["a", "b"]),
    ];

    proptest! {
        #[test]
        fn what_is_read_is_shown_as_something_that_reads_the_same(text in "\\PC{0,40}|[0-9]{1,20}[KMGTkmgt]?|[0-9]{3}[km] (mon|sat-sun)( 0[0-9]:30-1[0-9]:45)?|/[a-z/ \"]*|wss?://[a-z:0-9/]*") {
            for kind in KINDS {
                if let Some(value) = kind.read(OsStr::new(&text)) {
                    let shown = value.to_string();
                    prop_assert_eq!(kind.read(OsStr::new(&shown)), Some(value), "{:?}", kind);
                }
            }
        }
    }

    fn reads(kind: Kind, text: &str) -> Option<String> {
        kind.read(OsStr::new(text)).map(|value| value.to_string())
    }

    #[test]
    fn sizes_take_units_and_end_at_their_range() {
        let bytes = Kind::Bytes {
            at_least: 1024,
            at_most: 1 << 40,
        };
        assert_eq!(reads(bytes, "1k").as_deref(), Some("1024"));
        assert_eq!(reads(bytes, "2G").as_deref(), Some("2147483648"));
        assert_eq!(reads(bytes, "1T").as_deref(), Some("1099511627776"));
        for text in [
            "1023",
            "2T",
            "99999999999T",
            "K",
            "",
            "-1",
            "+5",
            "1.5G",
            "many",
        ] {
            assert_eq!(reads(bytes, text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let [
            name,
            url,
            hosts,
            proxy,
            interfaces,
            hosting,
            folder,
            _,
            number,
            rate,
            command,
            switch,
            choice,
        ] = KINDS;
        for (kind, text) in [
            (name, ""),
            (name, "two\nlines"),
            (url, "https://example.org"),
            (url, "wss://"),
            (url, "wss:///ws"),
            (url, "wss://a b"),
            (hosts, "stun.example.org"),
            (proxy, "http://ana:secret@proxy:1"),
            (interfaces, ""),
            (interfaces, "a b c d e f g h i"),
            (hosting, "perhaps not"),
            (folder, "here"),
            (folder, ""),
            (number, "1"),
            (number, "10"),
            (rate, ""),
            (rate, "fast"),
            (rate, "2M someday"),
            (command, "tool"),
            (command, "/bin/a \"b"),
            (switch, "perhaps"),
            (choice, "c"),
        ] {
            assert_eq!(reads(kind, text), None, "{kind:?} {text:?}");
        }
    }
}
