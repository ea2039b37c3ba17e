use std::collections::VecDeque;

/// A few values by key; the one unused for longest makes room for the next.
///
/// Meant for some dozens of open handles, so it searches from the latest instead of hashing.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    capacity: usize,
    slots: VecDeque<(K, V)>,
}

impl<K: PartialEq, V> Lru<K, V> {
    /// Makes an empty one for at most `capacity` values.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            slots: VecDeque::new(),
        }
    }

    /// The value of `key`, which becomes the latest.
    pub(crate) fn find(&mut self, matches: impl Fn(&K) -> bool) -> Option<&mut V> {
        let place = self.slots.iter().rposition(|(key, _)| matches(key))?;
        if place + 1 < self.slots.len() {
            let slot = self.slots.remove(place)?;
            self.slots.push_back(slot);
        }
        self.slots.back_mut().map(|(_, value)| value)
    }

    /// Adds a value under a key that is not there.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.slots.len() >= self.capacity {
            self.slots.pop_front();
        }
        self.slots.push_back((key, value));
    }

    /// Takes the value of `key` out.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.slots.iter().rposition(|(other, _)| other == key)?;
        self.slots.remove(place).map(|(_, value)| value)
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let mut lru = Lru::new(2);
        lru.insert(1, 'a');
        lru.insert(2, 'b');
        assert_eq!(lru.find(|&key| key == 1), Some(&mut 'a'));
        lru.insert(3, 'c');
        assert_eq!(lru.find(|&key| key == 2), None);
        assert_eq!(lru.remove(&1), Some('a'));
        assert_eq!(lru.remove(&1), None);
        lru.clear();
        assert_eq!(lru.find(|&key| key == 3), None);
    }
}
