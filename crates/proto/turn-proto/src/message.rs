//! Writing STUN messages.

use std::net::SocketAddr;

use stun_types::attribute::{AttributeType, ErrorCode, RawAttribute, Software, UnknownAttributes};
use stun_types::message::{
    IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass, MessageType,
    MessageWrite, MessageWriteExt, MessageWriteVec, Method, TransactionId,
};

use crate::attribute;
use crate::credentials::Credentials;

pub(crate) const ALLOCATE: Method = Method::new(0x003);
pub(crate) const REFRESH: Method = Method::new(0x004);
pub(crate) const SEND: Method = Method::new(0x006);
pub(crate) const DATA: Method = Method::new(0x007);
pub(crate) const CREATE_PERMISSION: Method = Method::new(0x008);
pub(crate) const CHANNEL_BIND: Method = Method::new(0x009);

/// A message that is being written.
pub(crate) struct Draft {
    message: MessageWriteVec,
    transaction: TransactionId,
}

impl Draft {
    pub(crate) fn request(method: Method, transaction: TransactionId) -> Self {
        Self::new(MessageClass::Request, method, transaction)
    }

    pub(crate) fn indication(method: Method, transaction: TransactionId) -> Self {
        Self::new(MessageClass::Indication, method, transaction)
    }

    pub(crate) fn success(request: &Message<'_>) -> Self {
        Self::new(
            MessageClass::Success,
            request.method(),
            request.transaction_id(),
        )
    }

    pub(crate) fn error(request: &Message<'_>, code: u16) -> Self {
        let (method, transaction) = (request.method(), request.transaction_id());
        let mut draft = Self::new(MessageClass::Error, method, transaction);
        if let Ok(code) = ErrorCode::builder(code).build() {
            draft.push(&code);
        }
        draft
    }

    pub(crate) fn put(mut self, kind: AttributeType, value: &[u8]) -> Self {
        self.push(&RawAttribute::new(kind, value));
        self
    }

    pub(crate) fn put_address(self, kind: AttributeType, address: SocketAddr) -> Self {
        let value = attribute::address_value(address, self.transaction);
        self.put(kind, &value)
    }

    /// The same for attributes that may come more than once.
    #[cfg(test)]
    pub(crate) fn put_again(mut self, kind: AttributeType, value: &[u8]) -> Self {
        self.message
            .push_attribute_unchecked(&RawAttribute::new(kind, value));
        self
    }

    pub(crate) fn put_unknown(mut self, kinds: &[AttributeType]) -> Self {
        self.push(&UnknownAttributes::new(kinds));
        self
    }

    pub(crate) fn put_software(mut self) -> Self {
        if let Ok(software) = Software::new("wherry") {
            self.push(&software);
        }
        self
    }

    /// Ends the message with a proof that its writer has `key`.
    pub(crate) fn sign(mut self, key: &IntegrityKey) -> Vec<u8> {
        let signed = self
            .message
            .add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1);
        debug_assert!(signed.is_ok(), "a message is signed once");
        self.finish()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.message.finish()
    }

    fn new(class: MessageClass, method: Method, transaction: TransactionId) -> Self {
        let kind = MessageType::from_class_method(class, method);
        Self {
            message: Message::builder(kind, transaction, MessageWriteVec::new()),
            transaction,
        }
    }

    fn push(&mut self, attribute: &dyn stun_types::attribute::AttributeWrite) {
        let added = self.message.add_attribute(attribute);
        debug_assert!(added.is_ok(), "no attribute is written twice");
    }
}

/// The key that both sides sign with (RFC 8489 §9.2.2).
pub(crate) fn long_term_key(credentials: &Credentials, realm: &str) -> IntegrityKey {
    let (username, password) = (&credentials.username, &credentials.password);
    LongTermKeyCredentials::new(username.clone(), password.clone(), realm.to_owned())
        .make_key(IntegrityAlgorithm::Sha1)
}

/// Whether whoever wrote `message` has `key`.
pub(crate) fn is_signed(message: &Message<'_>, key: &IntegrityKey) -> bool {
    message.validate_integrity_with_key(key).is_ok()
}
