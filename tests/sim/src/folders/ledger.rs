//! Everything that anybody ever wrote, and what became of it by people's own will.

use std::collections::{BTreeMap, BTreeSet};

use model::Digest;
use sync_proto::Recipe;
use testkit::Seed;

/// Something that was written: its place in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content(usize);

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    written: Vec<(Vec<u8>, Recipe, Digest)>,
    by_digest: BTreeMap<Digest, Content>,
    /// What somebody who saw it replaced or deleted.
    given_up: BTreeSet<Content>,
}

impl Ledger {
    /// Writes something new; sometimes long, and then like `old` for the most part.
    pub(crate) fn write(&mut self, old: Option<Content>, seed: &mut Seed) -> Content {
        let number = self.written.len() as u64;
        let mut bytes = number.to_le_bytes().to_vec();
        if seed.chance(6) {
            bytes = match old.map(|old| self.bytes(old)) {
                Some(old) if old.len() > LONG => old.to_vec(),
                Some(_) | None => testkit::content(number, LONG + seed.below(2 * LONG)),
            };
            let place = seed.below(bytes.len() - 8);
            bytes[place..place + 8].copy_from_slice(&number.to_le_bytes());
        }
        let recipe = Recipe::of(&bytes);
        let digest = recipe.digest();
        let content = Content(self.written.len());
        self.written.push((bytes, recipe, digest));
        self.by_digest.insert(digest, content);
        content
    }

    pub(crate) fn bytes(&self, content: Content) -> &[u8] {
        &self.written[content.0].0
    }

    pub(crate) fn recipe(&self, content: Content) -> &Recipe {
        &self.written[content.0].1
    }

    pub(crate) fn digest(&self, content: Content) -> Digest {
        self.written[content.0].2
    }

    pub(crate) fn named(&self, digest: &Digest) -> Option<Content> {
        self.by_digest.get(digest).copied()
    }

    /// A person replaced or deleted it, who saw it.
    pub(crate) fn give_up(&mut self, content: Content) {
        self.given_up.insert(content);
    }

    /// What must be there in the end.
    pub(crate) fn owed(&self) -> impl Iterator<Item = Content> + '_ {
        let all = (0..self.written.len()).map(Content);
        all.filter(|content| !self.given_up.contains(content))
    }
}

/// More than one chunk.
const LONG: usize = 40_000;
