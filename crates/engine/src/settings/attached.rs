use api::{CommandError, ErrorCode, SettingView};

use super::{Flag, Given, ROWS, refusal};

/// Refuses flags that the process which owns the home does not follow: it was started with other values.
pub(crate) fn check_flags(given: &Given, in_force: &[SettingView]) -> Result<(), CommandError> {
    for row in ROWS {
        let (Some(text), Some(Flag::Everywhere(flag))) = (given.flag(row), row.flag) else {
            continue;
        };
        let usage = |message| CommandError::new(ErrorCode::Usage, message);
        let Some(wanted) = row.kind.read(text) else {
            return Err(usage(format!("--{flag}: {}", refusal(row, text))));
        };
        let found = in_force.iter().find(|view| view.key == row.key);
        let held = found.and_then(|view| view.value.as_deref());
        if held != Some(wanted.to_string().as_str()) {
            return Err(usage(format!(
                "Wherry is running with another {}, and --{flag} cannot change that. Use wherry config set {}, or end the running one.",
                row.key, row.key
            )));
        }
    }
    Ok(())
}
