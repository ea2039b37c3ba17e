//! A connection that has carried much is followed by a fresh one, and nobody notices.
//!
//! The initiator offers a successor. When it stands, both sides stop sending bulk data on the old
//! connection and say how many messages they sent on it: first the initiator, then the responder, once it
//! has as many. When the initiator has the responder's, too, nothing is on its way any more, and it closes.

use session_proto::{CloseReason, ConnectionId, ControlMessage, Role, SessionInput};

use super::SessionTask;

impl SessionTask {
    pub(super) fn worn(&mut self, connection: ConnectionId) {
        if self.role == Role::Initiator {
            self.connections.wear_out(connection);
            self.stripes.offer_missing(self.connections.fresh());
        }
    }

    /// Another connection stands: a worn one can go.
    pub(super) fn retire_worn(&mut self) {
        if self.role == Role::Initiator
            && let Some(connection) = self.connections.retire_worn()
        {
            self.tell_count(connection);
        }
    }

    /// Every worn one can go.
    pub(super) fn retire_all_worn(&mut self) {
        while let Some(connection) = self.connections.retire_worn() {
            self.tell_count(connection);
        }
    }

    /// This side sends no bulk data on a connection any more, after so many messages.
    pub(super) fn written(&mut self, connection: ConnectionId, messages: u64) {
        self.connections.note_written(connection, messages);
        self.tell_count(connection);
    }

    /// The peer sends nothing more on a connection, after so many messages.
    pub(super) fn retired(&mut self, connection: ConnectionId, messages: u64) {
        if !self.connections.expect_end(connection, messages, self.role) {
            tracing::warn!("a connection was retired out of turn: closing the session");
            self.say_goodbye(CloseReason::Violation);
        }
    }

    /// Everything the peer sent on a connection is here.
    pub(super) fn emptied(&mut self, connection: ConnectionId) {
        self.connections.note_emptied(connection);
        self.stripes.renewed();
        self.tell_count(connection);
        if self.role == Role::Initiator {
            self.connections.remove(connection);
            self.input(SessionInput::ConnectionLost { connection });
        }
    }

    fn tell_count(&mut self, connection: ConnectionId) {
        if let Some(messages) = self.connections.take_count(connection) {
            let connection = connection.0;
            let message = ControlMessage::ConnectionRetired {
                connection,
                messages,
            };
            self.input(SessionInput::Send(message));
        }
    }
}
