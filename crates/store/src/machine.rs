/// What this machine is called, as a first name for the device, or `None` if it has no name of its own.
///
/// Without the domain: `ana-laptop.example.org` is `ana-laptop`.
pub fn machine_name() -> Option<String> {
    let whole = host_name()?;
    let first = whole.split('.').next().unwrap_or_default().trim();
    match first {
        "" | "localhost" => None,
        name => Some(name.to_owned()),
    }
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    system.nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}
