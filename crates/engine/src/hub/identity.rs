use api::{CommandError, IdentityCommand, IdentityView, Reply};

use super::{Aim, ClientId, Hub};
use crate::problem;

impl Hub {
    pub(super) fn identity_command(
        &mut self,
        client: ClientId,
        command: IdentityCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            IdentityCommand::Show => self.show_identity(),
            IdentityCommand::AddDevice => self.issue_code(client, Aim::AddDevice),
            IdentityCommand::Join { code } => {
                self.check_may_join()?;
                self.claim_code(client, Aim::Join, &code)
            }
            IdentityCommand::Devices => self.list_devices(),
            IdentityCommand::Revoke { device } => self.revoke_device(&device),
            IdentityCommand::Export { file, passphrase } => {
                let exported = self.store.export_identity(&file, &passphrase.0);
                exported.map_err(problem::moving)?;
                Ok(Reply::Done)
            }
            IdentityCommand::Import { file, passphrase } => {
                self.must_be_idle()?;
                let imported = self.store.import_identity(&file, &passphrase.0);
                self.identity.secrets = imported.map_err(problem::moving)?;
                self.show_identity()
            }
            IdentityCommand::Renew => self.renew_identity(),
        }
    }

    fn show_identity(&self) -> Result<Reply, CommandError> {
        Ok(Reply::Identity(IdentityView {
            device_id: self.identity.secrets.device_id().to_string(),
            name: self.device_name(),
        }))
    }

    /// Makes this home another device, as after it was copied: nobody knows it yet.
    fn renew_identity(&mut self) -> Result<Reply, CommandError> {
        self.must_be_idle()?;
        for contact in self.store.contacts().map_err(problem::store)? {
            self.cancel_transfers_with(contact.id)?;
        }
        self.identity.secrets = self.store.renew_identity().map_err(problem::store)?;
        self.show_identity()
    }

    /// An identity is not exchanged while something uses it.
    fn must_be_idle(&self) -> Result<(), CommandError> {
        if self.signaling.is_open() || self.meetings.nearby.is_open() {
            return Err(problem::usage(
                "This home is online: stop the wherry that runs on it first.",
            ));
        }
        Ok(())
    }
}
