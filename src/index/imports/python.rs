//! Python: which file a dotted name leads to. Enters: the paths and texts of a view. Leaves: for `from a.b import c` in a file the file
//! that has `c`. Roots of absolute names are guessed from the layout: folders with a manifest, their `src`, and whatever holds a topmost
//! package. What no root has is *outside*.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::files::joined;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{FileId, RepoPath, Sources, View};

/// Files that make their folder a root.
const MANIFESTS: [&str; 6] = [
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "manage.py",
    "Pipfile",
    "requirements.txt",
];
/// Folders below a root that are roots too.
const SOURCES: [&str; 3] = ["src", "lib", "python"];

/// A module: a file, or a folder without one (a namespace package).
enum Module {
    File(RepoPath),
    Folder(String),
}

/// The Python packages of a view.
#[derive(Debug, Default)]
pub(super) struct PythonModules {
    files: BTreeSet<RepoPath>,
    /// Folders with Python files, at any depth.
    folders: HashSet<String>,
    /// By the first word of an absolute name: the roots that have it, the shortest first.
    roots: BTreeMap<String, Vec<String>>,
    /// Which words an `__init__.py` uses by themselves: names that it may have of its own.
    own: HashMap<RepoPath, HashSet<String>>,
}

impl PythonModules {
    /// Looks at the layout.
    pub(super) fn new(sources: &Sources, view: &View) -> Self {
        let python = view.files.iter().filter(|(path, _)| path.extension() == "py");
        let python: Vec<(&RepoPath, &FileId)> = python.collect();
        let mut packages = Self {
            files: python.iter().map(|(path, _)| (*path).clone()).collect(),
            ..Self::default()
        };
        if packages.files.is_empty() {
            return packages;
        }
        for (path, _) in &python {
            for folder in above(path.parent()) {
                if !packages.folders.insert(folder.to_owned()) {
                    break;
                }
            }
        }
        packages.roots = packages.find_roots(view);
        for (path, file) in python {
            if path.file_name() == "__init__.py" {
                let words = own_words(&sources.file(*file).text);
                packages.own.insert(path.clone(), words);
            }
        }
        packages
    }

    fn find_roots(&self, view: &View) -> BTreeMap<String, Vec<String>> {
        let mut roots: BTreeSet<&str> = BTreeSet::from([""]);
        let mut below: BTreeSet<String> = BTreeSet::new();
        for path in view.files.keys().filter(|path| MANIFESTS.contains(&path.file_name())) {
            roots.insert(path.parent());
        }
        for path in &self.files {
            roots.insert(self.root_of(path.parent()));
        }
        for root in &roots {
            below.extend(SOURCES.iter().map(|folder| joined(root, folder)));
        }
        roots.extend(
            below
                .iter()
                .filter(|root| self.folders.contains(*root))
                .map(String::as_str),
        );
        let mut first: BTreeMap<String, BTreeSet<(usize, &str)>> = BTreeMap::new();
        for path in &self.files {
            for folder in above(path.parent()).filter(|folder| roots.contains(folder)) {
                let rest = path.as_str().strip_prefix(folder).unwrap_or_default();
                let word = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
                let word = word.strip_suffix(".py").unwrap_or(word);
                first.entry(word.to_owned()).or_default().insert((folder.len(), folder));
            }
        }
        let listed = |set: BTreeSet<(usize, &str)>| set.into_iter().map(|(_, root)| root.to_owned()).collect();
        first.into_iter().map(|(word, set)| (word, listed(set))).collect()
    }

    /// The nearest folder above that is no package.
    fn root_of<'p>(&self, folder: &'p str) -> &'p str {
        above(folder).find(|folder| !self.is_package(folder)).unwrap_or("")
    }

    fn is_package(&self, folder: &str) -> bool {
        RepoPath::new(&joined(folder, "__init__.py")).is_some_and(|path| self.files.contains(&path))
    }

    /// The file in which to look for `name` of a module, and its name there (`*` for a module of its own).
    pub(super) fn item(&self, facts: &FileFacts, module: &str, name: &str) -> Option<(RepoPath, String)> {
        match self.module(&facts.path, module)? {
            Module::Folder(folder) => Some((self.child(&folder, name)?, "*".to_owned())),
            Module::File(path) if name == "*" => Some((path, "*".to_owned())),
            Module::File(path) => {
                let has_own = path != facts.path && self.own.get(&path).is_some_and(|own| own.contains(name));
                let child = self.submodule(&path, name).filter(|_| !has_own);
                Some(child.map_or_else(|| (path, name.to_owned()), |child| (child, "*".to_owned())))
            }
        }
    }

    /// The module `name` in the package whose `__init__.py` this is.
    pub(super) fn submodule(&self, package: &RepoPath, name: &str) -> Option<RepoPath> {
        let is_package = package.file_name() == "__init__.py";
        self.child(package.parent(), name).filter(|_| is_package)
    }

    /// The files that an import leads to.
    pub(super) fn targets(&self, facts: &FileFacts, module: &str, names: &[String]) -> Vec<RepoPath> {
        let mut found: Vec<RepoPath> = names
            .iter()
            .filter_map(|name| Some(self.item(facts, module, name)?.0))
            .collect();
        if names.is_empty()
            && let Some(Module::File(path)) = self.module(&facts.path, module)
        {
            found.push(path);
        }
        found.sort();
        found.dedup();
        found
    }

    /// The files that a text like `app.hooks.Sorted` names: the module `app.hooks`, or a module of that whole name.
    pub(super) fn named_by_text(&self, facts: &FileFacts, text: &str) -> Option<(RepoPath, String)> {
        let (module, name) = text.rsplit_once('.')?;
        // What begins with a name of the view alone is meant as a path: `drf.x` of an installed package leads nowhere.
        self.roots.get(text.split('.').next()?)?;
        if let Some(Module::File(path)) = self.module(&facts.path, text) {
            return Some((path, "*".to_owned()));
        }
        match self.module(&facts.path, module)? {
            Module::File(path) => Some((path, name.to_owned())),
            Module::Folder(_) => None,
        }
    }

    fn module(&self, from: &RepoPath, module: &str) -> Option<Module> {
        let path = module.trim_start_matches('.');
        let dots = module.len() - path.len();
        let words: Vec<&str> = path.split('.').filter(|word| !word.is_empty()).collect();
        if dots > 0 {
            let mut folder = from.parent();
            for _ in 1..dots {
                folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            }
            return self.below(folder, &words);
        }
        let first = words.first()?;
        let own = self.root_of(from.parent());
        let known = self.roots.get(*first).map_or(&[][..], Vec::as_slice);
        let around = known.iter().filter(|root| holds(root, from)).rev();
        let elsewhere = known.iter().filter(|root| !holds(root, from));
        let mut roots = std::iter::once(own).chain(around.chain(elsewhere).map(String::as_str));
        roots.find_map(|root| self.below(root, &words))
    }

    fn below(&self, folder: &str, words: &[&str]) -> Option<Module> {
        let path = words.iter().fold(folder.to_owned(), |path, word| joined(&path, word));
        if !words.is_empty()
            && let Some(file) = self.file(&format!("{path}.py"))
        {
            return Some(Module::File(file));
        }
        match self.file(&joined(&path, "__init__.py")) {
            Some(file) => Some(Module::File(file)),
            None => self.folders.contains(&path).then_some(Module::Folder(path)),
        }
    }

    fn child(&self, folder: &str, name: &str) -> Option<RepoPath> {
        match self.below(folder, &[name])? {
            Module::File(path) => Some(path),
            Module::Folder(_) => None,
        }
    }

    fn file(&self, path: &str) -> Option<RepoPath> {
        RepoPath::new(path).filter(|path| self.files.contains(path))
    }
}

/// Functions that load what a text names.
const LOADING: [&str; 5] = [
    "import_string",
    "import_module",
    "import_from_string",
    "locate",
    "__import__",
];

/// The texts of a file that name something to be loaded: entries of settings (`HOOKS = ["app.hooks.sort"]`), outside of functions, and
/// what is handed to a function that loads. Texts handed to other functions (`getLogger("app.hooks")`, `patch("app.hooks.sort")`) are names of
/// something else.
pub(super) fn dotted_texts(facts: &FileFacts) -> Vec<(NodeId, &str)> {
    let tree = &facts.tree;
    let texts = tree.ids().filter_map(|id| match tree.syntax(id) {
        Syntax::Text(text) if is_dotted(text) => Some((id, &**text)),
        _ => None,
    });
    texts.filter(|(id, _)| is_setting(facts, *id)).collect()
}

fn is_dotted(text: &str) -> bool {
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.contains('.') && text.split('.').all(is_name)
}

fn is_setting(facts: &FileFacts, id: NodeId) -> bool {
    let (tree, mut below, mut bound) = (&facts.tree, id, false);
    for parent in tree.ancestors(id) {
        match tree.syntax(parent) {
            Syntax::Call { callee, args, .. } if below == id && args.contains(&below) => {
                return LOADING
                    .iter()
                    .any(|name| facts.words(*callee).rsplit('.').next() == Some(name));
            }
            Syntax::Function(_) => return false,
            Syntax::Entry { value, .. } => bound |= *value == below,
            Syntax::Let { .. } | Syntax::Assign { .. } => bound = true,
            _ => {}
        }
        below = parent;
    }
    bound
}

/// The folder and those that it lies in; the last one is the root of the tree.
fn above(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |here| {
        let parent = here.rsplit_once('/').map_or("", |(parent, _)| parent);
        (!here.is_empty()).then_some(parent)
    })
}

fn holds(root: &str, path: &RepoPath) -> bool {
    let rest = path.as_str().strip_prefix(root);
    root.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

/// The words of a text that are names of their own: not after a dot, not in quotes.
fn own_words(text: &str) -> HashSet<String> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = HashSet::new();
    let mut before = ' ';
    for word in text.split_inclusive(|c: char| !part(c)) {
        let end = word.chars().next_back().filter(|c| !part(*c));
        let bare = end.map_or(word, |end| &word[..word.len() - end.len_utf8()]);
        if !bare.is_empty() && !matches!(before, '.' | '"' | '\'') {
            words.insert(bare.to_owned());
        }
        before = end.unwrap_or(' ');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_after_dots_and_in_quotes_are_no_names() {
        let words = own_words("from .flags import on\nfrom . import waffle\n__all__ = ['off']\n");
        for own in ["on", "waffle", "import"] {
            assert!(words.contains(own), "{own}");
        }
        for other in ["flags", "off"] {
            assert!(!words.contains(other), "{other}");
        }
    }
}
