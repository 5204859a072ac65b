//! `flagman guard install` and `uninstall`: the hooks are really there, and afterwards every byte is as it was.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git_scratch::Scratch;
use crate::project::flagman_in;

/// Every file below a folder with its bytes, but for git's objects and ours.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(root).unwrap().to_owned();
            if relative == Path::new(".git/flagman") {
                continue;
            }
            if path.is_dir() {
                found.insert(relative, Vec::new());
                open.push(path);
            } else {
                found.insert(relative, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

const CLAUDE: &str = "{\n\t\"model\": \"opus\",\n\t\"hooks\": {\n\t\t\"PreToolUse\": [ {\"matcher\": \"Bash\", \"hooks\": \
    [{\"type\": \"command\", \"command\": \"./check\"}]} ],\n\t\t\"Stop\": []\n\t}\n}";

#[test]
fn every_byte_comes_back() {
    let scratch = Scratch::new("//- a\none\n");
    scratch.write(&format!(
        "//- .claude/settings.json\n{CLAUDE}\n//- .codex/config.toml\nmodel = \"x\" # mine\n[[hooks.Stop]]\nhooks = []\n\
         //- .gemini/settings.json\n{{\"theme\":\"dark\"}}\n//- .git/hooks/pre-push\n#!/bin/sh\nwhile read a b c d; do echo \"$c\" >> pushed; done\n"
    ));
    let before = files(&scratch.root());
    let every = ["--agent", "claude,codex,gemini,cursor,git,git-refs"];
    let run = |action: &str| flagman_in(&scratch.root(), &[&["guard", action][..], &every].concat());
    let said = run("install");
    assert_eq!(said.code, 0, "{}", said.err);
    let claude = std::fs::read_to_string(scratch.root().join(".claude/settings.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&claude).unwrap();
    let groups = value["hooks"]["PreToolUse"].as_array().unwrap();
    assert_eq!(
        (groups.len(), groups[0]["matcher"].as_str()),
        (2, Some("Bash")),
        "{claude}"
    );
    assert_eq!(groups[1]["hooks"][0]["command"], "flagman guard --hook claude");
    let codex = std::fs::read_to_string(scratch.root().join(".codex/config.toml")).unwrap();
    assert!(
        codex.contains("flagman guard --hook codex") && codex.contains("# mine"),
        "{codex}"
    );
    assert!(
        !scratch.root().join(".codex/hooks.json").exists(),
        "one form of hooks in a folder"
    );
    assert!(scratch.root().join(".cursor/hooks.json").exists());
    let installed = files(&scratch.root());
    let again = run("install");
    assert_eq!(
        (again.code, files(&scratch.root()) == installed),
        (0, true),
        "{}",
        again.err
    );
    assert!(
        again.out.lines().all(|line| line.ends_with("there already")),
        "{}",
        again.out
    );
    assert_eq!(run("uninstall").code, 0);
    let after = files(&scratch.root());
    let changed: Vec<_> = before
        .iter()
        .filter(|(path, bytes)| after.get(*path) != Some(*bytes))
        .collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}

#[test]
fn what_was_written_since_stays() {
    let scratch = Scratch::new("//- a\none\n");
    scratch.write(&format!("//- .claude/settings.json\n{CLAUDE}\n"));
    let run = |action: &str| flagman_in(&scratch.root(), &["guard", action]);
    assert_eq!(run("install").code, 0);
    let path = scratch.root().join(".claude/settings.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"opus\"", "\"sonnet\"")).unwrap();
    assert_eq!(run("uninstall").code, 0);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("\"sonnet\"") && text.contains("./check") && !text.contains("flagman"),
        "{text}"
    );
    assert!(run("uninstall").out.contains("no hook of flagman's"));
}

#[test]
fn what_a_person_wrote_stays_and_what_was_installed_goes_wherever_the_agent_is() {
    let scratch = Scratch::new("//- a\none\n");
    let own = "{\"hooks\": {\"PreToolUse\": [{\"matcher\": \"Write\", \"hooks\": [{\"type\": \"command\", \"command\": \"flagman guard --hook claude\"}]}]}}\n";
    scratch.write(&format!(
        "//- .claude/settings.json\n{own}//- .gemini/settings.json\n{{\"hooks\": {{\"BeforeTool\": []}}}}\n//- .git/hooks/pre-push\n#!/bin/sh\n"
    ));
    let mode = |path: &str| {
        std::fs::metadata(scratch.root().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    let hook = scratch.root().join(".git/hooks/pre-push");
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o640)).unwrap();
    let before = files(&scratch.root());
    let every = ["guard", "install", "--agent", "claude,gemini,cursor,git,git-refs"];
    assert_eq!(flagman_in(&scratch.root(), &every).code, 0);
    assert_eq!(mode(".git/hooks/pre-push"), 0o751);
    let gemini = scratch.root().join(".gemini/settings.json");
    let text = std::fs::read_to_string(&gemini).unwrap();
    std::fs::write(&gemini, format!("{text}\n")).unwrap();
    let said = flagman_in(&scratch.root(), &["guard", "uninstall"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("was not written by `flagman guard install`"),
        "{}",
        said.out
    );
    let mut after = files(&scratch.root());
    let text = after.insert(
        ".gemini/settings.json".into(),
        before[Path::new(".gemini/settings.json")].clone(),
    );
    let text = String::from_utf8(text.unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, serde_json::json!({"hooks": {"BeforeTool": []}}));
    assert_eq!(after, before, "hooks of git, whose agent has no folder, go, too");
    assert_eq!(mode(".git/hooks/pre-push"), 0o640);
}

#[test]
fn what_cannot_be_added_to_is_left_alone_and_nothing_else_is_written() {
    let scratch = Scratch::new("//- a\none\n");
    scratch.write("//- .claude/settings.json\n{ broken\n//- .gemini/settings.json\n{}\n");
    let before = files(&scratch.root());
    let said = flagman_in(&scratch.root(), &["guard", "install"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains(".claude/settings.json") && said.err.contains("not JSON"),
        "{}",
        said.err
    );
    assert_eq!(files(&scratch.root()), before);
    let said = flagman_in(
        &scratch.root(),
        &["guard", "install", "--agent", "git", "--program", "x; rm -rf /"],
    );
    assert_eq!(said.code, 2, "{}", said.out);
    let none = Scratch::new("//- a\none\n");
    let said = flagman_in(&none.root(), &["guard", "install"]);
    assert!(said.code == 2 && said.err.contains("--agent"), "{}", said.err);
}

#[test]
fn git_does_not_push_what_is_protected_and_its_own_hook_still_runs() {
    let scratch = Scratch::new("//- a\none\n");
    let remote = tempfile::tempdir().unwrap();
    let url = remote.path().to_str().unwrap().to_owned();
    scratch.git(&["init", "--quiet", "--bare", &url]);
    scratch.git(&["branch", "tax"]);
    std::fs::create_dir_all(scratch.root().join(".git/hooks")).unwrap();
    let hook = scratch.root().join(".git/hooks/pre-push");
    std::fs::write(&hook, "#!/bin/sh\nwhile read a b c d; do echo \"$c\" >> pushed; done\n").unwrap();
    let program = env!("CARGO_BIN_EXE_flagman");
    let said = flagman_in(
        &scratch.root(),
        &["guard", "install", "--agent", "git", "--program", program],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    let push = |name: &str| {
        Command::new("git")
            .args(["push", &url, name])
            .current_dir(scratch.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap()
    };
    let refused = push("main");
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && why.contains("refs/heads/main") && why.contains("protected"),
        "{why}"
    );
    assert!(!scratch.root().join("pushed").exists());
    assert!(push("tax").status.success());
    assert_eq!(
        std::fs::read_to_string(scratch.root().join("pushed")).unwrap(),
        "refs/heads/tax\n"
    );
}

#[test]
fn no_protected_ref_moves_here_while_git_asks() {
    let scratch = Scratch::new("//- a\none\n");
    scratch.git(&["branch", "tax"]);
    let program = env!("CARGO_BIN_EXE_flagman");
    let said = flagman_in(
        &scratch.root(),
        &["guard", "install", "--agent", "git-refs", "--program", program],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        !scratch
            .try_git(&["commit", "--quiet", "--allow-empty", "-m", "on main"])
            .status
            .success()
    );
    scratch.git(&["switch", "--quiet", "tax"]);
    scratch.git(&["commit", "--quiet", "--allow-empty", "-m", "on tax"]);
    assert!(!scratch.try_git(&["branch", "--force", "main", "tax"]).status.success());
    assert_eq!(
        flagman_in(&scratch.root(), &["guard", "uninstall", "--agent", "git-refs"]).code,
        0
    );
    scratch.git(&["branch", "--force", "main", "tax"]);
}
