//! What connections leave behind: memory while one is busy for long, and everything after many short ones.
//!
//! `WHERRY_FLOW_SECONDS` and `WHERRY_SESSIONS` say for how long and how many; `make soak` sets both.

use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::limits;
use peer::Connection;

use crate::pair::{connect, connect_for};

#[test]
fn a_busy_connection_holds_no_more_at_the_end_than_at_the_beginning() {
    let name = "lasting::a_busy_connection_holds_no_more_at_the_end_than_at_the_beginning";
    in_a_process_of_its_own(name, || {
        let time = Duration::from_secs(asked("WHERRY_FLOW_SECONDS", 2));
        block_on(async {
            let (from, to) = connect_for(u64::MAX).await;
            let begun = carry(&from, &to, time / 2).await;
            let early = memory_kib();
            let gone_on = carry(&from, &to, time / 2).await;
            let late = memory_kib();
            tell(&format!(
                "{begun} and {gone_on} MB; {early} and {late} KiB resident"
            ));
            assert!(begun > 0 && gone_on > 0);
            assert!(late <= early + SLACK_KIB, "{early} KiB became {late}");
        });
    });
}

#[test]
fn many_short_connections_leave_nothing_behind() {
    let name = "lasting::many_short_connections_leave_nothing_behind";
    in_a_process_of_its_own(name, || {
        let sessions = asked("WHERRY_SESSIONS", 30);
        block_on(async {
            open_and_close(10).await;
            let (descriptors, memory) = (descriptors(), memory_kib());
            open_and_close(sessions).await;
            let deadline = Instant::now() + Duration::from_secs(20);
            while self::descriptors() > descriptors && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let (left, grown) = (self::descriptors(), memory_kib());
            tell(&format!(
                "{sessions} sessions; {memory} KiB became {grown}, {descriptors} descriptors {left}"
            ));
            assert!(
                left <= descriptors,
                "{descriptors} descriptors became {left}"
            );
            assert!(grown <= memory + SLACK_KIB, "{memory} KiB became {grown}");
        });
    });
}

async fn open_and_close(sessions: u64) {
    for number in 0..sessions {
        let (offering, answering) = connect().await;
        let message = Bytes::copy_from_slice(&number.to_be_bytes());
        offering.bulk().send(message.clone()).await.unwrap();
        assert_eq!(answering.bulk().receive().await, Some(message));
        tokio::join!(offering.finish(), answering.closed());
    }
}

/// Sends as much as fits for this long; returns MB that arrived.
async fn carry(from: &Connection, to: &Connection, time: Duration) -> u64 {
    let before = to.statistics().received_bytes;
    let piece = Bytes::from(vec![7; limits::CHANNEL_MESSAGE_BYTES]);
    let end = Instant::now() + time;
    let (out, back) = (from.bulk(), to.bulk());
    let sending = async {
        while Instant::now() < end {
            out.send(piece.clone()).await.unwrap();
        }
        // The end of this round.
        out.send(Bytes::new()).await.unwrap();
    };
    let receiving = async {
        loop {
            let message = tokio::time::timeout(STALL_TIME, back.receive()).await;
            if message.expect("data flow").expect("it is open").is_empty() {
                return;
            }
        }
    };
    tokio::join!(sending, receiving);
    (to.statistics().received_bytes - before) / 1_000_000
}

/// Memory and descriptors are those of a process, and other tests run in this one.
fn in_a_process_of_its_own(name: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1");
    let output = again.output().unwrap();
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    tell(&said);
}

#[expect(
    clippy::print_stdout,
    reason = "what was measured is shown to who asks"
)]
fn tell(text: &str) {
    println!("{text}");
}

fn block_on(body: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(body);
}

fn asked(variable: &str, default: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(default, |text| text.parse().unwrap())
}

/// What is resident.
#[expect(
    clippy::disallowed_methods,
    reason = "the kernel tells a process about itself through a file"
)]
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().split_whitespace().next();
    number.unwrap().parse().unwrap()
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

const INSIDE: &str = "WHERRY_LASTING_INSIDE";
/// Allocators keep some of what they had.
const SLACK_KIB: u64 = 16 * 1024;
const STALL_TIME: Duration = Duration::from_secs(20);
