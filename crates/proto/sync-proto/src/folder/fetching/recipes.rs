//! How the chunks of a file become known before its bytes come.

use model::limits::{FOLDER_FETCHES, RECIPE_CHUNKS, RECIPE_PAGE_PIECES};
use model::{DeviceId, Digest};

use super::Step;
use crate::folder::{Folder, FolderOutput, FolderViolation};
use crate::{FolderMessage, Piece, Recipe, Seat, assemble, bit};

impl Folder {
    /// Asks for the chunks of files of which they are not known, of no more files at once than members answer.
    pub(super) fn ask_for_recipes(&mut self) {
        let fetches = &self.fetches;
        let open = fetches.by_file.iter().filter(|(file, fetch)| {
            matches!(fetch.step, Step::Recipe { asked: None, .. })
                && !fetches.asleep.contains(*file)
        });
        let open: Vec<Digest> = open.map(|(file, _)| *file).collect();
        if open.is_empty() {
            return;
        }
        let room = FOLDER_FETCHES.saturating_sub(fetches.counts().recipes_asked);
        let asks = open.iter().filter_map(|file| self.next_to_ask(file));
        for (file, seat) in asks.take(room).collect::<Vec<_>>() {
            self.ask_for_recipe(file, seat);
        }
    }

    /// Who is asked next for the chunks of a file.
    fn next_to_ask(&self, file: &Digest) -> Option<(Digest, Seat)> {
        let Step::Recipe { refused, .. } = &self.fetches.by_file.get(file)?.step else {
            return None;
        };
        let mut holders = self.holders(file).into_iter();
        let open = holders.find(|seat| *refused & bit(*seat) == 0)?;
        Some((*file, open))
    }

    fn ask_for_recipe(&mut self, file: Digest, seat: Seat) {
        let now = self.now.instant;
        let (Some(fetch), Some(member)) = (
            self.fetches.by_file.get_mut(&file),
            self.members.by_seat.get(&seat),
        ) else {
            return;
        };
        let Step::Recipe { asked, pieces, .. } = &mut fetch.step else {
            return;
        };
        *asked = Some((seat, now));
        let from = u32::try_from(pieces.len()).expect("pieces are bounded");
        let base = fetch.base.as_ref().map(|(_, digest)| *digest);
        let device = member.device;
        self.send(device, FolderMessage::RecipeWanted { file, base, from });
    }

    pub(in crate::folder) fn hear_recipe(
        &mut self,
        seat: Seat,
        file: Digest,
        from: u32,
        told: Vec<Piece>,
        more: bool,
    ) {
        let now = self.now.instant;
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let Step::Recipe {
            asked,
            refused,
            pieces,
        } = &mut fetch.step
        else {
            return;
        };
        let is_asked = asked.is_some_and(|(it, _)| it == seat) && from as usize == pieces.len();
        if !is_asked {
            return;
        }
        *asked = None;
        if told.is_empty() || told.len() > RECIPE_PAGE_PIECES {
            *refused |= bit(seat);
            pieces.clear();
            self.work.retry_later(now);
            return;
        }
        self.watch.moved();
        pieces.extend(told);
        if more && pieces.len() < RECIPE_CHUNKS {
            self.ask_for_recipe(file, seat);
            return;
        }
        let pieces = std::mem::take(pieces);
        *refused |= bit(seat);
        self.recipe_told(seat, file, &pieces);
    }

    /// All pieces are there: they must make the file.
    pub(super) fn recipe_told(&mut self, seat: Seat, file: Digest, pieces: &[Piece]) {
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let based = pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Kept { .. }));
        let base = fetch.base.as_ref().map(|(_, digest)| *digest);
        if based && let (Some(base), Some(own)) = (base, self.own_device()) {
            // The driver knows the chunks of what lies here; the pieces wait with it.
            let fetch = self.fetches.by_file.get_mut(&file).expect("it was there");
            fetch.step = Step::Assembling {
                by: seat,
                base,
                pieces: pieces.to_vec(),
            };
            self.outputs.push_back(FolderOutput::ReadRecipe {
                device: own,
                file: base,
                base: None,
                from: 0,
            });
            return;
        }
        self.assemble(seat, file, &Recipe::default(), pieces);
    }

    pub(super) fn own_device(&self) -> Option<DeviceId> {
        self.own_seat().map(|_| self.setup.own)
    }

    pub(super) fn assemble(&mut self, seat: Seat, file: Digest, base: &Recipe, pieces: &[Piece]) {
        let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
            return;
        };
        let chunks = assemble(base, pieces, RECIPE_CHUNKS);
        let recipe = chunks.and_then(|it| Recipe::checked(it, fetch.size_bytes, &file).ok());
        let Some(recipe) = recipe else {
            // What lies here may have changed meanwhile: without it there is no excuse.
            let is_based = pieces.iter().any(|it| matches!(it, Piece::Kept { .. }));
            let is_wrong = !is_based || fetch.base.is_none();
            fetch.base = None;
            fetch.step = Step::Recipe {
                asked: None,
                refused: if is_wrong { bit(seat) } else { 0 },
                pieces: Vec::new(),
            };
            if is_wrong {
                self.violation(seat, FolderViolation::WrongRecipe);
            }
            return;
        };
        let base = fetch.base.as_ref().map(|(path, _)| path.clone());
        fetch.step = Step::Staging(recipe.clone());
        self.outputs
            .push_back(FolderOutput::Stage { file, recipe, base });
    }

    /// The chunks of what lies here are known: what was told by difference can be put together.
    pub(super) fn base_read(&mut self, base: &Digest, known: &Recipe) {
        let fetches = self.fetches.by_file.iter_mut();
        let due = fetches.filter_map(|(file, fetch)| match &mut fetch.step {
            Step::Assembling {
                by,
                base: told,
                pieces,
            } if told == base => Some((*by, *file, std::mem::take(pieces))),
            Step::Assembling { .. }
            | Step::Recipe { .. }
            | Step::Staging(_)
            | Step::Chunks { .. }
            | Step::Ready => None,
        });
        for (seat, file, pieces) in due.collect::<Vec<_>>() {
            self.assemble(seat, file, known, &pieces);
        }
    }
}
