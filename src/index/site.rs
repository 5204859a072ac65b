//! A place where a rule matched. The matcher makes it from a rule and one file's tree; what its key and values *are* is resolved later.

use crate::flag::FlagValue;
use crate::lang::tree::NodeId;
use crate::source::Bytes;

/// Where a key comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum KeySource {
    /// An expression: a literal, a constant, a handle, a parameter. To be resolved.
    Node(NodeId),
    /// The key itself and where it stands.
    Known(String, Bytes),
    /// Every flag.
    Every,
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum ValueSource {
    /// An expression. To be resolved.
    Node(NodeId),
    /// The rule says so (`Flipper.enable` is on).
    Known(FlagValue),
}

/// One flag at a site.
#[derive(Clone, PartialEq, Debug)]
pub struct SiteEntry {
    /// Which flag.
    pub key: KeySource,
    /// The declared value (`define`), the forced value (`force`).
    pub value: Option<ValueSource>,
    /// What a read falls back to.
    pub fallback: Option<ValueSource>,
}

/// A place where a rule matched.
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    /// Which rule file (index into the rule set's files).
    pub file: usize,
    /// Which rule of its kind in that file.
    pub rule: usize,
    /// The node that matched: the call, the member, the literal.
    pub node: NodeId,
    /// Its flags: one for most sites, several where every entry of an object is a flag.
    pub entries: Vec<SiteEntry>,
    /// For a `query` rule: the other captures (`@guard`, `@body`, …) by name.
    pub captures: Vec<(String, Bytes)>,
    /// The rule's import condition holds here (`None`: the rule has none).
    pub imported: Option<bool>,
}
