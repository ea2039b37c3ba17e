//! Pairing codes of this socket; they end with it.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Codes {
    requests: BTreeMap<u32, u64>,
    open: BTreeSet<u32>,
    /// Codes whose other side has succeeded; this side still says how it went.
    ending: BTreeSet<u32>,
}

impl Codes {
    /// Notes a request, unless too many wait already.
    pub(super) fn ask(&mut self, request: u32, ticket: u64) -> bool {
        let room = self.requests.len() < REQUESTS;
        if room {
            self.requests.insert(request, ticket);
        }
        room
    }

    /// The ticket of an answered request.
    pub(super) fn answered(&mut self, request: u32) -> Option<u64> {
        self.requests.remove(&request)
    }

    pub(super) fn open(&mut self, nameplate: u32) {
        self.open.insert(nameplate);
    }

    pub(super) fn is_open(&self, nameplate: u32) -> bool {
        self.open.contains(&nameplate)
    }

    /// The other side succeeded; tells whether this one was still open.
    pub(super) fn end(&mut self, nameplate: u32) -> bool {
        let was_open = self.open.remove(&nameplate);
        if was_open && self.ending.len() < REQUESTS {
            self.ending.insert(nameplate);
        }
        was_open
    }

    /// This code is over; tells whether the server waits to hear so.
    pub(super) fn close(&mut self, nameplate: u32) -> bool {
        self.ending.remove(&nameplate) | self.open.remove(&nameplate)
    }

    /// Forgets everything: the requests without an answer, and the codes that were open.
    pub(super) fn lose(&mut self) -> (Vec<u64>, Vec<u32>) {
        let lost = std::mem::take(self);
        (
            lost.requests.into_values().collect(),
            lost.open.into_iter().collect(),
        )
    }
}

/// Requests without an answer: a person makes one at a time.
const REQUESTS: usize = 16;
