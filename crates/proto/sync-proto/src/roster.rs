//! Who belongs to a folder and what they may do there, signed by its owner.
//!
//! A roster is a list of editions. The first of the list is the owner's, who may change everything; editions
//! after it may be an admin's, who may add, remove and change plain members as the edition before allows. A roster that goes on from a
//! later edition of the owner wins, whatever admins signed meanwhile: so a removed admin cannot come back.

use model::limits::{FOLDER_ADMIN_EDITIONS, FOLDER_ROSTER_BYTES, FOLDER_SEATS};
use model::{
    DeviceId, DeviceKeys, DeviceSecrets, Digest, DisplayName, Purpose, Signature, verify, wire,
};
use serde::{Deserialize, Serialize};

use crate::{FolderId, Stamp};

/// A member's place in a folder: never given to another, so that versions can name it shortly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Seat(u8);

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Changes files and everything about the folder; exactly one.
    Owner,
    /// Changes files, and adds and removes plain members.
    Admin,
    /// Changes files.
    Change,
    /// Reads; what it changes at home stays there.
    Read,
    /// Does not belong any more.
    Removed {
        /// Changes of this member with later stamps do not count.
        at: Stamp,
    },
}

/// A device in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderMember {
    /// The device, certified.
    pub keys: DeviceKeys,
    /// What conflict copies call it.
    pub name: DisplayName,
    /// What it may do.
    pub role: Role,
}

/// Who belongs to a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRoster {
    editions: Vec<SignedEdition>,
}

/// Why a roster, or a change to one, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderRosterError {
    /// Not the shape of a roster, or of another folder.
    #[error("the list of members is malformed")]
    Malformed,
    /// A signature or a key does not check.
    #[error("the list of members is not signed as it should be")]
    BadSignature,
    /// Whoever signed may not do that.
    #[error("only the owner may do this")]
    NotAllowed,
    /// It was a member before, or is.
    #[error("this device is a member already")]
    MemberAlready,
    /// There is no such member.
    #[error("this device is no member")]
    NoMember,
    /// [`FOLDER_SEATS`] members in all, or [`FOLDER_ADMIN_EDITIONS`] of admins in a row.
    #[error("the list of members is full: its owner has to change it, or share the folder anew")]
    Full,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Edition {
    nonce: [u8; 16],
    epoch: u64,
    /// By seat; never shorter than before.
    members: Vec<FolderMember>,
    /// The digest of the edition before; of nothing for the first.
    previous: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SignedEdition {
    edition: Edition,
    signer: Seat,
    signature: Signature,
}

impl Seat {
    /// The owner's.
    pub const OWNER: Self = Self(0);

    /// Takes a number below [`FOLDER_SEATS`].
    pub fn parse(number: u8) -> Option<Self> {
        (usize::from(number) < FOLDER_SEATS).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl From<Seat> for u8 {
    fn from(seat: Seat) -> Self {
        seat.0
    }
}

/// A number that is no seat.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no such seat")]
pub struct NoSuchSeat;

impl TryFrom<u8> for Seat {
    type Error = NoSuchSeat;

    fn try_from(number: u8) -> Result<Self, NoSuchSeat> {
        Self::parse(number).ok_or(NoSuchSeat)
    }
}

impl Role {
    /// Whether others take changes from it.
    pub fn may_change(self) -> bool {
        match self {
            Self::Owner | Self::Admin | Self::Change => true,
            Self::Read | Self::Removed { .. } => false,
        }
    }

    /// Whether it belongs to the folder.
    pub fn is_member(self) -> bool {
        self.may_change() || self == Self::Read
    }

    /// Whether an admin may give or take it.
    fn is_plain(self) -> bool {
        match self {
            Self::Change | Self::Read | Self::Removed { .. } => true,
            Self::Owner | Self::Admin => false,
        }
    }
}

impl FolderRoster {
    /// Begins a folder; `nonce` is random.
    pub fn found(own: &DeviceSecrets, name: DisplayName, nonce: [u8; 16]) -> Self {
        let edition = Edition {
            nonce,
            epoch: 0,
            members: vec![FolderMember {
                keys: own.public(),
                name,
                role: Role::Owner,
            }],
            previous: Digest::of(&[]),
        };
        Self {
            editions: vec![SignedEdition::sign(edition, Seat::OWNER, own)],
        }
    }

    /// Reads a roster of `folder` and checks every signature in it: takes any bytes.
    pub fn decode(bytes: &[u8], folder: FolderId) -> Result<Self, FolderRosterError> {
        let editions: Vec<SignedEdition> =
            wire::decode(bytes, FOLDER_ROSTER_BYTES).map_err(|_| FolderRosterError::Malformed)?;
        let Some((first, later)) = editions.split_first() else {
            return Err(FolderRosterError::Malformed);
        };
        first.check_as_owners()?;
        if first.edition.folder() != folder {
            return Err(FolderRosterError::Malformed);
        }
        let mut roster = Self {
            editions: vec![first.clone()],
        };
        for edition in later {
            roster.append(edition.clone())?;
        }
        Ok(roster)
    }

    /// Writes the roster, at most [`FOLDER_ROSTER_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(&self.editions)
    }

    /// The folder: it names the owner's key, so nobody else can sign for it.
    pub fn folder(&self) -> FolderId {
        self.latest().folder()
    }

    /// How many changes it went through.
    pub fn epoch(&self) -> u64 {
        self.latest().epoch
    }

    /// Names this edition among all.
    pub fn digest(&self) -> Digest {
        self.latest().digest()
    }

    /// Everybody who is or was a member, with their seats.
    pub fn seats(&self) -> impl Iterator<Item = (Seat, &FolderMember)> {
        (0..).map(Seat).zip(&self.latest().members)
    }

    /// The member at `seat`, also if it was removed.
    pub fn member(&self, seat: Seat) -> Option<&FolderMember> {
        self.latest().members.get(usize::from(seat.0))
    }

    /// Where the device `id` sits, if it belongs to the folder now.
    pub fn seat_of(&self, id: &DeviceId) -> Option<Seat> {
        let mut seats = self.seats();
        seats
            .find(|(_, member)| member.role.is_member() && member.keys.device_id() == *id)
            .map(|(seat, _)| seat)
    }

    /// Adds a device, or gives a member another role. A device that was removed comes back to its seat.
    pub fn grant(
        &mut self,
        own: &DeviceSecrets,
        keys: DeviceKeys,
        name: DisplayName,
        role: Role,
    ) -> Result<(), FolderRosterError> {
        let mut edition = self.next_edition();
        let id = keys.device_id();
        let found = edition
            .members
            .iter_mut()
            .find(|member| member.keys.device_id() == id);
        match found {
            Some(member) if member.role == role => return Err(FolderRosterError::MemberAlready),
            Some(member) => member.role = role,
            None => edition.members.push(FolderMember { keys, name, role }),
        }
        self.publish(own, edition)
    }

    /// Removes a member; its changes with stamps later than `at` do not count any more.
    pub fn remove(
        &mut self,
        own: &DeviceSecrets,
        device: &DeviceId,
        at: Stamp,
    ) -> Result<(), FolderRosterError> {
        let seat = self.seat_of(device).ok_or(FolderRosterError::NoMember)?;
        let mut edition = self.next_edition();
        edition.members[usize::from(seat.0)].role = Role::Removed { at };
        self.publish(own, edition)
    }

    /// Whether this roster takes the place of `held`. Both are of the same folder.
    ///
    /// The later edition of the owner wins, then the longer list; where two admins went on from the same
    /// edition apart, the lower digest.
    pub fn supersedes(&self, held: &Self) -> bool {
        let rank = |roster: &Self| {
            let first = roster.editions.first().map_or(0, |it| it.edition.epoch);
            (first, roster.epoch())
        };
        match rank(self).cmp(&rank(held)) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => self.digest() < held.digest(),
        }
    }

    fn latest(&self) -> &Edition {
        &self
            .editions
            .last()
            .expect("a roster has at least one edition")
            .edition
    }

    fn next_edition(&self) -> Edition {
        let mut edition = self.latest().clone();
        edition.epoch += 1;
        edition.previous = self.digest();
        edition
    }

    /// Signs an edition: the owner's begins the list anew.
    fn publish(&mut self, own: &DeviceSecrets, edition: Edition) -> Result<(), FolderRosterError> {
        if edition.members.len() > FOLDER_SEATS {
            return Err(FolderRosterError::Full);
        }
        let seat = self
            .seat_of(&own.device_id())
            .ok_or(FolderRosterError::NotAllowed)?;
        let signed = SignedEdition::sign(edition, seat, own);
        if seat == Seat::OWNER {
            signed.check_as_owners()?;
            self.editions = vec![signed];
            return Ok(());
        }
        self.append(signed)
    }

    fn append(&mut self, signed: SignedEdition) -> Result<(), FolderRosterError> {
        if self.editions.len() > FOLDER_ADMIN_EDITIONS {
            return Err(FolderRosterError::Full);
        }
        let before = self.latest();
        let signer = self
            .member(signed.signer)
            .ok_or(FolderRosterError::NotAllowed)?;
        let follows = signed.edition.previous == self.digest()
            && signed.edition.epoch == before.epoch + 1
            && signed.edition.folder() == before.folder();
        if !follows {
            return Err(FolderRosterError::Malformed);
        }
        signed.check(&signer.keys)?;
        if signer.role != Role::Admin || !is_plain_change(before, &signed.edition) {
            return Err(FolderRosterError::NotAllowed);
        }
        self.editions.push(signed);
        Ok(())
    }
}

/// Whether `after` differs from `before` in plain members only.
fn is_plain_change(before: &Edition, after: &Edition) -> bool {
    let kept = before.members.iter().zip(&after.members);
    let mut kept = kept.map(|(old, new)| {
        let stays = old.keys == new.keys && old.name == new.name;
        stays && (old.role == new.role || old.role.is_plain() && new.role.is_plain())
    });
    let is_longer = after.members.len() >= before.members.len();
    let mut added = after.members.iter().skip(before.members.len());
    is_longer && kept.all(|it| it) && added.all(|member| member.role.is_plain())
}

impl Edition {
    fn folder(&self) -> FolderId {
        let owner = self.members.first();
        let key = owner.map_or([0; 32], |owner| owner.keys.signing.0);
        FolderId::of_owner(&key, &self.nonce)
    }

    fn digest(&self) -> Digest {
        Digest::of_parts(&[b"wherry 1 folder edition\0", &wire::encode(self)])
    }
}

impl SignedEdition {
    fn sign(edition: Edition, signer: Seat, own: &DeviceSecrets) -> Self {
        let signature = own.sign(Purpose::FolderRoster, &wire::encode(&edition));
        Self {
            edition,
            signer,
            signature,
        }
    }

    fn check_as_owners(&self) -> Result<(), FolderRosterError> {
        let owners = self.edition.members.iter();
        let owners = owners.filter(|member| member.role == Role::Owner).count();
        let Some(owner) = self.edition.members.first() else {
            return Err(FolderRosterError::Malformed);
        };
        if owners != 1 || owner.role != Role::Owner || self.signer != Seat::OWNER {
            return Err(FolderRosterError::NotAllowed);
        }
        self.check(&owner.keys)
    }

    /// Checks the signature, the keys, and that nobody sits twice.
    fn check(&self, signer: &DeviceKeys) -> Result<(), FolderRosterError> {
        let members = &self.edition.members;
        if members.len() > FOLDER_SEATS {
            return Err(FolderRosterError::Full);
        }
        let message = wire::encode(&self.edition);
        verify(
            &signer.signing,
            Purpose::FolderRoster,
            &message,
            &self.signature,
        )
        .map_err(|_| FolderRosterError::BadSignature)?;
        let mut ids: Vec<DeviceId> = members.iter().map(|it| it.keys.device_id()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(FolderRosterError::Malformed);
        }
        let mut keys = members.iter().map(|member| member.keys.check());
        keys.all(|checked| checked.is_ok())
            .then_some(())
            .ok_or(FolderRosterError::BadSignature)
    }
}

#[cfg(test)]
mod tests;
