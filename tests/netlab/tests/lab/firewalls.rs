//! What gets out of networks that let little out, and what IPv6 there is.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use netlab::probe::{Server, reaches_server};
use netlab::{Lab, Node, PROXY_PORT, Plan, Together, alone};

const TIME: Duration = Duration::from_secs(2);

fn connects(node: &Node, to: &str) -> bool {
    let to: SocketAddr = to.parse().unwrap();
    node.inside(|| TcpStream::connect_timeout(&to, TIME).is_ok())
}

/// Whether a datagram from `from` reaches `to` at `address`.
fn datagram_arrives(from: &Node, to: &Node, address: &str) -> bool {
    let address: SocketAddr = address.parse().unwrap();
    let any: SocketAddr = match address.is_ipv4() {
        true => "0.0.0.0:0".parse().unwrap(),
        false => "[::]:0".parse().unwrap(),
    };
    let receiver = to.inside(|| UdpSocket::bind((any.ip(), address.port())).unwrap());
    receiver.set_read_timeout(Some(TIME / 4)).unwrap();
    let sender = from.inside(|| UdpSocket::bind(any).unwrap());
    (0..4).any(|_| {
        // A network that is not reachable at all says so at once.
        sender.send_to(b"hello", address).is_ok() && receiver.recv(&mut [0; 9]).is_ok()
    })
}

fn listen(lab: &Lab, at: &[&str]) -> Vec<TcpListener> {
    let bind = |at: &&str| TcpListener::bind(*at).unwrap();
    lab.node("inet").inside(|| at.iter().map(bind).collect())
}

#[test]
fn a_network_that_blocks_udp_lets_out_port_443_alone() {
    alone::test(
        "firewalls::a_network_that_blocks_udp_lets_out_port_443_alone",
        || {
            let lab = Lab::up(&Plan::between("udpblock", "prc").unwrap()).unwrap();
            let _server = Server::start(&lab).unwrap();
            let _listening = listen(&lab, &["11.0.0.1:443", "11.0.0.1:8443"]);
            assert!(!reaches_server(lab.node("a")).unwrap());
            assert!(connects(lab.node("a"), "11.0.0.1:443"));
            assert!(!connects(lab.node("a"), "11.0.0.1:8443"));
            assert!(reaches_server(lab.node("b")).unwrap());
            assert!(connects(lab.node("b"), "11.0.0.1:8443"));
        },
    );
}

#[test]
fn a_network_with_a_proxy_lets_nothing_out_but_what_goes_through_it() {
    alone::test(
        "firewalls::a_network_with_a_proxy_lets_nothing_out_but_what_goes_through_it",
        || {
            let lab = Lab::up(&Plan::between("proxy", "prc").unwrap()).unwrap();
            let _server = Server::start(&lab).unwrap();
            let listening = listen(&lab, &["11.0.0.1:443", "11.0.0.1:8443"]);
            let a = lab.node("a");
            assert!(!reaches_server(a).unwrap());
            assert!(!connects(a, "11.0.0.1:443"));

            let echo = thread::spawn(move || {
                let (mut stream, _) = listening[0].accept().unwrap();
                let mut word = [0; 4];
                stream.read_exact(&mut word).unwrap();
                stream.write_all(&word).unwrap();
                listening
            });
            let (status, mut tunnel) = through_proxy(a, "11.0.0.1:443");
            assert!(status.starts_with("HTTP/1.1 200"), "{status}");
            tunnel.write_all(b"ping").unwrap();
            let mut word = [0; 4];
            tunnel.read_exact(&mut word).unwrap();
            assert_eq!(&word, b"ping");
            let _listening = echo.join().unwrap();

            let (status, _) = through_proxy(a, "11.0.0.1:8443");
            assert!(status.starts_with("HTTP/1.1 403"), "{status}");
            assert_eq!(lab.proxy("a").unwrap().connected(), 1);
        },
    );
}

fn through_proxy(node: &Node, target: &str) -> (String, TcpStream) {
    let mut stream = node.inside(|| TcpStream::connect(("192.168.1.1", PROXY_PORT)).unwrap());
    write!(
        stream,
        "CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    (String::from_utf8(answer).unwrap(), stream)
}

#[test]
fn a_v6_only_device_has_no_v4_and_reaches_the_server_over_v6() {
    alone::test(
        "firewalls::a_v6_only_device_has_no_v4_and_reaches_the_server_over_v6",
        || {
            let lab = Lab::up(&Plan::between("v6only", "prc+v6").unwrap()).unwrap();
            let (a, b, inet) = (lab.node("a"), lab.node("b"), lab.node("inet"));
            assert!(datagram_arrives(a, inet, "[2a0f::1]:7000"));
            assert!(!datagram_arrives(a, inet, "11.0.0.1:7000"));
            assert!(datagram_arrives(b, inet, "[2a0f::1]:7000"));
            assert!(datagram_arrives(b, inet, "11.0.0.1:7000"));
        },
    );
}

#[test]
fn the_v6_firewall_lets_in_only_answers() {
    alone::test("firewalls::the_v6_firewall_lets_in_only_answers", || {
        let lab = Lab::up(&Plan::between("v6only", "prc+v6").unwrap()).unwrap();
        let (a, b) = (lab.node("a"), lab.node("b"));
        assert!(!datagram_arrives(a, b, "[2a0f:2::10]:7000"));
        let bind = |node: &Node| node.inside(|| UdpSocket::bind("[::]:7001").unwrap());
        let (near, far) = (bind(a), bind(b));
        far.set_read_timeout(Some(TIME)).unwrap();
        far.send_to(b"I expect you", "[2a0f:1::10]:7001").unwrap();
        near.send_to(b"hello", "[2a0f:2::10]:7001").unwrap();
        assert_eq!(far.recv(&mut [0; 9]).unwrap(), 5);
    });
}

#[test]
fn an_access_point_that_isolates_keeps_its_clients_apart() {
    alone::test(
        "firewalls::an_access_point_that_isolates_keeps_its_clients_apart",
        || {
            for (together, reaches) in [(Together::Lan, true), (Together::Isolated, false)] {
                let lab = Lab::up(&Plan::sharing(together, "prc").unwrap()).unwrap();
                let _server = Server::start(&lab).unwrap();
                let (a, b) = (lab.node("a"), lab.node("b"));
                assert_eq!(
                    datagram_arrives(a, b, "192.168.1.11:7000"),
                    reaches,
                    "{together:?}"
                );
                assert!(reaches_server(b).unwrap());
            }
        },
    );
}
