//! `flagman prds`, as text: all in a table, or one with its touchpoints, assumptions and evidence.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{counted, supplied, table};
use crate::analysis::Analysis;
use crate::assumption::{Assumption, Supply};
use crate::prd::{Access, Claim, Flip, Prd};
use crate::report::visible;
use crate::source::Span;
use crate::terms::{Party, Term, Thing, terms};
use crate::touchpoint::likely::Likely;
use crate::touchpoint::{Touchpoint, Unresolved};

/// So many files that a PRD may change too are named.
const LIKELY: usize = 10;

/// Every PRD in a table.
#[must_use]
pub fn prds(analysis: &Analysis) -> String {
    if analysis.prds.is_empty() {
        return "no PRDs found: name their folder as `prds.paths` in flagman.toml\n".to_owned();
    }
    let rows: Vec<Vec<String>> = analysis.prds.iter().map(|prd| row(analysis, prd)).collect();
    let mut text = table(&rows);
    let _ = writeln!(
        text,
        "\n{}; for one of them: flagman prds {}",
        counted(rows.len(), "PRD"),
        analysis.prds[0].id
    );
    visible(&text)
}

fn row(analysis: &Analysis, prd: &Prd) -> Vec<String> {
    let writes = analysis
        .touchpoints
        .iter()
        .filter(|touch| touch.prd == prd.id && touch.access != Access::Read)
        .count();
    let needs = unmet(analysis, prd).map(|need| format!("needs {} {}", need.flag, need.needs));
    let made = analysis
        .flips
        .iter()
        .filter(|flip| flip.is_made_by(&prd.id) && flip.by == prd.id);
    let mut told: Vec<String> = needs.collect();
    told.extend(made.map(|flip| format!("turns {} {}", flip.flag, flip.to)));
    told.dedup();
    vec![
        prd.id.0.clone(),
        prd.title.clone(),
        touched(analysis, prd, writes),
        told.join(", "),
    ]
}

/// How much it changes. That it says nothing of it, or names what nobody has, is no "0 writes".
fn touched(analysis: &Analysis, prd: &Prd, writes: usize) -> String {
    let lost = |one: &&Unresolved| one.prd == prd.id && matches!(one.kind, "path" | "symbol");
    let lost = analysis.unresolved.iter().filter(lost).count();
    let unclear = analysis.unclear().contains(&&prd.id);
    let mut text = match (writes, lost) {
        (0, 1..) => String::new(),
        _ if unclear => "does not say what it changes".to_owned(),
        _ => counted(writes, "write"),
    };
    if lost > 0 {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{lost} not found");
    }
    text
}

fn unmet<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = &'a Assumption> {
    analysis
        .assumptions
        .iter()
        .filter(|need| need.prd == prd.id && need.supply == Supply::Nobody)
        .filter(|need| analysis.plan.made_before(&prd.id, &need.flag, need.needs).is_none())
}

/// One PRD with all that is known of it, and what it may change too.
#[must_use]
pub fn prd(analysis: &Analysis, likely: Option<&Likely>, prd: &Prd) -> String {
    let mut text = format!("{}: {}\n  {}\n", prd.id, prd.title, prd.path);
    if let Some(branch) = analysis.branch_of(prd) {
        let _ = writeln!(text, "  branch {branch}");
    }
    let touches: Vec<&Touchpoint> = analysis
        .touchpoints
        .iter()
        .filter(|touch| touch.prd == prd.id)
        .collect();
    for (heading, access) in [
        ("creates", Access::Create),
        ("writes", Access::Write),
        ("reads", Access::Read),
    ] {
        let rows: Vec<Vec<String>> = touches
            .iter()
            .filter(|touch| touch.access == access)
            .map(|touch| touch_row(analysis, touch))
            .collect();
        if !rows.is_empty() {
            let _ = write!(text, "\n{heading}\n{}", table(&rows));
        }
    }
    text.push_str(&likely.map_or(String::new(), |likely| may_change(analysis, likely, prd)));
    text.push_str(&needs(analysis, prd));
    text.push_str(&ships(analysis, prd));
    text.push_str(&turns(analysis, prd));
    visible(&text)
}

fn touch_row(analysis: &Analysis, touch: &Touchpoint) -> Vec<String> {
    let place = touch.because.first().map_or(String::new(), |span| at(analysis, *span));
    let kind = touch.target.kind.word().to_owned();
    vec![
        kind,
        touch.target.name.clone(),
        touch.certainty.word().to_owned(),
        place,
    ]
}

/// The files that nobody names and the words point at.
fn may_change(analysis: &Analysis, likely: &Likely, prd: &Prd) -> String {
    let heading = "may change too, by its words";
    if *likely == Likely::TooLittleText {
        return format!("\n{heading}\n  too little text to tell\n");
    }
    let rows: Vec<Vec<String>> = likely
        .beside(&prd.id, &analysis.touchpoints)
        .take(LIKELY)
        .map(|touch| {
            let mut words: Vec<&str> = Vec::new();
            for span in &touch.because {
                let word = analysis.sources.text(*span);
                if *span != prd.title_span && !words.contains(&word) {
                    words.push(word);
                }
            }
            let why = if words.is_empty() {
                "commits with such words changed it".to_owned()
            } else {
                words.join(", ")
            };
            vec![format!("{:.2}", touch.score), touch.target.name.clone(), why]
        })
        .collect();
    if rows.is_empty() {
        return format!("\n{heading}\n  nothing that stands out\n");
    }
    format!("\n{heading}\n{}", table(&rows))
}

fn needs(analysis: &Analysis, prd: &Prd) -> String {
    let needs = analysis.assumptions.iter().filter(|need| need.prd == prd.id);
    let mut rows: Vec<Vec<String>> = needs
        .map(|need| {
            let supplied = supplied(analysis, &prd.id, &need.flag, need.needs, need.supply);
            let place = need
                .because
                .first()
                .map_or(String::new(), |evidence| at(analysis, evidence.span));
            vec![format!("{} {}", need.flag, need.needs), supplied, place]
        })
        .collect();
    rows.extend(
        terms(analysis, prd)
            .requires
            .iter()
            .filter_map(|term| required(analysis, term)),
    );
    if rows.is_empty() {
        String::new()
    } else {
        format!("\nneeds\n{}", table(&rows))
    }
}

/// A thing that others make, or nobody; what the code has is read, and no need.
fn required(analysis: &Analysis, term: &Term) -> Option<Vec<String>> {
    let Thing::Target(target) = &term.thing else {
        return None;
    };
    let who = match &term.party {
        Party::Prds(prds) => {
            let names: Vec<&str> = prds.iter().map(|prd| prd.0.as_str()).collect();
            format!("made by {}", names.join(", "))
        }
        Party::Nobody => "neither the code nor any PRD has it".to_owned(),
        Party::Code | Party::Itself => return None,
    };
    let place = term.because.first().map_or(String::new(), |span| at(analysis, *span));
    Some(vec![format!("{} {}", target.kind.word(), target.name), who, place])
}

fn ships(analysis: &Analysis, prd: &Prd) -> String {
    let rows: Vec<Vec<String>> = prd
        .statements
        .iter()
        .filter_map(|statement| match &statement.claim {
            Claim::Introduces {
                key, phrase, default, ..
            } => {
                let name = key.as_ref().map_or_else(|| phrase.clone(), ToString::to_string);
                Some(vec![name, format!("default {default}"), at(analysis, statement.span)])
            }
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        format!("\nships behind a flag\n{}", table(&rows))
    }
}

fn turns(analysis: &Analysis, prd: &Prd) -> String {
    let flips = analysis.flips.iter().filter(|flip| {
        // A name that only a time stands beside may be anything's.
        flip.by == prd.id && (flip.with.is_some() || analysis.flags.get(&flip.flag).is_some())
    });
    let mut seen = BTreeSet::new();
    let rows: Vec<Vec<String>> = flips
        .filter(|flip| seen.insert((&flip.flag, flip.to, &flip.when)))
        .map(|flip| {
            let when = match &flip.when {
                _ if flip.is_made_by(&prd.id) => "with this PRD".to_owned(),
                Flip::WithPrd(other) => format!("with {other}"),
                Flip::Phase(number) => format!("in phase {number}"),
                Flip::Later(words) => format!("later (\"{words}\")"),
                Flip::Part(part) => format!("only {}", part.words),
            };
            vec![format!("{} {}", flip.flag, flip.to), when, at(analysis, flip.span)]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        format!("\nturns\n{}", table(&rows))
    }
}

fn at(analysis: &Analysis, span: Span) -> String {
    format!(
        "{}:{}",
        analysis.sources.path(span.file),
        analysis.sources.start(span).line
    )
}
