/// Whether whoever may use every licence of `allowed` may use something under `expression` (SPDX 2.3, annex D).
///
/// Understands `AND`, `OR`, parentheses, `WITH` (as part of the licence's name) and the old `/` for `OR`.
pub(crate) fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        allowed,
    };
    let permitted = parser.alternatives();
    permitted && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Parser<'a> {
    fn alternatives(&mut self) -> bool {
        let mut permitted = self.requirements();
        while self.take_if("OR") {
            permitted |= self.requirements();
        }
        permitted
    }

    fn requirements(&mut self) -> bool {
        let mut permitted = self.licence();
        while self.take_if("AND") {
            permitted &= self.licence();
        }
        permitted
    }

    fn licence(&mut self) -> bool {
        if self.take_if("(") {
            let permitted = self.alternatives();
            return self.take_if(")") && permitted;
        }
        let Some(name) = self.take() else {
            return false;
        };
        let name = match self.take_if("WITH").then(|| self.take()) {
            Some(Some(exception)) => format!("{name} WITH {exception}"),
            Some(None) => return false,
            None => name.to_owned(),
        };
        self.allowed.contains(&name)
    }

    fn take_if(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn take(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_the_standard_says() {
        let allowed = ["MIT".to_owned(), "ISC".to_owned(), "A WITH B".to_owned()];
        for (expression, permitted) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("(GPL-3.0-only OR MIT) AND ISC", true),
            ("GPL-3.0-only OR MIT AND ISC", true),
            ("MIT AND (GPL-3.0-only OR GPL-2.0-only)", false),
            ("A WITH B", true),
            ("A", false),
            ("MIT WITH", false),
            ("(MIT", false),
            ("MIT ISC", false),
            ("", false),
        ] {
            assert_eq!(permits(expression, &allowed), permitted, "{expression}");
        }
    }
}
