//! What to say beside an answer. Enters: the analysis. Leaves: lines for the error stream; they decide nothing.

use std::collections::BTreeSet;

use super::args::Global;
use super::project::{Project, path_globs};
use crate::analysis::Analysis;
use crate::check::Finding;
use crate::config;
use crate::index::suggest::unknown_calls as calls;
use crate::nearest::did_you_mean;
use crate::prd::discover;
use crate::report::text::counted;
use crate::report::visible;
use crate::rules::RuleKind;

/// Where the origins of the built-in rules begin.
const BUILT_IN: &str = "rules/flags/";
/// So many helpers that no rule knows are named.
const HELPERS: usize = 2;

/// What to say beside the answer where the flag file cannot be used, or names flags that nobody knows.
#[must_use]
pub(super) fn ledger_note(analysis: &Analysis) -> String {
    if let Some(skip) = &analysis.ledger_problem {
        return visible(&format!(
            "error: the flag file {} decides what each flag is, and cannot be used ({})\n",
            skip.path, skip.reason
        ));
    }
    let nobodys = analysis
        .findings
        .iter()
        .filter(|finding| finding.check == "unknown-flag" && finding.prd.is_none());
    let lines = nobodys.map(|finding| {
        let near = finding.remedies.first().filter(|_| finding.remedies.len() > 1);
        let near = near.map_or(String::new(), |remedy| format!("; {}", remedy.detail));
        visible(&format!("warning: {}{near}\n", finding.message))
    });
    lines.collect()
}

/// What to say beside the answer where states are recorded, but none in the environment that was asked for: most often a slip.
#[must_use]
fn environment_note(global: &Global, project: &Project, analysis: &Analysis) -> String {
    let Some(name) = &global.env else { return String::new() };
    let recorded: BTreeSet<&str> = analysis
        .ledger
        .entries
        .iter()
        .map(|entry| entry.environment.as_str())
        .collect();
    if recorded.contains(name.as_str()) || *name == project.config.flags.environment {
        return String::new();
    }
    let near = did_you_mean(name, recorded);
    visible(&format!("note: no state is recorded in environment `{name}`{near}\n"))
}

/// A line for each PRD that could not be read: it is missing in every list.
#[must_use]
pub(super) fn unread_note(analysis: &Analysis) -> String {
    let lines = analysis.unread_prds.iter().map(|skip| {
        visible(&format!(
            "note: the PRD {} cannot be read ({})\n",
            skip.path, skip.reason
        ))
    });
    lines.collect()
}

/// What to say beside a plan where something that decides its order is not known, or names a document that is not there.
#[must_use]
pub(super) fn unknown_note(analysis: &Analysis) -> String {
    let lines = analysis.unknown_order().into_iter();
    let lines = lines.map(|finding| visible(&format!("warning: {}{}\n", finding.message, place(analysis, finding))));
    let lines: String = lines.collect();
    if lines.is_empty() {
        return lines;
    }
    lines + "warning: until this is mended the plan is none that can be relied on\n"
}

fn place(analysis: &Analysis, finding: &Finding) -> String {
    finding.places.first().map_or(String::new(), |place| {
        let (path, at) = (
            &analysis.sources.file(place.span.file).path,
            analysis.sources.start(place.span),
        );
        format!(" ({path}:{})", at.line)
    })
}

/// What to say beside the answer where `prds.paths` fits files that are no documents: whoever wrote it may have meant them.
#[must_use]
pub(super) fn beside_note(project: &Project, analysis: &Analysis) -> String {
    let globs = path_globs(&project.config.prds.paths).unwrap_or_default();
    let beside = discover::beside(&analysis.base, &globs);
    let Some(first) = beside.first() else {
        return String::new();
    };
    let files = match beside.len() {
        1 => format!("{first}, which is no Markdown: it is no PRD"),
        count => format!("{count} files that are no Markdown ({first}, for one): they are no PRDs"),
    };
    visible(&format!(
        "note: `prds.paths` in {} also fits {files}; a glob that spells their ending would name them\n",
        config::FILE_NAME
    ))
}

/// What to say beside the answer where one of `prds.paths` fits no file: most often a slip.
fn idle_note(project: &Project, analysis: &Analysis) -> String {
    let fits = |glob: &str| {
        let glob = path_globs(&[glob.to_owned()]).unwrap_or_default();
        analysis.base.files.keys().any(|path| glob.is_match(path.as_str()))
    };
    let idle = project.config.prds.paths.iter().filter(|glob| !fits(glob));
    let lines = idle.map(|glob| {
        visible(&format!(
            "note: `{glob}` of `prds.paths` in {} fits no file\n",
            config::FILE_NAME
        ))
    });
    lines.collect()
}

/// What to say beside the answer.
#[must_use]
pub(super) fn notes(global: &Global, project: &Project, analysis: &Analysis) -> String {
    environment_note(global, project, analysis)
        + &idle_note(project, analysis)
        + &beside_note(project, analysis)
        + &stale_note(analysis)
}

/// What to say beside the answer where something that was seen by running has changed since: it no longer counts.
#[must_use]
fn stale_note(analysis: &Analysis) -> String {
    let count = analysis.stale.len();
    let Some(first) = analysis.stale.first() else {
        return String::new();
    };
    let results = if count == 1 {
        "1 result"
    } else {
        &format!("{count} results")
    };
    visible(&format!(
        "note: {results} of flagman probe no longer count: the test, what it reaches or the definition of its flag has changed \
         ({} in {}, for one); flagman probe{} looks again\n",
        first.name, first.path, analysis.settings.invocation
    ))
}

/// What to say beside the answer where code asks for flags in a way that no rule knows: what follows from them is missing in every answer.
/// For `flags` alone: to look through all parsed files costs more than a gate should.
#[must_use]
pub(super) fn unknown_calls(analysis: &Analysis) -> String {
    let found = calls(&analysis.sources, &analysis.base, &analysis.rules, &analysis.index);
    let named: Vec<String> = found
        .iter()
        .take(HELPERS)
        .map(|one| format!("{} of `{}`", counted(one.places, "call"), one.shown()))
        .collect();
    let more = found.len().saturating_sub(HELPERS);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" (and {more} more helpers)")
    };
    if named.is_empty() {
        return String::new();
    }
    visible(&format!(
        "note: {}{more} look like flag reads, and no rule knows them: flagman init --suggest{}\n",
        named.join(" and "),
        analysis.settings.invocation
    ))
}

/// What to say beside the answer where a rule of the project's own finds nothing: most often a name or the shape in it is not that of the code.
#[must_use]
pub(super) fn idle_rules(analysis: &Analysis) -> String {
    let index = &analysis.index;
    let finds = |kind: &RuleKind| matches!(kind, RuleKind::Define(_) | RuleKind::Read(_) | RuleKind::Force(_));
    let own = analysis.rules.rules().filter(|(at, rule)| {
        let origin = &analysis.rules.files[at.file].origin;
        finds(&rule.kind) && !origin.starts_with(BUILT_IN)
    });
    let own: Vec<_> = own.collect();
    if own.is_empty() {
        return String::new();
    }
    let found: BTreeSet<&str> = (index.definitions.iter().map(|of| of.rule.as_str()))
        .chain(index.reads.iter().map(|of| of.rule.as_str()))
        .chain(index.dynamic.iter().map(|of| of.rule.as_str()))
        .chain(index.forces.iter().map(|of| of.rule.as_str()))
        .collect();
    let idle: Vec<_> = own
        .into_iter()
        .filter(|(at, _)| !found.contains(analysis.rules.name(*at).as_str()))
        .collect();
    let Some((at, rule)) = idle.first() else {
        return String::new();
    };
    let more = match idle.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    visible(&format!(
        "note: the rule `{}` of {}{more} finds nothing that no other rule finds; its shape or a name in it may not be that of the code\n",
        rule.id, analysis.rules.files[at.file].origin
    ))
}
