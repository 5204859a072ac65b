//! The raw queries of a rule set. Enters: those of each rule, by language. Leaves: for one text, what to run on it, and how its matches are numbered.
//!
//! tree-sitter walks the whole tree for each query, which takes several times as long as parsing the text; one query of all patterns walks it once.
//! It takes long to compile, so a project of a few files has its queries one by one. The matches are the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::RuleRef;
use crate::lang::queries::{CompiledQuery, LazyQuery, Predicate, compile_all};
use crate::lang::{Language, QueryMatch};

/// So many texts of a language are asked by one query after the other; from then on all are asked at once.
const ONE_BY_ONE: usize = 40;

/// More queries of a language than this take longer to compile one by one than all of them as one.
const FEW: usize = 6;

/// The raw queries of the rules, one for each rule and language, in the order of the rules; each known by its number.
#[derive(Clone, Debug, Default)]
pub struct Queries {
    all: Vec<LazyQuery>,
    owners: Vec<RuleRef>,
    bundles: Arc<[Bundle; Language::ALL.len()]>,
}

/// All queries of a language as one.
#[derive(Debug, Default)]
struct Bundle {
    texts: AtomicUsize,
    whole: OnceLock<Option<CompiledQuery>>,
}

/// What to run on one text.
#[derive(Debug)]
pub(crate) struct Asked {
    queries: Vec<CompiledQuery>,
    /// The number of each query that may find something, by its place in what is run; `None` for what is only run because others are.
    numbers: Vec<Option<usize>>,
}

impl Asked {
    /// What to hand to the front end.
    pub(crate) fn queries(&self) -> &[CompiledQuery] {
        &self.queries
    }

    /// Nothing.
    pub(super) fn nothing() -> Self {
        Self {
            queries: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// True if nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// True if all queries are asked as one.
    pub(crate) fn at_once(&self) -> bool {
        self.queries.len() < self.numbers.len()
    }

    /// The matches under the numbers of their queries, those of one query together, without those that were not asked for.
    pub(crate) fn numbered(&self, matches: Vec<QueryMatch>) -> Vec<QueryMatch> {
        let number = |found: QueryMatch| {
            let query = self.numbers.get(found.query).copied().flatten()?;
            Some(QueryMatch { query, ..found })
        };
        let mut found: Vec<QueryMatch> = matches.into_iter().filter_map(number).collect();
        found.sort_by_key(|found| found.query);
        found
    }
}

impl Queries {
    /// Adds the query of a rule for one language.
    pub(super) fn push(&mut self, owner: RuleRef, query: LazyQuery) {
        self.owners.push(owner);
        self.all.push(query);
        self.bundles = Arc::default();
    }

    /// True if a query is for this language.
    pub(super) fn speak(&self, language: Language) -> bool {
        self.all.iter().any(|query| query.language() == language)
    }

    /// The rule whose query has this number.
    pub(super) fn owner(&self, query: usize) -> Option<RuleRef> {
        self.owners.get(query).copied()
    }

    /// The predicates of a pattern of a query that are left to the matcher.
    pub(crate) fn predicates(&self, query: usize, pattern: usize) -> &[Predicate] {
        let Some(one) = self.all.get(query) else { return &[] };
        let bundle = self.bundle(one.language()).whole.get().and_then(Option::as_ref);
        match bundle {
            Some(bundle) => {
                let before = self.all[..query]
                    .iter()
                    .filter(|other| other.language() == one.language());
                bundle.predicates_in(before.count(), pattern)
            }
            None => one.get().predicates(pattern),
        }
    }

    /// What to run on a text of a language to which the rule files in `applicable` apply.
    pub(super) fn asked(&self, language: Language, applicable: &[bool]) -> Asked {
        let bundle = self.bundle(language);
        let asked = self.numbers(language, applicable).count();
        if asked > 0
            && (bundle.texts.fetch_add(1, Ordering::Relaxed) >= ONE_BY_ONE
                || self.one_by_one(language, applicable) > FEW)
            && let Some(whole) = bundle.whole.get_or_init(|| self.compiled(language))
        {
            let of = self.all.iter().zip(&self.owners).enumerate();
            let of = of.filter(|(_, (query, _))| query.language() == language);
            return Asked {
                queries: vec![whole.clone()],
                numbers: of
                    .map(|(number, (_, owner))| applicable[owner.file].then_some(number))
                    .collect(),
            };
        }
        self.asked_each(language, applicable)
    }

    /// The same, one query after the other.
    pub(super) fn asked_each(&self, language: Language, applicable: &[bool]) -> Asked {
        let numbers: Vec<usize> = self.numbers(language, applicable).collect();
        Asked {
            queries: numbers.iter().map(|number| self.all[*number].get().clone()).collect(),
            numbers: numbers.into_iter().map(Some).collect(),
        }
    }

    fn numbers<'a>(&'a self, language: Language, applicable: &'a [bool]) -> impl Iterator<Item = usize> + 'a {
        let all = self.all.iter().zip(&self.owners).enumerate();
        all.filter(move |(_, (query, owner))| query.language() == language && applicable[owner.file])
            .map(|(number, _)| number)
    }

    /// How many queries would have been compiled by themselves.
    fn one_by_one(&self, language: Language, applicable: &[bool]) -> usize {
        let of = self.all.iter().zip(&self.owners);
        of.filter(|(query, owner)| query.language() == language && (applicable[owner.file] || query.is_compiled()))
            .count()
    }

    fn bundle(&self, language: Language) -> &Bundle {
        let place = Language::ALL.iter().position(|one| *one == language);
        &self.bundles[place.unwrap_or_default()]
    }

    /// `None` where there is nothing to gain.
    fn compiled(&self, language: Language) -> Option<CompiledQuery> {
        let texts = |language: Language| -> Vec<&str> {
            let of = self.all.iter().filter(|query| query.language() == language);
            of.map(LazyQuery::text).collect()
        };
        let own = texts(language);
        // JavaScript is read with the grammar of TSX, and nearly all rules are for both.
        if language == Language::JavaScript && own == texts(Language::Tsx) {
            let twin = self
                .bundle(Language::Tsx)
                .whole
                .get_or_init(|| self.compiled(Language::Tsx));
            return twin.as_ref().map(|twin| twin.for_twin(language));
        }
        (own.len() > 1).then(|| compile_all(language, &own).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang;
    use crate::rules::load_builtin;
    use crate::source::{FileId, RepoPath};

    #[test]
    fn all_at_once_find_what_one_after_the_other_do() {
        let rules = load_builtin();
        let mut matched = 0;
        for file in &rules.files {
            let texts = file
                .rules
                .iter()
                .flat_map(|rule| rule.examples.iter().chain(&rule.counter_examples));
            for (language, text) in texts.flat_map(|text| file.languages.iter().map(move |one| (*one, text))) {
                let every = vec![true; rules.files.len()];
                let path = RepoPath::new("src/example").expect("a path");
                let read = |asked: &Asked| {
                    let facts = lang::read(FileId(0), &path, &text.as_str().into(), language, asked.queries());
                    (asked.numbered(facts.matches), facts.health)
                };
                let (each, health) = read(&rules.queries.asked_each(language, &every));
                rules
                    .queries
                    .bundle(language)
                    .texts
                    .store(ONE_BY_ONE, Ordering::Relaxed);
                let (whole, _) = read(&rules.queries.asked(language, &every));
                if health == lang::ParseHealth::Whole {
                    assert_eq!(whole, each, "{}: {text}", file.id);
                    matched += each.len();
                }
            }
        }
        assert!(matched > 300, "{matched}");
    }
}
