use std::process::ExitCode;

use api::CommandError;

/// The exit codes, as `--help`, the manual page and the README print them.
pub(crate) const TABLE: &str = "\
Exit codes:
   0  done
   1  something went wrong inside Wherry
   2  the command makes no sense as given, or names no contact or transfer
   3  the other person declined
   4  wrong code: it is used up, ask for a new one
   5  the code expired or is unknown, or the pairing was stopped
   6  no connection: contact offline, server unreachable, no path, or the budget for relays used up
   7  the other side broke the protocol, data kept arriving damaged, or a receipt does not hold
   8  the receiver's disk is full
   9  the destination cannot be written
  10  a source cannot be read, or kept changing
  11  cancelled
  12  another process uses this home or a copy of it, or it cannot be used
  13  nothing happened within the time allowed
  14  arrived, but something was skipped
 130  interrupted; the same command picks up again";

/// Arrived, but something was left out.
pub(crate) const SKIPPED: u8 = 14;
/// Ended by Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Ends after clap refused the arguments, or printed help.
pub(crate) fn after_parse_error(error: &clap::Error) -> ExitCode {
    if error.print().is_err() {
        return ExitCode::FAILURE;
    }
    if error.use_stderr() {
        ExitCode::from(api::ErrorCode::Usage.exit_code())
    } else {
        ExitCode::SUCCESS
    }
}

/// Ends when nothing can be logged.
pub(crate) fn without_log(error: &logging::InitError) -> ExitCode {
    use std::io::Write as _;
    writeln!(std::io::stderr().lock(), "wherry: {error}").ok();
    ExitCode::from(api::ErrorCode::Usage.exit_code())
}

/// Ends after a command failed.
pub(crate) fn after_error(error: &CommandError) -> ExitCode {
    ExitCode::from(error.code.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::ErrorCode;

    #[test]
    fn every_exit_code_is_in_the_table() {
        for code in [
            ErrorCode::Internal,
            ErrorCode::Usage,
            ErrorCode::Declined,
            ErrorCode::WrongCode,
            ErrorCode::ExpiredCode,
            ErrorCode::ServerUnreachable,
            ErrorCode::Integrity,
            ErrorCode::DiskFull,
            ErrorCode::DestinationUnwritable,
            ErrorCode::SourceUnreadable,
            ErrorCode::Cancelled,
            ErrorCode::HomeBusy,
            ErrorCode::IdentityCopied,
            ErrorCode::TimedOut,
        ] {
            let line = format!("\n {:>3}  ", code.exit_code());
            assert!(TABLE.contains(&line), "{code:?}");
        }
    }
}
