//! What the branch of a PRD turns out to touch. Enters: the branch's changes, the code of both trees. Leaves: [`Observed`].

use super::BranchInput;
use crate::index::{CodeIndex, SchemaChange, entries};
use crate::source::{Bytes, FileId, RepoPath, Sources};
use crate::touchpoint::{Observed, changed_symbols};

/// What a PRD's branch really touches.
pub(super) fn observations(
    sources: &Sources,
    base: &CodeIndex,
    head: &CodeIndex,
    branch: &BranchInput,
) -> Vec<Observed> {
    let Some(prd) = &branch.prd else { return Vec::new() };
    let observed = branch.changes.iter().filter_map(|change| {
        let file = *branch.view.files.get(&change.path)?;
        let regions: Vec<Bytes> = change
            .lines
            .iter()
            .map(|(start, count)| lines(sources, file, *start, *count))
            .collect();
        let known = |schema: &SchemaChange| {
            base.schema
                .iter()
                .any(|old| old.object == schema.object && old.action == schema.action && old.values == schema.values)
        };
        Some(Observed {
            prd: prd.clone(),
            path: change.path.clone(),
            change: change.change,
            symbols: written(base, head, &change.path, &regions),
            schema: head
                .schema
                .iter()
                .filter(|schema| schema.span.file == file && !known(schema))
                .cloned()
                .collect(),
            span: regions.first().copied().unwrap_or_default().in_file(file),
        })
    });
    observed.collect()
}

/// The symbols that a branch writes. Of one to which it only adds entries, the entries: whoever adds others writes no common thing.
fn written(base: &CodeIndex, head: &CodeIndex, path: &RepoPath, regions: &[Bytes]) -> Vec<String> {
    let changed = changed_symbols(head, path, regions).into_iter();
    let parts = changed.flat_map(|symbol| entries::added(base, head, path, &symbol).unwrap_or_else(|| vec![symbol]));
    parts.collect()
}

fn lines(sources: &Sources, file: FileId, start: u32, count: u32) -> Bytes {
    let first = sources.line(file, start.max(1)).bytes;
    let last = sources.line(file, (start + count).saturating_sub(1).max(1)).bytes;
    // Where lines only vanished there is no text to point at but the line before.
    Bytes {
        start: first.start,
        end: if count == 0 { first.start } else { last.end },
    }
}
