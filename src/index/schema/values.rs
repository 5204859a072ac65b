//! The values that a check constraint allows. Enters: its expression. Leaves: the column that it is about and its values, where it is
//! about one column's values and nothing else.

use sqlparser::ast::{BinaryOperator, Expr, Value};

/// How far into an expression to look; what is deeper is not a list of values.
const DEPTH: usize = 64;

/// The column and the values of `column IN ('a', 'b')`, `column = ANY (ARRAY['a', 'b'])`, `column = 'a' OR column = 'b'`.
pub(super) fn allowed(expr: &Expr) -> Option<(String, Vec<String>)> {
    let mut values = Vec::new();
    let column = collect(expr, &mut values, DEPTH)?;
    Some((column, values))
}

fn collect(expr: &Expr, values: &mut Vec<String>, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Nested(inner) => collect(inner, values, depth),
        Expr::InList {
            expr,
            list,
            negated: false,
        } => {
            for value in list {
                values.push(text(value, depth)?);
            }
            column(expr, depth)
        }
        Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } => {
            for value in array(right, depth)? {
                values.push(text(value, depth)?);
            }
            column(left, depth)
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => {
            values.push(text(right, depth)?);
            column(left, depth)
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => {
            let (first, second) = (collect(left, values, depth)?, collect(right, values, depth)?);
            (first == second).then_some(first)
        }
        _ => None,
    }
}

fn column(expr: &Expr, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Nested(inner) => column(inner, depth),
        Expr::Cast { expr, .. } => column(expr, depth),
        Expr::Identifier(ident) => Some(match ident.quote_style {
            Some(_) => ident.value.clone(),
            None => ident.value.to_lowercase(),
        }),
        _ => None,
    }
}

fn array(expr: &Expr, depth: usize) -> Option<&[Expr]> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Nested(inner) => array(inner, depth),
        Expr::Cast { expr, .. } => array(expr, depth),
        Expr::Array(array) => Some(&array.elem),
        _ => None,
    }
}

fn text(expr: &Expr, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Nested(inner) => text(inner, depth),
        Expr::Cast { expr, .. } => text(expr, depth),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
