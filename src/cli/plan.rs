//! `flagman plan`.

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::notes::{ledger_note, notes, unread_note};
use super::output::{Output, write_reports};
use super::project::{Project, Wanted, check_supposed};
use crate::analysis::analyze;
use crate::report::{json, text};

pub(super) fn run(global: &Global, without: &[String], output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let analysis = analyze(project.read(
        global,
        &Wanted {
            branches: true,
            without: without.to_vec(),
            ..Wanted::default()
        },
    )?);
    check_supposed(global, &analysis)?;
    output.aside(&notes(global, &project, &analysis));
    let unread = unread_note(&analysis);
    output.aside(&unread);
    output.aside(&ledger_note(&analysis));
    let document = || json::text(&json::plan(&analysis));
    write_reports(global, output, document)?;
    match global.format {
        Format::Json => output.document(&document())?,
        // The only PRDs cannot be read, which was said: "none found" would be wrong.
        _ if analysis.prds.is_empty() && !unread.is_empty() => {}
        _ if analysis.prds.is_empty() => output.answer(&text::prds(&analysis))?,
        _ => output.answer(&text::plan(&analysis))?,
    }
    // PRDs that no phase can take are a finding of the gate; here the plan as far as there is one is the answer.
    // Without the flag file nobody can tell which flips are still to come.
    Ok(if analysis.ledger.unread {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    })
}
