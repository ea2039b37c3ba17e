use session_proto::CloseReason;
use signaling_proto::client::ClientInput;

use super::Hub;
use crate::network_watch::NetworkChange;

impl Hub {
    /// The networks of this device changed: what they carried is made anew at once.
    pub(super) fn network_changed(&mut self, change: NetworkChange) {
        self.apply_stun_servers();
        if self.meetings.hosting.is_on() {
            self.follow_hosting();
            if let Err(error) = self.follow_server() {
                tracing::info!(%error, "the server in this device is not met");
            }
        }
        match change {
            NetworkChange::Moved => {
                tracing::info!("this device is in another network now");
                self.give_up_attempts();
                self.drop_sessions(CloseReason::Superseded);
                self.signaling.send(ClientInput::NetworkMoved);
                self.left_networks();
            }
            NetworkChange::Appeared => {
                self.signaling.send(ClientInput::NetworkMoved);
                self.left_networks();
            }
            NetworkChange::Other => {
                self.signaling.send(ClientInput::NetworkChanged);
                self.renew_lanes();
            }
        }
    }
}
