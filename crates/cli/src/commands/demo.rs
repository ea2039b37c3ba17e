use std::process::ExitCode;

use api::CommandError;
use engine::demo::{Demo, DemoSource};

use super::absolute;
use crate::args::DemoArguments;
use crate::outcome;
use crate::report::Report;

/// Carries one file between two devices of this machine: own homes, own keys, an embedded signaling
/// server, real data channels.
pub(super) async fn run(
    arguments: DemoArguments,
    report: &mut Report,
) -> Result<ExitCode, CommandError> {
    let source = match arguments.path {
        Some(path) => DemoSource::Path(absolute(&path)?),
        None => DemoSource::RandomBytes(arguments.size),
    };
    report.remark("Two devices on this machine: Ana sends, Ben receives.");
    let mut demo = Demo::start(source).await?;
    loop {
        let event = demo.next_event().await.ok_or_else(outcome::owner_gone)?;
        report.event(&event);
        if let Some((_, code)) = outcome::of_event(&event) {
            demo.finish().await?;
            return Ok(code);
        }
    }
}
