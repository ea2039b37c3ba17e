//! The two halves of a transfer, each with a driver that does at once what it is asked.

use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{Digest, EntryVersion, Timestamp, limits};
use transfer_proto::{
    Addressed, HeldPage, LeftOut, ReadChunk, Receiver, ReceiverConfig, ReceiverInput,
    ReceiverOutcome, ReceiverOutput, ReceiverStart, Sender, SenderConfig, SenderInput,
    SenderOutcome, SenderOutput, TransferMessage, Tuning,
};

use crate::Verdict;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};
use crate::transfer::{FILE_BYTES, TRANSFER, entries, summary};

/// Plays what a sender says and sends; accepted if the transfer completes.
pub(crate) fn receiver(data: &[u8]) -> Verdict {
    let mut half = ReceivingHalf::new();
    for (kind, bytes) in steps(data) {
        match kind {
            SAYS => half.hear(bytes),
            SENDS => half.tell(ReceiverInput::BulkReceived(Bytes::copy_from_slice(bytes))),
            SENDS_WITH_TOKEN => half.take_with_token(bytes),
            CONNECTS_AGAIN => {
                half.tell(ReceiverInput::SessionDown);
                half.tell(ReceiverInput::SessionUp);
            }
            PAUSES => half.tell(ReceiverInput::Pause),
            RESUMES => half.tell(ReceiverInput::Resume),
            _ => half.pass_time(),
        }
    }
    Verdict::of(half.completed)
}

pub(crate) fn receiver_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![("whole-transfer", recorded().1)]
}

/// Plays what a receiver says; accepted if the transfer completes.
pub(crate) fn sender(data: &[u8]) -> Verdict {
    let mut half = SendingHalf::new();
    for (kind, bytes) in steps(data) {
        match kind {
            SAYS => half.hear(bytes),
            CONNECTS_AGAIN => {
                half.tell(SenderInput::SessionDown);
                half.tell(SenderInput::SessionUp);
            }
            LOSES_ONE => half.tell(SenderInput::ConnectionLost),
            PAUSES => half.tell(SenderInput::Pause),
            RESUMES => half.tell(SenderInput::Resume),
            _ => half.pass_time(),
        }
    }
    Verdict::of(half.completed)
}

pub(crate) fn sender_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![("whole-transfer", recorded().0)]
}

/// Lets the two halves carry everything and writes down what each of them saw.
fn recorded() -> (Vec<u8>, Vec<u8>) {
    let (mut sender, mut receiver) = (SendingHalf::new(), ReceivingHalf::new());
    let (mut to_sender, mut to_receiver) = (Script::default(), Script::default());
    loop {
        let said = std::mem::take(&mut sender.said);
        let answered = std::mem::take(&mut receiver.said);
        if said.is_empty() && answered.is_empty() {
            return (to_sender.finish(), to_receiver.finish());
        }
        for (kind, bytes) in said {
            to_receiver.add(kind, &bytes);
            match kind {
                SAYS => receiver.hear(&bytes),
                _ => receiver.tell(ReceiverInput::BulkReceived(bytes.into())),
            }
        }
        for bytes in answered {
            to_sender.add(SAYS, &bytes);
            sender.hear(&bytes);
        }
    }
}

struct ReceivingHalf {
    machine: Receiver,
    said: Vec<Vec<u8>>,
    completed: bool,
    now: Instant,
}

impl ReceivingHalf {
    fn new() -> Self {
        let now = Instant::now();
        let config = ReceiverConfig {
            transfer: TRANSFER,
            start: ReceiverStart::New,
            entropy: Box::new(Repeatable::seeded(3)),
            tuning: Tuning::default(),
        };
        let machine = Receiver::new(config, now);
        let mut half = Self {
            machine,
            said: Vec::new(),
            completed: false,
            now,
        };
        half.tell(ReceiverInput::SessionUp);
        half
    }

    fn hear(&mut self, bytes: &[u8]) {
        if let Ok(addressed) = Addressed::decode(bytes) {
            self.tell(ReceiverInput::MessageReceived(addressed.message));
        }
    }

    /// Takes a bulk message whose token is put right, so that mutations get past it.
    fn take_with_token(&mut self, bytes: &[u8]) {
        let token = self.machine.token().unwrap_or_default().to_be_bytes();
        let rest = bytes.get(token.len()..).unwrap_or_default();
        let message = [&token, rest].concat();
        self.tell(ReceiverInput::BulkReceived(message.into()));
    }

    fn tell(&mut self, input: ReceiverInput) {
        self.machine.handle_input(input, self.now);
        for _ in 0..MOST_OUTPUTS {
            let Some(output) = self.machine.poll_output() else {
                return;
            };
            if let Some(answer) = self.answer(output) {
                self.machine.handle_input(answer, self.now);
            }
        }
        panic!("the receiver never comes to rest");
    }

    fn answer(&mut self, output: ReceiverOutput) -> Option<ReceiverInput> {
        match output {
            ReceiverOutput::Send(message) => self.said.push(addressed(message)),
            ReceiverOutput::Prompt(_) => return Some(ReceiverInput::Accept),
            ReceiverOutput::StorePage { page, .. } => {
                return Some(ReceiverInput::PageStored {
                    page,
                    held: HeldPage::default(),
                });
            }
            ReceiverOutput::CompareChunk(chunk) => {
                return Some(ReceiverInput::ChunkCompared {
                    name: chunk.name,
                    same: false,
                });
            }
            ReceiverOutput::StoreChunk(chunk) => {
                let name = chunk.name;
                let is_intact = Digest::of(&chunk.data) == chunk.digest;
                return Some(if is_intact {
                    ReceiverInput::ChunkStored { name }
                } else {
                    ReceiverInput::ChunkCorrupt { name }
                });
            }
            ReceiverOutput::FinishEntry(finished) => {
                return Some(ReceiverInput::EntryFinished {
                    entry: finished.entry,
                });
            }
            ReceiverOutput::Commit => {
                return Some(ReceiverInput::Committed {
                    digest: Digest([1; 32]),
                });
            }
            ReceiverOutput::Finished(ReceiverOutcome::Completed(_)) => self.completed = true,
            ReceiverOutput::ReviseEntry(_)
            | ReceiverOutput::DropEntry { .. }
            | ReceiverOutput::ClosePage { .. }
            | ReceiverOutput::Discard
            | ReceiverOutput::Event(_)
            | ReceiverOutput::LeftOut(_)
            | ReceiverOutput::Stalled
            | ReceiverOutput::Violation(_)
            | ReceiverOutput::Finished(_) => {}
        }
        None
    }

    fn pass_time(&mut self) {
        self.now += PASSING;
        if self.machine.deadline().is_some_and(|due| due <= self.now) {
            self.tell(ReceiverInput::Timeout);
        }
    }
}

struct SendingHalf {
    machine: Sender,
    said: Vec<(u8, Vec<u8>)>,
    completed: bool,
    now: Instant,
}

impl SendingHalf {
    fn new() -> Self {
        let now = Instant::now();
        let config = SenderConfig {
            transfer: TRANSFER,
            summary: summary(),
            pages: 1,
            resume: false,
            left_out: LeftOut::default(),
            tuning: Tuning::default(),
        };
        let machine = Sender::new(config, now);
        let mut half = Self {
            machine,
            said: Vec::new(),
            completed: false,
            now,
        };
        half.tell(SenderInput::SessionUp);
        half
    }

    fn hear(&mut self, bytes: &[u8]) {
        if let Ok(addressed) = Addressed::decode(bytes) {
            self.tell(SenderInput::MessageReceived(addressed.message));
        }
    }

    fn tell(&mut self, input: SenderInput) {
        self.machine.handle_input(input, self.now);
        for _ in 0..MOST_OUTPUTS {
            let Some(output) = self.machine.poll_output() else {
                return;
            };
            for answer in self.answer(output) {
                self.machine.handle_input(answer, self.now);
            }
        }
        panic!("the sender never comes to rest");
    }

    fn answer(&mut self, output: SenderOutput) -> Vec<SenderInput> {
        match output {
            SenderOutput::Send(message) => self.said.push((SAYS, addressed(message))),
            SenderOutput::ReadPage { page } => {
                return vec![SenderInput::PageRead {
                    page,
                    entries: entries(),
                }];
            }
            SenderOutput::ReadChunk(request) => return read(&request),
            SenderOutput::SendBulk { message } => {
                assert!(
                    message.len() <= limits::CHANNEL_MESSAGE_BYTES,
                    "a message fits its channel"
                );
                let bytes = u64::try_from(message.len()).expect("a length");
                self.said.push((SENDS, message.to_vec()));
                return vec![SenderInput::BulkSent { bytes }];
            }
            SenderOutput::Finished(SenderOutcome::Completed(_)) => self.completed = true,
            SenderOutput::Event(_)
            | SenderOutput::Findings(_)
            | SenderOutput::Stalled
            | SenderOutput::Violation(_)
            | SenderOutput::Finished(_) => {}
        }
        Vec::new()
    }

    fn pass_time(&mut self) {
        self.now += PASSING;
        if self.machine.deadline().is_some_and(|due| due <= self.now) {
            self.tell(SenderInput::Timeout);
        }
    }
}

/// Reads sevens from the file, and a short stream of them.
fn read(request: &ReadChunk) -> Vec<SenderInput> {
    let is_stream = request.entry == 3;
    let size_bytes = if is_stream { STREAM_BYTES } else { FILE_BYTES };
    let left = size_bytes.saturating_sub(request.offset);
    let length = usize::try_from(left.min(u64::from(request.length))).expect("a chunk's length");
    let data = Bytes::from(vec![7; length]);
    let chunk_read = SenderInput::ChunkRead {
        ticket: request.ticket,
        digest: Digest::of(&data),
        data,
        version: EntryVersion {
            size_bytes,
            modified: Timestamp {
                seconds: 1_700_000_000,
                nanoseconds: 5,
            },
            file_number: 1,
        },
    };
    let ended = SenderInput::StreamEnded {
        entry: request.entry,
        size_bytes,
    };
    match (is_stream, length) {
        (false, _) => vec![chunk_read],
        (true, 0) => vec![ended],
        (true, _) => vec![chunk_read, ended],
    }
}

fn addressed(message: TransferMessage) -> Vec<u8> {
    Addressed {
        transfer: TRANSFER,
        message,
    }
    .encode()
}

const PASSING: Duration = Duration::from_secs(7);
const STREAM_BYTES: u64 = 400;
/// What one input may cause at most: more is an endless loop.
const MOST_OUTPUTS: usize = 100_000;

// What a step of a script does.
const SAYS: u8 = 0;
const SENDS: u8 = 1;
const SENDS_WITH_TOKEN: u8 = 2;
const CONNECTS_AGAIN: u8 = 3;
const LOSES_ONE: u8 = 4;
const PAUSES: u8 = 5;
const RESUMES: u8 = 6;
