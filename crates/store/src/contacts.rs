use model::{ContactId, Day, DeviceId, DisplayName, Entropy, PairChain, RelayWish, wire};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::code_sessions;
use crate::columns::{nanoseconds, timestamp};
use crate::contact::{Contact, ContactKind, NewContact};
use crate::seal::{SealLabel, StoreKey};
use crate::{Store, StoreError};

/// Why a contact cannot be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is none of this id, or no longer.
    #[error("this contact does not exist")]
    Unknown,
    /// A session of this code and role exists already.
    #[error("this code was used before")]
    CodeUsed,
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ContactError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Adds a contact under a name of its own: a clash becomes `name (2)`.
    ///
    /// A device that is a contact already was paired anew: it keeps its id and name, gets the new keys,
    /// chain and `verified`, and is no longer blocked. So does a contact that the new one replaces; its
    /// keys count as changed until words are compared. Code sessions are never merged.
    pub fn add_contact(&mut self, new: NewContact) -> Result<Contact, ContactError> {
        let transaction = self.connection.transaction()?;
        let mut is_known = false;
        let replaces = new.replaces;
        let contact = match known_contact(&transaction, &new)? {
            Some(known) => {
                is_known = true;
                new.into_contact(known.id, known.name, known.key_changed)
            }
            None => {
                let name = free_name_for(&transaction, &new)?;
                new.into_contact(ContactId(self.entropy.draw()), name, false)
            }
        };
        let replaces_all = replaces == Some(contact.id);
        let sealed = seal_chain(&self.key, contact.id, &contact.chain, &mut self.entropy);
        write_contact(&transaction, &contact, &sealed)?;
        if replaces_all {
            transaction.execute("DELETE FROM contacts WHERE person = ?1", [contact.id.0])?;
            let sql = "UPDATE contacts SET roster = NULL WHERE id = ?1";
            transaction.execute(sql, [contact.id.0])?;
        }
        transaction.execute(
            "DELETE FROM taken_envelopes WHERE contact = ?1",
            [contact.id.0],
        )?;
        if let ContactKind::CodeSession(session) = &contact.kind {
            code_sessions::insert(&transaction, contact.id, session)?;
        }
        transaction.commit()?;
        self.erase_log()?;
        match is_known {
            true => self.contact(contact.id)?.ok_or(ContactError::Unknown),
            false => Ok(contact),
        }
    }

    /// All contacts and code sessions, by name.
    pub fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.select_contacts("ORDER BY contacts.name, contacts.id", ())
    }

    /// The contact or code session `id`.
    pub fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.select_contact("WHERE contacts.id = ?1", [id.0])
    }

    /// The contact whose device is `device`; never a code session.
    pub fn find_contact_by_device(&self, device: &DeviceId) -> Result<Option<Contact>, StoreError> {
        let tail = "WHERE contacts.device = ?1 AND contacts.name_key IS NOT NULL";
        self.select_contact(tail, [device.0])
    }

    /// The row of `device`, a contact's or an own one; never a code session.
    pub fn find_device(&self, device: &DeviceId) -> Result<Option<Contact>, StoreError> {
        let tail = "WHERE contacts.device = ?1
            AND (contacts.name_key IS NOT NULL OR contacts.person IS NOT NULL)";
        self.select_contact(tail, [device.0])
    }

    /// The contact called `name`, in any case; never a code session.
    pub fn find_contact_by_name(&self, name: &str) -> Result<Option<Contact>, StoreError> {
        let key = name_key(&DisplayName::new(name));
        self.select_contact("WHERE contacts.name_key = ?1", [key])
    }

    /// Renames a contact and returns the name it got: a clash becomes `name (2)`.
    pub fn rename_contact(
        &mut self,
        id: ContactId,
        name: &DisplayName,
    ) -> Result<DisplayName, ContactError> {
        let transaction = self.connection.transaction()?;
        let named: bool = transaction
            .query_row(
                "SELECT name_key IS NOT NULL FROM contacts WHERE id = ?1",
                [id.0],
                |row| row.get(0),
            )
            .optional()?
            .ok_or(ContactError::Unknown)?;
        let name = match named {
            true => free_name(&transaction, name, Some(id))?,
            false => name.clone(),
        };
        transaction.execute(
            "UPDATE contacts SET name = ?2, name_key = ?3 WHERE id = ?1",
            (id.0, name.as_str(), named.then(|| name_key(&name))),
        )?;
        transaction.commit()?;
        Ok(name)
    }

    /// Blocks or unblocks.
    pub fn set_blocked(&mut self, id: ContactId, blocked: bool) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET blocked = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, blocked))?)
    }

    /// Mutes or unmutes: offers of a muted contact are declined without asking anybody.
    pub fn set_muted(&mut self, id: ContactId, muted: bool) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET muted = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, muted))?)
    }

    /// Says what a contact's transfers are to do with relays; `None` is what the setting says.
    pub fn set_relay(
        &mut self,
        id: ContactId,
        wish: Option<RelayWish>,
    ) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET relay = ?2 WHERE id = ?1";
        let word = wish.map(|wish| wish.to_string());
        changed_one(self.connection.execute(sql, (id.0, word))?)
    }

    /// What was said of relays for the person of a contact, if anything.
    pub fn relay_wish(&self, id: ContactId) -> Result<Option<RelayWish>, StoreError> {
        let sql = "SELECT coalesce(first.relay, CASE WHEN first.id IS NULL THEN contacts.relay END)
            FROM contacts LEFT JOIN contacts AS first ON first.id = contacts.person
            WHERE contacts.id = ?1";
        let word = self.connection.query_row(sql, [id.0], |row| row.get(0));
        let word: Option<String> = word.optional()?.flatten();
        let wish = word.map(|word| word.parse());
        wish.transpose().map_err(|_| damaged())
    }

    /// Notes whether the people compared words; if so, changed keys are no news any more.
    pub fn set_verified(&mut self, id: ContactId, verified: bool) -> Result<(), ContactError> {
        let sql = "UPDATE contacts SET verified = ?2, key_changed = key_changed AND NOT ?2
            WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, verified))?)
    }

    /// Removes a contact or code session; its secret is overwritten. Its transfers stay as history.
    pub fn remove_contact(&mut self, id: ContactId) -> Result<(), ContactError> {
        let sql = "DELETE FROM contacts WHERE id = ?1";
        changed_one(self.connection.execute(sql, [id.0])?)?;
        self.reservations.remove(&id);
        self.erase_log()?;
        Ok(())
    }

    /// Advances the contact's chain after a session on `day` succeeded; earlier keys are overwritten.
    pub fn confirm_day(&mut self, id: ContactId, day: Day) -> Result<(), ContactError> {
        let mut contact = self.contact(id)?.ok_or(ContactError::Unknown)?;
        let before = contact.chain.first_day();
        contact.chain.confirm(day);
        if contact.chain.first_day() == before {
            return Ok(());
        }
        let sealed = seal_chain(&self.key, id, &contact.chain, &mut self.entropy);
        let sql = "UPDATE contacts SET sealed_chain = ?2 WHERE id = ?1";
        changed_one(self.connection.execute(sql, (id.0, sealed))?)?;
        self.erase_log()?;
        Ok(())
    }

    fn select_contact(
        &self,
        tail: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Option<Contact>, StoreError> {
        Ok(self.select_contacts(tail, parameters)?.pop())
    }

    /// Contacts that `tail` (a `WHERE` or `ORDER BY` of our own) chooses.
    pub(crate) fn select_contacts(
        &self,
        tail: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Contact>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("{SELECT} {tail}"))?;
        let mut rows = statement.query(parameters)?;
        let mut contacts = Vec::new();
        while let Some(row) = rows.next()? {
            contacts.push(read_contact(&self.key, row)?);
        }
        Ok(contacts)
    }
}

impl NewContact {
    fn into_contact(self, id: ContactId, name: DisplayName, key_changed: bool) -> Contact {
        Contact {
            id,
            person: id,
            device_name: self.name,
            name,
            keys: self.keys,
            verified: self.verified,
            blocked: false,
            muted: false,
            key_changed: key_changed && !self.verified,
            chain: self.chain,
            kind: self.kind,
            added_at: self.added_at,
        }
    }
}

/// `Ok` if a statement about one contact found it.
pub(crate) fn changed_one(rows: usize) -> Result<(), ContactError> {
    match rows {
        0 => Err(ContactError::Unknown),
        _ => Ok(()),
    }
}

/// A contact that a pairing is about, although it exists already.
struct Known {
    id: ContactId,
    name: DisplayName,
    key_changed: bool,
}

/// The contact of the same device, or else the one that is replaced.
fn known_contact(
    transaction: &Transaction<'_>,
    new: &NewContact,
) -> Result<Option<Known>, StoreError> {
    match new.kind {
        ContactKind::CodeSession(_) => return Ok(None),
        ContactKind::Contact | ContactKind::Device | ContactKind::Own => {}
    }
    let device = DeviceId::of_key(&new.keys.signing.0);
    let known = transaction
        .query_row(
            "SELECT id, name, keys, key_changed FROM contacts
             WHERE (device = ?1 OR id = ?2) AND (name_key IS NOT NULL OR person IS NOT NULL)
             ORDER BY device = ?1 DESC",
            (device.0, new.replaces.map(|id| id.0)),
            |row| {
                let same_keys = row.get::<_, Vec<u8>>(2)? == wire::encode(&new.keys);
                Ok(Known {
                    id: ContactId(row.get(0)?),
                    name: DisplayName::new(&row.get::<_, String>(1)?),
                    key_changed: !same_keys || row.get(3)?,
                })
            },
        )
        .optional()?;
    Ok(known)
}

/// Inserts, or replaces all but what must outlive a new pairing: the outgoing counter goes on, since
/// the other side may still remember it.
fn write_contact(
    transaction: &Transaction<'_>,
    contact: &Contact,
    sealed_chain: &[u8],
) -> Result<(), StoreError> {
    let key = match contact.kind {
        ContactKind::Contact => Some(name_key(&contact.name)),
        ContactKind::Device | ContactKind::Own | ContactKind::CodeSession(_) => None,
    };
    transaction.execute(
        "INSERT INTO contacts
            (id, name, name_key, device, keys, verified, sealed_chain, added_at, key_changed,
             device_name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET
            device = excluded.device, keys = excluded.keys, verified = excluded.verified,
            blocked = 0, key_changed = excluded.key_changed, device_name = excluded.device_name, sealed_chain = excluded.sealed_chain, added_at = excluded.added_at, last_incoming = 0",
        (
            contact.id.0,
            contact.name.as_str(),
            key,
            contact.device_id().0,
            wire::encode(&contact.keys),
            contact.verified,
            sealed_chain,
            nanoseconds(contact.added_at),
            contact.key_changed,
            contact.device_name.as_str(),
        ),
    )?;
    Ok(())
}

fn free_name_for(connection: &Connection, new: &NewContact) -> Result<DisplayName, StoreError> {
    match new.kind {
        ContactKind::CodeSession(_) => Ok(new.name.clone()),
        ContactKind::Contact | ContactKind::Device | ContactKind::Own => {
            free_name(connection, &new.name, None)
        }
    }
}

/// `wanted`, or `wanted (2)` and so on if a group or another contact than `own` has it.
pub(crate) fn free_name(
    connection: &Connection,
    wanted: &DisplayName,
    own: Option<ContactId>,
) -> Result<DisplayName, StoreError> {
    let base = match wanted.as_str() {
        "" => NAMELESS,
        text => text,
    };
    let mut taken = connection.prepare_cached(
        "SELECT 1 FROM contacts WHERE name_key = ?1 AND id IS NOT ?2
         UNION ALL SELECT 1 FROM contact_groups WHERE name_key = ?1",
    )?;
    let mut name = DisplayName::new(base);
    let mut number = 1u64;
    while taken.exists((name_key(&name), own.map(|id| id.0)))? {
        number += 1;
        name = with_suffix(base, &format!(" ({number})"));
    }
    Ok(name)
}

/// Shortens `base` so that the suffix is never what gets cut off.
fn with_suffix(base: &str, suffix: &str) -> DisplayName {
    let mut kept = base.to_owned();
    while kept.len() + suffix.len() > model::limits::DISPLAY_NAME_BYTES {
        kept.pop();
    }
    DisplayName::new(&(kept + suffix))
}

/// What two names have in common if people would take them for the same.
pub(crate) fn name_key(name: &DisplayName) -> String {
    let lower: String = name.as_str().nfkc().flat_map(char::to_lowercase).collect();
    lower.nfkc().collect()
}

fn read_contact(key: &StoreKey, row: &Row<'_>) -> Result<Contact, StoreError> {
    let id = ContactId(row.get("id")?);
    let keys: Vec<u8> = row.get("keys")?;
    let sealed: Vec<u8> = row.get("sealed_chain")?;
    Ok(Contact {
        id,
        person: ContactId(row.get::<_, Option<_>>("person")?.unwrap_or(id.0)),
        name: DisplayName::new(&row.get::<_, String>("shown_name")?),
        device_name: DisplayName::new(&row.get::<_, String>("device_name")?),
        keys: wire::decode(&keys, keys.len()).map_err(|_| damaged())?,
        verified: row.get("is_verified")?,
        blocked: row.get("is_blocked")?,
        muted: row.get("is_muted")?,
        key_changed: row.get("is_key_changed")?,
        chain: open_chain(key, id, &sealed)?,
        kind: read_kind(row)?,
        added_at: timestamp(row.get("added_at")?),
    })
}

fn read_kind(row: &Row<'_>) -> Result<ContactKind, StoreError> {
    if row.get("own")? {
        return Ok(ContactKind::Own);
    }
    if row.get::<_, Option<[u8; 16]>>("person")?.is_some() {
        return Ok(ContactKind::Device);
    }
    code_sessions::read_kind(row)
}

pub(crate) fn seal_chain(
    key: &StoreKey,
    id: ContactId,
    chain: &PairChain,
    entropy: &mut impl Entropy,
) -> Vec<u8> {
    let plain = Zeroizing::new(wire::encode(chain));
    key.seal(chain_label(&id), &plain, entropy)
}

fn open_chain(key: &StoreKey, id: ContactId, sealed: &[u8]) -> Result<PairChain, StoreError> {
    let plain = key.open(chain_label(&id), sealed).map_err(|_| damaged())?;
    wire::decode(&plain, plain.len()).map_err(|_| damaged())
}

fn chain_label(id: &ContactId) -> SealLabel<'_> {
    SealLabel {
        purpose: "pair chain",
        owner: &id.0,
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged { what: "a contact" }
}

/// What people say of a person holds for every device of it.
const SELECT: &str = "SELECT contacts.*, role, code, expires_at,
        coalesce(first.name, contacts.name) AS shown_name,
        coalesce(first.verified, contacts.verified) AS is_verified,
        coalesce(first.blocked, contacts.blocked) AS is_blocked,
        coalesce(first.muted, contacts.muted) AS is_muted,
        coalesce(first.key_changed, contacts.key_changed) AS is_key_changed
    FROM contacts LEFT JOIN code_sessions ON code_sessions.contact = contacts.id
        LEFT JOIN contacts AS first ON first.id = contacts.person";

/// For a device that gave itself no name.
const NAMELESS: &str = "Unnamed device";

#[cfg(test)]
mod tests;
