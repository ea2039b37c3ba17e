use std::path::{Path, PathBuf};

use model::{Name, NameRules};

/// Where a folder of that name is to lie if a person chose `chosen`: there if nothing is in it, else in one of its own
/// beside what is there.
pub(crate) fn place_for(chosen: &Path, name: &str) -> PathBuf {
    if is_empty(chosen) {
        return chosen.to_owned();
    }
    let name = name_for(name);
    let numbered = (2..MOST).map(|number| format!("{name} ({number})"));
    let mut places = std::iter::once(name.clone())
        .chain(numbered)
        .map(|name| chosen.join(name));
    let free = places.find(|place| !place.exists() || is_empty(place));
    free.unwrap_or_else(|| chosen.join(name))
}

/// The name if every system can hold it: somebody else chose it.
fn name_for(wish: &str) -> String {
    let fits = Name::parse(wish).is_ok_and(|name| name.check(NameRules::Windows).is_ok());
    match fits && !wish.starts_with('.') {
        true => wish.to_owned(),
        false => OTHERWISE.to_owned(),
    }
}

fn is_empty(folder: &Path) -> bool {
    folder
        .read_dir()
        .is_ok_and(|mut inside| inside.next().is_none())
}

/// For names that no folder can have.
const OTHERWISE: &str = "Shared folder";
/// Nobody has so many folders of one name.
const MOST: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_taken_and_one_with_files_gets_another_inside() {
        let folder = tempfile::TempDir::new().unwrap();
        let chosen = folder.path();
        assert_eq!(place_for(chosen, "Plans"), chosen);
        std::fs::create_dir(chosen.join("mine")).unwrap();
        assert_eq!(place_for(chosen, "Plans"), chosen.join("Plans"));
        for folder in ["Plans", "Plans/something"] {
            std::fs::create_dir(chosen.join(folder)).unwrap();
        }
        assert_eq!(place_for(chosen, "Plans"), chosen.join("Plans (2)"));
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("mine")).unwrap();
        for name in ["../up", "/etc", "", ".config", "a\nb", "con", "a:b"] {
            let place = place_for(folder.path(), name);
            assert_eq!(place, folder.path().join(OTHERWISE), "{name:?}");
        }
    }
}
