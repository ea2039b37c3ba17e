use std::process::ExitCode;

use api::CommandError;
use engine::hosting::{Host, HostConfig};

use crate::args::HostArguments;
use crate::daemon;
use crate::interrupt::{Interruption, interrupted};
use crate::report::{Report, hosting_words};

/// Introduces devices to each other, and relays for them, until somebody ends it. It needs no home.
pub(super) async fn run(
    arguments: HostArguments,
    report: &mut Report,
) -> Result<ExitCode, CommandError> {
    let host = Host::bind(HostConfig {
        listen: arguments.listen,
        public: arguments.public,
        tls: arguments.tls_cert.zip(arguments.tls_key),
        without_relay: arguments.no_relay,
    })?;
    let urls = host.urls().to_vec();
    let json = serde_json::json!({ "event": "hosting", "urls": urls });
    report.result(&hosting_words(&urls), &json);
    report.remark(
        "Ctrl-C ends it: then devices that know no other server meet on local networks only.",
    );
    let mut ended_by = Interruption::System;
    let enough = async { ended_by = interrupted().await };
    host.serve_until(Box::pin(enough)).await?;
    daemon::stopping();
    Ok(match ended_by {
        Interruption::System => ExitCode::SUCCESS, // It is how a daemon ends.
        Interruption::Person => ExitCode::from(crate::exit::INTERRUPTED),
    })
}
