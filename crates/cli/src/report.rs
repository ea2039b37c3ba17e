mod arrival;
mod escaping;
mod folders;
mod trust;

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use api::{CommandError, Event};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::PathKind;

use crate::args::GlobalArguments;
use escaping::escaped;

/// Prints what happens: a bar on a terminal, plain lines elsewhere, JSON lines when asked.
///
/// Results go to standard output unless that carries data; everything else goes to standard error.
pub(crate) struct Report {
    style: Style,
    data_on_stdout: bool,
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Json,
    Terminal,
    Lines,
    Quiet,
}

impl Report {
    /// Chooses the style from the flags and from where standard error goes.
    pub(crate) fn new(global: &GlobalArguments, data_on_stdout: bool) -> Self {
        let style = match (global.json, global.quiet) {
            (true, _) => Style::Json,
            (false, true) => Style::Quiet,
            (false, false) if std::io::stderr().is_terminal() => Style::Terminal,
            (false, false) => Style::Lines,
        };
        Self {
            style,
            data_on_stdout,
            bar: None,
            last_line: None,
        }
    }

    /// Prints an event.
    pub(crate) fn event(&mut self, event: &Event) {
        match self.style {
            Style::Json => self.json(event),
            Style::Terminal | Style::Lines => self.words(event),
            Style::Quiet => self.essentials(event),
        }
    }

    /// Prints an error that ends the command.
    pub(crate) fn error(&mut self, error: &CommandError) {
        self.clear_bar();
        if self.style == Style::Json {
            let value = serde_json::json!({
                "event": "error", "code": error.code, "message": error.message,
            });
            self.result_line(&value.to_string());
        } else {
            self.note(&format!("wherry: {}", error.message));
        }
    }

    /// Prints a line of a listing or a result, for people or as JSON.
    pub(crate) fn result(&mut self, words: &str, json: &serde_json::Value) {
        self.clear_bar();
        if self.style == Style::Json {
            self.result_line(&json.to_string());
        } else {
            self.result_line(words);
        }
    }

    /// Prints a remark for people only.
    pub(crate) fn remark(&mut self, words: &str) {
        if matches!(self.style, Style::Terminal | Style::Lines) {
            self.clear_bar();
            self.note(words);
        }
    }

    fn json(&mut self, event: &Event) {
        if let Ok(json) = serde_json::to_string(event) {
            self.result_line(&json);
        }
    }

    fn essentials(&mut self, event: &Event) {
        if let Event::CodeIssued { .. } | Event::ComparisonWords { .. } = event {
            self.words(event);
        } else if let Event::TextReceived { .. } | Event::EntryChecksum { .. } = event {
            self.words(event);
        } else if let Event::TransferCompleted { digest, .. } = event {
            self.result_line(digest);
        } else if let Event::TransferFailed { message, .. } = event {
            self.note(&format!("wherry: {message}"));
        }
    }

    fn words(&mut self, event: &Event) {
        if let Event::TransferProgress { .. } = event {
            self.progress(event);
            return;
        }
        let ends = matches!(
            event,
            Event::TransferCompleted { .. }
                | Event::TransferFailed { .. }
                | Event::TextReceived { .. }
                | Event::EntryChecksum { .. }
        );
        let Some(sentence) = crate::report::sentence(event) else {
            return;
        };
        self.clear_bar();
        if ends {
            self.result_line(&sentence);
        } else {
            self.note(&sentence);
        }
    }

    fn progress(&mut self, event: &Event) {
        let Event::TransferProgress {
            bytes,
            total_bytes,
            rate_bytes_per_s,
            eta_s,
            path,
            ..
        } = *event
        else {
            return;
        };
        let message = progress_words(rate_bytes_per_s, eta_s, path);
        if self.style == Style::Terminal {
            let bar = self.bar.get_or_insert_with(|| new_bar(total_bytes));
            bar.set_length(total_bytes.max(bytes));
            bar.set_position(bytes);
            bar.set_message(message);
            return;
        }
        let due = self
            .last_line
            .is_none_or(|at| at.elapsed() >= LINE_INTERVAL);
        if due {
            self.last_line = Some(Instant::now());
            let done = HumanBytes(bytes);
            let total = HumanBytes(total_bytes);
            self.note(&format!("{done} of {total}  {message}"));
        }
    }

    fn clear_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn result_line(&self, line: &str) {
        if self.data_on_stdout {
            self.note(line);
            return;
        }
        let mut stdout = std::io::stdout().lock();
        // A closed pipe is the reader's choice and no error of ours.
        writeln!(stdout, "{line}")
            .and_then(|()| stdout.flush())
            .ok();
    }

    fn note(&self, line: &str) {
        writeln!(std::io::stderr().lock(), "{line}").ok();
    }
}

/// An event as a sentence, or `None` if people need not hear of it.
fn sentence(event: &Event) -> Option<String> {
    Some(match event {
        Event::Ready => "Online.".into(),
        Event::ServerLost { retry_in_s } => format!(
            "The server is out of reach. Running transfers go on; trying again in {retry_in_s} s."
        ),
        Event::CodeIssued {
            code,
            expires_in_s,
            link,
        } => code_words(code, *expires_in_s, link.as_deref()),
        Event::Visible { seconds } => visible_words(*seconds),
        Event::ComparisonWords { words, peer } => format!(
            "The other device calls itself {peer} and should show the same six words:\n\n    {words}\n"
        ),
        Event::KeyChanged { .. }
        | Event::ContactMuted { .. }
        | Event::DeviceAdded { .. }
        | Event::DeviceRevoked { .. }
        | Event::DeviceReady { .. }
        | Event::ThisDeviceRevoked { .. }
        | Event::IdentityCopied { .. }
        | Event::ContactCopied { .. } => return trust::sentence(event),
        Event::ContactAdded { name, verified, .. } if *verified => {
            format!("{name} is now a contact.")
        }
        Event::ContactAdded { name, .. } => {
            format!("{name} is now a contact (not compared: see wherry contacts verify).")
        }
        Event::OfferReceived { .. } | Event::OfferAcceptedByRule { .. } => {
            return arrival::sentence(event);
        }
        Event::TransferQueued { ahead, .. } => queued_words(*ahead),
        Event::TextReceived { from, text, .. } => text_words(from, text),
        Event::EntryChecksum { path, sha256, .. } => format!("{sha256}  {path}"),
        Event::TransferPaused { reason, .. } => paused_words(*reason).into(),
        Event::TransferResumed { .. } => "Going on.".into(),
        Event::EntrySkipped { .. }
        | Event::PreflightProblem { .. }
        | Event::NameTaken { .. }
        | Event::FilesUnchanged { .. } => {
            return arrival::sentence(event);
        }
        Event::TransferCompleted {
            entries,
            bytes,
            digest,
            path,
            seconds,
            ..
        } => format!(
            "Done: {entries} {}, {} in {seconds:.1} s, {path}\nSHA-256 {digest}",
            items(*entries),
            HumanBytes(*bytes)
        ),
        Event::SettingProblem(problem) => problem.message.clone(),
        Event::Hosting { urls } => hosting_words(urls),
        Event::Folder(event) => return folders::sentence(event),
        Event::ServerRefused { message }
        | Event::HostingFailed { message }
        | Event::PairingFailed { message, .. }
        | Event::ReceiptFailed { message, .. }
        | Event::TransferFailed { message, .. } => message.clone(),
        Event::ContactHere { .. }
        | Event::ContactConnected { .. }
        | Event::NearbyChanged { .. }
        | Event::ReceiptReady { .. }
        | Event::TransferAdded { .. }
        | Event::TransferProgress { .. } => {
            return None;
        }
    })
}

fn text_words(from: &model::DisplayName, text: &str) -> String {
    format!("{from} writes:\n{}", escaped(text))
}

fn visible_words(seconds: u64) -> String {
    match seconds {
        0 => "This device shows its name to strangers no more.".into(),
        _ => format!(
            "For {} minutes everybody on this network sees what this device is called, and may ask to pair. On the other device: wherry pair --nearby, with this device's name.",
            seconds.div_ceil(60)
        ),
    }
}

/// How other devices find the one that hosts.
pub(crate) fn hosting_words(urls: &[String]) -> String {
    if urls.is_empty() {
        return "This machine hosts no more.".into();
    }
    let mut words = "This machine hosts. On each device, enter:".to_owned();
    for url in urls {
        words += &format!("\n  wherry config set server-url {url}");
    }
    if urls.len() > 1 {
        words += "\nOne of these that the device reaches is enough.";
    }
    words
}

fn queued_words(ahead: u64) -> String {
    match ahead {
        0 => "Waits for its turn: it is the next.".into(),
        _ => format!("Waits for its turn: {ahead} go first."),
    }
}

fn code_words(code: &str, expires_in_s: u64, link: Option<&str>) -> String {
    let minutes = expires_in_s / 60;
    let words = format!(
        "Code: {code}\nOn the other device: wherry receive {code}   (or pair; {minutes} minutes)"
    );
    match link {
        Some(link) => format!("{words}\nOr, with the server in it: {link}"),
        None => words,
    }
}

pub(super) fn items(entries: u64) -> &'static str {
    if entries == 1 { "item" } else { "items" }
}

fn paused_words(reason: api::PauseReason) -> &'static str {
    match reason {
        api::PauseReason::Here => "Paused here.",
        api::PauseReason::There => "Paused by the other side.",
        api::PauseReason::DiskFull => {
            "The receiver's disk is full. Nothing was lost; it goes on when there is space."
        }
        api::PauseReason::PeerOffline => {
            "The other side is offline. Nothing was lost; it goes on by itself."
        }
        api::PauseReason::DiskFailed => {
            "The receiver cannot write to its folder. Nothing was lost; it goes on when that works, or when resumed."
        }
        api::PauseReason::Problem => {
            "Waits: not everything would arrive as it is. Go on with wherry transfers resume, or end it with wherry transfers cancel."
        }
        api::PauseReason::Stalled => "No progress. Trying again by itself.",
        api::PauseReason::RelayBudget => {
            "Only a relay leads there, and this month's budget for relays is used up. Nothing was lost; it goes on by itself next month, or when wherry config set relay-budget-bytes allows more."
        }
    }
}

fn progress_words(rate_bytes_per_s: u64, eta_s: Option<u64>, path: PathKind) -> String {
    let rate = HumanBytes(rate_bytes_per_s);
    match eta_s {
        Some(seconds) if seconds >= 120 => {
            format!("{rate}/s  about {} minutes  {path}", seconds.div_ceil(60))
        }
        Some(seconds) => format!("{rate}/s  {seconds} s  {path}"),
        None => format!("{rate}/s  {path}"),
    }
}

fn new_bar(total_bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}  {msg}")
        .expect("the template is a constant");
    ProgressBar::with_draw_target(Some(total_bytes), ProgressDrawTarget::stderr()).with_style(style)
}

const LINE_INTERVAL: Duration = Duration::from_secs(1);
