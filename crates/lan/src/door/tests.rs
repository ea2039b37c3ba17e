use futures_util::{SinkExt as _, StreamExt as _};
use model::Day;
use model::limits::{LAN_TAGS, SIGNALING_MESSAGE_BYTES};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::call::{Call, CallError, call};

/// A device with an open door on loopback.
struct Home {
    address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
    name: watch::Sender<Option<DisplayName>>,
    codes: watch::Sender<Arc<BTreeSet<u32>>>,
    _known: watch::Sender<Arc<[Acquaintance]>>,
    _attending: JoinSet<()>,
}

impl Home {
    fn of(known: Vec<Acquaintance>) -> Self {
        let door = Door::open(0).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, door.port()));
        let (known, known_here) = watch::channel(Arc::from(known));
        let (name, name_here) = watch::channel(None);
        let (codes, codes_here) = watch::channel(Arc::default());
        let (sender, arrivals) = mpsc::channel(8);
        let mut attending = JoinSet::new();
        let house = House {
            known: known_here,
            name: name_here,
            codes: codes_here,
            interfaces: Interfaces::Named(vec![LOOPBACK.into()]),
        };
        attending.spawn(door.attend(house, sender));
        Self {
            address,
            arrivals,
            name,
            codes,
            _known: known,
            _attending: attending,
        }
    }

    async fn called_by(&self, known: &[Acquaintance]) -> Call {
        call(self.address, 7_777, known).await.unwrap()
    }

    async fn visitor(&mut self) -> Visitor {
        match self.arrivals.recv().await.unwrap() {
            Arrival::Contact(visitor) => visitor,
            Arrival::Stranger(stranger) => panic!("{stranger:?} is no contact"),
        }
    }

    /// What a request gets, byte for byte.
    async fn answer_to(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }
}

/// The keys of Ana's and Ben's, as each of them has them.
fn pair(seed: u8) -> (Acquaintance, Acquaintance) {
    let one = |to_own, to_peer, contact| Acquaintance {
        contact: ContactId([contact; 16]),
        day: Day(21_000),
        to_own: [to_own; 32],
        to_peer: [to_peer; 32],
    };
    let (low, high) = (seed * 2, seed * 2 + 1);
    (one(low, high, 1), one(high, low, 2))
}

fn upgrade(host: &str, more: &str) -> String {
    format!(
        "GET /lan HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{more}\r\n"
    )
}

#[tokio::test]
async fn two_contacts_prove_themselves_and_know_where_the_other_is() {
    let (ana, ben) = pair(1);
    let mut home = Home::of(vec![pair(9).1, ben]);
    let called = home.called_by(&[pair(8).0, ana]).await;
    assert_eq!(called.contact(), Some(ContactId([1; 16])));
    called.leave().await;
    let visitor = home.visitor().await;
    assert_eq!(visitor.contact, ContactId([2; 16]));
    assert_eq!(visitor.door, Some("127.0.0.1:7777".parse().unwrap()));
    assert!(matches!(visitor.visit, Visit::Greeting));
}

#[tokio::test]
async fn a_contact_gets_a_line_that_carries_more_than_a_stranger_may_say() {
    let (ana, ben) = pair(1);
    let mut home = Home::of(vec![ben]);
    let mut line = home.called_by(&[ana]).await.line().await.unwrap();
    let visitor = home.visitor().await;
    let Visit::Line(mut far, from) = visitor.visit else {
        panic!("it came for a line");
    };
    assert_eq!(from, IpAddr::V4(Ipv4Addr::LOCALHOST));
    let long = vec![7; SIGNALING_MESSAGE_BYTES];
    line.send(Message::binary(long.clone())).await.unwrap();
    let heard = far.next().await.unwrap().unwrap();
    assert_eq!(heard.into_data(), long);
}

#[tokio::test]
async fn a_stranger_gets_an_answer_of_the_same_form_and_nothing_else() {
    let (ana, ben) = pair(1);
    let mut home = Home::of(vec![ben]);
    let stranger = home.called_by(&[pair(5).0]).await;
    assert_eq!(stranger.contact(), None);
    let mut line = stranger.line().await.unwrap();
    assert!(!matches!(line.next().await, Some(Ok(Message::Binary(_)))));
    assert!(home.arrivals.try_recv().is_err());

    let known = answer_bytes(home.address, &ana).await;
    let unknown = answer_bytes(home.address, &pair(5).0).await;
    assert_eq!(known.len(), unknown.len());
}

/// What the door says to an introduction.
async fn answer_bytes(door: SocketAddr, who: &Acquaintance) -> Vec<u8> {
    let stream = TcpStream::connect(door).await.unwrap();
    let url = format!("ws://{door}{PATH}");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let greeting = socket.next().await.unwrap().unwrap().into_data();
    let greeting: Greeting = crate::wire::decode(&greeting).unwrap();
    let id = CallId {
        nonce: greeting.nonce,
        ephemeral: [3; 32],
        door,
        port: 0,
    };
    let introduction = Introduction {
        ephemeral: id.ephemeral,
        port: 0,
        tags: proof::tags(&id, std::slice::from_ref(who), &mut OsEntropy),
    };
    let bytes = postcard::to_allocvec(&introduction).unwrap();
    socket.send(Message::binary(bytes)).await.unwrap();
    socket.next().await.unwrap().unwrap().into_data().to_vec()
}

#[tokio::test]
async fn a_name_is_told_only_while_it_is_shown_to_everybody() {
    let home = Home::of(Vec::new());
    let asked = home.called_by(&[]).await.name().await.unwrap();
    assert_eq!(asked, None);
    let shown = DisplayName::new("Mia's laptop");
    home.name.send_replace(Some(shown.clone()));
    let asked = home.called_by(&[]).await.name().await.unwrap();
    assert_eq!(asked, Some(shown));
    home.name.send_replace(None);
    let asked = home.called_by(&[]).await.name().await.unwrap();
    assert_eq!(asked, None);
}

#[tokio::test]
async fn a_stranger_is_let_in_to_pair_only_while_somebody_here_wants_that() {
    let mut home = Home::of(Vec::new());
    for wish in [Wish::Tap, Wish::Code(1_234)] {
        let call = home.called_by(&[]).await;
        assert!(call.pair(wish).await.unwrap().is_none(), "{wish:?}");
    }
    home.name
        .send_replace(Some(DisplayName::new("Mia's laptop")));
    home.codes.send_replace(Arc::new([1_234].into()));
    let other = home.called_by(&[]).await.pair(Wish::Code(1_235));
    assert!(other.await.unwrap().is_none());
    for wish in [Wish::Tap, Wish::Code(1_234)] {
        let line = home.called_by(&[]).await.pair(wish).await.unwrap();
        let mut line = line.expect("it is let in");
        let Arrival::Stranger(mut stranger) = home.arrivals.recv().await.unwrap() else {
            panic!("nothing was proven");
        };
        assert_eq!(stranger.wish, wish);
        assert_eq!(stranger.door, Some("127.0.0.1:7777".parse().unwrap()));
        line.send(Message::binary(vec![7; 1_000])).await.unwrap();
        let heard = stranger.line.next().await.unwrap().unwrap();
        assert_eq!(heard.len(), 1_000);
        line.send(Message::binary(vec![7; LAN_BYTES])).await.ok();
        let heard = stranger.line.next().await;
        assert!(!matches!(heard, Some(Ok(Message::Binary(_)))), "too much");
    }
    assert!(home.arrivals.try_recv().is_err(), "nobody else was let in");
}

#[tokio::test]
async fn pages_and_names_that_lead_here_get_the_same_answer_as_everything_else() {
    let home = Home::of(vec![pair(1).1]);
    let own = home.address.to_string();
    let port = home.address.port();
    let wrong_path = upgrade(&own, "").replace("/lan", "/ws");
    let uniform = home.answer_to(&wrong_path).await;
    assert!(uniform.starts_with("HTTP/1.1 404 "), "{uniform}");
    for request in [
        upgrade(&own, &format!("Origin: http://{own}\r\n")),
        upgrade(&own, "Origin: null\r\n"),
        upgrade(&format!("printer.example:{port}"), ""),
        upgrade(&format!("localhost:{port}"), ""),
        upgrade("127.0.0.1", ""),
        upgrade(&format!("192.168.1.10:{port}"), ""),
        upgrade(&own, &format!("Host: {own}\r\n")),
        upgrade(&own, "").replace("/lan", "/lan?x=1"),
    ] {
        assert_eq!(home.answer_to(&request).await, uniform, "{request}");
    }
    let stream = TcpStream::connect(home.address).await.unwrap();
    let url = format!("ws://{own}{PATH}");
    assert!(tokio_tungstenite::client_async(url, stream).await.is_ok());
}

#[tokio::test]
async fn a_caller_at_an_address_that_is_no_local_network_hears_nothing() {
    let door = Door::open(0).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, door.port()));
    let (_known, known) = watch::channel(Arc::from(Vec::new()));
    let (_name, name) = watch::channel(None);
    let (_codes, codes) = watch::channel(Arc::default());
    let (sender, _visitors) = mpsc::channel(1);
    let house = House {
        known,
        name,
        codes,
        interfaces: Interfaces::Automatic,
    };
    let mut attending = JoinSet::new();
    attending.spawn(door.attend(house, sender));
    let called = call(address, 0, &[]).await;
    assert!(matches!(called, Err(CallError::Foreign)), "{called:?}");
}

#[tokio::test]
async fn silent_sockets_keep_no_contact_out() {
    let (ana, ben) = pair(1);
    let home = Home::of(vec![ben]);
    let mut silent = Vec::new();
    for host in 2..=17u8 {
        for _ in 0..LAN_SOCKETS_PER_ADDRESS {
            silent.push(connect_from(host, home.address).await);
        }
    }
    assert_eq!(silent.len(), LAN_SOCKETS);
    // Nobody more is let in until the silent ones have had their time, which is short.
    let deadline = tokio::time::Instant::now() + LAN_TIME * 6;
    while call(home.address, 0, std::slice::from_ref(&ana))
        .await
        .is_err()
    {
        assert!(tokio::time::Instant::now() < deadline, "the door is jammed");
        sleep(Duration::from_millis(50)).await;
    }
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn of_one_address_no_more_than_four_are_heard_at_once() {
    let home = Home::of(Vec::new());
    let mut silent = Vec::new();
    for _ in 0..LAN_SOCKETS_PER_ADDRESS {
        silent.push(connect_from(2, home.address).await);
    }
    let mut fifth = connect_from(2, home.address).await;
    fifth.write_all(b"GET").await.ok();
    assert_eq!(
        fifth.read(&mut [0; 1]).await.unwrap_or(0),
        0,
        "it is closed"
    );
    let other = call(home.address, 0, &[]).await;
    assert!(other.is_ok(), "another address is heard: {other:?}");
}

async fn connect_from(host: u8, door: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    let own = SocketAddr::from((Ipv4Addr::new(127, 0, 1, host), 0));
    socket.bind(own).unwrap();
    socket.connect(door).await.unwrap()
}

#[tokio::test]
async fn a_stranger_that_says_too_much_is_cut_off() {
    let home = Home::of(Vec::new());
    let head = upgrade(
        &home.address.to_string(),
        &format!("X: {}\r\n", "x".repeat(LAN_BYTES)),
    );
    let mut stream = TcpStream::connect(home.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn what_is_no_introduction_gets_no_answer() {
    let home = Home::of(Vec::new());
    let few = Introduction {
        ephemeral: [0; 32],
        port: 0,
        tags: vec![[0; 16]; LAN_TAGS[0] - 1],
    };
    let few = postcard::to_allocvec(&few).unwrap();
    for word in [vec![], vec![0; 7], few] {
        let stream = TcpStream::connect(home.address).await.unwrap();
        let url = format!("ws://{}{PATH}", home.address);
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        socket.next().await.unwrap().unwrap();
        socket.send(Message::binary(word)).await.unwrap();
        assert!(!matches!(socket.next().await, Some(Ok(Message::Binary(_)))));
    }
}

#[cfg(target_os = "linux")]
const LOOPBACK: &str = "lo";
#[cfg(not(target_os = "linux"))]
const LOOPBACK: &str = "lo0";
