//! What the system's supervisor is told, in the words of sd_notify(3).

use std::time::Duration;

use super::SHORTEST_WATCHDOG;

/// Says that this process is about to end.
pub(crate) fn stopping() {
    tell("STOPPING=1\nSTATUS=Saying goodbye.");
}

/// Says something to the supervisor that started us; without one, to nobody.
#[cfg(unix)]
pub(super) fn tell(state: &str) {
    use std::os::unix::net::UnixDatagram;

    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    let told = address(&name).and_then(|address| {
        let socket = UnixDatagram::unbound()?;
        // A supervisor that does not listen must not hold us up.
        socket.set_nonblocking(true)?;
        socket.send_to_addr(state.as_bytes(), &address)
    });
    if let Err(error) = told {
        tracing::debug!(%error, "the supervisor was not told");
    }
}

#[cfg(not(unix))]
pub(super) fn tell(_state: &str) {}

#[cfg(unix)]
fn address(name: &std::ffi::OsStr) -> std::io::Result<std::os::unix::net::SocketAddr> {
    use std::os::unix::net::SocketAddr;

    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::ffi::OsStrExt as _;
        if let Some(name) = name.as_bytes().strip_prefix(b"@") {
            return SocketAddr::from_abstract_name(name);
        }
    }
    SocketAddr::from_pathname(name)
}

/// How often the supervisor wants to hear of us, if it does.
pub(super) fn watchdog() -> Option<Duration> {
    let number = |name| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let is_other = number("WATCHDOG_PID").is_some_and(|it| it != u64::from(std::process::id()));
    let time = Duration::from_micros(number("WATCHDOG_USEC")?);
    (!is_other && time >= SHORTEST_WATCHDOG).then_some(time)
}
