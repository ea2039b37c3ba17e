//! Whether multicast works here, without which neighbours do not find each other.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use model::Entropy as _;
use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::interface::{Interfaces, Networks};
use crate::wire::OsEntropy;

/// What became of multicast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Multicast {
    /// Nothing that this device says to a group comes back to it.
    Blocked,
    /// It hears itself, and nobody else answered.
    Unanswered,
    /// Another device of the network answered.
    Answered,
}

/// Tries it in all networks of IPv4 at once, and returns the best of them; `None` where there is none.
///
/// A token goes to a group on this machine alone, and a question for services to every device of the network, as in
/// RFC 6762 §5.1 and RFC 6763 §9; nothing of this device is in it.
pub async fn try_multicast(interfaces: &Interfaces) -> Option<Multicast> {
    let networks = &Networks::look(interfaces);
    let tries = networks.v4().map(|own| async move {
        let tried = try_in(own, networks).await;
        tried.unwrap_or(Multicast::Blocked)
    });
    let found = futures_util::future::join_all(tries.collect::<Vec<_>>()).await;
    found.into_iter().max()
}

async fn try_in(own: Ipv4Addr, networks: &Networks) -> io::Result<Multicast> {
    let hearing = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    hearing.join_multicast_v4(GROUP, own)?;
    let port = hearing.local_addr()?.port();
    let token: [u8; 16] = OsEntropy.draw();
    // To nobody but this machine.
    let saying = speaker(own, 0)?;
    let asking = speaker(own, 255)?;
    let mut is_heard = false;
    for _ in 0..TRIES {
        if !is_heard {
            saying.send_to(&token, (GROUP, port)).await?;
        }
        asking.send_to(QUESTION, (GROUP, MDNS_PORT)).await?;
        let until = Instant::now() + TRY_TIME;
        loop {
            let (mut said, mut answer) = ([0; 64], [0; 1_500]);
            tokio::select! {
                heard = timeout_at(until, hearing.recv_from(&mut said)) => match heard {
                    Ok(Ok((length, _))) => is_heard |= said[..length] == token,
                    Ok(Err(error)) => return Err(error),
                    Err(_) => break,
                },
                answered = timeout_at(until, asking.recv_from(&mut answer)) => match answered {
                    Ok(Ok((length, from))) => {
                        if is_answer(&answer[..length]) && !networks.is_own(from.ip()) {
                            return Ok(Multicast::Answered);
                        }
                    }
                    Ok(Err(error)) => return Err(error),
                    Err(_) => break,
                },
            }
        }
    }
    Ok(match is_heard {
        true => Multicast::Unanswered,
        false => Multicast::Blocked,
    })
}

/// A socket that speaks to groups in the network where it has this address.
fn speaker(own: Ipv4Addr, hops: u32) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.bind(&SocketAddr::new(IpAddr::V4(own), 0).into())?;
    socket.set_multicast_if_v4(&own)?;
    socket.set_multicast_ttl_v4(hops)?;
    socket.set_multicast_loop_v4(true)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

/// Whether it answers the question: the same number, which is 0, and the bit of answers (RFC 1035 §4.1.1).
fn is_answer(datagram: &[u8]) -> bool {
    datagram.len() >= 12 && datagram[..2] == [0, 0] && datagram[2] & 0x80 != 0
}

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const MDNS_PORT: u16 = 5_353;
/// Which services are there? The answer is wanted by unicast (RFC 6762 §5.4).
const QUESTION: &[u8] =
    b"\0\0\0\0\0\x01\0\0\0\0\0\0\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\x80\x01";
/// On a network that loses some.
const TRIES: usize = 2;
/// Whoever answers questions waits up to 120 ms first (RFC 6762 §6).
const TRY_TIME: Duration = Duration::from_millis(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_noise_are_no_answers() {
        assert!(!is_answer(QUESTION));
        assert!(!is_answer(&[0, 0, 0x84]));
        let mut answer = QUESTION.to_vec();
        answer[2] = 0x84;
        assert!(is_answer(&answer));
    }
}
