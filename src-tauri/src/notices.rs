use std::sync::atomic::{AtomicUsize, Ordering};

use notify_rust::Notification;
use serde::Deserialize;
use tauri::{AppHandle, Manager as _};

use crate::teller::{ShellEvent, Teller, Told};
use crate::window;

/// A notification, in the page's words: the page knows the language.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Notice {
    title: String,
    body: String,
    /// What its button says.
    label: String,
    /// What it is about.
    transfer: Option<String>,
}

/// Notifications whose buttons somebody may still press.
#[derive(Debug, Default)]
pub(crate) struct OpenNotices(AtomicUsize);

/// Shows a notification, unless the person is looking at the window anyway.
pub(crate) fn show(app: &AppHandle, notice: Notice) {
    let window = app.get_webview_window(window::MAIN);
    if window.is_some_and(|window| window.is_focused().unwrap_or(false)) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        let open = app.state::<OpenNotices>();
        if open.0.fetch_add(1, Ordering::Relaxed) < OPEN {
            show_and_wait(&app, &notice);
        }
        open.0.fetch_sub(1, Ordering::Relaxed);
    });
}

fn show_and_wait(app: &AppHandle, notice: &Notice) {
    let capabilities = notify_rust::get_capabilities().unwrap_or_default();
    let has_markup = capabilities.iter().any(|it| it == "body-markup");
    let body = match has_markup {
        true => escape(&notice.body),
        false => notice.body.clone(),
    };
    let shown = Notification::new()
        .appname("Wherry")
        .icon("wherry")
        .summary(&notice.title)
        .body(&body)
        .action("default", &notice.label)
        .action("show", &notice.label)
        .show();
    let handle = match shown {
        Ok(handle) => handle,
        Err(error) => {
            tracing::info!(%error, "this system shows no notifications");
            return;
        }
    };
    handle.wait_for_action(|action| {
        if action == "default" || action == "show" {
            window::show(app);
            let transfer = notice.transfer.clone();
            Teller::new(app.clone()).tell(Told::Shell(ShellEvent::Show { transfer }));
        }
    });
}

/// Names of files come from strangers: none of them is markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// So many wait at once; a flood shows no more.
const OPEN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(
            escape("<a href='x'>&lt;</a>"),
            "&lt;a href='x'&gt;&amp;lt;&lt;/a&gt;"
        );
    }
}
