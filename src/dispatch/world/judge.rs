//! What came of a program. Enters: how it ended, its log and its clone. Leaves: an outcome. An agent's success is a conjunction: its command was
//! content, there is a new commit on the branch and base that it was given, nothing is left uncommitted, and it stayed within bounds. Everything
//! else is a failure with a name.

use super::super::event::{Effect, Failure, FailureMode, Outcome, Usage};
use super::super::failure::{causes, last_words};
use super::super::state::RunState;
use super::super::summary::folder_name;
use super::launch::{check_folder, usage_file};
use super::real::{RealWorld, Running, Trouble};
use crate::git::{Oid, PrivateRef};
use crate::prd::PrdId;
use crate::process::{self, Ended};

/// How much of the end of a log is read for its causes.
const TAIL: u64 = 1 << 20;

/// How much of what an agent says that it used is read.
const USAGE: u64 = 1 << 16;

/// A shortcoming: how it failed, and one line of detail.
type Shortcoming = (FailureMode, String);

/// A program that has ended, as it is looked at.
struct Look<'a> {
    running: &'a Running,
    ended: &'a Ended,
    state: &'a RunState,
    prd: &'a PrdId,
    log: String,
}

impl Look<'_> {
    fn failed(&self, (mode, note): Shortcoming, head: Option<Oid>, usage: Usage) -> Outcome {
        // What an agent says on its way is talk; what a check says is evidence.
        let causes = match mode {
            FailureMode::CheckFailed(_) => {
                let planned = self.state.setup.plan.prd(self.prd);
                causes(&self.log, planned.map_or(&[], |prd| &prd.facts))
            }
            _ => Vec::new(),
        };
        let failure = Failure {
            mode,
            note,
            log: Some(self.running.log.clone()),
            causes,
        };
        Outcome::Failed {
            failure,
            head,
            usage,
            conflicts: Vec::new(),
        }
    }
}

impl RealWorld {
    /// What came of a program that has ended.
    pub(super) fn judge(&self, running: &Running, ended: &Ended, state: &RunState) -> Result<Outcome, Trouble> {
        if let Some(moved) = self.protected_moves(state)? {
            return Ok(moved);
        }
        let (Effect::Agent { prd, .. } | Effect::Verify { prd, .. }) = &running.effect else {
            return Ok(Outcome::failed(FailureMode::Machine, "a program for nothing"));
        };
        let look = Look {
            running,
            ended,
            state,
            prd,
            log: process::tail(&self.files.run(&state.setup.run).join(&running.log), TAIL),
        };
        match &running.effect {
            Effect::Agent { attempt, base, .. } => self.judge_agent(&look, *attempt, base),
            Effect::Verify { check, .. } => self.judge_check(&look, check),
            _ => Ok(Outcome::failed(FailureMode::Machine, "a program for nothing")),
        }
    }

    fn judge_agent(&self, look: &Look<'_>, attempt: u32, base: &Oid) -> Result<Outcome, Trouble> {
        let usage = self.usage(look, attempt);
        let into = PrivateRef::new("incoming", &folder_name(look.prd))
            .ok_or_else(|| Trouble("no ref can be made of its id".to_owned()))?;
        // Whatever it did last, what it committed is kept.
        let fetched = self.hub.fetch_work(&look.running.clone, &into);
        let (head, unreadable) = match fetched {
            Ok(head) => (head.filter(|head| head != base), None),
            Err(error) => (None, Some(format!("its clone cannot be read any more: {error}"))),
        };
        let shortcoming = match look.ended {
            Ended::Stopped(why) => Some((FailureMode::AgentOverran, why.clone())),
            Ended::Exit(Some(0)) => match (unreadable, &head) {
                (Some(why), _) => Some((FailureMode::AgentFailed, why)),
                (None, None) => {
                    let note = format!("no new commit on {}", look.running.clone.branch);
                    Some((FailureMode::NoChange, note))
                }
                (None, Some(head)) => self.shortcoming(look, base, head)?,
            },
            Ended::Exit(code) => {
                let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
                let note = format!("{code}: {}", last_words(&look.log));
                Some((FailureMode::AgentFailed, note))
            }
        };
        Ok(match (shortcoming, head) {
            (None, Some(head)) => Outcome::Worked { head, usage },
            (Some(shortcoming), head) => look.failed(shortcoming, head, usage),
            (None, None) => Outcome::failed(FailureMode::Machine, "success without a commit"),
        })
    }

    /// What is wrong with the work of an agent that was content.
    fn shortcoming(&self, look: &Look<'_>, base: &Oid, head: &Oid) -> Result<Option<Shortcoming>, Trouble> {
        if !self.hub.is_ancestor(base, head)? {
            let note = format!("{} does not come after {}", head.short(), base.short());
            return Ok(Some((FailureMode::WrongBase, note)));
        }
        let scratch = tempfile::tempdir()?;
        let left = self.hub.leftovers(&look.running.clone.folder, head, scratch.path())?;
        if let Some(first) = left.first() {
            let note = format!("{} files, the first is {first}", left.len());
            return Ok(Some((FailureMode::Uncommitted, note)));
        }
        let beyond = self.out_of_bounds(base, head)?;
        Ok(beyond.map(|path| (FailureMode::OutOfBounds, path)))
    }

    fn judge_check(&self, look: &Look<'_>, check: &str) -> Result<Outcome, Trouble> {
        self.worktrees.remove(&check_folder(look.prd))?;
        let shortcoming = match look.ended {
            Ended::Exit(Some(0)) => return Ok(Outcome::Passed),
            Ended::Exit(_) => (FailureMode::CheckFailed(check.to_owned()), last_words(&look.log)),
            Ended::Stopped(why) => (FailureMode::CheckOverran(check.to_owned()), why.clone()),
        };
        Ok(look.failed(shortcoming, None, Usage::default()))
    }

    /// The first path that the work changes though only people may.
    fn out_of_bounds(&self, base: &Oid, head: &Oid) -> Result<Option<String>, Trouble> {
        let mut globs = globset::GlobSetBuilder::new();
        for glob in &self.config.human_paths {
            globs.add(globset::Glob::new(glob).map_err(|error| Trouble(error.to_string()))?);
        }
        let globs = globs.build().map_err(|error| Trouble(error.to_string()))?;
        let changed = self.hub.diff_exact(base, head)?;
        let mut names = changed.keys().map(|path| String::from_utf8_lossy(path).into_owned());
        Ok(names.find(|path| globs.is_match(path)))
    }

    /// What the agent says that it used, in the file that it was told of: `{"tokens": 1200, "usd": 0.05}`.
    fn usage(&self, look: &Look<'_>, attempt: u32) -> Usage {
        let path = self
            .files
            .run(&look.state.setup.run)
            .join(usage_file(look.prd, attempt));
        let value: serde_json::Value = serde_json::from_str(&process::tail(&path, USAGE)).unwrap_or_default();
        let dollars = value.get("usd").and_then(serde_json::Value::as_f64);
        let dollars = dollars.filter(|dollars| dollars.is_finite() && (0.0..1e9).contains(dollars));
        Usage {
            tokens: value.get("tokens").and_then(serde_json::Value::as_u64),
            micro_dollars: dollars.map(|dollars| (dollars * 1e6).round() as u64),
        }
    }
}
