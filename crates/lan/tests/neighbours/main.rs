//! Machines of one network that find each other by what they announce, and by nothing else.
#![cfg(target_os = "linux")]

mod flood;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lan::discovery::{self, Sighting};
use lan::{Interfaces, Neighbour};
use model::DisplayName;
use netlab::{Lab, Node, alone};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Runs `work` in a machine of the lab, with a runtime that lives there.
fn inside<T: Send>(node: &Node, work: impl AsyncFnOnce() -> T + Send) -> T {
    node.inside(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(work())
    })
}

/// Announces a door at `port`, and hears of others.
fn discover(port: u16) -> (JoinSet<()>, mpsc::Receiver<Sighting>) {
    discover_with(port, watch::channel(None).1)
}

/// The same, under another name whenever `shown` changes.
fn discover_with(
    port: u16,
    shown: watch::Receiver<Option<DisplayName>>,
) -> (JoinSet<()>, mpsc::Receiver<Sighting>) {
    let (sender, sightings) = mpsc::channel(64);
    let mut task = JoinSet::new();
    task.spawn(async move {
        let ended = discovery::run(port, Interfaces::Automatic, shown, sender).await;
        ended.expect("the network's name service works");
    });
    (task, sightings)
}

/// The next neighbour that is announced at `port`.
async fn neighbour_at(port: u16, sightings: &mut mpsc::Receiver<Sighting>) -> Neighbour {
    loop {
        let sighting = sightings.recv().await.expect("discovery goes on");
        if let Sighting::Announced(neighbour) = sighting
            && neighbour.addresses.iter().all(|it| it.port() == port)
            && neighbour.addresses.len() >= 2
        {
            return neighbour;
        }
    }
}

#[test]
fn two_machines_of_one_network_find_each_other_in_both_families() {
    alone::test(
        "two_machines_of_one_network_find_each_other_in_both_families",
        || {
            let lab = Lab::team(&[("ana", 1), ("ben", 1)]).expect("a lab");
            let found = |node: &str, own: u16, other: u16| {
                inside(lab.node(node), async move || {
                    let (_task, mut sightings) = discover(own);
                    let found = timeout(PATIENCE, neighbour_at(other, &mut sightings)).await;
                    // The other one is still to find us.
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    found.expect("it is found")
                })
            };
            std::thread::scope(|scope| {
                let ana = scope.spawn(|| found("ana", 7_501, 7_502));
                let ben = scope.spawn(|| found("ben", 7_502, 7_501));
                let (ben, ana) = (ana.join().expect("found"), ben.join().expect("found"));
                let addresses = |of: &Neighbour| {
                    let mut ips: Vec<String> =
                        of.addresses.iter().map(|it| it.ip().to_string()).collect();
                    ips.sort();
                    ips
                };
                assert_eq!(addresses(&ana), ["192.168.1.10", "fd00:1::10"]);
                assert_eq!(addresses(&ben), ["192.168.1.11", "fd00:1::11"]);
                assert_ne!(ana.instance, ben.instance);
            });
        },
    );
}

#[test]
fn a_device_goes_by_another_name_after_a_while_and_takes_the_old_one_back() {
    alone::test(
        "a_device_goes_by_another_name_after_a_while_and_takes_the_old_one_back",
        || {
            let lab = Lab::team(&[("ana", 1), ("ben", 1)]).expect("a lab");
            let is_over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    inside(lab.node("ana"), async || {
                        // Quarters of an hour pass as fast as the machine is.
                        tokio::time::pause();
                        let (_task, _sightings) = discover(7_501);
                        while !is_over.load(Ordering::Relaxed) {
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                    });
                });
                let heard = inside(lab.node("ben"), async || {
                    let (_task, mut sightings) = discover(7_502);
                    let heard = timeout(PATIENCE, async {
                        let first = neighbour_at(7_501, &mut sightings).await;
                        let mut has_gone = false;
                        let mut has_changed = false;
                        while !(has_gone && has_changed) {
                            match sightings.recv().await.expect("discovery goes on") {
                                Sighting::Gone(name) => has_gone |= name == first.instance,
                                Sighting::Announced(it) => {
                                    has_changed |= it.instance != first.instance;
                                }
                            }
                        }
                    });
                    heard.await
                });
                is_over.store(true, Ordering::Relaxed);
                heard.expect("both names are heard, and that the first is over");
            });
        },
    );
}

#[test]
fn whoever_shows_itself_is_announced_anew_at_once() {
    alone::test("whoever_shows_itself_is_announced_anew_at_once", || {
        let lab = Lab::team(&[("ana", 1), ("ben", 1)]).expect("a lab");
        let (shows, shown) = watch::channel(None);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                inside(lab.node("ana"), async || {
                    let (_task, _sightings) = discover_with(7_501, shown);
                    while !is_over.load(Ordering::Relaxed) {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                });
            });
            let heard = inside(lab.node("ben"), async || {
                let (_task, mut sightings) = discover(7_502);
                let heard = timeout(PATIENCE, async {
                    let first = neighbour_at(7_501, &mut sightings).await;
                    shows.send_replace(Some(DisplayName::new("Ana")));
                    while neighbour_at(7_501, &mut sightings).await.instance == first.instance {}
                });
                heard.await
            });
            is_over.store(true, Ordering::Relaxed);
            heard.expect("it is announced under another name");
        });
    });
}

/// What is to happen within three seconds, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(30);
