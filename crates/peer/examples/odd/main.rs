//! An end that plays with channels, for other stacks to talk to: `odd offer` or `odd answer`.

mod config;

/// The engine's own search for a path and its own DTLS, and what is done with them here.
#[path = "../../src/own"]
mod own {
    #[expect(dead_code, reason = "an end that is killed says no goodbye")]
    mod dtls;
    #[path = "../../examples/odd/end.rs"]
    pub(crate) mod end;
    mod ice;
}

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        ["offer"] => own::end::play(true),
        ["answer"] => own::end::play(false),
        _ => bail!("say offer or answer"),
    }
}
