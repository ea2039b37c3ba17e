use model::DeviceSecrets;
use rusqlite::OptionalExtension;
use zeroize::Zeroizing;

use crate::seal::SealLabel;
use crate::{Store, StoreError};

impl Store {
    /// The identity of this device, made at the first call.
    pub fn identity(&mut self) -> Result<DeviceSecrets, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT sealed_secrets FROM identity", [], |row| row.get(0))
            .optional()?;
        match sealed {
            Some(sealed) => self.open_identity(&sealed),
            None => self.create_identity(),
        }
    }

    /// Replaces the identity by a new one, and forgets every contact: nobody knows the new device.
    pub fn renew_identity(&mut self) -> Result<DeviceSecrets, StoreError> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch("DELETE FROM contacts; DELETE FROM identity;")?;
        transaction.commit()?;
        self.reservations.clear();
        let secrets = self.create_identity()?;
        self.erase_log()?;
        Ok(secrets)
    }

    fn open_identity(&self, sealed: &[u8]) -> Result<DeviceSecrets, StoreError> {
        let damaged = StoreError::Damaged {
            what: "the identity",
        };
        let Ok(plain) = self.key.open(IDENTITY, sealed) else {
            return Err(damaged);
        };
        match plain.as_slice().try_into() {
            Ok(bytes) => Ok(DeviceSecrets::from_bytes(bytes)),
            Err(_) => Err(damaged),
        }
    }

    /// Seals an identity's 64 bytes with this home's key.
    pub(crate) fn seal_identity(&mut self, secrets: &[u8]) -> Vec<u8> {
        self.key.seal(IDENTITY, secrets, &mut self.entropy)
    }

    fn create_identity(&mut self) -> Result<DeviceSecrets, StoreError> {
        let secrets = DeviceSecrets::generate(&mut self.entropy);
        let plain = Zeroizing::new(secrets.to_bytes());
        let sealed = self.seal_identity(plain.as_slice());
        self.connection.execute(
            "INSERT INTO identity (only_row, sealed_secrets) VALUES (1, ?1)",
            [sealed],
        )?;
        Ok(secrets)
    }
}

const IDENTITY: SealLabel<'static> = SealLabel {
    purpose: "identity",
    owner: &[],
};
