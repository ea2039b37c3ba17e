//! What a lab is to look like, and how that is written in one word per side.

use std::str::FromStr;

use anyhow::{Error, Result, bail};

use crate::emulator::LinkParams;

/// A whole lab.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where device `a` is.
    pub a: Side,
    /// Where device `b` is.
    pub b: Side,
    /// Whether `b` is somewhere behind what `a` is behind.
    pub together: Option<Together>,
    /// A second way out for `a`, down at first.
    pub spare: Option<Side>,
}

/// What two devices share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// One LAN.
    Lan,
    /// One LAN whose access point keeps its clients apart.
    Isolated,
    /// One carrier's NAT, with a router each.
    Carrier,
}

/// One way into the internet.
#[derive(Debug, Clone)]
pub struct Side {
    /// What is in the way.
    pub kind: Kind,
    /// How the link to the internet behaves, outwards and inwards; `None` is a link without limits.
    pub wan: Option<(LinkParams, LinkParams)>,
    /// The largest packet on that link, in bytes.
    pub mtu: Option<u16>,
    /// Whether the device's end is a point-to-point interface, as a VPN's.
    pub is_vpn: bool,
}

/// What is between a device and the internet.
///
/// Written as in `prc`, `prc/sym` (a carrier's NAT behind the router's), `v6only`, with `+v6`, `+hairpin` and
/// `+blackhole` added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The router.
    pub access: Access,
    /// The carrier's NAT behind it.
    pub carrier: Option<Nat>,
    /// Whether the last NAT leads packets to its own outside back in (RFC 4787 §6).
    pub hairpin: bool,
    /// IPv4.
    pub v4: bool,
    /// IPv6, behind a stateful firewall.
    pub v6: bool,
    /// Whether the router swallows the news that a packet was too large (RFC 2923 §2.1).
    pub blackhole: bool,
}

/// What a router does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Public addresses inside, nothing is filtered.
    Open,
    /// It translates.
    Nat(Nat),
    /// It translates, and lets nothing out but TCP to port 443.
    UdpBlocked,
    /// It lets nothing out but what goes through its HTTP proxy.
    ProxyOnly,
}

/// How a NAT maps and filters UDP, in the words that people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nat {
    /// Endpoint-independent mapping and filtering.
    FullCone,
    /// Endpoint-independent mapping, address-dependent filtering.
    AddressRestricted,
    /// Endpoint-independent mapping, address- and port-dependent filtering.
    PortRestricted,
    /// Address- and port-dependent mapping and filtering.
    Symmetric,
}

impl Plan {
    /// Two sides that share nothing.
    pub fn between(a: &str, b: &str) -> Result<Self> {
        Ok(Self {
            a: Side::of(a)?,
            b: Side::of(b)?,
            together: None,
            spare: None,
        })
    }

    /// Two devices that share what `together` says, behind `kind`.
    pub fn sharing(together: Together, kind: &str) -> Result<Self> {
        Ok(Self {
            together: Some(together),
            ..Self::between(kind, "prc")?
        })
    }

    /// The same with links that behave like `params`, both ways and for both devices.
    pub fn with_links(mut self, params: &str) -> Result<Self> {
        let link: LinkParams = params.parse()?;
        for side in [&mut self.a, &mut self.b]
            .into_iter()
            .chain(&mut self.spare)
        {
            side.wan = Some((link, link));
        }
        Ok(self)
    }
}

impl Side {
    /// A side of `kind` with a perfect link.
    pub fn of(kind: &str) -> Result<Self> {
        Ok(Self {
            kind: kind.parse()?,
            wan: None,
            mtu: None,
            is_vpn: false,
        })
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = text.split('+');
        let first = words.next().unwrap_or_default();
        let mut kind = base(first)?;
        for word in words {
            match word {
                "v6" => kind.v6 = true,
                "hairpin" => kind.hairpin = true,
                "blackhole" => kind.blackhole = true,
                _ => bail!("`{word}` is none of v6, hairpin, blackhole"),
            }
        }
        let last = kind.carrier.or(match kind.access {
            Access::Nat(nat) => Some(nat),
            Access::Open | Access::UdpBlocked | Access::ProxyOnly => None,
        });
        if kind.hairpin && last.is_none_or(|nat| nat == Nat::Symmetric) {
            bail!("only a cone can lead packets back in here: {text}");
        }
        if kind.v6 && kind.carrier.is_some() {
            bail!("there is no IPv6 behind a carrier's NAT here: {text}");
        }
        Ok(kind)
    }
}

impl FromStr for Nat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "fullcone" => Self::FullCone,
            "arc" => Self::AddressRestricted,
            "prc" => Self::PortRestricted,
            "sym" => Self::Symmetric,
            _ => bail!("`{text}` is none of fullcone, arc, prc, sym"),
        })
    }
}

fn base(text: &str) -> Result<Kind> {
    let (router, carrier) = match text.split_once('/') {
        Some((router, carrier)) => (router, Some(carrier.parse()?)),
        None => (text, None),
    };
    let access = match router {
        "none" | "v6only" => Access::Open,
        "udpblock" => Access::UdpBlocked,
        "proxy" => Access::ProxyOnly,
        _ => Access::Nat(router.parse().map_err(|_| {
            Error::msg(format!(
                "`{router}` is none of none, fullcone, arc, prc, sym, udpblock, proxy, v6only"
            ))
        })?),
    };
    let is_v6_only = router == "v6only";
    if carrier.is_some() && access == Access::Open {
        bail!("there is nothing to translate for a carrier behind `{router}`");
    }
    Ok(Kind {
        access,
        carrier,
        hairpin: false,
        v4: !is_v6_only,
        v6: is_v6_only,
        blackhole: false,
    })
}

impl FromStr for Together {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "lan" => Self::Lan,
            "isolated" => Self::Isolated,
            "cgn" => Self::Carrier,
            _ => bail!("`{text}` is none of lan, isolated, cgn"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_from_one_word() {
        let kind: Kind = "prc/fullcone+hairpin".parse().unwrap();
        assert_eq!(kind.access, Access::Nat(Nat::PortRestricted));
        assert_eq!(kind.carrier, Some(Nat::FullCone));
        assert!(kind.hairpin && kind.v4 && !kind.v6);
        let kind: Kind = "v6only".parse().unwrap();
        assert!(!kind.v4 && kind.v6);
    }

    #[test]
    fn a_kind_that_cannot_be_built_is_refused() {
        for text in [
            "",
            "cone",
            "prc+",
            "sym+hairpin",
            "none/prc",
            "prc/sym+v6",
            "prc/none",
            "udpblock+hairpin",
        ] {
            assert!(text.parse::<Kind>().is_err(), "{text}");
        }
    }
}
