//! `flagman flags KEY`, as text: one flag's whole life on one screen.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Length, at, counted, lines, said_row, section, short, table};
use crate::analysis::Analysis;
use crate::assumption::table::FlagFacts;
use crate::assumption::{NeedCertainty, Role, Supply, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue, shell_word};
use crate::index::test_code::TestCode;
use crate::index::{CodeIndex, FlagRead, Force, ForceScope, ForcedValue};
use crate::life::{Life, Stale};
use crate::report::visible;
use crate::source::{RepoPath, Span};

/// Rows of a long list, and of one whose rows say the same again.
const ROWS: usize = 8;
const FEW: usize = 5;

/// One flag: the five defaults, the ledger, who reads it, who sets it, who needs it, what documents say, and what to type next.
#[must_use]
pub fn flag(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts, length: Length) -> String {
    let life = Life::of(analysis, key, facts);
    let (value, _) = facts.served();
    let mut text = format!(
        "{key}: {value} in environment {} (default {})\n",
        analysis.settings.environment,
        facts.default_value()
    );
    if !facts.aliases.is_empty() {
        let aliases: Vec<&str> = facts.aliases.iter().map(String::as_str).collect();
        let _ = writeln!(text, "also read as {}", short(&aliases.join(", ")));
    }
    section(&mut text, "defaults", defaults(analysis, facts), ROWS, length);
    history(&mut text, analysis, key, length);
    section(&mut text, "defined", defined(analysis, facts), FEW, length);
    let reads = life.reads.iter().map(|at| read_row(analysis, *at));
    section(&mut text, "read", reads.collect(), ROWS, length);
    let in_tests = facts.reads.len() - life.reads.len();
    if in_tests > 0 && !life.reads.is_empty() {
        let _ = writeln!(text, "  beside {} in tests", counted(in_tests, "read"));
    }
    let forces = life
        .forces
        .iter()
        .map(|at| force_row(analysis, &analysis.index.forces[*at]));
    section(&mut text, "set for tests", forces.collect(), ROWS, length);
    if life.forces_of_all > 0 {
        let _ = writeln!(
            text,
            "  beside {} that set every flag at once",
            counted(life.forces_of_all, "place")
        );
    }
    tests(&mut text, analysis, key, length);
    reached(&mut text, analysis, key, length);
    let said = life.said.iter().map(|said| said_row(analysis, key, said));
    section(&mut text, "said by", said.collect(), ROWS, length);
    stale(&mut text, &life);
    text.push_str(&next(analysis, key, value));
    visible(&text)
}

/// The tests that reach the flag and say nothing of it: how many, and where, by file.
fn reached(text: &mut String, analysis: &Analysis, key: &FlagKey, length: Length) {
    let tests = analysis.reached(Some(key)).remove(key).unwrap_or_default();
    let mut files: BTreeMap<&RepoPath, (Span, usize)> = BTreeMap::new();
    for case in tests.iter().filter_map(|need| analysis.index.tests.get(need.test)) {
        files.entry(&case.path).or_insert((case.span, 0)).1 += 1;
    }
    let rows = files
        .values()
        .map(|(first, count)| vec![at(analysis, *first), counted(*count, "test")]);
    let says = if tests.len() == 1 { "says" } else { "say" };
    let heading = format!("reached by {} that {says} nothing of it", counted(tests.len(), "test"));
    section(text, &heading, rows.collect(), FEW, length);
}

/// The five values that people all call "default", each with who says so.
fn defaults(analysis: &Analysis, facts: &FlagFacts) -> Vec<Vec<String>> {
    let value = |value: FlagValue| if value == FlagValue::Unknown { "-" } else { value.word() }.to_owned();
    let row = |name: &str, value: String, note: String| vec![name.to_owned(), value, note];
    let index = &analysis.index;
    let declared = match facts.definitions.first().map(|at| &index.definitions[*at]) {
        None => "defined nowhere that a rule knows".to_owned(),
        Some(_) if facts.disputed => "its definitions disagree".to_owned(),
        Some(first) => at(analysis, first.value_span.unwrap_or(first.span)),
    };
    let tests = TestCode::of(index);
    let in_code = facts
        .reads
        .iter()
        .map(|at| &index.reads[*at])
        .filter(|read| !tests.holds(read.span));
    let giving: Vec<&FlagRead> = in_code.filter(|read| read.fallback.is_some()).collect();
    let fallback = match (
        giving.first(),
        giving.iter().find(|read| read.fallback == Some(facts.fallback)),
    ) {
        (_, Some(read)) => at(analysis, read.key_span),
        (Some(_), None) => "its reads disagree".to_owned(),
        (None, None) => "no read gives one".to_owned(),
    };
    let missing = match facts.missing {
        Some(_) => "what the SDK answers for a flag that it does not know",
        None => "the call's fallback",
    };
    let (ambient, supply) = facts.ambient(analysis.settings.ambient);
    let by = match supply {
        _ if analysis.settings.ambient.is_some() => "flags.ambient in flagman.toml",
        Supply::Ambient if facts.ambient.is_some() => "the test harness",
        Supply::State => "a test that sets nothing sees the recorded state",
        _ => "a test that sets nothing sees the default",
    };
    let mut rows = vec![
        row("declared", value(facts.declared), declared),
        row("fallback", value(facts.fallback), fallback),
        row(
            "missing",
            facts.missing.map_or("-".to_owned(), value),
            missing.to_owned(),
        ),
        row("in tests", value(ambient), by.to_owned()),
    ];
    match facts.introduced.as_slice() {
        [] => rows.push(row("promised", "-".to_owned(), "by no PRD".to_owned())),
        intros => rows.extend(
            intros
                .iter()
                .map(|intro| row("promised", value(intro.default), format!("by {}", intro.prd))),
        ),
    }
    rows
}

/// The newest entries, oldest first.
fn history(text: &mut String, analysis: &Analysis, key: &FlagKey, length: Length) {
    let part = |part: &Option<String>| short(part.as_deref().unwrap_or_default());
    let rows: Vec<Vec<String>> = analysis
        .ledger
        .history(key)
        .map(|entry| {
            let value = format!("{} in {}", entry.value, entry.environment);
            vec![part(&entry.at), value, part(&entry.by), part(&entry.reason)]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let earlier = if length == Length::All {
        0
    } else {
        rows.len().saturating_sub(FEW)
    };
    text.push_str("\nhistory\n");
    if earlier > 0 {
        let _ = writeln!(text, "  … {earlier} earlier: --all");
    }
    text.push_str(&table(&rows[earlier..]));
}

fn defined(analysis: &Analysis, facts: &FlagFacts) -> Vec<Vec<String>> {
    let definitions = facts.definitions.iter().map(|at| &analysis.index.definitions[*at]);
    let row = |one: &crate::index::FlagDefinition| {
        vec![
            at(analysis, one.span),
            format!("declared {}", one.declared),
            one.rule.clone(),
        ]
    };
    definitions.map(row).collect()
}

fn read_row(analysis: &Analysis, index: usize) -> Vec<String> {
    let read = &analysis.index.reads[index];
    let mut regions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let guards = analysis
        .index
        .guards
        .iter()
        .filter(|guard| guard.reads.contains(&index));
    for guard in guards {
        if let Some(literal) = guard.when.iter().find(|literal| literal.key == read.key) {
            let of_side = regions.entry(literal.value.word()).or_default();
            let lines = lines(analysis, guard.region);
            if !of_side.contains(&lines) {
                of_side.push(lines);
            }
        }
    }
    let guards: Vec<String> = regions
        .iter()
        .map(|(value, lines)| short(&format!("{value}: {}", lines.join(", "))))
        .collect();
    let symbol = if read.via.is_empty() {
        read.symbol.clone()
    } else {
        format!("{} via {}", read.symbol, read.via.join(", "))
    };
    vec![at(analysis, read.key_span), short(&symbol), guards.join("; ")]
}

fn force_row(analysis: &Analysis, force: &Force) -> Vec<String> {
    let value = match force.value {
        ForcedValue::Is(value) => value.word(),
        ForcedValue::Both => "on and off",
        ForcedValue::Partial => "at times",
        ForcedValue::Reset => "taken back",
    };
    let scope = match &force.scope {
        ForceScope::Test(test) => match analysis.index.tests.get(*test) {
            Some(case) => format!("for \"{}\"", case.name),
            None => "for one test".to_owned(),
        },
        ForceScope::Region(region) => {
            let within = analysis.index.tests.iter().find(|case| case.span.contains(*region));
            let lines = lines(analysis, *region);
            within.map_or_else(
                || format!("for the tests in lines {lines}"),
                |case| format!("for lines {lines} of \"{}\"", case.name),
            )
        }
        ForceScope::File(_) => "for every test of the file".to_owned(),
        ForceScope::Project => "for every test of the project".to_owned(),
    };
    vec![at(analysis, force.span), value.to_owned(), short(&scope)]
}

/// The tests that need a state, the most pressing verdict first; those of branches after those of the base.
fn tests(text: &mut String, analysis: &Analysis, key: &FlagKey, length: Length) {
    let mut rows = Vec::new();
    let base = (String::new(), &analysis.index, &analysis.needs);
    let branches = analysis.branches.iter();
    let branches = branches.map(|branch| (format!(" on {}", branch.branch), &branch.index, &branch.needs));
    for (branch, index, needs) in std::iter::once(base).chain(branches) {
        let needs = needs.iter().filter(|need| need.flag == *key && need.needs.is_some());
        let mut needs: Vec<&TestNeed> = needs.collect();
        needs.sort_by_key(|need| (pressing(need.verdict), Reverse(need.certainty)));
        rows.extend(
            needs
                .into_iter()
                .filter_map(|need| test_row(analysis, index, &branch, need)),
        );
    }
    section(text, "needed by", rows, ROWS, length);
}

fn pressing(verdict: TestVerdict) -> u8 {
    match verdict {
        TestVerdict::Blocked => 0,
        TestVerdict::Contradiction => 1,
        TestVerdict::Fragile => 2,
        TestVerdict::Vacuous => 3,
        TestVerdict::Unknown => 4,
        TestVerdict::Ok => 5,
        TestVerdict::Info => 6,
    }
}

fn test_row(analysis: &Analysis, index: &CodeIndex, branch: &str, need: &TestNeed) -> Option<Vec<String>> {
    let (case, needs) = (index.tests.get(need.test)?, need.needs?);
    let verdict = match need.verdict {
        TestVerdict::Ok => "ok, sets it itself",
        TestVerdict::Fragile => "fragile: only by a default",
        TestVerdict::Blocked => "blocked: runs with the opposite",
        TestVerdict::Contradiction => "contradiction: sets the opposite",
        TestVerdict::Vacuous => "vacuous: does not run",
        TestVerdict::Unknown => "unknown what it runs with",
        TestVerdict::Info => "",
    };
    let verdict = match unseen(need).filter(|_| need.verdict == TestVerdict::Unknown) {
        Some(span) => format!("unknown: {} may set it", at(analysis, span)),
        None => verdict.to_owned(),
    };
    let may = if need.certainty == NeedCertainty::Possible {
        "may need"
    } else {
        "needs"
    };
    Some(vec![
        format!("{}{branch}", at(analysis, case.span)),
        short(&case.name),
        format!("{may} {needs}"),
        verdict,
    ])
}

/// The place that takes away the ground to say what a test runs with.
fn unseen(need: &TestNeed) -> Option<Span> {
    let last = need.because.last()?;
    (need.supply == Supply::Ambient && last.role == Role::Stub).then_some(last.span)
}

fn stale(text: &mut String, life: &Life) {
    if life.stale.is_empty() {
        return;
    }
    text.push_str("\nstale?\n");
    for sign in &life.stale {
        let _ = writeln!(text, "  {}", told(*sign));
    }
}

/// The sentence for a sign of age.
pub(in crate::report) fn told(sign: Stale) -> String {
    match sign {
        Stale::NeverRead { dynamic: 0 } => "no code outside of tests reads it".to_owned(),
        Stale::NeverRead { dynamic } => format!(
            "nothing but tests is seen to read it; one of the {} of flags whose names are put together at run time may",
            counted(dynamic, "read")
        ),
        Stale::AlwaysOn => "it is on, is off nowhere, and nothing runs while it is off: the flag can go".to_owned(),
        Stale::DeadStubs { places } => {
            format!(
                "tests set it in {}, and it has no definition and no read",
                counted(places, "place")
            )
        }
    }
}

fn next(analysis: &Analysis, key: &FlagKey, value: FlagValue) -> String {
    let to = match value {
        FlagValue::Unknown => FlagValue::On,
        known => known.flipped(),
    };
    let invocation = &analysis.settings.invocation;
    format!(
        "\nnext: flagman flip {}{invocation}     what that would break, unlock and leave dark\n",
        shell_word(&format!("{key}={to}"))
    )
}
