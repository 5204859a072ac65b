//! The outline of a text that is mostly as it was: only the statements that changed are parsed. Enters: a base that was parsed, a side, the lines
//! that differ. Leaves: the very [`Outline`] that parsing the side as a whole gives, or nothing where that is not certain.
//!
//! In TypeScript and JavaScript the statements of a file are read one after the other. Two texts that parse without a gap do so together, if the
//! first ends with `}` or `;` and the second begins on a new line with a word that can only begin a statement: there nothing can be taken for a
//! part of what stands before it. A text with a gap is not taken apart: what the parser makes of it hangs on all that is around.

use std::sync::Arc;

use super::LineRange;
use super::outline::{Found, Outline, code};
use crate::lang::tree::Syntax;
use crate::lang::{self, FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath};

/// Words that begin a statement and cannot go on with one that `}` or `;` ends.
const BEGINNINGS: [&str; 9] = [
    "export",
    "import",
    "function",
    "class",
    "const",
    "let",
    "var",
    "interface",
    "enum",
];

/// A text that was parsed, with where its statements stand.
#[derive(Debug)]
pub(super) struct Whole {
    outline: Outline,
    /// What can be taken over; nothing where the text cannot be taken apart.
    parts: Option<Parts>,
}

#[derive(Debug)]
struct Parts {
    found: Vec<Found>,
    /// Where the statements of the file itself begin, and where they end.
    starts: Vec<usize>,
    ends: Vec<usize>,
    lines: Vec<usize>,
}

/// A part of a side that is parsed anew: the bytes of the base that it stands for, and its own.
struct Region {
    base: Bytes,
    side: Bytes,
}

impl Whole {
    /// Parses a text; nothing where [`Outline::of`] gives nothing.
    pub(super) fn of(path: &RepoPath, text: &str) -> Option<Self> {
        let Some(language) = language(path) else {
            let outline = Outline::of(path, text)?;
            return Some(Self { outline, parts: None });
        };
        let facts = lang::read(FileId(0), path, &text.into(), language, &[]);
        let outline = Outline::read(&facts)?;
        let parts = (facts.health == ParseHealth::Whole).then(|| Parts::of(&facts));
        Some(Self { outline, parts })
    }

    pub(super) fn into_outline(self) -> Outline {
        self.outline
    }

    /// The outline of what this text (`base`) became.
    pub(super) fn patched(
        &self,
        path: &RepoPath,
        [base, side]: [&str; 2],
        hunks: &[(LineRange, LineRange)],
    ) -> Option<Outline> {
        let (parts, language) = (self.parts.as_ref()?, language(path)?);
        // Of what is no text nothing differs, as far as lines go.
        let regions = parts
            .regions([base, side], hunks)
            .filter(|regions| !regions.is_empty())?;
        let mut found = Vec::with_capacity(parts.found.len());
        let (mut from, mut shift) = (0, 0i64);
        for region in &regions {
            found.extend(parts.within(from, region.base.start, shift));
            let text: Arc<str> = side.get(region.side.range())?.into();
            let facts = lang::read(FileId(0), path, &text, language, &[]);
            if facts.health != ParseHealth::Whole {
                return None;
            }
            let start = i64::from(region.side.start);
            found.extend(code(&facts).into_iter().filter_map(|one| one.moved(start)));
            from = region.base.end;
            shift = i64::from(region.side.end) - i64::from(region.base.end);
        }
        found.extend(parts.within(from, u32::MAX, shift));
        Some(Outline::new(side, found))
    }
}

/// The language of a file that can be taken apart.
fn language(path: &RepoPath) -> Option<Language> {
    let plain = !matches!(path.extension(), "vue" | "svelte");
    let script = |language: &Language| matches!(language, Language::TypeScript | Language::Tsx | Language::JavaScript);
    Language::of(path).filter(|language| plain && script(language))
}

impl Parts {
    fn of(facts: &FileFacts) -> Self {
        let tree = &facts.tree;
        let items = match tree.root().map(|root| tree.syntax(root)) {
            Some(Syntax::Block(items)) => items.as_slice(),
            _ => &[],
        };
        let text = &*facts.text;
        let all = || items.iter().map(|item| tree.bytes(*item));
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut parts = Self {
            found: code(facts),
            starts: all()
                .map(|bytes| bytes.start as usize)
                .filter(|at| begins(text, *at))
                .collect(),
            ends: all()
                .map(|bytes| end_of(text, bytes.end as usize))
                .filter(|at| is_end(text, *at))
                .collect(),
            lines: lines.collect(),
        };
        parts.starts.sort_unstable();
        parts.ends.sort_unstable();
        parts
    }

    /// What was found between two places of the base, moved.
    fn within(&self, from: u32, to: u32, shift: i64) -> impl Iterator<Item = Found> + '_ {
        let inside = move |one: &&Found| from <= one.bytes.start && one.bytes.end <= to;
        self.found
            .iter()
            .filter(inside)
            .filter_map(move |one| one.clone().moved(shift))
    }

    /// What has to be parsed of a side: from the end of a statement before each change to the beginning of one behind it.
    fn regions(&self, [base, side]: [&str; 2], hunks: &[(LineRange, LineRange)]) -> Option<Vec<Region>> {
        let lines: Vec<usize> = std::iter::once(0)
            .chain(side.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let mut regions: Vec<Region> = Vec::new();
        // How far what stands behind the last change is further on in the side.
        let mut shift = 0i64;
        for (old, new) in hunks {
            let old = bytes_of(&self.lines, base.len(), *old);
            let new = bytes_of(&lines, side.len(), *new);
            let before = shift;
            shift = new.end as i64 - old.end as i64;
            let end = self.next(base.len(), side, old.end, shift);
            let floor = regions.last().map_or(0, |last| last.base.end as usize);
            let start = self.previous(side, old.start, before).filter(|start| *start > floor);
            match (start, regions.last_mut()) {
                // What is parsed already reaches to the change, or nothing between the two is sure.
                (None, Some(last)) => {
                    last.base.end = u32::try_from(end).ok()?;
                    last.side.end = u32::try_from(moved(end, shift)?).ok()?;
                }
                (start, _) => {
                    let start = start.unwrap_or(0);
                    regions.push(Region {
                        base: Bytes::new(start, end),
                        side: Bytes::new(moved(start, before)?, moved(end, shift)?),
                    });
                }
            }
        }
        Some(regions)
    }

    /// The last end of a statement before a change behind which, in the side, something begins. Up to the change both are the same.
    fn previous(&self, side: &str, at: usize, shift: i64) -> Option<usize> {
        let before = &self.ends[..self.ends.partition_point(|end| *end < at)];
        let fits = |end: &&usize| {
            let rest = moved(**end, shift).and_then(|end| side.get(end..));
            rest.is_some_and(|rest| rest.starts_with(['\n', '\r']) && is_beginning(rest.trim_start()))
        };
        before.iter().rev().find(fits).copied()
    }

    /// The first beginning of a statement behind a change before which, in the side, something ends; else the end of the text.
    fn next(&self, length: usize, side: &str, at: usize, shift: i64) -> usize {
        let behind = &self.starts[self.starts.partition_point(|start| *start < at)..];
        let fits = |start: &&usize| {
            let before = moved(**start, shift).and_then(|start| side.get(..start));
            before.is_some_and(|before| before.ends_with('\n') && before.trim_end().ends_with(['}', ';']))
        };
        behind.iter().find(fits).copied().unwrap_or(length)
    }
}

/// The bytes of lines.
fn bytes_of(lines: &[usize], length: usize, range: LineRange) -> std::ops::Range<usize> {
    let at = |line: usize| lines.get(line).copied().unwrap_or(length);
    let first = range.start.saturating_sub(1) as usize;
    at(first)..at(first + range.count as usize)
}

fn moved(at: usize, shift: i64) -> Option<usize> {
    usize::try_from(i64::try_from(at).ok()? + shift).ok()
}

/// True if a statement that nothing before it can be a part of begins here, at the beginning of a line.
fn begins(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    (before.is_empty() || before.ends_with('\n')) && text.get(at..).is_some_and(is_beginning)
}

/// True for a text that begins with a word which can only begin a statement.
fn is_beginning(text: &str) -> bool {
    let word = text
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
        .next();
    let Some(word) = word.filter(|word| BEGINNINGS.contains(word)) else {
        return false;
    };
    // `import(…)`, `import.meta` are values; `let`, `interface` may be names.
    let rest = &text[word.len()..];
    let next = rest.trim_start().chars().next();
    match word {
        "import" => !matches!(next, Some('(' | '.')),
        "export" => true,
        _ => {
            rest.starts_with(' ')
                && next.is_some_and(|next| next.is_alphabetic() || matches!(next, '_' | '$' | '{' | '[' | '*'))
        }
    }
}

/// Where a statement ends, its semicolon included.
fn end_of(text: &str, at: usize) -> usize {
    at + usize::from(text.get(at..).is_some_and(|rest| rest.starts_with(';')))
}

/// True if a statement that ends here ends for sure: with `}` or `;`, and with its line.
fn is_end(text: &str, at: usize) -> bool {
    let (before, rest) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    before.ends_with(['}', ';']) && (rest.is_empty() || rest.starts_with(['\n', '\r']))
}

#[cfg(test)]
mod tests;
