//! `flagman plan --what-if`, `--split` and `--explain`: the plan after a decision, and why it is as it is.

use super::args::{Format, Global, Plan};
use super::branches::unknown_prd;
use super::failure::Failure;
use super::flags;
use super::output::{Output, write_reports};
use super::project::check_supposed;
use crate::analysis::{Analysis, Inputs, analyze_with};
use crate::flag::FlagValue;
use crate::index::store::FactsStore;
use crate::nearest::did_you_mean;
use crate::plan::compare::{Saved, compare};
use crate::plan::{self, why};
use crate::prd::PrdId;
use crate::report::{json, text};
use crate::touchpoint::References;

/// True if the plan after a decision is wanted.
pub(super) fn is_asked(asked: &Plan) -> bool {
    !asked.what_if.is_empty() || !asked.split.is_empty()
}

/// The plan after decisions.
pub(super) struct Decided {
    /// What would then be.
    pub after: Analysis,
    /// The decisions, in words.
    pub decisions: Vec<String>,
    /// How the two plans differ.
    pub saved: Saved,
}

/// Plans twice: as things are, and as they would be.
///
/// # Errors
/// If a flag or a symbol is unknown.
pub(super) fn decide(global: &Global, asked: &Plan, inputs: Inputs) -> Result<Decided, Failure> {
    let (mut supposing, store) = (inputs.clone(), FactsStore::default());
    let before = analyze_with(inputs, &store);
    check_supposed(global, &before)?;
    let mut decisions = Vec::new();
    for (name, on) in &asked.what_if {
        let (key, to) = (flags::find(&before, name)?, FlagValue::from(*on));
        decisions.push(format!("with {key} {to}"));
        supposing.supposed.insert(key, to);
    }
    let mut after = analyze_with(supposing, &store);
    for target in &asked.split {
        let known = before.graph.splittable();
        if !known.contains(&target.as_str()) {
            return Err(unknown_target(target, &known));
        }
        decisions.push(format!("with {target} split"));
        after.graph = after.graph.split(target);
        after.plan = plan::derive(&after.graph, after.settings.max_parallel);
    }
    let saved = compare(&before.plan, &after.plan);
    Ok(Decided {
        after,
        decisions,
        saved,
    })
}

fn unknown_target(target: &str, known: &[&str]) -> Failure {
    let near = did_you_mean(target, known.iter().copied());
    let failure = Failure::usage(format!("`{target}` keeps no two PRDs apart{near}"));
    match known {
        [] => failure.hint("no symbol or file does: there is nothing to split"),
        known => failure.hint(format!("these do: {}", known.join(", "))),
    }
}

/// Says why the PRDs that are asked about are in their phases.
///
/// # Errors
/// If a PRD is unknown, or there are more than two.
pub(super) fn explain(global: &Global, asked: &Plan, analysis: &Analysis, output: &mut Output) -> Result<(), Failure> {
    let names = References::new(&analysis.prds);
    let found = asked.explain.iter().map(|name| match names.find(name) {
        Ok(id) => Ok(id.clone()),
        Err(near) => Err(unknown_prd(name, &near)),
    });
    let mut ids: Vec<PrdId> = found.collect::<Result<_, _>>()?;
    ids.dedup();
    let (graph, plan, most) = (&analysis.graph, &analysis.plan, analysis.settings.max_parallel);
    let pair = match &ids[..] {
        [_] => None,
        [a, b] => Some((a, b, why::apart(graph, plan, a, b))),
        _ => return Err(Failure::usage("--explain takes one PRD, or two: --explain 7,11")),
    };
    let whys: Vec<why::Why<'_>> = ids.iter().map(|id| why::why(graph, plan, most, id)).collect();
    let document = || {
        let pair = pair.as_ref().map(|(a, b, found)| (*a, *b, found));
        json::text(&json::why(analysis, &whys, pair))
    };
    write_reports(global, output, document)?;
    if global.format == Format::Json {
        return output.document(&document());
    }
    let mut answer = match &pair {
        Some((a, b, found)) => text::pair(analysis, a, b, found) + "\n",
        None => String::new(),
    };
    let told: Vec<String> = whys.iter().map(|one| text::why(analysis, one)).collect();
    answer.push_str(&told.join("\n"));
    output.answer(&answer)
}
