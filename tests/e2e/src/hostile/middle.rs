use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use signaling_proto::message::{ClientToServer, ServerToClient};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
pub use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async, connect_async};

/// Somebody between the devices and their signaling server: reads everything, changes what it likes.
#[derive(Debug)]
pub struct Middle {
    /// What devices are told: the WebSocket URL.
    pub url: String,
    _runtime: Runtime,
}

/// One WebSocket message on its way.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Which device's socket, counted from 0.
    pub socket: usize,
    /// Where it goes.
    pub way: Way,
    /// What it is.
    pub message: Message,
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From a device to the server.
    ToServer,
    /// From the server to a device.
    ToDevice,
}

impl Frame {
    /// The same place with another message of the server's.
    #[must_use]
    pub fn saying(&self, message: &ServerToClient) -> Self {
        Self {
            socket: self.socket,
            way: Way::ToDevice,
            message: Message::Binary(message.encode().into()),
        }
    }

    /// What the server says in it.
    pub fn of_server(&self) -> Option<ServerToClient> {
        match (&self.message, self.way) {
            (Message::Binary(bytes), Way::ToDevice) => ServerToClient::decode(bytes).ok(),
            _ => None,
        }
    }

    /// What a device says in it.
    pub fn of_device(&self) -> Option<ClientToServer> {
        match (&self.message, self.way) {
            (Message::Binary(bytes), Way::ToServer) => ClientToServer::decode(bytes).ok(),
            _ => None,
        }
    }
}

impl Middle {
    /// Stands before the server at `url`; `tamper` says what goes on in the place of each frame.
    ///
    /// # Panics
    /// When no port is free.
    pub fn before(url: &str, tamper: impl FnMut(Frame) -> Vec<Frame> + Send + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))));
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        runtime.spawn(serve(listener, url.to_owned(), tamper));
        Self {
            url: format!("ws://{address}/ws"),
            _runtime: runtime,
        }
    }
}

async fn serve(
    listener: TcpListener,
    url: String,
    mut tamper: impl FnMut(Frame) -> Vec<Frame> + Send,
) {
    let (frames, mut arriving) = mpsc::channel(256);
    let mut writers: BTreeMap<(usize, Way), mpsc::Sender<Message>> = BTreeMap::new();
    let mut sockets = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { return };
                let socket = sockets;
                sockets += 1;
                let (to_device, device_queue) = mpsc::channel(256);
                let (to_server, server_queue) = mpsc::channel(256);
                writers.insert((socket, Way::ToDevice), to_device);
                writers.insert((socket, Way::ToServer), to_server);
                let (url, frames) = (url.clone(), frames.clone());
                tokio::spawn(carry(socket, stream, url, frames, (device_queue, server_queue)));
            }
            Some(frame) = arriving.recv() => {
                for frame in tamper(frame) {
                    if let Some(writer) = writers.get(&(frame.socket, frame.way)) {
                        // A socket that is gone takes nothing more.
                        writer.send(frame.message).await.ok();
                    }
                }
            }
        }
    }
}

async fn carry(
    socket: usize,
    stream: TcpStream,
    url: String,
    frames: mpsc::Sender<Frame>,
    (to_device, to_server): (mpsc::Receiver<Message>, mpsc::Receiver<Message>),
) {
    let (Ok(device), Ok((server, _))) = (accept_async(stream).await, connect_async(url).await)
    else {
        return;
    };
    let device = one_side(device, socket, Way::ToServer, frames.clone(), to_device);
    let server = one_side(server, socket, Way::ToDevice, frames, to_server);
    // When one side ends, so does the other.
    tokio::select! {
        () = device => {}
        () = server => {}
    }
}

async fn one_side<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    mut stream: WebSocketStream<S>,
    socket: usize,
    way: Way,
    frames: mpsc::Sender<Frame>,
    mut queue: mpsc::Receiver<Message>,
) {
    loop {
        tokio::select! {
            message = stream.next() => {
                let Some(Ok(message)) = message else { return };
                if message.is_ping() || message.is_pong() || message.is_close() {
                    continue;
                }
                let frame = Frame { socket, way, message };
                if frames.send(frame).await.is_err() {
                    return;
                }
            }
            message = queue.recv() => {
                let Some(message) = message else { return };
                if stream.send(message).await.is_err() {
                    return;
                }
            }
        }
    }
}
