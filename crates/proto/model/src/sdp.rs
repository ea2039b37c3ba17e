//! Session descriptions as text (RFC 8866), read through a strict whitelist and written anew.
//!
//! What a peer sends never reaches the WebRTC stack: [`parse`] takes out the few facts that a
//! [`Description`] has, and [`render`] writes a fresh text from them. Lines that are not on the
//! whitelist refuse the whole text, so a surprise is an error and not a setting.

mod candidate;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::{Candidate, Description, DtlsFingerprint, DtlsRole, limits};

pub use candidate::CandidatePolicy;

/// Which half of the exchange a text is (RFC 8829 §4.1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdpKind {
    /// The first half.
    Offer,
    /// The reply; its `setup` attribute is never `actpass` (RFC 8842 §5.3).
    Answer,
}

/// Why a session description is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// More than [`limits::SDP_BYTES`].
    #[error("the session description is too long")]
    TooLong,
    /// Something besides visible ASCII, spaces and line ends, or a line that is not `x=value`.
    #[error("the session description is not text of the expected form")]
    NotText,
    /// A line, an attribute or a value outside the whitelist.
    #[error("the session description contains something unexpected")]
    NotAllowed,
    /// No data m-line.
    #[error("the session description has no data section")]
    NoDataSection,
    /// A second m-line.
    #[error("the session description has more than one section")]
    ManySections,
    /// A value that may occur once occurs again.
    #[error("the session description repeats itself")]
    Repeated,
    /// The ICE user name fragment, the ICE password, the fingerprint or the role is missing.
    #[error("the session description is incomplete")]
    Incomplete,
    /// An ICE user name fragment or password of the wrong length or alphabet (RFC 8839 §5.4).
    #[error("the ICE credentials are malformed")]
    BadCredentials,
    /// Not a SHA-256 fingerprint (RFC 8122 §5).
    #[error("the certificate fingerprint is malformed")]
    BadFingerprint,
    /// A candidate line that does not follow RFC 8839 §5.1.
    #[error("a candidate is malformed")]
    BadCandidate,
    /// More than [`limits::CANDIDATES`] usable candidates.
    #[error("the session description has too many candidates")]
    TooManyCandidates,
}

/// Reads a session description of at most [`limits::SDP_BYTES`].
///
/// One data m-line, one SHA-256 fingerprint, at most [`limits::CANDIDATES`] candidates. Candidates
/// that are well-formed and of no use are left out without an error: TCP, names (mDNS), other
/// components, and addresses that `policy` keeps away.
pub fn parse(text: &str, policy: CandidatePolicy) -> Result<Description, SdpError> {
    if text.len() > limits::SDP_BYTES {
        return Err(SdpError::TooLong);
    }
    let mut lines = text.lines();
    if lines.next() != Some("v=0") {
        return Err(SdpError::NotText);
    }

    let mut draft = Draft::new(policy);
    for line in lines {
        draft.read_line(line)?;
    }
    draft.finish()
}

/// Writes `description` as browsers and `webrtc` read it: SCTP port 5000, messages up to 64 KiB.
///
/// `parse(render(d)) == d` for every description that [`parse`] returns. An answer that still says
/// `actpass` is written as `active`.
pub fn render(description: &Description, kind: SdpKind) -> String {
    let mut text = String::with_capacity(1024);
    text.push_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n");
    text.push_str("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
    push_attribute(&mut text, "mid", MID);
    push_attribute(&mut text, "sendrecv", "");
    push_attribute(&mut text, "ice-ufrag", &ice_chars(&description.ice_ufrag));
    push_attribute(&mut text, "ice-pwd", &ice_chars(&description.ice_pwd));
    push_attribute(
        &mut text,
        "fingerprint",
        &fingerprint_text(&description.fingerprint),
    );
    push_attribute(&mut text, "setup", role_text(description.dtls_role, kind));
    push_attribute(&mut text, "sctp-port", SCTP_PORT);
    push_attribute(
        &mut text,
        "max-message-size",
        &limits::CHANNEL_MESSAGE_BYTES.to_string(),
    );
    for (index, candidate) in description.candidates.iter().enumerate() {
        push_attribute(&mut text, "candidate", &candidate::render(index, candidate));
    }
    push_attribute(&mut text, "end-of-candidates", "");
    text
}

/// What has been read so far.
struct Draft {
    policy: CandidatePolicy,
    in_data_section: bool,
    ice_ufrag: Option<String>,
    ice_pwd: Option<String>,
    fingerprint: Option<DtlsFingerprint>,
    dtls_role: Option<DtlsRole>,
    candidates: Vec<Candidate>,
}

impl Draft {
    fn new(policy: CandidatePolicy) -> Self {
        Self {
            policy,
            in_data_section: false,
            ice_ufrag: None,
            ice_pwd: None,
            fingerprint: None,
            dtls_role: None,
            candidates: Vec::new(),
        }
    }

    fn read_line(&mut self, line: &str) -> Result<(), SdpError> {
        if !line
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
        {
            return Err(SdpError::NotText);
        }
        match line.split_once('=').ok_or(SdpError::NotText)? {
            ("a", attribute) => {
                let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
                self.read_attribute(name, value)
            }
            ("m", value) => self.read_section(value),
            // Origin, session name, times and connection say nothing that ICE does not say better.
            ("o" | "s" | "t" | "c", _) => Ok(()),
            _ => Err(SdpError::NotAllowed),
        }
    }

    fn read_section(&mut self, value: &str) -> Result<(), SdpError> {
        if self.in_data_section {
            return Err(SdpError::ManySections);
        }
        let fields: Vec<&str> = value.split(' ').collect();
        let ["application", port, "UDP/DTLS/SCTP", "webrtc-datachannel"] = fields[..] else {
            return Err(SdpError::NotAllowed);
        };
        // Port 0 refuses the section (RFC 8829 §5.3.1).
        if number::<u16>(port).is_none_or(|port| port == 0) {
            return Err(SdpError::NotAllowed);
        }
        self.in_data_section = true;
        Ok(())
    }

    fn read_attribute(&mut self, name: &str, value: &str) -> Result<(), SdpError> {
        match name {
            "ice-ufrag" => set_once(&mut self.ice_ufrag, credential(value, UFRAG_CHARS)?),
            "ice-pwd" => set_once(&mut self.ice_pwd, credential(value, PWD_CHARS)?),
            "fingerprint" => set_once(&mut self.fingerprint, parse_fingerprint(value)?),
            "setup" => set_once(&mut self.dtls_role, parse_role(value)?),
            "candidate" => self.read_candidate(value),
            "mid" => allow(value == MID),
            "sctp-port" => allow(value == SCTP_PORT),
            "max-message-size" => allow(takes_our_messages(value)),
            // What browsers say besides, and what changes nothing for one data section.
            "group" | "msid-semantic" | "extmap-allow-mixed" | "ice-options" | "sendrecv"
            | "end-of-candidates" => Ok(()),
            _ => Err(SdpError::NotAllowed),
        }
    }

    fn read_candidate(&mut self, value: &str) -> Result<(), SdpError> {
        let Some(candidate) = candidate::parse(value, self.policy)? else {
            return Ok(());
        };
        if self.candidates.len() == limits::CANDIDATES {
            return Err(SdpError::TooManyCandidates);
        }
        self.candidates.push(candidate);
        Ok(())
    }

    fn finish(self) -> Result<Description, SdpError> {
        if !self.in_data_section {
            return Err(SdpError::NoDataSection);
        }
        Ok(Description {
            ice_ufrag: self.ice_ufrag.ok_or(SdpError::Incomplete)?,
            ice_pwd: self.ice_pwd.ok_or(SdpError::Incomplete)?,
            fingerprint: self.fingerprint.ok_or(SdpError::Incomplete)?,
            dtls_role: self.dtls_role.ok_or(SdpError::Incomplete)?,
            candidates: self.candidates,
        })
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> Result<(), SdpError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(SdpError::Repeated),
    }
}

fn allow(allowed: bool) -> Result<(), SdpError> {
    if allowed {
        Ok(())
    } else {
        Err(SdpError::NotAllowed)
    }
}

/// Whether a peer that says this takes our largest message; 0 means any size (RFC 8841 §6).
fn takes_our_messages(value: &str) -> bool {
    let enough = |bytes| bytes == 0 || bytes >= limits::CHANNEL_MESSAGE_BYTES as u64;
    number::<u64>(value).is_some_and(enough)
}

fn credential(value: &str, chars: std::ops::RangeInclusive<usize>) -> Result<String, SdpError> {
    if chars.contains(&value.len()) && value.chars().all(is_ice_char) {
        Ok(value.to_owned())
    } else {
        Err(SdpError::BadCredentials)
    }
}

fn parse_fingerprint(value: &str) -> Result<DtlsFingerprint, SdpError> {
    let (function, digits) = value.split_once(' ').ok_or(SdpError::BadFingerprint)?;
    // 32 pairs of digits and the colons between them.
    if !function.eq_ignore_ascii_case("sha-256") || digits.len() != 32 * 3 - 1 {
        return Err(SdpError::BadFingerprint);
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.split(':')) {
        let is_pair = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        let parsed = is_pair.then(|| u8::from_str_radix(pair, 16).ok());
        *byte = parsed.flatten().ok_or(SdpError::BadFingerprint)?;
    }
    Ok(DtlsFingerprint(bytes))
}

fn fingerprint_text(fingerprint: &DtlsFingerprint) -> String {
    let mut text = String::from("sha-256 ");
    for (index, byte) in fingerprint.0.iter().enumerate() {
        let colon = if index == 0 { "" } else { ":" };
        write!(text, "{colon}{byte:02X}").expect("writing to a String cannot fail");
    }
    text
}

fn parse_role(value: &str) -> Result<DtlsRole, SdpError> {
    match value {
        "actpass" => Ok(DtlsRole::ActPass),
        "active" => Ok(DtlsRole::Active),
        "passive" => Ok(DtlsRole::Passive),
        _ => Err(SdpError::NotAllowed),
    }
}

fn role_text(role: DtlsRole, kind: SdpKind) -> &'static str {
    match (role, kind) {
        (DtlsRole::ActPass, SdpKind::Offer) => "actpass",
        (DtlsRole::Active, _) | (DtlsRole::ActPass, SdpKind::Answer) => "active",
        (DtlsRole::Passive, _) => "passive",
    }
}

/// Reads digits and nothing else: `str::parse` also takes a plus sign.
fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| digits.parse().ok()).flatten()
}

fn is_ice_char(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/')
}

/// Keeps a credential that did not come through [`parse`] from starting a line of its own.
fn ice_chars(credential: &str) -> String {
    credential
        .chars()
        .filter(|&character| is_ice_char(character))
        .collect()
}

fn push_attribute(text: &mut String, name: &str, value: &str) {
    let colon = if value.is_empty() { "" } else { ":" };
    write!(text, "a={name}{colon}{value}\r\n").expect("writing to a String cannot fail");
}

/// The one section's name; with a single m-line everybody calls it this.
const MID: &str = "0";
/// The port inside the DTLS tunnel (RFC 8841 §5): nobody uses another.
const SCTP_PORT: &str = "5000";
/// RFC 8839 §5.4.
const UFRAG_CHARS: std::ops::RangeInclusive<usize> = 4..=256;
/// RFC 8839 §5.4.
const PWD_CHARS: std::ops::RangeInclusive<usize> = 22..=256;
