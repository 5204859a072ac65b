//! `flagman prds [ID] [--refine COMMAND]`.

use super::args::{Format, Global};
use super::branches::unknown_prd;
use super::failure::{Failure, exit};
use super::likely::guesses;
use super::notes::{beside_note, unread_note};
use super::output::{Output, write_reports};
use super::project::{Project, Wanted};
use super::refine;
use crate::analysis::analyze;
use crate::report::{json, text};
use crate::touchpoint::References;

pub(super) fn run(global: &Global, id: Option<&str>, refine: Option<&str>, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let analysis = analyze(project.read(
        global,
        &Wanted {
            branches: true,
            ..Wanted::default()
        },
    )?);
    let only = match id {
        Some(id) => Some(
            References::new(&analysis.prds)
                .find(id)
                .map_err(|near| unknown_prd(id, &near))?
                .clone(),
        ),
        None => None,
    };
    let unread = unread_note(&analysis);
    let is_told = only.is_some() || refine.is_some() || global.format == Format::Json || !global.reports.is_empty();
    let (likely, guess_note) = if is_told {
        guesses(&project, &analysis, only.as_ref())
    } else {
        Default::default()
    };
    output.aside(&(beside_note(&project, &analysis) + &unread + &guess_note));
    if let Some(line) = refine {
        return refine::run(global, &project, &analysis, &likely, line, output);
    }
    let document = || json::text(&json::prds(&analysis, &likely, only.as_ref()));
    write_reports(global, output, document)?;
    match (global.format, &only) {
        (Format::Json, _) => output.document(&document())?,
        (_, None) if analysis.prds.is_empty() && !unread.is_empty() => {}
        (_, None) => output.answer(&text::prds(&analysis))?,
        (_, Some(only)) => {
            let found = analysis.prds.iter().find(|prd| prd.id == *only);
            output.answer(&found.map_or(String::new(), |prd| text::prd(&analysis, likely.get(&prd.id), prd)))?;
        }
    }
    Ok(exit::CLEAR)
}
