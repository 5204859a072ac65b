//! What the names of one file stand for. Enters: the tree of a file. Leaves: the texts that a value can be, the lists, the SQL. Follows
//! constants, fields of the class, members of enums and objects, and the variables of loops over lists; no other file.

use std::collections::HashMap;

use super::place::Place;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};

/// How far names are followed.
const DEPTH: u32 = 16;

/// A value that can be more texts than this is unknown.
const MOST: usize = 64;

/// Stands in a text for a piece that is not known. A letter, so that SQL with it parses; no name has it.
pub(super) const HOLE: char = '\u{294}';

/// What a name is bound to.
#[derive(Clone, Copy)]
enum Given {
    /// This value.
    One(NodeId),
    /// Each member of this list.
    Each(NodeId),
}

/// SQL that stands in a file of code.
pub(super) struct Script {
    pub(super) text: String,
    pub(super) place: Place,
}

/// The names of one file.
pub(super) struct Constants<'a> {
    pub(super) facts: &'a FileFacts,
    /// By name: where it is bound, the node in which it is known, its value; in the order of the text.
    bound: HashMap<&'a str, Vec<(u32, NodeId, Given)>>,
}

impl<'a> Constants<'a> {
    pub(super) fn new(facts: &'a FileFacts) -> Self {
        let mut constants = Self {
            facts,
            bound: HashMap::new(),
        };
        for id in facts.tree.ids() {
            if let Some((name, given)) = constants.binding(id) {
                let scope = constants.scope(id);
                let start = facts.tree.bytes(id).start;
                constants.bound.entry(name).or_default().push((start, scope, given));
            }
        }
        for bound in constants.bound.values_mut() {
            bound.sort_by_key(|(start, ..)| *start);
        }
        constants
    }

    fn binding(&self, id: NodeId) -> Option<(&'a str, Given)> {
        let facts = self.facts;
        match facts.tree.syntax(id) {
            Syntax::Let { pattern, value, .. } => {
                let name = self.plain_name(*pattern)?;
                match value {
                    Some(value) => Some((name, Given::One(*value))),
                    None => self.looped_over(id).map(|list| (name, Given::Each(list))),
                }
            }
            Syntax::Field {
                key: Key::Name(name, _),
                value: Some(value),
                ..
            } => Some((name, Given::One(*value))),
            Syntax::Assign { target, value } => Some((self.plain_name(*target)?, Given::One(*value))),
            Syntax::Enum { name, .. } => Some((&name.0, Given::One(id))),
            Syntax::Function(function) => {
                let name = self.plain_name(*function.params.first()?)?;
                let (list, method) = self.receiver(facts.tree.node(id).parent?)?;
                matches!(method, "forEach" | "map" | "flatMap").then_some((name, Given::Each(list)))
            }
            _ => None,
        }
    }

    fn looped_over(&self, id: NodeId) -> Option<NodeId> {
        match self.facts.tree.syntax(self.facts.tree.node(id).parent?) {
            Syntax::Loop { head, .. } => head.iter().copied().find(|part| *part != id),
            _ => None,
        }
    }

    /// Where a binding is known: the nearest block, loop, function or class around it; a function's parameter in the function.
    fn scope(&self, id: NodeId) -> NodeId {
        let tree = &self.facts.tree;
        let opens = |id: &NodeId| {
            matches!(
                tree.syntax(*id),
                Syntax::Block(_)
                    | Syntax::Loop { .. }
                    | Syntax::Function(_)
                    | Syntax::Class { .. }
                    | Syntax::Case { .. }
            )
        };
        if matches!(tree.syntax(id), Syntax::Function(_)) {
            return id;
        }
        tree.ancestors(id).find(opens).or(tree.root()).unwrap_or(id)
    }

    fn plain_name(&self, id: NodeId) -> Option<&'a str> {
        matches!(self.facts.tree.syntax(id), Syntax::Name).then(|| self.facts.words(id))
    }

    /// What `name` is bound to where `at` stands.
    fn given(&self, name: &str, at: NodeId) -> Option<Given> {
        let all = self.bound.get(name)?;
        let from = self.facts.tree.bytes(at).start;
        let mut around = std::iter::once(at).chain(self.facts.tree.ancestors(at));
        around.find_map(|scope| {
            let mut here = all.iter().filter(|(_, of, _)| *of == scope);
            let first = here.clone().next();
            here.rfind(|(start, ..)| *start < from)
                .or(first)
                .map(|(.., given)| *given)
        })
    }

    /// The name by which a value is called: `a`, `this.a`.
    fn name_of(&self, id: NodeId) -> Option<&'a str> {
        match self.facts.tree.syntax(id) {
            Syntax::Name => Some(self.facts.words(id)),
            Syntax::Member { object, property } if self.facts.words(*object) == "this" => {
                Some(self.facts.slice(*property))
            }
            _ => None,
        }
    }

    /// The receiver and the method of a call.
    pub(super) fn receiver(&self, call: NodeId) -> Option<(NodeId, &'a str)> {
        let Syntax::Call { callee, .. } = self.facts.tree.syntax(call) else {
            return None;
        };
        match self.facts.tree.syntax(*callee) {
            Syntax::Member { object, property } => Some((self.facts.tree.bare(*object), self.facts.slice(*property))),
            _ => None,
        }
    }

    /// The value behind a name, as far as it is one value; else the value itself.
    pub(super) fn value(&self, id: NodeId) -> NodeId {
        let mut id = self.facts.tree.bare(id);
        for _ in 0..DEPTH {
            match self.name_of(id).and_then(|name| self.given(name, id)) {
                Some(Given::One(value)) => id = self.facts.tree.bare(value),
                _ => break,
            }
        }
        id
    }

    /// The texts that a value can be; empty where that is not known.
    pub(super) fn texts(&self, id: NodeId) -> Vec<String> {
        self.texts_within(id, DEPTH)
    }

    fn texts_within(&self, id: NodeId, depth: u32) -> Vec<String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let id = self.facts.tree.bare(id);
        match self.facts.tree.syntax(id) {
            Syntax::Text(text) => vec![text.to_string()],
            Syntax::Template(parts) => self.joined(parts, depth),
            Syntax::Choose { yes, no, .. } => [*yes, *no]
                .into_iter()
                .flat_map(|value| self.texts_within(value, depth))
                .collect(),
            Syntax::Other(parts) if self.is_sum(id) => self.joined(parts, depth),
            Syntax::Member { object, property } if self.name_of(id).is_none() => {
                let owner = self.value(*object);
                let member = self.member(owner, self.facts.slice(*property));
                member.map_or_else(Vec::new, |value| self.texts_within(value, depth))
            }
            _ => match self.name_of(id).and_then(|name| self.given(name, id)) {
                Some(Given::One(value)) => self.texts_within(value, depth),
                Some(Given::Each(list)) => self.list_within(list, depth),
                None => Vec::new(),
            },
        }
    }

    /// True for `a + b`.
    fn is_sum(&self, id: NodeId) -> bool {
        let mut parts = self.facts.tree.children(id).into_iter().peekable();
        let mut between = 0;
        while let (Some(left), Some(right)) = (parts.next(), parts.peek()) {
            let gap = self.facts.tree.bytes(left).end as usize..self.facts.tree.bytes(*right).start as usize;
            if self.facts.text.get(gap).map(str::trim) != Some("+") {
                return false;
            }
            between += 1;
        }
        between > 0
    }

    /// Pieces put together, in every way; a piece that is not known becomes [`HOLE`].
    fn joined(&self, parts: &[NodeId], depth: u32) -> Vec<String> {
        let mut parts = parts.to_vec();
        parts.sort_by_key(|part| self.facts.tree.bytes(*part).start);
        let mut all = vec![String::new()];
        for part in parts {
            let mut ways = self.texts_within(part, depth);
            if ways.is_empty() || ways.len() * all.len() > MOST {
                ways = vec![self.unknown(part)];
            }
            all = all
                .iter()
                .flat_map(|before| ways.iter().map(move |way| format!("{before}{way}")))
                .collect();
        }
        all.iter().map(|text| without_prefixes(text)).collect()
    }

    /// A column of a table (`${table.status}`) is written by its name; of anything else nothing is known.
    fn unknown(&self, part: NodeId) -> String {
        let parent = self.facts.tree.node(part).parent;
        let is_template = parent.is_some_and(|parent| self.is_tagged(parent));
        match self.facts.tree.syntax(part) {
            Syntax::Member { property, .. } if is_template => self.facts.slice(*property).to_owned(),
            _ => HOLE.to_string(),
        }
    }

    /// True for the template of `` sql`…` ``.
    fn is_tagged(&self, template: NodeId) -> bool {
        let parent = self.facts.tree.node(template).parent;
        parent.is_some_and(|call| match self.facts.tree.syntax(call) {
            Syntax::Call { callee, args, .. } => {
                args.as_slice() == [template]
                    && self.facts.tree.bytes(*callee).end == self.facts.tree.bytes(template).start
            }
            _ => false,
        })
    }

    /// The member of an enum or object.
    fn member(&self, owner: NodeId, name: &str) -> Option<NodeId> {
        self.members(owner)
            .into_iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The entries of an object or the members of an enum, with their values; members of enums without one have none.
    fn members(&self, owner: NodeId) -> Vec<(&'a str, NodeId)> {
        let list = match self.facts.tree.syntax(owner) {
            Syntax::Enum { members, .. } => members,
            Syntax::Object { entries, .. } => entries,
            _ => return Vec::new(),
        };
        let member = |id: &NodeId| match self.facts.tree.syntax(*id) {
            Syntax::Field {
                key: Key::Name(name, _),
                value: Some(value),
                ..
            }
            | Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } => Some((&**name, *value)),
            _ => None,
        };
        list.iter().filter_map(member).collect()
    }

    /// The value of an object's entry.
    pub(super) fn entry(&self, object: NodeId, names: &[&str]) -> Option<NodeId> {
        let members = self.members(self.value(object));
        names
            .iter()
            .find_map(|name| members.iter().find(|(key, _)| key == name).map(|(_, value)| *value))
    }

    /// The texts of a list: an array, an enum, `Object.values(…)`; what is not known in it is left out.
    pub(super) fn list(&self, id: NodeId) -> Vec<String> {
        self.list_within(id, DEPTH)
    }

    fn list_within(&self, id: NodeId, depth: u32) -> Vec<String> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let id = self.value(id);
        match self.facts.tree.syntax(id) {
            Syntax::Array(items) => items
                .iter()
                .flat_map(|item| match self.facts.tree.syntax(*item) {
                    Syntax::Spread(list) => self.list_within(*list, depth),
                    _ => self.texts_within(*item, depth),
                })
                .take(MOST)
                .collect(),
            Syntax::Enum { .. } | Syntax::Object { .. } => self
                .members(id)
                .into_iter()
                .flat_map(|(_, value)| self.texts_within(value, depth))
                .collect(),
            Syntax::Call { callee, args, .. } => match (self.facts.words(*callee), args.as_slice()) {
                ("Object.values", [of]) => self.list_within(*of, depth),
                ("Object.keys", [of]) => {
                    let members = self.members(self.value(*of)).into_iter();
                    members.map(|(name, _)| name.to_owned()).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The SQL that a value can be; empty where nothing of it is known.
    pub(super) fn scripts(&self, id: NodeId) -> Vec<Script> {
        let value = self.value(id);
        // sql`…`
        let value = match self.facts.tree.syntax(value) {
            Syntax::Call { args, .. } => match args.as_slice() {
                [only] if self.is_tagged(*only) => *only,
                _ => value,
            },
            _ => value,
        };
        let whole = self.facts.tree.bytes(value);
        let inner = whole.start as usize + 1..(whole.end as usize).saturating_sub(1);
        let as_written = |text: &str| self.facts.text.get(inner.clone()) == Some(text);
        let place = |text: &str| match as_written(text) {
            true => Place::At {
                file: self.facts.file,
                start: inner.start,
            },
            false => Place::Within(whole.in_file(self.facts.file)),
        };
        let texts = self.texts(value).into_iter();
        texts
            .map(|text| Script {
                place: place(&text),
                text,
            })
            .collect()
    }
}

/// A prefix that a configuration puts before names (`${prefix}users`) is left out: people do not say it.
fn without_prefixes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(HOLE) {
        plain.push_str(before);
        if !after.starts_with(|c: char| c == '_' || c.is_alphanumeric() && c != HOLE) {
            plain.push(HOLE);
        }
        rest = after;
    }
    plain + rest
}
