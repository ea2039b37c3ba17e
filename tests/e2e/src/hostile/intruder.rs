use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use model::sdp::{self, CandidatePolicy, SdpKind};
use model::{
    Candidate, CandidateKind, Day, DayKeys, Description, DeviceKeys, DeviceSecrets, DisplayName,
    Entropy as _, PairChain, SessionId, Timestamp, TransferId,
};
use pairing_proto::{
    Code, Paired, Pairing, PairingConfig, PairingInput, PairingOutput, PairingPurpose, Role,
};
use peer::{AddressScope, ConnectError, Connection, ConnectionConfig};
use session_proto::SessionConfig;
use signaling_proto::client::{ClientEvent, ClientInput, MailboxSubscription};
use signaling_proto::envelope::{self, Incoming, Opened, Outgoing, Sealed};
use signaling_proto::message::{PairingMood, PostOutcome};
use signaling_proto::negotiation::{Answer, Answering, Hello, Offer, Offering, Terms, Versions};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use transfer_proto::{Contents, RECEIPT_VERSION, SignedStatement, Statement};

use super::line::{Line, OsEntropy};
use super::session::HostileSession;

/// A device of our own making: real keys, real crypto, no manners.
#[derive(Debug)]
pub struct Intruder {
    runtime: Runtime,
    line: Line,
    secrets: DeviceSecrets,
}

/// Whom an intruder is paired with.
#[derive(Debug)]
pub struct Friend {
    keys: DeviceKeys,
    chain: PairChain,
    counter: u64,
    last_counter: u64,
}

impl Intruder {
    /// One that is connected to the server at `url`.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let line = runtime.block_on(Line::open(url));
        Self {
            runtime,
            line,
            secrets: DeviceSecrets::generate(&mut OsEntropy),
        }
    }

    /// Its keys, for whatever it forges with them.
    pub fn secrets(&self) -> &DeviceSecrets {
        &self.secrets
    }

    /// States that `contents` went to a friend, signed as genuinely as the intruder can.
    pub fn state(
        &self,
        friend: &Friend,
        transfer: TransferId,
        contents: Contents,
    ) -> SignedStatement {
        let statement = Statement {
            version: RECEIPT_VERSION,
            transfer,
            sender: self.secrets.public().signing,
            receiver: friend.keys.signing,
            sender_name: DisplayName::new("intruder"),
            title: DisplayName::new("gift"),
            contents,
            sent_at: Timestamp {
                seconds: 0,
                nanoseconds: 0,
            },
        };
        statement.sign(&self.secrets)
    }

    /// Asks the server for a code to show.
    pub fn issue_code(&mut self) -> Code {
        let Self { runtime, line, .. } = self;
        runtime.block_on(async {
            line.say(ClientInput::AllocateCode { ticket: 1 }).await;
            let allocated = line.hear(|event| match event {
                ClientEvent::CodeAllocated { nameplate, .. } => Some(*nameplate),
                _ => None,
            });
            Code::new(allocated.await, &mut OsEntropy)
        })
    }

    /// Pairs with whoever types the code.
    pub fn welcome(&mut self, code: &Code, purpose: PairingPurpose) -> Friend {
        self.pair(code, purpose, Role::Issuer)
    }

    /// Pairs with whoever shows the code.
    ///
    /// # Panics
    /// When it is no code.
    pub fn visit(&mut self, code: &str, purpose: PairingPurpose) -> Friend {
        let code = Code::parse(code).expect("a code");
        let nameplate = code.nameplate();
        let Self { runtime, line, .. } = self;
        runtime.block_on(async {
            let ticket = 2;
            line.say(ClientInput::ClaimCode { ticket, nameplate }).await;
            line.hear(|event| matches!(event, ClientEvent::CodeClaimed { .. }).then_some(()))
                .await;
        });
        self.pair(&code, purpose, Role::Claimer)
    }

    fn pair(&mut self, code: &Code, purpose: PairingPurpose, role: Role) -> Friend {
        let config = PairingConfig {
            role,
            code: code.clone(),
            own: self.secrets.clone(),
            name: DisplayName::new("intruder"),
            purpose,
        };
        let machine = Pairing::new(config, &mut OsEntropy, Instant::now());
        let work = pair_up(&mut self.line, machine, code.nameplate(), role);
        let paired = self.runtime.block_on(work);
        let friend = Friend {
            keys: paired.keys,
            chain: PairChain::start(&paired.secret, today()),
            counter: 0,
            last_counter: 0,
        };
        let keys = friend.day_keys(&self.secrets);
        let mailboxes = vec![MailboxSubscription::of(keys.to_own)];
        self.runtime
            .block_on(self.line.say(ClientInput::SetMailboxes(mailboxes)));
        friend
    }

    /// Offers a session; `twist` may change the description that the victim is told.
    pub fn offer(
        &mut self,
        friend: &mut Friend,
        twist: impl FnOnce(&mut Description),
    ) -> Result<HostileSession, ConnectError> {
        let Self {
            runtime,
            line,
            secrets,
        } = self;
        runtime.block_on(offer(line, secrets, friend, twist))
    }

    /// Waits for the victim's offer and answers it, after answers that each of `lies` has changed.
    pub fn answer(
        &mut self,
        friend: &mut Friend,
        lies: &[fn(&mut Answer)],
    ) -> Result<HostileSession, ConnectError> {
        let Self {
            runtime,
            line,
            secrets,
        } = self;
        runtime.block_on(answer(line, secrets, friend, lies))
    }

    /// Seals and posts something to a friend's mailbox.
    pub fn post(&mut self, friend: &mut Friend, payload: &Sealed) {
        let Self {
            runtime,
            line,
            secrets,
        } = self;
        runtime.block_on(async {
            post(line, secrets, friend, payload).await;
        });
    }

    /// The terms on which this device would talk with a friend.
    pub fn terms(&self, friend: &Friend) -> Terms {
        terms(&self.secrets, friend)
    }

    /// A description nobody stands behind, at an address where nobody listens.
    pub fn paper_description(&self) -> String {
        let description = Description {
            ice_ufrag: "abcdefgh".into(),
            ice_pwd: "abcdefghijklmnopqrstuvwx".into(),
            fingerprint: model::DtlsFingerprint([7; 32]),
            dtls_role: model::DtlsRole::ActPass,
            candidates: vec![host_candidate(([127, 0, 0, 1], 9).into())],
        };
        sdp::render(&description, SdpKind::Offer)
    }
}

impl Friend {
    fn day_keys(&self, own: &DeviceSecrets) -> DayKeys {
        let keys = self
            .chain
            .keys(today(), &own.device_id(), &self.keys.device_id());
        keys.expect("the chain begins today")
    }
}

/// A candidate for an address that this machine has.
pub(super) fn host_candidate(address: std::net::SocketAddr) -> Candidate {
    Candidate {
        kind: CandidateKind::Host,
        address,
        priority: 1,
    }
}

async fn pair_up(line: &mut Line, mut machine: Pairing, nameplate: u32, role: Role) -> Paired {
    if role == Role::Claimer {
        machine.handle_input(PairingInput::PeerJoined, Instant::now());
    }
    loop {
        while let Some(output) = machine.poll_output() {
            match output {
                PairingOutput::Send(body) => {
                    line.say(ClientInput::SendPairing { nameplate, body }).await;
                }
                PairingOutput::Compare(_) => {
                    machine.handle_input(PairingInput::Decision(true), Instant::now());
                }
                PairingOutput::Paired(paired) => {
                    let mood = PairingMood::Paired;
                    line.say(ClientInput::ClosePairing { nameplate, mood })
                        .await;
                    return paired;
                }
                PairingOutput::Failed(error) => panic!("pairing failed: {error}"),
            }
        }
        let input = line
            .hear(|event| match event {
                ClientEvent::PairingPeerJoined { .. } => Some(PairingInput::PeerJoined),
                ClientEvent::PairingReceived { body, .. } => {
                    Some(PairingInput::MessageReceived(body.clone()))
                }
                _ => None,
            })
            .await;
        machine.handle_input(input, Instant::now());
    }
}

async fn offer(
    line: &mut Line,
    secrets: &DeviceSecrets,
    friend: &mut Friend,
    twist: impl FnOnce(&mut Description),
) -> Result<HostileSession, ConnectError> {
    let (mut pending, description) = Connection::offer(connection_config()).await?;
    let mut told = description;
    twist(&mut told);
    let terms = terms(secrets, friend);
    let session = SessionId(OsEntropy.draw());
    let offer = Offer::new(&terms, session, sdp::render(&told, SdpKind::Offer), None);
    let digest = post_until_read(line, secrets, friend, &Sealed::Offer(offer.clone())).await;
    let offering = Offering::new(terms, &offer, digest);
    let negotiated = loop {
        let opened = receive(line, secrets, friend).await;
        if let Sealed::Answer(answer) = &opened.payload
            && let Ok(negotiated) = offering.accept(answer, &opened.digest)
        {
            break negotiated;
        }
    };
    pending.accept_answer(&negotiated.remote).await?;
    let connection = pending.connect().await?;
    let config = session_config(session_proto::Role::Initiator, &negotiated, secrets, friend);
    Ok(HostileSession::start(
        connection,
        config,
        negotiated.remote,
        tokio::runtime::Handle::current(),
    ))
}

async fn answer(
    line: &mut Line,
    secrets: &DeviceSecrets,
    friend: &mut Friend,
    lies: &[fn(&mut Answer)],
) -> Result<HostileSession, ConnectError> {
    // Its first offer may have come before our mailbox was read.
    let hello = Hello {
        versions: Versions::supported(),
        wants_session: true,
        epoch: 1,
    };
    post_until_read(line, secrets, friend, &Sealed::Hello(hello)).await;
    let answering = newest_offer(line, secrets, friend).await;
    let remote = answering.remote().clone();
    let (pending, description) = Connection::answer(connection_config(), &remote).await?;
    let answer = answering.answer(sdp::render(&description, SdpKind::Answer), None);
    for lie in lies {
        let mut answer = answer.clone();
        lie(&mut answer);
        post(line, secrets, friend, &Sealed::Answer(answer)).await;
    }
    let digest = post(line, secrets, friend, &Sealed::Answer(answer)).await;
    let negotiated = answering.finish(&digest);
    let connection = pending.connect().await?;
    let config = session_config(session_proto::Role::Responder, &negotiated, secrets, friend);
    Ok(HostileSession::start(
        connection,
        config,
        negotiated.remote,
        tokio::runtime::Handle::current(),
    ))
}

/// An offer that crossed our hello is followed by the one that counts.
async fn newest_offer(line: &mut Line, secrets: &DeviceSecrets, friend: &mut Friend) -> Answering {
    let mut newest = None;
    loop {
        let patience = match &newest {
            None => Duration::MAX,
            Some(_) => CROSSING_TIME,
        };
        let next = receive(line, secrets, friend);
        let Ok(opened) = tokio::time::timeout(patience, next).await else {
            return newest.expect("only then is there an end to the patience");
        };
        if let Sealed::Offer(offer) = &opened.payload {
            let answering = Answering::accept(terms(secrets, friend), offer, opened.digest);
            newest = Some(answering.expect("the victim's offers make sense"));
        }
    }
}

fn session_config(
    role: session_proto::Role,
    negotiated: &signaling_proto::negotiation::Negotiated,
    secrets: &DeviceSecrets,
    friend: &Friend,
) -> SessionConfig {
    SessionConfig {
        role,
        session: negotiated.session,
        transcript: negotiated.transcript,
        own: secrets.clone(),
        peer: friend.keys,
        psk: friend.day_keys(secrets).session_psk,
        entropy: Box::new(OsEntropy),
    }
}

async fn post(
    line: &mut Line,
    secrets: &DeviceSecrets,
    friend: &mut Friend,
    payload: &Sealed,
) -> model::Digest {
    let keys = friend.day_keys(secrets);
    friend.counter += 1;
    let outgoing = Outgoing {
        keys: &keys.to_peer,
        own: secrets,
        recipient: &friend.keys.device_id(),
        day: keys.day,
        counter: friend.counter,
    };
    let sealed = envelope::seal(payload, &outgoing, &mut OsEntropy).expect("it fits");
    line.say(ClientInput::Post {
        ticket: friend.counter,
        mailbox: keys.to_peer.mailbox(),
        token: keys.to_peer.post_token,
        envelope: sealed.bytes,
        lifetime: Duration::from_secs(20),
    })
    .await;
    sealed.digest
}

/// Posts until somebody reads the mailbox: a victim that just paired may not do so yet.
async fn post_until_read(
    line: &mut Line,
    secrets: &DeviceSecrets,
    friend: &mut Friend,
    payload: &Sealed,
) -> model::Digest {
    loop {
        let digest = post(line, secrets, friend, payload).await;
        let ticket = friend.counter;
        let outcome = line.hear(|event| match event {
            ClientEvent::PostFinished {
                ticket: of,
                outcome,
            } if *of == ticket => Some(*outcome),
            _ => None,
        });
        if outcome.await == PostOutcome::Delivered {
            return digest;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn receive(line: &mut Line, secrets: &DeviceSecrets, friend: &mut Friend) -> Opened {
    let keys = friend.day_keys(secrets);
    let own = secrets.device_id();
    loop {
        let envelope = line.next_envelope().await;
        let incoming = Incoming {
            keys: &keys.to_own,
            sender: &friend.keys.signing,
            own: &own,
            day: keys.day,
            last_counter: friend.last_counter,
        };
        if let Ok(opened) = envelope::open(&envelope, &incoming) {
            friend.last_counter = opened.counter;
            return opened;
        }
    }
}

fn terms(secrets: &DeviceSecrets, friend: &Friend) -> Terms {
    Terms {
        own: secrets.device_id(),
        peer: friend.keys.device_id(),
        versions: Versions::supported(),
        policy: CandidatePolicy::EVERYTHING,
    }
}

fn connection_config() -> ConnectionConfig {
    let bind = peer::addresses(AddressScope::NetworkAndLoopback).expect("this machine's addresses");
    ConnectionConfig {
        bind: bind
            .into_iter()
            .filter(std::net::IpAddr::is_loopback)
            .collect(),
        ..ConnectionConfig::default()
    }
}

fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Day::of_unix_seconds(since.expect("after 1970").as_secs())
}

/// Runs `work` for at most `time`.
pub(super) async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    timeout(time, work).await.ok()
}

/// How far apart an offer that crossed a hello and the next one may arrive.
const CROSSING_TIME: Duration = Duration::from_millis(500);
