//! Machines in local networks of their own, with no internet anywhere.
//!
//! ```text
//! ana ── ben ── mia   (subnet 1)      zoe   (subnet 2)
//! ╰──────┴──────┴─────── lan ─────────╯
//! ```

use anyhow::Result;

use crate::lab::Lab;

impl Lab {
    /// Builds a lab of machines, each in the local network of that number. Between two networks there is a router,
    /// `lan`; in one alone nobody knows a way out. The machine at place `n` has the addresses `192.168.S.(10 + n)` and
    /// `fd00:S::(10 + n)` in network `S`.
    ///
    /// The calling process must be inside namespaces of its own: see [`crate::alone`].
    pub fn team(machines: &[(&str, u8)]) -> Result<Self> {
        let mut lab = Self::empty();
        lab.add(MIDDLE)?;
        let mut networks: Vec<u8> = machines.iter().map(|(_, network)| *network).collect();
        networks.sort_unstable();
        networks.dedup();
        let is_routed = networks.len() > 1;
        for network in &networks {
            let middle = lab.node(MIDDLE);
            middle.ip(&format!("link add lan{network} type bridge"))?;
            middle.ip(&format!("link set lan{network} up"))?;
            if is_routed {
                middle.ip(&format!("addr add 192.168.{network}.1/24 dev lan{network}"))?;
                middle.ip(&format!(
                    "addr add fd00:{network}::1/64 dev lan{network} nodad"
                ))?;
            }
        }
        for (place, (machine, network)) in (10u8..).zip(machines) {
            lab.add(machine)?;
            let port = format!("to-{machine}");
            lab.cable((machine, "eth0"), (MIDDLE, &port))?;
            lab.node(MIDDLE)
                .ip(&format!("link set {port} master lan{network}"))?;
            let node = lab.node(machine);
            node.ip(&format!("addr add 192.168.{network}.{place}/24 dev eth0"))?;
            node.ip(&format!(
                "addr add fd00:{network}::{place}/64 dev eth0 nodad"
            ))?;
            if is_routed {
                node.ip(&format!("route add default via 192.168.{network}.1"))?;
                node.ip(&format!("route add default via fd00:{network}::1"))?;
            }
        }
        Ok(lab)
    }
}

/// The switch of all networks, and the router between them.
const MIDDLE: &str = "lan";
