//! Reads from `docs/network.md` what is to happen between any two kinds of network.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

/// What the table says about one pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Over IPv4, with nobody in between.
    Direct,
    /// Over IPv6, with nobody in between.
    DirectV6,
    /// Through a relay.
    Relay,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Kinds {
    names: Vec<String>,
    cells: Vec<Vec<String>>,
    sources: BTreeMap<String, String>,
}

impl Kinds {
    /// Reads the table of this project.
    pub fn load() -> Result<Self> {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/network.md");
        Self::read(&fs::read_to_string(page)?)
    }

    /// Reads a page: the first table whose first heading is empty, and the one that begins with `Cell`.
    pub fn read(page: &str) -> Result<Self> {
        let tables = tables(page);
        let table = |first: &str| {
            let found = tables.iter().find(|table| table[0][0] == first);
            found.with_context(|| format!("a table whose first heading is `{first}`"))
        };
        let matrix = table("")?;
        let names = matrix[0][1..].to_vec();
        let rows = &matrix[1..];
        ensure!(rows.len() == names.len(), "as many rows as columns");
        for (row, name) in rows.iter().zip(&names) {
            ensure!(
                row.len() == names.len() + 1,
                "the row {name} has a cell for every column"
            );
            ensure!(row[0] == *name, "rows and columns in one order: {name}");
        }
        let sources = table("Cell")?[1..].iter();
        let sources = sources.map(|row| {
            (
                row[0].trim_matches('`').to_owned(),
                row.last().cloned().unwrap_or_default(),
            )
        });
        Ok(Self {
            cells: rows.iter().map(|row| row[1..].to_vec()).collect(),
            sources: sources.collect(),
            names,
        })
    }

    /// The kinds, in the order of the page.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What is to happen between two kinds.
    pub fn between(&self, a: &str, b: &str) -> Result<Expected> {
        match self.cell(a, b)? {
            "direct" => Ok(Expected::Direct),
            "direct6" => Ok(Expected::DirectV6),
            cell if self.sources.contains_key(cell) => Ok(Expected::Relay),
            cell => bail!("`{cell}` is explained nowhere"),
        }
    }

    /// Where it is written why two kinds cannot reach each other directly.
    pub fn source(&self, a: &str, b: &str) -> Option<&str> {
        self.sources.get(self.cell(a, b).ok()?).map(String::as_str)
    }

    fn cell(&self, a: &str, b: &str) -> Result<&str> {
        let index = |name: &str| {
            let found = self.names.iter().position(|it| it == name);
            found.with_context(|| format!("no such kind: {name}"))
        };
        Ok(&self.cells[index(a)?][index(b)?])
    }
}

/// The cells of every table of a Markdown page, without the line below the headings.
fn tables(page: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables = Vec::new();
    let mut lines = page.lines().peekable();
    while lines.peek().is_some() {
        let table: Vec<Vec<String>> =
            std::iter::from_fn(|| lines.next_if(|line| line.starts_with('|')))
                .filter(|line| !line.starts_with("|---"))
                .map(cells)
                .collect();
        if table.is_empty() {
            lines.next();
        } else {
            tables.push(table);
        }
    }
    tables
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Kind;

    #[test]
    fn the_table_holds_every_pair_of_at_least_ten_kinds_both_ways() {
        let kinds = Kinds::load().unwrap();
        assert!(kinds.names().len() >= 10);
        for a in kinds.names() {
            assert!(a.parse::<Kind>().is_ok(), "{a} can be built");
            for b in kinds.names() {
                assert_eq!(
                    kinds.between(a, b).unwrap(),
                    kinds.between(b, a).unwrap(),
                    "{a} {b}"
                );
            }
        }
    }

    #[test]
    fn every_cell_that_is_not_direct_has_an_rfc() {
        let kinds = Kinds::load().unwrap();
        let mut relayed = 0;
        for a in kinds.names() {
            for b in kinds.names() {
                if kinds.between(a, b).unwrap() == Expected::Relay {
                    relayed += 1;
                    assert!(kinds.source(a, b).unwrap().contains("RFC "), "{a} {b}");
                }
            }
        }
        assert!(relayed > 0);
    }

    #[test]
    fn a_cell_that_nobody_explains_is_refused() {
        let page = "| | x |\n|---|---|\n| x | relay-moon |\n\n| Cell | Source |\n|---|---|\n| `relay-tls` | RFC 1 |\n";
        let kinds = Kinds::read(page).unwrap();
        assert!(kinds.between("x", "x").is_err());
    }
}
