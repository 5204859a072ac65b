//! `flagman conflicts --prds`.

use super::args::{Conflicts, Format, Global};
use super::failure::{Failure, exit};
use super::output::{Output, write_reports};
use super::project::{Project, Wanted};
use crate::analysis::analyze_with;
use crate::conflict::{PairDetail, Prediction, PredictionVerdict};
use crate::drift;
use crate::index::store::FactsStore;
use crate::report::{json, text};
use crate::touchpoint::promises;

/// Tells which PRDs will collide by what they say, and what became of it on their branches.
///
/// # Errors
/// If the project cannot be read.
pub(super) fn run(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let store = FactsStore::default();
    let promised = analyze_with(project.read(global, &Wanted::default())?, &store);
    let with_branches = Wanted {
        branches: true,
        ..Wanted::default()
    };
    let drift = match &project.repository {
        Some(_) => {
            let seen = analyze_with(project.read(global, &with_branches)?, &store);
            drift::drift(&seen, &promises(&promised.touchpoints))
        }
        None => Vec::new(),
    };
    let pairs = drift::pairs(&promised);
    let told: Vec<(&Prediction, &PairDetail)> = pairs.iter().map(|(one, detail)| (one, detail)).collect();
    let names: Vec<&str> = promised.graph.prds.iter().map(|prd| prd.0.as_str()).collect();
    let uncommitted = vec![0; names.len()];
    let sources = &promised.sources;
    let document = || json::text(&json::conflicts(sources, (&names, &uncommitted), &told, wanted.all).promised(&drift));
    write_reports(global, output, document)?;
    match global.format {
        Format::Json => output.document(&document())?,
        _ => {
            let pairs = text::conflicts(sources, &names, &told, wanted.all);
            output.answer(&(pairs + &text::drift(&drift, wanted.all)))?;
        }
    }
    let any = |verdict| pairs.iter().any(|(one, _)| one.verdict == verdict);
    Ok(if any(PredictionVerdict::Conflict) {
        exit::BLOCKED
    } else if any(PredictionVerdict::Unknown) || !promised.unread_prds.is_empty() {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    })
}
