//! The task that keeps this device's door, calls at those of others, and tells the hub which contacts are near.
//!
//! Behind the door is a signaling node like a hosted one. Contacts find it by the announcement, or where it was
//! the last time; strangers find nothing: see `crates/lan`.

mod calling;
/// Asking strangers for their names.
pub(crate) mod looking;
/// Pairings at doors.
pub(crate) mod pairing;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lan::discovery::{self, Sighting};
use lan::{
    Acquaintance, Arrival, Door, House, Interfaces, Neighbour, Neighbours, Standing, Stranger,
    Visit, Visitor,
};
use model::{ContactId, Day, DisplayName};
use signaling::{Embedded, ServerLimits};
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::hub::{HubHandle, HubMessage};
use crate::signaling_link::LinkEvent;
use calling::{Call, Calls, Outcome};

/// What the hub learns of the neighbourhood.
#[derive(Debug)]
pub(crate) enum NeighbourReport {
    /// A contact is near: both have proven it.
    Met {
        contact: ContactId,
        /// Where its door is.
        door: SocketAddr,
    },
    /// A contact said goodbye, or was not heard of for long.
    Left { contact: ContactId },
    /// A stranger called to pair.
    Called(Stranger),
    /// A door of somebody who pairs was found and let this device in, or none was.
    Admitted {
        serial: u64,
        found: Option<(Box<lan::Line>, SocketAddr)>,
    },
    /// The other side of a pairing said something.
    PairingSaid { serial: u64, body: Vec<u8> },
    /// It left.
    PairingLeft { serial: u64 },
    /// Who shows what it is called.
    Shown(Vec<Shown>),
    /// A contact opened a line to the endpoint behind our door.
    LineOpened { contact: ContactId },
    /// It is closed.
    LineClosed { contact: ContactId },
    /// It is another day, so contacts are known by other keys.
    NewDay,
    /// A line of ours told something; `None` is the one to our own endpoint.
    Said {
        line: Option<(ContactId, u64)>,
        event: LinkEvent,
    },
}

/// What the hub wants done.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Call a contact where it was the last time.
    Call {
        contact: ContactId,
        door: SocketAddr,
    },
    /// The networks are others now: everybody is called again.
    CallAll,
}

/// Somebody who was announced, and the contact it proved to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) neighbour: Neighbour,
    pub(crate) contact: Option<ContactId>,
}

/// A stranger that shows what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) instance: String,
    pub(crate) name: DisplayName,
    pub(crate) doors: Vec<SocketAddr>,
}

/// Everybody who was announced, as of now.
pub(crate) type Everybody = watch::Receiver<Arc<[Known]>>;

/// An open door; dropping it closes it.
#[derive(Debug)]
pub(crate) struct Neighbourhood {
    pub(crate) port: u16,
    errands: mpsc::Sender<Errand>,
    inside: mpsc::Sender<DuplexStream>,
    known: watch::Sender<Arc<[Acquaintance]>>,
    name: watch::Sender<Option<DisplayName>>,
    codes: watch::Sender<Arc<BTreeSet<u32>>>,
    everybody: Everybody,
    _task: JoinSet<()>,
}

impl Neighbourhood {
    /// Opens the door, within a Tokio runtime.
    pub(crate) fn open(interfaces: Interfaces, hub: HubHandle) -> io::Result<Self> {
        let door = Door::open(lan::PORT)?;
        let port = door.port();
        let (errands, errands_here) = mpsc::channel(ERRANDS);
        let (inside, inside_here) = mpsc::channel(1);
        let (known, known_here) = watch::channel(Arc::from(Vec::new()));
        let (name, name_here) = watch::channel(None);
        let (codes, codes_here) = watch::channel(Arc::default());
        let (everybody_here, everybody) = watch::channel(Arc::from(Vec::new()));
        let house = House {
            known: known_here,
            name: name_here,
            codes: codes_here,
            interfaces,
        };
        let mut task = JoinSet::new();
        let keeper = Keeper::new(port, house.known.clone(), everybody_here, hub);
        task.spawn(keeper.run(door, house, errands_here, inside_here));
        Ok(Self {
            port,
            errands,
            inside,
            known,
            name,
            codes,
            everybody,
            _task: task,
        })
    }

    /// The contacts that are let in, and recognised, from now on.
    pub(crate) fn know(&self, known: Vec<Acquaintance>) {
        self.known.send_replace(known.into());
    }

    /// Tells everybody this name, or nobody any.
    pub(crate) fn show(&self, name: Option<DisplayName>) {
        self.name.send_replace(name);
    }

    /// Lets in whoever asks for one of these codes.
    pub(crate) fn open_codes(&self, numbers: BTreeSet<u32>) {
        self.codes.send_replace(Arc::new(numbers));
    }

    /// Who was announced.
    pub(crate) fn everybody(&self) -> Everybody {
        self.everybody.clone()
    }

    /// The keys of a contact on a day.
    pub(crate) fn acquaintance(&self, contact: ContactId, day: Day) -> Option<Acquaintance> {
        let known = self.known.borrow();
        let mut known = known.iter();
        let found = known.find(|it| it.contact == contact && it.day == day);
        found.cloned()
    }

    /// Hands over an errand, if there is room; what is lost is asked for again.
    pub(crate) fn send(&self, errand: Errand) {
        if self.errands.try_send(errand).is_err() {
            tracing::debug!("the neighbourhood is busy");
        }
    }

    /// The way to the endpoint behind the door, without going through it.
    pub(crate) fn inside(&self) -> mpsc::Sender<DuplexStream> {
        self.inside.clone()
    }
}

/// Who keeps the door.
struct Keeper {
    port: u16,
    known: watch::Receiver<Arc<[Acquaintance]>>,
    everybody: watch::Sender<Arc<[Known]>>,
    /// When to tell of those who came and left, if any did.
    tell_at: Option<Instant>,
    hub: HubHandle,
    neighbours: Neighbours,
    /// The contacts behind announced names.
    contacts: BTreeMap<String, ContactId>,
    calls: Calls,
    /// The day of the keys in use.
    day: Day,
    /// Sockets of contacts, and our own.
    sockets: JoinSet<Option<ContactId>>,
}

impl Keeper {
    fn new(
        port: u16,
        known: watch::Receiver<Arc<[Acquaintance]>>,
        everybody: watch::Sender<Arc<[Known]>>,
        hub: HubHandle,
    ) -> Self {
        Self {
            port,
            known,
            everybody,
            tell_at: None,
            hub,
            neighbours: Neighbours::default(),
            contacts: BTreeMap::new(),
            calls: Calls::default(),
            day: today(),
            sockets: JoinSet::new(),
        }
    }

    async fn run(
        mut self,
        door: Door,
        house: House,
        mut errands: mpsc::Receiver<Errand>,
        mut inside: mpsc::Receiver<DuplexStream>,
    ) {
        let halt = CancellationToken::new();
        let _halts_at_the_end = halt.clone().drop_guard();
        let (node, running) = Embedded::new(ServerLimits::default(), halt);
        let (arrival, mut arrivals) = mpsc::channel(VISITORS);
        let (sighting, mut sightings) = mpsc::channel(SIGHTINGS);
        let mut tasks = JoinSet::new();
        tasks.spawn(running);
        tasks.spawn(discover(self.port, house.clone(), sighting));
        tasks.spawn(door.attend(house, arrival));
        let mut look_at_day = interval(DAY_CHECK);
        loop {
            self.calls.place(self.port, &self.known);
            tokio::select! {
                errand = errands.recv() => match errand {
                    Some(errand) => self.errand(errand),
                    None => return,
                },
                Some(far) = inside.recv() => self.serve_inside(&node, far),
                Some(arrival) = arrivals.recv() => match arrival {
                    Arrival::Contact(visitor) => self.visited(&node, visitor).await,
                    Arrival::Stranger(stranger) => {
                        self.report(NeighbourReport::Called(stranger)).await;
                    }
                },
                () = until(self.tell_at) => self.tell_everybody(),
                Some(sighting) = sightings.recv() => self.sighted(sighting).await,
                ended = self.calls.next() => if let Some((call, outcome)) = ended {
                    self.called(call, outcome).await;
                },
                _ = look_at_day.tick() => self.look_at_day(today()).await,
                Ok(()) = self.known.changed() => self.call_strangers(),
                Some(ended) = self.sockets.join_next(), if !self.sockets.is_empty() => {
                    if let Ok(Some(contact)) = ended {
                        self.report(NeighbourReport::LineClosed { contact }).await;
                    }
                }
            }
        }
    }

    fn errand(&mut self, errand: Errand) {
        match errand {
            Errand::Call { contact, door } => self.calls.add(Call::of_contact(contact, door)),
            Errand::CallAll => {
                for neighbour in self.neighbours.all() {
                    self.calls.add(neighbour.into());
                }
            }
        }
    }

    fn serve_inside(&mut self, node: &Embedded, far: DuplexStream) {
        let node = node.clone();
        self.sockets.spawn(async move {
            let socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
            node.serve(socket, IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
            None
        });
    }

    async fn visited(&mut self, node: &Embedded, visitor: Visitor) {
        let contact = visitor.contact;
        if let Some(door) = visitor.door {
            self.report(NeighbourReport::Met { contact, door }).await;
        }
        if let Visit::Line(line, from) = visitor.visit {
            self.report(NeighbourReport::LineOpened { contact }).await;
            let node = node.clone();
            self.sockets.spawn(async move {
                node.serve(*line, from).await;
                Some(contact)
            });
        }
    }

    async fn sighted(&mut self, sighting: Sighting) {
        match sighting {
            Sighting::Announced(neighbour) => {
                self.note_change();
                if self.neighbours.announced(neighbour.clone()) {
                    self.calls.add(neighbour.into());
                }
            }
            Sighting::Gone(instance) => {
                self.note_change();
                self.neighbours.gone(&instance);
                let Some(contact) = self.contacts.remove(&instance) else {
                    return;
                };
                // It may go by another name by now.
                if !self.contacts.values().any(|it| *it == contact) {
                    self.report(NeighbourReport::Left { contact }).await;
                }
            }
        }
    }

    async fn called(&mut self, call: Call, outcome: Outcome) {
        let met = match outcome {
            Outcome::Met { contact, door } => Some((contact, door)),
            Outcome::Stranger => None,
            Outcome::NoAnswer => {
                self.calls.try_again(call);
                return;
            }
        };
        if let Some(instance) = call.instance {
            let standing = met.map_or(Standing::Stranger, |_| Standing::Contact);
            self.neighbours.called(&instance, standing);
            if let Some((contact, _)) = met
                && self.neighbours.knows(&instance)
            {
                self.contacts.insert(instance, contact);
                self.note_change();
            }
        }
        if let Some((contact, door)) = met {
            self.report(NeighbourReport::Met { contact, door }).await;
        }
    }

    /// A flood of news is told bit by bit.
    fn note_change(&mut self) {
        self.tell_at
            .get_or_insert_with(|| Instant::now() + NEWS_PAUSE);
    }

    fn tell_everybody(&mut self) {
        self.tell_at = None;
        let all = self.neighbours.all().into_iter();
        let known = all.map(|neighbour| Known {
            contact: self.contacts.get(&neighbour.instance).copied(),
            neighbour,
        });
        self.everybody.send_replace(known.collect());
    }

    /// A device that runs for days knows its contacts by the keys of each.
    async fn look_at_day(&mut self, today: Day) {
        if self.day != today {
            self.day = today;
            self.report(NeighbourReport::NewDay).await;
        }
    }

    /// There are other contacts, or another day.
    fn call_strangers(&mut self) {
        for neighbour in self.neighbours.call_strangers_again() {
            self.calls.add(neighbour.into());
        }
    }

    async fn report(&self, report: NeighbourReport) {
        // A hub that is gone meets nobody.
        self.hub.send(HubMessage::Neighbour(report)).await.ok();
    }
}

/// Announces the door and looks for others as long as somebody listens.
async fn discover(port: u16, house: House, sightings: mpsc::Sender<Sighting>) {
    while !sightings.is_closed() {
        let shown = house.name.clone();
        let found = discovery::run(port, house.interfaces.clone(), shown, sightings.clone()).await;
        if let Err(error) = found {
            tracing::info!(%error, "nobody is found on the local network for now");
        }
        sleep(DISCOVERY_PAUSE).await;
    }
}

/// Waits until then, or for ever.
async fn until(then: Option<Instant>) {
    match then {
        Some(then) => sleep_until(then).await,
        None => std::future::pending().await,
    }
}

/// The contacts' keys of one day.
fn keys_of(day: Day, known: &[Acquaintance]) -> Vec<Acquaintance> {
    let of_day = known.iter().filter(|it| it.day == day);
    of_day.cloned().collect()
}

fn today() -> Day {
    clock::today()
}

/// Errands of the hub that wait.
const ERRANDS: usize = 64;
/// Contacts at the door that wait.
const VISITORS: usize = 16;
/// Announcements that wait.
const SIGHTINGS: usize = 64;
/// After the system had no room for the name service, or no network.
const DISCOVERY_PAUSE: Duration = Duration::from_secs(5);
/// How long those who came and left are gathered.
const NEWS_PAUSE: Duration = Duration::from_millis(50);
/// How soon after midnight the keys are those of the new day: yesterday's are good all day.
const DAY_CHECK: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_day_is_told_once() {
        let (hub, mut told) = mpsc::channel(4);
        let (_known, known) = watch::channel(Arc::from(Vec::new()));
        let (everybody, _told_to) = watch::channel(Arc::from(Vec::new()));
        let mut keeper = Keeper::new(0, known, everybody, hub);
        let tomorrow = Day(keeper.day.0 + 1);
        for day in [keeper.day, tomorrow, tomorrow] {
            keeper.look_at_day(day).await;
        }
        let report = told.try_recv();
        assert!(matches!(
            report,
            Ok(HubMessage::Neighbour(NeighbourReport::NewDay))
        ));
        assert!(told.try_recv().is_err());
    }
}
