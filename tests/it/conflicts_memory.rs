//! What `flagman conflicts` keeps between runs: it makes no answer another one, and one new commit leaves most of it of use.

use std::path::PathBuf;

use crate::git_scratch::Scratch;
use crate::project::{Said, flagman_in};

/// Ten lines with one of them changed.
fn ten(at: usize, text: &str) -> String {
    let line = |n: usize| if n == at { text.to_owned() } else { format!("line {n}") };
    (1..=10).map(|n| line(n) + "\n").collect()
}

fn repository() -> Scratch {
    let scratch = Scratch::new(&format!("//- text\n{}//- deep/notes\none\n", ten(0, "")));
    for (name, files) in [
        ("first", format!("//- text\n{}", ten(5, "FIRST"))),
        ("second", format!("//- text\n{}", ten(5, "SECOND"))),
        ("third", format!("//- text\n{}", ten(10, "THIRD"))),
        ("notes", "//- deep/notes\none\ntwo\n".to_owned()),
        ("notes-too", "//- deep/notes\none\nthree\n".to_owned()),
        ("moved", format!("//- text\n(deleted)\n//- moved\n{}", ten(0, ""))),
    ] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, &files);
    }
    scratch.git(&["switch", "--quiet", "main"]);
    scratch
}

fn run(scratch: &Scratch, more: &[&str]) -> Said {
    let branches = ["conflicts", "--branches", "first", "second", "third", "notes*", "moved"];
    flagman_in(&scratch.root(), &[&branches[..], more].concat())
}

/// The answer, which must be the same with what is kept and without.
fn answer(scratch: &Scratch) -> String {
    let mut all = String::new();
    for form in [
        &["--format", "json"][..],
        &["--format", "json", "--all"],
        &[],
        &["--all"],
    ] {
        let fresh = run(scratch, &[form, &["--no-cache"]].concat());
        let kept = run(scratch, form);
        assert_eq!(
            (kept.code, &kept.out),
            (fresh.code, &fresh.out),
            "{form:?}: {}",
            kept.err
        );
        assert_eq!(kept.err, "");
        all.push_str(&kept.out);
    }
    all
}

fn cache(scratch: &Scratch) -> PathBuf {
    scratch.root().join(".git/flagman/cache")
}

/// How many pairs are kept.
fn kept(scratch: &Scratch) -> usize {
    let bytes = std::fs::read(cache(scratch).join("pairs")).unwrap();
    let mut rest = &bytes[b"flagman cache 1\n".len()..bytes.len() - 32];
    let mut fields = 0;
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        rest = &more[u32::from_le_bytes(*length) as usize..];
        fields += 1;
    }
    fields / 2
}

#[test]
fn what_is_kept_changes_no_answer() {
    let scratch = repository();
    let first = answer(&scratch);
    assert_eq!(answer(&scratch), first);
    assert!(first.contains("conflict"));
    scratch.git(&["branch", "--quiet", "-m", "third", "last"]);
    let said = flagman_in(&scratch.root(), &["conflicts", "--branches", "first", "last", "--all"]);
    assert!(said.out.contains("first × last"), "another name is told: {}", said.out);
}

#[test]
fn what_git_decides_alone_is_kept_apart_from_the_rest() {
    let scratch =
        Scratch::new("//- a.ts\nexport function sum(a: number) { return a }\n//- b.ts\nexport const one = 1\n");
    for (name, files) in [
        ("first", "//- a.ts\nexport function total(a: number) { return a }\n"),
        (
            "second",
            "//- b.ts\nimport { sum } from './a'\nexport const one = sum(1)\n",
        ),
        (
            "third",
            "//- a.ts\nexport function sum(a: number, b: number) { return a + b }\n",
        ),
    ] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, files);
    }
    let ask = |more: &[&str]| {
        let said = flagman_in(
            &scratch.root(),
            &[
                &["conflicts", "--branches", "first", "second", "third", "--all"][..],
                more,
            ]
            .concat(),
        );
        (said.code, said.out)
    };
    let whole = ask(&[]);
    assert!(whole.1.contains("renames function sum"), "{}", whole.1);
    let alone = ask(&["--textual"]);
    assert!(alone.1.contains("conflict: first × third"), "{}", alone.1);
    assert!(alone.1.contains("clean: first × second"), "{}", alone.1);
    assert!(!alone.1.contains("sum"), "no symbol is looked for: {}", alone.1);
    assert_eq!(ask(&["--textual"]), alone);
    assert_eq!(ask(&[]), whole, "what was kept of the one is not the other's");
}

#[test]
fn without_a_cache_nothing_is_written() {
    let scratch = repository();
    assert_eq!(run(&scratch, &["--no-cache"]).code, 1);
    assert!(!scratch.root().join(".git/flagman").exists());
}

#[test]
fn one_new_commit_asks_for_the_pairs_of_its_branch_alone() {
    let scratch = repository();
    answer(&scratch);
    assert_eq!(kept(&scratch), 15);
    scratch.git(&["switch", "--quiet", "third"]);
    scratch.commit("more", &format!("//- text\n{}", ten(5, "MORE")));
    let after = answer(&scratch);
    assert_eq!(kept(&scratch), 20, "five pairs are new");
    assert!(after.contains("conflict: first × third"), "{after}");
    // The main branch goes on, and nobody's work has changed.
    scratch.git(&["switch", "--quiet", "main"]);
    scratch.commit("main", "//- other\nx\n");
    answer(&scratch);
    assert_eq!(kept(&scratch), 20);
}

#[test]
fn how_git_is_told_to_merge_has_a_word() {
    let scratch = repository();
    let pair = |said: &Said| said.out.contains("conflict: notes × notes-too");
    assert!(pair(&run(&scratch, &[])) && pair(&run(&scratch, &[])));
    scratch.write("//- deep/.gitattributes\nnotes merge=union\n");
    assert!(!pair(&run(&scratch, &[])), "both sides' lines are kept");
    scratch.write("//- deep/.gitattributes\nnotes -merge\n");
    assert!(run(&scratch, &[]).out.contains("binary"));
    std::fs::remove_file(scratch.root().join("deep/.gitattributes")).unwrap();
    assert!(pair(&run(&scratch, &[])));
    scratch.git(&["config", "merge.renames", "false"]);
    answer(&scratch);
}

#[test]
fn a_broken_file_is_made_anew_and_said() {
    let scratch = repository();
    let first = answer(&scratch);
    for name in ["pairs", "diffs"] {
        let path = cache(&scratch).join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        std::fs::write(&path, bytes).unwrap();
        let said = run(&scratch, &["--format", "json"]);
        assert!(said.err.contains("was broken"), "{name}: {}", said.err);
        assert!(first.contains(&said.out), "{name}");
    }
    std::fs::remove_dir_all(cache(&scratch)).unwrap();
    std::fs::write(cache(&scratch), "in the way").unwrap();
    assert_eq!(answer(&scratch), first, "what cannot be kept is found out");
}
