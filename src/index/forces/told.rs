//! Calls that say what is mocked: `when(features.isNew()).thenReturn(true)`, `Setup(m => m.IsNew())`, `doReturn(true).when(features).isNew()`.
//! Enters: a site whose rule names the call, or the object. Leaves: settings of the flags that the function serves.

use super::collect::Made;
use super::serves::{Served, Serves};
use super::{Ground, Setting, To, Which};
use crate::flag::FlagKey;
use crate::index::code::{At, Trail};
use crate::index::condition::KeyTerm;
use crate::index::site::ValueSource;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::Covers;
use crate::rules::shape::Shape;

/// Matchers that say what an argument must be.
const EXACTLY: [&str; 5] = ["eq", "same", "refEq", "equal", "Is"];

/// What stands beside a call that is told without a value.
pub(super) enum Beside {
    /// The rule says where the value is.
    Told,
    /// The second of a pair.
    Value(NodeId),
    /// The call is not the first of a pair.
    Nothing,
}

/// `[select(isTaxEnabled), true]`: the answer stands beside the call.
pub(super) fn beside(made: &Made<'_>) -> Beside {
    let shape = &made.ground.rules.rule(made.site.rule).shape;
    if made.rule.value.is_some() || made.rule.covers != Covers::All || !is_select(shape.as_ref()) {
        return Beside::Told;
    }
    let tree = made.ground.code.tree(made.unit);
    match tree.ancestors(made.site.node).next().map(|up| tree.syntax(up)) {
        Some(Syntax::Array(pair)) if pair.len() == 2 && pair[0] == made.site.node => Beside::Value(pair[1]),
        _ => Beside::Nothing,
    }
}

/// A call whose function stands in an argument, and not in what it is called on.
fn is_select(shape: Option<&Shape>) -> bool {
    matches!(shape, Some(Shape::Call(call)) if call.receiver_call.is_none() && call.receiver.is_none())
}

/// The call in writing, which is told what to answer; `None` where it is none, or serves no flag.
pub(super) fn by_call(made: &Made<'_>, at: At) -> Option<Vec<Setting>> {
    let ground = made.ground;
    let at = at.with(ground.code.tree(at.unit).bare(at.node));
    let call = match ground.code.syntax(at) {
        Syntax::Function(_) => ground.returned(at)?,
        _ => at,
    };
    let Syntax::Call { callee, args, .. } = ground.code.syntax(call) else {
        return None;
    };
    let callee = call.with(ground.code.tree(call.unit).bare(*callee));
    (ground.without_mocked(call) == call).then(|| settings(made, callee, args))?
}

/// `doReturn(true).when(features).isNew()`: the site is everything before the method that is told.
pub(super) fn on_object(made: &Made<'_>) -> Vec<Setting> {
    let (ground, unit) = (made.ground, made.unit);
    let tree = ground.code.tree(unit);
    let (Some(object), Some(member)) = (made.site.target_object, tree.ancestors(made.site.node).next()) else {
        return Vec::new();
    };
    let call = tree.ancestors(member).next();
    let (Syntax::Member { property, .. }, Some(Syntax::Call { args, .. })) =
        (tree.syntax(member), call.map(|call| tree.syntax(call)))
    else {
        return Vec::new();
    };
    let method = ground.code.slice(unit, *property);
    let serves = ground.serves_method(ground.at(unit, object), method);
    serves.map_or_else(Vec::new, |serves| said(made, &serves, &keys(ground, unit, args)))
}

fn settings(made: &Made<'_>, callee: At, args: &[NodeId]) -> Option<Vec<Setting>> {
    let ground = made.ground;
    let serves = match ground.code.syntax(callee) {
        Syntax::Member { object, property } => {
            let method = ground.code.slice(callee.unit, *property);
            ground.serves_method(callee.with(*object), method)
        }
        Syntax::Name => ground.serves(callee),
        _ => None,
    };
    Some(said(made, &serves?, &keys(ground, callee.unit, args)))
}

/// What the answer sets: the flag that stands among the arguments, or whatever the function serves.
fn said(made: &Made<'_>, serves: &Serves, keys: &[FlagKey]) -> Vec<Setting> {
    let ground = made.ground;
    let open = made.open();
    let to = match (
        made.rule.covers,
        made.site.entries.first().and_then(|entry| entry.value.as_ref()),
    ) {
        (Covers::Some, _) => To::Partial,
        (_, Some(ValueSource::Node(value))) => ground.to(ground.at(made.unit, *value), open),
        _ => return Vec::new(),
    };
    let found = match serves.what {
        Served::Bag => Vec::new(),
        Served::Any { negative } if !keys.is_empty() => {
            let to = if negative { to.flipped() } else { to };
            keys.iter().map(|key| (Which::Key(key.clone()), to.clone())).collect()
        }
        _ => serves.settings(&to),
    };
    found.into_iter().map(|(which, to)| made.setting(which, to)).collect()
}

/// The keys in writing among arguments, also within a matcher: `eq("new-tax")`.
fn keys(ground: &Ground<'_>, unit: usize, args: &[NodeId]) -> Vec<FlagKey> {
    let exactly = |at: At| match ground.code.syntax(at) {
        Syntax::Call { callee, args, .. } => {
            match (ground.code.words(at.with(*callee)).rsplit('.').next(), args.as_slice()) {
                (Some(name), [only]) if EXACTLY.contains(&name) => at.with(*only),
                _ => at,
            }
        }
        _ => at,
    };
    let key = |arg: &NodeId| {
        let at = exactly(ground.at(unit, ground.code.tree(unit).bare(*arg)));
        let settled = ground.code.settle(at, &mut Trail::default());
        let is_text = matches!(ground.code.syntax(settled), Syntax::Text(_));
        match ground.key(at)?.term {
            KeyTerm::Known(key) if is_text => Some(key),
            _ => None,
        }
    };
    args.iter().filter_map(key).take(1).collect()
}
