//! When to try again, when to give up, when to stop. Enters: what failed so far. Leaves: a decision. Pure; the numbers are the user's.

use super::event::{Failure, FailureMode, Usage};
use serde::{Deserialize, Serialize};

/// The rules of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Agents at work at the same time.
    pub parallel: u32,
    /// How often each failure mode of a PRD is tried again.
    pub retries_per_mode: u32,
    /// So many PRDs of one wave failing for one upstream cause pause the run; 0 never pauses.
    pub same_cause: u32,
    /// What a closed gate holds.
    pub hold: Hold,
    /// Agents started in all, before the run stops.
    pub attempts: Option<u32>,
    /// Minutes at work in all, before no agent is started any more.
    pub minutes: Option<u64>,
    /// Tokens in all; agents that do not say what they used count nothing, and the handoff says how many those were.
    pub tokens: Option<u64>,
    /// Dollars in all, in millionths; likewise.
    pub micro_dollars: Option<u64>,
}

/// What a closed gate holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// The whole wave, and with it the run.
    #[default]
    Wave,
    /// The PRDs that it is closed for, and those that wait for them.
    Prd,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            parallel: 4,
            retries_per_mode: 1,
            same_cause: 3,
            hold: Hold::Wave,
            attempts: None,
            minutes: None,
            tokens: None,
            micro_dollars: None,
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// [`Policy::attempts`]
    Attempts,
    /// [`Policy::minutes`]
    Minutes,
    /// [`Policy::tokens`]
    Tokens,
    /// [`Policy::micro_dollars`]
    Money,
}

impl Limit {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Minutes => "time",
            Self::Tokens => "tokens",
            Self::Money => "money",
        }
    }
}

/// What a run has used so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Agents started.
    pub attempts: u32,
    /// Time at work.
    pub active_ms: u64,
    /// Tokens that agents own up to.
    pub tokens: u64,
    /// Millionths of a dollar that agents own up to.
    pub micro_dollars: u64,
    /// Attempts that did not say what they used.
    pub silent: u32,
}

impl Spent {
    /// Counts what one attempt used.
    pub fn add(&mut self, usage: Usage) {
        self.tokens = self.tokens.saturating_add(usage.tokens.unwrap_or(0));
        self.micro_dollars = self.micro_dollars.saturating_add(usage.micro_dollars.unwrap_or(0));
        self.silent += u32::from(usage == Usage::default());
    }
}

impl Policy {
    /// True if a PRD with these failures, the last one just now, gets another attempt.
    #[must_use]
    pub fn retries(&self, failures: &[Failure]) -> bool {
        let Some(last) = failures.last() else { return true };
        // Work that went where only people may go is not a matter of luck; neither is a broken machine.
        if matches!(last.mode, FailureMode::WrongMerge) {
            return false;
        }
        let same = failures.iter().filter(|failure| failure.mode == last.mode).count();
        same <= self.retries_per_mode as usize
    }

    /// The limit that leaves no room for another agent.
    #[must_use]
    pub fn exhausted(&self, spent: &Spent) -> Option<Limit> {
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
        let limits = [
            (
                over(self.attempts.map(u64::from), u64::from(spent.attempts)),
                Limit::Attempts,
            ),
            (
                over(
                    self.minutes.map(|minutes| minutes.saturating_mul(60_000)),
                    spent.active_ms,
                ),
                Limit::Minutes,
            ),
            (over(self.tokens, spent.tokens), Limit::Tokens),
            (over(self.micro_dollars, spent.micro_dollars), Limit::Money),
        ];
        limits.into_iter().find_map(|(over, limit)| over.then_some(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(modes: &[FailureMode]) -> Vec<Failure> {
        let failure = |mode: &FailureMode| Failure {
            mode: mode.clone(),
            note: String::new(),
            log: None,
            causes: Vec::new(),
        };
        modes.iter().map(failure).collect()
    }

    #[test]
    fn each_mode_is_tried_again_once() {
        let (red, crash) = (FailureMode::CheckFailed("tests".into()), FailureMode::AgentFailed);
        let review = FailureMode::CheckFailed("review".into());
        let policy = Policy::default();
        assert!(policy.retries(&failures(std::slice::from_ref(&red))));
        assert!(policy.retries(&failures(&[red.clone(), crash.clone()])));
        assert!(
            policy.retries(&failures(&[red.clone(), review])),
            "another check is another mode"
        );
        assert!(!policy.retries(&failures(&[red.clone(), crash, red])));
        assert!(!policy.retries(&failures(&[FailureMode::WrongMerge])));
    }

    #[test]
    fn limits_are_reached_not_passed() {
        let policy = Policy {
            attempts: Some(2),
            minutes: Some(1),
            ..Policy::default()
        };
        let spent = |attempts, active_ms| Spent {
            attempts,
            active_ms,
            ..Spent::default()
        };
        assert_eq!(policy.exhausted(&spent(1, 59_999)), None);
        assert_eq!(policy.exhausted(&spent(2, 0)), Some(Limit::Attempts));
        assert_eq!(policy.exhausted(&spent(0, 60_000)), Some(Limit::Minutes));
        assert_eq!(Policy::default().exhausted(&spent(u32::MAX, u64::MAX)), None);
    }
}
