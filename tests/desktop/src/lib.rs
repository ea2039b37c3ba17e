//! End-to-end tests of the real window.
//!
//! Every test has a screen, a session bus and a window manager of its own, and starts `wherry-app` as a
//! person would. It looks into the page through WebKit's own driver, but acts through the screen: the
//! pointer moves, buttons go down, keys are typed, files are dragged out of another program's window.
//! Pictures of what was seen stay in `target/desktop-pictures`.

mod app;
mod costs;
mod desktop;
mod drag;
mod driver;
mod people;
mod process;
mod tray;

pub use app::{App, Scale};
pub use costs::Costs;
pub use desktop::Desktop;
pub use drag::{DragSource, DropTarget};
pub use driver::Page;
pub use people::{Pair, first_run, pair, try_first_run};
pub use process::{patiently, patiently_for, wait_for};
pub use tray::TrayIcon;
