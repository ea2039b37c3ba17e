//! Windows (`NotifyIpInterfaceChange`) and macOS (its dynamic store) tell changes of addresses.

use std::future::poll_fn;
use std::io;

use if_watch::tokio::IfWatcher;
use tokio::time::timeout;

use super::{ChangeSource, LOOK_INTERVAL};

/// What the system tells; of routes it tells nothing, so there is a look besides.
pub(super) struct Told(IfWatcher);

impl Told {
    pub(super) fn open() -> io::Result<Self> {
        IfWatcher::new().map(Self)
    }
}

impl ChangeSource for Told {
    async fn changed(&mut self) -> io::Result<()> {
        let told = poll_fn(|context| self.0.poll_if_event(context));
        match timeout(LOOK_INTERVAL, told).await {
            Ok(event) => event.map(drop),
            Err(_) => Ok(()),
        }
    }
}
