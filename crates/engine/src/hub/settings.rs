use std::path::{Component, Path, PathBuf};

use api::{CommandError, Reply, SettingCommand};
use model::DisplayName;

use super::{ClientId, ClientKind, Hub};
use crate::problem;
use crate::rate::RateRule;
use crate::settings::table::{
    ACTIVE_TRANSFERS, DESTINATION_FOLDER, DEVICE_NAME, DISK_RESERVE_BYTES, RECEIVE_RATE, SEND_RATE,
    SERVER_URL,
};
use crate::settings::{Given, Row, Settings, Sources};
use model::limits;
use store::Home;

/// The settings in force, and what they are read from.
pub(super) struct Configuration {
    given: Given,
    policy: Option<PathBuf>,
    in_force: Settings,
}

impl Configuration {
    /// Reads the policy and the settings file of `home`.
    pub(super) fn load(home: &Home, given: Given) -> Result<Self, CommandError> {
        let policy = std::env::var_os("WHERRY_POLICY").filter(|path| !path.is_empty());
        let mut configuration = Self {
            given,
            policy: policy.map(PathBuf::from),
            in_force: Settings::default(),
        };
        configuration.in_force = configuration.read(&read_file(home)?);
        Ok(configuration)
    }

    /// What would be in force with `file` as the settings file.
    fn read(&self, file: &str) -> Settings {
        let (policy, unreadable) = match store::read_policy(self.policy.as_deref()) {
            Ok(policy) => (policy, None),
            Err(error) => (None, Some(problem::sentence(&error))),
        };
        let mut settings = Settings::of(Sources {
            policy: policy.as_deref(),
            given: &self.given,
            file,
        });
        if let Some(message) = unreadable {
            settings.block(message);
        }
        settings
    }
}

impl std::ops::Deref for Configuration {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.in_force
    }
}

impl Hub {
    pub(super) fn setting_command(
        &mut self,
        client: ClientId,
        command: &SettingCommand,
    ) -> Result<Reply, CommandError> {
        match command {
            SettingCommand::List => Ok(Reply::Settings {
                settings: self.settings.views(),
                problems: self.settings.problems().to_vec(),
            }),
            SettingCommand::Change { key, value } => self.change_setting(key, value.as_deref()),
            SettingCommand::Reload => self.reload_settings(),
            SettingCommand::UseForNow { key, value } => self.use_for_now(client, key, value),
        }
    }

    /// The name contacts see: the setting, or the machine's name.
    pub(super) fn device_name(&self) -> DisplayName {
        let set = self.settings.text(&DEVICE_NAME).map(DisplayName::new);
        set.unwrap_or_else(machine_name)
    }

    /// The server in force.
    pub(super) fn server_url(&self) -> Result<&str, CommandError> {
        let named = self.settings.text(&SERVER_URL);
        named.or(self.meetings.hosting.own_url()).ok_or_else(|| {
            problem::usage(
                "No signaling server is known. Name one with --server, WHERRY_SERVER, or wherry config set server-url; or be one, with wherry host.",
            )
        })
    }

    /// The space to leave free, or `None` for the standard.
    pub(super) fn disk_reserve_bytes(&self) -> Option<u64> {
        self.settings.number(&DISK_RESERVE_BYTES)
    }

    /// Refuses a folder other than the one that a policy holds.
    pub(super) fn check_held_folder(&self, folder: &Path) -> Result<(), CommandError> {
        match self.held_folder() {
            Some(held) if held != folder => Err(received_elsewhere()),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses standard output where a policy holds a folder.
    pub(super) fn check_held_output(&self) -> Result<(), CommandError> {
        match self.held_folder() {
            Some(_) => Err(received_elsewhere()),
            None => Ok(()),
        }
    }

    /// Refuses a shared folder outside the folder that a policy holds: what others change arrives there too.
    pub(super) fn check_held_place(&self, place: &Path) -> Result<(), CommandError> {
        let climbs = place.components().any(|it| it == Component::ParentDir);
        match self.held_folder() {
            Some(held) if climbs || !place.starts_with(held) => Err(received_elsewhere()),
            Some(_) | None => Ok(()),
        }
    }

    fn held_folder(&self) -> Option<&Path> {
        let is_locked = self.settings.is_locked(&DESTINATION_FOLDER);
        let folder = self.settings.folder(&DESTINATION_FOLDER);
        folder.filter(|_| is_locked)
    }

    /// A device whose settings are not what somebody meant stays offline.
    pub(super) fn check_settings(&self) -> Result<(), CommandError> {
        match first_block(&self.settings) {
            Some(message) => Err(problem::usage(message)),
            None => Ok(()),
        }
    }

    fn change_setting(&mut self, key: &str, value: Option<&str>) -> Result<Reply, CommandError> {
        // A person may have edited the file since it was read.
        let fresh = self.settings.read(&read_file(&self.home)?);
        let text = fresh.changed(key, value).map_err(problem::change)?;
        let changed = self.settings.read(&text);
        self.home
            .write_settings(&text)
            .map_err(problem::settings_file)?;
        self.put_in_force(changed)
    }

    /// An attached process must not lead the others elsewhere.
    fn use_for_now(
        &mut self,
        client: ClientId,
        key: &str,
        value: &str,
    ) -> Result<Reply, CommandError> {
        let Some(row) = Row::of_key(key) else {
            return Err(problem::usage("There is no such setting."));
        };
        if self.clients.kind(client) != Some(ClientKind::Own) {
            return Err(problem::usage(format!(
                "Wherry is running with another {}. Use wherry config set {}, or end the running one.",
                row.key, row.key
            )));
        }
        let given = self.settings.given.clone().with_flag(row, value);
        let before = std::mem::replace(&mut self.settings.given, given);
        let changed = self.reload_settings();
        if changed.is_err() {
            self.settings.given = before;
        }
        changed
    }

    fn reload_settings(&mut self) -> Result<Reply, CommandError> {
        let settings = self.settings.read(&read_file(&self.home)?);
        self.put_in_force(settings)
    }

    /// Settings that somebody must put right first do not replace good ones.
    fn put_in_force(&mut self, settings: Settings) -> Result<Reply, CommandError> {
        if let Some(message) = first_block(&settings)
            && first_block(&self.settings).is_none()
        {
            return Err(problem::usage(format!(
                "The settings stay as they were. {message}"
            )));
        }
        self.settings.in_force = settings;
        self.settings_changed()?;
        Ok(Reply::Done)
    }

    /// What follows at once from other settings; everything else asks when it needs one.
    fn settings_changed(&mut self) -> Result<(), CommandError> {
        self.apply_speeds();
        self.apply_stun_servers();
        self.follow_budget();
        self.follow_visibility();
        if self.is_open() {
            self.follow_hosting();
        }
        self.follow_server()
    }

    /// How many transfers go at once, and how fast all of them together.
    pub(super) fn apply_speeds(&mut self) {
        let places = self.settings.number(&ACTIVE_TRANSFERS);
        let places = places.and_then(|places| usize::try_from(places).ok());
        self.set_places(places.unwrap_or(limits::ACTIVE_TRANSFERS));
        self.set_send_rule(self.rate_rule(&SEND_RATE));
        self.set_receive_rule(self.rate_rule(&RECEIVE_RATE));
    }

    fn rate_rule(&self, row: &Row) -> RateRule {
        let text = self.settings.text(row).unwrap_or_default();
        // Only what can be read is ever in force.
        text.parse().unwrap_or_default()
    }
}

fn received_elsewhere() -> CommandError {
    problem::usage("destination-folder is set by your organisation: nothing is received elsewhere.")
}

fn first_block(settings: &Settings) -> Option<&str> {
    let mut problems = settings.problems().iter();
    let found = problems.find(|problem| problem.blocks);
    found.map(|problem| problem.message.as_str())
}

fn read_file(home: &Home) -> Result<String, CommandError> {
    home.read_settings().map_err(problem::settings_file)
}

fn machine_name() -> DisplayName {
    let name = store::machine_name();
    DisplayName::new(name.as_deref().unwrap_or("this device"))
}

#[cfg(test)]
mod tests;
