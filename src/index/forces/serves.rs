//! Which functions serve flags, so that to mock them is to set flags. Enters: the name of a function, or an expression that leads to one.
//! Leaves: [`Serves`]. A function counts if its value was found to be a flag's, or if a `read` rule knows calls of its name.

use super::{Ground, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Part, Trail};
use crate::index::condition::{Condition, KeyTerm};
use crate::index::meaning::{Meaning, Shared};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::rule::RuleKind;
use crate::rules::shape::{CallShape, MemberShape, Shape};
use crate::source::RepoPath;

/// What a function that is mocked serves.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Serves {
    /// Which flags.
    pub(super) what: Served,
    /// The file of the function.
    pub(super) module: Option<RepoPath>,
    /// The rule that knows it.
    pub(super) rule: Option<RuleRef>,
}

/// Which flags a function serves.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Served {
    /// The one that it is asked for; `negative` where it answers the opposite.
    Any {
        /// The opposite of the flag.
        negative: bool,
    },
    /// These, each with whether it answers the opposite.
    These(Vec<(FlagKey, bool)>),
    /// An object whose properties are flags.
    Bag,
    /// An object or a list: what each of these parts serves.
    Parts(Vec<(Part, Serves)>),
}

impl Serves {
    /// The settings that an answer of the function is: one for each flag.
    pub(super) fn settings(&self, to: &To) -> Vec<(Which, To)> {
        let turned = |negative: bool| if negative { to.clone().flipped() } else { to.clone() };
        match &self.what {
            Served::Any { negative } => vec![(Which::Every(self.module.clone()), turned(*negative))],
            Served::These(keys) => keys
                .iter()
                .map(|(key, negative)| (Which::Key(key.clone()), turned(*negative)))
                .collect(),
            Served::Bag => Vec::new(),
            Served::Parts(parts) => {
                // One value is no object.
                let each = match to {
                    To::Is(_) | To::Passed(_) => To::Is(FlagValue::Unknown),
                    to => to.clone(),
                };
                parts.iter().flat_map(|(_, serves)| serves.settings(&each)).collect()
            }
        }
    }

    /// Whether its answers are the opposite of flags.
    pub(super) fn negative(&self) -> bool {
        matches!(self.what, Served::Any { negative: true })
    }
}

impl Ground<'_> {
    /// What the function behind an expression serves (`useFlag`, `flags.isEnabled`).
    pub(super) fn serves(&self, at: At) -> Option<Serves> {
        let at = self.without_mocked(at);
        let behind = self.code.settle(at, &mut Trail::default());
        if let Some(found) = self.shared_at(behind) {
            return Some(found);
        }
        // `const mockedUseFlag = useFlag as Mock`: the name leads to what a package gives.
        let at = if behind.unit == at.unit {
            self.without_mocked(behind)
        } else {
            at
        };
        match self.code.syntax(at) {
            Syntax::Name => {
                let original = self.imported_name(at);
                let name = original.as_deref().unwrap_or_else(|| self.code.words(at));
                self.ruled(name, "", self.module_of(at).as_deref())
            }
            // `mocked(flags).isEnabled` as well
            Syntax::Member { object, property } => {
                let inner = self.without_mocked(at.with(*object));
                self.serves_method(inner, self.code.slice(at.unit, *property))
            }
            _ => None,
        }
    }

    /// The function in `vi.mocked(useFlag)` and `(useFlag as Mock)`.
    pub(super) fn without_mocked(&self, mut at: At) -> At {
        loop {
            at = at.with(self.code.tree(at.unit).bare(at.node));
            match self.code.syntax(at) {
                Syntax::Call { callee, args, .. }
                    if is_mocked(self.code.words(at.with(*callee))) && !args.is_empty() =>
                {
                    at = at.with(args[0]);
                }
                _ => return at,
            }
        }
    }

    /// The method in `mocked(flags).isEnabled.mockReturnValue(true)`.
    pub(super) fn member_of_mocked(&self, call: At) -> Option<At> {
        let tree = self.code.tree(call.unit);
        let Syntax::Call { callee, .. } = tree.syntax(tree.bare(call.node)) else {
            return None;
        };
        let Syntax::Member { object: method, .. } = tree.syntax(tree.bare(*callee)) else {
            return None;
        };
        let method = tree.bare(*method);
        let Syntax::Member { object, .. } = tree.syntax(method) else {
            return None;
        };
        let object = call.with(tree.bare(*object));
        (self.without_mocked(object) != object).then(|| call.with(method))
    }

    /// What a method of an object serves (`spyOn(flags, 'isEnabled')`).
    pub(super) fn serves_method(&self, object: At, method: &str) -> Option<Serves> {
        if let Some(behind) = self.code.property(object, method, &mut Trail::default()) {
            let behind = self.code.settle(behind, &mut Trail::default());
            if let Some(found) = self.shared_at(behind) {
                return Some(found);
            }
        }
        let receiver = self.code.words(object).to_owned();
        let module = self.module_of(object);
        self.ruled(method, &receiver, module.as_deref())
            // `import * as flags from './flags'`: the receiver is the module, the function is called without it.
            .or_else(|| module.as_ref().and_then(|module| self.ruled(method, "", Some(module))))
    }

    /// What an export of a module serves.
    pub(super) fn serves_export(&self, unit: usize, module: &str, name: &str) -> Option<Serves> {
        if let Some(behind) = self.code.imported(unit, module, name, &mut Trail::default()) {
            let behind = self.code.settle(behind, &mut Trail::default());
            if let Some(found) = self.shared_at(behind) {
                return Some(found);
            }
        }
        let last = module.rsplit('/').next().unwrap_or(module);
        let name = if name == "default" {
            last.split('.').next().unwrap_or(last)
        } else {
            name
        };
        let mut found = self.ruled(name, "", Some(module))?;
        found.module = self.code.file_of_module(unit, module);
        Some(found)
    }

    /// What a method of an object that a module gives out serves.
    pub(super) fn serves_member(&self, unit: usize, module: &str, holder: &str, name: &str) -> Option<Serves> {
        let object = self.code.imported(unit, module, holder, &mut Trail::default())?;
        if let Some(found) = self.serves_property(object, name) {
            return Some(found);
        }
        let behind = self.code.property(object, name, &mut Trail::default())?;
        self.shared_at(self.code.settle(behind, &mut Trail::default()))
    }

    /// What a property of an object of the project serves: `config.isTaxEnabled`.
    pub(super) fn serves_property(&self, object: At, name: &str) -> Option<Serves> {
        let parts = match self.shared_at(self.code.settle(object, &mut Trail::default())) {
            Some(Serves {
                what: Served::Parts(parts),
                ..
            }) => parts,
            Some(_) => return None,
            None => match self
                .code
                .syntax(object.with(self.code.tree(object.unit).bare(object.node)))
            {
                Syntax::Member {
                    object: outer,
                    property,
                } => match self
                    .serves_property(object.with(*outer), self.code.slice(object.unit, *property))?
                    .what
                {
                    Served::Parts(parts) => parts,
                    _ => return None,
                },
                _ => return None,
            },
        };
        let is_it = |(part, _): &(Part, Serves)| matches!(part, Part::Property(of) if **of == *name);
        parts.into_iter().find(is_it).map(|(_, serves)| serves)
    }

    /// What a function is known to serve from its own code.
    fn shared_at(&self, at: At) -> Option<Serves> {
        let node = (self.code.file(at.unit), at.node);
        let shared = self.shared.at(node)?;
        let what = served(shared)?;
        Some(Serves {
            what,
            module: Some(self.code.facts(at.unit).path.clone()),
            rule: shared.reads.values().next().map(|read| read.rule),
        })
    }

    /// What the rules say of calls of this name on this receiver.
    pub(super) fn ruled(&self, name: &str, receiver: &str, module: Option<&str>) -> Option<Serves> {
        let known = self.rules.vouching().filter_map(|(at, rule)| {
            let negative = match &rule.kind {
                RuleKind::Read(read) => read.negative,
                RuleKind::Wrap(wrap) => wrap.negative,
                _ => return None,
            };
            let what = match &rule.shape {
                Some(Shape::Call(call)) if fits(call, name, receiver, module) => Served::Any { negative },
                Some(Shape::Member(member)) if is_bag(member, name, receiver) => Served::Bag,
                _ => return None,
            };
            Some(Serves {
                what,
                module: None,
                rule: Some(at),
            })
        });
        known.min_by_key(|serves| (self.distance(serves, module), serves.rule))
    }

    /// How little a rule is meant for a module: least where the module is its SDK, most where it is that of another.
    fn distance(&self, serves: &Serves, module: Option<&str>) -> u8 {
        let when = serves.rule.and_then(|rule| self.rules.files[rule.file].when.as_ref());
        match (when, module) {
            (Some(when), Some(module)) if when.imports.set.is_match(module) => 0,
            (None, _) => 1,
            (Some(_), None) => 2,
            (Some(_), Some(_)) => 3,
        }
    }

    /// The module that the first word of an expression is imported from.
    pub(super) fn module_of(&self, at: At) -> Option<String> {
        self.import_of(at).map(|(module, _)| module)
    }

    fn imported_name(&self, at: At) -> Option<String> {
        let (_, name) = self.import_of(at)?;
        (matches!(self.code.syntax(at), Syntax::Name) && name != "default" && name != "*").then_some(name)
    }

    fn import_of(&self, at: At) -> Option<(String, String)> {
        let mut node = self.code.tree(at.unit).bare(at.node);
        // A chain of members is as deep as the file; the first word is all that counts.
        while let Syntax::Member { object, .. } = self.code.syntax(at.with(node)) {
            node = self.code.tree(at.unit).bare(*object);
        }
        match self.code.declared(at.with(node))? {
            crate::index::code::Declared::Import { module, name } => Some((module.into(), name.into())),
            _ => None,
        }
    }

    /// The method that an expression names: its text, or the last word of it.
    pub(super) fn method_name(&self, unit: usize, node: NodeId) -> Option<&str> {
        match self.code.syntax(self.at(unit, node)) {
            Syntax::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn is_mocked(callee: &str) -> bool {
    matches!(callee.rsplit('.').next(), Some("mocked" | "asMock" | "mockFn"))
}

/// True if the rule reads properties of what a call of this name gives.
fn is_bag(member: &MemberShape, name: &str, receiver: &str) -> bool {
    let call = match receiver {
        "" => format!("{name}()"),
        receiver => format!("{receiver}.{name}()"),
    };
    member
        .object
        .as_ref()
        .is_some_and(|object| object.regex().is_match(&call))
}

fn fits(call: &CallShape, name: &str, receiver: &str, module: Option<&str>) -> bool {
    let by_receiver = match &call.receiver {
        Some(pattern) => pattern.regex().is_match(receiver),
        None => true,
    };
    let by_module = call
        .module
        .as_ref()
        .is_none_or(|modules| module.is_some_and(|module| modules.set.is_match(module)));
    call.names.accept(name) && by_receiver && by_module && call.receiver_call.is_none()
}

/// The flag that a value rests on and no other, and whether it is off where the value is true.
fn only_read(condition: &Condition, shared: &Shared) -> Option<(FlagKey, bool)> {
    let reads = condition.reads();
    let mut keys = reads.iter().map(|read| shared.reads.get(read)?.key.as_ref());
    let first = keys.next()??;
    let [clause] = condition.yes.clauses() else {
        return None;
    };
    match (clause.as_slice(), first) {
        ([atom], KeyTerm::Known(key)) if atom.key == *first && keys.all(|key| key == Some(first)) => {
            Some((key.clone(), !atom.on))
        }
        _ => None,
    }
}

fn served(shared: &Shared) -> Option<Served> {
    if shared.reads.is_empty() {
        return None;
    }
    if let Meaning::Parts(parts) = &shared.gives {
        let found: Vec<_> = parts
            .iter()
            .filter_map(|(part, meaning)| Some((part.clone(), of_part(meaning, shared)?)))
            .collect();
        return Some(if found.is_empty() {
            Served::Bag
        } else {
            Served::Parts(found)
        });
    }
    let is_param = |key: &KeyTerm| matches!(key, KeyTerm::Param(param) if param.function == shared.node);
    let single = shared.gives.condition().and_then(|condition| condition.single());
    match single {
        Some((KeyTerm::Known(key), negative)) => Some(Served::These(vec![(key.clone(), negative)])),
        Some((key, negative)) if is_param(key) => Some(Served::Any { negative }),
        // `if (loaded(state)) { return isOn('tax') } return false`: where it is true, the one flag that it reads is on.
        None if let Some(only) = shared
            .gives
            .condition()
            .filter(|_| reads_one(shared))
            .and_then(|condition| only_read(condition, shared)) =>
        {
            Some(Served::These(vec![only]))
        }
        _ => {
            let any = shared.reads.values().filter_map(|read| read.key.as_ref()).any(is_param);
            any.then_some(Served::Any { negative: false })
        }
    }
}

/// True for a function that reads one flag alone.
fn reads_one(shared: &Shared) -> bool {
    let mut keys = shared.reads.values().map(|read| read.key.as_ref());
    let first = keys.next();
    keys.all(|key| Some(key) == first)
}

/// `isEnabled` in `{ isEnabled: useFlag('tax'), loading }`: a value, or a function that is asked.
fn of_part(meaning: &Meaning, shared: &Shared) -> Option<Serves> {
    let what = match meaning {
        Meaning::Function(inner) => return of_function(inner),
        Meaning::Parts(parts) => {
            let found: Vec<_> = parts
                .iter()
                .filter_map(|(part, meaning)| Some((part.clone(), of_part(meaning, shared)?)))
                .collect();
            Served::Parts(Some(found).filter(|found| !found.is_empty())?)
        }
        _ => {
            let condition = meaning.condition()?;
            let only = match condition.single() {
                Some((KeyTerm::Known(key), negative)) => (key.clone(), negative),
                Some(_) => return None,
                None => only_read(condition, shared)?,
            };
            Served::These(vec![only])
        }
    };
    let rule = shared.reads.values().next().map(|read| read.rule);
    Some(Serves {
        what,
        module: None,
        rule,
    })
}

fn of_function(shared: &Shared) -> Option<Serves> {
    Some(Serves {
        what: served(shared).filter(|what| *what != Served::Bag)?,
        module: None,
        rule: shared.reads.values().next().map(|read| read.rule),
    })
}
