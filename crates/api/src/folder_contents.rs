//! What lies in a shared folder, and the two sides of a conflict.

use model::DisplayName;
use serde::{Deserialize, Serialize};

/// A file or a folder inside a shared folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FolderFileView {
    /// Below the shared folder, with `/` between names and escaped for people; never a place on a disk.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Its size; of one that is to come, what it will be.
    pub bytes: u64,
    /// Where it stands.
    pub state: FolderFileState,
}

/// Where a file of a shared folder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FolderFileState {
    /// As others have it, as far as this device knows.
    Here,
    /// Others hold it, or a better version of it.
    Coming,
    /// Others deleted it, and it is not gone here yet.
    Going,
    /// It was changed here, and others do not take that.
    StaysHere,
}

/// One of the two versions of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConflictSide {
    /// Who made it, as the folder calls the device.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub by: Option<DisplayName>,
    /// Whether that was this device.
    pub this: bool,
    /// When its content was last changed, in milliseconds since 1970; `None` of what is no file.
    pub modified_ms: Option<u64>,
    /// Its size; `None` of what is no file.
    pub bytes: Option<u64>,
}

/// As much of a file as a person needs to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "content")]
pub enum ContentView {
    /// A text.
    Text {
        /// Its beginning, at most [`PREVIEW_TEXT_BYTES`].
        text: String,
        /// Whether there is more.
        cut: bool,
    },
    /// A picture of at most [`PREVIEW_IMAGE_BYTES`].
    Image {
        /// Its media type.
        media: String,
        /// Its bytes in base 64.
        data: String,
    },
    /// Something that is not shown: too large, or neither a text nor a picture.
    Unshown,
    /// There is no file, or none that can be read.
    Nothing,
}

/// So much of a text is shown: some thousand lines.
pub const PREVIEW_TEXT_BYTES: u32 = 64 * 1024;
/// The largest picture that is shown.
pub const PREVIEW_IMAGE_BYTES: u32 = 1024 * 1024;
