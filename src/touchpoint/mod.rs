//! What each PRD touches. Enters: [`Prd`]s, the [`CodeIndex`], what branches changed.
//! Leaves: [`Touchpoint`]s, each with its certainty and its places, and the mentions that point at nothing.
//!
//! `known` says what exists, `look` what a mention points at, `made` what the PRDs make,
//! `resolve` brings them together, `merge` makes one touchpoint of many places, `missing` says what is left. `promise` says what is outside of what
//! a PRD says. `spoken` finds what one document does something to and another one speaks of in its own words. `likely` stands apart: it
//! guesses at files that nobody names, and nothing else here knows of it.

mod known;
pub mod likely;
mod look;
mod made;
mod merge;
mod missing;
mod near;
mod observed;
mod promise;
mod reference;
mod resolve;
mod spoken;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod version;

use crate::index::{CodeIndex, SchemaChange, Wanted};
use crate::prd::{Access, MentionKind, Prd, PrdId};
use crate::source::{RepoPath, Sources, Span, View};

pub use observed::{Change, changed_symbols};
pub use promise::{Promise, Written, promises};
pub use reference::References;
pub use spoken::{Deed, Spoken, spoken};

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
    /// An environment variable, or another setting that a program is told from outside.
    Config,
    /// An event or topic by which parts of a program tell each other what happened.
    Event,
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
            Self::Event => "event",
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
    /// What the documents alone say; `None` where only the PRD's branch shows it.
    pub said: Option<Access>,
    /// The documents name it and do not say what is done with it.
    pub unsaid: bool,
    /// Where the documents change it so that who uses it has to be changed, too.
    pub contract: Vec<Span>,
    /// One of these takes it away, or gives it another name.
    pub gone: bool,
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

/// One file that a PRD's branch changed.
#[derive(Clone, PartialEq, Debug)]
pub struct Observed {
    /// Whose branch.
    pub prd: PrdId,
    /// Which file; for a renamed one the new path.
    pub path: RepoPath,
    /// How.
    pub change: Change,
    /// The symbols in which the changed places lie (see [`changed_symbols`]); empty where that is not known.
    pub symbols: Vec<String>,
    /// What it does to the schema, if it is a migration or a model: the changes that only the branch has.
    pub schema: Vec<SchemaChange>,
    /// The first changed place, in the branch's text; for a deleted file in the text before.
    pub span: Span,
}

/// What the PRDs touch.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Touched {
    /// What documents say and branches show, sorted by PRD and target.
    pub points: Vec<Touchpoint>,
    /// What the documents alone say; empty where no branch was looked at, for then `points` says the same.
    pub promised: Vec<Touchpoint>,
    /// The mentions that point at nothing.
    pub unresolved: Vec<Unresolved>,
    /// What documents use of the database, of the routes, settings and events, and what neither exists nor is made; sorted by PRD and target.
    pub absent: Vec<Touchpoint>,
}

/// What each PRD touches.
#[must_use]
pub fn resolve(prds: &[Prd], index: &CodeIndex, view: &View, sources: &Sources, observed: &[Observed]) -> Touched {
    let known = known::Known::new(index, view);
    let mut resolved = resolve::resolve(prds, &known, view, sources);
    let unresolved = missing::unresolved(prds, &resolved, &known, (view, sources));
    let merge = |claimed| merge::merge(claimed, |path| view.exists(path));
    let promised = if observed.is_empty() {
        Vec::new()
    } else {
        merge(resolved.claimed.clone())
    };
    let absent = merge(missing::used(&resolved));
    let seen = observed::claims(observed, |path| view.exists(path));
    resolved.claimed.extend(seen);
    Touched {
        points: merge(resolved.claimed),
        promised,
        unresolved,
        absent,
    }
}

/// The paths and identifiers that `prds` mention, for the index to parse.
#[must_use]
pub fn wanted(prds: &[Prd]) -> Wanted {
    let mut wanted = Wanted::default();
    for mention in prds.iter().flat_map(|prd| &prd.mentions) {
        match mention.kind {
            MentionKind::Path => {
                wanted.paths.insert(look::plain_path(&mention.text));
            }
            MentionKind::Symbol => {
                let name = look::plain_symbol(&mention.text);
                wanted
                    .words
                    .extend(name.split('.').filter(|word| word.len() > 2).map(str::to_owned));
            }
            // The code has the end of a route's path in one string, whatever it puts before it.
            MentionKind::Route => {
                let (_, path) = known::route_parts(&mention.text);
                let fixed = path
                    .split('/')
                    .rev()
                    .find(|part| part.len() > 2 && !part.starts_with(':'));
                wanted.words.extend(fixed.map(str::to_owned));
            }
            _ => {}
        }
    }
    wanted
}
