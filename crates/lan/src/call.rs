//! Calling at a neighbour's door.

use std::io;
use std::net::SocketAddr;

use model::limits::{LAN_BYTES, LAN_TIME};
use model::{ContactId, DisplayName, Entropy as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;

use crate::door::Wish;
use crate::meter::Metered;
use crate::proof::{self, Acquaintance, CallId};
use crate::wire::{
    Acknowledgement, Admission, Ask, Greeting, Introduction, Line, NameShown, OsEntropy, PATH,
    VERSION, WordError, hear, say, socket_config,
};

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody is there.
    #[error("nobody is there: {0}")]
    Unreachable(#[source] io::Error),
    /// Whoever is there is no device of ours.
    #[error("whoever is there does not speak as a device does")]
    Foreign,
    /// It speaks a version that is not known here.
    #[error("it speaks another version")]
    Version,
    /// It took too long.
    #[error("it did not answer in time")]
    TimedOut,
}

/// A call that both sides have proven, as far as they know each other.
#[derive(Debug)]
pub struct Call {
    contact: Option<ContactId>,
    line: Line,
}

/// Calls at a door and shows the tags of `known`: of those, at most the largest of `model::limits::LAN_TAGS`.
///
/// `port` is where this device's own door is, or zero.
pub async fn call(door: SocketAddr, port: u16, known: &[Acquaintance]) -> Result<Call, CallError> {
    let called = timeout(LAN_TIME, Box::pin(introduce(door, port, known))).await;
    called.map_err(|_| CallError::TimedOut)?
}

impl Call {
    /// Whose door it is, if it is one of those that were shown a tag.
    pub fn contact(&self) -> Option<ContactId> {
        self.contact
    }

    /// Asks for a line to the signaling endpoint behind the door.
    pub async fn line(mut self) -> Result<Line, CallError> {
        say(&mut self.line, &Ask::Line).await?;
        self.line.get_mut().lift();
        Ok(self.line)
    }

    /// Asks for the name of whoever lives there: `None` if it is not shown to everybody.
    pub async fn name(mut self) -> Result<Option<DisplayName>, CallError> {
        let asked = timeout(LAN_TIME, async {
            say(&mut self.line, &Ask::Name).await?;
            hear::<NameShown>(&mut self.line).await
        });
        let shown = asked.await.map_err(|_| CallError::TimedOut)??;
        Ok(shown.and_then(NameShown::display))
    }

    /// Asks for a pairing: `None` if there is none to be had here. The line carries what little a pairing takes.
    pub async fn pair(mut self, wish: Wish) -> Result<Option<Line>, CallError> {
        let ask = match wish {
            Wish::Tap => Ask::Tap,
            Wish::Code(number) => Ask::Code(number),
        };
        let asked = timeout(LAN_TIME, async {
            say(&mut self.line, &ask).await?;
            hear::<Admission>(&mut self.line).await
        });
        let admission = asked.await.map_err(|_| CallError::TimedOut)??;
        let is_admitted = admission.is_some_and(|it| it.is_admitted);
        Ok(is_admitted.then_some(self.line))
    }

    /// Hangs up in good order, so that both know that the other is there.
    pub async fn leave(mut self) {
        // Whoever is gone needs no goodbye.
        if let Ok(Err(error)) = timeout(LAN_TIME, self.line.close(None)).await {
            tracing::debug!(%error, "a call ended without a goodbye");
        }
    }
}

async fn introduce(door: SocketAddr, port: u16, known: &[Acquaintance]) -> Result<Call, CallError> {
    let stream = TcpStream::connect(door).await;
    let stream = stream.map_err(CallError::Unreachable)?;
    stream.set_nodelay(true).map_err(CallError::Unreachable)?;
    let url = format!("ws://{}{PATH}", SocketAddr::new(door.ip(), door.port()));
    let metered = Metered::new(stream, LAN_BYTES);
    let opened = client_async_with_config(url, metered, Some(socket_config())).await;
    let (mut line, _) = opened.map_err(|_| CallError::Foreign)?;

    let greeting = hear::<Greeting>(&mut line).await?;
    let greeting = greeting.ok_or(CallError::Foreign)?;
    if greeting.version != VERSION {
        return Err(CallError::Version);
    }
    let id = CallId {
        nonce: greeting.nonce,
        ephemeral: OsEntropy.draw(),
        door,
        port,
    };
    let introduction = Introduction {
        ephemeral: id.ephemeral,
        port,
        tags: proof::tags(&id, known, &mut OsEntropy),
    };
    say(&mut line, &introduction).await?;
    let answer = hear::<Acknowledgement>(&mut line).await?;
    let answer = answer.ok_or(CallError::Foreign)?;
    let contact = proof::door(&id, &answer.tag, known).map(|it| it.contact);
    Ok(Call { contact, line })
}

impl From<WordError> for CallError {
    fn from(_: WordError) -> Self {
        Self::Foreign
    }
}
