//! Closing channels by resetting their streams (RFC 6525, RFC 8831 §6.7).

use std::time::Instant;

use super::channels::{Closing, State};
use super::{Association, Output};
use crate::sequence::narrow;
use crate::wire::{Chunk, Reset, ResetOutcome, ResetRequest, ResetResponse};
use crate::{ChannelId, limits};

/// Requests under way.
#[derive(Debug)]
pub(super) struct Resets {
    /// The number of our next request.
    next: u32,
    /// The one that is not answered, and when to ask again.
    asked: Option<(ResetRequest, Instant)>,
    /// The number that the peer's next request has.
    expected: u32,
    /// The peer's request that waits for data, and what became of the last.
    waiting: Option<ResetRequest>,
    last_outcome: ResetOutcome,
}

impl Resets {
    pub(super) fn new(first: u32) -> Self {
        Self {
            next: first,
            asked: None,
            expected: 0,
            waiting: None,
            last_outcome: ResetOutcome::Done,
        }
    }

    /// The peer counts its requests from its first TSN (RFC 6525 §4.1).
    pub(super) fn begin(&mut self, peer_first: u32) {
        self.expected = peer_first;
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.asked.as_ref().map(|it| it.1)
    }
}

impl Association {
    /// Closes a channel: what was sent arrives, nothing more can be sent, and the peer closes its half too.
    pub fn close_channel(&mut self, channel: ChannelId) {
        if let Some(entry) = self.channels.find(channel.0)
            && entry.is_open()
        {
            entry.state = State::Closing(Closing::default());
        }
        self.settle();
    }

    pub(super) fn handle_reset(&mut self, reset: Reset) {
        if let Some(response) = reset.response {
            self.handle_reset_response(response);
        }
        if let Some(request) = reset.request {
            self.handle_reset_request(request);
        }
        if let Some(number) = reset.denied {
            self.answer_reset(number, ResetOutcome::Failed(DENIED));
        }
    }

    /// Asks for what is ready to be reset, and does what the peer asked and has become possible.
    pub(super) fn request_resets(&mut self) {
        if let Some(request) = self.resets.waiting.take() {
            self.try_reset(request);
        }
        self.note_drained();
        if !self.handshake.features().stream_reset {
            self.finish_closing(|closing| closing.last.is_some());
            return;
        }
        if self.resets.asked.is_some() {
            return;
        }
        let mut streams = Vec::new();
        for (stream, entry) in self.channels.iter_mut() {
            if let State::Closing(closing) = &mut entry.state
                && !closing.is_ours_asked
                && closing
                    .last
                    .is_some_and(|last| last <= self.outbound.flight.base())
                && streams.len() < limits::RESET_STREAMS
            {
                closing.is_ours_asked = true;
                streams.push(stream);
            }
        }
        if !streams.is_empty() {
            self.ask_reset(streams);
        }
    }

    pub(super) fn tick_reset(&mut self) {
        let Some((request, at)) = &mut self.resets.asked else {
            return;
        };
        if *at <= self.clock {
            *at = self.clock + self.outbound.rtt.timeout(1);
            let reset = Reset {
                request: Some(request.clone()),
                ..Reset::default()
            };
            self.push_control(Chunk::Reset(reset));
        }
    }

    /// Closes a stream on which something was said that we do not understand or want.
    pub(super) fn refuse_stream(&mut self, stream: u16) {
        let features = self.handshake.features();
        if features.stream_reset && self.resets.asked.is_none() {
            self.ask_reset(vec![stream]);
        }
    }

    /// Closing channels with nothing left to send: from now on only acknowledgments are missing.
    fn note_drained(&mut self) {
        let (queue, next) = (&self.outbound.queue, self.outbound.flight.next());
        for (stream, entry) in self.channels.iter_mut() {
            if let State::Closing(closing) = &mut entry.state
                && closing.last.is_none()
                && queue.is_idle(stream)
            {
                closing.last = Some(next);
            }
        }
    }

    fn ask_reset(&mut self, streams: Vec<u16>) {
        let request = ResetRequest {
            number: self.resets.next,
            answered: self.resets.expected.wrapping_sub(1),
            last_tsn: narrow(self.outbound.flight.next().wrapping_sub(1)),
            streams,
        };
        self.resets.next = self.resets.next.wrapping_add(1);
        // The timer is due at once: it sends.
        self.resets.asked = Some((request, self.clock));
        self.tick_reset();
    }

    fn handle_reset_response(&mut self, response: ResetResponse) {
        let is_ours = |it: &(ResetRequest, Instant)| it.0.number == response.number;
        if response.outcome == ResetOutcome::InProgress {
            return; // The timer asks again.
        }
        let Some((request, _)) = self.resets.asked.take_if(|it| is_ours(it)) else {
            return;
        };
        for stream in request.streams {
            self.outbound.queue.reset(stream);
            if let Some(entry) = self.channels.find(stream)
                && let State::Closing(closing) = &mut entry.state
            {
                closing.is_ours_done = true;
            }
        }
        self.finish_closing(|closing| closing.is_ours_done && closing.is_theirs_done);
    }

    fn handle_reset_request(&mut self, request: ResetRequest) {
        let behind = self.resets.expected.wrapping_sub(request.number);
        if behind == 1 {
            let outcome = match self.resets.waiting {
                Some(_) => ResetOutcome::InProgress,
                None => self.resets.last_outcome,
            };
            self.answer_reset(request.number, outcome);
        } else if behind == 0 {
            self.resets.expected = self.resets.expected.wrapping_add(1);
            self.try_reset(request);
        } else {
            self.answer_reset(request.number, ResetOutcome::Failed(BAD_NUMBER));
        }
    }

    /// Resets what the peer sends on, if all of it has arrived (RFC 6525 §5.2.2).
    fn try_reset(&mut self, request: ResetRequest) {
        let heard = &self.receiving.heard;
        if heard.widen(request.last_tsn) >= heard.next() {
            self.resets.waiting = Some(request);
            return;
        }
        self.deliver();
        let streams = if request.streams.is_empty() {
            self.channels.iter_mut().map(|(stream, _)| stream).collect()
        } else {
            request.streams
        };
        for stream in streams {
            self.receiving.inbound.reset(stream);
            if let Some(entry) = self.channels.find(stream) {
                let mut closing = match entry.state {
                    State::Closing(closing) => closing,
                    State::Opening | State::Open => Closing::default(),
                };
                closing.is_theirs_done = true;
                entry.state = State::Closing(closing);
            }
        }
        self.resets.last_outcome = ResetOutcome::Done;
        self.answer_reset(request.number, ResetOutcome::Done);
        self.finish_closing(|closing| closing.is_ours_done && closing.is_theirs_done);
    }

    fn answer_reset(&mut self, number: u32, outcome: ResetOutcome) {
        let response = Some(ResetResponse { number, outcome });
        self.push_control(Chunk::Reset(Reset {
            response,
            ..Reset::default()
        }));
    }

    fn finish_closing(&mut self, is_done: impl Fn(&Closing) -> bool) {
        let done: Vec<u16> = self
            .channels
            .iter_mut()
            .filter(|(_, it)| matches!(&it.state, State::Closing(closing) if is_done(closing)))
            .map(|(stream, _)| stream)
            .collect();
        for stream in done {
            self.channels.remove(stream);
            let channel = ChannelId(stream);
            self.outputs.push_back(Output::ChannelClosed { channel });
        }
    }
}

const DENIED: u32 = 2;
const BAD_NUMBER: u32 = 5;
