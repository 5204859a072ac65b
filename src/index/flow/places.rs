//! Names, members and fields: what a value is where it is used, as it was where it was bound.

use std::collections::HashMap;
use std::sync::Arc;

use super::Pass;
use crate::index::code::{At, Code, Declared, Part};
use crate::index::meaning::{Meaning, Shared};
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

/// Methods that hand what they are called on to the function in their first argument.
const GIVES: [&str; 4] = ["then", "subscribe", "pipe", "tap"];
/// Functions of a pipe that hand on what flows through it.
const OPERATORS: [&str; 8] = [
    "map",
    "tap",
    "filter",
    "switchMap",
    "mergeMap",
    "concatMap",
    "exhaustMap",
    "takeWhile",
];

/// For each node the function and the class that it stands in, and how often each field of `this` is set.
#[derive(Debug, Default)]
pub(super) struct Around {
    function: Vec<Option<NodeId>>,
    pub(super) class: Vec<Option<NodeId>>,
    pub(super) sets: HashMap<(NodeId, Box<str>), u32>,
}

impl Around {
    pub(super) fn of(code: &Code<'_>, unit: usize) -> Self {
        let tree = code.tree(unit);
        let mut around = Self {
            function: vec![None; tree.len()],
            class: vec![None; tree.len()],
            sets: HashMap::new(),
        };
        // Parents come after their children, so from the back every parent is known.
        for id in tree.ids().rev() {
            let Some(parent) = tree.node(id).parent else {
                continue;
            };
            let at = id.0 as usize;
            around.function[at] = match tree.syntax(parent) {
                Syntax::Function(_) => Some(parent),
                _ => around.function[parent.0 as usize],
            };
            around.class[at] = match tree.syntax(parent) {
                Syntax::Class { .. } | Syntax::Impl { .. } => Some(parent),
                _ => around.class[parent.0 as usize],
            };
        }
        for id in tree.ids() {
            if let Syntax::Assign { target, .. } = tree.syntax(id)
                && let Some(field) = around.field(code, unit, *target)
            {
                *around.sets.entry(field).or_default() += 1;
            }
        }
        around
    }

    /// The function that the node stands in.
    pub(super) fn function(&self, node: NodeId) -> Option<NodeId> {
        self.function.get(node.0 as usize).copied().flatten()
    }

    /// The field that `this.name` is.
    pub(super) fn field(&self, code: &Code<'_>, unit: usize, member: NodeId) -> Option<(NodeId, Box<str>)> {
        let facts = code.facts(unit);
        let Syntax::Member { object, property } = facts.tree.syntax(member) else {
            return self.bare_field(code, unit, member);
        };
        if !matches!(facts.words(*object), "this" | "self") {
            return None;
        }
        let class = self.class.get(member.0 as usize).copied().flatten()?;
        Some((class, facts.slice(*property).into()))
    }
}

impl Pass<'_> {
    pub(super) fn name(&mut self, id: NodeId) -> Option<Meaning> {
        let Some(declared) = self.code.declared(self.at(id)) else {
            return self.own_member(id);
        };
        match declared {
            Declared::Value {
                name,
                node,
                parts,
                constant,
                ..
            } => {
                if let Some(read) = self.taken_apart(name) {
                    return Some(read);
                }
                if name == id || !constant {
                    return None;
                }
                match self.meaning(node) {
                    Some(meaning) => meaning.parts(&parts),
                    // Python: a setting of this very file: `FEATURE_X = getenv("FEATURE_X")`, and `if FEATURE_X` below.
                    None if parts.is_empty() && self.code.facts(self.unit).language == Language::Python => {
                        self.value_handle(id, self.at(self.tree.bare(node)))
                    }
                    None => None,
                }
            }
            Declared::Param {
                name,
                default: Some(default),
                ..
            } if name != id => match self.taken_apart(name) {
                Some(read) => Some(read),
                None => self.meaning(default).cloned(),
            },
            Declared::Param {
                name,
                function,
                index: 0,
                parts,
                ..
            } if name != id => match self.taken_apart(name) {
                Some(read) => Some(read),
                None => self.given(function)?.parts(&parts),
            },
            Declared::Param { name, .. } if name != id => self.taken_apart(name),
            Declared::Import { .. } => match self.imported.get(self.imported_as(id)).copied() {
                Some(at) => self.of_shared(id, at).or_else(|| self.store_of_its_name(id)),
                None => self.by_path(id).or_else(|| self.store_of_its_name(id)),
            },
            Declared::Item(node) if node != id => self.meaning(node).cloned(),
            Declared::Param { .. } | Declared::Item(_) => None,
        }
    }

    /// The name under which it was imported; in Svelte `$tax` is what the store `tax` holds.
    fn imported_as(&self, id: NodeId) -> &str {
        let words = self.words(id);
        let is_svelte = self.code.facts(self.unit).path.extension() == "svelte";
        words.strip_prefix('$').filter(|_| is_svelte).unwrap_or(words)
    }

    /// `rollout::new_checkout`, where the first word is a module that was brought in.
    fn by_path(&mut self, id: NodeId) -> Option<Meaning> {
        let (_, name) = self.words(id).rsplit_once("::")?;
        if !self.world.shared.names().contains(name) {
            return None;
        }
        let at = self.code.settle(self.at(id), self.trail.restart());
        match at.unit == self.unit {
            true if at.node == id => None,
            true => self.meaning(at.node).cloned(),
            false => self.of_shared(id, at),
        }
    }

    /// `const { name } = useFlags()`, where a rule matched the entry.
    fn taken_apart(&self, name: NodeId) -> Option<Meaning> {
        let mut id = name;
        for _ in 0..2 {
            id = self.tree.node(id).parent?;
            match self.syntax(id) {
                Syntax::Entry { .. } => return self.flow.meanings.get(&id).cloned(),
                Syntax::Default { .. } => {}
                _ => return None,
            }
        }
        None
    }

    /// What a callback is given: `flag.then((on) => …)`, `flag$.subscribe((on) => …)`, `flag$.pipe(map((on) => …))`.
    fn given(&self, function: NodeId) -> Option<Meaning> {
        let up = |id: NodeId| {
            let mut above = self.tree.ancestors(id);
            above.find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)))
        };
        let mut call = up(function)?;
        for _ in 0..2 {
            let Syntax::Call { callee, .. } = self.syntax(call) else {
                return None;
            };
            match self.syntax(self.tree.bare(*callee)) {
                Syntax::Member { object, property } if GIVES.contains(&self.slice(*property)) => {
                    return self.meaning(*object).cloned();
                }
                Syntax::Member { object, property }
                    if self.code.facts(self.unit).language == Language::Rust
                        && super::options::HANDS.contains(&self.slice(*property)) =>
                {
                    return self.meaning(*object).cloned();
                }
                Syntax::Name if OPERATORS.contains(&self.words(*callee)) => call = up(call)?,
                _ => return None,
            }
        }
        None
    }

    /// `const { tax } = config.features`, where an entry of that map defines the flag.
    pub(super) fn taken_from_map(&mut self, id: NodeId, name: &str) -> Option<Meaning> {
        if !self.world.handles.is_named(name) {
            return None;
        }
        let (mut names, mut entry) = (vec![name], id);
        let value = loop {
            let pattern = self.tree.node(entry).parent?;
            let (Syntax::ObjectPattern(_), Some(up)) = (self.syntax(pattern), self.tree.node(pattern).parent) else {
                return None;
            };
            match self.syntax(up) {
                Syntax::Let { value: Some(value), .. } => break *value,
                Syntax::Entry {
                    key: Key::Name(name, _),
                    ..
                } => {
                    names.push(&**name);
                    entry = up;
                }
                _ => return None,
            }
        };
        let mut at = self.at(value);
        for name in names.iter().rev() {
            at = self.code.property(at, name, self.trail.restart())?;
        }
        let node = self.code.tree(at.unit).bare(at.node);
        self.value_handle(id, at.with(node))
    }

    /// What an imported name or member is: a function as it is, a constant as a read through its name.
    fn of_shared(&mut self, id: NodeId, at: At) -> Option<Meaning> {
        let shared = match self.shared_at(at) {
            Some(shared) => shared,
            None => return self.value_handle(id, at),
        };
        match self.code.syntax(at) {
            Syntax::Function(_) if !self.is_getter(id, at) => Some(Meaning::Function(shared)),
            _ => self.called(id, &shared, self.words(id), &[]),
        }
    }

    /// `get isTax() { … }`, a Ruby method without parameters, a C# property: to name it is to call it.
    fn is_getter(&self, id: NodeId, at: At) -> bool {
        let Syntax::Function(function) = self.code.syntax(at) else {
            return false;
        };
        let Some((_, name)) = &function.name else {
            return false;
        };
        if self.code.facts(at.unit).language.has_getters() {
            let parent = self.tree.node(id).parent.map(|parent| self.syntax(parent));
            let is_called = matches!(parent, Some(Syntax::Call { callee, .. }) if *callee == id);
            return function.method && function.params.is_empty() && !is_called;
        }
        let whole = self.code.tree(at.unit).bytes(at.node);
        let before = Bytes {
            start: whole.start,
            end: name.start.max(whole.start),
        };
        function.method && self.code.slice(at.unit, before).split_whitespace().last() == Some("get")
    }

    /// `config.features.tax`, where an entry of a map that is read so defines the flag.
    fn map_entry(&mut self, id: NodeId) -> Option<Meaning> {
        if self.is_put(id) {
            return None;
        }
        let at = self.code.behind(self.at(id), self.trail.restart())?;
        let at = At {
            node: self.code.tree(at.unit).bare(at.node),
            ..at
        };
        self.value_handle(id, at)
    }

    /// True for what something is put into, or that is taken away.
    fn is_put(&self, id: NodeId) -> bool {
        let mut above = self.tree.ancestors(id);
        let above = above.find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)));
        above.is_some_and(|up| match self.syntax(up) {
            Syntax::Assign { target, .. } | Syntax::Delete(target) => self.tree.bare(*target) == id,
            _ => false,
        })
    }

    pub(super) fn member(&mut self, id: NodeId, object: NodeId, name: &str) -> Option<Meaning> {
        if let Some(meaning) = self.meaning(object) {
            // `config.isTax = true` asks for nothing.
            return meaning.part(&Part::Property(name.into())).filter(|_| !self.is_put(id));
        }
        if let Some(meaning) = self.own_field(id) {
            return Some(meaning);
        }
        if !self.world.shared.names().contains(name) && !self.world.handles.is_named(name) {
            return None;
        }
        if let Some(meaning) = self.map_entry(id) {
            return Some(meaning);
        }
        let at = self.code.settle(self.at(id), self.trail.restart());
        self.behind_name(id, name, at)
    }

    /// What a member gives that stands at `at`.
    pub(super) fn behind_name(&mut self, id: NodeId, name: &str, at: At) -> Option<Meaning> {
        if at.unit == self.unit {
            let Syntax::Function(_) = self.syntax(at.node) else {
                return None;
            };
            let meaning = self.meaning(at.node).cloned()?;
            return match &meaning {
                Meaning::Function(shared) if self.is_getter(id, at) => self.called(id, shared, name, &[]),
                _ => Some(meaning),
            };
        }
        self.of_shared(id, at)
    }

    /// `this.name`, where the field is set once.
    pub(super) fn own_field(&self, id: NodeId) -> Option<Meaning> {
        let field = self.around.field(self.code, self.unit, id)?;
        let now = self.flow.fields.get(&field);
        now.or_else(|| self.before?.fields.get(&field)).cloned()
    }

    /// `this.name = value` in a class that sets the field nowhere else.
    pub(super) fn set_field(&mut self, target: NodeId, value: NodeId) {
        let Some(field) = self.around.field(self.code, self.unit, target) else {
            return;
        };
        let starts_empty = self.initial(&field).is_none_or(|id| self.meaning(id).is_none());
        if self.around.sets.get(&field) == Some(&1)
            && starts_empty
            && let Some(meaning) = self.meaning(value).cloned()
        {
            self.flow.fields.insert(field, meaning);
        }
    }

    fn initial(&self, field: &(NodeId, Box<str>)) -> Option<NodeId> {
        let Syntax::Class { members, .. } = self.syntax(field.0) else {
            return None;
        };
        members.iter().find_map(|id| match self.syntax(*id) {
            Syntax::Field {
                key: Key::Name(name, _),
                value,
                ..
            } if **name == *field.1 => *value,
            _ => None,
        })
    }

    /// `name = value` in a class body.
    pub(super) fn class_field(&mut self, id: NodeId, key: &Key, value: NodeId) {
        let (Key::Name(name, _), Some(class)) = (key, self.around.class.get(id.0 as usize).copied().flatten()) else {
            return;
        };
        let field = (class, name.clone());
        if !self.around.sets.contains_key(&field)
            && let Some(meaning) = self.meaning(value).cloned()
        {
            self.flow.fields.insert(field, meaning);
        }
    }

    /// A value is bound: what a pattern takes out of it counts as used, and a constant of the top level is offered to other files.
    pub(super) fn bound(&mut self, id: NodeId, pattern: NodeId, value: NodeId) {
        if let Syntax::ObjectPattern(entries) = self.syntax(pattern)
            && let Some(meaning) = self.meaning(value).cloned()
        {
            for entry in entries {
                if let Syntax::Entry {
                    key: Key::Name(name, _),
                    ..
                } = self.syntax(*entry)
                    && let Some(part) = meaning.part(&Part::Property(name.clone()))
                {
                    self.consume(&part);
                }
            }
        }
        self.share_value(id, pattern, value);
    }

    /// `export default { isTax: process.env.TAX === 'true' }`: other files know it by names of their own.
    pub(super) fn given_out(&mut self, id: NodeId, item: NodeId) {
        let bare = self.tree.bare(item);
        if let Some(gives) = self.meaning(item).cloned()
            && matches!(self.syntax(bare), Syntax::Object { .. })
            && self.around.function(id).is_none()
        {
            let shared = self.shared("", bare, gives);
            self.flow.shared.push(Arc::new(shared));
        }
    }

    fn share_value(&mut self, id: NodeId, pattern: NodeId, value: NodeId) {
        if self.around.function(id).is_some() {
            return;
        }
        let bare = self.tree.bare(value);
        let Some(gives) = self.meaning(value).cloned() else {
            return;
        };
        if matches!(self.syntax(bare), Syntax::Function(_)) {
            return;
        }
        let shared = self.shared(self.words(pattern), bare, gives);
        self.flow.shared.push(Arc::new(shared));
    }

    /// What `node` gives, with the reads behind it.
    pub(super) fn shared(&self, name: &str, node: NodeId, gives: Meaning) -> Shared {
        let mut reads = Vec::new();
        gives.reads(&mut reads);
        let known = |at| Some((at, self.flow.reads.get(&at)?.clone()));
        Shared {
            name: name.to_owned(),
            node: (self.file, node),
            gives,
            reads: reads.into_iter().filter_map(known).collect(),
            children: Default::default(),
        }
    }
}
