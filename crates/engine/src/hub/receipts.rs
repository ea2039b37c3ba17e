//! Receipts: made when a transfer is over, exchanged in whatever session stands then or later.

use api::{CommandError, ErrorCode, Event, ReceiptCommand, Reply};
use data_encoding::HEXLOWER;
use model::limits::RECEIPT_BYTES;
use model::{ContactId, DisplayName, TransferId, wire};
use session_proto::CloseReason;
use store::{ReceiptRecord, Removed};
use transfer_proto::{
    Acknowledgement, Addressed, Contents, RECEIPT_VERSION, Receipt, ReceiptError,
    SignedAcknowledgement, SignedStatement, Statement, ToReceiver, ToSender, TransferMessage,
};

use super::Hub;
use crate::receipts::{self, Listed};
use crate::session::{SessionCommand, SessionHandle};
use crate::{clock, problem};

impl Hub {
    pub(super) fn receipt_command(
        &mut self,
        command: &ReceiptCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            ReceiptCommand::List => self.list_receipts(),
            ReceiptCommand::Show { transfer } => self.show_receipt(*transfer),
            ReceiptCommand::Contents { transfer } => {
                let known = self.store.receipt(*transfer).map_err(problem::store)?;
                known.ok_or_else(unknown_receipt)?;
                let list = self.home.receipt_list(*transfer);
                Ok(Reply::ReceiptList { list })
            }
            ReceiptCommand::Remove { transfer } => self.remove_receipt(*transfer),
        }
    }

    fn list_receipts(&self) -> Result<Reply, CommandError> {
        let records = self.store.receipts().map_err(problem::store)?;
        let receipts = records.iter().filter_map(|record| signed(record).ok());
        let receipts = receipts.map(|receipt| receipts::view(&receipt)).collect();
        Ok(Reply::Receipts { receipts })
    }

    fn show_receipt(&self, transfer: TransferId) -> Result<Reply, CommandError> {
        let record = self.store.receipt(transfer).map_err(problem::store)?;
        let receipt = signed(&record.ok_or_else(unknown_receipt)?)?;
        Ok(Reply::Receipt {
            receipt: Box::new(receipts::view(&receipt)),
            encoded: HEXLOWER.encode(&receipt.encode()),
            list: self.home.receipt_list(transfer),
        })
    }

    fn remove_receipt(&mut self, transfer: TransferId) -> Result<Reply, CommandError> {
        match self
            .store
            .remove_receipt(transfer)
            .map_err(problem::store)?
        {
            Removed::Gone => self.remove_list(transfer),
            Removed::Unknown => return Err(unknown_receipt()),
        }
        Ok(Reply::Done)
    }

    /// Forgets receipts beyond what a home keeps.
    pub(super) fn forget_old_receipts(&mut self) {
        match self.store.purge_receipts(clock::timestamp()) {
            Ok(transfers) => {
                for transfer in transfers {
                    self.remove_list(transfer);
                }
            }
            Err(error) => tracing::warn!(%error, "old receipts could not be removed"),
        }
    }

    fn remove_list(&self, transfer: TransferId) {
        if let Err(error) = vfs::records::remove(&self.home.receipt_list(transfer)) {
            tracing::warn!(%error, "the list of a receipt could not be removed");
        }
    }

    /// What arrived is known on this side, before the transfer is completed.
    pub(super) fn keep_listed(
        &mut self,
        transfer: TransferId,
        contact: ContactId,
        outgoing: bool,
        listed: &Listed,
    ) {
        let record = ReceiptRecord {
            transfer,
            contact,
            outgoing,
            contents: wire::encode(&listed.contents),
            statement: None,
            receipt: None,
            created_at: clock::timestamp(),
        };
        let kept = self.store.add_receipt_contents(&record);
        let kept = kept.and_then(|()| self.store.set_first_names(transfer, &listed.names));
        if let Err(error) = kept {
            tracing::warn!(%error, "what arrived could not be noted");
        }
    }

    /// An outgoing transfer is completed: this side signs, and asks the other one to.
    pub(super) fn state_receipt(&mut self, transfer: TransferId, contact: ContactId) {
        match self.statement(transfer, contact) {
            Ok(Some(statement)) => {
                if let Some(session) = self.meetings.session(contact) {
                    send_statement(session, statement);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no receipt could be made"),
        }
    }

    /// What the other side has not signed yet is sent once more.
    pub(super) fn repeat_statements(&self, contact: ContactId, session: &SessionHandle) {
        let waiting = self.store.unsigned_receipts(contact).unwrap_or_default();
        for record in waiting.iter().take(STATEMENTS_REPEATED) {
            if let Some(Ok(statement)) = record.statement.as_deref().map(SignedStatement::decode) {
                send_statement(session, statement);
            }
        }
    }

    /// Whether the other side should sign something.
    pub(super) fn waits_for_receipt(&self, contact: ContactId) -> bool {
        let waiting = self.store.unsigned_receipts(contact);
        waiting.is_ok_and(|waiting| !waiting.is_empty())
    }

    /// Half of a receipt came.
    pub(super) fn receipt_message(&mut self, contact: ContactId, message: Addressed) {
        let transfer = message.transfer;
        let done = match message.message {
            TransferMessage::ToReceiver(ToReceiver::Receipt(statement)) => {
                self.acknowledge(contact, transfer, &statement)
            }
            TransferMessage::ToSender(ToSender::Receipt(acknowledgement)) => {
                self.acknowledged(contact, transfer, acknowledgement)
            }
            TransferMessage::ToReceiver(_) | TransferMessage::ToSender(_) => return,
        };
        match done {
            Ok(()) => self.clients.tell_all(&Event::ReceiptReady { transfer }),
            Err(error) => {
                tracing::warn!(%error, "half of a receipt is refused");
                if error.code == ErrorCode::Integrity {
                    self.end_session_with_forger(contact);
                }
            }
        }
    }

    /// Whoever signs wrongly breaks the protocol; checking one signature after the other serves nobody.
    fn end_session_with_forger(&self, contact: ContactId) {
        if let Some(session) = self.meetings.session(contact) {
            session.try_command(SessionCommand::Close(CloseReason::Violation));
        }
    }

    fn statement(
        &mut self,
        transfer: TransferId,
        contact: ContactId,
    ) -> Result<Option<SignedStatement>, CommandError> {
        let record = self.store.receipt(transfer).map_err(problem::store)?;
        let Some(record) = record.filter(|record| record.receipt.is_none()) else {
            return Ok(None);
        };
        if let Some(Ok(statement)) = record.statement.as_deref().map(SignedStatement::decode) {
            return Ok(Some(statement));
        }
        let known = self.store.contact(contact).map_err(problem::store)?;
        let known = known.ok_or_else(problem::unknown_contact)?;
        let row = self.store.transfer(transfer).map_err(problem::store)?;
        let title = row.map_or_else(|| DisplayName::new(""), |row| row.summary.name);
        let statement = Statement {
            version: RECEIPT_VERSION,
            transfer,
            sender: self.identity.secrets.public().signing,
            receiver: known.keys.signing,
            sender_name: self.device_name(),
            title,
            contents: contents(&record)?,
            sent_at: clock::timestamp(),
        };
        let statement = statement.sign(&self.identity.secrets);
        self.store
            .set_receipt_statement(transfer, &statement.encode())
            .map_err(problem::store)?;
        Ok(Some(statement))
    }

    /// The sender signed: if it says what is known here, so does this side.
    fn acknowledge(
        &mut self,
        contact: ContactId,
        transfer: TransferId,
        statement: &SignedStatement,
    ) -> Result<(), CommandError> {
        let record = self.known_receipt(transfer, contact, false)?;
        let acknowledgement = match &record.receipt {
            Some(_) => signed(&record).map(|kept| (kept.statement == *statement, kept))?,
            None => (true, self.sign_too(&record, statement)?),
        };
        let (true, receipt) = acknowledgement else {
            return Err(refused("another statement was signed before"));
        };
        if let Some(session) = self.meetings.session(contact) {
            let message = ToSender::Receipt(receipt.acknowledgement);
            session.try_command(SessionCommand::Send(Addressed {
                transfer,
                message: TransferMessage::ToSender(message),
            }));
        }
        Ok(())
    }

    fn sign_too(
        &mut self,
        record: &ReceiptRecord,
        statement: &SignedStatement,
    ) -> Result<Receipt, CommandError> {
        let said = &statement.statement;
        let known = self.store.contact(record.contact).map_err(problem::store)?;
        let known = known.ok_or_else(problem::unknown_contact)?;
        let is_ours = said.transfer == record.transfer
            && said.sender == known.keys.signing
            && said.receiver == self.identity.secrets.public().signing;
        if !is_ours {
            return Err(refused("it speaks of somebody or something else"));
        }
        let mut own = contents(record)?;
        if said.contents.sums.is_none() {
            own.sums = None;
        }
        if said.contents != own {
            return Err(refused("it does not say what arrived"));
        }
        statement.check().map_err(forged)?;
        let end = self.store.finished_transfer(record.transfer);
        let end = end.map_err(problem::store)?;
        let end = end.filter(|end| end.state == store::TransferState::Completed);
        let end = end.ok_or_else(|| refused("the transfer is not complete"))?;
        let acknowledgement = Acknowledgement {
            receiver_name: self.device_name(),
            received_at: end.finished_at,
        };
        let receipt = Receipt {
            acknowledgement: statement.acknowledge(acknowledgement, &self.identity.secrets),
            statement: statement.clone(),
        };
        self.keep_receipt(&receipt)?;
        Ok(receipt)
    }

    /// The receiver signed too.
    fn acknowledged(
        &mut self,
        contact: ContactId,
        transfer: TransferId,
        acknowledgement: SignedAcknowledgement,
    ) -> Result<(), CommandError> {
        let record = self.known_receipt(transfer, contact, true)?;
        if record.receipt.is_some() {
            return Ok(()); // Its answer came twice.
        }
        let statement = record.statement.as_deref().map(SignedStatement::decode);
        let Some(Ok(statement)) = statement else {
            return Err(refused("nothing was stated"));
        };
        let receipt = Receipt {
            statement,
            acknowledgement,
        };
        receipt.check().map_err(forged)?;
        self.keep_receipt(&receipt)
    }

    fn keep_receipt(&mut self, receipt: &Receipt) -> Result<(), CommandError> {
        let statement = receipt.statement.encode();
        let transfer = receipt.statement.statement.transfer;
        self.store
            .set_receipt(transfer, &statement, &receipt.encode())
            .map_err(problem::store)
    }

    fn known_receipt(
        &self,
        transfer: TransferId,
        contact: ContactId,
        outgoing: bool,
    ) -> Result<ReceiptRecord, CommandError> {
        let record = self.store.receipt(transfer).map_err(problem::store)?;
        let ours =
            |record: &ReceiptRecord| record.contact == contact && record.outgoing == outgoing;
        record.filter(ours).ok_or_else(unknown_receipt)
    }
}

fn send_statement(session: &SessionHandle, statement: SignedStatement) {
    let transfer = statement.statement.transfer;
    let message = ToReceiver::Receipt(Box::new(statement));
    session.try_command(SessionCommand::Send(Addressed {
        transfer,
        message: TransferMessage::ToReceiver(message),
    }));
}

pub(super) fn contents(record: &ReceiptRecord) -> Result<Contents, CommandError> {
    wire::decode(&record.contents, RECEIPT_BYTES)
        .map_err(|_| CommandError::new(ErrorCode::Internal, "A receipt in this home is damaged."))
}

fn signed(record: &ReceiptRecord) -> Result<Receipt, CommandError> {
    let bytes = record.receipt.as_deref().ok_or_else(unsigned)?;
    Receipt::read(bytes)
        .map_err(|error| CommandError::new(ErrorCode::Internal, problem::sentence(&error)))
}

fn unknown_receipt() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownTransfer,
        "There is no receipt of this transfer: see wherry receipts list.",
    )
}

fn unsigned() -> CommandError {
    CommandError::new(
        ErrorCode::UnknownTransfer,
        "The other side has not signed this yet. It is asked again whenever both are connected.",
    )
}

fn refused(reason: impl std::fmt::Display) -> CommandError {
    CommandError::new(ErrorCode::PeerViolation, reason.to_string())
}

fn forged(error: ReceiptError) -> CommandError {
    CommandError::new(ErrorCode::Integrity, problem::sentence(&error))
}

/// The newest statements that are repeated in a session; the others wait for the next.
const STATEMENTS_REPEATED: usize = 16;
