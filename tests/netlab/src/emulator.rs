//! A link with delay, jitter, loss, a rate and a bounded queue, between two interfaces of two namespaces.
//!
//! Both ends are TUN devices of this process; one thread for each direction reads packets, asks a [`Shaper`] what
//! is to become of each, and writes it to the other end when its time has come.

mod params;
mod pump;
mod shaper;
mod tun;

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::Result;

use crate::node::Node;
pub use params::{LinkParams, Micros};
use pump::Direction;
pub use shaper::{Fate, Shaper, Tally};

/// A running link; dropping it removes both interfaces.
#[derive(Debug)]
pub struct Link {
    outwards: Arc<Direction>,
    inwards: Arc<Direction>,
    pumps: Vec<JoinHandle<()>>,
}

/// One end of a link: in which namespace, and what the interface is called there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) node: &'a Node,
    pub(crate) interface: &'a str,
}

impl Link {
    /// Makes both interfaces, up and without addresses, and starts to carry.
    pub(crate) fn new(
        near: End<'_>,
        far: End<'_>,
        params: (LinkParams, LinkParams),
    ) -> Result<Self> {
        let near_end = Arc::new(tun::open(near.node, near.interface)?);
        let far_end = Arc::new(tun::open(far.node, far.interface)?);
        for end in [near, far] {
            end.node.ip(&format!(
                "link set {} txqueuelen {QUEUED_PACKETS} up",
                end.interface
            ))?;
        }
        let outwards = Arc::new(Direction::new(params.0));
        let inwards = Arc::new(Direction::new(params.1));
        let pumps = vec![
            pump(near_end.clone(), far_end.clone(), outwards.clone()),
            pump(far_end, near_end, inwards.clone()),
        ];
        Ok(Self {
            outwards,
            inwards,
            pumps,
        })
    }

    /// Behaves differently from now on; packets on their way keep their time.
    pub fn change(&self, outwards: LinkParams, inwards: LinkParams) {
        self.outwards.change(outwards);
        self.inwards.change(inwards);
    }

    /// How it behaves, outwards and inwards.
    pub fn params(&self) -> (LinkParams, LinkParams) {
        (self.outwards.params(), self.inwards.params())
    }

    /// What became of the packets so far, outwards and inwards.
    pub fn tallies(&self) -> (Tally, Tally) {
        (self.outwards.tally(), self.inwards.tally())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.outwards.stop();
        self.inwards.stop();
        for pump in self.pumps.drain(..) {
            pump.join().expect("a pump does not panic");
        }
    }
}

fn pump(from: Arc<tun::Tun>, to: Arc<tun::Tun>, direction: Arc<Direction>) -> JoinHandle<()> {
    thread::spawn(move || pump::run(&from, &to, &direction))
}

/// The emulated queue is the only one that may drop.
const QUEUED_PACKETS: usize = 10_000;
