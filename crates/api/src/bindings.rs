//! The contract as TypeScript, for the window's page.

use ts_rs::{Config, TS};

use crate::*;

/// Names every type once.
macro_rules! declare {
    ($config:expr, $($kind:ident),* $(,)?) => {
        [$(declaration($kind::decl($config))),*].concat()
    };
}

fn page() -> String {
    let config = &Config::new().with_large_int("number");
    let types = declare!(
        config,
        Command,
        CommandError,
        Comparison,
        ContactCommand,
        ContactView,
        ContentsView,
        Destination,
        DeviceView,
        EntryState,
        EntryView,
        ErrorCode,
        Event,
        FiguresView,
        Finding,
        FindingCase,
        GroupCommand,
        GroupView,
        HistoryCommand,
        HistoryView,
        IdentityCommand,
        IdentityView,
        IssuedCode,
        ItemKind,
        LinkAim,
        LinkCommand,
        LinkView,
        NameOutcome,
        NearbyCommand,
        NearbyView,
        OfferCommand,
        OfferView,
        OnProblem,
        PairingCommand,
        PartyView,
        Passphrase,
        PauseReason,
        PresenceView,
        Priority,
        Problem,
        QueueEnd,
        ReceiptCommand,
        ReceiptView,
        ReceiveCommand,
        Reply,
        RouteView,
        RuleCommand,
        RuleSuspension,
        RuleView,
        SendCode,
        SendCommand,
        SendOptions,
        SendSources,
        SentTransfer,
        ServerState,
        SettingCommand,
        SettingProblem,
        SettingSource,
        SettingView,
        SkipReason,
        StatusView,
        Topic,
        TransferCommand,
        TransferDirection,
        TransferState,
        TransferView,
        TurnView,
        Verdict,
        VersionView,
        Wishes,
    );
    format!("{HEAD}{types}{}", of_folders(config))
}

/// What shared folders add.
fn of_folders(config: &Config) -> String {
    declare!(
        config,
        ConflictChoice,
        ConflictSide,
        ConflictView,
        ContentView,
        FolderAction,
        FolderCommand,
        FolderDetail,
        FolderDirection,
        FolderEvent,
        FolderFileState,
        FolderFileView,
        FolderMemberView,
        FolderNote,
        FolderRole,
        FolderState,
        FolderView,
    )
}

/// Without the words: those are in the crate.
fn declaration(text: String) -> String {
    let words = ["/**", "*"];
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !words.iter().any(|it| line.starts_with(it))
    });
    let lines: Vec<&str> = lines.collect();
    let short = lines.concat();
    match short.len() <= LINE {
        true => format!("\nexport {short}\n"),
        false => format!("\nexport {}\n", lines.join("\n")),
    }
}

/// What fits into one line, in bytes.
const LINE: usize = 110;

/// What the vocabulary's own types look like in JSON.
const HEAD: &str = "\
// Made from crates/api, which has the words: WHERRY_WRITE_BINDINGS=1 cargo test -p api bindings

export type PathKind = \"local\" | \"direct\" | \"relay\";

export type RelayWish = \"automatic\" | \"never\" | \"only\";

export type Existing = \"keep-both\" | \"skip\" | \"replace\";

export type ReceiveRule = { accept: boolean | null, ceiling_bytes: number | null, executables: boolean | null, into: string | null, existing: Existing | null, };
";

const FILE: &str = "../../ui/src/lib/backend/contract/generated.ts";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the page that is compared lies in another folder"
)]
fn the_page_has_the_types_of_today() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let page = page();
    if std::env::var_os("WHERRY_WRITE_BINDINGS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "write it anew: WHERRY_WRITE_BINDINGS=1 cargo test -p api bindings"
    );
}

#[test]
fn the_types_of_the_vocabulary_are_as_json_has_them() {
    use model::{Existing, PathKind, ReceiveRule};

    let json = |value: serde_json::Value| value.to_string();
    for path in [PathKind::Local, PathKind::Direct, PathKind::Relay] {
        let word = json(serde_json::to_value(path).unwrap());
        assert!(HEAD.contains(&word), "{word}");
    }
    for existing in [Existing::KeepBoth, Existing::Skip, Existing::Replace] {
        let word = json(serde_json::to_value(existing).unwrap());
        assert!(HEAD.contains(&word), "{word}");
    }
    let rule = serde_json::to_value(ReceiveRule::default()).unwrap();
    for field in rule.as_object().unwrap().keys() {
        assert!(HEAD.contains(&format!(" {field}: ")), "{field}");
    }
}
