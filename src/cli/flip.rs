//! `flagman flip KEY=on|off`.

use super::args::{Format, Global};
use super::failure::Failure;
use super::flags::{find, length};
use super::gate::{code, strictness};
use super::notes::notes;
use super::output::{Output, write_reports};
use super::project::{Project, Wanted, check_supposed};
use crate::analysis::analyze_with;
use crate::flag::FlagValue;
use crate::flip::flip;
use crate::index::store::FactsStore;
use crate::report::{json, text};

pub(super) fn run(global: &Global, name: &str, to: FlagValue, all: bool, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let wanted = Wanted {
        branches: true,
        ..Wanted::default()
    };
    let inputs = project.read(global, &wanted)?;
    let (mut supposing, store) = (inputs.clone(), FactsStore::default());
    let before = analyze_with(inputs, &store);
    check_supposed(global, &before)?;
    let key = find(&before, name)?;
    supposing.supposed.insert(key.clone(), to);
    let after = analyze_with(supposing, &store);
    let answer = flip(&before, &after, &key, to, strictness(&project, None));
    output.aside(&notes(global, &project, &before));
    let document = || json::text(&json::flip(&before, &answer));
    write_reports(global, output, document)?;
    match global.format {
        Format::Json => output.document(&document())?,
        _ => output.answer(&text::flip(&before, &answer, length(all)))?,
    }
    Ok(code(answer.verdict()))
}
