//! What a document claims: of flags, of the order, of itself. Leaves: [`Statement`]s. Where they come from is `claim` and `declared`.

use crate::flag::{FlagKey, FlagValue};
use crate::source::Span;

/// When a flag is to be flipped, as far as a document says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Flip {
    /// After a while, or at a date ("for the first week", "on 2026-12-01"): the words.
    Later(String),
    /// With, or right after, a PRD.
    WithPrd(String),
    /// By a phase of the plan.
    Phase(u32),
    /// Not for everybody, or not for good.
    Part(Part),
}

/// A flip that is limited: it opens nothing for those who need it for everybody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Part {
    /// The words that limit it ("in staging", "for 5 % of users", "once legal has signed", "for a day").
    pub words: String,
    /// The environments in which alone it comes, in lower case; empty where it is limited otherwise.
    pub environments: Vec<String>,
    /// When it comes.
    pub when: Box<Flip>,
}

/// What a document claims about the world or asks of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// It ships something behind a flag. `key` is the flag's name where it is said, `phrase` the words for what is behind it.
    Introduces {
        /// The flag, if named.
        key: Option<FlagKey>,
        /// "snapshot read path"
        phrase: String,
        /// What it says the default is.
        default: FlagValue,
        /// When it says the flip comes.
        flips: Option<Flip>,
    },
    /// It needs a flag (or the thing behind one) to be in a state.
    Assumes {
        /// The flag, if named.
        key: Option<FlagKey>,
        /// "snapshot read path"
        phrase: String,
        /// The state that it needs.
        needs: FlagValue,
    },
    /// Its tests set the flag themselves.
    Stubs {
        /// The flag, if named.
        key: Option<FlagKey>,
        /// The words for it otherwise.
        phrase: String,
        /// The value that the tests set.
        value: FlagValue,
    },
    /// It says that a flag will be flipped before, with or after something.
    PlansFlip {
        /// The flag, if named.
        key: Option<FlagKey>,
        /// The words for it otherwise.
        phrase: String,
        /// To what.
        to: FlagValue,
        /// When.
        when: Flip,
    },
    /// It states what a flag is or defaults to, without introducing it.
    States {
        /// The flag.
        key: FlagKey,
        /// The state.
        value: FlagValue,
        /// It says what the flag is by default, not what it is now.
        by_default: bool,
    },
    /// It comes after another PRD. `on` is the reference as written (`PRD 7`, `009-fees`).
    DependsOn {
        /// The reference as written.
        on: String,
    },
    /// It comes before another PRD ("this blocks PRD 4"). `what` is the reference as written.
    Before {
        /// The reference as written.
        what: String,
    },
    /// Others come after it: it ships before everything else.
    Foundation,
    /// It is a hotfix: small, and before all else.
    Hotfix,
    /// It gives what is built a new version number.
    Bumps,
}

/// A claim with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// What is claimed.
    pub claim: Claim,
    /// Front matter beats prose.
    pub declared: bool,
    /// It tells how things are in a state ("with fast pricing on, the cart shows …") and does not ask for the state: possible at
    /// most.
    pub scene: bool,
    /// The words that say it.
    pub span: Span,
    /// The sentence that they stand in, without Markdown's marks; empty for what is declared. What a phrase means is often said
    /// by its neighbours ("… from the snapshot, so the read path has to be active").
    pub sentence: String,
}
