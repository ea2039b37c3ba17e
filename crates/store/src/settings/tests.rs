use super::*;
use crate::store::tests::TestHome;
use std::collections::BTreeSet;

#[test]
fn settings_survive_a_restart_and_can_be_cleared() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let name = DisplayName::new("Ana's laptop");
    let folder = Path::new("/home/ana/Téléchargements");
    assert_eq!(store.device_name().unwrap(), None);
    store.set_device_name(&DisplayName::new("before")).unwrap();
    store.set_device_name(&name).unwrap();
    store.set_server_url("wss://example.org").unwrap();
    store.set_destination_folder(folder).unwrap();
    store.set_disk_reserve_bytes(u64::MAX).unwrap();
    drop(store);

    let mut store = home.open();
    assert_eq!(store.device_name().unwrap(), Some(name));
    let url = store.server_url().unwrap();
    assert_eq!(url.as_deref(), Some("wss://example.org"));
    let kept = store.destination_folder().unwrap();
    assert_eq!(kept.as_deref(), Some(folder));
    assert_eq!(store.disk_reserve_bytes().unwrap(), Some(u64::MAX));

    for setting in Setting::ALL {
        store.clear_setting(setting).unwrap();
    }
    assert_eq!(store.device_name().unwrap(), None);
    assert_eq!(store.server_url().unwrap(), None);
    assert_eq!(store.destination_folder().unwrap(), None);
    assert_eq!(store.disk_reserve_bytes().unwrap(), None);
}

#[cfg(unix)]
#[test]
fn a_folder_needs_no_utf8() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let folder = path_of_bytes(vec![b'/', 0xFF, b'\n', 0xC3]).unwrap();
    store.set_destination_folder(&folder).unwrap();
    assert_eq!(store.destination_folder().unwrap(), Some(folder));
}

#[test]
fn damaged_settings_are_told() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.set(Setting::DiskReserveBytes, b"short").unwrap();
    store.set(Setting::ServerUrl, &[0xFF]).unwrap();
    let damaged = |result| matches!(result, Err(StoreError::Damaged { .. }));
    assert!(damaged(store.disk_reserve_bytes().map(drop)));
    assert!(damaged(store.server_url().map(drop)));
}

#[test]
fn every_setting_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Setting::ALL.map(Setting::name).into();
    assert_eq!(names.len(), Setting::ALL.len());
}
