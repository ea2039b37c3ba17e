use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use anyhow::bail;

/// Plays the part of one side in a process of its own, so that it is measured like everybody else.
pub(crate) fn play(arguments: &[String]) -> anyhow::Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        [SERVE_TCP, path] => Ok(serve(Path::new(path), |_, _| Ok(()))?),
        [SERVE_HTTP, path] => Ok(serve(Path::new(path), answer_http)?),
        [FETCH_TCP, address, path] => Ok(fetch(address, Path::new(path))?),
        _ => bail!("settings come from the environment: see docs/performance.md"),
    }
}

/// Prints where it listens, and gives the file to the first who asks.
fn serve(path: &Path, greet: fn(&mut TcpStream, u64) -> io::Result<()>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(io::stdout(), "{}", listener.local_addr()?)?;
    let (mut stream, _) = listener.accept()?;
    let mut file = File::open(path)?;
    greet(&mut stream, file.metadata()?.len())?;
    pour(&mut file, &mut stream)
}

fn answer_http(stream: &mut TcpStream, size_bytes: u64) -> io::Result<()> {
    let mut head = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {size_bytes}\r\nConnection: close\r\n\r\n"
    )
}

fn fetch(address: &str, path: &Path) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    let mut file = File::create(path)?;
    pour(&mut stream, &mut file)?;
    file.sync_all()
}

/// Reads and writes, as a program must that looks at the bytes; `io::copy` would let the kernel do it.
fn pour(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count])?;
    }
}

/// The argument that makes this program a TCP server of one file.
pub(crate) const SERVE_TCP: &str = "serve-tcp";
/// The argument that makes this program an HTTP server of one file.
pub(crate) const SERVE_HTTP: &str = "serve-http";
/// The argument that makes this program a TCP client.
pub(crate) const FETCH_TCP: &str = "fetch-tcp";
const BUFFER_BYTES: usize = 256 * 1024;
