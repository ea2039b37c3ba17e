//! The rules of the house, held against this tree.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tidy::{
    Metadata, Tree, budgets, habits, hold, limits, makefile, names, pages, rooms, supply, traces,
};

static TREE: LazyLock<Tree> =
    LazyLock::new(|| Tree::load(&root()).expect("the project can be read"));
static METADATA: LazyLock<Metadata> =
    LazyLock::new(|| Metadata::load(&root()).expect("cargo knows the workspace"));

#[test]
fn every_room_knows_only_whom_it_may() {
    hold("who may import whom", &rooms::layering(&METADATA));
}

#[test]
fn every_door_to_the_outside_has_one_owner() {
    hold("one door, one owner", &rooms::doors(&METADATA));
    hold("who touches files", &rooms::files(&TREE));
}

#[test]
fn nothing_outgrows_its_budget() {
    hold("budgets", &budgets::check(&TREE));
}

#[test]
fn names_say_what_things_are() {
    hold("names", &names::check(&TREE));
    hold("names of crates", &names::crates(&METADATA));
    hold("tests are sentences", &names::tests(&TREE));
}

#[test]
fn nothing_unwraps_outside_tests() {
    hold("no unwrap", &habits::unwraps(&TREE));
}

#[test]
fn lint_exceptions_give_their_reasons() {
    hold("reasons", &habits::reasons(&TREE));
}

#[test]
fn unfinished_work_names_its_condition() {
    hold("conditions", &habits::conditions(&TREE));
}

#[test]
fn every_crate_introduces_itself() {
    hold("introductions", &habits::introductions(&METADATA, &TREE));
}

#[test]
fn the_tree_tells_nothing_of_the_machine_it_was_written_on() {
    hold("no machine paths", &traces::machine_paths(&TREE));
    hold("no registry hosts", &traces::registry_hosts(&TREE));
}

#[test]
fn every_wire_message_is_on_its_page() {
    hold("protocol pages", &pages::protocols(&TREE));
}

#[test]
fn every_link_leads_somewhere() {
    hold("links", &pages::links(&TREE));
}

#[test]
fn every_limit_is_told_and_tested() {
    hold("limits", &limits::check(&TREE));
}

#[test]
fn every_make_target_is_documented() {
    let file = |path| TREE.file(path).expect("the project has it");
    hold(
        "make targets",
        &makefile::check(file("Makefile"), file("CONTRIBUTING.md")),
    );
}

#[test]
fn what_we_stand_on_is_allowed_and_used() {
    let deny = TREE.file("deny.toml").expect("the project has it");
    let policy = supply::Policy::parse(&deny.text).expect("deny.toml is well-formed");
    hold(
        "licences, bans, sources",
        &supply::check(&METADATA, &policy),
    );
    hold("unused dependencies", &supply::unused(&METADATA, &TREE));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
