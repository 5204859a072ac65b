//! The breaches of a pair. Enters: the [`Work`] of two sides that merge cleanly, and what each newly uses. Leaves: [`Breach`]es, the surest
//! first.

use std::collections::BTreeMap;

use super::answer::Taken;
use super::arity::CallShape;
use super::contract::{Gone, How};
use super::excused::is_excused;
use super::uses::Use;
use super::work::Work;
use super::{Breach, BreachKind, BreachPlace, Certainty, bound, fallback, members, migrations, spoken, twice};
use crate::lang::Language;
use crate::source::{RepoPath, Sources};

/// So many uses of one thing are shown.
const SHOWN: usize = 5;

/// What one side took away and the other still uses, as far as the two sides tell by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The place in the pair of who took it away.
    pub by: usize,
    /// What is no longer as it was.
    pub gone: Gone,
    /// Where the other side uses it.
    pub uses: Vec<Use>,
}

/// What a pair's sides take away from each other. Whether it is missed is told by the tree that a merge of them makes ([`super::confirmed`]).
#[must_use]
pub fn claims(sides: [(&Work, &[Use]); 2]) -> Vec<Claim> {
    let of = |(by, other): (usize, usize)| broken(sides[by].0, sides[other], by);
    [(0, 1), (1, 0)].into_iter().flat_map(of).collect()
}

/// The breaches of a pair: what is left of the claims, and what both sides add. A thing is told once, with the first of its uses.
/// `is_single` tells whether the tree that both left has no other file of a file's name; it is asked only where that decides.
#[must_use]
pub fn breaches(
    sources: &Sources,
    works: [&Work; 2],
    claims: &[Claim],
    is_single: &mut dyn FnMut(&RepoPath) -> bool,
) -> Vec<Breach> {
    let mut found: Vec<Breach> = claims.iter().filter_map(|claim| told(sources, claim)).collect();
    found.extend(bound::unbound(sources, works));
    found.extend(twice::twice(sources, works));
    found.extend(members::members(sources, works));
    found.extend(fallback::fallbacks(sources, works));
    found.extend(migrations::migrations(sources, works));
    found.extend(spoken::spoken(sources, works, is_single));
    found.sort();
    found.dedup();
    // One match names many members of an enum.
    found.dedup_by(|later, earlier| {
        let what = |one: &Breach| {
            (
                one.kind,
                one.subject.clone(),
                one.deeds.clone().map(|deed| deed.starts_with("adds ")),
            )
        };
        what(later) == what(earlier) && later.deeds.iter().any(|deed| deed.starts_with("matches "))
    });
    found
}

/// What `breaker` took away and the other side uses; `by` is the place of the breaker in the pair.
fn broken(breaker: &Work, (user, uses): (&Work, &[Use]), by: usize) -> Vec<Claim> {
    let mut by_name: BTreeMap<(&str, &str), Vec<&Use>> = BTreeMap::new();
    for one in uses {
        by_name
            .entry((one.path.as_str(), one.name.as_str()))
            .or_default()
            .push(one);
    }
    let each = breaker.gone.iter().filter_map(|gone| {
        // Who changed it in the same way does not rely upon it.
        let also = user
            .gone
            .iter()
            .any(|other| other.path == gone.path && other.name == gone.name);
        let uses = by_name
            .get(&(gone.path.as_str(), gone.name.as_str()))
            .filter(|_| !also)?;
        let broken = uses.iter().copied().filter(|one| is_broken(gone, one, breaker));
        let uses: Vec<Use> = broken.cloned().collect();
        (!uses.is_empty()).then(|| Claim {
            by,
            gone: gone.clone(),
            uses,
        })
    });
    each.collect()
}

fn told(sources: &Sources, claim: &Claim) -> Option<Breach> {
    let real = claim.uses.iter().filter(|one| !one.import).count();
    // The import says no more than the use.
    let shown = claim.uses.iter().filter(|one| real == 0 || !one.import);
    let mut shown: Vec<&Use> = shown.collect();
    shown.sort_by_key(|one| is_excused(sources, one.span, &one.word));
    // Who tries to import it is ready for all of its uses.
    let tries = |one: &Use| one.import && is_excused(sources, one.span, &one.word);
    let tried = claim.uses.iter().any(tries);
    let mut told = (!shown.is_empty()).then(|| breach(sources, &claim.gone, &shown, claim.by))?;
    if tried {
        told.certainty = Certainty::Possible;
    }
    Some(told)
}

fn is_broken(gone: &Gone, one: &Use, breaker: &Work) -> bool {
    if gone.how.is_of_shape() {
        return one.written.as_ref().is_some_and(|written| written.misses(&gone.how));
    }
    // If this file used it all along and the breaker left the file alone, nothing that it uses is gone: its own tree would be broken.
    if one.before && one.from != gone.path && !breaker.texts.contains_key(&one.from) {
        return false;
    }
    let same = one.from == gone.path;
    match &gone.how {
        How::Called { from, to } => one
            .call
            .as_ref()
            .is_some_and(|call| from.takes(call) && (!to.takes(call) || from.swaps(to, call))),
        How::Answers(answer) => one.taken.is_some_and(|taken| answer.misses(taken)),
        how if how.is_of_shape() => false,
        _ if same => gone.inside,
        _ => gone.outside,
    }
}

fn breach(sources: &Sources, gone: &Gone, uses: &[&Use], by: usize) -> Breach {
    let name = &gone.name;
    let word = gone.kind.word();
    let (kind, deed) = match &gone.how {
        How::Removed => (BreachKind::Removed, format!("removes {word} {name} of {}", gone.path)),
        How::Withheld if name == "default" => (
            BreachKind::Removed,
            format!("leaves {} without a default export", gone.path),
        ),
        How::Withheld => (
            BreachKind::Removed,
            format!("no longer passes {name} on from {}", gone.path),
        ),
        How::Fields { new, gone: went } => (
            BreachKind::Signature,
            format!("{} {name} of {}", fields(new, went), gone.path),
        ),
        How::Joined { new } => (
            BreachKind::Signature,
            format!("adds {} to {word} {} of {}", new.join(", "), owner_of(name), gone.path),
        ),
        How::Answers(answer) => (
            BreachKind::Signature,
            format!("makes {word} {name} of {} answer {}", gone.path, answer.shown()),
        ),
        How::Demands { new } => (
            BreachKind::Signature,
            format!("asks for {} in {name} of {}", new.join(", "), gone.path),
        ),
        How::Renamed(to) => (
            BreachKind::Renamed,
            format!("renames {word} {name} of {} to {to}", gone.path),
        ),
        How::Moved(to) => (
            BreachKind::Moved,
            format!("moves {word} {name} from {} to {to}", gone.path),
        ),
        How::Called { from: old, to: new } => {
            let [from, to] = [old.shown(), new.shown()];
            let swapped = first_call(uses).is_some_and(|call| old.swaps(new, call));
            let how = if swapped {
                "its arguments in another order".to_owned()
            } else if from == to {
                "other kinds of arguments".to_owned()
            } else {
                format!("{to} (before: {from})")
            };
            (
                BreachKind::Signature,
                format!("makes {word} {name} of {} take {how}", gone.path),
            )
        }
    };
    let first = uses[0];
    // The sentence may name this side first: it says the name, and not "it".
    let (verb, rest) = match (&gone.how, first.import) {
        (How::Called { .. }, _) => ("calls", " as before"),
        (How::Answers(_), _) => ("takes the answer of", " as before"),
        (How::Fields { .. }, _) => ("makes", " as before"),
        (How::Demands { .. }, _) => ("makes or implements", " without it"),
        (How::Joined { .. }, _) => ("matches", " and its neighbours without a rest"),
        (_, true) => ("imports", ""),
        (_, false) => ("uses", ""),
    };
    let at = sources.start(first.span).line;
    let more = more(uses.len());
    let used = format!("{verb} {name}{rest} in {}:{at}{more}", sources.path(first.span.file));
    let place = |span, note: &str| BreachPlace {
        span,
        note: note.to_owned(),
    };
    let mut broken = vec![place(gone.now.unwrap_or(gone.was), "what is no longer as it was")];
    if gone.now.is_some_and(|now| now != gone.was) {
        broken.push(place(gone.was, "as it was"));
    }
    let using = uses
        .iter()
        .take(SHOWN)
        .map(|one| place(one.span, &format!("{verb} it{rest}")))
        .collect();
    Breach {
        certainty: certainty(sources, gone, first),
        kind,
        subject: match gone.how {
            How::Joined { .. } => owner_of(name).to_owned(),
            _ => name.clone(),
        },
        deeds: ordered(by, deed, used),
        places: ordered(by, broken, using),
    }
}

/// How the first of these uses calls it.
fn first_call<'u>(uses: &[&'u Use]) -> Option<&'u CallShape> {
    uses.first().and_then(|one| one.call.as_ref())
}

/// "adds field note to", "takes field note out of"
fn fields(new: &[String], gone: &[String]) -> String {
    let list = |names: &[String]| {
        let many = if names.len() > 1 { "fields" } else { "field" };
        format!("{many} {}", names.join(", "))
    };
    match (new.is_empty(), gone.is_empty()) {
        (false, true) => format!("adds {} to", list(new)),
        (true, _) => format!("takes {} out of", list(gone)),
        (false, false) => format!("puts {} for {} into", list(new), list(gone)),
    }
}

/// `Kind` of `Kind::A`.
fn owner_of(name: &str) -> &str {
    name.rsplit_once("::").map_or(name, |(owner, _)| owner)
}

/// How often beside the first place of so many.
pub(super) fn more(places: usize) -> String {
    match places {
        0 | 1 => String::new(),
        2 => " and once more".to_owned(),
        many => format!(" and {} more times", many - 1),
    }
}

/// How sure it is: JavaScript lets calls with too few arguments pass, and types that were read off a declaration may be narrower than they look.
fn certainty(sources: &Sources, gone: &Gone, one: &Use) -> Certainty {
    if is_excused(sources, one.span, &one.word) {
        return Certainty::Possible;
    }
    let script = Language::of(sources.path(one.span.file)) == Some(Language::JavaScript);
    let language = Language::of(sources.path(one.span.file));
    match (&gone.how, one.direct) {
        (How::Called { .. }, _) if script => Certainty::Likely,
        // Annotations of Python bind nobody.
        (How::Called { to, .. }, _)
            if language == Some(Language::Python) && one.call.as_ref().is_some_and(|call| to.counts(call)) =>
        {
            Certainty::Likely
        }
        // Go: another number of values than are taken.
        (How::Answers(answer), true)
            if language == Some(Language::Go) && answer.is_counted() && one.taken.is_some_and(Taken::is_kept) =>
        {
            Certainty::Seen
        }
        // What a type lets pass is known to its compiler.
        (How::Answers(_), _) => Certainty::Likely,
        (_, true) => Certainty::Seen,
        (_, false) => Certainty::Likely,
    }
}

/// The two in the order of the pair.
pub(super) fn ordered<T>(by: usize, first: T, second: T) -> [T; 2] {
    if by == 0 { [first, second] } else { [second, first] }
}
