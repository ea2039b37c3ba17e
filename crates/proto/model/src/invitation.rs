use std::fmt;
use std::str::FromStr;

use crate::ServerAddress;
use crate::limits::DEEP_LINK_BYTES;

/// A code and where it counts, as one device shows it and another takes it.
///
/// Three forms: a link (`wherry://receive#v=1,server=wss://signal.example.org,code=7-lunar-basil`), plain
/// text (`7-lunar-basil@signal.example.org`), and a code alone. Reading one changes nothing: whoever reads
/// it shows it and asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What it is for; only a link says so.
    pub aim: Option<InvitationAim>,
    /// Where the code counts; `None` is the reader's own server.
    pub server: Option<ServerAddress>,
    /// The code as it was written: whether it is one, its reader finds out.
    pub code: String,
}

/// What an invitation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationAim {
    /// To receive what is sent under the code.
    Receive,
    /// To become contacts.
    Pair,
}

/// Why a text is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// Longer than [`DEEP_LINK_BYTES`].
    #[error("this link is longer than any link of Wherry")]
    TooLong,
    /// Neither a link nor a code.
    #[error("this is no link of Wherry and no code")]
    Malformed,
    /// A link of a later program.
    #[error("this link was made by a newer version of Wherry: please update")]
    UnsupportedVersion,
    /// The server in it is no address.
    #[error("the server in this link is no address of a server")]
    BadServer,
}

impl Invitation {
    /// Writes the link, if it has room within [`DEEP_LINK_BYTES`] and there is something to say.
    pub fn link(aim: InvitationAim, server: &ServerAddress, code: &str) -> Option<String> {
        let server = server.to_string().replace('[', "%5B").replace(']', "%5D");
        let link = format!("{SCHEME}{}#v=1,server={server},code={code}", aim.word());
        let is_readable = Self::parse(&link).is_ok();
        is_readable.then_some(link)
    }

    /// Reads what a person pasted or typed, or what the system handed over.
    pub fn parse(text: &str) -> Result<Self, InvitationError> {
        if text.len() > DEEP_LINK_BYTES {
            return Err(InvitationError::TooLong);
        }
        let text = text.trim();
        match strip_scheme(text) {
            Some(rest) => Self::parse_link(rest),
            None => Self::parse_plain(text),
        }
    }

    fn parse_link(rest: &str) -> Result<Self, InvitationError> {
        let (aim, fragment) = rest.split_once('#').ok_or(InvitationError::Malformed)?;
        // A browser or a mail program may have put a slash behind the host.
        let aim = InvitationAim::of_word(aim.trim_end_matches('/'));
        let mut fields = Fields::default();
        for field in fragment.split(',') {
            let (key, value) = field.split_once('=').ok_or(InvitationError::Malformed)?;
            fields.add(key, decode_percent(value)?)?;
        }
        let code = fields.code.ok_or(InvitationError::Malformed)?;
        let is_code = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        if fields.version.is_none() || code.is_empty() || !code.bytes().all(is_code) {
            return Err(InvitationError::Malformed);
        }
        Ok(Self {
            aim: Some(aim.ok_or(InvitationError::Malformed)?),
            server: Some(fields.server.ok_or(InvitationError::Malformed)?),
            code,
        })
    }

    fn parse_plain(text: &str) -> Result<Self, InvitationError> {
        let (code, server) = match text.split_once('@') {
            Some((code, server)) => (code.trim(), Some(ServerAddress::of_person(server)?)),
            None => (text, None),
        };
        if code.is_empty()
            || code
                .chars()
                .any(|it| it.is_control() && !it.is_whitespace())
        {
            return Err(InvitationError::Malformed);
        }
        Ok(Self {
            aim: None,
            server,
            code: code.to_owned(),
        })
    }
}

/// The code is a secret for ten minutes.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("aim", &self.aim)
            .finish_non_exhaustive()
    }
}

impl InvitationAim {
    fn word(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Pair => "pair",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let mut all = [Self::Receive, Self::Pair].into_iter();
        all.find(|aim| aim.word() == word)
    }
}

/// The fields of a link, each at most once.
#[derive(Default)]
struct Fields {
    version: Option<()>,
    server: Option<ServerAddress>,
    code: Option<String>,
}

impl Fields {
    fn add(&mut self, key: &str, value: String) -> Result<(), InvitationError> {
        let is_second = match key {
            "v" if value == "1" => self.version.replace(()).is_some(),
            "v" => return Err(InvitationError::UnsupportedVersion),
            "server" => {
                let server = value.parse().map_err(|_| InvitationError::BadServer)?;
                self.server.replace(server).is_some()
            }
            "code" => self.code.replace(value).is_some(),
            _ => return Err(InvitationError::Malformed),
        };
        match is_second {
            true => Err(InvitationError::Malformed),
            false => Ok(()),
        }
    }
}

impl ServerAddress {
    /// Reads what stands behind the `@`: a host means `wss://` there.
    fn of_person(text: &str) -> Result<Self, InvitationError> {
        let text = text.trim();
        let address = match text.contains("://") {
            true => Self::from_str(text),
            false => Self::from_str(&format!("wss://{text}")),
        };
        address.map_err(|_| InvitationError::BadServer)
    }
}

/// What follows `wherry://`, in any case: schemes have none.
fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)
}

/// Turns `%5B` into `[`; only visible ASCII may be written so.
fn decode_percent(text: &str) -> Result<String, InvitationError> {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or(InvitationError::Malformed)?;
        let byte = u8::from_str_radix(digits, 16).ok();
        let byte = byte.filter(|it| it.is_ascii_graphic() && !digits.starts_with('+'));
        decoded.push(char::from(byte.ok_or(InvitationError::Malformed)?));
        decoded.push_str(rest);
    }
    Ok(decoded)
}

const SCHEME: &str = "wherry://";

#[cfg(test)]
mod tests;
