//! Flags that a configuration takes from elsewhere: `start({ flags: flagsOn })`, `{ flags: { ...flagsOn } }` with a fixture of another
//! file, and `const startWith = (flags) => start({ flags })`, whose callers give them. Enters: one file for tests. Leaves: settings.

use std::collections::BTreeMap;

use super::{Ground, Manner, Setting, To, Which};
use crate::flag::FlagValue;
use crate::index::code::{At, Trail};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::rule::{Reach, RuleKind};
use crate::rules::shape::{Shape, ValueKind};

/// The entries under which `force` rules expect an object of flags.
pub(super) fn names<'a>(ground: &Ground<'a>) -> BTreeMap<&'a str, RuleRef> {
    let mut found = BTreeMap::new();
    for (at, rule) in ground.rules.rules() {
        if let (RuleKind::Force(_), Some(Shape::Object(object))) = (&rule.kind, &rule.shape)
            && object.values == Some(ValueKind::Boolean)
            && let Some(last) = object.path.last()
        {
            found.entry(last.as_str()).or_insert(at);
        }
    }
    found
}

/// What the entries of these names take from elsewhere.
pub(super) fn carried(ground: &Ground<'_>, unit: usize, names: &BTreeMap<&str, RuleRef>) -> Vec<Setting> {
    let tree = ground.code.tree(unit);
    let mut found = Vec::new();
    for id in tree.ids() {
        let Syntax::Entry {
            key: Key::Name(name, _),
            value,
        } = tree.syntax(id)
        else {
            continue;
        };
        let Some(rule) = names.get(&**name) else { continue };
        let at = ground.at(unit, id);
        let open = ground.open_function(at);
        let value = tree.bare(*value);
        let set = match tree.syntax(value) {
            Syntax::Name => match ground.entries_param(at.with(value), open) {
                Some(which) => vec![(which, To::Is(FlagValue::Unknown))],
                None => given(ground, at.with(value), open),
            },
            Syntax::Object { entries, .. } => spread(ground, at, entries, open),
            _ => Vec::new(),
        };
        found.extend(set.into_iter().map(|(which, to)| Setting {
            which,
            to,
            at,
            shown: tree.bytes(id),
            manner: Manner::Value,
            reach: Reach::Auto,
            block: None,
            ends: Vec::new(),
            held: false,
            rule: ground.rules.name(*rule),
            file: Some(rule.file),
        }));
    }
    found
}

fn spread(ground: &Ground<'_>, at: At, entries: &[NodeId], open: Option<NodeId>) -> Vec<(Which, To)> {
    let spread = entries
        .iter()
        .filter_map(|entry| match ground.code.syntax(at.with(*entry)) {
            Syntax::Spread(inner) => Some(*inner),
            _ => None,
        });
    spread.flat_map(|inner| given(ground, at.with(inner), open)).collect()
}

/// The entries of an object that is there for tests, if all of them say on or off: the defaults of the product are no force.
fn given(ground: &Ground<'_>, at: At, open: Option<NodeId>) -> Vec<(Which, To)> {
    let object = ground.code.settle(at, &mut Trail::default());
    if !ground.is_object(object) || !ground.is_support(object.unit) {
        return Vec::new();
    }
    let set = ground.entries_of(object, open);
    let says = |to: &To| matches!(to, To::Is(FlagValue::On | FlagValue::Off) | To::Passed(_));
    if set.iter().all(|(_, to)| says(to)) {
        set
    } else {
        Vec::new()
    }
}
