//! `flagman conflicts` against git's own verdict, pair by pair, and what it leaves behind: nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;

use crate::git_scratch::Scratch;
use crate::project::flagman_in;

/// A list of ten lines with some of them changed.
fn ten(changes: &[(usize, &str)]) -> String {
    let mut lines: Vec<String> = (1..=10).map(|line| format!("line {line}")).collect();
    for (at, text) in changes {
        lines[at - 1] = (*text).to_owned();
    }
    lines.join("\n") + "\n"
}

fn branch(scratch: &Scratch, name: &str, from: &str, files: &str) {
    scratch.git(&["switch", "--quiet", "--create", name, from]);
    scratch.commit(name, files);
}

/// A repository in which every pair of branches meets in another way.
fn repository() -> Scratch {
    let base = format!(
        "//- text\n{}//- other\n{}//- pkg/part/a\n{}//- lib/a\n{}//- lib/b\n{}//- .gitattributes\nnotes merge=union\nblob -merge\n//- notes\none\n//- blob\none\n",
        ten(&[]),
        ten(&[]),
        ten(&[(1, "part")]),
        ten(&[(1, "a")]),
        ten(&[(1, "b")]),
    );
    let scratch = Scratch::new(&base);
    for (name, text) in [
        ("first", ten(&[(1, "FIRST")])),
        ("second", ten(&[(2, "SECOND")])),
        ("fifth", ten(&[(5, "FIFTH")])),
        ("fifth-too", ten(&[(5, "FIFTH"), (9, "NINTH")])),
        ("fifth-else", ten(&[(5, "ELSE")])),
        ("last", ten(&[(10, "LAST")])),
    ] {
        branch(&scratch, name, "main", &format!("//- text\n{text}"));
    }
    branch(&scratch, "gone", "main", "//- text\n(deleted)\n");
    branch(
        &scratch,
        "renamed",
        "main",
        &format!("//- text\n(deleted)\n//- moved\n{}", ten(&[])),
    );
    branch(
        &scratch,
        "renamed-else",
        "main",
        &format!("//- text\n(deleted)\n//- elsewhere\n{}", ten(&[])),
    );
    branch(
        &scratch,
        "folder-renamed",
        "main",
        &format!(
            "//- lib/a\n(deleted)\n//- lib/b\n(deleted)\n//- core/a\n{}//- core/b\n{}",
            ten(&[(1, "a")]),
            ten(&[(1, "b")])
        ),
    );
    branch(&scratch, "folder-grown", "main", "//- lib/c\nnew\n");
    // One of which nobody can tell where it moved.
    branch(
        &scratch,
        "folder-split",
        "main",
        &format!(
            "//- lib/a\n(deleted)\n//- lib/b\n(deleted)\n//- core/a\n{}//- util/b\n{}",
            ten(&[(1, "a")]),
            ten(&[(1, "b")])
        ),
    );
    // A folder that moved with the folder in it, and what else the other side puts into it.
    branch(
        &scratch,
        "outer-renamed",
        "main",
        &format!("//- pkg/part/a\n(deleted)\n//- app/part/a\n{}", ten(&[(1, "part")])),
    );
    branch(&scratch, "outer-grown", "main", "//- pkg/new\nnew\n");
    branch(&scratch, "new", "main", "//- fresh\none\n");
    branch(&scratch, "new-same", "main", "//- fresh\none\n");
    branch(&scratch, "new-longer", "main", "//- fresh\none\ntwo\n");
    branch(&scratch, "new-folder", "main", "//- fresh/inside\none\n");
    branch(&scratch, "notes", "main", "//- notes\none\ntwo\n");
    branch(&scratch, "notes-too", "main", "//- notes\none\nthree\n");
    branch(&scratch, "blob", "main", "//- blob\none\ntwo\n");
    branch(&scratch, "blob-too", "main", "//- blob\nzero\none\n");
    branch(&scratch, "binary", "main", "//- text\na\0b\n");
    scratch.git(&["switch", "--quiet", "--create", "mode", "main"]);
    std::fs::set_permissions(scratch.root().join("text"), PermissionsExt::from_mode(0o755)).unwrap();
    scratch.commit("mode", "");
    for (name, target) in [("link", "a"), ("link-else", "b")] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        std::fs::remove_file(scratch.root().join("other")).unwrap();
        symlink(target, scratch.root().join("other")).unwrap();
        scratch.commit(name, "");
    }
    for (name, digit) in [("module", "1"), ("module-else", "2")] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        let entry = format!("160000,{},vendor", digit.repeat(40));
        scratch.git(&["update-index", "--add", "--cacheinfo", &entry]);
        scratch.git(&["commit", "--quiet", "-m", name]);
        scratch.git(&["reset", "--quiet", "--hard"]);
    }
    histories(&scratch);
    scratch.git(&["switch", "--quiet", "main"]);
    scratch
}

/// Branches that stand on each other, and two that merged each other.
fn histories(scratch: &Scratch) {
    branch(
        scratch,
        "stacked",
        "fifth",
        &format!("//- text\n{}", ten(&[(5, "FIFTH"), (6, "SIXTH")])),
    );
    branch(
        scratch,
        "stacked-else",
        "fifth",
        &format!("//- text\n{}", ten(&[(5, "FIVE")])),
    );
    scratch.git(&["switch", "--quiet", "main"]);
    scratch.commit("main goes on", &format!("//- other\n{}", ten(&[(1, "MAIN")])));
    branch(scratch, "late", "main", &format!("//- other\n{}", ten(&[(1, "LATE")])));
    branch(
        scratch,
        "early",
        "main~1",
        &format!("//- other\n{}", ten(&[(1, "EARLY")])),
    );
    for (name, line) in [("cross-a", 3), ("cross-b", 7)] {
        branch(
            scratch,
            name,
            "main",
            &format!("//- other\n{}", ten(&[(1, "MAIN"), (line, name)])),
        );
    }
    scratch.git(&["branch", "cross-a-before", "cross-a"]);
    for (name, with) in [("cross-a", "cross-b"), ("cross-b", "cross-a-before")] {
        scratch.git(&["switch", "--quiet", name]);
        scratch.git(&["merge", "--quiet", "--no-edit", with]);
    }
    scratch.git(&["switch", "--quiet", "cross-a"]);
    scratch.commit(
        "after",
        &format!(
            "//- other\n{}//- notes\none\na\n",
            ten(&[(1, "MAIN"), (3, "cross-a"), (7, "AFTER")])
        ),
    );
    scratch.git(&["switch", "--quiet", "cross-b"]);
    scratch.commit("after", "//- notes\none\nb\n");
}

/// Git's own word: whether a merge conflicts, and the files that are left in conflict.
fn git_says(scratch: &Scratch, a: &str, b: &str) -> (bool, Vec<String>) {
    let output = scratch.try_git(&["merge-tree", "--write-tree", "--name-only", "--no-messages", a, b]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code().is_some_and(|code| code < 2), "{a} {b}");
    // What stands in the way of a folder is put aside under a name that tells its side.
    let plain = |file: &str| {
        [a, b]
            .iter()
            .find_map(|side| file.strip_suffix(&format!("~{side}")).map(str::to_owned))
    };
    let mut files: Vec<String> = text
        .lines()
        .skip(1)
        .map(|file| plain(file).unwrap_or_else(|| file.to_owned()))
        .collect();
    files.sort();
    files.dedup();
    (output.status.code() == Some(1), files)
}

/// Every file below a folder with its bytes.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        // What is kept between runs is neither git's nor the user's.
        if path.ends_with(".git/flagman") {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            found.extend(everything(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            found.insert(path.display().to_string(), bytes);
        }
    }
    found
}

#[test]
fn every_pair_is_judged_as_git_judges_it_and_nothing_is_left_behind() {
    let scratch = repository();
    let before = everything(&scratch.root());
    let said = flagman_in(&scratch.root(), &["conflicts", "--all", "--format", "json"]);
    assert_eq!(everything(&scratch.root()), before, "something was written");
    assert_eq!(said.code, 1, "{}", said.err);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    let pairs = document["pairs"].as_array().unwrap();
    let count = document["items"].as_array().unwrap().len();
    assert_eq!(pairs.len(), count * (count - 1) / 2);
    let mut wrong = Vec::new();
    for pair in pairs {
        let (a, b) = (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap());
        let (collide, git) = git_says(&scratch, a, b);
        let mut files: Vec<&str> = pair["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        files.sort_unstable();
        let verdict = pair["verdict"].as_str().unwrap();
        let shared = !pair["shared"].as_array().unwrap().is_empty();
        let expected = match (collide, shared) {
            (true, _) => "conflict",
            (false, true) => "overlap",
            (false, false) => "clean",
        };
        // A folder of which nobody can tell where it moved leaves no file in conflict.
        if verdict != expected || (files != git && !(collide && git.is_empty())) {
            wrong.push(format!("{a} × {b}: {verdict} {files:?}, git: {git:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let verdict = |a: &str, b: &str| {
        let is = |pair: &&Value| pair["a"] == a && pair["b"] == b;
        pairs.iter().find(is).map(|pair| pair["verdict"].clone()).unwrap()
    };
    // Both changed `text`, in other lines; one side has another file.
    assert_eq!(verdict("first", "last"), "overlap");
    assert_eq!(verdict("cross-a", "cross-b"), "overlap", "both added to `notes`");
    assert_eq!(verdict("first", "notes"), "clean");
}

/// Every pair's verdict, and why nobody can tell.
fn verdicts(scratch: &Scratch, arguments: &[&str]) -> (i32, Vec<(String, String, String)>) {
    let all = ["conflicts", "--all", "--format", "json"];
    let said = flagman_in(&scratch.root(), &[&all[..], arguments].concat());
    let document: Value = serde_json::from_str(&said.out).unwrap();
    let pairs = document["pairs"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = pairs.map(|pair| {
        let names = format!("{} {}", word(&pair["a"]), word(&pair["b"]));
        (names, word(&pair["verdict"]), word(&pair["why"]))
    });
    (said.code, pairs.collect())
}

#[test]
fn a_pattern_that_fits_nothing_is_refused_and_a_commit_is_as_good_as_a_branch() {
    let scratch = Scratch::new("//- a.txt\none\n");
    branch(&scratch, "a", "main", "//- a.txt\ntwo\n");
    branch(&scratch, "b", "main", "//- a.txt\nthree\n");
    scratch.git(&["tag", "v1", "b"]);
    scratch.git(&["update-ref", "refs/pull/7/head", "b"]);
    for other in ["b", "v1", "refs/pull/7/head"] {
        let (code, pairs) = verdicts(&scratch, &["--branches", "a", "--branches", other]);
        assert_eq!((code, pairs.len()), (1, 1), "{other}");
    }
    let said = flagman_in(&scratch.root(), &["conflicts", "--branches", "a", "--branches", "typo"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no branch is called `typo`"), "{}", said.err);
}

#[test]
fn what_a_program_merges_is_not_known_and_hides_nothing_else() {
    let base = format!(
        "//- text\n{}//- made\n{}//- .gitattributes\nmade merge=regenerate\n",
        ten(&[]),
        ten(&[])
    );
    let scratch = Scratch::new(&base);
    let made = |line: &str| format!("//- made\n{}", ten(&[(5, line)]));
    branch(&scratch, "a", "main", &made("A"));
    branch(&scratch, "b", "main", &made("B"));
    branch(
        &scratch,
        "c",
        "main",
        &format!("{}//- text\n{}", made("C"), ten(&[(1, "C")])),
    );
    branch(
        &scratch,
        "d",
        "main",
        &format!("{}//- text\n{}", made("D"), ten(&[(1, "D")])),
    );
    // With a rename in it git is asked, which must not merge the file as text either.
    let moved = format!(
        "//- made\n{}//- text\n(deleted)\n//- words\n{}",
        ten(&[(1, "E")]),
        ten(&[])
    );
    branch(&scratch, "e", "main", &moved);
    let ask = |pair: &str| {
        let (_, pairs) = verdicts(&scratch, &[]);
        let (_, verdict, why) = pairs.into_iter().find(|(names, ..)| names == pair).unwrap();
        (verdict, why)
    };
    // A driver that nobody has configured does not exist, to git.
    assert_eq!(ask("a b").0, "conflict");
    assert_eq!(ask("a e").0, "overlap");
    scratch.git(&["config", "merge.regenerate.driver", "true"]);
    let (verdict, why) = ask("a b");
    assert_eq!(verdict, "unknown");
    assert!(why.contains("`made` is merged by a program of its own"), "{why}");
    assert_eq!(ask("c d").0, "conflict", "`text` collides whatever becomes of `made`");
    assert_eq!(ask("a e").0, "unknown");
    assert_eq!(verdicts(&scratch, &["--branches", "a", "--branches", "b"]).0, 3);
}

#[test]
fn a_submodule_that_both_sides_moved_is_merged_as_git_merges_it() {
    let scratch = Scratch::new("//- text\none\n");
    // Three commits of another repository, one after the other, and one beside them.
    let inner = Scratch::new("//- inner\none\n");
    let mut commits = vec![inner.oid("HEAD").to_string()];
    for text in ["two", "three"] {
        inner.commit(text, &format!("//- inner\n{text}\n"));
        commits.push(inner.oid("HEAD").to_string());
    }
    inner.git(&["switch", "--quiet", "--create", "beside", &commits[0]]);
    inner.commit("beside", "//- beside\none\n");
    commits.push(inner.oid("HEAD").to_string());
    let move_to = |commit: &str| {
        let entry = format!("160000,{commit},vendor");
        scratch.git(&["update-index", "--add", "--cacheinfo", &entry]);
        scratch.git(&["commit", "--quiet", "-m", commit]);
        scratch.git(&["reset", "--quiet", "--hard"]);
    };
    move_to(&commits[0]);
    for (name, commit) in [("a", 1), ("b", 2), ("c", 3)] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        move_to(&commits[commit]);
    }
    let pair = |a: &str, b: &str| {
        let (_, pairs) = verdicts(&scratch, &["--branches", a, "--branches", b]);
        pairs[0].1.clone()
    };
    assert_eq!(
        pair("a", "b"),
        "conflict",
        "git needs the submodule's commits, and they are not here"
    );
    let kept = scratch.root().join(".git/modules");
    std::fs::create_dir_all(&kept).unwrap();
    let from = inner.root().join(".git");
    inner.git(&[
        "clone",
        "--quiet",
        "--bare",
        from.to_str().unwrap(),
        kept.join("vendor").to_str().unwrap(),
    ]);
    assert_eq!(pair("a", "b"), "overlap", "one has all that the other has");
    assert_eq!(pair("b", "c"), "conflict");
}

#[test]
fn work_trees_are_read_as_git_reads_them() {
    let scratch = Scratch::new(&format!("//- text\n{}", ten(&[])));
    scratch.git(&["config", "core.autocrlf", "true"]);
    scratch.git(&["config", "core.filemode", "false"]);
    for (name, change) in [("left", (1, "LEFT")), ("right", (10, "RIGHT"))] {
        scratch.git(&["worktree", "add", "--quiet", "-b", name, name]);
        let path = scratch.root().join(name).join("text");
        std::fs::write(&path, ten(&[change]).replace('\n', "\r\n")).unwrap();
        let mode = if name == "left" { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    }
    let (code, pairs) = verdicts(&scratch, &["--worktrees"]);
    assert_eq!(code, 0, "{pairs:?}");
}

#[test]
fn what_is_not_committed_in_work_trees_counts_and_stays_as_it_is() {
    let scratch = Scratch::new(&format!("//- text\n{}", ten(&[])));
    for name in ["left", "right", "far"] {
        scratch.git(&["worktree", "add", "--quiet", "-b", name, name]);
    }
    let write = |name: &str, text: &str| std::fs::write(scratch.root().join(name).join("text"), text).unwrap();
    write("left", &ten(&[(5, "LEFT")]));
    write("right", &ten(&[(5, "RIGHT")]));
    write("far", &ten(&[(10, "FAR")]));
    // Staged, unstaged and untracked alike.
    scratch.git(&["-C", "right", "add", "text"]);
    std::fs::write(scratch.root().join("far/new"), "new\n").unwrap();
    let before = everything(&scratch.root());
    let said = flagman_in(
        &scratch.root(),
        &["conflicts", "--worktrees", "--all", "--format", "json"],
    );
    assert_eq!(everything(&scratch.root()), before, "something was written");
    assert_eq!(said.code, 1, "{}", said.err);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    let items: Vec<&str> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect();
    assert_eq!(items, ["main", "far", "left", "right"]);
    let uncommitted = serde_json::json!({"far": 2, "left": 1, "right": 1});
    assert_eq!(document["uncommitted"], uncommitted);
    let text = flagman_in(&scratch.root(), &["conflicts", "--worktrees"]).out;
    assert!(text.contains("conflict: left +1 × right +1"), "{text}");
    let collide: Vec<(&str, &str)> = document["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| pair["verdict"] == "conflict")
        .map(|pair| (pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap()))
        .collect();
    assert_eq!(collide, [("left", "right")]);
    // A work tree that cannot be read is not clear.
    write("right", &ten(&[]));
    scratch.git(&["-C", "right", "reset", "--quiet", "--hard"]);
    assert_eq!(flagman_in(&scratch.root(), &["conflicts", "--worktrees"]).code, 0);
    std::fs::write(scratch.root().join(".git/worktrees/left/index"), "no index").unwrap();
    assert_eq!(flagman_in(&scratch.root(), &["conflicts", "--worktrees"]).code, 3);
}

#[test]
fn work_trees_of_one_name_are_told_apart_and_none_is_dropped() {
    let scratch = Scratch::new("//- text\none\n");
    scratch.write("//- .git/info/exclude\none/\nother/\nborn/\n");
    for folder in ["one/tree", "other/tree"] {
        scratch.git(&["worktree", "add", "--quiet", "--detach", folder]);
        scratch.write(&format!("//- {folder}/text\n{folder}\n"));
    }
    let ask = || flagman_in(&scratch.root(), &["conflicts", "--worktrees", "--format", "json"]);
    let document: Value = serde_json::from_str(&ask().out).unwrap();
    let names = ["one", "other"].map(|folder| {
        let folder = scratch.root().join(folder).join("tree");
        format!("tree ({})", folder.display())
    });
    let pair = &document["pairs"][0];
    assert_eq!(
        (&pair["a"], &pair["b"]),
        (&names[0].clone().into(), &names[1].clone().into())
    );
    // Nothing is committed in it, so nothing can be said of it.
    scratch.git(&["worktree", "add", "--quiet", "--detach", "born"]);
    scratch.git(&["-C", "born", "symbolic-ref", "HEAD", "refs/heads/unborn"]);
    scratch.git(&["-C", "born", "rm", "--quiet", "--force", "-r", "."]);
    assert!(
        ask().err.contains("born is left out: its branch has no commit yet"),
        "{}",
        ask().err
    );
    scratch.write("//- one/tree/text\none\n");
    assert_eq!(ask().code, 0);
    scratch.write("//- born/text\nwork\n");
    assert_eq!(ask().code, 3);
}

#[test]
fn what_attributes_elsewhere_say_counts() {
    let scratch = Scratch::new("//- notes\none\n");
    branch(&scratch, "a", "main", "//- notes\none\na\n");
    branch(&scratch, "b", "main", "//- notes\none\nb\n");
    let (code, _) = verdicts(&scratch, &["--branches", "a", "b"]);
    assert_eq!(code, 1);
    scratch.write("//- .git/more\nnotes merge=union\n");
    scratch.git(&["config", "core.attributesFile", ".git/more"]);
    let (code, pairs) = verdicts(&scratch, &["--branches", "a", "b"]);
    assert_eq!((code, pairs[0].1.as_str()), (0, "overlap"), "{pairs:?}");
}

#[test]
fn two_that_merged_each_other_and_went_on_in_one_file_overlap() {
    let scratch = Scratch::new(&format!("//- text\n{}//- other\none\n", ten(&[])));
    branch(&scratch, "a", "main", &format!("//- text\n{}", ten(&[(1, "A")])));
    branch(&scratch, "b", "main", "//- other\ntwo\n");
    scratch.git(&["branch", "a-before", "a"]);
    for (name, with) in [("a", "b"), ("b", "a-before")] {
        scratch.git(&["switch", "--quiet", name]);
        scratch.git(&["merge", "--quiet", "--no-edit", with]);
    }
    scratch.git(&["switch", "--quiet", "a"]);
    scratch.commit("a goes on", &format!("//- text\n{}", ten(&[(1, "A"), (4, "AA")])));
    scratch.git(&["switch", "--quiet", "b"]);
    scratch.commit("b goes on", &format!("//- text\n{}", ten(&[(1, "A"), (10, "BB")])));
    let (code, pairs) = verdicts(&scratch, &["--branches", "a", "b"]);
    assert_eq!((code, pairs[0].1.as_str()), (0, "overlap"), "{pairs:?}");
}

#[test]
fn a_pair_whose_objects_are_not_here_is_not_known_and_the_others_are() {
    let scratch = Scratch::new(&format!("//- text\n{}//- lib/a\none\n", ten(&[])));
    branch(&scratch, "a", "main", &format!("//- text\n{}", ten(&[(1, "A")])));
    branch(&scratch, "b", "main", &format!("//- text\n{}", ten(&[(1, "B")])));
    branch(&scratch, "c", "main", &format!("//- text\n{}", ten(&[(1, "C")])));
    let blob = scratch.git(&["rev-parse", "c:text"]);
    std::fs::remove_file(
        scratch
            .root()
            .join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..])),
    )
    .unwrap();
    let (code, pairs) = verdicts(&scratch, &["--branches", "a", "b", "c"]);
    let told: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(names, verdict, _)| (names.as_str(), verdict.as_str()))
        .collect();
    assert_eq!(
        told,
        [("a b", "conflict"), ("a c", "unknown"), ("b c", "unknown")],
        "{pairs:?}"
    );
    assert_eq!(code, 1);
}

#[test]
fn a_branch_whose_tree_is_not_here_is_not_known_and_a_ref_without_a_commit_is_left_out() {
    let scratch = Scratch::new(&format!("//- text\n{}", ten(&[])));
    branch(&scratch, "a", "main", &format!("//- text\n{}", ten(&[(1, "A")])));
    branch(&scratch, "b", "main", &format!("//- text\n{}", ten(&[(9, "B")])));
    let tree = scratch.git(&["rev-parse", "a^{tree}"]);
    let object = format!(".git/objects/{}/{}", &tree[..2], &tree[2..]);
    let aside = scratch.root().join("aside");
    std::fs::rename(scratch.root().join(&object), &aside).unwrap();
    let (code, pairs) = verdicts(&scratch, &["--branches", "a", "b"]);
    assert_eq!((code, pairs[0].1.as_str()), (3, "unknown"), "{pairs:?}");
    // What was not known is not remembered as nothing.
    std::fs::rename(&aside, scratch.root().join(&object)).unwrap();
    let (code, pairs) = verdicts(&scratch, &["--branches", "a", "b"]);
    assert_eq!((code, pairs[0].1.as_str()), (0, "overlap"), "{pairs:?}");

    let nothing = "1".repeat(40);
    std::fs::write(scratch.root().join(".git/refs/heads/nowhere"), nothing + "\n").unwrap();
    let told = flagman_in(&scratch.root(), &["conflicts"]);
    assert!(told.err.contains("`nowhere` is left out"), "{}", told.err);
    assert!(told.out.contains("1 overlap"), "{}", told.out);
    assert_eq!(told.code, 3);
}

#[test]
fn refs_of_any_kind_are_asked_for_by_a_pattern() {
    let scratch = Scratch::new(&format!("//- text\n{}", ten(&[])));
    branch(&scratch, "a", "main", &format!("//- text\n{}", ten(&[(1, "A")])));
    branch(&scratch, "b", "main", &format!("//- text\n{}", ten(&[(1, "B")])));
    for (at, name) in [(7, "a"), (8, "b")] {
        scratch.git(&["update-ref", &format!("refs/pull/{at}/head"), name]);
        scratch.git(&["tag", &format!("v{at}"), name]);
    }
    for pattern in ["refs/pull/*/head", "pull/*/head", "v*"] {
        let (code, pairs) = verdicts(&scratch, &["--branches", pattern]);
        assert_eq!((code, pairs.len()), (1, 1), "{pattern}: {pairs:?}");
    }
}

#[test]
fn why_there_is_nothing_to_compare_is_said_and_a_clone_has_its_remote_branches() {
    let scratch = Scratch::new("//- a.txt\none\n");
    let said = |root: &Path| flagman_in(root, &["conflicts"]);
    assert!(
        said(&scratch.root()).err.contains("no other branch"),
        "{}",
        said(&scratch.root()).err
    );
    scratch.git(&["branch", "same"]);
    assert!(
        said(&scratch.root()).err.contains("`same` is where `main` is"),
        "{}",
        said(&scratch.root()).err
    );
    branch(&scratch, "a", "main", "//- a.txt\ntwo\n");
    branch(&scratch, "b", "main", "//- a.txt\nthree\n");
    scratch.git(&["switch", "--quiet", "main"]);
    let clone = tempfile::tempdir().unwrap();
    let target = clone.path().join("clone");
    scratch.git(&["clone", "--quiet", ".", target.to_str().unwrap()]);
    let said = said(&target);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("origin/a × origin/b"), "{}", said.out);
    let said = flagman_in(&scratch.root(), &["conflicts", "--prds", "--order"]);
    assert_eq!(said.code, 2);
}
