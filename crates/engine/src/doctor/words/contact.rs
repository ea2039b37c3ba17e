//! Why a contact is, or is not, reached.

use api::{Finding, FindingCase as Case, Topic, Verdict};
use model::{PathKind, RelayWish};

use super::super::{ContactFacts, Examination};
use super::{But as _, good};

/// Of the contact that was asked for.
pub(super) fn finding(it: &Examination) -> Option<Finding> {
    let contact = it.contact?;
    let topic = Topic::Contact;
    if contact.is_blocked {
        let fact = good(topic, Case::ContactBlocked, "This contact is blocked.");
        return Some(fact.with(
            Verdict::Bad,
            "To it this device is never there.",
            "Unblock it: wherry contacts block --undo.",
        ));
    }
    Some(match contact.path {
        Some(PathKind::Local | PathKind::Direct) => good(
            topic,
            Case::ContactDirect,
            "There is a direct connection with this contact.",
        ),
        Some(PathKind::Relay) => good(
            topic,
            Case::ContactRelayed,
            "There is a connection with this contact, through a relay.",
        )
        .with(
            Verdict::Limited,
            "Transfers may be slower than a direct way would be.",
            "",
        ),
        None => unconnected(contact),
    })
}

fn unconnected(contact: ContactFacts) -> Finding {
    let topic = Topic::Contact;
    match (contact.is_here, contact.is_asked) {
        (true, _) if contact.was_missed => pathless(contact),
        (true, _) => good(topic, Case::ContactHere, "This contact is there."),
        (false, true) => good(
            topic,
            Case::ContactAway,
            "This contact is not there: none of its devices is online.",
        )
        .with(
            Verdict::Bad,
            WAITING,
            "Ask for Wherry to be opened there, and for wherry doctor to be run there.",
        ),
        (false, false) => good(
            topic,
            Case::ContactUnknown,
            "Whether this contact is there is not known without the server.",
        )
        .with(
            Verdict::Unknown,
            "It is met again when the server is reached.",
            "",
        ),
    }
}

fn pathless(contact: ContactFacts) -> Finding {
    let (case, fact, advice) = match (contact.wish, contact.has_relay) {
        (RelayWish::Never, _) => (
            Case::ContactNoPathUnwanted,
            "This contact is there, no direct way to it was found, and relays are not wanted.",
            "Allow relays: wherry contacts set --relay automatic.",
        ),
        (RelayWish::Automatic | RelayWish::Only, false) => (
            Case::ContactNoPathNoRelay,
            "This contact is there, no direct way to it was found, and no relay is known.",
            "Ask whoever runs the server for a relay.",
        ),
        (RelayWish::Automatic | RelayWish::Only, true) => (
            Case::ContactNoPath,
            "This contact is there, and no way to it was found.",
            "Run wherry doctor on its device, too: one of both networks lets nothing through.",
        ),
    };
    good(Topic::Contact, case, fact).with(Verdict::Bad, WAITING, advice)
}

const WAITING: &str = "Transfers to it wait.";

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: ContactFacts = ContactFacts {
        is_blocked: false,
        path: None,
        is_here: true,
        is_asked: true,
        was_missed: false,
        wish: RelayWish::Automatic,
        has_relay: true,
    };

    fn case(contact: ContactFacts) -> Case {
        unconnected(contact).case
    }

    #[test]
    fn why_a_contact_is_not_reached_is_told_apart() {
        assert_eq!(case(THERE), Case::ContactHere);
        let missed = ContactFacts {
            was_missed: true,
            ..THERE
        };
        assert_eq!(case(missed), Case::ContactNoPath);
        let wish = RelayWish::Never;
        assert_eq!(
            case(ContactFacts { wish, ..missed }),
            Case::ContactNoPathUnwanted
        );
        let has_relay = false;
        assert_eq!(
            case(ContactFacts {
                has_relay,
                ..missed
            }),
            Case::ContactNoPathNoRelay
        );
        let away = ContactFacts {
            is_here: false,
            ..missed
        };
        assert_eq!(case(away), Case::ContactAway);
        let is_asked = false;
        assert_eq!(
            case(ContactFacts { is_asked, ..away }),
            Case::ContactUnknown
        );
    }
}
