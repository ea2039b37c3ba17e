use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::limits::{LAN_ADDRESSES, LAN_PEERS};

/// Somebody who was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// What it is called for now.
    pub instance: String,
    /// Where its door is, as the announcement says.
    pub addresses: Vec<SocketAddr>,
}

/// What became of calling a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was not called yet, or is being called.
    New,
    /// It is nobody this device knows, or nobody at all.
    Stranger,
    /// It proved to be a contact.
    Contact,
}

/// Who was announced, and what is known of them: at most [`LAN_PEERS`].
#[derive(Debug, Default)]
pub struct Neighbours {
    known: BTreeMap<String, Entry>,
    /// Counts arrivals.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    addresses: Vec<SocketAddr>,
    standing: Standing,
    arrived: u64,
}

impl Neighbours {
    /// Takes an announcement; tells whether it says something new, so that the neighbour is to be called.
    ///
    /// When there is no room, the stranger that has been known longest makes room; contacts and those that were not
    /// called yet do not, so a flood crowds out nobody but other strangers.
    pub fn announced(&mut self, neighbour: Neighbour) -> bool {
        let Neighbour {
            instance,
            mut addresses,
        } = neighbour;
        addresses.sort_by_key(|it| (it.is_ipv6(), *it));
        addresses.dedup();
        addresses.truncate(LAN_ADDRESSES);
        if addresses.is_empty() {
            return false;
        }
        if let Some(entry) = self.known.get_mut(&instance) {
            if entry.addresses == addresses {
                return false;
            }
            entry.addresses = addresses;
            entry.standing = Standing::New;
            return true;
        }
        if self.known.len() >= LAN_PEERS && !self.make_room() {
            return false;
        }
        self.clock += 1;
        let entry = Entry {
            addresses,
            standing: Standing::New,
            arrived: self.clock,
        };
        self.known.insert(instance, entry);
        true
    }

    /// Forgets one that said goodbye or was not heard of for long.
    pub fn gone(&mut self, instance: &str) {
        self.known.remove(instance);
    }

    /// Notes what became of calling one.
    pub fn called(&mut self, instance: &str, standing: Standing) {
        if let Some(entry) = self.known.get_mut(instance) {
            entry.standing = standing;
        }
    }

    /// Whether one is still announced.
    pub fn knows(&self, instance: &str) -> bool {
        self.known.contains_key(instance)
    }

    /// Everybody, those that came first before others.
    pub fn all(&self) -> Vec<Neighbour> {
        let mut known: Vec<_> = self.known.iter().collect();
        known.sort_by_key(|(_, entry)| entry.arrived);
        let neighbour = |(instance, entry): (&String, &Entry)| Neighbour {
            instance: instance.clone(),
            addresses: entry.addresses.clone(),
        };
        known.into_iter().map(neighbour).collect()
    }

    /// Whoever is not a contact is called again: there are other contacts now.
    pub fn call_strangers_again(&mut self) -> Vec<Neighbour> {
        let all = self.all();
        let is_stranger = |it: &Neighbour| {
            let entry = self.known.get(&it.instance);
            entry.is_some_and(|entry| entry.standing == Standing::Stranger)
        };
        all.into_iter().filter(is_stranger).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn make_room(&mut self) -> bool {
        let strangers = self.known.iter();
        let strangers = strangers.filter(|(_, entry)| entry.standing == Standing::Stranger);
        let oldest = strangers.min_by_key(|(_, entry)| entry.arrived);
        let Some(oldest) = oldest.map(|(instance, _)| instance.clone()) else {
            return false;
        };
        self.known.remove(&oldest);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn neighbour(number: usize) -> Neighbour {
        Neighbour {
            instance: format!("n{number}"),
            addresses: vec![SocketAddr::from(([10, 0, 0, 1], 7_421))],
        }
    }

    #[test]
    fn a_flood_of_announcements_finds_room_for_512_and_crowds_out_no_contact() {
        let mut neighbours = Neighbours::default();
        assert!(neighbours.announced(neighbour(0)));
        neighbours.called("n0", Standing::Contact);
        for number in 1..LAN_PEERS {
            assert!(neighbours.announced(neighbour(number)), "{number}");
        }
        assert!(!neighbours.announced(neighbour(LAN_PEERS)), "all are new");
        assert_eq!(neighbours.len(), 512);

        neighbours.called("n7", Standing::Stranger);
        neighbours.called("n9", Standing::Stranger);
        assert!(neighbours.announced(neighbour(LAN_PEERS)));
        assert!(!neighbours.knows("n7"), "the stranger that came first goes");
        assert!(neighbours.knows("n0") && neighbours.knows("n9"));
        assert_eq!(neighbours.len(), 512);
    }

    #[test]
    fn of_one_neighbour_no_more_than_four_addresses_are_tried() {
        let mut neighbours = Neighbours::default();
        let addresses = (1..=9).map(|it| SocketAddr::from(([10, 0, 0, it], 7_421)));
        let many = Neighbour {
            addresses: addresses.collect(),
            ..neighbour(1)
        };
        assert!(neighbours.announced(many.clone()));
        assert_eq!(
            neighbours.all()[0].addresses,
            many.addresses[..LAN_ADDRESSES]
        );
        assert_eq!(LAN_ADDRESSES, 4);
        assert!(!neighbours.announced(many), "it says nothing new");
        assert!(!neighbours.announced(Neighbour {
            addresses: Vec::new(),
            ..neighbour(2)
        }));
    }

    #[test]
    fn strangers_are_called_again_and_others_are_not() {
        let mut neighbours = Neighbours::default();
        for (number, standing) in [
            (0, Standing::New),
            (1, Standing::Stranger),
            (2, Standing::Contact),
        ] {
            neighbours.announced(neighbour(number));
            neighbours.called(&format!("n{number}"), standing);
        }
        assert_eq!(neighbours.call_strangers_again(), [neighbour(1)]);
        neighbours.gone("n1");
        assert_eq!(neighbours.call_strangers_again(), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn whatever_is_announced_there_are_never_more_than_the_limit(
            steps in prop::collection::vec((0usize..2_000, 0u8..6), 0..1_500),
        ) {
            let mut neighbours = Neighbours::default();
            for (number, what) in steps {
                match what {
                    0 => neighbours.gone(&format!("n{number}")),
                    1 => neighbours.called(&format!("n{number}"), Standing::Stranger),
                    _ => { neighbours.announced(neighbour(number)); }
                }
                prop_assert!(neighbours.len() <= LAN_PEERS);
            }
        }
    }
}
