//! What each PRD touches. Enters: [`Prd`](crate::prd::Prd)s, the [`CodeIndex`](crate::index::CodeIndex), what branches changed.
//! Leaves: [`Touchpoint`]s, each with its certainty and its places.

mod reference;

use crate::prd::{Access, PrdId};
use crate::source::{RepoPath, Span};

pub use reference::References;

/// What kind of thing is touched.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TargetKind {
    /// A file.
    File,
    /// A named thing of the code.
    Symbol,
    /// A table.
    Table,
    /// A column.
    Column,
    /// A constraint or index.
    Constraint,
    /// An enum.
    Enum,
    /// An HTTP route.
    Route,
    /// A flag.
    Flag,
    /// A configuration key.
    Config,
}

impl TargetKind {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Symbol => "symbol",
            Self::Table => "table",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Enum => "enum",
            Self::Route => "route",
            Self::Flag => "flag",
            Self::Config => "config",
        }
    }

    /// True for things of the database.
    #[must_use]
    pub fn is_schema(self) -> bool {
        matches!(self, Self::Table | Self::Column | Self::Constraint | Self::Enum)
    }
}

/// How we know. Declared beats observed beats mentioned beats inferred when they disagree on the access.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Certainty {
    /// Concluded (the owner of a mentioned symbol, a caller).
    Inferred,
    /// Said in prose and found in the code, or said to be made.
    Mentioned,
    /// Seen in the diff of the PRD's branch.
    Observed,
    /// Written down in front matter.
    Declared,
}

impl Certainty {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Mentioned => "mentioned",
            Self::Observed => "observed",
            Self::Declared => "declared",
        }
    }
}

/// A thing that can be touched: its kind and name, and the file it is in where it has one. Two touchpoints meet when these are equal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Its name (`QuoteVersionService.create`, `reservations.status`, a path for a file).
    pub name: String,
    /// The file it is in; for a file the same as its name.
    pub path: Option<RepoPath>,
}

/// One PRD touches one thing.
#[derive(Clone, PartialEq, Debug)]
pub struct Touchpoint {
    /// Who.
    pub prd: PrdId,
    /// What.
    pub target: Target,
    /// How.
    pub access: Access,
    /// How we know.
    pub certainty: Certainty,
    /// How likely, 0 to 1.
    pub score: f64,
    /// False if nothing of this name is in the code: then somebody must make it. An edge to its maker rests on this.
    pub exists: bool,
    /// The places that say so; never empty.
    pub because: Vec<Span>,
}

/// A mention that points at nothing that exists and nothing that a PRD makes.
#[derive(Clone, PartialEq, Debug)]
pub struct Unresolved {
    /// Who mentions it.
    pub prd: PrdId,
    /// The words.
    pub text: String,
    /// What it looks like ("path", "symbol", "flag", "PRD").
    pub kind: &'static str,
    /// The nearest things that do exist, best first.
    pub suggestions: Vec<String>,
    /// Where.
    pub span: Span,
}
