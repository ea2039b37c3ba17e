//! What people do on their devices.

use model::Timestamp;
use sync_proto::FolderPath;
use testkit::Seed;

use super::disk::{Item, Manners};
use super::ledger::Ledger;
use super::node::{Chore, Node};

/// Does something on a device as a person would, with what lies there.
pub(crate) fn do_something(node: &mut Node, ledger: &mut Ledger, wall: u64, seed: &mut Seed) {
    let touched = match seed.within(0..100) {
        0..45 => write(node, ledger, wall, seed),
        45..60 => delete(node, ledger, seed),
        60..78 => rename(node, ledger, seed),
        78..86 => make_directory(node, ledger, seed),
        86..92 => make_executable(node, seed),
        92..97 => swap_kind(node, ledger, wall, seed),
        _ => rename_case(node, seed),
    };
    // Watching is a hint: some of it never comes, and the order is anybody's guess.
    for path in touched {
        if seed.chance(75) {
            node.chores.push_back(Chore::Scan(path));
        }
    }
}

fn draw_path(manners: Manners, seed: &mut Seed) -> FolderPath {
    let mut path = String::new();
    for _ in 0..seed.below(3) {
        path += *seed.pick(&["d/", "e/"]);
    }
    let name = match manners {
        Manners::Exact => *seed.pick(&["a", "A", "b.txt", "c", "d", "é", "e\u{301}"]),
        Manners::Folding => *seed.pick(&["a", "A", "b.txt", "c", "d", "é"]),
        Manners::Decomposing => *seed.pick(&["a", "A", "b.txt", "c", "d", "e\u{301}"]),
    };
    FolderPath::parse(&(path + name)).expect("a plain path")
}

fn draw_file(node: &Node, seed: &mut Seed) -> Option<(FolderPath, Item)> {
    let files = node.disk.listing().into_iter();
    let files: Vec<_> = files.filter(|(_, item)| *item != Item::Directory).collect();
    (!files.is_empty()).then(|| files[seed.below(files.len())].clone())
}

/// Makes the folders above `path`, unless a file lies in the way.
fn make_room(node: &mut Node, path: &FolderPath) -> bool {
    for folder in path.ancestors() {
        match node.disk.item(&folder) {
            Some(Item::Directory) => {}
            Some(Item::File { .. }) => return false,
            None => node.disk.put(&folder, Item::Directory),
        }
    }
    true
}

fn write(node: &mut Node, ledger: &mut Ledger, wall: u64, seed: &mut Seed) -> Vec<FolderPath> {
    let path = match draw_file(node, seed) {
        Some((path, _)) if seed.chance(60) => path,
        Some(_) | None => draw_path(node.disk.manners, seed),
    };
    write_at(node, ledger, wall, path, seed)
}

fn write_at(
    node: &mut Node,
    ledger: &mut Ledger,
    wall: u64,
    path: FolderPath,
    seed: &mut Seed,
) -> Vec<FolderPath> {
    if !make_room(node, &path) {
        return Vec::new();
    }
    let old = match node.disk.item(&path) {
        Some(Item::Directory) => return Vec::new(),
        Some(Item::File { content, .. }) => Some(content),
        None => None,
    };
    if let Some(old) = old {
        ledger.give_up(old);
    }
    let content = ledger.write(old, seed);
    let modified = Timestamp {
        seconds: i64::try_from(wall / 1_000).expect("a moment of our time"),
        nanoseconds: 0,
    };
    let item = Item::File {
        content,
        modified,
        executable: seed.chance(10),
    };
    node.disk.put(&path, item);
    vec![path]
}

fn delete(node: &mut Node, ledger: &mut Ledger, seed: &mut Seed) -> Vec<FolderPath> {
    let listing = node.disk.listing();
    if listing.is_empty() {
        return Vec::new();
    }
    let (path, item) = listing[seed.below(listing.len())].clone();
    // Whole folders go less often.
    if item == Item::Directory && seed.chance(60) {
        return Vec::new();
    }
    remove_tree(node, ledger, &path)
}

fn remove_tree(node: &mut Node, ledger: &mut Ledger, path: &FolderPath) -> Vec<FolderPath> {
    let tree = node.disk.tree(path);
    for path in &tree {
        if let Some(Item::File { content, .. }) = node.disk.take(path) {
            ledger.give_up(content);
        }
    }
    tree
}

fn rename(node: &mut Node, ledger: &mut Ledger, seed: &mut Seed) -> Vec<FolderPath> {
    let to = draw_path(node.disk.manners, seed);
    let Some((from, item)) = draw_file(node, seed) else {
        return Vec::new();
    };
    let is_there = node.disk.item(&to);
    if is_there == Some(Item::Directory)
        || from.composed() == to.composed()
        || !make_room(node, &to)
    {
        return Vec::new();
    }
    node.disk.take(&from);
    if let Some(Item::File { content, .. }) = node.disk.take(&to) {
        ledger.give_up(content);
    }
    node.disk.put(&to, item);
    vec![from, to]
}

fn make_directory(node: &mut Node, _ledger: &mut Ledger, seed: &mut Seed) -> Vec<FolderPath> {
    let path = *seed.pick(&["d", "e", "d/e", "e/d", "d/f", "f"]);
    let path = FolderPath::parse(path).expect("a plain path");
    if node.disk.item(&path).is_some() || !make_room(node, &path) {
        return Vec::new();
    }
    node.disk.put(&path, Item::Directory);
    vec![path]
}

fn make_executable(node: &mut Node, seed: &mut Seed) -> Vec<FolderPath> {
    let Some((
        path,
        Item::File {
            content,
            modified,
            executable,
        },
    )) = draw_file(node, seed)
    else {
        return Vec::new();
    };
    let item = Item::File {
        content,
        modified,
        executable: !executable,
    };
    node.disk.put(&path, item);
    vec![path]
}

/// A folder becomes a file, or a file a folder.
fn swap_kind(node: &mut Node, ledger: &mut Ledger, wall: u64, seed: &mut Seed) -> Vec<FolderPath> {
    let path = *seed.pick(&["d", "e", "d/e"]);
    let path = FolderPath::parse(path).expect("a plain path");
    if !make_room(node, &path) {
        return Vec::new();
    }
    let was = node.disk.item(&path);
    let mut touched = remove_tree(node, ledger, &path);
    match was {
        Some(Item::Directory) => touched.extend(write_at(node, ledger, wall, path, seed)),
        Some(Item::File { .. }) | None => {
            node.disk.put(&path, Item::Directory);
            touched.push(path);
        }
    }
    touched
}

fn rename_case(node: &mut Node, seed: &mut Seed) -> Vec<FolderPath> {
    let Some((from, item)) = draw_file(node, seed) else {
        return Vec::new();
    };
    let name = match from.file_name() {
        "a" => "A",
        "A" => "a",
        _ => return Vec::new(),
    };
    let to = from.renamed(name).expect("a plain name");
    if node.disk.manners == Manners::Exact && node.disk.item(&to).is_some() {
        return Vec::new();
    }
    node.disk.take(&from);
    node.disk.put(&to, item);
    vec![from, to]
}
