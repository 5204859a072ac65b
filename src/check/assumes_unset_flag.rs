//! `assumes-unset-flag`: a PRD, or a test of its branch, needs a flag value that is neither set nor stubbed.

use std::collections::BTreeMap;

use super::fate::{Fate, conditional, not_yet};
use super::finding::distinct;
use super::{Facts, Finding, Level, Remedy, RemedyKind, dark_reach, flip_after_use, listed};
use crate::assumption::flips::{Turned, turned};
use crate::assumption::{Assumption, BranchTests, Evidence, NeedCertainty, Role, Supply, TestNeed, TestVerdict, Why};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{Force, ForcedKey, ForcedValue};
use crate::prd::PrdId;
use crate::source::RepoPath;

/// How many places of one kind a finding shows; the rest says the same again.
const SHOWN: usize = 3;

/// A line longer than this is named and not quoted.
const WIDEST: usize = 100;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<(&PrdId, &FlagKey, FlagValue), Vec<&Assumption>> = BTreeMap::new();
    for assumption in facts.assumptions {
        let unmet = assumption.supply == Supply::Nobody;
        // Of a flip that is planned too late `flip-after-use` tells more.
        let told = unmet && is_certain(assumption) && flip_after_use::late(facts, assumption).is_some();
        if unmet && !told && facts.known_to(&assumption.prd, &assumption.flag).is_some() {
            groups
                .entry((&assumption.prd, &assumption.flag, assumption.needs))
                .or_default()
                .push(assumption);
        }
    }
    groups
        .into_iter()
        .map(|((prd, flag, needs), group)| {
            let certain: Vec<&Assumption> = group.iter().copied().filter(|one| is_certain(one)).collect();
            match facts.plan.made_before(prd, flag, needs) {
                _ if certain.is_empty() => perhaps(facts, prd, flag, needs, &group),
                Some(made) => conditional(facts, prd, made, &certain),
                None => finding(facts, prd, flag, needs, &certain),
            }
        })
        .chain(not_yet(facts))
        .chain(of_nobody(facts))
        .chain(dark_reach::notes(facts))
        .collect()
}

fn is_certain(assumption: &Assumption) -> bool {
    assumption.certainty != NeedCertainty::Possible
}

/// What is merely possible holds nobody, and is said all the same: silence would look like an answer.
fn perhaps(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey, needs: FlagValue, group: &[&Assumption]) -> Finding {
    let why = match group.iter().find_map(|one| one.why.as_ref()) {
        None => String::new(),
        Some(Why::Criterion(text)) => {
            format!(": its criterion expects `{text}`, which only code with `{flag}` {needs} yields")
        }
        Some(Why::Named { text, shipper, decides }) => {
            let does = if *decides {
                format!("decides by `{flag}`")
            } else {
                format!("runs only with `{flag}` {needs}")
            };
            format!(": it comes after PRD {shipper}, which ships that, and names `{text}`, which {does}")
        }
    };
    let message = format!(
        "PRD {prd} may need `{flag}` {needs}, and {}{why}",
        is_now(facts, prd, flag)
    );
    let declare = format!(
        "if it does, say so in its front matter (`flags: {{ assumes: {{ {flag}: {needs} }} }}`); as it stands it holds nothing"
    );
    Finding::new("assumes-unset-flag", Level::Note, message)
        .about(prd)
        .on(flag)
        .because(places(facts, prd, (flag, needs), group))
        .help(Remedy::new(RemedyKind::Declare, declare).with(facts.say(prd, "assumes", flag, needs)))
}

fn is_now(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey) -> String {
    match state_for(facts, prd, flag) {
        FlagValue::Unknown => "whether it is cannot be told".to_owned(),
        state => format!("`{flag}` is {state}"),
    }
}

fn state_for(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey) -> FlagValue {
    facts
        .known_to(prd, flag)
        .map(|(known, _)| known.served().0)
        .unwrap_or_default()
}

/// The tests of a branch that no PRD claims.
fn of_nobody(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for branch in facts.branches.iter().filter(|branch| branch.prd.is_none()) {
        let mut groups: BTreeMap<(&FlagKey, FlagValue), Vec<&TestNeed>> = BTreeMap::new();
        for need in &branch.needs {
            let unmet = need.verdict == TestVerdict::Blocked && need.certainty != NeedCertainty::Possible;
            if let Some(value) = need.needs.filter(|_| unmet) {
                groups.entry((&need.flag, value)).or_default().push(need);
            }
        }
        found.extend(
            turned(facts.flags, &branch.flags, &branch.index)
                .iter()
                .filter_map(|turned| turns_itself(branch, turned)),
        );
        found.extend(
            groups
                .into_iter()
                .map(|((flag, needs), group)| of_branch(facts, branch, flag, needs, &group)),
        );
    }
    found
}

/// A branch that turns the flag which its tests need may go, and the flip goes with it: that is worth a word.
fn turns_itself(branch: &BranchTests, turned: &Turned) -> Option<Finding> {
    let Turned { flag, to, span } = turned;
    let first = branch.needs.iter().find(|need| {
        let has = need.verdict == TestVerdict::Fragile && need.certainty != NeedCertainty::Possible;
        has && need.flag == *flag && need.needs == Some(*to)
    })?;
    let message = format!(
        "`{}` tests what runs only with `{flag}` {to}, and turns it {to} itself: the flip goes with it",
        branch.branch
    );
    let finding = Finding::new("assumes-unset-flag", Level::Note, message).on(flag);
    let finding = finding.at(Role::Branch, *span, format!("turned {to} here"));
    Some(finding.because(first.because.iter().take(2).cloned()))
}

fn of_branch(
    facts: &Facts<'_>,
    branch: &BranchTests,
    flag: &FlagKey,
    needs: FlagValue,
    group: &[&TestNeed],
) -> Finding {
    let known = branch.flags.get(flag);
    let state = known.map(|known| known.served().0).unwrap_or_default();
    let message = format!(
        "`{}` tests what runs only with `{flag}` {needs}, and `{flag}` is {state}",
        branch.branch
    );
    let said = group.iter().flat_map(|need| need.because.iter().cloned());
    let known = known.map(|known| known.state_evidence(&branch.index));
    let stub = format!("or let the tests set `{flag}` to {needs} themselves");
    Finding::new("assumes-unset-flag", Level::Error, message)
        .on(flag)
        .because(said.take(SHOWN * 2).chain(known.into_iter().flatten()))
        .help(
            Remedy::new(RemedyKind::Flip, format!("turn `{flag}` {needs} first")).with_command(facts.flip(flag, needs)),
        )
        .help(Remedy::new(RemedyKind::Stub, stub))
        .help(facts.prove(flag))
}

fn finding(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey, needs: FlagValue, group: &[&Assumption]) -> Finding {
    let undecided = state_for(facts, prd, flag) == FlagValue::Unknown;
    let does = if group.iter().any(|assumption| assumption.test.is_some()) {
        "tests what"
    } else {
        "assumes what"
    };
    let fate = Fate::of(facts, prd, flag, needs);
    let (is, told) = (is_now(facts, prd, flag), fate.told(needs));
    let message = format!("PRD {prd} {does} runs only with `{flag}` {needs}, and {is}{told}");
    let mut finding = Finding::new(
        "assumes-unset-flag",
        if undecided { Level::Warning } else { Level::Error },
        message,
    )
    .about(prd)
    .on(flag)
    .because(places(facts, prd, (flag, needs), group))
    .because(fate.place())
    .because(broken(facts, flag, needs));
    finding.undecided = undecided;
    finding.remedies = remedies(facts, prd, (flag, needs), &fate, group);
    finding
}

/// The tests that the flip would break, as far as they are shown: they pass only by the present default or record.
pub(super) fn broken(facts: &Facts<'_>, flag: &FlagKey, to: FlagValue) -> Vec<Evidence> {
    let breaks = |need: &&TestNeed| {
        let likely = need.verdict == TestVerdict::Fragile && need.certainty != NeedCertainty::Possible;
        likely && need.flag == *flag && need.needs == Some(to.flipped())
    };
    let tests = facts
        .needs
        .iter()
        .filter(breaks)
        .filter_map(|need| need.because.first());
    let note = format!(
        "passes only while `{flag}` is {}: let it set the flag itself before the flip",
        to.flipped()
    );
    let shown = tests.take(SHOWN).map(|place| Evidence {
        role: Role::Test,
        span: place.span,
        note: note.clone(),
    });
    shown.collect()
}

/// What assumes, what says otherwise, and the code that decides; each kind at most [`SHOWN`] times.
fn places(
    facts: &Facts<'_>,
    prd: &PrdId,
    (flag, needs): (&FlagKey, FlagValue),
    group: &[&Assumption],
) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = group
        .iter()
        .flat_map(|assumption| assumption.because.iter().cloned())
        .collect();
    // A test's own words come before the document's: they are what will turn red.
    all.sort_by_key(|evidence| match evidence.role {
        Role::Assertion => 0,
        Role::Test => 1,
        _ => 2,
    });
    let known = facts.known_to(prd, flag);
    all.extend(known.iter().flat_map(|(known, index)| known.state_evidence(index)));
    let index = known.map_or(facts.index, |(_, index)| index);
    let decides = index.guards.iter().filter(|guard| guard.needs(flag) == Some(needs));
    all.extend(decides.map(|guard| {
        let note = format!("what is needed runs only where this finds `{flag}` {needs}");
        Evidence {
            role: Role::Guard,
            span: guard.condition,
            note,
        }
    }));
    let (mut shown, mut all) = (BTreeMap::new(), distinct(facts.sources, all));
    all.retain(|evidence| {
        let count: &mut usize = shown.entry(evidence.role).or_default();
        *count += 1;
        *count <= SHOWN
    });
    all
}

fn remedies(
    facts: &Facts<'_>,
    prd: &PrdId,
    (flag, needs): (&FlagKey, FlagValue),
    fate: &Fate<'_>,
    group: &[&Assumption],
) -> Vec<Remedy> {
    let before = facts
        .phase(prd)
        .map_or_else(|| "first".to_owned(), |phase| format!("before phase {phase}"));
    let test = group.iter().find_map(|assumption| assumption.test.as_ref());
    let waiting = facts
        .graph
        .edges
        .iter()
        .filter(|edge| edge.from == *prd)
        .map(|edge| &edge.to);
    let waiting = listed(waiting);
    let price = if waiting.is_empty() {
        "nothing waits for it".to_owned()
    } else {
        format!("{waiting} would wait too")
    };
    let mut all = vec![facts.turn(flag, needs, &before)];
    all.extend(stub(facts, prd, flag, needs, test));
    let how = fate.wait(facts, prd, flag, needs);
    all.extend(how.map(|(how, command)| {
        let detail = format!("or let PRD {prd} wait for the flip: {how} ({price})");
        Remedy::new(RemedyKind::Reorder, detail).with(command)
    }));
    let always = if facts.settings.hold_single {
        ""
    } else {
        ", and `hold = \"prd\"` under `[gate]` in flagman.toml makes it the rule"
    };
    let rest = format!(
        "or leave PRD {prd} behind: the rest goes without it ({price}); `flagman run` takes the same `--without`{always}"
    );
    all.push(Remedy::new(RemedyKind::Drop, rest));
    all
}

/// The way out of letting the tests set the flag, as another test of the project does it. A test cannot set what is compiled in.
pub(super) fn stub(
    facts: &Facts<'_>,
    prd: &PrdId,
    flag: &FlagKey,
    needs: FlagValue,
    test: Option<&(RepoPath, String)>,
) -> Option<Remedy> {
    if facts
        .flags
        .get(flag)
        .is_some_and(|known| known.compiled_in(facts.index))
    {
        return None;
    }
    let whose = test.map_or_else(
        || format!("the tests of PRD {prd}"),
        |(path, name)| format!("the test \"{name}\" in {path}"),
    );
    let guards = facts.index.guards.iter();
    let guard = guards
        .filter(|guard| guard.needs(flag) == Some(needs))
        .map(|guard| guard.condition);
    let near = test
        .map(|(path, _)| path)
        .or_else(|| guard.map(|span| facts.sources.path(span.file)).next());
    let as_there = model(facts, flag, needs, near).map(|force| as_there(facts, (flag, needs), force));
    // Where the PRD has a branch, its tests are read, and the document is not asked.
    let unwritten = !facts.branches.iter().any(|branch| branch.prd.as_ref() == Some(prd));
    let say =
        unwritten.then(|| format!(", and say so under `flags:` in its front matter: `stubs: {{ {flag}: {needs} }}`"));
    let detail = format!(
        "or let {whose} set `{flag}` to {needs}{}{}",
        as_there.unwrap_or_default(),
        say.unwrap_or_default()
    );
    let say = facts.say(prd, "stubs", flag, needs).filter(|_| unwritten);
    Some(Remedy::new(RemedyKind::Stub, detail).with(say))
}

/// The stub of the base tree that is most like the one to write: of this flag to this value, else of this flag, else of any flag that
/// there is; of equal ones the nearest to `near`.
fn model<'a>(facts: &Facts<'a>, flag: &FlagKey, needs: FlagValue, near: Option<&RepoPath>) -> Option<&'a Force> {
    let rank = |force: &Force| {
        let ForcedKey::Key(key) = &force.key else { return None };
        let known = facts.flags.get(flag);
        let same = key == flag || known.is_some_and(|known| known.aliases.contains(key.as_str()));
        let likeness = match force.value {
            ForcedValue::Is(value) if same && value == needs => 0,
            ForcedValue::Is(_) | ForcedValue::Both if same => 1,
            ForcedValue::Is(_) if facts.flags.get(key).is_some() => 2,
            _ => return None,
        };
        let shared = near.map_or(0, |near| shared(near, facts.sources.path(force.span.file)));
        Some((likeness, std::cmp::Reverse(shared)))
    };
    let ranked = facts
        .index
        .forces
        .iter()
        .filter_map(|force| Some((rank(force)?, force)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, force)| force)
}

/// How many steps two paths have in common from the root.
fn shared(one: &RepoPath, other: &RepoPath) -> usize {
    let steps = one.as_str().split('/').zip(other.as_str().split('/'));
    steps.take_while(|(one, other)| one == other).count()
}

fn as_there(facts: &Facts<'_>, (flag, needs): (&FlagKey, FlagValue), force: &Force) -> String {
    let line = facts.sources.start(force.span).line;
    let place = format!("{}:{line}", facts.sources.path(force.span.file));
    let words = facts.words(facts.sources.line(force.span.file, line));
    let fits = |words: &str| words.chars().count() <= WIDEST && !words.contains('`');
    let other = match &force.key {
        ForcedKey::Key(key) if key != flag => Some(key),
        _ => None,
    };
    let same = other.is_none() && force.value == ForcedValue::Is(needs);
    match rewritten(words, other.unwrap_or(flag), flag, needs).filter(|line| fits(line)) {
        Some(own) if !same => {
            let what = other.map_or(String::new(), |key| format!(" with `{key}`"));
            format!(": `{own}`, as {place} does{what}")
        }
        _ => {
            let what = other.map_or(String::new(), |key| format!(" with `{key}`"));
            let words = if fits(words) {
                format!(": `{words}`")
            } else {
                String::new()
            };
            format!(", as {place} does{what}{words}")
        }
    }
}

/// The line of a stub, made one of this flag to this value; `None` where the line does not show both.
fn rewritten(words: &str, key: &FlagKey, flag: &FlagKey, needs: FlagValue) -> Option<String> {
    let (before, after) = words.split_once(key.as_str())?;
    let states = [
        ("true", "false"),
        ("True", "False"),
        ("on", "off"),
        ("On", "Off"),
        ("enabled", "disabled"),
    ];
    let is_word = |at: usize, state: &str| {
        let name = |c: char| c.is_alphanumeric() || c == '_';
        !after[..at].ends_with(name) && !after[at + state.len()..].starts_with(name)
    };
    let found = states
        .iter()
        .flat_map(|(on, off)| [(*on, *on, *off), (*off, *on, *off)]);
    let found = found.filter_map(|(state, on, off)| {
        let at = after
            .match_indices(state)
            .map(|(at, _)| at)
            .find(|at| is_word(*at, state))?;
        Some((at, state, on, off))
    });
    let (at, state, on, off) = found.min_by_key(|(at, ..)| *at)?;
    let value = if needs == FlagValue::On { on } else { off };
    Some(format!(
        "{before}{flag}{}{value}{}",
        &after[..at],
        &after[at + state.len()..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_of_another_flag_is_made_one_of_this() {
        let own =
            |words: &str, needs| rewritten(words, &FlagKey::new("old"), &FlagKey::new("k"), needs).unwrap_or_default();
        let (on, off) = (FlagValue::On, FlagValue::Off);
        assert_eq!(own("setFlag('old', false);", on), "setFlag('k', true);");
        assert_eq!(
            own("withFlags({ old: true }, () => {", off),
            "withFlags({ k: false }, () => {"
        );
        assert_eq!(
            own("@override_flag(\"old\", active=True)", off),
            "@override_flag(\"k\", active=False)"
        );
        assert_eq!(own("process.env.FLAG_old = 'on';", off), "process.env.FLAG_k = 'off';");
        assert_eq!(
            own("flags.old = false // not trueish", on),
            "flags.k = true // not trueish"
        );
        assert_eq!(own("enable(:old)", on), "", "nothing tells the state");
        assert_eq!(own("setFlag(OLD, true)", on), "");
    }
}
