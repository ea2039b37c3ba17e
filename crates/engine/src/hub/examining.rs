use api::{CommandError, Reply};
use model::RelayWish;
use tokio::sync::oneshot;

use super::Hub;
use crate::doctor::{self, Facts};
use crate::settings::table::RELAY;

impl Hub {
    /// Looks at the networks of this device, and answers when that is done.
    pub(super) fn examine(&mut self, reply: oneshot::Sender<Result<Reply, CommandError>>) {
        let work = doctor::run(self.ties.hub.clone(), reply);
        let shutdown = self.ties.shutdown.clone();
        self.tasks.spawn(async move {
            shutdown.run_until_cancelled(Box::pin(work)).await;
        });
    }

    /// What an examination begins with; this device goes online for it.
    pub(super) fn facts(&mut self) -> Facts {
        if let Err(error) = self.go_online() {
            tracing::info!(%error, "not online for an examination");
        }
        let wish = self.settings.text(&RELAY).unwrap_or_default();
        let wish: RelayWish = wish.parse().unwrap_or_default();
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
        }
    }
}
