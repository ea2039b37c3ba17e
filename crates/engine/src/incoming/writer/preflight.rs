use api::Problem;
use model::limits::PREFLIGHT_NAMED;
use model::{Entry, Existing};
use transfer_proto::{Finding, FindingKind, Findings};
use vfs::sink::{Sink, Staging};
use vfs::space::Reserve;

use super::Context;
use crate::preflight::{Found, more, of_finding};
use crate::transfer::TransferReport;

/// How much space is missing for so many bytes; 0 where nobody knows.
pub(super) fn missing_bytes(sink: &Sink, reserve: Reserve, bytes: u64) -> u64 {
    let spare = sink.free_space().map(|free| free.spare_bytes(reserve));
    spare.map_or(0, |spare| bytes.saturating_sub(spare))
}

/// Looks at a page that was just stored: what of it will not arrive as it was sent.
pub(super) fn find(
    staging: &Staging,
    (page, first): (u32, u32),
    entries: &[Entry],
    (missing_bytes, existing): (u64, Existing),
) -> Findings {
    let renamed = staging.renamed(entries).into_iter();
    let mut renamed = renamed.peekable();
    let mut findings = Findings {
        page,
        missing_bytes,
        named: Vec::new(),
        more: 0,
    };
    for (index, entry) in (first..).zip(entries) {
        let other = renamed.next_if(|renamed| renamed.path == entry.path);
        let other = other.map(|renamed| FindingKind::Renamed(renamed.name));
        let taken = staging.is_taken(entry);
        let taken = taken.then_some(FindingKind::Taken(existing));
        for kind in other.into_iter().chain(taken) {
            if findings.named.len() < PREFLIGHT_NAMED {
                findings.named.push(Finding { entry: index, kind });
            } else {
                findings.more += 1;
            }
        }
    }
    findings
}

impl Context {
    /// Tells this side's faces; of names that were changed they hear anyway.
    pub(super) fn tell_found(&self, findings: &Findings, first: u32, entries: &[Entry]) {
        let mut found = Vec::new();
        let missing_bytes = findings.missing_bytes;
        if missing_bytes > 0 {
            found.push(Found::about_all(Problem::NoSpace { missing_bytes }));
        }
        for finding in &findings.named {
            let place = finding.entry.saturating_sub(first) as usize;
            if let (FindingKind::Taken(_), Some(entry)) = (&finding.kind, entries.get(place)) {
                let path = entry.path.to_string();
                found.push(Found::about(path, of_finding(finding.kind.clone())));
            }
        }
        found.extend(more(findings.more));
        if !found.is_empty() {
            self.reporter.tell_blocking(TransferReport::Found(found));
        }
    }
}
