//! Values that are put together. Enters: the parts of an object, a list, a variant. Leaves: every combination of what they may be.

use std::collections::BTreeMap;

use super::{InState, MANY};
use crate::assumption::acts::value::Value;
use crate::index::bindings::{Binding, Declaration};
use crate::lang::Language;
use crate::lang::tree::{Key, LogicOp, NodeId, Syntax};

impl InState<'_, '_> {
    /// A variant for each value of the one thing that it holds.
    pub(super) fn variant(&self, name: &str, args: &[NodeId], depth: u32) -> Vec<Value> {
        let of = |inside| Value::Variant(name.to_owned(), inside);
        match args {
            // `fmt.Errorf("…", n)`
            [first, ..] if self.facts.language == Language::Go => vec![of(self.value(*first, depth + 1))],
            [one] => self
                .value(*one, depth + 1)
                .into_iter()
                .map(|value| of(vec![value]))
                .collect(),
            many => vec![of(vec![Value::Unknown; many.len()])],
        }
    }

    pub(super) fn object(&self, entries: &[NodeId], depth: u32) -> Vec<Value> {
        let mut all = vec![BTreeMap::new()];
        // What is not written of a struct has a value, too.
        let mut open = self.facts.language == Language::Go;
        for entry in entries {
            let parts: Vec<Vec<(String, Value)>> = match self.facts.tree.syntax(*entry) {
                Syntax::Entry {
                    key: Key::Name(key, _),
                    value,
                } => {
                    let values = self.value(*value, depth + 1);
                    values.into_iter().map(|value| vec![(key.to_string(), value)]).collect()
                }
                Syntax::Function(of) => match &of.name {
                    Some((name, _)) => vec![vec![(name.to_string(), Value::Unknown)]],
                    None => return vec![Value::Unknown],
                },
                Syntax::Spread(_) if self.facts.language == Language::Rust => {
                    open = true;
                    continue;
                }
                Syntax::Spread(of) => {
                    let mut parts = Vec::new();
                    for value in self.value(*of, depth + 1) {
                        match value {
                            Value::Object(keys) => parts.push(keys.into_iter().collect()),
                            Value::Bool(false) | Value::Undefined | Value::Null => parts.push(Vec::new()),
                            _ => return vec![Value::Unknown],
                        }
                    }
                    parts
                }
                _ => return vec![Value::Unknown],
            };
            let combine = |known: &BTreeMap<String, Value>| {
                let known = known.clone();
                parts.iter().map(move |part| {
                    let mut all = known.clone();
                    all.extend(part.iter().cloned());
                    all
                })
            };
            all = all.iter().flat_map(combine).collect();
            if all.len() > MANY {
                return vec![Value::Unknown];
            }
        }
        all.into_iter()
            .map(if open { Value::Open } else { Value::Object })
            .collect()
    }

    pub(super) fn list(&self, list: &[NodeId], depth: u32) -> Vec<Value> {
        let mut all = vec![Vec::new()];
        for element in list {
            let parts: Vec<Vec<Value>> = match self.facts.tree.syntax(*element) {
                Syntax::Spread(of) => {
                    let mut parts = Vec::new();
                    for value in self.value(*of, depth + 1) {
                        match value {
                            Value::List(list) => parts.push(list),
                            // Nothing can be spread of these: it fails, if it comes to that.
                            Value::Bool(false) | Value::Undefined | Value::Null => {}
                            _ => return vec![Value::Unknown],
                        }
                    }
                    parts
                }
                _ => self
                    .value(*element, depth + 1)
                    .into_iter()
                    .map(|value| vec![value])
                    .collect(),
            };
            all = all
                .iter()
                .flat_map(|known: &Vec<Value>| parts.iter().map(|part| [known.clone(), part.clone()].concat()))
                .collect();
            if all.len() > MANY {
                return vec![Value::Unknown];
            }
        }
        if all.is_empty() {
            vec![Value::Thrown]
        } else {
            all.into_iter().map(Value::List).collect()
        }
    }

    /// True for a use of a name by which something may be put into what it stands for.
    pub(super) fn changes(&self, id: NodeId) -> bool {
        let tree = &self.facts.tree;
        let Some(up) = tree.node(id).parent else { return false };
        match tree.syntax(up) {
            Syntax::Member { .. } | Syntax::Index { .. } => {
                tree.node(up).parent.is_some_and(|above| match tree.syntax(above) {
                    Syntax::Assign { target, .. } => *target == up,
                    Syntax::Call { callee, .. } => *callee == up,
                    Syntax::Delete(_) => true,
                    _ => false,
                })
            }
            Syntax::Return(_)
            | Syntax::Spread(_)
            | Syntax::Choose { .. }
            | Syntax::Wrap(..)
            | Syntax::Export { .. }
            | Syntax::Entry { .. } => false,
            _ => true,
        }
    }

    /// A list to which statements of the function add one thing each, where the flag alone decides which of them run.
    pub(super) fn grown(&self, declaration: &Declaration, found: Vec<Value>) -> Option<Vec<Value>> {
        let [Value::List(list)] = <[Value; 1]>::try_from(found).ok()? else {
            return None;
        };
        let mut list = list;
        let tree = &self.facts.tree;
        let uses: Vec<NodeId> = self.bindings.uses(declaration).to_vec();
        let (adding, other): (Vec<NodeId>, Vec<NodeId>) = uses.into_iter().partition(|id| self.changes(*id));
        // Whoever looks at it in between sees less than what it grows to.
        let last = adding.iter().map(|id| tree.bytes(*id).start).max();
        if other.iter().any(|id| Some(tree.bytes(*id).start) < last) {
            return None;
        }
        for id in adding.iter().filter(|id| !self.is_gone(**id)) {
            let added = self.added(*id, declaration)?;
            match <[Value; 1]>::try_from(self.value(added, 1)) {
                Ok([one]) => list.push(one),
                Err(_) => list.push(Value::Unknown),
            }
        }
        Some(list)
    }

    /// `x` of the statement `list.push(x)`, if it runs in this state whatever else is so.
    fn added(&self, list: NodeId, declaration: &Declaration) -> Option<NodeId> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let member = tree.node(list).parent?;
        let call = tree.node(member).parent?;
        let (Syntax::Member { property, .. }, Syntax::Call { callee, args, .. }) =
            (tree.syntax(member), tree.syntax(call))
        else {
            return None;
        };
        let adds = *callee == member && matches!(facts.slice(*property), "push" | "append");
        let mut below = call;
        for up in tree.ancestors(call) {
            match tree.syntax(up) {
                // What an inner function does may be done often, or never.
                Syntax::Function(_) if !self.declares(up, declaration) => return None,
                Syntax::Function(_) => break,
                Syntax::If { test, yes, no } => {
                    let ours = (*yes == below && self.is_here(*yes)) || (*no == Some(below) && self.is_here(below));
                    if !ours || !self.decides_alone(*test, 0) {
                        return None;
                    }
                }
                Syntax::Block(_) | Syntax::Wrap(..) => {}
                Syntax::Other(inside) if inside.len() == 1 => {}
                _ => return None,
            }
            below = up;
        }
        match args.as_slice() {
            [one] if adds => Some(*one),
            _ => None,
        }
    }

    /// True if the function is the one in whose body a name is declared.
    fn declares(&self, function: NodeId, declaration: &Declaration) -> bool {
        let Binding::Let(place) = declaration.binding else {
            return false;
        };
        let mut around = self.facts.tree.ancestors(place);
        around.find(|up| matches!(self.facts.tree.syntax(*up), Syntax::Function(_))) == Some(function)
    }

    /// What an element is rendered to. A component may give nothing, and a fragment is as much as what is in it.
    pub(super) fn page(&self, element: NodeId) -> Value {
        match self.facts.tree.syntax(element) {
            Syntax::Element { name: Some(name), .. } if self.facts.words(*name).starts_with(char::is_lowercase) => {
                Value::Page(self.shows(element))
            }
            _ => Value::Unknown,
        }
    }

    /// The texts that an element shows in this state whatever else is so: those of plain elements, and what they are found by.
    fn shows(&self, element: NodeId) -> Vec<String> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let mut shown = Vec::new();
        let mut open = vec![element];
        while let Some(id) = open.pop() {
            match tree.syntax(tree.bare(id)) {
                Syntax::Element {
                    name,
                    attributes,
                    children,
                } if name.is_none_or(|name| facts.words(name).starts_with(char::is_lowercase)) => {
                    shown.extend(attributes.iter().filter_map(|id| self.found_by(*id)));
                    let text = |id: &NodeId| match tree.syntax(tree.bare(*id)) {
                        Syntax::Markup(text) | Syntax::Text(text) => Some(format!("Text:{}", text.trim())),
                        _ => None,
                    };
                    match children.as_slice() {
                        [only] if text(only).is_some() => shown.extend(text(only)),
                        all => open.extend(all),
                    }
                }
                Syntax::Logic {
                    op: LogicOp::And,
                    left,
                    right,
                } if self.is_here(*right) && self.decides_alone(*left, 0) => open.push(*right),
                Syntax::Choose { test, yes, no } if self.decides_alone(*test, 0) => {
                    if self.is_gone(*yes) {
                        open.push(*no);
                    } else if self.is_gone(*no) {
                        open.push(*yes);
                    }
                }
                _ => {}
            }
        }
        shown
    }

    /// `data-testid="row"`, `aria-label="Row"`
    fn found_by(&self, attribute: NodeId) -> Option<String> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let Syntax::Attribute { name, value } = tree.syntax(attribute) else {
            return None;
        };
        let by = match facts.slice(*name) {
            "data-testid" => "TestId",
            "aria-label" => "LabelText",
            "placeholder" => "PlaceholderText",
            "title" => "Title",
            "alt" => "AltText",
            _ => return None,
        };
        match tree.syntax(tree.bare((*value)?)) {
            Syntax::Text(text) => Some(format!("{by}:{text}")),
            _ => None,
        }
    }
}
