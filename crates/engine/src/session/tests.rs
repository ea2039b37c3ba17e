use std::collections::BTreeMap;

use model::{DeviceSecrets, Digest};
use peer::{Connection, ConnectionConfig};
use tokio::task::JoinSet;
use transfer_proto::{ToSender, TransferMessage};

use super::*;
use crate::connector::{Lane, Way};
use crate::entropy::OsEntropy;
use crate::transfer::Inbound;

const TOKEN: u64 = 7;
const SESSION: SessionId = SessionId([3; 16]);
const TRANSFER: TransferId = TransferId([4; 16]);

/// One side of a session over real connections; its hub is the test.
struct Side {
    handle: SessionHandle,
    hub: mpsc::Receiver<HubMessage>,
    inbox: mpsc::Receiver<Inbound>,
    bulk: mpsc::Receiver<Bytes>,
    _task: JoinSet<()>,
}

impl Side {
    async fn start(role: Role, first: Connection, config: ConnectionConfig) -> Self {
        let own = u8::from(role == Role::Responder);
        let secrets = |side: u8| DeviceSecrets::from_bytes(&[side + 1; 64]);
        let start = SessionStart {
            contact: ContactId([own; 16]),
            session: SESSION,
            role,
            machine: session_proto::SessionConfig {
                role,
                session: SESSION,
                transcript: Digest([5; 32]),
                own: secrets(own),
                peer: secrets(1 - own).public(),
                psk: [6; 32],
                entropy: Box::new(OsEntropy),
            },
            first: Winner {
                way: Way::Direct,
                connection: first,
                spoken: None,
            },
            lanes: Lanes {
                wish: model::RelayWish::Automatic,
                direct: Lane {
                    way: Way::Direct,
                    config,
                },
                relayed: None,
            },
            budget: Budget::default(),
        };
        let (hub_sender, mut hub) = mpsc::channel(64);
        let mut task = JoinSet::new();
        task.spawn(run(start, hub_sender, CancellationToken::new()));
        let handle = loop {
            if let SessionReport::Established { handle } = report(&mut hub).await {
                break handle;
            }
        };
        let (inbox_sender, inbox) = mpsc::channel(crate::transfer::INBOX_MESSAGES);
        let (bulk_sender, bulk) = mpsc::channel(16);
        handle.try_command(SessionCommand::Attach {
            transfer: TRANSFER,
            inbox: inbox_sender,
        });
        handle.try_command(SessionCommand::Expect {
            token: TOKEN,
            bulk: bulk_sender,
        });
        Self {
            handle,
            hub,
            inbox,
            bulk,
            _task: task,
        }
    }

    /// Tells the other side that bulk data may come.
    fn greet(&self) {
        let message = TransferMessage::ToSender(ToSender::Resume);
        self.handle.try_command(SessionCommand::Send(Addressed {
            transfer: TRANSFER,
            message,
        }));
    }

    /// The greeting goes to the hub if it comes before this side attached its transfer.
    async fn greeted(&mut self) {
        tokio::select! {
            inbound = self.inbox.recv() => assert!(matches!(inbound, Some(Inbound::Message(_)))),
            report = report(&mut self.hub) => {
                assert!(matches!(report, SessionReport::Unrouted { .. }));
            }
        }
    }
}

async fn report(hub: &mut mpsc::Receiver<HubMessage>) -> SessionReport {
    loop {
        if let HubMessage::Session { report, .. } = hub.recv().await.unwrap() {
            return report;
        }
    }
}

async fn connect(config: &ConnectionConfig) -> (Connection, Connection) {
    let (mut offering, offer) = Connection::offer(config.clone()).await.unwrap();
    let (answering, answer) = Connection::answer(config.clone(), &offer).await.unwrap();
    offering.accept_answer(&answer).await.unwrap();
    let (offering, answering) = tokio::join!(offering.connect(), answering.connect());
    (offering.unwrap(), answering.unwrap())
}

async fn begin(session_bytes: u64) -> (Side, Side, ConnectionConfig) {
    let config = ConnectionConfig {
        session_bytes,
        ..crate::connector::config(true)
    };
    let (ana, ben) = connect(&config).await;
    let (mut ana, mut ben) = tokio::join!(
        Side::start(Role::Initiator, ana, config.clone()),
        Side::start(Role::Responder, ben, config.clone()),
    );
    ana.greet();
    ben.greet();
    tokio::join!(ana.greeted(), ben.greeted());
    (ana, ben, config)
}

fn bulk_message(number: u32) -> Bytes {
    let mut message = vec![0; CHANNEL_MESSAGE_BYTES];
    message[..8].copy_from_slice(&TOKEN.to_be_bytes());
    message[8..12].copy_from_slice(&number.to_be_bytes());
    message.into()
}

fn number_of(message: &Bytes) -> u32 {
    u32::from_be_bytes(message[8..12].try_into().unwrap())
}

async fn send_bulk(handle: &SessionHandle, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let permit = handle.reserve_bulk().await.expect("the session stands");
        permit.send(bulk_message(number));
    }
}

/// Takes so many messages, none of them twice.
async fn take_bulk(bulk: &mut mpsc::Receiver<Bytes>, numbers: std::ops::Range<u32>) {
    let mut seen = BTreeMap::new();
    for _ in numbers.clone() {
        let message = bulk.recv().await.expect("the session stands");
        *seen.entry(number_of(&message)).or_insert(0) += 1;
    }
    assert!(seen.keys().copied().eq(numbers), "each message once");
}

/// Each way sixteen times what one DTLS session may carry: four connections would be over after a quarter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_renewed_before_their_bound_and_nothing_is_lost_or_noticed() {
    const SESSION_BYTES: u64 = 8 * 1024 * 1024;
    const MESSAGES: u32 = 2_048;
    let (mut ana, mut ben, _) = begin(SESSION_BYTES).await;
    tokio::join!(
        send_bulk(&ana.handle, 0..MESSAGES),
        take_bulk(&mut ben.bulk, 0..MESSAGES),
    );
    tokio::join!(
        send_bulk(&ben.handle, 0..MESSAGES),
        take_bulk(&mut ana.bulk, 0..MESSAGES),
    );
    for side in [&mut ana, &mut ben] {
        assert!(side.bulk.try_recv().is_err(), "nothing came twice");
        assert!(side.inbox.try_recv().is_err(), "no transfer noticed");
        assert!(side.hub.try_recv().is_err(), "the hub neither");
    }
}
