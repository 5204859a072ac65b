//! References to other PRDs. Enters: the running text of a block. Leaves: where it names one ("PRD 7", "PRDs 7 and 9", `009-fees`,
//! `docs/prds/009-fees.md`). Knows nothing of which PRDs exist.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::markdown::Flow;
use super::prose::{Sentence, stem, words};
use super::titles::Titled;
use super::{Claim, Prd, PrdId, Problem};

/// A reference to a PRD in a block's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    /// Its bytes in the block's text.
    pub(crate) at: Range<usize>,
    /// The words; of a link to a PRD's file its name.
    pub(crate) words: String,
    /// Only the target of the link says that it is a PRD.
    pub(crate) link: bool,
}

/// What documents of a wave are called beside "PRD". "RFC 7231" may as well be somebody else's: such a name counts only where a document of
/// the wave is called so.
pub const OTHER_KINDS: [&str; 3] = ["rfc", "spec", "proposal"];

struct Forms {
    prd: Regex,
    run: Regex,
    more: Regex,
    slug: Regex,
    number: Regex,
    story: Regex,
}

fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| {
        let regex = |text: &str| Regex::new(text).expect("BUG: a fixed pattern does not compile");
        Forms {
            prd: regex(
                r"(?i)\b(?:PRD|RFC|spec|proposal)(s?)[ \t_#-]{0,2}(\d{1,4}(?:-[a-z][a-z0-9]*(?:-[a-z0-9]+)*)?)\b",
            ),
            run: regex(
                r"(?i)\b(?:PRD|RFC|spec|proposal)s[ \t_#-]{0,2}(\d{1,4})[ \t]?(?:-|–|—|to|through|until)[ \t]?(?:PRD[ \t-]?)?#?(\d{1,4})\b",
            ),
            more: regex(
                r"(?i)^\s*(?:,\s*and\b|,|and\b|&|or\b|/|\+)\s*#?(\d{1,4}(?:-[a-z][a-z0-9]*(?:-[a-z0-9]+)*)?)\b",
            ),
            slug: regex(r"\b\d{2,4}-[a-z][a-z0-9]*(?:-[a-z0-9]+)*\b"),
            number: regex(r"\b0\d{2,3}\b"),
            story: regex(r"(?i)\bstory[ \t]#?\d{1,3}[.-]\d{1,3}\b"),
        }
    })
}

/// The references in a block's text, in order.
pub(crate) fn find(flow: &Flow) -> Vec<Reference> {
    let text = &flow.text;
    let mut out: Vec<Reference> = Vec::new();
    let mut add = |at: Range<usize>| {
        out.push(Reference {
            words: text[at.clone()].to_owned(),
            at,
            link: false,
        });
    };
    for found in forms().prd.captures_iter(text) {
        let (Some(whole), Some(plural), Some(number)) = (found.get(0), found.get(1), found.get(2)) else {
            continue;
        };
        if plural.is_empty() {
            add(whole.range());
            continue;
        }
        add(number.range());
        let mut end = number.end();
        while let Some(next) = forms().more.captures(&text[end..]).and_then(|more| more.get(1)) {
            let range = end + next.start()..end + next.end();
            end = range.end;
            add(range);
        }
    }
    for found in forms().story.find_iter(text) {
        add(found.range());
    }
    for found in forms().slug.find_iter(text) {
        if is_slug(flow, found.range()) {
            add(found.range());
        }
    }
    for found in forms().number.find_iter(text) {
        let (before, after) = (&text[..found.start()], &text[found.end()..]);
        let part = |c: char| ".,:-/_+$%€£".contains(c);
        let joined = before.ends_with(part)
            || (after.starts_with(part) && after[1..].starts_with(|c: char| c.is_alphanumeric()));
        // "007" alone is an id; a part of an amount, a time or a name is not.
        if !joined
            && !counts_something(before)
            && !before.ends_with('`')
            && !flow
                .code
                .iter()
                .any(|code| code.start < found.end() && found.start() < code.end)
        {
            add(found.range());
        }
    }
    out.extend(flow.links.iter().filter_map(|link| {
        let words = link.target[in_link(&link.target)?].to_owned();
        let at = link.words.clone();
        (!at.is_empty()).then_some(Reference { at, words, link: true })
    }));
    out.sort_by_key(|reference| (reference.at.start, std::cmp::Reverse(reference.at.end)));
    out.dedup_by(|later, earlier| later.at.start < earlier.at.end);
    out
}

/// "error 001", "line 040": the number is not that of a document.
fn counts_something(before: &str) -> bool {
    let last = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next();
    words()
        .class("before_number")
        .has(&stem(&last.unwrap_or_default().to_lowercase()))
}

/// At most so many documents are one run of numbers.
const LONGEST_RUN: u32 = 30;

/// "PRDs 3–7": all of them at one place.
pub(crate) fn runs(text: &str) -> Vec<Titled> {
    let found = forms().run.captures_iter(text).filter_map(|found| {
        let number = |group: usize| found.get(group)?.as_str().parse::<u32>().ok();
        let (first, last) = (number(1)?, number(2)?);
        let run = first < last && last - first < LONGEST_RUN;
        run.then(|| Titled {
            at: found.get(0).map_or(0..0, |whole| whole.range()),
            prds: (first..=last).map(|number| PrdId(number.to_string())).collect(),
            bare: false,
        })
    });
    found.collect()
}

/// The references of a block as ranges of tokens of one sentence.
pub(crate) fn in_tokens(sentence: &Sentence<'_>, references: &[Reference]) -> Vec<Range<usize>> {
    let range = sentence.range();
    let first = references.partition_point(|reference| reference.at.start < range.start);
    let within = references[first..]
        .iter()
        .take_while(|reference| reference.at.end <= range.end);
    let token = |byte: usize| sentence.tokens.partition_point(|token| token.at.end <= byte);
    within
        .map(|reference| token(reference.at.start)..token(reference.at.end - 1) + 1)
        .filter(|range| !range.is_empty())
        .collect()
}

/// A number and a slug name a PRD where they stand in backticks, name a Markdown file, or have a leading zero; `100-row` does not.
fn is_slug(flow: &Flow, at: Range<usize>) -> bool {
    let (before, after) = (&flow.text[..at.start], &flow.text[at.end..]);
    let file = after.starts_with(".md") && !after[3..].starts_with(|c: char| c.is_alphanumeric());
    let inside_path = before.ends_with(['/', '.', '_', '-']) || after.starts_with(['/', '_', '(']);
    let other_file = after.starts_with(['.', ':']) && after[1..].starts_with(|c: char| c.is_alphanumeric());
    let alone_in_code = flow.code.contains(&at);
    let leading_zero = flow.text[at.clone()].starts_with('0');
    file || (!inside_path && !other_file && (alone_in_code || leading_zero))
}

/// The reference in the target of a link to another document (`./009-fees.md#scope`): its place in the target.
pub(crate) fn in_link(target: &str) -> Option<Range<usize>> {
    if target.contains("://") {
        return None;
    }
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".md")?;
    let start = path.len() - name.len();
    let number = stem.starts_with(|c: char| c.is_ascii_digit()) || stem.to_ascii_lowercase().starts_with("prd");
    (number && stem.len() > 1).then(|| start..start + stem.len())
}

/// False for what can hardly name a PRD: "node >= 20", "launch week".
pub(crate) fn may_name(words: &str) -> bool {
    let prefixed = words.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("prd"));
    !words.contains(['@', '>', '<', '^', '~', '=', '/']) && (prefixed || !words.contains(' '))
}

/// True if `words` name the document itself.
pub(crate) fn is_self(words: &str, id: &PrdId) -> bool {
    let lower = words.to_lowercase();
    let kinds = OTHER_KINDS.iter().chain(&["prd"]);
    let bare = kinds
        .filter_map(|kind| lower.strip_prefix(kind))
        .next()
        .unwrap_or(&lower)
        .trim_start_matches([' ', '-', '#', '_', '\t']);
    let own = id.0.to_lowercase();
    let digits: String = bare.chars().take_while(char::is_ascii_digit).collect();
    let only_number = digits.len() == bare.len();
    bare == own || (only_number && !digits.is_empty() && digits.parse().ok() == id.number())
}

/// `depends_on: [007]` in 007: nothing comes of it, and something else was meant.
pub(crate) fn to_itself(prd: &Prd) -> Option<Problem> {
    let own = prd.statements.iter().find(|statement| {
        let itself = matches!(&statement.claim, Claim::DependsOn { on } if is_self(on, &prd.id));
        itself && statement.declared
    })?;
    Some(Problem {
        message: "it says that it waits for itself".to_owned(),
        span: own.span,
        hides: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::markdown;

    fn check(document: &str, expected: &[&str]) {
        let blocks = markdown::blocks(document, 0);
        let got: Vec<_> = find(&blocks[0].flow)
            .into_iter()
            .map(|reference| reference.words)
            .collect();
        assert_eq!(got, expected, "{document}");
    }

    #[test]
    fn references() {
        check("After PRD 7 and PRD-009, not prd #3.", &["PRD 7", "PRD-009", "prd #3"]);
        check("PRDs 7, 9 and 011-tax; 12 people", &["7", "9", "011-tax"]);
        check("PRD 7 and 3 others", &["PRD 7"]);
        check(
            "see 009-fees and `12-leads`, docs/prds/003-snapshot-writer.md",
            &["009-fees", "12-leads", "003-snapshot-writer"],
        );
        check(
            "a 100-row table, 24-hour, 2026-12-01, db/0007-add-x.sql, `007-x.ts`, #12",
            &[],
        );
        check("PRD 009-fees first", &["PRD 009-fees"]);
        check("Requires RFC 1 and spec #2.", &["RFC 1", "spec #2"]);
        check("It depends on 001 and 002, 0.005, 1,003 and 10:003.", &["001", "002"]);
    }

    #[test]
    fn links_and_self() {
        assert_eq!(in_link("../prds/009-fees.md#why"), Some(8..16));
        assert_eq!(in_link("https://x.y/009-fees.md"), None);
        assert_eq!(in_link("notes.md"), None);
        let id = PrdId("009-fees".to_owned());
        assert!(
            is_self("PRD 9", &id)
                && is_self("009-fees", &id)
                && !is_self("009-fees-two", &id)
                && !is_self("PRD 10", &id)
        );
    }
}
