//! What a document does with what it mentions, where the sentence does not say. Enters: the text of a document and a place in it.
//! Leaves: an [`Access`], from the heading above and from the position in the sentence.
//!
//! People write down changes in two ways: under a heading that says so ("What changes", "Where"), and as sentences and list items
//! that begin with the thing ("`TaxService` gets …", "* `OwnerPanel` links to …"). Under "Test plan" or "Background" the same
//! sentence tells of something else.

use crate::prd::{Access, Mention, MentionKind};
use crate::source::Sources;

/// What a heading says of the text below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Section {
    /// What is changed.
    Change,
    /// What is tested, why, for whom, in which order.
    Talk,
    /// Does not say.
    Plain,
}

/// Words (or beginnings of words) of headings under which nothing is changed; they win over [`CHANGE`].
const TALK: &[&str] = &[
    "accept",
    "criteri",
    "test",
    "verif",
    "know",
    "done",
    "background",
    "problem",
    "motivat",
    "why",
    "context",
    "stor",
    "depend",
    "order",
    "risk",
    "rollout",
    "roll",
    "releas",
    "assum",
    "goal",
    "glossary",
    "reference",
    "question",
    "not",
    "non",
    "out",
    "alone",
    "later",
    "appendix",
    "histor",
    "alternativ",
    "summary",
    "overview",
    "timeline",
    "rationale",
    "metric",
    "related",
];

/// Words (or beginnings of words) of headings under which things are changed.
const CHANGE: &[&str] = &[
    "chang",
    "implement",
    "work",
    "build",
    "task",
    "todo",
    "do",
    "touch",
    "what",
    "where",
    "scope",
    "design",
    "inside",
    "technical",
    "file",
    "step",
    "plan",
    "approach",
    "solution",
    "decision",
    "code",
    "deliver",
    "migration",
    "schema",
    "api",
    "backend",
    "frontend",
    "database",
    "component",
    "modif",
    "hood",
    "how",
];

/// Verbs that are done to what is there already, right before its name.
const ON_WHAT_IS_THERE: &[&str] = &[
    "change", "changes", "modify", "modifies", "update", "updates", "extend", "extends", "edit", "edits", "fix",
    "fixes", "refactor", "rename", "renames", "remove", "removes", "delete", "deletes", "replace", "replaces",
    "rewrite", "move", "moves", "drop",
];

/// Words right before a name by which something is put into it ("the key is added to `FLAGS`").
const INTO: &[&str] = &[
    "added",
    "goes",
    "go",
    "recorded",
    "put",
    "inserted",
    "appended",
    "registered",
    "moved",
    "wired",
];

/// Words right before a name by which it is only used.
const USES: &[&str] = &[
    "call", "calls", "use", "uses", "using", "read", "reads", "through", "via", "with", "from", "by", "see", "like",
    "as", "than",
];

/// How many words before a name its verb may stand.
const VERB_REACH: usize = 4;

/// Words after which a list item tells what stays as it is.
const KEEPS: &[&str] = &[
    "as it is",
    "as is",
    "as they are",
    "unchanged",
    "as before",
    "stays",
    "is used",
    "untouched",
];

/// How far a sentence is followed: a line may be a megabyte long.
const WINDOW: usize = 800;

/// A line of a document that opens a section.
#[derive(Debug)]
struct Heading {
    /// Where the text below it begins.
    start: usize,
    /// 1 to 6 for headings, 7 for bold and short lines that serve as one.
    level: usize,
    section: Section,
}

/// The sections of a document.
#[derive(Debug, Default)]
pub(super) struct Outline {
    headings: Vec<Heading>,
}

impl Outline {
    /// The sections of `text`.
    pub(super) fn new(text: &str) -> Self {
        let mut headings = Vec::new();
        let (mut start, mut fence) = (0, None);
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim_start();
            let marker = ["```", "~~~"].into_iter().find(|marker| trimmed.starts_with(marker));
            match (fence, marker) {
                (None, Some(_)) => fence = marker,
                (Some(open), Some(marker)) if open == marker => fence = None,
                (None, None) => headings.extend(heading(trimmed.trim_end()).map(|(level, section)| Heading {
                    start,
                    level,
                    section,
                })),
                _ => {}
            }
            start += line.len();
        }
        Self { headings }
    }

    /// The section around a byte: the nearest heading that says something, going outwards.
    fn section(&self, byte: usize) -> Section {
        let above = self.headings.partition_point(|heading| heading.start <= byte);
        let mut level = usize::MAX;
        for heading in self.headings[..above].iter().rev() {
            if heading.level < level {
                level = heading.level;
                if heading.section != Section::Plain {
                    return heading.section;
                }
            }
        }
        Section::Plain
    }
}

/// Level and meaning of a line that opens a section.
fn heading(line: &str) -> Option<(usize, Section)> {
    let marks = line.len() - line.trim_start_matches('#').len();
    if (1..=6).contains(&marks) && line[marks..].starts_with([' ', '\t']) {
        // The title names the feature; its words say nothing of the sections below.
        let section = if marks == 1 {
            Section::Plain
        } else {
            meaning(&line[marks..])
        };
        return Some((marks, section));
    }
    if let Some(bold) = line.strip_prefix("**") {
        return bold.split_once("**").map(|(words, _)| (7, meaning(words)));
    }
    let (words, _) = line.split_once(':')?;
    let short =
        words.split_whitespace().count() <= 4 && words.starts_with(|c: char| c.is_alphabetic()) && !words.contains('`');
    let section = meaning(words);
    (short && section != Section::Plain).then_some((7, section))
}

fn meaning(words: &str) -> Section {
    let lower = words.to_lowercase();
    let parts: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let has = |list: &[&str]| {
        parts.iter().any(|part| {
            let fits = |word: &&&str| {
                if word.len() > 3 {
                    part.starts_with(**word)
                } else {
                    part == *word
                }
            };
            list.iter().any(|word| fits(&word))
        })
    };
    if has(TALK) {
        Section::Talk
    } else if has(CHANGE) {
        Section::Change
    } else {
        Section::Plain
    }
}

/// What is done with a mention, and whether it must be there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// What is done.
    pub access: Access,
    /// The words right before it speak of a thing that is there already; else it may be new.
    pub old: bool,
    /// The words right before it say "new".
    pub fresh: bool,
    /// The words right before it say that it is only used.
    pub used: bool,
}

/// What `mention` says that is done.
pub(super) fn of(mention: &Mention, outline: &Outline, sources: &Sources) -> Said {
    let said = |access| Said {
        access,
        old: access == Access::Read,
        fresh: false,
        used: false,
    };
    if mention.declared {
        return said(mention.access.unwrap_or(Access::Write));
    }
    if mention.sample {
        return said(Access::Read);
    }
    let text = &sources.file(mention.span.file).text;
    let range = mention.span.bytes.range();
    let section = outline.section(range.start);
    let kept = keeps(text, range.end);
    let subject = section != Section::Talk && !kept && is_subject(text, range.start);
    let before = |list: &[&str]| follows(text, range.start, list);
    // Under "Where" an entry "see `x`" points at what is to be changed.
    let used = before(USES) && !(section == Section::Change && leads(text, range.start));
    let access = match mention.access {
        // "`OwnerPanel` shows …": what begins a sentence is not what the verb is done to.
        Some(Access::Read) if subject => Access::Write,
        Some(access) => access,
        None if subject => Access::Write,
        None if kept || used => Access::Read,
        None if section == Section::Change || before(INTO) => Access::Write,
        None if mention.kind == MentionKind::Path && is_test_path(&mention.text) => Access::Write,
        None => Access::Read,
    };
    Said {
        access,
        old: access == Access::Write && before(ON_WHAT_IS_THERE),
        fresh: before(&["new"]),
        used,
    }
}

/// True if only one of [`USES`] stands between the beginning of the sentence or entry and `at`.
fn leads(text: &str, at: usize) -> bool {
    let before = around(text, at.saturating_sub(WINDOW), at);
    let begin = before.rfind(['.', '\n', ';', '|', ':']).map_or(0, |end| end + 1);
    let mut words = before[begin..]
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "the");
    words
        .next()
        .is_some_and(|word| USES.contains(&word.to_lowercase().as_str()))
        && words.next().is_none()
}

/// True if one of `list` stands among the few words before `at`, in the same sentence.
fn follows(text: &str, at: usize, list: &[&str]) -> bool {
    let before = around(text, at.saturating_sub(WINDOW), at);
    let sentence = before
        .rfind(['.', '\n', ';', '|', ':'])
        .map_or(before, |end| &before[end + 1..]);
    let words = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .rev();
    let mut near = words.take(VERB_REACH);
    near.any(|word| list.contains(&word.to_lowercase().as_str()))
}

/// True if `path` is written as the place of `symbol`, right after it: "`OwnerPanel` (file `x.tsx`)", "`OwnerPanel` in `x.tsx`".
pub(super) fn is_place_of(symbol: &Mention, path: &Mention, sources: &Sources) -> bool {
    let (end, start) = (symbol.span.bytes.end as usize, path.span.bytes.start as usize);
    let names = symbol.kind == MentionKind::Symbol && path.kind == MentionKind::Path;
    if !names || symbol.span.file != path.span.file || start < end || start - end > 24 {
        return false;
    }
    let between = sources.file(symbol.span.file).text.get(end..start).unwrap_or("?");
    let mut words = between
        .split(|c: char| c.is_whitespace() || "`()".contains(c))
        .filter(|word| !word.is_empty());
    words.all(|word| matches!(word, "in" | "on" | "of" | "at" | "from" | "file" | "the"))
}

/// The text between two bytes, moved inwards to whole characters.
fn around(text: &str, start: usize, end: usize) -> &str {
    let start = (start..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    let end = (start..=end.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(start);
    &text[start..end]
}

/// True if nothing but a list marker and words like "the component" stands between the beginning of the sentence and `at`.
fn is_subject(text: &str, at: usize) -> bool {
    let before = around(text, at.saturating_sub(WINDOW), at);
    let line = before.rfind("\n\n").map_or(0, |end| end + 2);
    let block = &before[line..];
    let sentence = [". ", ".\n", ": ", "! "]
        .iter()
        .filter_map(|mark| block.rfind(mark).map(|end| end + mark.len()))
        .max();
    let item = block.rfind('\n').map_or(0, |end| end + 1);
    let item = if is_item(&block[item..]) { Some(item) } else { None };
    let begin = sentence.max(item).unwrap_or(0);
    let words = block[begin..]
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let kinds = [
        "the",
        "a",
        "component",
        "class",
        "function",
        "method",
        "service",
        "hook",
        "module",
        "type",
        "in",
        "file",
    ];
    words
        .into_iter()
        .all(|word| word.chars().all(|c| c.is_ascii_digit()) || kinds.contains(&word.to_lowercase().as_str()))
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '*', '+']) || (rest.len() < line.len() && rest.starts_with(['.', ')']))
}

/// True if the sentence goes on to say that the thing stays as it is.
fn keeps(text: &str, end: usize) -> bool {
    let rest = around(text, end, end.saturating_add(WINDOW));
    let stop = [". ", ".\n", "\n\n", "; "]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min();
    let sentence = &rest[..stop.unwrap_or(rest.len())];
    let lower = sentence.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    KEEPS.iter().any(|words| lower.contains(words))
}

/// True if a file of this name holds tests.
pub(super) fn is_test_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let marked = [".spec.", ".test.", "_test.", ".stories."]
        .iter()
        .any(|mark| name.contains(mark));
    marked
        || path
            .split('/')
            .any(|part| matches!(part, "tests" | "test" | "__tests__" | "e2e"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Bytes, RepoPath};

    /// `text` holds the mention between `«` and `»`.
    fn check(text: &str, verb: Option<Access>, expected: Access) {
        let (before, rest) = text.split_once('«').expect("a mark");
        let (words, after) = rest.split_once('»').expect("a mark");
        let mut sources = Sources::default();
        let whole = format!("{before}{words}{after}");
        let file = sources.add(RepoPath::new("p.md").expect("a path"), whole.as_str());
        let mention = Mention {
            kind: MentionKind::Symbol,
            text: words.to_owned(),
            access: verb,
            declared: false,
            sample: false,
            negated: false,
            span: Bytes::new(before.len(), before.len() + words.len()).in_file(file),
        };
        assert_eq!(of(&mention, &Outline::new(&whole), &sources).access, expected, "{text}");
    }

    #[test]
    fn a_heading_that_speaks_of_changes_means_a_write() {
        check("# T\n\n## What changes\n\nThen `«A»` is longer.\n", None, Access::Write);
        check(
            "# T\n\n## Implementation\n### Server\n\nwith `«A»`\n",
            None,
            Access::Write,
        );
        check("# T\n\n**Where.**\n\n- see `«A»`\n", None, Access::Write);
        check("# T\n\nWhat we want:\n\n- a row in `«A»`\n", None, Access::Write);
    }

    #[test]
    fn other_headings_do_not() {
        check("# What changes\n\nWe looked at `«A»`.\n", None, Access::Read);
        check("# T\n\n## Test plan\n\n- `«A»` is called\n", None, Access::Read);
        check(
            "# T\n## Changes\nx\n## How we know it works\n\n`«A»` answers.\n",
            None,
            Access::Read,
        );
        check("# T\n## Changes\n\n**Out of scope.** `«A»`\n", None, Access::Read);
        check("```\n## Changes\n```\nWe looked at `«A»`\n", None, Access::Read);
    }

    #[test]
    fn what_begins_a_sentence_or_item_is_changed() {
        check("# T\n\n* `«A»` links to the statement.\n", None, Access::Write);
        check(
            "# T\n\nFirst this. The component `«A»` shows more.\n",
            Some(Access::Read),
            Access::Write,
        );
        check("# T\n\n1. In `«A»`, lines have numbers.\n", None, Access::Write);
        check("# T\n\nIt is sent by `«A»`.\n", None, Access::Read);
        check("# T\n\n## Problem\n\n`«A»` forgets it.\n", None, Access::Read);
    }

    #[test]
    fn what_something_is_put_into_is_changed() {
        check("# T\n\nThe key is added to `«A»`.\n", None, Access::Write);
        check("# T\n\nThe key is compared with `«A»`.\n", None, Access::Read);
    }

    #[test]
    fn the_verb_wins_and_what_stays_is_not_changed() {
        check(
            "# T\n\n## Changes\n\nIt calls `«A»`.\n",
            Some(Access::Read),
            Access::Read,
        );
        check("# T\n\n* `«A»` is used as it is.\n", Some(Access::Read), Access::Read);
        check(
            "# T\n\n## Work\n\nAlerts go out through `«A»`, which is used as it is.\n",
            None,
            Access::Read,
        );
        check(
            "# T\n\n## Tests\n\nA new `«A»`.\n",
            Some(Access::Create),
            Access::Create,
        );
    }
}
