//! Drives the receivers.

use model::TransferId;
use transfer_proto::{
    CancelReason, Offer, Receiver, ReceiverConfig, ReceiverInput, ReceiverOutcome, ReceiverOutput,
    ReceiverStart, ReceiverViolation, ResumeState, Side, SinkFailure,
};

use super::World;
use super::work::Work;
use crate::disk::Staging;

impl World {
    /// The transfers that a device has a receiving machine for.
    pub(super) fn receivers(&self, device: usize) -> Vec<TransferId> {
        let process = self.devices[device].process.as_ref();
        process.map_or_else(Vec::new, |process| {
            process.receivers.keys().copied().collect()
        })
    }

    /// An offer arrived: a transfer that no machine knows gets one.
    pub(super) fn offered(&mut self, device: usize, transfer: TransferId, offer: &Offer) {
        let known = (offer.summary.clone(), offer.pages);
        let process = self.devices[device].process();
        process.offers.insert(transfer, known);
        if !process.receivers.contains_key(&transfer) {
            self.start_receiver(device, transfer);
            self.tell_receiver(device, transfer, ReceiverInput::SessionUp);
        }
    }

    /// Makes the receiver of a transfer from what its home remembers.
    pub(super) fn start_receiver(&mut self, device: usize, transfer: TransferId) {
        let config = ReceiverConfig {
            transfer,
            start: self.receiver_start(device, transfer),
            entropy: Box::new(self.seed.fork()),
            tuning: self.plans[&transfer].tuning,
        };
        let receiver = Receiver::new(config, self.now);
        self.devices[device]
            .process()
            .receivers
            .insert(transfer, receiver);
    }

    fn receiver_start(&mut self, device: usize, transfer: TransferId) -> ReceiverStart {
        let Some(record) = self.devices[device].home.receiving.get(&transfer) else {
            return ReceiverStart::New;
        };
        if let Some(completion) = record.staging.completion {
            return ReceiverStart::Completed(completion);
        }
        match (record.outcome, &record.accepted) {
            (
                Some(ReceiverOutcome::Canceled {
                    by: Side::Own,
                    reason,
                }),
                _,
            ) => ReceiverStart::Canceled(reason),
            (Some(ReceiverOutcome::Canceled { by: Side::Peer, .. }), _) => {
                ReceiverStart::Canceled(CancelReason::Person)
            }
            (Some(ReceiverOutcome::Declined(_) | ReceiverOutcome::Completed(_)) | None, None) => {
                // Whoever declined may be asked again after a restart.
                self.devices[device].home.receiving.remove(&transfer);
                ReceiverStart::New
            }
            (_, Some((summary, pages))) => ReceiverStart::Resumed(ResumeState {
                summary: summary.clone(),
                pages: *pages,
                complete_pages: record.staging.complete_pages.clone(),
            }),
        }
    }

    /// Feeds a receiver and does what it asks; without a machine nothing happens.
    pub(super) fn tell_receiver(
        &mut self,
        device: usize,
        transfer: TransferId,
        input: ReceiverInput,
    ) {
        let now = self.now;
        let dull = matches!(
            input,
            ReceiverInput::MessageReceived(_) | ReceiverInput::BulkReceived(_)
        );
        if !dull {
            self.note(|| format!("{device} receiver {transfer:?} <- {input:?}"));
        }
        let Some(process) = &mut self.devices[device].process else {
            return;
        };
        let Some(receiver) = process.receivers.get_mut(&transfer) else {
            return;
        };
        receiver.handle_input(input, now);
        while let Some(output) = self.next_receiver_output(device, transfer) {
            self.take_receiver_output(device, transfer, output);
        }
    }

    fn next_receiver_output(
        &mut self,
        device: usize,
        transfer: TransferId,
    ) -> Option<ReceiverOutput> {
        let process = self.devices[device].process.as_mut()?;
        process.receivers.get_mut(&transfer)?.poll_output()
    }

    fn take_receiver_output(
        &mut self,
        device: usize,
        transfer: TransferId,
        output: ReceiverOutput,
    ) {
        match output {
            ReceiverOutput::Send(message) => self.say(device, transfer, message),
            ReceiverOutput::Prompt(summary) => {
                assert_eq!(summary, self.plans[&transfer].summary);
                self.begin(device, Work::Decide { transfer });
            }
            ReceiverOutput::StorePage {
                page,
                first_entry,
                entries,
            } => {
                self.must_be_accepted(device, transfer);
                self.begin(
                    device,
                    Work::StorePage {
                        transfer,
                        page,
                        first_entry,
                        entries,
                    },
                );
            }
            ReceiverOutput::ReviseEntry(revision) => {
                self.staging(device, transfer).revise(revision)
            }
            ReceiverOutput::CompareChunk(chunk) => {
                self.begin(device, Work::CompareChunk { transfer, chunk });
            }
            ReceiverOutput::StoreChunk(chunk) => {
                self.must_be_accepted(device, transfer);
                self.begin(device, Work::StoreChunk { transfer, chunk });
            }
            ReceiverOutput::FinishEntry(request) => {
                self.begin(device, Work::FinishEntry { transfer, request });
            }
            ReceiverOutput::DropEntry { entry } => self.staging(device, transfer).drop_entry(entry),
            ReceiverOutput::ClosePage { page } => self.staging(device, transfer).close_page(page),
            ReceiverOutput::Commit => self.begin(device, Work::Commit { transfer }),
            ReceiverOutput::Discard => {
                let record = self.devices[device].record(transfer);
                assert_eq!(
                    record.staging.completion, None,
                    "a finished transfer is discarded"
                );
                record.staging = Staging::discarded();
            }
            ReceiverOutput::Event(_) => {}
            ReceiverOutput::LeftOut(left_out) => {
                assert_eq!(left_out.more, 1, "what is left out is told");
            }
            ReceiverOutput::Stalled => self.cut_everything(),
            ReceiverOutput::Violation(violation) => {
                let damaged = violation == ReceiverViolation::TooManyCorrupt;
                assert!(
                    damaged && self.weather.damages,
                    "the sender broke a rule: {violation}"
                );
                self.hang_up(device);
            }
            ReceiverOutput::Finished(outcome) => {
                let record = self.devices[device].record(transfer);
                if record.outcome != Some(outcome) {
                    assert_eq!(
                        record.outcome.replace(outcome),
                        None,
                        "a receiver finishes twice"
                    );
                }
            }
        }
    }

    /// The person decides about an offer.
    pub(super) fn decide(&mut self, device: usize, transfer: TransferId) {
        if !self.plans[&transfer].welcome {
            let reason = transfer_proto::DeclineReason::Person;
            self.tell_receiver(device, transfer, ReceiverInput::Decline(reason));
            return;
        }
        let offer = self.devices[device]
            .process()
            .offers
            .get(&transfer)
            .cloned();
        self.devices[device].record(transfer).accepted = offer;
        self.tell_receiver(device, transfer, ReceiverInput::Accept);
    }

    /// Tells every receiver that the disk has space again.
    pub(super) fn free_disk(&mut self, device: usize) {
        self.weather.full_disk[device] = None;
        for transfer in self.receivers(device) {
            self.tell_receiver(device, transfer, ReceiverInput::SpaceAvailable);
        }
    }

    /// Why the disk refuses to be written at this moment, if it does.
    pub(super) fn disk_failure(
        &mut self,
        device: usize,
        transfer: TransferId,
    ) -> Option<SinkFailure> {
        if self.staging(device, transfer).is_discarded {
            return Some(SinkFailure::Unwritable); // Asked before the transfer was canceled.
        }
        let failure = self.weather.full_disk[device];
        self.report.refused_writes += u64::from(failure.is_some());
        failure
    }

    pub(super) fn staging(&mut self, device: usize, transfer: TransferId) -> &mut Staging {
        &mut self.devices[device].record(transfer).staging
    }

    fn must_be_accepted(&mut self, device: usize, transfer: TransferId) {
        let accepted = self.devices[device].record(transfer).accepted.is_some();
        assert!(accepted, "something reaches the disk before anybody agreed");
    }
}
