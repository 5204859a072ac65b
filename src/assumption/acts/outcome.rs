//! What a function gives in one state of a flag. Enters: a function, and the regions that do not run in that state. Leaves: the
//! [`Value`]s that it may give, each as far as it is written in the code: a text, a number, an object with its keys. What is made by a
//! call, read from a parameter or changed on the way is unknown, and may be anything.

mod parts;

use std::cell::RefCell;

use super::across::{Code, Passed};
use super::value::{Value, element, literal, part};
use super::yields::callee_name;
use crate::index::bindings::{Binding, Bindings, Declaration, Step};
use crate::lang::tree::{Key, LogicOp, NodeId, Syntax, Through};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, Span};

/// How many values are told apart: what may give more is unknown.
const MANY: usize = 12;
/// How deep names and functions of the file are followed.
const DEEP: u32 = 6;
/// Methods and functions that hand on what they are called on or given.
const HANDS_ON: [&str; 5] = ["to_string", "to_owned", "into", "clone", "String::from"];

/// A function in one state.
#[derive(Clone, Copy)]
pub struct InState<'s, 'a> {
    /// All functions.
    pub code: &'a Code<'a>,
    /// Its file.
    pub facts: &'a FileFacts,
    /// The names of the file.
    pub bindings: &'a Bindings,
    /// What does not run in this state.
    pub gone: &'s [Span],
    /// What runs in this state alone.
    pub here: &'s [Span],
    /// The functions that were followed.
    pub passed: &'s RefCell<Vec<Passed<'a>>>,
}

impl InState<'_, '_> {
    /// What the function may give; never empty.
    #[must_use]
    pub fn outcomes(&self, function: NodeId) -> Vec<Value> {
        bounded(self.given_by(function, 0))
    }

    fn given_by(&self, function: NodeId, depth: u32) -> Vec<Value> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let Syntax::Function(of) = tree.syntax(function) else {
            return vec![Value::Unknown];
        };
        let Some(body) = of.body else {
            return vec![Value::Unknown];
        };
        let wrapped = facts.language == Language::Python && !of.decorators.is_empty();
        let own = |id: &NodeId| {
            let mut up = tree.ancestors(*id);
            up.find(|up| matches!(tree.syntax(*up), Syntax::Function(_))) == Some(function)
        };
        let runs = |id: &NodeId| !self.is_gone(*id) && own(id);
        let (mut found, mut returns) = (Vec::new(), false);
        for id in tree.below(body) {
            match tree.syntax(id) {
                Syntax::Return(value) if runs(&id) => {
                    returns = true;
                    found.extend(value.map_or_else(|| vec![Value::Undefined], |value| self.value(value, depth)));
                }
                Syntax::Throw(_) if runs(&id) => found.push(Value::Thrown),
                _ if runs(&id) && self.leaves_with_nothing(id) => {
                    found.extend(
                        [("Err", vec![Value::Unknown]), ("None", Vec::new())]
                            .map(|(name, inside)| Value::Variant(name.to_owned(), inside)),
                    );
                }
                Syntax::Other(_) if facts.words(id).starts_with("yield") && own(&id) => return vec![Value::Unknown],
                _ => {}
            }
        }
        if wrapped {
            return vec![Value::Unknown];
        }
        if !matches!(tree.syntax(body), Syntax::Block(_)) && !returns {
            return self.value(body, depth);
        }
        if self.ends(body) {
            // What an inner function gives says nothing; a body that ends and gives nothing only throws.
            return if found.is_empty() { vec![Value::Thrown] } else { found };
        }
        found.push(Value::Undefined);
        found
    }

    fn is_gone(&self, id: NodeId) -> bool {
        let place = self.facts.tree.bytes(id).in_file(self.facts.file);
        self.gone.iter().any(|region| region.contains(place))
    }

    fn is_here(&self, id: NodeId) -> bool {
        let place = self.facts.tree.bytes(id).in_file(self.facts.file);
        self.here.iter().any(|region| region.contains(place))
    }

    /// True for a statement that nothing comes after.
    fn ends(&self, statement: NodeId) -> bool {
        let tree = &self.facts.tree;
        match tree.syntax(statement) {
            Syntax::Return(_) | Syntax::Throw(_) => true,
            Syntax::Macro { name, .. } => self.facts.slice(*name).rsplit(':').next() == Some("bail"),
            Syntax::Block(list) => list.iter().any(|inner| self.ends(*inner)),
            Syntax::If { test, yes, no } => {
                let end = |branch: NodeId| self.is_gone(branch) || self.ends(branch);
                if self.is_here(*yes) && self.decides_alone(*test, 0) {
                    return self.ends(*yes);
                }
                no.is_some_and(|no| end(*yes) && end(no))
            }
            Syntax::Switch { cases, .. } => {
                let end = |case: &NodeId| match tree.syntax(*case) {
                    Syntax::Case { body, .. } => body.iter().any(|inner| self.ends(*inner)),
                    _ => false,
                };
                let default =
                    |case: &NodeId| matches!(tree.syntax(*case), Syntax::Case { tests, .. } if tests.is_empty());
                cases.iter().any(default) && cases.iter().all(end)
            }
            Syntax::Other(inside) if self.facts.words(statement).starts_with("try") => {
                !inside.is_empty()
                    && inside
                        .iter()
                        .all(|inner| self.ends(*inner) || tree.children(*inner).iter().any(|inner| self.ends(*inner)))
            }
            Syntax::With { body, .. } => self.ends(*body),
            _ => false,
        }
    }

    /// True for a condition that is a flag and nothing else: a call, a member, or a name of one.
    fn decides_alone(&self, test: NodeId, depth: u32) -> bool {
        let tree = &self.facts.tree;
        let test = tree.bare(test);
        match tree.syntax(test) {
            Syntax::Not(inner) => self.decides_alone(*inner, depth),
            Syntax::Call { .. } | Syntax::Member { .. } | Syntax::Index { .. } => {
                let mixed = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Logic { .. } | Syntax::Choose { .. });
                !tree.below(test).iter().any(mixed)
            }
            Syntax::Name if depth < 3 => self.bindings.declaration(test).is_some_and(|of| match of.binding {
                Binding::Let(place) if of.is_constant() => match tree.syntax(place) {
                    Syntax::Let { value: Some(value), .. } => self.decides_alone(*value, depth + 1),
                    _ => false,
                },
                _ => false,
            }),
            _ => false,
        }
    }

    /// What an expression may be.
    fn value(&self, id: NodeId, depth: u32) -> Vec<Value> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        if depth > DEEP || self.is_tried(id) {
            return vec![Value::Unknown];
        }
        let id = tree.bare(id);
        if let Some(value) = literal(facts, id) {
            return vec![value];
        }
        match tree.syntax(id) {
            Syntax::Object { entries, .. } => self.object(entries, depth),
            Syntax::Macro { name, args } if facts.slice(*name) == "vec" && !facts.words(id).contains(';') => {
                self.list(args, depth)
            }
            Syntax::Array(list) => self.list(list, depth),
            Syntax::Choose { yes, no, .. } => self.either(&[*yes, *no], depth),
            Syntax::If { yes, no: Some(no), .. } => self.either(&[*yes, *no], depth),
            Syntax::Block(list) => match list.last() {
                Some(last) if !matches!(tree.syntax(*last), Syntax::If { no: None, .. }) => self.value(*last, depth),
                _ => vec![Value::Unknown],
            },
            Syntax::Return(Some(value)) => self.value(*value, depth),
            Syntax::Switch { cases, .. } => {
                let last = |case: &NodeId| match tree.syntax(*case) {
                    Syntax::Case { body, .. } => body.last().copied(),
                    _ => None,
                };
                let arms: Option<Vec<NodeId>> = cases.iter().map(last).collect();
                match (facts.language, arms) {
                    (Language::Rust, Some(arms)) => self.either(&arms, depth),
                    _ => vec![Value::Unknown],
                }
            }
            Syntax::Logic {
                op: LogicOp::And,
                right,
                ..
            } if self.is_gone(*right) => {
                vec![Value::Bool(false), Value::Undefined]
            }
            Syntax::Logic {
                op: LogicOp::And,
                left,
                right,
            } if self.is_here(*right) => {
                let mut found = self.value(*right, depth);
                if !self.decides_alone(*left, 0) {
                    found.push(Value::Bool(false));
                }
                found
            }
            Syntax::Compare { .. } | Syntax::Not(_) => vec![Value::Bool(true), Value::Bool(false)],
            Syntax::Name => self.named(id, depth),
            Syntax::Member { object, property } => self.member(*object, facts.slice(*property), depth),
            Syntax::Call { callee, args, .. } => {
                if let Some(name) = super::named::made(facts, *callee) {
                    return self.variant(name, args, depth);
                }
                if HANDS_ON.contains(&callee_name(facts, *callee)) || HANDS_ON.contains(&facts.words(*callee)) {
                    let of = match (args.as_slice(), tree.syntax(*callee)) {
                        ([one], _) => Some(*one),
                        ([], Syntax::Member { object, .. }) => Some(*object),
                        _ => None,
                    };
                    return of.map_or_else(|| vec![Value::Unknown], |of| self.value(of, depth));
                }
                self.called(*callee, depth)
            }
            Syntax::Element { .. } => vec![self.page(id)],
            Syntax::New { .. } | Syntax::Function(_) => vec![Value::Something],
            // A sum may be a text, but never nothing.
            Syntax::Other(terms) if terms.len() == 2 && self.is_sum(terms) => vec![Value::Something],
            _ => vec![Value::Unknown],
        }
    }

    fn is_sum(&self, terms: &[NodeId]) -> bool {
        let (start, end) = (
            self.facts.tree.bytes(terms[0]).end,
            self.facts.tree.bytes(terms[1]).start,
        );
        start <= end
            && matches!(
                self.facts.slice(Bytes { start, end }).trim(),
                "+" | "-" | "*" | "/" | "%"
            )
    }

    fn either(&self, arms: &[NodeId], depth: u32) -> Vec<Value> {
        let arms: Vec<&NodeId> = arms.iter().filter(|arm| !self.is_gone(**arm)).collect();
        if arms.is_empty() {
            return vec![Value::Unknown];
        }
        bounded(arms.into_iter().flat_map(|arm| self.value(*arm, depth)).collect())
    }

    /// `x?`
    fn is_tried(&self, id: NodeId) -> bool {
        let tree = &self.facts.tree;
        match tree.syntax(id) {
            Syntax::Wrap(Through::Assert, _) => self.facts.language == Language::Rust,
            Syntax::Wrap(_, inner) => self.is_tried(*inner),
            _ => false,
        }
    }

    /// True for what may end a function of Rust on its way, with an error or with nothing.
    fn leaves_with_nothing(&self, id: NodeId) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        match tree.syntax(id) {
            Syntax::Wrap(Through::Assert, _) => facts.language == Language::Rust,
            Syntax::Macro { name, .. } => matches!(facts.slice(*name).rsplit(':').next(), Some("bail" | "ensure")),
            _ => false,
        }
    }

    fn named(&self, id: NodeId, depth: u32) -> Vec<Value> {
        let tree = &self.facts.tree;
        let declaration = self
            .bindings
            .declaration(id)
            .filter(|declaration| declaration.default.is_none());
        let Some((declaration, place)) = declaration.and_then(|of| match of.binding {
            Binding::Let(place) => Some((of, place)),
            _ => None,
        }) else {
            return vec![Value::Unknown];
        };
        let looped = tree
            .node(place)
            .parent
            .is_some_and(|up| matches!(tree.syntax(up), Syntax::Loop { .. }));
        let Syntax::Let { value, .. } = tree.syntax(place) else {
            return vec![Value::Unknown];
        };
        if looped || !declaration.assignments.iter().all(|at| self.is_plain_assignment(*at)) {
            return vec![Value::Unknown];
        }
        let mut found = Vec::new();
        if !self.is_gone(place) {
            found.extend(value.map_or_else(|| vec![Value::Undefined], |value| self.value(value, depth + 1)));
        }
        for at in declaration.assignments.iter().filter(|at| !self.is_gone(**at)) {
            if let Syntax::Assign { value, .. } = tree.syntax(*at) {
                found.extend(self.value(*value, depth + 1));
            }
        }
        let whole = |value: &Value| matches!(value, Value::Object(_) | Value::Open(_) | Value::List(_));
        if found.iter().any(whole) && self.is_changed(declaration) {
            let grown = self.grown(declaration, found);
            return grown.map_or_else(|| vec![Value::Unknown], |list| vec![Value::List(list)]);
        }
        for step in &declaration.path {
            found = match step {
                Step::Property(name) => found.iter().map(|value| part(value, name)).collect(),
                Step::Element(at) => found.iter().map(|value| element(value, *at)).collect(),
                Step::Rest | Step::Unknown => vec![Value::Unknown],
            };
        }
        bounded(found)
    }

    /// `k = 'fast'`, not `k += 1` nor `k++`.
    fn is_plain_assignment(&self, at: NodeId) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        match tree.syntax(at) {
            Syntax::Assign { target, value } => {
                let (start, end) = (tree.bytes(*target).end, tree.bytes(*value).start);
                start <= end && facts.slice(Bytes { start, end }).trim() == "="
            }
            _ => false,
        }
    }

    /// True if something may be put into what a name stands for: only being given back, spread, chosen or read leaves it as it is.
    fn is_changed(&self, declaration: &Declaration) -> bool {
        let uses = self.bindings.uses(declaration).iter();
        uses.filter(|id| !self.is_gone(**id)).any(|id| self.changes(*id))
    }

    fn member(&self, object: NodeId, name: &str, depth: u32) -> Vec<Value> {
        let tree = &self.facts.tree;
        let object = tree.bare(object);
        if let Some(Binding::Item(item)) = self.bindings.declaration(object).map(|of| of.binding)
            && let Syntax::Enum { members, .. } = tree.syntax(item)
        {
            let value = members.iter().find_map(|member| match tree.syntax(*member) {
                Syntax::Field {
                    key: Key::Name(key, _),
                    value: Some(value),
                    ..
                } if **key == *name => Some(*value),
                _ => None,
            });
            return value.map_or_else(|| vec![Value::Unknown], |value| self.value(value, depth + 1));
        }
        if !matches!(tree.syntax(object), Syntax::Name) {
            return vec![Value::Unknown];
        }
        bounded(
            self.value(object, depth + 1)
                .iter()
                .map(|value| part(value, name))
                .collect(),
        )
    }

    /// What the function gives that is called.
    fn called(&self, callee: NodeId, depth: u32) -> Vec<Value> {
        let mut passed = Vec::new();
        let Some(place) = self.code.function(self.facts, callee, &mut passed) else {
            return vec![Value::Unknown];
        };
        self.passed.borrow_mut().append(&mut passed);
        let there = InState {
            facts: place.facts,
            bindings: self.code.bindings(place.facts),
            ..*self
        };
        there.given_by(place.function, depth + 2)
    }
}

fn bounded(values: Vec<Value>) -> Vec<Value> {
    if values.is_empty() || values.len() > MANY || values.contains(&Value::Unknown) {
        return vec![Value::Unknown];
    }
    values
}
