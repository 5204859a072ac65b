//! Rust: which file a path leads to. Enters: the manifests and paths of a view. Leaves: for `use a::b` or `mod a;` in a file the file
//! that is meant. Knows the layout that Cargo expects (`src/lib.rs`, `src/main.rs`, `src/bin`, `tests`, …); `#[path]` is not followed.

use std::collections::BTreeMap;

use super::files::joined;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{RepoPath, Sources, View};

/// The crates of a view.
#[derive(Debug, Default)]
pub(super) struct Crates {
    /// Every Rust file.
    files: std::collections::BTreeSet<RepoPath>,
    /// The folders with a manifest.
    packages: Vec<String>,
    /// The library of each package, by the name under which code uses it.
    libraries: BTreeMap<String, RepoPath>,
}

/// Where a path has led so far.
struct Module {
    file: RepoPath,
    /// The folder of its child modules.
    folder: String,
}

impl Crates {
    /// Reads the manifests.
    pub(super) fn new(sources: &Sources, view: &View) -> Self {
        let rust = view.files.keys().filter(|path| path.extension() == "rs");
        let mut crates = Self {
            files: rust.cloned().collect(),
            ..Self::default()
        };
        if crates.files.is_empty() {
            return crates;
        }
        let manifests = view.files.iter().filter(|(path, _)| path.file_name() == "Cargo.toml");
        for (path, id) in manifests {
            crates.packages.push(path.parent().to_owned());
            let Ok(manifest) = sources.file(*id).text.parse::<toml::Table>() else {
                continue;
            };
            let word = |table: &str, key: &str| manifest.get(table)?.get(key)?.as_str().map(str::to_owned);
            let name = word("lib", "name").or_else(|| word("package", "name"));
            let library = word("lib", "path").unwrap_or_else(|| "src/lib.rs".to_owned());
            let library = path.sibling(&library).filter(|library| crates.files.contains(library));
            if let (Some(name), Some(library)) = (name, library) {
                crates.libraries.entry(name.replace('-', "_")).or_insert(library);
            }
        }
        crates.packages.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
        crates
    }

    /// The files that `from` leads to, looked at from a `use` or `mod` of a file: those of the names, where they are modules, else the
    /// one that has the names.
    pub(super) fn targets(&self, facts: &FileFacts, node: NodeId, from: &str, names: &[String]) -> Vec<RepoPath> {
        // `use a;`
        let from = if from.is_empty() {
            names.first().map_or("", String::as_str)
        } else {
            from
        };
        let Some(module) = self.module(facts, Some(node), from) else {
            return Vec::new();
        };
        let inside = |name: &String| self.child(&module, name).map(|child| child.file);
        let mut files: Vec<RepoPath> = names
            .iter()
            .map(|name| inside(name).unwrap_or_else(|| module.file.clone()))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// The file that has `name` at `from`, and its name there (`*` for a module of its own).
    pub(super) fn item(&self, facts: &FileFacts, from: &str, name: &str) -> Option<(RepoPath, String)> {
        let module = self.module(facts, None, from)?;
        Some(match self.child(&module, name) {
            Some(child) => (child.file, "*".to_owned()),
            None => (module.file, name.to_owned()),
        })
    }

    /// The module at the end of a path. What is no file (an inline module, an enum) stays in the file that holds it.
    fn module(&self, facts: &FileFacts, node: Option<NodeId>, path: &str) -> Option<Module> {
        let mut segments = path.split("::").filter(|segment| !segment.is_empty()).peekable();
        let own = self.own(&facts.path);
        let first = segments.peek().copied().unwrap_or("");
        let mut module = match first {
            "crate" => {
                segments.next();
                self.root_of(&facts.path)?
            }
            "self" => {
                segments.next();
                own
            }
            "super" => {
                let inline = node.map_or(0, |node| inline_modules(facts, node));
                let mut module = own;
                let mut level = 0;
                while segments.next_if_eq(&"super").is_some() {
                    level += 1;
                    if level > inline {
                        module = self.parent(&module)?;
                    }
                }
                module
            }
            // A child module, else a crate of the workspace.
            first => match self.child(&own, first) {
                Some(child) => {
                    segments.next();
                    child
                }
                None => {
                    let library = self.libraries.get(first)?.clone();
                    segments.next();
                    self.own(&library)
                }
            },
        };
        for segment in segments {
            match self.child(&module, segment) {
                Some(child) => module = child,
                None => break,
            }
        }
        Some(module)
    }

    /// The module that a file is.
    fn own(&self, path: &RepoPath) -> Module {
        let (name, parent) = (path.file_name().trim_end_matches(".rs"), path.parent());
        let owns_folder = name == "mod" || self.is_root(path);
        Module {
            file: path.clone(),
            folder: if owns_folder {
                parent.to_owned()
            } else {
                joined(parent, name)
            },
        }
    }

    fn child(&self, module: &Module, name: &str) -> Option<Module> {
        let name = name.trim_start_matches("r#");
        let spelled = [format!("{name}.rs"), format!("{name}/mod.rs")];
        let mut paths = spelled
            .iter()
            .filter_map(|file| RepoPath::new(&joined(&module.folder, file)));
        let file = paths.find(|path| self.files.contains(path) && *path != module.file)?;
        Some(self.own(&file))
    }

    fn parent(&self, module: &Module) -> Option<Module> {
        let (folder, _) = module.folder.rsplit_once('/')?;
        let names = ["mod.rs", "lib.rs", "main.rs"];
        let inside = names.iter().filter_map(|name| RepoPath::new(&joined(folder, name)));
        let beside = RepoPath::new(&format!("{folder}.rs"));
        let file = beside
            .into_iter()
            .chain(inside)
            .find(|path| self.files.contains(path))?;
        Some(Module {
            file,
            folder: folder.to_owned(),
        })
    }

    /// True for files that are crates of their own.
    fn is_root(&self, path: &RepoPath) -> bool {
        let package = self.package(path);
        let inside = path
            .as_str()
            .strip_prefix(package)
            .unwrap_or(path.as_str())
            .trim_start_matches('/');
        let folders = ["src/bin/", "tests/", "benches/", "examples/"];
        let alone = folders
            .iter()
            .any(|folder| inside.strip_prefix(folder).is_some_and(|rest| !rest.contains('/')));
        let main = inside.ends_with("/main.rs") && folders.iter().any(|folder| inside.starts_with(folder));
        matches!(inside, "src/lib.rs" | "src/main.rs" | "build.rs")
            || alone
            || main
            || self.libraries.values().any(|own| own == path)
    }

    /// The folder of the manifest that a file belongs to.
    fn package(&self, path: &RepoPath) -> &str {
        let holds = |folder: &&String| {
            folder.is_empty()
                || path
                    .as_str()
                    .strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        self.packages.iter().find(holds).map_or("", String::as_str)
    }

    /// The root module of the crate that a file belongs to.
    fn root_of(&self, path: &RepoPath) -> Option<Module> {
        let mut at = path.clone();
        // Upwards from the file: the first crate root in a folder above it.
        loop {
            if self.is_root(&at) {
                return Some(self.own(&at));
            }
            let parent = at.parent().to_owned();
            let names = ["lib.rs", "main.rs"].map(|name| joined(&parent, name));
            let roots = names.iter().filter_map(|name| RepoPath::new(name));
            if let Some(root) = roots
                .filter(|root| self.files.contains(root) && self.is_root(root))
                .min()
            {
                return Some(self.own(&root));
            }
            at = RepoPath::new(&parent)?;
        }
    }
}

/// How many inline modules a node stands in.
fn inline_modules(facts: &FileFacts, node: NodeId) -> usize {
    let is_module = |id: &NodeId| matches!(facts.tree.syntax(*id), Syntax::Module { items: Some(_), .. });
    facts.tree.ancestors(node).filter(is_module).count()
}
