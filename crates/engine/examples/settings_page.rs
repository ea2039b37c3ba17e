//! Prints `docs/settings.md`.

#![expect(clippy::print_stdout, reason = "it is what this program is for")]

fn main() {
    print!("{}", engine::settings::page());
}
