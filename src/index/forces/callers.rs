//! Settings in functions and behind names count where those are used: `setup(true)`, `renderWithFlags({ k: true })`, `new Service(config)`.
//! Enters: settings by the places that they stand in. Leaves: settings by the places where they take effect. Two functions between a test
//! and the setting are followed, not more.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::fixtures::Fixtures;
use super::owner::Owner;
use super::{Ground, Manner, Passed, Setting, To, Which, product};
use crate::flag::FlagValue;
use crate::index::code::{At, Trail};
use crate::index::condition::{KeyTerm, Param};
use crate::index::keys;
use crate::index::values::value_of;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::FileId;

/// Functions between a test and a setting.
const MAX_ROUNDS: usize = 3;
/// Settings beyond these are no tests that a person wrote.
const MAX_SETTINGS: usize = 100_000;
/// Entries of one object that is passed.
const MAX_ENTRIES: usize = 256;

/// A function or the value of a name.
type Target = (FileId, NodeId);

/// A place that uses a target.
#[derive(Clone, Debug)]
struct Use {
    at: At,
    /// The arguments, where it is called.
    args: Option<Vec<At>>,
    /// The attributes, where it is an element.
    attributes: Vec<NodeId>,
}

/// Moves every setting to the places where it takes effect.
pub(super) fn spread(ground: &Ground<'_>, settings: Vec<Setting>) -> Vec<Setting> {
    let (mut done, mut open) = (Vec::new(), settings);
    for round in 0..=MAX_ROUNDS {
        let mut by_target: BTreeMap<Target, Vec<Setting>> = BTreeMap::new();
        for setting in open {
            match target(ground, &setting) {
                Some(_) if round == 0 && product::gives(ground, &setting) => {}
                Some(target) => by_target.entry(target).or_default().push(setting),
                None => done.push(setting),
            }
        }
        if by_target.is_empty() {
            break;
        }
        let uses = uses(ground, &by_target);
        let mut next = Vec::new();
        for (target, settings) in by_target {
            let uses = uses.get(&target).map_or(&[][..], Vec::as_slice);
            if uses.is_empty() {
                done.extend(settings.into_iter().filter_map(|setting| unused(ground, setting)));
            } else if round < MAX_ROUNDS {
                next.extend(settings.iter().flat_map(|setting| used(ground, target, setting, uses)));
            }
            if next.len() + done.len() > MAX_SETTINGS {
                return done;
            }
        }
        open = super::restores::sorted(ground, next);
    }
    done
}

/// What a setting must be looked up by; `None` if it takes effect where it stands.
fn target(ground: &Ground<'_>, setting: &Setting) -> Option<Target> {
    let unit = setting.at.unit;
    match ground.place(setting.at, setting.manner == Manner::Value).owner {
        Owner::Function(node) => Some((ground.code.file(unit), node)),
        Owner::Binding(node) => {
            let value = ground.code.settle(ground.at(unit, node), &mut Trail::default());
            Some((ground.code.file(value.unit), value.node))
        }
        Owner::Site(_) | Owner::File => None,
    }
}

/// A value in a test file that no name leads to counts for the whole file all the same; a function that nobody calls does nothing.
fn unused(ground: &Ground<'_>, setting: Setting) -> Option<Setting> {
    let value = setting.manner == Manner::Value;
    let place = ground.place(setting.at, true);
    let binding = matches!(place.owner, Owner::Binding(_));
    (value && binding && ground.is_test(setting.at.unit)).then_some(Setting {
        manner: Manner::Effect,
        ..setting
    })
}

/// Where the targets are used.
fn uses(ground: &Ground<'_>, targets: &BTreeMap<Target, Vec<Setting>>) -> BTreeMap<Target, Vec<Use>> {
    let names = names(ground, targets.keys());
    let setters = product::setters(ground, targets.keys());
    let fixtures = Fixtures::among(ground, targets.keys());
    let mut found: BTreeMap<Target, Vec<Use>> = BTreeMap::new();
    for unit in 0..ground.code.units().len() {
        if !ground.is_support(unit) {
            continue;
        }
        let local = local_names(ground, unit, &names);
        let tree = ground.code.tree(unit);
        fixtures.uses(ground, unit, &mut |target, at| {
            let (args, attributes) = (None, Vec::new());
            found.entry(target).or_default().push(Use { at, args, attributes });
        });
        for id in tree.ids() {
            let word = match tree.syntax(id) {
                Syntax::Name => ground.code.facts(unit).words(id),
                Syntax::Member { property, .. } => ground.code.slice(unit, *property),
                _ => continue,
            };
            let last = word.rsplit("::").next().unwrap_or(word);
            if !(names.contains(last) || local.contains(last)) || declares(ground, unit, id) {
                continue;
            }
            let at = ground.at(unit, id);
            let behind = ground.code.settle(at, &mut Trail::default());
            let target = (ground.code.file(behind.unit), behind.node);
            if behind != at && targets.contains_key(&target) {
                found.entry(target).or_default().push(used_at(ground, at));
            } else if behind == at
                && let Some(target) = setters.get(last)
            {
                found.entry(*target).or_default().push(used_at(ground, at));
            }
        }
    }
    found
}

/// The names under which the targets are known where they are declared.
fn names<'g>(ground: &'g Ground<'_>, targets: impl Iterator<Item = &'g Target>) -> HashSet<&'g str> {
    let mut wanted: BTreeMap<FileId, BTreeSet<NodeId>> = BTreeMap::new();
    for (file, node) in targets {
        wanted.entry(*file).or_default().insert(*node);
    }
    let mut names = HashSet::new();
    for unit in 0..ground.code.units().len() {
        let Some(nodes) = wanted.get(&ground.code.file(unit)) else {
            continue;
        };
        let tree = ground.code.tree(unit);
        for node in nodes {
            if let Syntax::Function(function) = tree.syntax(*node) {
                names.extend(function.name.as_ref().map(|(name, _)| &**name));
            }
            let holder = tree
                .ancestors(*node)
                .find(|id| !matches!(tree.syntax(*id), Syntax::Wrap(..)));
            match holder.map(|id| tree.syntax(id)) {
                Some(Syntax::Let { pattern, .. }) => drop(names.insert(ground.code.facts(unit).words(*pattern))),
                Some(
                    Syntax::Entry {
                        key: Key::Name(name, _),
                        ..
                    }
                    | Syntax::Field {
                        key: Key::Name(name, _),
                        ..
                    },
                ) => drop(names.insert(&**name)),
                _ => {}
            }
        }
    }
    names
}

/// The names under which a file may import one of `names`.
fn local_names<'g>(ground: &'g Ground<'_>, unit: usize, names: &HashSet<&str>) -> HashSet<&'g str> {
    let tree = ground.code.tree(unit);
    let mut local = HashSet::new();
    for id in tree.ids() {
        if let Syntax::Import { names: imported, .. } = tree.syntax(id) {
            let other = imported
                .iter()
                .filter(|name| &*name.imported == "default" || names.contains(&*name.imported));
            local.extend(other.map(|name| &*name.local));
        }
    }
    local
}

/// True for a name where it is declared, and for the object of a longer name.
fn declares(ground: &Ground<'_>, unit: usize, id: NodeId) -> bool {
    let tree = ground.code.tree(unit);
    // `state.flags.a = true` puts something into what it names.
    let mut whole = id;
    for up in tree.ancestors(id) {
        match tree.syntax(up) {
            Syntax::Member { object, .. } if *object == whole => whole = up,
            Syntax::Assign { target, .. } if *target == whole => return true,
            _ => break,
        }
    }
    match tree.node(id).parent.map(|parent| tree.syntax(parent)) {
        Some(Syntax::Let { pattern, .. }) => *pattern == id,
        Some(Syntax::Export { .. } | Syntax::Type(_)) => true,
        _ => false,
    }
}

fn used_at(ground: &Ground<'_>, at: At) -> Use {
    let tree = ground.code.tree(at.unit);
    let plain = Use {
        at,
        args: None,
        attributes: Vec::new(),
    };
    let mut below = at.node;
    for up in tree.ancestors(at.node) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => below = up,
            Syntax::Call { callee, args, .. } if *callee == below => {
                let args = args.iter().map(|arg| at.with(*arg)).collect();
                return Use {
                    at: at.with(up),
                    args: Some(args),
                    ..plain
                };
            }
            Syntax::Element { name, attributes, .. } if *name == Some(below) => {
                return Use {
                    at: at.with(up),
                    attributes: attributes.clone(),
                    ..plain
                };
            }
            _ => return plain,
        }
    }
    plain
}

/// A setting as its users see it.
fn used(ground: &Ground<'_>, target: Target, setting: &Setting, uses: &[Use]) -> Vec<Setting> {
    let mut found = Vec::new();
    for used in uses {
        let inside = ground.place(used.at, false).owner;
        let own = matches!(inside, Owner::Function(node) if (ground.code.file(used.at.unit), node) == target);
        if own {
            continue;
        }
        let open = match inside {
            Owner::Function(node) => Some(node),
            _ => None,
        };
        let to = match &setting.to {
            To::Passed(passed) if passed.param.function == target => given(ground, passed, used, open),
            other => other.clone(),
        };
        // A value that is used within another value of a name is not followed further than that name.
        let manner = setting.manner;
        let block = if setting.held || setting.block.is_some() {
            held_in(ground, used)
        } else {
            None
        };
        let at = |which, to| Setting {
            which,
            to,
            at: used.at,
            shown: ground.code.tree(used.at.unit).bytes(used.at.node),
            manner,
            block,
            ..setting.clone()
        };
        match &setting.which {
            Which::Passed(param) if param.function == target => {
                found.extend(key_given(ground, param, used).map(|which| at(which, to)));
            }
            Which::Entries(param) if param.function == target => {
                let entries = entries_given(ground, param, used, open);
                found.extend(entries.into_iter().map(|(which, to)| at(which, to)));
            }
            Which::Listed(param) if param.function == target => {
                let given = ground.listed_given(argument(ground, param, used), open);
                found.extend(given.into_iter().map(|(which, to)| at(which, to)));
            }
            which => found.push(at(which.clone(), to)),
        }
    }
    found
}

/// What runs while a function holds a flag: the function that is given to it, or the body of its `with`.
fn held_in(ground: &Ground<'_>, used: &Use) -> Option<NodeId> {
    let tree = ground.code.tree(used.at.unit);
    let given = used.args.iter().flatten().rev().map(|arg| tree.bare(arg.node));
    let mut functions = given.filter(|arg| matches!(tree.syntax(*arg), Syntax::Function(_)));
    functions
        .next()
        .or_else(|| super::collect::held_for(tree, used.at.node))
}

/// The expression that a use passes for a parameter.
fn argument(ground: &Ground<'_>, param: &Param, used: &Use) -> Option<At> {
    let (mut at, mut path) = match &used.args {
        Some(args) => {
            let nodes: Vec<NodeId> = args.iter().map(|arg| arg.node).collect();
            let args = ground.code.arguments(used.at.unit, &nodes, param.function);
            let is_value = |at: &At| !matches!(ground.code.syntax(*at), Syntax::Attribute { .. });
            (args.get(param.index).copied().filter(is_value)?, param.path.as_slice())
        }
        None => {
            // The properties of a component are its first parameter.
            let (first, rest) = param.path.split_first()?;
            let attributes = used.attributes.iter().filter(|_| param.index == 0);
            let mut values = attributes.filter_map(|id| match ground.code.syntax(used.at.with(*id)) {
                Syntax::Attribute { name, value } if ground.code.slice(used.at.unit, *name) == &**first => *value,
                _ => None,
            });
            (used.at.with(values.next()?), rest)
        }
    };
    let mut trail = Trail::default();
    while let Some((first, rest)) = path.split_first() {
        at = ground.code.property(at, first, &mut trail)?;
        path = rest;
    }
    Some(at)
}

/// True if nothing at all is passed for a parameter, so that its default counts.
fn is_left_out(ground: &Ground<'_>, param: &Param, used: &Use) -> bool {
    let whole = Param {
        path: Vec::new(),
        ..param.clone()
    };
    used.args.is_some() && argument(ground, &whole, used).is_none()
}

fn given(ground: &Ground<'_>, passed: &Passed, used: &Use, open: Option<NodeId>) -> To {
    let to = match argument(ground, &passed.param, used) {
        Some(at) => ground.to(at, open),
        None => {
            let otherwise = passed
                .otherwise
                .filter(|_| is_left_out(ground, &passed.param, used) || !passed.param.path.is_empty());
            To::Is(otherwise.unwrap_or_default())
        }
    };
    if passed.negative { to.flipped() } else { to }
}

fn key_given(ground: &Ground<'_>, param: &Param, used: &Use) -> Option<Which> {
    let nodes: Vec<NodeId> = used.args.as_ref()?.iter().map(|arg| arg.node).collect();
    let args = ground.code.arguments(used.at.unit, &nodes, param.function);
    let found = keys::passed(ground.code, ground.handles, param, &args, &mut Trail::default())?;
    Some(match found.term {
        KeyTerm::Known(key) => Which::Key(key),
        KeyTerm::Param(param) => Which::Passed(param),
    })
}

/// Every entry of an object that is passed.
fn entries_given(ground: &Ground<'_>, param: &Param, used: &Use, open: Option<NodeId>) -> Vec<(Which, To)> {
    let Some(at) = argument(ground, param, used) else {
        return Vec::new();
    };
    if let Some(Which::Entries(param)) = ground.entries_param(at, open) {
        return vec![(Which::Entries(param), To::Is(FlagValue::Unknown))];
    }
    ground.entries_of(at, open)
}

impl Ground<'_> {
    /// Every entry of the object that an expression stands for.
    pub(super) fn entries_of(&self, at: At, open: Option<NodeId>) -> Vec<(Which, To)> {
        let object = self.code.settle(at, &mut Trail::default());
        match self.code.syntax(object) {
            Syntax::Object { entries, .. } => {
                let entry = |id: &NodeId| match self.code.syntax(object.with(*id)) {
                    Syntax::Entry {
                        key: Key::Name(name, _),
                        value,
                    } => Some((
                        Which::Key(crate::flag::FlagKey::new(name)),
                        self.to(object.with(*value), open),
                    )),
                    Syntax::Entry {
                        key: Key::Computed(key),
                        value,
                    } => match self.key(object.with(*key))?.term {
                        KeyTerm::Known(key) => Some((Which::Key(key), self.to(object.with(*value), open))),
                        KeyTerm::Param(_) => None,
                    },
                    _ => None,
                };
                // What the product itself has is no setting.
                let own = |id: &&NodeId| !self.defines(object.with(**id));
                entries.iter().take(MAX_ENTRIES).filter(own).filter_map(entry).collect()
            }
            // A list of keys: those are on.
            Syntax::Array(items) => {
                let key = |id: &NodeId| match self.key(object.with(*id))?.term {
                    KeyTerm::Known(key) => Some((Which::Key(key), To::Is(FlagValue::On))),
                    KeyTerm::Param(_) => None,
                };
                items.iter().take(MAX_ENTRIES).filter_map(key).collect()
            }
            _ => Vec::new(),
        }
    }

    /// True for an entry that gives a flag its default.
    fn defines(&self, entry: At) -> bool {
        match self.code.syntax(entry) {
            Syntax::Entry { value, .. } => self.is_default(entry.with(*value)),
            _ => false,
        }
    }

    /// True for a value that a definition declares.
    pub(super) fn is_default(&self, value: At) -> bool {
        let span = self
            .code
            .tree(value.unit)
            .bytes(value.node)
            .in_file(self.code.file(value.unit));
        self.definitions
            .iter()
            .any(|definition| definition.value_span == Some(span))
    }

    /// The parameter of `open` that an expression is, where its entries are flags.
    pub(super) fn entries_param(&self, at: At, open: Option<NodeId>) -> Option<Which> {
        let open = open?;
        match self.to(at, Some(open)) {
            To::Passed(passed) if passed.param.function == (self.code.file(at.unit), open) && !passed.negative => {
                Some(Which::Entries(passed.param))
            }
            _ => None,
        }
    }

    /// True where the expression states one value rather than several.
    pub(super) fn is_known(&self, at: At) -> bool {
        value_of(self.code, at, &mut Trail::default()) != FlagValue::Unknown
    }
}
