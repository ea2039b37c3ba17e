use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use model::DisplayName;
use model::limits::LAN_CALLS;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{Everybody, NeighbourReport, Shown};
use crate::hub::{HubHandle, HubMessage};

/// Asks everybody who is announced and is no contact what it is called, and tells the hub who says so, until nobody
/// listens.
pub(crate) async fn look(mut everybody: Everybody, hub: HubHandle) {
    let mut book = Book::default();
    let mut calls = JoinSet::new();
    everybody.mark_changed();
    loop {
        while calls.len() < LAN_CALLS
            && let Some((instance, doors)) = book.next_due(Instant::now())
        {
            calls.spawn(async move {
                let name = ask(&doors).await;
                (instance, name)
            });
        }
        let due = book.due_at().filter(|_| calls.len() < LAN_CALLS);
        let is_news = tokio::select! {
            changed = everybody.changed() => {
                if changed.is_err() {
                    return; // The door is closed.
                }
                let known = everybody.borrow_and_update().clone();
                let strangers = known.iter().filter(|it| it.contact.is_none());
                let strangers = strangers.map(|it| &it.neighbour);
                book.list(strangers.map(|it| (&it.instance, &it.addresses)))
            }
            Some(ended) = calls.join_next(), if !calls.is_empty() => match ended {
                Ok((instance, name)) => book.answered(&instance, name),
                Err(_) => false,
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => false,
        };
        if is_news {
            let report = NeighbourReport::Shown(book.shown());
            if hub.send(HubMessage::Neighbour(report)).await.is_err() {
                return;
            }
        }
    }
}

/// What an answer is: nobody answered, or whoever is there shows a name or none.
type Answer = Option<Option<DisplayName>>;

async fn ask(doors: &[SocketAddr]) -> Answer {
    for &door in doors {
        if let Ok(call) = lan::call(door, 0, &[]).await {
            return call.name().await.ok();
        }
    }
    None
}

/// Whom to ask when, and what they said.
#[derive(Debug, Default)]
struct Book(BTreeMap<String, Page>);

#[derive(Debug)]
struct Page {
    doors: Vec<SocketAddr>,
    name: Option<DisplayName>,
    /// `None` while it is being asked.
    ask_at: Option<Instant>,
    failures: u32,
}

impl Book {
    /// Takes who is there; tells whether somebody who showed a name is gone.
    fn list<'a>(
        &mut self,
        strangers: impl Iterator<Item = (&'a String, &'a Vec<SocketAddr>)>,
    ) -> bool {
        let shown_before = self.shown();
        let mut before = std::mem::take(&mut self.0);
        for (instance, doors) in strangers {
            let page = before.remove(instance).filter(|it| it.doors == *doors);
            let page = page.unwrap_or_else(|| Page {
                doors: doors.clone(),
                name: None,
                ask_at: Some(Instant::now()),
                failures: 0,
            });
            self.0.insert(instance.clone(), page);
        }
        self.shown() != shown_before
    }

    fn due_at(&self) -> Option<Instant> {
        self.0.values().filter_map(|page| page.ask_at).min()
    }

    /// Whoever is to be asked now, and is not asked again before it answered.
    fn next_due(&mut self, now: Instant) -> Option<(String, Vec<SocketAddr>)> {
        let mut pages = self.0.iter_mut();
        let (instance, page) = pages.find(|(_, page)| page.ask_at.is_some_and(|at| at <= now))?;
        page.ask_at = None;
        Some((instance.clone(), page.doors.clone()))
    }

    /// Takes an answer; tells whether it is another one than before.
    fn answered(&mut self, instance: &str, answer: Answer) -> bool {
        let Some(page) = self.0.get_mut(instance) else {
            return false;
        };
        let pause = match answer {
            Some(_) => ASK_AGAIN,
            None => ASK_AGAIN.min(FIRST_PAUSE * 2u32.saturating_pow(page.failures.min(8))),
        };
        page.failures = match answer {
            Some(_) => 0,
            None => page.failures + 1,
        };
        page.ask_at = Some(Instant::now() + pause);
        let name = answer.flatten();
        let is_news = page.name != name;
        page.name = name;
        is_news
    }

    fn shown(&self) -> Vec<Shown> {
        let shown = self.0.iter().filter_map(|(instance, page)| {
            Some(Shown {
                instance: instance.clone(),
                name: page.name.clone()?,
                doors: page.doors.clone(),
            })
        });
        shown.collect()
    }
}

/// How soon somebody is asked again: who shows itself or hides is announced anew, so this is for what was missed.
const ASK_AGAIN: Duration = Duration::from_secs(20);
/// And who did not answer, at first.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    fn doors() -> Vec<SocketAddr> {
        vec![SocketAddr::from(([10, 0, 0, 1], 7_421))]
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_is_asked_once_and_again_after_a_while_and_sooner_if_it_did_not_answer() {
        let names = ["a".to_owned(), "b".to_owned()];
        let doors = doors();
        let mut book = Book::default();
        assert!(!book.list(names.iter().map(|it| (it, &doors))));
        let now = Instant::now();
        let asked = [book.next_due(now), book.next_due(now)];
        assert!(asked.iter().all(Option::is_some));
        assert_eq!(book.next_due(now), None);
        assert_eq!(book.due_at(), None, "both are being asked");

        let mia = DisplayName::new("Mia");
        assert!(book.answered("a", Some(Some(mia.clone()))));
        assert!(!book.answered("b", None));
        assert_eq!(book.due_at(), Some(now + FIRST_PAUSE));
        assert_eq!(book.shown().len(), 1);
        assert!(!book.answered("a", Some(Some(mia))), "nothing new");
        assert!(book.answered("a", Some(None)), "it hides");
        assert!(book.shown().is_empty());
        assert!(!book.answered("c", Some(None)), "it has left");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_gone_is_shown_no_more() {
        let name = "a".to_owned();
        let doors = doors();
        let mut book = Book::default();
        book.list(std::iter::once((&name, &doors)));
        book.answered("a", Some(Some(DisplayName::new("Mia"))));
        assert!(!book.list(std::iter::once((&name, &doors))), "still there");
        assert!(book.list(std::iter::empty()));
        assert!(book.shown().is_empty());
    }
}
