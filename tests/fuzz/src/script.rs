/// What happens to a machine, written down: steps of `kind: u8 ‖ length: u16 ‖ bytes`, big-endian.
#[derive(Debug, Default)]
pub(crate) struct Script {
    bytes: Vec<u8>,
}

impl Script {
    /// Adds a step.
    pub(crate) fn add(&mut self, kind: u8, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).expect("a step is shorter than 64 KiB");
        self.bytes.push(kind);
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(bytes);
    }

    /// Ends the script.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads a script; a step that is cut off ends there, and everything after [`STEPS`] is left out.
pub(crate) fn steps(mut script: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[kind, high, low], rest) = script.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (bytes, rest) = rest.split_at(length.min(rest.len()));
        script = rest;
        Some((kind, bytes))
    })
    .take(STEPS)
}

const STEPS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_as_it_was_written() {
        let mut script = Script::default();
        script.add(1, b"hello");
        script.add(2, b"");
        let bytes = script.finish();
        assert_eq!(
            steps(&bytes).collect::<Vec<_>>(),
            [(1, &b"hello"[..]), (2, b"")]
        );
        assert_eq!(steps(&bytes[..6]).collect::<Vec<_>>(), [(1, &b"hel"[..])]);
    }
}
