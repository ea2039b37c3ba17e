//! Opening channels, and what flows on them (RFC 8831 §6, RFC 8832 §6).

use std::time::Duration;

use bytes::Bytes;

use super::channels::State;
use super::handshake::Phase;
use super::{Association, Output};
use crate::inbound::{Whole, cost};
use crate::message::{Message, MessageKind};
use crate::outbound::Letter;
use crate::wire::{Open, OpenMessage, PPID_CONTROL};
use crate::{ChannelId, ChannelOptions, OpenError, Reliability, SendError};

impl Association {
    /// Opens a channel; messages may be sent at once.
    pub fn open_channel(&mut self, options: ChannelOptions) -> Result<ChannelId, OpenError> {
        match self.handshake.phase {
            Phase::CookieWait | Phase::CookieEchoed | Phase::Established => {}
            Phase::ShutdownPending
            | Phase::ShutdownSent
            | Phase::ShutdownReceived
            | Phase::ShutdownAckSent
            | Phase::Closed => return Err(OpenError::Closed),
        }
        let streams = self.handshake.streams();
        let stream = self.channels.choose(&options, streams)?;
        let channel = ChannelId(stream);
        self.outbound.queue.set_priority(stream, options.priority);
        let state = match options.negotiated {
            Some(_) if self.is_up() => {
                self.outputs.push_back(Output::ChannelOpened { channel });
                State::Open
            }
            Some(_) => State::Opening,
            None => {
                let open = OpenMessage::Open(Open::from(&options));
                self.post(stream, open.encode().into(), PPID_CONTROL);
                State::Opening
            }
        };
        self.channels.insert(stream, options, state);
        Ok(channel)
    }

    /// Sends a message. The payload is not copied; slices of it leave in packets.
    pub fn send(
        &mut self,
        channel: ChannelId,
        kind: MessageKind,
        payload: Bytes,
    ) -> Result<(), SendError> {
        if self.is_closed() {
            return Err(SendError::Closed);
        }
        if payload.len() > self.config.message_bytes {
            return Err(SendError::TooLong);
        }
        let has_room = self.outbound.queue.has_room(payload.len());
        let entry = self.channels.find(channel.0).filter(|it| it.is_open());
        let Some(entry) = entry else {
            return Err(SendError::Closed);
        };
        if !has_room {
            entry.was_refused = true;
            self.channels.has_refused = true;
            return Err(SendError::Full);
        }
        // Until the peer knows the channel nothing may overtake the message that opens it (RFC 8832 §6).
        let is_unordered = !entry.options.ordered && entry.state == State::Open;
        let (retransmits, lifetime) = match entry.options.reliability {
            Reliability::Reliable => (u32::MAX, None),
            Reliability::Retransmits(count) => (count.min(u32::MAX - 1), None),
            Reliability::Lifetime(time) => (u32::MAX, Some(time)),
        };
        let ppid = kind.ppid(payload.is_empty());
        let letter = Letter {
            ppid,
            is_unordered,
            retransmits,
            expires: lifetime.map(|time| self.clock + time),
            payload: if payload.is_empty() {
                Bytes::from_static(EMPTY)
            } else {
                payload
            },
        };
        self.outbound.queue.push(channel.0, letter);
        let buffered = self.outbound.queue.buffered_on(channel.0);
        if let Some(entry) = self.channels.find(channel.0) {
            entry.is_above_water |= buffered > entry.low_water;
        }
        Ok(())
    }

    /// Takes the next message of a channel; room in the window comes back with it.
    pub fn receive(&mut self, channel: ChannelId) -> Option<Message> {
        let message = self.channels.take(channel.0)?;
        self.receiving.unread -= cost(message.len());
        if self.is_up() && self.receiving.window.has_opened(self.receiving.held()) {
            self.receiving.heard.hurry();
        }
        Some(message)
    }

    /// What a channel was opened with.
    pub fn channel_options(&self, channel: ChannelId) -> Option<&ChannelOptions> {
        self.channels.look(channel.0).map(|it| &it.options)
    }

    /// How many bytes wait on a channel that have not left yet.
    pub fn buffered_bytes(&self, channel: ChannelId) -> usize {
        self.outbound.queue.buffered_on(channel.0)
    }

    /// Sets down to what the waiting bytes must fall for [`Output::Writable`]; 0 at first.
    pub fn set_low_water(&mut self, channel: ChannelId, bytes: usize) {
        let buffered = self.outbound.queue.buffered_on(channel.0);
        if let Some(entry) = self.channels.find(channel.0) {
            entry.low_water = bytes;
            entry.is_above_water = buffered > bytes;
        }
    }

    /// The association is up: negotiated channels are open, the others have announced themselves.
    pub(super) fn open_waiting_channels(&mut self) {
        for (stream, entry) in self.channels.iter_mut() {
            if entry.options.negotiated.is_some() && entry.state == State::Opening {
                entry.state = State::Open;
                let channel = ChannelId(stream);
                self.outputs.push_back(Output::ChannelOpened { channel });
            }
        }
    }

    pub(super) fn deliver_message(&mut self, mut whole: Whole) {
        let stream = whole.stream;
        if whole.ppid == PPID_CONTROL {
            let bytes: Vec<u8> = whole
                .parts
                .iter()
                .flat_map(|it| it.iter().copied())
                .collect();
            self.handle_open_message(stream, &bytes);
            return;
        }
        let Some((kind, is_empty)) = MessageKind::from_ppid(whole.ppid) else {
            return; // Nothing we know (RFC 8831 §6.6).
        };
        let message = if is_empty {
            Message::whole(kind, Bytes::new())
        } else if whole.parts.len() == 1 {
            Message::whole(kind, whole.parts.swap_remove(0))
        } else {
            Message::pieced(kind, whole.parts)
        };
        self.put_message(stream, message);
    }

    /// Tells who waits for room that there is some.
    pub(super) fn announce_room(&mut self) {
        let queue = &self.outbound.queue;
        let is_roomy =
            self.channels.has_refused && queue.buffered() * 2 <= self.config.send_buffer_bytes;
        if is_roomy {
            self.channels.has_refused = false;
        }
        for (stream, entry) in self.channels.iter_mut() {
            let has_fallen = entry.is_above_water && queue.buffered_on(stream) <= entry.low_water;
            let was_refused = is_roomy && entry.was_refused;
            if has_fallen || was_refused {
                entry.is_above_water &= !has_fallen;
                entry.was_refused &= !was_refused;
                let channel = ChannelId(stream);
                self.outputs.push_back(Output::Writable { channel });
            }
        }
    }

    fn handle_open_message(&mut self, stream: u16, bytes: &[u8]) {
        match OpenMessage::decode(bytes) {
            Ok(OpenMessage::Ack) => {
                if let Some(entry) = self.channels.find(stream)
                    && entry.state == State::Opening
                {
                    entry.state = State::Open;
                    let channel = ChannelId(stream);
                    self.outputs.push_back(Output::ChannelOpened { channel });
                }
            }
            Ok(OpenMessage::Open(open)) => self.handle_open(stream, open),
            Err(_) => self.refuse_stream(stream),
        }
    }

    fn handle_open(&mut self, stream: u16, open: Open) {
        if self.channels.look(stream).is_some() {
            return; // One that we know, or both chose the same: the first stands.
        }
        if self.channels.is_full() || stream >= self.handshake.streams() {
            self.refuse_stream(stream);
            return;
        }
        let options = ChannelOptions::from(open);
        self.outbound.queue.set_priority(stream, options.priority);
        let ack = OpenMessage::Ack.encode();
        self.post(stream, ack.into(), PPID_CONTROL);
        self.channels.insert(stream, options.clone(), State::Open);
        let channel = ChannelId(stream);
        self.outputs
            .push_back(Output::ChannelOffered { channel, options });
    }

    /// Queues a message of the establishment protocol: ordered and reliable, whatever the channel is.
    fn post(&mut self, stream: u16, payload: Bytes, ppid: u32) {
        let letter = Letter {
            payload,
            ppid,
            is_unordered: false,
            retransmits: u32::MAX,
            expires: None,
        };
        self.outbound.queue.push(stream, letter);
    }
}

impl From<&ChannelOptions> for Open {
    fn from(options: &ChannelOptions) -> Self {
        Self {
            is_unordered: !options.ordered,
            reliability: match options.reliability {
                Reliability::Lifetime(time) => Reliability::Lifetime(time.min(LONGEST_LIFETIME)),
                other @ (Reliability::Reliable | Reliability::Retransmits(_)) => other,
            },
            priority: options.priority,
            label: options.label.clone(),
            protocol: options.protocol.clone(),
        }
    }
}

impl From<Open> for ChannelOptions {
    fn from(open: Open) -> Self {
        Self {
            label: open.label,
            protocol: open.protocol,
            ordered: !open.is_unordered,
            reliability: open.reliability,
            priority: open.priority,
            negotiated: None,
        }
    }
}

/// What an empty message is sent as (RFC 8831 §6.6).
const EMPTY: &[u8] = &[0];
const LONGEST_LIFETIME: Duration = Duration::from_millis(u32::MAX as u64);
