//! `value-contradiction`: two documents, or a document and the code, say that one constant or setting has different values.
//!
//! Never an error: which of two sentences is meant of the same moment only their authors know. Where the one that sets a new value has landed, what
//! the other one says has gone stale.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::index::Symbol;
use crate::prd::{PrdId, Worth, WorthKind, literal};
use crate::source::Span;

/// What one document says of one name.
#[derive(Clone, Copy)]
struct Said<'a> {
    prd: &'a PrdId,
    worth: &'a Worth,
}

impl Said<'_> {
    fn gives(&self) -> bool {
        self.worth.kind == WorthKind::Becomes
    }
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, Vec<Said<'_>>> = BTreeMap::new();
    for prd in facts.prds {
        let mut own: BTreeMap<&str, &Worth> = BTreeMap::new();
        for worth in &prd.worths {
            // What it makes of the thing counts more than what it tells of it.
            let kept = own.entry(&worth.name).or_insert(worth);
            if worth.kind == WorthKind::Becomes {
                *kept = worth;
            }
        }
        for (name, worth) in own {
            by_name.entry(name).or_default().push(Said { prd: &prd.id, worth });
        }
    }
    let each = by_name.values();
    each.flat_map(|said| {
        between_documents(facts, said)
            .into_iter()
            .chain(with_the_code(facts, said))
    })
    .collect()
}

/// One finding for each document that says another value than the first one that sets it, or than the first one of all.
fn between_documents(facts: &Facts<'_>, said: &[Said<'_>]) -> Vec<Finding> {
    let Some(first) = said.iter().find(|one| one.gives()).or_else(|| said.first()) else {
        return Vec::new();
    };
    let differs = |one: &&Said<'_>| one.prd != first.prd && comparable(first.worth, one.worth);
    said.iter()
        .filter(differs)
        .filter_map(|one| contradicts(facts, *first, *one))
        .collect()
}

/// Two values of one unit, or without any, that differ.
fn comparable(one: &Worth, other: &Worth) -> bool {
    let unit = |worth: &Worth| worth.value.split_once(' ').map(|(_, unit)| unit.to_owned());
    let text = |worth: &Worth| worth.value.starts_with('"');
    one.value != other.value && text(one) == text(other) && (text(one) || unit(one) == unit(other))
}

fn contradicts(facts: &Facts<'_>, first: Said<'_>, other: Said<'_>) -> Option<Finding> {
    let landed = |said: Said<'_>| facts.landed.contains(said.prd);
    let after =
        |a: Said<'_>, b: Said<'_>| matches!((facts.phase(a.prd), facts.phase(b.prd)), (Some(a), Some(b)) if a > b);
    // One value after the other is how things go where somebody ordered the two; what is done is done.
    let ordered = waits_for(facts, other.prd, first.prd) || waits_for(facts, first.prd, other.prd);
    let in_turn = other.gives() && (ordered || landed(first));
    if landed(other) || in_turn {
        return None;
    }
    let name = &first.worth.name;
    let done = if landed(first) { ", which has landed," } else { "" };
    let deed = match (first.gives(), landed(first)) {
        (true, true) => format!("has set `{name}` to {}", first.worth.value),
        (true, false) => format!("sets `{name}` to {}", first.worth.value),
        (false, _) => format!("says that `{name}` is {}", first.worth.value),
    };
    let counts = if other.gives() { "sets it to" } else { "takes it to be" };
    // Who lands before the change is right while it lands.
    let early = first.gives() && !landed(first) && after(first, other);
    let level = if early { Level::Note } else { Level::Warning };
    let message = format!(
        "PRD {}{done} {deed}, and PRD {} {counts} {}",
        first.prd, other.prd, other.worth.value
    );
    let remedy = "decide which of the two holds, and change the other document";
    Some(
        Finding::new("value-contradiction", level, message)
            .about(other.prd)
            .with([first.prd.clone()])
            .at(Role::Prd, other.worth.span, format!("{} here", other.worth.value))
            .at(Role::Prd, first.worth.span, format!("{} here", first.worth.value))
            .help(Remedy::new(RemedyKind::Coordinate, remedy)),
    )
}

/// True if one comes after another by the edges of the graph, over any number of others.
fn waits_for(facts: &Facts<'_>, late: &PrdId, early: &PrdId) -> bool {
    let (mut open, mut seen) = (vec![late], BTreeSet::from([late]));
    while let Some(at) = open.pop() {
        for edge in facts.graph.edges.iter().filter(|edge| edge.to == *at) {
            if edge.from == *early {
                return true;
            }
            if seen.insert(&edge.from) {
                open.push(&edge.from);
            }
        }
    }
    false
}

/// A document that says of today what the code does not say.
fn with_the_code<'a>(facts: &'a Facts<'_>, said: &'a [Said<'a>]) -> impl Iterator<Item = Finding> + 'a {
    let today = said.iter().filter(|one| one.worth.kind == WorthKind::Stays);
    today.filter_map(move |one| {
        let (value, span) = declared(facts, &one.worth.name)?;
        let plain = one.worth.value.split(' ').next().unwrap_or_default();
        if plain == value {
            return None;
        }
        let message = format!(
            "PRD {} says that `{}` is {}, and the code has {value}",
            one.prd, one.worth.name, one.worth.value
        );
        let finding = Finding::new("value-contradiction", Level::Warning, message)
            .about(one.prd)
            .at(Role::Prd, one.worth.span, format!("{} here", one.worth.value))
            .at(Role::Definition, span, format!("{value} here"))
            .help(Remedy::new(
                RemedyKind::Declare,
                "say the value that the code has, or that this PRD changes it",
            ));
        Some(finding)
    })
}

/// The literal that the only constant of this name is declared with, and its place.
fn declared(facts: &Facts<'_>, name: &str) -> Option<(String, Span)> {
    let mut named = facts.index.symbols.iter().filter(|symbol| symbol.name == name);
    let (symbol, None) = (named.next()?, named.next()) else {
        return None;
    };
    Some((initial(facts, symbol)?, symbol.name_span))
}

/// `50` of `MAX_ITEMS = 50;` and of `MAX_ITEMS: u32 = 50`: what stands alone behind the name on its line.
fn initial(facts: &Facts<'_>, symbol: &Symbol) -> Option<String> {
    let text = &facts.sources.file(symbol.name_span.file).text;
    let rest = text.get(symbol.name_span.bytes.end as usize..)?;
    let line = rest.lines().next()?;
    let (kind, value) = line.split_once('=')?;
    let typed = kind.trim().is_empty() || kind.trim().starts_with(':');
    literal(value.trim().trim_end_matches([';', ',']).trim_end()).filter(|_| typed)
}
