//! Reading a repository. Enters: revisions and object ids. Leaves: commits, branches, trees, blobs, the state of the work tree.

use super::command::Call;
use super::{GitError, Oid, Repository, parse_oid};
use crate::source::RepoPath;
use std::io::{BufRead, BufReader, Read};

/// The longest headline of an answer: it may hold a path.
const HEADER_LIMIT: u64 = 1 << 16;

/// What an entry of a tree is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link; its blob is the target.
    Symlink,
    /// A submodule; its id is a commit of another repository.
    Submodule,
}

/// One file of a tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeEntry {
    /// Relative to the project.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its blob.
    pub oid: Oid,
    /// Its size in bytes; 0 for a submodule.
    pub size: u64,
}

/// Every file of a tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    pub entries: Vec<TreeEntry>,
    /// Names that no [`RepoPath`] can hold (not UTF-8, a backslash), made printable: they exist and cannot be looked at.
    pub unnameable: Vec<String>,
}

/// What an object id led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Blob {
    /// The bytes.
    Bytes(Vec<u8>),
    /// Larger than asked for; its size.
    TooLarge(u64),
    /// Not there, or not a blob.
    Missing,
}

/// A branch, local or remote-tracking.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Branch {
    /// Without `refs/heads/` or `refs/remotes/` (`feat/tax`, `origin/feat/tax`).
    pub name: String,
    /// Its commit.
    pub oid: Oid,
    /// The remote, if it is remote-tracking.
    pub remote: Option<String>,
}

impl Branch {
    /// The branch that a ref is, by its full name.
    pub(super) fn of_ref(name: &str, oid: Oid) -> Option<Self> {
        if let Some(name) = name.strip_prefix("refs/heads/") {
            let (name, remote) = (name.to_owned(), None);
            return Some(Self { name, oid, remote });
        }
        let name = name.strip_prefix("refs/remotes/")?;
        let (remote, _) = name.split_once('/')?;
        Some(Self {
            remote: Some(remote.to_owned()),
            name: name.to_owned(),
            oid,
        })
    }

    /// The name on its own side: `feat/tax` for `origin/feat/tax`.
    #[must_use]
    pub fn plain_name(&self) -> &str {
        match &self.remote {
            Some(remote) => self.name[remote.len()..].trim_start_matches('/'),
            None => &self.name,
        }
    }
}

impl Repository {
    /// The commit that `revision` names.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`] if it names none.
    pub fn resolve(&self, revision: &str) -> Result<Oid, GitError> {
        let unknown = || GitError::UnknownRevision {
            revision: revision.to_owned(),
        };
        if revision.is_empty() || revision.contains('\0') {
            return Err(unknown());
        }
        let ask = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let answer = self
            .call()
            .args(ask)
            .args([format!("{revision}^{{commit}}")])
            .answer()?;
        let oid = Oid::parse(String::from_utf8_lossy(&answer.stdout).trim());
        oid.filter(|_| answer.code == Some(0)).ok_or_else(unknown)
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// [`GitError::UnknownRevision`] before the first commit.
    pub fn head(&self) -> Result<Oid, GitError> {
        self.resolve("HEAD")
    }

    /// The branch that is checked out; `None` if none is.
    ///
    /// # Errors
    /// If git fails.
    pub fn head_branch(&self) -> Result<Option<String>, GitError> {
        self.symbolic_ref("HEAD", "refs/heads/")
    }

    /// The tree of a commit.
    ///
    /// # Errors
    /// If it is not a commit.
    pub fn tree_of(&self, commit: &Oid) -> Result<Oid, GitError> {
        let ask = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
        let answer = self.call().args(ask).args([format!("{commit}^{{tree}}")]).output()?;
        parse_oid("rev-parse", &answer)
    }

    /// The trees of many commits, by one process at most, in the order asked for.
    ///
    /// # Errors
    /// If one of them is not a commit.
    pub fn trees_of(&self, commits: &[Oid]) -> Result<Vec<Oid>, GitError> {
        if let Some(trees) = self.trees_inside(commits) {
            return Ok(trees);
        }
        let asked: String = commits.iter().map(|commit| format!("{commit}^{{tree}}\n")).collect();
        let call = self.call().args(["cat-file", "--batch-check=%(objectname)"]);
        let output = call.stdin(asked.into_bytes()).output()?;
        let text = String::from_utf8_lossy(&output);
        text.lines()
            .map(|line| parse_oid("cat-file", line.as_bytes()))
            .collect()
    }

    /// The best common ancestor; `None` if the two share no history.
    ///
    /// # Errors
    /// If one of them is not a commit.
    pub fn merge_base(&self, a: &Oid, b: &Oid) -> Result<Option<Oid>, GitError> {
        let answer = self.call().args(["merge-base", a.as_str(), b.as_str()]).answer()?;
        match answer.code {
            Some(1) => Ok(None),
            _ => parse_oid("merge-base", &answer.success("merge-base".to_owned())?).map(Some),
        }
    }

    /// True if `ancestor` is `descendant` or one of its ancestors.
    ///
    /// # Errors
    /// If one of them is not a commit.
    pub fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, GitError> {
        let ask = ["merge-base", "--is-ancestor", ancestor.as_str(), descendant.as_str()];
        let answer = self.call().args(ask).answer()?;
        match answer.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => answer.success("merge-base".to_owned()).map(|_| false),
        }
    }

    /// The name that git writes into this user's commits; `None` where none is configured.
    ///
    /// # Errors
    /// If git cannot be run.
    pub fn user_name(&self) -> Result<Option<String>, GitError> {
        let answer = self.call().args(["config", "--get", "user.name"]).answer()?;
        let name = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        Ok(Some(name).filter(|name| answer.code == Some(0) && !name.is_empty()))
    }

    /// The branches whose name, with or without its remote, matches one of `globs`; all of them for an empty list. Local ones first.
    ///
    /// # Errors
    /// [`GitError::Glob`] for a malformed pattern.
    pub fn branches(&self, globs: &[&str]) -> Result<Vec<Branch>, GitError> {
        let wanted = branch_globs(globs)?;
        let ask = [
            "for-each-ref",
            "--format=%(refname)%00%(objectname)%00%(symref)",
            "refs/heads",
            "refs/remotes",
        ];
        let mut branches: Vec<Branch> = match self.branches_by_files() {
            Some(branches) => branches,
            None => {
                let text = String::from_utf8_lossy(&self.call().args(ask).output()?).into_owned();
                text.lines().filter_map(parse_branch).collect()
            }
        };
        branches
            .retain(|branch| globs.is_empty() || wanted.is_match(&branch.name) || wanted.is_match(branch.plain_name()));
        branches.sort_by(|a, b| (a.remote.is_some(), &a.name).cmp(&(b.remote.is_some(), &b.name)));
        Ok(branches)
    }

    /// The same for each of `globs` by itself, with one look at the branches.
    ///
    /// # Errors
    /// [`GitError::Glob`] for a malformed pattern.
    pub fn branches_of_each(&self, globs: &[String]) -> Result<Vec<Vec<Branch>>, GitError> {
        let all = self.branches(&[])?;
        let fitting = |glob: &String| {
            let wanted = branch_globs(&[glob.as_str()])?;
            let fits = |branch: &&Branch| wanted.is_match(&branch.name) || wanted.is_match(branch.plain_name());
            Ok(all.iter().filter(fits).cloned().collect())
        };
        globs.iter().map(fitting).collect()
    }

    /// The branch that everything is measured against: the remote's default, else `main` or `master` here, else what is checked out.
    ///
    /// # Errors
    /// If git fails.
    pub fn default_branch(&self) -> Result<Option<String>, GitError> {
        if let Some(name) = self.symbolic_ref("refs/remotes/origin/HEAD", "refs/remotes/origin/")? {
            return Ok(Some(name));
        }
        let local = self.branches(&["main", "master"])?;
        match local.iter().find(|branch| branch.remote.is_none()) {
            Some(branch) => Ok(Some(branch.name.clone())),
            None => self.head_branch(),
        }
    }

    fn symbolic_ref(&self, name: &str, prefix: &str) -> Result<Option<String>, GitError> {
        let answer = self.call().args(["symbolic-ref", "--quiet", name]).answer()?;
        let target = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        Ok(target
            .strip_prefix(prefix)
            .filter(|_| answer.code == Some(0))
            .map(str::to_owned))
    }

    /// True if the work tree or the index differs from what is checked out, untracked files included.
    ///
    /// # Errors
    /// If git fails.
    pub fn is_dirty(&self) -> Result<bool, GitError> {
        let ask = [
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=normal",
            "--ignore-submodules=all",
            "--",
            ".",
        ];
        let output = Call::new(&self.project()).args(ask).output()?;
        Ok(!output.is_empty())
    }

    /// Every file of the project in a commit or tree. A project folder that does not exist there has no files.
    ///
    /// # Errors
    /// If there is no such commit or tree.
    pub fn list_tree(&self, tree: &Oid) -> Result<Tree, GitError> {
        let ask = ["ls-tree", "-r", "-z", "--long", "--full-tree"];
        if !self.prefix().is_empty() && !self.has_project(tree)? {
            return Ok(Tree::default());
        }
        let output = self.call().args(ask).args([self.project_of(tree)]).output()?;
        let mut listed = Tree::default();
        for record in output.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            match parse_entry(record)? {
                Ok(entry) => listed.entries.push(entry),
                Err(name) => listed.unnameable.push(name),
            }
        }
        listed.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    fn has_project(&self, tree: &Oid) -> Result<bool, GitError> {
        let ask = ["ls-tree", "-z", "-d", "--full-tree", tree.as_str(), "--", self.prefix()];
        Ok(!self.call().args(ask).output()?.is_empty())
    }

    /// The contents of many blobs, in the order asked for, by one process at most. What is larger than `limit` bytes is passed over.
    ///
    /// # Errors
    /// If git fails; a missing blob is [`Blob::Missing`], not an error.
    pub fn read_blobs(&self, oids: &[Oid], limit: u64) -> Result<Vec<Blob>, GitError> {
        let inside = self.blobs_inside(oids, limit);
        let open = oids.iter().zip(&inside).filter(|(_, known)| known.is_none());
        let open: Vec<&str> = open.map(|(oid, _)| oid.as_str()).collect();
        let asked = open.iter().flat_map(|oid| [*oid, "\n"]).collect::<String>();
        let mut told = match open.len() {
            0 => Vec::new(),
            count => self.read_batch(asked.into_bytes(), count, limit)?,
        }
        .into_iter();
        let blob = |known: Option<Blob>| known.or_else(|| told.next()).unwrap_or(Blob::Missing);
        Ok(inside.into_iter().map(blob).collect())
    }

    /// The contents of the `count` objects that the lines of `asked` name, as `cat-file --batch` takes them.
    pub(super) fn read_batch(&self, asked: Vec<u8>, count: usize, limit: u64) -> Result<Vec<Blob>, GitError> {
        let call = self.call().args(["cat-file", "--batch", "--buffer"]).stdin(asked);
        let (blobs, code, complaint) = call.run(|stdout| {
            let mut stdout = BufReader::with_capacity(1 << 16, stdout);
            (0..count)
                .map(|_| read_blob(&mut stdout, limit))
                .collect::<std::io::Result<Vec<_>>>()
        })?;
        match code {
            Some(0) => Ok(blobs),
            code => Err(GitError::Failed {
                command: "cat-file".to_owned(),
                code,
                complaint,
            }),
        }
    }
}

/// One answer of `cat-file --batch`: `<oid> <type> <size>`, the bytes, a line feed.
fn read_blob(from: &mut impl BufRead, limit: u64) -> std::io::Result<Blob> {
    let mut header = Vec::new();
    from.by_ref().take(HEADER_LIMIT).read_until(b'\n', &mut header)?;
    // What is not there is named as it was asked for.
    if header.ends_with(b" missing\n") {
        return Ok(Blob::Missing);
    }
    let header = String::from_utf8_lossy(&header);
    let mut words = header.trim_end().split(' ').skip(1);
    let kind = words.next().unwrap_or("");
    let Some(size) = words.next().and_then(|size| size.parse::<u64>().ok()) else {
        return Err(std::io::Error::other("cat-file ended early"));
    };
    let blob = if kind == "blob" && size <= limit {
        let mut bytes = Vec::new();
        from.by_ref().take(size).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size {
            return Err(std::io::Error::other("a blob was cut off"));
        }
        Blob::Bytes(bytes)
    } else {
        std::io::copy(&mut from.by_ref().take(size), &mut std::io::sink())?;
        if kind == "blob" {
            Blob::TooLarge(size)
        } else {
            Blob::Missing
        }
    };
    from.read_exact(&mut [0])?;
    Ok(blob)
}

/// `<mode> <type> <oid> <size>TAB<path>`; the inner error is the printable name of a path that we cannot hold.
fn parse_entry(record: &[u8]) -> Result<Result<TreeEntry, String>, GitError> {
    let unreadable = || GitError::Unreadable {
        command: "ls-tree",
        what: String::from_utf8_lossy(record).into_owned(),
    };
    let tab = record.iter().position(|byte| *byte == b'\t').ok_or_else(unreadable)?;
    let facts = std::str::from_utf8(&record[..tab]).map_err(|_| unreadable())?;
    let facts: Vec<&str> = facts.split_ascii_whitespace().collect();
    let [mode, _, oid, size] = facts[..] else {
        return Err(unreadable());
    };
    let kind = match mode {
        "100755" => EntryKind::Executable,
        "120000" => EntryKind::Symlink,
        "160000" => EntryKind::Submodule,
        _ => EntryKind::File,
    };
    let oid = Oid::parse(oid).ok_or_else(unreadable)?;
    Ok(path_of(&record[tab + 1..]).map(|path| TreeEntry {
        path,
        kind,
        oid,
        size: size.parse().unwrap_or(0),
    }))
}

/// The path that git's bytes spell, if it is the same path again when written out.
pub(super) fn path_of(bytes: &[u8]) -> Result<RepoPath, String> {
    let lossy = || String::from_utf8_lossy(bytes).into_owned();
    let text = std::str::from_utf8(bytes).map_err(|_| lossy())?;
    RepoPath::new(text)
        .filter(|path| path.as_str() == text)
        .ok_or_else(lossy)
}

pub(super) fn branch_globs(globs: &[&str]) -> Result<globset::GlobSet, GitError> {
    let wrong = |glob: &str, why: &globset::Error| GitError::Glob {
        glob: glob.to_owned(),
        why: why.kind().to_string(),
    };
    let mut set = globset::GlobSetBuilder::new();
    for glob in globs {
        set.add(globset::Glob::new(glob).map_err(|why| wrong(glob, &why))?);
    }
    set.build().map_err(|why| wrong("", &why))
}

pub(super) fn parse_branch(line: &str) -> Option<Branch> {
    let mut fields = line.split('\0');
    let (name, oid, symbolic) = (fields.next()?, Oid::parse(fields.next()?)?, fields.next()?);
    if !symbolic.is_empty() {
        return None;
    }
    Branch::of_ref(name, oid)
}
