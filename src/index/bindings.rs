//! Which `flags` is this `flags`? Enters: the facts of one file. Leaves: [`Bindings`]: for each name the place that declares it, for
//! each declaration its uses and later assignments. Knows the scope rules of JavaScript (hoisting, blocks, shadowing) and of Rust
//! (lexical, a later `let` shadows); knows nothing of other files.

use std::collections::{BTreeMap, HashMap};

use crate::lang::tree::{Key, LetKind, NodeId, Syntax, Tree, for_each_child};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Paths into patterns that are longer end in [`Step::Unknown`]: nobody writes them.
const LONGEST_PATH: usize = 16;

/// One step from a bound value to what a name of its pattern stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// `{ a }`: the property of this name.
    Property(Box<str>),
    /// `[, a]`: the element at this place.
    Element(usize),
    /// `...rest`: what was not taken by its neighbours.
    Rest,
    /// `{ [k]: a }`, a Rust variant's payload, or too deep a pattern.
    Unknown,
}

/// What declares a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    /// The name at this place of a [`Syntax::Import`].
    Import {
        /// The import.
        node: NodeId,
        /// Which of its names.
        at: usize,
    },
    /// A [`Syntax::Let`], also that of a loop's head.
    Let(NodeId),
    /// A parameter of a [`Syntax::Function`].
    Param {
        /// The function.
        function: NodeId,
        /// Which parameter.
        at: usize,
    },
    /// The [`Syntax::Let`] of a `catch`.
    Catch(NodeId),
    /// A pattern of a [`Syntax::Case`].
    Case(NodeId),
    /// A function, class, enum, type, interface or module of its own name.
    Item(NodeId),
}

/// A name that a file declares.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    /// Its number in [`Bindings::all`].
    pub id: usize,
    /// The name.
    pub name: Box<str>,
    /// Where the name stands.
    pub bytes: Bytes,
    /// What declares it.
    pub binding: Binding,
    /// From the bound value to this name; empty where the name is all of the pattern.
    pub path: Vec<Step>,
    /// What it is where the value had nothing at `path` (`{ a = 1 }`, `(a = 1) =>`).
    pub default: Option<NodeId>,
    /// The names that read it, in the order of the text.
    pub uses: Vec<NodeId>,
    /// The assignments (or `a++`, or loops) that change it later, in the order of the text.
    pub assignments: Vec<NodeId>,
    /// Declared at the top level of the file.
    pub top: bool,
}

impl Declaration {
    /// True where the name always stands for the value that it was declared with.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.assignments.is_empty()
    }
}

/// The names of one file.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    declarations: Vec<Declaration>,
    of_node: HashMap<NodeId, usize>,
    top: BTreeMap<Box<str>, usize>,
}

impl Bindings {
    /// The names of `facts`.
    #[must_use]
    pub fn of(facts: &FileFacts) -> Self {
        let Some(root) = facts.tree.root() else {
            return Self::default();
        };
        let mut collect = Collect {
            facts,
            rust: facts.language == Language::Rust,
            scopes: Vec::new(),
            entered: HashMap::new(),
            binders: HashMap::new(),
            declarations: Vec::new(),
        };
        collect.run(root);
        Resolve::new(collect).run(root)
    }

    /// The declaration that a name refers to (or is); `None` for globals and everything that is no name.
    #[must_use]
    pub fn declaration(&self, name: NodeId) -> Option<&Declaration> {
        self.of_node.get(&name).map(|id| &self.declarations[*id])
    }

    /// The names that read what a declaration declares.
    #[must_use]
    pub fn uses(&self, declaration: &Declaration) -> &[NodeId] {
        self.declarations.get(declaration.id).map_or(&[], |d| &d.uses)
    }

    /// The declaration of a name at the top level of the file.
    #[must_use]
    pub fn top(&self, name: &str) -> Option<&Declaration> {
        self.top.get(name).map(|id| &self.declarations[*id])
    }

    /// Every declaration, in the order of the text.
    #[must_use]
    pub fn all(&self) -> &[Declaration] {
        &self.declarations
    }
}

#[derive(Debug)]
struct Scope {
    /// The scope that a `var` belongs to: of the function around it.
    function: usize,
    declared: Vec<Declared>,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    declaration: usize,
    /// The first byte where it is known.
    from: u32,
    /// Types and signatures give way to values of the same name.
    weak: bool,
}

/// The first pass: scopes and what they declare.
struct Collect<'a> {
    facts: &'a FileFacts,
    rust: bool,
    scopes: Vec<Scope>,
    /// The scope that a node opens.
    entered: HashMap<NodeId, usize>,
    /// The names of patterns, with their declarations.
    binders: HashMap<NodeId, usize>,
    declarations: Vec<Declaration>,
}

/// How long a declaration is known.
#[derive(Clone, Copy)]
struct Reach {
    scope: usize,
    from: u32,
    weak: bool,
}

impl Collect<'_> {
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
            Syntax::Block(_) => id != root,
            Syntax::Function(_)
            | Syntax::Loop { .. }
            | Syntax::Switch { .. }
            | Syntax::Module { .. }
            | Syntax::Impl { .. } => true,
            Syntax::Class { .. } => true,
            Syntax::If { .. } | Syntax::Case { .. } => self.rust,
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
        !self.rust && matches!(shape, (Syntax::Let { value: None, .. }, Syntax::Block(_)))
    }

    fn declare(&mut self, id: NodeId, scope: usize, inner: usize) {
        let facts = self.facts;
        let everywhere = |scope| Reach {
            scope,
            from: 0,
            weak: false,
        };
        match facts.tree.syntax(id) {
            Syntax::Import { names, .. } => {
                for (at, name) in names.iter().enumerate() {
                    self.name(
                        &name.local,
                        name.bytes,
                        Binding::Import { node: id, at },
                        everywhere(scope),
                    );
                }
            }
            Syntax::Let { kind, pattern, .. } => self.binding(id, *kind, *pattern, scope),
            Syntax::Function(function) => {
                for (at, param) in function.params.iter().enumerate() {
                    self.pattern(*param, Binding::Param { function: id, at }, everywhere(inner));
                }
                let Some((name, bytes)) = function.name.as_ref().filter(|_| !function.method) else {
                    return;
                };
                let weak = function.body.is_none();
                let scope = if self.is_statement(id) { scope } else { inner };
                self.name(
                    name,
                    *bytes,
                    Binding::Item(id),
                    Reach {
                        weak,
                        ..everywhere(scope)
                    },
                );
            }
            Syntax::Class {
                name: Some((name, bytes)),
                ..
            } => {
                let scope = if self.is_statement(id) { scope } else { inner };
                self.name(name, *bytes, Binding::Item(id), everywhere(scope));
            }
            Syntax::Enum {
                name: (name, bytes), ..
            }
            | Syntax::Module {
                name: (name, bytes), ..
            } => {
                self.name(name, *bytes, Binding::Item(id), everywhere(scope));
            }
            Syntax::TypeAlias {
                name: (name, bytes), ..
            }
            | Syntax::Interface {
                name: (name, bytes), ..
            } => {
                let weak = !self.rust;
                self.name(
                    name,
                    *bytes,
                    Binding::Item(id),
                    Reach {
                        weak,
                        ..everywhere(scope)
                    },
                );
            }
            Syntax::Case { tests, .. } if self.rust => {
                for test in tests {
                    self.pattern(*test, Binding::Case(id), everywhere(inner));
                }
            }
            _ => {}
        }
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

    /// A Rust `let` is known behind itself; `const`, `static` and whatever stands outside of functions are known everywhere.
    fn is_sequential(&self, id: NodeId) -> bool {
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

/// The second pass: every name looks for its declaration. For each name a stack of the scopes that declare it is kept, so that a
/// look-up does not climb through the scopes.
struct Resolve<'a> {
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
    fn new(collect: Collect<'a>) -> Self {
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

    fn run(mut self, root: NodeId) -> Bindings {
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
        self.known.get(name)?.iter().rev().find_map(|scope| {
            let list = self.scopes[*scope].get(name)?;
            let known = list.partition_point(|declared| declared.from <= at);
            Some(list.get(known.checked_sub(1)?)?.declaration)
        })
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

impl Bindings {
    /// Numbers the declarations in the order of the text.
    fn in_order(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.declarations.len()).collect();
        order.sort_by_key(|id| (self.declarations[*id].bytes, *id));
        let mut new = vec![0; order.len()];
        for (place, old) in order.iter().enumerate() {
            new[*old] = place;
        }
        self.declarations.sort_by_key(|declaration| new[declaration.id]);
        for declaration in &mut self.declarations {
            declaration.id = new[declaration.id];
        }
        self.of_node.values_mut().for_each(|id| *id = new[*id]);
        self.top.values_mut().for_each(|id| *id = new[*id]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, RepoPath};
    use std::sync::Arc;

    fn bindings(path: &str, text: &str) -> (FileFacts, Bindings) {
        let path = RepoPath::new(path).expect("a path");
        let language = Language::of(&path).expect("a language");
        let facts = crate::lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
        let bindings = Bindings::of(&facts);
        (facts, bindings)
    }

    /// The text without its marks, and the bytes between each pair of `open` and `close`.
    fn take_marks(text: &str) -> (String, Vec<Bytes>, Vec<Bytes>) {
        let (mut out, mut declared, mut uses, mut start) = (String::new(), Vec::new(), Vec::new(), 0);
        for c in text.chars() {
            match c {
                '«' | '‹' => start = out.len(),
                '»' => declared.push(Bytes::new(start, out.len())),
                '›' => uses.push(Bytes::new(start, out.len())),
                c => out.push(c),
            }
        }
        (out, declared, uses)
    }

    /// `«a»` is declared, and its uses are exactly the `‹a›`.
    #[track_caller]
    fn check_in(path: &str, marked: &str) {
        let (text, declared, uses) = take_marks(marked);
        let (facts, bindings) = bindings(path, &text);
        let found = bindings.all().iter().find(|d| d.bytes == declared[0]);
        let Some(found) = found else {
            panic!("not declared: {marked}\n{:#?}", bindings.all())
        };
        let bytes: Vec<Bytes> = bindings
            .uses(found)
            .iter()
            .map(|node| facts.tree.bytes(*node))
            .collect();
        assert_eq!(bytes, uses, "{marked}");
        for node in bindings.uses(found) {
            assert_eq!(
                bindings.declaration(*node).map(|d| d.bytes),
                Some(declared[0]),
                "{marked}"
            );
        }
    }

    #[track_caller]
    fn check(marked: &str) {
        check_in("a.tsx", marked);
    }

    #[test]
    fn what_declares_is_found() {
        check("import «flags» from './f'; ‹flags›.x; function f() { return ‹flags› }");
        check("import { a as «b» } from './f'; ‹b›(); a()");
        check("import * as «ns» from 'm'; ‹ns›.a");
        check("const «f» = require('m'); ‹f›()");
        check("const «on» = useFlag('k'); if (‹on›) { ‹on›; x.on; ({ on: 1 }) }");
        check("const { data: «on» = false } = q(); ‹on› && data");
        check("const [, «set»] = useState(); ‹set›(1)");
        check("function f(«a», b = ‹a›) { return ‹a› }");
        check("({ flags: «f» }) => ‹f›.x");
        check("try {} catch («e») { ‹e› }; e");
        check("for (const «k» of ks) { ‹k› } k");
        check("class «A» {} new ‹A›(); class B extends ‹A› {}");
        check("enum «E» { A } ‹E›.A");
        check("function «C»() {} const x = <‹C› a={‹C›} />");
        check("const «a» = 1; const o = { ‹a›, b: ‹a›, a() {} }");
        check("const «a» = 1; export { a }; export default ‹a›");
    }

    #[test]
    fn shadows_are_respected() {
        check("const «a» = 1; { const a = 2; a } ‹a›");
        check("const a = 1; { const «a» = 2; ‹a› } a");
        check("import { «a» } from 'm'; function f(a) { a } ‹a›");
        check("const «a» = 1; function f() { a; var a = 2 } ‹a›");
        check("const «a» = 1; xs.map(({ a }) => a); ‹a›");
        check("const «a» = 1; switch (x) { case 1: let a; a }");
        check("const f = function «g»() { ‹g›() }; g()");
        check("type T = 1; const «T» = 1; ‹T›");
        check(
            "function «f»(): void; function f(a) { }"
                .replace("«f»", "f")
                .replace("f(a)", "«f»(a)")
                .as_str(),
        );
    }

    #[test]
    fn functions_and_vars_are_hoisted() {
        check("‹f›(); function «f»() {}");
        check("‹v›; if (x) { var «v» = 1 } ‹v›");
        check("function g() { ‹v›; { var «v» } } v");
        check("{ let a } a; let «b»; ‹b›");
    }

    #[test]
    fn rust_lets_shadow_in_order() {
        let check = |text: &str| check_in("src/a.rs", text);
        check("fn f() { let «a» = 1; g(‹a›); let a = ‹a›; g(a); }");
        check("fn f() { let a = 1; let «a» = a; g(‹a›); }");
        check("const «K»: u8 = 1; fn f() { g(‹K›); }");
        check("fn f() { g(‹K›); const «K»: u8 = 1; }");
        check("fn f() { if let Some(«x») = y { g(‹x›); } g(x); }");
        check("fn f() { match v { Some(«x») => ‹x›, None => x } }");
        check("fn f(«a»: A) -> bool { xs.map(|a| a); ‹a›.b }");
        check("use a::«flags»; fn f() { ‹flags::on›() }");
        check("fn f() { let Some(«a») = b else { return; }; g(‹a›); }");
        check("fn f() { ‹g›(); } fn «g»() {}");
    }

    #[test]
    fn paths_and_defaults_lead_to_the_value() {
        let (facts, bindings) = bindings("a.ts", "const { data: { on = false, ...r }, xs: [, y] = [] } = q()");
        let path = |name: &str| {
            let declaration = bindings.top(name).expect(name);
            (
                declaration.path.clone(),
                declaration.default.map(|node| facts.words(node)),
            )
        };
        let property = |name: &str| Step::Property(name.into());
        assert_eq!(path("on"), (vec![property("data"), property("on")], Some("false")));
        assert_eq!(path("r"), (vec![property("data"), Step::Rest], None));
        assert_eq!(path("y"), (vec![property("xs"), Step::Element(1)], None));
    }

    #[test]
    fn later_assignments_are_known() {
        let check = |text: &str, expected: &[&str]| {
            let (facts, bindings) = bindings("a.ts", text);
            let a = bindings.top("a").expect("a");
            let words: Vec<&str> = a.assignments.iter().map(|node| facts.words(*node)).collect();
            assert_eq!(words, expected, "{text}");
            assert!(a.uses.is_empty(), "{text}");
        };
        check(
            "let a; a = 1; a++; --a; [a] = b; ({ a } = b); { let a; a = 2 }",
            &["a = 1", "a++", "--a", "[a] = b", "{ a } = b"],
        );
        check("const a = 1", &[]);
        check("let a; for (a of b) {}", &["for (a of b) {}"]);
    }
}
