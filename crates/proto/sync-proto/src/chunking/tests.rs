use std::collections::BTreeSet;

use super::*;
use proptest::prelude::*;

/// Bytes that do not repeat, the same for the same seed.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Bytes of the chunks of `new` that `old` does not have.
fn foreign_bytes(old: &Recipe, new: &Recipe) -> usize {
    let held: BTreeSet<&Chunk> = old.chunks().iter().collect();
    let foreign = new.chunks().iter().filter(|chunk| !held.contains(chunk));
    foreign.map(|chunk| chunk.length as usize).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn chunks_tile_the_file_however_it_is_read(length in 0usize..400_000, seed: u64, piece in 1usize..90_000) {
        let bytes = noise(length, seed);
        let whole = Recipe::of(&bytes);
        let mut chunker = Chunker::new(bytes.len() as u64);
        bytes.chunks(piece).for_each(|piece| chunker.push(piece));
        prop_assert_eq!(&chunker.finish(), &whole);
        prop_assert_eq!(whole.size_bytes(), length as u64);
        let sizes = ChunkSizes::of_file(length as u64);
        for (place, chunk) in whole.places() {
            let start = usize::try_from(place).unwrap();
            let end = start + chunk.length as usize;
            prop_assert_eq!(Chunk::of(&bytes[start..end]), chunk);
            prop_assert!(chunk.length as usize <= sizes.most);
            prop_assert!(end == length || chunk.length as usize >= sizes.least);
        }
        let again = Recipe::checked(whole.chunks().to_vec(), length as u64, &whole.digest());
        prop_assert_eq!(again, Ok(whole));
    }
}

#[test]
fn a_change_in_the_middle_costs_itself_and_two_chunks() {
    let old = noise(24 << 20, 1);
    let mut new = old.clone();
    new[11 << 20..12 << 20].copy_from_slice(&noise(1 << 20, 2));
    let cost = foreign_bytes(&Recipe::of(&old), &Recipe::of(&new));
    let bounds = (1 << 20)..(1 << 20) + 160 * 1024;
    assert!(bounds.contains(&cost), "{cost}");
}

#[test]
fn an_insertion_costs_itself_and_two_chunks() {
    let old = noise(24 << 20, 1);
    let new = [&old[..7 << 20], &noise(1 << 20, 2), &old[7 << 20..]].concat();
    let cost = foreign_bytes(&Recipe::of(&old), &Recipe::of(&new));
    let bounds = (1 << 20)..(1 << 20) + 160 * 1024;
    assert!(bounds.contains(&cost), "{cost}");
}

#[test]
fn chunks_have_about_their_average_length() {
    let recipe = Recipe::of(&noise(16 << 20, 3));
    let average = (16 << 20) / recipe.chunks().len();
    assert!((24 * KIB..48 * KIB).contains(&average), "{average}");
}

/// Zeros never end a chunk by content.
#[test]
fn bytes_without_any_content_are_cut_at_the_greatest_length() {
    let recipe = Recipe::of(&vec![0; 1 << 20]);
    let kinds: BTreeSet<&Chunk> = recipe.chunks().iter().collect();
    assert!(kinds.len() <= 2, "{}", kinds.len());
}

#[test]
fn a_recipe_that_does_not_make_the_file_is_refused() {
    let bytes = noise(300_000, 4);
    let recipe = Recipe::of(&bytes);
    let size = recipe.size_bytes();
    let check = |chunks: Vec<Chunk>, size| Recipe::checked(chunks, size, &recipe.digest());
    assert_eq!(check(recipe.chunks().to_vec(), size), Ok(recipe.clone()));
    assert_eq!(check(recipe.chunks().to_vec(), size + 1), Err(WrongRecipe));
    assert_eq!(check(recipe.chunks()[1..].to_vec(), size), Err(WrongRecipe));
    let mut swapped = recipe.chunks().to_vec();
    swapped.swap(0, 1);
    assert_eq!(check(swapped, size), Err(WrongRecipe));
    let one = vec![Chunk::of(&bytes)];
    let digest = Recipe {
        chunks: one.clone(),
    }
    .digest();
    assert_eq!(Recipe::checked(one, size, &digest), Err(WrongRecipe));
}

#[test]
fn the_largest_file_fits_a_recipe() {
    for size in [FOUR_GIB, SIXTY_FOUR_GIB, FILE_BYTES] {
        let chunks = size.div_ceil(ChunkSizes::of_file(size).least as u64);
        assert!(chunks <= RECIPE_CHUNKS as u64, "{size}: {chunks}");
    }
}
