//! What a page shows. Enters: an element that a test renders, as one [`Value`], and a query. Leaves: what the query finds, where that can be told: a
//! text that the component shows in this state whatever else is so, or nothing at all of a component that gives nothing.
//!
//! Only what follows one rendering is told, and nothing once somebody clicks or renders anew.

use std::collections::BTreeMap;

use super::holds::Given;
use super::value::Value;
use super::yields::callee_name;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// Functions that render what they are given.
const RENDER: [&str; 3] = ["render", "mount", "shallow"];
/// What may change a page.
const CHANGES: [&str; 8] = [
    "fireEvent",
    "userEvent",
    "user.",
    ".click(",
    "rerender(",
    "unmount(",
    "act(",
    "setFlag(",
];
impl Given<'_> {
    /// What a call for a page gives: what `render` gives back, or what a query finds.
    pub(super) fn on_page(&self, callee: NodeId, args: &[NodeId]) -> Option<Value> {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        if !matches!(tree.syntax(self.call), Syntax::Element { .. }) {
            return None;
        }
        let name = callee_name(facts, callee);
        let whole = tree.node(self.call).parent.filter(|up| self.renders(*up));
        if RENDER.contains(&name) {
            let ours = args.first() == Some(&self.call) && whole.is_some();
            return Some(if ours { self.rendered() } else { Value::Unknown });
        }
        let (all, by) = query(name)?;
        let found = match (self.value, args.first().map(|arg| tree.syntax(tree.bare(*arg)))) {
            _ if !self.is_settled(callee) || !self.is_whole(callee) => None,
            (Value::Page(shown), Some(Syntax::Text(text))) if args.len() == 1 && self.is_shown() => {
                shown.contains(&format!("{by}:{}", text.trim())).then_some(true)
            }
            (Value::Null | Value::Undefined | Value::Bool(false), _) => whole.map(|_| false),
            _ => None,
        };
        Some(match found {
            None => Value::Unknown,
            Some(true) if all => Value::Something,
            Some(true) => Value::Page(Vec::new()),
            Some(false) if !name.starts_with("query") => Value::Thrown,
            Some(false) if all => Value::List(Vec::new()),
            Some(false) => Value::Null,
        })
    }

    /// `{ container }` of `render(<Row />)`.
    fn rendered(&self) -> Value {
        let node = |first, inner| {
            let keys = [("firstChild", first), ("firstElementChild", inner)];
            keys.map(|(key, value): (&str, Value)| (key.to_owned(), value))
        };
        let mut container = BTreeMap::new();
        match self.value {
            Value::Page(_) => container.extend(node(Value::Page(Vec::new()), Value::Something)),
            Value::Null | Value::Undefined | Value::Bool(false) => {
                container.extend(node(Value::Null, Value::Null));
                container.extend(["innerHTML", "textContent"].map(|key| (key.to_owned(), Value::Text(String::new()))));
            }
            _ => return Value::Unknown,
        }
        if let Value::Page(_) = self.value {
            container.insert("innerHTML".to_owned(), Value::Around("<".into(), ">".into()));
        }
        Value::Open([("container".to_owned(), Value::Open(container))].into())
    }

    /// True for a query of the whole page, and not of a part of it.
    fn is_whole(&self, callee: NodeId) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let of_page = match tree.syntax(callee) {
            Syntax::Member { object, .. } => matches!(tree.syntax(tree.bare(*object)), Syntax::Name),
            _ => true,
        };
        of_page && !facts.text.contains("within(")
    }

    /// True if what stands around the element shows what is in it: nothing, or what only provides something.
    fn is_shown(&self) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let around = tree.ancestors(self.call).take_while(|up| !self.renders(*up));
        around.into_iter().all(|up| match tree.syntax(up) {
            Syntax::Element { name: Some(name), .. } => {
                let name = facts.words(*name);
                ["Provider", "Router", "StrictMode"]
                    .iter()
                    .any(|end| name.ends_with(end))
            }
            _ => true,
        })
    }

    fn renders(&self, id: NodeId) -> bool {
        match self.file.facts.tree.syntax(id) {
            Syntax::Call { callee, .. } => RENDER.contains(&callee_name(self.file.facts, *callee)),
            _ => false,
        }
    }

    /// True if nothing else was rendered around the place, and nothing may have changed the page since.
    fn is_settled(&self, place: NodeId) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let function = |id: NodeId| {
            tree.ancestors(id)
                .find(|up| matches!(tree.syntax(*up), Syntax::Function(_)))
        };
        let (Some(own), Some(other)) = (function(self.call), function(place)) else {
            return false;
        };
        let (start, end) = (tree.bytes(self.call).end, tree.bytes(place).start);
        if own != other || start > end {
            return false;
        }
        let between = facts.slice(Bytes { start, end });
        let once = tree.below(own).into_iter().filter(|id| self.renders(*id)).count() == 1;
        let hooked = |id: &NodeId| {
            let hook = |up: &NodeId| match tree.syntax(*up) {
                Syntax::Call { callee, .. } => facts.words(*callee).starts_with("before"),
                _ => false,
            };
            self.renders(*id) && tree.ancestors(*id).any(|up| hook(&up))
        };
        once && !tree.ids().any(|id| hooked(&id)) && !CHANGES.iter().any(|word| between.contains(word))
    }
}

/// `queryAllByText`: whether it is for all, and by what.
fn query(name: &str) -> Option<(bool, &str)> {
    let rest = ["query", "get", "find"]
        .iter()
        .find_map(|begin| name.strip_prefix(begin))?;
    match rest.strip_prefix("AllBy") {
        Some(by) => Some((true, by)),
        None => Some((false, rest.strip_prefix("By")?)),
    }
}

/// True for a query that fails where nothing is found.
pub(super) fn fails_on_nothing(name: &str) -> bool {
    query(name).is_some() && !name.starts_with("query")
}
