//! `flagman plan`.

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::output::Output;
use super::project::{Project, Wanted};
use crate::analysis::analyze;
use crate::report::{json, text};

pub(super) fn run(global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let analysis = analyze(project.read(
        global,
        &Wanted {
            branches: true,
            ..Wanted::default()
        },
    )?);
    match global.format {
        Format::Json => output.document(&json::text(&json::plan(&analysis)))?,
        Format::Text if analysis.prds.is_empty() => output.answer(&text::prds(&analysis))?,
        Format::Text => output.answer(&text::plan(&analysis))?,
    }
    // PRDs that no phase can take are a finding of the gate; here the plan as far as there is one is the answer.
    Ok(exit::CLEAR)
}
