//! Flags in tables. Enters: the head and a row of a table. Leaves: the [`Statement`] that the row makes where the head has a column of
//! flags and one of defaults.

use std::ops::Range;

use crate::flag::{FlagKey, FlagValue};
use crate::prd::markdown::Block;
use crate::prd::prose::{tokens_of, words};
use crate::prd::{Claim, Statement, shape};
use crate::source::FileId;

/// How the cells of a row are parted, and those of a table of two columns.
const BORDERS: [&str; 2] = [" | ", ": "];

/// "| Flag | Default |" over "| `x` | off |": the document ships `x`.
pub(super) fn introduced(head: &Block, row: &Block, file: FileId) -> Option<Statement> {
    let border = BORDERS.into_iter().find(|border| head.flow.text.contains(border))?;
    let names = cells(&head.flow.text, border);
    let column = |is: fn(&str) -> bool| names.iter().position(|cell| is(&head.flow.text[cell.clone()]));
    let (flag, default) = (column(names_flags)?, column(names_defaults)?);
    let cells = cells(&row.flow.text, border);
    let (name, value) = (cells.get(flag)?.clone(), cells.get(default)?.clone());
    let key = &row.flow.text[name.clone()];
    let first = row.flow.text[value.clone()].split_whitespace().next()?;
    let default = FlagValue::parse(first.trim_matches(|c: char| !c.is_alphanumeric()));
    let fits = shape::is_flag_key(key) && key.contains(['_', '-', '.']) && default != FlagValue::Unknown;
    fits.then(|| Statement {
        claim: Claim::Introduces {
            key: Some(FlagKey::new(key)),
            phrase: key.to_owned(),
            default,
            flips: None,
        },
        declared: false,
        scene: false,
        span: row
            .flow
            .bytes_with_ticks(name.start.min(value.start)..name.end.max(value.end))
            .in_file(file),
        sentence: row.flow.text.clone(),
    })
}

/// The cells of a row, without the white space around them.
fn cells(text: &str, border: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let cell = |cell: &str| {
        let start = at + (cell.len() - cell.trim_start().len());
        at += cell.len() + border.len();
        start..start + cell.trim().len()
    };
    text.split(border).map(cell).collect()
}

fn names_flags(cell: &str) -> bool {
    let tokens = tokens_of(cell);
    let length = words().class("flagword").at(&tokens);
    let rest = tokens.get(length..).unwrap_or_default();
    length > 0 && rest.iter().all(|token| matches!(&*token.stem, "name" | "key"))
}

fn names_defaults(cell: &str) -> bool {
    let first = tokens_of(cell).into_iter().next();
    first.is_some_and(|first| matches!(&*first.stem, "default" | "initi"))
}
