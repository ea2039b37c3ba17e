use std::path::PathBuf;

use model::limits::{FINISHED_TRANSFER_TIME, RECEIPTS};
use model::{ContactId, Timestamp, TransferId};
use rusqlite::Row;

use crate::columns::{nanoseconds, timestamp};
use crate::history::earlier;
use crate::home::Home;
use crate::{Store, StoreError};

/// What a home knows of the receipt of one transfer. The halves are opaque here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// The transfer.
    pub transfer: TransferId,
    /// Who is at the other end.
    pub contact: ContactId,
    /// Whether this device sent.
    pub outgoing: bool,
    /// What this side knows of what arrived.
    pub contents: Vec<u8>,
    /// The sender's half.
    pub statement: Option<Vec<u8>>,
    /// Both halves.
    pub receipt: Option<Vec<u8>>,
    /// When this side listed what arrived.
    pub created_at: Timestamp,
}

/// Whether there was something to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// There was none.
    Unknown,
}

impl Home {
    /// Where the list of what a transfer brought lies, for its receipt.
    pub fn receipt_list(&self, transfer: TransferId) -> PathBuf {
        self.path().join("receipts").join(transfer.to_string())
    }
}

impl Store {
    /// Notes what this side knows of a transfer's contents; a receipt that is signed stays as it is.
    pub fn add_receipt_contents(&mut self, record: &ReceiptRecord) -> Result<(), StoreError> {
        let sql = "INSERT INTO receipts (transfer, contact, outgoing, contents, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (transfer) DO UPDATE SET contents = ?4, statement = NULL
             WHERE receipt IS NULL AND contents <> ?4";
        self.connection.execute(
            sql,
            (
                record.transfer.0,
                record.contact.0,
                record.outgoing,
                &record.contents,
                nanoseconds(record.created_at),
            ),
        )?;
        Ok(())
    }

    /// Keeps the sender's half before it is sent.
    pub fn set_receipt_statement(
        &mut self,
        transfer: TransferId,
        statement: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE receipts SET statement = ?2 WHERE transfer = ?1 AND receipt IS NULL";
        self.connection.execute(sql, (transfer.0, statement))?;
        Ok(())
    }

    /// Keeps a receipt with both halves.
    pub fn set_receipt(
        &mut self,
        transfer: TransferId,
        statement: &[u8],
        receipt: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE receipts SET statement = ?2, receipt = ?3 WHERE transfer = ?1";
        self.connection
            .execute(sql, (transfer.0, statement, receipt))?;
        Ok(())
    }

    /// What is known of the receipt of `transfer`.
    pub fn receipt(&self, transfer: TransferId) -> Result<Option<ReceiptRecord>, StoreError> {
        Ok(self
            .select_receipts("WHERE transfer = ?1", [transfer.0])?
            .pop())
    }

    /// The receipts that both sides signed, the newest first.
    pub fn receipts(&self) -> Result<Vec<ReceiptRecord>, StoreError> {
        self.select_receipts("WHERE receipt IS NOT NULL ORDER BY position DESC", ())
    }

    /// What this side stated to `contact` and the other side has not signed, the newest first.
    pub fn unsigned_receipts(&self, contact: ContactId) -> Result<Vec<ReceiptRecord>, StoreError> {
        let tail = "WHERE contact = ?1 AND outgoing AND statement IS NOT NULL AND receipt IS NULL
             ORDER BY position DESC";
        self.select_receipts(tail, [contact.0])
    }

    /// Forgets a receipt; its list is the caller's to remove.
    pub fn remove_receipt(&mut self, transfer: TransferId) -> Result<Removed, StoreError> {
        let sql = "DELETE FROM receipts WHERE transfer = ?1";
        Ok(match self.connection.execute(sql, [transfer.0])? {
            0 => Removed::Unknown,
            _ => Removed::Gone,
        })
    }

    /// Forgets receipts that nobody will sign any more, and the oldest beyond [`RECEIPTS`]; returns them.
    pub fn purge_receipts(&mut self, now: Timestamp) -> Result<Vec<TransferId>, StoreError> {
        let before = nanoseconds(earlier(now, FINISHED_TRANSFER_TIME));
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM receipts
             WHERE (receipt IS NULL AND created_at <= ?1)
                OR position IN (SELECT position FROM receipts ORDER BY position DESC LIMIT -1 OFFSET ?2)
             RETURNING transfer",
        )?;
        let ids = statement.query_map((before, RECEIPTS), |row| row.get(0).map(TransferId))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn select_receipts(
        &self,
        tail: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<ReceiptRecord>, StoreError> {
        let sql = format!("SELECT * FROM receipts {tail}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(parameters, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>) -> Result<ReceiptRecord, rusqlite::Error> {
    Ok(ReceiptRecord {
        transfer: TransferId(row.get("transfer")?),
        contact: ContactId(row.get("contact")?),
        outgoing: row.get("outgoing")?,
        contents: row.get("contents")?,
        statement: row.get("statement")?,
        receipt: row.get("receipt")?,
        created_at: timestamp(row.get("created_at")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{TestHome, at};

    fn record(number: u32) -> ReceiptRecord {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        ReceiptRecord {
            transfer: TransferId(id),
            contact: ContactId([1; 16]),
            outgoing: true,
            contents: b"contents".to_vec(),
            statement: None,
            receipt: None,
            created_at: at(1_000),
        }
    }

    #[test]
    fn a_statement_waits_for_its_answer_across_a_restart() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let one = record(1);
        store.add_receipt_contents(&one).unwrap();
        assert_eq!(store.unsigned_receipts(one.contact).unwrap(), []);
        store.set_receipt_statement(one.transfer, b"half").unwrap();
        drop(store);
        let mut store = home.open();
        store.add_receipt_contents(&one).unwrap();
        let waiting = store.unsigned_receipts(one.contact).unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].statement.as_deref(), Some(&b"half"[..]));
        assert_eq!(store.receipts().unwrap(), []);
        store.set_receipt(one.transfer, b"half", b"whole").unwrap();
        assert_eq!(store.unsigned_receipts(one.contact).unwrap(), []);
        store.set_receipt_statement(one.transfer, b"late").unwrap();
        let kept = store.receipt(one.transfer).unwrap().unwrap();
        assert_eq!(kept.statement.as_deref(), Some(&b"half"[..]));
        assert_eq!(kept.receipt.as_deref(), Some(&b"whole"[..]));
    }

    #[test]
    fn contents_that_changed_void_a_statement_and_never_a_receipt() {
        let mut home = TestHome::new();
        let mut store = home.open();
        let mut one = record(1);
        store.add_receipt_contents(&one).unwrap();
        store.set_receipt_statement(one.transfer, b"half").unwrap();
        one.contents = b"other".to_vec();
        store.add_receipt_contents(&one).unwrap();
        assert_eq!(store.receipt(one.transfer).unwrap(), Some(one.clone()));
        store.set_receipt(one.transfer, b"h", b"w").unwrap();
        one.contents = b"again".to_vec();
        store.add_receipt_contents(&one).unwrap();
        let kept = store.receipt(one.transfer).unwrap().unwrap();
        assert_eq!(kept.contents, b"other");
    }

    #[test]
    fn a_home_keeps_the_newest_receipts_and_forgets_the_unsigned() {
        let mut home = TestHome::new();
        let mut store = home.open();
        store.connection.execute_batch("BEGIN").unwrap();
        for number in 0..RECEIPTS + 2 {
            let one = record(number);
            store.add_receipt_contents(&one).unwrap();
            if number != 5 {
                store.set_receipt(one.transfer, b"h", b"w").unwrap();
            }
        }
        store.connection.execute_batch("COMMIT").unwrap();
        let soon = store.purge_receipts(at(1_001)).unwrap();
        assert_eq!(soon, [record(0).transfer, record(1).transfer]);
        let month = i64::try_from(FINISHED_TRANSFER_TIME.as_secs()).unwrap();
        let late = at(1_000 + month);
        assert_eq!(store.purge_receipts(late).unwrap(), [record(5).transfer]);
        assert_eq!(
            store.remove_receipt(record(5).transfer).unwrap(),
            Removed::Unknown
        );
        assert_eq!(
            store.remove_receipt(record(6).transfer).unwrap(),
            Removed::Gone
        );
    }
}
