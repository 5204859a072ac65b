//! What a check has to say. Enters: nothing. Leaves: [`Finding`], one sentence with its places and the ways out.

use std::collections::BTreeMap;

use crate::assumption::{Evidence, Role};
use crate::flag::FlagKey;
use crate::prd::PrdId;
use crate::source::{Sources, Span};

/// How serious a finding is. Errors come first in every order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Blocks: there is direct evidence.
    Error,
    /// Worth a look before the wave goes.
    Warning,
    /// Merely possible, or good to know.
    Note,
}

impl Level {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A kind of way out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum RemedyKind {
    /// Flip the flag.
    Flip,
    /// Let the tests set the flag themselves.
    Stub,
    /// Move the PRD.
    Reorder,
    /// Take the PRD out of the wave.
    Drop,
    /// Share one migration, or agree on an owner.
    Coordinate,
    /// Write it down in front matter.
    Declare,
    /// Bring the branch up to date.
    Rebase,
}

impl RemedyKind {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Flip => "flip",
            Self::Stub => "stub",
            Self::Reorder => "reorder",
            Self::Drop => "drop",
            Self::Coordinate => "coordinate",
            Self::Declare => "declare",
            Self::Rebase => "rebase",
        }
    }
}

/// A way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remedy {
    /// Its kind.
    pub kind: RemedyKind,
    /// What to do, and what it costs.
    pub detail: String,
    /// The command to type. Where a check gives none, [`super::run_all`] gives the one that shows whether the way out was taken.
    pub command: Option<String>,
    /// The command does not do it, it only shows whether it was done.
    pub shows: bool,
}

impl Remedy {
    /// A way out without a command.
    #[must_use]
    pub fn new(kind: RemedyKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            command: None,
            shows: false,
        }
    }

    /// What stands between what to do and the command, in a line for people: the command does it, or it asks again afterwards.
    #[must_use]
    pub fn leads(&self) -> &'static str {
        match self.shows {
            true if self.detail.ends_with(['?', '.']) => " Then ask again: ",
            true => "; then ask again: ",
            false => ": ",
        }
    }

    /// What to do and the command, as one line.
    #[must_use]
    pub fn line(&self) -> String {
        match &self.command {
            Some(command) => format!("{}{}{command}", self.detail, self.leads()),
            None => self.detail.clone(),
        }
    }

    /// The same with the command to type, where there is one.
    #[must_use]
    pub fn with(self, command: Option<String>) -> Self {
        Self { command, ..self }
    }

    /// The same with the command to type.
    #[must_use]
    pub fn with_command(self, command: impl Into<String>) -> Self {
        Self {
            command: Some(command.into()),
            ..self
        }
    }
}

/// What a check has to say.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// The check.
    pub check: &'static str,
    /// How serious.
    pub level: Level,
    /// The PRD that it is about.
    pub prd: Option<PrdId>,
    /// Other PRDs that take part.
    pub others: Vec<PrdId>,
    /// The flag that it is about.
    pub flag: Option<FlagKey>,
    /// One sentence that stands alone: subject, what was seen, what was expected.
    pub message: String,
    /// The places that led to it, the deciding one first; empty only for what lies outside every text (a ref).
    pub places: Vec<Evidence>,
    /// The ways out, cheapest first.
    pub remedies: Vec<Remedy>,
    /// The answer depends on something that is not known: the verdict can not be *clear*.
    pub undecided: bool,
    /// It stands in the tree that everybody starts from, and nobody's work has brought it.
    pub standing: bool,
    /// The phase of its PRD, filled in by [`super::run_all`].
    pub phase: Option<u32>,
}

impl Finding {
    /// A finding with nothing but its sentence.
    #[must_use]
    pub fn new(check: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self {
            check,
            level,
            prd: None,
            others: Vec::new(),
            flag: None,
            message: message.into(),
            places: Vec::new(),
            remedies: Vec::new(),
            undecided: false,
            standing: false,
            phase: None,
        }
    }

    /// The same about a PRD.
    #[must_use]
    pub fn about(self, prd: &PrdId) -> Self {
        Self {
            prd: Some(prd.clone()),
            ..self
        }
    }

    /// The same with other PRDs that take part.
    #[must_use]
    pub fn with(mut self, others: impl IntoIterator<Item = PrdId>) -> Self {
        self.others.extend(others);
        self
    }

    /// The same about a flag.
    #[must_use]
    pub fn on(self, flag: &FlagKey) -> Self {
        Self {
            flag: Some(flag.clone()),
            ..self
        }
    }

    /// The same with one place more.
    #[must_use]
    pub fn at(mut self, role: Role, span: Span, note: impl Into<String>) -> Self {
        self.places.push(Evidence {
            role,
            span,
            note: note.into(),
        });
        self
    }

    /// The same with these places more.
    #[must_use]
    pub fn because(mut self, places: impl IntoIterator<Item = Evidence>) -> Self {
        self.places.extend(places);
        self
    }

    /// The same with one way out more.
    #[must_use]
    pub fn help(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }
}

/// The places without those that say again what an earlier one says: the same words of a file as it is in another tree, a sentence that
/// a document repeats, a piece of a place that is there already.
pub(super) fn distinct(sources: &Sources, places: Vec<Evidence>) -> Vec<Evidence> {
    let says_again = |one: &Evidence, other: &Evidence| {
        let (a, b) = (one.span, other.span);
        let words = || sources.text(a).trim() == sources.text(b).trim();
        let again = if a.file == b.file {
            a.contains(b) || b.contains(a) || (one.role == Role::Prd && words())
        } else {
            sources.path(a.file) == sources.path(b.file) && words()
        };
        one.role == other.role && again
    };
    let mut kept: Vec<Evidence> = Vec::new();
    for place in places {
        if !kept.iter().any(|earlier| says_again(earlier, &place)) {
            kept.push(place);
        }
    }
    kept
}

/// A fingerprint for each finding, in order: stable when unrelated lines come or go, different for each finding of one run.
#[must_use]
pub fn fingerprints(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let base = fingerprint(finding, sources);
            let count = seen.entry(base.clone()).and_modify(|count| *count += 1).or_insert(1);
            if *count == 1 { base } else { format!("{base}:{count}") }
        })
        .collect()
}

fn fingerprint(finding: &Finding, sources: &Sources) -> String {
    let mut hash = blake3::Hasher::new();
    let mut part = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    part(finding.check);
    part(finding.prd.as_ref().map_or("", |prd| &prd.0));
    part(finding.flag.as_ref().map_or("", |flag| flag.as_str()));
    if let Some(place) = finding.places.first() {
        part(sources.path(place.span.file).as_str());
        part(sources.text(place.span).trim());
    }
    hash.finalize().to_hex()[..16].to_owned()
}
