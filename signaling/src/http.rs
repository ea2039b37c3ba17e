//! The little of HTTP/1.1 that comes before a WebSocket: one request, one answer.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The head of a request, as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    /// What came behind the head.
    pub(crate) early: Vec<u8>,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeadError {
    #[error("the connection ended before the request did")]
    Io(#[from] io::Error),
    #[error("the request head is too long")]
    TooLong,
    #[error("not an HTTP request")]
    Malformed,
    /// With what was read of it.
    #[error("STUN, not HTTP")]
    Turn(Vec<u8>),
}

/// Why a request does not become a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoUpgrade {
    /// It does not ask for one.
    NotAsked,
    /// It asks in a way that RFC 6455 does not know.
    Malformed,
}

/// Reads one request head of at most `max_bytes`.
pub(crate) async fn read_head<S>(stream: &mut S, max_bytes: usize) -> Result<Head, HeadError>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    let mut searched = 0;
    loop {
        if let Some(end) = find_end(&bytes, searched) {
            return parse(&bytes, end);
        }
        searched = bytes.len();
        if bytes.len() >= max_bytes {
            return Err(HeadError::TooLong);
        }
        let room = max_bytes - bytes.len();
        let mut part = [0; READ_BYTES];
        let part_bytes = room.min(READ_BYTES);
        match stream.read(&mut part[..part_bytes]).await? {
            0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            length => bytes.extend_from_slice(&part[..length]),
        }
        // No HTTP begins like this, and every STUN message does (RFC 8489, section 5).
        if bytes.first().is_some_and(|first| *first < 4) {
            return Err(HeadError::Turn(bytes));
        }
    }
}

/// Writes an answer that closes the connection.
pub(crate) async fn respond<S>(
    stream: &mut S,
    status: &str,
    headers: &str,
    body: &str,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n{headers}\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// Turns the connection into a WebSocket; `key` comes from [`Head::upgrade_key`].
pub(crate) async fn switch_protocols<S>(stream: &mut S, key: &str) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await
}

impl Head {
    /// The values of a header, in order; `name` is in lower case.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        let same = move |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
    }

    /// The key of a proper WebSocket request (RFC 6455, section 4.2.1).
    pub(crate) fn upgrade_key(&self) -> Result<&str, NoUpgrade> {
        if self.method != "GET" || !self.has_token("upgrade", "websocket") {
            return Err(NoUpgrade::NotAsked);
        }
        let is_proper = self.has_token("connection", "upgrade")
            && self.values("sec-websocket-version").eq(["13"]);
        let mut keys = self.values("sec-websocket-key");
        match (keys.next(), keys.next()) {
            (Some(key), None) if is_proper && is_nonce(key) => Ok(key),
            _ => Err(NoUpgrade::Malformed),
        }
    }

    fn has_token(&self, name: &str, token: &str) -> bool {
        let mut tokens = self.values(name).flat_map(|value| value.split(','));
        tokens.any(|it| it.trim().eq_ignore_ascii_case(token))
    }
}

/// The place behind the empty line, if it ends behind the first `searched` bytes.
fn find_end(bytes: &[u8], searched: usize) -> Option<usize> {
    let start = searched.saturating_sub(3);
    let mut windows = bytes[start..].windows(4);
    let place = windows.position(|window| window == b"\r\n\r\n")?;
    Some(start + place + 4)
}

fn parse(bytes: &[u8], end: usize) -> Result<Head, HeadError> {
    let (head, early) = bytes.split_at(end);
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) | Err(_) => return Err(HeadError::Malformed),
    }
    let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version)
    else {
        return Err(HeadError::Malformed);
    };
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let headers = request.headers.iter().map(|header| {
        let value = std::str::from_utf8(header.value).map_err(|_| HeadError::Malformed)?;
        Ok((header.name.to_owned(), value.trim().to_owned()))
    });
    Ok(Head {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.collect::<Result<_, HeadError>>()?,
        early: early.to_vec(),
    })
}

/// Base64 of 16 bytes.
fn is_nonce(key: &str) -> bool {
    let body = key.strip_suffix("==").unwrap_or_default();
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    body.len() == 22 && body.bytes().all(is_digit)
}

/// Browsers send about twenty.
const HEADERS: usize = 64;
/// At a time.
const READ_BYTES: usize = 1_024;

#[cfg(test)]
mod tests;
