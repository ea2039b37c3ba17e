//! Makes the permissions of the page: it may ask for the commands named here, and for nothing else.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&[
        "ask",
        "choose_folder",
        "choose_place",
        "copy",
        "drag_out",
        "export_identity",
        "facts",
        "finish_first_run",
        "import_identity",
        "label_tray",
        "install_update",
        "listen",
        "look_for_update",
        "notify",
        "open",
        "open_folder",
        "open_log",
        "paste_files",
        "pick_files",
        "pick_folder_to_send",
        "quit",
        "reveal",
        "save_receipt",
        "send_picked",
        "send_picked_by_code",
        "set_autostart",
    ]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))
        .expect("the window's configuration, permissions and icons fit together");
}
