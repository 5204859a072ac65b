//! Drizzle's tables. Enters: the tree of a file, and the functions that count. Leaves: tables with their columns and the values that these
//! allow, enumerated types, indexes and constraints that have names.

use super::constants::{Constants, HOLE};
use super::tools::Words;
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// What the tables of one file say the database has.
pub(super) fn tables(facts: &FileFacts, words: &Words) -> (Vec<SchemaChange>, u32) {
    let mut tables = Tables {
        constants: &Constants::new(facts),
        words,
        changes: Vec::new(),
        lost: 0,
    };
    for id in facts.tree.ids() {
        if matches!(facts.tree.syntax(id), Syntax::Call { .. }) {
            tables.call(id);
        }
    }
    tables.changes.sort_by_key(|change| change.span.bytes.start);
    (tables.changes, tables.lost)
}

struct Tables<'a> {
    constants: &'a Constants<'a>,
    words: &'a Words,
    changes: Vec<SchemaChange>,
    lost: u32,
}

impl Tables<'_> {
    fn call(&mut self, id: NodeId) {
        let is_one_of = |names: &[String], name: &str| names.iter().any(|one| one == name);
        let Some(method) = self.constants.method(id) else {
            return;
        };
        // `const createTable = pgTableCreator(name => `shop_${name}`)` makes a function that makes tables.
        let made_by = self.maker(id).unwrap_or(method);
        let args = self.constants.args(id);
        let function = |id: &NodeId| matches!(self.constants.facts.tree.syntax(*id), Syntax::Function(_));
        match args {
            [name, list, ..] if is_one_of(&self.words.enums, method) => {
                let values = self.constants.list(*list);
                for name in self.constants.named(*name) {
                    self.push(name.at, SchemaObject::Enum(name.name), values.clone());
                }
            }
            [name, columns, extra @ ..] if is_one_of(&self.words.tables, made_by) && !function(name) => {
                let Some(columns) = self.columns(*columns) else {
                    return;
                };
                let names = self.constants.named(*name);
                if names.is_empty() {
                    self.lost += 1;
                }
                for name in names {
                    self.push(name.at, SchemaObject::Table(name.name.clone()), Vec::new());
                    self.table(&name.name, columns, extra);
                }
            }
            _ => {}
        }
    }

    /// The function that made the function which `id` calls.
    fn maker(&self, id: NodeId) -> Option<&str> {
        let Syntax::Call { callee, .. } = self.constants.facts.tree.syntax(id) else {
            return None;
        };
        let made = self.constants.value(*callee);
        (made != *callee).then(|| self.constants.method(made)).flatten()
    }

    /// The object of columns: `{…}` or `t => ({…})`.
    fn columns(&self, id: NodeId) -> Option<NodeId> {
        self.constants.object(self.yielded(id))
    }

    /// What a function yields; a value that is none, itself.
    fn yielded(&self, id: NodeId) -> NodeId {
        let tree = &self.constants.facts.tree;
        let id = tree.bare(id);
        let Syntax::Function(function) = tree.syntax(id) else {
            return id;
        };
        let Some(body) = function.body else { return id };
        let of = |id: &NodeId| match tree.syntax(*id) {
            Syntax::Return(Some(value)) => Some(tree.bare(*value)),
            _ => None,
        };
        match tree.syntax(body) {
            Syntax::Block(statements) => statements.iter().rev().find_map(of).unwrap_or(body),
            _ => of(&body).unwrap_or(tree.bare(body)),
        }
    }

    fn table(&mut self, table: &str, columns: NodeId, extra: &[NodeId]) {
        let constants = self.constants;
        for (key, definition) in constants.keys(columns) {
            let Some(call) = self.innermost(definition) else {
                continue;
            };
            let args = constants.args(call);
            let first = args.first().map_or_else(Vec::new, |first| constants.named(*first));
            let named = first
                .into_iter()
                .next()
                .filter(|name| name.object.is_none() && !self.is_list(args));
            let about = self.enumerated(call);
            let values = args
                .iter()
                .map(|arg| constants.values(*arg))
                .find(|values| !values.is_empty());
            let column = named.unwrap_or(key);
            let object = SchemaObject::Column(table.to_owned(), column.name);
            self.push(column.at, object, values.unwrap_or_default());
            if let Some(column) = self.changes.last_mut() {
                column.about = about;
            }
        }
        let constraints = extra.iter().flat_map(|extra| {
            let below = constants.facts.tree.below(*extra).into_iter();
            below.filter(|id| matches!(constants.facts.tree.syntax(*id), Syntax::Call { .. }))
        });
        for call in constraints {
            self.constraint(table, call);
        }
    }

    /// The enumerated type of a column that is made by it: `status: statusEnum("status")`.
    fn enumerated(&self, column: NodeId) -> Option<SchemaObject> {
        let Syntax::Call { callee, .. } = self.constants.facts.tree.syntax(column) else {
            return None;
        };
        let made = self.constants.value(*callee);
        let method = self.constants.method(made)?;
        let is_enum = made != *callee && self.words.enums.iter().any(|one| one == method);
        let name = self.constants.args(made).first().filter(|_| is_enum)?;
        self.constants
            .named(*name)
            .pop()
            .map(|name| SchemaObject::Enum(name.name))
    }

    /// True if the first argument of a column lists its values: it has no name then.
    fn is_list(&self, args: &[NodeId]) -> bool {
        let first = args.first().map(|first| self.constants.value(*first));
        first.is_some_and(|first| matches!(self.constants.facts.tree.syntax(first), Syntax::Array(_)))
    }

    fn constraint(&mut self, table: &str, call: NodeId) {
        let constants = self.constants;
        let is_one = constants
            .method(call)
            .is_some_and(|method| self.words.constraints.iter().any(|one| one == method));
        let args = constants.args(call);
        let Some(first) = args.first().filter(|_| is_one) else {
            return;
        };
        let values = args
            .get(1)
            .map_or_else(Vec::new, |expression| constants.checked(*expression));
        for name in constants.named(*first) {
            let object = SchemaObject::Constraint(Some(table.to_owned()), name.name);
            self.push(name.at, object, values.clone());
        }
    }

    /// The call in `text("status").notNull()` that makes the column.
    fn innermost(&self, definition: NodeId) -> Option<NodeId> {
        let mut call = None;
        let mut at = self.constants.facts.tree.bare(definition);
        while matches!(self.constants.facts.tree.syntax(at), Syntax::Call { .. }) {
            call = Some(at);
            match self.constants.receiver(at) {
                Some((receiver, _)) => at = receiver,
                None => break,
            }
        }
        call
    }

    fn push(&mut self, at: Bytes, object: SchemaObject, values: Vec<String>) {
        if object.name().contains(HOLE) {
            self.lost += 1;
            return;
        }
        self.changes.push(SchemaChange {
            object,
            action: SchemaAction::Create,
            values,
            about: None,
            span: at.in_file(self.constants.facts.file),
        });
    }
}
