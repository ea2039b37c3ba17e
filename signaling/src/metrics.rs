//! What a node holds and does, as Prometheus reads it (text format 0.0.4).

use std::fmt::Write;

use signaling_proto::server::Statistics;

/// Writes all figures of a node.
pub(crate) fn render(statistics: &Statistics) -> String {
    let mut page = Page::default();
    page.gauge("sockets", "Open sockets.", statistics.sockets);
    page.gauge(
        "queue_bytes",
        "Bytes waiting to be sent.",
        statistics.queue_bytes,
    );
    page.gauge(
        "mailboxes",
        "Mailboxes with a reader now or a moment ago.",
        statistics.mailboxes,
    );
    page.gauge(
        "stored_bytes",
        "Bytes stored in mailboxes.",
        statistics.stored_bytes,
    );
    page.gauge(
        "codes",
        "Pairing codes, resting numbers included.",
        statistics.codes,
    );
    page.counter(
        "turned_away",
        "Connections that got no socket.",
        statistics.turned_away,
    );
    page.counter(
        "refused",
        "Sockets closed by the server.",
        statistics.refused,
    );
    page.counter(
        "failed_claims",
        "Refused claims of codes.",
        statistics.failed_claims,
    );
    page.family("posts_total", "Posts by outcome.", "counter");
    let posts = statistics.posts;
    for (outcome, count) in [
        ("delivered", posts.delivered),
        ("offline", posts.offline),
        ("busy", posts.busy),
        ("unknown", posts.unknown),
    ] {
        page.line(&format!("posts_total{{outcome=\"{outcome}\"}}"), &count);
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn gauge(&mut self, name: &str, about: &str, value: usize) {
        self.family(name, about, "gauge");
        self.line(name, &value);
    }

    fn counter(&mut self, name: &str, about: &str, value: u64) {
        let name = format!("{name}_total");
        self.family(&name, about, "counter");
        self.line(&name, &value);
    }

    fn family(&mut self, name: &str, about: &str, kind: &str) {
        self.text += &format!("# HELP {PREFIX}{name} {about}\n# TYPE {PREFIX}{name} {kind}\n");
    }

    fn line(&mut self, name: &str, value: &dyn std::fmt::Display) {
        writeln!(self.text, "{PREFIX}{name} {value}").expect("writing to a string cannot fail");
    }
}

const PREFIX: &str = "wherry_signaling_";
