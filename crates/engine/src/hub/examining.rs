use api::{CommandError, Reply};
use model::{ContactId, PathKind, RelayWish};
use tokio::sync::oneshot;

use super::Hub;
use crate::doctor::{self, ContactFacts, Facts, LanFacts};
use crate::settings::table::{LAN_INTERFACES, LAN_VISIBILITY, RELAY};

impl Hub {
    /// Looks at the networks of this device, and at the way to a contact, and answers when that is done.
    pub(super) fn examine(
        &mut self,
        contact: Option<&str>,
        reply: oneshot::Sender<Result<Reply, CommandError>>,
    ) {
        let contact = match contact.map(|name| self.find_contact(name)).transpose() {
            Ok(contact) => contact.map(|contact| contact.id),
            Err(error) => {
                // Whoever asked may be gone.
                reply.send(Err(error)).ok();
                return;
            }
        };
        let work = doctor::run(self.ties.hub.clone(), contact, reply);
        let shutdown = self.ties.shutdown.clone();
        self.tasks.spawn(async move {
            shutdown.run_until_cancelled(Box::pin(work)).await;
        });
    }

    /// What an examination begins with; this device goes online for it.
    pub(super) fn facts(&mut self, contact: Option<ContactId>) -> Facts {
        if let Err(error) = self.go_online() {
            tracing::info!(%error, "not online for an examination");
        }
        let wish = self.settings.text(&RELAY).unwrap_or_default();
        let wish: RelayWish = wish.parse().unwrap_or_default();
        let wish = self.affordable(wish);
        let visibility = self.settings.text(&LAN_VISIBILITY);
        let chosen = self.settings.text(&LAN_INTERFACES);
        let relays = &self.signaling.relays;
        Facts {
            server: self.server_url().ok().map(ToOwned::to_owned),
            ca_file: std::env::var_os("WHERRY_CA_FILE").map(Into::into),
            proxies: self.proxies(),
            wish,
            has_asked: relays.were_told(),
            relays: relays.by_transport(),
            ahead_s: relays.ahead_s(),
            stun: self.stun_servers(),
            lan: LanFacts {
                interfaces: chosen.unwrap_or_default().parse().unwrap_or_default(),
                is_wanted: visibility.is_some_and(|it| it != "nobody"),
                is_open: self.meetings.nearby.is_open(),
                near: self.meetings.nearby.count(),
            },
            contact: contact.and_then(|id| self.contact_facts(id)),
        }
    }

    /// What is known of the way to a contact, on whichever of its devices it is best.
    fn contact_facts(&self, id: ContactId) -> Option<ContactFacts> {
        let contact = self.store.contact(id).ok()??;
        let devices = self.store.devices_of(id).unwrap_or_default();
        let ids = devices.iter().map(|device| device.id);
        let paths = ids.clone().filter_map(|id| self.meetings.session(id));
        let path: Option<PathKind> = paths.map(|session| session.path()).min();
        Some(ContactFacts {
            is_blocked: contact.blocked,
            path,
            is_here: self.is_person_here(id),
            is_asked: self.signaling.online || ids.clone().any(|id| self.reaches(id)),
            was_missed: ids.clone().any(|id| self.meetings.was_missed(id)),
            wish: self.affordable(self.relay_wish(id)),
            has_relay: !self.signaling.relays.usable().is_empty(),
        })
    }
}
