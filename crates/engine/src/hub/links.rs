use api::{CommandError, LinkAim, LinkCommand, LinkView, Reply};
use model::{Invitation, InvitationAim, ServerAddress};

use super::{Aim, Hub};
use crate::problem;
use crate::settings::table::SERVER_URL;

impl Hub {
    /// Nothing here changes anything.
    pub(super) fn link_command(&self, command: &LinkCommand) -> Result<Reply, CommandError> {
        match command {
            LinkCommand::Parse { text } => self.parse_link(text),
        }
    }

    /// The link that says the same as a code shown here.
    pub(super) fn link_of_code(&self, aim: &Aim, code: &str) -> Option<String> {
        let aim = match aim {
            Aim::Contact => InvitationAim::Pair,
            Aim::Send { .. } => InvitationAim::Receive,
            // A further device gets everything: its code is typed, and in no link that travels.
            Aim::Receive { .. } | Aim::AddDevice | Aim::Join => return None,
        };
        Invitation::link(aim, &self.server_in_force()?, code)
    }

    fn parse_link(&self, text: &str) -> Result<Reply, CommandError> {
        let invitation =
            Invitation::parse(text).map_err(|error| problem::usage(problem::sentence(&error)))?;
        let in_force = self.server_in_force();
        let is_other_server = invitation.server.is_some() && invitation.server != in_force;
        Ok(Reply::Link(LinkView {
            aim: invitation.aim.map(|aim| match aim {
                InvitationAim::Receive => LinkAim::Receive,
                InvitationAim::Pair => LinkAim::Pair,
            }),
            code: invitation.code,
            server: invitation.server.map(|server| server.to_string()),
            server_in_force: self.settings.text(&SERVER_URL).map(str::to_owned),
            is_other_server,
        }))
    }

    fn server_in_force(&self) -> Option<ServerAddress> {
        let named = self.settings.text(&SERVER_URL);
        let hosted = self.meetings.hosting.urls().first().map(String::as_str);
        named.or(hosted)?.parse().ok()
    }
}
