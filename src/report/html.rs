//! A page for people. Enters: the analysis and, where it was asked, the gate's answer. Leaves: one HTML file that needs nothing else: the verdict, the phases
//! with the flips between them, the findings with their lines and the ways out.
//!
//! There is no script in it, and nothing is loaded. Text of documents and code is escaped where it is put in.

mod conflicts;

use maud::{DOCTYPE, Markup, html};

use super::text::plan::{apart, proof, why};
use super::{left_out, visible};
use crate::analysis::Analysis;
use crate::check::Finding;
use crate::gate::{GateAnswer, Verdict};
use crate::plan::Phase;
use crate::prd::PrdId;
use crate::source::Span;

pub use conflicts::conflicts;

/// A line longer than this is cut around the place that is marked.
const WIDEST: usize = 200;

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --clear: #1a7f37; --blocked: #cf222e; --unknown: #9a6700 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem } h3 { font-size: 1rem; margin: 0 0 .5rem }
code, pre { font: 13px/1.5 ui-monospace, monospace } code { overflow-wrap: anywhere }
pre { background: var(--soft); margin: .2rem 0 .8rem; padding: .5rem .7rem; overflow-x: auto; border-radius: 4px }
mark { background: none; color: inherit; border-bottom: 2px solid var(--blocked) }
article { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 4px; padding: 1rem; margin: 1rem 0 }
article.error { border-left-color: var(--blocked) } article.warning { border-left-color: var(--unknown) }
.clear { color: var(--clear) } .blocked { color: var(--blocked) } .unknown { color: var(--unknown) }
ol.phases { list-style: none; padding: 0 } ol.phases > li { border-top: 1px solid var(--line); padding: .5rem 0 }
ol.phases > li.asked { background: var(--soft) } .flip { color: var(--unknown) }
.place { margin: 0 } .note { opacity: .75 }
table.matrix { border-collapse: collapse } .matrix th { text-align: left; font-weight: normal; padding: 0 .5rem 0 0 }
.matrix td { text-align: center; width: 1.5rem; border: 1px solid var(--line) } td.conflict, td.breaks { color: var(--blocked); font-weight: bold }
td.unknown { color: var(--unknown) }
";

/// The page.
#[must_use]
pub fn page(analysis: &Analysis, answer: &GateAnswer) -> String {
    let subject = answer.phase.map_or(String::new(), |phase| format!(", phase {phase}"));
    let title = format!("flagman: {}{subject}", answer.verdict.word());
    let findings: Vec<&Finding> = answer.findings.iter().map(|at| &analysis.findings[*at]).collect();
    frame(
        &title,
        &html! {
            h1 { "flagman: " span class=(answer.verdict.word()) { (sentence(answer.verdict)) } (subject) }
            (phases(analysis, Some(answer)))
            h2 { "Findings" }
            @if findings.is_empty() { p { "Nothing was found." } }
            @for finding in &findings { (article(analysis, finding)) }
            (skipped(analysis))
        },
    )
}

/// The page of the plan: no verdict, but why each PRD is not earlier, and who is kept apart.
#[must_use]
pub fn plan(analysis: &Analysis) -> String {
    let exclusions = &analysis.graph.exclusions;
    let phases_of = analysis.plan.phases.iter().flat_map(|phase| &phase.merge_order);
    let whys = phases_of.map(|id| (id, why(analysis, id)));
    let whys: Vec<(&PrdId, String)> = whys.filter(|(_, why)| !why.is_empty()).collect();
    let left = left_out(&analysis.left_out);
    frame(
        "flagman: the plan",
        &html! {
            h1 { "flagman: the plan" }
            @for line in proof(analysis).lines() { p { (visible(line)) } }
            @if !left.is_empty() { p { (visible(&left)) } }
            (phases(analysis, None))
            @if !whys.is_empty() {
                h2 { "Why not earlier" }
                ul { @for (id, why) in &whys { li { code { (visible(&id.0)) } " " (visible(why)) } } }
            }
            @if !exclusions.is_empty() {
                h2 { "Never in one phase" }
                ul {
                    @for one in exclusions {
                        li { code { (visible(&one.a.0)) } " and " code { (visible(&one.b.0)) } ": " (visible(&apart(one))) }
                    }
                }
            }
            (skipped(analysis))
        },
    )
}

fn frame(title: &str, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    markup.into_string()
}

fn sentence(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "clear",
        Verdict::Blocked => "blocked",
        Verdict::Unknown => "cannot tell",
    }
}

fn phases(analysis: &Analysis, answer: Option<&GateAnswer>) -> Markup {
    let verdict = |id: &PrdId| {
        answer?
            .prds
            .iter()
            .find(|(prd, _)| prd == id)
            .map(|(_, verdict)| *verdict)
    };
    let title = |id: &PrdId| {
        analysis
            .prds
            .iter()
            .find(|prd| prd.id == *id)
            .map(|prd| visible(&prd.title))
    };
    let prd = |id: &PrdId| {
        html! {
            li {
                code { (visible(&id.0)) } " " (title(id).unwrap_or_default())
                @if let Some(verdict) = verdict(id) { " " strong class=(verdict.word()) { (sentence(verdict)) } }
            }
        }
    };
    let flips = |phase: &Phase| {
        let barriers = analysis.plan.barriers.iter();
        let mine: Vec<_> = barriers
            .filter(|barrier| barrier.before_phase == phase.number)
            .collect();
        html! {
            @for barrier in mine {
                li.flip {
                    @if let Some(made) = &barrier.made { (visible(&made.prd.0)) " turns " } @else { "flip " }
                    code { (visible(barrier.flag.as_str())) } " " (barrier.to.word()) ": unlocks " (ids(&barrier.unlocks))
                }
            }
        }
    };
    html! {
        h2 { "Phases" }
        ol.phases {
            @for phase in &analysis.plan.phases {
                (flips(phase))
                li.asked[answer.is_some_and(|answer| answer.phase == Some(phase.number))] {
                    strong { "phase " (phase.number) }
                    ul { @for id in &phase.merge_order { (prd(id)) } }
                }
            }
            @if !analysis.plan.unplanned.is_empty() {
                li { strong { "in no phase" } ul { @for id in &analysis.plan.unplanned { (prd(id)) } } }
            }
        }
    }
}

fn ids(ids: &[PrdId]) -> String {
    let names: Vec<String> = ids.iter().map(|id| visible(&id.0)).collect();
    names.join(", ")
}

fn article(analysis: &Analysis, finding: &Finding) -> Markup {
    html! {
        article class=(finding.level.word()) {
            h3 { (finding.level.word()) " · " code { (finding.check) } }
            p { (visible(&finding.message)) }
            @for place in &finding.places { (snippet(analysis, place.span, &place.note)) }
            @if !finding.remedies.is_empty() {
                ul {
                    @for remedy in &finding.remedies {
                        li {
                            (visible(&remedy.detail))
                            @if let Some(command) = &remedy.command { (remedy.leads()) code { (visible(command)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The first line of a place, with the place marked in it.
fn snippet(analysis: &Analysis, span: Span, note: &str) -> Markup {
    let (sources, start) = (&analysis.sources, analysis.sources.start(span));
    let line = sources.line(span.file, start.line);
    let (text, from) = (sources.text(line), line.bytes.range().start);
    let marked = span.bytes.range();
    let end = marked.end.min(line.bytes.range().end) - from;
    let (before, rest) = text.split_at(marked.start - from);
    let (inside, after) = rest.split_at(end.saturating_sub(marked.start - from));
    let shown: String = inside.trim_end().chars().take(WIDEST).collect();
    let before: Vec<char> = before.chars().collect();
    let before: String = before[before.len().saturating_sub(WIDEST)..].iter().collect();
    let after: String = after.trim_end().chars().take(WIDEST).collect();
    html! {
        p.place {
            code { (visible(sources.path(span.file).as_str())) ":" (start.line) ":" (start.column) }
            @if !note.is_empty() { " " span.note { (visible(note)) } }
        }
        pre { (visible(before.trim_start())) mark { (visible(&shown)) } (visible(&after)) }
    }
}

fn skipped(analysis: &Analysis) -> Markup {
    let all = analysis.skipped();
    html! {
        @if !all.is_empty() {
            h2 { "Not read, or understood in part" }
            ul { @for skip in all { li { code { (visible(skip.path.as_str())) } " " (visible(&skip.reason.to_string())) } } }
        }
    }
}
