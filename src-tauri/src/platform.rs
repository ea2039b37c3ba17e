//! What each system does its own way: the clipboard, notifications, the page's process, and how a program ends.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{
    DRAGS_OUT, copied_files, copy_text, drag_out, on_page_death, show_notice,
};
#[cfg(target_os = "linux")]
pub(crate) use linux::{DRAGS_OUT, copied_files, copy_text, drag_out, on_page_death, show_notice};
#[cfg(unix)]
pub(crate) use unix::{asked_to_end, become_program};
#[cfg(windows)]
pub(crate) use windows::{asked_to_end, become_program};
