//! Who may import whom, and which door to the outside belongs to whom.

use crate::{Dependency, DependencyKind, Metadata, Package, Tree, Violation};

/// Finds members that depend on a member they may not know.
pub fn layering(metadata: &Metadata) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in metadata.members().filter(|it| !is_tool(metadata, it)) {
        let manifest = format!("{}/Cargo.toml", metadata.folder(package));
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == package.name) else {
            let advice = format!(
                "`{}` has no place in the house: give it a row in ROOMS",
                package.name
            );
            violations.push(Violation::at(&manifest, 0, advice));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(ours) = metadata.member(&dependency.name) else {
                continue;
            };
            if !may_import(metadata, package, dependency, ours, allowed) {
                let (name, other) = (&package.name, &dependency.name);
                let advice = format!(
                    "`{name}` may not know `{other}`; it may know: {}",
                    allowed.join(", ")
                );
                violations.push(Violation::at(&manifest, 0, advice));
            }
        }
    }
    violations
}

/// Finds members that use a library which belongs to one other room.
pub fn doors(metadata: &Metadata) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in metadata.members() {
        let folder = metadata.folder(package);
        for dependency in &package.dependencies {
            if let Some(why) = forbidden_library(package, folder, dependency) {
                let advice = format!(
                    "`{}` may not use `{}`: {why}",
                    package.name, dependency.name
                );
                violations.push(Violation::at(&format!("{folder}/Cargo.toml"), 0, advice));
            }
        }
    }
    violations
}

/// Finds code outside tests that touches files although its room has no key to the disk.
pub fn files(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("rs") {
        let has_key = FILE_ROOMS.iter().any(|room| file.path.starts_with(room));
        let Ok(outline) = file.outline() else {
            continue; // The budgets report it.
        };
        for spot in outline.file_access.iter().filter(|_| !has_key) {
            let advice = format!(
                "`{}`: only `vfs`, `store` and `logging` touch files; ask one of them",
                spot.name
            );
            violations.push(Violation::at(&file.path, spot.line, advice));
        }
    }
    violations
}

fn may_import(
    metadata: &Metadata,
    package: &Package,
    dependency: &Dependency,
    ours: &Package,
    allowed: &[&str],
) -> bool {
    if allowed.contains(&dependency.name.as_str()) {
        return true;
    }
    // Tests may set up more than the code knows, but the quiet room's tests are quiet as well.
    let is_for_tests = dependency.kind == DependencyKind::Dev;
    is_for_tests && (is_tool(metadata, ours) || !is_quiet(metadata.folder(package)))
}

fn forbidden_library(package: &Package, folder: &str, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let is_for_tests = dependency.kind == DependencyKind::Dev || folder.starts_with("tests/");
    if is_quiet(folder) && LOUD_LIBRARIES.contains(&name) && !is_for_tests {
        return Some("the quiet room does not wait, draw, or touch disk and network".to_owned());
    }
    let (_, owners) = DOORS
        .iter()
        .find(|(library, _)| name == *library || name.starts_with(&format!("{library}-")))?;
    let is_owner = owners.contains(&package.name.as_str());
    (!is_owner).then(|| format!("it belongs to {}", owners.join(" and ")))
}

fn is_quiet(folder: &str) -> bool {
    folder.starts_with("crates/proto/")
}

fn is_tool(metadata: &Metadata, package: &Package) -> bool {
    metadata.folder(package).starts_with("tests/")
}

/// Every room and whom of ours it may import. Members below `tests/` may import anybody.
const ROOMS: [(&str, &[&str]); 20] = [
    ("model", &[]),
    ("hashing", &["model"]),
    ("pairing-proto", &["model"]),
    ("signaling-proto", &["model"]),
    ("session-proto", &["model"]),
    ("transfer-proto", &["model"]),
    ("sync-proto", &["model"]),
    ("sctp-proto", &["model"]),
    ("turn-proto", &["model"]),
    ("logging", &[]),
    ("api", &["model"]),
    ("lan", &["model"]),
    ("vfs", &["hashing", "model"]),
    ("store", &["model"]),
    ("peer", &["model", "sctp-proto", "turn-proto"]),
    (
        "engine",
        &[
            "api",
            "hashing",
            "lan",
            "model",
            "pairing-proto",
            "peer",
            "sctp-proto",
            "session-proto",
            "signaling",
            "signaling-proto",
            "store",
            "sync-proto",
            "transfer-proto",
            "turn",
            "turn-proto",
            "vfs",
        ],
    ),
    ("cli", &["api", "engine", "logging", "model"]),
    ("desktop", &["api", "engine", "logging", "model"]),
    (
        "signaling",
        &["logging", "model", "signaling-proto", "turn", "turn-proto"],
    ),
    ("turn", &["logging", "model", "turn-proto"]),
];

/// Libraries (and those whose names they begin) that belong to named rooms.
const DOORS: [(&str, &[&str]); 8] = [
    ("webrtc", &["peer"]),
    ("rtc", &["peer"]),
    ("rusqlite", &["store"]),
    ("keyring", &["store"]),
    ("cap-std", &["vfs"]),
    ("notify-rust", &["desktop"]),
    ("notify", &["vfs"]),
    ("mdns-sd", &["lan"]),
];

const LOUD_LIBRARIES: [&str; 10] = [
    "async-io",
    "async-std",
    "getrandom",
    "mio",
    "parking_lot",
    "rand",
    "rustix",
    "smol",
    "socket2",
    "tokio",
];

const FILE_ROOMS: [&str; 5] = [
    "crates/logging/",
    "crates/store/",
    "crates/vfs/",
    // The servers' configuration, certificates and secrets.
    "signaling/src/disk.rs",
    "turn/src/disk.rs",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DependencyKind::{Dev, Normal};

    fn house(extra: Package) -> Metadata {
        Metadata::of(&[
            Package::stub("model", "crates/proto/model", &[]),
            Package::stub(
                "pairing-proto",
                "crates/proto/pairing-proto",
                &[("model", Normal)],
            ),
            Package::stub("engine", "crates/engine", &[("pairing-proto", Normal)]),
            Package::stub("testkit", "tests/testkit", &[("engine", Normal)]),
            extra,
        ])
    }

    #[test]
    fn a_room_that_knows_too_much_is_found() {
        let session = Package::stub(
            "session-proto",
            "crates/proto/session-proto",
            &[("pairing-proto", Normal)],
        );
        assert_eq!(layering(&house(session)).len(), 1);
        let quiet = Package::stub(
            "session-proto",
            "crates/proto/session-proto",
            &[("pairing-proto", Dev)],
        );
        assert_eq!(layering(&house(quiet)).len(), 1);
        let kit = Package::stub(
            "session-proto",
            "crates/proto/session-proto",
            &[("testkit", Dev)],
        );
        assert_eq!(layering(&house(kit)), []);
        let vfs = Package::stub("vfs", "crates/vfs", &[("testkit", Normal)]);
        assert_eq!(layering(&house(vfs)).len(), 1);
    }

    #[test]
    fn a_crate_without_a_room_is_found() {
        let stranger = Package::stub("shed", "crates/shed", &[]);
        assert_eq!(layering(&house(stranger)).len(), 1);
    }

    #[test]
    fn a_library_behind_another_rooms_door_is_found() {
        let engine = |library| Package::stub("cli", "crates/cli", &[(library, Normal)]);
        for library in ["webrtc", "rtc-ice", "rusqlite"] {
            assert_eq!(doors(&house(engine(library))).len(), 1, "{library}");
        }
        assert_eq!(doors(&house(engine("clap"))), []);
        let loud = Package::stub(
            "sync-proto",
            "crates/proto/sync-proto",
            &[("tokio", Normal)],
        );
        assert_eq!(doors(&house(loud)).len(), 1);
    }

    #[test]
    fn a_room_without_a_key_to_the_disk_is_found() {
        let tree = Tree::of(&[
            (
                "crates/engine/src/lib.rs",
                "fn f() { std::fs::read(\"x\"); }",
            ),
            ("crates/vfs/src/lib.rs", "use std::fs;"),
            ("crates/engine/tests/a.rs", "use std::fs;"),
        ]);
        assert_eq!(files(&tree).len(), 1);
    }
}
