//! Without a mouse: from the first start to a file that arrived.

use std::time::Duration;

use desktop_e2e::{App, Desktop, patiently_for, wait_for};
use e2e::Server;

#[test]
fn everything_from_the_first_start_to_a_file_is_done_with_keys() {
    let server = Server::start();
    let desktop = Desktop::start();
    let ana = App::left(&desktop, "Ana", &server.url);
    let ben = App::right(&desktop, "Ben", &server.url);
    for app in [&ana, &ben] {
        app.raise();
        press_on(&desktop, app, "first-run-start");
        app.page().wait_for_gone("first-run");
    }
    pair_by_keys(&desktop, &ana, &ben);

    let file = ana.path("keys.txt");
    std::fs::write(&file, "no mouse").unwrap();
    ana.raise();
    desktop.press("ctrl+1");
    press_on(&desktop, &ana, "person");
    wait_for_focus(&ana, "it.getAttribute('role') === 'menuitem'");
    desktop.press("Return");
    ana.choose_in_dialog(&file);
    ben.raise();
    ben.page().wait_for("accept");
    press_on(&desktop, &ben, "accept");
    wait_for("the file", || {
        let arrived = std::fs::read(ben.downloads().join("keys.txt")).ok()?;
        (arrived == b"no mouse").then_some(())
    });
}

fn pair_by_keys(desktop: &Desktop, shows: &App<'_>, types: &App<'_>) {
    shows.raise();
    desktop.press("ctrl+n");
    press_on(desktop, shows, "show-code");
    shows.page().wait_for("issued-code");
    let code = shows.page().text_of("issued-code");
    types.raise();
    desktop.press("ctrl+n");
    tab_to(desktop, types, "enter-code");
    desktop.type_text(&code);
    desktop.press("Return");
    for app in [shows, types] {
        app.raise();
        app.page().wait_for("words-same");
        press_on(desktop, app, "words-same");
    }
    for (app, other) in [(shows, types), (types, shows)] {
        let words = format!("{} is your contact", other.name());
        app.page().wait_for_text(&words);
    }
}

fn press_on(desktop: &Desktop, app: &App<'_>, name: &str) {
    tab_to(desktop, app, name);
    desktop.press("Return");
}

/// Presses Tab until something has the focus.
fn tab_to(desktop: &Desktop, app: &App<'_>, name: &str) {
    app.page().wait_for(name);
    let wanted = format!("it.dataset.testid === '{name}'");
    wait_for(&format!("the focus on {name}"), || {
        if has_focus(app, &wanted) {
            return Some(());
        }
        app.page().try_run(REMEMBER, &[]).ok()?;
        desktop.press("Tab");
        // A second one before the page has heard of the first would go too far.
        patiently_for(TAB_TIME, || {
            has_focus(app, "it !== window.before").then_some(())
        });
        None
    });
}

fn wait_for_focus(app: &App<'_>, wanted: &str) {
    wait_for(&format!("the focus where {wanted}"), || {
        has_focus(app, wanted).then_some(())
    });
}

fn has_focus(app: &App<'_>, wanted: &str) -> bool {
    let script = format!("const it = document.activeElement; return {wanted};");
    app.page().try_run(&script, &[]).is_ok_and(|it| it == true)
}

const REMEMBER: &str = "window.before = document.activeElement";
/// After it the focus stays where it is.
const TAB_TIME: Duration = Duration::from_secs(3);
