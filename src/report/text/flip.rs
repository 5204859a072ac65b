//! `flagman flip`, as text: what breaks first, then what changes, then what to type.

use std::fmt::Write as _;

use super::{Length, at, counted, lines, said_row, section, set_command, short};
use crate::analysis::Analysis;
use crate::assumption::{NeedCertainty, Supply};
use crate::flag::FlagValue;
use crate::flip::{Doubt, Flip, Other, Region, TestHit};
use crate::report::visible;

/// Rows of a list.
const ROWS: usize = 10;

/// The answer.
#[must_use]
pub fn flip(analysis: &Analysis, flip: &Flip, length: Length) -> String {
    let environment = &analysis.settings.environment;
    if flip.is_nothing() {
        return visible(&format!(
            "{} is {} already in environment {environment}: nothing changes\n\nnext: flagman flags {}{}\n",
            flip.flag,
            flip.to,
            flip.flag.word(),
            analysis.settings.invocation
        ));
    }
    let mut text = format!(
        "{}: {} now, {} after the flip (environment {environment})\n",
        flip.flag, flip.from, flip.to
    );
    let _ = writeln!(text, "{}", summary(flip));
    tests(&mut text, analysis, flip, length);
    code(&mut text, analysis, flip, length);
    prds(&mut text, analysis, flip, length);
    for skip in &flip.unread {
        let _ = writeln!(text, "\ncannot tell: {} could not be read ({})", skip.path, skip.reason);
    }
    text.push_str(&next(analysis, flip));
    visible(&text)
}

/// One line for who has no time.
fn summary(flip: &Flip) -> String {
    let tests = &flip.tests;
    let mut parts = vec![match tests.breaks.len() {
        0 => format!("breaks no test that is known to need it {}", flip.to.flipped()),
        count => format!(
            "breaks {} known to need it {}",
            counted(count, "test"),
            flip.to.flipped()
        ),
    }];
    let mut add = |count: usize, what: &str, noun: &str| {
        if count > 0 {
            parts.push(format!("{what} {}", counted(count, noun)));
        }
    };
    add(tests.unknown.len(), "may break", "test");
    add(tests.fixes.len(), "mends", "test");
    add(flip.held.len(), "holds", "PRD");
    add(flip.unlocks.len(), "unlocks", "PRD");
    parts.join(" · ")
}

fn tests(text: &mut String, analysis: &Analysis, flip: &Flip, length: Length) {
    let gone = flip.to.flipped();
    let rows = |hits: &[TestHit]| hits.iter().filter_map(|hit| test_row(analysis, flip, hit)).collect();
    let tests = &flip.tests;
    section(
        text,
        &format!("breaks: needs {gone}, and nothing in the test sets it"),
        rows(&tests.breaks),
        ROWS,
        length,
    );
    section(text, "may break", rows(&tests.unknown), ROWS, length);
    section(
        text,
        &format!("begins to pass: needs {}", flip.to),
        rows(&tests.fixes),
        ROWS,
        length,
    );
    if tests.forced > 0 {
        let set = if tests.forced == 1 {
            "sets the flag itself and stays"
        } else {
            "set the flag themselves and stay"
        };
        let _ = writeln!(text, "\nunaffected: {} {set} as is", counted(tests.forced, "test"));
    }
    if tests.near > 0 {
        let (import, set) = if tests.near == 1 {
            ("imports", "sets")
        } else {
            ("import", "set")
        };
        let near = counted(tests.near, "other test");
        let _ = writeln!(
            text,
            "\nnot known: {near} {import} what it decides about and {set} nothing; flagman probe runs them"
        );
    }
    if tests.kept > 0 {
        let keep = if tests.kept == 1 { "keeps" } else { "keep" };
        let state = "flags.ambient in flagman.toml says what tests see";
        let _ = writeln!(
            text,
            "\nunaffected: {} {keep} {gone}, because {state}",
            counted(tests.kept, "test")
        );
    }
}

fn test_row(analysis: &Analysis, flip: &Flip, hit: &TestHit) -> Option<Vec<String>> {
    let index = hit.code(analysis);
    let case = index.tests.get(hit.need.test)?;
    let name: Vec<&str> = case
        .suite
        .iter()
        .map(String::as_str)
        .chain([case.name.as_str()])
        .collect();
    let branch = hit
        .branch
        .map(|at| format!(" on {}", analysis.branches[at].branch))
        .unwrap_or_default();
    let certainty = match hit.need.certainty {
        NeedCertainty::Proven => "proven",
        NeedCertainty::Likely => "likely",
        NeedCertainty::Possible => "possible",
    };
    let why = match hit.doubt {
        Some(Doubt::RunsWith) => "what it runs with is not known".to_owned(),
        Some(Doubt::Harness) => format!("the test harness has it {}", flip.to.flipped()),
        Some(Doubt::Need) => format!("may need {}", flip.to.flipped()),
        None => match hit.need.supply {
            Supply::State => "fragile: only by the flag file".to_owned(),
            Supply::Ambient => "fragile: only by a default".to_owned(),
            Supply::Stub | Supply::Flip | Supply::Nobody => String::new(),
        },
    };
    Some(vec![
        format!("{}{branch}", at(analysis, case.span)),
        short(&name.join(" > ")),
        certainty.to_owned(),
        why,
    ])
}

fn code(text: &mut String, analysis: &Analysis, flip: &Flip, length: Length) {
    let rows = |regions: &[Region]| regions.iter().map(|region| region_row(analysis, region)).collect();
    section(text, "goes live", rows(&flip.live), ROWS, length);
    section(text, "goes dark", rows(&flip.dark), ROWS, length);
    section(
        text,
        "stays dark: waits for another flag too",
        rows(&flip.waits),
        ROWS,
        length,
    );
    let reads = flip.unfollowed.iter().map(|at| &analysis.index.reads[*at]);
    let reads = reads.map(|read| vec![at(analysis, read.key_span), short(&read.symbol)]);
    section(
        text,
        "read, but what it decides is not followed",
        reads.collect(),
        ROWS / 2,
        length,
    );
    let nothing = flip.live.is_empty() && flip.dark.is_empty() && flip.waits.is_empty() && flip.unfollowed.is_empty();
    if nothing {
        text.push_str("\nno code is seen to run in one of its states only\n");
    }
}

fn region_row(analysis: &Analysis, region: &Region) -> Vec<String> {
    let place = format!(
        "{}:{}",
        analysis.sources.path(region.span.file),
        lines(analysis, region.span)
    );
    let guard = format!("guard at line {}", analysis.sources.start(region.condition).line);
    let others: Vec<String> = region.others.iter().map(other).collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; also needs {}", others.join(" and "))
    };
    vec![place, short(&region.symbol), format!("{guard}{others}")]
}

/// `` `b` on (so now) ``
fn other(other: &Other) -> String {
    let any: Vec<String> = other
        .any
        .iter()
        .map(|(key, value)| format!("`{key}` {value}"))
        .collect();
    let now = match other.holds {
        FlagValue::On => "so now",
        FlagValue::Off => "not so now",
        FlagValue::Unknown => "not known",
    };
    format!("{} ({now})", any.join(" or "))
}

fn prds(text: &mut String, analysis: &Analysis, flip: &Flip, length: Length) {
    let title = |id: &crate::prd::PrdId| {
        let prd = analysis.prds.iter().find(|prd| prd.id == *id);
        prd.map_or(String::new(), |prd| short(&prd.title))
    };
    let unlocks = flip.unlocks.iter().map(|id| vec![id.0.clone(), title(id)]);
    section(text, "unlocks", unlocks.collect(), ROWS, length);
    let held = flip
        .held
        .iter()
        .map(|held| vec![held.prd.0.clone(), held.message.clone()]);
    section(text, "holds", held.collect(), ROWS, length);
    let mut planned: Vec<Vec<String>> = flip
        .barriers
        .iter()
        .map(|barrier| {
            let (to, before) = (barrier.to, barrier.before_phase);
            vec![
                "the plan".to_owned(),
                match &barrier.made {
                    Some(made) => format!("has it {to} before phase {before}, by PRD {}", made.prd),
                    None => format!("turns it {to} before phase {before}"),
                },
            ]
        })
        .collect();
    planned.extend(flip.said.iter().map(|said| said_row(analysis, &flip.flag, said)));
    section(text, "planned", planned, ROWS, length);
}

fn next(analysis: &Analysis, flip: &Flip) -> String {
    let probe = format!("flagman probe {}{}", flip.flag.word(), analysis.settings.invocation);
    let set = set_command(analysis, &flip.flag, flip.to);
    let mut steps = vec![format!("{probe}     run the tests in both states"), set];
    let facts = analysis.flags.get(&flip.flag);
    if facts.is_some_and(|facts| facts.compiled_in(&analysis.index)) {
        steps.push(
            "it is compiled in: change what the build turns on as well, a record alone changes nothing".to_owned(),
        );
    }
    format!("\nnext: {}\n", steps.join("\n      "))
}
