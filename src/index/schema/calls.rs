//! Calls of schema builders. Enters: calls, one after the other, and what the names of methods mean. Leaves: what they do to the
//! database. A builder that is handed to a function (`createTable("t", table => …)`) is known there by the function's parameter; in a
//! chain (`alterTable("t").addColumn("c")`) the table is the chain's.

mod members;

use std::collections::{HashMap, HashSet};

use super::columns::Named;
use super::constants::{Constants, HOLE};
use super::sql;
use super::tools::{CallForm, Does, First, Of, Words};
use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// What the calls of one file do.
pub(super) struct Calls<'a> {
    constants: &'a Constants<'a>,
    words: &'a Words,
    /// The functions that get a table's builder, with the tables.
    builders: HashMap<NodeId, Vec<String>>,
    /// The SQL that has been read.
    read: HashSet<NodeId>,
    changes: Vec<SchemaChange>,
    lost: u32,
}

/// The table that a call is about before its arguments say so.
struct Bound {
    tables: Vec<String>,
    /// By the parameter of a function, not by a chain.
    by_builder: bool,
}

impl<'a> Calls<'a> {
    pub(super) fn new(constants: &'a Constants<'a>, words: &'a Words) -> Self {
        Self {
            constants,
            words,
            builders: HashMap::new(),
            read: HashSet::new(),
            changes: Vec::new(),
            lost: 0,
        }
    }

    /// What was done, in the order of the text, and how many calls were not understood.
    pub(super) fn finish(mut self) -> (Vec<SchemaChange>, u32) {
        self.changes.sort_by_key(|change| change.span.bytes.start);
        (self.changes, self.lost)
    }

    /// Takes in one call; the calls around it come before.
    pub(super) fn call(&mut self, id: NodeId) {
        let Some(name) = self.constants.method(id) else {
            return;
        };
        let bound = self.bound(id);
        let by_builder = bound.as_ref().is_some_and(|bound| bound.by_builder);
        let Some(form) = self.words.call(name, by_builder) else {
            if by_builder && !self.words.settings.iter().any(|setting| setting == name) {
                self.lost += 1;
            }
            return;
        };
        let mut args = self.constants.args(id);
        let turned: Vec<NodeId>;
        if let (true, [name, table, rest @ ..]) = (form.name_first && bound.is_none(), args) {
            turned = [&[*table, *name], rest].concat();
            args = &turned;
        }
        match form.of {
            Of::Sql => self.sql(form, args),
            Of::Table => self.table(form, args),
            Of::Enum => self.enumerated(id, form, args),
            Of::Column | Of::Constraint => {
                let (tables, rest) = match (&bound, args) {
                    (Some(bound), _) => (bound.tables.clone(), args),
                    (None, [only]) if form.of == Of::Constraint => return self.lone(id, form, *only),
                    (None, [table, rest @ ..]) => (self.names(*table), rest),
                    (None, []) => return,
                };
                // A builder of an unknown table was counted where it was made.
                if tables.is_empty() && bound.is_none() {
                    self.lost += 1;
                }
                for table in tables {
                    match form.of {
                        Of::Column => self.column(id, form, &table, rest),
                        _ => self.constraint(id, form, &table, rest),
                    }
                }
            }
        }
    }

    fn bound(&self, id: NodeId) -> Option<Bound> {
        let (tree, constants) = (&self.constants.facts.tree, self.constants);
        let (mut object, _) = constants.receiver(id)?;
        if matches!(tree.syntax(object), Syntax::Name) {
            let name = constants.facts.words(object);
            if let Some(tables) = self.held(id, name) {
                return Some(Bound {
                    tables,
                    by_builder: true,
                });
            }
            let takes = |function: &NodeId| match tree.syntax(*function) {
                Syntax::Function(function) => {
                    let first = function.params.first();
                    first.is_some_and(|param| constants.facts.words(*param) == name)
                }
                _ => false,
            };
            let tables = self.builders.get(&tree.ancestors(id).find(takes)?)?.clone();
            return Some(Bound {
                tables,
                by_builder: true,
            });
        }
        // In a chain: the table of the nearest call that names one and hands its builder to nobody.
        loop {
            let form = constants.method(object).and_then(|name| self.words.call(name, false));
            let args = constants.args(object);
            let table = form.filter(|form| form.of == Of::Table && matches!(form.does, Does::Create | Does::Alter));
            if let (Some(_), [table]) = (table, args) {
                let tables = self.names(*table);
                return (!tables.is_empty()).then_some(Bound {
                    tables,
                    by_builder: false,
                });
            }
            (object, _) = constants.receiver(object)?;
        }
    }

    /// The tables of a builder that a block holds: `with op.batch_alter_table("t") as batch:`.
    fn held(&self, id: NodeId, name: &str) -> Option<Vec<String>> {
        let (tree, constants) = (&self.constants.facts.tree, self.constants);
        tree.ancestors(id).find_map(|ancestor| {
            let Syntax::With { held, .. } = tree.syntax(ancestor) else {
                return None;
            };
            let call = held.iter().find_map(|one| match tree.syntax(*one) {
                Syntax::Let {
                    pattern,
                    value: Some(value),
                    ..
                } => (constants.facts.words(*pattern) == name).then_some(*value),
                Syntax::Assign { target, value } => (constants.facts.words(*target) == name).then_some(*value),
                _ => None,
            })?;
            let form = constants.method(call).and_then(|called| self.words.call(called, false));
            form.filter(|form| form.of == Of::Table)?;
            constants.args(call).first().map(|table| self.names(*table))
        })
    }

    fn names(&self, id: NodeId) -> Vec<String> {
        self.constants.named(id).into_iter().map(|named| named.name).collect()
    }

    fn sql(&mut self, form: &CallForm, args: &[NodeId]) {
        let Some(&first) = args.first() else { return };
        let value = self.constants.value(first);
        if !self.read.insert(value) {
            return;
        }
        // A tagged template is a call that will be met by itself.
        if let [inner] = self.constants.args(value) {
            self.read.insert(self.constants.value(*inner));
        }
        let scripts = self.constants.scripts(first);
        if scripts.is_empty() && !form.loose && !matches!(self.constants.facts.tree.syntax(value), Syntax::Function(_))
        {
            self.lost += 1;
        }
        for script in scripts {
            let mut reading = sql::Reading::default();
            reading.read(&script.text, &script.place);
            self.changes.append(&mut reading.changes);
            self.lost += reading.lost;
        }
    }

    fn table(&mut self, form: &CallForm, args: &[NodeId]) {
        let tree = &self.constants.facts.tree;
        let Some((&first, rest)) = args.split_first() else {
            return;
        };
        let function = rest
            .iter()
            .map(|arg| tree.bare(*arg))
            .find(|arg| matches!(tree.syntax(*arg), Syntax::Function(_)));
        let tables = self.constants.named(first);
        self.lost += u32::from(tables.is_empty());
        for table in &tables {
            match form.does {
                Does::Alter => {}
                Does::Create => self.push(
                    table.at,
                    SchemaObject::Table(table.name.clone()),
                    SchemaAction::Create,
                    Vec::new(),
                ),
                Does::Drop => self.push(
                    table.at,
                    SchemaObject::Table(table.name.clone()),
                    SchemaAction::Drop,
                    Vec::new(),
                ),
                Does::Rename => {
                    self.push(
                        table.at,
                        SchemaObject::Table(table.name.clone()),
                        SchemaAction::Alter,
                        Vec::new(),
                    );
                    let new = rest.first().map_or_else(Vec::new, |new| self.constants.named(*new));
                    for new in new {
                        self.push(new.at, SchemaObject::Table(new.name), SchemaAction::Create, Vec::new());
                    }
                }
            }
            if form.does == Does::Create {
                let object = table.object.or_else(|| self.constants.object(*rest.first()?));
                self.members(&table.name, object);
                self.listed(&table.name, rest);
            }
        }
        if let Some(function) = function {
            let names = tables.into_iter().map(|table| table.name).collect();
            self.builders.insert(function, names);
        }
    }

    fn one_column(&mut self, table: &str, column: Named, action: SchemaAction, definitions: &[NodeId]) {
        let constants = self.constants;
        let all = || definitions.iter().copied().chain(column.object);
        let values = all().map(|one| constants.values(one)).find(|values| !values.is_empty());
        let values = values.unwrap_or_default();
        let type_name = all()
            .filter_map(|one| constants.object(one))
            .find_map(|object| constants.entry(object, &["enumName"]));
        let before = self.changes.len();
        for name in type_name.into_iter().flat_map(|name| constants.named(name)) {
            self.push(name.at, SchemaObject::Enum(name.name), action, values.clone());
        }
        let about = self.changes.get(before).map(|change| change.object.clone());
        self.push(
            column.at,
            SchemaObject::Column(table.to_owned(), column.name),
            action,
            values,
        );
        if let (Some(_), Some(column)) = (&about, self.changes.last_mut()) {
            column.about = about;
        }
    }

    fn column(&mut self, id: NodeId, form: &CallForm, table: &str, args: &[NodeId]) {
        let constants = self.constants;
        let further = constants.further(id);
        let altered = further.iter().any(|call| constants.method(*call) == Some("alter"));
        let action = match form.does {
            Does::Create if !altered => SchemaAction::Create,
            Does::Drop => SchemaAction::Drop,
            _ => SchemaAction::Alter,
        };
        let specs = if form.fixed { &[] } else { args };
        let (first, rest) = specs.split_at(if form.does == Does::Drop {
            specs.len()
        } else {
            specs.len().min(1)
        });
        let mut columns: Vec<Named> = first.iter().flat_map(|spec| constants.named(*spec)).collect();
        let object = first.first().and_then(|spec| constants.object(*spec));
        if let Some(object) = object.filter(|_| columns.is_empty()) {
            return self.keyed(table, object, action);
        }
        if columns.is_empty() {
            let at = constants.facts.tree.bytes(id);
            let made = form.columns.iter().cloned();
            columns.extend(made.map(|name| Named { at, name, object: None }));
        }
        self.lost += u32::from(columns.is_empty());
        let new = rest.first().map_or_else(Vec::new, |new| constants.named(*new));
        for column in columns {
            if form.does == Does::Rename {
                self.one_column(table, column, SchemaAction::Alter, &[]);
                for new in &new {
                    self.one_column(table, new.clone(), SchemaAction::Create, &[]);
                }
                continue;
            }
            let listed = further
                .iter()
                .filter(|call| constants.method(**call) == Some("checkIn"));
            let mut definitions = rest.to_vec();
            definitions.extend(listed.filter_map(|call| constants.args(*call).first()));
            self.constraints_of(table, &column, &further);
            let renamed = new.iter().find(|new| new.object.is_some() && new.name != column.name);
            if let (Does::Alter, Some(new)) = (form.does, renamed) {
                self.one_column(table, new.clone(), SchemaAction::Create, &[]);
            }
            self.one_column(table, column, action, &definitions);
        }
    }

    /// The constraints in `table.string("email").unique()`.
    fn constraints_of(&mut self, table: &str, column: &Named, further: &[NodeId]) {
        for call in further {
            let form = self
                .constants
                .method(*call)
                .and_then(|name| self.words.call(name, true));
            let Some(form) = form.filter(|form| form.bound && form.of == Of::Constraint) else {
                continue;
            };
            if let Some(name) = form
                .unnamed
                .as_deref()
                .map(|pattern| unnamed(pattern, table, &column.name))
            {
                let object = SchemaObject::Constraint(Some(table.to_owned()), name);
                self.push(column.at, object, SchemaAction::Create, Vec::new());
            }
        }
    }

    /// An index or constraint whose call says nothing but its name: `dropIndex("i")`, `createIndex("i").on("t")`.
    fn lone(&mut self, id: NodeId, form: &CallForm, arg: NodeId) {
        let further = self.constants.further(id);
        let on = further.iter().find(|call| self.constants.method(**call) == Some("on"));
        let table = on.and_then(|call| self.constants.args(*call).first());
        let table = table.and_then(|table| self.names(*table).pop());
        for name in self.constants.named(arg) {
            let object = SchemaObject::Constraint(table.clone(), name.name);
            self.push(name.at, object, action(form.does), Vec::new());
        }
    }

    fn constraint(&mut self, id: NodeId, form: &CallForm, table: &str, args: &[NodeId]) {
        let (constants, tree) = (self.constants, &self.constants.facts.tree);
        let mut names: Vec<Named> = Vec::new();
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for (place, arg) in args.iter().enumerate() {
            let value = constants.value(*arg);
            if let Some(name) = constants.keyword(*arg, "name") {
                names.extend(constants.named(name));
            } else if constants.is_keyword(*arg) {
                // `unique=True`
            } else if let Some(object) = constants.object(value) {
                names.extend(constants.named(value));
                columns.extend(constants.fields(object));
                values.extend(constants.values(object));
                let held = constants
                    .entry(object, &["where"])
                    .and_then(|held| constants.object(held));
                let held = held.map_or_else(Vec::new, |held| constants.keys(held));
                values.extend(held.iter().flat_map(|(_, list)| constants.list(*list)));
            } else if let Syntax::Array(items) = tree.syntax(value) {
                match items.iter().any(|item| constants.object(*item).is_some()) {
                    true => names.extend(constants.named(value)),
                    false if columns.is_empty() => columns = constants.list(value),
                    false => values.extend(constants.list(value)),
                }
            } else if form.first == First::Check && place == 0 {
                values.extend(constants.checked(*arg));
            } else if form.first == First::Columns && place == 0 {
                columns = constants.texts(*arg);
            } else if names.is_empty() {
                names = constants.named(*arg);
            } else {
                values.extend(constants.checked(*arg));
            }
        }
        if let (true, Some(pattern)) = (names.is_empty(), form.unnamed.as_deref()) {
            let at = tree.bytes(args.first().copied().unwrap_or(id));
            let name = unnamed(pattern, table, &columns.join("_"));
            names.push(Named { at, name, object: None });
        }
        if names.is_empty() {
            self.push(
                tree.bytes(id),
                SchemaObject::Table(table.to_owned()),
                SchemaAction::Alter,
                Vec::new(),
            );
        }
        for name in names {
            let object = SchemaObject::Constraint(Some(table.to_owned()), name.name);
            self.push(name.at, object, action(form.does), values.clone());
        }
    }

    fn enumerated(&mut self, id: NodeId, form: &CallForm, args: &[NodeId]) {
        let constants = self.constants;
        let Some((first, rest)) = args.split_first() else {
            return;
        };
        let names = constants.named(*first);
        self.lost += u32::from(names.is_empty());
        let listed = constants
            .further(id)
            .into_iter()
            .find(|call| constants.method(*call) == Some("asEnum"));
        let list = rest.first().or_else(|| constants.args(listed?).first());
        let values = list.map_or_else(Vec::new, |list| match constants.list(*list) {
            values if values.is_empty() => constants.texts(*list),
            values => values,
        });
        for name in names {
            self.push(
                name.at,
                SchemaObject::Enum(name.name),
                action(form.does),
                values.clone(),
            );
        }
    }

    fn push(&mut self, at: Bytes, object: SchemaObject, action: SchemaAction, values: Vec<String>) {
        if object.name().contains(HOLE) {
            self.lost += 1;
            return;
        }
        self.changes.push(SchemaChange {
            object,
            action,
            values,
            about: None,
            span: at.in_file(self.constants.facts.file),
        });
    }
}

fn action(does: Does) -> SchemaAction {
    match does {
        Does::Create => SchemaAction::Create,
        Does::Alter | Does::Rename => SchemaAction::Alter,
        Does::Drop => SchemaAction::Drop,
    }
}

/// The name that a tool gives to a constraint that is given none.
fn unnamed(pattern: &str, table: &str, columns: &str) -> String {
    pattern.replace("{table}", table).replace("{columns}", columns)
}
