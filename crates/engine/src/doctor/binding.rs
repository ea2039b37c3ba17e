//! Asks STUN servers as whom they see this device (RFC 8489 §5 and §14.2).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as Probe};
use std::time::{Duration, Instant};

use model::Entropy as _;
use tokio::net::UdpSocket;
use tokio::time::timeout_at;

use super::Seen;
use crate::entropy::OsEntropy;

/// Asks servers of one family from one socket, and returns what those say that answer in time.
pub(super) async fn ask(servers: &[SocketAddr]) -> io::Result<Vec<Seen>> {
    let Some(&first) = servers.first() else {
        return Ok(Vec::new());
    };
    let any: IpAddr = match first {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    let own = SocketAddr::new(leaving_for(first, any)?, socket.local_addr()?.port());
    Ok(ask_from(&socket, own, servers).await)
}

/// The same from a socket that is seen as `own` by nobody but this device.
pub(super) async fn ask_from(
    socket: &UdpSocket,
    own: SocketAddr,
    servers: &[SocketAddr],
) -> Vec<Seen> {
    let transactions: Vec<[u8; 12]> = servers.iter().map(|_| OsEntropy.draw()).collect();
    let mut answers = vec![None; servers.len()];
    let start = Instant::now();
    for _ in 0..TRIES {
        for ((server, transaction), answer) in servers.iter().zip(&transactions).zip(&answers) {
            if answer.is_none() {
                // A network that refuses at once says the same as one that is silent.
                socket
                    .send_to(&request(transaction, &[]), server)
                    .await
                    .ok();
            }
        }
        let until = tokio::time::Instant::now() + TRY_TIME;
        let mut buffer = [0; 1_500];
        while answers.contains(&None) {
            let Ok(came) = timeout_at(until, socket.recv_from(&mut buffer)).await else {
                break;
            };
            let Ok((length, from)) = came else {
                continue;
            };
            let of = servers.iter().position(|server| *server == from);
            if let Some(of) = of
                && let Some(Answer { mapped, .. }) = read(&buffer[..length], &transactions[of])
            {
                let took = start.elapsed();
                answers[of] = Some(Seen { own, mapped, took });
            }
        }
    }
    answers.into_iter().flatten().collect()
}

/// The address from which packets leave for a server; none is sent.
pub(super) fn leaving_for(server: SocketAddr, any: IpAddr) -> io::Result<IpAddr> {
    let probe = Probe::bind((any, 0))?;
    probe.connect(server)?;
    Ok(probe.local_addr()?.ip())
}

pub(super) fn request(transaction: &[u8; 12], attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(attributes.len()).expect("a request has a few short attributes");
    let head = [BINDING_REQUEST, length.to_be_bytes()].concat();
    [&head, &MAGIC_COOKIE[..], transaction, attributes].concat()
}

/// What a server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// As whom it sees this device.
    pub(super) mapped: SocketAddr,
    /// Where else it is (RFC 5780 §7.4).
    pub(super) other: Option<SocketAddr>,
}

/// Reads a binding success for `transaction`.
pub(super) fn read(datagram: &[u8], transaction: &[u8; 12]) -> Option<Answer> {
    let header: &[u8; 20] = datagram.first_chunk()?;
    let is_ours = header[..2] == BINDING_SUCCESS
        && header[4..8] == MAGIC_COOKIE
        && header[8..] == transaction[..];
    let mut rest = is_ours.then(|| &datagram[20..])?;
    let (mut mapped, mut other) = (None, None);
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some(value) = after.get(..length) else {
            break;
        };
        match [head[0], head[1]] {
            XOR_MAPPED_ADDRESS => {
                let mask = [&MAGIC_COOKIE[..], transaction].concat();
                mapped = mapped.or(address(value, &mask));
            }
            OTHER_ADDRESS => other = other.or(address(value, &[0; 16])),
            _ => {}
        }
        rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    let mapped = mapped?;
    Some(Answer { mapped, other })
}

/// Reads an address that is hidden behind `mask` (RFC 8489 §14.1 and §14.2).
fn address(value: &[u8], mask: &[u8]) -> Option<SocketAddr> {
    let (head, masked) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2] ^ mask[0], head[3] ^ mask[1]]);
    let plain = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
    let plain: Vec<u8> = plain.collect();
    let ip: IpAddr = match (head[1], masked.len()) {
        (IPV4, 4) => <[u8; 4]>::try_from(plain).ok()?.into(),
        (IPV6, 16) => <[u8; 16]>::try_from(plain).ok()?.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const XOR_MAPPED_ADDRESS: [u8; 2] = [0x00, 0x20];
const OTHER_ADDRESS: [u8; 2] = [0x80, 0x2c];
const IPV4: u8 = 1;
const IPV6: u8 = 2;
/// On a network that loses some.
pub(super) const TRIES: usize = 4;
pub(super) const TRY_TIME: Duration = Duration::from_millis(600);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The address in RFC 5769 §2.2 and §2.3, whose transaction this is.
    const TRANSACTION: [u8; 12] = [
        0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    ];

    fn success(attribute: &[u8]) -> Vec<u8> {
        let length = u8::try_from(attribute.len()).unwrap();
        [
            &BINDING_SUCCESS,
            &[0, length][..],
            &MAGIC_COOKIE,
            &TRANSACTION,
            attribute,
        ]
        .concat()
    }

    #[test]
    fn the_addresses_of_the_standards_test_vectors_are_read() {
        let v4 = success(&[
            0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
        ]);
        let mapped = |datagram: &[u8]| read(datagram, &TRANSACTION).map(|answer| answer.mapped);
        assert_eq!(mapped(&v4), Some("192.0.2.1:32853".parse().unwrap()));
        assert_eq!(read(&v4, &[0; 12]), None);
        let v6 = success(&[
            0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3,
            0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
        ]);
        let expected = "[2001:db8:1234:5678:11:2233:4455:6677]:32853";
        assert_eq!(mapped(&v6), Some(expected.parse().unwrap()));
    }

    #[test]
    fn a_servers_other_address_is_read_as_it_stands() {
        let answer = success(&[
            0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, // mapped
            0x80, 0x2c, 0x00, 0x08, 0x00, 0x01, 0x0d, 0x96, 11, 0, 0, 2,
        ]);
        let other = read(&answer, &TRANSACTION).and_then(|answer| answer.other);
        assert_eq!(other, Some("11.0.0.2:3478".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(attributes in prop::collection::vec(any::<u8>(), 0..120)) {
            read(&attributes, &TRANSACTION);
            read(&success(&attributes), &TRANSACTION);
        }
    }
}
