/// Looks for what must not be readable: as it is, in hexadecimal, in base64, in UTF-16.
#[derive(Debug, Default)]
pub struct Needles {
    forms: Vec<(String, Vec<u8>)>,
}

impl Needles {
    /// Adds something to look for.
    pub fn add(&mut self, what: &str, secret: &[u8]) {
        let mut forms = vec![
            secret.to_vec(),
            secret.to_ascii_lowercase(),
            secret.to_ascii_uppercase(),
            hex(secret).into_bytes(),
            hex(secret).to_uppercase().into_bytes(),
            secret.iter().flat_map(|&byte| [byte, 0]).collect(),
        ];
        for shift in 0..3 {
            forms.extend(base64(secret, shift));
        }
        let named = forms.into_iter().map(|form| (what.to_owned(), form));
        self.forms.extend(named);
    }

    /// What is found in `haystack`.
    pub fn found_in(&self, haystack: &[u8]) -> Vec<&str> {
        let found = |form: &[u8]| haystack.windows(form.len()).any(|window| window == form);
        let mut names: Vec<&str> = self
            .forms
            .iter()
            .filter(|(_, form)| found(form))
            .map(|(what, _)| what.as_str())
            .collect();
        names.dedup();
        names
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The base64 of `secret`, when it begins `shift` bytes after a group: only the characters that no
/// neighbour touches, in both alphabets.
fn base64(secret: &[u8], shift: usize) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let inner = secret.get((3 - shift) % 3..)?;
    let groups = inner.chunks_exact(3);
    let text: Vec<u8> = groups
        .flat_map(|group| {
            let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
            [18, 12, 6, 0].map(|at| ALPHABET[(bits >> at & 63) as usize])
        })
        .collect();
    // Shorter ones are found by chance.
    (text.len() >= 8).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let mut needles = Needles::default();
        needles.add("the name", b"quarterly.pdf");
        for form in [
            "…quarterly.pdf…",
            "QUARTERLY.PDF",
            "717561727465726c792e706466",
            "cXVhcnRlcmx5LnBkZg==", // As it is
            "eHF1YXJ0ZXJseS5wZGY=", // One byte before it
            "eHlxdWFydGVybHkucGRm", // Two bytes before it
        ] {
            assert_eq!(needles.found_in(form.as_bytes()), ["the name"], "{form}");
        }
        assert!(needles.found_in(b"half-yearly.pdf").is_empty());
    }
}
