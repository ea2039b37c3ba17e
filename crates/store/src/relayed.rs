use std::io;

use crate::home::Home;

/// What this device carried through relays in one calendar month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Relayed {
    /// Its year.
    pub year: i32,
    /// From 1 to 12.
    pub month: u32,
    /// Both ways together.
    pub bytes: u64,
}

impl Home {
    /// What was kept last; nothing where there is nothing, or nothing that can be read.
    pub fn relayed(&self) -> Relayed {
        let text = std::fs::read_to_string(self.path().join(FILE)).unwrap_or_default();
        read(&text).unwrap_or_default()
    }

    /// Keeps it in the place of what was kept before, whole or not at all. It is not synced, since it is said every
    /// second: a power cut may bring an older one back.
    pub fn keep_relayed(&self, relayed: Relayed) -> io::Result<()> {
        let Relayed { year, month, bytes } = relayed;
        let text = format!("{year} {month} {bytes}\n");
        let path = self.path().join(FILE);
        let next = path.with_extension("new");
        std::fs::write(&next, text)?;
        std::fs::rename(next, path)
    }
}

fn read(text: &str) -> Option<Relayed> {
    let mut words = text.split_whitespace();
    let relayed = Relayed {
        year: words.next()?.parse().ok()?,
        month: words.next()?.parse().ok()?,
        bytes: words.next()?.parse().ok()?,
    };
    words.next().is_none().then_some(relayed)
}

/// Its name in the home.
const FILE: &str = "relayed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_relayed_is_read_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home")).unwrap();
        assert_eq!(home.relayed(), Relayed::default());
        for bytes in [0, 7, u64::MAX] {
            let relayed = Relayed {
                year: 2026,
                month: 11,
                bytes,
            };
            home.keep_relayed(relayed).unwrap();
            assert_eq!(home.relayed(), relayed);
        }
    }

    #[test]
    fn what_cannot_be_read_counts_as_nothing() {
        for text in ["", "2026", "2026 11", "2026 11 x", "2026 11 5 6", "a 1 1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
