//! A checked rule: what it matches, where its flag stands in the match, and what the match means. Enters and leaves: nothing.

use super::selector::{PathStep, Selector};
use super::shape::{Globs, Shape};
use super::transform::Transform;
use super::{Confidence, framework::FrameworkRule};
use crate::flag::FlagValue;

/// One rule of a rule file.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Its name within the file; findings cite `<file id>/<rule id>`.
    pub id: String,
    /// What the match means.
    pub kind: RuleKind,
    /// What it matches. `None` for `framework` and `ambient` rules, which match nothing themselves.
    pub shape: Option<Shape>,
    /// Which flag. `None` where the kind needs none (a `gate`, a `framework`), or where a query's `@key` tells.
    pub key: Option<Selector>,
    /// Globs of the paths in which it applies; all where empty.
    pub files: Globs,
    /// How sure a match is, before the import condition.
    pub confidence: Confidence,
    /// Drop the match, instead of lowering its confidence, where the import condition fails.
    pub require_import: bool,
    /// Snippets that it must match.
    pub examples: Vec<String>,
    /// Snippets that it must not match.
    pub counter_examples: Vec<String>,
    /// The line of the rule in its file (one-based), for messages.
    pub line: u32,
}

/// What a match means.
#[derive(Clone, PartialEq, Debug)]
pub enum RuleKind {
    /// A flag exists.
    Define(Box<DefineRule>),
    /// Code depends on a flag.
    Read(ReadRule),
    /// A function is a wrapper of a read, although inference does not see it.
    Wrap(WrapRule),
    /// A test sets a flag.
    Force(Box<ForceRule>),
    /// What a test sees that forces nothing, below a path.
    Ambient(AmbientRule),
    /// A test runs only in one state.
    Gate(GateRule),
    /// How tests look.
    Framework(Box<FrameworkRule>),
    /// An explicit statement of a need.
    Assume(AssumeRule),
}

impl RuleKind {
    /// The word that rule files use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Define(_) => "define",
            Self::Read(_) => "read",
            Self::Wrap(_) => "wrap",
            Self::Force(_) => "force",
            Self::Ambient(_) => "ambient",
            Self::Gate(_) => "gate",
            Self::Framework(_) => "framework",
            Self::Assume(_) => "assume",
        }
    }
}

/// What of a definition's binding stands for the key in later reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Handle {
    /// The binding that the match initialises (`export const f = new Feature('k', false)`).
    Binding,
    /// The implementing type (`impl FeatureFlag for T`).
    Type,
    /// The binding that the match initialises, whose call is the read (`if (await showBanner())`).
    Called,
    /// The property that the match initialises.
    Property,
    /// The binding that the match initialises, a store: who takes what it holds reads the flag (`$tax`, `get(tax)`).
    Store,
}

/// A flag exists.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DefineRule {
    /// What the definition says that it is.
    pub declared: Option<Selector>,
    /// What a test sees that forces nothing.
    pub ambient: Option<Selector>,
    /// What stands for the key in later reads.
    pub handle: Option<Handle>,
    /// When it is meant to go.
    pub expires: Option<Selector>,
    /// Whose it is.
    pub owner: Option<Selector>,
    /// The comment above the definition belongs to it.
    pub doc: bool,
}

/// How a boolean comes out of a read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ResultShape {
    /// Steps from the read's value to the flag's (`.value`, `[0].enabled`).
    pub path: Vec<PathStep>,
    /// What then decides.
    pub test: ResultTest,
}

/// What decides that a flag is on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ResultTest {
    /// The value is truthy.
    #[default]
    Truth,
    /// The value equals this text (`== "on"`).
    Equals(String),
    /// `value.includes(key)`
    Includes,
    /// The function in this argument runs only where the flag is on; negative from the end.
    Callback(i32),
}

/// Which region a read guards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Region {
    /// Whatever stands under a condition made of its value.
    #[default]
    Condition,
    /// The function in the argument that `result` names.
    Callback,
    /// The children of the element.
    Children,
    /// The item below the decorator.
    Item,
    /// The rest of the block.
    Rest,
}

/// Code depends on a flag.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReadRule {
    /// What the call falls back to.
    pub fallback: Option<Selector>,
    /// How a boolean comes out.
    pub result: ResultShape,
    /// The value is the opposite of the flag (`isOff`).
    pub negative: bool,
    /// A prefix of the key that turns the meaning (`!k`).
    pub negate_prefix: Option<String>,
    /// The value comes as a promise or future.
    pub is_async: bool,
    /// The spelling under which the front end reads the flag as well.
    pub export: Option<Transform>,
    /// Which region it guards.
    pub region: Region,
}

/// A pinned wrapper: calls of such a name are reads.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WrapRule {
    /// The value is the opposite of the flag.
    pub negative: bool,
    /// What the call falls back to.
    pub fallback: Option<Selector>,
}

/// How far a force reaches, as the rule says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reach {
    /// The enclosing test; in a hook its suite; at the top level the file.
    #[default]
    Auto,
    /// The enclosing test.
    Test,
    /// The block that the match owns.
    Block,
    /// The enclosing suite.
    Suite,
    /// The file.
    File,
    /// Every test.
    Project,
}

/// What ends a force.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Reset {
    /// The framework or nothing: the end of its reach.
    #[default]
    Scope,
    /// Nothing: a later test of the file inherits it (`reset = "never"`).
    Never,
    /// A call of one of these dotted names (`vi.unstubAllEnvs`).
    Calls(Vec<String>),
}

/// What a force of a key that nobody knows is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum UnknownKey {
    /// Nothing to say.
    Ignore,
    /// A stub without effect.
    #[default]
    Warn,
    /// The harness refuses it.
    Error,
}

/// What happens to the flags that a force does not name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Others {
    /// They stay as they are.
    #[default]
    Keep,
    /// They are off.
    Off,
    /// They are on.
    On,
}

/// How much of the reads a force covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Covers {
    /// All of them.
    #[default]
    All,
    /// Only the first (`mockReturnValueOnce`), or only some users.
    Some,
    /// None: it takes an earlier force back (`vi.unstubAllEnvs()`, `delete process.env.X`).
    Reset,
}

/// A test sets a flag.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ForceRule {
    /// To what. `None` where a query's `@value` tells, or the match is a module mock whose factory must be read.
    pub value: Option<Selector>,
    /// The function that is mocked (`mocked(useFlag)`), for key-agnostic forces: its name, or the text that names a method.
    pub target: Option<Selector>,
    /// The object whose method is mocked (`spyOn(flags, 'isEnabled')`).
    pub target_object: Option<Selector>,
    /// How far it reaches.
    pub scope: Reach,
    /// What ends it.
    pub reset: Reset,
    /// What a force of an unknown key is.
    pub unknown_key: UnknownKey,
    /// What happens to the flags that are not named.
    pub others: Others,
    /// How much of the reads it covers.
    pub covers: Covers,
}

/// What a test sees that forces nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct AmbientRule {
    /// Below which paths; everywhere where empty.
    pub files: Globs,
    /// The state.
    pub value: FlagValue,
}

/// What a gate does to a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GateEffect {
    /// It does not run.
    Skip,
    /// It is expected to fail.
    ExpectedFail,
}

/// A test runs only in one state.
#[derive(Clone, PartialEq, Debug)]
pub struct GateRule {
    /// What happens where the flag has the other value (or always, where no flag is named).
    pub effect: GateEffect,
    /// The effect comes where the flag is *on*.
    pub negative: bool,
}

/// An explicit statement of a need.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AssumeRule {
    /// The value that is needed.
    pub value: Option<Selector>,
}
