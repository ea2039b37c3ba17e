//! One outgoing transfer: lists the sources, then drives the sender's machine, its disk and its session.

mod books;
mod preflight;
mod reader;
mod spool;

use std::path::PathBuf;
use std::time::Instant;

use api::{CommandError, ErrorCode, OnProblem, Problem};
use bytes::Bytes;
use model::{Digest, TransferId};
use store::Tally;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use transfer_proto::{
    CancelReason, Completion, DeclineReason, Findings, GoneReason, PauseReason, Sender,
    SenderConfig, SenderEvent, SenderInput, SenderOutcome, SenderOutput, Side, Summary, Tuning,
};

use crate::entries::EntriesQuery;
use crate::pace::Pace;
use crate::preflight::{Found, more, of_finding};
use crate::progress::Glance;
use crate::receipts::ListPlan;
use crate::session::{SessionCommand, sleep_until};
use crate::transfer::{
    Done, Figures, Inbound, Outbox, Reporter, Steer, TransferReport, chunk_bytes, pause_reason,
    skip_reason,
};
use books::Books;
use preflight::{Preflight, Verdict};
use reader::{ListNames, ReadJob, Reader};

/// What an outgoing transfer begins with.
#[derive(Debug)]
pub(crate) struct OutgoingStart {
    pub(crate) transfer: TransferId,
    pub(crate) source: OutgoingSource,
    /// Where the manifest is kept.
    pub(crate) spool: PathBuf,
    /// What it cost until now.
    pub(crate) tally: Tally,
    /// Whether it was accepted in an earlier run.
    pub(crate) resume: bool,
    /// What a person wants if something of it cannot be sent as it is.
    pub(crate) on_problem: OnProblem,
    pub(crate) pace: Pace,
    /// Where the list of what was sent goes, and whether this side wants sums in it.
    pub(crate) list: ListPlan,
}

/// What is sent.
#[derive(Debug)]
pub(crate) enum OutgoingSource {
    Paths(Vec<PathBuf>),
    /// The standard input of this process, under this name.
    StandardInput(model::Name),
    /// A text, which is kept nowhere.
    Text(String),
}

/// Runs a transfer until it is over; it survives sessions.
pub(crate) async fn run(
    start: OutgoingStart,
    inbox: mpsc::Receiver<Inbound>,
    reporter: Reporter,
    shutdown: CancellationToken,
) {
    let work = prepare_and_drive(start, inbox, &reporter);
    tokio::select! {
        () = shutdown.cancelled() => {}
        result = Box::pin(work) => {
            if let Err(error) = result {
                reporter.tell(TransferReport::Failed(error)).await;
            }
        }
    }
}

async fn prepare_and_drive(
    start: OutgoingStart,
    inbox: mpsc::Receiver<Inbound>,
    reporter: &Reporter,
) -> Result<(), CommandError> {
    let transfer = start.transfer;
    let resume = start.resume;
    let pace = start.pace;
    let books = Books::open(&start.spool, transfer);
    let listing = spool::Listing {
        source: start.source,
        spool: start.spool,
        tally: start.tally,
        on_problem: start.on_problem,
        reporter: reporter.clone(),
    };
    let prepared = spool::prepare(listing).await?;
    if prepared.preflight.asks() {
        // Said before anything can be offered.
        let paused = TransferReport::Paused(api::PauseReason::Problem);
        reporter.tell(paused).await;
    }
    reporter
        .tell(TransferReport::Prepared(prepared.summary.clone()))
        .await;
    let config = SenderConfig {
        transfer,
        summary: prepared.summary.clone(),
        pages: prepared.pages,
        resume,
        left_out: prepared.preflight.left_out(),
        tuning: Tuning::default(),
    };
    let (reader, results) = Reader::start(prepared.source, prepared.manifest, books);
    let mut machine = Sender::new(config, Instant::now());
    if start.list.checksums {
        machine.ask_for_checksums();
    }
    if prepared.preflight.asks() {
        machine.handle_input(SenderInput::Pause, Instant::now());
        // That it waits was said.
        machine.poll_output();
    }
    let outgoing = Outgoing {
        machine,
        list: start.list.path,
        summary: prepared.summary,
        outbox: Outbox::paced(pace),
        reader,
        reporter: reporter.clone(),
        tally: prepared.tally,
        preflight: prepared.preflight,
    };
    outgoing.drive(inbox, results).await
}

struct Outgoing {
    machine: Sender,
    summary: Summary,
    outbox: Outbox,
    reader: Reader,
    reporter: Reporter,
    tally: Tally,
    list: PathBuf,
    preflight: Preflight,
}

impl Outgoing {
    async fn drive(
        mut self,
        mut inbox: mpsc::Receiver<Inbound>,
        mut results: mpsc::Receiver<SenderInput>,
    ) -> Result<(), CommandError> {
        let mut glance = Glance::new(Instant::now());
        loop {
            if let Some(outcome) = self.drain().await {
                return self.conclude(outcome, &mut inbox).await;
            }
            if let Some(done) = glance.look(Instant::now(), || self.machine.bytes_done()) {
                self.tell_progress(done).await;
            }
            let deadline = self.machine.deadline();
            tokio::select! {
                biased;
                Some(result) = results.recv() => self.input(result),
                inbound = inbox.recv() => match inbound {
                    Some(Inbound::Entries(query)) => self.tell_entries(query).await,
                    Some(inbound) => self.inbound(inbound),
                    None => return Ok(()), // The hub is gone.
                },
                sent = self.outbox.hand_over() => {
                    if let Some(message) = sent {
                        self.sent(&message);
                    }
                }
                () = sleep_until(deadline) => self.input(SenderInput::Timeout),
                () = sleep_until(glance.deadline()), if glance.deadline().is_some() => {}
            }
        }
    }

    fn input(&mut self, input: SenderInput) {
        self.machine.handle_input(input, Instant::now());
    }

    fn sent(&mut self, message: &Bytes) {
        self.tally.carry(chunk_bytes(message), Instant::now());
        let bytes = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.input(SenderInput::BulkSent { bytes });
    }

    fn inbound(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::SessionUp(session) => {
                if self.outbox.connect(session) {
                    self.input(SenderInput::SessionDown);
                }
                self.machine.retune(self.outbox.tuning());
                self.input(SenderInput::SessionUp);
            }
            Inbound::SessionDown(session) => {
                if self.outbox.is_current(session) {
                    self.outbox.disconnect();
                    self.input(SenderInput::SessionDown);
                }
            }
            Inbound::ConnectionLost(session) => {
                if self.outbox.is_current(session) {
                    self.input(SenderInput::ConnectionLost);
                }
            }
            Inbound::Message(message) => self.input(SenderInput::MessageReceived(message)),
            Inbound::Steer(Steer::Pause) => self.input(SenderInput::Pause),
            Inbound::Steer(Steer::Resume) => {
                self.preflight.answered();
                self.input(SenderInput::Resume);
            }
            Inbound::Steer(Steer::Cancel) => self.input(SenderInput::Cancel),
            Inbound::Steer(Steer::Limit(limit)) => {
                if let Some(pace) = self.outbox.pace() {
                    pace.set_own_limit(limit);
                }
            }
            // Entries are told where there is time for it.
            Inbound::Steer(Steer::Accept { .. } | Steer::Decline(_)) | Inbound::Entries(_) => {}
        }
    }

    /// What this side gave up is known best to the reader, the rest to the machine.
    async fn tell_entries(&self, query: EntriesQuery) {
        let standings = query.range().clone().map(|it| self.machine.standing(it));
        let standings = standings.collect();
        self.reader.ask(ReadJob::Entries { query, standings }).await;
    }

    async fn drain(&mut self) -> Option<SenderOutcome> {
        while let Some(output) = self.machine.poll_output() {
            match output {
                SenderOutput::Send(message) => {
                    self.outbox.push_message(self.reporter.transfer, message);
                }
                SenderOutput::SendBulk { message } => self.outbox.push_bulk(message),
                SenderOutput::ReadPage { page } => self.reader.ask(ReadJob::Page(page)).await,
                SenderOutput::ReadChunk(chunk) => self.reader.ask(ReadJob::Chunk(chunk)).await,
                SenderOutput::Event(event) => self.event(event).await,
                SenderOutput::Findings(findings) => self.found(findings).await,
                SenderOutput::Stalled => self.outbox.push_command(SessionCommand::Renew),
                SenderOutput::Violation(violation) => {
                    tracing::warn!(%violation, "the receiver broke the transfer protocol");
                    let close = SessionCommand::Close(session_proto::CloseReason::Violation);
                    self.outbox.push_command(close);
                    let message = format!(
                        "{} The connection was closed.",
                        crate::problem::sentence(&violation)
                    );
                    let error = CommandError::new(ErrorCode::PeerViolation, message);
                    self.reporter.tell(TransferReport::Broken(error)).await;
                }
                SenderOutput::Finished(outcome) => return Some(outcome),
            }
        }
        None
    }

    async fn event(&mut self, event: SenderEvent) {
        let report = match event {
            SenderEvent::Accepted { checksums } => {
                if checksums {
                    self.reader.ask(ReadJob::TakeSums).await;
                }
                self.tally.start(Instant::now());
                TransferReport::Started {
                    bytes: self.machine.bytes_done(),
                    total_bytes: self.machine.total_bytes(),
                }
            }
            SenderEvent::EntryChanged { entry } => TransferReport::Skipped {
                path: self.reader.path_of(entry).await,
                reason: api::SkipReason::ChangedResent,
            },
            SenderEvent::EntrySkipped { entry, reason } => {
                if reason == GoneReason::NameRefused {
                    self.weigh(ErrorCode::BadName);
                }
                self.reader.ask(ReadJob::NoteDropped(entry)).await;
                TransferReport::Skipped {
                    path: self.reader.path_of(entry).await,
                    reason: skip_reason(reason),
                }
            }
            SenderEvent::EntryKept { entry } => {
                self.reader.ask(ReadJob::NoteKept(entry)).await;
                return;
            }
            SenderEvent::Limited { bytes_per_s } => {
                if let Some(pace) = self.outbox.pace() {
                    pace.set_peer_limit(bytes_per_s);
                }
                return;
            }
            SenderEvent::Paused {
                by: Side::Own,
                reason: PauseReason::Person,
            } if self.preflight.asks() => TransferReport::Paused(api::PauseReason::Problem),
            SenderEvent::Paused { by, reason } => TransferReport::Paused(pause_reason(by, reason)),
            SenderEvent::Resumed { .. } => TransferReport::Resumed,
        };
        self.reporter.tell(report).await;
    }

    /// Tells what the receiver found, before any data of that page goes.
    async fn found(&mut self, findings: Findings) {
        let mut found = Vec::new();
        let mut code = ErrorCode::BadName;
        if findings.missing_bytes > 0 {
            let missing_bytes = findings.missing_bytes;
            found.push(Found::about_all(Problem::NoSpace { missing_bytes }));
            code = ErrorCode::DiskFull;
        }
        for finding in findings.named {
            let path = self.reader.path_of(finding.entry).await;
            found.push(Found::about(path, of_finding(finding.kind)));
        }
        found.extend(more(findings.more));
        self.reporter.tell(TransferReport::Found(found)).await;
        self.weigh(code);
    }

    /// Does what a person wants when something is found.
    fn weigh(&mut self, code: ErrorCode) {
        match self.preflight.verdict() {
            Verdict::GoOn => {}
            Verdict::Ask => self.input(SenderInput::Pause),
            Verdict::Stop => {
                self.preflight.stop(code);
                self.input(SenderInput::Cancel);
            }
        }
    }

    async fn tell_progress(&self, bytes: u64) {
        let total_bytes = self.machine.total_bytes();
        self.reporter
            .tell(TransferReport::Progress { bytes, total_bytes })
            .await;
    }

    async fn conclude(
        mut self,
        outcome: SenderOutcome,
        inbox: &mut mpsc::Receiver<Inbound>,
    ) -> Result<(), CommandError> {
        let result = self.result(outcome);
        self.send_last_words(inbox).await;
        if let Ok(done) = &result {
            let digest = done.digest;
            self.list(digest).await;
        }
        let report = match result {
            Ok(done) => TransferReport::Completed(done),
            Err(error) => TransferReport::Failed(error),
        };
        self.reporter.tell(report).await;
        Ok(())
    }

    /// Lists what was sent, for the receipt; a list that is not what the receiver says is none.
    async fn list(&self, digest: Digest) {
        let list = |names| self.reader.list(self.list.clone(), names);
        let mut listed = list(ListNames::AsSent).await;
        if matches!(&listed, Ok(listed) if listed.contents.digest != digest) {
            listed = list(ListNames::AsOnWindows).await;
        }
        let report = match listed {
            Ok(listed) if listed.contents.digest == digest => TransferReport::Listed(listed),
            Ok(_) => TransferReport::Unlisted("The receiver says that something else arrived."),
            Err(error) => {
                tracing::warn!(%error, "there is no receipt");
                TransferReport::Unlisted("What was sent is not known in whole any more.")
            }
        };
        self.reporter.tell(report).await;
    }

    /// What is still in the outbox goes out, unless the session ends first.
    async fn send_last_words(&mut self, inbox: &mut mpsc::Receiver<Inbound>) {
        while !self.outbox.is_empty() {
            tokio::select! {
                _ = self.outbox.hand_over() => {}
                inbound = inbox.recv() => {
                    if matches!(inbound, None | Some(Inbound::SessionDown(_))) {
                        return;
                    }
                }
            }
        }
    }

    fn result(&self, outcome: SenderOutcome) -> Result<Done, CommandError> {
        match outcome {
            SenderOutcome::Completed(completion) => Ok(self.done(completion)),
            SenderOutcome::Declined(reason) => Err(declined(reason)),
            SenderOutcome::Canceled { by, reason } => {
                let stopped = self.preflight.stopped();
                Err(stopped.unwrap_or_else(|| canceled(by, reason)))
            }
        }
    }

    fn done(&self, completion: Completion) -> Done {
        Done {
            digest: completion.digest,
            figures: Figures::new(
                self.summary.entries,
                completion.skipped,
                self.machine.total_bytes(),
                self.tally.counts(Instant::now()),
            ),
        }
    }
}

fn declined(reason: DeclineReason) -> CommandError {
    match reason {
        DeclineReason::Person => CommandError::new(
            ErrorCode::Declined,
            "The other person declined. Nothing was sent.",
        ),
        DeclineReason::Busy => CommandError::new(
            ErrorCode::Declined,
            "The other device has too many offers open. Nothing was sent; try again later.",
        ),
        DeclineReason::NoSpace => CommandError::new(
            ErrorCode::DiskFull,
            "There is not enough space on the other device. Nothing was sent.",
        ),
        DeclineReason::Policy => CommandError::new(
            ErrorCode::Declined,
            "A rule of the other device declined this. Nothing was sent.",
        ),
    }
}

/// A cancelled transfer, in the words of whoever hears of it.
pub(crate) fn canceled(by: Side, reason: CancelReason) -> CommandError {
    match (by, reason) {
        (_, CancelReason::NameRefused { .. }) => CommandError::new(
            ErrorCode::BadName,
            "The receiver cannot store one of the names, or a rule there takes no programs. Nothing was kept; rename it and send again, or ask them to accept it.",
        ),
        (_, CancelReason::NothingLeft) => CommandError::new(
            ErrorCode::SourceUnreadable,
            "None of the files could be read any more. Nothing was kept.",
        ),
        (Side::Own, CancelReason::Unwritable) => CommandError::new(
            ErrorCode::DestinationUnwritable,
            "The folder cannot be written. Nothing was received.",
        ),
        (Side::Peer, CancelReason::Unwritable) => CommandError::new(
            ErrorCode::DestinationUnwritable,
            "The other device cannot write to its folder. Nothing was kept; send again when it can.",
        ),
        (_, CancelReason::NotText) => CommandError::new(
            ErrorCode::PeerViolation,
            "What was announced as a text is none. Nothing was kept.",
        ),
        (_, CancelReason::ManifestLost) => CommandError::new(
            ErrorCode::Internal,
            "The list of what is sent got lost. Nothing was kept; send again.",
        ),
        (Side::Own, CancelReason::Person) => CommandError::new(
            ErrorCode::Cancelled,
            "Cancelled. The receiver keeps nothing.",
        ),
        (Side::Peer, CancelReason::Person) => CommandError::new(
            ErrorCode::Cancelled,
            "The other side cancelled. The receiver keeps nothing.",
        ),
    }
}
