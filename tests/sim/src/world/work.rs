//! What takes a while: the disk, and people.

use std::time::Duration;

use model::{Digest, Entry, TransferId};
use transfer_proto::{ChunkDigest, FinishEntry, ReadChunk, ReceiverInput, SenderInput, StoreChunk};

use super::{Event, World};
use crate::source::Reading;

/// Something a machine asked for; a crash forgets it.
#[derive(Debug)]
pub(crate) enum Work {
    ReadPage {
        transfer: TransferId,
        page: u32,
    },
    ReadChunk {
        transfer: TransferId,
        request: ReadChunk,
        begun: usize,
    },
    Decide {
        transfer: TransferId,
    },
    StorePage {
        transfer: TransferId,
        page: u32,
        first_entry: u32,
        entries: Vec<Entry>,
    },
    CompareChunk {
        transfer: TransferId,
        chunk: ChunkDigest,
    },
    StoreChunk {
        transfer: TransferId,
        chunk: StoreChunk,
    },
    FinishEntry {
        transfer: TransferId,
        request: FinishEntry,
    },
    Commit {
        transfer: TransferId,
    },
}

impl World {
    /// Starts something that takes a while; things started together end in any order.
    pub(super) fn begin(&mut self, device: usize, work: Work) {
        let longest = match work {
            Work::Decide { .. } => 5_000_000,
            Work::ReadPage { .. }
            | Work::ReadChunk { .. }
            | Work::StorePage { .. }
            | Work::CompareChunk { .. }
            | Work::StoreChunk { .. }
            | Work::FinishEntry { .. }
            | Work::Commit { .. }
                if self.weather.slow_disk =>
            {
                3_000_000
            }
            Work::ReadPage { .. }
            | Work::ReadChunk { .. }
            | Work::StorePage { .. }
            | Work::CompareChunk { .. }
            | Work::StoreChunk { .. }
            | Work::FinishEntry { .. }
            | Work::Commit { .. } => 10_000,
        };
        let time = Duration::from_micros(self.seed.within(0..longest));
        let incarnation = self.devices[device].incarnation;
        self.plan_in(
            time,
            Event::Worked {
                device,
                incarnation,
                work,
            },
        );
    }

    /// It is done, and has taken effect at this moment.
    pub(super) fn worked(&mut self, device: usize, work: Work) {
        match work {
            Work::ReadPage { transfer, page } => {
                let entries = self.plans[&transfer].page(page);
                self.tell_sender(device, transfer, SenderInput::PageRead { page, entries });
            }
            Work::ReadChunk {
                transfer,
                request,
                begun,
            } => {
                self.chunk_read(device, transfer, &request, begun);
            }
            Work::Decide { transfer } => self.decide(device, transfer),
            Work::StorePage {
                transfer,
                page,
                first_entry,
                entries,
            } => {
                let input = match self.disk_failure(device, transfer) {
                    Some(failure) => ReceiverInput::PageFailed { page, failure },
                    None => {
                        let held =
                            self.staging(device, transfer)
                                .store_page(page, first_entry, entries);
                        ReceiverInput::PageStored { page, held }
                    }
                };
                self.tell_receiver(device, transfer, input);
            }
            Work::CompareChunk { transfer, chunk } => {
                let name = chunk.name;
                let same = self.staging(device, transfer).has_same(name, &chunk.digest);
                self.tell_receiver(
                    device,
                    transfer,
                    ReceiverInput::ChunkCompared { name, same },
                );
            }
            Work::StoreChunk { transfer, chunk } => self.store_chunk(device, transfer, &chunk),
            Work::FinishEntry { transfer, request } => {
                self.finish_entry(device, transfer, &request)
            }
            Work::Commit { transfer } => {
                let input = match self.disk_failure(device, transfer) {
                    Some(failure) => ReceiverInput::CommitFailed { failure },
                    None => ReceiverInput::Committed {
                        digest: self.staging(device, transfer).commit().digest,
                    },
                };
                self.tell_receiver(device, transfer, input);
            }
        }
    }

    fn chunk_read(
        &mut self,
        device: usize,
        transfer: TransferId,
        request: &ReadChunk,
        begun: usize,
    ) {
        let ticket = request.ticket;
        let source = self.plans[&transfer]
            .source(request.entry)
            .expect("folders are not read");
        let answer = |data: bytes::Bytes, version| SenderInput::ChunkRead {
            ticket,
            digest: Digest::of(&data),
            data,
            version,
        };
        match source.read(request, begun) {
            Reading::Chunk { data, version } => {
                self.tell_sender(device, transfer, answer(data, version))
            }
            Reading::Changed { version } => {
                self.tell_sender(
                    device,
                    transfer,
                    SenderInput::SourceChanged { ticket, version },
                );
            }
            Reading::Failed(failure) => {
                self.tell_sender(
                    device,
                    transfer,
                    SenderInput::ReadFailed { ticket, failure },
                );
            }
            Reading::Ended { size_bytes, rest } => {
                if let Some((data, version)) = rest {
                    self.tell_sender(device, transfer, answer(data, version));
                }
                let entry = request.entry;
                self.tell_sender(
                    device,
                    transfer,
                    SenderInput::StreamEnded { entry, size_bytes },
                );
            }
        }
    }

    fn store_chunk(&mut self, device: usize, transfer: TransferId, chunk: &StoreChunk) {
        let name = chunk.name;
        let input = if Digest::of(&chunk.data) != chunk.digest {
            self.report.damaged += 1;
            self.excuse(transfer, chunk.data.len());
            ReceiverInput::ChunkCorrupt { name }
        } else if let Some(failure) = self.disk_failure(device, transfer) {
            self.excuse(transfer, chunk.data.len());
            ReceiverInput::WriteFailed { name, failure }
        } else {
            self.staging(device, transfer).store_chunk(chunk);
            ReceiverInput::ChunkStored { name }
        };
        self.tell_receiver(device, transfer, input);
    }

    fn finish_entry(&mut self, device: usize, transfer: TransferId, request: &FinishEntry) {
        let entry = request.entry;
        let input = match self.disk_failure(device, transfer) {
            Some(failure) => ReceiverInput::FinishFailed { entry, failure },
            None => {
                let bytes = self.staging(device, transfer).finish(request);
                self.judge_file(transfer, request, &bytes);
                ReceiverInput::EntryFinished { entry }
            }
        };
        self.tell_receiver(device, transfer, input);
    }
}
