//! What connectors and sessions would do, played: who is at both ends of a session, and when they notice.

use model::sdp::{self, SdpKind};
use model::{Candidate, CandidateKind, Description, DtlsFingerprint, DtlsRole, TransferId};
use peer::ConnectError;

use super::super::super::*;
use super::super::device::Progress;
use super::{AtDevice, DEVICES, World};
use crate::session::SessionHandle;

impl World {
    /// Begins what connectors would begin, and notices sessions that have lost their other end.
    pub(super) fn look_around(&mut self) {
        let now = self.now;
        for device in 0..DEVICES {
            if self.devices[device].process.is_none() {
                continue;
            }
            let effects = self.process(device).say(None, now);
            self.device_does(device, effects);
            for peer in (0..DEVICES).filter(|&peer| peer != device) {
                let contact = self.devices[device].contact(peer);
                if let Some((session, gathers)) = self.process(device).next_work(contact) {
                    let pause = self.seed.within(1..80);
                    let until = now + PATH_TIME;
                    self.at_device(
                        pause,
                        device,
                        match gathers {
                            true => AtDevice::Described { peer, session },
                            false => AtDevice::Connects {
                                peer,
                                session,
                                until,
                            },
                        },
                    );
                }
                self.notice_loss(device, peer);
            }
        }
    }

    /// Whether the answer to the offer of a device arrived.
    pub(super) fn is_answered(&mut self, device: usize, peer: usize) -> bool {
        let contact = self.devices[device].contact(peer);
        let attempt = self.process(device).hub.meetings.attempt(contact);
        let session = attempt.map(|attempt| attempt.session);
        session.is_some_and(|it| self.progress(device, peer, it) == Progress::Negotiated)
    }

    pub(super) fn notice_loss(&mut self, device: usize, peer: usize) {
        let contact = self.devices[device].contact(peer);
        let Some(session) = self.process(device).session_of(contact) else {
            return;
        };
        let is_established = self.progress(device, peer, session) == Progress::Established;
        let has_peer = self.progress(peer, device, session) >= Progress::Connected;
        if is_established && !has_peer && self.ending.insert((device, session)) {
            let pause = match self.devices[peer].process {
                // It said goodbye.
                Some(_) if self.seed.chance(80) => 20,
                Some(_) | None => 25_000,
            };
            self.at_device(pause, device, AtDevice::SessionOver { peer, session });
        }
    }

    pub(super) fn described(&mut self, device: usize, peer: usize, session: SessionId) {
        let contact = self.devices[device].contact(peer);
        let hub = &mut self.process(device).hub;
        let stage = hub.meetings.attempt(contact).map(|it| it.is_ours());
        let (role, kind) = match stage {
            Some(true) => (DtlsRole::ActPass, SdpKind::Offer),
            Some(false) | None => (DtlsRole::Active, SdpKind::Answer),
        };
        let answer = (stage == Some(true)).then(|| oneshot::channel().0);
        let told = MeetingReport::Described {
            first: sdp::render(&description(role), kind),
            second: None,
            answer,
        };
        hub.meeting_report(contact, session, told);
    }

    pub(super) fn connects(
        &mut self,
        device: usize,
        peer: usize,
        session: SessionId,
        until: Instant,
    ) {
        let contact = self.devices[device].contact(peer);
        if self.progress(device, peer, session) != Progress::Negotiated {
            return;
        }
        if self.progress(peer, device, session) >= Progress::Negotiated {
            self.process(device).connect(contact, session);
            let until = self.now + HANDSHAKE_TIME;
            self.at_device(
                10,
                device,
                AtDevice::Handshake {
                    peer,
                    session,
                    until,
                },
            );
        } else if self.now < until {
            self.at_device(
                50,
                device,
                AtDevice::Connects {
                    peer,
                    session,
                    until,
                },
            );
        } else {
            let failed = MeetingReport::Failed(ConnectError::IceTimedOut);
            self.process(device)
                .hub
                .meeting_report(contact, session, failed);
        }
    }

    pub(super) fn handshake(
        &mut self,
        device: usize,
        peer: usize,
        session: SessionId,
        until: Instant,
    ) {
        if self.progress(device, peer, session) != Progress::Connected {
            return;
        }
        if self.progress(peer, device, session) >= Progress::Connected {
            let (handle, commands) = SessionHandle::to_a_test(session);
            self.process(device).sessions.push(commands);
            self.session_report(device, peer, session, SessionReport::Established { handle });
            for transfer in self.between(device, peer) {
                if self.work[&transfer].1 == device && self.seed.chance(50) {
                    let contact = self.devices[device].contact(peer);
                    self.process(device).begin_to_receive(transfer, contact);
                }
            }
            self.at_device(300, device, AtDevice::Carried { peer, session });
        } else if self.now < until {
            self.at_device(
                50,
                device,
                AtDevice::Handshake {
                    peer,
                    session,
                    until,
                },
            );
        } else {
            let error = session_proto::HandshakeError::TimedOut.into();
            let ended = SessionReport::Ended { error: Some(error) };
            self.session_report(device, peer, session, ended);
        }
    }

    pub(super) fn carried(&mut self, device: usize, peer: usize, session: SessionId) {
        let both = [(device, peer), (peer, device)];
        if both
            .iter()
            .any(|&(own, other)| self.progress(own, other, session) != Progress::Established)
        {
            return;
        }
        for transfer in self.between(device, peer) {
            let (from, to) = self.work[&transfer];
            self.process(from).hub.drop_send(transfer);
            self.process(to).end_receiving(transfer);
            self.work.remove(&transfer);
        }
    }

    pub(super) fn session_report(
        &mut self,
        device: usize,
        peer: usize,
        session: SessionId,
        report: SessionReport,
    ) {
        let contact = self.devices[device].contact(peer);
        self.process(device)
            .hub
            .session_report(contact, session, report);
    }

    pub(super) fn progress(&self, device: usize, peer: usize, session: SessionId) -> Progress {
        let contact = self.devices[device].contact(peer);
        let process = self.devices[device].process.as_ref();
        process.map_or(Progress::None, |process| process.progress(contact, session))
    }

    pub(super) fn between(&self, one: usize, other: usize) -> Vec<TransferId> {
        let both = |pair: &(usize, usize)| *pair == (one, other) || *pair == (other, one);
        let work = self.work.iter().filter(|(_, pair)| both(pair));
        work.map(|(&transfer, _)| transfer).collect()
    }
}

fn description(role: DtlsRole) -> Description {
    Description {
        ice_ufrag: "abcdefgh".into(),
        ice_pwd: "abcdefghijklmnopqrstuvwx".into(),
        fingerprint: DtlsFingerprint([7; 32]),
        dtls_role: role,
        candidates: vec![Candidate {
            kind: CandidateKind::Host,
            address: ([127, 0, 0, 1], 9).into(),
            priority: 1,
        }],
    }
}

/// What a connector gives two descriptions to find a path, and a session a first handshake.
const PATH_TIME: Duration = Duration::from_secs(30);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
