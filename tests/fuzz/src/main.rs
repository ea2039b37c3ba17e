//! Writes the seeds of every target into its corpus folder: run it after the wire moved on purpose.

fn main() -> std::io::Result<()> {
    fuzz::TARGETS.iter().try_for_each(fuzz::write_seeds)
}
