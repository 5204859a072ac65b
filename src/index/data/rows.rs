//! Rows that SQL puts into a table of flags. Enters: SQL, the table, the column of the key. Leaves: what is inserted, updated and
//! deleted, in order, with places, and how many statements about the table were not understood.

use std::collections::BTreeMap;

use sqlparser::ast::{
    Assignment, AssignmentTarget, BinaryOperator, Delete, Expr, FromTable, Ident, Insert, ObjectName, SetExpr,
    Spanned as _, Statement as Sql, TableFactor, TableObject, TableWithJoins, Update, Value,
};

use crate::flag::FlagValue;
use crate::index::schema;
use crate::index::schema::place::{Here, Place};
use crate::index::schema::split::{self, Statement, TokenKind};
use crate::source::{FileId, Span};

/// A statement that may nest deeper is not parsed.
const NESTING_LIMIT: usize = 1000;

/// What is done with a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Insert,
    Update,
    Delete,
}

/// One row of the table.
pub(super) struct Row {
    /// What is done with it.
    pub(super) action: Action,
    /// The value of the key's column.
    pub(super) key: String,
    /// Where the key stands.
    pub(super) span: Span,
    /// The other columns, by name, with their places.
    pub(super) values: BTreeMap<String, (String, Span)>,
}

/// What was read.
#[derive(Default)]
pub(super) struct Rows {
    /// In the order of the text.
    pub(super) rows: Vec<Row>,
    /// Statements that name the table and were not understood.
    pub(super) lost: u32,
}

/// The rows of `table` in a text; names are compared without regard to case.
pub(super) fn read(text: &str, file: FileId, table: &str, key: &str) -> Rows {
    let mut rows = Rows::default();
    for statement in split::statements(text) {
        let verb = statement.tokens.first().map_or("", |token| &text[token.bytes.clone()]);
        let verb = verb.to_ascii_uppercase();
        if !matches!(verb.as_str(), "INSERT" | "REPLACE" | "UPDATE" | "DELETE") || !names(text, &statement, table) {
            continue;
        }
        let range = statement.bytes();
        let sql = (statement.nesting <= NESTING_LIMIT)
            .then(|| schema::parse(&text[range.clone()]))
            .flatten();
        let place = Place::At {
            file,
            start: range.start,
        };
        let finder = Finder {
            here: Here::new(&text[range], place),
            table,
            key,
        };
        match sql.and_then(|sql| finder.rows(&sql)) {
            Some(found) => rows.rows.extend(found),
            None => rows.lost += 1,
        }
    }
    rows
}

/// What a column's text says: also `t` and `f`.
pub(super) fn state(text: &str) -> FlagValue {
    match text {
        "t" | "T" => FlagValue::On,
        "f" | "F" => FlagValue::Off,
        other => FlagValue::parse(other),
    }
}

/// True if one of the first names of the statement is the table's.
fn names(text: &str, statement: &Statement, table: &str) -> bool {
    statement.tokens.iter().take(12).any(|token| {
        let words = &text[token.bytes.clone()];
        matches!(token.kind, TokenKind::Word | TokenKind::Quoted)
            && words.trim_matches(['"', '`']).eq_ignore_ascii_case(table)
    })
}

struct Finder<'a> {
    here: Here<'a>,
    table: &'a str,
    key: &'a str,
}

impl Finder<'_> {
    /// The rows of a statement; none at all if it is about another table, `None` if it cannot be told.
    fn rows(&self, sql: &Sql) -> Option<Vec<Row>> {
        match sql {
            Sql::Insert(insert) => self.inserted(insert),
            Sql::Update(update) => self.updated(update),
            Sql::Delete(delete) => self.deleted(delete),
            _ => None,
        }
    }

    fn is_table(&self, name: &ObjectName) -> bool {
        last(name).is_some_and(|ident| ident.value.eq_ignore_ascii_case(self.table))
    }

    fn is_joined(&self, table: &TableWithJoins) -> bool {
        matches!(&table.relation, TableFactor::Table { name, .. } if self.is_table(name))
    }

    fn inserted(&self, insert: &Insert) -> Option<Vec<Row>> {
        let TableObject::TableName(name) = &insert.table else {
            return None;
        };
        if !self.is_table(name) {
            return Some(Vec::new());
        }
        let columns: Vec<&str> = insert
            .columns
            .iter()
            .filter_map(last)
            .map(|ident| ident.value.as_str())
            .collect();
        let source = insert.source.as_ref()?;
        let rows: Vec<Vec<&Expr>> = match &*source.body {
            SetExpr::Values(values) => values.rows.iter().map(|row| row.content.iter().collect()).collect(),
            SetExpr::Select(select) if select.from.is_empty() => {
                let items = select.projection.iter().map(|item| match item {
                    sqlparser::ast::SelectItem::UnnamedExpr(expr) => Some(expr),
                    sqlparser::ast::SelectItem::ExprWithAlias { expr, .. } => Some(expr),
                    _ => None,
                });
                vec![items.collect::<Option<_>>()?]
            }
            _ => return None,
        };
        rows.into_iter().map(|row| self.inserted_row(&columns, &row)).collect()
    }

    fn inserted_row(&self, columns: &[&str], row: &[&Expr]) -> Option<Row> {
        let mut values = BTreeMap::new();
        let mut key = None;
        for (column, expr) in columns.iter().zip(row) {
            let Some(value) = self.literal(expr) else {
                continue;
            };
            if column.eq_ignore_ascii_case(self.key) {
                key = Some(value);
            } else {
                values.insert((*column).to_owned(), value);
            }
        }
        let (key, span) = key?;
        Some(Row {
            action: Action::Insert,
            key,
            span,
            values,
        })
    }

    fn updated(&self, update: &Update) -> Option<Vec<Row>> {
        if !self.is_joined(&update.table) {
            return Some(Vec::new());
        }
        let values: BTreeMap<String, (String, Span)> =
            update.assignments.iter().filter_map(|set| self.set(set)).collect();
        let row = |(key, span)| Row {
            action: Action::Update,
            key,
            span,
            values: values.clone(),
        };
        Some(
            self.selected(update.selection.as_ref()?)?
                .into_iter()
                .map(row)
                .collect(),
        )
    }

    fn set(&self, assignment: &Assignment) -> Option<(String, (String, Span))> {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return None;
        };
        Some((last(name)?.value.clone(), self.literal(&assignment.value)?))
    }

    fn deleted(&self, delete: &Delete) -> Option<Vec<Row>> {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        if !from.iter().any(|table| self.is_joined(table)) {
            return Some(Vec::new());
        }
        let row = |(key, span)| Row {
            action: Action::Delete,
            key,
            span,
            values: BTreeMap::new(),
        };
        Some(
            self.selected(delete.selection.as_ref()?)?
                .into_iter()
                .map(row)
                .collect(),
        )
    }

    /// The keys that `WHERE key = 'a'` or `key IN ('a', 'b')` selects.
    fn selected(&self, selection: &Expr) -> Option<Vec<(String, Span)>> {
        match selection {
            Expr::Nested(inner) => self.selected(inner),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq,
                right,
            } if self.is_key(left) => Some(vec![self.literal(right)?]),
            Expr::InList {
                expr,
                list,
                negated: false,
            } if self.is_key(expr) => list.iter().map(|value| self.literal(value)).collect(),
            _ => None,
        }
    }

    fn is_key(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Identifier(ident) => ident.value.eq_ignore_ascii_case(self.key),
            Expr::CompoundIdentifier(parts) => parts
                .last()
                .is_some_and(|ident| ident.value.eq_ignore_ascii_case(self.key)),
            _ => false,
        }
    }

    fn literal(&self, expr: &Expr) -> Option<(String, Span)> {
        let value = match expr {
            Expr::Value(value) => value,
            Expr::Cast { expr, .. } => match &**expr {
                Expr::Value(value) => value,
                _ => return None,
            },
            _ => return None,
        };
        let text = match &value.value {
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) | Value::DoubleQuotedString(text) => {
                text.clone()
            }
            Value::Boolean(value) => value.to_string(),
            Value::Number(number, _) => number.clone(),
            _ => return None,
        };
        Some((text, self.here.between(value.span())))
    }
}

fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}
