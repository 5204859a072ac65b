//! What a table is made with. Enters: the arguments of the call that makes it. Leaves: its columns and constraints, as an object or as calls list
//! them.

use super::Calls;
use crate::index::schema::columns::COLUMN;
use crate::index::{SchemaAction, SchemaObject};
use crate::lang::tree::NodeId;

impl Calls<'_> {
    /// The columns and constraints of a table that an object lists.
    pub(super) fn members(&mut self, table: &str, object: Option<NodeId>) {
        let Some(object) = object else { return };
        let constants = self.constants;
        let inner = constants.entry(object, &["columns"]);
        match inner.map(|inner| (inner, constants.object(inner))) {
            // TypeORM: a list of columns, and lists of constraints beside it.
            Some((list, None)) => {
                for column in constants.named(list) {
                    self.one_column(table, column, SchemaAction::Create, &[]);
                }
                let lists = ["indices", "uniques", "checks", "foreignKeys", "exclusions"];
                for list in lists.iter().filter_map(|name| constants.entry(object, &[name])) {
                    for one in constants.named(list) {
                        let values = one.object.map_or_else(Vec::new, |object| constants.values(object));
                        let name = SchemaObject::Constraint(Some(table.to_owned()), one.name);
                        self.push(one.at, name, SchemaAction::Create, values);
                    }
                }
            }
            // db-migrate puts the columns one deeper than Sequelize.
            Some((_, Some(inner))) => self.keyed(table, inner, SchemaAction::Create),
            None => self.keyed(table, object, SchemaAction::Create),
        }
    }

    /// The columns and constraints of a table that calls in its arguments make: `create_table("t", Column("a", …), CheckConstraint("…"))`.
    pub(super) fn listed(&mut self, table: &str, args: &[NodeId]) {
        for arg in args {
            let value = self.constants.value(*arg);
            let Some(name) = self.constants.method(value) else {
                continue;
            };
            if name == COLUMN {
                let inner = self.constants.args(value);
                for column in self.constants.named(value) {
                    self.one_column(table, column, SchemaAction::Create, inner.get(1..).unwrap_or_default());
                }
            } else if name.ends_with("Constraint") {
                let inner = self.constants.args(value);
                let named = inner.iter().find_map(|arg| self.constants.keyword(*arg, "name"));
                let named = named.map_or_else(Vec::new, |name| self.constants.named(name));
                let values = inner
                    .first()
                    .map_or_else(Vec::new, |first| self.constants.checked(*first));
                for name in named {
                    let object = SchemaObject::Constraint(Some(table.to_owned()), name.name);
                    self.push(name.at, object, SchemaAction::Create, values.clone());
                }
            }
        }
    }

    pub(super) fn keyed(&mut self, table: &str, object: NodeId, action: SchemaAction) {
        for (column, definition) in self.constants.keys(object) {
            let named = self.constants.object(definition).and_then(|object| {
                let name = self.constants.entry(object, &["field"])?;
                self.constants.named(name).pop()
            });
            self.one_column(table, named.unwrap_or(column), action, &[definition]);
        }
    }
}
