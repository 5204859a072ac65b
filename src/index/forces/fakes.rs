//! Flags set without a rule: fake objects with a read method (`{ isEnabled: () => true }`), and changes of the object that defines the flags.
//! Enters: one file. Leaves: settings.

use std::collections::HashSet;

use super::mocks::{Mocks, from_answers};
use super::serves::{Served, Serves};
use super::{Ground, Manner, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Trail};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::RuleKind;
use crate::rules::rule::Reach;
use crate::rules::shape::{Names, Shape};
use crate::source::Bytes;

/// What a setting is called that is made of a property which asks the environment.
const OF_CODE: &str = "js/configured/part";
/// How many nodes around an object are looked at for the names that it is known by.
const MAX_CLIMB: usize = 6;

/// The names of methods that read flags.
pub(super) struct Methods<'a> {
    words: HashSet<&'a str>,
    patterns: Vec<&'a Names>,
}

impl<'a> Methods<'a> {
    /// The names in the calls of `read` rules.
    pub(super) fn new(ground: &Ground<'a>) -> Self {
        let (mut words, mut patterns) = (HashSet::new(), Vec::new());
        for (_, rule) in ground.rules.vouching() {
            if let (RuleKind::Read(_) | RuleKind::Wrap(_), Some(Shape::Call(call))) = (&rule.kind, &rule.shape) {
                match &call.names {
                    Names::Words(names) => words.extend(names.iter().map(String::as_str)),
                    names => patterns.push(names),
                }
            }
        }
        Self { words, patterns }
    }

    fn has(&self, name: &str) -> bool {
        self.words.contains(name) || self.patterns.iter().any(|names| names.accept(name))
    }
}

/// Objects with a method that a `read` rule knows, under a name that the rule expects as its receiver.
pub(super) fn fakes(ground: &Ground<'_>, unit: usize, methods: &Methods<'_>, mocks: &mut Mocks) -> Vec<Setting> {
    let mut found = Vec::new();
    for id in ground.code.tree(unit).ids() {
        let at = ground.at(unit, id);
        if !ground.is_object(at) || in_module_mock(ground, at) {
            continue;
        }
        let members = ground.members(at);
        if !members.iter().any(|(name, _)| methods.has(name)) {
            continue;
        }
        let holders = holders(ground, at);
        for (name, member) in members {
            let serves = holders.iter().find_map(|holder| ground.fake(&name, holder));
            let Some(serves) = serves else { continue };
            let Some(answers) = ground.answers(member, None) else {
                continue;
            };
            for source in &answers.sources {
                mocks.sources.insert(source.clone(), serves.clone());
            }
            for (which, to) in from_answers(&serves, answers) {
                found.push(setting(ground, at, member, &serves, which, to, Manner::Value));
            }
        }
    }
    found
}

/// The rule that knows what is set. A value of the code is no text of the environment, though the code asks there.
fn rule_of(ground: &Ground<'_>, serves: &Serves) -> String {
    let name = serves.rule.map(|rule| ground.rules.name(rule)).unwrap_or_default();
    match super::scope::is_of_environment(&name) {
        true => OF_CODE.to_owned(),
        false => name,
    }
}

pub(super) fn setting(
    ground: &Ground<'_>,
    at: At,
    shown: At,
    serves: &Serves,
    which: Which,
    to: To,
    manner: Manner,
) -> Setting {
    Setting {
        which,
        to,
        at,
        shown: ground.code.tree(shown.unit).bytes(shown.node),
        manner,
        reach: Reach::Auto,
        block: None,
        ends: Vec::new(),
        held: false,
        rule: rule_of(ground, serves),
        file: serves.rule.map(|rule| rule.file),
    }
}

/// True within the factory of a mocked module, which is read as a whole elsewhere.
fn in_module_mock(ground: &Ground<'_>, at: At) -> bool {
    let tree = ground.code.tree(at.unit);
    tree.ancestors(at.node).any(|up| match tree.syntax(up) {
        Syntax::Call { callee, .. } => {
            let words = ground.code.facts(at.unit).words(*callee);
            words.ends_with(".mock") || words.ends_with(".doMock")
        }
        _ => false,
    })
}

/// The names that an object is known by: of its binding and what that is given as, of its entry, of its types.
fn holders(ground: &Ground<'_>, at: At) -> Vec<String> {
    let facts = ground.code.facts(at.unit);
    let tree = &facts.tree;
    let mut names = Vec::new();
    let mut below = at.node;
    for up in tree.ancestors(at.node).take(MAX_CLIMB) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => {
                // `… as IFlagResolver`
                let (all, inner) = (tree.bytes(up), tree.bytes(below));
                let cast = facts.slice(Bytes {
                    start: inner.end,
                    end: all.end,
                });
                names.extend(cast.split(|c: char| !c.is_alphanumeric()).map(ToOwned::to_owned));
            }
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            } => {
                names.push(name.to_string());
                break;
            }
            Syntax::Assign { target, .. } => {
                let words = facts.words(*target);
                names.push(words.to_owned());
                break;
            }
            Syntax::Let { pattern, ty, .. } => {
                names.push(facts.words(*pattern).to_owned());
                names.extend(ty.map(|ty| facts.words(ty).trim_start_matches(':').trim().to_owned()));
                names.extend(used_as(ground, at.unit, *pattern));
                break;
            }
            Syntax::Call { .. } | Syntax::New { .. } => {
                names.extend(given_as(ground, at.with(up), below));
                break;
            }
            _ => break,
        }
        below = up;
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The name and the types of the parameter that an argument becomes: `new Delta(model, { isEnabled: … })`.
fn given_as(ground: &Ground<'_>, call: At, arg: NodeId) -> Vec<String> {
    let (Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. }) = ground.code.syntax(call) else {
        return Vec::new();
    };
    let Some(at) = args.iter().position(|of| *of == arg) else {
        return Vec::new();
    };
    let called = ground.code.settle(call.with(*callee), &mut Trail::default());
    let function = match ground.code.syntax(called) {
        Syntax::Class { members, .. } => {
            members
                .iter()
                .map(|id| ground.code.syntax(called.with(*id)))
                .find_map(|member| match member {
                    Syntax::Function(function) if function.constructor => Some(function),
                    _ => None,
                })
        }
        Syntax::Function(function) => Some(function),
        _ => None,
    };
    let Some(function) = function else { return Vec::new() };
    let types = function.param_types.get(at).copied().flatten();
    let words = function.params.get(at).copied().into_iter().chain(types);
    let words = words.map(|id| ground.code.words(called.with(id)));
    words
        .flat_map(|words| words.split(|c: char| !c.is_alphanumeric()))
        .map(ToOwned::to_owned)
        .collect()
}

/// The entries and parameters that a name is the value of: `{ flagResolver: alwaysOn }`, `new Delta(alwaysOn)`.
fn used_as(ground: &Ground<'_>, unit: usize, pattern: NodeId) -> Vec<String> {
    let tree = ground.code.tree(unit);
    let bindings = &ground.code.units()[unit].bindings;
    let Some(declaration) = bindings.declaration(pattern) else {
        return Vec::new();
    };
    let entry = |used: &NodeId| {
        let mut outside = tree
            .ancestors(*used)
            .filter(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)));
        let Some(parent) = outside.next() else {
            return Vec::new();
        };
        match tree.syntax(parent) {
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            } => vec![name.to_string()],
            Syntax::Call { .. } | Syntax::New { .. } => given_as(ground, ground.at(unit, parent), *used),
            _ => Vec::new(),
        }
    };
    bindings.uses(declaration).iter().flat_map(entry).collect()
}

/// `FLAGS.k = true`, `delete FLAGS.k`, `Object.assign(FLAGS, { k: true })` on an object that defines flags.
pub(super) fn definitions_changed(ground: &Ground<'_>, unit: usize) -> Vec<Setting> {
    let mut found = Vec::new();
    for id in ground.code.tree(unit).ids() {
        let at = ground.at(unit, id);
        match ground.code.syntax(at) {
            Syntax::Assign { target, value } => {
                if let Some((key, rule)) = ground.defined(at.with(*target)) {
                    let to = ground.to(at.with(*value), None);
                    found.push(changed(ground, at, key, to, rule));
                } else if let Some(rule) = ground.some_defined(at.with(*target)) {
                    // In a loop over the entries: any of them, some of them.
                    let mut any = changed(ground, at, FlagKey::new(""), To::Partial, rule);
                    any.which = Which::Every(None);
                    found.push(any);
                } else {
                    found.extend(property_changed(ground, at, at.with(*target), Some(at.with(*value))));
                }
            }
            Syntax::Delete(target) => {
                if let Some((key, rule)) = ground.defined(at.with(*target)) {
                    found.push(changed(ground, at, key, To::Is(FlagValue::Off), rule));
                } else {
                    found.extend(property_changed(ground, at, at.with(*target), None));
                }
            }
            Syntax::Call { callee, args, .. } if ground.code.words(at.with(*callee)) == "Object.assign" => {
                if let [object, values] = args.as_slice() {
                    for (name, value) in ground.members(ground.code.settle(at.with(*values), &mut Trail::default())) {
                        if let Some((key, rule)) = ground.defined_member(at.with(*object), &name) {
                            found.push(changed(ground, at, key, ground.to(value, None), rule));
                        } else if let Some(serves) = ground.serves_property(at.with(*object), &name) {
                            found.extend(served(ground, at, &serves, &ground.to(value, ground.open_function(at))));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// `config.isTaxEnabled = true`, where the configuration asks for the flag.
fn property_changed(ground: &Ground<'_>, at: At, target: At, value: Option<At>) -> Vec<Setting> {
    let Syntax::Member { object, property } = ground.code.syntax(target) else {
        return Vec::new();
    };
    let name = ground.code.slice(target.unit, *property);
    let Some(serves) = ground.serves_property(target.with(*object), name) else {
        return Vec::new();
    };
    let to = match value {
        Some(value) => ground.to(value, ground.open_function(at)),
        None => To::Is(FlagValue::Off),
    };
    served(ground, at, &serves, &to)
}

/// What a value sets that a property is given which serves flags.
fn served(ground: &Ground<'_>, at: At, serves: &Serves, to: &To) -> Vec<Setting> {
    let sometimes = ground.place(at, false).conditional;
    let to = if sometimes { To::Partial } else { to.clone() };
    let settings = serves.settings(&to).into_iter();
    settings
        .map(|(which, to)| setting(ground, at, at, serves, which, to, Manner::Effect))
        .collect()
}

fn changed(ground: &Ground<'_>, at: At, key: FlagKey, to: To, rule: String) -> Setting {
    let sometimes = ground.place(at, false).conditional;
    let to = if sometimes { To::Partial } else { to };
    Setting {
        which: Which::Key(key),
        to,
        at,
        shown: ground.code.tree(at.unit).bytes(at.node),
        manner: Manner::Effect,
        reach: Reach::Auto,
        block: None,
        ends: Vec::new(),
        held: false,
        rule,
        file: None,
    }
}

impl Ground<'_> {
    /// The function around a place, whose parameters its callers fill.
    pub(super) fn open_function(&self, at: At) -> Option<NodeId> {
        match self.place(at, false).owner {
            super::owner::Owner::Function(node) => Some(node),
            _ => None,
        }
    }

    pub(super) fn known_key(&self, at: At) -> Option<FlagKey> {
        match self.key(at)?.term {
            crate::index::condition::KeyTerm::Known(key) => Some(key),
            crate::index::condition::KeyTerm::Param(_) => None,
        }
    }

    /// What a method of a fake serves: a rule must expect this receiver, or the receiver must be called after flags.
    fn fake(&self, method: &str, holder: &str) -> Option<Serves> {
        let found = self.ruled(method, holder, None)?;
        let rule = self.rules.rule(found.rule?);
        let expects = matches!(&rule.shape, Some(Shape::Call(call)) if call.receiver.is_some());
        let lower = holder.to_ascii_lowercase();
        let named = ["flag", "feature", "toggle"].iter().any(|word| lower.contains(word));
        (found.what != Served::Bag && (expects || named)).then_some(found)
    }

    /// The flag whose defined value stands where an expression leads: `FLAGS.k`.
    fn defined(&self, target: At) -> Option<(FlagKey, String)> {
        match self.code.syntax(target) {
            Syntax::Member { object, property } => {
                let name = self.code.slice(target.unit, *property).to_owned();
                self.defined_member(target.with(*object), &name)
            }
            Syntax::Index { object, index } => {
                let key = self.known_key(target.with(*index))?;
                self.defined_member(target.with(*object), key.as_str())
            }
            _ => None,
        }
    }

    fn defined_member(&self, object: At, name: &str) -> Option<(FlagKey, String)> {
        let value = self.code.property(object, name, &mut Trail::default())?;
        let span = self
            .code
            .tree(value.unit)
            .bytes(value.node)
            .in_file(self.code.file(value.unit));
        let definition = self
            .definitions
            .iter()
            .find(|definition| definition.value_span == Some(span))?;
        Some((definition.key.clone(), definition.rule.clone()))
    }

    /// `FLAGS[key]` in a loop: the rule that defines the entries of an object, where nobody says which one is meant.
    fn some_defined(&self, target: At) -> Option<String> {
        let Syntax::Index { object, index } = self.code.syntax(target) else {
            return None;
        };
        let looped = self.code.units()[target.unit]
            .bindings
            .declaration(*index)
            .is_some_and(|of| matches!(of.binding, crate::index::bindings::Binding::Let(_)));
        if !looped || self.key(target.with(*index)).is_some() {
            return None;
        }
        let object = self.code.settle(target.with(*object), &mut Trail::default());
        let (name, _) = self.members(object).into_iter().next()?;
        Some(self.defined_member(object, &name)?.1)
    }

    /// `spyOn(FLAGS, 'k', 'get')`: the flag that an entry defines.
    pub(super) fn serves_entry(&self, object: At, name: &str) -> Option<Serves> {
        let Some((key, _)) = self.defined_member(object, name) else {
            return self.serves_property(object, name);
        };
        Some(Serves {
            what: Served::These(vec![(key, false)]),
            module: None,
            rule: None,
        })
    }

    /// The flag that an entry of an exported object defines.
    pub(super) fn defined_entry(&self, unit: usize, module: &str, export: &str, name: &str) -> Option<FlagKey> {
        let object = self.code.imported(unit, module, export, &mut Trail::default())?;
        self.defined_member(object, name).map(|(key, _)| key)
    }

    /// The flag whose value an export is (`export const enableX = false`).
    pub(super) fn value_handle(&self, unit: usize, module: &str, name: &str) -> Option<FlagKey> {
        let at = self.code.imported(unit, module, name, &mut Trail::default())?;
        let at = self.code.settle(at, &mut Trail::default());
        let handle = self.handles.at(self.code, at)?;
        match &handle.key.term {
            crate::index::condition::KeyTerm::Known(key) if handle.is_value => Some(key.clone()),
            _ => None,
        }
    }
}
