use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gtk::gdk::{DragAction, SELECTION_CLIPBOARD};
use gtk::glib::object::ObjectExt as _;
use gtk::prelude::{DragContextExtManual as _, WidgetExt as _};
use notify_rust::Notification;
use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;

/// The files that somebody copied in the file manager. On the main thread only.
pub(crate) fn copied_files() -> Vec<PathBuf> {
    let uris = gtk::Clipboard::get(&SELECTION_CLIPBOARD).wait_for_uris();
    let paths = uris.iter().filter_map(|uri| {
        let url = tauri::Url::parse(uri).ok()?;
        url.to_file_path().ok()
    });
    paths.collect()
}

/// Puts a text on the clipboard. On the main thread only.
pub(crate) fn copy_text(text: &str) {
    gtk::Clipboard::get(&SELECTION_CLIPBOARD).set_text(text);
}

/// Begins to drag files out of the window, with the button of the pointer that is held; whether it began. On the main thread only.
pub(crate) fn drag_out(window: &WebviewWindow, files: &[PathBuf]) -> bool {
    let Ok(window) = window.gtk_window() else {
        return false;
    };
    let uris: Vec<String> = files.iter().filter_map(|file| uri(file)).collect();
    let targets = gtk::TargetList::new(&[]);
    targets.add_uri_targets(0);
    // The window gives out these files for as long as this drag lasts.
    let given = window.connect_drag_data_get(move |_, _, selection, _, _| {
        let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
        selection.set_uris(&uris);
    });
    let begun = window.drag_begin_with_coordinates(
        &targets,
        DragAction::COPY,
        PRIMARY_BUTTON,
        None,
        -1,
        -1,
    );
    let Some(drag) = begun else {
        window.disconnect(given);
        return false;
    };
    drag.drag_set_icon_name("text-x-generic", 0, 0);
    let handlers = Rc::new(RefCell::new(vec![given]));
    let ended = {
        let handlers = Rc::clone(&handlers);
        window.connect_drag_end(move |window, _| {
            for handler in handlers.borrow_mut().drain(..) {
                window.disconnect(handler);
            }
        })
    };
    handlers.borrow_mut().push(ended);
    true
}

fn uri(file: &Path) -> Option<String> {
    tauri::Url::from_file_path(file).ok().map(String::from)
}

/// Shows a notification and waits for its end; whether its button, which says `label`, was pressed.
pub(crate) fn show_notice(
    title: &str,
    body: &str,
    label: &str,
) -> Result<bool, notify_rust::error::Error> {
    let capabilities = notify_rust::get_capabilities().unwrap_or_default();
    let has_markup = capabilities.iter().any(|it| it == "body-markup");
    let body = match has_markup {
        true => escape(body),
        false => body.to_owned(),
    };
    let shown = Notification::new()
        .appname("Wherry")
        .icon("wherry")
        .summary(title)
        .body(&body)
        .action("default", label)
        .action("show", label)
        .show()?;
    let mut is_pressed = false;
    shown.wait_for_action(|action| is_pressed = action == "default" || action == "show");
    Ok(is_pressed)
}

/// Names of files come from strangers: none of them is markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Calls `died` whenever the process behind the page ends; it is given how to load the page again.
pub(crate) fn on_page_death(
    window: &WebviewWindow,
    died: impl Fn(&dyn Fn()) + Send + 'static,
) -> tauri::Result<()> {
    window.with_webview(move |webview| {
        webview
            .inner()
            .connect_web_process_terminated(move |page, reason| {
                tracing::error!(?reason, "the process of the page ended");
                died(&|| page.reload());
            });
    })
}

pub(crate) const DRAGS_OUT: bool = true;
const PRIMARY_BUTTON: i32 = 1;

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
