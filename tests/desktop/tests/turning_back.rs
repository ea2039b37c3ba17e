//! What people do besides sending: take back, say no, stop, wait, send to several, drop beside.

use std::path::Path;

use desktop_e2e::{App, Desktop, Pair, first_run, pair, wait_for};
use e2e::Server;

#[test]
fn what_was_dropped_is_taken_back_declined_cancelled_or_paused() {
    let server = Server::start();
    let desktop = Desktop::start();
    let two = Pair::start(&desktop, &server.url);
    let small = two.file("small.txt", b"small");

    two.drag(&desktop, &[&small], "Ben");
    two.ana.press("undo");
    two.ana.page().wait_for_gone("undo-bar");
    let listed = two.ana.command_line(&["--json", "transfers", "list"]);
    assert!(!listed.contains("small.txt"), "it was taken back: {listed}");

    two.drag(&desktop, &[&small], "Ben");
    two.ben.press("decline");
    two.ben.page().wait_for_gone("offer");
    two.ana.page().wait_for_text("Ben declined");
    two.ana.picture("declined");

    let large = two.file("large.bin", &vec![5; 48 << 20]);
    two.ana.command_line(&["config", "set", "send-rate", "2M"]);
    two.drag(&desktop, &[&large], "Ben");
    two.ben.press("accept");
    two.ana.page().wait_for_transfer("active");
    two.ana.press("pause");
    two.ana.page().wait_for_text("Paused by you");
    two.ben.page().wait_for_text("Paused by Ana");
    for app in [&two.ana, &two.ben] {
        app.page().settle();
    }
    desktop.picture("paused");
    two.ana.press("resume");
    two.ana.page().wait_for_transfer("active");
    two.ana.press("cancel");
    two.ana.page().wait_for_gone("cancel");
    wait_for("nothing half at Ben's", || {
        is_empty(&two.ben.downloads()).then_some(())
    });
}

#[test]
fn a_transfer_goes_on_after_the_receivers_program_was_killed() {
    let server = Server::start();
    let desktop = Desktop::start();
    let mut two = Pair::start(&desktop, &server.url);
    let large = two.file("large.bin", &vec![5; 24 << 20]);
    two.ana.command_line(&["config", "set", "send-rate", "3M"]);
    two.drag(&desktop, &[&large], "Ben");
    two.ben.press("accept");
    two.ben.page().wait_for_transfer("active");
    two.ben.kill();
    two.ana.page().wait_for_transfer("paused");
    two.ana.picture("peer-offline");
    two.ben.open(&[]);
    two.wait_for_same(&large, "large.bin");
    for app in [&two.ana, &two.ben] {
        app.press("place-activity");
        app.page().wait_for_text("large.bin");
    }
}

#[test]
fn a_drop_waits_for_who_is_away_goes_to_a_group_and_asks_when_nobody_is_meant() {
    let server = Server::start();
    let desktop = Desktop::start();
    let mut two = Pair::start(&desktop, &server.url);
    let later = two.file("later.txt", b"for later");
    two.ben.kill();
    two.drag(&desktop, &[&later], "Ben");
    two.ana.page().wait_for_transfer("waiting_for_peer");
    two.ana.picture("waiting");
    two.ben.open(&[]);
    two.ben.press("accept");
    two.wait_for_same(&later, "later.txt");

    two.ana.command_line(&["groups", "create", "Crew", "Ben"]);
    two.ana.page().reload();
    let shared = two.file("shared.txt", b"for all");
    two.drag(&desktop, &[&shared], "Crew");
    two.ben.press("accept");
    two.wait_for_same(&shared, "shared.txt");

    let beside = two.file("beside.txt", b"for whom?");
    let source = desktop.drag_source(&[&beside]);
    let nobody = two.ana.place_of("[data-testid=place-settings]", "");
    source.hold_over(nobody);
    source.tremble(nobody);
    two.ana.page().wait_for("veil");
    source.drop_here();
    two.ana.page().wait_for("choose-who");
    two.ana.picture("choose-who");
}

#[test]
fn a_drop_hits_the_card_under_the_pointer_on_a_sharp_screen() {
    let server = Server::start();
    let desktop = Desktop::start();
    let ana = App::sharp(&desktop, "Ana", &server.url);
    first_run(&ana);
    let ben = App::right(&desktop, "Ben", &server.url);
    first_run(&ben);
    pair(&desktop, &ana, &ben);
    ana.raise();
    let file = ana.path("sharp.txt");
    std::fs::write(&file, "sharp").unwrap();
    let source = desktop.drag_source(&[&file]);
    let card = ana.place_of("[data-testid=person]", "Ben");
    source.hold_over(card);
    source.tremble(card);
    ana.page().wait_for("send-here");
    desktop.picture("drag-sharp");
    source.drop_here();
    ben.press("accept");
    wait_for("the file", || {
        let arrived = std::fs::read(ben.downloads().join("sharp.txt")).ok()?;
        (arrived == b"sharp").then_some(())
    });
}

fn is_empty(folder: &Path) -> bool {
    let names = e2e::visible_names(folder);
    names.is_empty()
}
