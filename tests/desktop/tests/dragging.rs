//! Two people, two windows, a real pointer: files are dragged onto a person and arrive.

use std::fs;

use desktop_e2e::{Desktop, Pair, TrayIcon, wait_for};
use e2e::Server;

#[test]
fn files_dragged_onto_a_person_arrive_and_both_windows_say_so() {
    let server = Server::start();
    let desktop = Desktop::start();
    let pair = Pair::start(&desktop, &server.url);
    let first = pair.file("Grüße 日本.txt", "ein Gruß".repeat(1_000).as_bytes());
    let second = pair.file("two.bin", &vec![7; 3 << 20]);
    // The name is taken at Ben's: Ana is asked, what comes gets another one, and what was there stays.
    fs::create_dir_all(pair.ben.downloads()).expect("a folder for what arrives");
    fs::write(pair.ben.downloads().join("two.bin"), "Ben's own").expect("a file of Ben's");
    let inside = pair.file("trip/day one/photo.jpg", &vec![9; 200_000]);
    let folder = pair.ana.path("outbox").join("trip");

    pair.ana.raise();
    let source = desktop.drag_source(&[&first, &second, &folder]);
    let card = pair.ana.place_of("[data-drop]", "Ben");
    source.hold_over(card);
    source.tremble(card);
    pair.ana.page().wait_for("veil");
    pair.ana.page().wait_for("send-here");
    assert!(pair.ana.page().text().contains("Send to"));
    // What people see, not only what the page holds: the strip of the card in the colour of what moves.
    pair.ana
        .wait_for_colour("[data-testid=send-here]", "Ben", "#B0460F");
    desktop.picture("drag-veil");
    source.drop_here();
    drop(source);

    pair.ben.page().wait_for("accept");
    pair.ben.page().wait_for_text("3 files and 2 folders");
    pair.ben.picture("incoming");
    let asked = wait_for("a notification", || {
        let mut shown = desktop.notifications().into_iter();
        shown.find(|it| it["title"].as_str().is_some_and(|it| it.contains("Ana")))
    });
    assert_eq!(asked["app"], "Wherry");
    pair.ben.close_window();
    wait_for("no window", || (!pair.ben.is_shown()).then_some(()));
    desktop.press_notification(&asked);
    wait_for("the window again", || pair.ben.is_shown().then_some(()));
    pair.ben.press("accept");
    pair.ana
        .page()
        .wait_for_text("Not everything would arrive as it is");
    pair.ana.click("main button", "Continue");
    pair.wait_for_same(&first, "Grüße 日本.txt");
    pair.wait_for_same(&second, "two (2).bin");
    pair.wait_for_same(&inside, "trip/day one/photo.jpg");

    for app in [&pair.ana, &pair.ben] {
        app.press("place-activity");
        app.page().wait_for_transfer("completed");
    }
    pair.ana.page().wait_for_text("Done, Ben has it");
    pair.ben.page().wait_for_text("Done, from Ana");
    for app in [&pair.ana, &pair.ben] {
        app.page().settle();
    }
    desktop.picture("both-done");
    for app in [&pair.ana, &pair.ben] {
        let rows = "return document.querySelectorAll('[data-transfer]').length";
        assert_eq!(app.page().try_run(rows, &[]).unwrap(), 1, "it is told once");
    }
    drag_on_what_arrived(&desktop, &pair);
    look_at_files_and_receipt(&pair);

    // Who leaves says so.
    TrayIcon::first(&desktop).choose("Quit Wherry");
    wait_for("the end of Ana's", || pair.ana.has_ended().then_some(()));
    pair.ben.press("place-people");
    pair.ben.page().wait_for_text("offline");
}

/// What arrived goes on, out of the window, under the names it has there.
fn drag_on_what_arrived(desktop: &Desktop, pair: &Pair<'_>) {
    pair.ben.raise();
    let target = desktop.drop_target();
    let row = pair
        .ben
        .place_of("[data-testid=transfer] .what b", "Grüße 日本.txt");
    let mut arrived = [
        "Gr%C3%BC%C3%9Fe%20%E6%97%A5%E6%9C%AC.txt",
        "two%20(2).bin",
        "trip",
    ]
    .map(|name| format!("file://{}/{name}", pair.ben.downloads().display()));
    arrived.sort();
    let mut taken = target.take(row, arrived.len());
    taken.sort();
    assert_eq!(taken, arrived);
}

fn look_at_files_and_receipt(pair: &Pair<'_>) {
    for app in [&pair.ana, &pair.ben] {
        app.press("files");
        for name in ["Grüße 日本.txt", "two.bin", "trip", "day one", "photo.jpg"] {
            let line = "[role=treegrid] [role=row], [role=tree] [role=treeitem]";
            app.page().place_of(line, name);
        }
        app.picture("files");
        app.press("files");
    }
    pair.ana.press("receipt");
    pair.ana.page().wait_for_text("Ben");
    pair.ana.picture("receipt");
    let receipts = pair.ana.command_line(&["receipts", "list"]);
    assert!(receipts.contains("Ben"), "{receipts}");
}
