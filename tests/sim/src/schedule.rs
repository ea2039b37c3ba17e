use std::collections::BTreeMap;
use std::time::Instant;

/// What will happen, in order of time and then of planning.
#[derive(Debug)]
pub(crate) struct Schedule<E> {
    queue: BTreeMap<(Instant, u64), E>,
    planned: u64,
}

impl<E> Schedule<E> {
    pub(crate) fn new() -> Self {
        Self {
            queue: BTreeMap::new(),
            planned: 0,
        }
    }

    /// Plans an event.
    pub(crate) fn plan(&mut self, when: Instant, event: E) {
        self.planned += 1;
        self.queue.insert((when, self.planned), event);
    }

    /// When the next event happens.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        self.queue.keys().next().map(|(when, _)| *when)
    }

    /// Takes the next event.
    pub(crate) fn pop(&mut self) -> Option<E> {
        self.queue.pop_first().map(|(_, event)| event)
    }
}
