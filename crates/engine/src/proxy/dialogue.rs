//! What is said to a proxy before it carries anything.

use std::io;
use std::net::IpAddr;

use data_encoding::BASE64;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{Proxy, ProxyKind};

/// Why a proxy does not carry a connection. Nothing in it names anybody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProxyError {
    #[error("the proxy was lost: {0}")]
    Lost(#[from] io::Error),
    #[error("the proxy wants a user name and a password: set WHERRY_PROXY_LOGIN")]
    WantsLogin,
    #[error("the proxy refuses to connect ({0})")]
    Refused(u16),
    #[error("what is said to be a proxy does not answer like one")]
    NotAProxy,
}

/// Asks the proxy at the other end of `stream` to connect to `host`; what follows comes from there.
pub(crate) async fn pass(
    proxy: &Proxy,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
    port: u16,
) -> Result<(), ProxyError> {
    match proxy.kind {
        ProxyKind::Http => connect(proxy, stream, host, port).await,
        ProxyKind::Socks5 => {
            greet(proxy, stream).await?;
            request(stream, host, port).await
        }
    }
}

/// RFC 9110 §9.3.6.
async fn connect(
    proxy: &Proxy,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
    port: u16,
) -> Result<(), ProxyError> {
    let authority = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some((user, password)) = &proxy.login {
        let login = BASE64.encode(format!("{user}:{password}").as_bytes());
        request += &format!("Proxy-Authorization: Basic {login}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut head = Vec::new();
    // Byte by byte: what comes after the head is no longer the proxy's.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_BYTES {
            return Err(ProxyError::NotAProxy);
        }
        head.push(stream.read_u8().await?);
    }
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| ProxyError::NotAProxy)?;
    let mut words = line.split(' ');
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let status: Option<u16> = words.next().and_then(|word| word.parse().ok());
    match status.filter(|_| is_http) {
        Some(200..=299) => Ok(()),
        Some(407) => Err(ProxyError::WantsLogin),
        Some(status) => Err(ProxyError::Refused(status)),
        None => Err(ProxyError::NotAProxy),
    }
}

/// RFC 1928 §3, and RFC 1929 where the proxy wants a password.
async fn greet(
    proxy: &Proxy,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<(), ProxyError> {
    let greeting: &[u8] = match proxy.login {
        Some(_) => &[VERSION, 2, WITHOUT_LOGIN, WITH_LOGIN],
        None => &[VERSION, 1, WITHOUT_LOGIN],
    };
    stream.write_all(greeting).await?;
    stream.flush().await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, &proxy.login) {
        ([VERSION, WITHOUT_LOGIN], _) => Ok(()),
        ([VERSION, WITH_LOGIN], Some((user, password))) => {
            let mut login = vec![LOGIN_VERSION];
            push_short(&mut login, user.as_bytes())?;
            push_short(&mut login, password.as_bytes())?;
            stream.write_all(&login).await?;
            stream.flush().await?;
            let mut verdict = [0; 2];
            stream.read_exact(&mut verdict).await?;
            match verdict {
                [_, 0] => Ok(()),
                _ => Err(ProxyError::WantsLogin),
            }
        }
        ([VERSION, _], _) => Err(ProxyError::WantsLogin),
        _ => Err(ProxyError::NotAProxy),
    }
}

/// RFC 1928 §4 and §6.
async fn request(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    host: &str,
    port: u16,
) -> Result<(), ProxyError> {
    let mut request = vec![VERSION, CONNECT, 0];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            request.push(IPV4);
            request.extend(ip.octets());
        }
        Ok(IpAddr::V6(ip)) => {
            request.push(IPV6);
            request.extend(ip.octets());
        }
        Err(_) => {
            request.push(NAME);
            push_short(&mut request, host.as_bytes())?;
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await?;
    stream.flush().await?;

    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await?;
    let [VERSION, verdict, _, kind] = reply else {
        return Err(ProxyError::NotAProxy);
    };
    if verdict != 0 {
        return Err(ProxyError::Refused(verdict.into()));
    }
    let address_bytes = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => stream.read_u8().await?.into(),
        _ => return Err(ProxyError::NotAProxy),
    };
    let mut bound = vec![0; address_bytes + 2];
    stream.read_exact(&mut bound).await?;
    Ok(())
}

fn push_short(into: &mut Vec<u8>, bytes: &[u8]) -> Result<(), ProxyError> {
    let length = u8::try_from(bytes.len()).map_err(|_| ProxyError::NotAProxy)?;
    into.push(length);
    into.extend(bytes);
    Ok(())
}

/// What an answer to `CONNECT` may be long, header fields included.
const HEAD_BYTES: usize = 8 * 1024;
const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const WITHOUT_LOGIN: u8 = 0;
const WITH_LOGIN: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    /// Lets a proxy say `answer`, byte for byte, and returns what came of it, what it heard, and what is left.
    async fn dialogue(
        url: &str,
        host: &str,
        answer: &[u8],
    ) -> (Result<(), ProxyError>, Vec<u8>, Vec<u8>) {
        let proxy = Proxy::parse(url).unwrap();
        let (mut near, mut far) = duplex(16 * 1024);
        far.write_all(answer).await.unwrap();
        let passed = pass(&proxy, &mut near, host, 443).await;
        near.shutdown().await.unwrap();
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).await.unwrap();
        drop(far);
        let mut left = Vec::new();
        near.read_to_end(&mut left).await.unwrap();
        (passed, heard, left)
    }

    #[tokio::test]
    async fn an_http_proxy_is_asked_to_connect_and_keeps_nothing_of_what_follows() {
        let answer = b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\nfirst bytes";
        let (passed, heard, left) = dialogue("http://a:b@proxy", "2a0f::1", answer).await;
        passed.unwrap();
        let heard = String::from_utf8(heard).unwrap();
        assert!(
            heard.starts_with("CONNECT [2a0f::1]:443 HTTP/1.1\r\n"),
            "{heard}"
        );
        assert!(
            heard.contains("Proxy-Authorization: Basic YTpi\r\n"),
            "{heard}"
        );
        assert_eq!(left, b"first bytes");
    }

    #[tokio::test]
    async fn what_an_http_proxy_refuses_is_told_and_what_is_none_found_out() {
        let wants = dialogue("http://p", "h", b"HTTP/1.1 407 Who\r\n\r\n")
            .await
            .0;
        assert!(matches!(wants, Err(ProxyError::WantsLogin)));
        let refused = dialogue("http://p", "h", b"HTTP/1.0 403 No\r\n\r\n")
            .await
            .0;
        assert!(matches!(refused, Err(ProxyError::Refused(403))));
        for answer in [
            &b"SSH-2.0-x\r\n\r\n"[..],
            b"HTTP/1.1\r\n\r\n",
            &[b'a'; 9_000],
        ] {
            let answered = dialogue("http://p", "h", answer).await.0;
            assert!(matches!(answered, Err(ProxyError::NotAProxy)));
        }
    }

    #[tokio::test]
    async fn a_socks_proxy_looks_names_up_itself() {
        let answer = [5, 0, 5, 0, 0, 3, 2, b'a', b'b', 1, 2, b'x'];
        let (passed, heard, left) = dialogue("socks5://p", "relay.example", &answer).await;
        passed.unwrap();
        assert_eq!(heard[..3], [5, 1, 0]);
        assert_eq!(heard[3..8], [5, 1, 0, 3, 13]);
        assert_eq!(&heard[8..21], b"relay.example");
        assert_eq!(heard[21..], [1, 187]);
        assert_eq!(left, b"x");
    }

    #[tokio::test]
    async fn a_socks_proxy_gets_a_login_only_if_it_wants_one() {
        let answer = [5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        let (passed, heard, _) = dialogue("socks5://ana:key@p", "11.0.0.1", &answer).await;
        passed.unwrap();
        assert_eq!(&heard[4..13], b"\x01\x03ana\x03key");
        let (passed, heard, _) = dialogue(
            "socks5://ana:key@p",
            "11.0.0.1",
            &[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        )
        .await;
        passed.unwrap();
        assert!(!heard.windows(3).any(|it| it == b"key"));
    }

    #[tokio::test]
    async fn what_a_socks_proxy_refuses_is_told() {
        for (answer, is_expected) in [
            (
                &[5, 0xff][..],
                (|it| matches!(it, ProxyError::WantsLogin)) as fn(&ProxyError) -> bool,
            ),
            (&[5, 2], |it| matches!(it, ProxyError::WantsLogin)),
            (&[4, 0], |it| matches!(it, ProxyError::NotAProxy)),
            (&[5, 0, 5, 2, 0, 1], |it| {
                matches!(it, ProxyError::Refused(2))
            }),
            (&[5, 0, 5, 0, 0, 9], |it| {
                matches!(it, ProxyError::NotAProxy)
            }),
        ] {
            let refused = dialogue("socks5://p", "h", answer).await.0.unwrap_err();
            assert!(is_expected(&refused), "{refused}");
        }
    }
}
