//! One incoming transfer: drives the receiver's machine, its disk and its session.

mod disk;
mod writer;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use api::{CommandError, ErrorCode};
use bytes::Bytes;
use model::TransferId;
use store::Tally;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use transfer_proto::{
    Completion, DeclineReason, PauseReason, Receiver, ReceiverConfig, ReceiverEvent, ReceiverInput,
    ReceiverOutcome, ReceiverOutput, ReceiverStart, ReceiverViolation, Side, Summary, Tuning,
};

use crate::entropy::OsEntropy;
use crate::preflight::left_out;
use crate::problem::sentence;
use crate::progress::Glance;
use crate::receipts::ListPlan;
use crate::session::{SessionCommand, sleep_until};
use crate::transfer::{
    Done, Figures, Inbound, Outbox, Reporter, Steer, TransferReport, chunk_bytes, pause_reason,
    skip_reason,
};
pub(crate) use disk::Place;
use disk::{Disk, DiskJob};
use writer::Context;

/// What an incoming transfer begins with.
pub(crate) struct IncomingStart {
    pub(crate) transfer: TransferId,
    pub(crate) known: ReceiverStart,
    pub(crate) summary: Summary,
    /// Where it goes, if that was decided in an earlier run.
    pub(crate) place: Option<Place>,
    /// What it cost until now.
    pub(crate) tally: Tally,
    /// Where the list of what arrives goes, and whether this side wants sums in it.
    pub(crate) list: ListPlan,
}

/// Runs a transfer until it is over; it survives sessions.
pub(crate) async fn run(
    start: IncomingStart,
    inbox: mpsc::Receiver<Inbound>,
    reporter: Reporter,
    shutdown: CancellationToken,
) {
    let (incoming, channels) = Incoming::new(start, reporter, inbox);
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = Box::pin(incoming.drive(channels)) => {}
    }
}

struct Incoming {
    machine: Receiver,
    summary: Summary,
    outbox: Outbox,
    disk: Disk,
    bulk: mpsc::Sender<Bytes>,
    token: Option<u64>,
    reporter: Reporter,
    tally: Tally,
    space: SpaceWatch,
    /// Why the chosen place could not be opened.
    refusal: Arc<OnceLock<CommandError>>,
    outcome: Option<ReceiverOutcome>,
}

/// Looks again at a disk that took nothing more.
struct SpaceWatch {
    is_waiting: bool,
    interval: Duration,
}

impl Default for SpaceWatch {
    fn default() -> Self {
        Self {
            is_waiting: false,
            interval: SPACE_INTERVAL,
        }
    }
}

impl SpaceWatch {
    /// Whether a full disk has space can be asked; one that fails is only tried again, less and less often.
    fn note(&mut self, reason: PauseReason) {
        match reason {
            PauseReason::DiskFull => self.interval = SPACE_INTERVAL,
            PauseReason::DiskFailed => {
                self.interval = self.interval.saturating_mul(2).min(LONGEST_INTERVAL);
            }
            PauseReason::Person | PauseReason::Stalled => return,
        }
        self.is_waiting = true;
    }
}

struct Channels {
    inbox: mpsc::Receiver<Inbound>,
    bulk: mpsc::Receiver<Bytes>,
    results: mpsc::Receiver<ReceiverInput>,
}

impl Incoming {
    fn new(
        start: IncomingStart,
        reporter: Reporter,
        inbox: mpsc::Receiver<Inbound>,
    ) -> (Self, Channels) {
        let config = ReceiverConfig {
            transfer: start.transfer,
            start: start.known,
            entropy: Box::new(OsEntropy),
            tuning: Tuning::default(),
        };
        let (bulk, bulk_receiver) = mpsc::channel(BULK_MESSAGES);
        let context = Context {
            reporter: reporter.clone(),
            list: ListPlan {
                checksums: false,
                ..start.list.clone()
            },
            refusal: Arc::default(),
        };
        let refusal = Arc::clone(&context.refusal);
        let (disk, results) = Disk::start(start.transfer, context);
        let mut machine = Receiver::new(config, Instant::now());
        if start.list.checksums {
            machine.ask_for_checksums();
        }
        let incoming = Self {
            machine,
            summary: start.summary,
            outbox: Outbox::default(),
            disk,
            bulk,
            token: None,
            reporter,
            tally: start.tally,
            space: SpaceWatch::default(),
            refusal,
            outcome: None,
        };
        if let Some(place) = start.place {
            let bytes = incoming.summary.bytes;
            incoming.disk.ask(DiskJob::Open(place, bytes));
        }
        let channels = Channels {
            inbox,
            bulk: bulk_receiver,
            results,
        };
        (incoming, channels)
    }

    async fn drive(mut self, mut channels: Channels) {
        let mut glance = Glance::new(Instant::now());
        loop {
            self.drain().await;
            if let Some(done) = glance.look(Instant::now(), || self.machine.bytes_done()) {
                self.space.interval = SPACE_INTERVAL;
                self.tell_progress(done).await;
            }
            if self.outcome.is_some() && self.outbox.is_empty() {
                self.tell_outcome().await;
            }
            let deadline = self.machine.deadline();
            tokio::select! {
                biased;
                Some(result) = channels.results.recv() => self.input(result),
                inbound = channels.inbox.recv() => match inbound {
                    Some(inbound) => self.inbound(inbound),
                    None => return, // The hub let it go.
                },
                _ = self.outbox.hand_over() => {}
                Some(message) = channels.bulk.recv() => self.bulk_received(message),
                () = sleep_until(deadline) => self.input(ReceiverInput::Timeout),
                () = sleep_until(glance.deadline()), if glance.deadline().is_some() => {}
                () = tokio::time::sleep(self.space.interval), if self.space.is_waiting => {
                    self.disk.ask(DiskJob::CheckSpace);
                }
            }
        }
    }

    fn input(&mut self, input: ReceiverInput) {
        if matches!(input, ReceiverInput::SpaceAvailable) {
            self.space.is_waiting = false;
        }
        self.machine.handle_input(input, Instant::now());
    }

    /// Sessions pass on only what has the token that they were told. Another one was waiting here when its session
    /// ended: the sender says it again in the next one.
    fn bulk_received(&mut self, message: Bytes) {
        if is_of_consent(&message, self.machine.token()) {
            self.tally.carry(chunk_bytes(&message), Instant::now());
            self.input(ReceiverInput::BulkReceived(message));
        }
    }

    fn inbound(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::SessionUp(session) => {
                if self.outbox.connect(session) {
                    self.input(ReceiverInput::SessionDown);
                }
                self.machine.retune(self.outbox.tuning());
                self.input(ReceiverInput::SessionUp);
            }
            Inbound::SessionDown(session) => {
                if self.outbox.is_current(session) {
                    self.outbox.disconnect();
                    self.input(ReceiverInput::SessionDown);
                }
            }
            Inbound::ConnectionLost(_) => {}
            Inbound::Message(message) => self.input(ReceiverInput::MessageReceived(message)),
            Inbound::Steer(steer) => self.steer(steer),
            Inbound::Entries(query) => self.disk.ask(DiskJob::Entries(query)),
        }
    }

    fn steer(&mut self, steer: Steer) {
        let input = match steer {
            Steer::Accept {
                place,
                tally,
                checksums,
            } => {
                if checksums {
                    self.machine.ask_for_checksums();
                }
                self.tally = *tally;
                self.disk.ask(DiskJob::Open(*place, self.summary.bytes));
                ReceiverInput::Accept
            }
            Steer::Decline(reason) => ReceiverInput::Decline(reason),
            Steer::Pause => ReceiverInput::Pause,
            Steer::Resume => ReceiverInput::Resume,
            Steer::Cancel => ReceiverInput::Cancel,
            Steer::Limit(bytes_per_s) => ReceiverInput::Limit { bytes_per_s },
        };
        self.input(input);
    }

    async fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            self.expect_bulk();
            match output {
                ReceiverOutput::Send(message) => {
                    self.outbox.push_message(self.reporter.transfer, message);
                }
                ReceiverOutput::Prompt(summary) => {
                    self.summary = summary.clone();
                    self.reporter.tell(TransferReport::Prompt(summary)).await;
                }
                ReceiverOutput::LeftOut(told) => {
                    let report = TransferReport::Found(left_out(told));
                    self.reporter.tell(report).await;
                }
                ReceiverOutput::Event(event) => self.event(event).await,
                ReceiverOutput::Stalled => self.outbox.push_command(SessionCommand::Renew),
                ReceiverOutput::Violation(violation) => {
                    tracing::warn!(%violation, "the sender broke the transfer protocol");
                    let close = SessionCommand::Close(session_proto::CloseReason::Violation);
                    self.outbox.push_command(close);
                    let report = TransferReport::Broken(broken(violation));
                    self.reporter.tell(report).await;
                }
                ReceiverOutput::Finished(outcome) => self.outcome = Some(outcome),
                ReceiverOutput::Commit => self.commit().await,
                disk_work @ (ReceiverOutput::StorePage { .. }
                | ReceiverOutput::ReviseEntry(_)
                | ReceiverOutput::CompareChunk(_)
                | ReceiverOutput::StoreChunk(_)
                | ReceiverOutput::FinishEntry(_)
                | ReceiverOutput::DropEntry { .. }
                | ReceiverOutput::ClosePage { .. }
                | ReceiverOutput::Discard) => self.disk.ask(DiskJob::Work(Box::new(disk_work))),
            }
        }
    }

    /// The figures are kept first: a crash on the way leaves them for whoever tells the end.
    async fn commit(&mut self) {
        let figures = self.figures(self.machine.entries_skipped());
        let report = TransferReport::Committing(figures);
        self.reporter.tell(report).await;
        let commit = Box::new(ReceiverOutput::Commit);
        self.disk.ask(DiskJob::Work(commit));
    }

    /// Tells the session the token of this consent before the consent itself goes out.
    fn expect_bulk(&mut self) {
        let token = self.machine.token();
        if token != self.token {
            self.token = token;
            if let Some(token) = token {
                let bulk = self.bulk.clone();
                self.outbox
                    .push_command(SessionCommand::Expect { token, bulk });
            }
        }
    }

    async fn event(&mut self, event: ReceiverEvent) {
        let report = match event {
            ReceiverEvent::Accepted => {
                if self.machine.wants_checksums() {
                    self.disk.ask(DiskJob::TakeSums);
                }
                self.tally.start(Instant::now());
                TransferReport::Started {
                    bytes: self.machine.bytes_done(),
                    total_bytes: self.machine.total_bytes(),
                }
            }
            ReceiverEvent::EntryChanged { entry } => TransferReport::Skipped {
                path: self.disk.path_of(entry).await,
                reason: api::SkipReason::ChangedResent,
            },
            ReceiverEvent::EntrySkipped { entry, reason } => TransferReport::Skipped {
                path: self.disk.path_of(entry).await,
                reason: skip_reason(reason),
            },
            ReceiverEvent::Paused { by, reason } => {
                if by == Side::Own {
                    self.space.note(reason);
                }
                TransferReport::Paused(pause_reason(by, reason))
            }
            ReceiverEvent::Resumed { .. } => TransferReport::Resumed,
            ReceiverEvent::ChunkRejected { .. } => {
                tracing::info!("a chunk arrived damaged and is fetched again");
                return;
            }
        };
        self.reporter.tell(report).await;
    }

    async fn tell_progress(&self, bytes: u64) {
        let total_bytes = self.machine.total_bytes();
        self.reporter
            .tell(TransferReport::Progress { bytes, total_bytes })
            .await;
    }

    /// Tells the hub how it ended; the task lives on to answer a sender that did not hear it.
    async fn tell_outcome(&mut self) {
        let Some(outcome) = self.outcome.take() else {
            return;
        };
        let report = match outcome {
            ReceiverOutcome::Completed(completion) => {
                TransferReport::Completed(self.done(completion))
            }
            ReceiverOutcome::Declined(reason) => TransferReport::Failed(declined(reason)),
            ReceiverOutcome::Canceled { by, reason } => {
                let refusal = self.refusal.get().cloned();
                let error = refusal.unwrap_or_else(|| crate::outgoing::canceled(by, reason));
                TransferReport::Failed(error)
            }
        };
        self.reporter.tell(report).await;
    }

    fn done(&self, completion: Completion) -> Done {
        Done {
            digest: completion.digest,
            figures: self.figures(completion.skipped),
        }
    }

    fn figures(&self, skipped: u64) -> Figures {
        let counts = self.tally.counts(Instant::now());
        let bytes = self.machine.total_bytes();
        Figures::new(self.summary.entries, skipped, bytes, counts)
    }
}

fn is_of_consent(message: &[u8], token: Option<u64>) -> bool {
    token.is_some() && transfer_proto::bulk::token(message) == token
}

fn declined(reason: DeclineReason) -> CommandError {
    let message = match reason {
        DeclineReason::Person => "Declined. Nothing was received.",
        DeclineReason::Busy => "Too many offers are open. Nothing was received.",
        DeclineReason::NoSpace => "There is not enough space here. Nothing was received.",
        DeclineReason::Policy => "A rule of this device declined it. Nothing was received.",
    };
    let code = match reason {
        DeclineReason::NoSpace => ErrorCode::DiskFull,
        DeclineReason::Person | DeclineReason::Busy | DeclineReason::Policy => ErrorCode::Declined,
    };
    CommandError::new(code, message)
}

/// What a person hears when the sender did what no sender does.
fn broken(violation: ReceiverViolation) -> CommandError {
    if violation == ReceiverViolation::TooManyCorrupt {
        return CommandError::new(
            ErrorCode::Integrity,
            "Data kept arriving damaged, so the connection was closed. What arrived whole is kept; try again.",
        );
    }
    let message = format!(
        "{} The connection was closed, and nothing was put in place.",
        sentence(&violation)
    );
    CommandError::new(ErrorCode::PeerViolation, message)
}

/// Bulk messages that wait for the machine, of all connections: 2 MiB.
const BULK_MESSAGES: usize = 32;
/// How often a full disk is looked at.
const SPACE_INTERVAL: Duration = Duration::from_secs(1);
/// How often one that fails is tried at least.
const LONGEST_INTERVAL: Duration = Duration::from_secs(64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_session_left_behind_is_not_taken_for_a_wrong_token() {
        let message = [&7_u64.to_be_bytes()[..], b"the rest"].concat();
        assert!(is_of_consent(&message, Some(7)));
        assert!(!is_of_consent(&message, Some(8)));
        assert!(!is_of_consent(&message, None));
        assert!(!is_of_consent(b"short", None));
    }
}
