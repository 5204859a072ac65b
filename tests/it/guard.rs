//! `flagman guard` on real repositories with work trees: the hooks of four agents, git's own, and people.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::git_scratch::Scratch;
use crate::project::{Said, said};

/// Ten lines with one of them changed.
pub(crate) fn ten(at: usize, text: &str) -> String {
    let line = |n: usize| if n == at { text.to_owned() } else { format!("line {n}") };
    (1..=10).map(|n| line(n) + "\n").collect()
}

/// A repository whose branches `tax` and `ship` have work trees of their own.
pub(crate) struct Office {
    pub(crate) scratch: Scratch,
    trees: TempDir,
}

impl Office {
    pub(crate) fn new() -> Self {
        let base = format!(
            "//- src/quote.ts\n{}//- src/other.ts\n{}//- notes\none\n//- .gitattributes\nnotes merge=union\n//- .gitignore\nbuild/\n",
            ten(0, ""),
            ten(0, "")
        );
        let office = Self {
            scratch: Scratch::new(&base),
            trees: TempDir::new().unwrap(),
        };
        for name in ["tax", "ship"] {
            let folder = office.tree(name);
            office
                .scratch
                .git(&["worktree", "add", "--quiet", "-b", name, folder.to_str().unwrap()]);
        }
        office
    }

    pub(crate) fn tree(&self, name: &str) -> PathBuf {
        self.trees.path().canonicalize().unwrap().join(name)
    }

    /// Writes a file of a work tree and does not commit it.
    pub(crate) fn write(&self, tree: &str, path: &str, text: &str) {
        let file = self.tree(tree).join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn commit(&self, tree: &str) {
        let folder = self.tree(tree);
        let folder = folder.to_str().unwrap();
        self.scratch.git(&["-C", folder, "add", "--all"]);
        self.scratch.git(&["-C", folder, "commit", "--quiet", "-m", "work"]);
    }

    /// Claude Code is about to write all of a file in the work tree `tax`.
    fn claude(&self, path: &str, text: &str) -> Said {
        let file = self.tree("tax").join(path);
        self.ask(&claude_write(&self.tree("tax"), &file, text), &["guard"])
    }

    fn ask(&self, message: &Value, arguments: &[&str]) -> Said {
        asked(&self.tree("tax"), message.to_string().as_bytes(), arguments)
    }
}

fn claude_write(cwd: &Path, file: &Path, text: &str) -> Value {
    json!({
        "session_id": "s", "transcript_path": "/t.jsonl", "cwd": cwd, "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": "Write",
        "tool_input": {"file_path": file, "content": text}, "tool_use_id": "toolu_1",
    })
}

/// Runs flagman with this on its standard input.
pub(crate) fn asked(folder: &Path, input: &[u8], arguments: &[&str]) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses a message need not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    said(&child.wait_with_output().unwrap())
}

fn claude_says(said: &Said) -> (String, String) {
    let value: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {} {}", said.out, said.err));
    let specific = &value["hookSpecificOutput"];
    assert_eq!(specific["hookEventName"], "PreToolUse");
    let decision = specific["permissionDecision"].as_str().unwrap_or("").to_owned();
    let why = specific["permissionDecisionReason"]
        .as_str()
        .or(specific["additionalContext"].as_str())
        .unwrap();
    assert_eq!(said.code, 0);
    (decision, why.to_owned())
}

#[test]
fn a_write_that_conflicts_with_a_commit_is_put_before_a_person_and_another_is_not() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    office.commit("ship");
    let (decision, why) = claude_says(&office.claude("src/quote.ts", &ten(5, "TAX")));
    assert_eq!(decision, "ask");
    assert!(
        why.contains("src/quote.ts") && why.contains("`ship`") && why.contains("line 5"),
        "{why}"
    );
    for (path, text) in [
        ("src/quote.ts", ten(10, "TAX")),
        ("src/other.ts", ten(5, "TAX")),
        ("src/new.ts", ten(1, "N")),
    ] {
        let said = office.claude(path, &text);
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (0, "", ""),
            "{path}: no consent is given"
        );
    }
}

#[test]
fn what_is_not_committed_counts_and_is_said_to_be_that() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    let (decision, why) = claude_says(&office.claude("src/quote.ts", &ten(5, "TAX")));
    assert_eq!(decision, "ask");
    assert!(why.contains("not committed"), "{why}");
    // A file of which git was not told.
    office.write("ship", "src/new.ts", "ship\n");
    let (decision, why) = claude_says(&office.claude("src/new.ts", "tax\n"));
    assert_eq!(decision, "ask");
    assert!(why.contains("add-add"), "{why}");
    // What git ignores is nobody's work.
    office.write("ship", "build/out", "ship\n");
    assert_eq!(office.claude("build/out", "tax\n").out, "");
}

#[test]
fn an_edit_is_asked_about_once() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    office.commit("ship");
    office.write("tax", "src/quote.ts", &ten(5, "TAX"));
    let (decision, why) = claude_says(&office.claude("src/quote.ts", &ten(5, "TAXES")));
    assert_eq!(decision, "", "it conflicted before: {why}");
    assert!(why.contains("as it did before"), "{why}");
}

#[test]
fn each_agent_is_asked_and_answered_in_its_own_form() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    let tree = office.tree("tax");
    let file = tree.join("src/quote.ts");
    let edit = json!({"file_path": file, "old_string": "line 5\n", "new_string": "TAX\n"});
    let claude = json!({"session_id": "s", "cwd": tree, "hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": edit});
    assert_eq!(claude_says(&office.ask(&claude, &["guard"])).0, "ask");
    let several =
        json!({"file_path": file, "edits": [{"old_string": "line 4\nline 5\n", "new_string": "line 4\nTAX\n"}]});
    let claude = json!({"cwd": tree, "hook_event_name": "PreToolUse", "tool_name": "MultiEdit", "tool_input": several});
    assert_eq!(
        claude_says(&office.ask(&claude, &["guard", "--hook", "claude"])).0,
        "ask"
    );

    let patch = "*** Begin Patch\n*** Update File: src/quote.ts\n@@\n line 4\n-line 5\n+TAX\n*** End Patch";
    let codex = json!({"session_id": "s", "turn_id": "1", "cwd": tree, "hook_event_name": "PreToolUse", "model": "m",
        "permission_mode": "default", "tool_name": "apply_patch", "tool_input": {"command": patch}, "tool_use_id": "c"});
    let (decision, why) = claude_says(&office.ask(&codex, &["guard"]));
    assert_eq!(decision, "", "Codex takes no question from a hook");
    assert!(why.contains("conflicts with `ship`"), "{why}");

    let gemini = json!({"session_id": "s", "cwd": tree, "hook_event_name": "BeforeTool", "timestamp": "t", "tool_name": "replace",
        "tool_input": edit});
    let answer: Value = serde_json::from_str(&office.ask(&gemini, &["guard"]).out).unwrap();
    assert!(answer["decision"].is_null() && answer["systemMessage"].as_str().unwrap().contains("`ship`"));

    let cursor = json!({"conversation_id": "c", "hook_event_name": "preToolUse", "cursor_version": "2", "workspace_roots": [tree],
        "tool_name": "StrReplace", "tool_input": edit});
    let answer: Value = serde_json::from_str(&office.ask(&cursor, &["guard"]).out).unwrap();
    assert_eq!(answer["permission"], "ask");
    assert!(answer["agent_message"].as_str().unwrap().contains("`ship`"));

    // The project may have a conflict refused.
    std::fs::write(tree.join("flagman.toml"), "[guard]\nconflict = \"deny\"\n").unwrap();
    assert_eq!(claude_says(&office.ask(&claude, &["guard"])).0, "deny");
    assert_eq!(claude_says(&office.ask(&codex, &["guard"])).0, "deny");
    let answer: Value = serde_json::from_str(&office.ask(&gemini, &["guard"]).out).unwrap();
    assert_eq!(answer["decision"], "deny");
    let answer: Value = serde_json::from_str(&office.ask(&cursor, &["guard"]).out).unwrap();
    assert_eq!(answer["permission"], "deny");
}

#[test]
fn what_git_alone_knows_git_is_asked() {
    let office = Office::new();
    office.scratch.git(&[
        "-C",
        office.tree("ship").to_str().unwrap(),
        "mv",
        "src/quote.ts",
        "src/moved.ts",
    ]);
    office.write("ship", "src/moved.ts", &ten(5, "SHIP"));
    office.commit("ship");
    let (decision, why) = claude_says(&office.claude("src/quote.ts", &ten(5, "TAX")));
    assert_eq!(decision, "ask", "{why}");
    assert_eq!(
        office.claude("src/quote.ts", &ten(10, "TAX")).out,
        "",
        "the rename is followed, and there is room"
    );
    // A file where the other side has a folder.
    office.write("ship", "lib/a/b", "x\n");
    office.commit("ship");
    assert_eq!(claude_says(&office.claude("lib/a", "x\n")).0, "ask");
    // Both sides' lines are kept where attributes say so.
    office.write("ship", "notes", "one\nship\n");
    office.commit("ship");
    assert_eq!(office.claude("notes", "one\ntax\n").out, "");
}

#[test]
fn what_is_not_committed_is_merged_as_git_would_merge_it_once_it_is() {
    let office = Office::new();
    // A rename that nobody committed yet is one.
    let ship = office.tree("ship");
    std::fs::rename(ship.join("src/quote.ts"), ship.join("src/moved.ts")).unwrap();
    office.write("ship", "src/moved.ts", &ten(5, "SHIP"));
    assert_eq!(office.claude("src/quote.ts", &ten(10, "TAX")).out, "", "there is room");
    assert_eq!(claude_says(&office.claude("src/quote.ts", &ten(5, "TAX"))).0, "ask");
    // A file where a folder is to be.
    office.write("ship", "lib", "x\n");
    assert_eq!(claude_says(&office.claude("lib/a", "x\n")).0, "ask");
    // What a patch moves meets the other side's changes under its new name.
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    office.commit("ship");
    let moved_to = |to: &str, line: &str| {
        let patch = format!(
            "*** Begin Patch\n*** Update File: src/quote.ts\n*** Move to: {to}\n@@\n-{line}\n+TAX\n*** End Patch\n"
        );
        let message = json!({
            "cwd": office.tree("tax"), "hook_event_name": "PreToolUse", "tool_name": "apply_patch", "turn_id": "t",
            "permission_mode": "default", "tool_input": {"command": patch},
        });
        office.ask(&message, &["guard", "--hook", "codex"]).out
    };
    let moved = |line: &str| moved_to("src/price.ts", line);
    assert_eq!(moved("line 10"), "", "there is room");
    assert!(moved("line 5").contains("conflicts with `ship`"), "{}", moved("line 5"));
    // What is moved nowhere, or out of here, is gone or changed where it was.
    for to in ["src/quote.ts", "../outside.ts"] {
        assert!(
            moved_to(to, "line 5").contains("conflicts with `ship`"),
            "{to}: {}",
            moved_to(to, "line 5")
        );
    }
}

#[test]
fn git_own_files_other_work_trees_and_links_are_seen_for_what_they_are() {
    let office = Office::new();
    let tree = office.tree("tax");
    for path in [".git", "../../x/.git/config"] {
        let said = office.ask(&claude_write(&tree, Path::new(path), "x"), &["guard"]);
        let wanted = if path == ".git" { "deny" } else { "" };
        let decision = if said.out.is_empty() {
            String::new()
        } else {
            claude_says(&said).0
        };
        assert_eq!(decision, wanted, "{path}");
    }
    let config = office.scratch.root().join(".git/config");
    assert_eq!(
        claude_says(&office.ask(&claude_write(&tree, &config, "x"), &["guard"])).0,
        "deny"
    );
    let (decision, why) =
        claude_says(&office.ask(&claude_write(&tree, Path::new("../ship/src/new.ts"), "x\n"), &["guard"]));
    assert_eq!(decision, "ask");
    assert!(why.contains("where somebody else works"), "{why}");
    std::os::unix::fs::symlink(&config, tree.join("innocent")).unwrap();
    assert_eq!(
        claude_says(&office.claude("innocent", "x")).0,
        "deny",
        "a link is followed"
    );
    std::os::unix::fs::symlink("loop-b", tree.join("loop-a")).unwrap();
    std::os::unix::fs::symlink("loop-a", tree.join("loop-b")).unwrap();
    let (decision, why) = claude_says(&office.claude("loop-a", "x"));
    assert_eq!(decision, "");
    assert!(why.contains("cannot be found out"), "{why}");
    assert_eq!(
        office
            .ask(&claude_write(&tree, Path::new("/tmp/elsewhere.txt"), "x"), &["guard"])
            .out,
        ""
    );
}

#[test]
fn what_cannot_be_read_is_said_and_stops_nobody() {
    let office = Office::new();
    let tree = office.tree("tax");
    let guard = |input: &[u8], arguments: &[&str]| asked(&tree, input, arguments);
    for broken in [&b"{\"tool_name\""[..], b"\xff\xfe", b"", b"[]", &b" ".repeat(17 << 20)] {
        let said = guard(broken, &["guard", "--hook", "claude"]);
        let (decision, why) = claude_says(&said);
        assert_eq!(decision, "");
        assert!(why.contains("nothing was checked"), "{why}");
        let said = guard(broken, &["guard"]);
        assert_eq!(
            (said.code, said.out.as_str()),
            (3, ""),
            "an exit code that no hook takes for a refusal"
        );
        assert!(said.err.starts_with("error: "), "{}", said.err);
    }
    office.write("ship", "src/quote.ts", "a\0b\n");
    let (decision, why) = claude_says(&office.claude("src/quote.ts", "c\0d\n"));
    assert_eq!(decision, "ask");
    assert!(why.contains("binary"), "{why}");
    std::fs::write(tree.join("flagman.toml"), "[guard]\nconflict = \"nope\"\n").unwrap();
    let (decision, why) = claude_says(&office.claude("src/quote.ts", "x\n"));
    assert_eq!(decision, "");
    assert!(why.contains("nothing was checked"), "{why}");
}

#[test]
fn protected_refs_are_not_moved() {
    let office = Office::new();
    let tree = office.tree("tax");
    let zero = "0".repeat(40);
    let push = |name: &str| {
        asked(
            &tree,
            format!("refs/heads/tax {zero} {name} {zero}\n").as_bytes(),
            &["guard", "--hook", "pre-push", "origin", "url"],
        )
    };
    let said = push("refs/heads/main");
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("refs/heads/main") && said.err.contains("protected"),
        "{}",
        said.err
    );
    assert_eq!(push("refs/heads/tax").code, 0);
    let moved = |state: &str| {
        asked(
            &tree,
            format!("{zero} {zero} refs/heads/master\n").as_bytes(),
            &["guard", "--hook", "reference-transaction", state],
        )
    };
    assert_eq!((moved("prepared").code, moved("committed").code), (1, 0));
    // To pack refs moves none of them.
    let main = office.scratch.git(&["rev-parse", "main"]).trim().to_owned();
    let transaction = |old: &str, new: &str| {
        let line = format!("{old} {new} refs/heads/main\n");
        asked(
            &tree,
            line.as_bytes(),
            &["guard", "--hook", "reference-transaction", "prepared"],
        )
        .code
    };
    assert_eq!((transaction(&zero, &main), transaction(&main, &zero)), (0, 1));
    office.scratch.git(&["pack-refs", "--all"]);
    assert_eq!((transaction(&main, &zero), transaction(&zero, &zero)), (0, 1));
    let said = asked(&tree, b"nonsense\n", &["guard", "--hook", "pre-push"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("nothing was checked"), "{}", said.err);
    assert_eq!(asked(&tree, b"", &["guard", "--ref", "main"]).code, 1);
    assert_eq!(asked(&tree, b"", &["guard", "--ref", "tax"]).code, 0);
    // A configuration that cannot be read opens nothing that none can open.
    std::fs::write(tree.join("flagman.toml"), "[guard]\nconflict = \"nope\"\n").unwrap();
    assert_eq!(push("refs/heads/main").code, 1);
    let said = push("refs/heads/tax");
    assert_eq!(said.code, 0);
    assert!(said.err.contains("nothing was checked"), "{}", said.err);
}

#[test]
fn people_ask_about_a_file() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    let tree = office.tree("tax");
    let said = asked(&tree, b"", &["guard", "--path", "src/quote.ts"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out.starts_with("warn") && said.out.contains("`ship`"),
        "{}",
        said.out
    );
    let said = asked(
        &tree,
        ten(5, "TAX").as_bytes(),
        &["guard", "--path", "src/quote.ts", "--content", "-", "--format", "json"],
    );
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (answer["schema"].as_str(), answer["decision"].as_str()),
        (Some("flagman/guard/v1"), Some("ask"))
    );
    assert_eq!(
        answer["reasons"][0]["lines"][0],
        json!({"a": {"start": 5, "count": 1}, "b": {"start": 5, "count": 1}})
    );
    assert_eq!(answer["reasons"][0]["side"], "ship");
    let said = asked(&tree, b"", &["guard", "--path", "../../elsewhere"]);
    assert!(said.out.contains("outside of this repository"), "{}", said.out);
}

/// Everything that git and people keep: all files of the repository and its work trees but for our own cache.
fn everything(office: &Office) -> std::collections::BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = std::collections::BTreeMap::new();
    let mut open = vec![office.scratch.root(), office.trees.path().to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".git/flagman") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let time = std::fs::symlink_metadata(&path).unwrap().modified().unwrap();
                found.insert(path.clone(), (std::fs::read(&path).unwrap_or_default(), time));
            }
        }
    }
    found
}

#[test]
fn nothing_is_written_where_people_and_git_keep_things() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    office.commit("ship");
    office.write("ship", "src/other.ts", &ten(5, "SHIP"));
    office
        .scratch
        .git(&["-C", office.tree("ship").to_str().unwrap(), "mv", "notes", "moved"]);
    let before = everything(&office);
    for _ in 0..2 {
        for (path, text) in [("src/quote.ts", ten(5, "T")), ("src/other.ts", ten(5, "T"))] {
            assert_eq!(claude_says(&office.claude(path, &text)).0, "ask", "{path}");
        }
    }
    assert_eq!(everything(&office), before);
    assert!(
        office.scratch.root().join(".git/flagman/cache").is_dir(),
        "the picture is kept"
    );
    // Where git itself merges it looks at objects that are there, and they are as new to it then: their bytes stay.
    assert_eq!(
        office.claude("notes", "x\n").out,
        "",
        "the text goes along to the new name"
    );
    let bytes = |found: std::collections::BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)>| {
        let each = found.into_iter().map(|(path, (bytes, _))| (path, bytes));
        each.collect::<Vec<_>>()
    };
    assert_eq!(bytes(everything(&office)), bytes(before));
}

#[test]
fn the_picture_that_is_kept_follows_what_happens() {
    let office = Office::new();
    assert_eq!(office.claude("src/quote.ts", &ten(5, "TAX")).out, "");
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    assert_eq!(
        claude_says(&office.claude("src/quote.ts", &ten(5, "TAX"))).0,
        "ask",
        "not committed"
    );
    office.commit("ship");
    assert_eq!(
        claude_says(&office.claude("src/quote.ts", &ten(5, "TAX"))).0,
        "ask",
        "committed"
    );
    let ship = office.tree("ship");
    office
        .scratch
        .git(&["-C", ship.to_str().unwrap(), "reset", "--quiet", "--hard", "HEAD~1"]);
    assert_eq!(office.claude("src/quote.ts", &ten(5, "TAX")).out, "", "taken back");
    // A branch without a work tree, and one in packed-refs.
    office.scratch.git(&["branch", "spare", "ship@{1}"]);
    assert_eq!(claude_says(&office.claude("src/quote.ts", &ten(5, "TAX"))).0, "ask");
    office.scratch.git(&["pack-refs", "--all"]);
    assert_eq!(claude_says(&office.claude("src/quote.ts", &ten(5, "TAX"))).0, "ask");
    office.scratch.git(&["branch", "--quiet", "-D", "spare"]);
    assert_eq!(office.claude("src/quote.ts", &ten(5, "TAX")).out, "");
}

#[test]
fn a_broken_cache_is_made_anew_and_said() {
    let office = Office::new();
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    office.commit("ship");
    let tree = office.tree("tax");
    let ask = || {
        asked(
            &tree,
            ten(5, "TAX").as_bytes(),
            &["guard", "--path", "src/quote.ts", "--content", "-", "--format", "json"],
        )
    };
    let first = ask();
    let cache = office.scratch.root().join(".git/flagman/cache");
    for entry in std::fs::read_dir(&cache).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let value: Value = serde_json::from_str(&ask().out).unwrap();
    assert_eq!(value["decision"], "ask");
    let kinds: Vec<&str> = value["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["conflict", "note"]);
    assert_eq!(ask().out, first.out, "once");
}

#[test]
fn a_file_that_the_prd_does_not_speak_of_is_said_with_whose_it_is() {
    let office = Office::new();
    office.write("tax", "docs/prds/001-tax.md", "# Tax\n\nChanges `src/quote.ts`.\n");
    office.write(
        "tax",
        "docs/prds/002-ship.md",
        "# Ship\n\nChanges `lib/ship.ts`. Creates `src/later.ts`.\n",
    );
    office.write("tax", "lib/ship.ts", "export const ship = 1\n");
    office.write("tax", "lib/deep/else.ts", "export const other = 1\n");
    let tree = office.tree("tax");
    assert_eq!(office.claude("lib/ship.ts", "x\n").out, "", "no PRD has this branch");
    office.scratch.git(&[
        "-C",
        tree.to_str().unwrap(),
        "switch",
        "--quiet",
        "--create",
        "feat/tax",
    ]);
    office.commit("tax");
    for _ in 0..2 {
        assert_eq!(office.claude("src/quote.ts", "export {}\n").out, "", "promised");
        assert_eq!(office.claude("src/new.ts", "export {}\n").out, "", "new");
        let (_, why) = claude_says(&office.claude("src/later.ts", "export {}\n"));
        assert!(why.contains("002-ship"), "new, and another PRD's: {why}");
        let (decision, why) = claude_says(&office.claude("lib/ship.ts", "export const ship = 2\n"));
        assert_eq!(decision, "");
        assert!(
            why.contains("PRD 001-tax does not speak of `lib/ship.ts`") && why.contains("002-ship"),
            "{why}"
        );
        let (_, why) = claude_says(&office.claude("lib/deep/else.ts", "export const other = 2\n"));
        assert!(why.contains("does not speak of") && !why.contains("002-ship"), "{why}");
    }
    office.write(
        "tax",
        "docs/prds/001-tax.md",
        "# Tax\n\nChanges `src/quote.ts` and `lib/ship.ts`, too.\n",
    );
    assert_eq!(
        office.claude("lib/ship.ts", "export const ship = 2\n").out,
        "",
        "the PRD was changed"
    );
    office.write("tax", "flagman.toml", "[guard]\noutside = \"off\"\n");
    assert_eq!(office.claude("lib/deep/else.ts", "export const other = 2\n").out, "");
}

#[test]
fn where_no_attributes_are_the_answer_is_the_same() {
    let office = Office::new();
    for tree in ["tax", "ship"] {
        std::fs::remove_file(office.tree(tree).join(".gitattributes")).unwrap();
        office.commit(tree);
    }
    office.write("ship", "src/quote.ts", &ten(5, "SHIP"));
    let (decision, why) = claude_says(&office.claude("src/quote.ts", &ten(5, "TAX")));
    assert_eq!(decision, "ask");
    assert!(why.contains("not committed"), "{why}");
    assert_eq!(office.claude("src/quote.ts", &ten(10, "TAX")).out, "");
    // Line breaks alone are no work.
    office.scratch.git(&["config", "core.autocrlf", "true"]);
    office.write("ship", "src/other.ts", &ten(0, "").replace('\n', "\r\n"));
    assert_eq!(office.claude("src/other.ts", &ten(5, "TAX")).out, "");
    office.scratch.git(&["config", "merge.default", "binary"]);
    let (_, why) = claude_says(&office.claude("src/quote.ts", &ten(10, "TAX")));
    assert!(why.contains("binary"), "{why}");
}

#[test]
fn what_others_have_pushed_counts_and_what_is_here_twice_counts_once() {
    let office = Office::new();
    let ask = || {
        let path = office.tree("tax").join("src/quote.ts");
        let text = ten(4, "mine");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let said = asked(
            &office.tree("tax"),
            text.as_bytes(),
            &["guard", "--path", "src/quote.ts", "--content", "-", "--format", "json"],
        );
        said.out
    };
    let git = |arguments: &[&str]| office.scratch.git(arguments);
    git(&["switch", "--quiet", "--create", "theirs"]);
    office
        .scratch
        .commit("theirs", &format!("//- src/quote.ts\n{}", ten(4, "theirs")));
    git(&["update-ref", "refs/remotes/origin/theirs", "theirs"]);
    git(&["switch", "--quiet", "main"]);
    let here = ask();
    assert!(here.contains("\"theirs\"") && !here.contains("origin/theirs"), "{here}");
    git(&["branch", "--quiet", "-D", "theirs"]);
    let pushed = ask();
    assert!(
        pushed.contains("origin/theirs") && pushed.contains("conflict"),
        "{pushed}"
    );
}
