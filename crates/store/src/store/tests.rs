use model::Entropy;

/// Bytes that differ per seed and never repeat: a counter in a cipher's stead is enough for tests.
pub(crate) struct TestEntropy(u64);

impl TestEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed << 32)
    }
}

impl Entropy for TestEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            self.0 += 1;
            let digest = model::Digest::of(&self.0.to_be_bytes());
            part.copy_from_slice(&digest.0[..part.len()]);
        }
    }
}
