//! Bytes to values and back: postcard, with a length limit and nothing left over.
//!
//! Every decoder that faces the network goes through [`decode`].

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes from outside are not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than the limit of its kind.
    #[error("the message is too long")]
    TooLong,
    /// Not the shape of its kind.
    #[error("the message is malformed")]
    Malformed,
    /// Something follows the message.
    #[error("bytes follow the message")]
    TrailingBytes,
}

/// Reads one value that fills `bytes` entirely.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], max_bytes: usize) -> Result<T, WireError> {
    if bytes.len() > max_bytes {
        return Err(WireError::TooLong);
    }
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| WireError::Malformed)?;
    if !rest.is_empty() {
        return Err(WireError::TrailingBytes);
    }
    Ok(value)
}

/// Writes one value.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("writing to memory cannot fail for plain data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_too_long_cut_off_or_followed_by_more() {
        let bytes = encode(&vec![1u32, 2, 3]);
        assert_eq!(decode::<Vec<u32>>(&bytes, 16), Ok(vec![1, 2, 3]));
        assert_eq!(decode::<Vec<u32>>(&bytes, 2), Err(WireError::TooLong));
        let cut = &bytes[..bytes.len() - 1];
        assert_eq!(decode::<Vec<u32>>(cut, 16), Err(WireError::Malformed));
        let more = [bytes, vec![0]].concat();
        assert_eq!(decode::<Vec<u32>>(&more, 16), Err(WireError::TrailingBytes));
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        let lie = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        assert_eq!(decode::<Vec<u64>>(&lie, 64), Err(WireError::Malformed));
    }
}
