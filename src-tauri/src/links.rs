use std::path::PathBuf;

use tauri::{AppHandle, Manager as _, Url};

use crate::picks::Picks;
use crate::teller::{ShellEvent, Teller, Told};
use crate::window;

/// Takes what the system handed over: links fill in a form, files wait for somebody to be sent to. Neither
/// does anything by itself.
pub(crate) fn take(app: &AppHandle, handed: &[String], folder: &std::path::Path) {
    let (links, files): (Vec<&String>, Vec<&String>) =
        handed.iter().partition(|text| is_link(text));
    let teller = Teller::new(app.clone());
    for text in links.into_iter().filter(|text| text.len() <= LINK_BYTES) {
        teller.tell(Told::Shell(ShellEvent::Link { text: text.clone() }));
    }
    let paths: Vec<PathBuf> = files
        .into_iter()
        .filter_map(|text| path(text, folder))
        .take(FILES)
        .collect();
    if let Some(picked) = app.state::<Picks>().keep(paths) {
        teller.tell(Told::Shell(ShellEvent::Files { picked }));
    }
    window::show(app);
}

fn is_link(text: &str) -> bool {
    let scheme = text.get(..SCHEME.len());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

/// A file as file managers name it (`file:///…`) or as a person types it.
fn path(text: &str, folder: &std::path::Path) -> Option<PathBuf> {
    if let Ok(url) = Url::parse(text)
        && url.scheme() == "file"
    {
        return url.to_file_path().ok();
    }
    (!text.is_empty() && !text.starts_with('-')).then(|| folder.join(text))
}

const SCHEME: &str = "wherry:";
/// As long as the engine reads a link.
const LINK_BYTES: usize = 512;
/// As many as a file manager selects at once.
const FILES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_files_are_told_apart() {
        assert!(is_link("wherry://pair#v=1"));
        assert!(is_link("WHERRY:x"));
        for file in ["wherry", "file:///wherry:", "/a/wherry:b", "", "wé"] {
            assert!(!is_link(file), "{file}");
        }
    }

    #[test]
    fn files_are_named_by_url_or_path() {
        let here = std::path::Path::new("/here");
        let path = |text| path(text, here);
        assert_eq!(path("file:///a/b%20%C3%A9"), Some("/a/b é".into()));
        assert_eq!(path("c.txt"), Some("/here/c.txt".into()));
        assert_eq!(path("/d"), Some("/d".into()));
        assert_eq!(path("--help"), None);
    }
}
