use std::time::{Duration, Instant};

use api::{CommandError, Event};
use model::ContactId;
use pairing_proto::DeviceNotice;
use signaling_proto::envelope::Sealed;
use store::Contact;

use crate::hub::Hub;
use crate::problem;

impl Hub {
    /// Keeps a notice until its device took it, and tries at once.
    pub(super) fn queue(
        &mut self,
        to: &Contact,
        notice: &DeviceNotice,
    ) -> Result<(), CommandError> {
        self.store
            .queue_notice(to.id, &notice.encode())
            .map_err(problem::store)?;
        self.post_notices(to.id);
        Ok(())
    }

    /// Says something that is not worth keeping.
    pub(super) fn say_once(&mut self, to: &Contact, notice: &DeviceNotice) {
        let sealed = Sealed::Notice {
            number: 0,
            body: notice.encode(),
        };
        if let Err(error) = self.post(to, &sealed) {
            tracing::warn!(%error, "a notice could not be posted");
        }
    }

    /// A device shows up: what it has not taken is said again.
    pub(in crate::hub) fn repeat_notices(&mut self, to: ContactId) {
        self.notices_not_delivered(to);
        self.post_notices(to);
    }

    /// Nobody was there to take something: it is said again at the next sign of life.
    pub(in crate::hub) fn notices_not_delivered(&mut self, to: ContactId) {
        for (number, _) in self.store.notices(to, AT_ONCE).unwrap_or_default() {
            self.identity.devices.posted.remove(&number);
        }
    }

    /// Posts the oldest notices that are not on their way.
    pub(in crate::hub) fn post_notices(&mut self, to: ContactId) {
        if !self.reaches(to) {
            return;
        }
        let (Ok(notices), Ok(Some(contact))) =
            (self.store.notices(to, AT_ONCE), self.store.contact(to))
        else {
            return;
        };
        let now = Instant::now();
        for (number, body) in notices {
            let posted = &mut self.identity.devices.posted;
            let is_under_way = posted
                .get(&number)
                .is_some_and(|&at| now.duration_since(at) < REPEAT_AFTER);
            if is_under_way {
                continue;
            }
            posted.insert(number, now);
            if let Err(error) = self.post(&contact, &Sealed::Notice { number, body }) {
                tracing::warn!(%error, "a notice could not be posted");
                return;
            }
        }
    }

    /// A device says that it took a notice.
    pub(in crate::hub) fn notice_taken(&mut self, by: ContactId, number: u64) {
        self.identity.devices.posted.remove(&number);
        if !matches!(self.store.drop_notice(by, number), Ok(true)) {
            return;
        }
        self.post_notices(by);
        if matches!(self.store.has_notices(by), Ok(false))
            && let Some(client) = self.identity.devices.handing_over.remove(&by)
            && let Ok(Some(device)) = self.store.contact(by)
        {
            let event = Event::DeviceReady {
                name: device.device_name,
                contacts: None,
            };
            self.clients.tell(client, event);
        }
    }

    /// A notice of another device: what it says is judged, and it is not said again.
    pub(in crate::hub) fn notice_received(&mut self, from: &Contact, number: u64, body: &[u8]) {
        match DeviceNotice::decode(body) {
            Ok(notice) => {
                if let Err(error) = self.learn(from, notice) {
                    tracing::warn!(%error, "a notice about devices has no effect");
                }
            }
            Err(error) => tracing::warn!(%error, "a notice about devices is refused"),
        }
        // The device it came from may be gone by what it said.
        if matches!(self.store.contact(from.id), Ok(Some(_)))
            && let Err(error) = self.post(from, &Sealed::NoticeTaken { number })
        {
            tracing::warn!(%error, "a notice could not be confirmed");
        }
    }
}

/// Notices on their way to one device at once: far below what a mailbox holds.
const AT_ONCE: u32 = 4;
/// Without an answer, a notice is said again when there is a reason to.
const REPEAT_AFTER: Duration = Duration::from_secs(5);
