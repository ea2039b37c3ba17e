use model::Entropy;

/// The operating system's random bytes.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("without random bytes nothing here is safe to do");
    }
}
