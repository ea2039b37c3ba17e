//! What is in a file, as far as a person needs it to decide.

use std::io;

use api::{ContentView, PREVIEW_IMAGE_BYTES, PREVIEW_TEXT_BYTES};
use data_encoding::BASE64;
use sync_proto::FolderPath;

use super::{Disk, rel};

impl Disk {
    pub(super) fn preview(&self, path: &FolderPath) -> ContentView {
        self.try_preview(path).unwrap_or(ContentView::Nothing)
    }

    fn try_preview(&self, path: &FolderPath) -> io::Result<ContentView> {
        let file = self.shared.open_file(&rel(path))?;
        let start = file.read(0, PREVIEW_TEXT_BYTES)?;
        let size = file.stat()?.size_bytes;
        let Some(media) = media_of(&start) else {
            return Ok(text_of(start, size));
        };
        if size > u64::from(PREVIEW_IMAGE_BYTES) {
            return Ok(ContentView::Unshown);
        }
        let bytes = file.read(0, PREVIEW_IMAGE_BYTES)?;
        Ok(ContentView::Image {
            media: media.to_owned(),
            data: BASE64.encode(&bytes),
        })
    }
}

/// The media type of a picture that pages draw and that holds no instructions, by how it begins.
fn media_of(start: &[u8]) -> Option<&'static str> {
    let is_webp = start.len() >= 12 && start.starts_with(b"RIFF") && &start[8..12] == b"WEBP";
    let begins: [(bool, &'static str); 4] = [
        (start.starts_with(b"\x89PNG\r\n\x1a\n"), "image/png"),
        (start.starts_with(b"\xff\xd8\xff"), "image/jpeg"),
        (
            start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a"),
            "image/gif",
        ),
        (is_webp, "image/webp"),
    ];
    let found = begins.into_iter().find(|(is_it, _)| *is_it);
    found.map(|(_, media)| media)
}

/// The beginning of a text, if it is one.
fn text_of(mut start: Vec<u8>, size_bytes: u64) -> ContentView {
    let cut = size_bytes > start.len() as u64;
    if let Err(error) = std::str::from_utf8(&start) {
        let whole = error.valid_up_to();
        // The last letter of what was read may go on behind it.
        if !cut || error.error_len().is_some() || start.len() - whole > 3 {
            return ContentView::Unshown;
        }
        start.truncate(whole);
    }
    let is_odd = |byte: &u8| *byte < b' ' && !b"\t\n\r\x0c\x1b".contains(byte);
    match String::from_utf8(start) {
        Ok(text) if !text.as_bytes().iter().any(is_odd) => ContentView::Text { text, cut },
        Ok(_) | Err(_) => ContentView::Unshown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_and_said_to_be_cut_where_it_is() {
        let text = |bytes: &[u8], size| text_of(bytes.to_vec(), size);
        let whole = ContentView::Text {
            text: "für alle\n".into(),
            cut: false,
        };
        assert_eq!(text("für alle\n".as_bytes(), 10), whole);
        let cut = ContentView::Text {
            text: "f".into(),
            cut: true,
        };
        assert_eq!(text(&"fü".as_bytes()[..2], 3), cut);
    }

    #[test]
    fn what_is_no_text_is_not_shown() {
        for bytes in [
            &b"a\0b"[..],
            b"\xff\xfe",
            b"f\xc3",
            b"\x7fELF\x02\x01\x01\0",
        ] {
            let size = bytes.len() as u64;
            assert_eq!(
                text_of(bytes.to_vec(), size),
                ContentView::Unshown,
                "{bytes:?}"
            );
        }
        assert_eq!(text_of(b"ok \xc3(".to_vec(), 100), ContentView::Unshown);
    }

    #[test]
    fn a_picture_is_known_by_how_it_begins_and_one_that_can_hold_scripts_is_none() {
        assert_eq!(media_of(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(
            media_of(b"RIFF\x01\x02\x03\x04WEBPVP8 "),
            Some("image/webp")
        );
        assert_eq!(media_of(b"RIFF\x01\x02\x03\x04WAVE"), None);
        assert_eq!(
            media_of(b"<svg xmlns=\"http://www.w3.org/2000/svg\">"),
            None
        );
    }
}
