use std::path::{Path, PathBuf};
use std::time::Instant;

use api::{CommandError, ErrorCode, OnProblem};
use model::{DisplayName, Entry, EntryKind, Name, RelPath};
use store::Tally;
use transfer_proto::{Summary, TransferKind};
use vfs::manifest::{ManifestError, ManifestFile};
use vfs::source::{ScanError, Skipped, Source, SourceError};
use vfs::stream::RereadStream;

use super::OutgoingSource;
use super::preflight::{Preflight, Verdict, is_problem};
use crate::outgoing::reader::ReadSource;
use crate::preflight::{left_out_reason, skip_reason};
use crate::problem::{self, sentence};
use crate::transfer::{Reporter, TransferReport};

/// A transfer whose sources are listed.
pub(super) struct Prepared {
    pub(super) source: ReadSource,
    pub(super) manifest: ManifestFile,
    pub(super) summary: Summary,
    pub(super) pages: u32,
    pub(super) tally: Tally,
    pub(super) preflight: Preflight,
}

/// What a list is made from.
pub(super) struct Listing {
    pub(super) source: OutgoingSource,
    pub(super) spool: PathBuf,
    pub(super) tally: Tally,
    pub(super) on_problem: OnProblem,
    pub(super) reporter: Reporter,
}

/// Lists the sources, or takes the list of an earlier run.
pub(super) async fn prepare(listing: Listing) -> Result<Prepared, CommandError> {
    let work = move || prepare_blocking(listing);
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| problem::engine_ended())?
}

fn prepare_blocking(mut listing: Listing) -> Result<Prepared, CommandError> {
    let path = listing.spool.join(MANIFEST_FILE);
    let mut preflight = Preflight::open(&listing.spool, listing.on_problem);
    match listing.source {
        OutgoingSource::Paths(paths) => {
            let source = Source::open(&paths).map_err(source_problem)?;
            let manifest = match kept(&path)? {
                Some(manifest) => manifest,
                None => scan(
                    &source,
                    &path,
                    &listing.reporter,
                    (&mut listing.tally, &mut preflight),
                )?,
            };
            let roots = source.root_names();
            let name = roots.first().map_or("files", |name| name.as_str());
            let summary = summary(DisplayName::new(name), &manifest, false);
            prepared(
                ReadSource::Files(source),
                manifest,
                summary,
                (listing.tally, preflight),
            )
        }
        OutgoingSource::Text(text) => {
            ManifestFile::remove(&path).map_err(manifest_problem)?;
            let mut manifest = ManifestFile::create(&path).map_err(manifest_problem)?;
            let entry = Entry {
                path: RelPath::of_name(text_name()),
                kind: EntryKind::File {
                    size_bytes: text.len() as u64,
                    executable: false,
                },
                modified: None,
            };
            manifest.push(entry).map_err(manifest_problem)?;
            manifest.seal().map_err(manifest_problem)?;
            let mut summary = summary(DisplayName::new("text"), &manifest, false);
            summary.kind = TransferKind::Text;
            let source = ReadSource::Text(text.into());
            prepared(source, manifest, summary, (listing.tally, preflight))
        }
        OutgoingSource::StandardInput(name) => {
            let display = DisplayName::new(name.as_str());
            let mut manifest = ManifestFile::create(&path).map_err(manifest_problem)?;
            let entry = Entry {
                path: RelPath::of_name(name),
                kind: EntryKind::Stream,
                modified: None,
            };
            manifest.push(entry).map_err(manifest_problem)?;
            manifest.seal().map_err(manifest_problem)?;
            let summary = summary(display, &manifest, true);
            let stream = RereadStream::new(std::io::stdin());
            prepared(
                ReadSource::Stream(stream),
                manifest,
                summary,
                (listing.tally, preflight),
            )
        }
    }
}

fn prepared(
    source: ReadSource,
    manifest: ManifestFile,
    summary: Summary,
    (tally, preflight): (Tally, Preflight),
) -> Result<Prepared, CommandError> {
    let pages = manifest.pages();
    if pages == 0 {
        return Err(CommandError::new(
            ErrorCode::SourceUnreadable,
            "There is nothing to send: everything named was skipped.",
        ));
    }
    Ok(Prepared {
        source,
        manifest,
        summary,
        pages,
        tally,
        preflight,
    })
}

/// The complete list of an earlier run; an incomplete one is made anew.
fn kept(path: &Path) -> Result<Option<ManifestFile>, CommandError> {
    match ManifestFile::open(path) {
        Ok(manifest) if manifest.is_sealed() => Ok(Some(manifest)),
        Ok(_) => {
            ManifestFile::remove(path).map_err(manifest_problem)?;
            Ok(None)
        }
        Err(ManifestError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(manifest_problem(error)),
    }
}

fn scan(
    source: &Source,
    path: &Path,
    reporter: &Reporter,
    (tally, preflight): (&mut Tally, &mut Preflight),
) -> Result<ManifestFile, CommandError> {
    let mut left_out = 0;
    preflight.begin_scan();
    let mut manifest = ManifestFile::create(path).map_err(manifest_problem)?;
    let mut keep = |entry| manifest.push(entry).map_err(std::io::Error::other);
    let mut skipped = |skipped: Skipped| {
        left_out += 1;
        if is_problem(&skipped.reason) {
            preflight.note(&skipped);
        }
        reporter.tell_blocking(TransferReport::Skipped {
            reason: skip_reason(left_out_reason(&skipped.reason)),
            path: skipped.path,
        });
    };
    source.scan(&mut keep, &mut skipped).map_err(scan_problem)?;
    if preflight.end_scan() == Verdict::Stop {
        return Err(CommandError::new(
            ErrorCode::SourceUnreadable,
            format!(
                "Nothing was sent: {left_out} of the things named cannot be sent, each told above."
            ),
        ));
    }
    // A sealed list is not made again, so what it lacks is noted before.
    tally.leave_out(left_out, Instant::now());
    manifest.seal().map_err(manifest_problem)?;
    Ok(manifest)
}

fn summary(name: DisplayName, manifest: &ManifestFile, stream: bool) -> Summary {
    Summary {
        name,
        entries: manifest.entries(),
        files: manifest.files(),
        bytes: manifest.bytes(),
        stream,
        kind: TransferKind::Files,
    }
}

fn source_problem(error: SourceError) -> CommandError {
    CommandError::new(ErrorCode::SourceUnreadable, sentence(&error))
}

fn scan_problem(error: ScanError) -> CommandError {
    CommandError::new(ErrorCode::SourceUnreadable, sentence(&error))
}

fn manifest_problem(error: ManifestError) -> CommandError {
    let code = match error {
        ManifestError::NoSpace => ErrorCode::DiskFull,
        ManifestError::TooManyEntries => ErrorCode::SourceUnreadable,
        ManifestError::PageTooLong
        | ManifestError::EmptyPage
        | ManifestError::Sealed
        | ManifestError::NoSuchPage
        | ManifestError::Damaged
        | ManifestError::NotAManifest
        | ManifestError::Io(_) => ErrorCode::Internal,
    };
    CommandError::new(code, sentence(&error))
}

/// What a text is called if it is kept as a file.
fn text_name() -> Name {
    Name::parse("text.txt").expect("it is a plain name")
}

/// The list of what is sent, inside the spool.
const MANIFEST_FILE: &str = "manifest";
