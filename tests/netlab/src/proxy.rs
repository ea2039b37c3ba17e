//! A small proxy that connects to port 443 and nowhere else, by HTTP (RFC 9110 §9.3.6) or SOCKS 5 (RFC 1928).

use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::node::Node;

/// The port that it listens on.
pub const PROXY_PORT: u16 = 3128;

/// A running proxy; dropping it takes no further connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    is_stopped: AtomicBool,
    open: AtomicUsize,
    connected: AtomicUsize,
}

impl Proxy {
    /// Listens at `ip` in the namespace of `node`.
    pub(crate) fn start(node: &Node, ip: &str) -> Result<Self> {
        let address = SocketAddr::new(ip.parse()?, PROXY_PORT);
        let listener = node
            .inside(|| TcpListener::bind(address))
            .context("listen")?;
        listener.set_nonblocking(true)?;
        let state = Arc::new(State::default());
        let acceptor = {
            let state = state.clone();
            // Threads begin in the namespace of the thread that makes them.
            node.inside(move || thread::spawn(move || accept(&listener, &state)))
        };
        Ok(Self {
            address,
            state,
            acceptor: Some(acceptor),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has made.
    pub fn connected(&self) -> usize {
        self.state.connected.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_stopped.store(true, Ordering::Relaxed);
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().expect("the acceptor does not panic");
        }
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    while !state.is_stopped.load(Ordering::Relaxed) {
        let Ok((client, _)) = listener.accept() else {
            thread::sleep(LOOK_AGAIN);
            continue;
        };
        if state.open.load(Ordering::Relaxed) >= CONNECTIONS {
            continue;
        }
        state.open.fetch_add(1, Ordering::Relaxed);
        let state = state.clone();
        thread::spawn(move || {
            // A connection that breaks concerns nobody but its two ends.
            serve(&client, &state).ok();
            state.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn serve(client: &TcpStream, state: &State) -> io::Result<()> {
    client.set_nonblocking(false)?;
    client.set_read_timeout(Some(REQUEST_TIME))?;
    let Some((server, granted)) = connect(client)? else {
        return Ok(());
    };
    state.connected.fetch_add(1, Ordering::Relaxed);
    client.set_read_timeout(None)?;
    let mut writer = client;
    writer.write_all(granted)?;
    thread::scope(|scope| {
        scope.spawn(|| carry(client, &server));
        carry(&server, client);
    });
    Ok(())
}

/// Connects to where the client wants to, and says how to tell it so; whom it refuses, it has told.
fn connect(mut client: &TcpStream) -> io::Result<Option<(TcpStream, &'static [u8])>> {
    let mut first = [0];
    client.peek(&mut first)?;
    if first == [SOCKS] {
        let Some(target) = socks_target(client)? else {
            client.write_all(&SOCKS_REFUSED)?;
            return Ok(None);
        };
        return Ok(Some((reach(target)?, &SOCKS_GRANTED)));
    }
    let request = read_request(client)?;
    let Some(target) = target_of(&request) else {
        return refuse(client, "405 Method Not Allowed").map(|()| None);
    };
    if target.port() != HTTPS_PORT {
        return refuse(client, "403 Forbidden").map(|()| None);
    }
    let Ok(server) = reach(target) else {
        return refuse(client, "502 Bad Gateway").map(|()| None);
    };
    Ok(Some((
        server,
        b"HTTP/1.1 200 Connection established\r\n\r\n",
    )))
}

fn reach(target: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&target, REQUEST_TIME)
}

/// Greets like a proxy that wants no login, and reads where the client wants to; `None` if it may not.
fn socks_target(mut client: &TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut head = [0; 2];
    client.read_exact(&mut head)?;
    client.read_exact(&mut vec![0; head[1].into()])?;
    client.write_all(&[SOCKS, 0])?;
    let mut request = [0; 4];
    client.read_exact(&mut request)?;
    let ip: IpAddr = match request {
        [SOCKS, 1, _, 1] => read::<4>(client)?.into(),
        [SOCKS, 1, _, 4] => read::<16>(client)?.into(),
        _ => return Ok(None),
    };
    let port = u16::from_be_bytes(read(client)?);
    Ok((port == HTTPS_PORT).then_some(SocketAddr::new(ip, port)))
}

fn read<const N: usize>(mut client: &TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn refuse(mut client: &TcpStream, status: &str) -> io::Result<()> {
    write!(client, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
}

fn carry(mut from: &TcpStream, mut to: &TcpStream) {
    // Either end may vanish; the other one is told.
    io::copy(&mut from, &mut to).ok();
    to.shutdown(Shutdown::Write).ok();
}

/// Up to the empty line, byte by byte: what follows belongs to the tunnel.
fn read_request(mut client: &TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if request.len() == REQUEST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        client.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    String::from_utf8(request).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn target_of(request: &str) -> Option<SocketAddr> {
    let line = request.lines().next()?;
    let mut words = line.split(' ');
    (words.next()? == "CONNECT").then_some(())?;
    words.next()?.parse().ok()
}

const HTTPS_PORT: u16 = 443;
const SOCKS: u8 = 5;
/// Granted, from an address that does not matter (RFC 1928 §6).
const SOCKS_GRANTED: [u8; 10] = [SOCKS, 0, 0, 1, 0, 0, 0, 0, 0, 0];
/// The rules do not allow it.
const SOCKS_REFUSED: [u8; 10] = [SOCKS, 2, 0, 1, 0, 0, 0, 0, 0, 0];
const CONNECTIONS: usize = 64;
const REQUEST_BYTES: usize = 8 * 1024;
const REQUEST_TIME: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_connect_names_a_target() {
        let target = target_of("CONNECT 11.0.0.1:443 HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(target, Some("11.0.0.1:443".parse().unwrap()));
        assert!(target_of("CONNECT [2a0f::1]:443 HTTP/1.1\r\n\r\n").is_some());
        for request in [
            "GET http://11.0.0.1/ HTTP/1.1\r\n\r\n",
            "CONNECT nobody HTTP/1.1\r\n\r\n",
            "\r\n\r\n",
        ] {
            assert_eq!(target_of(request), None, "{request}");
        }
    }
}
