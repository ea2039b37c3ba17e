use super::{Default, Flag, Kind, Row};
use crate::hosting;
use crate::stun::AUTOMATIC;

/// Rules and `--yes` hold.
const ALLOWED: &str = "allowed";
/// Somebody is asked each time.
pub(crate) const NEVER: &str = "never";

/// Makes a named row of each entry, and [`ROWS`] of all of them.
macro_rules! rows {
    ($($(#[$docs:meta])* $name:ident = $row:expr;)*) => {
        $($(#[$docs])* pub static $name: Row = $row;)*

        /// Every setting, in the order in which they are shown.
        pub static ROWS: [&Row; [$(stringify!($name)),*].len()] = [$(&$name),*];
    };
}

rows! {
    /// How this device calls itself.
    DEVICE_NAME = Row {
        key: "device-name",
        environment: "WHERRY_DEVICE_NAME",
        flag: None,
        kind: Kind::Name,
        default: Default::Told("the name of the machine"),
        lockable: false,
        about: "What this device is called at its contacts, from the next pairing on.",
    };
    /// Where devices find each other.
    SERVER_URL = Row {
        key: "server-url",
        environment: "WHERRY_SERVER",
        flag: Some(Flag::Everywhere("server")),
        kind: Kind::ServerUrl,
        default: Default::Packaged(option_env!("WHERRY_DEFAULT_SERVER"), "none"),
        lockable: true,
        about: "The signaling server that introduces this device to others.",
    };
    /// Whether this device is the server.
    HOST_HERE = Row {
        key: "host-here",
        environment: "WHERRY_HOST_HERE",
        flag: None,
        kind: Kind::Hosting,
        default: Default::Value(hosting::OFF),
        lockable: true,
        about: "Whether this device, as long as Wherry runs on it, introduces devices to each other and relays for them, on port 7400, without any other server; behind a router that passes that port on, the name or address outside.",
    };
    /// Who says how this device looks from outside.
    STUN_SERVERS = Row {
        key: "stun-servers",
        environment: "WHERRY_STUN_SERVERS",
        flag: None,
        kind: Kind::Hosts,
        default: Default::Value(match option_env!("WHERRY_DEFAULT_STUN_SERVERS") {
            Some(packaged) => packaged,
            None => AUTOMATIC,
        }),
        lockable: true,
        about: "The STUN servers that tell this device its address outside, so that others reach it through a NAT: the relays that the signaling server names; names or addresses with ports, separated by spaces; or none.",
    };
    /// Whether transfers go through relays.
    RELAY = Row {
        key: "relay",
        environment: "WHERRY_RELAY",
        flag: None,
        kind: Kind::Choice(&["automatic", "never", "only"]),
        default: Default::Value("automatic"),
        lockable: true,
        about: "Whether transfers go through a relay: where no direct way exists; never; or always, so that contacts do not learn this device's addresses.",
    };
    /// How much may go through relays.
    RELAY_BUDGET = Row {
        key: "relay-budget-bytes",
        environment: "WHERRY_RELAY_BUDGET_BYTES",
        flag: None,
        kind: Kind::Bytes { at_least: 0, at_most: u64::MAX },
        default: Default::Told("none"),
        lockable: true,
        about: "The most that this device carries through relays in a calendar month, both ways together; after that transfers wait for a direct way.",
    };
    /// Who sees this device on local networks.
    LAN_VISIBILITY = Row {
        key: "lan-visibility",
        environment: "WHERRY_LAN_VISIBILITY",
        flag: None,
        kind: Kind::Choice(&["contacts", "nobody"]),
        default: Default::Value("contacts"),
        lockable: true,
        about: "Who finds this device on a local network, with no server between: contacts, while strangers learn no more than that somebody has Wherry; or nobody, and then this device finds nobody there either.",
    };
    /// Which networks are local ones.
    LAN_INTERFACES = Row {
        key: "lan-interfaces",
        environment: "WHERRY_LAN_INTERFACES",
        flag: None,
        kind: Kind::Interfaces,
        default: Default::Value("automatic"),
        lockable: true,
        about: "The network interfaces on which devices find each other: all but tunnels and those of containers and virtual machines; all; or those named here, separated by spaces.",
    };
    /// How the window is drawn.
    RENDERING = Row {
        key: "rendering",
        environment: "WHERRY_RENDERING",
        flag: None,
        kind: Kind::Choice(&["auto", "safe", "plain"]),
        default: Default::Value("auto"),
        lockable: true,
        about: "How the window is drawn: as the system does best, without its fastest way, or without composition; a window that stays blank steps down by itself.",
    };
    /// Whether the window looks for new versions of itself.
    UPDATES = Row {
        key: "updates",
        environment: "WHERRY_UPDATES",
        flag: None,
        kind: Kind::Choice(&[NEVER, "look"]),
        default: Default::Value(NEVER),
        lockable: true,
        about: "Whether the window looks for a new version of itself, at its start and once a day, and offers to install it. Where a package manager brings new versions, nothing looks.",
    };
    /// What is on the way to the server and to relays.
    PROXY = Row {
        key: "proxy",
        environment: "WHERRY_PROXY",
        flag: None,
        kind: Kind::Proxy,
        default: Default::Value("automatic"),
        lockable: true,
        about: "The proxy on the way to the signaling server and to relays; `automatic` reads `https_proxy`, `all_proxy`, `http_proxy` and `no_proxy`. A login stands in the environment alone: in those, or as `user:password` in `WHERRY_PROXY_LOGIN`.",
    };
    /// Where received things go.
    DESTINATION_FOLDER = Row {
        key: "destination-folder",
        environment: "WHERRY_DESTINATION_FOLDER",
        flag: Some(Flag::Receiving("into")),
        kind: Kind::Folder,
        default: Default::Told("the folder in which the command runs"),
        lockable: true,
        about: "The folder that receives; it is made if it is missing.",
    };
    /// Whether anything arrives unasked.
    AUTOMATIC_ACCEPTANCE = Row {
        key: "automatic-acceptance",
        environment: "WHERRY_AUTOMATIC_ACCEPTANCE",
        flag: None,
        kind: Kind::Choice(&[ALLOWED, NEVER]),
        default: Default::Value(ALLOWED),
        lockable: true,
        about: "Whether what contacts send may be accepted without asking, by rules or by `--yes`; a code that somebody enters is an answer in any case.",
    };
    /// How long the history is.
    HISTORY_DAYS = Row {
        key: "history-days",
        environment: "WHERRY_HISTORY_DAYS",
        flag: None,
        kind: Kind::Number { at_least: 0, at_most: 36_500, unit: "days" },
        default: Default::Value("90"),
        lockable: true,
        about: "How long ended transfers stay in the history; their ids are remembered for 30 days in any case, so that nothing arrives twice.",
    };
    /// What becomes of names that are taken.
    EXISTING_NAMES = Row {
        key: "existing-names",
        environment: "WHERRY_EXISTING_NAMES",
        flag: Some(Flag::Receiving("existing")),
        kind: Kind::Choice(model::Existing::WORDS),
        default: Default::Value("keep-both"),
        lockable: true,
        about: "What becomes of a file whose name is taken: both stay; what is the same is not carried again; or the older one steps aside under a dated name.",
    };
    /// What becomes of names that cannot be held.
    IMPOSSIBLE_NAMES = Row {
        key: "impossible-names",
        environment: "WHERRY_IMPOSSIBLE_NAMES",
        flag: None,
        kind: Kind::Choice(&["rename", "leave-out"]),
        default: Default::Value("rename"),
        lockable: true,
        about: "What becomes of a received file whose name this system cannot hold: it gets one like it, or it is left out; both are told.",
    };
    /// Which names can be held.
    NAME_RULES = Row {
        key: "name-rules",
        environment: "WHERRY_NAME_RULES",
        flag: None,
        kind: Kind::Choice(&["system", "windows"]),
        default: Default::Value("system"),
        lockable: true,
        about: "Which names can be held: those of this system, or those of Windows, for a folder that Windows reads too.",
    };
    /// What runs after something arrived.
    AFTER_RECEIVE_COMMAND = Row {
        key: "after-receive-command",
        environment: "WHERRY_AFTER_RECEIVE_COMMAND",
        flag: None,
        kind: Kind::Command,
        default: Default::Value("none"),
        lockable: true,
        about: "**Dangerous:** a program that runs with your rights after each transfer that arrived in a folder, for at most a minute, one at a time, without a shell; `WHERRY_TRANSFER`, `WHERRY_FROM` and `WHERRY_FOLDER` tell it what came. Names and contents are the sender's: it must trust neither. Its failures are logged and change nothing.",
    };
    /// What stays free on the disk.
    DISK_RESERVE_BYTES = Row {
        key: "disk-reserve-bytes",
        environment: "WHERRY_DISK_RESERVE_BYTES",
        flag: None,
        kind: Kind::Bytes { at_least: 0, at_most: u64::MAX },
        default: Default::Told("1 GiB or 5 % of the disk, whichever is more"),
        lockable: true,
        about: "The space that receiving leaves free on the disk.",
    };
    /// How many go at once.
    ACTIVE_TRANSFERS = Row {
        key: "active-transfers",
        environment: "WHERRY_ACTIVE_TRANSFERS",
        flag: None,
        kind: Kind::Number { at_least: 1, at_most: 64, unit: "transfers" },
        default: Default::Told("4"),
        lockable: true,
        about: "How many sends go at once; others wait for their turn.",
    };
    /// How fast all sends together may go.
    SEND_RATE = Row {
        key: "send-rate",
        environment: "WHERRY_SEND_RATE",
        flag: None,
        kind: Kind::Rate,
        default: Default::Told("none"),
        lockable: true,
        about: "The most that all sends together may carry in a second.",
    };
    /// How fast all receives together may go.
    RECEIVE_RATE = Row {
        key: "receive-rate",
        environment: "WHERRY_RECEIVE_RATE",
        flag: None,
        kind: Kind::Rate,
        default: Default::Told("none"),
        lockable: true,
        about: "The most that all senders together are asked to send in a second.",
    };
}
