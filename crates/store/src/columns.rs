//! How values look in columns.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use model::{Timestamp, wire};

use crate::StoreError;

/// The signed number of the same bits: SQLite has no unsigned 64-bit numbers.
pub(crate) fn integer(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

/// Undoes [`integer`].
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

/// Nanoseconds since 1970; times before 1678 or after 2261 become the nearest that fits.
pub(crate) fn nanoseconds(time: Timestamp) -> i64 {
    let exact = i128::from(time.seconds) * NANOSECONDS + i128::from(time.nanoseconds);
    let nearest = exact.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(nearest).expect("just clamped to the range")
}

/// Undoes [`nanoseconds`].
pub(crate) fn timestamp(nanoseconds: i64) -> Timestamp {
    let second = i64::try_from(NANOSECONDS).expect("a second has 10^9");
    let rest = nanoseconds.rem_euclid(second);
    Timestamp {
        seconds: nanoseconds.div_euclid(second),
        nanoseconds: u32::try_from(rest).expect("less than a second"),
    }
}

/// Paths exactly as the system gave them, whatever their encoding.
pub(crate) fn paths(paths: &[PathBuf]) -> Vec<u8> {
    let raw: Vec<Vec<u8>> = paths.iter().map(|path| path_bytes(path)).collect();
    wire::encode(&raw)
}

/// Undoes [`paths`].
pub(crate) fn read_paths(bytes: &[u8]) -> Result<Vec<PathBuf>, StoreError> {
    let damaged = StoreError::Damaged { what: "a path" };
    let Ok(raw) = wire::decode::<Vec<Vec<u8>>>(bytes, bytes.len()) else {
        return Err(damaged);
    };
    let paths: Option<Vec<PathBuf>> = raw.into_iter().map(path_of_bytes).collect();
    paths.ok_or(damaged)
}

#[cfg(unix)]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
pub(crate) fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(OsString::from_vec(bytes).into())
}

#[cfg(windows)]
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    path.as_os_str()
        .encode_wide()
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[cfg(windows)]
pub(crate) fn path_of_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::windows::ffi::OsStringExt;
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(OsString::from_wide(&units).into())
}

const NANOSECONDS: i128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_times_survive(value: u64, seconds in -9_000_000_000i64..9_000_000_000, nanos in 0u32..1_000_000_000) {
            prop_assert_eq!(unsigned(integer(value)), value);
            let time = Timestamp { seconds, nanoseconds: nanos };
            prop_assert_eq!(timestamp(nanoseconds(time)), time);
        }

        #[test]
        fn times_stay_in_order(a: i64, b: i64) {
            let at = |seconds| nanoseconds(Timestamp { seconds, nanoseconds: 0 });
            prop_assert!(a > b || at(a) <= at(b));
        }

        #[cfg(unix)]
        #[test]
        fn paths_survive_in_any_encoding(raw: Vec<Vec<u8>>) {
            let given: Vec<PathBuf> = raw.into_iter().filter_map(path_of_bytes).collect();
            prop_assert_eq!(read_paths(&paths(&given)).unwrap(), given);
        }

        #[test]
        fn any_bytes_are_read_as_paths_or_refused(bytes: Vec<u8>) {
            if let Ok(read) = read_paths(&bytes) {
                prop_assert!(read.len() <= bytes.len());
            }
        }
    }
}
