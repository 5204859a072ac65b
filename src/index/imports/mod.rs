//! Who imports whom. Enters: [`Sources`] and a [`View`], then the facts of one file at a time. Leaves: [`ImportEdge`]s, and for an
//! exported name the file that really has it. Resolution runs over the view, not over the file system; what is not in the view
//! (a dependency from a registry) is *outside*, never guessed.

pub(in crate::index) mod constants;
mod crates;
mod exports;
mod files;
mod jvm;
pub(in crate::index) mod packages;
mod python;
mod workspaces;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use oxc_resolver::{ResolveContext, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery};

use self::constants::Constants;
use self::crates::Crates;
use self::files::{Files, ROOT, Shared, joined};
use self::jvm::Jvm;
use self::packages::Packages;
use self::python::PythonModules;
use self::workspaces::Workspaces;
use super::ImportEdge;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, RepoPath, Sources, View};

pub use self::exports::Exporter;

/// The extensions that may be left out, in the order in which they are tried.
const EXTENSIONS: [&str; 11] = [
    ".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue",
];

/// Folders that hold what was built from `src`.
const BUILT: [&str; 6] = ["dist", "build", "lib", "out", "es", "esm"];

/// Resolves the imports of one view.
pub struct Imports {
    resolver: ResolverGeneric<Shared>,
    /// The same files, for questions that need no resolution.
    files: Arc<Files>,
    workspaces: Workspaces,
    crates: Crates,
    packages: Packages,
    python: PythonModules,
    constants: Constants,
    types: Constants,
    jvm: Jvm,
    known: Mutex<HashMap<(String, String), Option<RepoPath>>>,
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imports")
            .field("workspaces", &self.workspaces)
            .finish_non_exhaustive()
    }
}

/// A module that a file names.
struct Named<'f> {
    specifier: &'f str,
    names: Vec<String>,
    type_only: bool,
    reexport: bool,
    bytes: Bytes,
    /// The import's node, for what its surroundings say.
    node: NodeId,
}

impl Imports {
    /// Takes the paths and manifests of `view`.
    #[must_use]
    pub fn new(sources: &Sources, view: &View) -> Self {
        let workspaces = Workspaces::new(sources, view);
        let files = Arc::new(Files::new(sources, view, &workspaces.links));
        Self {
            resolver: ResolverGeneric::new_with_file_system(Shared(files.clone()), options()),
            files,
            crates: Crates::new(sources, view),
            packages: Packages::new(sources, view),
            python: PythonModules::new(sources, view),
            constants: Constants::new(sources, view, "rb"),
            types: Constants::new(sources, view, "cs"),
            jvm: Jvm::new(sources, view),
            workspaces,
            known: Mutex::default(),
        }
    }

    /// The file that `specifier` means in the file `from`; `None` where it is outside of the view. Rust paths are not resolved here.
    #[must_use]
    pub fn resolve(&self, from: &RepoPath, specifier: &str) -> Option<RepoPath> {
        let specifier = specifier.split(['?', '!']).next().unwrap_or(specifier);
        if specifier.is_empty() || specifier.contains('\0') || specifier.starts_with("node:") {
            return None;
        }
        let key = (from.parent().to_owned(), specifier.to_owned());
        if let Some(known) = self.known().get(&key) {
            return known.clone();
        }
        let found = self
            .by_nearest_config(from, specifier)
            .or_else(|| match specifier.starts_with('.') {
                true => self.by_path(from, specifier),
                false => self
                    .by_any_config(from, specifier)
                    .or_else(|| self.by_sources(specifier)),
            });
        self.known().insert(key, found.clone());
        found
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Option<RepoPath>>> {
        // A panic elsewhere leaves no half-made entry.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As TypeScript and Node do it.
    fn by_nearest_config(&self, from: &RepoPath, specifier: &str) -> Option<RepoPath> {
        let found = self.resolver.resolve_file(absolute(from.as_str()), specifier).ok()?;
        self.relative(found.path())
    }

    /// A relative path does not depend on a configuration; a broken one must not hide it.
    fn by_path(&self, from: &RepoPath, specifier: &str) -> Option<RepoPath> {
        let path = from.sibling(specifier)?;
        let mut spelled = source_of(path.as_str()).into_iter().rev();
        self.with_extension(path.as_str())
            .or_else(|| spelled.find_map(|path| self.with_extension(&path)))
    }

    /// Tests are often left out of the configuration that names the paths they use; editors and test runners find them all the same.
    fn by_any_config(&self, from: &RepoPath, specifier: &str) -> Option<RepoPath> {
        let folder = absolute(from.parent());
        let mut above = Some(from.parent());
        while let Some(here) = above {
            for config in self.files.configs(here) {
                let Some(config) = self.config(&config) else { continue };
                let mut context = ResolveContext::default();
                let found = self
                    .resolver
                    .resolve_with_context(&folder, specifier, Some(&config), &mut context);
                if let Some(found) = found.ok().and_then(|found| self.relative(found.path())) {
                    return Some(found);
                }
            }
            above = (!here.is_empty()).then(|| here.rsplit_once('/').map_or("", |(parent, _)| parent));
        }
        None
    }

    fn config(&self, path: &str) -> Option<Arc<TsConfig>> {
        self.resolver.resolve_tsconfig(absolute(path)).ok()
    }

    /// A package of this repository whose manifest names files that are not built yet: their sources.
    fn by_sources(&self, specifier: &str) -> Option<RepoPath> {
        let (package, subpath) = self.workspaces.find(specifier)?;
        let named = package.entries.iter().filter(|(entry, _)| entry == subpath);
        let mut candidates: Vec<String> = named.flat_map(|(_, file)| source_of(file)).collect();
        let rest = if subpath.is_empty() { "index" } else { subpath };
        candidates.extend(source_of(rest));
        candidates.extend([format!("src/{rest}"), rest.to_owned(), format!("lib/{rest}")]);
        candidates
            .iter()
            .find_map(|path| self.with_extension(&joined(&package.folder, path)))
    }

    fn with_extension(&self, path: &str) -> Option<RepoPath> {
        let path = RepoPath::new(path)?;
        let path = path.as_str();
        let spelled = std::iter::once(path.to_owned())
            .chain(EXTENSIONS.iter().map(|extension| format!("{path}{extension}")))
            .chain(EXTENSIONS.iter().map(|extension| format!("{path}/index{extension}")));
        spelled
            .into_iter()
            .find(|path| self.files.has(path))
            .and_then(|path| RepoPath::new(&path))
    }

    fn relative(&self, path: &Path) -> Option<RepoPath> {
        RepoPath::new(&self.files.real(path)?)
    }

    /// The imports of a file that lead to files of the view, in the order of the text.
    #[must_use]
    pub fn edges(&self, facts: &FileFacts) -> Vec<ImportEdge> {
        if facts.language == Language::Go {
            return self.edges_of_package(facts);
        }
        let mut edges = Vec::new();
        for named in named(facts) {
            let targets = match facts.language {
                Language::Rust => self.crates.targets(facts, named.node, named.specifier, &named.names),
                Language::Python => self.python.targets(facts, named.specifier, &named.names),
                _ => self.resolve(&facts.path, named.specifier).into_iter().collect(),
            };
            edges.extend(targets.into_iter().filter(|to| *to != facts.path).map(|to| ImportEdge {
                from: facts.path.clone(),
                to,
                names: named.names.clone(),
                type_only: named.type_only,
                reexport: named.reexport,
                span: named.bytes.in_file(facts.file),
            }));
        }
        if facts.language == Language::Python {
            edges.extend(self.edges_of_texts(facts));
        }
        edges.sort_by(|a, b| (a.span, &a.to).cmp(&(b.span, &b.to)));
        edges
    }

    /// Python: settings name modules by texts.
    fn edges_of_texts(&self, facts: &FileFacts) -> Vec<ImportEdge> {
        let edge = |(node, text): (NodeId, &str)| {
            let (to, name) = self.python.named_by_text(facts, text)?;
            (to != facts.path).then(|| ImportEdge {
                from: facts.path.clone(),
                to,
                names: vec![name],
                type_only: false,
                reexport: false,
                span: facts.tree.bytes(node).in_file(facts.file),
            })
        };
        python::dotted_texts(facts).into_iter().filter_map(edge).collect()
    }

    /// Go: an import leads to the files that declare what is used of the package; the files of one package use each other.
    fn edges_of_package(&self, facts: &FileFacts) -> Vec<ImportEdge> {
        let used = self.packages.used(facts).into_iter();
        let edges = used.map(|used| ImportEdge {
            from: facts.path.clone(),
            to: used.path,
            names: used.names,
            type_only: false,
            reexport: false,
            span: used.bytes.in_file(facts.file),
        });
        edges.collect()
    }
}

fn options() -> ResolveOptions {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let alias = |from: &str, to: &[&str]| (from.to_owned(), words(to));
    ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        condition_names: words(&[
            "source",
            "development",
            "types",
            "import",
            "require",
            "node",
            "browser",
            "default",
        ]),
        extensions: words(&EXTENSIONS),
        extension_alias: vec![
            alias(".js", &[".ts", ".tsx", ".d.ts", ".js", ".jsx"]),
            alias(".ts", &[".ts", ".tsx", ".d.ts"]),
            alias(".tsx", &[".tsx", ".ts"]),
            alias(".jsx", &[".tsx", ".jsx"]),
            alias(".mjs", &[".mts", ".mjs"]),
            alias(".cjs", &[".cts", ".cjs"]),
        ],
        main_fields: words(&["source", "types", "typings", "module", "main"]),
        // Links are followed by the file system; the environment must not show.
        symlinks: false,
        node_path: false,
        ..ResolveOptions::default()
    }
}

fn absolute(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

/// Where the source of a built file may lie: `./dist/a.js` comes from `src/a`.
fn source_of(file: &str) -> Vec<String> {
    let file = file.trim_start_matches("./");
    let built = [".d.ts", ".d.mts", ".js", ".mjs", ".cjs", ".jsx"];
    let bare = built
        .iter()
        .find_map(|extension| file.strip_suffix(extension))
        .unwrap_or(file);
    let mut found = Vec::new();
    if let Some((first, rest)) = bare.split_once('/')
        && BUILT.contains(&first)
    {
        let inner = rest
            .split_once('/')
            .filter(|(format, _)| ["cjs", "esm", "src", "types"].contains(format));
        found.extend([format!("src/{rest}"), rest.to_owned()]);
        found.extend(inner.map(|(_, rest)| format!("src/{rest}")));
    }
    found.push(bare.to_owned());
    found
}

/// The modules that a file names, wherever in it.
fn named(facts: &FileFacts) -> Vec<Named<'_>> {
    let tree = &facts.tree;
    let mut all = Vec::new();
    for node in tree.ids() {
        let bytes = tree.bytes(node);
        let one = match tree.syntax(node) {
            Syntax::Import { from, names, type_only } => Named {
                specifier: from,
                names: names.iter().map(|name| name.imported.to_string()).collect(),
                type_only: *type_only,
                reexport: false,
                bytes,
                node,
            },
            Syntax::Export {
                from: Some(from),
                names,
                ..
            } => Named {
                specifier: from,
                names: names.iter().map(|name| name.local.to_string()).collect(),
                type_only: false,
                reexport: true,
                bytes,
                node,
            },
            Syntax::Module { name, items: None, .. } => Named {
                specifier: "self",
                names: vec![name.0.to_string()],
                type_only: false,
                reexport: false,
                bytes,
                node,
            },
            Syntax::Call { .. } => match loaded(facts, node) {
                Some(specifier) => Named {
                    specifier,
                    names: vec!["*".to_owned()],
                    type_only: false,
                    reexport: false,
                    bytes,
                    node,
                },
                None => continue,
            },
            _ => continue,
        };
        all.push(one);
    }
    all
}

/// `import('m')`, `require('m')`, `jest.requireActual('m')`, `vi.importActual('m')`: the module.
fn loaded(facts: &FileFacts, call: NodeId) -> Option<&str> {
    let Syntax::Call { callee, args, .. } = facts.tree.syntax(call) else {
        return None;
    };
    let name = match facts.tree.syntax(*callee) {
        Syntax::Name => facts.words(*callee),
        Syntax::Member { property, .. } => facts.slice(*property),
        _ => return None,
    };
    let loads = ["import", "require", "requireActual", "importActual", "resolve"].contains(&name);
    let is_resolve = name == "resolve" && facts.words(*callee) != "require.resolve";
    match facts.tree.syntax(*args.first()?) {
        Syntax::Text(module) if loads && !is_resolve => Some(module),
        _ => None,
    }
}
