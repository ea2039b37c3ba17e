//! Source to sink on a real disk.

#[cfg(test)]
#[path = "disk/kit.rs"]
mod kit;

#[cfg(test)]
#[path = "disk/clash.rs"]
mod clash;
#[cfg(test)]
#[path = "disk/commit.rs"]
mod commit;
#[cfg(test)]
#[cfg(feature = "failpoints")]
#[cfg(unix)]
#[path = "disk/crash.rs"]
mod crash;
#[cfg(test)]
#[path = "disk/discard.rs"]
mod discard;
#[cfg(test)]
#[cfg(unix)] // Elsewhere making a link needs a right.
#[path = "disk/links.rs"]
mod links;
#[cfg(test)]
#[path = "disk/names.rs"]
mod names;
#[cfg(test)]
#[path = "disk/programs.rs"]
mod programs;
#[cfg(test)]
#[path = "disk/resume.rs"]
mod resume;
#[cfg(test)]
#[path = "disk/round_trip.rs"]
mod round_trip;
#[cfg(test)]
#[path = "disk/space.rs"]
mod space;
