use proptest::prelude::*;

use super::*;

const GOOD: &str = "GET /ws?x=1 HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n\
    Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

fn head(text: &str) -> Result<Head, HeadError> {
    let bytes = text.as_bytes();
    parse(bytes, find_end(bytes, 0).ok_or(HeadError::Malformed)?)
}

#[test]
fn a_websocket_request_is_understood() {
    let head = head(GOOD).unwrap();
    assert_eq!((head.method.as_str(), head.path.as_str()), ("GET", "/ws"));
    assert_eq!(head.upgrade_key(), Ok("AAAAAAAAAAAAAAAAAAAAAA=="));
    assert!(head.early.is_empty());
}

#[test]
fn what_is_no_proper_websocket_request_is_told_apart() {
    for (from, to, refusal) in [
        ("GET", "POST", NoUpgrade::NotAsked),
        ("Upgrade: WebSocket", "Upgrade: h2c", NoUpgrade::NotAsked),
        ("keep-alive, Upgrade", "keep-alive", NoUpgrade::Malformed),
        ("Version: 13", "Version: 8", NoUpgrade::Malformed),
        ("AAAA==", "AA==", NoUpgrade::Malformed),
        (
            "Host: a",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            NoUpgrade::Malformed,
        ),
    ] {
        let changed = GOOD.replacen(from, to, 1);
        assert_eq!(head(&changed).unwrap().upgrade_key(), Err(refusal), "{to}");
    }
}

#[test]
fn what_came_behind_the_head_is_kept_for_the_websocket() {
    let head = head(&format!("{GOOD}early")).unwrap();
    assert_eq!(head.early, b"early");
}

#[tokio::test]
async fn a_head_over_eight_kibibytes_is_refused_at_once() {
    let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(9_000));
    let mut stream = long.as_bytes();
    let refused = read_head(&mut stream, model::limits::SIGNALING_HEAD_BYTES).await;
    assert!(matches!(refused, Err(HeadError::TooLong)));
}

#[tokio::test]
async fn a_head_that_never_ends_is_no_request() {
    let mut stream = &b"GET / HTTP/1.1\r\nHost: a\r\n"[..];
    let refused = read_head(&mut stream, 8_192).await;
    assert!(matches!(refused, Err(HeadError::Io(_))));
}

#[tokio::test]
async fn a_head_is_found_however_it_is_cut_into_pieces() {
    for size in 1..9 {
        let (mut writer, mut reader) = tokio::io::duplex(size);
        let write = writer.write_all(GOOD.as_bytes());
        let (head, written) = tokio::join!(read_head(&mut reader, 8_192), write);
        written.unwrap();
        assert_eq!(head.unwrap().path, "/ws");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_request_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [&bytes[..], b"\r\n\r\n"].concat();
        let end = find_end(&bytes, 0).unwrap();
        if let Ok(head) = parse(&bytes, end) {
            prop_assert!(!head.path.contains('?'));
            let _ignored = head.upgrade_key();
        }
    }

    #[test]
    fn any_changed_byte_of_a_request_never_panics(place in 0usize..190, byte: u8) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let place = place % bytes.len();
        bytes[place] = byte;
        if let Some(end) = find_end(&bytes, 0) && let Ok(head) = parse(&bytes, end) {
            let _ignored = head.upgrade_key();
        }
    }
}
