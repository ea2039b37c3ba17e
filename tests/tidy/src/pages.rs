//! The pages: every wire protocol has one that knows all its messages, and every link leads somewhere.

use crate::outline::Type;
use crate::{File, Tree, Violation};

/// Finds protocol crates without a page, and wire messages that none of their pages names.
///
/// A wire message is a variant of an enum that derives `Serialize` in a protocol crate and is called
/// `…Message`, `…Frame`, `Sealed`, or by its direction (`ClientToServer`, `ToSender`, …). A page names it in
/// backticks.
pub fn protocols(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (folder, pages) in PROTOCOL_PAGES
        .iter()
        .filter(|(folder, _)| tree.contains(folder))
    {
        let mut told = Vec::new();
        for path in *pages {
            match tree.file(path) {
                Some(page) => told.push(page),
                None => {
                    let advice = format!("{folder} speaks a protocol: describe it here");
                    violations.push(Violation::at(path, 0, advice));
                }
            }
        }
        if !told.is_empty() {
            check_messages(tree, folder, &told, &mut violations);
        }
    }
    violations
}

/// Finds links in Markdown files that lead to no file or heading of the tree.
pub fn links(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for page in tree.with_extension("md") {
        for (line, target) in links_of(page) {
            if !leads_somewhere(tree, page, target) {
                violations.push(Violation::at(
                    &page.path,
                    line,
                    format!("the link `{target}` leads nowhere"),
                ));
            }
        }
    }
    violations
}

fn check_messages(tree: &Tree, folder: &str, pages: &[&File], violations: &mut Vec<Violation>) {
    let is_ours = |file: &&File| file.path.starts_with(folder) && !file.is_test();
    for file in tree.with_extension("rs").filter(is_ours) {
        let Ok(outline) = file.outline() else {
            continue; // The budgets report it.
        };
        for message in outline.types.iter().filter(|kind| is_wire_enum(kind)) {
            for variant in &message.variants {
                if !pages.iter().any(|page| names(page, &variant.name)) {
                    let advice = format!(
                        "`{}::{}` is on no page of its protocol: {}",
                        message.name,
                        variant.name,
                        paths(pages)
                    );
                    violations.push(Violation::at(&file.path, variant.line, advice));
                }
            }
        }
    }
}

fn is_wire_enum(kind: &Type) -> bool {
    let is_named_so = WIRE_ENDINGS
        .iter()
        .any(|ending| kind.name.ends_with(ending));
    kind.is_serialized && is_named_so && !kind.variants.is_empty()
}

/// Whether `page` has the word `name` between backticks.
fn names(page: &File, name: &str) -> bool {
    let codes = page.text.split('`').skip(1).step_by(2);
    codes
        .flat_map(|code| code.split(|it: char| !it.is_alphanumeric()))
        .any(|word| word == name)
}

fn paths(pages: &[&File]) -> String {
    let paths: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    paths.join(", ")
}

/// The targets of `[text](target)` outside code, with their lines.
fn links_of(page: &File) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut in_fence = false;
    for (number, line) in page.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        } else if !in_fence {
            // Odd pieces between backticks are code.
            for text in line.split('`').step_by(2) {
                let tails = text.split("](").skip(1);
                links.extend(tails.filter_map(|tail| Some((number, tail.split_once(')')?.0))));
            }
        }
    }
    links
}

fn leads_somewhere(tree: &Tree, page: &File, target: &str) -> bool {
    if FOREIGN.iter().any(|scheme| target.starts_with(scheme)) {
        return true;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() {
        page.path.clone()
    } else {
        beside(&page.path, path)
    };
    match tree.file(&path) {
        Some(file) => heading.is_empty() || has_heading(file, heading),
        None => heading.is_empty() && tree.contains(&path),
    }
}

/// The path that `relative` means on the page at `page`.
fn beside(page: &str, relative: &str) -> String {
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    for part in relative.split('/') {
        match part {
            ".." => drop(folders.pop()),
            "." | "" => {}
            name => folders.push(name),
        }
    }
    folders.join("/")
}

fn has_heading(page: &File, slug: &str) -> bool {
    let headings = page.text.lines().filter(|line| line.starts_with('#'));
    headings.map(slug_of).any(|it| it == slug)
}

/// A heading as the anchor that forges make of it.
fn slug_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

const PROTOCOL_PAGES: [(&str, &[&str]); 7] = [
    ("crates/proto/pairing-proto/", &["docs/protocol/pairing.md"]),
    (
        "crates/proto/signaling-proto/",
        &["docs/protocol/signaling.md", "docs/protocol/envelopes.md"],
    ),
    ("crates/proto/session-proto/", &["docs/protocol/session.md"]),
    (
        "crates/proto/transfer-proto/",
        &["docs/protocol/transfer.md"],
    ),
    ("crates/proto/sync-proto/", &["docs/protocol/folders.md"]),
    (
        "crates/proto/sctp-proto/",
        &["docs/protocol/data-channels.md"],
    ),
    ("crates/proto/turn-proto/", &["docs/protocol/turn.md"]),
];
const WIRE_ENDINGS: [&str; 7] = [
    "Message",
    "Frame",
    "Sealed",
    "ToServer",
    "ToClient",
    "ToSender",
    "ToReceiver",
];
const FOREIGN: [&str; 3] = ["https://", "http://", "mailto:"];

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str =
        "#[derive(Serialize)] pub enum TransferMessage { Offer { size: u64 }, Accept }";

    fn transfer(page: &str) -> usize {
        protocols(&Tree::of(&[
            ("crates/proto/transfer-proto/src/message.rs", CODE),
            ("docs/protocol/transfer.md", page),
        ]))
        .len()
    }

    #[test]
    fn a_message_that_its_page_does_not_name_is_found() {
        assert_eq!(transfer("`Offer { size }` is answered by `Accept`."), 0);
        assert_eq!(transfer("`Offer { size }` is answered by Accept."), 1);
        assert_eq!(transfer("`Offers` and `Accepted`"), 2);
    }

    #[test]
    fn a_protocol_without_a_page_is_found() {
        let tree = Tree::of(&[("crates/proto/transfer-proto/src/message.rs", CODE)]);
        assert_eq!(protocols(&tree).len(), 1);
    }

    #[test]
    fn links_lead_to_files_folders_and_headings() {
        let broken = |text: &str| {
            links(&Tree::of(&[
                ("docs/decisions/0001-a.md", text),
                ("docs/privacy.md", "# What it sees\n"),
                ("README.md", ""),
            ]))
            .len()
        };
        assert_eq!(
            broken("[a](../privacy.md) [b](../../README.md) [c](..) [d](https://example.org)"),
            0
        );
        assert_eq!(broken("[a](../privacy.md#what-it-sees)"), 0);
        assert_eq!(
            broken("[a](../privacy.md#what-it-hears) [b](privacy.md)"),
            2
        );
        assert_eq!(broken("`[a](nowhere.md)`\n```\n[b](nowhere.md)\n```\n"), 0);
    }
}
