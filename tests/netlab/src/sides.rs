//! Builds one way into the internet: a device's interface, its router, perhaps a carrier, and the link.

use anyhow::{Context as _, Result};

use crate::emulator::{End, Link};
use crate::lab::Lab;
use crate::plan::{Access, Side};
use crate::proxy::Proxy;
use crate::rules::Router;

/// Where a side is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    A,
    B,
    BehindCarrierOfA,
    SpareOfA,
}

/// Builds the way that `side` says, for the device at `place`.
pub(crate) fn build(lab: &mut Lab, place: Place, side: &Side) -> Result<()> {
    let site = Site::new(place, side);
    lab.add(&site.router)?;
    site.build_lan(lab)?;
    site.build_uplink(lab)?;
    site.address_lan(lab)?;
    site.load_rules(lab)?;
    if site.device == "a" {
        lab.note_gateway(site.lan_address(1));
    }
    if site.side.kind.access == Access::ProxyOnly {
        let proxy = Proxy::start(lab.node(&site.router), &site.lan_address(1))?;
        lab.keep_proxy(site.letter, proxy);
    }
    Ok(())
}

/// One side with the names and numbers that follow from where it is.
struct Site<'a> {
    side: &'a Side,
    /// `a`, `b`, or `s` for the spare one.
    letter: &'static str,
    /// Distinguishes its addresses.
    number: u8,
    device: &'static str,
    interface: &'static str,
    router: String,
    carrier: Option<String>,
    shares_carrier: bool,
}

impl<'a> Site<'a> {
    fn new(place: Place, side: &'a Side) -> Self {
        let (letter, number, device, interface) = match place {
            Place::A => ("a", 1, "a", "eth0"),
            Place::B | Place::BehindCarrierOfA => ("b", 2, "b", "eth0"),
            Place::SpareOfA => ("s", 3, "a", "up1"),
        };
        let shares_carrier = place == Place::BehindCarrierOfA;
        let carrier = match shares_carrier {
            true => Some("carrier-a".to_owned()),
            false => side.kind.carrier.map(|_| format!("carrier-{letter}")),
        };
        Self {
            side,
            letter,
            number,
            device,
            interface,
            router: format!("router-{letter}"),
            carrier,
            shares_carrier,
        }
    }

    /// The device and its router, in one LAN or as the two ends of a tunnel.
    fn build_lan(&self, lab: &mut Lab) -> Result<()> {
        let router = lab.node(&self.router);
        if self.side.is_vpn {
            let near = End {
                node: lab.node(self.device),
                interface: self.interface,
            };
            let far = End {
                node: router,
                interface: LAN,
            };
            let link = Link::new(near, far, Default::default()).context("a tunnel")?;
            for end in [near, far] {
                end.node
                    .ip(&format!("link set {} mtu {VPN_MTU}", end.interface))?;
            }
            lab.keep_link("vpn", link);
            return Ok(());
        }
        router.ip(&format!("link add {LAN} type bridge"))?;
        router.ip(&format!("link set {LAN} up"))?;
        let port = format!("to-{}", self.device);
        lab.cable((self.device, self.interface), (&self.router, &port))?;
        lab.node(&self.router)
            .ip(&format!("link set {port} master {LAN}"))
    }

    /// From the router to the internet, by way of the carrier if there is one.
    fn build_uplink(&self, lab: &mut Lab) -> Result<()> {
        if let Some(carrier) = &self.carrier {
            if !self.shares_carrier {
                lab.add(carrier)?;
                let node = lab.node(carrier);
                node.ip(&format!("link add {LAN} type bridge"))?;
                node.ip(&format!("link set {LAN} up"))?;
                node.ip(&format!("addr add 100.64.0.1/16 dev {LAN}"))?;
            }
            let port = format!("to-{}", self.letter);
            lab.cable((&self.router, WAN), (carrier, &port))?;
            lab.node(carrier)
                .ip(&format!("link set {port} master {LAN}"))?;
            let router = lab.node(&self.router);
            router.ip(&format!("addr add {}/16 dev {WAN}", self.carried_address()))?;
            router.ip("route add default via 100.64.0.1")?;
        }
        if self.shares_carrier {
            return Ok(());
        }
        self.build_link(lab)
    }

    fn build_link(&self, lab: &mut Lab) -> Result<()> {
        let edge = self.carrier.as_deref().unwrap_or(&self.router);
        let far_interface = format!("wan-{}", self.letter);
        match self.side.wan {
            None => lab.cable((edge, WAN), ("inet", &far_interface))?,
            Some(params) => {
                let near = End {
                    node: lab.node(edge),
                    interface: WAN,
                };
                let far = End {
                    node: lab.node("inet"),
                    interface: &far_interface,
                };
                let link = Link::new(near, far, params).context("a link")?;
                lab.keep_link(self.letter, link);
            }
        }
        let n = self.number;
        let (edge, inet) = (lab.node(edge), lab.node("inet"));
        if let Some(mtu) = self.side.mtu {
            edge.ip(&format!("link set {WAN} mtu {mtu}"))?;
            inet.ip(&format!("link set {far_interface} mtu {mtu}"))?;
        }
        edge.ip(&format!("addr add 11.0.{n}.2/24 dev {WAN}"))?;
        inet.ip(&format!("addr add 11.0.{n}.1/24 dev {far_interface}"))?;
        edge.ip(&format!("route add default via 11.0.{n}.1"))?;
        if self.side.kind.v6 {
            edge.ip(&format!("addr add 2a0f:ff:{n}::2/64 dev {WAN} nodad"))?;
            inet.ip(&format!(
                "addr add 2a0f:ff:{n}::1/64 dev {far_interface} nodad"
            ))?;
            edge.ip(&format!("route add default via 2a0f:ff:{n}::1 dev {WAN}"))?;
            inet.ip(&format!("route add 2a0f:{n}::/64 via 2a0f:ff:{n}::2"))?;
        }
        Ok(())
    }

    fn address_lan(&self, lab: &Lab) -> Result<()> {
        let (router, device) = (lab.node(&self.router), lab.node(self.device));
        let (n, interface) = (self.number, self.interface);
        if self.side.kind.v4 {
            router.ip(&format!("addr add {}/24 dev {LAN}", self.lan_address(1)))?;
            device.ip(&format!(
                "addr add {}/24 dev {interface}",
                self.lan_address(10)
            ))?;
            let gateway = self.lan_address(1);
            device.ip(&format!(
                "route add default via {gateway} dev {interface} metric {}",
                100 + u32::from(n)
            ))?;
            if self.side.kind.access == Access::Open {
                lab.node("inet")
                    .ip(&format!("route add 11.1.{n}.0/24 via 11.0.{n}.2"))?;
            }
        }
        if self.side.kind.v6 {
            router.ip(&format!("addr add 2a0f:{n}::1/64 dev {LAN} nodad"))?;
            device.ip(&format!("addr add 2a0f:{n}::10/64 dev {interface} nodad"))?;
            device.ip(&format!(
                "route add default via 2a0f:{n}::1 dev {interface}"
            ))?;
        }
        Ok(())
    }

    fn load_rules(&self, lab: &Lab) -> Result<()> {
        let kind = &self.side.kind;
        let outside = format!("11.0.{}.2", self.number);
        let carried = self.carried_address();
        let is_edge = self.carrier.is_none();
        let router = Router {
            access: kind.access,
            lan: LAN,
            wan: WAN,
            wan_address: if is_edge { &outside } else { &carried },
            hairpin: kind.hairpin && is_edge,
            v6: kind.v6,
            blackhole: kind.blackhole,
        };
        lab.node(&self.router).load_rules(&router.rules())?;
        let (Some(nat), Some(carrier)) = (kind.carrier, &self.carrier) else {
            return Ok(());
        };
        let carrier_rules = Router {
            access: Access::Nat(nat),
            wan_address: &outside,
            hairpin: kind.hairpin,
            ..router
        };
        lab.node(carrier).load_rules(&carrier_rules.rules())
    }

    fn carried_address(&self) -> String {
        format!("100.64.{}.2", self.number)
    }

    /// Public behind an open router, private behind any other.
    fn lan_address(&self, host: u8) -> String {
        let n = self.number;
        match self.side.kind.access {
            Access::Open => format!("11.1.{n}.{host}"),
            Access::Nat(_) | Access::UdpBlocked | Access::ProxyOnly => {
                format!("192.168.{n}.{host}")
            }
        }
    }
}

const LAN: &str = "lan";
const WAN: &str = "wan";
/// As WireGuard's interfaces have it.
const VPN_MTU: u16 = 1_420;
