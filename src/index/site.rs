//! A place where a rule matched. The matcher makes it from a rule and one file's tree; what its key and values *are* is resolved later.

use crate::flag::FlagValue;
use crate::lang::tree::NodeId;
use crate::rules::framework::HookKind;
use crate::rules::{Confidence, RuleRef};
use crate::source::Bytes;

/// Where a key comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum KeySource {
    /// An expression: a literal, a constant, a handle, a parameter. To be resolved; then ask `RuleFile::flags.accepts(key)`.
    Node(NodeId),
    /// The key itself and where it stands.
    Known(String, Bytes),
    /// Every flag.
    Every,
}

impl KeySource {
    /// True for a value that is the key's own expression: the last argument of a call that has but one.
    #[must_use]
    pub fn is_at(&self, value: &ValueSource) -> bool {
        matches!((self, value), (Self::Node(key), ValueSource::Node(value)) if key == value)
    }
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum ValueSource {
    /// An expression. To be resolved.
    Node(NodeId),
    /// The rule says so (`Flipper.enable` is on).
    Known(FlagValue),
    /// A piece of text that stands for a value (`true` in `"k=true"`).
    Text(String, Bytes),
}

/// One flag at a site.
#[derive(Clone, PartialEq, Debug)]
pub struct SiteEntry {
    /// Which flag.
    pub key: KeySource,
    /// The declared value (`define`), the forced value (`force`), the needed value (`assume`).
    pub value: Option<ValueSource>,
    /// What a read falls back to.
    pub fallback: Option<ValueSource>,
    /// What the binding, property or type that stands for this key from here on is called, where the rule has a `handle`.
    pub handle: Option<(String, Bytes)>,
    /// What a test sees that forces nothing, where the definition says it.
    pub ambient: Option<ValueSource>,
}

/// A place where a rule matched.
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    /// Which rule. Its kind says what the site means: `rules.rule(site.rule).kind`.
    pub rule: RuleRef,
    /// The node that matched: the call, the member, the literal, the element, the decorator, the entry of an object pattern. For a comment or a
    /// query the innermost node around it.
    pub node: NodeId,
    /// Its flags: one for most sites, several where every entry of an object is a flag, none for a gate that names no flag.
    pub entries: Vec<SiteEntry>,
    /// For a `query` or `comment` rule: the other captures (`guard`, `body`, …) by name.
    pub captures: Vec<(String, Bytes)>,
    /// For a force of every flag: the function that is mocked (a name, or a text that names a method).
    pub target: Option<NodeId>,
    /// The object whose method is mocked.
    pub target_object: Option<NodeId>,
    /// The rule's import condition holds here (`None`: the rule has none).
    pub imported: Option<bool>,
    /// How sure: the rule's confidence, one step lower where the import condition failed.
    pub confidence: Confidence,
}

/// What a place of a test framework is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TestRole {
    /// A test.
    Test,
    /// A suite of tests.
    Suite,
    /// A hook.
    Hook(HookKind),
}

/// A condition that decides whether a test runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TestCondition {
    /// The condition.
    pub test: NodeId,
    /// The test runs where it holds (`runIf`), or where it does not (`skipIf`).
    pub runs_if: bool,
}

/// A test, suite or hook of a framework.
#[derive(Clone, PartialEq, Debug)]
pub struct TestSite {
    /// The framework rule.
    pub rule: RuleRef,
    /// What it is.
    pub role: TestRole,
    /// The whole call, function or module.
    pub node: NodeId,
    /// Its title; `None` where there is none (a hook), or where the name of `node` is the title.
    pub title: Option<NodeId>,
    /// What runs: a function value, or the function or module itself.
    pub body: Option<NodeId>,
    /// Skipped, or written to be done.
    pub skipped: bool,
    /// Expected to fail.
    pub expect_fail: bool,
    /// Only it runs.
    pub only: bool,
    /// The rows of its table (an array, or the template of a tagged `each`).
    pub table: Option<NodeId>,
    /// Conditions on its running, outermost first.
    pub conditions: Vec<TestCondition>,
}
