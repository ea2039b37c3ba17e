//! A lab that is up.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::emulator::Link;
use crate::node::{Node, run};
use crate::plan::{Plan, Together};
use crate::proxy::Proxy;
use crate::sides::{Place, build};

/// Two devices and what is between them; dropping it takes all of it down.
///
/// The devices are called `a` and `b`, the internet is `inet` with two addresses in each family.
#[derive(Debug)]
pub struct Lab {
    proxies: BTreeMap<String, Proxy>,
    links: BTreeMap<String, Link>,
    nodes: BTreeMap<String, Node>,
    /// What the first and the spare way out of `a` begin with.
    gateways: Vec<String>,
}

impl Lab {
    /// The first address of the internet's server.
    pub const SERVER: &str = "11.0.0.1";
    /// Its second one, as a STUN server needs it (RFC 5780 §3).
    pub const SECOND_SERVER: &str = "11.0.0.2";
    /// The first one over IPv6.
    pub const SERVER_V6: &str = "2a0f::1";

    /// Builds `plan`. The calling process must be inside namespaces of its own: see [`crate::alone`].
    pub fn up(plan: &Plan) -> Result<Self> {
        let mut lab = Self::empty();
        lab.add("inet")?;
        for address in INTERNET {
            lab.node("inet").ip(&format!("addr add {address} dev lo"))?;
        }
        lab.add("a")?;
        lab.add("b")?;
        build(&mut lab, Place::A, &plan.a)?;
        match plan.together {
            None => build(&mut lab, Place::B, &plan.b)?,
            Some(Together::Carrier) => build(&mut lab, Place::BehindCarrierOfA, &plan.b)?,
            Some(Together::Lan) => lab.join_lan(false)?,
            Some(Together::Isolated) => lab.join_lan(true)?,
        }
        if let Some(spare) = &plan.spare {
            build(&mut lab, Place::SpareOfA, spare)?;
            lab.node("a").ip("link set up1 down")?;
        }
        Ok(lab)
    }

    /// Without any namespace.
    pub(crate) fn empty() -> Self {
        Self {
            proxies: BTreeMap::new(),
            links: BTreeMap::new(),
            nodes: BTreeMap::new(),
            gateways: Vec::new(),
        }
    }

    /// One namespace of the lab.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn node(&self, name: &str) -> &Node {
        self.nodes
            .get(name)
            .unwrap_or_else(|| panic!("there is no `{name}` in this lab"))
    }

    /// The link of `a`, `b` or `s` (the spare one of `a`) to the internet; `None` if it is a plain one.
    pub fn link(&self, side: &str) -> Option<&Link> {
        self.links.get(side)
    }

    /// The proxy of `a` or `b`, if that is the only way out.
    pub fn proxy(&self, side: &str) -> Option<&Proxy> {
        self.proxies.get(side)
    }

    /// The names of all namespaces.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// Gives device `a` or `b` another address in its LAN, as a new lease does.
    pub fn readdress(&self, device: &str, address: Ipv4Addr) -> Result<()> {
        let node = self.node(device);
        let [a, b, c, _] = address.octets();
        node.ip("addr flush dev eth0 scope global")?;
        node.ip(&format!("addr add {address}/24 dev eth0"))?;
        node.ip(&format!("route replace default via {a}.{b}.{c}.1 dev eth0"))
    }

    /// Takes `a` from its first way out to the spare one, as one who leaves a Wi-Fi for another.
    pub fn switch_to_spare(&self) -> Result<()> {
        self.raise_spare()?;
        self.node("a").ip("link set eth0 down")
    }

    /// Brings the spare way out of `a` up, and lets everything go through it, as a VPN does.
    pub fn raise_spare(&self) -> Result<()> {
        let a = self.node("a");
        let gateway = self
            .gateways
            .get(1)
            .context("this lab has no spare way out")?;
        a.ip("link set up1 up")?;
        a.ip(&format!(
            "route replace default via {gateway} dev up1 metric 50"
        ))
    }

    /// Takes `a` back to its first way out.
    pub fn switch_back(&self) -> Result<()> {
        let gateway = self.gateways.first().context("this lab has no IPv4")?;
        let a = self.node("a");
        a.ip("link set eth0 up")?;
        a.ip(&format!(
            "route replace default via {gateway} dev eth0 metric 101"
        ))?;
        self.lower_spare()
    }

    /// Takes the spare way out of `a` down again.
    pub fn lower_spare(&self) -> Result<()> {
        self.node("a").ip("link set up1 down")
    }

    /// Lets TCP over IPv4 use this congestion control in the whole lab, whatever the machine is set to.
    pub fn use_congestion_control(&self, name: &str) -> Result<()> {
        for node in self.nodes.values() {
            for route in node.routes()? {
                node.ip(&format!("route change {route} congctl {name}"))?;
            }
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, name: &str) -> Result<()> {
        let node = Node::new(name).with_context(|| format!("make the namespace {name}"))?;
        self.nodes.insert(name.to_owned(), node);
        Ok(())
    }

    /// Notes through what `a` gets out, in the order in which its ways were built.
    pub(crate) fn note_gateway(&mut self, address: String) {
        self.gateways.push(address);
    }

    pub(crate) fn keep_link(&mut self, side: &str, link: Link) {
        self.links.insert(side.to_owned(), link);
    }

    pub(crate) fn keep_proxy(&mut self, side: &str, proxy: Proxy) {
        self.proxies.insert(side.to_owned(), proxy);
    }

    /// Connects two namespaces by a cable.
    pub(crate) fn cable(&self, one: (&str, &str), other: (&str, &str)) -> Result<()> {
        let mut command = Command::new("ip");
        command.args(["link", "add", one.1, "netns", one.0, "type", "veth"]);
        command.args(["peer", "name", other.1, "netns", other.0]);
        run(&mut command)?;
        self.node(one.0).ip(&format!("link set {} up", one.1))?;
        self.node(other.0).ip(&format!("link set {} up", other.1))
    }

    fn join_lan(&self, isolated: bool) -> Result<()> {
        self.cable(("b", "eth0"), ("router-a", "to-b"))?;
        self.node("router-a").ip("link set to-b master lan")?;
        let b = self.node("b");
        b.ip("addr add 192.168.1.11/24 dev eth0")?;
        b.ip("route add default via 192.168.1.1")?;
        if isolated {
            for port in ["to-a", "to-b"] {
                self.node("router-a")
                    .ip(&format!("link set {port} type bridge_slave isolated on"))?;
            }
        }
        Ok(())
    }
}

/// The addresses of the internet's server.
const INTERNET: [&str; 4] = ["11.0.0.1/32", "11.0.0.2/32", "2a0f::1/128", "2a0f::2/128"];
