//! PRDs that are called by their titles. Enters: the documents of a wave. Leaves: where a text names one of them in words ("once the Slack
//! notifications work is merged", "builds on “Audit log export”"). Knows nothing of what the sentence makes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::prose::{stem, words};
use super::reference::OTHER_KINDS;
use super::{Prd, PrdId};

/// What documents are called, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Titles {
    /// By the first word: all words in lower case, and whose they are.
    by_word: BTreeMap<String, Vec<(Vec<String>, PrdId)>>,
    /// By the whole id, in lower case.
    by_id: BTreeMap<String, PrdId>,
    /// By a number that one document alone has.
    by_number: BTreeMap<u64, PrdId>,
}

/// A title in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Titled {
    /// Its bytes, with the article before it and the noun behind it ("the … work").
    pub(crate) at: Range<usize>,
    /// Whose it is; of a run of numbers all of them.
    pub(crate) prds: Vec<PrdId>,
    /// Nothing but the words says that a document is meant: no quotes, no "work", no "PRD".
    pub(crate) bare: bool,
}

impl Titles {
    /// The titles of `prds`, and the words of their ids: those of two words and more, for a single word means too much, and no two documents' own.
    #[must_use]
    pub fn new(prds: &[Prd]) -> Self {
        let mut owners: BTreeMap<Vec<String>, BTreeSet<&PrdId>> = BTreeMap::new();
        for prd in prds {
            for name in [prd.title.as_str(), prd.id.0.as_str()] {
                let words = called(name);
                if words.len() > 1 {
                    owners.entry(without_deed(&words).to_vec()).or_default().insert(&prd.id);
                    owners.entry(words).or_default().insert(&prd.id);
                }
            }
        }
        let mut titles = Self {
            by_id: prds
                .iter()
                .filter(|prd| prd.id.0.contains('-'))
                .map(|prd| (prd.id.0.to_lowercase(), prd.id.clone()))
                .collect(),
            by_number: numbers(prds),
            ..Self::default()
        };
        for (words, owners) in owners {
            if let (1, Some(prd)) = (owners.len(), owners.first()) {
                let all = titles.by_word.entry(words[0].clone()).or_default();
                all.push((words, PrdId::clone(prd)));
            }
        }
        for all in titles.by_word.values_mut() {
            all.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        }
        titles
    }

    /// Where `text` names a document, in order; of two that begin at one word the longer one.
    pub(crate) fn find(&self, text: &str) -> Vec<Titled> {
        let mut ids = self.ids(text);
        if self.by_word.is_empty() {
            return ids;
        }
        let all = word_ranges(text);
        let lower: Vec<String> = all.iter().map(|at| text[at.clone()].to_lowercase()).collect();
        let (mut out, mut at) = (Vec::new(), 0);
        while at < all.len() {
            let mut named = self.by_word.get(&lower[at]).into_iter().flatten();
            let fits = |(words, _): &&(Vec<String>, PrdId)| {
                lower[at..].starts_with(words) && joined(text, &all[at..at + words.len()])
            };
            match named.find(fits) {
                Some((words, prd)) => {
                    out.push(titled(text, (&all, &lower), at..at + words.len(), prd));
                    at += words.len();
                }
                None => at += 1,
            }
        }
        let apart = |title: &Titled| {
            !ids.iter()
                .any(|id| id.at.start < title.at.end && title.at.start < id.at.end)
        };
        out.retain(apart);
        ids.extend(out);
        ids.sort_by_key(|title| title.at.start);
        ids
    }

    /// "depends on 101", "once 101-autofill is in": documents by number and by whole id, without any mark that they are some.
    fn ids(&self, text: &str) -> Vec<Titled> {
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let mut out = Vec::new();
        let mut at = 0;
        for piece in text.split(|c: char| !inside(c)) {
            let word = piece.trim_matches(['-', '_']);
            let start = at + (piece.len() - piece.trim_start_matches(['-', '_']).len());
            let range = start..start + word.len();
            at += piece.len();
            at += text[at..].chars().next().map_or(0, char::len_utf8);
            let number = (word.len() >= SHORTEST_NUMBER && !word.starts_with('0'))
                .then(|| self.by_number.get(&word.parse().ok()?))
                .flatten()
                .filter(|_| names_a_document(text, &range));
            let alone = |at: &Range<usize>| !text[at.end..].starts_with(['/', '(']) && !text[..at.start].ends_with('/');
            let id = self.by_id.get(&word.to_lowercase()).filter(|_| alone(&range));
            if let Some(prd) = number.or(id) {
                out.push(Titled {
                    at: range,
                    prds: vec![prd.clone()],
                    bare: false,
                });
            }
        }
        out
    }

    /// True if `text` names one of the documents.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }
}

/// A number of fewer digits means too much.
const SHORTEST_NUMBER: usize = 2;

/// The numbers that one document alone has.
fn numbers(prds: &[Prd]) -> BTreeMap<u64, PrdId> {
    let mut all: BTreeMap<u64, Vec<&PrdId>> = BTreeMap::new();
    for prd in prds {
        if let Some(number) = prd.id.number() {
            all.entry(number).or_default().push(&prd.id);
        }
    }
    let alone = all.into_iter().filter(|(_, ids)| ids.len() == 1);
    alone.map(|(number, ids)| (number, ids[0].clone())).collect()
}

/// True if the number at `at` stands where one names a document: behind a word of order, and before nothing that it counts ("after 101 tickets").
fn names_a_document(text: &str, at: &Range<usize>) -> bool {
    let (before, after) = (&text[..at.start], &text[at.end..]);
    let opens = before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || "([|".contains(c));
    let mut rest = after.chars();
    let closes = match rest.next() {
        None => true,
        Some('.' | ',' | ':') => rest.next().is_none_or(|next| !next.is_alphanumeric()),
        Some(next) => next.is_whitespace() || ";)]|!?".contains(next),
    };
    let trimmed = before.trim_end();
    let last = trimmed
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let led = trimmed.is_empty()
        || trimmed.ends_with(|c: char| ":,&+(|→>*—–\n".contains(c))
        || (!last.is_empty() && words().class("before_document").has(&stem(&last.to_lowercase())));
    let next = after.trim_start_matches([' ', '\t']);
    let word = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let counts = word.starts_with(char::is_lowercase) && !words().class("after_number").has(&stem(word));
    opens && closes && led && !counts && !next.starts_with(['%', '€', '$', '£'])
}

/// The words of a title or an id, without what only counts it: "PRD 7: Tax lines" and `007-tax-lines` are both called "tax lines".
fn called(name: &str) -> Vec<String> {
    let all = word_ranges(name);
    let words = all.into_iter().map(|at| name[at].to_lowercase());
    let counts = |word: &String| {
        word.chars().all(|c| c.is_ascii_digit()) || word == "prd" || OTHER_KINDS.contains(&word.as_str())
    };
    words.skip_while(counts).collect()
}

/// "Show gaps in the home timeline" is the work for "gaps in the home timeline", too; what is short then may be anything.
fn without_deed(words: &[String]) -> &[String] {
    let deed = |word: &String| {
        ["bids", "create", "write"]
            .iter()
            .any(|class| self::words().doing(class).has(&stem(word)))
    };
    let plain = |word: &&String| {
        let stem = stem(word);
        self::words().class("plain_words").has(&stem) || self::words().class("np_stop").has(&stem)
    };
    match words {
        [first, rest @ ..] if deed(first) && rest.iter().filter(|word| !plain(word)).count() > 2 => rest,
        _ => words,
    }
}

fn word_ranges(text: &str) -> Vec<Range<usize>> {
    let (mut out, mut start) = (Vec::new(), None);
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                out.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    out.extend(start.map(|from| from..text.len()));
    out
}

/// True if nothing but spaces, hyphens and marks of emphasis stand between the words: a full stop ends a title.
fn joined(text: &str, words: &[Range<usize>]) -> bool {
    let mut gaps = words.windows(2).map(|pair| &text[pair[0].end..pair[1].start]);
    gaps.all(|gap| gap.chars().all(|c| c.is_whitespace() || "-–—*_/&,:’'".contains(c)))
}

fn titled(text: &str, (all, lower): (&[Range<usize>], &[String]), named: Range<usize>, prd: &PrdId) -> Titled {
    let core = all[named.start].start..all[named.end - 1].end;
    let quoted = text[..core.start].ends_with(['"', '“', '«', '*', '\'', '‘', '[', '`'])
        && text[core.end..].starts_with(['"', '”', '»', '*', '\'', '’', ']', '`']);
    let noun = lower
        .get(named.end)
        .filter(|word| words().class("a_document").has(&stem(word)) && joined(text, &all[named.end - 1..=named.end]));
    let end = match noun {
        Some(_) => all[named.end].end,
        None if quoted => core.end + text[core.end..].chars().next().map_or(0, char::len_utf8),
        None => core.end,
    };
    let quote = text[..core.start]
        .chars()
        .next_back()
        .filter(|_| quoted)
        .map_or(0, char::len_utf8);
    let article = named.start.checked_sub(1).filter(|before| {
        words().class("det").has(&stem(&lower[*before])) && text[all[*before].end..core.start - quote].trim().is_empty()
    });
    let start = article.map_or(core.start - quote, |before| all[before].start);
    Titled {
        at: start..end,
        prds: vec![prd.clone()],
        bare: noun.is_none() && !quoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::KnownNames;
    use crate::prd::tests::{document_with, order_of};

    fn titles(prds: &[(&str, &str)]) -> Titles {
        let read = |(path, text): &(&str, &str)| document_with(path, text, &KnownNames::default()).1;
        Titles::new(&prds.iter().map(read).collect::<Vec<_>>())
    }

    /// What the document `docs/prds/9-own.md` of this text waits for.
    fn waits_for(text: &str) -> Vec<String> {
        let mut names = KnownNames::default();
        names.set_titles(titles(&[
            ("docs/prds/001-slack-notifications.md", "# PRD 1: Slack notifications\n"),
            ("docs/prds/002-export.md", "# Audit log export\n"),
            ("docs/prds/003-tax.md", "# Tax\n"),
            ("docs/prds/004-gaps.md", "# Show gaps in the home timeline\n"),
            ("docs/prds/005-list.md", "# Show the list\n"),
        ]));
        let (_, prd) = document_with("docs/prds/9-own.md", &format!("# Own\n\n{text}\n"), &names);
        order_of(&prd).0
    }

    #[test]
    fn a_document_is_waited_for_by_its_title() {
        for text in [
            "Once the Slack notifications work is merged, we start.",
            "This depends on Slack notifications.",
            "It builds on top of \"Slack Notifications\".",
            "Starts once the slack-notifications PRD has landed.",
            "The Slack notifications work must land first.",
            "## Dependencies\n\n- Slack notifications (in review)",
            "Blocked by the Slack notifications project.",
        ] {
            assert_eq!(waits_for(text), ["001-slack-notifications"], "{text}");
        }
        assert_eq!(
            waits_for("Depends on: Audit log export, Slack notifications"),
            ["002-export", "001-slack-notifications"]
        );
        for text in [
            "Builds on the work for gaps in the home timeline.",
            "This depends on the work on gaps in the home timeline.",
            "Once the gaps in the home timeline work is merged, we start.",
        ] {
            assert_eq!(waits_for(text), ["004-gaps"], "{text}");
        }
    }

    #[test]
    fn what_is_called_like_a_document_need_not_be_one() {
        for text in [
            "The colour depends on gaps in the timeline.",
            "Builds on the work for the list.",
            "We fill the gaps in the home timeline.",
            "The total depends on the audit log export.",
            "Once the audit log export is done, a toast shows.",
            "After the audit log export, the file is deleted.",
            "This does not depend on Slack notifications.",
            "This depends on tax.",
            "We use Slack. Notifications depend on it.",
        ] {
            assert!(waits_for(text).is_empty(), "{text}: {:?}", waits_for(text));
        }
    }

    /// What the document `docs/prds/900-own.md` of this text waits for, in a wave of numbers without a leading zero.
    fn waits_for_a_number(text: &str) -> Vec<String> {
        let mut names = KnownNames::default();
        names.set_titles(titles(&[
            ("docs/prds/101-autofill.md", "# Autofill of the list\n"),
            ("docs/prds/102-ledger.md", "# Refund ledger\n"),
        ]));
        let (_, prd) = document_with("docs/prds/900-own.md", &format!("# Own\n\n{text}\n"), &names);
        order_of(&prd).0
    }

    #[test]
    fn a_document_is_waited_for_by_its_plain_number_and_its_whole_id() {
        for text in [
            "This depends on 101.",
            "Once 101 is in, we start.",
            "Do not start before 101 has landed.",
            "Land 101 first.",
            "This PRD depends on 101-autofill.",
            "Once 101-autofill is in, we go.",
            "### Depends on\n\n| PRD | Why |\n|---|---|\n| 101 | the list |",
            "| Depends on | Why |\n|---|---|\n| 101 | the list |",
        ] {
            assert_eq!(waits_for_a_number(text), ["101-autofill"], "{text}");
        }
        assert_eq!(
            waits_for_a_number("This goes after 101 and 102."),
            ["101-autofill", "102-ledger"]
        );
        for text in [
            "After 101 tickets we stop.",
            "It needs 102 rows and 101 MB.",
            "Error 101 blocks this for guests.",
            "It depends on 101% of the total.",
            "It depends on version 1.101.",
            "This depends on 103.",
        ] {
            assert!(waits_for_a_number(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn two_documents_of_one_title_are_none() {
        let titles = titles(&[
            ("a/1-x-y.md", "# Audit log export\n"),
            ("a/2-z-z.md", "# Audit log export\n"),
        ]);
        assert!(titles.find("the Audit log export work").is_empty());
        assert_eq!(titles.find("the x y work").len(), 1);
    }
}
