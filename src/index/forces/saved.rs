//! Rows of a table of flags that a test changes and saves: `flag = Flag.objects.get(name='x'); flag.everyone = True; flag.save()`. Enters: one
//! file. Leaves: settings where the state is assigned. The row is that of a known flag whose name stands in the expression that gave it.

use std::collections::BTreeMap;

use super::{Ground, Manner, Setting, To, Which};
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
/// Calls behind an assignment that may write a row of this name and are looked at; beyond them the file is data.
const MOST_SAVES: usize = 32;

/// The calls of a file that may write a row, by its name (what they are called on, what they are given) and by place.
type Saves<'g> = BTreeMap<&'g str, Vec<Save>>;

/// A call that may write a row.
struct Save {
    call: NodeId,
    row: NodeId,
}

/// The rows of a file that are saved.
pub(super) fn saved(ground: &Ground<'_>, unit: usize) -> Vec<Setting> {
    let tree = ground.code.tree(unit);
    let mut saves: Option<Saves<'_>> = None;
    let mut found = Vec::new();
    for id in tree.ids() {
        let Syntax::Assign { target, value } = tree.syntax(id) else {
            continue;
        };
        let Syntax::Member { object, property } = tree.syntax(*target) else {
            continue;
        };
        if !STATES.contains(&ground.code.slice(unit, *property)) {
            continue;
        }
        // They are looked for once in a file, and only in one that changes a state.
        let saves = saves.get_or_insert_with(|| all_saves(ground, unit));
        let (at, row) = (ground.at(unit, id), ground.at(unit, *object));
        let Some(save) = saving(ground, row, id, saves) else {
            continue;
        };
        let Some(key) = key_of_row(ground, row) else { continue };
        let open = ground.open_function(at);
        // It is set once it is written, and as surely as both happen.
        let sometimes = [at, at.with(save)]
            .iter()
            .any(|at| ground.place(*at, false).conditional);
        found.push(Setting {
            which: Which::Key(key),
            to: match ground.to(at.with(*value), open) {
                To::Is(_) | To::Both if sometimes => To::Partial,
                to => to,
            },
            at: at.with(save),
            shown: tree.bytes(id),
            manner: Manner::Effect,
            reach: Reach::Auto,
            block: None,
            ends: Vec::new(),
            held: false,
            rule: "engine/saved-row".to_owned(),
            file: None,
        });
    }
    found
}

fn all_saves<'g>(ground: &'g Ground<'_>, unit: usize) -> Saves<'g> {
    let tree = ground.code.tree(unit);
    let mut found: Saves<'g> = BTreeMap::new();
    for call in tree.ids() {
        let Syntax::Call { callee, args, .. } = tree.syntax(call) else {
            continue;
        };
        let Syntax::Member { object, property } = tree.syntax(*callee) else {
            continue;
        };
        let method = ground.code.slice(unit, *property);
        if SAVES.iter().any(|save| method.starts_with(save)) {
            for row in std::iter::once(object).chain(args) {
                let name = ground.code.words(ground.at(unit, *row));
                found.entry(name).or_default().push(Save { call, row: *row });
            }
        }
    }
    for saves in found.values_mut() {
        saves.sort_by_key(|save| tree.bytes(save.call).start);
    }
    found
}

/// The call behind the assignment, in the same function or test, that writes the row.
fn saving(ground: &Ground<'_>, row: At, assigned: NodeId, saves: &Saves<'_>) -> Option<NodeId> {
    let tree = ground.code.tree(row.unit);
    if !matches!(tree.syntax(row.node), Syntax::Name) {
        return None;
    }
    let (name, end) = (ground.code.words(row), tree.bytes(assigned).end);
    let bindings = &ground.code.units()[row.unit].bindings;
    let own = bindings.declaration(row.node).map(|of| of.id);
    let owner = ground.place(row.with(assigned), false).owner;
    let saves = saves.get(name)?;
    let first = saves.partition_point(|save| tree.bytes(save.call).start < end);
    let is_row = |save: &&Save| bindings.declaration(tree.bare(save.row)).map(|of| of.id) == own;
    let behind = saves[first..].iter().take(MOST_SAVES).filter(is_row);
    let mut calls = behind.map(|save| save.call);
    calls.find(|call| ground.place(row.with(*call), false).owner == owner)
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
    if parts.len() > 1 || !is_of_flags(ground, row.with(from)) {
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

/// True if what is called, or a type that is handed to it, is one of flags. What else it is given says nothing: `get(flag='x')` may ask for
/// anything.
fn is_of_flags(ground: &Ground<'_>, from: At) -> bool {
    let tree = ground.code.tree(from.unit);
    let speaks = |id: NodeId| {
        let words = ground.code.words(from.with(id)).to_ascii_lowercase();
        ROWS.iter().any(|row| words.contains(row))
    };
    let is_type = |id: &NodeId| {
        let id = tree.bare(*id);
        let words = ground.code.words(from.with(id));
        matches!(tree.syntax(id), Syntax::Name | Syntax::Member { .. })
            && words
                .rsplit('.')
                .next()
                .is_some_and(|last| last.starts_with(char::is_uppercase))
    };
    let mut at = from.node;
    loop {
        at = match tree.syntax(tree.bare(at)) {
            Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. } => {
                if args.iter().any(|arg| is_type(arg) && speaks(*arg)) {
                    return true;
                }
                *callee
            }
            Syntax::Member { object, property } => {
                let name = ground.code.slice(from.unit, *property).to_ascii_lowercase();
                if ROWS.iter().any(|row| name.contains(row)) {
                    return true;
                }
                *object
            }
            Syntax::Name => return speaks(at),
            _ => return false,
        };
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
