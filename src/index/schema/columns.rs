//! The definition of a column or constraint as an object of code, which all builders write alike. Enters: a node. Leaves: names, values.

use super::constants::Constants;
use super::grammar;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

/// A name with its place.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) at: Bytes,
    pub(super) name: String,
    /// The object that defines the thing, where the name stands in one.
    pub(super) object: Option<NodeId>,
}

/// The call that defines a column in SQLAlchemy: `Column("name", String())`.
pub(super) const COLUMN: &str = "Column";

/// The entries that give a thing its name.
const NAMES: &[&str] = &["name", "indexName", "constraintName", "keyName", "tableName"];

/// The entries that list the columns of a constraint.
const COLUMNS: &[&str] = &["columnNames", "fields", "columns"];

/// The entries that hold a check's expression.
const CHECKS: &[&str] = &["check", "expression"];

impl<'a> Constants<'a> {
    /// The object in `{…}` or `new Table({…})`.
    pub(super) fn object(&self, id: NodeId) -> Option<NodeId> {
        let id = self.value(id);
        match self.facts.tree.syntax(id) {
            Syntax::Object { .. } => Some(id),
            Syntax::New { args, .. } => self.object(*args.first()?),
            _ => None,
        }
    }

    /// Where a name is written: within its quotes.
    pub(super) fn place(&self, id: NodeId) -> Bytes {
        let whole = self.facts.tree.bytes(self.facts.tree.bare(id));
        match self.facts.tree.syntax(self.facts.tree.bare(id)) {
            Syntax::Text(text) if whole.range().len() == text.len() + 2 => {
                Bytes::new(whole.start as usize + 1, whole.end as usize - 1)
            }
            // `:name`
            Syntax::Text(text) if whole.range().len() == text.len() + 1 => {
                Bytes::new(whole.start as usize + 1, whole.end as usize)
            }
            _ => whole,
        }
    }

    /// The names of one thing, or of each in a list.
    pub(super) fn named(&self, id: NodeId) -> Vec<Named> {
        let value = self.value(id);
        if let Some(object) = self.object(value) {
            let name = self.entry(object, NAMES);
            return name.map_or_else(Vec::new, |name| self.plain(name, Some(object)));
        }
        match self.facts.tree.syntax(value) {
            Syntax::Array(items) => items.iter().flat_map(|item| self.named(*item)).collect(),
            Syntax::Call { args, .. } if self.method(value) == Some(COLUMN) => {
                args.first().map_or_else(Vec::new, |name| self.plain(*name, None))
            }
            _ => self.plain(id, None),
        }
    }

    fn plain(&self, id: NodeId, object: Option<NodeId>) -> Vec<Named> {
        let at = self.place(id);
        let named = |name| Named { at, name, object };
        self.texts(id).into_iter().map(named).collect()
    }

    /// The plain keys of an object and their values.
    pub(super) fn keys(&self, object: NodeId) -> Vec<(Named, NodeId)> {
        let Syntax::Object { entries, .. } = self.facts.tree.syntax(object) else {
            return Vec::new();
        };
        let key = |id: &NodeId| match self.facts.tree.syntax(*id) {
            Syntax::Entry {
                key: Key::Name(name, at),
                value,
            } => {
                let (at, name, object) = (*at, name.to_string(), self.object(*value));
                vec![(Named { at, name, object }, *value)]
            }
            Syntax::Spread(other) => self.object(*other).map_or_else(Vec::new, |other| self.keys(other)),
            _ => Vec::new(),
        };
        entries.iter().flat_map(key).collect()
    }

    /// The columns of a constraint.
    pub(super) fn fields(&self, object: NodeId) -> Vec<String> {
        self.entry(object, COLUMNS)
            .map_or_else(Vec::new, |list| self.list(list))
    }

    /// The values that the definition of a column allows.
    pub(super) fn values(&self, definition: NodeId) -> Vec<String> {
        let id = self.value(definition);
        match self.facts.tree.syntax(id) {
            Syntax::Array(_) => self.list(id),
            Syntax::Object { .. } | Syntax::New { .. } => self.object(id).map_or_else(Vec::new, |object| {
                let of = |names: &[&str]| self.entry(object, names);
                let listed = of(&["enum", "values"]).map(|list| self.list(list));
                let typed = || of(&["type"]).map(|ty| self.values(ty));
                let checked = || of(CHECKS).map(|check| self.checked(check));
                let found = listed.filter(|values| !values.is_empty()).or_else(typed);
                found
                    .filter(|values| !values.is_empty())
                    .or_else(checked)
                    .unwrap_or_default()
            }),
            // Sequelize: `DataTypes.ENUM("a", "b")`, `ENUM({ values: [...] })`.
            Syntax::Call { args, .. } if self.method(id).is_some_and(|name| name.eq_ignore_ascii_case("enum")) => args
                .iter()
                .flat_map(|arg| match self.texts(*arg) {
                    texts if texts.is_empty() => self.values(*arg),
                    texts => texts,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The values that a check's expression allows.
    pub(super) fn checked(&self, expression: NodeId) -> Vec<String> {
        let scripts = self.scripts(expression);
        scripts
            .iter()
            .flat_map(|script| grammar::checked(&script.text))
            .collect()
    }

    /// The last part of what is called.
    pub(super) fn method(&self, call: NodeId) -> Option<&'a str> {
        let (Syntax::Call { callee, .. } | Syntax::New { callee, .. }) = self.facts.tree.syntax(call) else {
            return None;
        };
        match self.facts.tree.syntax(*callee) {
            Syntax::Name => Some(self.facts.words(*callee)),
            Syntax::Member { property, .. } => Some(self.facts.slice(*property)),
            _ => None,
        }
    }

    /// The calls on what `call` yields (`.notNullable()`, `.checkIn([…])`), from the inside.
    pub(super) fn further(&self, call: NodeId) -> Vec<NodeId> {
        let tree = &self.facts.tree;
        let mut calls = Vec::new();
        let mut at = call;
        while let Some(member) = tree.node(at).parent {
            let Syntax::Member { object, .. } = tree.syntax(member) else {
                break;
            };
            let Some(next) = tree.node(member).parent.filter(|_| *object == at) else {
                break;
            };
            match tree.syntax(next) {
                Syntax::Call { callee, .. } if *callee == member => calls.push(next),
                _ => break,
            }
            at = next;
        }
        calls
    }

    /// The value of the named argument `name=…`.
    pub(super) fn keyword(&self, arg: NodeId, name: &str) -> Option<NodeId> {
        match self.facts.tree.syntax(arg) {
            Syntax::Attribute { name: at, value } if self.facts.slice(*at) == name => *value,
            _ => None,
        }
    }

    /// True for a named argument.
    pub(super) fn is_keyword(&self, arg: NodeId) -> bool {
        matches!(self.facts.tree.syntax(arg), Syntax::Attribute { .. })
    }

    /// The arguments of a call.
    pub(super) fn args(&self, call: NodeId) -> &'a [NodeId] {
        match self.facts.tree.syntax(call) {
            Syntax::Call { args, .. } | Syntax::New { args, .. } => args,
            _ => &[],
        }
    }
}
