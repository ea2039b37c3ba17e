//! What a transfer holds, a part of it at a time, for whoever looks at it.

use std::ops::Range;
use std::path::Path;

use api::{CommandError, ENTRIES_AT_ONCE, EntryState, EntryView, ErrorCode};
use model::limits::RECEIPT_LINE_BYTES;
use model::{Entry, EntryKind};
use tokio::sync::oneshot;
use transfer_proto::{ReceiptContent, ReceiptLine};
use vfs::records::{RecordReader, RecordsError};

use crate::problem;

/// A question for a part of what a transfer holds.
#[derive(Debug)]
pub(crate) struct EntriesQuery {
    range: Range<u32>,
    answer: oneshot::Sender<Vec<EntryView>>,
}

impl EntriesQuery {
    /// Makes the question and the end at which its answer comes; without one, nobody can tell.
    pub(crate) fn new(range: Range<u32>) -> (Self, oneshot::Receiver<Vec<EntryView>>) {
        let (answer, answered) = oneshot::channel();
        (Self { range, answer }, answered)
    }

    /// The indices of the entries that are asked for.
    pub(crate) fn range(&self) -> &Range<u32> {
        &self.range
    }

    pub(crate) fn answer(self, views: impl IntoIterator<Item = EntryView>) {
        // Whoever asked may be gone.
        self.answer.send(fitting(views)).ok();
    }
}

/// The indices that a face asks for.
pub(crate) fn asked(offset: u32, limit: u32) -> Result<Range<u32>, CommandError> {
    match limit {
        1..=ENTRIES_AT_ONCE => Ok(offset..offset.saturating_add(limit)),
        _ => Err(problem::usage(format!(
            "Ask for 1 to {ENTRIES_AT_ONCE} entries at a time."
        ))),
    }
}

/// An entry as faces see it.
pub(crate) fn view(entry: &Entry, state: EntryState) -> EntryView {
    EntryView {
        path: entry.path.to_string(),
        folder: entry.kind == EntryKind::Directory,
        bytes: entry.size_bytes(),
        state,
    }
}

/// A part of the list that is kept of a transfer that is over; blocks.
pub(crate) fn kept(list: &Path, range: &Range<u32>) -> Result<Vec<EntryView>, CommandError> {
    let mut lines = RecordReader::open(list).map_err(unreadable)?;
    let mut views = Vec::new();
    for index in 0..range.end {
        let Some(record) = lines.next(RECEIPT_LINE_BYTES).map_err(unreadable)? else {
            break;
        };
        if range.contains(&index) {
            let line = ReceiptLine::decode(&record).map_err(|error| damaged(&error))?;
            views.push(view_of_line(&line));
        }
    }
    Ok(fitting(views))
}

fn view_of_line(line: &ReceiptLine) -> EntryView {
    let (folder, bytes) = match line.content {
        ReceiptContent::Folder => (true, 0),
        ReceiptContent::File(file) | ReceiptContent::Stream(file) => (false, file.size_bytes),
    };
    EntryView {
        path: line.path.to_string(),
        folder,
        bytes,
        state: EntryState::Done,
    }
}

/// The first of `views`, as far as one answer holds them; a single one always.
fn fitting(views: impl IntoIterator<Item = EntryView>) -> Vec<EntryView> {
    let mut bytes = 0;
    let fit = views.into_iter().take_while(|view| {
        let is_first = bytes == 0;
        bytes += view.path.len() + VIEW_BYTES;
        is_first || bytes <= ANSWER_BYTES
    });
    fit.collect()
}

/// The list of a transfer that is over is not in this home.
pub(crate) fn not_kept() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownTransfer,
        "The list of this transfer is not kept any more.",
    )
}

fn unreadable(error: RecordsError) -> CommandError {
    match error {
        RecordsError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => not_kept(),
        error @ (RecordsError::Malformed | RecordsError::NoSpace | RecordsError::Io(_)) => {
            damaged(&error)
        }
    }
}

fn damaged(error: &dyn std::error::Error) -> CommandError {
    let reason = problem::sentence(error);
    let message = format!("The list of this transfer cannot be read. {reason}");
    CommandError::new(ErrorCode::Internal, message)
}

/// An answer with the longest paths is no longer than this.
const ANSWER_BYTES: usize = 256 * 1_024;
/// What an entry takes besides its path.
const VIEW_BYTES: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn long(length: usize) -> EntryView {
        EntryView {
            path: "n".repeat(length),
            folder: false,
            bytes: 1,
            state: EntryState::Waiting,
        }
    }

    #[test]
    fn so_many_entries_are_told_at_once_and_no_more() {
        assert_eq!(asked(7, ENTRIES_AT_ONCE).unwrap(), 7..7 + ENTRIES_AT_ONCE);
        for limit in [0, ENTRIES_AT_ONCE + 1, u32::MAX] {
            assert_eq!(asked(0, limit).unwrap_err().code, ErrorCode::Usage);
        }
        let last = asked(u32::MAX, 1).unwrap();
        assert!(last.is_empty(), "no list is that long");
    }

    #[test]
    fn an_answer_is_cut_where_names_are_long_and_never_empty() {
        let told = fitting((0..500).map(|_| long(model::limits::PATH_BYTES)));
        let bytes: usize = told.iter().map(|view| view.path.len()).sum();
        assert!(told.len() > 1 && bytes <= ANSWER_BYTES, "{bytes}");
        assert_eq!(fitting([long(ANSWER_BYTES * 2), long(1)]).len(), 1);
        assert_eq!(fitting((0..500).map(|_| long(100))).len(), 500);
    }

    #[test]
    fn a_list_that_is_gone_is_no_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        let gone = kept(&folder.path().join("list"), &(0..1)).unwrap_err();
        assert_eq!(gone, not_kept());
    }
}
