//! One socket, once it is a WebSocket.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use model::Entropy;
use model::limits::SIGNALING_MESSAGE_BYTES;
use signaling_proto::message::{ServerRefusal, ServerToClient};
use signaling_proto::server::{Gate, GateInput, GateOutput, ServerLimits};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tracing::debug;

use crate::accept::Stream;
use crate::entropy::SystemEntropy;
use crate::hub::{Outgoing, Seat};

/// A connection that has become a WebSocket.
pub(crate) struct Ready {
    pub(crate) stream: Stream,
    /// What came behind the request head.
    pub(crate) early: Vec<u8>,
    pub(crate) seat: Seat,
}

/// How a session ended.
#[derive(Debug)]
enum End {
    /// The device closed it, or the network did.
    Lost,
    /// The node stops.
    NodeStops,
    /// The server does not want it any more.
    Refused(ServerRefusal),
}

/// What a WebSocket lies on.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Bytes for T {}

/// Serves one socket until it ends.
pub(crate) async fn run(ready: Ready, limits: Arc<ServerLimits>) {
    let Ready {
        stream,
        early,
        seat,
    } = ready;
    let config = Some(websocket_config());
    let socket = WebSocketStream::from_partially_read(stream, early, Role::Server, config).await;
    serve(socket, seat, &limits).await;
}

/// Serves an open WebSocket until it ends.
pub(crate) async fn serve<S: Bytes>(
    mut socket: WebSocketStream<S>,
    mut seat: Seat,
    limits: &ServerLimits,
) {
    let end = converse(&mut socket, &mut seat, limits).await;
    seat.leave().await;
    match end {
        End::Lost => debug!("a socket was closed by its device"),
        End::NodeStops => say_goodbye(&mut socket, None).await,
        End::Refused(refusal) => {
            debug!(?refusal, "a socket was closed");
            say_goodbye(&mut socket, Some(refusal)).await;
        }
    }
}

async fn converse<S: Bytes>(
    socket: &mut WebSocketStream<S>,
    seat: &mut Seat,
    limits: &ServerLimits,
) -> End {
    let mut gate = Gate::new(limits, SystemEntropy.draw(), Instant::now());
    loop {
        if let Err(end) = drain(&mut gate, socket, seat).await {
            return end;
        }
        let deadline = gate.deadline().unwrap_or_else(Instant::now);
        tokio::select! {
            message = socket.next() => match judge(message) {
                Some(input) => gate.handle_input(input, Instant::now()),
                None => return End::Lost,
            },
            outgoing = seat.outgoing.recv() => {
                if let Err(end) = write_queued(outgoing, socket, seat).await {
                    return end;
                }
            }
            () = sleep_until(deadline.into()) => gate.handle_input(GateInput::Timeout, Instant::now()),
        }
    }
}

async fn drain<S: Bytes>(
    gate: &mut Gate,
    socket: &mut WebSocketStream<S>,
    seat: &Seat,
) -> Result<(), End> {
    while let Some(output) = gate.poll_output() {
        match output {
            GateOutput::Send(message) => write(socket, &message).await?,
            GateOutput::Pass(request) => {
                seat.request(request).await.map_err(|_| End::NodeStops)?;
            }
            GateOutput::Close(refusal) => return Err(End::Refused(refusal)),
        }
    }
    Ok(())
}

/// Turns what the WebSocket says into what the gate understands, or `None` at its end.
fn judge(message: Option<Result<Message, Error>>) -> Option<GateInput> {
    match message? {
        Ok(Message::Binary(bytes)) => Some(GateInput::MessageReceived(bytes.into())),
        Ok(Message::Ping(_) | Message::Pong(_)) => Some(GateInput::ControlReceived),
        Ok(Message::Text(_) | Message::Frame(_)) | Err(Error::Capacity(_)) => {
            Some(GateInput::Garbled)
        }
        Ok(Message::Close(_)) | Err(_) => None,
    }
}

/// Writes everything that is queued, then reports it once.
async fn write_queued<S: Bytes>(
    first: Option<Outgoing>,
    socket: &mut WebSocketStream<S>,
    seat: &mut Seat,
) -> Result<(), End> {
    let mut next = Some(first.ok_or(End::NodeStops)?);
    let (mut messages, mut bytes) = (0, 0);
    while let Some(outgoing) = next {
        match outgoing {
            Outgoing::Message(message) => {
                write(socket, &message).await?;
                messages += 1;
                bytes += message.queue_bytes();
            }
            Outgoing::Close(refusal) => return Err(End::Refused(refusal)),
        }
        next = seat.outgoing.try_recv().ok();
    }
    let reported = seat.report_sent(messages, bytes).await;
    reported.map_err(|_| End::NodeStops)
}

async fn write<S: Bytes>(
    socket: &mut WebSocketStream<S>,
    message: &ServerToClient,
) -> Result<(), End> {
    let message = Message::Binary(message.encode().into());
    match timeout(WRITE_TIME, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Lost),
    }
}

/// Says why, and waits a little for the device to hear it: closing at once would take it back.
async fn say_goodbye<S: Bytes>(socket: &mut WebSocketStream<S>, refusal: Option<ServerRefusal>) {
    let code = match refusal {
        Some(_) => CloseCode::Policy,
        None => CloseCode::Away,
    };
    let goodbye = async {
        if let Some(refusal) = refusal {
            write(socket, &ServerToClient::Refused(refusal)).await.ok();
        }
        let reason = "".into();
        socket.close(Some(CloseFrame { code, reason })).await.ok();
        while let Some(Ok(_)) = socket.next().await {}
    };
    if timeout(GOODBYE_TIME, goodbye).await.is_err() {
        debug!("a device did not answer the goodbye");
    }
}

fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * SIGNALING_MESSAGE_BYTES)
        .max_message_size(Some(SIGNALING_MESSAGE_BYTES))
        .max_frame_size(Some(SIGNALING_MESSAGE_BYTES))
}

/// The default of 128 KiB would be most of what an idle socket costs.
const READ_BUFFER_BYTES: usize = 2_048;
/// For the network to take one message.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// For the device to hear why it is closed.
const GOODBYE_TIME: Duration = Duration::from_secs(2);
