use std::env;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// What `cargo metadata` says about the workspace and everything it stands on.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// Every package of the dependency graph, for every platform.
    pub packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: String,
}

/// One package.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    /// Its name, with hyphens.
    pub name: String,
    /// Its version.
    pub version: String,
    /// cargo's own name for it.
    pub id: String,
    /// An SPDX expression.
    pub license: Option<String>,
    /// The registry or repository it comes from; ours have none.
    pub source: Option<String>,
    /// Its `Cargo.toml`.
    pub manifest_path: String,
    /// What its manifest names, whether a feature needs it or not.
    pub dependencies: Vec<Dependency>,
}

/// One dependency that a manifest names.
#[derive(Debug, Clone, Deserialize)]
pub struct Dependency {
    /// The package's name.
    pub name: String,
    /// The name it is given here, if another one.
    pub rename: Option<String>,
    /// When it is needed.
    #[serde(default)]
    pub kind: DependencyKind,
}

/// When a dependency is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<String>")]
pub enum DependencyKind {
    /// By the code itself.
    #[default]
    Normal,
    /// By its tests.
    Dev,
    /// By its build script.
    Build,
}

impl From<Option<String>> for DependencyKind {
    fn from(kind: Option<String>) -> Self {
        match kind.as_deref() {
            Some("dev") => Self::Dev,
            Some("build") => Self::Build,
            Some(_) | None => Self::Normal,
        }
    }
}

/// Why the metadata is not known.
#[derive(Debug)]
pub enum MetadataError {
    /// cargo could not be started or ended badly; its own words.
    Cargo(String),
    /// cargo said something else than we understand.
    Format(serde_json::Error),
}

impl Metadata {
    /// Asks cargo about the workspace at `root`.
    pub fn load(root: &Path) -> Result<Self, MetadataError> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--all-features"])
            .current_dir(root)
            .output()
            .map_err(|error| MetadataError::Cargo(error.to_string()))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(MetadataError::Cargo(words));
        }
        serde_json::from_slice(&output.stdout).map_err(MetadataError::Format)
    }

    /// The packages of the workspace.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The member called `name`.
    pub fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name == name)
    }

    /// The folder of a member, relative to the root, with forward slashes.
    pub fn folder<'a>(&self, package: &'a Package) -> &'a str {
        package
            .manifest_path
            .strip_prefix(&self.workspace_root)
            .unwrap_or(&package.manifest_path)
            .trim_start_matches(['/', '\\'])
            .trim_end_matches("Cargo.toml")
            .trim_end_matches(['/', '\\'])
    }

    #[cfg(test)]
    pub(crate) fn of(members: &[Package]) -> Self {
        Self {
            packages: members.to_vec(),
            workspace_members: members.iter().map(|package| package.id.clone()).collect(),
            workspace_root: "/house".to_owned(),
        }
    }
}

impl Package {
    #[cfg(test)]
    pub(crate) fn stub(name: &str, folder: &str, dependencies: &[(&str, DependencyKind)]) -> Self {
        let dependency = |&(name, kind): &(&str, DependencyKind)| Dependency {
            name: name.to_owned(),
            rename: None,
            kind,
        };
        Self {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            id: name.to_owned(),
            license: Some("MIT".to_owned()),
            source: None,
            manifest_path: format!("/house/{folder}/Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }
}
