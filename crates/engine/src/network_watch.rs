//! Watches this device's networks: which addresses it has, and by which of them it leaves.
//!
//! A [`ChangeSource`] says that something may be different; what it is shows in two [`Networks`] beside each
//! other, so a source may cry wolf and need not explain itself.

#[cfg(target_os = "linux")]
mod netlink;
#[cfg(any(windows, target_os = "macos"))]
mod told;

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use peer::AddressScope;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::hub::{HubHandle, HubMessage};

/// How the networks of this device changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkChange {
    /// What connections were made from is gone, or packets leave another way now.
    Moved,
    /// There is a way out where there was none.
    Appeared,
    /// There is one address more or less that nothing depends on.
    Other,
}

/// Says that something about the networks may be different.
trait ChangeSource {
    /// Waits for the next change.
    async fn changed(&mut self) -> io::Result<()>;
}

/// What the networks of this device look like.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Networks {
    addresses: Vec<IpAddr>,
    /// From which address packets leave for the internet, over IPv4 and IPv6.
    leaves_by: [Option<IpAddr>; 2],
}

/// Tells the hub of every change until `shutdown`.
pub(crate) async fn run(hub: HubHandle, shutdown: CancellationToken) {
    shutdown.run_until_cancelled(Box::pin(watch(hub))).await;
}

async fn watch(hub: HubHandle) {
    let mut known = Networks::look();
    #[cfg(target_os = "linux")]
    match netlink::Netlink::open() {
        Ok(mut source) => tell_changes(&mut source, &mut known, &hub).await,
        Err(error) => tracing::info!(%error, "the system tells no changes of the network"),
    }
    #[cfg(any(windows, target_os = "macos"))]
    match told::Told::open() {
        Ok(mut source) => tell_changes(&mut source, &mut known, &hub).await,
        Err(error) => tracing::info!(%error, "the system tells no changes of the network"),
    }
    tell_changes(&mut Looking, &mut known, &hub).await;
}

/// Returns when the source has failed, or the hub is gone.
async fn tell_changes(source: &mut impl ChangeSource, known: &mut Networks, hub: &HubHandle) {
    while source.changed().await.is_ok() {
        settle(source).await;
        let now = Networks::look();
        if let Some(change) = known.change_to(&now)
            && hub.send(HubMessage::Network(change)).await.is_err()
        {
            return;
        }
        *known = now;
    }
}

/// A change is often several: addresses go and come one by one.
async fn settle(source: &mut impl ChangeSource) {
    let quiet = async { while timeout(QUIET_TIME, source.changed()).await.is_ok() {} };
    // Somewhere something always changes.
    timeout(SETTLE_TIME, quiet).await.ok();
}

impl Networks {
    fn look() -> Self {
        Self {
            addresses: peer::addresses(AddressScope::Network).unwrap_or_default(),
            leaves_by: [
                leaving("0.0.0.0", "192.0.2.1"),
                leaving("::", "2001:db8::1"),
            ],
        }
    }

    fn change_to(&self, now: &Self) -> Option<NetworkChange> {
        if self == now {
            return None;
        }
        let left = |it: &IpAddr| !now.addresses.contains(it);
        let ways = || self.leaves_by.iter().zip(&now.leaves_by);
        if self.addresses.iter().any(left) || ways().any(|(old, new)| old.is_some() && old != new) {
            return Some(NetworkChange::Moved);
        }
        let appeared = ways().any(|(old, new)| old.is_none() && new.is_some());
        Some(match appeared {
            true => NetworkChange::Appeared,
            false => NetworkChange::Other,
        })
    }
}

/// The address from which a packet to `far` would leave; none is sent.
fn leaving(any: &str, far: &str) -> Option<IpAddr> {
    let far: SocketAddr = SocketAddr::new(far.parse().ok()?, 9);
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(far).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Where the system tells nothing: looking is cheap.
struct Looking;

impl ChangeSource for Looking {
    async fn changed(&mut self) -> io::Result<()> {
        sleep(LOOK_INTERVAL).await;
        Ok(())
    }
}

/// Without news for so long, a change is complete.
const QUIET_TIME: Duration = Duration::from_millis(50);
/// A change that never comes to rest is looked at nevertheless.
const SETTLE_TIME: Duration = Duration::from_millis(300);
/// How often to look where nobody tells.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(addresses: &[&str], v4: Option<&str>, v6: Option<&str>) -> Networks {
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };
        Networks {
            addresses: addresses.iter().map(|it| address(it)).collect(),
            leaves_by: [v4.map(address), v6.map(address)],
        }
    }

    #[test]
    fn a_lost_address_or_another_way_out_is_a_move() {
        let home = networks(&["192.168.1.10"], Some("192.168.1.10"), None);
        let lease = networks(&["192.168.1.77"], Some("192.168.1.77"), None);
        let tunnel = networks(&["10.8.0.2", "192.168.1.10"], Some("10.8.0.2"), None);
        let offline = networks(&[], None, None);
        for (before, after) in [
            (&home, &lease),
            (&home, &tunnel),
            (&tunnel, &home),
            (&home, &offline),
        ] {
            assert_eq!(
                before.change_to(after),
                Some(NetworkChange::Moved),
                "{after:?}"
            );
        }
    }

    #[test]
    fn what_nothing_depends_on_is_no_move() {
        let home = networks(&["192.168.1.10"], Some("192.168.1.10"), None);
        let cable = networks(&["192.168.1.10", "192.168.9.9"], Some("192.168.1.10"), None);
        assert_eq!(home.change_to(&home), None);
        assert_eq!(home.change_to(&cable), Some(NetworkChange::Other));
        let offline = networks(&[], None, None);
        assert_eq!(offline.change_to(&home), Some(NetworkChange::Appeared));
        let with_v6 = networks(
            &["192.168.1.10", "2a0f::9"],
            Some("192.168.1.10"),
            Some("2a0f::9"),
        );
        assert_eq!(home.change_to(&with_v6), Some(NetworkChange::Appeared));
    }
}
