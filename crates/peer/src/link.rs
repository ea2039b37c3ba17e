//! What a connection consists of, whichever engine is behind it.

use std::sync::Arc;

use model::{Description, DtlsFingerprint, PathKind};

use crate::channel::{Channel, Counters};
use crate::config::{ConnectionConfig, Engine};
use crate::connection::ConnectError;
use crate::own::OwnLink;
use crate::progress::{CloseReason, Progress};
use crate::stock::StockLink;

/// A connection from its first step to its end. Dropping it ends everything at once.
pub(crate) struct Link {
    pub(crate) control: Channel,
    pub(crate) bulk: Channel,
    pub(crate) progress: Arc<Progress>,
    pub(crate) counters: Arc<Counters>,
    core: Core,
}

enum Core {
    Stock(StockLink),
    Own(OwnLink),
}

/// What both channels of a connection share, until they exist.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) progress: Arc<Progress>,
    pub(crate) counters: Arc<Counters>,
}

impl Link {
    pub(crate) async fn offer(
        config: &ConnectionConfig,
    ) -> Result<(Self, Description), ConnectError> {
        let shared = Shared::new(config);
        match config.engine {
            Engine::Stock => {
                let (stock, own) = StockLink::offer(config, &shared).await?;
                Ok((Self::of_stock(stock, shared), own))
            }
            Engine::Own => {
                let (link, own) = OwnLink::open(config, &shared, None).await?;
                Ok((Self::of_own(link, shared), own))
            }
        }
    }

    pub(crate) async fn answer(
        config: &ConnectionConfig,
        offer: &Description,
    ) -> Result<(Self, Description), ConnectError> {
        let shared = Shared::new(config);
        match config.engine {
            Engine::Stock => {
                let (stock, own) = StockLink::answer(config, &shared, offer).await?;
                Ok((Self::of_stock(stock, shared), own))
            }
            Engine::Own => {
                let (link, own) = OwnLink::open(config, &shared, Some(offer)).await?;
                Ok((Self::of_own(link, shared), own))
            }
        }
    }

    fn of_stock(stock: StockLink, shared: Shared) -> Self {
        Self {
            control: stock.control.clone(),
            bulk: stock.bulk.clone(),
            progress: shared.progress,
            counters: shared.counters,
            core: Core::Stock(stock),
        }
    }

    fn of_own(own: OwnLink, shared: Shared) -> Self {
        Self {
            control: Channel::own(own.control.clone(), &shared),
            bulk: Channel::own(own.bulk.clone(), &shared),
            progress: shared.progress,
            counters: shared.counters,
            core: Core::Own(own),
        }
    }

    pub(crate) async fn accept_answer(
        &self,
        own: &Description,
        answer: &Description,
    ) -> Result<(), ConnectError> {
        match &self.core {
            Core::Stock(stock) => stock.accept_answer(own, answer).await,
            Core::Own(link) => link.accept_answer(answer).await,
        }
    }

    /// Waits until both channels can be used.
    pub(crate) async fn opened(&self) -> Result<(), CloseReason> {
        match &self.core {
            Core::Stock(stock) => stock.opened().await,
            Core::Own(_) => self.progress.established().await,
        }
    }

    /// The certificate that the peer has shown.
    pub(crate) async fn presented_fingerprint(&self) -> Result<DtlsFingerprint, ConnectError> {
        match &self.core {
            Core::Stock(stock) => stock.presented_fingerprint().await,
            Core::Own(link) => link.presented_fingerprint(),
        }
    }

    /// The route between the chosen candidates.
    pub(crate) async fn path(&self) -> Result<PathKind, ConnectError> {
        match &self.core {
            Core::Stock(stock) => stock.path().await,
            Core::Own(link) => link.path(),
        }
    }

    /// Says goodbye and ends every task.
    pub(crate) async fn close(&self) {
        match &self.core {
            Core::Stock(stock) => stock.close().await,
            Core::Own(link) => link.close().await,
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.progress.end(CloseReason::Closed);
    }
}

impl Shared {
    fn new(config: &ConnectionConfig) -> Self {
        Self {
            progress: Arc::default(),
            counters: Arc::new(Counters::new(config.session_bytes)),
        }
    }
}
