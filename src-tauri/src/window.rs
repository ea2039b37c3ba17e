use std::path::PathBuf;

use tauri::utils::config::WebviewUrl;
use tauri::webview::PageLoadEvent;
use tauri::{
    AppHandle, DragDropEvent, Manager as _, PhysicalPosition, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};

use crate::picks::Picks;
use crate::rendering;
use crate::teller::{Drag, Ear, Teller, Told};

/// The one window.
pub(crate) const MAIN: &str = "main";

/// Makes the window; `shown` is not so when the system starts Wherry by itself.
pub(crate) fn build(app: &AppHandle, shown: bool) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Wherry")
        .inner_size(1_040.0, 720.0)
        .min_inner_size(360.0, 480.0)
        .visible(false)
        // Nothing leads out of the page, and nothing else comes in.
        .on_navigation(|url| {
            matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost")
        })
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<Ear>().close();
                rendering::expect_page(window.app_handle());
            }
        })
        .build()?;
    rendering::watch(&window);
    let handle = app.clone();
    window.on_window_event(move |event| window_event(&handle, event));
    if shown {
        show(app);
    }
    Ok(())
}

/// Brings the window to the front.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    for step in [
        WebviewWindow::show,
        WebviewWindow::unminimize,
        WebviewWindow::set_focus,
    ] {
        if let Err(error) = step(&window) {
            tracing::warn!(%error, "the window does not come to the front");
        }
    }
}

fn window_event(app: &AppHandle, event: &WindowEvent) {
    if let WindowEvent::DragDrop(event) = event {
        dragged(app, event);
        return;
    }
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    // Contacts still reach this device; the tray, or starting Wherry again, brings it back.
    api.prevent_close();
    if let Some(window) = app.get_webview_window(MAIN)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window cannot be hidden");
    }
}

fn dragged(app: &AppHandle, event: &DragDropEvent) {
    let drag = match event {
        DragDropEvent::Enter { position, .. } => {
            let (x, y) = css(app, *position);
            Drag::Entered { x, y }
        }
        DragDropEvent::Over { position } => {
            let (x, y) = css(app, *position);
            Drag::Moved { x, y }
        }
        DragDropEvent::Drop { paths, position } => dropped(app, paths, css(app, *position)),
        DragDropEvent::Leave => Drag::Left,
        _ => return,
    };
    Teller::new(app.clone()).tell(Told::Drag(drag));
}

fn dropped(app: &AppHandle, paths: &[PathBuf], (x, y): (f64, f64)) -> Drag {
    match app.state::<Picks>().keep(paths.to_vec()) {
        Some(picked) => Drag::Dropped { x, y, picked },
        None => Drag::Left,
    }
}

/// Positions are physical pixels by their type, but only Windows delivers such.
fn css(app: &AppHandle, position: PhysicalPosition<f64>) -> (f64, f64) {
    let scale = match app.get_webview_window(MAIN) {
        Some(window) if cfg!(windows) => window.scale_factor().unwrap_or(1.0),
        _ => 1.0,
    };
    (position.x / scale, position.y / scale)
}
