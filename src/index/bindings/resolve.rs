//! Which declaration a name refers to. Enters: the scopes of a file. Leaves: [`Bindings`], with the uses and the later assignments of
//! each declaration.

use std::collections::{BTreeMap, HashMap};

use super::Bindings;
use super::scopes::{Collect, Declared, Scope};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax, for_each_child};

/// The second pass: every name looks for its declaration. For each name a stack of the scopes that declare it is kept, so that a
/// look-up does not climb through the scopes.
pub(super) struct Resolve<'a> {
    facts: &'a FileFacts,
    scopes: Vec<BTreeMap<Box<str>, Vec<Declared>>>,
    entered: HashMap<NodeId, usize>,
    binders: HashMap<NodeId, usize>,
    known: HashMap<Box<str>, Vec<usize>>,
    bindings: Bindings,
}

enum Walk {
    Enter(NodeId),
    Leave(usize),
}

impl<'a> Resolve<'a> {
    /// A look-up of what `collect` found.
    pub(super) fn new(collect: Collect<'a>) -> Self {
        let declarations = collect.declarations;
        let by_name = |scope: Scope| {
            let mut names: BTreeMap<Box<str>, Vec<Declared>> = BTreeMap::new();
            for declared in scope.declared {
                let name = declarations[declared.declaration].name.clone();
                names.entry(name).or_default().push(declared);
            }
            for list in names.values_mut() {
                // Weak ones first, so that the last one wins; then in the order in which they become known.
                list.sort_by_key(|d| (!d.weak, d.from, std::cmp::Reverse(declarations[d.declaration].bytes)));
            }
            names
        };
        let scopes: Vec<_> = collect.scopes.into_iter().map(by_name).collect();
        let last = |list: &Vec<Declared>| list.last().map(|declared| declared.declaration);
        let top = scopes[0]
            .iter()
            .filter_map(|(name, list)| Some((name.clone(), last(list)?)))
            .collect();
        Self {
            facts: collect.facts,
            scopes,
            entered: collect.entered,
            binders: collect.binders,
            known: HashMap::new(),
            bindings: Bindings {
                declarations,
                of_node: HashMap::new(),
                top,
            },
        }
    }

    /// Connects every name below `root` with its declaration.
    pub(super) fn run(mut self, root: NodeId) -> Bindings {
        let facts = self.facts;
        self.open(0);
        let mut open = vec![Walk::Enter(root)];
        while let Some(step) = open.pop() {
            match step {
                Walk::Leave(scope) => self.close(scope),
                Walk::Enter(id) => {
                    if let Some(scope) = self.entered.get(&id).copied() {
                        self.open(scope);
                        open.push(Walk::Leave(scope));
                    }
                    self.visit(id);
                    for_each_child(facts.tree.syntax(id), &mut |child| open.push(Walk::Enter(child)));
                }
            }
        }
        self.finish()
    }

    fn open(&mut self, scope: usize) {
        for name in self.scopes[scope].keys() {
            match self.known.get_mut(name) {
                Some(stack) => stack.push(scope),
                None => {
                    self.known.insert(name.clone(), vec![scope]);
                }
            }
        }
    }

    fn close(&mut self, scope: usize) {
        for name in self.scopes[scope].keys() {
            if let Some(stack) = self.known.get_mut(name) {
                stack.pop();
            }
        }
    }

    fn visit(&mut self, id: NodeId) {
        let facts = self.facts;
        match facts.tree.syntax(id) {
            Syntax::Name => {
                let found = self.binders.get(&id).copied().or_else(|| self.look_up(id));
                if let Some(declaration) = found {
                    self.bindings.of_node.insert(id, declaration);
                }
            }
            Syntax::Assign { target, .. } => self.assigned(*target, id),
            Syntax::Loop { head, .. } => {
                let is_bound = |id: &NodeId| {
                    matches!(
                        facts.tree.syntax(*id),
                        Syntax::Name | Syntax::ObjectPattern(_) | Syntax::ArrayPattern(_)
                    )
                };
                if let [target, _] = head[..]
                    && is_bound(&target)
                {
                    self.assigned(target, id);
                }
            }
            Syntax::Other(inside) => {
                let words = facts.words(id);
                let counts = ["++", "--"]
                    .iter()
                    .any(|op| words.starts_with(op) || words.ends_with(op));
                if let [target] = inside[..]
                    && counts
                {
                    self.assigned(target, id);
                }
            }
            _ => {}
        }
    }

    fn look_up(&self, id: NodeId) -> Option<usize> {
        let words = self.facts.words(id);
        let name = words.split("::").next().unwrap_or(words);
        let at = self.facts.tree.bytes(id).start;
        let name = if self.known.contains_key(name) {
            name
        } else {
            self.store(name)?
        };
        self.known.get(name)?.iter().rev().find_map(|scope| {
            let list = self.scopes[*scope].get(name)?;
            let known = list.partition_point(|declared| declared.from <= at);
            Some(list.get(known.checked_sub(1)?)?.declaration)
        })
    }

    /// Svelte: `$tax` is the value of the store `tax`.
    fn store<'n>(&self, name: &'n str) -> Option<&'n str> {
        let path = &self.facts.path;
        name.strip_prefix('$').filter(|_| path.extension() == "svelte")
    }

    /// Notes that `by` sets every name in `target`.
    fn assigned(&mut self, target: NodeId, by: NodeId) {
        let tree = &self.facts.tree;
        let mut open = vec![target];
        while let Some(id) = open.pop() {
            match tree.syntax(id) {
                Syntax::Name => {
                    if let Some(declaration) = self.look_up(id) {
                        self.bindings.declarations[declaration].assignments.push(by);
                        // Marks it as no use.
                        self.binders.insert(id, declaration);
                    }
                }
                Syntax::Wrap(_, inner) | Syntax::Spread(inner) => open.push(*inner),
                Syntax::Default { pattern, .. } => open.push(*pattern),
                Syntax::Entry { value, .. } => open.push(*value),
                Syntax::ObjectPattern(list) | Syntax::ArrayPattern(list) | Syntax::Array(list) => open.extend(list),
                _ => {}
            }
        }
    }

    /// Uses and assignments in the order of the text.
    fn finish(mut self) -> Bindings {
        let tree = &self.facts.tree;
        for (node, declaration) in &self.bindings.of_node {
            if !self.binders.contains_key(node) {
                self.bindings.declarations[*declaration].uses.push(*node);
            }
        }
        for declaration in &mut self.bindings.declarations {
            declaration.uses.sort_by_key(|node| tree.bytes(*node));
            declaration.assignments.sort_by_key(|node| tree.bytes(*node));
        }
        self.bindings.in_order()
    }
}
