//! What is asked of the SQL parser. Enters: the text of one statement, pieces of its tree. Leaves: the statement in the first dialect
//! that accepts it, names as databases compare them, the values of types and checks.

use sqlparser::ast::{
    AlterTableOperation, ArrayElemTypeDef, DataType, Ident, ObjectName, Statement as Sql, TableConstraint,
};
use sqlparser::dialect::{
    ClickHouseDialect, Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::parser::Parser;

use super::{split, values};
use crate::index::SchemaObject;

/// A statement that may nest deeper is not parsed: the parser and its tree recurse.
pub(super) const NESTING_LIMIT: usize = 1000;

/// The one statement that `text` is, in the first dialect that accepts it.
pub(in crate::index) fn parse(text: &str) -> Option<Sql> {
    let dialects: [&dyn Dialect; 6] = [
        &PostgreSqlDialect {},
        &MySqlDialect {},
        &SQLiteDialect {},
        &MsSqlDialect {},
        &GenericDialect {},
        &ClickHouseDialect {},
    ];
    dialects.into_iter().find_map(|dialect| {
        let mut statements = Parser::parse_sql(dialect, text).ok()?;
        (statements.len() == 1).then(|| statements.pop()).flatten()
    })
}

/// The values that the expression of a check allows.
pub(super) fn checked(expression: &str) -> Vec<String> {
    let text = format!("ALTER TABLE t ADD CHECK ({expression})");
    let shallow = split::statements(&text).iter().all(|one| one.nesting <= NESTING_LIMIT);
    let Some(Sql::AlterTable(alter)) = shallow.then(|| parse(&text)).flatten() else {
        return Vec::new();
    };
    match alter.operations.as_slice() {
        [
            AlterTableOperation::AddConstraint {
                constraint: TableConstraint::Check(check),
                ..
            },
        ] => values::allowed(&check.expr).map_or_else(Vec::new, |(_, values)| values),
        _ => Vec::new(),
    }
}

/// The last part of a name.
pub(super) fn last(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}

/// A name as databases compare it: unquoted ones are folded.
pub(super) fn plain(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

/// The type of a column that is none of the database's own: perhaps an enumerated one.
pub(super) fn type_of(data_type: &DataType) -> Option<SchemaObject> {
    match data_type {
        DataType::Custom(name, _) => last(name).map(|ident| SchemaObject::Enum(plain(ident))),
        DataType::Array(ArrayElemTypeDef::SquareBracket(inner, _)) => type_of(inner),
        _ => None,
    }
}

/// The values of MySQL's `ENUM('a', 'b')`.
pub(super) fn enumerated(data_type: &DataType) -> Vec<String> {
    use sqlparser::ast::EnumMember;
    let DataType::Enum(members, _) = data_type else {
        return Vec::new();
    };
    let member = |member: &EnumMember| match member {
        EnumMember::Name(name) | EnumMember::NamedValue(name, _) => name.clone(),
    };
    members.iter().map(member).collect()
}
