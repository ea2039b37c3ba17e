use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use tauri::{AppHandle, Manager as _};

use crate::platform;
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
    match platform::show_notice(&notice.title, &notice.body, &notice.label) {
        Ok(true) => {
            window::show(app);
            let transfer = notice.transfer.clone();
            Teller::new(app.clone()).tell(Told::Shell(ShellEvent::Show { transfer }));
        }
        Ok(false) => {}
        Err(error) => tracing::info!(%error, "this system shows no notifications"),
    }
}

/// So many wait at once; a flood shows no more.
const OPEN: usize = 16;
