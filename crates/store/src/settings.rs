use std::path::{Path, PathBuf};

use model::DisplayName;
use rusqlite::OptionalExtension;

use crate::columns::{path_bytes, path_of_bytes};
use crate::{Store, StoreError};

/// Everything a person can set. What is not set has its caller's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// How this device calls itself.
    DeviceName,
    /// The signaling server.
    ServerUrl,
    /// Where received files go.
    DestinationFolder,
    /// Free space to leave on the disk.
    DiskReserveBytes,
}

impl Setting {
    /// All settings, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::DeviceName,
        Self::ServerUrl,
        Self::DestinationFolder,
        Self::DiskReserveBytes,
    ];

    /// The lasting name of the setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceName => "device-name",
            Self::ServerUrl => "server-url",
            Self::DestinationFolder => "destination-folder",
            Self::DiskReserveBytes => "disk-reserve-bytes",
        }
    }
}

impl Store {
    /// How this device calls itself.
    pub fn device_name(&self) -> Result<Option<DisplayName>, StoreError> {
        let text = self.setting_text(Setting::DeviceName)?;
        Ok(text.map(|text| DisplayName::new(&text)))
    }

    /// Sets [`Store::device_name`].
    pub fn set_device_name(&mut self, name: &DisplayName) -> Result<(), StoreError> {
        self.set(Setting::DeviceName, name.as_str().as_bytes())
    }

    /// The signaling server, exactly as it was set.
    pub fn server_url(&self) -> Result<Option<String>, StoreError> {
        self.setting_text(Setting::ServerUrl)
    }

    /// Sets [`Store::server_url`].
    pub fn set_server_url(&mut self, url: &str) -> Result<(), StoreError> {
        self.set(Setting::ServerUrl, url.as_bytes())
    }

    /// Where received files go.
    pub fn destination_folder(&self) -> Result<Option<PathBuf>, StoreError> {
        let Some(bytes) = self.setting(Setting::DestinationFolder)? else {
            return Ok(None);
        };
        path_of_bytes(bytes).map(Some).ok_or(DAMAGED)
    }

    /// Sets [`Store::destination_folder`].
    pub fn set_destination_folder(&mut self, folder: &Path) -> Result<(), StoreError> {
        self.set(Setting::DestinationFolder, &path_bytes(folder))
    }

    /// Free space to leave on the disk.
    pub fn disk_reserve_bytes(&self) -> Result<Option<u64>, StoreError> {
        let Some(bytes) = self.setting(Setting::DiskReserveBytes)? else {
            return Ok(None);
        };
        let bytes = bytes.try_into().map_err(|_| DAMAGED)?;
        Ok(Some(u64::from_be_bytes(bytes)))
    }

    /// Sets [`Store::disk_reserve_bytes`].
    pub fn set_disk_reserve_bytes(&mut self, bytes: u64) -> Result<(), StoreError> {
        self.set(Setting::DiskReserveBytes, &bytes.to_be_bytes())
    }

    /// Returns a setting to its default.
    pub fn clear_setting(&mut self, setting: Setting) -> Result<(), StoreError> {
        let sql = "DELETE FROM settings WHERE name = ?1";
        self.connection.execute(sql, [setting.name()])?;
        Ok(())
    }

    fn setting_text(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        let bytes = self.setting(setting)?;
        bytes
            .map(String::from_utf8)
            .transpose()
            .map_err(|_| DAMAGED)
    }

    fn setting(&self, setting: Setting) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT value FROM settings WHERE name = ?1";
        let value = self
            .connection
            .query_row(sql, [setting.name()], |row| row.get(0))
            .optional()?;
        Ok(value)
    }

    fn set(&mut self, setting: Setting, value: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)";
        self.connection.execute(sql, (setting.name(), value))?;
        Ok(())
    }
}

const DAMAGED: StoreError = StoreError::Damaged { what: "a setting" };

#[cfg(test)]
mod tests;
