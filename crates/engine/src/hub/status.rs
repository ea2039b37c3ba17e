//! What a face missed that was not there when it was told.

use std::time::Instant;

use api::{IssuedCode, Reply, ServerState, StatusView};

use super::pairings::Aim;
use super::{ClientId, Hub};

impl Hub {
    pub(super) fn status(&self, client: ClientId) -> Reply {
        Reply::Status(StatusView {
            server: self.server_state(),
            issued_code: self.pairings.issued_code(client, Instant::now()),
            comparison: self.pairings.comparison(client),
            send_codes: self.pairings.send_codes(Instant::now()),
            visible_s: self.meetings.nearby.visible_s(Instant::now()),
            hosting: self.meetings.hosting.urls().to_vec(),
        })
    }

    fn server_state(&self) -> ServerState {
        if self.signaling.refused {
            return ServerState::Refused;
        }
        if self.signaling.online {
            return ServerState::Ready;
        }
        match (self.signaling.is_open(), self.signaling.retry_at) {
            (false, _) => ServerState::None,
            (true, None) => ServerState::Connecting,
            (true, Some(retry_at)) => ServerState::Lost {
                retry_in_s: seconds_until(retry_at, Instant::now()),
            },
        }
    }
}

/// A code that was issued, as long as somebody may say it.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) code: String,
    pub(super) link: Option<String>,
    pub(super) until: Instant,
}

impl Issued {
    pub(super) fn view(&self, now: Instant) -> Option<IssuedCode> {
        (now < self.until).then(|| IssuedCode {
            code: self.code.clone(),
            link: self.link.clone(),
            expires_in_s: seconds_until(self.until, now),
        })
    }
}

/// Whether a code makes a contact, so that a face that makes contacts shows it.
pub(super) fn makes_contact(aim: &Aim) -> bool {
    match aim {
        Aim::Contact => true,
        Aim::AddDevice | Aim::Join | Aim::Send { .. } | Aim::Receive(_) => false,
    }
}

pub(super) fn seconds_until(then: Instant, now: Instant) -> u64 {
    then.saturating_duration_since(now).as_secs() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_code_is_shown_as_long_as_it_counts() {
        let now = Instant::now();
        let issued = Issued {
            code: "7-lunar-basil".into(),
            link: None,
            until: now + Duration::from_secs(9),
        };
        assert_eq!(issued.view(now).unwrap().expires_in_s, 10);
        assert_eq!(issued.view(now + Duration::from_secs(9)), None);
    }
}
