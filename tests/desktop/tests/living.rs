//! The program around the page: links, tray, second starts, crashes, the same home after a restart, a server that is gone, a folder
//! that two share.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use desktop_e2e::{App, Desktop, Pair, TrayIcon, first_run, wait_for};
use e2e::Server;
use serde_json::{Value, json};

#[test]
fn a_link_only_fills_in_and_the_tray_hides_and_shows() {
    let server = Server::start();
    let desktop = Desktop::start();
    {
        let ana = App::left(&desktop, "Ana", &server.url);
        first_run(&ana);
        let link = format!("wherry://pair#v=1,server={},code=7-lunar-basil", server.url);
        assert!(
            ana.start_again(&[&link]),
            "the second start hands over and ends"
        );
        ana.page().wait_for("enter-code");
        ana.picture("link");
        let pairing = ana.page().text();
        assert!(
            !pairing.contains("Looking for the other device"),
            "{pairing}"
        );

        let tray = TrayIcon::first(&desktop);
        ana.close_window();
        wait_for("no window", || (!ana.is_shown()).then_some(()));
        tray.choose("Show Wherry");
        wait_for("the window again", || ana.is_shown().then_some(()));
        ana.close_window();
        wait_for("no window", || (!ana.is_shown()).then_some(()));
        assert!(ana.start_again(&[]), "starting it again shows it");
        wait_for("the window again", || ana.is_shown().then_some(()));
        tray.choose("Quit Wherry");
        wait_for("its end", || ana.has_ended().then_some(()));
    }
    assert_eq!(desktop.notifications().len(), 0);
}

#[test]
fn history_and_people_are_there_after_a_restart_and_a_crashed_page_comes_back() {
    let server = Server::start();
    let desktop = Desktop::start();
    let mut two = Pair::start(&desktop, &server.url);
    let file = two.file("kept.txt", b"kept");
    two.drag(&desktop, &[&file], "Ben");
    two.ben.press("accept");
    two.wait_for_same(&file, "kept.txt");
    two.ana.kill();
    two.ana.open(&[]);
    two.ana.page().place_of("[data-testid=person]", "Ben");
    two.ana.press("place-activity");
    two.ana.page().wait_for_text("kept.txt");

    let page = two.ana.page_process();
    let killed = Command::new("kill")
        .args(["-KILL", &page.to_string()])
        .status();
    assert!(killed.unwrap().success());
    wait_for("another page", || {
        let now = two.ana.try_page_process()?;
        (now != page).then_some(())
    });
}

#[test]
fn the_window_says_that_the_server_is_gone_also_after_a_reload_and_that_it_is_back() {
    let mut server = Server::start();
    let desktop = Desktop::start();
    let ana = App::left(&desktop, "Ana", &server.url);
    first_run(&ana);
    wait_for_server(&ana, "ready");
    server.kill();
    wait_for_server(&ana, "lost");
    ana.page().reload();
    wait_for_server(&ana, "lost");
    ana.page().wait_for("place-people");
    ana.picture("server-lost");
    server.restart();
    wait_for_server(&ana, "ready");
    ana.page().reload();
    wait_for_server(&ana, "ready");
}

#[test]
fn a_folder_is_shared_edits_flow_and_a_conflict_is_decided_and_undone_in_the_window() {
    let server = Server::start();
    let desktop = Desktop::start();
    let mut two = Pair::start(&desktop, &server.url);
    let anas = two.ana.path("Plans");
    let bens = two.ben.path("Plans of Ana");
    for folder in [&anas, &bens] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(anas.join("budget.md"), "# Budget\n").unwrap();

    two.ana.press("place-folders");
    two.ana.click("main button", "Share a folder");
    two.ana.press("choose-folder");
    two.ana.choose_in_dialog(&anas);
    two.ana.page().wait_for_text("/Plans");
    two.ana.click("[data-testid=share-sheet] label", "Ben");
    two.ana.picture("share-folder");
    two.ana.press("share");
    two.ana.page().wait_for("folder-detail");
    two.ben.press("accept-folder");
    two.ben.choose_in_dialog(&bens);
    wait_for_contents(&bens, &["# Budget\n"]);
    two.ben.page().wait_for_text("Up to date with Ana");
    two.ben.page().place_of("[role=row]", "budget.md");
    fs::write(bens.join("budget.md"), "# Budget\nHall\n").unwrap();
    wait_for_contents(&anas, &["# Budget\nHall\n"]);

    two.ben.kill();
    let [by_ana, by_ben] = [
        "# Budget\nHall 2,200\n",
        "# Budget\nHall 1,900\nPosters 210\n",
    ];
    fs::write(anas.join("budget.md"), by_ana).unwrap();
    fs::write(bens.join("budget.md"), by_ben).unwrap();
    two.ben.open(&[]);
    two.ana.page().wait_for_text("1 conflict needs you");
    two.ana.press("part-conflicts");
    two.ana
        .page()
        .place_of("[data-testid=conflict] .own", "Hall 2,200");
    two.ana
        .page()
        .place_of("[data-testid=conflict] .own", "Posters 210");
    two.ana.picture("conflict");
    two.ana.click("[data-testid=conflict] button", "Keep Ben");
    for folder in [&anas, &bens] {
        wait_for_contents(folder, &[by_ben]);
    }
    two.ana.page().wait_for_text("Decided: budget.md");
    two.ana.press("undo-decision");
    for folder in [&anas, &bens] {
        wait_for_contents(folder, &[by_ana, by_ben]);
    }
}

/// Waits until a shared folder holds files of this content, and besides them the list of what is not shared.
fn wait_for_contents(folder: &Path, wanted: &[&str]) {
    let wanted: BTreeSet<String> = wanted.iter().copied().map(str::to_owned).collect();
    wait_for(&format!("{wanted:?} in {}", folder.display()), || {
        let files = fs::read_dir(folder).ok()?.flatten();
        let files = files.filter(|it| it.path().is_file() && it.file_name() != ".wherryignore");
        let found: Option<Vec<String>> =
            files.map(|it| fs::read_to_string(it.path()).ok()).collect();
        let found = found?;
        let is_all = found.len() == wanted.len();
        (is_all && found.into_iter().collect::<BTreeSet<_>>() == wanted).then_some(())
    });
}

#[test]
fn the_window_changes_nothing_that_a_policy_holds_and_says_who_set_it() {
    let policy: String = HELD
        .map(|(key, value, _)| format!("{key} = \"{value}\"\n"))
        .concat();
    let desktop = Desktop::start();
    let ana = App::under(&desktop, "Ana", "ws://127.0.0.1:9", &policy);
    ana.page().wait_for("place-people");
    let ask = |command: Value| {
        let begin = "window.told = null; window.__TAURI_INTERNALS__.invoke('ask', { command: arguments[0] }) \
            .then((reply) => { window.told = { reply } }, (refused) => { window.told = { refused } })";
        ana.page().try_run(begin, &[command]).expect("it is asked");
        wait_for("an answer", || {
            let told = ana.page().try_run("return window.told", &[]).ok()?;
            (!told.is_null()).then_some(told)
        })
    };
    let listed = || ask(json!({ "command": "setting", "action": "list" }))["reply"].clone();
    let before = listed();
    let rows = before["settings"].as_array().expect("rows");
    let locked = rows.iter().filter(|row| row["locked"] == true).count();
    assert_eq!(
        (locked, rows.len()),
        (HELD.len(), HELD.len() + 1),
        "all but the name: {rows:?}"
    );
    for (key, _, other) in HELD {
        for value in [json!(other), Value::Null] {
            let command =
                json!({ "command": "setting", "action": "change", "key": key, "value": value });
            let answer = ask(command);
            assert_eq!(answer["refused"]["code"], "usage", "{key}: {answer}");
        }
    }
    assert_eq!(listed(), before);
    ana.press("place-settings");
    ana.page().wait_for_text("Set by your organisation");
    ana.picture("policy");
}

/// Every setting that a policy can hold, what it says, and what somebody would rather have.
const HELD: [(&str, &str, &str); 21] = [
    ("server-url", "wss://127.0.0.1:9", "ws://127.0.0.1:9"),
    ("stun-servers", "none", "automatic"),
    ("host-here", "off", "on"),
    ("relay", "only", "never"),
    ("relay-budget-bytes", "1G", "2G"),
    ("lan-visibility", "nobody", "contacts"),
    ("lan-interfaces", "automatic", "all"),
    ("rendering", "auto", "safe"),
    ("updates", "never", "look"),
    ("proxy", "none", "automatic"),
    ("destination-folder", "/tmp/wherry-held", "/tmp/elsewhere"),
    ("automatic-acceptance", "never", "allowed"),
    ("history-days", "7", "90"),
    ("existing-names", "keep-both", "replace"),
    ("impossible-names", "leave-out", "rename"),
    ("name-rules", "windows", "system"),
    ("after-receive-command", "none", "/bin/true"),
    ("disk-reserve-bytes", "0", "1024"),
    ("active-transfers", "2", "64"),
    ("send-rate", "1M", "none"),
    ("receive-rate", "1M", "none"),
];

fn wait_for_server(app: &App<'_>, wanted: &str) {
    wait_for(&format!("the server as {wanted}"), || {
        let script = "return document.querySelector('[data-testid=status]')?.dataset.server";
        let state = app.page().try_run(script, &[]).ok()?;
        (state == wanted).then_some(())
    });
}
