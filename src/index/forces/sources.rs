//! Variables, and properties of them, that a mock looks its answers up in: `mockFlags.k = true`, `enabled = true`, `state.isTax = true`.
//! Enters: one file and its mocks. Leaves: settings where something is put into them.

use super::answers::Source;
use super::fakes::setting;
use super::mocks::Mocks;
use super::serves::{Served, Serves};
use super::{Ground, Manner, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Declared, Part, Trail};
use crate::lang::tree::Syntax;

/// Properties that lead to what a mock answers.
const MAX_PATH: usize = 4;

/// What is put into the variables that mocks look their answers up in.
pub(super) fn sources_changed(ground: &Ground<'_>, unit: usize, mocks: &mut Mocks) -> Vec<Setting> {
    let mut found = Vec::new();
    for (source, serves) in mocks.sources.clone() {
        let whole = mocks.replaced.contains(&source);
        let mut change = Change {
            ground,
            unit,
            mocks,
            found: &mut found,
        };
        change.source(&source, &serves, whole);
    }
    found
}

struct Change<'a, 'b> {
    ground: &'a Ground<'a>,
    unit: usize,
    mocks: &'b mut Mocks,
    found: &'b mut Vec<Setting>,
}

impl Change<'_, '_> {
    fn source(&mut self, source: &Source, serves: &Serves, whole: bool) {
        let (ground, unit) = (self.ground, self.unit);
        let tree = ground.code.tree(unit);
        let bindings = &ground.code.units()[unit].bindings;
        let Some(declaration) = bindings.declaration(source.name) else {
            return;
        };
        for by in &declaration.assignments {
            let Syntax::Assign { value, .. } = tree.syntax(*by) else {
                continue;
            };
            let mut value = Some(ground.at(unit, *value));
            for name in &source.path {
                value = value.and_then(|of| ground.code.property(of, name, &mut Trail::default()));
            }
            self.put(ground.at(unit, *by), value, source.by_key, serves, whole);
        }
        for used in bindings.uses(declaration) {
            if let Some(at) = along(ground, ground.at(unit, *used), &source.path) {
                self.part(at, source.by_key, serves);
            }
        }
    }

    /// A place that names what a mock looks at: something may be put into it, or into a part of it.
    fn part(&mut self, at: At, by_key: bool, serves: &Serves) {
        let ground = self.ground;
        if by_key {
            self.found.extend(entry_changed(ground, at, serves));
        }
        let tree = ground.code.tree(at.unit);
        let Some(up) = tree.node(at.node).parent else { return };
        match (tree.syntax(up), &serves.what) {
            // A variable is assigned where it is declared so; a property here.
            (Syntax::Assign { target, value }, _)
                if *target == at.node && !matches!(tree.syntax(at.node), Syntax::Name) =>
            {
                self.put(at.with(up), Some(at.with(*value)), by_key, serves, false);
            }
            (Syntax::Member { object, property }, Served::Parts(parts)) if *object == at.node => {
                let name = ground.code.slice(at.unit, *property);
                let is_it = |(part, _): &&(Part, Serves)| matches!(part, Part::Property(of) if **of == *name);
                if let Some((_, inner)) = parts.iter().find(is_it) {
                    self.part(at.with(up), false, inner);
                }
            }
            _ => {}
        }
    }

    /// Something is put where a mock looks.
    fn put(&mut self, by: At, value: Option<At>, by_key: bool, serves: &Serves, whole: bool) {
        let ground = self.ground;
        let open = ground.open_function(by);
        let settings = match (value, by_key, &serves.what) {
            (None, ..) => serves.settings(&To::Is(FlagValue::Unknown)),
            (Some(value), true, _) if whole => ground.whole_given(value, open, serves),
            (Some(value), true, _) => ground.entries_of(value, open),
            (Some(value), false, Served::Parts(parts)) => ground.parts_given(self.mocks, parts, value, open),
            (Some(value), false, _) => serves.settings(&ground.to(value, open)),
        };
        let made = settings
            .into_iter()
            .map(|(which, to)| setting(ground, by, by, serves, which, to, Manner::Effect));
        self.found.extend(made);
    }
}

/// The longer name that goes on from a name by these properties.
fn along(ground: &Ground<'_>, mut at: At, path: &[String]) -> Option<At> {
    let tree = ground.code.tree(at.unit);
    for name in path {
        let up = tree.node(at.node).parent?;
        match tree.syntax(up) {
            Syntax::Member { object, property }
                if *object == at.node && ground.code.slice(at.unit, *property) == name =>
            {
                at = at.with(up);
            }
            _ => return None,
        }
    }
    Some(at)
}

/// `flags.k = true`, `flags['k'] = true`, `flags.set('k', true)`
fn entry_changed(ground: &Ground<'_>, used: At, serves: &Serves) -> Option<Setting> {
    let tree = ground.code.tree(used.unit);
    let mut up = tree.ancestors(used.node);
    let (member, by) = (up.next()?, up.next()?);
    let (key, value) = match (tree.syntax(member), tree.syntax(by)) {
        (Syntax::Member { property, .. }, Syntax::Assign { target, value }) if *target == member => {
            (FlagKey::new(ground.code.slice(used.unit, *property)), *value)
        }
        (Syntax::Index { index, .. }, Syntax::Assign { target, value }) if *target == member => {
            (ground.known_key(used.with(*index))?, *value)
        }
        (Syntax::Member { property, .. }, Syntax::Call { callee, args, .. })
            if *callee == member && ground.code.slice(used.unit, *property) == "set" =>
        {
            let [key, value] = args.as_slice() else { return None };
            (ground.known_key(used.with(*key))?, *value)
        }
        _ => return None,
    };
    let at = used.with(by);
    let to = ground.to(used.with(value), ground.open_function(at));
    Some(setting(ground, at, at, serves, Which::Key(key), to, Manner::Effect))
}

impl Ground<'_> {
    /// The object of this file of which an expression names a property, and what that is at first: `state.isTax`.
    pub(super) fn held(&self, at: At) -> Option<(Source, Option<At>)> {
        let tree = self.code.tree(at.unit);
        let (mut node, mut path) = (at.node, Vec::new());
        while let Syntax::Member { object, property } = tree.syntax(node) {
            path.insert(0, self.code.slice(at.unit, *property).to_owned());
            node = tree.bare(*object);
            if path.len() > MAX_PATH {
                return None;
            }
        }
        if path.is_empty() || !matches!(tree.syntax(node), Syntax::Name) {
            return None;
        }
        let Declared::Value { node: first, parts, .. } = self.code.declared(at.with(node))? else {
            return None;
        };
        if !parts.is_empty() || !self.is_made_here(at.with(first)) {
            return None;
        }
        let mut first = Some(self.unhoisted(at.with(first)));
        for name in &path {
            first = first.and_then(|of| self.code.property(of, name, &mut Trail::default()));
        }
        let source = Source {
            name: node,
            path,
            by_key: false,
        };
        Some((source, first))
    }

    /// True for an object in writing, also for one that is hoisted.
    fn is_made_here(&self, at: At) -> bool {
        self.is_object(self.unhoisted(at))
    }

    /// The object in `vi.hoisted(() => ({ … }))`.
    fn unhoisted(&self, at: At) -> At {
        let at = at.with(self.code.tree(at.unit).bare(at.node));
        match self.code.syntax(at) {
            Syntax::Call { callee, args, .. } if self.code.words(at.with(*callee)).ends_with(".hoisted") => {
                let function = args.first().map(|arg| at.with(self.code.tree(at.unit).bare(*arg)));
                function.and_then(|function| self.returned(function)).unwrap_or(at)
            }
            _ => at,
        }
    }
}

/// The name of a variable, or of a property, that an expression is.
pub(super) fn source_of(ground: &Ground<'_>, at: At, by_key: bool) -> Option<Source> {
    let at = at.with(ground.code.tree(at.unit).bare(at.node));
    if let Some((source, _)) = ground.held(at) {
        return Some(Source { by_key, ..source });
    }
    let is_name = matches!(ground.code.syntax(at), Syntax::Name);
    match ground.code.declared(at).filter(|_| is_name)? {
        Declared::Value { parts, .. } if parts.is_empty() => Some(Source {
            name: at.node,
            path: Vec::new(),
            by_key,
        }),
        _ => None,
    }
}
