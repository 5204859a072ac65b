//! What git cannot see: two sides that merge cleanly as text while one breaks what the other uses, or both add the same thing. Enters: the
//! [`Work`] of each side, the paths of the tree that both left, texts on demand. Leaves: [`Breach`]es, each with places on both sides.
//!
//! A name is followed to its declaration through scopes, members and imports, in the tree of who uses it; a thing of the same name elsewhere is
//! none. What cannot be followed is silence, not a finding.

mod alembic;
mod answer;
mod arity;
mod bound;
mod brought;
mod contract;
mod demand;
mod doubled;
mod elements;
mod excused;
mod fallback;
mod flags;
mod further;
mod heads;
mod heard;
mod joined;
mod keyed;
mod listed;
mod lost;
mod manifest;
mod members;
mod merged;
mod migrations;
mod misfit;
mod mocked;
mod names;
mod needed;
mod pages;
mod paths;
mod provided;
mod requested;
mod satisfied;
mod served;
mod shape;
mod slots;
mod spoken;
mod told;
mod touched;
mod twice;
mod typed;
mod undermined;
mod uses;
mod values;
mod vanished;
mod word_set;
mod work;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bound;

use crate::lang::Language;
use crate::source::{RepoPath, Span};

pub use answer::{Answer, Taken};
pub use arity::{Arity, CallShape};
pub use contract::{Gone, How};
pub use flags::{Fate, Reliance, Turn, flag_breach, relied_in_code, relied_in_words, turns};
pub use further::further;
pub use merged::confirmed;
pub use misfit::{Misfit, misfits};
pub use needed::{may_turn, needed};
pub use spoken::is_test_data;
pub use told::{Claim, breaches, claims};
pub use uses::{Ground, Use, uses};
pub use vanished::{Vanished, vanished, vanished_breach};
pub use work::{Store, Texts, Work};

/// What a breach is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BreachKind {
    /// One side calls a function as the other no longer lets it be called.
    Signature,
    /// One side uses what the other removed.
    Removed,
    /// One side uses what the other gave another name.
    Renamed,
    /// One side uses what the other put into another file.
    Moved,
    /// Both sides add the same name to one scope.
    AddedTwice,
    /// Both sides take one place in the order of the migrations.
    MigrationSlot,
    /// Both sides write one object of the database.
    Schema,
    /// Both sides serve one route.
    Route,
    /// Both sides set one key of one file, each to something else.
    Key,
    /// One side needs what tests start from, which the other took away.
    Fixture,
    /// One side relies on a flag that the other removed, renamed or gave another value.
    Flag,
}

impl BreachKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::AddedTwice => "added-twice",
            Self::MigrationSlot => "migration-slot",
            Self::Schema => "schema",
            Self::Route => "route",
            Self::Key => "key",
            Self::Fixture => "fixture",
            Self::Flag => "flag",
        }
    }
}

/// How sure it is that the two do not go together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Certainty {
    /// Both sides are seen in code.
    Seen,
    /// It hangs on a type that was read off a declaration, or on what a language lets pass.
    Likely,
    /// It may be meant.
    Possible,
}

/// A place that shows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BreachPlace {
    /// Where.
    pub span: Span,
    /// What it shows.
    pub note: String,
}

/// Two sides that do not go together although they merge cleanly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Breach {
    /// How sure that is.
    pub certainty: Certainty,
    /// What it is about.
    pub kind: BreachKind,
    /// The thing that it is about.
    pub subject: String,
    /// What each of the two sides of the pair does, to be put after its name.
    pub deeds: [String; 2],
    /// The places of each.
    pub places: [Vec<BreachPlace>; 2],
}

/// True if a text has a word by itself: no letter stands around it, and none of `parts`.
fn has_word(text: &str, word: &str, parts: &[char]) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || parts.contains(&c));
    let mut found = text.match_indices(word).filter(|_| !word.is_empty());
    found.any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}

/// The name of a member of a type, as symbols are called.
fn member(language: Language, owner: &str, name: &str) -> String {
    let separator = if language == Language::Rust { "::" } else { "." };
    format!("{owner}{separator}{name}")
}

/// True for files whose text says where names lead: they are read before anything is followed.
#[must_use]
pub fn leads(path: &RepoPath) -> bool {
    let name = path.file_name();
    let config = (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json");
    config
        || matches!(
            name,
            "package.json"
                | "pnpm-workspace.yaml"
                | "lerna.json"
                | "Cargo.toml"
                | "go.mod"
                | "pyproject.toml"
                | "__init__.py"
        )
}
