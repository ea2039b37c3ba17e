//! How bytes go from here to whoever asks.

use model::limits::{FOLDER_ASKED_CHUNKS, FOLDER_FETCHES, RECIPE_PAGE_PIECES};
use model::{DeviceId, Digest};

use crate::folder::{Folder, FolderOutput, FolderViolation};
use crate::{FolderMessage, Piece, Recipe, Seat, difference};

impl Folder {
    pub(in crate::folder) fn hear_wish(&mut self, seat: Seat, file: Digest, chunks: Vec<u32>) {
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        member.serving += chunks.len();
        let device = member.device;
        let is_too_much = chunks.is_empty() || member.serving > FOLDER_ASKED_CHUNKS;
        let Some(token) = member.token.filter(|_| !is_too_much) else {
            self.violation(seat, FolderViolation::TooMuchAsked);
            return;
        };
        self.outputs.push_back(FolderOutput::Serve {
            device,
            token,
            file,
            chunks,
        });
    }

    pub(super) fn served(
        &mut self,
        device: DeviceId,
        file: Digest,
        count: usize,
        missing: Vec<u32>,
    ) {
        let seat = self.roster.seat_of(&device);
        let member = seat.and_then(|seat| self.members.by_seat.get_mut(&seat));
        if let Some(member) = member {
            member.serving = member.serving.saturating_sub(count);
            if !missing.is_empty() {
                self.send(
                    device,
                    FolderMessage::ChunksMissing {
                        file,
                        chunks: missing,
                    },
                );
            }
        }
    }

    pub(in crate::folder) fn hear_recipe_wish(
        &mut self,
        seat: Seat,
        file: Digest,
        base: Option<Digest>,
        from: u32,
    ) {
        let Some(member) = self.members.by_seat.get_mut(&seat) else {
            return;
        };
        member.reading += 1;
        let device = member.device;
        if member.reading > FOLDER_FETCHES {
            self.violation(seat, FolderViolation::TooMuchAsked);
            return;
        }
        self.outputs.push_back(FolderOutput::ReadRecipe {
            device,
            file,
            base,
            from,
        });
    }

    pub(super) fn recipe_read(
        &mut self,
        device: DeviceId,
        file: Digest,
        from: u32,
        recipe: Option<Recipe>,
        base: Option<Recipe>,
    ) {
        if device == self.setup.own {
            self.base_read(&file, &recipe.unwrap_or_default());
            return;
        }
        let seat = self.roster.seat_of(&device);
        let Some(member) = seat.and_then(|seat| self.members.by_seat.get_mut(&seat)) else {
            return;
        };
        member.reading = member.reading.saturating_sub(1);
        let all = match (&recipe, &base) {
            (Some(recipe), Some(base)) => difference(base, recipe),
            (Some(recipe), None) => recipe.chunks().iter().copied().map(Piece::New).collect(),
            (None, _) => Vec::new(),
        };
        let rest = all.get(from as usize..).unwrap_or(&[]);
        let more = rest.len() > RECIPE_PAGE_PIECES;
        let pieces = rest[..rest.len().min(RECIPE_PAGE_PIECES)].to_vec();
        self.send(
            device,
            FolderMessage::RecipeTold {
                file,
                from,
                pieces,
                more,
            },
        );
    }
}
