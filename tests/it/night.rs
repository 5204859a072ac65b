//! The night of the story, dispatched by flagman with scripted agents: phases 0 and 1 land, phase 2 is held, the handoff says why,
//! and nothing but the release branch moved.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::project::{Said, checkout, said};
use crate::schemas::validate;

struct Night {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Night {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("it works");
        let root = folder.path().join("repo");
        let script = checkout("fixtures/stories/skip-launch/.story/make-repo.sh");
        let made = Command::new("sh")
            .arg(script)
            .arg(&root)
            .arg("--from-start")
            .output()
            .expect("it works");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { _folder: folder, root }
    }

    /// Configures the run in a commit, as a person would before going to bed.
    fn configure(&self, tests: &str) {
        let path = self.root.join("flagman.toml");
        let text = std::fs::read_to_string(&path).expect("it works");
        let text = text.replace("command = \"npm test\"", &format!("command = {tests:?}"));
        let dispatch = "\n[dispatch]\nmax_parallel = 6\npass_env = [\"FLAGMAN_STORY*\"]\n";
        std::fs::write(&path, text + dispatch).expect("it works");
        self.git(&["commit", "-q", "-a", "-m", "configure the night"]);
        // The release branch is the dispatcher's: nobody has it checked out meanwhile.
        self.git(&["switch", "-q", "--detach"]);
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .current_dir(&self.root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("it works");
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The PRDs that landed, in order, a line each.
    fn landed(&self) -> String {
        let format = "--format=%(trailers:key=Flagman-PRD,valueonly,separator=)";
        let lines = self.git(&["log", "--reverse", format, "main..release/skip-launch"]);
        lines
            .lines()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Types commands into a shell; they all succeed but the last, whose exit code is the answer.
    fn type_in(&self, commands: &str) -> Said {
        let bin = Path::new(env!("CARGO_BIN_EXE_flagman")).parent().expect("it works");
        let path = std::env::var("PATH").expect("it works");
        let output = Command::new("sh")
            .args(["-e", "-c", commands])
            .current_dir(&self.root)
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("FLAGMAN_STORY", checkout("fixtures/stories/skip-launch/.story"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "t")
            .env("GIT_AUTHOR_EMAIL", "t@example.org")
            .env("GIT_COMMITTER_NAME", "t")
            .env("GIT_COMMITTER_EMAIL", "t@example.org")
            .env("NO_COLOR", "1")
            .output()
            .expect("it works");
        said(&output)
    }

    fn flagman(&self, arguments: &[&str]) -> Said {
        let story = checkout("fixtures/stories/skip-launch/.story");
        let output = Command::new(env!("CARGO_BIN_EXE_flagman"))
            .args(arguments)
            .current_dir(&self.root)
            .env("FLAGMAN_STORY", &story)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("NO_COLOR", "1")
            .output()
            .expect("it works");
        said(&output)
    }
}

/// The commands of the first section of a handoff that has any.
fn commands(handoff: &str) -> String {
    let section = handoff.split("## What to do first").nth(1).expect("things to do");
    let section = section.split("\n## ").next().expect("a section");
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().expect("an end"))
        .collect::<Vec<_>>()
        .join("")
}

fn agent() -> String {
    let script = checkout("fixtures/stories/skip-launch/.story/agents/agent.sh");
    format!("sh '{}'", script.display())
}

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn phases_0_and_1_land_and_phase_2_is_held() {
    let night = Night::new();
    night.configure("test -f flags.toml");
    let main = night.git(&["rev-parse", "main"]);
    let ran = night.flagman(&["run", "--agent", &agent()]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Phase 2 is held"), "{}", ran.out);

    let landed = night.landed();
    let landed: Vec<&str> = landed.lines().collect();
    assert_eq!(landed.len(), 3, "{landed:?}");
    assert_eq!(landed[2], "003-snapshot-writer");
    assert_eq!(night.git(&["rev-parse", "main"]), main);

    let handoff = read(&night.root, "handoff.md");
    for words in [
        "007-leads",
        "011-tax",
        "quote_snapshot_read",
        "flagman flags set quote_snapshot_read on",
        "docs/prds/011-tax.md",
    ] {
        assert!(
            handoff.contains(words),
            "the handoff says nothing of {words}:\n{handoff}"
        );
    }
    let status = night.flagman(&["status"]);
    for words in [
        "3 of 22 PRDs landed",
        "phase 1   landed   003-snapshot-writer\nphase 2   held ",
        "\nphase 2 is held: PRD 011-tax assumes",
        "\nnext: flagman handoff says what to do first\n",
    ] {
        assert!(status.out.contains(words), "{words} is not in\n{}", status.out);
    }
    let told = night.flagman(&["status", "--format", "json"]);
    let document: serde_json::Value =
        serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {}", told.err));
    validate("status", &document);
    let first = [
        &document["life"],
        &document["phases"][1][0]["stage"],
        &document["held"][0]["phase"],
    ];
    assert_eq!(serde_json::json!(first), serde_json::json!(["ended", "landed", 2]));
    let refused = night.flagman(&["handoff", "--format", "json"]);
    assert!(
        refused.code == 2 && refused.err.contains("flagman status --format json"),
        "{}",
        refused.err
    );
    assert_eq!(night.flagman(&["handoff"]).out, handoff, "the same at any hour");

    // In the morning: what the handoff says to type, typed as it is.
    let before = night.git(&["rev-parse", "HEAD"]);
    let resumed = night.type_in(&commands(&handoff));
    let landed = night.landed();
    assert!(
        landed.contains("011-tax") && landed.contains("007-leads"),
        "{landed}\n{}{}",
        resumed.out,
        resumed.err
    );
    assert_eq!(night.git(&["rev-parse", "main"]), main);
    assert_eq!(night.git(&["rev-parse", "HEAD"]), before, "back where the person was");
}

#[test]
fn the_release_branch_can_not_be_a_protected_one() {
    let night = Night::new();
    night.git(&["switch", "-q", "--detach"]);
    let path = night.root.join("flagman.toml");
    let text = std::fs::read_to_string(&path)
        .expect("it works")
        .replace("release/skip-launch", "main");
    std::fs::write(&path, text).expect("it works");
    let before = night.git(&["for-each-ref"]);
    let ran = night.flagman(&["run", "--agent", &agent()]);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("main"), "{}", ran.err);
    assert_eq!(night.git(&["for-each-ref"]), before);
}

/// Settings by which git runs a program, in the repository's own configuration, in its hooks and in the surroundings.
#[test]
#[cfg(unix)]
fn nothing_that_is_configured_around_it_runs() {
    use std::os::unix::fs::PermissionsExt;
    let night = Night::new();
    night.configure("test -f flags.toml");
    let traps = tempfile::tempdir().expect("a folder");
    let trap = traps.path().join("trap");
    std::fs::write(&trap, "#!/bin/sh\n: > \"$(dirname \"$0\")/PWNED-$$\"\nexit 1\n").expect("a trap");
    std::fs::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let command = trap.display().to_string();
    std::fs::create_dir_all(night.root.join(".git/hooks")).expect("a folder");
    for hook in [
        "reference-transaction",
        "post-checkout",
        "pre-auto-gc",
        "update",
        "post-index-change",
    ] {
        std::fs::copy(&trap, night.root.join(".git/hooks").join(hook)).expect("a hook");
    }
    let keys = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.askPass",
        "core.pager",
        "core.editor",
        "diff.external",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "core.alternateRefsCommand",
    ];
    let config = night.root.join(".git/config");
    let mut text = std::fs::read_to_string(&config).expect("a file");
    for key in keys {
        let (section, name) = key.split_once('.').expect("a key");
        text += &format!("[{section}]\n\t{name} = {command}\n");
    }
    text += "[commit]\n\tgpgSign = true\n";
    std::fs::write(&config, text).expect("a file");

    let story = checkout("fixtures/stories/skip-launch/.story");
    let output = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .args(["run", "--agent", &agent()])
        .current_dir(&night.root)
        .env("FLAGMAN_STORY", &story)
        .env("GIT_DIR", "/nowhere")
        .env("GIT_INDEX_FILE", "/nowhere")
        .env("GIT_EXTERNAL_DIFF", &command)
        .env("GIT_SSH_COMMAND", &command)
        .env("GIT_PAGER", &command)
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
        .env("GIT_CONFIG_VALUE_0", &command)
        .output()
        .expect("runs");
    let ran = said(&output);
    assert!(ran.out.contains("Phase 2 is held"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("3 of 22 PRDs landed"), "{}", ran.out);
    let sprung = std::fs::read_dir(traps.path()).expect("a folder").count() - 1;
    let hooks = std::fs::read_dir(night.root.join(".git/hooks")).expect("a folder");
    let names: Vec<String> = hooks
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    assert!(
        sprung == 0 && !names.iter().any(|name| name.starts_with("PWNED")),
        "{names:?}"
    );
}
