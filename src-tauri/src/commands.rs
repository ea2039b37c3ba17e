//! What the page may ask, one function for each; `build.rs` and `capabilities/window.json` name them too.

mod ask;
mod files;
mod folders;
mod system;
mod updates;

use tauri::Wry;
use tauri::ipc::Invoke;

pub(crate) use system::LogPlace;

/// Answers the page.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        ask::ask,
        ask::listen,
        files::choose_folder,
        files::drag_out,
        files::export_identity,
        files::import_identity,
        files::open,
        files::paste_files,
        files::pick_files,
        files::pick_folder_to_send,
        files::reveal,
        files::save_receipt,
        files::send_picked,
        files::send_picked_by_code,
        folders::choose_place,
        folders::open_folder,
        system::copy,
        system::facts,
        system::finish_first_run,
        system::label_tray,
        system::notify,
        system::open_log,
        system::quit,
        system::set_autostart,
        updates::install_update,
        updates::look_for_update,
    ]
}
