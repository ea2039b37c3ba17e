use std::path::Path;

use api::{CommandError, IdentityView, Reply, SettingCommand, SettingView};
use model::DisplayName;
use store::Setting;

use super::Hub;
use crate::problem;

impl Hub {
    pub(super) fn setting_command(
        &mut self,
        command: &SettingCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            SettingCommand::List => self.list_settings(),
            SettingCommand::Change { key, value } => self.change_setting(key, value.as_deref()),
        }
    }

    pub(super) fn show_identity(&self) -> Result<Reply, CommandError> {
        Ok(Reply::Identity(IdentityView {
            device_id: self.identity.secrets.device_id().to_string(),
            name: self.device_name()?,
        }))
    }

    /// The name contacts see: the setting, or the machine's name.
    pub(super) fn device_name(&self) -> Result<DisplayName, CommandError> {
        let set = self.store.device_name().map_err(problem::store)?;
        Ok(set.unwrap_or_else(machine_name))
    }

    pub(super) fn list_settings(&self) -> Result<Reply, CommandError> {
        let settings = Setting::ALL
            .iter()
            .map(|&setting| {
                let value = self.setting_value(setting)?;
                let key = setting.name().to_owned();
                Ok(SettingView { key, value })
            })
            .collect::<Result<_, CommandError>>()?;
        Ok(Reply::Settings { settings })
    }

    pub(super) fn change_setting(
        &mut self,
        key: &str,
        value: Option<&str>,
    ) -> Result<Reply, CommandError> {
        let setting = Setting::ALL
            .iter()
            .copied()
            .find(|setting| setting.name() == key)
            .ok_or_else(|| problem::usage(format!("There is no setting {key}.")))?;
        match value {
            None => self.store.clear_setting(setting).map_err(problem::store)?,
            Some(value) => self.set(setting, value)?,
        }
        Ok(Reply::Done)
    }

    fn setting_value(&self, setting: Setting) -> Result<Option<String>, CommandError> {
        let value = match setting {
            Setting::DeviceName => self.store.device_name().map(|name| name.map(String::from)),
            Setting::ServerUrl => self.store.server_url(),
            Setting::DestinationFolder => self
                .store
                .destination_folder()
                .map(|path| path.map(|path| path.display().to_string())),
            Setting::DiskReserveBytes => self
                .store
                .disk_reserve_bytes()
                .map(|bytes| bytes.map(|bytes| bytes.to_string())),
        };
        value.map_err(problem::store)
    }

    fn set(&mut self, setting: Setting, value: &str) -> Result<(), CommandError> {
        let result = match setting {
            Setting::DeviceName => {
                let name = DisplayName::new(value);
                if name.as_str().is_empty() {
                    return Err(problem::usage("A device needs a name."));
                }
                self.store.set_device_name(&name)
            }
            Setting::ServerUrl => {
                super::check_server_url(value)?;
                self.store.set_server_url(value)
            }
            Setting::DestinationFolder => {
                let path = Path::new(value);
                if !path.is_absolute() {
                    return Err(problem::usage("The folder must be an absolute path."));
                }
                self.store.set_destination_folder(path)
            }
            Setting::DiskReserveBytes => {
                let bytes = value
                    .parse()
                    .map_err(|_| problem::usage("The reserve must be a number of bytes."))?;
                self.store.set_disk_reserve_bytes(bytes)
            }
        };
        result.map_err(problem::store)
    }
}

fn machine_name() -> DisplayName {
    let name = store::machine_name();
    DisplayName::new(name.as_deref().unwrap_or("this device"))
}
