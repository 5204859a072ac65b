//! TypeORM's entities. Enters: the tree of a file, and the decorators that count. Leaves: its classes as tables, their members as columns
//! with the values that their enums allow, indexes and constraints that have names.

use super::columns::Named;
use super::constants::Constants;
use super::tools::Words;
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

/// What the entities of one file say the database has.
pub(super) fn entities(facts: &FileFacts, words: &Words) -> (Vec<SchemaChange>, u32) {
    let mut entities = Entities {
        constants: &Constants::new(facts),
        words,
        changes: Vec::new(),
    };
    for id in facts.tree.ids() {
        entities.class(id);
    }
    (entities.changes, 0)
}

struct Entities<'a> {
    constants: &'a Constants<'a>,
    words: &'a Words,
    changes: Vec<SchemaChange>,
}

impl Entities<'_> {
    fn class(&mut self, id: NodeId) {
        let facts = self.constants.facts;
        let Syntax::Class {
            name: Some((class, at)),
            extends,
            members,
            decorators,
        } = facts.tree.syntax(id)
        else {
            return;
        };
        let Some(entity) = self.decorated(decorators, &self.words.tables).next() else {
            return;
        };
        let given = self.constants.args(entity).first();
        let given = given.and_then(|arg| self.constants.named(*arg).pop());
        // One of several classes in one table: the table is that of the class that it extends.
        let parent = extends
            .first()
            .filter(|_| self.constants.method(entity) == Some("ChildEntity"));
        let table = match parent {
            Some(parent) => snake_case(facts.words(*parent)),
            None => {
                let table = given.unwrap_or_else(|| Named {
                    at: *at,
                    name: snake_case(class),
                    object: None,
                });
                self.push(table.at, SchemaObject::Table(table.name.clone()), Vec::new());
                table.name
            }
        };
        self.constraints(&table, decorators);
        for member in members {
            self.member(&table, *member);
        }
    }

    fn member(&mut self, table: &str, id: NodeId) {
        let Syntax::Field {
            key: Key::Name(field, at),
            decorators,
            ..
        } = self.constants.facts.tree.syntax(id)
        else {
            return;
        };
        self.constraints(table, decorators);
        for column in self.decorated(decorators, &self.words.columns) {
            let args = self.constants.args(column);
            let objects: Vec<NodeId> = args.iter().filter_map(|arg| self.constants.object(*arg)).collect();
            let of = |names: &[&str]| objects.iter().find_map(|object| self.constants.entry(*object, names));
            let name = of(&["name"]).and_then(|name| self.constants.named(name).pop());
            // Without a name a `JoinColumn` is called as the key that it refers to: nothing is written.
            if name.is_none() && self.constants.method(column) == Some("JoinColumn") {
                continue;
            }
            let name = name.unwrap_or_else(|| Named {
                at: *at,
                name: field.to_string(),
                object: None,
            });
            let values = objects
                .first()
                .map_or_else(Vec::new, |object| self.constants.values(*object));
            let type_name = of(&["enumName"]).and_then(|name| self.constants.named(name).pop());
            let about = type_name.as_ref().map(|name| SchemaObject::Enum(name.name.clone()));
            if let Some(type_name) = type_name {
                self.push(type_name.at, SchemaObject::Enum(type_name.name), values.clone());
            }
            self.push(name.at, SchemaObject::Column(table.to_owned(), name.name), values);
            if let Some(column) = self.changes.last_mut() {
                column.about = about;
            }
        }
    }

    /// Indexes, unique sets and checks with names: `@Index("name", [...])`, `@Check("name", "expression")`.
    fn constraints(&mut self, table: &str, decorators: &[NodeId]) {
        for call in self.decorated(decorators, &self.words.constraints) {
            let args = self.constants.args(call);
            let is_check = self.constants.method(call) == Some("Check");
            // A check's only argument is its expression.
            let Some(first) = args.first().filter(|_| !is_check || args.len() > 1) else {
                continue;
            };
            let is_list = matches!(
                self.constants.facts.tree.syntax(self.constants.value(*first)),
                Syntax::Array(_) | Syntax::Function(_)
            );
            let name = args
                .iter()
                .skip(usize::from(is_list))
                .find_map(|arg| self.constants.named(*arg).pop());
            let values = args.get(1).filter(|_| is_check);
            let values = values.map_or_else(Vec::new, |expression| self.constants.checked(*expression));
            if let Some(name) = name {
                self.push(
                    name.at,
                    SchemaObject::Constraint(Some(table.to_owned()), name.name),
                    values,
                );
            }
        }
    }

    /// The calls of those decorators that have one of these names.
    fn decorated(&self, decorators: &[NodeId], names: &[String]) -> impl Iterator<Item = NodeId> + use<> {
        let call = |id: &NodeId| match self.constants.facts.tree.syntax(*id) {
            Syntax::Decorator(call) => Some(*call),
            _ => None,
        };
        let is_named = |call: &NodeId| {
            let method = self.constants.method(*call);
            method.is_some_and(|method| names.iter().any(|name| name == method))
        };
        let calls: Vec<NodeId> = decorators.iter().filter_map(call).filter(is_named).collect();
        calls.into_iter()
    }

    fn push(&mut self, at: Bytes, object: SchemaObject, values: Vec<String>) {
        self.changes.push(SchemaChange {
            object,
            action: SchemaAction::Create,
            values,
            about: None,
            span: at.in_file(self.constants.facts.file),
        });
    }
}

/// `order_line` of `OrderLine`: what TypeORM calls a table by default.
fn snake_case(class: &str) -> String {
    let mut name = String::with_capacity(class.len() + 4);
    let mut before = None;
    for c in class.chars() {
        if c.is_uppercase() && before.is_some_and(|before: char| before.is_lowercase() || before.is_ascii_digit()) {
            name.push('_');
        }
        name.extend(c.to_lowercase());
        before = Some(c);
    }
    name
}
