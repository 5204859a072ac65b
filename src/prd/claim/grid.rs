//! Flags in tables. Enters: the head and a row of a table. Leaves: the [`Statement`] that the row makes where the head has a column of
//! flags and one of defaults, or one of states that are needed.

use std::ops::Range;

use super::{Document, listed};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::context::Context;
use crate::prd::markdown::Block;
use crate::prd::prose::{Token, tokens_of, words};
use crate::prd::{Claim, Flip, Statement, reference, shape};
use crate::source::FileId;

/// How the cells of a row are parted, and those of a table of two columns.
const BORDERS: [&str; 2] = [" | ", ": "];

/// How the cells of the row `head` are parted.
pub(super) fn border_of(head: &Block) -> Option<&'static str> {
    BORDERS.into_iter().find(|border| head.flow.text.contains(border))
}

/// "| Flag | Default |" over "| `x` | off |": the document ships `x`.
pub(super) fn introduced(head: &Block, row: &Block, file: FileId) -> Option<Statement> {
    let border = border_of(head)?;
    let names = cells(&head.flow.text, border);
    let column = |is: fn(&str) -> bool| names.iter().position(|cell| is(&head.flow.text[cell.clone()]));
    let (flag, default) = (column(names_flags)?, column(names_defaults)?);
    let cells = cells(&row.flow.text, border);
    let (name, value) = (cells.get(flag)?.clone(), cells.get(default)?.clone());
    let key = &row.flow.text[name.clone()];
    let first = row.flow.text[value.clone()].split_whitespace().next()?;
    let default = FlagValue::parse(first.trim_matches(|c: char| !c.is_alphanumeric()));
    let named = row.flow.code.contains(&name) || key.contains(['_', '-', '.']);
    let fits = shape::is_flag_key(key) && named && default != FlagValue::Unknown;
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

/// "| Flag | Before | After this PRD |" over "| `x` | off | on |": the document turns `x`.
pub(super) fn turned((head, row): (&Block, &Block), document: Document<'_>) -> Option<Statement> {
    let border = border_of(head)?;
    let names = cells(&head.flow.text, border);
    let opens = |stems: &'static [&str]| {
        let begins = move |cell: &Range<usize>| {
            let first = tokens_of(&head.flow.text[cell.clone()]).into_iter().next();
            first.is_some_and(|first| stems.contains(&&*first.stem))
        };
        names.iter().position(begins)
    };
    let flag = names
        .iter()
        .position(|cell| names_flags(&head.flow.text[cell.clone()]))?;
    let (before, after) = (opens(&["befor", "today", "current", "old", "now"])?, opens(&["after"])?);
    let cells = cells(&row.flow.text, border);
    let (name, last) = (cells.get(flag)?.clone(), cells.get(after)?.clone());
    let state = |cell: &Range<usize>| {
        FlagValue::parse(row.flow.text[cell.clone()].trim_matches(|c: char| !c.is_alphanumeric()))
    };
    let (from, to) = (state(cells.get(before)?), state(&last));
    let key = &row.flow.text[name.clone()];
    let of_others = !reference::find(&head.flow)
        .iter()
        .all(|one| reference::is_self(&one.words, document.id));
    let known = from != FlagValue::Unknown && to != FlagValue::Unknown && from != to;
    (known && shape::is_flag_key(key) && !of_others).then(|| Statement {
        claim: Claim::PlansFlip {
            key: Some(FlagKey::new(key)),
            phrase: key.to_owned(),
            to,
            when: Flip::WithPrd(document.id.0.clone()),
        },
        declared: false,
        scene: false,
        span: row.flow.bytes_with_ticks(name.start..last.end).in_file(document.file),
        sentence: row.flow.text.clone(),
    })
}

/// "| Flag | State needed |" over "| `x` | on |": the document needs `x` on. Where a table stands under a heading that asks, or its first
/// column does, "State" asks as well.
pub(super) fn needed(head: &Block, row: &Block, context: Context, file: FileId) -> Option<Statement> {
    let border = border_of(head)?;
    let names = cells(&head.flow.text, border);
    let heads: Vec<Vec<Token>> = names
        .iter()
        .map(|cell| tokens_of(&head.flow.text[cell.clone()]))
        .collect();
    let listed = context.assumptions || context.depends;
    let flag = (0..heads.len()).find(|at| names_flags(&head.flow.text[names[*at].clone()]));
    let what = || (0..heads.len()).find(|at| listed::asks(&heads[*at]) || (listed && *at == 0));
    let name = flag.or_else(what)?;
    let asking = listed || listed::asks(&heads[name]);
    let of_others = !reference::find(&head.flow).is_empty();
    let fits = |at: &usize| {
        let denied = heads[*at].iter().any(|token| words().class("negator").has(&token.stem));
        let told = asking && heads[*at].iter().any(|token| words().class("told").has(&token.stem));
        *at != name && !denied && !of_others && (listed::asks(&heads[*at]) || told)
    };
    let cells = cells(&row.flow.text, border);
    // "| Flag | State |" over "| `x` | must be on |": the cell asks.
    let asked = |at: &usize| {
        let cell = cells.get(*at).map(|cell| tokens_of(&row.flow.text[cell.clone()]));
        let told = heads[*at].iter().any(|token| words().class("told").has(&token.stem));
        *at != name
            && flag.is_some()
            && !of_others
            && told
            && cell.is_some_and(|cell| words().class("cell_asks").within(&cell))
    };
    let Some(value) = (0..heads.len()).find(fits).or_else(|| (0..heads.len()).find(asked)) else {
        // "| Precondition | Met? |" over "| `x` on | no |": the cell tells all of it.
        let asks = flag.is_none() && listed::asks(&heads[name]) && !of_others;
        return asks.then(|| in_a_cell(row, cells.get(name)?.clone(), file)).flatten();
    };
    let (name, value) = (cells.get(name)?.clone(), cells.get(value)?.clone());
    let key = &row.flow.text[name.clone()];
    let ticked = row.flow.code.contains(&name);
    let looks = shape::is_flag_key(key) && (flag.is_some() || ticked || key.contains(['_', '-', '.']));
    // "needs to be on"
    let mut said = row.flow.text[value.clone()].split_whitespace().take(4);
    // "| `x` | no |" under "Needed?" needs nothing.
    let read = |word: &str| match word.trim_matches(|c: char| !c.is_alphanumeric()) {
        word if word.eq_ignore_ascii_case("no") => FlagValue::Unknown,
        word => FlagValue::parse(word),
    };
    let needs = said.find_map(|word| Some(read(word)).filter(|state| *state != FlagValue::Unknown))?;
    looks.then(|| Statement {
        claim: Claim::Assumes {
            key: Some(FlagKey::new(key)),
            phrase: key.to_owned(),
            needs,
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

/// "`x` on", "`x` = on", "the flag `x` is on": the whole of a cell.
fn in_a_cell(row: &Block, cell: Range<usize>, file: FileId) -> Option<Statement> {
    let ticked = row
        .flow
        .code
        .iter()
        .find(|code| cell.start <= code.start && code.end <= cell.end);
    // "PRD 3: `x` on", "not `x` on"
    let before = ticked.map_or("", |code| &row.flow.text[cell.start..code.start]);
    let plain = |token: &Token| {
        ["det", "flagword"]
            .iter()
            .any(|class| words().class(class).has(&token.stem))
    };
    if !tokens_of(before).iter().all(plain) {
        return None;
    }
    let (key, state) = match ticked {
        Some(code) => (&row.flow.text[code.clone()], &row.flow.text[code.end..cell.end]),
        None => row.flow.text[cell.clone()].split_once([' ', '='])?,
    };
    let said = state.trim_matches(|c: char| !c.is_alphanumeric());
    let said = said.strip_prefix("is ").unwrap_or(said);
    let needs = FlagValue::parse(said);
    let named = ticked.is_some() || key.contains(['_', '-', '.']);
    let key = key.trim();
    let fits = shape::is_flag_key(key) && named && needs != FlagValue::Unknown;
    fits.then(|| Statement {
        claim: Claim::Assumes {
            key: Some(FlagKey::new(key)),
            phrase: key.to_owned(),
            needs,
        },
        declared: false,
        scene: false,
        span: row.flow.bytes_with_ticks(cell).in_file(file),
        sentence: row.flow.text.clone(),
    })
}

/// The cells of a row, without the white space around them.
pub(super) fn cells(text: &str, border: &str) -> Vec<Range<usize>> {
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
