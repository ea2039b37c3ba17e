//! The desktop face: one window, its tray icon and its notifications.
//!
//! Thin on purpose. The page in the window asks and is told what `api` says; this crate carries that, and
//! adds what only the system can give: files that were dropped or chosen, the tray, notifications, links.
//! It keeps paths to itself: the page names files by what a person handed to the window.

mod app;
mod arguments;
mod commands;
mod gate;
mod instance;
mod keeper;
mod links;
mod notices;
mod picks;
mod places;
mod platform;
mod rendering;
mod teller;
mod totals;
mod tray;
mod updates;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;

fn main() -> ExitCode {
    engine::use_one_heap();
    app::run(Arguments::parse())
}
