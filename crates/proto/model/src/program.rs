//! What a system may run when somebody opens it.

use crate::{Entry, EntryKind};

/// Whether an entry is a program, or lies in one: by its right to be executed, or by its name.
///
/// A name proves nothing about what is in a file; it is what systems go by when a file is opened.
pub fn is_program(entry: &Entry) -> bool {
    let (above, last) = match entry.path.names() {
        [] => return false,
        [above @ .., last] => (above, last),
    };
    if above.iter().any(|name| has_ending(name.as_str(), BUNDLES)) {
        return true;
    }
    match entry.kind {
        EntryKind::Directory => has_ending(last.as_str(), BUNDLES),
        EntryKind::File {
            executable: true, ..
        } => true,
        EntryKind::File {
            executable: false, ..
        }
        | EntryKind::Stream => is_program_name(last.as_str()),
    }
}

/// Whether systems take a file of this name for a program.
pub fn is_program_name(name: &str) -> bool {
    has_ending(name, PROGRAMS) || has_ending(name, BUNDLES)
}

/// Windows passes over dots and spaces at the end of a name, and takes what follows a colon for a stream.
fn has_ending(name: &str, endings: &[&str]) -> bool {
    let name = name.split(':').next().unwrap_or(name);
    let name = name.trim_end_matches(|it: char| it == '.' || it.is_whitespace());
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    endings.iter().any(|it| it.eq_ignore_ascii_case(ending))
}

/// Endings of files that some system runs, installs or follows, without the dot.
const PROGRAMS: &[&str] = &[
    "apk",
    "appimage",
    "appinstaller",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bash",
    "bat",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "elf",
    "exe",
    "fish",
    "flatpak",
    "flatpakref",
    "gadget",
    "hta",
    "img",
    "inf",
    "ins",
    "iso",
    "isp",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "library-ms",
    "lnk",
    "mobileconfig",
    "mpkg",
    "msc",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "pif",
    "pkg",
    "pl",
    "ps1",
    "ps1xml",
    "ps2",
    "ps2xml",
    "psc1",
    "psc2",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "pyz",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "snap",
    "so",
    "sys",
    "terminal",
    "tool",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "webloc",
    "website",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xll",
    "zsh",
];

/// Endings of folders that macOS opens as one thing.
const BUNDLES: &[&str] = &[
    "action",
    "app",
    "bundle",
    "framework",
    "kext",
    "mpkg",
    "pkg",
    "plugin",
    "prefpane",
    "qlgenerator",
    "saver",
    "workflow",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Name, RelPath};
    use proptest::prelude::*;

    fn entry(path: &str, kind: EntryKind) -> Entry {
        let names = path.split('/').map(|name| Name::parse(name).unwrap());
        Entry {
            path: RelPath::new(names.collect()).unwrap(),
            kind,
            modified: None,
        }
    }

    fn file(path: &str, executable: bool) -> Entry {
        let size_bytes = 1;
        entry(
            path,
            EntryKind::File {
                size_bytes,
                executable,
            },
        )
    }

    #[test]
    fn a_program_is_known_by_its_right_its_ending_or_the_bundle_around_it() {
        assert!(is_program(&file("tool", true)));
        for path in [
            "setup.exe",
            "SETUP.EXE",
            "a/b/photo.jpg.scr",
            "trick.exe. .",
            "stream.exe:zone",
            "no-ending.sh\u{a0}",
            "Nice.app/Contents/Info.plist",
            ".desktop",
        ] {
            assert!(is_program(&file(path, false)), "{path}");
        }
        assert!(is_program(&entry("Nice.app", EntryKind::Directory)));
        assert!(is_program(&entry("x.jar", EntryKind::Stream)));
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for path in [
            "exe",
            "photo.jpg",
            "next.js/readme.txt",
            "a.exe.txt",
            "app/x",
        ] {
            assert!(!is_program(&file(path, false)), "{path}");
        }
        assert!(!is_program(&entry("next.js", EntryKind::Directory)));
    }

    proptest! {
        #[test]
        fn no_case_and_no_dots_at_the_end_hide_an_ending(
            which in any::<prop::sample::Index>(),
            upper in any::<u64>(),
            stem in "[a-z]{1,8}",
            tail in "[. ]{0,4}",
        ) {
            let ending: String = which.get(PROGRAMS).chars().enumerate().map(|(at, it)| {
                if upper >> (at % 64) & 1 == 1 { it.to_ascii_uppercase() } else { it }
            }).collect();
            let name = format!("{stem}.{ending}{tail}");
            prop_assert!(is_program_name(&name));
        }
    }
}
