//! One end of a connection for another stack: `interop flow-offer|flow-answer loopback|network` carries bulk over the
//! real engine, `interop odd-offer|odd-answer` plays with channels.

mod config;

/// The engine's own search for a path and its own DTLS, and what is done with them here.
#[path = "../../../crates/peer/src/own"]
mod own {
    #[expect(dead_code, reason = "an end that is killed says no goodbye")]
    mod dtls;
    mod ice;
    #[path = "../../../../tests/interop/src/odd.rs"]
    pub(crate) mod odd;
}

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        [role @ (interop::flow::OFFER | interop::flow::ANSWER), place] => {
            interop::flow::play(role, place)
        }
        ["odd-offer"] => own::odd::play(true),
        ["odd-answer"] => own::odd::play(false),
        _ => bail!("say flow-offer, flow-answer, odd-offer or odd-answer"),
    }
}
