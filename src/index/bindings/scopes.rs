//! What each scope of a file declares. Enters: the facts of one file. Leaves: [`Collect`]: the scopes, which node opens which, and a
//! [`Declaration`] for every name of every pattern. Who uses them is not looked at here.

use std::collections::HashMap;

use super::{Binding, Declaration, Step};
use crate::lang::tree::{Function, Key, LetKind, NodeId, Syntax, Tree, for_each_child};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Paths into patterns that are longer end in [`Step::Unknown`]: nobody writes them.
const LONGEST_PATH: usize = 16;

#[derive(Debug)]
pub(super) struct Scope {
    /// The scope that a `var` belongs to: of the function around it.
    function: usize,
    pub(super) declared: Vec<Declared>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) declaration: usize,
    /// The first byte where it is known.
    pub(super) from: u32,
    /// Types and signatures give way to values of the same name.
    pub(super) weak: bool,
}

/// The first pass: scopes and what they declare.
pub(super) struct Collect<'a> {
    pub(super) facts: &'a FileFacts,
    rust: bool,
    go: bool,
    python: bool,
    pub(super) scopes: Vec<Scope>,
    /// The scope that a node opens.
    pub(super) entered: HashMap<NodeId, usize>,
    /// The names of patterns, with their declarations.
    pub(super) binders: HashMap<NodeId, usize>,
    pub(super) declarations: Vec<Declaration>,
}

/// How long a declaration is known.
#[derive(Clone, Copy)]
struct Reach {
    scope: usize,
    from: u32,
    weak: bool,
}

impl Reach {
    /// Known in all of a scope.
    fn everywhere(scope: usize) -> Self {
        Self {
            scope,
            from: 0,
            weak: false,
        }
    }
}

impl<'a> Collect<'a> {
    /// The scopes of the file below `root`, with everything that they declare.
    pub(super) fn of(facts: &'a FileFacts, root: NodeId) -> Self {
        let mut collect = Self {
            facts,
            rust: facts.language == Language::Rust,
            go: facts.language == Language::Go,
            python: facts.language == Language::Python,
            scopes: Vec::new(),
            entered: HashMap::new(),
            binders: HashMap::new(),
            declarations: Vec::new(),
        };
        collect.run(root);
        collect
    }

    fn run(&mut self, root: NodeId) {
        self.scopes.push(Scope {
            function: 0,
            declared: Vec::new(),
        });
        let mut open = vec![(root, 0)];
        while let Some((id, scope)) = open.pop() {
            let inner = self.enter(id, scope, root);
            self.declare(id, scope, inner);
            for_each_child(self.facts.tree.syntax(id), &mut |child| open.push((child, inner)));
        }
    }

    fn tree(&self) -> &Tree {
        &self.facts.tree
    }

    /// The scope of what stands in `id`.
    fn enter(&mut self, id: NodeId, scope: usize, root: NodeId) -> usize {
        let opens = match self.tree().syntax(id) {
            // Names of Python belong to functions, not to blocks.
            Syntax::Block(_) | Syntax::Switch { .. } | Syntax::Impl { .. } | Syntax::Other(_) if self.python => false,
            Syntax::Block(_) => id != root,
            Syntax::Function(_)
            | Syntax::Loop { .. }
            | Syntax::Switch { .. }
            | Syntax::Module { .. }
            | Syntax::Impl { .. } => true,
            Syntax::Class { .. } => true,
            Syntax::If { .. } => self.rust,
            Syntax::Case { .. } => self.rust || self.go,
            Syntax::Other(_) => self.is_catch(id),
            _ => false,
        };
        if !opens {
            return scope;
        }
        let new = self.scopes.len();
        let is_function = matches!(self.tree().syntax(id), Syntax::Function(_) | Syntax::Module { .. });
        self.scopes.push(Scope {
            function: if is_function { new } else { self.scopes[scope].function },
            declared: Vec::new(),
        });
        self.entered.insert(id, new);
        new
    }

    /// `catch (e) { … }`: a binding and a block. In Rust the same shape is `let … else { … }`, which binds outside.
    fn is_catch(&self, id: NodeId) -> bool {
        let Syntax::Other(inside) = self.tree().syntax(id) else {
            return false;
        };
        let [binding, block] = inside[..] else { return false };
        let shape = (self.tree().syntax(binding), self.tree().syntax(block));
        !(self.rust || self.go) && matches!(shape, (Syntax::Let { value: None, .. }, Syntax::Block(_)))
    }

    fn declare(&mut self, id: NodeId, scope: usize, inner: usize) {
        let facts = self.facts;
        match facts.tree.syntax(id) {
            Syntax::Import { names, .. } => {
                for (at, name) in names.iter().enumerate() {
                    let reach = Reach::everywhere(scope);
                    self.name(&name.local, name.bytes, Binding::Import { node: id, at }, reach);
                }
            }
            Syntax::Let { kind, pattern, .. } => self.binding(id, *kind, *pattern, scope),
            Syntax::Function(function) => self.function(id, function, scope, inner),
            Syntax::Class { name: Some(name), .. } => {
                let scope = if self.is_statement(id) { scope } else { inner };
                self.item(id, name, Reach::everywhere(scope));
            }
            Syntax::Enum { name, .. } | Syntax::Module { name, .. } => {
                self.item(id, name, Reach::everywhere(scope));
            }
            Syntax::TypeAlias { name, .. } | Syntax::Interface { name, .. } => {
                let weak = !self.rust;
                let reach = Reach::everywhere(scope);
                self.item(id, name, Reach { weak, ..reach });
            }
            Syntax::Case { tests, .. } if self.rust => {
                for test in tests {
                    self.pattern(*test, Binding::Case(id), Reach::everywhere(inner));
                }
            }
            _ => {}
        }
    }

    /// Its parameters are known inside it; its name around it, if it is a statement. A signature gives way to the function itself.
    fn function(&mut self, id: NodeId, function: &'a Function, scope: usize, inner: usize) {
        for (at, param) in function.params.iter().enumerate() {
            self.pattern(*param, Binding::Param { function: id, at }, Reach::everywhere(inner));
        }
        if let Some(name) = function.name.as_ref().filter(|_| !function.method) {
            let weak = function.body.is_none();
            let reach = Reach::everywhere(if self.is_statement(id) { scope } else { inner });
            self.item(id, name, Reach { weak, ..reach });
        }
    }

    fn item(&mut self, id: NodeId, (name, bytes): &(Box<str>, Bytes), reach: Reach) {
        self.name(name, *bytes, Binding::Item(id), reach);
    }

    fn binding(&mut self, id: NodeId, kind: LetKind, pattern: NodeId, scope: usize) {
        let hoisted = kind == LetKind::Hoisted;
        let scope = if hoisted { self.scopes[scope].function } else { scope };
        let parent = self.tree().node(id).parent;
        let caught = parent.is_some_and(|parent| self.is_catch(parent));
        let reach = Reach {
            scope,
            from: if self.is_sequential(id) {
                self.tree().bytes(id).end
            } else {
                0
            },
            weak: false,
        };
        self.pattern(
            pattern,
            if caught { Binding::Catch(id) } else { Binding::Let(id) },
            reach,
        );
    }

    /// A Rust `let` is known behind itself; `const`, `static` and whatever stands outside of functions are known everywhere. In Go whatever
    /// stands inside a function is known behind itself; receivers, and what a loop binds, everywhere.
    fn is_sequential(&self, id: NodeId) -> bool {
        if self.go {
            let parent = self.tree().node(id).parent.map(|parent| self.tree().syntax(parent));
            let in_list = matches!(parent, Some(Syntax::Block(_) | Syntax::Case { .. }));
            return in_list && self.tree().node(id).parent != self.tree().root();
        }
        let words = self.facts.words(id);
        let is_item = ["const ", "static ", "pub "].iter().any(|word| words.starts_with(word));
        self.rust && !is_item
    }

    /// A function or class that stands as a statement is known around it; one that is a value knows itself alone.
    fn is_statement(&self, id: NodeId) -> bool {
        let parent = self.tree().node(id).parent.map(|parent| self.tree().syntax(parent));
        let list = matches!(
            parent,
            Some(
                Syntax::Block(_)
                    | Syntax::Export { .. }
                    | Syntax::Module { .. }
                    | Syntax::Case { .. }
                    | Syntax::If { .. }
            )
        );
        list || self.rust
    }

    fn name(&mut self, name: &str, bytes: Bytes, binding: Binding, reach: Reach) -> usize {
        let id = self.declarations.len();
        self.declarations.push(Declaration {
            id,
            name: name.into(),
            bytes,
            binding,
            path: Vec::new(),
            default: None,
            uses: Vec::new(),
            assignments: Vec::new(),
            top: reach.scope == 0,
        });
        self.scopes[reach.scope].declared.push(Declared {
            declaration: id,
            from: reach.from,
            weak: reach.weak,
        });
        id
    }

    /// Declares every name of a pattern.
    fn pattern(&mut self, pattern: NodeId, binding: Binding, reach: Reach) {
        let facts = self.facts;
        let mut open = vec![(pattern, Vec::new(), None)];
        while let Some((id, path, default)) = open.pop() {
            match facts.tree.syntax(id) {
                Syntax::Name if id == pattern && matches!(binding, Binding::Let(_)) || self.binds(id) => {
                    let declaration = self.name(facts.words(id), facts.tree.bytes(id), binding, reach);
                    self.declarations[declaration].path = path;
                    self.declarations[declaration].default = default;
                    self.binders.insert(id, declaration);
                }
                Syntax::Default { pattern, default } => open.push((*pattern, path, Some(*default))),
                Syntax::ObjectPattern(entries) => {
                    for entry in entries {
                        let (step, value) = object_step(&facts.tree, *entry);
                        open.push((value, longer(&path, step), None));
                    }
                }
                Syntax::ArrayPattern(elements) => {
                    for (at, element) in elements.iter().enumerate() {
                        let (step, value) = match facts.tree.syntax(*element) {
                            Syntax::Spread(inner) => (Step::Rest, *inner),
                            _ => (Step::Element(at), *element),
                        };
                        open.push((value, longer(&path, step), None));
                    }
                }
                Syntax::Spread(inner) => open.push((*inner, longer(&path, Step::Rest), None)),
                // Rust: `Some(a)`, `a @ 1..=2`, `a | b`; the types in it bind nothing.
                Syntax::Other(inside) if self.rust => {
                    for inner in inside
                        .iter()
                        .filter(|inner| !matches!(facts.tree.syntax(**inner), Syntax::Type(_)))
                    {
                        open.push((*inner, longer(&path, Step::Unknown), None));
                    }
                }
                _ => {}
            }
        }
    }

    /// In a Rust pattern a path or a capitalised name is compared, not bound.
    fn binds(&self, id: NodeId) -> bool {
        let words = self.facts.words(id);
        !self.rust || (!words.contains("::") && !words.starts_with(char::is_uppercase))
    }
}

fn object_step(tree: &Tree, entry: NodeId) -> (Step, NodeId) {
    match tree.syntax(entry) {
        Syntax::Entry {
            key: Key::Name(name, _),
            value,
        } => (Step::Property(name.clone()), *value),
        Syntax::Entry { value, .. } => (Step::Unknown, *value),
        Syntax::Spread(inner) => (Step::Rest, *inner),
        _ => (Step::Unknown, entry),
    }
}

fn longer(path: &[Step], step: Step) -> Vec<Step> {
    if path.len() >= LONGEST_PATH {
        return vec![Step::Unknown];
    }
    path.iter().cloned().chain([step]).collect()
}
