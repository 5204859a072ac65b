//! Raw tree-sitter queries of the rules. Enters: the text of a query and a language. Leaves: [`CompiledQuery`], or a reason why it
//! can never match as it was meant; and for one file its [`QueryMatch`]es. Does not know what the captures stand for.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use streaming_iterator::StreamingIterator;
use thiserror::Error;
use tree_sitter::{CaptureQuantifier, Node, Query, QueryCursor, QueryCursorOptions, QueryCursorState};

use super::{Language, QueryMatch, parse};
use crate::source::Bytes;

/// The predicates that rules may use beside tree-sitter's own (`#eq?`, `#match?`, `#any-of?` and their negations).
const OWN_PREDICATES: [&str; 5] = ["import?", "file?", "in-kind?", "not-in-kind?", "text-key!"];

/// Matches in progress that one query may hold: beyond it tree-sitter drops some, and the file counts as partly understood.
const MATCHES_IN_PROGRESS: u32 = 4096;

/// How many bytes of text earn a query one more report.
const BYTES_PER_REPORT: usize = 1;

/// What every text may use, so that short ones are never cut off.
const REPORTS_AT_LEAST: usize = 100_000;

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// tree-sitter does not accept it: unknown node kinds, fields, bad syntax.
    #[error("line {line}, column {column}: {message} (in the {} grammar)", language.word())]
    Rejected {
        /// One-based line within the query.
        line: usize,
        /// One-based column within the line.
        column: usize,
        /// What is wrong.
        message: String,
        /// For which language.
        language: Language,
    },
    /// This build has no grammar to check it with.
    #[error("this build does not read {}", language.word())]
    NotBuilt {
        /// For which language.
        language: Language,
    },
    /// A pattern that captures nothing: usually a predicate outside the parentheses of its pattern, which then matches everything.
    #[error("line {line}: this pattern captures nothing; a predicate belongs inside the parentheses of its pattern")]
    NoCapture {
        /// One-based line within the query.
        line: usize,
    },
    /// No pattern at all.
    #[error("the query is empty")]
    Empty,
    /// A predicate that nobody evaluates.
    #[error(
        "unknown predicate `#{name}`; known: #eq? #not-eq? #match? #not-match? #any-of? #not-any-of? #import? #file? #in-kind? #not-in-kind? #text-key!"
    )]
    UnknownPredicate {
        /// Its name.
        name: String,
    },
    /// A predicate with the wrong arguments.
    #[error("`#{name}` wants {wants}")]
    BadArguments {
        /// The predicate's name.
        name: String,
        /// What it wants.
        wants: &'static str,
    },
}

/// An argument of a predicate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PredicateArg {
    /// `@name`, without the `@`.
    Capture(Arc<str>),
    /// `"text"`.
    Text(Box<str>),
}

/// A predicate that the matcher of the rules evaluates, because it needs more than the tree: `#import?`, `#file?`, `#text-key!`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Predicate {
    /// Its name, without `#`.
    pub name: Box<str>,
    /// Its arguments.
    pub args: Vec<PredicateArg>,
}

/// A query that fits the grammar of one language.
#[derive(Clone)]
pub struct CompiledQuery {
    language: Language,
    query: Arc<Query>,
    captures: Arc<[Arc<str>]>,
    /// For each pattern.
    predicates: Arc<[Vec<Predicate>]>,
    /// For each pattern: a capture, the kinds, and whether it must stand in one of them.
    kinds: Arc<[Vec<KindTest>]>,
    /// For each pattern: the place of the query that it is of, and its place there. Empty for a query that is one by itself.
    parts: Arc<[(usize, usize)]>,
}

/// A query of a rule for one language, compiled when a text first asks for it: a run knows few of the languages that the rules know, and
/// tree-sitter takes longer to analyse a query than to run it on a small project. Copies share what was compiled.
#[derive(Clone, Debug)]
pub struct LazyQuery {
    language: Language,
    text: Arc<str>,
    compiled: Arc<OnceLock<CompiledQuery>>,
}

impl LazyQuery {
    /// A query that is known to compile.
    #[must_use]
    pub fn new(language: Language, text: &str) -> Self {
        Self {
            language,
            text: text.into(),
            compiled: Arc::default(),
        }
    }

    /// The language whose files it is run on.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// True if it was asked for before.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.compiled.get().is_some()
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A query that was compiled from this text.
    #[must_use]
    pub fn compiled(text: &str, query: CompiledQuery) -> Self {
        Self {
            language: query.language,
            text: text.into(),
            compiled: Arc::new(OnceLock::from(query)),
        }
    }

    /// The query, compiled now if it never was.
    ///
    /// # Panics
    /// If it does not compile, which [`Self::new`] was told cannot be.
    #[must_use]
    pub fn get(&self) -> &CompiledQuery {
        self.compiled.get_or_init(|| match compile(self.language, &self.text) {
            Ok(query) => query,
            Err(error) => panic!("BUG: a query that was checked does not compile: {error}"),
        })
    }
}

#[derive(Clone, Debug)]
struct KindTest {
    capture: u32,
    kinds: Vec<Box<str>>,
    inside: bool,
}

impl fmt::Debug for CompiledQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledQuery")
            .field("language", &self.language)
            .field("captures", &self.captures)
            .finish_non_exhaustive()
    }
}

impl CompiledQuery {
    /// The language whose files it is run on.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The names of its captures, without `@`.
    #[must_use]
    pub fn captures(&self) -> &[Arc<str>] {
        &self.captures
    }

    /// How many patterns it has.
    #[must_use]
    pub fn patterns(&self) -> usize {
        self.predicates.len()
    }

    /// The captures of one pattern.
    #[must_use]
    pub fn captures_of(&self, pattern: usize) -> BTreeSet<&str> {
        let quantifiers = self.query.capture_quantifiers(pattern);
        let used = quantifiers.iter().zip(self.captures.iter());
        used.filter(|(quantifier, _)| **quantifier != CaptureQuantifier::Zero)
            .map(|(_, name)| &**name)
            .collect()
    }

    /// The predicates of one pattern that are left to the caller.
    #[must_use]
    pub fn predicates(&self, pattern: usize) -> &[Predicate] {
        self.predicates.get(pattern).map_or(&[], Vec::as_slice)
    }

    /// The same query for another language of the same grammar.
    #[must_use]
    pub(crate) fn for_twin(&self, language: Language) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// The same of a pattern of one of several queries that were compiled as one.
    #[must_use]
    pub fn predicates_in(&self, place: usize, pattern: usize) -> &[Predicate] {
        let at = self.parts.binary_search(&(place, pattern));
        at.map_or(&[], |at| self.predicates(at))
    }
}

/// Checks a query against the grammar of `language`.
///
/// # Errors
/// If the grammar does not know a node kind or field, if a pattern captures nothing, if a predicate is unknown.
pub fn compile(language: Language, text: &str) -> Result<CompiledQuery, QueryError> {
    let grammar = parse::grammar(language).ok_or(QueryError::NotBuilt { language })?;
    let query = Query::new(&grammar, text).map_err(|error| rejected(language, &error))?;
    if query.pattern_count() == 0 {
        return Err(QueryError::Empty);
    }
    let captures: Vec<Arc<str>> = query.capture_names().iter().map(|name| Arc::from(*name)).collect();
    let (mut predicates, mut kinds) = (Vec::new(), Vec::new());
    for pattern in 0..query.pattern_count() {
        let quantifiers = query.capture_quantifiers(pattern);
        if quantifiers
            .iter()
            .all(|quantifier| *quantifier == CaptureQuantifier::Zero)
        {
            let before = text.get(..query.start_byte_for_pattern(pattern)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            return Err(QueryError::NoCapture { line });
        }
        let (left, tests) = own_predicates(&query, pattern, &captures)?;
        predicates.push(left);
        kinds.push(tests);
    }
    Ok(CompiledQuery {
        language,
        query: Arc::new(query),
        captures: captures.into(),
        predicates: predicates.into(),
        kinds: kinds.into(),
        parts: Arc::default(),
    })
}

/// Several queries as one, which walks a tree once: its matches are told as those of the query at its place in `texts`.
///
/// # Errors
/// If one of them does not compile.
pub fn compile_all(language: Language, texts: &[&str]) -> Result<CompiledQuery, QueryError> {
    let mut whole = compile(language, &texts.join("\n"))?;
    let mut ends: Vec<usize> = Vec::new();
    for text in texts {
        ends.push(ends.last().map_or(0, |end| end + 1) + text.len());
    }
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for pattern in 0..whole.patterns() {
        let start = whole.query.start_byte_for_pattern(pattern);
        let place = ends.partition_point(|end| *end <= start);
        let nth = parts
            .last()
            .filter(|(before, _)| *before == place)
            .map_or(0, |(_, nth)| nth + 1);
        parts.push((place, nth));
    }
    whole.parts = parts.into();
    Ok(whole)
}

fn rejected(language: Language, error: &tree_sitter::QueryError) -> QueryError {
    let what = match error.kind {
        tree_sitter::QueryErrorKind::NodeType => "unknown node kind ",
        tree_sitter::QueryErrorKind::Field => "unknown field ",
        tree_sitter::QueryErrorKind::Capture => "unknown capture ",
        tree_sitter::QueryErrorKind::Structure => "this pattern can never match: ",
        _ => "",
    };
    QueryError::Rejected {
        line: error.row + 1,
        column: error.column + 1,
        message: format!("{what}{}", error.message.trim_end()),
        language,
    }
}

fn own_predicates(
    query: &Query,
    pattern: usize,
    captures: &[Arc<str>],
) -> Result<(Vec<Predicate>, Vec<KindTest>), QueryError> {
    let (mut left, mut tests) = (Vec::new(), Vec::new());
    for predicate in query.general_predicates(pattern) {
        let name = &*predicate.operator;
        if !OWN_PREDICATES.contains(&name) {
            return Err(QueryError::UnknownPredicate { name: name.into() });
        }
        if name.ends_with("in-kind?") {
            tests.push(kind_test(predicate)?);
            continue;
        }
        let arg = |arg: &tree_sitter::QueryPredicateArg| match arg {
            tree_sitter::QueryPredicateArg::Capture(index) => PredicateArg::Capture(captures[*index as usize].clone()),
            tree_sitter::QueryPredicateArg::String(text) => PredicateArg::Text(text.clone()),
        };
        left.push(Predicate {
            name: name.into(),
            args: predicate.args.iter().map(arg).collect(),
        });
    }
    Ok((left, tests))
}

fn kind_test(predicate: &tree_sitter::QueryPredicate) -> Result<KindTest, QueryError> {
    let bad = || QueryError::BadArguments {
        name: predicate.operator.to_string(),
        wants: "a capture and one or more node kinds",
    };
    let (first, rest) = predicate.args.split_first().ok_or_else(bad)?;
    let tree_sitter::QueryPredicateArg::Capture(capture) = first else {
        return Err(bad());
    };
    let kinds: Option<Vec<Box<str>>> = rest
        .iter()
        .map(|arg| match arg {
            tree_sitter::QueryPredicateArg::String(kind) => Some(kind.clone()),
            tree_sitter::QueryPredicateArg::Capture(_) => None,
        })
        .collect();
    Ok(KindTest {
        capture: *capture,
        kinds: kinds.filter(|kinds| !kinds.is_empty()).ok_or_else(bad)?,
        inside: &*predicate.operator == "in-kind?",
    })
}

/// Runs the queries of this language. The flag is false where a limit was hit, so that some matches may be missing.
pub(super) fn run(
    language: Language,
    tree: &tree_sitter::Tree,
    text: &str,
    queries: &[CompiledQuery],
) -> (Vec<QueryMatch>, bool) {
    let (mut found, mut whole) = (Vec::new(), true);
    for (index, query) in queries.iter().enumerate() {
        if query.language == language {
            whole &= run_one(index, query, tree, text, &mut found);
        }
    }
    (found, whole)
}

fn run_one(
    index: usize,
    query: &CompiledQuery,
    tree: &tree_sitter::Tree,
    text: &str,
    found: &mut Vec<QueryMatch>,
) -> bool {
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCHES_IN_PROGRESS);
    let (mut reports_left, mut cut) = (REPORTS_AT_LEAST + text.len() / BYTES_PER_REPORT, false);
    let mut budget = |_: &QueryCursorState| match reports_left.checked_sub(1) {
        Some(left) => {
            reports_left = left;
            ControlFlow::Continue(())
        }
        None => {
            cut = true;
            ControlFlow::Break(())
        }
    };
    let options = QueryCursorOptions::new().progress_callback(&mut budget);
    let mut matches = cursor.matches_with_options(&query.query, tree.root_node(), text.as_bytes(), options);
    while let Some(one) = matches.next() {
        let tests = &query.kinds[one.pattern_index];
        let fits = |test: &KindTest| {
            let mut nodes = one.captures().iter().filter(|capture| capture.index == test.capture);
            nodes.all(|capture| stands_in(capture.node, &test.kinds) == test.inside)
        };
        if !tests.iter().all(fits) {
            continue;
        }
        let capture = |capture: &tree_sitter::QueryCapture<'_>| {
            let range = capture.node.byte_range();
            (
                query.captures[capture.index as usize].clone(),
                Bytes::new(range.start, range.end),
            )
        };
        let part = query.parts.get(one.pattern_index).copied();
        let (place, pattern) = part.unwrap_or((0, one.pattern_index));
        found.push(QueryMatch {
            query: index + place,
            pattern,
            captures: one.captures().iter().map(capture).collect(),
        });
    }
    drop(matches);
    !cut && !cursor.did_exceed_match_limit()
}

fn stands_in(node: Node<'_>, kinds: &[Box<str>]) -> bool {
    std::iter::successors(node.parent(), Node::parent).any(|node| kinds.iter().any(|kind| &**kind == node.kind()))
}
