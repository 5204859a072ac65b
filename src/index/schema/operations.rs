//! Django's migrations: a list of operations on models, told by named arguments. Enters: the tree of a migration, and what the operations
//! are called. Leaves: what they do, in the order of the text, and how many were not understood.
//!
//! A table is called as `db_table` says, else as the model in small letters: the app's name, which Django puts before it, is nothing that
//! documents say. Names of models in other operations are small letters already.

use super::columns::Named;
use super::constants::Constants;
use super::sql;
use super::tools::{CallForm, Does, Of, Words};
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// What the migration does.
pub(super) fn operations(facts: &FileFacts, words: &Words) -> (Vec<SchemaChange>, u32) {
    let constants = Constants::new(facts);
    let mut reading = Operations {
        constants: &constants,
        changes: Vec::new(),
        lost: 0,
    };
    for id in facts.tree.ids() {
        let form = constants.method(id).and_then(|name| words.call(name, false));
        if let Some(form) = form {
            reading.operation(id, form);
        }
    }
    reading.changes.sort_by_key(|change| change.span.bytes.start);
    (reading.changes, reading.lost)
}

struct Operations<'a> {
    constants: &'a Constants<'a>,
    changes: Vec<SchemaChange>,
    lost: u32,
}

impl Operations<'_> {
    fn operation(&mut self, id: NodeId, form: &CallForm) {
        if form.of == Of::Sql {
            return self.sql(id);
        }
        let Some(model) = self.named(id, &["model_name", "old_name", "name"], 0) else {
            self.lost += 1;
            return;
        };
        let table = model.name.to_lowercase();
        let action = match form.does {
            Does::Create => SchemaAction::Create,
            Does::Drop => SchemaAction::Drop,
            Does::Alter | Does::Rename => SchemaAction::Alter,
        };
        match form.of {
            Of::Table => self.table(id, form, &model, action),
            Of::Column => self.column(id, form, &table, action),
            _ => self.constraint(id, &table, action),
        }
    }

    fn sql(&mut self, id: NodeId) {
        let given = self
            .keyword(id, "sql")
            .or_else(|| self.constants.args(id).first().copied());
        for script in given.into_iter().flat_map(|given| self.constants.scripts(given)) {
            let mut reading = sql::Reading::default();
            reading.read(&script.text, &script.place);
            self.changes.append(&mut reading.changes);
            self.lost += reading.lost;
        }
    }

    fn table(&mut self, id: NodeId, form: &CallForm, model: &Named, action: SchemaAction) {
        let options = self
            .keyword(id, "options")
            .and_then(|options| self.constants.object(options));
        let told = options.and_then(|options| self.constants.entry(options, &["db_table"]));
        let told = told.and_then(|name| self.constants.named(name).pop());
        let table = told.map_or_else(|| model.name.to_lowercase(), |told| told.name);
        self.push(model.at, SchemaObject::Table(table.clone()), action, Vec::new());
        if form.does == Does::Rename
            && let Some(new) = self.named(id, &["new_name"], 1)
        {
            self.push(
                new.at,
                SchemaObject::Table(new.name.to_lowercase()),
                SchemaAction::Create,
                Vec::new(),
            );
        }
        let fields = self.keyword(id, "fields").map(|fields| self.constants.value(fields));
        let Some(Syntax::Array(fields)) = fields.map(|fields| self.constants.facts.tree.syntax(fields)) else {
            return;
        };
        for field in fields {
            // `("status", models.CharField(…))`
            let Syntax::Array(both) = self.constants.facts.tree.syntax(self.constants.value(*field)) else {
                continue;
            };
            let Some(name) = both.first().and_then(|name| self.constants.named(*name).pop()) else {
                continue;
            };
            let values = both.get(1).map_or_else(Vec::new, |field| self.choices(*field));
            self.push(name.at, SchemaObject::Column(table.clone(), name.name), action, values);
        }
    }

    fn column(&mut self, id: NodeId, form: &CallForm, table: &str, action: SchemaAction) {
        let Some(name) = self.named(id, &["old_name", "name"], 1) else {
            self.lost += 1;
            return;
        };
        let values = self
            .keyword(id, "field")
            .map_or_else(Vec::new, |field| self.choices(field));
        self.push(
            name.at,
            SchemaObject::Column(table.to_owned(), name.name),
            action,
            values,
        );
        if form.does == Does::Rename
            && let Some(new) = self.named(id, &["new_name"], 2)
        {
            let object = SchemaObject::Column(table.to_owned(), new.name);
            self.push(new.at, object, SchemaAction::Create, Vec::new());
        }
    }

    fn constraint(&mut self, id: NodeId, table: &str, action: SchemaAction) {
        let inner = self.keyword(id, "constraint").or_else(|| self.keyword(id, "index"));
        let inner = inner.map(|inner| self.constants.value(inner));
        let name = match inner {
            Some(inner) => self.named(inner, &["name"], usize::MAX),
            None => self.named(id, &["name"], 1),
        };
        let (at, object) = match name {
            Some(name) => (name.at, SchemaObject::Constraint(Some(table.to_owned()), name.name)),
            None => (
                self.constants.facts.tree.bytes(id),
                SchemaObject::Table(table.to_owned()),
            ),
        };
        let action = match object {
            SchemaObject::Table(_) => SchemaAction::Alter,
            _ => action,
        };
        self.push(at, object, action, Vec::new());
    }

    /// The values that a field allows: `choices=[("held", "Held"), …]`.
    fn choices(&self, field: NodeId) -> Vec<String> {
        let field = self.constants.value(field);
        let choices = self
            .keyword(field, "choices")
            .map(|choices| self.constants.value(choices));
        let Some(Syntax::Array(choices)) = choices.map(|choices| self.constants.facts.tree.syntax(choices)) else {
            return Vec::new();
        };
        let first = |choice: &NodeId| match self.constants.facts.tree.syntax(self.constants.value(*choice)) {
            Syntax::Array(both) => both.first().map_or_else(Vec::new, |value| self.constants.texts(*value)),
            _ => Vec::new(),
        };
        choices.iter().flat_map(first).collect()
    }

    /// The text of the first of these named arguments that is there, or of the argument at `place`.
    fn named(&self, id: NodeId, names: &[&str], place: usize) -> Option<Named> {
        let args = self.constants.args(id);
        let plain = || args.get(place).copied().filter(|arg| !self.constants.is_keyword(*arg));
        let value = names.iter().find_map(|name| self.keyword(id, name)).or_else(plain)?;
        self.constants.named(value).pop()
    }

    fn keyword(&self, id: NodeId, name: &str) -> Option<NodeId> {
        let mut args = self.constants.args(id).iter();
        args.find_map(|arg| self.constants.keyword(*arg, name))
    }

    fn push(&mut self, at: Bytes, object: SchemaObject, action: SchemaAction, values: Vec<String>) {
        self.changes.push(SchemaChange {
            object,
            action,
            values,
            about: None,
            span: at.in_file(self.constants.facts.file),
        });
    }
}
