use serde::{Deserialize, Serialize};

/// What an examination of this device's networks found about one thing. It names no address and nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// What it is about.
    pub topic: Topic,
    /// How it is.
    pub verdict: Verdict,
    /// Which sentences say it, for faces that speak other languages.
    pub case: FindingCase,
    /// The number in them, if there is one.
    pub value: Option<u64>,
    /// What was found: one sentence.
    pub fact: String,
    /// What follows for transfers: one sentence, unless it is good.
    pub consequence: Option<String>,
    /// What to do about it: one sentence, where there is anything.
    pub advice: Option<String>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The device's own addresses.
    Addresses,
    /// Who is found without a server.
    LocalNetwork,
    /// Whether devices of a network are all spoken to at once.
    Multicast,
    /// What is on the way to servers.
    Proxy,
    /// The signaling server.
    Server,
    /// This device's clock beside the server's.
    Clock,
    /// Whether datagrams leave and come back.
    Udp,
    /// How the device looks from outside.
    Nat,
    /// Who may answer there.
    NatFilter,
    /// Relays by datagrams.
    RelayUdp,
    /// Relays by TCP.
    RelayTcp,
    /// Relays by TLS.
    RelayTls,
    /// Relays as such.
    Relay,
    /// The way to one contact.
    Contact,
}

/// Which sentences say it, for faces that speak other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FindingCase {
    /// IPv4 and IPv6.
    BothFamilies,
    /// IPv4 and no IPv6.
    OnlyV4,
    /// IPv6 and no IPv4.
    OnlyV6,
    /// No network address.
    NoAddress,
    /// Contacts on the same network find this device; `value` of them are there.
    LanOpen,
    /// The settings let nobody on the local network find this device.
    LanClosed,
    /// The local network could not be listened to.
    LanShut,
    /// Another device answered a question to all.
    MulticastAnswered,
    /// This device hears what it says to all, and nobody else answered.
    MulticastUnanswered,
    /// It does not even hear itself.
    MulticastBlocked,
    /// No proxy.
    NoProxy,
    /// The settings name an HTTP proxy.
    HttpProxySet,
    /// The settings name a SOCKS 5 proxy.
    SocksProxySet,
    /// The environment names an HTTP proxy.
    HttpProxyFound,
    /// The environment names a SOCKS 5 proxy.
    SocksProxyFound,
    /// No signaling server is named.
    NoServer,
    /// It answers, in `value` milliseconds.
    ServerAnswers,
    /// It is not reached.
    ServerUnreachable,
    /// The proxy does not lead to it.
    ServerBehindProxy,
    /// Its certificate is not trusted.
    ServerNotTrusted,
    /// It speaks something else.
    ServerNotOurs,
    /// The clock agrees with the server's.
    ClockAgrees,
    /// It is `value` minutes ahead.
    ClockAhead,
    /// It is `value` minutes behind.
    ClockBehind,
    /// It is `value` minutes ahead, which is more than a day.
    ClockFarAhead,
    /// It is `value` minutes behind, which is more than a day.
    ClockFarBehind,
    /// A STUN server answers, in `value` milliseconds.
    UdpWorks,
    /// No STUN server is known.
    NoStunServer,
    /// No STUN server answers.
    UdpBlocked,
    /// There is no NAT.
    NoNat,
    /// The NAT shows this device to all at one address.
    NatOneAddress,
    /// The NAT shows this device to each destination at another address.
    NatSymmetric,
    /// There is a NAT, of a kind that could not be found out.
    NatUnknown,
    /// Everybody may answer at the address that is seen outside.
    FilterOpen,
    /// Whom this device wrote to, from any port.
    FilterAddress,
    /// Whom this device wrote to, from that port alone.
    FilterPort,
    /// A relay is reached, in `value` milliseconds.
    RelayReached,
    /// No relay is reached in this way.
    RelayNotReached,
    /// The settings want no relay.
    RelayUnwanted,
    /// Without the server it is not known which relays there are.
    RelayUnknown,
    /// The server names no relay.
    NoRelay,
    /// No relay is reached in any way.
    NoRelayReached,
    /// There is a direct connection with the contact.
    ContactDirect,
    /// There is a connection with the contact through a relay.
    ContactRelayed,
    /// The contact is blocked.
    ContactBlocked,
    /// Whether it is there cannot be found out without the server.
    ContactUnknown,
    /// It is not there.
    ContactAway,
    /// It is there, and nothing keeps it from being met.
    ContactHere,
    /// It is there, and no way to it was found.
    ContactNoPath,
    /// It is there, no direct way was found, and relays are not wanted.
    ContactNoPathUnwanted,
    /// It is there, no direct way was found, and no relay is known.
    ContactNoPathNoRelay,
}

/// How a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Transfers work, with less than they could have.
    Limited,
    /// Transfers do not work.
    Bad,
    /// It could not be found out.
    Unknown,
}
