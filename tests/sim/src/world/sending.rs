//! Drives the senders.

use model::TransferId;
use transfer_proto::{
    LeftOut, Sender, SenderConfig, SenderEvent, SenderInput, SenderOutput, SenderViolation,
};

use super::World;
use super::work::Work;

impl World {
    /// The transfers that a device has a sending machine for.
    pub(super) fn senders(&self, device: usize) -> Vec<TransferId> {
        let process = self.devices[device].process.as_ref();
        process.map_or_else(Vec::new, |process| {
            process.senders.keys().copied().collect()
        })
    }

    /// Makes the sender of a transfer from what its home remembers, unless it is over.
    pub(super) fn start_sender(&mut self, device: usize, transfer: TransferId) {
        let plan = &self.plans[&transfer];
        let record = self.devices[device]
            .home
            .sending
            .entry(transfer)
            .or_default();
        if record.outcome.is_some() {
            return;
        }
        let config = SenderConfig {
            transfer,
            summary: plan.summary.clone(),
            pages: plan.page_count(),
            resume: record.accepted,
            left_out: LeftOut {
                more: 1,
                ..LeftOut::default()
            },
            tuning: plan.tuning,
        };
        let sender = Sender::new(config, self.now);
        self.devices[device]
            .process()
            .senders
            .insert(transfer, sender);
    }

    /// Feeds a sender and does what it asks; without a machine nothing happens.
    pub(super) fn tell_sender(&mut self, device: usize, transfer: TransferId, input: SenderInput) {
        let now = self.now;
        if !matches!(
            input,
            SenderInput::MessageReceived(_) | SenderInput::BulkSent { .. }
        ) {
            self.note(|| format!("{device} sender {transfer:?} <- {input:?}"));
        }
        let Some(process) = &mut self.devices[device].process else {
            return;
        };
        let Some(sender) = process.senders.get_mut(&transfer) else {
            return;
        };
        sender.handle_input(input, now);
        while let Some(output) = self.next_sender_output(device, transfer) {
            self.take_sender_output(device, transfer, output);
        }
    }

    fn next_sender_output(&mut self, device: usize, transfer: TransferId) -> Option<SenderOutput> {
        let process = self.devices[device].process.as_mut()?;
        process.senders.get_mut(&transfer)?.poll_output()
    }

    fn take_sender_output(&mut self, device: usize, transfer: TransferId, output: SenderOutput) {
        match output {
            SenderOutput::Send(message) => self.say(device, transfer, message),
            SenderOutput::ReadPage { page } => {
                self.begin(device, Work::ReadPage { transfer, page })
            }
            SenderOutput::ReadChunk(request) => {
                let source = self.plans[&transfer].source(request.entry);
                let begun = source.expect("folders are not read").version();
                self.begin(
                    device,
                    Work::ReadChunk {
                        transfer,
                        request,
                        begun,
                    },
                );
            }
            SenderOutput::SendBulk { message } => {
                self.note_sent(transfer, &message);
                self.queue_bulk(device, transfer, message);
            }
            SenderOutput::Event(event) => self.sender_event(device, transfer, event),
            SenderOutput::Findings(findings) => {
                assert_eq!(findings.missing_bytes, 1, "what was found arrives");
            }
            SenderOutput::Stalled => self.cut_everything(),
            SenderOutput::Violation(violation) => {
                let damaged = violation == SenderViolation::TooManyRejected;
                assert!(
                    damaged && self.weather.damages,
                    "the receiver broke a rule: {violation}"
                );
                self.hang_up(device);
            }
            SenderOutput::Finished(outcome) => {
                let record = self.devices[device]
                    .home
                    .sending
                    .entry(transfer)
                    .or_default();
                assert_eq!(
                    record.outcome.replace(outcome),
                    None,
                    "a sender finishes twice"
                );
            }
        }
    }

    fn sender_event(&mut self, device: usize, transfer: TransferId, event: SenderEvent) {
        match event {
            SenderEvent::Accepted { .. } => {
                self.devices[device]
                    .home
                    .sending
                    .entry(transfer)
                    .or_default()
                    .accepted = true;
            }
            SenderEvent::EntryChanged { .. }
            | SenderEvent::EntrySkipped { .. }
            | SenderEvent::EntryKept { .. }
            | SenderEvent::Limited { .. }
            | SenderEvent::Paused { .. }
            | SenderEvent::Resumed { .. } => {}
        }
    }

    /// All connections carry nothing any more.
    pub(super) fn cut_everything(&mut self) {
        for connection in self.network.alive() {
            self.close_connection(connection);
        }
    }
}
