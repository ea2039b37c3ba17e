use std::fmt;
use std::str::FromStr;

use model::Entropy;

use crate::Word;

/// A spoken code: a nameplate, by which the server brings two devices together, and two secret words.
///
/// Shown as `7-lunar-basil`. The words are 22 bits, enough because one wrong guess burns the code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    nameplate: u32,
    words: [Word; 2],
}

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not a number and two words.
    #[error("a code is a number and two words, such as 7-lunar-basil")]
    Malformed,
    /// The first or second word (1 or 2) is not in the list.
    #[error("word {0} of the code is not a word that codes are made of")]
    UnknownWord(u8),
}

impl Code {
    /// Draws two words for a nameplate that the server gave.
    pub fn new(nameplate: u32, entropy: &mut impl Entropy) -> Self {
        let words = entropy.draw::<4>();
        Self {
            nameplate,
            words: [
                Word::of_bits(u16::from_be_bytes([words[0], words[1]])),
                Word::of_bits(u16::from_be_bytes([words[2], words[3]])),
            ],
        }
    }

    /// Reads what a person typed: any case, parts divided by spaces, hyphens or dashes.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > TEXT_BYTES {
            return Err(CodeError::Malformed);
        }
        let mut parts = text
            .split(|c: char| c.is_whitespace() || DIVIDERS.contains(&c))
            .filter(|part| !part.is_empty());
        let (Some(nameplate), Some(first), Some(second), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CodeError::Malformed);
        };

        if !nameplate.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeError::Malformed);
        }
        Ok(Self {
            nameplate: nameplate.parse().map_err(|_| CodeError::Malformed)?,
            words: [
                Word::parse(first).ok_or(CodeError::UnknownWord(1))?,
                Word::parse(second).ok_or(CodeError::UnknownWord(2))?,
            ],
        })
    }

    /// What the server may know.
    pub fn nameplate(&self) -> u32 {
        self.nameplate
    }

    /// What only the two people may know: `lunar-basil`.
    pub fn password(&self) -> Vec<u8> {
        let [first, second] = self.words.map(Word::text);
        [first, "-", second].concat().into_bytes()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.words.map(Word::text);
        write!(f, "{}-{first}-{second}", self.nameplate)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({}-…)", self.nameplate)
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

/// What people and word processors put between the parts.
const DIVIDERS: [char; 5] = ['-', '_', '\u{2010}', '\u{2011}', '\u{2013}'];
/// Ten digits, two words of seven letters, and generous gaps.
const TEXT_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    proptest! {
        #[test]
        fn a_code_survives_print_and_parse(nameplate: u32, bits: (u16, u16)) {
            let words = [Word::of_bits(bits.0), Word::of_bits(bits.1)];
            let code = Code { nameplate, words };
            let text = code.to_string();
            prop_assert_eq!(Code::parse(&text), Ok(code.clone()));
            prop_assert_eq!(Code::parse(&text.to_uppercase().replace('-', "  ")), Ok(code));
        }

        #[test]
        fn any_text_is_judged_without_panic(text in any::<String>()) {
            if let Ok(code) = Code::parse(&text) {
                prop_assert_eq!(Code::parse(&code.to_string()), Ok(code));
            }
        }
    }

    #[test]
    fn people_may_type_a_code_as_they_like() {
        let code = Code::parse("7-lunar-basil").unwrap();
        for text in [
            " 7 Lunar  BASIL ",
            "7\u{2013}lunar\u{2011}basil",
            "07_lunar basil\n",
        ] {
            assert_eq!(Code::parse(text).as_ref(), Ok(&code), "{text}");
        }
        assert_eq!(code.nameplate(), 7);
        assert_eq!(code.password(), b"lunar-basil");
    }

    #[test]
    fn what_is_no_code_is_refused_with_the_place_of_the_mistake() {
        for text in [
            "",
            "7",
            "7-lunar",
            "7-lunar-basil-x",
            "lunar-7-basil",
            "+7-lunar-basil",
        ] {
            assert_eq!(Code::parse(text), Err(CodeError::Malformed), "{text}");
        }
        let too_big = Code::parse("4294967296-lunar-basil");
        assert_eq!(too_big, Err(CodeError::Malformed));
        let too_long = Code::parse(&format!("7-lunar-basil{}", " ".repeat(64)));
        assert_eq!(too_long, Err(CodeError::Malformed));
        assert_eq!(Code::parse("7-lunr-basil"), Err(CodeError::UnknownWord(1)));
        assert_eq!(Code::parse("7-lunar-bazil"), Err(CodeError::UnknownWord(2)));
    }

    #[test]
    fn words_come_from_the_randomness_handed_in() {
        let code = Code::new(7, &mut Fixed(0xFF));
        assert_eq!(code.to_string(), "7-zoology-zoology");
        assert_eq!(format!("{code:?}"), "Code(7-…)");
    }
}
