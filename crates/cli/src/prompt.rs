use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Whether a person can be asked.
pub(crate) fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question that yes or no answers; no is the default.
pub(crate) async fn confirm(question: &str) -> bool {
    let answer = line(&format!("{question} [y/N] ")).await;
    answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
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
