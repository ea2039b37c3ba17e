use std::path::PathBuf;

use arboard::Clipboard;
use notify_rust::Notification;
use tauri::WebviewWindow;

/// The files that somebody copied in the file manager. On the main thread only.
pub(crate) fn copied_files() -> Vec<PathBuf> {
    let files = Clipboard::new().and_then(|mut clipboard| clipboard.get().file_list());
    files.unwrap_or_default() // Something else is on it.
}

/// Puts a text on the clipboard. On the main thread only.
pub(crate) fn copy_text(text: &str) {
    let copied = Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text));
    if let Err(error) = copied {
        tracing::warn!(%error, "the clipboard took nothing");
    }
}

/// Begins to drag files out of the window, with the button of the pointer that is held; whether it began. On the main thread only.
pub(crate) fn drag_out(window: &WebviewWindow, files: &[PathBuf]) -> bool {
    let item = drag::DragItem::Files(files.to_owned());
    let icon = drag::Image::Raw(include_bytes!("../../icons/32x32.png").to_vec());
    let begun = drag::start_drag(window, item, icon, |_, _| {}, drag::Options::default());
    if let Err(error) = &begun {
        tracing::warn!(%error, "nothing can be dragged out");
    }
    begun.is_ok()
}

/// Shows a notification. Nobody is told here whether it was pressed.
pub(crate) fn show_notice(
    title: &str,
    body: &str,
    _label: &str,
) -> Result<bool, notify_rust::error::Error> {
    Notification::new()
        .appname("Wherry")
        .summary(title)
        .body(body)
        .show()?;
    Ok(false)
}

/// The system's own view of pages looks after its processes here.
#[expect(
    clippy::unnecessary_wraps,
    reason = "where a page can be watched, that can fail"
)]
pub(crate) fn on_page_death(
    _window: &WebviewWindow,
    _died: impl Fn(&dyn Fn()) + Send + 'static,
) -> tauri::Result<()> {
    Ok(())
}

pub(crate) const DRAGS_OUT: bool = true;
