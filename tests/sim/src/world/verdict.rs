//! What must hold after every step, and in the end.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::{EntryKind, TransferId};
use transfer_proto::{ChunkName, FinishEntry, ReceiverOutcome, SenderOutcome, bulk};

use super::World;
use crate::Report;
use crate::disk::{StagedEntry, StagedState};
use crate::plan::Plan;

/// What was sent of a transfer, and what may have been sent twice.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    chunks: BTreeMap<ChunkName, SentChunk>,
    interruptions: u64,
    excused_bytes: u64,
    resent_bytes: u64,
}

#[derive(Debug, Default)]
struct SentChunk {
    length: u64,
    sent_bytes: u64,
}

impl World {
    /// Whether nothing is left to do for anybody.
    pub(super) fn is_settled(&self) -> bool {
        self.plans.values().all(|plan| self.is_over(plan))
    }

    fn is_over(&self, plan: &Plan) -> bool {
        let sending = self.devices[plan.from].home.sending.get(&plan.transfer);
        let receiving = self.devices[1 - plan.from]
            .home
            .receiving
            .get(&plan.transfer);
        let Some(outcome) = sending.and_then(|record| record.outcome) else {
            return false;
        };
        match outcome {
            SenderOutcome::Completed(_) => true,
            SenderOutcome::Declined(_) | SenderOutcome::Canceled { .. } => {
                receiving.is_none_or(|record| record.accepted.is_none() || record.outcome.is_some())
            }
        }
    }

    /// Counts what a bulk message repeats.
    pub(super) fn note_sent(&mut self, transfer: TransferId, message: &Bytes) {
        let (_, records) = bulk::records(message.clone()).expect("our own messages can be read");
        let ledger = self
            .ledgers
            .get_mut(&transfer)
            .expect("every plan has a ledger");
        for record in records {
            let source = self.plans[&transfer].source(record.name.entry);
            if source.is_none_or(|source| source.has_changed()) {
                continue; // A new version may be sent under a number that a restart forgot.
            }
            let length = record.data.len() as u64;
            let chunk = ledger.chunks.entry(record.name).or_default();
            let end = (u64::from(record.offset) + length).max(chunk.length);
            let fresh = end - chunk.length;
            chunk.length = end;
            chunk.sent_bytes += length;
            ledger.resent_bytes += length.saturating_sub(fresh);
        }
    }

    /// Something happened after which a window of data may be sent again.
    pub(super) fn interrupt(&mut self, transfer: TransferId) {
        if let Some(ledger) = self.ledgers.get_mut(&transfer) {
            ledger.interruptions += 1;
        }
    }

    /// A chunk arrived that could not be kept: it may be sent again.
    pub(super) fn excuse(&mut self, transfer: TransferId, bytes: usize) {
        if let Some(ledger) = self.ledgers.get_mut(&transfer) {
            ledger.excused_bytes += bytes as u64;
        }
    }

    /// Looks at everything that must hold at any time.
    pub(super) fn check(&self) {
        for (transfer, ledger) in &self.ledgers {
            let window = self.plans[transfer].tuning.window_bytes;
            let allowed = ledger.interruptions * window + ledger.excused_bytes;
            assert!(
                ledger.resent_bytes <= allowed,
                "{} bytes were sent again after {} interruptions",
                ledger.resent_bytes,
                ledger.interruptions
            );
        }
    }

    /// Looks at a file that is finished: it is exactly one version of its source.
    pub(super) fn judge_file(&self, transfer: TransferId, request: &FinishEntry, bytes: &[u8]) {
        match self.plans[&transfer].source(request.entry) {
            Some(source) => assert!(
                source.ever_was(bytes, request.modified),
                "a file is finished that never existed"
            ),
            None => assert!(bytes.is_empty(), "a folder has bytes"),
        }
    }

    /// Looks at the end of everything.
    pub(super) fn judge(mut self) -> Report {
        self.report.time = self.now - self.start;
        for plan in self.plans.values() {
            let sending = &self.devices[plan.from].home.sending[&plan.transfer];
            match sending.outcome {
                Some(SenderOutcome::Completed(completion)) => {
                    let record = &self.devices[1 - plan.from].home.receiving[&plan.transfer];
                    assert_eq!(
                        record.staging.completion,
                        Some(completion),
                        "the sides disagree"
                    );
                    self.report.completed += 1;
                    self.report.skipped += completion.skipped;
                    let mut entries = 0;
                    for (number, staged) in record.staging.entries() {
                        assert_eq!(number, entries, "an entry is missing");
                        self.judge_entry(plan, number, staged);
                        entries += 1;
                    }
                    assert_eq!(u64::from(entries), plan.summary.entries);
                }
                Some(SenderOutcome::Declined(_)) => {
                    assert!(!plan.welcome, "a welcome transfer was declined");
                    self.report.ended_otherwise += 1;
                }
                Some(SenderOutcome::Canceled { .. }) => {
                    self.judge_canceled(plan);
                    self.report.ended_otherwise += 1;
                }
                None => panic!("a transfer has not ended"),
            }
        }
        self.report.resent_bytes = self
            .ledgers
            .values()
            .map(|ledger| ledger.resent_bytes)
            .sum();
        self.report
    }

    fn judge_entry(&self, plan: &Plan, number: u32, staged: &StagedEntry) {
        assert_eq!(
            staged.entry, plan.entries[number as usize],
            "an entry is another one"
        );
        let source = plan.source(number);
        match &staged.state {
            StagedState::Finished { modified } => {
                let bytes = staged.bytes();
                let fine = source.is_none_or(|source| source.ever_was(&bytes, *modified));
                assert!(fine, "a committed file never existed");
                let folder = staged.entry.kind == EntryKind::Directory;
                assert!(!folder || bytes.is_empty());
            }
            StagedState::Dropped => {
                let excused = source.is_some_and(|source| source.is_gone() || source.has_changed());
                assert!(
                    excused,
                    "an entry was left out although its source was fine"
                );
            }
            StagedState::Partial => panic!("a committed file is not finished"),
        }
    }

    fn judge_canceled(&self, plan: &Plan) {
        let Some(record) = self.devices[1 - plan.from]
            .home
            .receiving
            .get(&plan.transfer)
        else {
            return;
        };
        match record.outcome {
            // The last word crossed the cancel.
            Some(ReceiverOutcome::Completed(_)) => assert!(record.staging.completion.is_some()),
            Some(ReceiverOutcome::Canceled { .. } | ReceiverOutcome::Declined(_)) | None => {
                assert_eq!(
                    record.staging.entries().count(),
                    0,
                    "something staged stays behind"
                );
            }
        }
    }

    /// Says where a run stands, for the message of a failure.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("after {:?}, {:?}", self.now - self.start, self.report);
        for plan in self.plans.values() {
            let sending = self.devices[plan.from].home.sending.get(&plan.transfer);
            let receiving = self.devices[1 - plan.from]
                .home
                .receiving
                .get(&plan.transfer);
            let sender = sending.map(|record| (record.accepted, record.outcome));
            let receiver = receiving.map(|record| (record.accepted.is_some(), record.outcome));
            let summary = (
                plan.from,
                plan.summary.entries,
                plan.page_count(),
                plan.summary.bytes,
            );
            text += &format!(
                "\n  {:?} {summary:?}: {sender:?} -> {receiver:?}",
                plan.transfer
            );
        }
        text
    }
}
