use crate::{
    association, device_socket, devices, envelope, folder, halves, manifest, pairing, receipt,
    session, signaling, socket, text, transfer,
};

/// One way in.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Names its corpus folder.
    pub name: &'static str,
    /// Takes any bytes; panics if a law is broken.
    pub run: fn(&[u8]) -> Verdict,
    /// Writes inputs that are [`Verdict::Accepted`], with their names.
    pub seeds: fn() -> Vec<(&'static str, Vec<u8>)>,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was read, or led where a well-behaved peer's input leads.
    Accepted,
    /// It was refused.
    Refused,
}

impl Verdict {
    /// [`Verdict::Accepted`] if `accepted`.
    pub(crate) fn of(accepted: bool) -> Self {
        if accepted {
            Self::Accepted
        } else {
            Self::Refused
        }
    }
}

macro_rules! targets {
    ($($name:ident: $module:ident::$run:ident, $seeds:ident;)*) => {
        /// Every way in.
        pub static TARGETS: &[Target] = &[$(Target {
            name: stringify!($name),
            run: $module::$run,
            seeds: $module::$seeds,
        }),*];
    };
}

targets! {
    device_id: text::device_id, device_id_seeds;
    name: text::name, name_seeds;
    session_description: text::session_description, session_description_seeds;
    manifest_page: transfer::manifest_page, manifest_page_seeds;
    manifest_file: manifest::manifest_file, manifest_file_seeds;
    code: pairing::code, code_seeds;
    invitation: pairing::invitation, invitation_seeds;
    pairing_message: pairing::pairing_message, pairing_message_seeds;
    introduction: pairing::introduction, introduction_seeds;
    pairing: pairing::pairing, pairing_seeds;
    client_message: signaling::client_message, client_message_seeds;
    server_message: signaling::server_message, server_message_seeds;
    envelope: envelope::envelope, envelope_seeds;
    roster: devices::roster, roster_seeds;
    device_notice: devices::device_notice, device_notice_seeds;
    device_socket: device_socket::device_socket, device_socket_seeds;
    server_socket: socket::server_socket, server_socket_seeds;
    control_message: session::control_message, control_message_seeds;
    session: session::session, session_seeds;
    transfer_message: transfer::transfer_message, transfer_message_seeds;
    bulk_message: transfer::bulk_message, bulk_message_seeds;
    receipt: receipt::receipt, receipt_seeds;
    receipt_file: receipt::receipt_file, receipt_file_seeds;
    receipt_line: receipt::receipt_line, receipt_line_seeds;
    folder_message: folder::folder_message, folder_message_seeds;
    folder_roster: folder::folder_roster, folder_roster_seeds;
    folder_member: folder::folder_member, folder_member_seeds;
    ignore_rules: folder::ignore_rules, ignore_rules_seeds;
    receiver: halves::receiver, receiver_seeds;
    sender: halves::sender, sender_seeds;
    sctp_packet: association::sctp_packet, sctp_packet_seeds;
    channel_announcement: association::channel_announcement, channel_announcement_seeds;
    association: association::association, association_seeds;
}
