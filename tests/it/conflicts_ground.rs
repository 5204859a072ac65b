//! What `flagman conflicts` stands on besides the branches: the environment that is asked about, a history that was cut off, a repository at all.

use std::path::Path;

use serde_json::Value;

use crate::git_scratch::Scratch;
use crate::project::{Project, Said, flagman_in};

fn branch(scratch: &Scratch, name: &str, files: &str) {
    scratch.git(&["switch", "--quiet", "--create", name, "main"]);
    scratch.commit(name, files);
    scratch.git(&["switch", "--quiet", "main"]);
}

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err))
}

#[test]
fn what_is_recorded_counts_in_the_environment_that_is_asked_about() {
    let scratch = Scratch::new(
        "//- src/flags.ts\nexport const FLAGS = { tax: false };\nexport const isEnabled = (key: keyof typeof FLAGS): boolean => FLAGS[key];\n//- src/a.ts\nimport { isEnabled } from './flags';\nexport const a = () => (isEnabled('tax') ? 1 : 2);\n",
    );
    branch(
        &scratch,
        "turn",
        "//- flags.toml\nschema = 1\n\n[[state]]\nflag = \"tax\"\nvalue = \"on\"\nenvironment = \"staging\"\nreason = \"a trial\"\n",
    );
    branch(
        &scratch,
        "use",
        "//- docs/prds/002-b.md\n# B\n\nThis PRD needs `tax` to be off.\n",
    );
    let found = |more: &[&str]| -> Vec<Value> {
        let asked = ["conflicts", "--branches", "turn", "use", "--format", "json"];
        let pairs = document(&flagman_in(&scratch.root(), &[&asked[..], more].concat()))["pairs"].clone();
        let findings = pairs.as_array().unwrap().iter().map(|pair| pair["findings"].clone());
        findings.flat_map(|all| all.as_array().cloned().unwrap()).collect()
    };
    assert!(found(&[]).is_empty(), "another environment");
    let told = found(&["--env", "staging"]);
    assert_eq!(
        (&told[0]["kind"], &told[0]["level"]),
        (&"flag".into(), &"warning".into())
    );
    let places = told[0]["places"]["a"].as_array().unwrap();
    assert_eq!(places.len(), 1, "a first record has one place: {told:?}");
    assert!(found(&[]).is_empty(), "what is kept is kept for its environment");
}

/// A clone in which every history is as deep as this.
fn clone(from: &Path, depth: &str) -> Scratch {
    let scratch = Scratch::new("//- a\n");
    let url = format!("file://{}", from.display());
    let folder = scratch.root().join("clone");
    let to = folder.to_string_lossy().into_owned();
    scratch.git(&["clone", "--quiet", "--depth", depth, "--no-single-branch", &url, &to]);
    scratch
}

#[test]
fn a_history_that_was_cut_off_is_said_and_no_failure_of_git() {
    let scratch = Scratch::new("//- text\none\ntwo\nthree\nfour\nfive\n//- docs/prds/001-a.md\n# A\n");
    branch(&scratch, "x", "//- text\nONE\ntwo\nthree\nfour\nfive\n");
    branch(&scratch, "y", "//- text\none\ntwo\nthree\nfour\nFIVE\n");
    scratch.commit("on", "//- other\nother\n");
    let cut = clone(&scratch.root(), "1");
    let root = cut.root().join("clone");
    let asked = ["conflicts", "--branches", "origin/x", "origin/y"];
    let said = flagman_in(&root, &asked);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.out
            .contains("no common history here (shallow clone): git fetch --unshallow"),
        "{}",
        said.out
    );
    let said = flagman_in(&root, &["gate", "--base", "origin/main", "--head", "origin/x"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("no common history here (shallow clone)") && said.err.contains("git fetch --unshallow"),
        "{}",
        said.err
    );
    // What is there is enough.
    let deep = clone(&scratch.root(), "2");
    let root = deep.root().join("clone");
    let said = flagman_in(&root, &asked);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let said = flagman_in(&root, &["gate", "--base", "origin/main", "--head", "origin/x"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn without_a_repository_it_is_said_what_is_missing() {
    let project = Project::of("//- docs/prds/001-a.md\n# A\n");
    for arguments in [&["conflicts"][..], &["probe"], &["guard", "install"], &["undo", "1"]] {
        let said = project.flagman(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(
            said.err.contains("needs a git repository") && !said.err.contains("--base"),
            "{arguments:?}: {}",
            said.err
        );
    }
    project.git(&["init", "--quiet"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message", "a"]);
    let said = project.flagman(&["undo", "1"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("nothing has run yet"), "{}", said.err);
}

/// Two branches that collide in one line, and one that does not.
fn three() -> Scratch {
    let scratch = Scratch::new("//- text\none\ntwo\nthree\n//- other\none\n");
    branch(&scratch, "left", "//- text\none\nLEFT\nthree\n");
    branch(&scratch, "right", "//- text\none\nRIGHT\nthree\n");
    branch(&scratch, "beside", "//- other\ntwo\n");
    scratch
}

#[test]
fn a_repository_without_a_work_tree_has_branches_too() {
    let scratch = three();
    let place = tempfile::TempDir::new().unwrap();
    let bare = place.path().join("bare.git");
    scratch.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let said = flagman_in(&bare, &["conflicts", "left", "right", "beside", "--format", "json"]);
    let pairs = document(&said)["pairs"].clone();
    assert_eq!((said.code, pairs.as_array().unwrap().len()), (1, 1), "{}", said.err);
    assert_eq!(pairs[0]["verdict"], "conflict");
    let said = flagman_in(&bare, &["init"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("no work tree for a flagman.toml"), "{}", said.err);
    assert!(!bare.join("flagman.toml").exists());
}

#[test]
fn what_others_are_built_on_merges_first() {
    let scratch = Scratch::new("//- a\none\n//- b\none\n//- c\none\n");
    // By its name the upper one would come first.
    branch(&scratch, "z-lower", "//- a\ntwo\n");
    scratch.git(&["switch", "--quiet", "--create", "a-upper", "z-lower"]);
    scratch.commit("upper", "//- b\ntwo\n");
    scratch.git(&["switch", "--quiet", "main"]);
    scratch.commit("main goes on", "//- c\ntwo\n");
    let said = flagman_in(&scratch.root(), &["conflicts", "--order", "--format", "json"]);
    let group = document(&said)["order"]["groups"][0].clone();
    let order: Vec<&str> = group
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["item"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["main", "z-lower", "a-upper"]);
}

#[test]
fn what_is_staged_otherwise_or_in_the_middle_of_a_merge_is_told() {
    let scratch = three();
    scratch.git(&["switch", "--quiet", "left"]);
    let write = |path: &str, text: &str| std::fs::write(scratch.root().join(path), text).unwrap();
    write("other", "staged\n");
    scratch.git(&["add", "other"]);
    write("other", "lying\n");
    let said = flagman_in(&scratch.root(), &["conflicts", "--worktrees", "--branches", "right"]);
    assert!(
        said.err.contains("`other` is staged otherwise than it lies there"),
        "{}",
        said.err
    );
    scratch.git(&["reset", "--quiet", "--hard"]);
    assert!(!scratch.try_git(&["merge", "--quiet", "right"]).status.success());
    let said = flagman_in(&scratch.root(), &["conflicts", "--worktrees", "--branches", "beside"]);
    assert!(said.err.contains("`text` is in the middle of a merge"), "{}", said.err);
    scratch.git(&["merge", "--abort"]);
    let said = flagman_in(&scratch.root(), &["conflicts", "--worktrees", "--branches", "right"]);
    assert!(!said.err.contains("note:"), "{}", said.err);
}

#[test]
fn the_page_and_the_table_tell_what_the_text_tells() {
    let scratch = three();
    branch(&scratch, "bad<b>`x`", "//- text\none\nBAD\nthree\n");
    let page = flagman_in(&scratch.root(), &["conflicts", "--order", "--format", "html"]);
    assert_eq!(page.code, 1, "{}", page.err);
    for told in [
        "<code>left</code> × <code>right</code>",
        "title=\"left × right: conflict\"",
        "In this order they merge",
    ] {
        assert!(page.out.contains(told), "{told}: {}", page.out);
    }
    assert!(
        page.out.contains("bad&lt;b&gt;") && !page.out.contains("<b>"),
        "{}",
        page.out
    );
    let report = scratch.root().join("report.md");
    let kind = format!("markdown={}", report.display());
    flagman_in(&scratch.root(), &["conflicts", "--order", "--report", &kind]);
    let table = std::fs::read_to_string(report).unwrap();
    assert!(table.contains("| `left` | `right` | conflict | `text` |"), "{table}");
    assert!(
        table.contains("`` bad<b>`x` ``") && table.contains("In this order they merge:"),
        "{table}"
    );
    let said = flagman_in(&scratch.root(), &["conflicts", "--format", "sarif"]);
    assert!(
        said.code == 2 && said.err.contains("text, json, html or markdown"),
        "{}",
        said.err
    );
}
