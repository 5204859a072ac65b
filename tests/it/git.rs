//! The git wrapper against real repositories, friendly and hostile.

use crate::git_scratch::Scratch;
use flagman::git::{
    Blob, ChangeKind, EntryKind, GitError, LineRange, Merge, Oid, PrivateRef, ReleaseBranch, Repository, Swap,
};
use std::fs;
use std::path::Path;

fn release(name: &str) -> ReleaseBranch {
    ReleaseBranch::new(name, &[]).expect("a release branch")
}

#[test]
fn revisions_resolve_and_hostile_ones_do_not() {
    let scratch = Scratch::new("//- a\n1\n");
    let base = scratch.oid("HEAD");
    let next = scratch.commit("next", "//- a\n2\n");
    let repository = scratch.repository();
    assert_eq!(repository.head().expect("a head"), next);
    assert_eq!(repository.resolve("main~1").expect("a commit"), base);
    assert_eq!(
        repository.merge_base(&base, &next).expect("an answer"),
        Some(base.clone())
    );
    for wrong in [
        "",
        "nope",
        "--help",
        "-x",
        "^main",
        "main..HEAD",
        "HEAD^{tree}",
        "a\0b",
        "$(touch PWNED)",
    ] {
        let answer = repository.resolve(wrong);
        assert!(
            matches!(answer, Err(GitError::UnknownRevision { .. })),
            "{wrong:?}: {answer:?}"
        );
    }
    assert!(!scratch.root().join("PWNED").exists());
}

#[test]
fn no_repository_is_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    for folder in [folder.path().to_owned(), folder.path().join("missing")] {
        let answer = Repository::discover(&folder);
        assert!(matches!(answer, Err(GitError::NotARepository { .. })), "{answer:?}");
    }
}

#[test]
fn unrelated_histories_have_no_merge_base() {
    let scratch = Scratch::new("//- a\n1\n");
    let main = scratch.oid("HEAD");
    scratch.git(&["switch", "--quiet", "--orphan", "other"]);
    let other = scratch.commit("other", "//- b\n1\n");
    let repository = scratch.repository();
    assert_eq!(repository.merge_base(&main, &other).expect("an answer"), None);
    let nothing = main.zero();
    assert!(
        repository.merge_base(&main, &nothing).is_err(),
        "a missing commit is not the same as no common history"
    );
}

#[test]
fn a_tree_is_listed_and_its_blobs_are_read() {
    let scratch = Scratch::new("//- src/a.ts\nlet a;\n//- with space/ü.md\nhello\n//- empty\n");
    fs::write(scratch.root().join("image.png"), [0u8, 159, 146, 150, 10]).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("src/a.ts", scratch.root().join("link")).expect("a link");
    let head = scratch.commit("more", "");
    let repository = scratch.repository();
    let tree = repository.list_tree(&head).expect("a tree");
    let paths: Vec<&str> = tree.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["empty", "image.png", "link", "src/a.ts", "with space/ü.md"]);
    assert_eq!(tree.entries[2].kind, EntryKind::Symlink);
    assert_eq!(tree.entries[1].size, 5);

    let mut wanted: Vec<Oid> = tree.entries.iter().map(|entry| entry.oid.clone()).collect();
    wanted.push(head.zero());
    wanted.push(head.clone());
    wanted.push(wanted[0].clone());
    let blobs = repository.read_blobs(&wanted, 6).expect("blobs");
    let bytes = |text: &str| Blob::Bytes(text.as_bytes().to_vec());
    assert_eq!(blobs[0], bytes(""));
    assert_eq!(blobs[1], Blob::Bytes(vec![0, 159, 146, 150, 10]));
    assert_eq!(blobs[3], Blob::TooLarge(7));
    assert_eq!(blobs[4], bytes("hello\n"));
    assert_eq!(
        blobs[5..],
        [Blob::Missing, Blob::Missing, bytes("")],
        "an unknown id, a commit, and one after them"
    );
}

#[test]
fn a_project_in_a_subfolder_sees_only_itself() {
    let scratch = Scratch::new("//- outside\n1\n//- apps/api/src/a.ts\n1\n2\n3\n");
    let base = scratch.oid("HEAD");
    let head = scratch.commit(
        "next",
        "//- outside\n2\n//- apps/api/src/a.ts\n1\nchanged\n3\n//- apps/api/b\nnew\n",
    );
    let project = Repository::discover(&scratch.root().join("apps/api")).expect("a repository");
    assert_eq!(project.prefix(), "apps/api");
    assert_eq!(project.project(), scratch.root().join("apps/api"));
    let listed = project.list_tree(&head).expect("a tree");
    assert_eq!(
        listed
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect::<Vec<_>>(),
        ["b", "src/a.ts"]
    );
    let changed = project.diff_ranges(&base, &head).expect("changes");
    assert_eq!(
        changed.iter().map(|file| file.change.path.as_str()).collect::<Vec<_>>(),
        ["b", "src/a.ts"]
    );
    assert!(!project.is_dirty().expect("an answer"));
    scratch.write("//- outside\n3\n");
    assert!(
        !project.is_dirty().expect("an answer"),
        "what lies outside is not the project's"
    );
    assert!(project.at_toplevel().is_dirty().expect("an answer"));

    scratch.git(&["switch", "--quiet", "--discard-changes", "--orphan", "other"]);
    let other = scratch.commit("no apps", "//- x\n1\n");
    assert_eq!(
        project.list_tree(&other).expect("a tree").entries,
        [],
        "the folder does not exist there"
    );
}

#[test]
fn changes_have_kinds_and_lines() {
    let scratch = Scratch::new(
        "//- edit\n1\n2\n3\n4\n//- gone\nx\n//- old name\nlong enough\nto be found\nagain\n//- kind\nx\n//- bin\nx\n",
    );
    let base = scratch.oid("HEAD");
    scratch.git(&["mv", "old name", "new \"name\""]);
    fs::remove_file(scratch.root().join("kind")).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("edit", scratch.root().join("kind")).expect("a link");
    fs::write(scratch.root().join("bin"), [0u8, 1, 2]).expect("a file");
    let head = scratch.commit(
        "next",
        "//- edit\n1\ntwo\n3\n4\n5\n6\n//- gone\n(deleted)\n//- .gitattributes\nedit -diff\n",
    );
    let files = scratch.repository().diff_ranges(&base, &head).expect("changes");
    let find = |path: &str| {
        files
            .iter()
            .find(|file| file.change.path.as_str() == path)
            .expect("listed")
    };
    let range = |start, count| LineRange { start, count };
    assert_eq!(
        find("edit").hunks,
        [(range(2, 1), range(2, 1)), (range(4, 0), range(5, 2))],
        "whatever attributes say"
    );
    assert_eq!(find("gone").change.kind, ChangeKind::Deleted);
    assert_eq!(find("gone").change.new, None);
    assert!(find("bin").binary);
    assert_eq!(find("kind").change.kind, ChangeKind::Retyped);
    let renamed = find("new \"name\"");
    assert!(matches!(&renamed.change.kind, ChangeKind::Renamed(old) if old.as_str() == "old name"));
    assert_eq!(renamed.hunks, []);
    let names = scratch.repository().diff_names(&base, &head).expect("changes");
    assert_eq!(names, files.iter().map(|file| file.change.clone()).collect::<Vec<_>>());
    let exact = scratch.repository().diff_exact(&base, &head).expect("changes");
    assert_eq!(exact[b"old name".as_slice()].new.1, None, "no renames here");
}

#[test]
fn branches_are_found_by_glob_on_either_side() {
    let scratch = Scratch::new("//- a\n1\n");
    let head = scratch.oid("HEAD");
    for name in ["feat/tax", "feat/leads", "release/next"] {
        scratch.git(&["branch", name]);
    }
    scratch.git(&["update-ref", "refs/remotes/origin/feat/remote", head.as_str()]);
    scratch.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/feat/remote",
    ]);
    let repository = scratch.repository();
    let names = |globs: &[&str]| -> Vec<String> {
        let branches = repository.branches(globs).expect("branches");
        branches.into_iter().map(|branch| branch.name).collect()
    };
    assert_eq!(names(&["feat/*"]), ["feat/leads", "feat/tax", "origin/feat/remote"]);
    assert_eq!(names(&[]).len(), 5);
    assert!(matches!(repository.branches(&["["]), Err(GitError::Glob { .. })));
    assert_eq!(
        repository.default_branch().expect("an answer").as_deref(),
        Some("feat/remote")
    );
    assert_eq!(repository.head_branch().expect("an answer").as_deref(), Some("main"));
}

#[test]
fn a_merge_is_clean_or_a_conflict_or_a_failure() {
    let scratch = Scratch::new("//- a\n1\n2\n3\n//- .gitattributes\n* merge=union\n");
    let base = scratch.oid("HEAD");
    let ours = scratch.commit("ours", "//- a\nours\n2\n3\n");
    scratch.git(&["switch", "--quiet", "--detach", base.as_str()]);
    let theirs = scratch.commit("theirs", "//- a\n1\n2\ntheirs\n//- new\nx\n");
    scratch.git(&["switch", "--quiet", "--detach", base.as_str()]);
    let rival = scratch.commit("rival", "//- a\nrival\n2\n3\n");
    let repository = scratch.repository();
    let Merge::Clean(tree) = repository.merge(None, &ours, &theirs).expect("a merge") else {
        panic!("it merges cleanly");
    };
    assert_eq!(scratch.git(&["show", &format!("{tree}:a")]), "ours\n2\ntheirs");
    let Merge::Conflicts(conflicts) = repository.merge(None, &ours, &rival).expect("a merge") else {
        panic!("`merge=union` of the tree must have no say");
    };
    assert_eq!(conflicts[0].paths, ["a"]);
    assert!(matches!(
        repository.merge(None, &ours, &ours.zero()),
        Err(GitError::UnknownRevision { .. })
    ));
}

#[test]
fn a_ref_moves_only_from_where_it_was_seen() {
    let scratch = Scratch::new("//- a\n1\n");
    let (one, two) = (scratch.oid("HEAD"), scratch.commit("two", ""));
    let (repository, branch) = (scratch.repository(), release("release/next"));
    assert_eq!(
        repository
            .compare_and_swap(&branch, Some(&one), &two, "x")
            .expect("an answer"),
        Swap::Elsewhere(None)
    );
    assert_eq!(
        repository
            .compare_and_swap(&branch, None, &one, "made\nup")
            .expect("an answer"),
        Swap::Moved
    );
    assert_eq!(
        repository
            .compare_and_swap(&branch, None, &two, "x")
            .expect("an answer"),
        Swap::Elsewhere(Some(one.clone()))
    );
    assert_eq!(
        repository
            .compare_and_swap(&branch, Some(&two), &two, "x")
            .expect("an answer"),
        Swap::Elsewhere(Some(one.clone()))
    );
    assert_eq!(
        repository
            .compare_and_swap(&branch, Some(&one), &two, "x")
            .expect("an answer"),
        Swap::Moved
    );
    assert_eq!(repository.target(&branch).expect("an answer"), Some(two));
}

#[test]
fn a_lock_left_by_a_killed_git_is_removed_and_only_that() {
    let scratch = Scratch::new("//- a\n1\n");
    scratch.git(&["branch", "release/next"]);
    let (repository, branch, head) = (scratch.repository(), release("release/next"), scratch.oid("HEAD"));
    assert!(!repository.clear_stale_lock(&branch).expect("an answer"));
    let lock = |name: &str| repository.common_dir().join(format!("refs/heads/{name}.lock"));
    for name in ["release/next", "main"] {
        fs::write(lock(name), "").expect("a lock");
    }
    let next = scratch.git(&["commit-tree", "-m", "x", "HEAD^{tree}"]);
    let next = Oid::parse(&next).expect("an id");
    assert!(
        repository.compare_and_swap(&branch, Some(&head), &next, "x").is_err(),
        "the lock bars the way"
    );
    assert!(repository.clear_stale_lock(&branch).expect("an answer"));
    assert_eq!(
        repository
            .compare_and_swap(&branch, Some(&head), &next, "x")
            .expect("an answer"),
        Swap::Moved
    );
    assert!(lock("main").exists());
}

#[test]
fn special_branches_of_this_repository_are_refused() {
    let scratch = Scratch::new("//- a\n1\n");
    scratch.git(&["branch", "trunk"]);
    scratch.git(&["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    scratch.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    scratch.git(&["switch", "--quiet", "-c", "release/here"]);
    let repository = scratch.repository();
    let allowed = |name: &str| release(name).allowed_in(&repository).expect("an answer");
    assert!(
        allowed("trunk")
            .expect_err("refused")
            .to_string()
            .contains("default branch")
    );
    assert!(
        allowed("release/here")
            .expect_err("refused")
            .to_string()
            .contains("checked out")
    );
    assert_eq!(allowed("release/next"), Ok(()));
}

/// A clone whose owner turned every screw that makes git run a program.
fn hostile_clone(scratch: &Scratch, folder: &Path) {
    let pwn = scratch.root().join("pwn.sh");
    let script = format!("#!/bin/sh\ntouch {}/PWNED-$1\nexit 1\n", scratch.root().display());
    fs::write(&pwn, script).expect("a script");
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    fs::write(folder.join("work"), "done\n").expect("a file");
    run(&["add", "work"]);
    run(&["commit", "--quiet", "-m", "work"]);
    let keys = [
        "uploadpack.packObjectsHook",
        "core.alternateRefsCommand",
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "diff.external",
        "gpg.program",
        "credential.helper",
        "core.editor",
        "core.pager",
        "filter.x.clean",
        "merge.x.driver",
    ];
    for key in keys {
        run(&["config", key, &format!("sh {} {key}", pwn.display())]);
    }
    fs::write(folder.join(".gitattributes"), "* filter=x merge=x diff=x\n").expect("a file");
    for hook in [
        "post-update",
        "pre-receive",
        "update",
        "reference-transaction",
        "post-checkout",
    ] {
        let path = folder.join(".git/hooks").join(hook);
        fs::write(&path, format!("#!/bin/sh\nsh {} hook\n", pwn.display())).expect("a hook");
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    }
    let canaries = fs::read_dir(scratch.root()).expect("a folder").filter_map(Result::ok);
    for canary in canaries.filter(|entry| entry.file_name().to_string_lossy().starts_with("PWNED")) {
        fs::remove_file(canary.path()).expect("a canary of our own making");
    }
}

#[test]
fn nothing_in_a_clone_runs_when_its_work_is_fetched() {
    let scratch = Scratch::new("//- a\n1\n");
    scratch.git(&["branch", "release/next"]);
    let (repository, base) = (scratch.repository(), scratch.oid("HEAD"));
    let folder = scratch.root().join("clone");
    let clone = repository.shared_clone(&folder, "prd/1", &base, &[]).expect("a clone");
    assert_eq!(fs::read_to_string(folder.join("a")).expect("a file"), "1\n");
    hostile_clone(&scratch, &folder);

    let into = PrivateRef::new("incoming", "1").expect("a ref");
    let head = repository.fetch_work(&clone, &into).expect("a fetch").expect("a head");
    assert_eq!(scratch.git(&["log", "-1", "--format=%s", head.as_str()]), "work");
    let index = tempfile::tempdir().expect("a folder");
    let leftovers = repository.leftovers(&folder, &head, index.path()).expect("an answer");
    assert_eq!(leftovers, [".gitattributes"], "what was not committed is seen");
    assert!(matches!(repository.merge(None, &base, &head), Ok(Merge::Clean(_))));
    assert_eq!(repository.diff_ranges(&base, &head).expect("changes").len(), 1);
    let names: Vec<String> = fs::read_dir(scratch.root())
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    assert!(!names.iter().any(|name| name.starts_with("PWNED")), "{names:?}");
}

#[test]
fn a_clone_without_the_branch_has_no_work() {
    let scratch = Scratch::new("//- a\n1\n");
    let (repository, base) = (scratch.repository(), scratch.oid("HEAD"));
    let mut clone = repository
        .shared_clone(&scratch.root().join("clone"), "prd/1", &base, &[])
        .expect("a clone");
    clone.branch = "prd/other".to_owned();
    let into = PrivateRef::new("incoming", "1").expect("a ref");
    assert_eq!(repository.fetch_work(&clone, &into).expect("an answer"), None);
}

#[test]
fn trailers_are_found_along_the_first_parents() {
    let scratch = Scratch::new("//- a\n1\n");
    let tax = scratch.commit("tax\n\nFlagman-PRD: 011-tax\nFlagman-Run: 1", "");
    scratch.commit("by hand, about Flagman-PRD: 013", "");
    let fees = scratch.commit("fees\n\nbody\n\nFlagman-PRD: 012-fees", "");
    let found = scratch.repository().trailers("Flagman-PRD: ", &fees).expect("trailers");
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(found[0], (fees, vec![pair("Flagman-PRD", "012-fees")]));
    assert_eq!(found[1].1, [], "a sentence is no trailer");
    assert_eq!(
        found[2],
        (tax, vec![pair("Flagman-PRD", "011-tax"), pair("Flagman-Run", "1")])
    );
}
