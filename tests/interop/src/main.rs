//! One end of a connection for another stack: `interop flow-offer|flow-answer loopback|network` carries bulk.

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        [role @ (interop::flow::OFFER | interop::flow::ANSWER), place] => {
            interop::flow::play(role, place)
        }
        _ => bail!("say flow-offer or flow-answer, and loopback or network"),
    }
}
