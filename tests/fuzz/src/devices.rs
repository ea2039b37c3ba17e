//! What devices say of persons with several devices.

use model::{DeviceSecrets, DisplayName, PairSecret, Roster};
use pairing_proto::{DeviceNotice, IntroducedDevice, RosterNotice};

use crate::Verdict;

/// Reads a list of devices, signatures and all.
pub(crate) fn roster(data: &[u8]) -> Verdict {
    let Ok(roster) = Roster::decode(data) else {
        return Verdict::Refused;
    };
    assert_eq!(Roster::decode(&roster.encode()), Ok(roster.clone()));
    assert!(roster.devices().count() >= 1);
    assert!(!roster.supersedes(&roster));
    Verdict::Accepted
}

pub(crate) fn roster_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut changed = two_devices();
    changed
        .revoke(&device(2), device(1).device_id())
        .expect("a device may revoke another");
    vec![
        ("two", two_devices().encode()),
        ("revoked", changed.encode()),
    ]
}

/// Reads a notice.
pub(crate) fn device_notice(data: &[u8]) -> Verdict {
    let Ok(notice) = DeviceNotice::decode(data) else {
        return Verdict::Refused;
    };
    assert_eq!(DeviceNotice::decode(&notice.encode()), Ok(notice));
    Verdict::Accepted
}

pub(crate) fn device_notice_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let roster = DeviceNotice::Roster(RosterNotice {
        roster: two_devices().encode(),
        introduced: vec![IntroducedDevice {
            device: device(2).device_id(),
            secret: PairSecret([3; 32]),
        }],
        told: vec![device(4).device_id()],
    });
    let handed_over = DeviceNotice::HandedOver { contacts: 7 };
    vec![
        ("roster", roster.encode()),
        ("handed-over", handed_over.encode()),
    ]
}

fn two_devices() -> Roster {
    let mut roster = Roster::found(&device(1), DisplayName::new("laptop"));
    roster
        .add(&device(1), device(2).public(), DisplayName::new("phone"))
        .expect("a device may add another");
    roster
}

fn device(seed: u8) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[seed; 64])
}
