//! Whether this device introduces others, and under which URLs.

use std::net::SocketAddr;

use api::{CommandError, Event};
use tokio_util::sync::CancellationToken;

use super::{Hub, HubMessage};
use crate::hosting::{Host, HostConfig, OFF, Urls};
use crate::settings::table::HOST_HERE;

/// What this device does for others.
#[derive(Debug, Default)]
pub(super) struct Hosting {
    /// Ends it; none while it does nothing.
    stop: Option<CancellationToken>,
    listening: Vec<SocketAddr>,
    urls: Urls,
    /// What the setting said when this device could not do it.
    refused: Option<String>,
    /// Tells the server of now from those before.
    number: u64,
}

/// The server in this device has failed.
#[derive(Debug)]
pub(crate) struct HostFailure {
    number: u64,
    error: CommandError,
}

impl Hosting {
    /// What others enter as their server; none while this device does not host.
    pub(super) fn urls(&self) -> &[String] {
        &self.urls.told
    }

    /// Where this device reaches itself.
    pub(super) fn own_url(&self) -> Option<&str> {
        self.urls.own.as_deref()
    }

    /// Whether it does.
    pub(super) fn is_on(&self) -> bool {
        self.stop.is_some()
    }
}

impl Hub {
    /// Hosts as the settings say, under the addresses that this device has now.
    pub(super) fn follow_hosting(&mut self) {
        let wish = self.settings.text(&HOST_HERE).unwrap_or(OFF).to_owned();
        let hosting = &mut self.meetings.hosting;
        let Some(config) = HostConfig::of_setting(&wish) else {
            hosting.refused = None;
            return self.host_no_more();
        };
        if hosting.is_on() {
            return self.renew_hosted_urls(&config);
        }
        if hosting.refused.as_ref() == Some(&wish) {
            return; // It was told already.
        }
        match Host::bind(config.clone()) {
            Ok(host) => {
                self.host(host);
                self.renew_hosted_urls(&config);
            }
            Err(error) => {
                hosting.refused = Some(wish);
                let message = error.message;
                self.clients.tell_all(&Event::HostingFailed { message });
            }
        }
    }

    pub(super) fn host_failed(&mut self, failure: HostFailure) {
        if failure.number == self.meetings.hosting.number {
            let message = failure.error.message;
            self.clients.tell_all(&Event::HostingFailed { message });
            self.host_no_more();
        }
    }

    fn host(&mut self, host: Host) {
        let hosting = &mut self.meetings.hosting;
        let stop = self.ties.shutdown.child_token();
        hosting.stop = Some(stop.clone());
        hosting.listening = host.listening().to_vec();
        hosting.refused = None;
        hosting.number += 1;
        let number = hosting.number;
        let hub = self.ties.hub.clone();
        self.tasks.spawn(async move {
            let served = host.serve_until(Box::pin(stop.cancelled())).await;
            if let Err(error) = served {
                let failure = HostFailure { number, error };
                // A hub that is gone needs no telling.
                hub.send(HubMessage::HostFailed(failure)).await.ok();
            }
        });
    }

    fn renew_hosted_urls(&mut self, config: &HostConfig) {
        let hosting = &mut self.meetings.hosting;
        // Only what can be read is ever in force.
        let urls = Urls::of(config, &hosting.listening).unwrap_or_default();
        if hosting.urls != urls {
            hosting.urls = urls;
            self.tell_hosting();
        }
    }

    fn host_no_more(&mut self) {
        let hosting = &mut self.meetings.hosting;
        let Some(stop) = hosting.stop.take() else {
            return;
        };
        stop.cancel();
        hosting.urls = Urls::default();
        self.tell_hosting();
        self.leave_hosted_server();
    }

    fn tell_hosting(&mut self) {
        let urls = self.meetings.hosting.urls().to_vec();
        self.clients.tell_all(&Event::Hosting { urls });
    }
}
