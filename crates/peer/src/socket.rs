//! A UDP socket whose datagrams pass the gate before the stack sees them.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use crate::gate::Gate;
use crate::hush::{Held, Hush};
use crate::runtime::{Pace, SharedGate};

/// Wraps the socket that the stack would have used itself.
#[derive(Debug)]
pub(crate) struct GuardedSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    gate: SharedGate,
    pace: Arc<Pace>,
    last_read_round: AtomicU64,
    hush: Mutex<Hush>,
}

impl GuardedSocket {
    pub(crate) fn new(inner: Arc<dyn AsyncUdpSocket>, gate: SharedGate, pace: Arc<Pace>) -> Self {
        Self {
            inner,
            gate,
            pace,
            last_read_round: AtomicU64::new(0),
            hush: Mutex::new(Hush::new(Instant::now())),
        }
    }

    /// Held for a few moves; it is whole between any two of its calls.
    fn hush(&self) -> MutexGuard<'_, Hush> {
        self.hush.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a sign of life, and sends what was held for want of one as far as the system takes it.
    fn hear(&self, cx: &mut Context<'_>) {
        let released = self.hush().hear(Instant::now());
        for held in released {
            let transmit = Transmit {
                destination: held.destination,
                ecn: None,
                contents: &held.contents,
                segment_size: held.segment_bytes,
                src_ip: None,
            };
            if !matches!(self.inner.poll_send(cx, &transmit), Poll::Ready(Ok(_))) {
                return; // The rest is lost, and repeated by the stack.
            }
        }
    }

    /// Whether the stack has still to digest what it read from this socket in this round.
    ///
    /// Read together with the end of the handshake, a first message would find a channel that is not
    /// open yet, and the stack would lose it although it has acknowledged it.
    fn must_digest_first(&self) -> bool {
        let digesting = self.last_read_round.load(Ordering::Relaxed);
        self.pace
            .opening_round()
            .is_some_and(|round| round == digesting)
    }

    fn note_read(&self) {
        if let Some(round) = self.pace.opening_round() {
            self.last_read_round.store(round, Ordering::Relaxed);
        }
    }
}

impl AsyncUdpSocket for GuardedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let mut hush = self.hush();
        if !hush.lets_go(transmit.contents.len(), Instant::now()) {
            hush.hold(Held {
                destination: transmit.destination,
                contents: transmit.contents.to_vec(),
                segment_bytes: transmit.segment_size,
            });
            return Poll::Ready(Ok(transmit.contents.len()));
        }
        drop(hush);
        self.inner.poll_send(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        if self.must_digest_first() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        for _ in 0..REFUSED_IN_A_ROW {
            let count = ready!(self.inner.poll_recv(cx, bufs, meta))?;
            let mut gate = self.gate.lock();
            let mut admitted = 0;
            for (buf, meta) in bufs.iter_mut().zip(meta.iter_mut()).take(count) {
                keep_admitted(&mut gate, buf, meta);
                admitted += meta.len;
            }
            drop(gate);
            if admitted > 0 {
                self.note_read();
                self.hear(cx);
                return Poll::Ready(Ok(count));
            }
        }
        // A flood must not keep the stack's timers waiting: come back after everything else.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }
}

/// Closes the gaps that refused datagrams leave in a buffer of several, all from one source.
///
/// Each is `stride` bytes long; only the last may be shorter, and it stays last.
fn keep_admitted(gate: &mut Gate, buf: &mut [u8], meta: &mut RecvMeta) {
    let stride = meta.stride.max(1);
    let mut kept = 0;
    for start in (0..meta.len).step_by(stride) {
        let end = meta.len.min(start + stride);
        if gate.admits(meta.addr, &buf[start..end]) {
            buf.copy_within(start..end, kept);
            kept += end - start;
        }
    }
    meta.len = kept;
}

/// Reads of nothing but refused datagrams before other work gets its turn.
const REFUSED_IN_A_ROW: usize = 64;
