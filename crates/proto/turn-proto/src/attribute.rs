//! The attributes that TURN adds to STUN (RFC 8656 §18), and how addresses are written.

use std::net::SocketAddr;

use stun_types::attribute::{
    AttributeFromRaw, AttributeStaticType, AttributeType, AttributeWrite, RawAttribute,
    XorMappedAddress,
};
use stun_types::message::{Message, TransactionId};

use crate::Family;

pub(crate) const CHANNEL_NUMBER: AttributeType = AttributeType::new(0x000c);
pub(crate) const LIFETIME: AttributeType = AttributeType::new(0x000d);
pub(crate) const XOR_PEER_ADDRESS: AttributeType = AttributeType::new(0x0012);
pub(crate) const DATA: AttributeType = AttributeType::new(0x0013);
pub(crate) const XOR_RELAYED_ADDRESS: AttributeType = AttributeType::new(0x0016);
pub(crate) const REQUESTED_ADDRESS_FAMILY: AttributeType = AttributeType::new(0x0017);
pub(crate) const EVEN_PORT: AttributeType = AttributeType::new(0x0018);
pub(crate) const REQUESTED_TRANSPORT: AttributeType = AttributeType::new(0x0019);
pub(crate) const RESERVATION_TOKEN: AttributeType = AttributeType::new(0x0022);

/// UDP, the one protocol that is relayed.
pub(crate) const UDP: u8 = 17;

/// Reads an XORed address attribute of any kind.
pub(crate) fn address(message: &Message<'_>, kind: AttributeType) -> Option<SocketAddr> {
    read_address(&message.raw_attribute(kind)?, message.transaction_id())
}

/// Reads all addresses of one kind.
pub(crate) fn addresses(message: &Message<'_>, kind: AttributeType) -> Vec<Option<SocketAddr>> {
    let transaction = message.transaction_id();
    message
        .iter_attributes()
        .filter(|(_, attribute)| attribute.header.get_type() == kind)
        .map(|(_, attribute)| read_address(&attribute, transaction))
        .collect()
}

/// What an XORed address attribute holds.
pub(crate) fn address_value(address: SocketAddr, transaction: TransactionId) -> Vec<u8> {
    let attribute = XorMappedAddress::new(address, transaction);
    attribute.to_raw().value.to_vec()
}

/// Reads a number of four bytes.
pub(crate) fn number(message: &Message<'_>, kind: AttributeType) -> Option<u32> {
    let attribute = message.raw_attribute(kind)?;
    Some(u32::from_be_bytes((*attribute.value).try_into().ok()?))
}

/// What a family attribute holds, and a transport attribute as well: one byte and three that are nothing.
pub(crate) fn byte_value(byte: u8) -> [u8; 4] {
    [byte, 0, 0, 0]
}

/// The number of a family (RFC 8656 §18.8).
pub(crate) fn family_number(family: Family) -> u8 {
    match family {
        Family::V4 => 1,
        Family::V6 => 2,
    }
}

fn read_address(attribute: &RawAttribute<'_>, transaction: TransactionId) -> Option<SocketAddr> {
    let as_mapped = RawAttribute::new(XorMappedAddress::TYPE, &attribute.value);
    let address = XorMappedAddress::from_raw_ref(&as_mapped).ok()?;
    Some(address.addr(transaction))
}
