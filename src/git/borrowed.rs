//! A repository that borrows another's objects, in a folder of its own. Enters: a repository. Leaves: a place in which git may merge, and write
//! what a merge writes, without leaving anything in the one that lends.
//!
//! The lender's configuration is not read, and no driver or filter that it names is run; only the settings that say what a merge comes to, and
//! how files are read from a work tree, are carried over.

use super::merge::conflict_kind;
use super::{Conflict, GitError, Inside, Oid, PathMerge, Repository, Signature};
use std::path::Path;

/// The settings of a repository that change what a merge comes to, and what a file of the work tree is to git. (Not `core.safecrlf`: what it
/// refuses to take in, we only look at.)
const CARRIED: [&str; 12] = [
    "merge.renames",
    "merge.directoryrenames",
    "merge.renamelimit",
    "diff.renames",
    "diff.renamelimit",
    "core.bigfilethreshold",
    "core.autocrlf",
    "core.eol",
    "core.filemode",
    "core.symlinks",
    "core.ignorecase",
    "core.precomposeunicode",
];

/// A repository in a temporary folder, with the objects of another behind its own.
#[derive(Debug)]
pub struct Borrowed {
    folder: tempfile::TempDir,
    repository: Repository,
    /// The lender's project folder.
    prefix: String,
}

/// What git makes of two commits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The merged tree; where both sides collide it holds what git would leave in the work tree, with its marks.
    pub tree: Oid,
    /// The files that a person has to decide, one conflict each; none for a clean merge.
    pub conflicts: Vec<Conflict>,
    /// Paths of the tree under which git puts aside what stands in the way of a folder (`<path>~<commit>`).
    pub aside: Vec<String>,
}

impl Repository {
    /// A repository with the same objects, in which whatever is written leaves nothing here.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn borrowed(&self) -> Result<Borrowed, GitError> {
        let folder = tempfile::tempdir().map_err(GitError::Start)?;
        let git = folder.path().join("git");
        let objects = self.common_dir().join("objects");
        let alternates = [objects.as_os_str().as_encoded_bytes(), b"\n"].concat();
        write(&git.join("objects/info/alternates"), &alternates)?;
        // Where the lender's history ends, so does that of who borrows it.
        if let Some(shallow) = self.shallow()? {
            write(&git.join("shallow"), &shallow)?;
        }
        write(&git.join("HEAD"), b"ref: refs/heads/main\n")?;
        write(&git.join("refs/heads/.keep"), b"")?;
        let carried = self.settings(|name| CARRIED.contains(&name))?;
        write(&git.join("config"), self.configuration(&carried).as_bytes())?;
        let environment = vec![
            ("GIT_DIR", git.into_os_string()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_CONFIG_SYSTEM", "/dev/null".into()),
        ];
        let repository = Self {
            environment,
            inside: Inside::default(),
            ..self.at_toplevel()
        };
        let prefix = self.prefix().to_owned();
        Ok(Borrowed {
            folder,
            repository,
            prefix,
        })
    }

    /// The commits at which the history was cut off when it was fetched; nothing where all of it is here.
    fn shallow(&self) -> Result<Option<Vec<u8>>, GitError> {
        let path = self.common_dir().join("shallow");
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(GitError::File { path, source }),
        }
    }

    /// True if the history was cut off when it was fetched.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.common_dir().join("shallow").is_file()
    }

    /// The configuration of a bare repository of the same format with these settings.
    fn configuration(&self, settings: &[(String, String)]) -> String {
        let mut told = match self.empty_tree.as_str().len() {
            64 => "[extensions]\n\tobjectformat = sha256\n[core]\n\trepositoryformatversion = 1\n",
            _ => "[core]\n\trepositoryformatversion = 0\n",
        }
        .to_owned();
        told.push_str("\tfilemode = true\n\tbare = true\n");
        for (name, value) in settings {
            if let Some((section, key)) = name.split_once('.') {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                told.push_str(&format!("[{section}]\n\t{key} = \"{value}\"\n"));
            }
        }
        told
    }

    /// The settings of these names with their values, the one that counts last. They are read once.
    pub(super) fn settings(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>, GitError> {
        let all = match self.inside.settings() {
            Some(all) => all,
            None => self.inside.set_settings(self.read_settings()?),
        };
        let each = all.iter().filter(|(name, _)| wanted(name));
        Ok(each.cloned().collect())
    }

    fn read_settings(&self) -> Result<Vec<(String, String)>, GitError> {
        let answer = self.call().args(["config", "--null", "--list"]).answer()?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        // A name without a value is a switch that is on.
        let each = text
            .split('\0')
            .map(|entry| entry.split_once('\n').unwrap_or((entry, "true")));
        Ok(each.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The settings that have a word in what a merge comes to, as bytes to compare.
    ///
    /// # Errors
    /// If git fails.
    pub fn merge_settings(&self) -> Result<Vec<u8>, GitError> {
        let settings = self.settings(|name| CARRIED.contains(&name) || name.starts_with("merge."))?;
        let lines = settings.iter().map(|(name, value)| format!("{name}={value}\n"));
        let mut told = lines.collect::<String>().into_bytes();
        if let Some(file) = self.attributes_file()? {
            told.extend(std::fs::read(file).unwrap_or_default());
        }
        if let Some(tree) = self.attributes_tree()? {
            told.extend(
                self.resolve(&tree)
                    .map_or_else(|_| tree, |oid| oid.to_string())
                    .into_bytes(),
            );
        }
        Ok(told)
    }
}

impl Borrowed {
    /// As a repository: what is asked of it sees the lender's objects, too.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The same with the lender's project for its project: paths in and out are relative to that.
    #[must_use]
    pub fn project(&self) -> Repository {
        Repository {
            prefix: self.prefix.clone(),
            ..self.repository.clone()
        }
    }

    /// True if one commit between `fork` and `base` makes the very changes that all of `fork..head` make together: somebody has squashed
    /// the branch into the base.
    ///
    /// # Errors
    /// If git fails.
    pub fn is_squashed(&self, base: &Oid, fork: &Oid, head: &Oid) -> Result<bool, GitError> {
        let who = Signature::nobody();
        let tree = self.repository.tree_of(head)?;
        let parent = std::slice::from_ref(fork);
        let squash = self.repository.commit_tree(&tree, parent, "squashed", &who, &who)?;
        let call = self.repository.call().args(["cherry", base.as_str(), squash.as_str()]);
        Ok(call.output()?.starts_with(b"-"))
    }

    /// A commit of what a merge of two came to, so that a third can be merged into it.
    ///
    /// # Errors
    /// If git fails.
    pub fn join(&self, tree: &Oid, parents: &[Oid]) -> Result<Oid, GitError> {
        let who = Signature::nobody();
        self.repository.commit_tree(tree, parents, "merged", &who, &who)
    }

    /// Its own folder, for what else is made on the way.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Says how paths are merged, where it is not line by line. What a program of the user's would merge is left to it: as a file that is merged
    /// as a whole it conflicts where both sides changed it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn set_attributes(&self, attributes: &[(Vec<u8>, PathMerge)]) -> Result<(), GitError> {
        write(
            &self.folder.path().join("git/info/attributes"),
            &attribute_lines(attributes),
        )
    }

    /// What git makes of each pair, in the order asked for.
    ///
    /// # Errors
    /// If one of them is not a commit, or git gives up.
    pub fn judge(&self, pairs: &[(Oid, Oid)]) -> Result<Vec<Merged>, GitError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let asked: String = pairs
            .iter()
            .map(|(ours, theirs)| format!("{ours} {theirs}\n"))
            .collect();
        let options = ["merge-tree", "--write-tree", "--stdin", "--name-only", "--messages"];
        let answer = self
            .repository
            .call()
            .args(options)
            .stdin(asked.into_bytes())
            .answer()?;
        let mut fields = answer.stdout.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        pairs
            .iter()
            .map(|pair| judgement(&mut fields, pair))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| GitError::Failed {
                command: "merge-tree".to_owned(),
                code: answer.code,
                complaint: answer.complaint,
            })
    }

    /// The same, each by itself where git gives up on all of them: one that lacks an object must not take the others along.
    pub fn judge_each(&self, pairs: &[(Oid, Oid)]) -> Vec<Result<Merged, GitError>> {
        if let Ok(judged) = self.judge(pairs) {
            return judged.into_iter().map(Ok).collect();
        }
        let alone = |pair| {
            self.judge(std::slice::from_ref(pair))
                .map(|mut judged| judged.remove(0))
        };
        pairs.iter().map(alone).collect()
    }
}

/// The answer to one pair: `<1 for clean> NUL <tree> NUL (<path> NUL)* NUL (<n> NUL <path>{n} NUL <kind> NUL <message> NUL)* NUL`.
fn judgement<'a>(
    fields: &mut impl Iterator<Item = std::borrow::Cow<'a, str>>,
    (ours, theirs): &(Oid, Oid),
) -> Option<Merged> {
    let clean = fields.next()? == "1";
    let tree = Oid::parse(&fields.next()?)?;
    let (mut files, mut aside): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    while let Some(path) = fields.next().filter(|path| !path.is_empty()) {
        let meant = [ours, theirs]
            .iter()
            .find_map(|side| path.strip_suffix(&format!("~{side}")).map(str::to_owned));
        if meant.is_some() {
            aside.push(path.clone().into_owned());
        }
        files.push(meant.unwrap_or_else(|| path.into_owned()));
    }
    let mut told: Vec<Conflict> = Vec::new();
    while let Some(count) = fields.next().filter(|count| !count.is_empty()) {
        let count: usize = count.parse().ok()?;
        let paths: Vec<String> = fields.by_ref().take(count).map(std::borrow::Cow::into_owned).collect();
        let kind = fields.next()?;
        fields.next()?;
        if let Some(kind) = conflict_kind(&kind) {
            told.push(Conflict { paths, kind });
        }
    }
    let conflicts = match (clean, files.is_empty()) {
        (true, _) => Vec::new(),
        // A folder that both sides moved apart leaves no file in conflict, and is one all the same.
        (false, true) if told.is_empty() => vec![Conflict {
            paths: vec![".".to_owned()],
            kind: "unnamed".to_owned(),
        }],
        (false, true) => told,
        (false, false) => by_file(files, &told),
    };
    Some(Merged { tree, conflicts, aside })
}

/// One conflict for each file that is left in conflict, with the first thing that git says of it.
fn by_file(files: Vec<String>, told: &[Conflict]) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = files
        .into_iter()
        .map(|file| {
            let said = told.iter().find(|conflict| conflict.paths.contains(&file));
            Conflict {
                kind: said.map_or("contents", |conflict| conflict.kind.as_str()).to_owned(),
                paths: vec![file],
            }
        })
        .collect();
    conflicts.sort();
    conflicts.dedup();
    conflicts
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), GitError> {
    let file = |source| GitError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(file)?;
    }
    std::fs::write(path, bytes).map_err(file)
}

/// One line each of an attributes file: the path, anchored, and how it is merged.
fn attribute_lines(attributes: &[(Vec<u8>, PathMerge)]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (path, merge) in attributes {
        let value = match merge {
            PathMerge::Union => &b" merge=union"[..],
            PathMerge::Binary | PathMerge::Driver => b" -merge",
            PathMerge::Text => continue,
        };
        lines.push(b'"');
        lines.push(b'/');
        for byte in path {
            match byte {
                // A letter with a meaning in patterns is escaped, and the escape once more for the quotes.
                b'*' | b'?' | b'[' => lines.extend([b'\\', b'\\', *byte]),
                b'\\' => lines.extend(*b"\\\\\\\\"),
                b'"' => lines.extend(*b"\\\""),
                byte if byte.is_ascii_control() => lines.extend(format!("\\{byte:03o}").into_bytes()),
                byte => lines.push(*byte),
            }
        }
        lines.push(b'"');
        lines.extend(value);
        lines.push(b'\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_pair_by_pair() {
        let output = b"1\x001111111111111111111111111111111111111111\x00\x00\x000\x002222222222222222222222222222222222222222\x00f\x00g\x00\x001\x00f\x00Auto-merging\x00m\x001\x00f\x00CONFLICT (contents)\x00m\x001\x00g\x00CONFLICT (modify/delete)\x00m\x00\x00";
        let mut fields = output.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let oid = |digit: &str| Oid::parse(&digit.repeat(40)).expect("an id");
        let pair = (oid("1"), oid("2"));
        let clean = judgement(&mut fields, &pair).expect("a first pair");
        assert_eq!((clean.tree, clean.conflicts), (oid("1"), Vec::new()));
        let kinds: Vec<(String, String)> = judgement(&mut fields, &pair)
            .expect("a second pair")
            .conflicts
            .into_iter()
            .map(|conflict| (conflict.paths.concat(), conflict.kind))
            .collect();
        let wanted = [("f", "contents"), ("g", "modify/delete")].map(|(path, kind)| (path.to_owned(), kind.to_owned()));
        assert_eq!(kinds, wanted);
    }

    #[test]
    fn an_odd_path_is_one_pattern() {
        let lines = attribute_lines(&[(b"a*b \"c\\\n".to_vec(), PathMerge::Union)]);
        assert_eq!(
            String::from_utf8_lossy(&lines),
            "\"/a\\\\*b \\\"c\\\\\\\\\\012\" merge=union\n"
        );
    }
}
