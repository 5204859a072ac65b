//! Python: a patched function that is told its answer later: `@patch("app.is_on")`, then `mock.return_value = True`. Enters: the names of a
//! file that stand for patched functions. Leaves: settings where they are told.

use super::collect::Made;
use super::mocks::Mocks;
use super::{Ground, Manner, Setting};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::Reach;

/// The declaration of the name by which the code around a patch knows the mock.
pub(super) fn held_name(made: &Made<'_>) -> Option<usize> {
    let (ground, unit) = (made.ground, made.unit);
    let tree = ground.code.tree(unit);
    let mut below = made.site.node;
    for up in tree.ancestors(made.site.node) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => {}
            // `with patch("app.is_on") as on:`, `on = patch("app.is_on").start()`
            Syntax::Let { pattern, .. } | Syntax::Assign { target: pattern, .. } => {
                return declared(ground, unit, *pattern);
            }
            Syntax::Call { .. } | Syntax::Member { .. } => {}
            Syntax::Decorator(_) => below = up,
            Syntax::Function(function) => {
                let at = function.decorators.iter().position(|decorator| *decorator == below)?;
                let after = function.decorators[at + 1..].iter();
                let nth = after.filter(|decorator| hands_over(ground, unit, **decorator)).count();
                let mut params = function.params.iter().copied();
                let own = |param: &NodeId| matches!(ground.code.words(ground.at(unit, *param)), "self" | "cls");
                let param = params.by_ref().filter(|param| !own(param)).nth(nth)?;
                return declared(ground, unit, param);
            }
            _ => return None,
        }
    }
    None
}

/// A decorator that hands its mock to the function: `@patch("app.clock")`, not `@patch("app.clock", fake)`.
fn hands_over(ground: &Ground<'_>, unit: usize, decorator: NodeId) -> bool {
    let Syntax::Decorator(inner) = ground.code.syntax(ground.at(unit, decorator)) else {
        return false;
    };
    let Syntax::Call { callee, args, .. } = ground.code.syntax(ground.at(unit, *inner)) else {
        return false;
    };
    let words = ground.code.words(ground.at(unit, *callee));
    let named = match words {
        words if words.ends_with("patch.object") => 2,
        words if words == "patch" || words.ends_with(".patch") => 1,
        _ => return false,
    };
    let plain = |arg: &&NodeId| {
        let words = ground.code.words(ground.at(unit, **arg));
        let keyword = words.split_once('=').map(|(name, _)| name.trim());
        keyword.is_none_or(|name| name == "new" || !name.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    args.iter().filter(plain).count() <= named
}

fn declared(ground: &Ground<'_>, unit: usize, name: NodeId) -> Option<usize> {
    let bindings = &ground.code.units()[unit].bindings;
    bindings
        .declaration(ground.code.tree(unit).bare(name))
        .map(|found| found.id)
}

/// `mock.return_value = True`
pub(super) fn later(ground: &Ground<'_>, unit: usize, mocks: &Mocks) -> Vec<Setting> {
    if mocks.patched.is_empty() {
        return Vec::new();
    }
    let tree = ground.code.tree(unit);
    let mut found = Vec::new();
    for id in tree.ids() {
        let Syntax::Assign { target, value } = tree.syntax(id) else {
            continue;
        };
        let Syntax::Member { object, property } = tree.syntax(tree.bare(*target)) else {
            continue;
        };
        if ground.code.slice(unit, *property) != "return_value" {
            continue;
        }
        let Some((serves, rule)) = declared(ground, unit, *object).and_then(|name| mocks.patched.get(&name)) else {
            continue;
        };
        let at = ground.at(unit, id);
        let to = ground.to(ground.at(unit, *value), None);
        found.extend(serves.settings(&to).into_iter().map(|(which, to)| Setting {
            which,
            to,
            at,
            shown: tree.bytes(id),
            manner: Manner::Effect,
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
