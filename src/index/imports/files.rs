//! The files of a view as oxc_resolver wants to see them: a file system without a disk. Enters: [`Sources`], a [`View`], the links of
//! the workspaces. Leaves: answers about paths, and the texts of `package.json` and `tsconfig*.json`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::{FileMetadata, FileSystem, ResolveError};
use serde_json::Value;

use crate::source::{RepoPath, Sources, View};

/// The folder in which the project seems to lie.
pub(super) const ROOT: &str = "/project";

/// The files of one view.
#[derive(Debug, Default)]
pub(super) struct Files {
    files: HashSet<Box<str>>,
    folders: HashSet<Box<str>>,
    /// Texts of the files that resolution reads.
    texts: HashMap<Box<str>, Arc<str>>,
    /// `a/node_modules/name` is really `a/packages/name`.
    links: HashMap<Box<str>, Box<str>>,
}

impl Files {
    /// Takes the paths of `view`, and the texts that resolution needs.
    pub(super) fn new(sources: &Sources, view: &View, links: &BTreeMap<String, String>) -> Self {
        let mut files = Self::default();
        for path in view.files.keys().chain(&view.unread) {
            files.files.insert(path.as_str().into());
            files.add_folders(path.parent());
        }
        for (path, id) in &view.files {
            if path.extension() == "json" {
                let text = &sources.file(*id).text;
                let is_config = path.file_name().starts_with("tsconfig") || path.file_name().starts_with("jsconfig");
                let text = if is_config {
                    files.without_the_missing(path, text)
                } else {
                    text.clone()
                };
                files.texts.insert(path.as_str().into(), text);
            }
        }
        for (link, folder) in links {
            files.add_folders(link);
            files.links.insert(link.as_str().into(), folder.as_str().into());
        }
        files
    }

    fn add_folders(&mut self, folder: &str) {
        let mut folder = folder;
        while self.folders.insert(folder.into()) && !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }

    /// True if the project has a file at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// The `tsconfig*.json` and `jsconfig.json` files of a folder, `tsconfig.json` first.
    pub(super) fn configs(&self, folder: &str) -> Vec<String> {
        let mut found: Vec<String> = [
            "tsconfig.json",
            "tsconfig.base.json",
            "tsconfig.app.json",
            "jsconfig.json",
        ]
        .iter()
        .map(|name| joined(folder, name))
        .collect();
        found.retain(|path| self.has(path));
        found
    }

    /// A configuration that extends what is not in the repository (a package of shared settings) would be refused as a whole; what it
    /// says itself still counts.
    fn without_the_missing(&self, path: &RepoPath, text: &Arc<str>) -> Arc<str> {
        let mut plain = text.trim_start_matches('\u{feff}').to_owned();
        let stripped = json_strip_comments::strip(&mut plain).is_ok();
        let Some(Value::Object(mut config)) = serde_json::from_str(&plain).ok().filter(|_| stripped) else {
            return "{}".into();
        };
        let exists = |relative: &str| {
            let target = path.sibling(relative);
            target.is_some_and(|target| {
                let target = target.as_str();
                let spelled = [
                    target.to_owned(),
                    format!("{target}.json"),
                    format!("{target}/tsconfig.json"),
                ];
                spelled.iter().any(|path| self.has(path))
            })
        };
        if let Some(extends) = config.get_mut("extends") {
            let list = match extends.take() {
                Value::Array(list) => list,
                one => vec![one],
            };
            let here = |one: &Value| one.as_str().is_some_and(|one| one.starts_with('.') && exists(one));
            *extends = list.into_iter().filter(here).collect();
        }
        if let Some(Value::Array(references)) = config.get_mut("references") {
            references.retain(|one| one.get("path").and_then(Value::as_str).is_some_and(exists));
        }
        Value::Object(config).to_string().into()
    }

    /// The path within the project; links are followed.
    pub(super) fn real(&self, path: &Path) -> Option<String> {
        let mut path = path.to_str()?.strip_prefix(ROOT)?.trim_start_matches('/').to_owned();
        for _ in 0..4 {
            let Some((link, rest)) = self.linked(&path) else { break };
            path = joined(link, rest);
        }
        Some(path)
    }

    fn linked<'p>(&self, path: &'p str) -> Option<(&str, &'p str)> {
        let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.find_map(|end| Some((&**self.links.get(&path[..end])?, path[end..].trim_start_matches('/'))))
            .filter(|_| path.contains("node_modules"))
    }

    fn kind(&self, path: &Path) -> io::Result<FileMetadata> {
        let real = self.real(path).ok_or(io::ErrorKind::NotFound)?;
        let (file, folder) = (self.files.contains(&*real), self.folders.contains(&*real));
        if file || folder {
            Ok(FileMetadata::new(file, folder, false))
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

/// `folder/rest`, where either may be empty.
pub(super) fn joined(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", rest) => rest.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, rest) => format!("{folder}/{rest}"),
    }
}

/// [`Files`] as oxc_resolver takes them, without a copy.
#[derive(Debug, Default)]
pub(super) struct Shared(pub(super) Arc<Files>);

impl FileSystem for Shared {
    fn new() -> Self {
        Self::default()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_to_string(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        let text = self.0.real(path).and_then(|path| self.0.texts.get(&*path));
        text.map(ToString::to_string)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.kind(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.kind(path)
    }

    fn read_link(&self, _: &Path) -> Result<PathBuf, ResolveError> {
        Err(io::Error::from(io::ErrorKind::InvalidInput).into())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }
}
