//! `flagman explain ID`: the page of a check.

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::output::Output;
use crate::nearest::did_you_mean;
use crate::report::json;
use crate::rules::checks::{CheckPage, page, pages};

pub(super) fn run(global: &Global, id: Option<&str>, output: &mut Output) -> Result<u8, Failure> {
    let Some(id) = id else {
        list(global, output)?;
        return Ok(exit::CLEAR);
    };
    let Some(page) = page(id) else {
        let near = did_you_mean(id, pages().iter().map(|page| page.id.as_str()));
        return Err(Failure::usage(format!("there is no check `{id}`{near}")).hint("flagman explain lists the checks"));
    };
    match global.format {
        Format::Json => output.document(&json::text(&json::CheckDocument {
            schema: "flagman/check/v1",
            page: document(page),
        }))?,
        _ => output.answer(&format!(
            "{} ({})\n\n{}\n\n{}\n",
            page.id, page.level, page.summary, page.body
        ))?,
    }
    Ok(exit::CLEAR)
}

fn list(global: &Global, output: &mut Output) -> Result<(), Failure> {
    if global.format == Format::Json {
        return output.document(&json::text(&json::ChecksDocument {
            schema: "flagman/checks/v1",
            checks: pages().iter().map(document).collect(),
        }));
    }
    let width = pages().iter().map(|page| page.id.len()).max().unwrap_or(0);
    let rows: Vec<String> = pages()
        .iter()
        .map(|page| format!("  {:width$}  {:7}  {}\n", page.id, page.level, page.summary))
        .collect();
    output.answer(&format!(
        "{}\nfor one of them: flagman explain {}\n",
        rows.concat(),
        pages()[0].id
    ))
}

fn document(page: &CheckPage) -> json::CheckPage {
    json::CheckPage {
        id: page.id.clone(),
        level: page.level.clone(),
        summary: page.summary.clone(),
        page: page.body.clone(),
    }
}
