use std::num::NonZeroU64;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct NearbyArguments {
    /// How long to look
    #[arg(long = "for", value_name = "SECONDS", default_value = "3")]
    pub(crate) seconds: NonZeroU64,
}

#[derive(Debug, Args)]
pub(crate) struct PairArguments {
    /// The code or link that the other device shows; `-` asks for it. Without one, this device shows one
    pub(crate) code: Option<String>,
    /// Add the contact without comparing the six words; it is marked "not compared"
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// This is the new device of a contact whose old one is lost or was reset
    #[arg(long, value_name = "NAME")]
    pub(crate) replaces: Option<String>,
    /// Pair without a code with a device on this network that shows itself
    #[arg(long, value_name = "NAME", conflicts_with = "code")]
    pub(crate) nearby: Option<String>,
    /// Show this device's name to everybody on this network for ten minutes, and pair with whoever asks
    #[arg(long, conflicts_with_all = ["code", "nearby"])]
    pub(crate) visible: bool,
    /// Where the device is that shows the code, if neither a server nor this network finds it: IP or IP:PORT
    #[arg(long, value_name = "ADDRESS", requires = "code")]
    pub(crate) at: Option<String>,
}
