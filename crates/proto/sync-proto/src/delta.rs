//! A file's chunks, told as the difference to another file's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Chunk, Recipe};

/// A part of a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Chunks of the base, as they are there.
    Kept {
        /// The place of the first in the base.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A chunk that the base does not have.
    New(Chunk),
}

/// Tells `recipe` by what is different from `base`.
pub fn difference(base: &Recipe, recipe: &Recipe) -> Vec<Piece> {
    let mut places = BTreeMap::new();
    for (place, chunk) in (0u32..).zip(base.chunks()) {
        places.entry(chunk).or_insert(place);
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for chunk in recipe.chunks() {
        if let Some(Piece::Kept { first, count }) = pieces.last_mut() {
            let next = *first as usize + *count as usize;
            if base.chunks().get(next) == Some(chunk) {
                *count += 1;
                continue;
            }
        }
        pieces.push(match places.get(chunk) {
            Some(&first) => Piece::Kept { first, count: 1 },
            None => Piece::New(*chunk),
        });
    }
    pieces
}

/// The chunks that `pieces` tell, or `None` if they name chunks that `base` does not have, or more than `most`.
pub fn assemble(base: &Recipe, pieces: &[Piece], most: usize) -> Option<Vec<Chunk>> {
    let mut chunks = Vec::new();
    for piece in pieces {
        match *piece {
            Piece::New(chunk) => chunks.push(chunk),
            Piece::Kept { first, count } => {
                let end = first.checked_add(count)? as usize;
                chunks.extend_from_slice(base.chunks().get(first as usize..end)?);
            }
        }
        if chunks.len() > most {
            return None;
        }
    }
    Some(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::limits::RECIPE_CHUNKS;
    use proptest::prelude::*;

    fn recipe(seeds: &[u8]) -> Recipe {
        let bytes: Vec<u8> = seeds.iter().flat_map(|seed| vec![*seed; 70_000]).collect();
        Recipe::of(&bytes)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_difference_leads_from_any_file_to_any_other(
            old in prop::collection::vec(0u8..4, 0..6), new in prop::collection::vec(0u8..4, 0..6),
        ) {
            let (old, new) = (recipe(&old), recipe(&new));
            let pieces = difference(&old, &new);
            let told = assemble(&old, &pieces, RECIPE_CHUNKS);
            prop_assert_eq!(told.as_deref(), Some(new.chunks()));
        }
    }

    #[test]
    fn a_file_that_stayed_is_one_piece() {
        let same = recipe(&[1, 2, 3]);
        assert_eq!(difference(&same, &same).len(), 1);
    }

    #[test]
    fn pieces_that_do_not_exist_or_multiply_are_refused() {
        let base = recipe(&[1]);
        let beyond = Piece::Kept {
            first: u32::MAX,
            count: 2,
        };
        assert_eq!(assemble(&base, &[beyond], RECIPE_CHUNKS), None);
        let all = Piece::Kept { first: 0, count: 1 };
        assert!(assemble(&base, &[all; 10], 10).is_some());
        assert_eq!(assemble(&base, &[all; 11], 10), None);
    }
}
