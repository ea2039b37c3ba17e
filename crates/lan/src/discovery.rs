use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use mdns_sd::{
    IfKind, IfPredicate, Receiver, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo,
};
use model::limits::{LAN_NAME_TIME, LAN_RECORDS};
use model::{DisplayName, Entropy as _};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval, sleep, sleep_until};

use crate::interface::{Interfaces, Networks};
use crate::neighbours::Neighbour;
use crate::wire::OsEntropy;

/// What is heard on the local networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Somebody is announced, with all its addresses.
    Announced(Neighbour),
    /// Somebody left, or was not heard of for long.
    Gone(String),
}

/// Why nothing is announced or found.
#[derive(Debug, thiserror::Error)]
#[error("the local network's name service does not work: {0}")]
pub struct DiscoveryError(#[from] mdns_sd::Error);

/// Announces a door at `port` and tells who else is announced, until it is dropped or nobody listens.
///
/// Each network of `interfaces` hears of the addresses in it and of no others. The name of the announcement is random
/// and is another one every [`LAN_NAME_TIME`]; nothing else in it differs between two devices but where they are.
pub async fn run(
    port: u16,
    interfaces: Interfaces,
    mut shown: watch::Receiver<Option<DisplayName>>,
    sightings: mpsc::Sender<Sighting>,
) -> Result<(), DiscoveryError> {
    let mut names = Names::default();
    loop {
        let responder = Responder::start(&interfaces)?;
        let ended = responder.attend((port, &mut shown), &interfaces, &mut names, &sightings);
        match ended.await? {
            Ended::NobodyListens => return Ok(()),
            Ended::Flooded => {
                tracing::warn!(
                    "the local network announces more than can be: it is left alone for a while"
                );
                drop(responder);
                sleep(FLOOD_PAUSE).await;
            }
        }
    }
}

/// The names this device went by lately: it is no neighbour of its own.
#[derive(Debug, Default)]
struct Names(VecDeque<String>);

impl Names {
    fn draw(&mut self) -> String {
        let bytes: [u8; NAME_BYTES] = OsEntropy.draw();
        let name = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        self.0.push_front(name.clone());
        self.0.truncate(OWN_NAMES);
        name
    }

    fn are_own(&self, instance: &str) -> bool {
        self.0.iter().any(|name| name == instance)
    }
}

enum Ended {
    NobodyListens,
    Flooded,
}

/// The library at work; dropping it takes back what was announced.
struct Responder {
    daemon: ServiceDaemon,
    found: Receiver<ServiceEvent>,
}

impl Responder {
    fn start(interfaces: &Interfaces) -> Result<Self, DiscoveryError> {
        let daemon = ServiceDaemon::new()?;
        let choice = interfaces.clone();
        let allowed = IfPredicate::new(move |interface| choice.allow(interface));
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(IfKind::Predicate(allowed))?;
        daemon.set_ip_check_interval(ADDRESS_CHECK_S)?;
        let found = daemon.browse(TYPE)?;
        Ok(Self { daemon, found })
    }

    async fn attend(
        &self,
        (port, shown): (u16, &mut watch::Receiver<Option<DisplayName>>),
        interfaces: &Interfaces,
        names: &mut Names,
        sightings: &mpsc::Sender<Sighting>,
    ) -> Result<Ended, DiscoveryError> {
        let mut announced = self.announce(port, &names.draw())?;
        let mut rename_at = Instant::now() + LAN_NAME_TIME;
        let mut check = interval(CHECK_INTERVAL);
        loop {
            let event = tokio::select! {
                event = self.found.recv_async() => event,
                () = renamed(rename_at, shown) => {
                    let old = std::mem::replace(&mut announced, self.announce(port, &names.draw())?);
                    self.take_back(&old);
                    rename_at = Instant::now() + LAN_NAME_TIME;
                    continue;
                }
                _ = check.tick() => {
                    match self.records().await? > LAN_RECORDS {
                        true => return Ok(Ended::Flooded),
                        false => continue,
                    }
                }
                () = sightings.closed() => return Ok(Ended::NobodyListens),
            };
            let Ok(event) = event else {
                return Ok(Ended::Flooded); // The service ended by itself: another one is started.
            };
            let Some(sighting) = sighting(event, interfaces, names) else {
                continue;
            };
            if sightings.send(sighting).await.is_err() {
                return Ok(Ended::NobodyListens);
            }
        }
    }

    /// Announces a name and tells its full form.
    fn announce(&self, port: u16, name: &str) -> Result<String, DiscoveryError> {
        let host = format!("{name}.local.");
        let nothing_more: &[(&str, &str)] = &[];
        let service = ServiceInfo::new(TYPE, name, &host, "", port, nothing_more)?;
        let mut service = service.enable_addr_auto();
        // A random name is nobody else's: asking for it first would take most of a second.
        service.set_requires_probe(false);
        let full_name = service.get_fullname().to_owned();
        self.daemon.register(service)?;
        Ok(full_name)
    }

    fn take_back(&self, full_name: &str) {
        if let Err(error) = self.daemon.unregister(full_name) {
            tracing::debug!(%error, "an old name is left to expire");
        }
    }

    /// How much the library keeps of what was announced.
    async fn records(&self) -> Result<usize, DiscoveryError> {
        let metrics = self.daemon.get_metrics()?;
        let Ok(metrics) = metrics.recv_async().await else {
            return Ok(0);
        };
        let kept = metrics
            .iter()
            .filter(|(name, _)| name.starts_with("cached-"));
        Ok(kept
            .map(|(_, count)| usize::try_from(*count).unwrap_or_default())
            .sum())
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if let Err(error) = self.daemon.shutdown() {
            tracing::debug!(%error, "the name service had ended already");
        }
    }
}

/// Waits until it is time for another name.
async fn renamed(at: Instant, shown: &mut watch::Receiver<Option<DisplayName>>) {
    tokio::select! {
        () = sleep_until(at) => {}
        Ok(()) = shown.changed() => {}
    }
}

fn sighting(event: ServiceEvent, interfaces: &Interfaces, names: &Names) -> Option<Sighting> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library's events grow in number, and only these matter"
    )]
    match event {
        ServiceEvent::ServiceResolved(service) => {
            let neighbour = neighbour(&service, &Networks::look(interfaces))?;
            let is_own = names.are_own(&neighbour.instance);
            (!is_own).then_some(Sighting::Announced(neighbour))
        }
        ServiceEvent::ServiceRemoved(_, full_name) => instance(&full_name).map(Sighting::Gone),
        _ => None,
    }
}

/// Who is announced, with those addresses that are in a local network of ours: an announcement must not make
/// this device call anybody else.
fn neighbour(service: &ResolvedService, networks: &Networks) -> Option<Neighbour> {
    if service.port < LOWEST_PORT {
        return None;
    }
    let addresses = service.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr);
    let near = addresses.filter(|&address| networks.hold(address));
    Some(Neighbour {
        instance: instance(&service.fullname)?,
        addresses: near.map(|ip| SocketAddr::new(ip, service.port)).collect(),
    })
}

/// The name in a full name, if it has the form of ours.
fn instance(full_name: &str) -> Option<String> {
    let name = full_name.strip_suffix(TYPE)?.strip_suffix('.')?;
    let is_ours = name.len() == NAME_CHARS
        && name
            .bytes()
            .all(|it| matches!(it, b'a'..=b'z' | b'2'..=b'7'));
    is_ours.then(|| name.to_owned())
}

const TYPE: &str = "_wherry._tcp.local.";
/// Nobody meets another device by chance.
const NAME_BYTES: usize = 10;
const NAME_CHARS: usize = 16;
/// Names of this device that may still be heard.
const OWN_NAMES: usize = 16;
/// No door is where the system's services are.
const LOWEST_PORT: u16 = 1_024;
/// How often the library looks for new addresses.
const ADDRESS_CHECK_S: u32 = 2;
/// How often to look how much is kept.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// After a flood; whoever is known by then stays known.
const FLOOD_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_names_of_our_form_are_neighbours(name in "[a-z2-7]{16}|\\PC{0,40}") {
            let full_name = format!("{name}.{TYPE}");
            let is_ours = name.len() == 16 && name.bytes().all(|it| it.is_ascii_lowercase() || (b'2'..=b'7').contains(&it));
            prop_assert_eq!(instance(&full_name), is_ours.then_some(name));
        }
    }

    #[test]
    fn a_name_is_random_and_known_as_our_own_for_a_while() {
        let mut names = Names::default();
        let first = names.draw();
        let second = names.draw();
        assert_ne!(first, second);
        assert_eq!(first.len(), NAME_CHARS);
        assert!(names.are_own(&first) && names.are_own(&second));
        for _ in 0..OWN_NAMES {
            names.draw();
        }
        assert!(!names.are_own(&first));
        assert_eq!(names.0.len(), OWN_NAMES);
    }
}
