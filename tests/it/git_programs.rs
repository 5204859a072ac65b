//! A repository names programs in its configuration: filters, drivers, monitors, hooks. None of them runs while flagman looks, whatever it is asked.

use std::os::unix::fs::PermissionsExt;

use flagman::git::Merge;

use crate::git_scratch::Scratch;
use crate::project::flagman_in;

const FILES: &str = "//- a
one
//- b
one
//- .gitattributes
a filter=plain diff=armed
b filter=long=running.one diff=armed
//- docs/prds/001-words.md
---
branch: words
---
# 001 Words
";

/// A repository in which every program that git knows how to start leaves a mark.
fn armed() -> Scratch {
    let scratch = Scratch::new(FILES);
    for (name, text) in [("words", "two"), ("others", "six")] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, &format!("//- a\n{text}\n//- b\n{text}\n"));
    }
    scratch.git(&["switch", "--quiet", "main"]);
    scratch.git(&["worktree", "add", "--quiet", "tree", "others"]);
    let mark = |name: &str| format!("touch {}/.git/ran-{name}; cat", scratch.root().display());
    let hooks = scratch.root().join(".git/armed");
    std::fs::create_dir(&hooks).unwrap();
    for name in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "pre-commit",
    ] {
        std::fs::write(hooks.join(name), format!("#!/bin/sh\n{}\n", mark("hook"))).unwrap();
        std::fs::set_permissions(hooks.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let hooks = hooks.display().to_string();
    for (key, value) in [
        ("filter.plain.clean", mark("clean").as_str()),
        ("filter.plain.smudge", &mark("smudge")),
        ("filter.plain.required", "true"),
        ("filter.long=running.one.process", &mark("process")),
        ("filter.long=running.one.required", "true"),
        ("merge.armed.driver", &mark("driver")),
        ("diff.armed.textconv", &mark("textconv")),
        ("diff.armed.command", &mark("diff")),
        ("diff.external", &mark("external")),
        ("core.fsmonitor", &mark("fsmonitor")),
        ("core.pager", &mark("pager")),
        ("core.hooksPath", &hooks),
        ("gpg.program", &mark("gpg")),
        ("log.showSignature", "true"),
    ] {
        scratch.git(&["config", key, value]);
    }
    // As many bytes as before: git has to read the file to see that it is another.
    scratch.write("//- a\nten\n//- b\nten\n//- tree/a\nten\n//- tree/b\nten\n");
    scratch
}

fn marks(scratch: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(scratch.root().join(".git")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut marks: Vec<String> = names.filter(|name| name.starts_with("ran-")).collect();
    marks.sort();
    marks
}

#[test]
fn no_command_starts_a_program_of_the_repository() {
    let scratch = armed();
    let commands: [&[&str]; 7] = [
        &["conflicts", "--worktrees"],
        &["conflicts"],
        &["gate"],
        &["gate", "--base", "main", "--head", "words"],
        &["plan"],
        &["prds"],
        &["flags"],
    ];
    for command in commands {
        let said = flagman_in(&scratch.root(), command);
        assert!(said.code < 4 && said.code != 2, "{command:?}: {}", said.err);
        assert_eq!(marks(&scratch), [""; 0], "{command:?}");
    }
    // The marks are no idle threat.
    scratch.try_git(&["status", "--porcelain"]);
    assert_eq!(marks(&scratch)[..2], ["ran-clean", "ran-fsmonitor"]);
}

#[test]
fn nor_does_any_call_that_reads_or_writes_files() {
    let scratch = armed();
    let repository = scratch.repository();
    let (head, words, others) = (scratch.oid("main"), scratch.oid("words"), scratch.oid("others"));
    assert!(repository.is_dirty().unwrap());
    assert_eq!(repository.uncommitted().unwrap().len(), 3, "a, b and the work tree");
    repository.diff_ranges(&head, &words).unwrap();
    repository.diff_exact(&head, &words).unwrap();
    repository.commit(&words).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let clone = outside.path().join("clone");
    repository.shared_clone(&clone, "work", &words, &[]).unwrap();
    assert_eq!(std::fs::read_to_string(clone.join("a")).unwrap(), "two\n");
    std::fs::write(clone.join("a"), "new\n").unwrap();
    let left = repository.leftovers(&clone, &words, outside.path()).unwrap();
    assert_eq!(left, ["a"]);
    // Attributes that no tree has name a driver: what it would make of the two is not known, so they conflict.
    std::fs::create_dir_all(scratch.root().join(".git/info")).unwrap();
    std::fs::write(scratch.root().join(".git/info/attributes"), "* merge=armed\n").unwrap();
    let merged = repository.merge(None, &words, &others).unwrap();
    assert!(matches!(merged, Merge::Conflicts(_)), "{merged:?}");
    assert_eq!(marks(&scratch), [""; 0]);
}

#[test]
fn what_only_a_filter_could_tell_is_not_known() {
    let scratch = Scratch::new("//- .gitattributes\na filter=up\n//- b\none\n");
    scratch.git(&["config", "filter.up.clean", "tr a-z A-Z"]);
    scratch.commit("a", "//- a\none\n");
    scratch.git(&["worktree", "add", "--quiet", "-b", "others", "tree"]);
    scratch.write("//- .git/info/exclude\ntree/\n");
    let ask = || flagman_in(&scratch.root(), &["conflicts", "--worktrees"]);
    // The same bytes, and git would have to run the filter to know it.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(scratch.root().join("a"))
        .unwrap();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    file.set_modified(time).unwrap();
    let said = ask();
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("a filter reads `a`, which is not run here"),
        "{}",
        said.err
    );
    scratch.git(&["status", "--porcelain"]);
    assert_eq!(ask().code, 0, "{}", ask().err);
}
