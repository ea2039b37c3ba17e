use model::DisplayName;

/// A text of somebody else, line by line: nothing in it steers the terminal or lies about its order.
///
/// Only line breaks and tabs stay as they are.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\n' | '\t') {
            shown.push(character);
        } else if DisplayName::is_escaped(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_obeyed() {
        let hostile = "a\u{1b}[2J\rb\u{9b}31m\u{202e}c\u{2066}d\u{2028}e\0\u{7f}\u{e0041}";
        let shown = escaped(hostile);
        assert!(!shown.chars().any(DisplayName::is_escaped));
        assert!(shown.starts_with("a\\u{1b}[2J\\u{d}b"));
    }

    #[test]
    fn lines_tabs_and_every_script_stay_readable() {
        let text = "one\n\ttwo\nдва 三 ثلاثة 🚣\n";
        assert_eq!(escaped(text), text);
    }
}
