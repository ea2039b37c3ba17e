//! The window under a Wayland compositor.
//!
//! Nothing can be dragged here: the compositor has no pointer, and Wayland lets no program move another
//! one's. What is dropped under X takes the same way through the shell.

use desktop_e2e::{App, Desktop, wait_for};
use e2e::Server;

#[test]
fn the_window_starts_and_works_under_wayland() {
    let server = Server::start();
    let desktop = Desktop::start_wayland();
    let ana = App::left(&desktop, "Ana", &server.url);
    ana.page().wait_for("first-run-start");
    ana.page().press("first-run-start");
    ana.page().wait_for_gone("first-run");
    wait_for("the server", || {
        let script = "return document.querySelector('[data-testid=status]')?.dataset.server";
        let state = ana.page().try_run(script, &[]).ok()?;
        (state == "ready").then_some(())
    });
    ana.page().press("place-add");
    ana.page().press("show-code");
    ana.page().wait_for("issued-code");
    ana.picture("wayland");
}
