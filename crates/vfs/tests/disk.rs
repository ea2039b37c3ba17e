//! Source to sink on a real disk.

#[path = "disk/kit.rs"]
mod kit;

#[path = "disk/clash.rs"]
mod clash;
#[path = "disk/commit.rs"]
mod commit;
#[path = "disk/discard.rs"]
mod discard;
#[path = "disk/links.rs"]
mod links;
#[path = "disk/names.rs"]
mod names;
#[path = "disk/resume.rs"]
mod resume;
#[path = "disk/round_trip.rs"]
mod round_trip;
#[path = "disk/space.rs"]
mod space;
