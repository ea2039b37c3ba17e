//! What the streams carry.

use std::collections::{BTreeMap, VecDeque};

use crate::config::Side;
use crate::message::Message;
use crate::{ChannelOptions, OpenError, limits};

/// The channels of an association.
#[derive(Debug)]
pub(super) struct Channels {
    side: Side,
    by_stream: BTreeMap<u16, Channel>,
    /// Closed ones whose last messages have not been taken.
    leftovers: BTreeMap<u16, VecDeque<Message>>,
    /// Whether a message was refused since something was last sent.
    pub(super) has_refused: bool,
}

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) options: ChannelOptions,
    pub(super) state: State,
    pub(super) inbox: VecDeque<Message>,
    /// [`crate::Output::Writable`] comes when what waits falls to this.
    pub(super) low_water: usize,
    pub(super) is_above_water: bool,
    pub(super) was_refused: bool,
}

/// How far a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The peer has not accepted it yet; messages may flow, in order.
    Opening,
    Open,
    /// Being closed: what was sent must arrive first.
    Closing(Closing),
}

/// Which halves of a closing channel are done (RFC 8831 §6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Closing {
    pub(super) is_ours_asked: bool,
    pub(super) is_ours_done: bool,
    pub(super) is_theirs_done: bool,
    /// What we sent last has this TSN plus one, once nothing waits any more.
    pub(super) last: Option<u64>,
}

impl Channels {
    pub(super) fn new(side: Side) -> Self {
        Self {
            side,
            by_stream: BTreeMap::new(),
            leftovers: BTreeMap::new(),
            has_refused: false,
        }
    }

    /// Chooses a stream for a channel that we open.
    pub(super) fn choose(&self, options: &ChannelOptions, streams: u16) -> Result<u16, OpenError> {
        if options.label.len() > limits::LABEL_BYTES || options.protocol.len() > limits::LABEL_BYTES
        {
            return Err(OpenError::TooLong);
        }
        if self.by_stream.len() >= limits::CHANNELS {
            return Err(OpenError::TooMany);
        }
        if let Some(stream) = options.negotiated {
            let is_free = stream < streams && !self.is_taken(stream);
            return is_free.then_some(stream).ok_or(OpenError::Taken(stream));
        }
        let first = match self.side {
            Side::Client => 0,
            Side::Server => 1,
        };
        (first..streams)
            .step_by(2)
            .find(|stream| !self.is_taken(*stream))
            .ok_or(OpenError::TooMany)
    }

    pub(super) fn insert(&mut self, stream: u16, options: ChannelOptions, state: State) {
        let channel = Channel {
            options,
            state,
            inbox: VecDeque::new(),
            low_water: 0,
            is_above_water: false,
            was_refused: false,
        };
        self.by_stream.insert(stream, channel);
    }

    pub(super) fn is_full(&self) -> bool {
        self.by_stream.len() >= limits::CHANNELS
    }

    pub(super) fn find(&mut self, stream: u16) -> Option<&mut Channel> {
        self.by_stream.get_mut(&stream)
    }

    pub(super) fn look(&self, stream: u16) -> Option<&Channel> {
        self.by_stream.get(&stream)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (u16, &mut Channel)> {
        self.by_stream.iter_mut().map(|(stream, it)| (*stream, it))
    }

    /// Removes a channel; its unread messages stay readable.
    pub(super) fn remove(&mut self, stream: u16) {
        if let Some(channel) = self.by_stream.remove(&stream)
            && !channel.inbox.is_empty()
        {
            self.leftovers.insert(stream, channel.inbox);
        }
    }

    /// Puts a message into an inbox; says whether it was empty, or `None` if there is no such channel.
    pub(super) fn put(&mut self, stream: u16, message: Message) -> Option<bool> {
        let inbox = &mut self.by_stream.get_mut(&stream)?.inbox;
        inbox.push_back(message);
        Some(inbox.len() == 1)
    }

    pub(super) fn take(&mut self, stream: u16) -> Option<Message> {
        // What a channel left behind is older than what the next one on its stream has.
        if let Some(inbox) = self.leftovers.get_mut(&stream) {
            let message = inbox.pop_front();
            if inbox.is_empty() {
                self.leftovers.remove(&stream);
            }
            return message;
        }
        self.by_stream.get_mut(&stream)?.inbox.pop_front()
    }

    fn is_taken(&self, stream: u16) -> bool {
        self.by_stream.contains_key(&stream) || self.leftovers.contains_key(&stream)
    }
}

impl Channel {
    pub(super) fn is_open(&self) -> bool {
        match self.state {
            State::Opening | State::Open => true,
            State::Closing(_) => false,
        }
    }
}
