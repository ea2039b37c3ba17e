//! The way to the relay: datagrams, or a connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadHalf, WriteHalf};
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use turn_proto::frame::{self, Frame};
use webrtc::runtime::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use super::{RelayStream, RelayWay};
use crate::config::SocketBuffers;

/// What goes to the relay; what comes from it is read by a [`Reader`].
pub(super) enum Line {
    Udp(Udp),
    Stream(Stream),
}

pub(super) struct Udp {
    socket: UdpSocket,
    state: UdpSocketState,
    relay: SocketAddr,
    /// The relay's port was found closed.
    is_refused: AtomicBool,
}

pub(super) struct Stream {
    queue: Arc<Outgoing>,
    _writer: JoinSet<()>,
}

/// What a connection's writer has still to write.
#[derive(Default)]
struct Outgoing {
    bytes: Mutex<Vec<u8>>,
    added: Notify,
}

/// Reads whole frames from the relay.
pub(super) enum Reader {
    Udp {
        buffer: Vec<u8>,
        /// How much of it the last read filled, in datagrams of which length.
        filled: (usize, usize),
    },
    Stream {
        half: ReadHalf<Box<dyn RelayStream>>,
        buffer: Vec<u8>,
    },
}

impl Line {
    pub(super) async fn open(way: &RelayWay) -> io::Result<(Self, Reader)> {
        match way {
            RelayWay::Udp(place) => {
                let udp = Udp::open(place.find().await?)?;
                // A socket counts as full until the runtime has looked at it once: the first request would be lost.
                udp.socket.writable().await?;
                let reader = Reader::Udp {
                    buffer: vec![0; READ_BYTES],
                    filled: (0, 1),
                };
                Ok((Self::Udp(udp), reader))
            }
            RelayWay::Stream(dial) => {
                let (reader, writer) = tokio::io::split(dial.dial().await?);
                let queue = Arc::new(Outgoing::default());
                let mut task = JoinSet::new();
                task.spawn(write(Arc::clone(&queue), writer));
                let stream = Stream {
                    queue,
                    _writer: task,
                };
                let reader = Reader::Stream {
                    half: reader,
                    buffer: Vec::with_capacity(READ_BYTES),
                };
                Ok((Self::Stream(stream), reader))
            }
        }
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Sends one frame, or loses it.
    pub(super) fn send_now(&self, frame: &[u8]) {
        match self {
            // A lost request is repeated.
            Self::Udp(udp) => udp.try_send(frame, frame.len()).unwrap_or(()),
            Self::Stream(stream) => stream.queue.add(frame),
        }
    }

    /// Whether nobody listened at the relay's port since this was asked last.
    pub(super) fn take_refusal(&self) -> bool {
        match self {
            Self::Udp(udp) => udp.is_refused.swap(false, Ordering::Relaxed),
            Self::Stream(_) => false,
        }
    }

    /// Whether datagrams can go out now.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Udp(udp) => udp.socket.poll_send_ready(cx),
            // A queue that is full loses what comes: the stack must not wait, or its timers would.
            Self::Stream(_) => Poll::Ready(Ok(())),
        }
    }

    /// Sends wrapped datagrams of these lengths; what the system does not take is lost.
    pub(super) fn send_wrapped(&self, wire: &[u8], lengths: &[usize]) -> io::Result<()> {
        match self {
            Self::Stream(stream) => {
                stream.queue.add(wire);
                Ok(())
            }
            Self::Udp(udp) => {
                let mut rest = (wire, lengths);
                while let Some((&first, _)) = rest.1.split_first() {
                    let count = run_of(rest.1);
                    let bytes: usize = rest.1[..count].iter().sum();
                    match udp.try_send(&rest.0[..bytes], first) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                        sent => sent?,
                    }
                    rest = (&rest.0[bytes..], &rest.1[count..]);
                }
                Ok(())
            }
        }
    }

    pub(super) fn most_segments(&self) -> usize {
        match self {
            Self::Udp(udp) => udp.state.max_gso_segments().min(MOST_SEGMENTS),
            Self::Stream(_) => MOST_SEGMENTS,
        }
    }
}

/// How many of these datagrams go together: of the same length, the last may be shorter.
fn run_of(lengths: &[usize]) -> usize {
    let first = lengths.first().copied().unwrap_or(0);
    let same = lengths
        .iter()
        .take_while(|length| **length == first)
        .count();
    let has_shorter = lengths.get(same).is_some_and(|next| *next < first);
    same + usize::from(has_shorter)
}

impl Udp {
    fn open(relay: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = match relay {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = std::net::UdpSocket::bind((any, 0))?;
        // Then the system tells when nobody listens there any more (RFC 1122 §4.1.3.3). Others refuse to send
        // to a named place through a connected socket.
        #[cfg(target_os = "linux")]
        socket.connect(relay)?;
        SocketBuffers::default().apply(&socket)?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self {
            socket,
            state,
            relay,
            is_refused: AtomicBool::new(false),
        })
    }

    fn try_send(&self, contents: &[u8], segment_bytes: usize) -> io::Result<()> {
        let transmit = Transmit {
            destination: self.relay,
            ecn: None,
            contents,
            segment_size: (segment_bytes < contents.len()).then_some(segment_bytes),
            src_ip: None,
        };
        let sent = self.socket.try_io(Interest::WRITABLE, || {
            self.state
                .try_send(UdpSockRef::from(&self.socket), &transmit)
        });
        match sent {
            // What is told here became of something sent before.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                self.is_refused.store(true, Ordering::Relaxed);
                Ok(())
            }
            sent => sent,
        }
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<(SocketAddr, usize, usize)> {
        let mut meta = [RecvMeta::default()];
        self.socket.try_io(Interest::READABLE, || {
            let mut buffers = [io::IoSliceMut::new(buffer)];
            self.state
                .recv(UdpSockRef::from(&self.socket), &mut buffers, &mut meta)
        })?;
        Ok((meta[0].addr, meta[0].len, meta[0].stride.max(1)))
    }
}

impl Outgoing {
    fn add(&self, bytes: &[u8]) {
        let mut queue = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() + bytes.len() <= QUEUED_BYTES {
            queue.extend_from_slice(bytes);
            drop(queue);
            self.added.notify_one();
        }
    }

    fn take(&self, into: &mut Vec<u8>) {
        into.clear();
        let mut queue = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *queue, into);
    }
}

/// Writes what is queued until the connection fails.
async fn write(queue: Arc<Outgoing>, mut writer: WriteHalf<Box<dyn RelayStream>>) {
    let mut bytes = Vec::new();
    loop {
        queue.take(&mut bytes);
        if bytes.is_empty() {
            queue.added.notified().await;
            continue;
        }
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return; // The reader notices, too.
        }
    }
}

impl Reader {
    /// Waits for something to read.
    pub(super) async fn read(&mut self, line: &Line) -> io::Result<()> {
        match (self, line) {
            (Self::Udp { .. }, Line::Udp(udp)) => udp.socket.readable().await,
            (Self::Stream { half, buffer }, _) => {
                buffer.reserve(READ_BYTES);
                match half.read_buf(buffer).await? {
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    _ => Ok(()),
                }
            }
            (Self::Udp { .. }, Line::Stream(_)) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Hands over the frames that are there.
    pub(super) fn frames(
        &mut self,
        line: &Line,
        mut take: impl FnMut(Frame<'_>),
    ) -> io::Result<()> {
        match self {
            Self::Udp { buffer, filled } => {
                let Line::Udp(udp) = line else {
                    return Ok(());
                };
                for _ in 0..READS_IN_A_ROW {
                    match udp.read(buffer) {
                        Ok((from, length, stride)) => {
                            *filled = (length, stride);
                            let is_relay = from.port() == udp.relay.port()
                                && from.ip().to_canonical() == udp.relay.ip().to_canonical();
                            let datagrams = buffer[..length].chunks(stride);
                            let frames = datagrams.filter(|_| is_relay);
                            frames.filter_map(frame::of_datagram).for_each(&mut take);
                        }
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                            udp.is_refused.store(true, Ordering::Relaxed);
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            Self::Stream { buffer, .. } => {
                let mut taken = 0;
                while let Some((frame, bytes)) = frame::of_stream(&buffer[taken..])
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
                {
                    take(frame);
                    taken += bytes;
                }
                buffer.drain(..taken);
            }
        }
        Ok(())
    }
}

/// As much as the system hands over at once.
const READ_BYTES: usize = 64 * 1024;
const READS_IN_A_ROW: usize = 16;
/// Wrapped datagrams that go out at once fit what the system takes as one.
const MOST_SEGMENTS: usize = 44;
/// More than the largest window of a connection, so that only what is sent twice is lost.
const QUEUED_BYTES: usize = 2 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn datagrams_of_one_length_go_together_with_one_that_is_shorter() {
        for (lengths, expected) in [
            (&[][..], 0),
            (&[5], 1),
            (&[5, 5, 5], 3),
            (&[5, 5, 3, 5], 3),
            (&[5, 6], 1),
            (&[5, 4, 4], 2),
        ] {
            assert_eq!(run_of(lengths), expected, "{lengths:?}");
        }
    }
    #[tokio::test]
    async fn the_first_frame_leaves_at_once() {
        let relay = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let way = RelayWay::Udp(Arc::new(relay.local_addr().unwrap()));
        let (line, _reader) = Line::open(&way).await.unwrap();
        line.send_now(b"first");
        let mut heard = [0; 9];
        let patience = Duration::from_secs(10);
        let received = tokio::time::timeout(patience, relay.recv(&mut heard)).await;
        let length = received.expect("it is not lost").unwrap();
        assert_eq!(&heard[..length], b"first");
    }
}
