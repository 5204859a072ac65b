//! Rows of a table of flags that a test changes and saves: `flag = Flag.objects.get(name='x'); flag.everyone = True; flag.save()`. Enters: one
//! file. Leaves: settings where the state is assigned. The row is that of a known flag whose name stands in the expression that gave it.

use super::{Ground, Manner, Setting, Which};
use crate::flag::FlagKey;
use crate::index::code::{At, Declared};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::Reach;

/// Properties of a row that say its state.
const STATES: [&str; 9] = [
    "everyone",
    "active",
    "enabled",
    "is_enabled",
    "is_active",
    "isEnabled",
    "isActive",
    "Enabled",
    "on",
];
/// Words in what gave a row that say that it is one of flags.
const ROWS: [&str; 5] = ["flag", "switch", "toggle", "feature", "sample"];
/// Methods that write a row; each begins so.
const SAVES: [&str; 4] = ["save", "update", "persist", "flush"];

/// The rows of a file that are saved.
pub(super) fn saved(ground: &Ground<'_>, unit: usize) -> Vec<Setting> {
    let tree = ground.code.tree(unit);
    let found = tree.ids().filter_map(|id| {
        let Syntax::Assign { target, value } = tree.syntax(id) else {
            return None;
        };
        let Syntax::Member { object, property } = tree.syntax(*target) else {
            return None;
        };
        let state = STATES.contains(&ground.code.slice(unit, *property));
        let (at, row) = (ground.at(unit, id), ground.at(unit, *object));
        if !state || !is_saved(ground, row, id) {
            return None;
        }
        let key = key_of_row(ground, row)?;
        let open = ground.open_function(at);
        Some(Setting {
            which: Which::Key(key),
            to: ground.to(at.with(*value), open),
            at,
            shown: tree.bytes(id),
            manner: Manner::Effect,
            reach: Reach::Auto,
            block: None,
            ends: Vec::new(),
            held: false,
            rule: "engine/saved-row".to_owned(),
            file: None,
        })
    });
    found.collect()
}

/// True if the row is written behind the assignment.
fn is_saved(ground: &Ground<'_>, row: At, assigned: NodeId) -> bool {
    let tree = ground.code.tree(row.unit);
    let (name, end) = (ground.code.words(row), tree.bytes(assigned).end);
    if !matches!(tree.syntax(row.node), Syntax::Name) {
        return false;
    }
    tree.ids().any(|id| match tree.syntax(id) {
        Syntax::Call { callee, args, .. } if tree.bytes(id).start >= end => match tree.syntax(*callee) {
            Syntax::Member { object, property } => {
                let method = ground.code.slice(row.unit, *property);
                let by_itself = ground.code.words(row.with(*object)) == name;
                let by_another = args.iter().any(|arg| ground.code.words(row.with(*arg)) == name);
                (by_itself || by_another) && SAVES.iter().any(|save| method.starts_with(save))
            }
            _ => false,
        },
        _ => false,
    })
}

/// The one known flag that is named where the row comes from.
fn key_of_row(ground: &Ground<'_>, row: At) -> Option<FlagKey> {
    let Declared::Value { node, parts, .. } = ground.code.declared(row)? else {
        return None;
    };
    let tree = ground.code.tree(row.unit);
    let from = tree.bare(node);
    let (Syntax::Call { .. } | Syntax::New { .. }) = tree.syntax(from) else {
        return None;
    };
    let words = ground.code.words(row.with(from)).to_ascii_lowercase();
    if parts.len() > 1 || !ROWS.iter().any(|row| words.contains(row)) {
        return None;
    }
    let texts = tree.below(from).into_iter().filter_map(|id| match tree.syntax(id) {
        Syntax::Text(text) => Some(FlagKey::new(text)).filter(|key| ground.known.contains(key)),
        _ => ground.known_name(row.with(id)),
    });
    let mut keys: Vec<FlagKey> = texts.collect();
    keys.sort();
    keys.dedup();
    match keys.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

impl Ground<'_> {
    /// The known flag that a constant names.
    fn known_name(&self, at: At) -> Option<FlagKey> {
        if !matches!(self.code.syntax(at), Syntax::Name | Syntax::Member { .. }) {
            return None;
        }
        match self.key(at)?.term {
            crate::index::condition::KeyTerm::Known(key) => Some(key).filter(|key| self.known.contains(key)),
            crate::index::condition::KeyTerm::Param(_) => None,
        }
    }
}
