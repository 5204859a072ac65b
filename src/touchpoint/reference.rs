//! Which PRD is meant. Enters: the ids of all PRDs, a reference as people write it (`PRD 7`, `007`, `009-fees`, `#7`, `fees`,
//! `docs/prds/009-fees.md`). Leaves: a [`PrdId`], or the ids that may have been meant.

use std::collections::BTreeMap;

use crate::nearest::nearest;
use crate::prd::{OTHER_KINDS, Prd, PrdId};
use crate::source::RepoPath;

/// `rfc-1` of `rfcs/0001-x.md`, and of a document with the title "RFC 1: x".
fn as_other_kind(prd: &Prd) -> Vec<String> {
    let Some(number) = prd.id.number() else {
        return Vec::new();
    };
    let (path, title) = (prd.path.as_str().to_lowercase(), prd.title.to_lowercase());
    let kinds = OTHER_KINDS
        .iter()
        .filter(|kind| path.contains(**kind) || title.starts_with(**kind));
    kinds.map(|kind| format!("{kind}-{number}")).collect()
}

/// All names by which PRDs are called.
#[derive(Debug, Default)]
pub struct References<'a> {
    ids: Vec<&'a PrdId>,
    by_name: BTreeMap<String, Vec<&'a PrdId>>,
    by_number: BTreeMap<u64, Vec<&'a PrdId>>,
    by_path: BTreeMap<&'a str, &'a PrdId>,
}

impl<'a> References<'a> {
    /// The names of `prds`.
    #[must_use]
    pub fn new(prds: &'a [Prd]) -> Self {
        let mut names = Self::default();
        for prd in prds {
            names.ids.push(&prd.id);
            let slug = prd.id.0.trim_start_matches(|c: char| c.is_ascii_digit());
            let mut called = vec![plain(&prd.id.0), plain(slug), plain(&prd.title)];
            called.extend(file_stem(prd.path.as_str()).map(plain));
            called.extend(as_other_kind(prd));
            called.sort();
            called.dedup();
            for name in called.into_iter().filter(|name| !name.is_empty()) {
                names.by_name.entry(name).or_default().push(&prd.id);
            }
            if let Some(number) = prd.id.number() {
                names.by_number.entry(number).or_default().push(&prd.id);
            }
            names.by_path.insert(prd.path.as_str(), &prd.id);
        }
        names.ids.sort();
        names
    }

    /// The PRD that `words` mean.
    ///
    /// # Errors
    /// Where no PRD or more than one is meant: the ids that may have been meant, best first.
    pub fn find(&self, words: &str) -> Result<&'a PrdId, Vec<String>> {
        let words = words.trim().trim_matches(['`', '"', '\'', '*', '.', ',']).trim();
        if let Some(id) = self.by_file(words) {
            return Ok(id);
        }
        let called = words.split(['(', ',']).next().unwrap_or(words);
        let called = file_stem(called.trim()).unwrap_or(called);
        let name = plain(called);
        if let Some(found) = self.only(self.by_name.get(&name)) {
            return found;
        }
        let bare = name
            .strip_prefix("prd")
            .map_or(name.as_str(), |rest| rest.trim_start_matches('-'));
        let bare = bare.strip_prefix("story-").unwrap_or(bare);
        if let Some(found) = self.only(self.by_name.get(bare)) {
            return found;
        }
        if let Some(id) = self.by_two_numbers(bare) {
            return Ok(id);
        }
        self.by_digits(bare, called)
    }

    fn by_file(&self, words: &str) -> Option<&'a PrdId> {
        let path = RepoPath::new(words.split('#').next().unwrap_or(words).trim_start_matches("../"))?;
        let ends = |full: &str| {
            full.strip_suffix(path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let mut found = self.by_path.iter().filter(|(full, _)| ends(full));
        match (found.next(), found.next()) {
            (Some((_, id)), None) => Some(id),
            _ => None,
        }
    }

    fn only(&self, found: Option<&Vec<&'a PrdId>>) -> Option<Result<&'a PrdId, Vec<String>>> {
        match found?.as_slice() {
            [id] => Some(Ok(id)),
            several => Some(Err(several.iter().map(|id| id.0.clone()).collect())),
        }
    }

    /// `1-2` of `1-2-service`.
    fn by_two_numbers(&self, bare: &str) -> Option<&'a PrdId> {
        let (first, second) = bare.split_once('-')?;
        let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let begins = |id: &&&PrdId| id.0.strip_prefix(bare).is_some_and(|rest| rest.starts_with('-'));
        let mut found = self.ids.iter().filter(begins);
        match (is_number(first) && is_number(second), found.next(), found.next()) {
            (true, Some(id), None) => Some(id),
            _ => None,
        }
    }

    /// `7`, `007`, `7: tax`; a slug that belongs to another number is not ignored.
    fn by_digits(&self, bare: &str, called: &str) -> Result<&'a PrdId, Vec<String>> {
        let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = bare[..digits].parse().ok();
        let glued = called.contains(&format!("{}-", &bare[..digits]));
        let found = number.and_then(|number: u64| self.by_number.get(&number));
        match found.map(Vec::as_slice) {
            Some([id]) if bare.len() == digits || !glued => Ok(id),
            Some(several) => Err(several.iter().map(|id| id.0.clone()).collect()),
            None => Err(self.near(bare)),
        }
    }

    /// The ids that a name may have meant: by themselves, else by what their documents are called.
    fn near(&self, name: &str) -> Vec<String> {
        let ids = nearest(name, self.ids.iter().map(|id| id.0.as_str()));
        let called = || {
            self.by_name
                .get(nearest(name, self.by_name.keys().map(String::as_str))?)
        };
        match ids {
            Some(id) => vec![id.to_owned()],
            None => called().into_iter().flatten().map(|id| id.0.clone()).collect(),
        }
    }
}

/// Lower case, words joined by `-`.
fn plain(words: &str) -> String {
    let parts = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// `009-fees` of `../prds/009-fees.md#scope`.
fn file_stem(words: &str) -> Option<&str> {
    let path = words.split('#').next().unwrap_or(words);
    let stem = path.strip_suffix(".md").or_else(|| path.strip_suffix(".mdx"))?;
    stem.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Bytes, FileId};

    fn prds() -> Vec<Prd> {
        let ids = [
            "001-status-values",
            "007-tax",
            "009-fees",
            "010-fees-report",
            "leads",
            "012-a",
            "012-b",
        ];
        ids.iter()
            .map(|id| Prd {
                id: PrdId((*id).into()),
                title: format!("The {id} document"),
                path: RepoPath::new(&format!("docs/prds/{id}.md")).unwrap(),
                title_span: Bytes::new(0, 0).in_file(FileId(0)),
                body: 0,
                footprint: None,
                branch: None,
                mentions: Vec::new(),
                statements: Vec::new(),
                worths: Vec::new(),
                expected: Vec::new(),
                named: Vec::new(),
                passages: Vec::new(),
                leaving: Vec::new(),
                problems: Vec::new(),
            })
            .collect()
    }

    fn check(words: &str, expected: Result<&str, &[&str]>) {
        let prds = prds();
        let found = References::new(&prds).find(words).map(|id| id.0.clone());
        let expected = expected
            .map(str::to_owned)
            .map_err(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn people_write_it_in_many_ways() {
        let ways = [
            "7",
            "007",
            "PRD 7",
            "PRD-007",
            "prd 7 (tax)",
            "#7",
            "`007-tax`",
            "tax",
            "PRD 7: Tax",
            "007-tax.md",
        ];
        for way in ways {
            check(way, Ok("007-tax"));
        }
        check("docs/prds/009-fees.md", Ok("009-fees"));
        check("../prds/009-fees.md#scope", Ok("009-fees"));
        check("The leads document", Ok("leads"));
        check("009-fees", Ok("009-fees"));
    }

    #[test]
    fn what_is_unknown_or_ambiguous_names_what_may_be_meant() {
        check("012", Err(&["012-a", "012-b"]));
        check("007-taxes", Err(&["007-tax"]));
        check("099", Err(&[]));
        check("009-fee", Err(&["009-fees"]));
        check("", Err(&[]));
    }
}
