//! The window under a Wayland compositor, with a pointer that really drags files out of another program's window.

use desktop_e2e::{App, Desktop, try_first_run, wait_for};
use e2e::{Device, Server};

#[test]
fn files_are_dragged_onto_a_person_under_wayland() {
    let server = Server::start();
    // Now and then a compositor within a screen never hears of that screen's pointer.
    for _ in 0..COMPOSITORS {
        let desktop = Desktop::start_wayland();
        let ana = App::left(&desktop, "Ana", &server.url);
        if try_first_run(&ana) {
            return drag_to_ben(&server, &desktop, &ana);
        }
    }
    panic!("no compositor took notice of the pointer");
}

fn drag_to_ben(server: &Server, desktop: &Desktop, ana: &App<'_>) {
    let ben = Device::new(&server.url).named("Ben");
    ana.press("place-add");
    ana.press("show-code");
    let code = ana.page().text_of("issued-code");
    let mut pairing = ben.start(&["pair", &code, "--yes"]);
    ana.press("words-same");
    pairing.end().expect_success();
    let into = ben.path("arrived");
    let into_text = into.to_str().expect("the path of a test is text");
    let _receiving = ben.start(&["run", "--yes", "--into", into_text]);
    ana.press("place-people");
    ana.page().wait_for_text("reachable");

    let file = ana.path("Grüße.txt");
    std::fs::write(&file, "ein Gruß".repeat(1_000)).expect("the folder is there");
    let source = desktop.drag_source(&[&file]);
    let card = ana.place_of("[data-drop]", "Ben");
    source.hold_over(card);
    source.tremble(card);
    ana.page().wait_for("veil");
    ana.page().wait_for("send-here");
    ana.wait_for_colour("[data-testid=send-here]", "Ben", "#B0460F");
    desktop.picture("wayland-drag");
    source.drop_here();
    drop(source);
    let arrived = into.join("Grüße.txt");
    wait_for("the file at Ben's", || {
        (std::fs::read(&arrived).ok()? == std::fs::read(&file).ok()?).then_some(())
    });
    ana.press("place-activity");
    ana.page().wait_for_text("Done, Ben has it");
    ana.page().settle();
    desktop.picture("wayland");
}

/// How many are started before the test gives up.
const COMPOSITORS: usize = 5;
