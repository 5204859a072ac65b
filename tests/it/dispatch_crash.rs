//! The dispatcher with real git, killed: by a fuse between any two of its acts, and by SIGKILL while agents and checks are at work.

use crate::dispatch_night::{DILIGENT, Night, open, plan};
use flagman::dispatch::event::{Effect, EffectId, Outcome};
use flagman::dispatch::world::Observed;
use flagman::dispatch::{self, DispatchError, End, RealWorld, Resume, RunState, World};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The real world, until the fuse is burned down. Every act burns twice: before and after.
struct Fused {
    world: RealWorld,
    fuse: u32,
}

impl Fused {
    fn burn(&mut self) -> Result<(), DispatchError> {
        self.fuse = self.fuse.checked_sub(1).ok_or(DispatchError::Nothing)?;
        Ok(())
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut RealWorld) -> Result<T, DispatchError>) -> Result<T, DispatchError> {
        self.burn()?;
        let done = act(&mut self.world)?;
        self.burn()?;
        Ok(done)
    }
}

impl World for Fused {
    fn observe(&mut self) -> Result<Observed, DispatchError> {
        self.act(RealWorld::observe)
    }
    fn perform(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError> {
        self.act(|world| world.perform(id, effect, state))
    }
    fn wait(&mut self, state: &RunState) -> Result<(EffectId, Outcome), DispatchError> {
        self.act(|world| world.wait(state))
    }
    fn recover(&mut self, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError> {
        self.act(|world| world.recover(effect, state))
    }
    fn abandon(&mut self) {
        self.world.abandon();
    }
    fn hand_over(&mut self, state: &RunState, text: &str) -> Result<(), DispatchError> {
        self.act(|world| world.hand_over(state, text))
    }
    fn active_ms(&self) -> u64 {
        self.world.active_ms()
    }
    fn stamp(&self) -> String {
        self.world.stamp()
    }
}

/// One PRD, one check. With an ending: what is on the branch, and the handoff.
fn night() -> Night {
    let mut night = Night::new();
    night.check("tests", "test -f work/a");
    night
}

fn ending(night: &Night) -> (String, String) {
    (night.scratch.git(&["rev-parse", "release/next"]), night.handoff())
}

#[test]
fn killed_between_any_two_acts_it_ends_the_same() {
    let undisturbed = night();
    undisturbed.run(plan("a"), &open).expect("runs");
    let expected = ending(&undisturbed);
    for fuse in 0.. {
        let night = night();
        let world = RealWorld::open(&night.config).expect("opens");
        let mut fused = Fused { world, fuse };
        let gate = |question: &dispatch::GateQuestion<'_>| open(question);
        if dispatch::run(&night.config, plan("a"), &gate, &mut fused).is_ok() {
            assert!(fuse > 12, "{fuse} acts");
            return;
        }
        drop(fused);
        let begun = night.scratch.root().join(".flagman/runs/0001/journal.jsonl").exists();
        if begun {
            night.resume(&Resume::default(), &open).expect("goes on");
        } else {
            night.run(plan("a"), &open).expect("begins");
        }
        assert_eq!(ending(&night), expected, "killed at act {fuse}");
    }
}

/// Where the killed dispatcher finds its night; set for it alone.
const VICTIM: &str = "FLAGMAN_TEST_VICTIM";

/// Not a test: the process that the next test starts and its agent kills.
#[test]
#[ignore = "the dispatcher that another test kills"]
fn victim() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let (root, scripts) = (Path::new(&folder).join("root"), Path::new(&folder).join("scripts"));
    let (root, scripts) = (
        fs::read_to_string(root).expect("a root"),
        fs::read_to_string(scripts).expect("scripts"),
    );
    let config = Night::config_of(Path::new(root.trim()), Path::new(scripts.trim()));
    fs::write(Path::new(&folder).join("pid"), std::process::id().to_string()).expect("a file");
    let mut world = RealWorld::open(&config).expect("opens");
    let gate = |question: &dispatch::GateQuestion<'_>| open(question);
    let _ = dispatch::run(&config, plan("a b"), &gate, &mut world);
}

/// Kills the dispatcher once, and leaves a process that will not go by itself.
fn murder(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "if [ ! -e '{folder}/murdered' ]; then : > '{folder}/murdered'; (trap '' TERM HUP INT; echo $BASHPID > '{folder}/orphan.tmp'; mv '{folder}/orphan.tmp' '{folder}/orphan'; \
         while :; do sleep 1; done) & while [ ! -e '{folder}/orphan' ]; do :; done; kill -KILL \"$(cat '{folder}/pid')\"; wait; fi"
    )
}

fn lives(pid: &str) -> bool {
    // A zombie that nobody has buried yet is dead.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
#[cfg(target_os = "linux")]
fn killed_for_real_it_leaves_no_orphans_and_goes_on() {
    let undisturbed = Night::new();
    let mut config = undisturbed.config.clone();
    config.checks = Night::config_of(&config.project, &undisturbed.folder()).checks;
    undisturbed.script("check", "true");
    let quiet = Night { config, ..undisturbed };
    quiet.run(plan("a b"), &open).expect("runs");

    for stage in ["a", "check"] {
        let mut night = Night::new();
        night.config = Night::config_of(&night.scratch.root(), &night.folder());
        let folder = tempfile::tempdir().expect("a folder");
        night.script("check", "true");
        let before = if stage == "check" { "true" } else { DILIGENT };
        night.script(stage, &format!("{}\n{before}", murder(folder.path())));
        fs::write(folder.path().join("root"), night.scratch.root().display().to_string()).expect("a file");
        fs::write(folder.path().join("scripts"), night.folder().display().to_string()).expect("a file");
        let exe: PathBuf = std::env::current_exe().expect("this test");
        let mut victim = Command::new(exe);
        victim
            .args(["dispatch_crash::victim", "--exact", "--ignored"])
            .env(VICTIM, folder.path());
        let status = victim
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("runs");
        assert_eq!(status.code(), None, "it was killed at {stage}");

        let orphan = fs::read_to_string(folder.path().join("orphan"))
            .expect("an orphan")
            .trim()
            .to_owned();
        let patience = Instant::now();
        while lives(&orphan) {
            assert!(
                patience.elapsed() < Duration::from_secs(60),
                "{orphan} lives on after {stage}"
            );
            std::thread::yield_now();
        }
        let refused = night.run(plan("a b"), &open);
        assert!(matches!(refused, Err(DispatchError::Interrupted { .. })), "{refused:?}");
        let outcome = night.resume(&Resume::default(), &open).expect("goes on");
        assert_eq!(outcome.state.end, Some(End::Finished));
        assert_eq!(ending(&night), ending(&quiet), "killed at {stage}");
    }
}
