//! The judgement on a test and a flag. Enters: what it needs, what it runs with, what stands in its way. Leaves: [`TestVerdict`].

use super::{RunsWith, Supply, TestVerdict};
use crate::flag::FlagValue;
use crate::index::TestGate;

/// The verdict table of section 5 of the rule format.
///
/// A test that needs nothing that we know of is *info*, whatever it runs with; one that is skipped proves nothing; one that runs with
/// what it needs is *ok* where it sees to that itself and *fragile* where a default does; and one that runs with the opposite is
/// *blocked*, or a *contradiction* where it forces the opposite itself.
#[must_use]
pub fn judge(needs: Option<FlagValue>, runs_with: RunsWith, supply: Supply, gate: Option<&TestGate>) -> TestVerdict {
    let Some(needs) = needs else { return TestVerdict::Info };
    if matches!(gate, Some(TestGate::Skipped | TestGate::On(_))) {
        return TestVerdict::Vacuous;
    }
    match runs_with {
        RunsWith::Both => TestVerdict::Ok,
        RunsWith::Partial | RunsWith::Is(FlagValue::Unknown) => TestVerdict::Unknown,
        RunsWith::Is(value) if value == needs && supply == Supply::Stub => TestVerdict::Ok,
        RunsWith::Is(value) if value == needs => TestVerdict::Fragile,
        // It may not run at all where it would fail.
        RunsWith::Is(_) if gate == Some(&TestGate::Conditional) => TestVerdict::Unknown,
        RunsWith::Is(_) if supply == Supply::Stub => TestVerdict::Contradiction,
        RunsWith::Is(_) => TestVerdict::Blocked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FlagValue::{Off, On, Unknown};

    #[test]
    fn the_table_of_section_5() {
        let check = |needs, runs, supply, gate: Option<&TestGate>, expected| {
            assert_eq!(
                judge(needs, runs, supply, gate),
                expected,
                "{needs:?} {runs:?} {supply:?}"
            );
        };
        check(Some(On), RunsWith::Is(On), Supply::Stub, None, TestVerdict::Ok);
        check(Some(On), RunsWith::Is(On), Supply::State, None, TestVerdict::Fragile);
        check(
            Some(Off),
            RunsWith::Is(Off),
            Supply::Ambient,
            None,
            TestVerdict::Fragile,
        );
        check(Some(On), RunsWith::Is(Off), Supply::Ambient, None, TestVerdict::Blocked);
        check(
            Some(On),
            RunsWith::Is(Off),
            Supply::Stub,
            None,
            TestVerdict::Contradiction,
        );
        check(
            Some(On),
            RunsWith::Is(Unknown),
            Supply::Ambient,
            None,
            TestVerdict::Unknown,
        );
        check(Some(On), RunsWith::Both, Supply::Stub, None, TestVerdict::Ok);
        check(Some(On), RunsWith::Partial, Supply::Stub, None, TestVerdict::Unknown);
        check(
            Some(On),
            RunsWith::Is(On),
            Supply::Stub,
            Some(&TestGate::Skipped),
            TestVerdict::Vacuous,
        );
        check(
            Some(On),
            RunsWith::Is(Off),
            Supply::Ambient,
            Some(&TestGate::Conditional),
            TestVerdict::Unknown,
        );
        check(None, RunsWith::Is(Off), Supply::Ambient, None, TestVerdict::Info);
    }
}
