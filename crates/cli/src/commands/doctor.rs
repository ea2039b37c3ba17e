use std::process::ExitCode;

use api::{Command, CommandError, ErrorCode, Finding, Reply, Verdict};

use super::{Desk, unexpected_reply};
use crate::args::DoctorArguments;

/// Prints what an examination found; fails if anything keeps transfers from working.
pub(super) async fn run(
    arguments: DoctorArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    desk.report.remark("Looking at this device's networks.");
    let contact = arguments.contact;
    let Reply::Findings { findings } = desk.call(Command::Examine { contact }).await? else {
        return Err(unexpected_reply());
    };
    for finding in &findings {
        let mut json = serde_json::to_value(finding).unwrap_or_default();
        json["event"] = "finding".into();
        desk.report.result(&words(finding), &json);
    }
    let is_bad = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Bad);
    Ok(match is_bad {
        true => ExitCode::from(ErrorCode::ServerUnreachable.exit_code()),
        false => ExitCode::SUCCESS,
    })
}

fn words(finding: &Finding) -> String {
    let mark = match finding.verdict {
        Verdict::Good => "ok     ",
        Verdict::Limited => "limited",
        Verdict::Bad => "BAD    ",
        Verdict::Unknown => "unknown",
    };
    let mut words = format!("{mark}  {}", finding.fact);
    for more in [&finding.consequence, &finding.advice]
        .into_iter()
        .flatten()
    {
        words += " ";
        words += more;
    }
    words
}
