//! Fakes that a function makes of a list: `createFeatures([Feature.A])`, whose `getValue` answers whether the list holds what it is asked
//! for. Enters: one file. Leaves: settings that count where the function is called: what the list names is on, all others are off.

use std::collections::{BTreeMap, BTreeSet};

use super::serves::Serves;
use super::{Ground, Manner, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Declared, Part, Trail};
use crate::index::condition::{KeyTerm, Param};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::{RuleKind, RuleRef};
use crate::source::Bytes;

/// What asks a list whether it holds something.
const HOLDS: [&str; 3] = ["includes", "has", "contains"];
/// What puts something into a list, or takes it out.
const GROWS: [&str; 7] = ["push", "unshift", "splice", "pop", "shift", "add", "delete"];
/// Keys of one list.
const MAX_KEYS: usize = 256;

/// Methods through which the code asks for flags, each with a rule that says so.
pub(super) struct Asked<'a>(BTreeMap<&'a str, RuleRef>);

impl<'a> Asked<'a> {
    /// The methods in the calls that read flags.
    pub(super) fn new(ground: &Ground<'a>) -> Self {
        let mut found = BTreeMap::new();
        for (unit, sites) in ground.sites.iter().enumerate() {
            for site in *sites {
                if !matches!(ground.rules.rule(site.rule).kind, RuleKind::Read(_)) {
                    continue;
                }
                if let Syntax::Call { callee, .. } = ground.code.syntax(ground.at(unit, site.node))
                    && let Syntax::Member { property, .. } = ground.code.syntax(ground.at(unit, *callee))
                {
                    found.entry(ground.code.slice(unit, *property)).or_insert(site.rule);
                }
            }
        }
        Self(found)
    }
}

/// Objects that functions of the file make of their lists.
pub(super) fn listed(ground: &Ground<'_>, unit: usize, methods: &Asked<'_>) -> Vec<Setting> {
    let mut found = Vec::new();
    for id in ground.code.tree(unit).ids() {
        let at = ground.at(unit, id);
        if !ground.is_object(at) {
            continue;
        }
        for (name, member) in ground.members(at) {
            let Some(rule) = methods.0.get(name.as_str()).filter(|_| member.unit == unit) else {
                continue;
            };
            let Some(param) = asked_list(ground, member) else {
                continue;
            };
            if !gives(ground, at, param.function.1) {
                continue;
            }
            if words_of(ground, at.with(param.function.1))
                .iter()
                .any(|word| is_of_flags(word))
            {
                found.push(setting(ground, at, *rule, param));
            }
        }
    }
    found
}

/// True for a word that speaks of flags.
fn is_of_flags(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["flag", "feature", "toggle", "experiment"]
        .iter()
        .any(|of| lower.contains(of))
}

fn setting(ground: &Ground<'_>, at: At, rule: RuleRef, param: Param) -> Setting {
    Setting {
        which: Which::Listed(param),
        to: To::Is(FlagValue::On),
        at,
        shown: ground.code.tree(at.unit).bytes(at.node),
        manner: Manner::Value,
        reach: crate::rules::rule::Reach::Auto,
        block: None,
        ends: Vec::new(),
        held: false,
        rule: ground.rules.name(rule),
        file: Some(rule.file),
    }
}

/// The parameter of an outer function that a method asks whether it holds its own parameter, where it does nothing else.
fn asked_list(ground: &Ground<'_>, method: At) -> Option<Param> {
    let tree = ground.code.tree(method.unit);
    let method = method.with(tree.bare(method.node));
    let Syntax::Function(function) = ground.code.syntax(method) else {
        return None;
    };
    let mut answer = function.body?;
    if let Syntax::Block(list) = tree.syntax(answer) {
        let [only] = list.as_slice() else { return None };
        answer = *only;
    }
    if let Syntax::Return(Some(value)) = tree.syntax(answer) {
        answer = *value;
    }
    let Syntax::Call { callee, args, .. } = tree.syntax(tree.bare(answer)) else {
        return None;
    };
    let ([asked], Syntax::Member { object, property }) = (args.as_slice(), tree.syntax(*callee)) else {
        return None;
    };
    let holds = HOLDS.contains(&ground.code.slice(method.unit, *property));
    let param = |node: NodeId| match ground.code.declared(method.with(tree.bare(node))) {
        Some(Declared::Param {
            function, index, parts, ..
        }) if parts.is_empty() => Some((function, index)),
        _ => None,
    };
    let own = param(*asked).is_some_and(|(function, index)| function == method.node && index == 0);
    let (function, index) = param(*object)?;
    (holds && own && function != method.node).then(|| Param {
        function: (ground.code.file(method.unit), function),
        index,
        path: Vec::new(),
    })
}

/// True if the object is what the function gives.
fn gives(ground: &Ground<'_>, object: At, function: NodeId) -> bool {
    let given = ground.returned(object.with(function));
    given.is_some_and(|given| {
        let given = ground.code.settle(given, &mut Trail::default());
        given.unit == object.unit && ground.code.tree(given.unit).bare(given.node) == object.node
    })
}

/// The name of a function, and the words between its parameters and its body: what it says that it gives.
fn words_of(ground: &Ground<'_>, at: At) -> Vec<String> {
    let facts = ground.code.facts(at.unit);
    let Syntax::Function(function) = ground.code.syntax(at) else {
        return Vec::new();
    };
    let mut words: Vec<String> = function.name.iter().map(|(name, _)| name.to_string()).collect();
    if let Some(Syntax::Let { pattern, .. }) = facts.tree.node(at.node).parent.map(|up| facts.tree.syntax(up)) {
        words.push(facts.words(*pattern).to_owned());
    }
    let last = function
        .param_types
        .iter()
        .copied()
        .flatten()
        .chain(function.params.iter().copied());
    let start = last.map(|id| facts.tree.bytes(id).end).max();
    if let (Some(start), Some(body)) = (start, function.body) {
        let end = facts.tree.bytes(body).start;
        let between = facts.slice(Bytes {
            start,
            end: end.max(start),
        });
        words.extend(between.split(|c: char| !c.is_alphanumeric()).map(ToOwned::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

impl Ground<'_> {
    /// What an object sets that a mock looks every answer up in: its entries, and that every other flag is off.
    pub(super) fn whole_given(&self, value: At, open: Option<NodeId>, serves: &Serves) -> Vec<(Which, To)> {
        let object = self.code.settle(value, &mut Trail::default());
        let named = |id: &NodeId| {
            matches!(
                self.code.syntax(object.with(*id)),
                Syntax::Entry { key: Key::Name(..), .. }
            )
        };
        let literal = matches!(self.code.syntax(object), Syntax::Object { entries, .. } if entries.iter().all(named));
        let others = if literal { FlagValue::Off } else { FlagValue::Unknown };
        let mut all = serves.settings(&To::Is(others));
        all.extend(self.entries_of(value, open));
        all
    }

    /// True for a name of a list that something is put into: `features.push(Feature.A)`.
    fn grows(&self, list: At) -> bool {
        let tree = self.code.tree(list.unit);
        let bindings = &self.code.units()[list.unit].bindings;
        let Some(declaration) = bindings.declaration(tree.bare(list.node)) else {
            return false;
        };
        bindings.uses(declaration).iter().any(|used| {
            let up = tree.node(*used).parent.map(|up| tree.syntax(up));
            matches!(up, Some(Syntax::Member { property, .. }) if GROWS.contains(&self.code.slice(list.unit, *property)))
        })
    }

    /// The parameter of `open` that an expression is, as a list of flags.
    pub(super) fn list_param(&self, at: At, open: Option<NodeId>) -> Option<Which> {
        let at = at.with(self.code.tree(at.unit).bare(at.node));
        let Some(Declared::Param {
            function, index, parts, ..
        }) = self.code.declared(at)
        else {
            return None;
        };
        let path = parts.iter().map(|part| match part {
            Part::Property(name) => Some(name.clone()),
            Part::Nth(_) => None,
        });
        let path = path.collect::<Option<Vec<_>>>().filter(|_| Some(function) == open)?;
        let function = (self.code.file(at.unit), function);
        Some(Which::Listed(Param { function, index, path }))
    }

    /// What a list that is passed sets: what it names is on, and every other flag off. Where it cannot be told what it names, any flag may
    /// be one of it.
    pub(super) fn listed_given(&self, list: Option<At>, open: Option<NodeId>) -> Vec<(Which, To)> {
        let unknown = || vec![(Which::Others(BTreeSet::new()), To::Partial)];
        let Some(list) = list.filter(|list| !self.grows(*list)) else {
            return unknown();
        };
        let behind = self.code.settle(list, &mut Trail::default());
        if let Some(passed) = self.list_param(behind, open) {
            return vec![(passed, To::Is(FlagValue::On))];
        }
        let Syntax::Array(items) = self.code.syntax(behind) else {
            return unknown();
        };
        let key = |id: &NodeId| match self.key(behind.with(*id))?.term {
            KeyTerm::Known(key) => Some(key),
            KeyTerm::Param(_) => None,
        };
        let keys: Option<BTreeSet<FlagKey>> = items.iter().map(key).collect();
        match keys.filter(|keys| keys.len() <= MAX_KEYS) {
            Some(keys) => {
                let on = keys.iter().map(|key| (Which::Key(key.clone()), To::Is(FlagValue::On)));
                let mut all: Vec<(Which, To)> = on.collect();
                all.push((Which::Others(keys), To::Is(FlagValue::Off)));
                all
            }
            None => unknown(),
        }
    }
}
