//! What a connection is made with.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;
use std::{fmt, io};

use model::limits;
use rtc_ice::mdns::MulticastDnsMode;
use socket2::SockRef;
use tokio_util::sync::CancellationToken;
use webrtc::peer_connection::{
    RTCConfiguration, RTCConfigurationBuilder, RTCIceServer, SettingEngine, SettingEngineBuilder,
};

use crate::relay::RelayAccess;

/// How a connection is made; `..ConnectionConfig::default()` fills what one does not care about.
#[derive(Clone)]
pub struct ConnectionConfig {
    /// What carries it; the two understand each other.
    pub engine: Engine,
    /// The addresses to gather on, usually from [`crate::addresses`]. Loopback is used if it is listed.
    pub bind: Vec<IpAddr>,
    /// Servers that say as whom the outside sees this device; at most [`STUN_SERVERS`] are asked.
    pub stun_servers: Vec<SocketAddr>,
    /// Once it is cancelled, what these servers have said so far has to do.
    pub hurry: CancellationToken,
    /// With relays to choose from the connection goes through one and names no other address, or fails.
    pub relays: Option<Vec<RelayAccess>>,
    /// For how long a path to the peer is looked for; at most [`limits::ICE_TIME`].
    pub path_time: Duration,
    /// The kernel's buffers of each socket.
    pub buffers: SocketBuffers,
    /// The largest SCTP packet, in bytes; it travels with 37 bytes of DTLS and the UDP and IP headers.
    pub mtu: u16,
    /// What [`crate::Channel::send`] lets wait for the peer's acknowledgement, per channel, in bytes.
    pub send_buffer_bytes: usize,
    /// Payload that each direction of the DTLS session carries, in bytes; beyond that the connection ends with
    /// [`crate::CloseReason::Exhausted`].
    pub session_bytes: u64,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            bind: Vec::new(),
            stun_servers: Vec::new(),
            hurry: CancellationToken::new(),
            relays: None,
            path_time: limits::ICE_TIME,
            buffers: SocketBuffers::default(),
            mtu: SAFE_MTU,
            send_buffer_bytes: SEND_BUFFER_BYTES,
            session_bytes: limits::DTLS_SESSION_BYTES,
        }
    }
}

impl fmt::Debug for ConnectionConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionConfig({} addresses)", self.bind.len())
    }
}

impl ConnectionConfig {
    /// The addresses to bind, each with a port of the system's choice.
    pub(crate) fn socket_addresses(&self) -> Vec<SocketAddr> {
        self.bind.iter().map(|&ip| SocketAddr::new(ip, 0)).collect()
    }

    /// The servers that are asked.
    pub(crate) fn asked_servers(&self) -> &[SocketAddr] {
        let asked = self.stun_servers.len().min(STUN_SERVERS);
        &self.stun_servers[..asked]
    }

    /// Translates into the stack's list of servers.
    pub(crate) fn servers(&self) -> RTCConfiguration {
        let url = |server: &SocketAddr| format!("stun:{server}");
        let servers = RTCIceServer {
            urls: self.asked_servers().iter().map(url).collect(),
            ..RTCIceServer::default()
        };
        RTCConfigurationBuilder::default()
            .with_ice_servers(vec![servers])
            .build()
    }

    /// Translates into the stack's settings; `granted_bytes` is what a socket's receive buffer holds.
    pub(crate) fn settings(&self, granted_bytes: usize) -> SettingEngine {
        let at_once = Some(Duration::ZERO);
        SettingEngineBuilder::new()
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .with_include_loopback_candidate(self.bind.iter().any(IpAddr::is_loopback))
            .with_ice_timeouts(
                Some(SILENCE_TIME),
                Some(limits::ICE_TIME.saturating_sub(SILENCE_TIME)),
                Some(CONSENT_INTERVAL),
            )
            .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(CHECKS_PER_PAIR))
            .with_host_acceptance_min_wait(at_once)
            .with_srflx_acceptance_min_wait(at_once)
            .with_prflx_acceptance_min_wait(at_once)
            .with_relay_acceptance_min_wait(at_once)
            .with_sctp_max_receive_buffer_size(receive_window(granted_bytes))
            .with_sctp_mtu(u32::from(self.mtu))
            .build()
    }
}

/// What is behind a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Engine {
    /// The stock `webrtc` stack.
    #[default]
    Stock,
    /// Our own association, between the ICE and DTLS of the same project.
    Own,
}

/// How large the kernel's buffers of a socket should be.
///
/// A peer sends up to a whole receive window in one burst, and what the kernel cannot hold is lost and
/// costs a second; so the buffers are asked for generously, and the window is cut to what was granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SocketBuffers {
    /// Never ask for more than this: shows in a bench how an untuned system does.
    pub cap_bytes: Option<usize>,
}

impl SocketBuffers {
    /// Sizes both buffers of `socket` and returns the bytes that its receive buffer holds.
    pub(crate) fn apply(self, socket: &UdpSocket) -> io::Result<usize> {
        let wanted = self
            .cap_bytes
            .map_or(WANTED_BYTES, |cap| cap.min(WANTED_BYTES));
        let socket = SockRef::from(socket);
        ask(wanted, |bytes| socket.set_recv_buffer_size(bytes));
        ask(wanted, |bytes| socket.set_send_buffer_size(bytes));

        let reported = socket.recv_buffer_size()?;
        // Linux reports twice what was asked for, to cover its own bookkeeping (socket(7)).
        let doubles = cfg!(any(target_os = "linux", target_os = "android"));
        Ok(if doubles { reported / 2 } else { reported })
    }

    /// Finds out what the system grants, on a socket that is thrown away.
    pub(crate) fn probe(self, bind: IpAddr) -> io::Result<usize> {
        self.apply(&UdpSocket::bind(SocketAddr::new(bind, 0))?)
    }
}

/// Asks for less and less: some systems cut a large wish down, others refuse it.
fn ask(wanted: usize, set: impl Fn(usize) -> io::Result<()>) {
    let mut bytes = wanted;
    while set(bytes).is_err() && bytes > SMALLEST_BYTES {
        bytes /= 2;
    }
}

fn receive_window(granted_bytes: usize) -> u32 {
    if granted_bytes >= WANTED_BYTES {
        LARGE_WINDOW_BYTES
    } else {
        SMALL_WINDOW_BYTES
    }
}

/// A second one for the other family, and one more of each in case the first is down.
pub const STUN_SERVERS: usize = 4;
/// The stream of the control channel.
pub(crate) const CONTROL_ID: u16 = 0;
/// The stream of the bulk channel.
pub(crate) const BULK_ID: u16 = 1;
/// Fits into the smallest IPv6 packet together with DTLS, UDP and a relay's framing.
const SAFE_MTU: u16 = 1191;
/// Enough to fill a local link, and little enough that control waits a few milliseconds behind bulk.
const SEND_BUFFER_BYTES: usize = 512 * 1024;
/// Holds the bursts of the large window with room for the kernel's own bookkeeping.
const WANTED_BYTES: usize = 4 * 1024 * 1024;
/// What every system grants.
const SMALLEST_BYTES: usize = 64 * 1024;
/// A larger window is harmful on long links: slow start runs up to it and overflows the queue.
const LARGE_WINDOW_BYTES: u32 = 1024 * 1024;
/// What a stock Linux socket of 208 KiB survives.
const SMALL_WINDOW_BYTES: u32 = 256 * 1024;

/// For STUN servers: three tries over a slow network.
pub(crate) const GATHER_TIME: Duration = Duration::from_millis(1_500);
/// Without an answer from the peer for this long, the connection counts as lost.
pub(crate) const SILENCE_TIME: Duration = Duration::from_secs(6);
/// How often the peer is asked whether it still consents (RFC 7675 §5.1 allows 5 s).
pub(crate) const CONSENT_INTERVAL: Duration = Duration::from_secs(1);
/// How often each pair is checked until one is chosen; the stack's 200 ms would be what opening takes.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Checks until a pair is given up: as many as fit into the ICE deadline, since an answer may be slow.
pub(crate) const CHECKS_PER_PAIR: u16 = 600;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_cap_is_kept_and_cuts_the_window() {
        let capped = SocketBuffers {
            cap_bytes: Some(212_992),
        };
        let granted = capped.probe(Ipv4Addr::LOCALHOST.into()).unwrap();
        assert!(granted <= 212_992, "{granted}");
        assert_eq!(receive_window(granted), SMALL_WINDOW_BYTES);
    }

    #[test]
    fn a_full_grant_opens_the_large_window() {
        assert_eq!(receive_window(WANTED_BYTES), LARGE_WINDOW_BYTES);
        assert_eq!(receive_window(WANTED_BYTES - 1), SMALL_WINDOW_BYTES);
    }

    #[test]
    fn a_refused_wish_is_halved_until_it_is_granted() {
        let asked = std::cell::RefCell::new(Vec::new());
        ask(1 << 20, |bytes| {
            asked.borrow_mut().push(bytes);
            if bytes > 300_000 {
                Err(io::ErrorKind::InvalidInput.into())
            } else {
                Ok(())
            }
        });
        assert_eq!(*asked.borrow(), [1 << 20, 1 << 19, 1 << 18]);
    }
}
