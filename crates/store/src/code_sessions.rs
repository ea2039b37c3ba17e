use model::{ContactId, Digest, Timestamp};
use rusqlite::{Row, Transaction};

use crate::columns::{nanoseconds, timestamp};
use crate::contact::{CodeRole, CodeSession, Contact, ContactKind};
use crate::{ContactError, Store, StoreError};

impl Store {
    /// The session that a code started on this device in this role, also an expired one until
    /// [`Store::purge_code_sessions`].
    pub fn find_code_session(
        &self,
        code: &Digest,
        role: CodeRole,
    ) -> Result<Option<Contact>, StoreError> {
        let tail = "WHERE code = ?1 AND role = ?2";
        Ok(self.select_contacts(tail, (code.0, number(role)))?.pop())
    }

    /// Removes the code sessions that have expired, with their secrets, and returns which.
    pub fn purge_code_sessions(&mut self, now: Timestamp) -> Result<Vec<ContactId>, StoreError> {
        let expired = {
            let mut statement = self.connection.prepare_cached(
                "DELETE FROM contacts
                 WHERE id IN (SELECT contact FROM code_sessions WHERE expires_at <= ?1)
                 RETURNING id",
            )?;
            let ids = statement.query_map([nanoseconds(now)], |row| row.get(0).map(ContactId))?;
            ids.collect::<Result<Vec<_>, _>>()?
        };
        for id in &expired {
            self.reservations.remove(id);
        }
        if !expired.is_empty() {
            self.erase_log()?;
        }
        Ok(expired)
    }
}

pub(crate) fn insert(
    transaction: &Transaction<'_>,
    contact: ContactId,
    session: &CodeSession,
) -> Result<(), ContactError> {
    let inserted = transaction.execute(
        "INSERT INTO code_sessions (contact, role, code, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (code, role) DO NOTHING",
        (
            contact.0,
            number(session.role),
            session.code.0,
            nanoseconds(session.expires_at),
        ),
    )?;
    match inserted {
        0 => Err(ContactError::CodeUsed),
        _ => Ok(()),
    }
}

/// Reads the joined columns of a code session, which are null for a contact.
pub(crate) fn read_kind(row: &Row<'_>) -> Result<ContactKind, StoreError> {
    let Some(role) = row.get::<_, Option<i64>>("role")? else {
        return Ok(ContactKind::Contact);
    };
    let role = match role {
        0 => CodeRole::Sender,
        1 => CodeRole::Receiver,
        _ => {
            return Err(StoreError::Damaged {
                what: "a code session",
            });
        }
    };
    Ok(ContactKind::CodeSession(CodeSession {
        role,
        code: Digest(row.get("code")?),
        expires_at: timestamp(row.get("expires_at")?),
    }))
}

fn number(role: CodeRole) -> i64 {
    match role {
        CodeRole::Sender => 0,
        CodeRole::Receiver => 1,
    }
}
