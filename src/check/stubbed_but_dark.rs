//! `stubbed-but-dark`: tests pass by a stub while the flag stays off where the code will run.

use std::collections::BTreeSet;

use super::{Facts, Finding, Level};
use crate::assumption::{NeedCertainty, Supply};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::new());
    for assumption in facts.assumptions {
        let stubbed = assumption.supply == Supply::Stub && assumption.certainty != NeedCertainty::Possible;
        let Some((known, index)) = facts.known_to(&assumption.prd, &assumption.flag) else {
            continue;
        };
        let served = known.served().0;
        if !stubbed || served != assumption.needs.flipped() || !seen.insert((&assumption.prd, &assumption.flag)) {
            continue;
        }
        let (flag, prd, needs) = (&assumption.flag, &assumption.prd, assumption.needs);
        let message = format!(
            "PRD {prd} passes by a stub: its tests set `{flag}` to {needs}, and it stays {served} where the code will run"
        );
        findings.push(
            Finding::new("stubbed-but-dark", Level::Warning, message)
                .about(prd)
                .on(flag)
                .because(assumption.because.iter().cloned())
                .because(known.state_evidence(index))
                .help(facts.turn(flag, needs, "before people are to see it")),
        );
    }
    findings
}
