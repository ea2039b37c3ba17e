use std::time::Duration;

use tokio::sync::mpsc;

use super::*;
use crate::hub::transfers::Speed;
use crate::transfer::INBOX_MESSAGES;

const CONTACT: ContactId = ContactId([7; 16]);

struct Table {
    transfers: Transfers,
    number: u8,
}

impl Table {
    fn new(places: usize) -> Self {
        let mut transfers = Transfers::new(Speed::start().0, crate::after_receive::queue().0);
        transfers.places = places;
        Self {
            transfers,
            number: 0,
        }
    }

    fn add(&mut self, priority: Priority) -> TransferId {
        let options = SendOptions {
            device: None,
            priority,
            ..SendOptions::default()
        };
        let turn = Turn::new(self.transfers.new_turn(&options));
        let (inbox, _) = mpsc::channel(INBOX_MESSAGES);
        let mut live = Live::new(Some(CONTACT), TransferDirection::Outgoing, inbox, turn);
        live.queue();
        self.number += 1;
        let transfer = TransferId([self.number; 16]);
        self.transfers.live.insert(transfer, live);
        transfer
    }

    fn live(&mut self, transfer: TransferId) -> &mut Live {
        self.transfers.live.get_mut(&transfer).expect("was added")
    }

    /// Gives free places to whoever waits, in order.
    fn begin(&mut self) -> Vec<TransferId> {
        let mut begun = Vec::new();
        while self.transfers.has_free_place(Instant::now()) {
            let Some(next) = self.transfers.next(|_| true) else {
                break;
            };
            self.live(next).note_offered();
            self.live(next).state = TransferState::WaitingForAnswer;
            begun.push(next);
        }
        begun
    }
}

#[tokio::test]
async fn as_many_go_as_there_are_places_in_the_order_people_want() {
    let mut table = Table::new(2);
    let low = table.add(Priority::Low);
    let first = table.add(Priority::Normal);
    let second = table.add(Priority::Normal);
    let high = table.add(Priority::High);
    table.live(second).turn.entry.position = table.transfers.position(QueueEnd::First);
    assert_eq!(table.transfers.newly_waiting().len(), 4);
    assert_eq!(table.begin(), [high, second]);
    table.live(high).state = TransferState::Active;
    assert_eq!(table.begin(), []);
    table.live(high).state = TransferState::Completed;
    assert_eq!(table.begin(), [first]);
    table.live(second).state = TransferState::Paused {
        reason: PauseReason::There,
    };
    assert_eq!(table.begin(), [low]);
}

#[tokio::test]
async fn an_offer_nobody_answers_gives_up_its_place() {
    let mut table = Table::new(1);
    let silent = table.add(Priority::Normal);
    let next = table.add(Priority::Normal);
    assert_eq!(table.begin(), [silent]);
    let until = table.transfers.queue_deadline().expect("somebody waits");
    let offered = Instant::now()
        .checked_sub(OFFER_TURN_TIME)
        .expect("since boot");
    assert!(until > Instant::now() + OFFER_TURN_TIME - Duration::from_secs(10));
    table.live(silent).turn.offered = Some(offered);
    assert_eq!(table.begin(), [next]);
    assert_eq!(table.transfers.queue_deadline(), None);
}

#[tokio::test]
async fn nobody_goes_whose_receiver_is_not_there_or_whom_a_person_holds() {
    let mut table = Table::new(4);
    let held = table.add(Priority::Normal);
    let away = table.add(Priority::Normal);
    table.live(held).turn.entry.held = true;
    table.live(held).queue();
    table.live(away).wait_for_peer();
    assert_eq!(table.begin(), []);
    table.live(away).queue();
    assert_eq!(table.transfers.next(|_| false), None);
    assert_eq!(table.begin(), [away]);
}

#[tokio::test]
async fn those_who_wait_are_told_once_how_many_go_first() {
    let mut table = Table::new(1);
    let low = table.add(Priority::Low);
    let normal = table.add(Priority::Normal);
    assert_eq!(table.transfers.newly_waiting(), [(normal, 0), (low, 1)]);
    assert_eq!(table.transfers.newly_waiting(), []);
}

#[test]
fn a_limit_below_the_slowest_is_refused() {
    let slowest = model::limits::RATE_LIMIT_BYTES_PER_S;
    assert!(check_limit(None).is_ok());
    assert!(check_limit(NonZeroU64::new(slowest)).is_ok());
    assert!(check_limit(NonZeroU64::new(slowest - 1)).is_err());
}

#[tokio::test]
async fn whoever_waits_is_looked_at_when_transfers_are_broken_off() {
    let mut bench = crate::hub::tests::Bench::new();
    let transfers = &mut bench.hub.transfers;
    transfers.places = 1;
    let (broken, waiting) = (TransferId([1; 16]), TransferId([2; 16]));
    for (transfer, contact) in [(broken, CONTACT), (waiting, ContactId([8; 16]))] {
        let turn = Turn::new(transfers.new_turn(&SendOptions::default()));
        let (inbox, _) = mpsc::channel(INBOX_MESSAGES);
        let mut live = Live::new(Some(contact), TransferDirection::Outgoing, inbox, turn);
        live.queue();
        transfers.live.insert(transfer, live);
    }
    bench.hub.transfers_meet_violation(CONTACT);
    let live = &bench.hub.transfers.live;
    assert!(!live.contains_key(&broken));
    assert!(
        live[&waiting].turn.told,
        "its place in the queue was told anew"
    );
}
