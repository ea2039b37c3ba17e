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
    let transactions: Vec<[u8; 12]> = servers.iter().map(|_| OsEntropy.draw()).collect();
    let mut answers = vec![None; servers.len()];
    let start = Instant::now();
    for _ in 0..TRIES {
        for ((server, transaction), answer) in servers.iter().zip(&transactions).zip(&answers) {
            if answer.is_none() {
                // A network that refuses at once says the same as one that is silent.
                socket.send_to(&request(transaction), server).await.ok();
            }
        }
        let until = tokio::time::Instant::now() + TRY_TIME;
        let mut buffer = [0; 1_500];
        while answers.contains(&None) {
            let Ok(read) = timeout_at(until, socket.recv_from(&mut buffer)).await else {
                break;
            };
            let Ok((length, from)) = read else {
                continue;
            };
            let of = servers.iter().position(|server| *server == from);
            if let Some(of) = of
                && let Some(mapped) = mapped_address(&buffer[..length], &transactions[of])
            {
                let took = start.elapsed();
                answers[of] = Some(Seen { own, mapped, took });
            }
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

/// The address from which packets leave for a server; none is sent.
fn leaving_for(server: SocketAddr, any: IpAddr) -> io::Result<IpAddr> {
    let probe = Probe::bind((any, 0))?;
    probe.connect(server)?;
    Ok(probe.local_addr()?.ip())
}

fn request(transaction: &[u8; 12]) -> Vec<u8> {
    [&BINDING_REQUEST, &[0, 0][..], &MAGIC_COOKIE, transaction].concat()
}

/// Reads a binding success for `transaction`.
fn mapped_address(datagram: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let header: &[u8; 20] = datagram.first_chunk()?;
    let is_ours = header[..2] == BINDING_SUCCESS
        && header[4..8] == MAGIC_COOKIE
        && header[8..] == transaction[..];
    let mut rest = is_ours.then(|| &datagram[20..])?;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = after.get(..length)?;
        if head[..2] == XOR_MAPPED_ADDRESS {
            return unmask(value, transaction);
        }
        rest = after.get(length.next_multiple_of(4)..)?;
    }
    None
}

fn unmask(value: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let (head, masked) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2] ^ MAGIC_COOKIE[0], head[3] ^ MAGIC_COOKIE[1]]);
    let mask = [&MAGIC_COOKIE[..], transaction].concat();
    let plain: Vec<u8> = masked
        .iter()
        .zip(&mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    let ip: IpAddr = match head[1] {
        IPV4 => <[u8; 4]>::try_from(plain).ok()?.into(),
        IPV6 => <[u8; 16]>::try_from(plain).ok()?.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const XOR_MAPPED_ADDRESS: [u8; 2] = [0x00, 0x20];
const IPV4: u8 = 1;
const IPV6: u8 = 2;
/// On a network that loses some.
const TRIES: usize = 4;
const TRY_TIME: Duration = Duration::from_millis(600);

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
        assert_eq!(
            mapped_address(&v4, &TRANSACTION),
            Some("192.0.2.1:32853".parse().unwrap())
        );
        assert_eq!(mapped_address(&v4, &[0; 12]), None);
        let v6 = success(&[
            0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3,
            0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
        ]);
        let expected = "[2001:db8:1234:5678:11:2233:4455:6677]:32853";
        assert_eq!(
            mapped_address(&v6, &TRANSACTION),
            Some(expected.parse().unwrap())
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(attributes in prop::collection::vec(any::<u8>(), 0..120)) {
            mapped_address(&attributes, &TRANSACTION);
            mapped_address(&success(&attributes), &TRANSACTION);
        }
    }
}
