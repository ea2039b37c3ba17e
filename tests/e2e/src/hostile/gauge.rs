use std::collections::BTreeSet;
use std::fs;

/// The most memory a process ever had resident, in KiB.
///
/// # Panics
/// When there is no such process.
pub fn peak_memory_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    figure
        .and_then(|figure| figure.parse().ok())
        .expect("a figure")
}

/// The UDP ports that a process has open on IPv4.
///
/// # Panics
/// When there is no such process.
pub fn udp_ports(process: u32) -> Vec<u16> {
    let links = fs::read_dir(format!("/proc/{process}/fd")).expect("it runs");
    let sockets: BTreeSet<String> = links
        .filter_map(|link| fs::read_link(link.ok()?.path()).ok())
        .filter_map(|target| {
            let name = target.to_str()?.strip_prefix("socket:[")?;
            Some(name.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = fs::read_to_string(format!("/proc/{process}/net/udp")).expect("it runs");
    let rows = table.lines().skip(1).filter_map(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let (address, inode) = (fields.get(1)?, fields.get(9)?);
        let port = u16::from_str_radix(address.rsplit(':').next()?, 16).ok()?;
        sockets.contains(*inode).then_some(port)
    });
    rows.collect()
}
