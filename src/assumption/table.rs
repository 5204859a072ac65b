//! What each flag is. Enters: definitions and reads of the code, the ledger, what PRDs say that they introduce. Leaves:
//! [`FlagTable`], which keeps the five kinds of default apart: *declared* (the definition), *call fallback* (at the read), *missing*
//! (what the SDK answers for a flag that it does not know), *ambient* (what a test sees that forces nothing), *introduced* (what a PRD promises), and the recorded *state* above them.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::{means_the_document, unnamed_flag};
use super::{Evidence, Role, Supply};
use crate::flag::{FlagKey, FlagValue, Ledger, LedgerEntry};
use crate::index::CodeIndex;
use crate::index::test_code::TestCode;
use crate::prd::{Claim, Flip, Prd, PrdId};
use crate::source::Span;

/// Where a flag's state comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StateSource {
    /// The definition in code, the fallback of its reads, or what a PRD promises.
    Default,
    /// The flag file.
    File,
    /// A `--set KEY=on|off` of this run.
    Override,
}

/// A PRD ships something behind the flag.
#[derive(Clone, PartialEq, Debug)]
pub struct Introduction {
    /// Who.
    pub prd: PrdId,
    /// What it says the default is.
    pub default: FlagValue,
    /// When it says the flip comes.
    pub flips: Option<Flip>,
    /// What is behind the flag, in its words.
    pub phrase: String,
    /// The words are its title: it says that all of it is behind the flag, or only which flag it is.
    pub titled: bool,
    /// Where it says so.
    pub span: Span,
}

/// All that is known of one flag.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlagFacts {
    /// What its definitions agree on; unknown if there is none, or if they disagree.
    pub declared: FlagValue,
    /// Two definitions state different values.
    pub disputed: bool,
    /// What its reads agree to fall back to.
    pub fallback: FlagValue,
    /// What the SDKs that read it agree to answer for a flag that they do not know; `None` where that is what the call falls back to.
    pub missing: Option<FlagValue>,
    /// What a test sees, where a rule knows the harness.
    pub ambient: Option<FlagValue>,
    /// The recorded state in the environment of this run.
    pub state: Option<LedgerEntry>,
    /// There is a flag file, and it could not be read: what it records is unknown.
    pub state_unread: bool,
    /// The value that this run was told to suppose.
    pub supposed: Option<FlagValue>,
    /// Indices into [`CodeIndex::definitions`].
    pub definitions: Vec<usize>,
    /// Indices into [`CodeIndex::reads`].
    pub reads: Vec<usize>,
    /// The PRDs that ship it.
    pub introduced: Vec<Introduction>,
    /// Other names by which it is read.
    pub aliases: BTreeSet<String>,
}

/// The rules whose flags are settled when the code is built.
const COMPILED: [&str; 3] = ["rust/cargo-features/", "rust/cfg/", "go/build-tags/"];

impl FlagFacts {
    /// True if the build decides what the flag is: no flag file is asked while the code runs.
    #[must_use]
    pub fn compiled_in(&self, index: &CodeIndex) -> bool {
        let definitions = self.definitions.iter().map(|at| &index.definitions[*at].rule);
        let reads = self.reads.iter().map(|at| &index.reads[*at].rule);
        let compiled = |rule: &String| COMPILED.iter().any(|means| rule.starts_with(means));
        definitions.chain(reads).any(compiled)
    }

    /// The value by default: declared, else the fallback of the reads, else what the PRD that introduces it says.
    #[must_use]
    pub fn default_value(&self) -> FlagValue {
        let promised = || {
            self.introduced
                .iter()
                .map(|intro| intro.default)
                .find(|value| *value != FlagValue::Unknown)
        };
        if self.disputed {
            FlagValue::Unknown
        } else if !self.definitions.is_empty() && self.declared != FlagValue::Unknown {
            self.declared
        } else if self.fallback != FlagValue::Unknown {
            self.fallback
        } else {
            promised().unwrap_or_default()
        }
    }

    /// The value that the flag has where the code runs, and who says so.
    #[must_use]
    pub fn served(&self) -> (FlagValue, StateSource) {
        if let Some(value) = self.supposed {
            return (value, StateSource::Override);
        }
        match &self.state {
            Some(entry) => (entry.value, StateSource::File),
            None if self.state_unread => (FlagValue::Unknown, StateSource::File),
            None => (self.default_value(), StateSource::Default),
        }
    }

    /// What a test sees that forces nothing, and who supplies it. `policy` is the project's word on it, if it has one.
    #[must_use]
    pub fn ambient(&self, policy: Option<FlagValue>) -> (FlagValue, Supply) {
        if let Some(value) = policy.or(self.ambient.filter(|_| self.supposed.is_none())) {
            return (value, Supply::Ambient);
        }
        match self.served() {
            (value, StateSource::Default) => (value, Supply::Ambient),
            (value, _) => (value, Supply::State),
        }
    }

    /// The places that say what the flag is now: the recorded state, else the definition, and the PRD that promises it.
    #[must_use]
    pub fn state_evidence(&self, index: &CodeIndex) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let (value, _) = self.served();
        if let Some(entry) = &self.state {
            let note = format!("recorded as {} here", entry.value);
            evidence.push(Evidence {
                role: Role::State,
                span: entry.span,
                note,
            });
        }
        for intro in self.introduced.iter().filter(|intro| intro.default == value) {
            let note = format!("said to be {value} here");
            evidence.push(Evidence {
                role: Role::Prd,
                span: intro.span,
                note,
            });
        }
        for definition in self.definitions.iter().map(|at| &index.definitions[*at]) {
            let note = match definition.declared {
                FlagValue::Unknown => "defined here".to_owned(),
                value => format!("declared {value} here"),
            };
            let span = definition.value_span.unwrap_or(definition.span);
            evidence.push(Evidence {
                role: Role::Definition,
                span,
                note,
            });
        }
        evidence.extend(self.fallback_evidence(index));
        evidence
    }

    /// Where nothing is recorded or defined, the read that says what the flag is when nobody knows it.
    fn fallback_evidence(&self, index: &CodeIndex) -> Option<Evidence> {
        let decides = self.state.is_none() && self.definitions.is_empty() && self.supposed.is_none();
        let reads = self.reads.iter().map(|at| &index.reads[*at]);
        let read = reads
            .filter(|_| decides)
            .find(|read| read.fallback.is_some() && read.via.is_empty())?;
        Some(Evidence {
            role: Role::Read,
            span: read.span,
            note: format!("falls back to {} here", read.fallback?),
        })
    }
}

/// Every flag that is known, by key.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlagTable {
    /// Sorted by key.
    pub flags: BTreeMap<FlagKey, FlagFacts>,
}

/// One value if all agree; the second result is true if two known ones differ.
fn agreed(values: impl Iterator<Item = FlagValue>) -> (FlagValue, bool) {
    let known: BTreeSet<FlagValue> = values.filter(|value| *value != FlagValue::Unknown).collect();
    match known.len() {
        1 => (known.first().copied().unwrap_or_default(), false),
        count => (FlagValue::Unknown, count > 1),
    }
}

impl FlagTable {
    /// Puts together what code, ledger and documents say. `supposed` are the values that this run was told to suppose.
    #[must_use]
    pub fn build(
        index: &CodeIndex,
        ledger: &Ledger,
        environment: &str,
        prds: &[Prd],
        supposed: &BTreeMap<FlagKey, FlagValue>,
    ) -> Self {
        let mut flags: BTreeMap<FlagKey, FlagFacts> = BTreeMap::new();
        for (at, definition) in index.definitions.iter().enumerate() {
            let facts = flags.entry(definition.key.clone()).or_default();
            facts.definitions.push(at);
            facts.aliases.extend(definition.aliases.iter().cloned());
        }
        let tests = TestCode::of(index);
        let in_code = index.reads.iter().filter(|read| !tests.holds(read.span));
        let in_code: BTreeSet<&FlagKey> = in_code.map(|read| &read.key).collect();
        for (at, read) in index.reads.iter().enumerate() {
            // What only tests read, and nothing defines, is made up for them.
            if in_code.contains(&read.key) || flags.contains_key(&read.key) {
                flags.entry(read.key.clone()).or_default().reads.push(at);
            }
        }
        for entry in &ledger.entries {
            flags.entry(entry.flag.clone()).or_default();
        }
        for (key, introduction) in introductions(prds, &flags.keys().cloned().collect()) {
            flags.entry(key).or_default().introduced.push(introduction);
        }
        for (key, facts) in &mut flags {
            let defined = facts.definitions.iter().map(|at| index.definitions[*at].declared);
            (facts.declared, facts.disputed) = agreed(defined);
            let reads = facts.reads.iter().map(|at| &index.reads[*at]);
            let fallbacks = reads
                .filter(|read| !tests.holds(read.span))
                .filter_map(|read| read.fallback);
            facts.fallback = agreed(fallbacks).0;
            let missing: BTreeSet<FlagValue> = facts.reads.iter().filter_map(|at| index.reads[*at].missing).collect();
            facts.missing = match missing.len() {
                0 => None,
                1 => missing.first().copied(),
                _ => Some(FlagValue::Unknown),
            };
            facts.ambient = index.ambient.flags.get(key).copied();
            facts.state = ledger.state(key, environment).cloned();
            facts.state_unread = ledger.unread;
            facts.supposed = supposed.get(key).copied();
        }
        Self { flags }
    }

    /// All that is known of a flag.
    #[must_use]
    pub fn get(&self, key: &FlagKey) -> Option<&FlagFacts> {
        self.flags.get(key)
    }
}

/// What the documents say that they ship behind a flag. One that names no flag means the one in code that its words fit, or is
/// named by its own words.
fn introductions(prds: &[Prd], known: &BTreeSet<FlagKey>) -> Vec<(FlagKey, Introduction)> {
    let mut found = Vec::new();
    for prd in prds {
        for statement in &prd.statements {
            if let Claim::Introduces {
                key,
                phrase,
                default,
                flips,
            } = &statement.claim
                && let (phrase, titled) = behind(prd, key.as_ref(), phrase)
                && let Some(key) = key.clone().or_else(|| unnamed_flag(&phrase, known))
            {
                let (default, flips) = (*default, flips.clone());
                let introduction = Introduction {
                    prd: prd.id.clone(),
                    default,
                    flips,
                    phrase,
                    titled,
                    span: statement.span,
                };
                found.push((key, introduction));
            }
        }
    }
    found
}

/// What is behind the flag: the words of the document, or its title, where it says no more than "the whole thing".
fn behind(prd: &Prd, key: Option<&FlagKey>, phrase: &str) -> (String, bool) {
    let titled = key.is_some_and(|key| key.as_str() == phrase) || means_the_document(phrase);
    if titled {
        (prd.title.to_lowercase(), true)
    } else {
        (phrase.to_owned(), false)
    }
}
