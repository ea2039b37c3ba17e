//! Shared folders.

use std::path::PathBuf;
use std::process::ExitCode;

use api::{
    CommandError, ConflictChoice, ConflictSide, FolderAction, FolderCommand, FolderDetail,
    FolderDirection, FolderMemberView, FolderRole, FolderState, FolderView, Reply,
};

use super::{Desk, absolute, unexpected_reply};
use crate::args::{
    DeletionsArgument, DirectionArgument, FoldersCommand, KeepArgument, ShareArguments,
};

pub(super) async fn share(
    arguments: ShareArguments,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = FolderCommand::Share {
        place: absolute(&arguments.folder)?,
        name: arguments.name,
        with: arguments.with,
        read_only: arguments.read_only,
        ignore: arguments.ignore,
    };
    begin(command, "shared", desk).await
}

pub(super) async fn run(
    command: FoldersCommand,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = match command {
        FoldersCommand::List => return list(desk).await,
        FoldersCommand::Status { folder } => return status(folder, desk).await,
        FoldersCommand::Accept { folder, place } => {
            let place = place.unwrap_or_else(|| PathBuf::from(&folder));
            let place = absolute(&place)?;
            let command = FolderCommand::Accept { folder, place };
            return begin(command, "joined", desk).await;
        }
        FoldersCommand::Conflicts { folder, copy, keep } => {
            return conflicts(folder, copy, keep, desk).await;
        }
        FoldersCommand::Versions { folder, path } => return versions(folder, path, desk).await,
        FoldersCommand::Ignore {
            folder,
            pattern,
            remove,
        } => return ignore(folder, pattern, remove, desk).await,
        FoldersCommand::Decline { folder } => FolderCommand::Decline { folder },
        FoldersCommand::Pause {
            folder,
            undo: false,
        } => FolderCommand::Pause { folder },
        FoldersCommand::Direction { folder, way } => FolderCommand::Direct {
            folder,
            direction: match way {
                DirectionArgument::Both => FolderDirection::Both,
                DirectionArgument::Send => FolderDirection::SendOnly,
                DirectionArgument::Receive => FolderDirection::ReceiveOnly,
            },
        },
        FoldersCommand::Pause { folder, undo: true } => FolderCommand::Resume { folder },
        FoldersCommand::Remove { folder, member } if member.is_empty() => {
            FolderCommand::Remove { folder }
        }
        FoldersCommand::Remove { folder, member } => FolderCommand::Drop {
            folder,
            members: member,
        },
        FoldersCommand::Restore { folder, which, to } => {
            let version = which;
            inside(folder, FolderAction::Restore { version, to })
        }
        FoldersCommand::Deletions { folder, answer } => inside(
            folder,
            match answer {
                DeletionsArgument::Allow => FolderAction::AllowDeletions,
                DeletionsArgument::Refuse => FolderAction::RefuseDeletions,
            },
        ),
        FoldersCommand::Revert { folder } => inside(folder, FolderAction::Revert),
        FoldersCommand::Override { folder } => inside(folder, FolderAction::Override),
    };
    desk.call(command).await?;
    Ok(ExitCode::SUCCESS)
}

fn inside(folder: String, wish: FolderAction) -> FolderCommand {
    FolderCommand::Inside { folder, wish }
}

async fn begin(
    command: FolderCommand,
    how: &str,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let Reply::Folder { folder, name } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    let json = serde_json::json!({
        "event": "folder", "folder": folder.to_string(), "name": name.to_string(), "how": how,
    });
    desk.report.result(&format!("{name} is {how}."), &json);
    desk.report
        .remark("It is kept in step while wherry run is running.");
    Ok(ExitCode::SUCCESS)
}

async fn list(desk: &mut Desk) -> Result<ExitCode, CommandError> {
    for view in folders(desk).await? {
        let mut json = serde_json::to_value(&view).unwrap_or_default();
        json["event"] = "folder".into();
        desk.report.result(&line(&view), &json);
    }
    Ok(ExitCode::SUCCESS)
}

async fn folders(desk: &mut Desk) -> Result<Vec<FolderView>, CommandError> {
    let Reply::Folders { folders } = desk.call(FolderCommand::List).await? else {
        return Err(unexpected_reply());
    };
    Ok(folders)
}

fn line(view: &FolderView) -> String {
    let members: Vec<String> = view.members.iter().map(ToString::to_string).collect();
    let with = match members.is_empty() {
        true => "with nobody yet".to_owned(),
        false => format!("with {}", members.join(", ")),
    };
    let place = view.place.as_ref();
    let place = place.map_or_else(String::new, |it| format!("  {}", it.display()));
    let state = match (&view.from, view.state) {
        (Some(from), FolderState::Invited) => {
            format!("{from} asks you to join: wherry folders accept")
        }
        (_, state) => words(state).to_owned(),
    };
    format!("{}{place}  {with}  ({state})", view.name)
}

fn words(state: FolderState) -> &'static str {
    match state {
        FolderState::Invited => "you are asked to join",
        FolderState::Paused => "paused",
        FolderState::Looking => "waits for wherry run, or is looked at",
        FolderState::Syncing => "syncing",
        FolderState::UpToDate => "up to date",
        FolderState::Removed => "you do not belong to it any more; the files stay",
        FolderState::Stopped { .. } => "stopped: see its status",
    }
}

async fn status(folder: Option<String>, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    let names = match folder {
        Some(folder) => vec![folder],
        None => {
            let folders = folders(desk).await?;
            let runs = |view: &&FolderView| {
                !matches!(view.state, FolderState::Invited | FolderState::Paused)
            };
            let runs = folders.iter().filter(runs);
            runs.map(|view| view.folder.to_string()).collect()
        }
    };
    for name in names {
        let command = inside(name, FolderAction::Status);
        let Reply::FolderDetail(detail) = desk.call(command).await? else {
            return Err(unexpected_reply());
        };
        let mut json = serde_json::to_value(&*detail).unwrap_or_default();
        json["event"] = "folder_status".into();
        desk.report.result(&sentence(&detail), &json);
    }
    Ok(ExitCode::SUCCESS)
}

/// One sentence on how the folder stands, then what waits for a person.
fn sentence(detail: &FolderDetail) -> String {
    let name = &detail.name;
    let mut text = match detail.behind {
        0 => format!("{name}: {}, {} files.", words(detail.state), detail.files),
        behind => format!(
            "{name}: {}, {behind} to come ({}).",
            words(detail.state),
            indicatif::BinaryBytes(detail.behind_bytes)
        ),
    };
    let waiting = [
        (
            detail.conflicts,
            "conflicts need you: wherry folders conflicts",
        ),
        (
            detail.local_changes,
            "changes here stay here: wherry folders revert",
        ),
        (
            detail.deletions,
            "deletions wait for you: wherry folders deletions",
        ),
    ];
    text.push_str(match detail.direction {
        FolderDirection::Both => "",
        FolderDirection::SendOnly => "\n  changes go from here to the others only",
        FolderDirection::ReceiveOnly => "\n  changes go from the others to here only",
    });
    for (count, what) in waiting.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("\n  {count} {what}"));
    }
    for member in detail.members.iter().filter(|member| !member.this) {
        text.push_str(&format!("\n  {}", member_words(member)));
    }
    for note in &detail.notes {
        text.push_str(&format!("\n  {note}"));
    }
    text
}

fn member_words(member: &FolderMemberView) -> String {
    let role = match member.role {
        FolderRole::Owner => "owns it",
        FolderRole::Admin => "changes files and members",
        FolderRole::Change => "changes files",
        FolderRole::Read => "only reads",
    };
    let state = match (member.connected, member.in_step) {
        (false, _) => "away",
        (true, false) => "syncing",
        (true, true) => "in step",
    };
    format!("{} {role} ({state})", member.name)
}

async fn conflicts(
    folder: String,
    copy: Option<String>,
    keep: Option<KeepArgument>,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    if let Some(keep) = keep {
        let choice = match keep {
            KeepArgument::Present => ConflictChoice::Present,
            KeepArgument::Copy => ConflictChoice::Copy,
            KeepArgument::Both => ConflictChoice::Both,
        };
        desk.call(inside(folder, FolderAction::Decide { copy, choice }))
            .await?;
        return Ok(ExitCode::SUCCESS);
    }
    let command = inside(folder, FolderAction::Conflicts);
    let Reply::FolderConflicts { conflicts } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    for conflict in conflicts {
        let json = serde_json::json!({
            "event": "conflict", "copy": conflict.copy, "path": conflict.path,
            "present": conflict.present, "kept": conflict.kept,
        });
        let words = format!(
            "{}{}  beside  {}{}",
            conflict.copy,
            side_words(&conflict.kept),
            conflict.path,
            side_words(&conflict.present)
        );
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}

fn side_words(side: &ConflictSide) -> String {
    let by = match (side.this, &side.by) {
        (true, _) => "this device".to_owned(),
        (false, Some(by)) => by.to_string(),
        (false, None) => return String::new(),
    };
    let size = side.bytes.map(indicatif::BinaryBytes);
    let size = size.map_or_else(String::new, |size| format!(", {size}"));
    format!(" (by {by}{size})")
}

async fn versions(
    folder: String,
    path: Option<String>,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = inside(folder, FolderAction::Versions);
    let Reply::FolderVersions { versions } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    for version in versions {
        let is_below =
            |path: &String| version.path == *path || version.path.starts_with(&format!("{path}/"));
        if path.as_ref().is_some_and(|path| !is_below(path)) {
            continue;
        }
        let json = serde_json::json!({
            "event": "version", "version": version.version, "path": version.path,
            "replaced_ms": version.replaced_ms, "bytes": version.bytes,
        });
        let size = indicatif::BinaryBytes(version.bytes);
        let words = format!("{}  {size}  {}", version.path, version.version);
        desk.report.result(&words, &json);
    }
    Ok(ExitCode::SUCCESS)
}

async fn ignore(
    folder: String,
    add: Vec<String>,
    remove: Vec<String>,
    desk: &mut Desk,
) -> Result<ExitCode, CommandError> {
    let command = inside(folder, FolderAction::Ignore { add, remove });
    let Reply::FolderRules { lines } = desk.call(command).await? else {
        return Err(unexpected_reply());
    };
    for line in lines {
        let json = serde_json::json!({ "event": "ignored", "line": line });
        desk.report.result(&line, &json);
    }
    Ok(ExitCode::SUCCESS)
}
