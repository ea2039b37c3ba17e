//! INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3).

use bytes::{Buf, Bytes};

use super::tlv::{need, pad, parameter, put_parameter, u16_at, u32_at, wire_length};
use super::{WireError, chunk};
use crate::limits;

/// What one side says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// The tag that packets to it must carry; never 0.
    pub tag: u32,
    /// How much it takes before the first SACK.
    pub window: u32,
    /// How many streams it wants to send on; never 0.
    pub outbound_streams: u16,
    /// How many it lets the peer send on; never 0.
    pub inbound_streams: u16,
    /// The TSN that its first piece will have.
    pub first_tsn: u32,
    /// Extensions that it understands.
    pub features: Features,
    /// The largest packet that its DTLS hands up, if it says so; only ours does.
    pub packet_bytes: Option<u32>,
    /// Parameters that must be reported back as not understood, each with its header.
    pub unrecognized: Vec<Bytes>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitAck {
    /// The other side about itself.
    pub init: Init,
    /// To be echoed.
    pub cookie: Bytes,
}

/// Extensions (RFC 3758 §3.3.1, RFC 6525 and RFC 8260 by way of RFC 5061 §4.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// FORWARD-TSN is understood.
    pub partial_reliability: bool,
    /// Streams can be reset.
    pub stream_reset: bool,
    /// I-DATA is understood.
    pub interleaving: bool,
}

impl Init {
    pub(crate) fn decode(value: Bytes) -> Result<Self, WireError> {
        Self::decode_with_cookie(value).map(|(init, _)| init)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.tag.to_be_bytes());
        out.extend_from_slice(&self.window.to_be_bytes());
        out.extend_from_slice(&self.outbound_streams.to_be_bytes());
        out.extend_from_slice(&self.inbound_streams.to_be_bytes());
        out.extend_from_slice(&self.first_tsn.to_be_bytes());
        self.features.put(out);
        if let Some(bytes) = self.packet_bytes {
            put_parameter(out, PACKET_BYTES, &bytes.to_be_bytes());
        }
        for whole in &self.unrecognized {
            put_parameter(out, UNRECOGNIZED, whole);
        }
    }

    fn decode_with_cookie(mut value: Bytes) -> Result<(Self, Option<Bytes>), WireError> {
        need(&value, FIXED_BYTES)?;
        let mut init = Self {
            tag: u32_at(&value, 0),
            window: u32_at(&value, 4),
            outbound_streams: u16_at(&value, 8),
            inbound_streams: u16_at(&value, 10),
            first_tsn: u32_at(&value, 12),
            features: Features::default(),
            packet_bytes: None,
            unrecognized: Vec::new(),
        };
        if init.tag == 0 || init.outbound_streams == 0 || init.inbound_streams == 0 {
            return Err(WireError::Value);
        }
        value.advance(FIXED_BYTES);
        let mut cookie = None;
        while let Some((kind, body)) = parameter(&mut value)? {
            match kind {
                COOKIE => cookie = Some(body),
                FORWARD_TSN_SUPPORTED => init.features.partial_reliability = true,
                SUPPORTED_EXTENSIONS => init.features.note_extensions(&body),
                PACKET_BYTES => {
                    init.packet_bytes = body.first_chunk().map(|it| u32::from_be_bytes(*it))
                }
                UNRECOGNIZED => {}
                _ if is_known(kind) => {}
                _ => {
                    if kind & REPORT != 0 && init.unrecognized.len() < MOST_UNRECOGNIZED {
                        init.unrecognized.push(whole_parameter(kind, &body));
                    }
                    if kind & GO_ON == 0 {
                        break;
                    }
                }
            }
        }
        Ok((init, cookie))
    }
}

impl InitAck {
    pub(crate) fn decode(value: Bytes) -> Result<Self, WireError> {
        let (init, cookie) = Init::decode_with_cookie(value)?;
        let cookie = cookie.ok_or(WireError::Value)?;
        if cookie.is_empty() || cookie.len() > limits::COOKIE_BYTES {
            return Err(WireError::TooLong);
        }
        Ok(Self { init, cookie })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        self.init.encode(out);
        put_parameter(out, COOKIE, &self.cookie);
    }
}

impl Features {
    /// What both sides understand.
    pub fn both(self, other: Self) -> Self {
        Self {
            partial_reliability: self.partial_reliability && other.partial_reliability,
            stream_reset: self.stream_reset && other.stream_reset,
            interleaving: self.interleaving && other.interleaving,
        }
    }

    fn note_extensions(&mut self, kinds: &[u8]) {
        self.partial_reliability |= kinds.contains(&chunk::FORWARD_TSN);
        self.stream_reset |= kinds.contains(&chunk::RE_CONFIG);
        self.interleaving |= kinds.contains(&chunk::I_DATA);
    }

    fn put(self, out: &mut Vec<u8>) {
        let mut kinds = Vec::new();
        if self.partial_reliability {
            put_parameter(out, FORWARD_TSN_SUPPORTED, &[]);
            kinds.push(chunk::FORWARD_TSN);
        }
        if self.stream_reset {
            kinds.push(chunk::RE_CONFIG);
        }
        if self.interleaving {
            kinds.push(chunk::I_DATA);
            if self.partial_reliability {
                kinds.push(chunk::I_FORWARD_TSN);
            }
        }
        if !kinds.is_empty() {
            put_parameter(out, SUPPORTED_EXTENSIONS, &kinds);
        }
    }
}

fn whole_parameter(kind: u16, body: &[u8]) -> Bytes {
    let mut whole = Vec::with_capacity(4 + body.len());
    let kept = &body[..body.len().min(MOST_REPORTED_BYTES)];
    whole.extend_from_slice(&kind.to_be_bytes());
    whole.extend_from_slice(&wire_length(4 + kept.len()).to_be_bytes());
    whole.extend_from_slice(kept);
    pad(&mut whole, kept.len());
    whole.into()
}

/// Parameters with a meaning that has none here: addresses, host names, life span, ECN, adaptation,
/// authentication (RFC 9260 §3.3.2.1, RFC 4895, RFC 5061).
fn is_known(kind: u16) -> bool {
    matches!(
        kind,
        5 | 6 | 9 | 11 | 12 | 0x8000 | 0x8002 | 0x8003 | 0x8004 | 0xC006
    )
}

const FIXED_BYTES: usize = 16;
const COOKIE: u16 = 7;
const UNRECOGNIZED: u16 = 8;
const SUPPORTED_EXTENSIONS: u16 = 0x8008;
const FORWARD_TSN_SUPPORTED: u16 = 0xC000;
/// Ours. Its first bits say that whoever does not know it passes over it and says nothing (RFC 9260 §3.2.1).
const PACKET_BYTES: u16 = 0xA057;
/// The bits of an unknown parameter's kind (RFC 9260 §3.2.1).
const REPORT: u16 = 0x4000;
const GO_ON: u16 = 0x8000;
const MOST_UNRECOGNIZED: usize = 4;
const MOST_REPORTED_BYTES: usize = 64;
