use model::Name;
use model::limits::NAME_BYTES;

/// Gives a name that is taken its number: `trip (2).mov`, for folders `trip (2)`.
///
/// The stem is shortened where the whole would be longer than a disk holds.
pub(crate) fn numbered(name: &Name, number: u32, is_folder: bool) -> Name {
    remarked(name, &number.to_string(), is_folder)
}

/// Gives a name a remark in brackets before its extension; `remark` is short and a good name itself.
pub(super) fn remarked(name: &Name, remark: &str, is_folder: bool) -> Name {
    let text = name.as_str();
    let dot = text.rfind('.').filter(|&dot| dot > 0 && !is_folder);
    let (stem, extension) = match dot {
        Some(dot) if text.len() - dot <= EXTENSION_BYTES => text.split_at(dot),
        Some(_) | None => (text, ""),
    };
    let ending = format!(" ({remark}){extension}");
    let room = NAME_BYTES - ending.len();
    let end = (0..=room.min(stem.len()))
        .rev()
        .find(|&end| stem.is_char_boundary(end))
        .unwrap_or(0);
    let remarked = format!("{}{ending}", &stem[..end]);
    Name::parse(&remarked).expect("characters of a good name, brackets and digits make a good name")
}

/// Whether Wherry uses such a name for its private folders: never sent, never received.
pub(crate) fn is_reserved(name: &Name) -> bool {
    // No other character is taken for a dot, so most names need not be folded.
    if !name.as_str().starts_with('.') {
        return false;
    }
    let key = name.collision_key();
    key.starts_with(".wherry-") && key.ends_with(".partial")
}

/// What counts as an extension, with its dot: more is a sentence with a dot in it.
const EXTENSION_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number_two(text: &str, is_folder: bool) -> String {
        numbered(&Name::parse(text).unwrap(), 2, is_folder).into()
    }

    #[test]
    fn the_number_stands_before_the_extension_of_a_file() {
        assert_eq!(number_two("trip.mov", false), "trip (2).mov");
        assert_eq!(number_two("trip.mov", true), "trip.mov (2)");
        assert_eq!(number_two(".profile", false), ".profile (2)");
        assert_eq!(number_two("plain", false), "plain (2)");
        let long = number_two(&format!("{}.txt", "ä".repeat(125)), false);
        assert!(long.ends_with("ä (2).txt") && long.len() <= NAME_BYTES);
    }

    #[test]
    fn private_folders_are_recognised_in_any_case() {
        assert!(is_reserved(
            &Name::parse(".wherry-0a1b2c3d.partial").unwrap()
        ));
        assert!(is_reserved(&Name::parse(".Wherry-x.PARTIAL").unwrap()));
        assert!(!is_reserved(&Name::parse("wherry-x.partial").unwrap()));
    }

    proptest! {
        #[test]
        fn any_good_name_can_be_numbered(text in "\\PC{1,120}", number in 2u32..10_000, is_folder: bool) {
            if let Ok(name) = Name::parse(&text) {
                let other = numbered(&name, number, is_folder);
                prop_assert_ne!(other.as_str(), name.as_str());
                let with_number = format!("({number})");
                prop_assert!(other.as_str().contains(&with_number));
            }
        }
    }
}
