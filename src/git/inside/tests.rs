//! What is read off the files is what git itself says, of repositories that are packed, loose, of either format, and broken.

use std::path::Path;
use std::process::Command;

use super::*;

/// A repository in a folder that goes with it.
struct Scratch(tempfile::TempDir, std::cell::Cell<u32>);

impl Scratch {
    fn new(options: &[&str]) -> Self {
        let scratch = Self(tempfile::tempdir().expect("a folder"), 1_700_000_000.into());
        scratch.git(&[&["init", "--quiet", "--template=", "--initial-branch=main"], options].concat());
        scratch
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("git");
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0"];
        command.args(who).args(arguments).current_dir(self.root());
        // Each commit is younger than the one before.
        self.1.set(self.1.get() + 1);
        let command = command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        let command = command.env("GIT_COMMITTER_DATE", format!("{} +0000", self.1.get()));
        let output = command.output().expect("git runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    fn oid(&self, revision: &str) -> Oid {
        let told = self.git(&["rev-parse", revision]);
        Oid::parse(String::from_utf8_lossy(&told).trim()).expect("an id")
    }

    fn commit(&self, files: &[(&str, &str)]) -> Oid {
        for (path, text) in files {
            let path = self.root().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self.oid("HEAD")
    }

    fn repository(&self) -> Repository {
        Repository::discover(self.root()).expect("a repository")
    }

    /// What git itself says that differs.
    fn diff(&self, [old, new]: [&Oid; 2]) -> Changes {
        let told = self.git(&[
            "diff-tree",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-abbrev",
            old.as_str(),
            new.as_str(),
        ]);
        let mut fields = told.split(|byte| *byte == 0);
        let mut found = Changes::new();
        while let (Some(facts), Some(path)) = (fields.next().filter(|facts| !facts.is_empty()), fields.next()) {
            let facts = String::from_utf8_lossy(facts).into_owned();
            let facts: Vec<&str> = facts.trim_start_matches(':').split(' ').collect();
            let side = |mode: &str, oid| (mode.to_owned(), Oid::parse(oid).filter(|oid| !oid.is_zero()));
            let (old, new) = (side(facts[0], facts[2]), side(facts[1], facts[3]));
            found.insert(path.to_vec(), ExactChange { old, new });
        }
        found
    }
}

/// A text of which a part is another one each time, so that packs have chains of changes.
fn text(nth: usize) -> String {
    let line = |at: usize| format!("line {at} {}\n", if at % 40 == nth % 40 { nth } else { 0 });
    (0..400).map(line).collect()
}

#[test]
fn what_is_read_is_what_git_reads() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let scratch = Scratch::new(options);
        let mut commits: Vec<Oid> = Vec::new();
        for nth in 0..60 {
            if nth == 40 {
                scratch.git(&["gc", "--quiet"]);
            }
            let other = format!("b/{}/x", nth % 7);
            commits.push(scratch.commit(&[
                ("a/b.c/long.txt", &text(nth)),
                (&other, "x\n"),
                ("a/b/x", &nth.to_string()),
            ]));
        }
        let link = scratch.oid("HEAD");
        scratch.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{link},sub")]);
        scratch.git(&["update-index", "--chmod=+x", "a/b/x"]);
        scratch.git(&["commit", "--quiet", "--message", "odd"]);
        commits.push(scratch.oid("HEAD"));
        scratch.git(&["rm", "--quiet", "-r", "--force", "a/b"]);
        commits.push(scratch.commit(&[("a/b", "a file now\n"), ("a/b0", "")]));
        let repository = scratch.repository();
        let trees = repository.trees_inside(&commits).expect("trees");
        let mut blobs: Vec<Oid> = Vec::new();
        for (at, tree) in trees.iter().enumerate() {
            assert_eq!(*tree, scratch.oid(&format!("{}^{{tree}}", commits[at])));
            for other in [&trees[0], &trees[trees.len() - 1]] {
                let pair = (other.clone(), tree.clone());
                let found = repository
                    .diffs_inside(std::slice::from_ref(&pair))
                    .expect("an answer")
                    .remove(0);
                assert_eq!(found, scratch.diff([other, tree]));
                blobs.extend(
                    found
                        .values()
                        .filter(|change| change.new.0.starts_with("100"))
                        .filter_map(|change| change.new.1.clone()),
                );
            }
        }
        for (oid, blob) in blobs.iter().zip(repository.blobs_inside(&blobs, 1 << 20)) {
            assert_eq!(
                blob,
                Some(Blob::Bytes(scratch.git(&["cat-file", "blob", oid.as_str()])))
            );
        }
        let large = scratch.oid("HEAD:a/b.c/long.txt");
        let limited = repository.blobs_inside(&[large, commits[0].clone(), commits[0].zero()], 100);
        assert_eq!(
            limited,
            [Some(Blob::TooLarge(text(59).len() as u64)), Some(Blob::Missing), None]
        );
        let listed = repository.files_inside(&commits[50], "a").expect("files");
        let wanted = scratch.git(&["ls-tree", "-r", "--name-only", "-z", &format!("{}:a", commits[50])]);
        let names: Vec<&[u8]> = wanted
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .collect();
        assert_eq!(
            listed.iter().map(|(path, _)| path.as_slice()).collect::<Vec<_>>(),
            names
        );
        assert_eq!(repository.files_inside(&commits[50], "nowhere").expect("an answer"), []);
        let below = repository.files_below(&commits[50], "a/b").expect("files");
        assert_eq!(below.keys().map(RepoPath::as_str).collect::<Vec<_>>(), ["a/b/x"]);
        let folders: [&[u8]; 4] = [b"a", b"a/b", b"a/b/x", b"c"];
        assert_eq!(repository.has_folders(&trees[50], &folders), [true, true, false, false]);
        assert_eq!(
            repository.has_folders(&trees[61], &folders),
            [true, false, false, false]
        );
    }
}

#[test]
fn all_ways_lead_through_what_is_shared() {
    let scratch = Scratch::new(&[]);
    let before = scratch.commit(&[("a", "1")]);
    let fork = scratch.commit(&[("a", "2")]);
    let one = scratch.commit(&[("b", "1")]);
    scratch.git(&["switch", "--quiet", "--detach", fork.as_str()]);
    let other = scratch.commit(&[("c", "1")]);
    scratch.git(&["merge", "--quiet", "--no-edit", one.as_str()]);
    let both = scratch.oid("HEAD");
    let repository = scratch.repository();
    let (shared, above) = repository
        .history_inside(&[one.clone(), both.clone()])
        .expect("a history");
    assert_eq!(shared, fork);
    let above: Vec<Oid> = above.into_iter().map(|line| line[0].clone()).collect();
    assert_eq!(above[0], both);
    assert_eq!(above.len(), 3);
    assert!(above.contains(&other) && above.contains(&one));
    let (shared, above) = repository.history_inside(&[fork.clone(), both]).expect("a history");
    assert_eq!((shared, above.len()), (fork, 3));
    scratch.git(&["switch", "--quiet", "--orphan", "strange"]);
    let strange = scratch.commit(&[("d", "1")]);
    assert!(repository.history_inside(&[before, strange]).is_none());
}

#[test]
fn what_does_not_add_up_is_left_to_git() {
    let scratch = Scratch::new(&[]);
    let commits: Vec<Oid> = (0..8).map(|nth| scratch.commit(&[("a", &text(nth))])).collect();
    scratch.git(&["gc", "--quiet"]);
    let folder = scratch.root().join(".git/objects/pack");
    let pack = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()));
    let pack = pack
        .into_iter()
        .find(|path| path.extension().is_some_and(|word| word == "pack"))
        .expect("a pack");
    let whole = std::fs::read(&pack).expect("a file");
    let blobs: Vec<Oid> = commits
        .iter()
        .map(|commit| scratch.oid(&format!("{commit}:a")))
        .collect();
    let truth = scratch.repository().blobs_inside(&blobs, 1 << 20);
    assert!(truth.iter().all(Option::is_some));
    let mut facts = std::fs::metadata(&pack).expect("a file").permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "a file of a folder that goes with the test"
    )]
    facts.set_readonly(false);
    std::fs::set_permissions(&pack, facts).expect("a file");
    for at in (0..whole.len()).step_by(7) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        std::fs::write(&pack, &broken[..]).expect("a file");
        let repository = scratch.repository();
        let _ = repository.history_inside(&commits);
        // A pack has no checksum of sizes and distances alone: what is found may be wrong, and is found without harm.
        let _ = repository.blobs_inside(&blobs, 1 << 20);
        std::fs::write(&pack, &whole[..at]).expect("a file");
        let _ = scratch.repository().blobs_inside(&blobs, 1 << 20);
    }
}
