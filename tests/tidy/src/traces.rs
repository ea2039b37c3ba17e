//! What must not be found in the tree: paths of somebody's machine and hosts of package registries.

use crate::{File, Tree, Violation};

/// Finds absolute paths of the machine something was written on.
pub fn machine_paths(tree: &Tree) -> Vec<Violation> {
    let advice = "a path of one machine: make it relative";
    find(tree, &MACHINE_PATHS, stands_alone, advice)
}

/// Finds hosts of package registries; lock files name them lawfully.
pub fn registry_hosts(tree: &Tree) -> Vec<Violation> {
    let advice = "a package registry's host: leave it to the settings of whoever builds";
    find(
        tree,
        &REGISTRY_HOSTS,
        |line, host| line.contains(host),
        advice,
    )
}

fn find(
    tree: &Tree,
    needles: &[&str],
    is_in: impl Fn(&str, &str) -> bool,
    advice: &str,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.files().filter(|file| !is_lock(file)) {
        for (number, line) in file.lines() {
            if let Some(needle) = needles.iter().find(|needle| is_in(line, needle)) {
                violations.push(Violation::at(
                    &file.path,
                    number,
                    format!("`{needle}` is {advice}"),
                ));
            }
        }
    }
    violations
}

fn is_lock(file: &File) -> bool {
    LOCK_FILES.contains(&file.name())
}

/// Whether `path` occurs in `line` other than as the tail of a longer path.
fn stands_alone(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '.' | '_' | '-' | '/' | '~'))
    })
}

const LOCK_FILES: [&str; 3] = ["Cargo.lock", "package-lock.json", "pnpm-lock.yaml"];
// Written in two halves, so that this file does not find itself.
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
const REGISTRY_HOSTS: [&str; 8] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("registry.yarnpkg", ".com"),
    concat!("pypi", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("deb.debian", ".org"),
    concat!("proxy.golang", ".org"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_hosts_are_found_but_not_in_lock_files() {
        let text = concat!("see /ro", "ot/notes or https://deb.debian", ".org\n");
        let tree = Tree::of(&[("README.md", text), ("Cargo.lock", text)]);
        assert_eq!(machine_paths(&tree).len(), 1);
        assert_eq!(registry_hosts(&tree).len(), 1);
    }

    #[test]
    fn a_longer_path_that_ends_alike_is_nobodys_machine() {
        let tree = Tree::of(&[("README.md", concat!("docs/wo", "rk/plan and ~/wo", "rk/\n"))]);
        assert_eq!(machine_paths(&tree), []);
    }
}
