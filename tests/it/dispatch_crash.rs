//! The dispatcher with real git, killed: by a fuse between any two of its acts, and by SIGKILL while agents and checks are at work.

use crate::dispatch_night::{DILIGENT, Night, open, plan};
use flagman::dispatch::event::{Effect, EffectId, Outcome};
use flagman::dispatch::world::Observed;
use flagman::dispatch::{self, Confine, DispatchError, End, RealWorld, Resume, RunState, World};
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

/// Not a test: the process that the next test starts and kills.
#[test]
#[ignore = "the dispatcher that another test kills"]
fn victim() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let read = |name: &str| fs::read_to_string(Path::new(&folder).join(name)).expect("a file");
    let (root, scripts, confine) = (read("root"), read("scripts"), read("confine"));
    let mut config = Night::config_of(Path::new(&root), Path::new(&scripts));
    if confine == "off" {
        config.confine = Confine::Off;
    }
    let mut world = RealWorld::open(&config).expect("opens");
    let gate = |question: &dispatch::GateQuestion<'_>| open(question);
    let _ = dispatch::run(&config, plan("a b"), &gate, &mut world);
}

/// The first time: says that it is at work, and will not go by itself.
fn stubborn(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "if [ ! -e '{folder}/begun' ]; then (trap '' TERM HUP INT; : > '{folder}/begun'; while :; do sleep 1; done) & wait; fi"
    )
}

/// True if a process was started with this text among its arguments.
fn at_work(text: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
    let mut lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(text))
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let patience = Instant::now();
    while !done() {
        assert!(patience.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::yield_now();
    }
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

    for (stage, confine) in [("a", "on"), ("check", "on"), ("a", "off")] {
        let mut night = Night::new();
        night.config = Night::config_of(&night.scratch.root(), &night.folder());
        let folder = tempfile::tempdir().expect("a folder");
        night.script("check", "true");
        let honest = if stage == "check" { "true" } else { DILIGENT };
        night.script(stage, &format!("{}\n{honest}", stubborn(folder.path())));
        let scripts = night.folder().display().to_string();
        let tell = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        tell("root", &night.scratch.root().display().to_string());
        tell("scripts", &scripts);
        tell("confine", confine);
        let exe: PathBuf = std::env::current_exe().expect("this test");
        let mut victim = Command::new(exe)
            .args(["dispatch_crash::victim", "--exact", "--ignored"])
            .env(VICTIM, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        wait_until("it begins", || folder.path().join("begun").exists());
        assert!(at_work(&scripts), "there is something to leave behind");
        victim.kill().expect("killed");
        victim.wait().expect("buried");
        wait_until("nothing is left", || !at_work(&scripts));

        let refused = night.run(plan("a b"), &open);
        assert!(matches!(refused, Err(DispatchError::Interrupted { .. })), "{refused:?}");
        if confine == "off" {
            night.config.confine = Confine::Off;
        }
        let outcome = night.resume(&Resume::default(), &open).expect("goes on");
        assert_eq!(outcome.state.end, Some(End::Finished));
        if confine == "on" {
            assert_eq!(ending(&night), ending(&quiet), "killed at {stage}");
        }
    }
}
