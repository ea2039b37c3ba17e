//! Finds out how a NAT behaves, where a STUN server has two addresses to find out with (RFC 5780 §4.3 and §4.4).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use model::Entropy as _;
use model::sdp::CandidatePolicy;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::Seen;
use super::binding::{self, TRIES, TRY_TIME};
use crate::entropy::OsEntropy;

/// Who may answer at an address that a NAT shows (RFC 4787 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filtering {
    /// Everybody.
    Open,
    /// Whoever was written to, from any port.
    Address,
    /// Whoever was written to, from that port alone.
    Port,
}

/// How a NAT behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behaviour {
    pub(super) filtering: Filtering,
    /// As whom both addresses of the server see one socket; one of them if the other does not answer.
    pub(super) seen: [Option<Seen>; 2],
}

/// What a server was asked to do with its answer, and what came.
#[derive(Debug, Default)]
struct Heard {
    /// From where it was asked.
    plain: Option<binding::Answer>,
    /// From another port.
    port: bool,
    /// From another address and port.
    address: bool,
}

/// Asks one server of IPv4; `None` if it does not answer, or has one address only.
pub(super) async fn find_out(server: SocketAddr) -> io::Result<Option<Behaviour>> {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    // No other socket has written to any address of the server from here.
    let socket = UdpSocket::bind((any, 0)).await?;
    let port = socket.local_addr()?.port();
    let own = SocketAddr::new(binding::leaving_for(server, any)?, port);
    let start = Instant::now();
    let heard = listen(&socket, server).await;
    let took = start.elapsed();
    let Some(plain) = heard.plain else {
        return Ok(None);
    };
    let Some(other) = plain.other.filter(|other| may_ask(server, *other)) else {
        return Ok(None);
    };
    let filtering = match (heard.address, heard.port) {
        (true, _) => Filtering::Open,
        (false, true) => Filtering::Address,
        (false, false) => Filtering::Port,
    };
    // From now on the other address may answer, whoever filters.
    let again = binding::ask_from(&socket, own, &[other]).await;
    let mapped = plain.mapped;
    let first = Seen { own, mapped, took };
    Ok(Some(Behaviour {
        filtering,
        seen: [Some(first), again.first().copied()],
    }))
}

/// Asks for three answers at once; only the first server is written to, so that no filter is opened for others.
async fn listen(socket: &UdpSocket, server: SocketAddr) -> Heard {
    let transactions: [[u8; 12]; 3] = [(); 3].map(|()| OsEntropy.draw());
    let requests = [(0, &[][..]), (1, &CHANGE_PORT), (2, &CHANGE_BOTH)];
    let requests = requests.map(|(at, change)| binding::request(&transactions[at], change));
    let mut heard = Heard::default();
    for _ in 0..TRIES {
        for request in &requests {
            // A network that refuses at once says the same as one that is silent.
            socket.send_to(request, server).await.ok();
        }
        let until = Instant::now() + TRY_TIME;
        let mut buffer = [0; 1_500];
        while let Ok(read) = timeout_at(until, socket.recv_from(&mut buffer)).await {
            let Ok((length, from)) = read else {
                continue;
            };
            let said = |at: usize| binding::read(&buffer[..length], &transactions[at]);
            let is_other_port = from.ip() == server.ip() && from.port() != server.port();
            if from == server {
                heard.plain = heard.plain.or(said(0));
            }
            heard.port |= is_other_port && said(1).is_some();
            heard.address |= from.ip() != server.ip() && said(2).is_some();
            let is_poor = heard.plain.is_some_and(|answer| answer.other.is_none());
            if is_poor || (heard.plain.is_some() && heard.address) {
                return heard;
            }
        }
    }
    heard
}

/// Whether a server may have this device write to that address: it does not choose for those who are nearer to it.
fn may_ask(server: SocketAddr, other: SocketAddr) -> bool {
    const OUTSIDE: CandidatePolicy = CandidatePolicy {
        allow_loopback: false,
        allow_private: false,
    };
    let is_elsewhere = other.is_ipv4() == server.is_ipv4() && other.ip() != server.ip();
    is_elsewhere && other.port() != 0 && OUTSIDE.allows(other)
}

/// CHANGE-REQUEST with one flag, and with both (RFC 5780 §7.2).
const CHANGE_PORT: [u8; 8] = [0, 3, 0, 4, 0, 0, 0, 2];
const CHANGE_BOTH: [u8; 8] = [0, 3, 0, 4, 0, 0, 0, 6];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_names_no_address_that_only_this_device_reaches() {
        let server = "11.0.0.1:3478".parse().unwrap();
        for (other, may) in [
            ("11.0.0.2:3479", true),
            ("11.0.0.1:3479", false),
            ("11.0.0.2:0", false),
            ("192.168.1.1:53", false),
            ("127.0.0.1:53", false),
            ("[2a0f::1]:3479", false),
        ] {
            assert_eq!(may_ask(server, other.parse().unwrap()), may, "{other}");
        }
    }
}
