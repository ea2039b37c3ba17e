//! Arguments of `wherry host`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct HostArguments {
    /// Where devices come, by TCP and by UDP; may be given several times [default: port 7400 of every address]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Vec<SocketAddr>,
    /// The name or address under which others reach this machine, with a port if a router passes another one on
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) public: Option<String>,
    /// Certificate chain (PEM), so that the line to this machine is encrypted too; read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Introduce devices only: carry nothing for those that cannot reach each other
    #[arg(long)]
    pub(crate) no_relay: bool,
}
