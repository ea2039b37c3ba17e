use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

/// Whether a person can be asked.
pub(crate) fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question that yes or no answers; no is the default.
pub(crate) async fn confirm(question: &str) -> bool {
    let answer = line(&format!("{question} [y/N] ")).await;
    answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// Reads everything from standard input, if it is a text of at most `most_bytes`.
pub(crate) async fn text(question: &str, most_bytes: usize) -> Option<String> {
    let question = question.to_owned();
    tokio::task::spawn_blocking(move || {
        if has_person() {
            let mut stderr = std::io::stderr().lock();
            stderr.write_all(question.as_bytes()).ok()?;
            stderr.flush().ok()?;
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(most_bytes).ok()?.checked_add(1)?;
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        (1..=most_bytes).contains(&text.len()).then_some(text)
    })
    .await
    .ok()?
}

/// Reads a line as [`line`] does, without showing what is typed.
pub(crate) async fn secret(question: &str) -> Option<String> {
    let _hidden = Hidden::begin();
    let read = line(question).await;
    if has_person() {
        writeln!(std::io::stderr().lock()).ok();
    }
    read
}

/// As long as it lives, a terminal does not show what is typed.
#[cfg(unix)]
struct Hidden(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Hidden {
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        let Ok(shown) = tcgetattr(&stdin) else {
            return Self(None); // No terminal.
        };
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let is_set = tcsetattr(&stdin, OptionalActions::Flush, &hidden).is_ok();
        Self(is_set.then_some(shown))
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(shown) = &self.0 {
            let flush = rustix::termios::OptionalActions::Flush;
            rustix::termios::tcsetattr(std::io::stdin(), flush, shown).ok();
        }
    }
}

#[cfg(not(unix))]
struct Hidden;

#[cfg(not(unix))]
impl Hidden {
    fn begin() -> Self {
        Self
    }
}

/// Reads a line from standard input, after `question` if a person is there.
pub(crate) async fn line(question: &str) -> Option<String> {
    let question = question.to_owned();
    tokio::task::spawn_blocking(move || {
        if has_person() {
            let mut stderr = std::io::stderr().lock();
            stderr.write_all(question.as_bytes()).ok()?;
            stderr.flush().ok()?;
        }
        let mut line = String::new();
        let bytes = std::io::stdin().lock().read_line(&mut line).ok()?;
        (bytes > 0).then(|| line.trim().to_owned())
    })
    .await
    .ok()?
}
