//! May it go? Enters: findings and the plan. Leaves: [`GateAnswer`]: the verdict on a phase, a PRD, a branch, or on everything.

use std::collections::BTreeSet;

use crate::check::{Finding, Level};
use crate::plan::Plan;
use crate::prd::PrdId;

/// The verdict. *Unknown* is not clear: something that the answer needs could not be read or is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// Nothing speaks against it, and everything that the answer needs was read.
    Clear,
    /// It cannot be told.
    Unknown,
    /// There is evidence against it.
    Blocked,
}

impl Verdict {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

/// What is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Every phase; the worst verdict counts.
    Everything,
    /// One phase.
    Phase(u32),
    /// One PRD.
    Prd(PrdId),
    /// These PRDs, whatever phase they are in: a wave of the dispatcher, whose plan was made before others landed.
    Wave(BTreeSet<PrdId>),
    /// A branch that belongs to no PRD.
    Branch,
}

/// How strict the gate is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strictness {
    /// Findings of this level and worse block.
    pub fail_on: Level,
    /// One held PRD holds its whole phase.
    pub hold_wave: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Debug)]
pub struct GateAnswer {
    /// The verdict on the subject.
    pub verdict: Verdict,
    /// The phase that was asked about, or that of the PRD.
    pub phase: Option<u32>,
    /// The verdict on each PRD of the subject by itself, sorted.
    pub prds: Vec<(PrdId, Verdict)>,
    /// The findings that concern the subject (indices into the list that was asked), in order.
    pub findings: Vec<usize>,
}

/// Asks.
#[must_use]
pub fn ask(plan: &Plan, findings: &[Finding], subject: &Subject, strictness: Strictness) -> GateAnswer {
    let members = members(plan, findings, subject);
    let phase = match subject {
        Subject::Phase(number) => Some(*number),
        Subject::Prd(id) => plan
            .phases
            .iter()
            .find(|phase| phase.prds.contains(id))
            .map(|phase| phase.number),
        Subject::Everything | Subject::Wave(_) | Subject::Branch => None,
    };
    let concerning = concerning(findings, &members, subject);
    let all = || concerning.iter().map(|at| &findings[*at]);
    let prds: Vec<(PrdId, Verdict)> = members
        .iter()
        .map(|id| {
            (
                id.clone(),
                verdict(all().filter(|finding| is_about(finding, id)), strictness.fail_on),
            )
        })
        .collect();
    let held = verdict(all(), strictness.fail_on);
    let planned = |id: &PrdId| plan.phases.iter().any(|phase| phase.prds.contains(id)) || plan.unplanned.contains(id);
    let prds = match subject {
        // What no plan knows could not be read: nothing about it in particular speaks for it.
        Subject::Prd(id) if !planned(id) => vec![(id.clone(), held)],
        _ => prds,
    };
    let overall = if strictness.hold_wave {
        held
    } else {
        best(&prds, all(), held, strictness)
    };
    GateAnswer {
        verdict: overall,
        phase,
        prds,
        findings: concerning,
    }
}

/// Where single PRDs are held, a phase goes as long as one of its PRDs may go and nothing speaks against the whole.
fn best<'a>(
    prds: &[(PrdId, Verdict)],
    findings: impl Iterator<Item = &'a Finding>,
    held: Verdict,
    strictness: Strictness,
) -> Verdict {
    let whole = verdict(findings.filter(|finding| finding.prd.is_none()), strictness.fail_on);
    let one = prds.iter().map(|(_, verdict)| *verdict).min();
    one.map_or(held, |one| one.max(whole))
}

fn members(plan: &Plan, findings: &[Finding], subject: &Subject) -> BTreeSet<PrdId> {
    match subject {
        Subject::Everything => {
            let planned = plan.phases.iter().flat_map(|phase| &phase.prds).chain(&plan.unplanned);
            planned
                .chain(findings.iter().filter_map(|finding| finding.prd.as_ref()))
                .cloned()
                .collect()
        }
        Subject::Phase(number) => plan
            .phases
            .iter()
            .filter(|phase| phase.number == *number)
            .flat_map(|phase| phase.prds.clone())
            .collect(),
        Subject::Prd(id) => BTreeSet::from([id.clone()]),
        Subject::Wave(prds) => prds.clone(),
        Subject::Branch => BTreeSet::new(),
    }
}

fn is_about(finding: &Finding, id: &PrdId) -> bool {
    finding.prd.as_ref() == Some(id) || finding.others.contains(id)
}

/// The findings that concern the subject. What stands in the base whoever goes is told where all is asked about, else only of a flag that
/// something else is said of.
fn concerning(findings: &[Finding], members: &BTreeSet<PrdId>, subject: &Subject) -> Vec<usize> {
    let brought = |finding: &&Finding| !finding.standing && concerns(finding, members, subject);
    let flags: BTreeSet<_> = findings
        .iter()
        .filter(brought)
        .filter_map(|one| one.flag.as_ref())
        .collect();
    let wanted = |finding: &Finding| match subject {
        _ if !finding.standing => concerns(finding, members, subject),
        Subject::Everything => true,
        _ => finding.flag.as_ref().is_some_and(|flag| flags.contains(flag)),
    };
    let all: Vec<usize> = (0..findings.len()).filter(|at| wanted(&findings[*at])).collect();
    // Of two that collide the one that goes first is told so, unless the other one's error tells the same in this answer.
    let said = |note: &Finding| {
        let mut others = all.iter().map(|at| &findings[*at]);
        others.any(|other| other.level < note.level && other.check == note.check && other.places == note.places)
    };
    let is_new =
        |at: &&usize| findings[**at].level != Level::Note || findings[**at].places.is_empty() || !said(&findings[**at]);
    all.iter().filter(is_new).copied().collect()
}

/// A finding about nobody in particular (a protected release branch, an unreadable flag file) concerns every subject.
fn concerns(finding: &Finding, members: &BTreeSet<PrdId>, subject: &Subject) -> bool {
    match subject {
        Subject::Everything => true,
        _ if finding.prd.is_none() => finding.level != Level::Note || *subject == Subject::Branch,
        _ => members.iter().any(|id| is_about(finding, id)),
    }
}

/// The verdict that these findings amount to. Evidence beats doubt: what is blocked is blocked, whatever else is unknown.
fn verdict<'a>(findings: impl Iterator<Item = &'a Finding>, fail_on: Level) -> Verdict {
    let each = findings.map(|finding| match finding {
        finding if finding.undecided => Verdict::Unknown,
        finding if finding.level <= fail_on => Verdict::Blocked,
        _ => Verdict::Clear,
    });
    each.max().unwrap_or(Verdict::Clear)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assumption::{Evidence, Role};
    use crate::flag::FlagKey;
    use crate::plan::{Optimality, Phase, Proof};
    use crate::source::{Bytes, FileId};

    fn id(name: &str) -> PrdId {
        PrdId(name.into())
    }

    fn plan() -> Plan {
        let phase = |number, prds: &[&str]| {
            let prds: Vec<PrdId> = prds.iter().map(|name| id(name)).collect();
            Phase {
                number,
                merge_order: prds.clone(),
                prds,
            }
        };
        let optimality = Optimality {
            phases: 2,
            lower_bound: 2,
            proof: Proof::CriticalPath,
        };
        Plan {
            phases: vec![phase(0, &["a"]), phase(1, &["b", "c"])],
            barriers: vec![],
            unplanned: vec![],
            witness: Vec::new(),
            optimality,
        }
    }

    fn finding(level: Level, prd: &str, undecided: bool) -> Finding {
        Finding {
            undecided,
            ..Finding::new("assumes-unset-flag", level, "…").about(&id(prd))
        }
    }

    const WAVE: Strictness = Strictness {
        fail_on: Level::Error,
        hold_wave: true,
    };

    fn check(findings: &[Finding], subject: &Subject, strictness: Strictness, expected: Verdict) {
        assert_eq!(ask(&plan(), findings, subject, strictness).verdict, expected);
    }

    #[test]
    fn an_error_holds_its_phase_and_no_other() {
        let findings = [finding(Level::Error, "b", false)];
        check(&findings, &Subject::Phase(1), WAVE, Verdict::Blocked);
        check(&findings, &Subject::Phase(0), WAVE, Verdict::Clear);
        check(&findings, &Subject::Prd(id("c")), WAVE, Verdict::Clear);
        check(&findings, &Subject::Everything, WAVE, Verdict::Blocked);
        let answer = ask(&plan(), &findings, &Subject::Phase(1), WAVE);
        assert_eq!(answer.prds, [(id("b"), Verdict::Blocked), (id("c"), Verdict::Clear)]);
    }

    #[test]
    fn holding_single_prds_lets_the_others_go() {
        let alone = Strictness {
            hold_wave: false,
            ..WAVE
        };
        check(
            &[finding(Level::Error, "b", false)],
            &Subject::Phase(1),
            alone,
            Verdict::Clear,
        );
        let both = [finding(Level::Error, "b", false), finding(Level::Error, "c", false)];
        check(&both, &Subject::Phase(1), alone, Verdict::Blocked);
    }

    #[test]
    fn doubt_is_not_clear_and_evidence_beats_doubt() {
        check(
            &[finding(Level::Warning, "b", true)],
            &Subject::Phase(1),
            WAVE,
            Verdict::Unknown,
        );
        let both = [finding(Level::Warning, "b", true), finding(Level::Error, "c", false)];
        check(&both, &Subject::Phase(1), WAVE, Verdict::Blocked);
    }

    #[test]
    fn what_stands_in_the_base_is_told_where_all_is_asked_about_or_where_its_flag_is_spoken_of() {
        let about = |flag: &str, one: Finding| one.on(&FlagKey::new(flag));
        let standing = |flag: &str| Finding {
            standing: true,
            ..about(flag, Finding::new("dead-stub", Level::Warning, "…"))
        };
        let findings = [
            standing("x"),
            standing("y"),
            about("y", finding(Level::Error, "a", false)),
        ];
        let told = |subject: &Subject| ask(&plan(), &findings, subject, WAVE).findings;
        assert_eq!(told(&Subject::Everything), [0, 1, 2]);
        assert_eq!(told(&Subject::Prd(id("a"))), [1, 2]);
        assert!(told(&Subject::Phase(1)).is_empty() && told(&Subject::Branch).is_empty());
    }

    #[test]
    fn the_first_of_two_that_collide_is_told_unless_the_other_one_s_error_says_it() {
        let place = Evidence {
            role: Role::Branch,
            span: Bytes::new(0, 1).in_file(FileId(0)),
            note: String::new(),
        };
        let one = |level, prd: &str| finding(level, prd, false).because([place.clone()]);
        let findings = [one(Level::Error, "b"), one(Level::Note, "a")];
        let told = |subject: &Subject| ask(&plan(), &findings, subject, WAVE).findings;
        assert_eq!(told(&Subject::Everything), [0]);
        assert_eq!(told(&Subject::Phase(0)), [1]);
    }

    #[test]
    fn warnings_block_only_where_asked() {
        let findings = [finding(Level::Warning, "b", false)];
        check(&findings, &Subject::Phase(1), WAVE, Verdict::Clear);
        check(
            &findings,
            &Subject::Phase(1),
            Strictness {
                fail_on: Level::Warning,
                ..WAVE
            },
            Verdict::Blocked,
        );
    }
}
