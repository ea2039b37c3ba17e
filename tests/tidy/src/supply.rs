//! What we stand on: licences, banned crates, sources and unused dependencies.
//!
//! The lists live in `deny.toml`, which cargo-deny reads too; it adds what needs the network (advisories).

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{Metadata, Package, Tree, Violation};

/// The part of `deny.toml` that is checked here.
#[derive(Debug, Deserialize)]
pub struct Policy {
    licenses: Licences,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<LicenceException>,
}

/// What one crate may be under, and no other.
#[derive(Debug, Deserialize)]
struct LicenceException {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    name: String,
    reason: String,
}

impl Policy {
    /// Reads the text of `deny.toml`.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// Finds crates whose licence is not allowed, that are banned, or that come from elsewhere than crates.io.
pub fn check(metadata: &Metadata, policy: &Policy) -> Vec<Violation> {
    let foreign = metadata
        .packages
        .iter()
        .filter_map(|it| Some((it, it.source.as_deref()?)));
    foreign
        .flat_map(|(package, source)| faults(package, source, policy))
        .map(|advice| Violation::at("Cargo.lock", 0, advice))
        .collect()
}

/// Finds dependencies that no source file of their crate names.
pub fn unused(metadata: &Metadata, tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in metadata.members() {
        let folder = metadata.folder(package);
        let words = words_of(tree, folder);
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            if !words.contains(name.replace('-', "_").as_str()) {
                let advice = format!(
                    "`{name}` is named by no source file of `{}`: remove it",
                    package.name
                );
                violations.push(Violation::at(&format!("{folder}/Cargo.toml"), 0, advice));
            }
        }
    }
    violations
}

fn faults(package: &Package, source: &str, policy: &Policy) -> Vec<String> {
    let mut faults = Vec::new();
    let (name, version) = (&package.name, &package.version);
    let licence = package.license.as_deref().unwrap_or("nothing");
    let exceptions = policy.licenses.exceptions.iter();
    let mut exceptions = exceptions.filter(|it| it.name == *name);
    let is_excepted = exceptions.any(|it| crate::spdx::permits(licence, &it.allow));
    if !is_excepted && !crate::spdx::permits(licence, &policy.licenses.allow) {
        faults.push(format!(
            "`{name}` {version} is under {licence}, which deny.toml does not allow"
        ));
    }
    if let Some(ban) = policy.bans.deny.iter().find(|ban| ban.name == *name) {
        faults.push(format!("`{name}` {version} is banned: {}", ban.reason));
    }
    if source != CRATES_IO {
        faults.push(format!(
            "`{name}` {version} comes from {source}, not from crates.io"
        ));
    }
    faults
}

/// Every word outside comments in the Rust files of one crate.
fn words_of<'a>(tree: &'a Tree, folder: &str) -> BTreeSet<&'a str> {
    let prefix = format!("{folder}/");
    tree.with_extension("rs")
        .filter(|file| file.path.starts_with(&prefix))
        .flat_map(|file| file.text.lines())
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split(|it: char| !it.is_alphanumeric() && it != '_'))
        .collect()
}

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DependencyKind::Normal;

    fn policy() -> Policy {
        Policy::parse(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"roots\", allow = [\"CDLA-Permissive-2.0\"] }]\n[bans]\ndeny = [{ name = \"openssl-sys\", reason = \"one TLS\" }]\n",
        )
        .unwrap()
    }

    fn foreign(name: &str, licence: &str, source: &str) -> Metadata {
        let mut package = Package::stub(name, "elsewhere", &[]);
        package.license = Some(licence.to_owned());
        package.source = Some(source.to_owned());
        Metadata::of(&[package])
    }

    #[test]
    fn licences_bans_and_sources_are_checked() {
        assert_eq!(check(&foreign("a", "MIT", CRATES_IO), &policy()), []);
        let cdla = "CDLA-Permissive-2.0";
        assert_eq!(check(&foreign("roots", cdla, CRATES_IO), &policy()), []);
        for (name, licence) in [("a", cdla), ("roots", "GPL-3.0-only")] {
            let found = check(&foreign(name, licence, CRATES_IO), &policy());
            assert_eq!(found.len(), 1, "{name}");
        }
        assert_eq!(
            check(&foreign("openssl-sys", "MIT", CRATES_IO), &policy()).len(),
            1
        );
        assert_eq!(
            check(&foreign("a", "MIT", "git+https://example.org/a"), &policy()).len(),
            1
        );
    }

    #[test]
    fn a_dependency_that_only_a_comment_names_is_unused() {
        let package = Package::stub("a", "crates/a", &[("used-one", Normal), ("spare", Normal)]);
        let tree = Tree::of(&[("crates/a/src/lib.rs", "// spare\nuse used_one::Thing;\n")]);
        let found = unused(&Metadata::of(&[package]), &tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].advice.contains("`spare`"));
    }
}
