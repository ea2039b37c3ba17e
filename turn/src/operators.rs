//! What operators ask over HTTP: whether the relay lives, and its figures.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::ledger::Ledger;
use crate::metrics;

/// Answers until the relay stops.
pub(crate) async fn run(listener: TcpListener, ledger: Arc<Ledger>, shutdown: CancellationToken) {
    let mut answering = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if answering.len() < ASKING => {
                    let ledger = Arc::clone(&ledger);
                    answering.spawn(async move { timeout(ASK_TIME, answer(stream, &ledger)).await });
                }
                Ok(_) => debug!("too many ask at once: one was dropped"),
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = answering.join_next(), if !answering.is_empty() => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn answer(mut stream: TcpStream, ledger: &Ledger) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 512];
        match stream.read(&mut part).await? {
            0 => return Ok(()),
            length if head.len() + length <= HEAD_BYTES => head.extend_from_slice(&part[..length]),
            _ => return Ok(()),
        }
    }
    let (status, body) = match target(&head) {
        Some("/health") => ("200 OK", "ok\n".to_owned()),
        Some("/metrics") => ("200 OK", metrics::render(&ledger.statistics())),
        Some(_) => ("404 Not Found", "nothing here\n".to_owned()),
        None => ("400 Bad Request", "not understood\n".to_owned()),
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// The path of a GET request.
fn target(head: &[u8]) -> Option<&str> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    match (words.next()?, words.next()?, words.next()?) {
        ("GET", target, "HTTP/1.1" | "HTTP/1.0") => target.split('?').next(),
        _ => None,
    }
}

const HEAD_BYTES: usize = 8 * 1024;
const ASK_TIME: Duration = Duration::from_secs(5);
/// At a time.
const ASKING: usize = 32;
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
