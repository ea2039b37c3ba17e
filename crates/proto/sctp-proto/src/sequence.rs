//! Serial numbers (RFC 9260 §1.6, RFC 1982), widened so that the rest can simply compare.

/// Widens the low 32 bits of a position that lies within 2³¹ of `reference`.
pub(crate) fn widen(reference: u64, low: u32) -> u64 {
    let distance = low.wrapping_sub(narrow(reference)).cast_signed();
    reference.wrapping_add_signed(i64::from(distance))
}

/// Widens the low 16 bits of a position that lies within 2¹⁵ of `reference`.
pub(crate) fn widen16(reference: u64, low: u16) -> u64 {
    let distance = low.wrapping_sub(narrow16(reference)).cast_signed();
    reference.wrapping_add_signed(i64::from(distance))
}

/// The low 32 bits, as they go over the wire.
pub(crate) fn narrow(position: u64) -> u32 {
    u32::try_from(position & 0xFFFF_FFFF).expect("32 bits")
}

/// The low 16 bits, as they go over the wire.
pub(crate) fn narrow16(position: u64) -> u16 {
    u16::try_from(position & 0xFFFF).expect("16 bits")
}

/// Where counting starts: far enough from zero that one never falls below it.
pub(crate) const ORIGIN: u64 = 1 << 40;

/// Widens a first number, which has no reference.
pub(crate) fn begin(low: u32) -> u64 {
    ORIGIN + u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_position_survives_the_wire_if_it_is_near(reference in ORIGIN..u64::MAX / 2, distance in -0x7FFF_i64..0x7FFF) {
            let position = reference.wrapping_add_signed(distance);
            prop_assert_eq!(widen(reference, narrow(position)), position);
            prop_assert_eq!(widen16(reference, narrow16(position)), position);
        }
    }
}
