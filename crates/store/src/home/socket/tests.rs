use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn a_home_with_a_short_path_holds_its_socket() {
    let home = Path::new("/home/ana/.local/share/wherry");
    let elsewhere = Some(PathBuf::from("/run/user/1/wherry/other.sock"));
    assert_eq!(
        choose(home, elsewhere, None).unwrap(),
        home.join("control.sock")
    );
}

#[test]
fn a_home_with_a_long_path_gets_a_short_socket_of_its_own() {
    let runtime = tempfile::tempdir().unwrap();
    let socket = |home: &Path| choose(home, None, Some(runtime.path().as_os_str())).unwrap();
    let first = socket(&long_home("a"));
    assert!(first.as_os_str().len() <= SOCKET_PATH_BYTES);
    assert!(first.starts_with(runtime.path()));
    assert_eq!(first, socket(&long_home("a")));
    assert_ne!(first, socket(&long_home("b")));
    let mode = std::fs::metadata(first.parent().unwrap()).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o700);
    std::os::unix::net::UnixListener::bind(first).unwrap();
}

#[test]
fn a_client_in_another_environment_finds_what_the_owner_wrote_down() {
    let [owners, clients] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let home = long_home("a");
    let owner = choose(&home, None, Some(owners.path().as_os_str())).unwrap();
    let runtime = Some(clients.path().as_os_str());
    assert_eq!(choose(&home, Some(owner.clone()), runtime).unwrap(), owner);

    let copied = long_home("copy");
    assert_ne!(
        choose(&copied, Some(owner.clone()), runtime).unwrap(),
        owner
    );
}

#[test]
fn a_folder_that_others_prepared_is_refused() {
    let runtime = tempfile::tempdir().unwrap();
    let folder = runtime.path().join("wherry");
    let chosen = || choose(&long_home("a"), None, Some(runtime.path().as_os_str()));

    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), &folder).unwrap();
    assert!(matches!(chosen(), Err(HomeError::NotAFolder { .. })));

    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    assert!(matches!(
        chosen(),
        Err(HomeError::OpenToOthers { mode: 0o755, .. })
    ));
}

#[test]
fn only_a_socket_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.sock");
    std::fs::write(&path, "a file").unwrap();
    remove_socket(&path);
    assert!(path.exists());

    std::fs::remove_file(&path).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    remove_socket(&path);
    assert!(!path.exists());
    remove_socket(&path);
}

fn long_home(name: &str) -> PathBuf {
    Path::new("/home").join("x".repeat(120)).join(name)
}
