use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use api::{CommandError, ErrorCode, Event, PauseReason, SentTransfer};
use model::{ContactId, TransferId};
use tokio::time::Instant;

/// How long a command waits for a server that does not answer, and for a contact that is not there.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    was_online: bool,
    server_until: Option<Instant>,
    /// What the server said when it refused this device for good.
    refused: Option<String>,
    contact_until: Option<Instant>,
    waits_for_contact: bool,
    waits_for_server: bool,
    /// Sends that have not ended, and to whom.
    pending: BTreeMap<TransferId, ContactId>,
    /// Those of them whose contact is not there.
    offline: BTreeSet<TransferId>,
    /// The longest time without anything happening, and when it is over.
    silence: Option<(Duration, Instant)>,
}

impl Patience {
    /// Waits for contacts as long as it takes.
    pub(crate) fn wait_for_contact(&mut self) {
        self.waits_for_contact = true;
    }

    /// Waits for contacts and the server as long as it takes.
    pub(crate) fn wait_for_everything(&mut self) {
        self.waits_for_contact = true;
        self.waits_for_server = true;
    }

    /// Gives up on absent contacts only when none of these is left that moves.
    pub(crate) fn expect(&mut self, sent: &[SentTransfer]) {
        let pending = sent.iter().map(|sent| (sent.transfer, sent.contact));
        self.pending = pending.collect();
    }

    /// Gives up when nothing happens for so long.
    pub(crate) fn give_up_after(&mut self, seconds: Option<u64>) {
        self.silence = seconds.map(|seconds| {
            let time = Duration::from_secs(seconds);
            (time, Instant::now() + time)
        });
    }

    /// Learns from what happened.
    pub(crate) fn note(&mut self, event: &Event) {
        if let Some((time, until)) = &mut self.silence
            && is_headway(event)
        {
            *until = Instant::now() + *time;
        }
        if let Event::Ready = event {
            self.was_online = true;
            self.server_until = None;
        } else if let Event::ServerLost { .. } = event
            && !self.was_online
            && !self.waits_for_server
        {
            self.server_until
                .get_or_insert_with(|| Instant::now() + SERVER_TIME);
        } else if let Event::ServerRefused { message } = event
            && !self.waits_for_server
        {
            self.refused = Some(message.clone());
        } else if let Event::TransferPaused { reason, transfer } = event
            && *reason == PauseReason::PeerOffline
        {
            self.offline.insert(*transfer);
        } else if let Event::ContactConnected {
            path: Some(_),
            contact,
        } = event
        {
            // Nobody needs a server that was met without one.
            self.was_online = true;
            self.server_until = None;
            let pending = &self.pending;
            self.offline
                .retain(|transfer| pending.get(transfer).is_some_and(|of| of != contact));
        } else if let Event::CodeIssued { .. }
        | Event::ComparisonWords { .. }
        | Event::NearbyChanged { .. }
        | Event::Visible { .. } = event
        {
            // The same.
            self.was_online = true;
            self.server_until = None;
        } else if let Event::TransferCompleted { transfer, .. }
        | Event::TransferFailed { transfer, .. } = event
        {
            self.pending.remove(transfer);
            self.offline.remove(transfer);
        }
        self.look_at_contacts();
    }

    fn look_at_contacts(&mut self) {
        let nobody_is_there =
            !self.offline.is_empty() && self.pending.keys().all(|sent| self.offline.contains(sent));
        if nobody_is_there && !self.waits_for_contact {
            self.contact_until
                .get_or_insert_with(|| Instant::now() + CONTACT_TIME);
        } else {
            self.contact_until = None;
        }
    }

    /// Ends when there is no point in waiting longer.
    pub(crate) async fn exhausted(&self) -> CommandError {
        if let Some(message) = &self.refused {
            return CommandError::new(ErrorCode::ServerRefused, message.clone());
        }
        tokio::select! {
            error = self.silent_too_long() => error,
            error = self.absent_too_long() => error,
        }
    }

    async fn silent_too_long(&self) -> CommandError {
        let Some((time, until)) = self.silence else {
            return std::future::pending().await;
        };
        tokio::time::sleep_until(until).await;
        let seconds = time.as_secs();
        CommandError::new(
            ErrorCode::TimedOut,
            format!(
                "Nothing happened for {seconds} s. Nothing was lost; the same command goes on."
            ),
        )
    }

    async fn absent_too_long(&self) -> CommandError {
        match (self.server_until, self.contact_until) {
            (Some(until), _) => {
                tokio::time::sleep_until(until).await;
                CommandError::new(
                    ErrorCode::ServerUnreachable,
                    "The signaling server does not answer. Nothing was lost; check --server and the network, and run the command again.",
                )
            }
            (None, Some(until)) => {
                tokio::time::sleep_until(until).await;
                CommandError::new(
                    ErrorCode::ContactOffline,
                    "The contact is offline. Nothing was lost; run the command again when it is there, or add --wait.",
                )
            }
            (None, None) => std::future::pending().await,
        }
    }
}

/// Whether something came nearer to its end.
fn is_headway(event: &Event) -> bool {
    match event {
        Event::CodeIssued { .. }
        | Event::ComparisonWords { .. }
        | Event::ContactAdded { .. }
        | Event::ContactConnected { path: Some(_), .. }
        | Event::TransferAdded { .. }
        | Event::TransferQueued { .. }
        | Event::OfferReceived { .. }
        | Event::OfferAcceptedByRule { .. }
        | Event::TransferProgress { .. }
        | Event::TransferResumed { .. }
        | Event::TransferCompleted { .. }
        | Event::NameTaken { .. }
        | Event::FilesUnchanged { .. }
        | Event::TextReceived { .. }
        | Event::EntryChecksum { .. }
        | Event::ReceiptReady { .. }
        | Event::ReceiptFailed { .. }
        | Event::TransferFailed { .. } => true,
        Event::Ready
        | Event::ServerLost { .. }
        | Event::ServerRefused { .. }
        | Event::Folder(_)
        | Event::Hosting { .. }
        | Event::HostingFailed { .. }
        | Event::SettingProblem(_)
        | Event::KeyChanged { .. }
        | Event::ContactMuted { .. }
        | Event::IdentityCopied { .. }
        | Event::DeviceAdded { .. }
        | Event::DeviceRevoked { .. }
        | Event::ThisDeviceRevoked { .. }
        | Event::DeviceReady { .. }
        | Event::ContactCopied { .. }
        | Event::PairingFailed { .. }
        | Event::NearbyChanged { .. }
        | Event::Visible { .. }
        | Event::ContactHere { .. }
        | Event::ContactConnected { path: None, .. }
        | Event::TransferPaused { .. }
        | Event::PreflightProblem { .. }
        | Event::EntrySkipped { .. } => false,
    }
}

/// A server that just starts is there by then.
const SERVER_TIME: Duration = Duration::from_secs(10);
/// A contact that just restarts is there by then.
const CONTACT_TIME: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_answers_ends_the_command() {
        let mut patience = Patience::default();
        patience.note(&Event::ServerLost { retry_in_s: 1 });
        assert_eq!(
            patience.exhausted().await.code,
            ErrorCode::ServerUnreachable
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_was_there_is_waited_for() {
        let mut patience = Patience::default();
        patience.note(&Event::Ready);
        patience.note(&Event::ServerLost { retry_in_s: 1 });
        let waited = tokio::time::timeout(Duration::from_secs(3_600), patience.exhausted()).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_the_command_and_headway_prolongs_it() {
        let mut patience = Patience::default();
        patience.wait_for_everything();
        patience.give_up_after(Some(60));
        let short = Duration::from_secs(40);
        let code = Event::CodeIssued {
            code: "7-lunar-basil".into(),
            expires_in_s: 600,
            link: None,
        };
        for event in [code, Event::Ready] {
            let waited = tokio::time::timeout(short, patience.exhausted()).await;
            assert!(waited.is_err());
            patience.note(&event);
        }
        let waited = tokio::time::timeout(short, patience.exhausted()).await;
        assert_eq!(waited.map(|error| error.code), Ok(ErrorCode::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn an_absent_contact_ends_the_command_unless_told_to_wait() {
        let transfer = model::TransferId([0; 16]);
        let reason = PauseReason::PeerOffline;
        let offline = Event::TransferPaused { transfer, reason };
        let mut patience = Patience::default();
        patience.note(&offline);
        assert_eq!(patience.exhausted().await.code, ErrorCode::ContactOffline);

        let mut patience = Patience::default();
        patience.wait_for_contact();
        patience.note(&offline);
        let waited = tokio::time::timeout(Duration::from_secs(3_600), patience.exhausted()).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_of_several_who_is_there_is_reason_to_wait() {
        let sent = [1u8, 2].map(|number| SentTransfer {
            transfer: TransferId([number; 16]),
            contact: ContactId([number; 16]),
            name: model::DisplayName::new("somebody"),
        });
        let reason = PauseReason::PeerOffline;
        let offline = |at: usize| Event::TransferPaused {
            transfer: sent[at].transfer,
            reason,
        };
        let mut patience = Patience::default();
        patience.expect(&sent);
        patience.note(&offline(0));
        let waited = tokio::time::timeout(Duration::from_secs(3_600), patience.exhausted()).await;
        assert!(waited.is_err());

        patience.note(&offline(1));
        patience.note(&Event::ContactConnected {
            contact: sent[1].contact,
            path: Some(model::PathKind::Local),
        });
        let waited = tokio::time::timeout(Duration::from_secs(3_600), patience.exhausted()).await;
        assert!(waited.is_err());

        patience.note(&Event::TransferFailed {
            transfer: sent[1].transfer,
            code: ErrorCode::Declined,
            message: String::new(),
        });
        assert_eq!(patience.exhausted().await.code, ErrorCode::ContactOffline);
    }
}
