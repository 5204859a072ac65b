//! The rules of `rules/prose/claims.toml`. Enters: that file, embedded. Leaves: [`Rule`]s with their patterns parsed.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::flag::FlagValue;
use crate::prd::context::Context;
use crate::prd::prose::Pattern;

/// Which claim a rule makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// Ships something behind a flag.
    Introduces,
    /// Needs a state.
    Assumes,
    /// Its tests set the state.
    Stubs,
    /// A flip is planned.
    Flips,
    /// Says what a flag is.
    States,
    /// Comes after another PRD.
    Depends,
    /// Comes before another PRD.
    Before,
    /// Others come after it.
    Foundation,
    /// Small, and before all else.
    Hotfix,
    /// A new version number.
    Bumps,
}

impl Kind {
    /// True if words that already make a claim of `other` kind make none of this kind: "the tests run with the flag on" stubs, and
    /// does not assume; "it is on with this PRD" plans a flip, and does not tell what is.
    pub(crate) fn yields_to(self, other: Self) -> bool {
        self == other
            || (self == Self::Assumes && other == Self::Stubs)
            || (self == Self::States && matches!(other, Self::Assumes | Self::Flips))
    }
}

/// Where a rule counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Only {
    /// In a list of assumptions.
    Assumptions,
    /// In a section about tests.
    Tests,
    /// In a section about flags.
    Flags,
    /// Where it is told by what the work is judged.
    Expects,
}

impl Only {
    /// True if `context` is this one.
    pub(crate) fn holds(self, context: Context) -> bool {
        match self {
            Self::Assumptions => context.assumptions,
            Self::Tests => context.tests,
            Self::Flags => context.flags,
            Self::Expects => context.expects,
        }
    }
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Which claim it makes.
    pub(crate) kind: Kind,
    /// How it is said.
    pub(crate) patterns: Vec<Pattern>,
    /// The state where the words give none.
    pub(crate) state: FlagValue,
    /// What `<thing>` must contain.
    pub(crate) within: Option<String>,
    /// What `<thing>` must not contain.
    pub(crate) unless: Option<String>,
    /// Where it counts.
    pub(crate) only: Option<Only>,
    /// What follows must be certain.
    pub(crate) firm: bool,
    /// The word before the match must not be of this class.
    pub(crate) not_behind: Option<String>,
    /// A word of this class must stand before the match, in the same sentence.
    pub(crate) behind: Option<String>,
    /// Where a document tells how things came to be, it claims nothing.
    pub(crate) weak: bool,
    /// `<thing>` must not be a flag by name.
    pub(crate) unnamed: bool,
    /// It tells how things are in a state, and does not ask for the state.
    pub(crate) scene: bool,
    /// Possible at most.
    pub(crate) mild: bool,
    /// It tells how things are now, in a main clause: "once … is on for everyone" tells when.
    pub(crate) plain: bool,
    /// It is none without a default.
    pub(crate) with_default: bool,
    /// A denial within the match is a part of it: "not … before".
    pub(crate) waits: bool,
    /// What the words tell is the state that must not be.
    pub(crate) turns: bool,
    /// It counts only where the sentence tells what goes wrong.
    pub(crate) damage: bool,
    /// It counts only where the sentence tells what goes wrong otherwise, in so many words.
    pub(crate) otherwise: bool,
    /// It is a question, and counts where it is answered with no.
    pub(crate) refused: bool,
    /// What is turned is turned by this document's landing.
    pub(crate) with_it: bool,
    /// A document's title will do for its name.
    pub(crate) titled: bool,
    /// A name without a state: it counts where nothing more is said of it.
    pub(crate) bare: bool,
    /// What is turned is told in words, without a name.
    pub(crate) words_alone: bool,
    #[cfg(test)]
    pub(crate) example: Vec<String>,
    #[cfg(test)]
    pub(crate) not: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    claim: Kind,
    say: Vec<String>,
    state: Option<String>,
    #[serde(rename = "where")]
    within: Option<String>,
    unless: Option<String>,
    only: Option<Only>,
    #[serde(default)]
    firm: bool,
    not_behind: Option<String>,
    behind: Option<String>,
    #[serde(default)]
    weak: bool,
    #[serde(default)]
    unnamed: bool,
    #[serde(default)]
    scene: bool,
    #[serde(default)]
    mild: bool,
    #[serde(default)]
    plain: bool,
    #[serde(default)]
    with_default: bool,
    #[serde(default)]
    waits: bool,
    #[serde(default)]
    turns: bool,
    #[serde(default)]
    damage: bool,
    #[serde(default)]
    otherwise: bool,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    with_it: bool,
    #[serde(default)]
    titled: bool,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    words_alone: bool,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the tests"))]
    example: Vec<String>,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the tests"))]
    not: Vec<String>,
}

/// The rules, read once: stubs first, for they win over assumptions.
pub(crate) fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let text = include_str!("../../../rules/prose/claims.toml");
        let file: File =
            toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/prose/claims.toml: {}", error.message()));
        let mut rules: Vec<Rule> = file.rule.into_iter().map(checked).collect();
        rules.sort_by_key(|rule| rule.kind != Kind::Stubs);
        rules
    })
}

fn checked(raw: Raw) -> Rule {
    let parse = |say: &String| {
        Pattern::parse(say).unwrap_or_else(|error| panic!("BUG: rules/prose/claims.toml: `{say}`: {error}"))
    };
    Rule {
        kind: raw.claim,
        patterns: raw.say.iter().map(parse).collect(),
        state: raw.state.map_or(FlagValue::Unknown, |state| FlagValue::parse(&state)),
        within: raw.within,
        unless: raw.unless,
        only: raw.only,
        firm: raw.firm,
        not_behind: raw.not_behind,
        behind: raw.behind,
        weak: raw.weak,
        unnamed: raw.unnamed,
        scene: raw.scene,
        mild: raw.mild,
        plain: raw.plain,
        with_default: raw.with_default,
        waits: raw.waits,
        turns: raw.turns,
        damage: raw.damage,
        otherwise: raw.otherwise,
        refused: raw.refused,
        with_it: raw.with_it,
        titled: raw.titled,
        bare: raw.bare,
        words_alone: raw.words_alone,
        #[cfg(test)]
        example: raw.example,
        #[cfg(test)]
        not: raw.not,
    }
}
