use std::process::ExitCode;

use api::{CommandError, Reply, RuleCommand, RuleSuspension, RuleView};
use indicatif::BinaryBytes;
use model::ReceiveRule;

use super::{Desk, unexpected_reply};
use crate::args::{RulesCommand, SetRule};

pub(super) async fn run(command: RulesCommand, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let command = match command {
        RulesCommand::List => return list(desk).await,
        RulesCommand::Set(set) => RuleCommand::Set {
            contact: contact(&set.contact),
            rule: rule(set),
        },
        RulesCommand::Clear { contact: name } => RuleCommand::Clear {
            contact: contact(&name),
        },
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

/// A contact of that very name is reached by its id.
fn contact(name: &str) -> Option<String> {
    (name != EVERYBODY).then(|| name.to_owned())
}

fn rule(set: SetRule) -> ReceiveRule {
    ReceiveRule {
        accept: set.accept.map(bool::from),
        ceiling_bytes: set.ceiling,
        executables: set.executables.map(bool::from),
        into: set.into,
        existing: set.existing,
    }
}

async fn list(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let Reply::Rules { rules } = desk.call(RuleCommand::List).await? else {
        return Err(unexpected_reply());
    };
    let everybody = rules.iter().find(|view| view.contact.is_none());
    let everybody = everybody.map(|view| view.rule.clone()).unwrap_or_default();
    for view in rules {
        let in_force = view.rule.clone().or(everybody.clone()).in_force();
        let json = serde_json::json!({
            "event": "rule",
            "contact": view.contact,
            "name": view.name.as_ref().map(ToString::to_string),
            "accept": in_force.accept,
            "ceiling_bytes": in_force.ceiling_bytes,
            "executables": in_force.executables,
            "into": in_force.into.as_ref().map(ToString::to_string),
            "existing": in_force.existing,
            "said": view.rule,
            "suspended": view.suspended,
        });
        desk.report.result(&words(&view, &everybody), &json);
    }
    Ok(ExitCode::SUCCESS)
}

fn words(view: &RuleView, everybody: &ReceiveRule) -> String {
    let rule = view.rule.clone().or(everybody.clone()).in_force();
    let name = view.name.as_ref().map(ToString::to_string);
    let name = name.unwrap_or_else(|| EVERYBODY.to_owned());
    if !rule.accept {
        return format!("{name}  asks");
    }
    let mut words = format!("{name}  accepts up to {}", BinaryBytes(rule.ceiling_bytes));
    if rule.executables {
        words.push_str(", programs too");
    }
    if let Some(into) = rule.into {
        words.push_str(&format!(", into {into}"));
    }
    if let Some(existing) = rule.existing {
        words.push_str(&format!(", {existing}"));
    }
    if let Some(suspended) = view.suspended {
        words.push_str(&format!("  (not now: {})", why(suspended)));
    }
    words
}

fn why(suspended: RuleSuspension) -> &'static str {
    match suspended {
        RuleSuspension::NotVerified => "words were not compared, see wherry contacts verify",
        RuleSuspension::KeyChanged => "the keys changed, see wherry contacts verify",
        RuleSuspension::Muted => "muted",
        RuleSuspension::Blocked => "blocked",
    }
}

/// What stands for the rule of everybody.
const EVERYBODY: &str = "default";
