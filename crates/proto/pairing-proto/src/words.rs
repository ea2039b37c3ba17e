use std::fmt;

use model::Digest;

/// One of the 2,048 words that codes and comparisons are made of: 11 bits.
///
/// The list is our own: common English words of four to seven letters, in alphabetical order, told apart
/// by their first four letters, at least two typing errors apart, without homophones or plurals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(u16);

impl Word {
    /// Takes the low 11 bits of `bits`.
    pub fn of_bits(bits: u16) -> Self {
        Self(bits & (COUNT_AS_BITS - 1))
    }

    /// Finds a word in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let index = WORDS
            .binary_search(&text.to_ascii_lowercase().as_str())
            .ok()?;
        u16::try_from(index).ok().map(Self)
    }

    /// The word in lower case.
    pub fn text(self) -> &'static str {
        WORDS[usize::from(self.0)]
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(…)")
    }
}

/// The words that begin with `prefix` (in any case), in order: what a field may offer while one types.
pub fn complete(prefix: &str) -> impl Iterator<Item = &'static str> {
    let prefix = prefix.to_ascii_lowercase();
    let start = WORDS.partition_point(|&word| word < prefix.as_str());
    WORDS[start..]
        .iter()
        .copied()
        .take_while(move |word| word.starts_with(&prefix))
}

/// Six words, equal on both devices exactly if nobody sits between them: 66 bits of a digest that both
/// make, of their handshake or of their keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ComparisonWords([Word; 6]);

impl ComparisonWords {
    /// Takes the words from the first 66 bits of `digest`.
    pub fn of_digest(digest: &Digest) -> Self {
        let mut wide = [0; 16];
        wide.copy_from_slice(&digest.0[..16]);
        let bits = u128::from_be_bytes(wide);
        Self([0, 1, 2, 3, 4, 5].map(|place| {
            let word = (bits >> (117 - 11 * place)) & u128::from(COUNT_AS_BITS - 1);
            Word::of_bits(u16::try_from(word).expect("eleven bits fit"))
        }))
    }

    /// The six words in the order in which both devices show them.
    pub fn words(&self) -> [&'static str; 6] {
        self.0.map(Word::text)
    }
}

impl fmt::Display for ComparisonWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(" "))
    }
}

impl fmt::Debug for ComparisonWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComparisonWords(…)")
    }
}

/// Cuts the list at its line ends while the program is built.
const fn split_lines(mut text: &'static str) -> [&'static str; COUNT] {
    let mut words = [""; COUNT];
    let mut index = 0;
    while index < COUNT {
        let mut end = 0;
        while text.as_bytes()[end] != b'\n' {
            end += 1;
        }
        words[index] = text.split_at(end).0;
        text = text.split_at(end + 1).1;
        index += 1;
    }
    assert!(text.is_empty(), "the list has exactly 2,048 lines");
    words
}

const COUNT: usize = 2_048;
const COUNT_AS_BITS: u16 = 2_048;
static WORDS: [&str; COUNT] = split_lines(include_str!("words.txt"));

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_list_is_sorted_lower_case_and_of_four_to_seven_letters() {
        assert_eq!(WORDS.len(), 2_048);
        assert!(WORDS.is_sorted_by(|a, b| a < b));
        for word in WORDS {
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
            assert!((4..=7).contains(&word.len()), "{word}");
        }
    }

    #[test]
    fn four_letters_tell_any_two_words_apart() {
        for pair in WORDS.windows(2) {
            assert_ne!(pair[0][..4], pair[1][..4], "{pair:?}");
        }
    }

    #[test]
    fn one_typing_error_never_makes_another_word() {
        for (index, word) in WORDS.iter().enumerate() {
            for other in &WORDS[index + 1..] {
                assert!(!one_error_apart(word, other), "{word} {other}");
            }
        }
    }

    fn one_error_apart(a: &str, b: &str) -> bool {
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let same_start = short
            .bytes()
            .zip(long.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        match long.len() - short.len() {
            0 => short[same_start + 1..] == long[same_start + 1..],
            1 => short[same_start..] == long[same_start + 1..],
            _ => false,
        }
    }

    #[test]
    fn completion_offers_what_begins_so() {
        assert_eq!(complete("LUNA").collect::<Vec<_>>(), ["lunar"]);
        assert_eq!(complete("").count(), COUNT);
        assert_eq!(complete("zzz").count(), 0);
        assert!(complete("ba").any(|word| word == "basil"));
    }

    proptest! {
        #[test]
        fn every_word_is_found_again_by_its_text(bits in 0u16..2_048) {
            let word = Word::of_bits(bits);
            prop_assert_eq!(Word::parse(word.text()), Some(word));
            prop_assert_eq!(Word::parse(&word.text().to_ascii_uppercase()), Some(word));
        }

        #[test]
        fn comparison_words_are_the_first_66_bits(bytes: [u8; 32]) {
            let words = ComparisonWords::of_digest(&Digest(bytes)).words();
            let mut bits = String::new();
            for byte in bytes {
                bits += &format!("{byte:08b}");
            }
            for (place, word) in words.into_iter().enumerate() {
                let index = usize::from_str_radix(&bits[place * 11..(place + 1) * 11], 2).unwrap();
                prop_assert_eq!(word, WORDS[index]);
            }
        }

        #[test]
        fn any_text_is_looked_up_without_panic(text in any::<String>()) {
            let found = Word::parse(&text).map(Word::text);
            prop_assert!(found.is_none_or(|word| word.eq_ignore_ascii_case(&text)));
            prop_assert!(complete(&text).count() <= COUNT);
        }
    }
}
