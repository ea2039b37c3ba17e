use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use model::{Day, DeviceId, DeviceSecrets, Digest, DirectionKeys, PairChain, PairSecret, Purpose};
use signaling_proto::message::{
    ClientToServer, MailboxProof, PostOutcome, ServerRefusal, ServerToClient, SubscribeOutcome,
    VERSION, authentication_message, subscription_message,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// A device that speaks the protocol by hand.
pub(crate) struct Device<S = TcpStream> {
    pub(crate) socket: WebSocketStream<S>,
    nonce: [u8; 32],
}

impl Device {
    /// Opens a socket and hears the challenge.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Error> {
        Self::connect_from(address, None).await
    }

    /// The same, with an `X-Forwarded-For` header.
    pub(crate) async fn connect_from(
        address: SocketAddr,
        forwarded: Option<&'static str>,
    ) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut request = format!("ws://{address}/ws").into_client_request()?;
        if let Some(forwarded) = forwarded {
            let value = HeaderValue::from_static(forwarded);
            request.headers_mut().insert("x-forwarded-for", value);
        }
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self::challenged(socket).await)
    }

    /// Opens a socket and authenticates as device `number`.
    pub(crate) async fn join(address: SocketAddr, number: u8) -> Self {
        let mut device = Self::connect(address).await.unwrap();
        device.authenticate(number, 1).await;
        device
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Device<S> {
    pub(crate) async fn challenged(socket: WebSocketStream<S>) -> Self {
        let nonce = [0; 32];
        let mut device = Self { socket, nonce };
        let Some(ServerToClient::Challenge { nonce, .. }) = device.hear().await else {
            panic!("a challenge comes first")
        };
        device.nonce = nonce;
        device
    }

    pub(crate) async fn authenticate(&mut self, number: u8, epoch: u64) {
        let secrets = DeviceSecrets::from_bytes(&[number; 64]);
        let signed = authentication_message(&self.nonce, epoch);
        self.say(&ClientToServer::Authenticate {
            version: VERSION,
            account: secrets.public().signing,
            epoch,
            signature: secrets.sign(Purpose::SignalingChallenge, &signed),
        })
        .await;
        let welcome = self.hear().await;
        assert!(
            matches!(welcome, Some(ServerToClient::Welcome(_))),
            "{welcome:?}"
        );
    }

    pub(crate) async fn say(&mut self, message: &ClientToServer) {
        self.say_bytes(message.encode()).await.unwrap();
    }

    pub(crate) async fn say_bytes(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.socket.send(Message::Binary(bytes.into())).await
    }

    /// The next message of the server, or `None` when it closed the socket.
    pub(crate) async fn hear(&mut self) -> Option<ServerToClient> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Binary(bytes)) => return Some(ServerToClient::decode(&bytes).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Why the server closes the socket; whatever it says before is skipped.
    pub(crate) async fn refusal(&mut self) -> Option<ServerRefusal> {
        while let Some(message) = self.hear().await {
            if let ServerToClient::Refused(refusal) = message {
                return Some(refusal);
            }
        }
        None
    }

    pub(crate) async fn subscribe(&mut self, keys: &DirectionKeys) {
        let signed = subscription_message(&self.nonce, &keys.mailbox());
        let proof = MailboxProof {
            public_key: keys.mailbox_key(),
            signature: keys.sign_subscription(&signed),
            token_hash: Digest::of(&keys.post_token.0),
        };
        let mailboxes = vec![proof];
        self.say(&ClientToServer::Subscribe {
            request: 1,
            mailboxes,
        })
        .await;
        let outcome = SubscribeOutcome::Done;
        assert_eq!(
            self.hear().await,
            Some(ServerToClient::Subscribed {
                request: 1,
                outcome
            })
        );
    }

    pub(crate) async fn post(&mut self, keys: &DirectionKeys, envelope: &[u8]) -> PostOutcome {
        self.say(&post(keys, envelope)).await;
        match self.hear().await {
            Some(ServerToClient::Posted { outcome, .. }) => outcome,
            other => panic!("a post is answered: {other:?}"),
        }
    }

    pub(crate) async fn envelope(&mut self) -> Vec<u8> {
        match self.hear().await {
            Some(ServerToClient::Envelope { envelope, .. }) => envelope,
            other => panic!("an envelope arrives: {other:?}"),
        }
    }
}

pub(crate) fn post(keys: &DirectionKeys, envelope: &[u8]) -> ClientToServer {
    ClientToServer::Post {
        request: 2,
        mailbox: keys.mailbox(),
        token: keys.post_token,
        lifetime_s: 60,
        envelope: envelope.to_vec(),
    }
}

pub(crate) fn direction(number: u8) -> DirectionKeys {
    let day = Day(20_460);
    let chain = PairChain::start(&PairSecret([number; 32]), day);
    let keys = chain.keys(day, &DeviceId([1; 32]), &DeviceId([2; 32]));
    keys.unwrap().to_own
}
