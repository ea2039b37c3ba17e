//! One module for each thing a person can ask.

mod config;
mod contacts;
mod demo;
mod doctor;
mod documents;
mod folders;
mod groups;
mod history;
mod host;
mod id;
mod nearby;
mod pair;
mod receipts;
mod receive;
mod rules;
mod run;
mod send;
mod transfers;

use std::collections::BTreeSet;
use std::process::ExitCode;

use api::{Command, CommandError, ErrorCode, Event, Reply};
use engine::settings::Given;
use engine::{Client, EngineConfig, Events};
use model::TransferId;

use crate::args::{Arguments, GlobalArguments, ReceiptsCommand, Subcommands};
use crate::daemon;
use crate::exit;
use crate::interrupt::{Interruption, interrupted, unless_interrupted};
use crate::patience::Patience;
use crate::report::Report;
use receipts::Signed;

/// Runs the command and says how it ended.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    let global = arguments.global;
    match arguments.command {
        Subcommands::Completions { shell } => documents::completions(shell),
        Subcommands::Man => documents::manual(),
        Subcommands::Demo(demo) => {
            let mut report = Report::new(&global, false);
            let result = unless_interrupted(Box::pin(demo::run(demo, &mut report))).await;
            conclude(result, &mut report)
        }
        Subcommands::Host(host) => {
            let mut report = Report::new(&global, false);
            // It ends in good order by itself.
            let result = Ok(Box::pin(host::run(host, &mut report)).await);
            conclude(result, &mut report)
        }
        Subcommands::Receipts(ReceiptsCommand::Verify(verify)) => {
            let mut report = Report::new(&global, false);
            let work = async { receipts::verify(&verify, &mut report).map(|()| ExitCode::SUCCESS) };
            let result = unless_interrupted(work).await;
            conclude(result, &mut report)
        }
        command @ (Subcommands::Send(_)
        | Subcommands::Receipts(_)
        | Subcommands::History(_)
        | Subcommands::Receive(_)
        | Subcommands::Pair(_)
        | Subcommands::Nearby(_)
        | Subcommands::Contacts(_)
        | Subcommands::Groups(_)
        | Subcommands::Rules(_)
        | Subcommands::Share(_)
        | Subcommands::Folders(_)
        | Subcommands::Run(_)
        | Subcommands::Transfers(_)
        | Subcommands::Join(_)
        | Subcommands::Id(_)
        | Subcommands::Doctor(_)
        | Subcommands::Config(_)) => with_engine(global, command).await,
    }
}

/// What a command works with: the engine's door, its events, and where to print.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) events: Events,
    pub(crate) report: Report,
    pub(crate) patience: Patience,
    /// What the command is about: nothing is printed of other transfers. Empty is everything.
    pub(crate) transfers: BTreeSet<TransferId>,
    /// What is known of receipts.
    pub(crate) signed: Signed,
    pub(crate) config: EngineConfig,
}

impl Desk {
    /// The next event, printed; an error when the owner of the home is gone.
    pub(crate) async fn next_event(&mut self) -> Result<Event, CommandError> {
        let event = tokio::select! {
            event = self.events.next() => event.ok_or_else(crate::outcome::owner_gone)?,
            error = self.patience.exhausted() => return Err(error),
        };
        self.patience.note(&event);
        self.signed.note(&event);
        if self.is_ours(&event) {
            self.report.event(&event);
        }
        match crate::outcome::identity_copied(&event) {
            Some(error) => Err(error),
            None => Ok(event),
        }
    }

    /// Becomes the owner of the home, or attaches to the next one, after the last one ended.
    pub(crate) async fn reopen(&mut self) -> Result<(), CommandError> {
        (self.client, self.events) = Client::open(self.config.clone()).await?;
        Ok(())
    }

    fn is_ours(&self, event: &Event) -> bool {
        let transfer = event.transfer().filter(|_| !self.transfers.is_empty());
        transfer.is_none_or(|transfer| self.transfers.contains(&transfer))
    }

    pub(crate) async fn call(&self, command: impl Into<Command>) -> Result<Reply, CommandError> {
        self.client.call(command).await
    }
}

async fn with_engine(global: GlobalArguments, command: Subcommands) -> ExitCode {
    let is_daemon = matches!(&command, Subcommands::Run(_));
    let data_on_stdout = matches!(&command, Subcommands::Receive(receive) if receive.stdout);
    let mut report = Report::new(&global, data_on_stdout);
    let config = EngineConfig {
        home: global.home.clone(),
        given: given(&global, &command),
    };
    let (client, events) = match Client::open(config.clone()).await {
        Ok(opened) => opened,
        Err(error) => {
            report.error(&error);
            return exit::after_error(&error);
        }
    };
    let mut desk = Desk {
        client,
        events,
        report,
        patience: Patience::default(),
        transfers: BTreeSet::new(),
        signed: Signed::default(),
        config,
    };
    let result = unless_interrupted(Box::pin(dispatch(command, &mut desk))).await;
    let asked_by_system = matches!(result, Err(Interruption::System));
    let code = conclude(result, &mut desk.report);
    if !is_daemon {
        if desk.client.is_in_use() {
            desk.report.remark(
                "Done. Other Wherry commands work through this one: it ends with them, or with Ctrl-C.",
            );
        }
        let impatience = async {
            interrupted().await;
        };
        desk.client.close_before(Box::pin(impatience)).await;
        return code;
    }
    daemon::stopping();
    desk.client.close_before(std::future::ready(())).await;
    match asked_by_system {
        true => ExitCode::SUCCESS, // It is how a daemon ends.
        false => code,
    }
}

/// What flags and environment say about settings.
fn given(global: &GlobalArguments, command: &Subcommands) -> Given {
    let given = global.flags.add_to(Given::by_environment());
    if let Subcommands::Receive(receive) = command {
        return receive.flags.add_to(given);
    }
    if let Subcommands::Run(run) = command {
        return run.flags.add_to(given);
    }
    given
}

async fn dispatch(command: Subcommands, desk: &mut Desk) -> Result<ExitCode, CommandError> {
    match command {
        Subcommands::Send(send) => send::run(send, desk).await,
        Subcommands::Receive(receive) => receive::run(receive, desk).await,
        Subcommands::Pair(pair) => pair::run(pair, desk).await,
        Subcommands::Nearby(arguments) => nearby::run(arguments, desk).await,
        Subcommands::Contacts(contacts) => contacts::run(contacts, desk).await,
        Subcommands::Groups(groups) => groups::run(groups, desk).await,
        Subcommands::Share(share) => folders::share(share, desk).await,
        Subcommands::Folders(folders) => folders::run(folders, desk).await,
        Subcommands::Rules(rules) => rules::run(rules, desk).await,
        Subcommands::Run(run) => run::run(run, desk).await,
        Subcommands::Transfers(transfers) => transfers::run(transfers, desk).await,
        Subcommands::Join(join) => id::join(join, desk).await,
        Subcommands::Id(id) => id::run(id, desk).await,
        Subcommands::Receipts(command) => receipts::run(command, desk).await,
        Subcommands::History(arguments) => history::run(arguments, desk).await,
        Subcommands::Config(config) => config::run(config, desk).await,
        Subcommands::Doctor(arguments) => doctor::run(arguments, desk).await,
        Subcommands::Demo(_)
        | Subcommands::Host(_)
        | Subcommands::Completions { .. }
        | Subcommands::Man => Err(unexpected_reply()),
    }
}

fn conclude(
    result: Result<Result<ExitCode, CommandError>, Interruption>,
    report: &mut Report,
) -> ExitCode {
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            report.error(&error);
            exit::after_error(&error)
        }
        Err(Interruption::Person | Interruption::System) => {
            report.remark("Interrupted. Nothing was lost: the same command picks up again.");
            ExitCode::from(exit::INTERRUPTED)
        }
    }
}

/// After a transfer ended for the command that received it: its sums, if they were asked for, and its receipt.
async fn end(event: &Event, checksums: bool, desk: &mut Desk) -> Result<(), CommandError> {
    let Event::TransferCompleted { transfer, .. } = event else {
        return Ok(());
    };
    if checksums {
        receipts::print_sums(*transfer, desk).await?;
    }
    receipts::wait_for_sender(*transfer, desk).await;
    Ok(())
}

/// The engine answered something else than the contract says.
pub(crate) fn unexpected_reply() -> CommandError {
    CommandError::new(
        ErrorCode::Internal,
        "The process that owns this home gave an answer that makes no sense. Is it of another version?",
    )
}

/// An absolute path, as the owner of the home may have another working folder.
pub(crate) fn absolute(path: &std::path::Path) -> Result<std::path::PathBuf, CommandError> {
    std::path::absolute(path).map_err(|error| {
        CommandError::new(
            ErrorCode::Usage,
            format!("This is no usable path: {error}."),
        )
    })
}
