mod contact;
mod folder;
mod group;
mod history;
mod identity;
mod link;
mod nearby;
mod offer;
mod pairing;
mod receipt;
mod receive;
mod reply;
mod rule;
mod send;
mod setting;
mod transfer;

use serde::{Deserialize, Serialize};

pub use contact::ContactCommand;
pub use folder::{ConflictChoice, FolderAction, FolderCommand};
pub use group::GroupCommand;
pub use history::HistoryCommand;
pub use identity::{IdentityCommand, Passphrase};
pub use link::LinkCommand;
pub use nearby::NearbyCommand;
pub use offer::OfferCommand;
pub use pairing::PairingCommand;
pub use receipt::ReceiptCommand;
pub use receive::{Destination, ReceiveCommand, Wishes};
pub use reply::{Reply, SentTransfer};
pub use rule::RuleCommand;
pub use send::{OnProblem, Priority, SendCommand, SendOptions, SendSources};
pub use setting::SettingCommand;
pub use transfer::{QueueEnd, TransferCommand};

/// What faces may ask of the engine, by what it is about.
///
/// In JSON `command` names the group and `action` what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Meet the signaling server and stay reachable for contacts.
    GoOnline,
    /// What a face missed that was not there. Reply: `Status`.
    Status,
    /// Look at this device's networks: takes up to half a minute. Reply: `Findings`.
    Examine {
        /// A contact's name or id: look at the way to it, too.
        contact: Option<String>,
    },
    /// This device and its person's others.
    Identity(IdentityCommand),
    /// Sending.
    Send(SendCommand),
    /// Receiving.
    Receive(ReceiveCommand),
    /// Offers that wait for an answer.
    Offer(OfferCommand),
    /// Making a contact.
    Pairing(PairingCommand),
    /// Who else is on the local network.
    Nearby(NearbyCommand),
    /// The people this device knows.
    Contact(ContactCommand),
    /// Names for several people.
    Group(GroupCommand),
    /// Folders that several devices share.
    Folder(FolderCommand),
    /// What becomes of offers while nobody answers.
    Rule(RuleCommand),
    /// What moves, waits or is done.
    Transfer(TransferCommand),
    /// What both sides signed.
    Receipt(ReceiptCommand),
    /// What ended.
    History(HistoryCommand),
    /// How this device behaves.
    Setting(SettingCommand),
    /// Links that invite.
    Link(LinkCommand),
}

impl From<IdentityCommand> for Command {
    fn from(command: IdentityCommand) -> Self {
        Self::Identity(command)
    }
}

impl From<SendCommand> for Command {
    fn from(command: SendCommand) -> Self {
        Self::Send(command)
    }
}

impl From<ReceiveCommand> for Command {
    fn from(command: ReceiveCommand) -> Self {
        Self::Receive(command)
    }
}

impl From<OfferCommand> for Command {
    fn from(command: OfferCommand) -> Self {
        Self::Offer(command)
    }
}

impl From<PairingCommand> for Command {
    fn from(command: PairingCommand) -> Self {
        Self::Pairing(command)
    }
}

impl From<NearbyCommand> for Command {
    fn from(command: NearbyCommand) -> Self {
        Self::Nearby(command)
    }
}

impl From<ContactCommand> for Command {
    fn from(command: ContactCommand) -> Self {
        Self::Contact(command)
    }
}

impl From<GroupCommand> for Command {
    fn from(command: GroupCommand) -> Self {
        Self::Group(command)
    }
}

impl From<FolderCommand> for Command {
    fn from(command: FolderCommand) -> Self {
        Self::Folder(command)
    }
}

impl From<RuleCommand> for Command {
    fn from(command: RuleCommand) -> Self {
        Self::Rule(command)
    }
}

impl From<TransferCommand> for Command {
    fn from(command: TransferCommand) -> Self {
        Self::Transfer(command)
    }
}

impl From<ReceiptCommand> for Command {
    fn from(command: ReceiptCommand) -> Self {
        Self::Receipt(command)
    }
}

impl From<HistoryCommand> for Command {
    fn from(command: HistoryCommand) -> Self {
        Self::History(command)
    }
}

impl From<LinkCommand> for Command {
    fn from(command: LinkCommand) -> Self {
        Self::Link(command)
    }
}

impl From<SettingCommand> for Command {
    fn from(command: SettingCommand) -> Self {
        Self::Setting(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_group_and_its_action() {
        let command = Command::Contact(ContactCommand::Remove {
            contact: "Mia".into(),
        });
        let json = serde_json::to_string(&command).unwrap();
        assert_eq!(
            json,
            r#"{"command":"contact","action":"remove","contact":"Mia"}"#
        );
        assert_eq!(serde_json::from_str::<Command>(&json).unwrap(), command);
    }
}
