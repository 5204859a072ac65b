//! SQL migrations. Enters: SQL, and where it stands. Leaves: what each statement does to tables, columns, constraints and enums, and how
//! many statements were not understood. Each statement is parsed alone, in the first dialect that accepts it.

use sqlparser::ast::{
    AlterColumnOperation, AlterIndexOperation, AlterTable, AlterTableOperation, AlterType, AlterTypeOperation,
    ColumnDef, ColumnOption, CreateIndex, CreateTable, Ident, ObjectName, ObjectType, RenameTableNameKind,
    Statement as Sql, TableConstraint, UserDefinedTypeRepresentation,
};

use super::constants::HOLE;
use super::grammar::{NESTING_LIMIT, enumerated, last, parse, plain, type_of};
use super::place::{Here, Place};
use super::split::{self, Statement, Token, TokenKind};
use super::subject::{Subject, SubjectKind, Words};
use super::values;
use crate::index::{SchemaAction, SchemaChange, SchemaObject};

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reading {
    /// In the order of the statements.
    pub(super) changes: Vec<SchemaChange>,
    /// Statements about the schema that were not understood.
    pub(super) lost: u32,
}

impl Reading {
    /// Reads every statement of `text`.
    pub(super) fn read(&mut self, text: &str, place: &Place) {
        for statement in split::statements(text) {
            self.statement(text, &statement, place);
        }
    }

    fn statement(&mut self, text: &str, statement: &Statement, place: &Place) {
        let words = Words::new(text, &statement.tokens);
        if words.first("DO") {
            for token in statement.tokens.iter().filter(|token| token.kind == TokenKind::Dollar) {
                let inside = split::between_tags(text, token);
                self.block(&text[inside.clone()], &place.inside(inside.start));
            }
            return;
        }
        let Some(subject) = words.subject() else {
            return;
        };
        let range = statement.bytes();
        let parsed = (statement.nesting <= NESTING_LIMIT)
            .then(|| parse(&text[range.clone()]))
            .flatten();
        let at = Here::new(&text[range.clone()], place.inside(range.start));
        match parsed {
            Some(sql) => self.understood(&sql, &at),
            // Who drops an index needs to say no more than its name.
            None if subject.kind == SubjectKind::Index && subject.action == SchemaAction::Drop => {
                self.not_understood(&subject, &words, text, place);
            }
            None => {
                self.lost += 1;
                self.not_understood(&subject, &words, text, place);
            }
        }
    }

    /// The body of `DO $$ … $$`: its statements stand between `BEGIN`, `IF … THEN` and `END`.
    fn block(&mut self, body: &str, place: &Place) {
        for statement in split::statements(body) {
            let begins = |token: &Token| {
                let word = &body[token.bytes.clone()];
                token.kind == TokenKind::Word
                    && ["CREATE", "ALTER", "DROP"]
                        .iter()
                        .any(|verb| verb.eq_ignore_ascii_case(word))
            };
            if let Some(first) = statement.tokens.iter().position(begins) {
                let tokens = statement.tokens[first..].to_vec();
                let rest = Statement {
                    tokens,
                    nesting: statement.nesting,
                };
                self.statement(body, &rest, place);
            }
        }
    }

    /// All that is known of a statement that does not parse: the table or type that it names, and the columns that it alters.
    fn not_understood(&mut self, subject: &Subject, words: &Words<'_>, text: &str, place: &Place) {
        let plain = |token: &Token| match (token.kind, &text[token.bytes.clone()]) {
            (TokenKind::Quoted, words) => words.trim_matches(['"', '`']).to_owned(),
            (_, words) => words.to_lowercase(),
        };
        let Some(token) = &subject.name else {
            return;
        };
        let name = plain(token);
        let mut found = Vec::new();
        match subject.kind {
            SubjectKind::Table if subject.action == SchemaAction::Alter => {
                let column = |(token, action): (Token, _)| {
                    let object = SchemaObject::Column(name.clone(), plain(&token));
                    (token, object, action)
                };
                found.extend(words.columns().into_iter().map(column));
                if found.is_empty() {
                    found.push((token.clone(), SchemaObject::Table(name), subject.action));
                }
            }
            SubjectKind::Table => found.push((token.clone(), SchemaObject::Table(name), subject.action)),
            SubjectKind::Type => found.push((token.clone(), SchemaObject::Enum(name), subject.action)),
            SubjectKind::Index if subject.action == SchemaAction::Drop => {
                found.push((token.clone(), SchemaObject::Constraint(None, name), subject.action));
            }
            SubjectKind::Index => {}
        }
        found.retain(|(_, object, _)| !object.name().contains(HOLE));
        for (token, object, action) in found {
            self.changes.push(SchemaChange {
                object,
                action,
                values: Vec::new(),
                about: None,
                span: place.span(token.bytes),
            });
        }
    }

    fn push(&mut self, at: &Here<'_>, name: &Ident, object: SchemaObject, action: SchemaAction) {
        self.push_values(at, name, object, action, Vec::new());
    }

    fn push_values(
        &mut self,
        at: &Here<'_>,
        name: &Ident,
        object: SchemaObject,
        action: SchemaAction,
        values: Vec<String>,
    ) {
        self.push_about(at, name, object, action, (values, None));
    }

    fn push_about(
        &mut self,
        at: &Here<'_>,
        name: &Ident,
        object: SchemaObject,
        action: SchemaAction,
        (values, about): (Vec<String>, Option<SchemaObject>),
    ) {
        let known = |name: &str| !name.contains(HOLE);
        if !known(&object.name()) {
            self.lost += 1;
            return;
        }
        self.changes.push(SchemaChange {
            object,
            action,
            values: values.into_iter().filter(|value| known(value)).collect(),
            about,
            span: at.span(name),
        });
    }

    fn understood(&mut self, sql: &Sql, at: &Here<'_>) {
        match sql {
            Sql::CreateTable(create) => self.create_table(create, at),
            Sql::AlterTable(alter) => self.alter_table(alter, at),
            Sql::CreateIndex(create) => self.create_index(create, at),
            Sql::AlterIndex {
                name,
                operation: AlterIndexOperation::RenameIndex { index_name },
            } => {
                self.named(
                    at,
                    name,
                    |name| SchemaObject::Constraint(None, name),
                    SchemaAction::Alter,
                );
                self.named(
                    at,
                    index_name,
                    |name| SchemaObject::Constraint(None, name),
                    SchemaAction::Create,
                );
            }
            Sql::CreateType {
                name,
                representation: Some(UserDefinedTypeRepresentation::Enum { labels }),
            } => {
                if let Some(ident) = last(name) {
                    let labels = labels.iter().map(|label| label.value.clone()).collect();
                    self.push_values(
                        at,
                        ident,
                        SchemaObject::Enum(plain(ident)),
                        SchemaAction::Create,
                        labels,
                    );
                }
            }
            Sql::AlterType(alter) => self.alter_type(alter, at),
            Sql::Drop { object_type, names, .. } => {
                let make: fn(String) -> SchemaObject = match object_type {
                    ObjectType::Table => SchemaObject::Table,
                    ObjectType::Type => SchemaObject::Enum,
                    ObjectType::Index => |name| SchemaObject::Constraint(None, name),
                    _ => return,
                };
                for name in names {
                    self.named(at, name, make, SchemaAction::Drop);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, at: &Here<'_>, name: &ObjectName, make: impl Fn(String) -> SchemaObject, action: SchemaAction) {
        if let Some(ident) = last(name) {
            self.push(at, ident, make(plain(ident)), action);
        }
    }

    fn create_table(&mut self, create: &CreateTable, at: &Here<'_>) {
        let Some(ident) = last(&create.name) else {
            return;
        };
        let table = plain(ident);
        self.push(at, ident, SchemaObject::Table(table.clone()), SchemaAction::Create);
        for column in &create.columns {
            self.column(&table, column, at);
        }
        for constraint in &create.constraints {
            self.constraint(&table, ident, constraint, at);
        }
    }

    fn column(&mut self, table: &str, column: &ColumnDef, at: &Here<'_>) {
        let name = plain(&column.name);
        let object = SchemaObject::Column(table.into(), name.clone());
        let mut allowed = enumerated(&column.data_type);
        let mut constraints = Vec::new();
        for option in &column.options {
            let ColumnOption::Check(check) = &option.option else {
                continue;
            };
            let values = values::allowed(&check.expr).map_or_else(Vec::new, |(_, values)| values);
            allowed.extend(values.iter().cloned());
            let named = option.name.as_ref().or(check.name.as_ref());
            // PostgreSQL names a check like this, and later migrations drop it by that name.
            let constraint = named.map_or_else(|| format!("{table}_{name}_check"), plain);
            constraints.push((named.unwrap_or(&column.name), constraint, values));
        }
        let of_type = (allowed, type_of(&column.data_type));
        self.push_about(at, &column.name, object.clone(), SchemaAction::Create, of_type);
        for (ident, name, values) in constraints {
            let constraint = SchemaObject::Constraint(Some(table.into()), name);
            self.push_about(
                at,
                ident,
                constraint,
                SchemaAction::Create,
                (values, Some(object.clone())),
            );
        }
    }

    /// A constraint of a table; one without a name has the name that PostgreSQL gives it, as far as that is certain.
    fn constraint(&mut self, table: &str, of: &Ident, constraint: &TableConstraint, at: &Here<'_>) {
        let mut about = None;
        let (ident, fallback, values) = match constraint {
            TableConstraint::Check(check) => {
                let (column, values) = values::allowed(&check.expr).unwrap_or_default();
                let fallback = (!column.is_empty()).then(|| format!("{table}_{column}_check"));
                about = (!column.is_empty()).then(|| SchemaObject::Column(table.into(), column));
                (check.name.as_ref(), fallback, values)
            }
            TableConstraint::Unique(unique) => (unique.name.as_ref().or(unique.index_name.as_ref()), None, Vec::new()),
            TableConstraint::ForeignKey(key) => {
                let fallback = match key.columns.as_slice() {
                    [column] => Some(format!("{table}_{}_fkey", plain(column))),
                    _ => None,
                };
                (key.name.as_ref(), fallback, Vec::new())
            }
            TableConstraint::PrimaryKey(key) => (key.name.as_ref(), Some(format!("{table}_pkey")), Vec::new()),
            TableConstraint::Index(index) => (index.name.as_ref(), None, Vec::new()),
            TableConstraint::FulltextOrSpatial(index) => (index.opt_index_name.as_ref(), None, Vec::new()),
            TableConstraint::PrimaryKeyUsingIndex(using) | TableConstraint::UniqueUsingIndex(using) => {
                (using.name.as_ref(), None, Vec::new())
            }
            TableConstraint::Exclude(exclude) => (exclude.name.as_ref(), None, Vec::new()),
        };
        if let Some(name) = ident.map(plain).or(fallback) {
            let object = SchemaObject::Constraint(Some(table.into()), name);
            self.push_about(at, ident.unwrap_or(of), object, SchemaAction::Create, (values, about));
        }
    }

    fn create_index(&mut self, create: &CreateIndex, at: &Here<'_>) {
        let table = last(&create.table_name).map(plain);
        if let Some(name) = &create.name {
            self.named(
                at,
                name,
                |name| SchemaObject::Constraint(table.clone(), name),
                SchemaAction::Create,
            );
        }
    }

    fn alter_type(&mut self, alter: &AlterType, at: &Here<'_>) {
        let Some(ident) = last(&alter.name) else {
            return;
        };
        let values = match &alter.operation {
            AlterTypeOperation::AddValue(add) => vec![add.value.value.clone()],
            AlterTypeOperation::RenameValue(rename) => vec![rename.to.value.clone()],
            AlterTypeOperation::Rename(rename) => {
                let object = SchemaObject::Enum(plain(&rename.new_name));
                self.push(at, &rename.new_name, object, SchemaAction::Create);
                Vec::new()
            }
        };
        self.push_values(at, ident, SchemaObject::Enum(plain(ident)), SchemaAction::Alter, values);
    }

    fn alter_table(&mut self, alter: &AlterTable, at: &Here<'_>) {
        let Some(ident) = last(&alter.name) else {
            return;
        };
        let table = plain(ident);
        for operation in &alter.operations {
            if !self.operation(&table, ident, operation, at) {
                self.push(at, ident, SchemaObject::Table(table.clone()), SchemaAction::Alter);
            }
        }
    }

    /// One operation of `ALTER TABLE`; false if it concerns the table as such.
    fn operation(&mut self, table: &str, of: &Ident, operation: &AlterTableOperation, at: &Here<'_>) -> bool {
        use AlterTableOperation as Op;
        use SchemaAction::{Alter, Create, Drop};
        let column = |name: &Ident| SchemaObject::Column(table.into(), plain(name));
        let constraint = |name: &Ident| SchemaObject::Constraint(Some(table.into()), plain(name));
        match operation {
            Op::AddColumn { column_def, .. } => self.column(table, column_def, at),
            Op::DropColumn { column_names, .. } => {
                for name in column_names {
                    self.push(at, name, column(name), Drop);
                }
            }
            Op::RenameColumn {
                old_column_name: old,
                new_column_name: new,
            } => self.renamed(at, (old, column(old)), (new, column(new))),
            Op::ChangeColumn {
                old_name,
                new_name,
                data_type,
                ..
            } => {
                self.push_values(at, old_name, column(old_name), Alter, enumerated(data_type));
                if old_name != new_name {
                    self.push(at, new_name, column(new_name), Create);
                }
            }
            Op::ModifyColumn {
                col_name, data_type, ..
            } => self.push_values(at, col_name, column(col_name), Alter, enumerated(data_type)),
            Op::AlterColumn { column_name, op } => {
                let of_type = match op {
                    AlterColumnOperation::SetDataType { data_type, .. } => (enumerated(data_type), type_of(data_type)),
                    _ => (Vec::new(), None),
                };
                self.push_about(at, column_name, column(column_name), Alter, of_type);
            }
            Op::AddConstraint { constraint, .. } => {
                let before = self.changes.len();
                self.constraint(table, of, constraint, at);
                return self.changes.len() > before;
            }
            Op::DropConstraint { name, .. } | Op::DropForeignKey { name, .. } | Op::DropIndex { name } => {
                self.push(at, name, constraint(name), Drop);
            }
            Op::ValidateConstraint { name } => self.push(at, name, constraint(name), Alter),
            Op::RenameConstraint { old_name, new_name } => {
                self.renamed(at, (old_name, constraint(old_name)), (new_name, constraint(new_name)));
            }
            Op::RenameTable { table_name } => {
                let (RenameTableNameKind::As(new) | RenameTableNameKind::To(new)) = table_name;
                self.named(at, new, SchemaObject::Table, Create);
                return false;
            }
            _ => return false,
        }
        true
    }

    fn renamed(&mut self, at: &Here<'_>, old: (&Ident, SchemaObject), new: (&Ident, SchemaObject)) {
        self.push(at, old.0, old.1, SchemaAction::Alter);
        self.push(at, new.0, new.1, SchemaAction::Create);
    }
}
