//! What two devices say at a door, before one of them is known and after.

use std::io;

use futures_util::{SinkExt as _, StreamExt as _};
use model::limits::{DISPLAY_NAME_BYTES, LAN_TAGS, SIGNALING_MESSAGE_BYTES};
use model::{DisplayName, Entropy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::meter::Metered;
use crate::proof::Tag;

/// A connection between two devices of one network.
pub type Line = WebSocketStream<Metered<TcpStream>>;

/// The version of what is said here.
pub(crate) const VERSION: u8 = 1;
/// Where a door's socket is.
pub(crate) const PATH: &str = "/lan";

/// The first word, the door's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Greeting {
    pub(crate) version: u8,
    pub(crate) nonce: [u8; 32],
}

/// The caller's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Introduction {
    pub(crate) ephemeral: [u8; 32],
    /// Where the caller's own door is, or zero.
    pub(crate) port: u16,
    pub(crate) tags: Vec<Tag>,
}

/// What the door says to everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acknowledgement {
    pub(crate) tag: Tag,
}

/// What a caller may ask then, if it asks anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// A line to the signaling endpoint behind the door: for contacts.
    Line,
    /// The device's name: for everybody while it is shown to everybody.
    Name,
    /// To become contacts without a code: for everybody while the name is shown to everybody.
    Tap,
    /// To become contacts by the code of this number, which somebody here shows.
    Code(u32),
}

/// What a caller gets who asked for a pairing: if it is admitted, messages of the pairing follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Admission {
    pub(crate) is_admitted: bool,
}

/// The device's name, if it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NameShown {
    pub(crate) name: Option<String>,
}

/// A word that is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WordError {
    #[error("the connection ended")]
    Ended,
    #[error("this is not what is said here")]
    Malformed,
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

impl Introduction {
    /// Whether it has a form that somebody's contacts could have.
    pub(crate) fn is_well_formed(&self) -> bool {
        LAN_TAGS.contains(&self.tags.len())
    }
}

impl NameShown {
    /// The name as it may be shown to a person.
    pub(crate) fn display(self) -> Option<DisplayName> {
        let name = self.name.filter(|it| it.len() <= DISPLAY_NAME_BYTES);
        name.map(|name| DisplayName::new(&name))
    }
}

/// Says one word.
pub(crate) async fn say<T: Serialize + Sync>(line: &mut Line, word: &T) -> Result<(), WordError> {
    let bytes = postcard::to_allocvec(word).map_err(|_| WordError::Malformed)?;
    let sent = line.send(Message::Binary(bytes.into())).await;
    sent.map_err(|error| WordError::Io(io::Error::other(error)))
}

/// Hears one word; `None` when the other side hangs up in good order.
pub(crate) async fn hear<T: DeserializeOwned>(line: &mut Line) -> Result<Option<T>, WordError> {
    loop {
        let Some(message) = line.next().await else {
            return Ok(None);
        };
        match message.map_err(|_| WordError::Ended)? {
            Message::Binary(bytes) => return decode(&bytes).map(Some),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return Ok(None),
            Message::Text(_) | Message::Frame(_) => return Err(WordError::Malformed),
        }
    }
}

/// Reads a word that has nothing behind it.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WordError> {
    match postcard::take_from_bytes(bytes) {
        Ok((word, [])) => Ok(word),
        Ok(_) | Err(_) => Err(WordError::Malformed),
    }
}

/// How sockets are between neighbours: once both are known, envelopes go over them.
pub(crate) fn socket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * SIGNALING_MESSAGE_BYTES)
        .max_message_size(Some(SIGNALING_MESSAGE_BYTES))
        .max_frame_size(Some(SIGNALING_MESSAGE_BYTES))
}

/// The system's random generator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("without randomness from the system nothing can be proven");
    }
}

/// The default would be most of what an idle socket costs.
const READ_BUFFER_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_a_word_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(word) = decode::<Introduction>(&bytes) {
                let again = postcard::to_allocvec(&word).unwrap();
                prop_assert_eq!(decode::<Introduction>(&again).unwrap(), word);
            }
            decode::<Greeting>(&bytes).ok();
            decode::<Ask>(&bytes).ok();
            decode::<Admission>(&bytes).ok();
            if let Ok(shown) = decode::<NameShown>(&bytes) {
                let shown = shown.display().map(|it| it.to_string());
                prop_assert!(shown.is_none_or(|it| it.len() <= DISPLAY_NAME_BYTES));
            }
        }
    }

    #[test]
    fn the_longest_introduction_fits_what_a_stranger_may_say() {
        let introduction = Introduction {
            ephemeral: [255; 32],
            port: u16::MAX,
            tags: vec![[255; 16]; LAN_TAGS[2]],
        };
        assert!(introduction.is_well_formed());
        let bytes = postcard::to_allocvec(&introduction).unwrap();
        assert!(
            bytes.len() + 2_048 < model::limits::LAN_BYTES,
            "{}",
            bytes.len()
        );
        let other = Introduction {
            tags: vec![[0; 16]; 17],
            ..introduction
        };
        assert!(!other.is_well_formed());
    }
}
