//! Tries how the window renews itself: a forged version is refused and changes nothing, a signed one takes the program's place.
//! `src-tauri/linux/renew` builds the program, serves the feed and says where both are, in `WHERRY_RENEWAL`.

use std::fs;
use std::path::PathBuf;

use desktop_e2e::{App, Desktop, first_run, wait_for};

fn main() {
    let place = std::env::var_os("WHERRY_RENEWAL")
        .expect("WHERRY_RENEWAL, the place of the feed: start src-tauri/linux/renew");
    let place = PathBuf::from(place);
    let installed = place.join("Wherry.AppImage");
    let before = fs::read(&installed).expect("what is installed");
    let newer = fs::read(place.join("newer")).expect("what is newer");
    let tell = |which: &str| {
        let told = fs::copy(place.join(which), place.join("latest.json"));
        told.expect("the newest version is told");
    };
    let desktop = Desktop::start();
    tell("forged.json");
    let ana = App::left(&desktop, "Ana", "ws://127.0.0.1:9");
    first_run(&ana);
    ana.page().wait_for_text("99.0.0");
    ana.picture("new-version");
    ana.press("install-update");
    ana.page().wait_for_text("Nothing has changed");
    assert!(
        fs::read(&installed).is_ok_and(|it| it == before),
        "a forged version changed the program"
    );

    tell("signed.json");
    ana.press("install-update");
    wait_for("the newer version", || {
        (fs::read(&installed).ok()? == newer).then_some(())
    });
    wait_for("the end of the older one", || ana.has_ended().then_some(()));
}
