//! Resetting streams (RFC 6525).

use bytes::Bytes;

use super::WireError;
use super::tlv::{need, parameter, put_parameter, u16_at, u32_at};

/// A RE-CONFIG chunk: one or two parameters (RFC 6525 §3.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reset {
    /// Asks to reset what the sender sends on.
    pub request: Option<ResetRequest>,
    /// Answers an earlier request.
    pub response: Option<ResetResponse>,
    /// Requests of other kinds, by their number: they are denied.
    pub denied: Option<u32>,
}

/// The sender starts its streams anew (RFC 6525 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetRequest {
    /// The number of the request.
    pub number: u32,
    /// The last request of the peer that was seen.
    pub answered: u32,
    /// The last TSN before the reset: it happens when everything up to it has arrived.
    pub last_tsn: u32,
    /// The streams; none means all.
    pub streams: Vec<u16>,
}

/// An answer (RFC 6525 §4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetResponse {
    /// The request that is answered.
    pub number: u32,
    /// What became of it.
    pub outcome: ResetOutcome,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetOutcome {
    /// There was nothing to do, or it is done.
    Done,
    /// Not done, for the reason with this number.
    Failed(u32),
    /// Not yet: ask again.
    InProgress,
}

impl Reset {
    pub(crate) fn decode(mut value: Bytes) -> Result<Self, WireError> {
        let mut reset = Self::default();
        while let Some((kind, body)) = parameter(&mut value)? {
            match kind {
                OUTGOING => reset.request = Some(ResetRequest::decode(&body)?),
                RESPONSE => reset.response = Some(ResetResponse::decode(&body)?),
                _ => {
                    need(&body, 4)?;
                    reset.denied = Some(u32_at(&body, 0));
                }
            }
        }
        Ok(reset)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(request) = &self.request {
            let mut body = Vec::with_capacity(12 + 2 * request.streams.len());
            for number in [request.number, request.answered, request.last_tsn] {
                body.extend_from_slice(&number.to_be_bytes());
            }
            for stream in &request.streams {
                body.extend_from_slice(&stream.to_be_bytes());
            }
            put_parameter(out, OUTGOING, &body);
        }
        if let Some(response) = self.response {
            let outcome: u32 = match response.outcome {
                ResetOutcome::Done => DONE,
                ResetOutcome::Failed(reason) => reason,
                ResetOutcome::InProgress => IN_PROGRESS,
            };
            let body = [response.number.to_be_bytes(), outcome.to_be_bytes()].concat();
            put_parameter(out, RESPONSE, &body);
        }
    }
}

impl ResetRequest {
    fn decode(body: &[u8]) -> Result<Self, WireError> {
        need(body, 12)?;
        if !(body.len() - 12).is_multiple_of(2) {
            return Err(WireError::Length);
        }
        Ok(Self {
            number: u32_at(body, 0),
            answered: u32_at(body, 4),
            last_tsn: u32_at(body, 8),
            streams: body[12..].chunks_exact(2).map(|it| u16_at(it, 0)).collect(),
        })
    }
}

impl ResetResponse {
    fn decode(body: &[u8]) -> Result<Self, WireError> {
        need(body, 8)?;
        let outcome = match u32_at(body, 4) {
            NOTHING | DONE => ResetOutcome::Done,
            IN_PROGRESS => ResetOutcome::InProgress,
            reason => ResetOutcome::Failed(reason),
        };
        Ok(Self {
            number: u32_at(body, 0),
            outcome,
        })
    }
}

const OUTGOING: u16 = 13;
const RESPONSE: u16 = 16;
const NOTHING: u32 = 0;
const DONE: u32 = 1;
const IN_PROGRESS: u32 = 6;
