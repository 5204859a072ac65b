//! Attributes of a Rust test that name a flag: `#[exp(crate::DC_GLOB)]`, `#[with_flag(TAX = false)]`. Enters: a file with tests. Leaves: what
//! each attribute sets for its test. What the attribute's macro really does is not looked at: its name tells whether that is on, off, or not known.

use super::{Ground, Manner, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Trail};
use crate::index::condition::KeyTerm;
use crate::index::keys::Handle;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::Reach;

/// Words of an attribute's name that set a flag off.
const OFF: [&str; 4] = ["disable", "disabled", "without", "off"];
/// Words of an attribute's name that ask for a state, and do not make it.
const ASKS: [&str; 10] = [
    "if", "ignore", "only", "require", "requires", "skip", "unless", "when", "case", "values",
];

/// Flags that the attributes of tests set.
pub(super) fn attributes(ground: &Ground<'_>, unit: usize) -> Vec<Setting> {
    let facts = ground.code.facts(unit);
    if facts.language != Language::Rust || ground.handles.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for id in facts.tree.ids() {
        let Syntax::Function(function) = facts.tree.syntax(id) else {
            continue;
        };
        let outline = &ground.outlines[unit];
        let opened = function.body.and_then(|body| outline.opened_by(body));
        let (Some(body), Some(site)) = (function.body, opened) else {
            continue;
        };
        if outline.is_test(site) {
            let attributes = function.decorators.iter();
            found.extend(attributes.flat_map(|decorator| of_attribute(ground, ground.at(unit, body), *decorator)));
        }
    }
    found
}

fn of_attribute(ground: &Ground<'_>, test: At, decorator: NodeId) -> Vec<Setting> {
    let Syntax::Decorator(inner) = ground.code.syntax(test.with(decorator)) else {
        return Vec::new();
    };
    let Syntax::Call { callee, args, .. } = ground.code.syntax(test.with(*inner)) else {
        return Vec::new();
    };
    let name = ground.code.words(test.with(*callee));
    let plain = state(name.rsplit("::").next().unwrap_or(name));
    let mut found = Vec::new();
    for arg in args {
        let (flag, to) = match ground.code.syntax(test.with(*arg)) {
            Syntax::Name | Syntax::Member { .. } => (*arg, plain.clone()),
            Syntax::Assign { target, value } => match ground.code.syntax(test.with(*value)) {
                Syntax::Bool(value) => (*target, To::Is(FlagValue::from(*value))),
                _ => (*target, To::Partial),
            },
            _ => continue,
        };
        if let Some((key, rule)) = named(ground, test.with(flag)) {
            found.push(Setting {
                which: Which::Key(key),
                to,
                at: test,
                shown: ground.code.tree(test.unit).bytes(decorator),
                manner: Manner::Effect,
                reach: Reach::Auto,
                block: None,
                ends: Vec::new(),
                held: false,
                rule,
                file: None,
            });
        }
    }
    found
}

/// What an attribute of this name sets a flag to that it merely names.
fn state(name: &str) -> To {
    let mut words = name.split('_');
    if words.clone().any(|word| ASKS.contains(&word)) {
        To::Partial
    } else if words.any(|word| OFF.contains(&word)) {
        To::Is(FlagValue::Off)
    } else {
        To::Is(FlagValue::On)
    }
}

/// The flag that a path stands for. A name that nothing in the file declares may come from a prelude: then the only flag of that name is meant.
fn named(ground: &Ground<'_>, at: At) -> Option<(FlagKey, String)> {
    let words = ground.code.words(at);
    let last = words.rsplit("::").next().unwrap_or(words);
    let handle: &Handle = match ground.handles.behind(ground.code, at, &mut Trail::default()) {
        Some(handle) => handle,
        None => ground.handles.only_named(last)?,
    };
    match &handle.key.term {
        KeyTerm::Known(key) => Some(((ground.spelled)(key, handle.rule), ground.rules.name(handle.rule))),
        _ => None,
    }
}
