//! What happened last, printed when a single world is run again and fails.

use std::collections::VecDeque;
use std::thread;

/// The last lines, if anybody will read them.
#[derive(Debug)]
pub(super) struct Diary {
    open: bool,
    lines: VecDeque<String>,
}

impl Default for Diary {
    fn default() -> Self {
        Self {
            open: testkit::seed_from_environment().is_some(),
            lines: VecDeque::new(),
        }
    }
}

impl Diary {
    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        if !self.open {
            return;
        }
        let mut line = line();
        line.truncate(line.floor_char_boundary(LINE_BYTES));
        self.lines.push_back(line);
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }
}

impl Drop for Diary {
    #[expect(clippy::print_stdout, reason = "this is what it was written for")]
    fn drop(&mut self) {
        if thread::panicking() {
            for line in &self.lines {
                println!("{line}");
            }
        }
    }
}

const LINES: usize = 400;
const LINE_BYTES: usize = 300;
