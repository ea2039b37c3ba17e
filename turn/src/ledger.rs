//! What all clients of a relay share: quotas, relayed addresses, counts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turn_proto::server::{AllocateRefusal, Tally};

use crate::config::Limits;

/// Shared by all tasks of a relay; locked for a moment when an allocation begins or ends.
#[derive(Debug)]
pub(crate) struct Ledger {
    limits: Limits,
    book: Mutex<Book>,
    /// Changes whenever the set of relayed addresses does.
    generation: AtomicU64,
    connections: AtomicUsize,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Book {
    users: BTreeMap<String, usize>,
    total: usize,
    relayed: BTreeSet<SocketAddr>,
    connections: BTreeMap<IpAddr, usize>,
}

#[derive(Debug, Default)]
struct Counts {
    allocations: AtomicU64,
    refused_allocations: AtomicU64,
    datagrams: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
    unauthorized: AtomicU64,
    forbidden: AtomicU64,
}

/// What a relay holds and what it has done since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Allocations that stand.
    pub allocations: usize,
    /// TCP and TLS connections that are open.
    pub connections: usize,
    /// Allocations made.
    pub allocations_made: u64,
    /// Allocations refused for want of room.
    pub allocations_refused: u64,
    /// Datagrams relayed, both ways.
    pub datagrams: u64,
    /// Their bytes, without any header.
    pub bytes: u64,
    /// Datagrams dropped for want of a permission or by a cap.
    pub dropped: u64,
    /// Requests with wrong or expired credentials.
    pub unauthorized: u64,
    /// Requests for peers that are never allowed.
    pub forbidden: u64,
}

/// A place for one allocation; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Place {
    ledger: Arc<Ledger>,
    user: String,
    relayed: Option<SocketAddr>,
}

/// A place for one TCP or TLS connection; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Seat {
    ledger: Arc<Ledger>,
    address: IpAddr,
}

impl Ledger {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            book: Mutex::default(),
            generation: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            counts: Counts::default(),
        }
    }

    /// Takes a place for one allocation of `user`.
    pub(crate) fn admit(self: &Arc<Self>, user: &str) -> Result<Place, AllocateRefusal> {
        let mut book = self.book();
        let of_user = book.users.get(user).copied().unwrap_or(0);
        let refusal = if book.total >= self.limits.allocations {
            Some(AllocateRefusal::Capacity)
        } else if of_user >= self.limits.allocations_per_user {
            Some(AllocateRefusal::Quota)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            add(&self.counts.refused_allocations, 1);
            return Err(refusal);
        }
        book.total += 1;
        book.users.insert(user.to_owned(), of_user + 1);
        drop(book);
        Ok(Place {
            ledger: Arc::clone(self),
            user: user.to_owned(),
            relayed: None,
        })
    }

    /// Takes a place for one connection from `address`, if there is any.
    pub(crate) fn seat(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut book = self.book();
        let total = self.connections.load(Ordering::Relaxed);
        let of_address = book.connections.entry(address).or_default();
        if total >= self.limits.connections || *of_address >= self.limits.connections_per_address {
            return None;
        }
        *of_address += 1;
        self.connections.fetch_add(1, Ordering::Relaxed);
        drop(book);
        Some(Seat {
            ledger: Arc::clone(self),
            address,
        })
    }

    /// Whether `address` is relayed by this relay just now.
    pub(crate) fn is_relayed(&self, address: SocketAddr) -> bool {
        self.book().relayed.contains(&address)
    }

    /// Changes whenever [`Ledger::is_relayed`] may say something else.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) fn count(&self, tally: Tally) {
        add(&self.counts.datagrams, tally.datagrams);
        add(&self.counts.bytes, tally.bytes);
        add(&self.counts.dropped, tally.dropped);
        add(&self.counts.unauthorized, tally.unauthorized);
        add(&self.counts.forbidden, tally.forbidden);
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            allocations: self.book().total,
            connections: self.connections.load(Ordering::Relaxed),
            allocations_made: count(&self.counts.allocations),
            allocations_refused: count(&self.counts.refused_allocations),
            datagrams: count(&self.counts.datagrams),
            bytes: count(&self.counts.bytes),
            dropped: count(&self.counts.dropped),
            unauthorized: count(&self.counts.unauthorized),
            forbidden: count(&self.counts.forbidden),
        }
    }

    /// Whole between any two of its changes.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Notes where the allocation is.
    pub(crate) fn settle(&mut self, relayed: SocketAddr) {
        self.ledger.book().relayed.insert(relayed);
        self.ledger.generation.fetch_add(1, Ordering::Release);
        add(&self.ledger.counts.allocations, 1);
        self.relayed = Some(relayed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.ledger.book();
        book.total -= 1;
        if let Some(relayed) = self.relayed {
            book.relayed.remove(&relayed);
        }
        if let Some(of_user) = book.users.get_mut(&self.user) {
            *of_user -= 1;
            if *of_user == 0 {
                book.users.remove(&self.user);
            }
        }
        drop(book);
        self.ledger.generation.fetch_add(1, Ordering::Release);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.ledger.connections.fetch_sub(1, Ordering::Relaxed);
        let mut book = self.ledger.book();
        if let Some(of_address) = book.connections.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                book.connections.remove(&self.address);
            }
        }
    }
}

fn add(counter: &AtomicU64, more: u64) {
    if more > 0 {
        counter.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Arc<Ledger> {
        Arc::new(Ledger::new(Limits {
            allocations: 3,
            allocations_per_user: 2,
            connections: 3,
            connections_per_address: 2,
            ..Limits::default()
        }))
    }

    #[test]
    fn a_user_has_a_share_of_the_places_and_gets_them_back() {
        let ledger = ledger();
        let first = ledger.admit("ana").unwrap();
        let _second = ledger.admit("ana").unwrap();
        assert_eq!(ledger.admit("ana").unwrap_err(), AllocateRefusal::Quota);
        let _third = ledger.admit("ben").unwrap();
        assert_eq!(ledger.admit("cleo").unwrap_err(), AllocateRefusal::Capacity);
        drop(first);
        assert!(ledger.admit("ana").is_ok());
        assert_eq!(ledger.statistics().allocations_refused, 2);
    }

    #[test]
    fn a_relayed_address_is_known_as_long_as_its_place_is_taken() {
        let ledger = ledger();
        let address = SocketAddr::from(([11, 0, 0, 1], 50_000));
        let before = ledger.generation();
        let mut place = ledger.admit("ana").unwrap();
        place.settle(address);
        assert!(ledger.is_relayed(address) && ledger.generation() != before);
        let before = ledger.generation();
        drop(place);
        assert!(!ledger.is_relayed(address) && ledger.generation() != before);
        assert_eq!(ledger.statistics().allocations, 0);
    }

    #[test]
    fn an_address_has_a_share_of_the_connections() {
        let ledger = ledger();
        let [first, second] = [[11, 0, 0, 1], [11, 0, 0, 2]].map(IpAddr::from);
        let seats = [ledger.seat(first), ledger.seat(first)];
        assert!(seats.iter().all(Option::is_some));
        assert!(ledger.seat(first).is_none());
        let _other = ledger.seat(second).unwrap();
        assert!(ledger.seat(second).is_none(), "the relay is full");
        drop(seats);
        assert!(ledger.seat(first).is_some());
    }
}
