//! Selectors: where in a match the key, the value or the fallback stands. Enters and leaves: nothing; these are the checked types that
//! `load` makes and the matcher follows. A selector names a place, never a meaning: what stands there is resolved by the index.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::shape::Names;
use crate::flag::FlagValue;

/// One step from an expression to a part of it (`flags[].flagKey`, `(0)[0]`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PathStep {
    /// The value of the entry of this name of an object literal; as a result: the property of this name.
    Property(String),
    /// Each element of an array literal.
    Each,
    /// One element of an array literal; negative from the end.
    Nth(i32),
    /// One argument of a call or construction (`new Map([…])`: `(0)`); negative from the end.
    Argument(i32),
}

/// Where a selector begins.
#[derive(Clone, PartialEq, Debug)]
pub enum Start {
    /// The node that matched: of an `object` shape the literal, of a `member` shape the read.
    Matched,
    /// An argument; negative from the end.
    Arg(i32),
    /// A named argument (languages that have them; in others nothing).
    Keyword(String),
    /// An argument by its place or by its name, whichever is given.
    Given(i32, String),
    /// An attribute of an element.
    Attr(String),
    /// A type argument.
    TypeArg(usize),
    /// The name that matched: a property, a binding, a field, a member of a union.
    Name,
    /// The value that is bound, assigned, or initialises the name that matched.
    Value,
    /// The receiver of the call that matched, and from there on (`None`: the receiver itself). With a `receiver_call`, "the receiver" is that call.
    Receiver(Option<Box<Selector>>),
    /// An argument of a call chained after the match (`read(…).unwrap_or(x)`); the last one in the chain counts.
    Chain {
        /// The name of the chained call.
        names: Names,
        /// Its argument.
        arg: i32,
    },
    /// A capture of a query, by name without `@`.
    Capture(String),
    /// A decorator of what matched: its first argument, or, without arguments, that it is there.
    Decorator(Names),
    /// The value of a constant of an `impl`.
    ConstValue(String),
    /// What a method of an `impl` returns.
    Method(String),
    /// Dotted paths with `*` in a data file; where a rule has several, those of the key and of what belongs to it stand in one order.
    At(Vec<String>),
    /// A column of an inserted row in a data file.
    Column(String),
    /// Always this.
    Const(FlagValue),
    /// Every flag (`key = "*"`).
    Every,
}

/// How many things a selector yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Take {
    /// The one expression.
    #[default]
    One,
    /// The key of each entry of an object literal.
    EntryKeys,
    /// The value of each entry of an object literal.
    EntryValues,
    /// Each element of an array literal.
    Elements,
}

/// Looks through a call: where the expression is a call of such a name, its argument counts instead.
#[derive(Clone, PartialEq, Debug)]
pub struct CallArg {
    /// The name of the call to look through.
    pub names: Names,
    /// The argument that counts.
    pub arg: i32,
}

/// A pattern whose text can be compared.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Arc<str>,
    regex: Arc<OnceLock<Regex>>,
}

impl Pattern {
    /// A pattern that is known to compile: it does when it is first asked for, as few of all rules are in a run.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            regex: Arc::default(),
        }
    }

    /// The pattern, compiled now if it never was.
    ///
    /// # Panics
    /// If it does not compile, which [`Self::new`] was told cannot be.
    #[must_use]
    pub fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| match Regex::new(&self.text) {
            Ok(regex) => regex,
            Err(error) => panic!("BUG: a pattern that was checked does not compile: {error}"),
        })
    }
}

impl From<Regex> for Pattern {
    fn from(regex: Regex) -> Self {
        Self {
            text: regex.as_str().into(),
            regex: Arc::new(OnceLock::from(regex)),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Where in a match something stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Selector {
    /// Where to begin.
    pub start: Start,
    /// Steps from there.
    pub path: Vec<PathStep>,
    /// What of the expression that was reached.
    pub take: Take,
    /// A helper call to look through, applied to each result.
    pub through: Option<CallArg>,
    /// A string whose part counts: the group `key` (or `value`) of this pattern.
    pub text: Option<Pattern>,
    /// Words that say on or off (`StageBeta`), where the program has its own.
    pub words: Vec<(String, FlagValue)>,
    /// The value where the selector finds nothing.
    pub otherwise: Option<FlagValue>,
}

impl Selector {
    /// The selector that begins at `start` and takes what is there.
    #[must_use]
    pub fn from(start: Start) -> Self {
        Self {
            start,
            path: Vec::new(),
            take: Take::One,
            through: None,
            text: None,
            words: Vec::new(),
            otherwise: None,
        }
    }
}
