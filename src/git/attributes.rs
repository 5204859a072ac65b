//! How git merges each path: attributes, and the drivers that they name. Enters: a repository and paths. Leaves: [`PathMerge`]s. No driver is run
//! here, whatever attributes say.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Call, GitError, Repository};

/// How git merges a path, as attributes say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PathMerge {
    /// Line by line.
    Text,
    /// Both sides' lines are kept (`merge=union`).
    Union,
    /// As a whole (`-merge`, `binary`).
    Binary,
    /// By a program of the user's, which is never run here.
    Driver,
}

impl Repository {
    /// The user's own file of attributes, for all repositories; nothing where there is none.
    ///
    /// # Errors
    /// If git fails.
    pub fn attributes_file(&self) -> Result<Option<PathBuf>, GitError> {
        // We tell git of none, whatever the configuration says: it may name programs.
        let named = self.settings(|name| name == "core.attributesfile")?.into_iter().rev();
        let named = named.map(|(_, path)| path).find(|path| path != "/dev/null");
        let home = |below: &str| Some(PathBuf::from(std::env::var_os("HOME")?).join(below));
        let file = match named {
            Some(path) => match path.strip_prefix("~/") {
                Some(below) => home(below),
                None => Some(self.toplevel().join(path)),
            },
            None => match std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
                Some(folder) => Some(PathBuf::from(folder).join("git/attributes")),
                None => home(".config/git/attributes"),
            },
        };
        Ok(file.filter(|file| file.is_file()))
    }

    /// The tree that attributes are read from instead of the work tree, if the configuration names one.
    ///
    /// # Errors
    /// If git fails.
    pub fn attributes_tree(&self) -> Result<Option<String>, GitError> {
        let named = self.settings(|name| name == "attr.tree")?;
        Ok(named.into_iter().next_back().map(|(_, tree)| tree))
    }

    /// The names of the merge drivers that are configured. One of another name that attributes ask for does not exist, to git: it merges such
    /// a file as text.
    fn drivers(&self) -> Result<Drivers, GitError> {
        let settings = self.settings(|name| name.starts_with("merge."))?;
        let default = settings.iter().rfind(|(name, _)| name == "merge.default");
        let named = settings.iter().filter_map(|(name, _)| {
            let name = name.strip_prefix("merge.")?.strip_suffix(".driver")?;
            Some(name.as_bytes().to_vec())
        });
        Ok(Drivers {
            default: default.map(|(_, name)| name.clone().into_bytes()),
            named: named.collect(),
        })
    }

    /// How a path is merged of which no attributes say anything.
    ///
    /// # Errors
    /// If git fails.
    pub fn plain_merge(&self) -> Result<PathMerge, GitError> {
        Ok(self.drivers()?.merge(b"unspecified"))
    }

    /// How each path is merged, by the attributes of the work tree.
    ///
    /// # Errors
    /// If git fails.
    pub fn path_merges(&self, paths: &[Vec<u8>]) -> Result<Vec<PathMerge>, GitError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let drivers = self.drivers()?;
        let mut call = self.call();
        if let Some(file) = self.attributes_file()? {
            let mut setting = OsString::from("core.attributesFile=");
            setting.push(file);
            call = call.args([OsString::from("-c"), setting]);
        }
        let values = attribute(call, "merge", paths)?;
        Ok(values.iter().map(|value| drivers.merge(value)).collect())
    }
}

/// The value of an attribute for each path, as git words it.
pub(super) fn attribute(call: Call, name: &str, paths: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, GitError> {
    let asked: Vec<u8> = paths
        .iter()
        .flat_map(|path| [path.as_slice(), &b"\0"[..]].concat())
        .collect();
    let output = call.args(["check-attr", "-z", "--stdin", name]).stdin(asked).output()?;
    let values = output.split(|byte| *byte == 0).skip(2).step_by(3);
    let values: Vec<Vec<u8>> = values.map(<[u8]>::to_vec).collect();
    (values.len() == paths.len())
        .then_some(values)
        .ok_or(GitError::Unreadable {
            command: "check-attr",
            what: "other paths than were asked for".to_owned(),
        })
}

/// The merge drivers of a configuration.
struct Drivers {
    /// The one for paths of which attributes say nothing.
    default: Option<Vec<u8>>,
    named: std::collections::BTreeSet<Vec<u8>>,
}

impl Drivers {
    /// How git merges a path with this value of the attribute `merge`.
    fn merge(&self, value: &[u8]) -> PathMerge {
        let name = match (value, &self.default) {
            (b"set", _) | (b"unspecified", None) => return PathMerge::Text,
            (b"unset", _) => return PathMerge::Binary,
            (b"unspecified", Some(default)) => default,
            (name, _) => name,
        };
        match name {
            // A driver of the user's may have the name of one of git's, and outranks it.
            name if self.named.contains(name) => PathMerge::Driver,
            b"binary" => PathMerge::Binary,
            b"union" => PathMerge::Union,
            _ => PathMerge::Text,
        }
    }
}
