use std::ffi::OsStr;
use std::io;

use crate::platform::Dir;

/// The names in one folder, sorted by their bytes.
///
/// They share one buffer: a folder of a million files costs little more than the letters.
pub(super) struct Listing {
    letters: Vec<u8>,
    spans: Vec<(u32, u16)>,
}

impl Listing {
    /// Reads them, or returns `None` if there are more than `max_names`.
    pub(super) fn read(dir: &Dir, max_names: u64) -> io::Result<Option<Self>> {
        let mut listing = Self {
            letters: Vec::new(),
            spans: Vec::new(),
        };
        let mut too_many = false;
        dir.list(&mut |name| {
            too_many |= listing.spans.len() as u64 >= max_names || !listing.add(name);
            if too_many {
                return Err(io::ErrorKind::QuotaExceeded.into());
            }
            Ok(())
        })
        .or_else(|error| if too_many { Ok(()) } else { Err(error) })?;
        listing.sort();
        Ok((!too_many).then_some(listing))
    }

    /// The names; one that is no valid Unicode comes as its bytes.
    pub(super) fn names(&self) -> impl Iterator<Item = Result<&str, &[u8]>> {
        self.spans.iter().map(|&span| {
            let name = letters_of(&self.letters, span);
            std::str::from_utf8(name).map_err(|_| name)
        })
    }

    /// Returns false if the buffer is full.
    fn add(&mut self, name: &OsStr) -> bool {
        let name = name.as_encoded_bytes();
        let span = (u32::try_from(self.letters.len()), u16::try_from(name.len()));
        let (Ok(start), Ok(length)) = span else {
            return false;
        };
        self.letters.extend(name);
        self.spans.push((start, length));
        true
    }

    fn sort(&mut self) {
        let letters = &self.letters;
        self.spans
            .sort_unstable_by(|&a, &b| letters_of(letters, a).cmp(letters_of(letters, b)));
    }
}

fn letters_of(letters: &[u8], (start, length): (u32, u16)) -> &[u8] {
    let start = usize::try_from(start).expect("memory is addressed by 32 bits at least");
    &letters[start..start + usize::from(length)]
}
