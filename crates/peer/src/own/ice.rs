//! The search for a path, on the sans-IO agent of `rtc-ice`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use model::{Candidate, CandidateKind, Description, limits};
use rtc_ice::agent::agent_config::AgentConfig;
use rtc_ice::agent::{Agent, Event};
use rtc_ice::candidate::CandidateConfig;
use rtc_ice::candidate::candidate_host::CandidateHostConfig;
use rtc_ice::candidate::candidate_relay::CandidateRelayConfig;
use rtc_ice::candidate::candidate_server_reflexive::CandidateServerReflexiveConfig;
use rtc_ice::crypto::RTCCryptoProvider;
use rtc_ice::mdns::MulticastDnsMode;
use rtc_ice::state::ConnectionState;
use rtc_shared::error::Error;
use rtc_shared::{TransportContext, TransportMessage, TransportProtocol};
use sansio::Protocol as _;

use crate::config::{CHECK_INTERVAL, CHECKS_PER_PAIR, CONSENT_INTERVAL, SILENCE_TIME};

/// The agent of one connection.
pub(super) struct Ice {
    agent: Agent,
}

/// What the agent found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// Data travel between these from now on.
    Path {
        local: SocketAddr,
        remote: SocketAddr,
    },
    /// The peer has been silent for too long.
    Lost,
}

impl Ice {
    /// Begins with the addresses that sockets are bound to.
    pub(super) fn new(
        locals: impl Iterator<Item = SocketAddr>,
        provider: Arc<dyn RTCCryptoProvider>,
        now: Instant,
    ) -> Result<Self, Error> {
        let config = AgentConfig {
            multicast_dns_mode: MulticastDnsMode::Disabled,
            disconnected_timeout: Some(SILENCE_TIME),
            failed_timeout: Some(limits::ICE_TIME.saturating_sub(SILENCE_TIME)),
            keepalive_interval: Some(CONSENT_INTERVAL),
            check_interval: CHECK_INTERVAL,
            max_binding_requests: Some(CHECKS_PER_PAIR),
            host_acceptance_min_wait: Some(Duration::ZERO),
            srflx_acceptance_min_wait: Some(Duration::ZERO),
            prflx_acceptance_min_wait: Some(Duration::ZERO),
            relay_acceptance_min_wait: Some(Duration::ZERO),
            ..AgentConfig::default()
        };
        let mut agent = Agent::new(now, Arc::new(config), provider)?;
        for local in locals {
            let host = CandidateHostConfig {
                base_config: base(local, 0),
                ..CandidateHostConfig::default()
            };
            agent.add_local_candidate(host.new_candidate_host()?)?;
        }
        Ok(Self { agent })
    }

    /// The user name fragment and the password.
    pub(super) fn credentials(&self) -> (String, String) {
        let credentials = self.agent.get_local_credentials();
        (credentials.ufrag.clone(), credentials.pwd.clone())
    }

    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let locals = self.agent.get_local_candidates().iter();
        locals
            .map(|local| Candidate {
                kind: CandidateKind::Host,
                address: local.addr(),
                priority: local.priority(),
            })
            .collect()
    }

    /// Begins to check paths to the peer.
    pub(super) fn begin(
        &mut self,
        peer: &Description,
        is_controlling: bool,
        now: Instant,
    ) -> Result<(), Error> {
        for candidate in &peer.candidates {
            self.agent.add_remote_candidate(remote(candidate)?)?;
        }
        let (name, password) = (peer.ice_ufrag.clone(), peer.ice_pwd.clone());
        self.agent
            .start_connectivity_checks(now, is_controlling, name, password)
    }

    /// Reads a STUN message; what is forged or broken says nothing.
    pub(super) fn read(
        &mut self,
        local: SocketAddr,
        remote: SocketAddr,
        bytes: &[u8],
        now: Instant,
    ) {
        let message = TransportMessage {
            now,
            transport: context(local, remote),
            message: BytesMut::from(bytes),
        };
        self.agent.handle_read(message).ok();
    }

    /// Notes that something other than STUN came from `remote`: it lives.
    pub(super) fn note_life(&mut self, local: SocketAddr, remote: SocketAddr, now: Instant) {
        self.agent
            .is_valid_non_stun_traffic(now, context(local, remote));
    }

    /// The next message to send, from where to where.
    pub(super) fn poll_transmit(&mut self) -> Option<(SocketAddr, SocketAddr, BytesMut)> {
        let transmit = self.agent.poll_write()?;
        let transport = transmit.transport;
        Some((transport.local_addr, transport.peer_addr, transmit.message))
    }

    pub(super) fn poll_finding(&mut self) -> Option<Finding> {
        loop {
            match self.agent.poll_event()?.event {
                Event::SelectedCandidatePairChange(local, remote) => {
                    return Some(Finding::Path {
                        local: local.base_addr(),
                        remote: remote.addr(),
                    });
                }
                Event::ConnectionStateChange(
                    ConnectionState::Disconnected | ConnectionState::Failed,
                ) => return Some(Finding::Lost),
                Event::ConnectionStateChange(_) | Event::RoleChange(_) | _ => {}
            }
        }
    }

    pub(super) fn deadline(&mut self) -> Option<Instant> {
        self.agent.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        // It reports what mDNS has to say, which is off.
        self.agent.handle_timeout(now).ok();
    }
}

fn base(address: SocketAddr, priority: u32) -> CandidateConfig {
    CandidateConfig {
        network: "udp".to_owned(),
        address: address.ip().to_string(),
        port: address.port(),
        component: 1,
        priority,
        ..CandidateConfig::default()
    }
}

fn remote(candidate: &Candidate) -> Result<rtc_ice::candidate::Candidate, Error> {
    let base_config = base(candidate.address, candidate.priority);
    match candidate.kind {
        CandidateKind::Host => CandidateHostConfig {
            base_config,
            ..CandidateHostConfig::default()
        }
        .new_candidate_host(),
        CandidateKind::ServerReflexive => CandidateServerReflexiveConfig {
            base_config,
            ..CandidateServerReflexiveConfig::default()
        }
        .new_candidate_server_reflexive(),
        CandidateKind::Relayed => CandidateRelayConfig {
            base_config,
            ..CandidateRelayConfig::default()
        }
        .new_candidate_relay(),
    }
}

fn context(local: SocketAddr, remote: SocketAddr) -> TransportContext {
    TransportContext {
        local_addr: local,
        peer_addr: remote,
        transport_protocol: TransportProtocol::UDP,
        ecn: None,
    }
}
