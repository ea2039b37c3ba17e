//! The nftables rules of one router.

use std::fmt::Write as _;

use crate::plan::{Access, Nat};

/// A router: interface names, and what it does with what passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Router<'a> {
    pub(crate) access: Access,
    pub(crate) lan: &'a str,
    pub(crate) wan: &'a str,
    pub(crate) wan_address: &'a str,
    pub(crate) hairpin: bool,
    pub(crate) v6: bool,
    pub(crate) blackhole: bool,
}

impl Router<'_> {
    /// The rules as `nft -f` reads them.
    pub(crate) fn rules(&self) -> String {
        let mut text = String::from("table ip nat {\n");
        match self.access {
            Access::Nat(nat) => self.push_nat(&mut text, nat),
            Access::UdpBlocked | Access::ProxyOnly => self.push_nat(&mut text, Nat::PortRestricted),
            Access::Open => {}
        }
        text.push_str("}\ntable inet firewall {\n");
        self.push_input(&mut text);
        self.push_forward(&mut text);
        if self.blackhole {
            text.push_str(" chain output { type filter hook output priority filter;\n");
            text.push_str(TOO_LARGE_IS_SECRET);
            text.push_str(" }\n");
        }
        text.push_str("}\n");
        text
    }

    /// Masquerading alone keeps the port and filters by address and port: a port-restricted cone. The
    /// other cones remember who is behind a port and, if need be, whom that one has written to.
    fn push_nat(&self, text: &mut String, nat: Nat) {
        let (lan, wan, outside) = (self.lan, self.wan, self.wan_address);
        let lets_in = matches!(nat, Nat::FullCone | Nat::AddressRestricted);
        if lets_in || self.hairpin {
            text.push_str(MEMORY);
            text.push_str(" chain learn { type filter hook postrouting priority 90;\n");
            push(
                text,
                format_args!("  oifname \"{wan}\" {LEARN} update @met {{ ip daddr . udp sport }}"),
            );
            if self.hairpin {
                push(
                    text,
                    format_args!("  iifname \"{lan}\" oifname \"{lan}\" {LEARN}"),
                );
            }
            text.push_str(" }\n chain inbound { type nat hook prerouting priority dstnat;\n");
            let filter = match nat {
                Nat::AddressRestricted => "ip saddr . udp dport @met ",
                Nat::FullCone | Nat::PortRestricted | Nat::Symmetric => "",
            };
            if lets_in {
                push(
                    text,
                    format_args!("  iifname \"{wan}\" meta l4proto udp {filter}{TO_OWNER}"),
                );
            }
            if self.hairpin {
                push(
                    text,
                    format_args!(
                        "  iifname \"{lan}\" ip daddr {outside} meta l4proto udp {TO_OWNER}"
                    ),
                );
            }
            text.push_str(" }\n");
        }
        let how = match nat {
            Nat::Symmetric => "masquerade fully-random",
            Nat::FullCone | Nat::AddressRestricted | Nat::PortRestricted => "masquerade",
        };
        text.push_str(" chain outbound { type nat hook postrouting priority srcnat;\n");
        push(text, format_args!("  oifname \"{wan}\" {how}"));
        if self.hairpin {
            push(
                text,
                format_args!(
                    "  iifname \"{lan}\" oifname \"{lan}\" ct status dnat snat to {outside}"
                ),
            );
        }
        text.push_str(" }\n");
    }

    /// What strangers send to the router itself is dropped, as consumer routers do: an answer or a refusal
    /// would leave an entry that keeps the port from being used for somebody inside later.
    fn push_input(&self, text: &mut String) {
        let wan = self.wan;
        text.push_str(" chain input { type filter hook input priority filter;\n");
        push(
            text,
            format_args!("  iifname \"{wan}\" ct state established,related accept"),
        );
        push(
            text,
            format_args!("  iifname \"{wan}\" meta l4proto {{ icmp, ipv6-icmp }} accept"),
        );
        push(text, format_args!("  iifname \"{wan}\" drop"));
        text.push_str(" }\n");
    }

    fn push_forward(&self, text: &mut String) {
        let wan = self.wan;
        text.push_str(" chain forward { type filter hook forward priority filter;\n");
        if self.blackhole {
            text.push_str(TOO_LARGE_IS_SECRET);
        }
        match self.access {
            Access::Open | Access::Nat(_) => {}
            Access::UdpBlocked => {
                push(
                    text,
                    format_args!("  oifname \"{wan}\" meta l4proto != tcp drop"),
                );
                push(
                    text,
                    format_args!("  oifname \"{wan}\" tcp dport != 443 reject with tcp reset"),
                );
            }
            Access::ProxyOnly => push(text, format_args!("  oifname \"{wan}\" drop")),
        }
        let stateful = format!("  iifname \"{wan}\" meta nfproto");
        if self.access != Access::Open {
            push(
                text,
                format_args!("{stateful} ipv4 ct state established,related accept"),
            );
            push(text, format_args!("{stateful} ipv4 ct status dnat accept"));
            push(text, format_args!("{stateful} ipv4 drop"));
        }
        if self.v6 {
            push(
                text,
                format_args!("{stateful} ipv6 ct state established,related accept"),
            );
            push(
                text,
                format_args!("{stateful} ipv6 meta l4proto ipv6-icmp accept"),
            );
            push(text, format_args!("{stateful} ipv6 drop"));
        }
        text.push_str(" }\n");
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes everything");
}

/// Who is behind a port, and whom that one has written to.
const MEMORY: &str =
    " map owner { type inet_service : ipv4_addr; flags dynamic,timeout; timeout 120s; }
 set met { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 120s; }
";
const LEARN: &str = "meta l4proto udp update @owner { udp sport : ip saddr }";
const TO_OWNER: &str = "dnat to udp dport map @owner";
const TOO_LARGE_IS_SECRET: &str = "  icmp type destination-unreachable icmp code frag-needed drop
  icmpv6 type packet-too-big drop
";
