use serde::{Deserialize, Serialize};

/// What an examination of this device's networks found about one thing. It names no address and nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// What it is about.
    pub topic: Topic,
    /// How it is.
    pub verdict: Verdict,
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
    /// Relays by datagrams.
    RelayUdp,
    /// Relays by TCP.
    RelayTcp,
    /// Relays by TLS.
    RelayTls,
    /// Relays as such.
    Relay,
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
