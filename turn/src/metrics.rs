//! What a relay holds and does, as Prometheus reads it (text format 0.0.4).

use std::fmt::Write;

use crate::ledger::Statistics;

/// Writes all figures of a relay; other pages may follow behind it.
pub(crate) fn render(figures: &Statistics) -> String {
    let mut page = String::new();
    let gauges = [
        (
            "allocations",
            "Allocations that stand.",
            figures.allocations,
        ),
        (
            "connections",
            "Open TCP and TLS connections.",
            figures.connections,
        ),
    ];
    for (name, about, value) in gauges {
        family(&mut page, name, about, "gauge", &value);
    }
    let counters = [
        (
            "allocations_made",
            "Allocations made.",
            figures.allocations_made,
        ),
        (
            "allocations_refused",
            "Allocations refused for want of room.",
            figures.allocations_refused,
        ),
        (
            "datagrams",
            "Datagrams relayed, both ways.",
            figures.datagrams,
        ),
        (
            "bytes",
            "Bytes relayed, both ways, without headers.",
            figures.bytes,
        ),
        (
            "dropped",
            "Datagrams dropped for want of a permission or by a cap.",
            figures.dropped,
        ),
        (
            "unauthorized",
            "Requests with wrong or expired credentials.",
            figures.unauthorized,
        ),
        (
            "forbidden",
            "Requests for peers that are never allowed.",
            figures.forbidden,
        ),
    ];
    for (name, about, value) in counters {
        family(
            &mut page,
            &format!("{name}_total"),
            about,
            "counter",
            &value,
        );
    }
    page
}

fn family(page: &mut String, name: &str, about: &str, kind: &str, value: &dyn std::fmt::Display) {
    let name = format!("{PREFIX}{name}");
    writeln!(
        page,
        "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {value}"
    )
    .expect("writing to a string cannot fail");
}

const PREFIX: &str = "wherry_turn_";
