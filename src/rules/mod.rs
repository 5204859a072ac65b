//! Rules: what flag SDKs, home-grown helpers and test frameworks look like, as data. Enters: the rule files embedded from
//! `rules/flags/`, and the project's own. Leaves: a checked [`RuleSet`]. Knows languages by name and lets them compile raw queries;
//! knows nothing of the code that is analysed. How facts become findings is typed Rust elsewhere.

/// What is wrong with a rule file.
pub mod error;
/// How tests look.
pub mod framework;
/// One rule and what its match means.
pub mod rule;
/// Where in a match something stands.
pub mod selector;
/// What a rule matches.
pub mod shape;
/// Spellings of a key.
pub mod transform;

use crate::flag::FlagValue;
use crate::lang::Language;
pub use error::RuleError;
pub use rule::{Rule, RuleKind};
use selector::Pattern;
use shape::Globs;
use transform::Transform;

/// How sure a match of a rule is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// A generic name without its import.
    Low,
    /// A home-grown idiom, or an import that could not be confirmed.
    Medium,
    /// The SDK itself, a project's own rule, or a handle of a definition.
    High,
}

impl Confidence {
    /// One step less sure.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// How far the import condition looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ImportReach {
    /// The file imports it.
    File,
    /// Or a module that the file imports re-exports it.
    Reexport,
    /// Or the nearest manifest depends on it.
    #[default]
    Project,
}

/// The import condition of a rule file. Failing it never drops a match (unless the rule says `require_import`), it lowers its
/// confidence: reads sit behind wrappers and handles in files that import no SDK.
#[derive(Clone, PartialEq, Debug)]
pub struct When {
    /// Modules, as globs; one without `*` stands for its sub-paths too.
    pub imports: Globs,
    /// How far it looks.
    pub reach: ImportReach,
}

/// What an SDK answers for a key that it does not know, without a fallback.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Missing {
    /// It is off (or on).
    Value(FlagValue),
    /// It is undefined, hence not on.
    Undefined,
    /// What the call falls back to.
    #[default]
    CallFallback,
    /// A text that is neither on nor off (`control`).
    Literal(String),
}

/// What a test sees that forces nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ambient {
    /// On or off for every flag.
    Value(FlagValue),
    /// What the definition declares.
    Declared,
    /// What the call falls back to.
    CallFallback,
    /// Undefined, hence not on.
    Undefined,
    /// Not known: nothing that rests on it may block.
    #[default]
    Unknown,
}

/// What a rule file says of its flags as a whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlagTraits {
    /// The answer for an unknown key.
    pub missing: Missing,
    /// What a test sees that forces nothing.
    pub ambient: Ambient,
    /// Other spellings under which the same flag is read.
    pub transforms: Vec<Transform>,
    /// Only keys that match are flags (environment variables).
    pub key_filter: Option<Pattern>,
}

impl FlagTraits {
    /// True if a key may be a flag of this rule file. Whoever resolves a key from a node must ask.
    #[must_use]
    pub fn accepts(&self, key: &str) -> bool {
        !key.is_empty() && self.key_filter.as_ref().is_none_or(|pattern| pattern.0.is_match(key))
    }

    /// The other spellings of a key, without itself.
    #[must_use]
    pub fn spellings(&self, key: &str) -> Vec<String> {
        let mut all: Vec<String> = self.transforms.iter().map(|transform| transform.apply(key)).collect();
        all.sort();
        all.dedup();
        all.retain(|spelling| spelling != key);
        all
    }
}

/// One rule file.
#[derive(Clone, PartialEq, Debug)]
pub struct RuleFile {
    /// Its name (`js/launchdarkly-node`).
    pub id: String,
    /// Where it was read, for messages.
    pub origin: String,
    /// The languages whose files it is about.
    pub languages: Vec<Language>,
    /// Words of which one must be in a text for the file to apply; none: it applies to every text of its languages.
    pub needles: Vec<String>,
    /// The page of the SDK's maker.
    pub doc: Option<String>,
    /// The import condition.
    pub when: Option<When>,
    /// What it says of its flags as a whole.
    pub flags: FlagTraits,
    /// Its rules: definitions first, then reads, and so on in the order of the vocabulary, each kind in the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule of a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RuleRef {
    /// Index into [`RuleSet::files`].
    pub file: usize,
    /// Index into [`RuleFile::rules`].
    pub rule: usize,
}

/// Every rule of a run: the built-in ones, then the project's.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RuleSet {
    /// The rule files, built-in ones first, in the order of their ids.
    pub files: Vec<RuleFile>,
}

impl RuleSet {
    /// The rule.
    #[must_use]
    pub fn rule(&self, at: RuleRef) -> &Rule {
        &self.files[at.file].rules[at.rule]
    }

    /// The name that findings cite (`js/unleash/use-flag`).
    #[must_use]
    pub fn name(&self, at: RuleRef) -> String {
        format!("{}/{}", self.files[at.file].id, self.rule(at).id)
    }

    /// Every rule with its place in the set.
    pub fn rules(&self) -> impl Iterator<Item = (RuleRef, &Rule)> {
        self.files.iter().enumerate().flat_map(|(file, of)| {
            let at = move |rule| RuleRef { file, rule };
            of.rules.iter().enumerate().map(move |(i, rule)| (at(i), rule))
        })
    }
}
