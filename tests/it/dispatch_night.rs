//! Nights for tests: a repository, scripted agents, a gate that says what it is told to.

use crate::git_scratch::Scratch;
use flagman::dispatch::{
    self, CheckCommand, DispatchError, GateAnswer, GateFinding, GateQuestion, GateRemedy, GateVerdict, PlanSummary,
    PlannedPrd, RealWorld, Resume, RunConfig, RunOutcome, RunState, UpstreamFact,
};
use flagman::prd::PrdId;
use std::fs;
use std::path::{Path, PathBuf};

/// A repository with a release branch, and a folder of scripts beside it.
pub(crate) struct Night {
    pub(crate) scratch: Scratch,
    pub(crate) scripts: tempfile::TempDir,
    pub(crate) config: RunConfig,
}

/// What every agent does that was told nothing else: one file, one commit, always the same.
pub(crate) const DILIGENT: &str =
    "mkdir -p work && echo \"$FLAGMAN_PRD\" > \"work/$FLAGMAN_PRD\" && commit \"$FLAGMAN_PRD\"";

const PRELUDE: &str = "set -e
export GIT_AUTHOR_DATE='@1700000001 +0000' GIT_COMMITTER_DATE='@1700000001 +0000' GIT_AUTHOR_NAME=Agent GIT_AUTHOR_EMAIL=agent@example.invalid
commit() { git add --all && git commit --quiet -m \"$1\"; }
";

impl Night {
    /// With a release branch `release/next` at `main`, and no checks.
    pub(crate) fn new() -> Self {
        let scratch = Scratch::new("//- README.md\nhello\n//- docs/prds/a.md\n# A\n//- shared.txt\none\ntwo\nthree\n");
        scratch.git(&["branch", "release/next"]);
        let scripts = tempfile::tempdir().expect("a folder");
        let mut config = Self::config_of(&scratch.root(), scripts.path());
        config.checks.clear();
        let night = Self {
            scratch,
            scripts,
            config,
        };
        let choose = format!(
            "{PRELUDE}s='{0}'/\"$FLAGMAN_PRD\".sh; [ -f \"$s\" ] || s='{0}'/default.sh; . \"$s\"\n",
            night.folder().display()
        );
        fs::write(night.folder().join("agent.sh"), choose).expect("a script");
        night.script("default", DILIGENT);
        night
    }

    /// The configuration of a night with one check, the script `check.sh`.
    pub(crate) fn config_of(root: &Path, scripts: &Path) -> RunConfig {
        let mut config = RunConfig::new(root.to_owned(), "release/next", "");
        config.agent = format!("bash '{}/agent.sh'", scripts.display());
        config.agent_seconds = 120;
        config.check_seconds = 120;
        config.grace_ms = 500;
        config.checks = vec![CheckCommand {
            name: "tests".to_owned(),
            command: format!("bash '{}/check.sh'", scripts.display()),
        }];
        config
    }

    /// Where the scripts are; also a place outside the repository.
    pub(crate) fn folder(&self) -> PathBuf {
        self.scripts.path().to_owned()
    }

    /// What the agent of a PRD does.
    pub(crate) fn script(&self, prd: &str, script: &str) {
        fs::write(self.folder().join(format!("{prd}.sh")), script).expect("a script");
    }

    /// Adds a check.
    pub(crate) fn check(&mut self, name: &str, command: &str) {
        self.config.checks.push(CheckCommand {
            name: name.to_owned(),
            command: command.to_owned(),
        });
    }

    pub(crate) fn run(
        &self,
        plan: PlanSummary,
        gate: &dyn Fn(&GateQuestion<'_>) -> GateAnswer,
    ) -> Result<RunOutcome, DispatchError> {
        let mut world = RealWorld::open(&self.config)?;
        dispatch::run(
            &self.config,
            plan,
            &|question: &GateQuestion<'_>| gate(question),
            &mut world,
        )
    }

    pub(crate) fn resume(
        &self,
        choice: &Resume,
        gate: &dyn Fn(&GateQuestion<'_>) -> GateAnswer,
    ) -> Result<RunOutcome, DispatchError> {
        let mut world = RealWorld::open(&self.config)?;
        dispatch::resume(
            &self.config,
            choice,
            &|question: &GateQuestion<'_>| gate(question),
            &mut world,
        )
    }

    /// The first lines of the release branch's commits, oldest first, without the first.
    pub(crate) fn landed(&self) -> Vec<String> {
        let log = self
            .scratch
            .git(&["log", "--reverse", "--format=%s", "main..release/next"]);
        log.lines().map(str::to_owned).collect()
    }

    /// The handoff where people look for it.
    pub(crate) fn handoff(&self) -> String {
        fs::read_to_string(self.scratch.root().join("handoff.md")).expect("a handoff")
    }

    /// The log of an attempt.
    pub(crate) fn log(&self, run: &str, name: &str) -> String {
        let path = self
            .scratch
            .root()
            .join(".flagman/runs")
            .join(run)
            .join("logs")
            .join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// `a b|c<a` : two phases; `c` comes after `a`.
pub(crate) fn plan(text: &str) -> PlanSummary {
    let prd = |word: &str| {
        let mut parts = word.split('<');
        let id = parts.next().expect("an id");
        PlannedPrd {
            id: PrdId(id.to_owned()),
            title: format!("Title of {id}"),
            path: format!("docs/prds/{id}.md"),
            branch: None,
            after: parts.map(|id| PrdId(id.to_owned())).collect(),
            facts: vec![UpstreamFact {
                fact: "flag snapshot_read is on".to_owned(),
                words: vec!["snapshot_read".to_owned()],
                places: vec!["docs/prds/003.md:18:27".to_owned()],
                command: Some("flagman flags set snapshot_read on --reason \"…\"".to_owned()),
            }],
        }
    };
    PlanSummary {
        phases: text
            .split('|')
            .map(|phase| phase.split_whitespace().map(prd).collect())
            .collect(),
        ..PlanSummary::default()
    }
}

/// A gate that lets everything through.
pub(crate) fn open(_: &GateQuestion<'_>) -> GateAnswer {
    GateAnswer::clear()
}

/// A gate that is closed before one phase, for the reason of the story.
pub(crate) fn closed_before(phase: u32) -> impl Fn(&GateQuestion<'_>) -> GateAnswer {
    move |question| {
        if question.phase != phase {
            return GateAnswer::clear();
        }
        let finding = GateFinding {
            check: "assumes-unset-flag".to_owned(),
            level: "error".to_owned(),
            prd: Some(PrdId("011-tax".to_owned())),
            message: "PRD 011-tax tests the snapshot read path, and `snapshot_read` is off".to_owned(),
            places: vec![
                "apps/api/tax.spec.ts:41:5".to_owned(),
                "docs/prds/003.md:18:27".to_owned(),
            ],
            remedies: vec![GateRemedy {
                kind: "flip".to_owned(),
                detail: "turn it on before phase 2".to_owned(),
                command: Some("flagman flags set snapshot_read on --reason \"…\"".to_owned()),
            }],
        };
        GateAnswer {
            verdict: GateVerdict::Blocked,
            findings: vec![finding],
            ..GateAnswer::clear()
        }
    }
}

/// The word for how far a PRD came.
pub(crate) fn stage<'a>(state: &'a RunState, id: &str) -> &'a str {
    state.prds[&PrdId(id.to_owned())].stage.word()
}
