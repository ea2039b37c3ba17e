//! The listener: whoever calls proves to be a contact, or gets what everybody gets.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::limits::{LAN_BYTES, LAN_SOCKETS, LAN_SOCKETS_PER_ADDRESS, LAN_TIME};
use model::{ContactId, DisplayName, Entropy as _};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{StatusCode, header};

use crate::interface::{Interfaces, Networks};
use crate::meter::Metered;
use crate::proof::{self, Acquaintance, CallId};
use crate::wire::{
    Acknowledgement, Admission, Ask, Greeting, Introduction, Line, NameShown, OsEntropy, PATH,
    VERSION, WordError, hear, say, socket_config,
};

/// An open door, at which nobody is let in yet.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    port: u16,
}

/// Who lives behind a door.
#[derive(Debug, Clone)]
pub struct House {
    /// The keys of all contacts, for yesterday, today and tomorrow.
    pub known: watch::Receiver<Arc<[Acquaintance]>>,
    /// The name, while it is shown to everybody.
    pub name: watch::Receiver<Option<DisplayName>>,
    /// The numbers of the codes that somebody here shows.
    pub codes: watch::Receiver<Arc<BTreeSet<u32>>>,
    /// Where callers may come from.
    pub interfaces: Interfaces,
}

/// Somebody who called for something.
#[derive(Debug)]
pub enum Arrival {
    /// Who is known.
    Contact(Visitor),
    /// Who would like to be.
    Stranger(Stranger),
}

/// Somebody who would like to become a contact. Nothing is known of it.
#[derive(Debug)]
pub struct Stranger {
    /// How.
    pub wish: Wish,
    /// Carries the messages of one pairing.
    pub line: Box<Line>,
    /// Where its own door is, if it has one.
    pub door: Option<SocketAddr>,
}

/// How two devices become contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// One person chose the other's device, which shows itself.
    Tap,
    /// By a code, of which this is the number.
    Code(u32),
}

/// A contact that called.
#[derive(Debug)]
pub struct Visitor {
    /// Who.
    pub contact: ContactId,
    /// Where its own door is, if it has one.
    pub door: Option<SocketAddr>,
    /// What it came for.
    pub visit: Visit,
}

/// What a contact calls for.
#[derive(Debug)]
pub enum Visit {
    /// To be known to be there.
    Greeting,
    /// To speak to the signaling endpoint, over this.
    Line(Box<Line>, IpAddr),
}

impl Door {
    /// Opens a door on all addresses of this machine, at `port` if nobody else is there.
    pub fn open(port: u16) -> io::Result<Self> {
        let listener = listen(port).or_else(|_| listen(0))?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where it is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers callers, and hands over contacts, until it is dropped or nobody takes visitors any more.
    pub async fn attend(self, house: House, visitors: mpsc::Sender<Arrival>) {
        let mut callers = JoinSet::new();
        let mut crowd = Crowd::default();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let from = peer.ip().to_canonical();
                        if crowd.admit(from) {
                            let call = welcome(stream, house.clone(), visitors.clone());
                            callers.spawn(async move {
                                if timeout(LAN_TIME, call).await.is_err() {
                                    tracing::debug!("a caller took too long");
                                }
                                from
                            });
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a caller could not be accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(ended) = callers.join_next(), if !callers.is_empty() => {
                    if let Ok(from) = ended {
                        crowd.leave(from);
                    }
                }
                () = visitors.closed() => return,
            }
        }
    }
}

/// IPv4 and IPv6 by one socket, or IPv4 alone where there is nothing else.
fn listen(port: u16) -> io::Result<TcpListener> {
    let both = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_only_v6(false)?;
        prepare(&socket)?;
        socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
        Ok(socket)
    };
    let v4 = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        prepare(&socket)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
        Ok(socket)
    };
    let socket = both().or_else(|_| v4())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn prepare(socket: &Socket) -> io::Result<()> {
    // A door that was just closed opens again at once; elsewhere the option would share it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)
}

/// Callers that are not known yet.
#[derive(Debug, Default)]
struct Crowd {
    total: usize,
    per_address: BTreeMap<IpAddr, usize>,
}

impl Crowd {
    fn admit(&mut self, from: IpAddr) -> bool {
        let of_address = self.per_address.get(&from).copied().unwrap_or_default();
        if self.total >= LAN_SOCKETS || of_address >= LAN_SOCKETS_PER_ADDRESS {
            tracing::debug!("too many callers at once: one was dropped");
            return false;
        }
        self.total += 1;
        self.per_address.insert(from, of_address + 1);
        true
    }

    fn leave(&mut self, from: IpAddr) {
        self.total -= 1;
        if let Some(count) = self.per_address.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&from);
            }
        }
    }
}

async fn welcome(stream: TcpStream, house: House, visitors: mpsc::Sender<Arrival>) {
    let arrival = match converse(stream, &house).await {
        Ok(arrival) => arrival,
        Err(error) => {
            tracing::debug!(%error, "a caller was sent away");
            return;
        }
    };
    if let Some(arrival) = arrival {
        // Nobody is at home any more.
        visitors.send(arrival).await.ok();
    }
}

async fn converse(stream: TcpStream, house: &House) -> Result<Option<Arrival>, WordError> {
    let own = stream.local_addr()?;
    let from = stream.peer_addr()?.ip().to_canonical();
    let own = SocketAddr::new(own.ip().to_canonical(), own.port());
    if !Networks::look(&house.interfaces).is_own(own.ip()) {
        return Ok(None);
    }
    stream.set_nodelay(true)?;
    let mut line = open(stream, own).await?;
    let nonce = OsEntropy.draw();
    let version = VERSION;
    say(&mut line, &Greeting { version, nonce }).await?;
    let Some(introduction) = hear::<Introduction>(&mut line).await? else {
        return Ok(None);
    };
    if !introduction.is_well_formed() {
        return Err(WordError::Malformed);
    }
    let call = CallId {
        nonce,
        ephemeral: introduction.ephemeral,
        door: own,
        port: introduction.port,
    };
    let known = Arc::clone(&house.known.borrow());
    let found = proof::caller(&call, &introduction.tags, &known);
    let tag = proof::answer(&call, found, &mut OsEntropy);
    say(&mut line, &Acknowledgement { tag }).await?;
    let contact = found.map(|it| it.contact);
    let door = (introduction.port != 0).then(|| SocketAddr::new(from, introduction.port));
    let visit = match (hear::<Ask>(&mut line).await?, contact) {
        (Some(Ask::Line), Some(_)) => {
            line.get_mut().lift();
            Visit::Line(Box::new(line), from)
        }
        // What a stranger asks for is not there, and what nobody shows neither.
        (Some(Ask::Line), None) => return Ok(None),
        (Some(Ask::Name), _) => {
            let name = house.name.borrow().as_ref().map(ToString::to_string);
            say(&mut line, &NameShown { name }).await?;
            Visit::Greeting
        }
        (Some(Ask::Tap), _) => return admit(line, Wish::Tap, door, house).await,
        (Some(Ask::Code(number)), _) => return admit(line, Wish::Code(number), door, house).await,
        (None, _) => Visit::Greeting,
    };
    Ok(contact.map(|contact| {
        Arrival::Contact(Visitor {
            contact,
            door,
            visit,
        })
    }))
}

/// Whoever wants to pair is let in while somebody here wants that too. The line stays as narrow as it is.
async fn admit(
    mut line: Line,
    wish: Wish,
    door: Option<SocketAddr>,
    house: &House,
) -> Result<Option<Arrival>, WordError> {
    let is_admitted = match wish {
        Wish::Tap => house.name.borrow().is_some(),
        Wish::Code(number) => house.codes.borrow().contains(&number),
    };
    say(&mut line, &Admission { is_admitted }).await?;
    let line = Box::new(line);
    Ok(is_admitted.then_some(Arrival::Stranger(Stranger { wish, line, door })))
}

async fn open(stream: TcpStream, own: SocketAddr) -> Result<Line, WordError> {
    #[expect(
        clippy::result_large_err,
        reason = "the form is that of the WebSocket library"
    )]
    let judge = move |request: &Request, response: Response| match is_for_us(request, own) {
        true => Ok(response),
        false => Err(nothing_here()),
    };
    let metered = Metered::new(stream, LAN_BYTES);
    let opened = accept_hdr_async_with_config(metered, judge, Some(socket_config())).await;
    opened.map_err(|_| WordError::Malformed)
}

/// Browsers say where a page comes from, and for whom they take this machine: one that was led here by a name
/// asks for that name (DNS rebinding). Devices ask for the address itself, and come from no page.
fn is_for_us(request: &Request, own: SocketAddr) -> bool {
    let headers = request.headers();
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let is_own = host.and_then(|host| host.parse::<SocketAddr>().ok()) == Some(own);
    is_own
        && hosts.next().is_none()
        && !headers.contains_key(header::ORIGIN)
        && request.uri().path_and_query().map(|it| it.as_str()) == Some(PATH)
}

/// The one answer to whatever is not for us.
fn nothing_here() -> ErrorResponse {
    let mut response = ErrorResponse::new(Some("nothing here\n".to_owned()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// After an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Callers that the system keeps waiting.
const BACKLOG: i32 = 64;

#[cfg(test)]
mod tests;
