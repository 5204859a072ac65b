//! Who must come before whom. Enters: PRDs, touchpoints, assumptions. Leaves: candidate edges with their places; `mod.rs` decides
//! which of them are followed.

use std::collections::{BTreeMap, BTreeSet};

use super::{EdgeKind, Inputs, Numbers, Writes};
use crate::assumption::flips::PlannedFlip;
use crate::assumption::{Assumption, NeedCertainty, Supply};
use crate::flag::FlagKey;
use crate::prd::{Access, Claim, Prd};
use crate::source::Span;
use crate::touchpoint::{Certainty, References, Target, TargetKind, Touchpoint};

/// Edges by `from`, `to` and kind, with their places.
pub(super) type Edges = BTreeMap<(usize, usize, EdgeKind), BTreeSet<Span>>;

/// Edges that documents state.
pub(super) fn declared(inputs: &Inputs<'_>, numbers: &Numbers<'_>, edges: &mut Edges) {
    let references = References::new(inputs.prds);
    for prd in inputs.prds {
        let Some(to) = numbers.of(&prd.id) else { continue };
        for statement in &prd.statements {
            // What cannot be resolved is said by `touchpoint`, as an unresolved mention.
            let find = |name: &str| {
                let other = references.find(name).ok().and_then(|id| numbers.of(id));
                other.filter(|other| *other != to)
            };
            let (from, to) = match &statement.claim {
                Claim::DependsOn { on } => (find(on), Some(to)),
                Claim::Before { what } => (Some(to), find(what)),
                _ => continue,
            };
            if let (Some(from), Some(to)) = (from, to) {
                add(edges, from, to, EdgeKind::Declared, [statement.span]);
            }
        }
    }
}

/// Who needs a flag comes after who introduces it.
pub(super) fn flags(inputs: &Inputs<'_>, numbers: &Numbers<'_>, edges: &mut Edges) {
    let mut introducers: BTreeMap<&str, BTreeMap<usize, BTreeSet<Span>>> = BTreeMap::new();
    let mut introduces = |flag, number, span| {
        introducers
            .entry(flag)
            .or_default()
            .entry(number)
            .or_default()
            .insert(span);
    };
    for prd in inputs.prds {
        let Some(number) = numbers.of(&prd.id) else { continue };
        for statement in &prd.statements {
            if let Claim::Introduces { key: Some(key), .. } = &statement.claim {
                introduces(FlagKey::as_str(key), number, statement.span);
            }
        }
    }
    // Where documents say who ships it, nobody else only seems to ("Adds a page. It assumes that `x` is live").
    let said: BTreeSet<String> = introducers.keys().map(|flag| (*flag).to_owned()).collect();
    let mut introduces = |flag, number, span| {
        introducers
            .entry(flag)
            .or_default()
            .entry(number)
            .or_default()
            .insert(span);
    };
    for point in inputs.touchpoints {
        if point.target.kind == TargetKind::Flag && makes(point) && !said.contains(&point.target.name) {
            let number = numbers.of(&point.prd);
            if let (Some(number), Some(span)) = (number, point.because.first()) {
                introduces(&point.target.name, number, *span);
            }
        }
    }
    for assumption in inputs.assumptions {
        let Some(to) = numbers.of(&assumption.prd) else {
            continue;
        };
        let Some(makers) = introducers.get(assumption.flag.as_str()) else {
            continue;
        };
        if assumption.certainty < NeedCertainty::Likely || makers.contains_key(&to) {
            continue;
        }
        for (&from, said) in makers {
            let needed = assumption.because.iter().map(|evidence| evidence.span);
            add(edges, from, to, EdgeKind::Flag, said.iter().copied().chain(needed));
        }
    }
}

/// Who needs a state comes after the PRD whose landing turns the flag to it, and that one after who ships what is behind the flag, unless it must come before: then the checks say so. Where
/// several PRDs turn one flag, who is meant is anybody's guess.
pub(super) fn turns(inputs: &Inputs<'_>, numbers: &Numbers<'_>, edges: &mut Edges) {
    let mut turned: BTreeMap<&FlagKey, BTreeMap<usize, Vec<&PlannedFlip>>> = BTreeMap::new();
    for flip in inputs.flips {
        if let Some(number) = flip.with.as_ref().and_then(|with| numbers.of(with)) {
            turned
                .entry(&flip.flag)
                .or_default()
                .entry(number)
                .or_default()
                .push(flip);
        }
    }
    for (flag, makers) in turned {
        let Some((&from, said)) = makers.first_key_value().filter(|_| makers.len() == 1) else {
            continue;
        };
        let to = said[0].to;
        if said.iter().any(|flip| flip.to != to) {
            continue;
        }
        let unmet = |need: &&Assumption| {
            need.flag == *flag
                && need.needs == to
                && need.supply == Supply::Nobody
                && need.certainty >= NeedCertainty::Likely
        };
        // What is behind the flag is there before it is turned.
        let reach = numbers.reach(edges);
        for (shipper, span) in shippers(inputs, numbers, flag) {
            if shipper != from && !reach.reaches(from, shipper) {
                let turned = said.iter().map(|flip| flip.span);
                add(edges, shipper, from, EdgeKind::Flag, turned.chain([span]));
            }
        }
        let reach = numbers.reach(edges);
        for need in inputs.assumptions.iter().filter(unmet) {
            let Some(waiting) = numbers.of(&need.prd).filter(|waiting| *waiting != from) else {
                continue;
            };
            if !reach.reaches(waiting, from) {
                let needed = need.because.iter().map(|evidence| evidence.span);
                add(
                    edges,
                    from,
                    waiting,
                    EdgeKind::Flag,
                    said.iter().map(|flip| flip.span).chain(needed),
                );
            }
        }
    }
}

/// The PRDs that ship something behind a flag, and where they say so.
fn shippers<'a>(
    inputs: &'a Inputs<'_>,
    numbers: &'a Numbers<'_>,
    flag: &'a FlagKey,
) -> impl Iterator<Item = (usize, Span)> + 'a {
    let statements = inputs
        .prds
        .iter()
        .flat_map(|prd| prd.statements.iter().map(move |said| (prd, said)));
    statements.filter_map(move |(prd, said)| match &said.claim {
        Claim::Introduces { key: Some(key), .. } if key == flag => Some((numbers.of(&prd.id)?, said.span)),
        _ => None,
    })
}

/// True if this PRD makes something that is not there yet, as far as the words go.
pub(super) fn makes(point: &Touchpoint) -> bool {
    let new = !point.exists || point.certainty == Certainty::Observed;
    point.access == Access::Create && point.certainty >= Certainty::Mentioned && new
}

/// Who uses what another makes comes after it. `reaches` knows the declared order.
pub(super) fn produces(
    inputs: &Inputs<'_>,
    numbers: &Numbers<'_>,
    reaches: impl Fn(usize, usize) -> bool,
    edges: &mut Edges,
) {
    let mut by_target: BTreeMap<&Target, Vec<&Touchpoint>> = BTreeMap::new();
    for point in inputs
        .touchpoints
        .iter()
        .filter(|point| point.certainty >= Certainty::Mentioned)
    {
        by_target.entry(&point.target).or_default().push(point);
    }
    for points in by_target.values() {
        let seem: Vec<(usize, &Touchpoint)> = points
            .iter()
            .filter(|point| makes(point))
            .filter_map(|point| Some((numbers.of(&point.prd)?, *point)))
            .collect();
        // Of two makers one may only seem so ("create a row in …"): where the order is declared, the first one makes it; else who
        // makes it is anybody's guess, and they exclude each other.
        let later = |number: usize| seem.iter().any(|(other, _)| reaches(*other, number));
        let makers: Vec<&(usize, &Touchpoint)> = seem.iter().filter(|(number, _)| !later(*number)).collect();
        let &[&(from, maker)] = makers.as_slice() else { continue };
        for user in points {
            if let Some(to) = numbers.of(&user.prd).filter(|to| *to != from) {
                let places = maker.because.iter().take(3).chain(user.because.iter().take(3));
                add(edges, from, to, EdgeKind::Produces, places.copied());
            }
        }
    }
}

/// Who says that it ships before everything else comes before everybody who is not before it; hotfixes wait for nobody.
pub(super) fn foundations(prds: &[Prd], numbers: &Numbers<'_>, reaches: impl Fn(usize, usize) -> bool) -> Edges {
    let claims = |prd: &Prd, wanted: &Claim| {
        prd.statements
            .iter()
            .find(|said| said.claim == *wanted)
            .map(|said| said.span)
    };
    let numbered = || prds.iter().filter_map(|prd| Some((numbers.of(&prd.id)?, prd)));
    let foundations: BTreeMap<usize, Span> = numbered()
        .filter_map(|(number, prd)| Some((number, claims(prd, &Claim::Foundation)?)))
        .collect();
    // An ancestor of any foundation waits for none of them: two foundations must not wait for each other through what they need.
    let needed = |number: usize| foundations.keys().any(|&foundation| reaches(number, foundation));
    let mut edges = Edges::new();
    for (&from, &span) in &foundations {
        for (to, prd) in numbered() {
            let hotfix = claims(prd, &Claim::Hotfix).is_some();
            if !hotfix && !foundations.contains_key(&to) && !needed(to) {
                add(&mut edges, from, to, EdgeKind::Foundation, [span]);
            }
        }
    }
    edges
}

/// Who needs a flag as it is goes before who needs the opposite, which somebody has to turn it to: one phase cannot be both, and the other order
/// would turn it twice. Where the order is another one already, that holds.
pub(super) fn held(inputs: &Inputs<'_>, numbers: &Numbers<'_>, edges: &mut Edges) {
    let meant = |need: &&Assumption| need.certainty >= NeedCertainty::Likely && need.test.is_none();
    let of = |supplies: fn(&Supply) -> bool| {
        let each = inputs.assumptions.iter().filter(meant);
        each.filter(move |need| supplies(&need.supply))
            .collect::<Vec<&Assumption>>()
    };
    let has_it = of(|supply| matches!(supply, Supply::State | Supply::Ambient));
    let unmet = of(|supply| *supply == Supply::Nobody);
    let mut reach = numbers.reach(edges);
    for need in unmet {
        for other in has_it
            .iter()
            .filter(|other| other.flag == need.flag && other.needs == need.needs.flipped())
        {
            let (Some(from), Some(to)) = (numbers.of(&other.prd), numbers.of(&need.prd)) else {
                continue;
            };
            if from == to || reach.ordered(from, to) {
                continue;
            }
            let places = other.because.iter().chain(&need.because).map(|evidence| evidence.span);
            add(edges, from, to, EdgeKind::Held, places);
            reach = numbers.reach(edges);
        }
    }
}

/// Who uses a thing goes before who takes it away or renames it: that one sees what is there to be changed with it, and nobody is sent after a thing
/// that is gone. Where the order is another one already, that holds.
pub(super) fn gone(inputs: &Inputs<'_>, numbers: &Numbers<'_>, edges: &mut Edges) {
    let sure = |point: &&Touchpoint| point.exists && point.certainty >= Certainty::Mentioned;
    let mut by_target: BTreeMap<&Target, Vec<&Touchpoint>> = BTreeMap::new();
    for point in inputs.touchpoints.iter().filter(sure) {
        by_target.entry(&point.target).or_default().push(point);
    }
    let mut reach = numbers.reach(edges);
    for points in by_target.values() {
        let mut takers = points.iter().filter(|point| point.gone);
        let (Some(taker), None) = (takers.next(), takers.next()) else {
            continue;
        };
        let uses = |point: &&&Touchpoint| point.access == Access::Read && point.prd != taker.prd;
        for user in points.iter().filter(uses) {
            let (Some(from), Some(to)) = (numbers.of(&user.prd), numbers.of(&taker.prd)) else {
                continue;
            };
            if !reach.ordered(from, to) {
                let places = taker.contract.iter().take(1).chain(user.because.iter().take(1));
                add(edges, from, to, EdgeKind::Gone, places.copied());
                reach = numbers.reach(edges);
            }
        }
    }
}

/// A hotfix goes before who changes the same as it does, and before foundations, unless it must come after them.
pub(super) fn hotfixes(inputs: &Inputs<'_>, numbers: &Numbers<'_>, writes: &Writes<'_>, edges: &mut Edges) {
    let says = |prd: &Prd, claim: &Claim| {
        prd.statements
            .iter()
            .find(|said| said.claim == *claim)
            .map(|said| said.span)
    };
    let fixes = inputs
        .prds
        .iter()
        .filter_map(|prd| Some((numbers.of(&prd.id)?, says(prd, &Claim::Hotfix)?)));
    let fixes: BTreeMap<usize, Span> = fixes.collect();
    if fixes.is_empty() {
        return;
    }
    let basis = inputs.prds.iter().filter(|prd| says(prd, &Claim::Foundation).is_some());
    let basis: Vec<usize> = basis.filter_map(|prd| numbers.of(&prd.id)).collect();
    let reach = numbers.reach(edges);
    let apart = writes.exclusions(|a, b| reach.ordered(a, b), |a, b| reach.ordered(a, b));
    let meets = apart
        .iter()
        .filter_map(|pair| Some((numbers.of(&pair.a)?, numbers.of(&pair.b)?)));
    let meets: Vec<(usize, usize)> = meets.collect();
    for (&fix, &span) in &fixes {
        let same = meets.iter().filter_map(|&(a, b)| match (a == fix, b == fix) {
            (true, _) => Some(b),
            (_, true) => Some(a),
            _ => None,
        });
        for other in same.chain(basis.iter().copied()) {
            if !fixes.contains_key(&other) && !reach.ordered(fix, other) {
                add(edges, fix, other, EdgeKind::Hotfix, [span]);
            }
        }
    }
}

/// Adds an edge, or its places to the one that is there.
pub(super) fn add(edges: &mut Edges, from: usize, to: usize, kind: EdgeKind, places: impl IntoIterator<Item = Span>) {
    edges.entry((from, to, kind)).or_default().extend(places);
}
