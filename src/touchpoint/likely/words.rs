//! Words of prose and of code, made comparable. Enters: a text. Leaves: identifiers, their parts as stems, and the [`Query`] that a
//! document is. `quoteVersions`, `quote_version` and "the quote's version" are the same two words.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::prd::prose::stem;
use crate::prd::{MentionKind, Prd};
use crate::source::{Bytes, Sources, Span};

/// More words of a document than this say nothing more, and a hostile one has no end of them.
const MOST_WORDS: usize = 600;
/// The same for paths.
const MOST_PATHS: usize = 300;
/// The same for the names that a document writes as in code.
const MOST_NAMES: usize = 300;
/// A word counts as often as it stands in the document, up to this.
const OFTEN: u32 = 3;
/// What a word of the title counts beside.
const TITLE: f64 = 2.0;
/// Shorter names than this are everywhere.
const SHORT: usize = 3;

/// The words of `rules/prose/likely.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    common: Vec<String>,
    definers: HashSet<String>,
    plain: HashSet<String>,
}

/// The same, ready to be asked.
struct Lists {
    common: HashSet<Box<str>>,
    definers: HashSet<String>,
    plain: HashSet<String>,
}

fn listed() -> &'static Lists {
    static LISTED: OnceLock<Lists> = OnceLock::new();
    LISTED.get_or_init(|| {
        let text = include_str!("../../../rules/prose/likely.toml");
        let listed: Listed =
            toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/prose/likely.toml: {}", error.message()));
        Lists {
            common: listed.common.iter().map(|word| stem(word)).collect(),
            definers: listed.definers,
            plain: listed.plain,
        }
    })
}

/// True for a word, as a stem, that nearly every document says.
fn is_common(stem: &str) -> bool {
    listed().common.contains(stem)
}

/// True for a word of code after which the name of something new stands.
pub(super) fn is_definer(word: &str) -> bool {
    listed().definers.contains(word)
}

/// True for a file's name, without its ending, that files of many folders have.
pub(super) fn is_plain(name: &str) -> bool {
    listed().plain.contains(name)
}

/// The identifiers of a text with their first bytes: letters, digits and `_`, not beginning with a digit, two or more.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let start = at + rest.find(|c: char| c.is_alphanumeric() || c == '_')?;
        let rest = &text[start..];
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        at = start + length;
        Some((start, &rest[..length]))
    })
    .filter(|(_, word)| word.len() > 1 && !word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The words within an identifier (`parseHTTPRequest2` is `parse`, `HTTP`, `Request`); single letters are none.
pub(super) fn parts(identifier: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = identifier.char_indices().collect();
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, &(byte, c)) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before].1);
        let after = chars.get(at + 1).map(|(_, after)| *after);
        let begins = match before {
            None => false,
            Some('_') => true,
            Some(_) if c == '_' => true,
            Some(before) if before.is_numeric() != c.is_numeric() => true,
            Some(before) if c.is_uppercase() => !before.is_uppercase() || after.is_some_and(char::is_lowercase),
            Some(_) => false,
        };
        if begins {
            parts.push(&identifier[start..byte]);
            start = byte;
        }
    }
    parts.push(&identifier[start..]);
    parts.retain(|part| part.len() > 1 && !part.starts_with('_'));
    parts
}

/// One word that a document says.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Word {
    /// Its stem.
    pub(super) stem: Box<str>,
    /// How much it counts.
    pub(super) weight: f64,
    /// Where it stands first.
    pub(super) at: Span,
}

/// What a document asks for.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Query {
    /// Its words, in the order of the text, those of the title first.
    pub(super) words: Vec<Word>,
    /// Two words beside each other, as stems, with their weight.
    pub(super) pairs: BTreeMap<(Box<str>, Box<str>), f64>,
    /// Names that it writes as they stand in code, with their places.
    pub(super) names: BTreeMap<Box<str>, Span>,
    /// Paths, and ends of paths, that it writes.
    pub(super) paths: BTreeMap<String, Span>,
    /// Paths that it says it leaves alone.
    pub(super) spared: Vec<String>,
}

impl Query {
    /// What `prd` asks for.
    pub(super) fn new(prd: &Prd, sources: &Sources) -> Self {
        let text = sources.file(prd.title_span.file).text.clone();
        let title = prd.title_span.bytes.range();
        let body = (prd.body as usize).max(title.end).min(text.len());
        let mut query = Self::default();
        let mut counts: HashMap<Box<str>, (u32, usize)> = HashMap::new();
        for (stretch, in_title) in [(title, true), (body..text.len(), false)] {
            query.read(&text, stretch, in_title, prd.title_span, &mut counts);
        }
        for mention in prd.mentions.iter().filter(|mention| mention.kind == MentionKind::Path) {
            let path = mention
                .text
                .trim()
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned();
            if query.paths.len() + query.spared.len() >= MOST_PATHS {
                break;
            }
            if mention.negated {
                query.spared.push(path);
            } else {
                query.paths.entry(path).or_insert(mention.span);
            }
        }
        let denied = prd.mentions.iter().filter(|mention| mention.negated);
        for mention in denied {
            for (_, name) in identifiers(&mention.text) {
                query.names.remove(name);
            }
        }
        query
    }

    fn read(
        &mut self,
        text: &str,
        stretch: Range<usize>,
        in_title: bool,
        title: Span,
        counts: &mut HashMap<Box<str>, (u32, usize)>,
    ) {
        let Some(words) = text.get(stretch.clone()) else { return };
        let ticked = ticked(words);
        let mut before: Option<(usize, Box<str>)> = None;
        for (start, identifier) in identifiers(words) {
            let end = start + identifier.len();
            let at = Bytes::new(stretch.start + start, stretch.start + end).in_file(title.file);
            if is_name(identifier, is_within(&ticked, start)) && self.names.len() < MOST_NAMES {
                self.names.entry(identifier.into()).or_insert(at);
            }
            for part in parts(identifier) {
                let stem = stem(part);
                if is_common(&stem) {
                    before = None;
                    continue;
                }
                if let Some((_, first)) = before.take_if(|(until, _)| joined(&words[*until..start.max(*until)])) {
                    *self.pairs.entry((first, stem.clone())).or_default() += 1.0;
                }
                before = Some((end, stem.clone()));
                self.count(stem, in_title, at, counts);
            }
        }
        for weight in self.pairs.values_mut() {
            *weight = weight.min(f64::from(OFTEN));
        }
    }

    fn count(&mut self, stem: Box<str>, in_title: bool, at: Span, counts: &mut HashMap<Box<str>, (u32, usize)>) {
        let Some((count, place)) = counts.get_mut(&stem) else {
            if self.words.len() < MOST_WORDS {
                counts.insert(stem.clone(), (u32::from(!in_title), self.words.len()));
                let weight = if in_title { TITLE } else { 1.0 };
                self.words.push(Word { stem, weight, at });
            }
            return;
        };
        if !in_title && *count < OFTEN {
            *count += 1;
            self.words[*place].weight += 1.0;
        }
    }
}

/// True if two words are beside each other: only spaces and marks of Markdown between them, or what joins names in code.
fn joined(between: &str) -> bool {
    let mark = |c| matches!(c, ' ' | '`' | '_' | '*' | '-' | '/' | '"' | '\'');
    matches!(between, "." | "::") || (between.len() < 8 && between.chars().all(mark))
}

/// True for a word that is written as in code: in backticks, with `_` inside, or in camelCase.
fn is_name(identifier: &str, ticked: bool) -> bool {
    if identifier.len() < SHORT || is_common(&stem(identifier)) {
        return false;
    }
    let inner = identifier.trim_matches('_');
    let mut chars = inner.chars().zip(inner.chars().skip(1));
    ticked || inner.contains('_') || chars.any(|(a, b)| a.is_lowercase() && b.is_uppercase())
}

/// What stands in backticks, line by line.
fn ticked(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let ticks: Vec<usize> = line.match_indices('`').map(|(at, _)| offset + at).collect();
        found.extend(ticks.chunks_exact(2).map(|pair| pair[0]..pair[1]));
        offset += line.len();
    }
    found
}

fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= at);
    ranges.get(next).is_some_and(|range| range.contains(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_fall_into_their_words() {
        for (identifier, expected) in [
            ("parseHTTPRequest2", &["parse", "HTTP", "Request"][..]),
            ("quote_version", &["quote", "version"]),
            ("__init__", &["init"]),
            ("QuoteVersions", &["Quote", "Versions"]),
            ("sha256sum", &["sha", "256", "sum"]),
            ("x", &[]),
            ("größeÄndern", &["größe", "Ändern"]),
            ("MAX_RETRIES", &["MAX", "RETRIES"]),
        ] {
            assert_eq!(parts(identifier), expected, "{identifier}");
        }
        let found: Vec<&str> = identifiers("a b2 = 12ab + _cd(ef)").map(|(_, word)| word).collect();
        assert_eq!(found, ["b2", "_cd", "ef"]);
    }

    #[test]
    fn words_of_code_are_written_as_in_code() {
        let text = "Call `retry` from sendMail, not by `hand\nor mail_box` it";
        let ticked = ticked(text);
        let names: Vec<&str> = identifiers(text)
            .filter(|(at, word)| is_name(word, is_within(&ticked, *at)))
            .map(|(_, word)| word)
            .collect();
        assert_eq!(names, ["retry", "sendMail", "mail_box"]);
    }

    #[test]
    fn two_words_are_beside_each_other_within_a_sentence_alone() {
        assert!(joined(" ") && joined("` `") && joined("") && joined("::") && joined("-"));
        assert!(!joined(". ") && !joined(", ") && !joined("\n") && !joined(" (") && !joined("            "));
    }
}
