//! What there is to be touched. Enters: the index, the view, what PRDs say that they make. Leaves: [`Known`], which answers what a
//! name stands for. Knows nothing of who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::near::Near;
use super::values::ValueSets;
use super::{Target, TargetKind};
use crate::index::{CodeIndex, SchemaObject, Symbol, SymbolKind};
use crate::source::{RepoPath, View};

/// What a name stands for.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Meaning {
    /// This, found with this much precision (0 to 1).
    Found(Target, f64),
    /// One of several: more than a guess is not possible.
    Ambiguous,
    /// Nothing that exists.
    Missing,
}

/// Everything that exists, by the names that people use.
#[derive(Debug)]
pub(super) struct Known<'a> {
    view: &'a View,
    by_file_name: BTreeMap<&'a str, Vec<&'a RepoPath>>,
    symbols: BTreeMap<&'a str, Vec<&'a Symbol>>,
    by_last: BTreeMap<&'a str, Vec<&'a Symbol>>,
    tests: BTreeSet<&'a RepoPath>,
    /// By lower-case name: tables, enums, constraints, `table.column`, and columns without their table.
    schema: BTreeMap<String, Vec<Target>>,
    /// What allows which values.
    pub(super) values: ValueSets,
    /// By path with plain parameters.
    routes: BTreeMap<String, Vec<Target>>,
    flags: BTreeMap<&'a str, &'a str>,
    /// Made when it is first asked for: files, flags, symbols, routes, things of the database.
    near: [OnceLock<Near>; 5],
}

impl<'a> Known<'a> {
    /// The names of everything in the tree.
    pub(super) fn new(index: &'a CodeIndex, view: &'a View) -> Self {
        let mut known = Self {
            view,
            by_file_name: BTreeMap::new(),
            symbols: BTreeMap::new(),
            by_last: BTreeMap::new(),
            tests: index.test_files.iter().collect(),
            schema: schema(index),
            values: ValueSets::new(&index.schema),
            routes: routes(index),
            flags: flags(index),
            near: Default::default(),
        };
        for path in view.files.keys().chain(&view.unread) {
            known.by_file_name.entry(path.file_name()).or_default().push(path);
        }
        for symbol in &index.symbols {
            known.symbols.entry(&symbol.name).or_default().push(symbol);
            let last = symbol.name.rsplit('.').next().unwrap_or(&symbol.name);
            known.by_last.entry(last).or_default().push(symbol);
        }
        known
    }

    /// The file that `words` mean: a whole path, the end of one, or a file name; `nearby` decides between several.
    pub(super) fn file(&self, words: &str, nearby: &Nearby) -> Meaning {
        let Some(path) = RepoPath::new(words) else {
            return Meaning::Missing;
        };
        if self.view.exists(&path) {
            return Meaning::Found(file(&path), 1.0);
        }
        let whole = |full: &RepoPath| {
            full.as_str()
                .strip_suffix(path.as_str())
                .is_some_and(|rest| rest.ends_with('/'))
        };
        let same_name = self.by_file_name.get(path.file_name()).map_or(&[][..], Vec::as_slice);
        let fits: Vec<&RepoPath> = same_name.iter().copied().filter(|full| whole(full)).collect();
        match fits.as_slice() {
            [] if self.view.has_folder(path.as_str()) => Meaning::Ambiguous,
            [] => Meaning::Missing,
            [one] => Meaning::Found(file(one), 0.95),
            several => match nearby.choose(several.iter().copied()) {
                Some(one) => Meaning::Found(file(one), 0.8),
                None => Meaning::Ambiguous,
            },
        }
    }

    /// True if a folder of this name is in the tree.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.view.has_folder(folder)
    }

    /// The files of the tree: those that were read, then the others, each sorted.
    pub(super) fn files(&self) -> impl Iterator<Item = &'a RepoPath> + '_ {
        self.view.files.keys().chain(&self.view.unread)
    }

    /// The files of this name, those that were read first.
    pub(super) fn files_named(&self, name: &str) -> &[&'a RepoPath] {
        self.by_file_name.get(name).map_or(&[][..], Vec::as_slice)
    }

    /// True if something of the code has a name that begins with `owner` (`QuoteService.`).
    pub(super) fn owns(&self, owner: &str) -> bool {
        let mut after = self.symbols.range(owner..);
        after.next().is_some_and(|(name, _)| name.starts_with(owner))
    }

    /// The names of [`Self::names`], to be compared with: things of the code without their owners.
    pub(super) fn near(&self, kind: TargetKind) -> &Near {
        let place = match kind {
            TargetKind::File => 0,
            TargetKind::Flag => 1,
            TargetKind::Symbol => 2,
            TargetKind::Route => 3,
            _ => 4,
        };
        self.near[place].get_or_init(|| {
            let plain = |name: &'_ str| match kind {
                TargetKind::Symbol => name.rfind('.').map_or(0, |dot| dot + 1),
                _ => 0,
            };
            let names = self.names(kind);
            Near::new(names.iter().map(|name| (&name[plain(name)..], *name)))
        })
    }

    /// Names near which a misspelt one may lie.
    pub(super) fn names(&self, kind: TargetKind) -> Vec<&str> {
        match kind {
            TargetKind::File => self.by_file_name.keys().copied().collect(),
            TargetKind::Flag => self.flags.keys().copied().collect(),
            TargetKind::Symbol => self.symbols.keys().copied().collect(),
            TargetKind::Route => self
                .routes
                .values()
                .flatten()
                .map(|target| target.name.as_str())
                .collect(),
            _ => self.schema.keys().map(String::as_str).collect(),
        }
    }

    /// The thing of the code that `name` (parts joined by `.`) means; `nearby` decides between several.
    pub(super) fn symbol(&self, name: &str, nearby: &Nearby) -> Meaning {
        let exact = self.symbols.get(name).map_or(&[][..], Vec::as_slice);
        match self.choose(exact, nearby) {
            Some(found) => return Meaning::Found(symbol(found), if name.contains('.') { 1.0 } else { 0.95 }),
            None if !exact.is_empty() => return Meaning::Ambiguous,
            None => {}
        }
        let (owner, last) = name
            .rsplit_once('.')
            .map_or((None, name), |(owner, last)| (Some(owner), last));
        let methods = self.by_last.get(last).map_or(&[][..], Vec::as_slice);
        let owned: Vec<&Symbol> = match owner {
            // `quoteVersionService.create`: an instance is called as its class, but for the first letter.
            Some(owner) => methods
                .iter()
                .copied()
                .filter(|symbol| owner_of(symbol).is_some_and(|of| is_instance(owner, of)))
                .collect(),
            None => methods
                .iter()
                .copied()
                .filter(|symbol| owner_of(symbol).is_some_and(|of| nearby.names(of)))
                .collect(),
        };
        match self.choose(&owned, nearby) {
            Some(found) => Meaning::Found(symbol(found), 0.85),
            None if !owned.is_empty() => Meaning::Ambiguous,
            None => self.only_method(owner, methods, nearby),
        }
    }

    /// A method that is mentioned without its class is believed where the class's file is mentioned too.
    fn only_method(&self, owner: Option<&str>, methods: &[&'a Symbol], nearby: &Nearby) -> Meaning {
        let here: Vec<&Symbol> = methods
            .iter()
            .copied()
            .filter(|symbol| nearby.files.contains(&symbol.path))
            .collect();
        match here.as_slice() {
            [one] if owner.is_none() => Meaning::Found(symbol(one), 0.75),
            _ if owner.is_none() && !methods.is_empty() => Meaning::Ambiguous,
            _ => Meaning::Missing,
        }
    }

    fn choose<'s>(&self, candidates: &[&'s Symbol], nearby: &Nearby) -> Option<&'s Symbol> {
        if let [one] = candidates {
            return Some(one);
        }
        let product: Vec<&Symbol> = candidates
            .iter()
            .copied()
            .filter(|symbol| !self.tests.contains(&symbol.path))
            .collect();
        match product.as_slice() {
            [one] => Some(one),
            _ => {
                let path = nearby.choose(product.iter().map(|symbol| &symbol.path))?;
                product.iter().copied().find(|symbol| symbol.path == *path)
            }
        }
    }

    /// The file of a class, component or type of this name, if there is one only.
    pub(super) fn owner_file(&self, name: &str, nearby: &Nearby) -> Option<RepoPath> {
        let exact = self.symbols.get(name).map_or(&[][..], Vec::as_slice);
        let kinds = [
            SymbolKind::Class,
            SymbolKind::Type,
            SymbolKind::Enum,
            SymbolKind::Module,
            SymbolKind::Function,
        ];
        let owners: Vec<&Symbol> = exact
            .iter()
            .copied()
            .filter(|symbol| kinds.contains(&symbol.kind))
            .collect();
        self.choose(&owners, nearby).map(|symbol| symbol.path.clone())
    }

    /// The thing of the database that `name` means.
    pub(super) fn schema(&self, name: &str, kind: Option<TargetKind>) -> Meaning {
        let all = self.schema.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        let of_kind: Vec<&Target> = all
            .iter()
            .filter(|target| kind.is_none_or(|kind| target.kind == kind))
            .collect();
        match of_kind.as_slice() {
            [] => Meaning::Missing,
            [one] => Meaning::Found(
                (*one).clone(),
                if name.contains('.') || kind.is_some() { 1.0 } else { 0.9 },
            ),
            _ => Meaning::Ambiguous,
        }
    }

    /// The constraint or enum that allows the value `name`, if there is one only.
    pub(super) fn value(&self, name: &str) -> Option<Target> {
        self.values.of_value(name).cloned()
    }

    /// The route that `words` (`GET /quotes/:id`, `/quotes/:id`) mean.
    pub(super) fn route(&self, words: &str) -> Meaning {
        let (method, path) = route_parts(words);
        let all = self.routes.get(&path).map_or(&[][..], Vec::as_slice);
        let fits: Vec<&Target> = all
            .iter()
            .filter(|target| method.is_empty() || same_method(&target.name, method))
            .collect();
        match fits.as_slice() {
            [] => Meaning::Missing,
            [one] => Meaning::Found((*one).clone(), 1.0),
            _ => Meaning::Ambiguous,
        }
    }

    /// The flag of this name, or with this alias.
    pub(super) fn flag(&self, name: &str) -> Meaning {
        match self.flags.get(name) {
            Some(key) => Meaning::Found(flag(key), 1.0),
            None => Meaning::Missing,
        }
    }
}

/// What else the same document mentions: it decides between things of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Nearby {
    /// Files that are certain.
    pub files: BTreeSet<RepoPath>,
    /// Identifiers, without owners.
    pub words: BTreeSet<String>,
}

impl Nearby {
    fn names(&self, owner: &str) -> bool {
        self.words.contains(owner)
    }

    /// The one path that is mentioned, or whose folder is; `None` where that does not decide.
    fn choose<'p>(&self, paths: impl Iterator<Item = &'p RepoPath>) -> Option<&'p RepoPath> {
        let paths: BTreeSet<&RepoPath> = paths.collect();
        let folders: BTreeSet<&str> = self.files.iter().map(RepoPath::parent).collect();
        let mentioned: Vec<&RepoPath> = paths.iter().copied().filter(|path| self.files.contains(path)).collect();
        let beside: Vec<&RepoPath> = paths
            .iter()
            .copied()
            .filter(|path| folders.contains(path.parent()))
            .collect();
        match (mentioned.as_slice(), beside.as_slice()) {
            ([one], _) | ([], [one]) => Some(one),
            _ => None,
        }
    }
}

/// The target of a file.
pub(super) fn file(path: &RepoPath) -> Target {
    Target {
        kind: TargetKind::File,
        name: path.to_string(),
        path: Some(path.clone()),
    }
}

/// The target of a flag.
pub(super) fn flag(key: &str) -> Target {
    Target {
        kind: TargetKind::Flag,
        name: key.to_owned(),
        path: None,
    }
}

/// The target of a thing of the database.
pub(super) fn schema_object(object: &SchemaObject) -> Target {
    let kind = match object {
        SchemaObject::Table(_) => TargetKind::Table,
        SchemaObject::Column(..) => TargetKind::Column,
        SchemaObject::Constraint(..) => TargetKind::Constraint,
        SchemaObject::Enum(_) => TargetKind::Enum,
    };
    Target {
        kind,
        name: object.name(),
        path: None,
    }
}

fn symbol(symbol: &Symbol) -> Target {
    Target {
        kind: TargetKind::Symbol,
        name: symbol.name.clone(),
        path: Some(symbol.path.clone()),
    }
}

fn owner_of(symbol: &Symbol) -> Option<&str> {
    let (owner, _) = symbol.name.rsplit_once('.')?;
    owner.rsplit('.').next()
}

fn is_instance(name: &str, class: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut letters = (last.chars(), class.chars());
    match (letters.0.next(), letters.1.next()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b) && letters.0.as_str() == letters.1.as_str(),
        _ => false,
    }
}

fn schema(index: &CodeIndex) -> BTreeMap<String, Vec<Target>> {
    let mut names: BTreeMap<String, BTreeSet<(TargetKind, String)>> = BTreeMap::new();
    for change in &index.schema {
        let target = schema_object(&change.object);
        let mut called = vec![target.name.to_lowercase()];
        if let SchemaObject::Column(_, column) = &change.object {
            called.push(column.to_lowercase());
        }
        for name in called {
            names
                .entry(name)
                .or_default()
                .insert((target.kind, target.name.clone()));
        }
    }
    let target = |(kind, name)| Target { kind, name, path: None };
    names
        .into_iter()
        .map(|(name, targets)| (name, targets.into_iter().map(target).collect()))
        .collect()
}

fn routes(index: &CodeIndex) -> BTreeMap<String, Vec<Target>> {
    let mut routes: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for route in &index.routes {
        let path = plain_route(&route.path);
        let name = format!("{} {path}", route.method);
        let target = Target {
            kind: TargetKind::Route,
            name: name.trim().to_owned(),
            path: None,
        };
        let same = routes.entry(path).or_default();
        if !same.contains(&target) {
            same.push(target);
        }
    }
    routes
}

fn flags(index: &CodeIndex) -> BTreeMap<&str, &str> {
    let mut flags = BTreeMap::new();
    for read in &index.reads {
        flags.insert(read.key.as_str(), read.key.as_str());
    }
    for definition in &index.definitions {
        for alias in &definition.aliases {
            flags.entry(alias.as_str()).or_insert(definition.key.as_str());
        }
    }
    for definition in &index.definitions {
        flags.insert(definition.key.as_str(), definition.key.as_str());
    }
    flags
}

/// Method (perhaps empty) and plain path of `GET /quotes/{id}?full`.
pub(super) fn route_parts(words: &str) -> (&str, String) {
    let (method, path) = words.trim().split_once(' ').unwrap_or(("", words.trim()));
    (method, plain_route(path))
}

fn same_method(route: &str, method: &str) -> bool {
    let (its, _) = route.split_once(' ').unwrap_or(("", route));
    its.is_empty() || its.eq_ignore_ascii_case(method)
}

/// `{id}`, `<id>`, `[id]` and `$id` become `:id`; no query, no slash at the end.
fn plain_route(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut plain = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name = part
            .trim_matches(['{', '}', '<', '>', '[', ']'])
            .trim_start_matches(['$', ':']);
        let parameter = name.len() < part.len();
        plain.push('/');
        plain.push_str(if parameter { ":" } else { "" });
        plain.push_str(name);
    }
    if plain.is_empty() { "/".to_owned() } else { plain }
}
