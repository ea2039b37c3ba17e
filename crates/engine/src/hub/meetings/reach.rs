//! Whether a contact can be told anything, and what becomes of one that cannot.

use std::time::{Duration, Instant};

use model::ContactId;
use signaling_proto::client::ClientInput;

use super::Attempt;
use crate::hub::Hub;

impl Hub {
    /// Whether a contact can be told something, through a server or because it is near.
    pub(in crate::hub) fn reaches(&self, id: ContactId) -> bool {
        self.signaling.online || self.meetings.nearby.reaches(id)
    }

    /// Until when a contact that is not near is not met, as the server is to say first which relays there are.
    pub(super) fn relays_awaited(&self, id: ContactId) -> Option<Instant> {
        let is_near = self.meetings.nearby.reaches(id);
        let until = self.signaling.relays.awaited_until();
        until.filter(|_| self.signaling.online && !is_near)
    }

    /// The line to the server is lost, and a transfer has lost its session: few are in the middle of something, so
    /// they need not come back one by one like all the others.
    pub(in crate::hub) fn hurry_back(&mut self) {
        let mut contacts = self.meetings.contacts.keys().copied();
        let is_stuck = contacts.any(|id| {
            let has_work = self.has_work_to_send(id) || self.has_work_to_receive(id);
            has_work && !self.meetings.is_connected(id) && !self.meetings.nearby.reaches(id)
        });
        if is_stuck && self.meetings.hurried < HURRIES {
            self.meetings.hurried += 1;
            self.signaling.send(ClientInput::NetworkChanged);
        }
    }

    /// This device is at the server again.
    pub(in crate::hub) fn is_back(&mut self) {
        self.meetings.hurried = 0;
    }

    /// Looks for a contact that cannot be told anything.
    pub(super) fn miss(&mut self, id: ContactId) {
        if !self.meetings.nearby.is_open() {
            return;
        }
        self.look_for(id);
        let has_work = self.has_work_to_send(id) || self.shares_folder(id);
        if !has_work && !self.waits_for_receipt(id) && !self.has_work_to_receive(id) {
            return;
        }
        if !self.signaling.is_open() {
            self.transfers_wait_for_peer(id);
        }
        self.retry_after(id, LOOK_AGAIN);
    }

    /// What was offered over a line that is gone is answered by nobody.
    pub(in crate::hub) fn forget_unanswered(&mut self, id: ContactId) {
        self.drop_attempt(id, Attempt::is_unanswered);
    }
}

/// A server that is not back after so many tries will not be soon.
const HURRIES: u32 = 10;
/// Announcements tell when a contact comes; this is for networks that swallow them.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
