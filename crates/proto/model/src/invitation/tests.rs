use proptest::prelude::*;

use super::*;

fn server(text: &str) -> ServerAddress {
    text.parse().unwrap()
}

const LINK: &str = "wherry://receive#v=1,server=wss://signal.example.org,code=7-lunar-basil";

proptest! {
    #[test]
    fn a_link_survives_writing_and_reading(
        host in "[a-z][a-z0-9.-]{0,40}",
        port in 1..=u16::MAX,
        code in "[0-9]{1,10}-[a-z]{1,8}-[a-z]{1,8}",
        pairs: bool,
    ) {
        let aim = if pairs { InvitationAim::Pair } else { InvitationAim::Receive };
        let server = server(&format!("ws://{host}:{port}"));
        let link = Invitation::link(aim, &server, &code).unwrap();
        let expected = Invitation { aim: Some(aim), server: Some(server), code };
        prop_assert_eq!(Invitation::parse(&link), Ok(expected));
    }

    #[test]
    fn any_text_is_an_invitation_or_an_error(
        text in "\\PC{0,60}|wherry://(receive|pair)#([a-z]{1,6}=[^#]{0,20},?){0,4}|[0-9a-z -]{0,20}@.{0,30}",
    ) {
        if let Ok(invitation) = Invitation::parse(&text)
            && let (Some(aim), Some(server)) = (invitation.aim, &invitation.server)
        {
            let link = Invitation::link(aim, server, &invitation.code).unwrap();
            prop_assert_eq!(Invitation::parse(&link), Ok(invitation));
        }
    }
}

#[test]
fn the_three_forms_say_the_same() {
    let link = Invitation::parse(LINK).unwrap();
    assert_eq!(link.aim, Some(InvitationAim::Receive));
    assert_eq!(link.code, "7-lunar-basil");
    assert_eq!(link.server, Some(server("wss://signal.example.org")));
    for text in [
        "7-lunar-basil@signal.example.org",
        " 7-lunar-basil@wss://signal.example.org/ws ",
    ] {
        let plain = Invitation::parse(text).unwrap();
        assert_eq!(
            (plain.code, plain.server),
            (link.code.clone(), link.server.clone())
        );
    }
    let alone = Invitation::parse("7 Lunar Basil").unwrap();
    assert_eq!((alone.code.as_str(), alone.server), ("7 Lunar Basil", None));
}

#[test]
fn what_programs_do_to_links_on_their_way_is_taken() {
    for text in [
        LINK.replace("wherry", "WHERRY"),
        LINK.replace("receive#", "receive/#"),
        LINK.replace("wss://", "wss%3A%2F%2f"),
        format!("\n{LINK}  "),
    ] {
        assert_eq!(Invitation::parse(&text), Invitation::parse(LINK), "{text}");
    }
    let v6 = Invitation::link(InvitationAim::Pair, &server("ws://[::1]:7400"), "7-a-b").unwrap();
    assert!(!v6.contains(['[', ']']), "{v6}");
    assert_eq!(
        Invitation::parse(&v6).unwrap().server,
        Some(server("ws://[::1]:7400"))
    );
}

#[test]
fn hostile_links_are_refused() {
    let malformed = Err(InvitationError::Malformed);
    for text in [
        "wherry://receive",
        "wherry://receive#",
        "wherry://delete#v=1,server=wss://a,code=7-a-b",
        "wherry://receive#server=wss://a,code=7-a-b",
        "wherry://receive#v=1,code=7-a-b",
        "wherry://receive#v=1,server=wss://a",
        "wherry://receive#v=1,server=wss://a,code=",
        "wherry://receive#v=1,server=wss://a,code=7-A-b",
        "wherry://receive#v=1,server=wss://a,code=7-a-b,code=8-a-b",
        "wherry://receive#v=1,server=wss://a,server=wss://b,code=7-a-b",
        "wherry://receive#v=1,v=1,server=wss://a,code=7-a-b",
        "wherry://receive#v=1,server=wss://a,code=7-a-b,accept=yes",
        "wherry://receive#v=1,server=wss://a,code=7-a-b%0A",
        "wherry://receive#v=1,server=wss://a,code=7-a-b%+1",
        "wherry://receive#v=1,server=wss://a,code=7-a-b%e",
        "",
        "@signal.example.org",
        "7-a\u{1b}[2J-b",
    ] {
        assert_eq!(Invitation::parse(text), malformed, "{text}");
    }
    let newer = "wherry://receive#v=2,server=wss://a,code=7-a-b";
    assert_eq!(
        Invitation::parse(newer),
        Err(InvitationError::UnsupportedVersion)
    );
    for text in [
        "7-a-b@https://a",
        "7-a-b@a@b",
        "7-a-b@",
        "wherry://pair#v=1,server=a,code=7-a-b",
    ] {
        assert_eq!(
            Invitation::parse(text),
            Err(InvitationError::BadServer),
            "{text}"
        );
    }
}

#[test]
fn a_link_beyond_the_limit_is_refused() {
    let padded = |length: usize| format!("{LINK}{}", " ".repeat(length - LINK.len()));
    assert!(Invitation::parse(&padded(DEEP_LINK_BYTES)).is_ok());
    let too_long = Invitation::parse(&padded(DEEP_LINK_BYTES + 1));
    assert_eq!(too_long, Err(InvitationError::TooLong));
    let code = "a".repeat(DEEP_LINK_BYTES);
    assert_eq!(
        Invitation::link(InvitationAim::Pair, &server("wss://a"), &code),
        None
    );
}

#[test]
fn an_invitation_shows_its_code_in_no_log() {
    let shown = format!("{:?}", Invitation::parse(LINK).unwrap());
    assert!(!shown.contains("lunar"), "{shown}");
}
