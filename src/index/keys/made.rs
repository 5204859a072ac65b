//! What stands for a flag and is made of its key: `NEW_TAX = BooleanFlag("new_tax", False)`. Enters: a call or construction. Leaves: where its
//! key stands, and what says whether it is on.

use crate::index::code::{At, Code};
use crate::lang::tree::{NodeId, Syntax};

/// What an object that stands for a flag is made of.
#[derive(Clone, Copy)]
pub struct Made {
    /// The text of its key.
    pub key: NodeId,
    /// What says whether it is on.
    pub declared: Option<NodeId>,
}

/// How types end whose values stand for flags, and how arguments of theirs are called.
const MADE: [&str; 4] = ["Flag", "Toggle", "Experiment", "FeatureGate"];
const NAMES: [&str; 5] = ["name", "key", "slug", "id", "flag"];
const STATES: [&str; 4] = ["default", "default_value", "enabled", "defaultValue"];

/// `NEW_TAX = BooleanFlag("new_tax", False)` as a constant or a member of a class: its first text is the key, what is plainly true or false is its default.
#[must_use]
pub fn made_of(code: &Code<'_>, at: At) -> Option<Made> {
    let tree = code.tree(at.unit);
    let node = tree.bare(at.node);
    let (Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. }) = tree.syntax(node) else {
        return None;
    };
    let words = code.words(at.with(*callee));
    let name = words.rsplit(['.', ':']).next().unwrap_or(words);
    let is_type = name.starts_with(char::is_uppercase) && MADE.iter().any(|end| name.ends_with(end));
    let parent = tree
        .ancestors(node)
        .find(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)))?;
    let is_held = matches!(
        tree.syntax(parent),
        Syntax::Field { .. } | Syntax::Let { .. } | Syntax::Entry { .. }
    );
    if !is_type || !is_held {
        return None;
    }
    let named = |names: &[&str]| {
        args.iter().find_map(|arg| match tree.syntax(*arg) {
            Syntax::Attribute {
                name,
                value: Some(value),
            } if names.contains(&code.slice(at.unit, *name)) => Some(*value),
            _ => None,
        })
    };
    let is_text = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Text(_));
    let key = named(&NAMES).or_else(|| args.first().copied()).filter(is_text)?;
    let is_plain = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Bool(_));
    let declared = named(&STATES).or_else(|| args.get(1).copied()).filter(is_plain);
    Some(Made { key, declared })
}

/// `FeatureFlagKey("k")`, `"k".toFeatureFlagKey()`: a key in a type of its own.
pub(super) fn key_made(code: &Code<'_>, callee: At, args: &[NodeId]) -> bool {
    let words = code.words(callee);
    let name = words.rsplit('.').next().unwrap_or(words);
    match args.len() {
        0 => name.starts_with("to") && name.ends_with("Key") && words.len() > name.len(),
        1 => name.ends_with("Key") && name.starts_with(char::is_uppercase),
        _ => false,
    }
}
