//! The home folder, its lock and its spools, through the public interface.

use std::path::Path;

use model::TransferId;
use store::{Home, HomeError, LockError};

#[test]
fn a_new_home_is_made_with_everything_above_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("share/wherry");
    let home = Home::open(&path).unwrap();
    assert_eq!(home.path(), path.canonicalize().unwrap());
    assert!(home.database_path().starts_with(home.path()));
    assert!(Home::default_path().unwrap().is_absolute());
}

#[cfg(unix)]
#[test]
fn a_home_that_others_may_write_to_is_refused_with_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home");
    Home::open(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    for open in [0o720, 0o702, 0o777] {
        set_mode(&path, open);
        let error = Home::open(&path).unwrap_err();
        assert!(matches!(&error, HomeError::OpenToOthers { mode, .. } if *mode == open));
        let command = format!("chmod 700 {}", path.display());
        assert!(error.to_string().ends_with(&command), "{error}");
        assert_eq!(mode(&path), open, "it is not changed silently");
    }
    set_mode(&path, 0o755);
    Home::open(&path).unwrap();
}

#[test]
fn a_file_is_no_home() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home");
    std::fs::write(&path, "a file").unwrap();
    assert!(Home::open(&path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"a file");
}

#[test]
fn one_owner_at_a_time_and_the_others_learn_who() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    let lock = home.lock().unwrap();
    let error = home.lock().unwrap_err();
    let own = std::process::id();
    assert!(matches!(&error, LockError::HomeBusy { pid: Some(pid) } if *pid == own));
    assert!(error.to_string().contains(&format!("process {own}")));

    std::fs::write(home.lock_path(), "what is this").unwrap();
    assert!(matches!(
        home.lock(),
        Err(LockError::HomeBusy { pid: None })
    ));
    drop(lock);
    home.lock().unwrap();
}

#[test]
fn owner_and_clients_agree_on_the_socket() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&folder.path().join("h".repeat(120))).unwrap();
    let before = home.socket_path().unwrap();
    let _lock = home.lock().unwrap();
    assert_eq!(home.socket_path().unwrap(), before);
    let again = Home::open(home.path()).unwrap();
    assert_eq!(again.socket_path().unwrap(), before);
}

#[test]
fn spools_are_private_and_go_whole() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(folder.path()).unwrap();
    assert_eq!(home.spools().unwrap(), []);
    let [first, second] = [TransferId([1; 16]), TransferId([2; 16])];
    for transfer in [second, first, second] {
        let spool = home.spool(transfer).unwrap();
        std::fs::create_dir_all(spool.join("pages")).unwrap();
        std::fs::write(spool.join("pages/0"), "page").unwrap();
        #[cfg(unix)]
        assert_eq!(mode(&spool), 0o700);
    }
    std::fs::write(folder.path().join("spool/not an id"), "").unwrap();
    assert_eq!(home.spools().unwrap(), [first, second]);
    home.remove_spool(first).unwrap();
    home.remove_spool(first).unwrap();
    assert_eq!(home.spools().unwrap(), [second]);
}

#[cfg(unix)]
#[test]
fn a_spool_that_is_a_link_is_removed_without_following_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&folder.path().join("home")).unwrap();
    let elsewhere = folder.path().join("photos");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("a.jpg"), "a photo").unwrap();
    let spool = home.spool(TransferId([1; 16])).unwrap();
    std::os::unix::fs::symlink(&elsewhere, spool.join("link")).unwrap();
    home.remove_spool(TransferId([1; 16])).unwrap();
    assert!(elsewhere.join("a.jpg").exists());
    assert!(!spool.exists());
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).expect("the path was just made");
    metadata.permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is our folder");
}
