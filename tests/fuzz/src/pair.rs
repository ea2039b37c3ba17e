use std::sync::LazyLock;

use model::{Day, DayKeys, DeviceSecrets, PairChain, PairSecret};

/// Two devices that were paired.
pub(crate) struct Pair {
    pub(crate) ana: DeviceSecrets,
    pub(crate) ben: DeviceSecrets,
    pub(crate) ana_keys: DayKeys,
    pub(crate) ben_keys: DayKeys,
}

/// The two devices of all scripts.
pub(crate) static PAIR: LazyLock<Pair> = LazyLock::new(Pair::new);

impl Pair {
    fn new() -> Self {
        let (ana, ben) = (
            DeviceSecrets::from_bytes(&[1; 64]),
            DeviceSecrets::from_bytes(&[2; 64]),
        );
        let chain = PairChain::start(&PairSecret([3; 32]), DAY);
        let keys = |own: &DeviceSecrets, peer: &DeviceSecrets| {
            let keys = chain.keys(DAY, &own.device_id(), &peer.device_id());
            keys.expect("the chain begins before this day")
        };
        Self {
            ana_keys: keys(&ana, &ben),
            ben_keys: keys(&ben, &ana),
            ana,
            ben,
        }
    }
}

/// The day of all scripts.
pub(crate) const DAY: Day = Day(20_500);
