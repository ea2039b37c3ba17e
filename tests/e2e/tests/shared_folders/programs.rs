//! What programs do to many files at once: a repository that changes its branch, a package manager that installs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::team::Team;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]);
    command.args(["-c", "gc.auto=0", "-c", "init.defaultBranch=main"]);
    command.args(["-c", "safe.directory=*"]).args(arguments);
    let output = command.current_dir(folder).output().expect("git starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes what a branch holds and commits it.
fn commit(folder: &Path, branch: &str, files: usize) {
    for number in 0..files {
        let path = folder.join(format!("src/{}/file {number}.rs", number % 7));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, format!("// {branch} {number}\n")).expect("a file");
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", branch]);
}

#[test]
fn a_repository_that_changes_its_branch_is_whole_on_the_other_device() {
    let team = Team::of(&["ana", "ben"]);
    let repository = team.mates[0].path("project");
    fs::create_dir(&repository).expect("a folder");
    git(&repository, &["init", "--quiet"]);
    commit(&repository, "main", 60);
    git(&repository, &["checkout", "--quiet", "-b", "feature"]);
    fs::remove_dir_all(repository.join("src/3")).expect("it is there");
    commit(&repository, "feature", 45);
    for _ in 0..3 {
        git(&repository, &["checkout", "--quiet", "main"]);
        git(&repository, &["checkout", "--quiet", "feature"]);
    }
    team.settle();
    let copy = team.mates[1].path("project");
    git(&copy, &["fsck", "--strict"]);
    assert_eq!(git(&copy, &["status", "--porcelain"]), "");
    // Work goes on over there.
    git(&copy, &["checkout", "--quiet", "main"]);
    commit(&copy, "by ben", 5);
    team.settle();
    git(&repository, &["fsck", "--strict"]);
    assert_eq!(git(&repository, &["status", "--porcelain"]), "");
    assert_eq!(git(&repository, &["log", "--format=%s", "-1"]), "by ben\n");
}

/// Packages are unpacked under a name of their own, renamed into place, linked to, and sometimes taken away again.
#[test]
fn what_a_package_manager_installs_is_there_on_the_other_device() {
    let team = Team::of(&["ana", "ben"]);
    let modules = team.mates[0].path("app/node_modules");
    for package in 0..25 {
        let fresh = modules.join(format!(".package-{package}-xyz"));
        for file in 0..12 {
            let path = fresh.join(format!("lib/{}/index{file}.js", file % 3));
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, format!("module.exports = {package} + {file};\n")).expect("a file");
        }
        fs::write(
            fresh.join("package.json"),
            format!("{{\"name\":\"{package}\"}}"),
        )
        .expect("a file");
        fs::rename(&fresh, modules.join(format!("package-{package}"))).expect("it moves");
    }
    for package in 0..3 {
        fs::remove_dir_all(modules.join(format!("package-{package}"))).expect("it is there");
    }
    team.settle();
    let installed = team.mates[1].path("app/node_modules");
    let packages = e2e::visible_names(&installed);
    assert_eq!(packages.len(), 22, "{packages:?}");
}
