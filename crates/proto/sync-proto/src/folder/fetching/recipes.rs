//! How the chunks of a file become known before its bytes come.

use model::limits::{RECIPE_CHUNKS, RECIPE_PAGE_PIECES};
use model::{DeviceId, Digest};

use super::{Fetch, Step};
use crate::folder::{Folder, FolderOutput, FolderViolation};
use crate::{FolderMessage, Piece, Recipe, Seat, assemble, bit};

impl Folder {
    pub(in crate::folder) fn ask_for_recipes(&mut self) {
        let files: Vec<Digest> = self.fetches.by_file.keys().copied().collect();
        for file in files {
            let holders = self.holders(&file);
            let Some(fetch) = self.fetches.by_file.get_mut(&file) else {
                continue;
            };
            let Step::Recipe {
                asked,
                refused,
                pieces,
            } = &mut fetch.step
            else {
                continue;
            };
            let open = holders.into_iter().find(|seat| *refused & bit(*seat) == 0);
            let (None, Some(seat)) = (*asked, open) else {
                continue;
            };
            *asked = Some((seat, self.now.instant));
            let from = u32::try_from(pieces.len()).expect("pieces are bounded");
            let base = fetch.base.as_ref().map(|(_, digest)| *digest);
            let Some(member) = self.members.by_seat.get(&seat) else {
                continue;
            };
            let device = member.device;
            self.send(device, FolderMessage::RecipeWanted { file, base, from });
        }
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
            self.ask_for_recipes();
            return;
        }
        pieces.extend(told);
        if more && pieces.len() < RECIPE_CHUNKS {
            *asked = Some((seat, now));
            let from = u32::try_from(pieces.len()).expect("pieces are bounded");
            let base = fetch.base.as_ref().map(|(_, digest)| *digest);
            if let Some(member) = self.members.by_seat.get(&seat) {
                let device = member.device;
                self.send(device, FolderMessage::RecipeWanted { file, base, from });
            }
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
            fetch.step = Step::Recipe {
                asked: None,
                refused: u128::MAX,
                pieces: pieces.to_vec(),
            };
            self.members.assembling.push((base, seat, file));
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
            self.ask_for_recipes();
            return;
        };
        let base = fetch.base.as_ref().map(|(path, _)| path.clone());
        fetch.step = Step::Staging(recipe.clone());
        self.outputs
            .push_back(FolderOutput::Stage { file, recipe, base });
    }

    /// The chunks of what lies here are known: what was told by difference can be put together.
    pub(super) fn base_read(&mut self, base: &Digest, known: Recipe) {
        let assembling = std::mem::take(&mut self.members.assembling);
        let (due, later) = assembling.into_iter().partition(|(it, _, _)| it == base);
        self.members.assembling = later;
        for (_, seat, file) in due {
            let fetch = self.fetches.by_file.get_mut(&file);
            if let Some(Fetch {
                step: Step::Recipe { pieces, .. },
                ..
            }) = fetch
            {
                let pieces = std::mem::take(pieces);
                self.assemble(seat, file, &known, &pieces);
            }
        }
    }
}
