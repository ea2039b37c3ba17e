use std::collections::BTreeMap;
use std::sync::Mutex;

use api::Event;
use model::TransferId;
use tauri::window::{ProgressBarState, ProgressBarStatus};
use tauri::{AppHandle, Manager as _};

use crate::window::MAIN;

/// How far everything that moves is, for the task bar.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    moving: BTreeMap<TransferId, (u64, u64)>,
    shown: Option<u64>,
}

/// Takes what the engine told into the sum, and shows it where the system has a place for it.
pub(crate) fn note(app: &AppHandle, event: &Event) {
    let Some(percent) = app.state::<Totals>().note(event) else {
        return;
    };
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let status = match percent {
        Some(_) => ProgressBarStatus::Normal,
        None => ProgressBarStatus::None,
    };
    let state = ProgressBarState {
        status: Some(status),
        progress: percent,
    };
    if let Err(error) = window.set_progress_bar(state) {
        tracing::debug!(%error, "the task bar shows no progress");
    }
}

impl Totals {
    /// The percentage to show from now on, if it is another one; `Some(None)` shows none.
    fn note(&self, event: &Event) -> Option<Option<u64>> {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Event::TransferProgress {
            transfer,
            bytes,
            total_bytes,
            ..
        } = event
        {
            state.moving.insert(*transfer, (*bytes, *total_bytes));
        } else if let Event::TransferCompleted { transfer, .. }
        | Event::TransferFailed { transfer, .. }
        | Event::TransferPaused { transfer, .. } = event
        {
            state.moving.remove(transfer);
        } else {
            return None;
        }
        let percent = state.percent();
        if percent == state.shown {
            return None;
        }
        state.shown = percent;
        Some(percent)
    }
}

impl State {
    fn percent(&self) -> Option<u64> {
        let (done, total) = self
            .moving
            .values()
            .fold((0u128, 0u128), |(done, total), (bytes, all)| {
                (done + u128::from(*bytes), total + u128::from(*all))
            });
        // Only what is whole is shown as whole: the receiver says so by the transfer's end.
        let percent = (done * 100).checked_div(total)?.min(99);
        u64::try_from(percent).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::PathKind;

    fn progress(id: u8, bytes: u64, total_bytes: u64) -> Event {
        Event::TransferProgress {
            transfer: TransferId([id; 16]),
            bytes,
            total_bytes,
            rate_bytes_per_s: 0,
            eta_s: None,
            path: PathKind::Direct,
        }
    }

    #[test]
    fn the_task_bar_shows_the_bytes_of_all_and_never_a_hundred() {
        let totals = Totals::default();
        assert_eq!(totals.note(&progress(1, 50, 100)), Some(Some(50)));
        assert_eq!(totals.note(&progress(1, 50, 100)), None);
        assert_eq!(totals.note(&progress(2, 0, 300)), Some(Some(12)));
        assert_eq!(totals.note(&progress(1, 100, 100)), Some(Some(25)));
        assert_eq!(totals.note(&progress(2, 300, 300)), Some(Some(99)));
        for id in [1, 2] {
            let paused = Event::TransferPaused {
                transfer: TransferId([id; 16]),
                reason: api::PauseReason::Here,
            };
            totals.note(&paused);
        }
        assert_eq!(totals.state.lock().unwrap().shown, None);
    }
}
