//! The receipt of a transfer: who gave what to whom, signed by both, checkable by anybody.
//!
//! The sender states what arrived and signs; the receiver adds its name and time and signs everything,
//! the sender's signature included. Names, sizes and digests of the files are in a list beside it, to which the
//! statement commits: see [`ReceiptLine`] and [`Listing`]. `docs/protocol/transfer.md` has the format.

mod line;

use model::limits::RECEIPT_BYTES;
use model::wire;
use model::{
    DeviceId, DeviceSecrets, Digest, DisplayName, Purpose, Signature, SigningPublicKey, Timestamp,
    TransferId, verify,
};
use serde::{Deserialize, Serialize};

pub use line::{LineError, ListedFile, Listing, ReceiptContent, ReceiptLine};

/// What a transfer brought: a statement's commitment to its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Files and folders in the list.
    pub entries: u64,
    /// How many of them are files.
    pub files: u64,
    /// The bytes of all files.
    pub bytes: u64,
    /// Entries that were announced and left out; they are not in the list.
    pub skipped: u64,
    /// The digest of the list: see [`crate::TransferDigest`].
    pub digest: Digest,
    /// If plain SHA-256 sums were asked for: SHA-256 over those of all files in order.
    pub sums: Option<Digest>,
}

/// What the sender says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// 1.
    pub version: u8,
    /// The transfer.
    pub transfer: TransferId,
    /// The identity key of its sender.
    pub sender: SigningPublicKey,
    /// The identity key of its receiver.
    pub receiver: SigningPublicKey,
    /// What the sender calls itself; proves nothing.
    pub sender_name: DisplayName,
    /// What the transfer is called.
    pub title: DisplayName,
    /// What arrived.
    pub contents: Contents,
    /// When the sender learnt that it arrived, by its clock.
    pub sent_at: Timestamp,
}

/// A statement with the sender's signature: the first half of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedStatement {
    /// What the sender says.
    pub statement: Statement,
    /// Its signature, for [`Purpose::ReceiptStatement`].
    pub signature: Signature,
}

/// What the receiver adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// What the receiver calls itself; proves nothing.
    pub receiver_name: DisplayName,
    /// When it arrived, by the receiver's clock.
    pub received_at: Timestamp,
}

/// An acknowledgement with the receiver's signature: the second half of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedAcknowledgement {
    /// What the receiver adds.
    pub acknowledgement: Acknowledgement,
    /// Its signature over the first half and the acknowledgement, for [`Purpose::ReceiptAcknowledgement`].
    pub signature: Signature,
}

/// A receipt, signed by both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The sender's half.
    pub statement: SignedStatement,
    /// The receiver's half.
    pub acknowledgement: SignedAcknowledgement,
}

/// Why something is not a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not the shape of a receipt, or written in another way than receipts are.
    #[error("this is not a receipt, or it was altered")]
    Malformed,
    /// Made by a newer program.
    #[error("this receipt is of a newer version")]
    UnknownVersion,
    /// The sender's signature does not belong to it.
    #[error("the sender's signature does not match: the receipt was altered or forged")]
    SenderSignature,
    /// The receiver's signature does not belong to it.
    #[error("the receiver's signature does not match: the receipt was altered or forged")]
    ReceiverSignature,
    /// The two halves speak of one device.
    #[error("sender and receiver are the same device")]
    SameDevice,
}

/// The version that this program writes and reads.
pub const RECEIPT_VERSION: u8 = 1;

impl Statement {
    /// Signs it as its sender.
    pub fn sign(self, secrets: &DeviceSecrets) -> SignedStatement {
        let signature = secrets.sign(Purpose::ReceiptStatement, &wire::encode(&self));
        SignedStatement {
            statement: self,
            signature,
        }
    }

    /// The device that sent.
    pub fn sender_id(&self) -> DeviceId {
        DeviceId::of_key(&self.sender.0)
    }

    /// The device that received.
    pub fn receiver_id(&self) -> DeviceId {
        DeviceId::of_key(&self.receiver.0)
    }
}

impl SignedStatement {
    /// Writes it, at most [`RECEIPT_BYTES`] long.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads one that this device kept.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let read: Self = wire::decode(bytes, RECEIPT_BYTES).map_err(|_| ReceiptError::Malformed)?;
        exact(read.encode() == bytes, read)
    }

    /// Checks version, parties and the sender's signature.
    pub fn check(&self) -> Result<(), ReceiptError> {
        let statement = &self.statement;
        if statement.version != RECEIPT_VERSION {
            return Err(ReceiptError::UnknownVersion);
        }
        if statement.sender == statement.receiver {
            return Err(ReceiptError::SameDevice);
        }
        let signed = wire::encode(statement);
        verify(
            &statement.sender,
            Purpose::ReceiptStatement,
            &signed,
            &self.signature,
        )
        .map_err(|_| ReceiptError::SenderSignature)
    }

    /// Signs it as its receiver.
    pub fn acknowledge(
        &self,
        acknowledgement: Acknowledgement,
        secrets: &DeviceSecrets,
    ) -> SignedAcknowledgement {
        let signed = acknowledged(self, &acknowledgement);
        SignedAcknowledgement {
            signature: secrets.sign(Purpose::ReceiptAcknowledgement, &signed),
            acknowledgement,
        }
    }
}

impl Receipt {
    /// Writes it, at most [`RECEIPT_BYTES`] long.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads one and checks everything but its list: shape, version and both signatures.
    ///
    /// There is one way to write a receipt: any other bytes are refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let read = Self::read(bytes)?;
        read.check()?;
        Ok(read)
    }

    /// Reads one that was checked before, as it lies in a home; the signatures are not looked at.
    pub fn read(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let read: Self = wire::decode(bytes, RECEIPT_BYTES).map_err(|_| ReceiptError::Malformed)?;
        exact(read.encode() == bytes, read)
    }

    /// Checks version, parties and both signatures.
    pub fn check(&self) -> Result<(), ReceiptError> {
        self.statement.check()?;
        let signed = acknowledged(&self.statement, &self.acknowledgement.acknowledgement);
        verify(
            &self.statement.statement.receiver,
            Purpose::ReceiptAcknowledgement,
            &signed,
            &self.acknowledgement.signature,
        )
        .map_err(|_| ReceiptError::ReceiverSignature)
    }
}

/// What the receiver signs.
fn acknowledged(statement: &SignedStatement, acknowledgement: &Acknowledgement) -> Vec<u8> {
    wire::encode(&(statement, acknowledgement))
}

fn exact<T>(is_exact: bool, read: T) -> Result<T, ReceiptError> {
    is_exact.then_some(read).ok_or(ReceiptError::Malformed)
}

#[cfg(test)]
mod tests;
