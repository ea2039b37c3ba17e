use model::{ContactId, Day, DeviceId, DeviceKeys, Digest, DisplayName, PairChain, Timestamp};

/// A device that this one shares a secret with: a contact's, or one more of its own person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its name within this home; never sent.
    pub id: ContactId,
    /// The person whose device it is, named by the first one's id; an own device is a person to itself here.
    pub person: ContactId,
    /// The person's, unique among the contacts of this home; code sessions keep what they called themselves.
    pub name: DisplayName,
    /// What its person calls the device; empty if that was never said.
    pub device_name: DisplayName,
    /// The public keys of its device.
    pub keys: DeviceKeys,
    /// Whether the people compared words.
    pub verified: bool,
    /// Whether this device answers it exactly as if offline.
    pub blocked: bool,
    /// Whether its offers are declined without asking anybody.
    pub muted: bool,
    /// Whether its keys are others than those that were paired first; comparing words ends it.
    pub key_changed: bool,
    /// The secret shared with it, as of the last confirmed day.
    pub chain: PairChain,
    /// A lasting contact or one code's session.
    pub kind: ContactKind,
    /// When the pairing ended.
    pub added_at: Timestamp,
}

impl Contact {
    /// The device behind the contact.
    pub fn device_id(&self) -> DeviceId {
        DeviceId::of_key(&self.keys.signing.0)
    }

    /// The first day whose keys can still be derived.
    pub fn first_day(&self) -> Day {
        self.chain.first_day()
    }
}

/// How long a contact is meant to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactKind {
    /// A person's first device; until it is removed.
    Contact,
    /// A further device of a person.
    Device,
    /// A further device of this home's own person.
    Own,
    /// For what one spoken code started.
    CodeSession(CodeSession),
}

/// What a code session is found again by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeSession {
    /// What this device does in it.
    pub role: CodeRole,
    /// Digest of the code; the code itself is never stored.
    pub code: Digest,
    /// When it is forgotten: [`model::limits::CODE_SESSION_TIME`] after the pairing.
    pub expires_at: Timestamp,
}

/// What this device does in a code session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRole {
    /// It sends.
    Sender,
    /// It receives.
    Receiver,
}

/// A pairing that succeeded, as handed to [`crate::Store::add_contact`].
#[derive(Debug, Clone)]
pub struct NewContact {
    /// The name the other side gave itself.
    pub name: DisplayName,
    /// The public keys of its device.
    pub keys: DeviceKeys,
    /// The secret shared with it, started on the day of the pairing.
    pub chain: PairChain,
    /// Whether the people compared words.
    pub verified: bool,
    /// A lasting contact or one code's session.
    pub kind: ContactKind,
    /// The contact whose device this one takes the place of, if any: its keys changed.
    pub replaces: Option<ContactId>,
    /// When the pairing ended.
    pub added_at: Timestamp,
}
