//! What one side newly uses of what others took away. Enters: the side's [`Work`], the names that are gone, the [`Ground`]. Leaves: [`Use`]s, each
//! with the file and the name of the declaration that it means, and the files that would have to be read to say more.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::answer::Taken;
use super::arity::CallShape;
use super::has_word;
use super::shape::Written;
use super::work::{Store, Work};
use crate::index::SymbolKind;
use crate::index::code::{At, Code, Declared, Modules, Trail, Unit};
use crate::index::imports::Imports;
use crate::index::symbols::enclosing;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::source::{FileId, RepoPath, Sources, Span, View};

/// The tree that several sides left: its paths, where its imports lead, and those of its files that were read.
#[derive(Debug)]
pub struct Ground {
    imports: Imports,
    view: View,
    units: BTreeMap<RepoPath, Arc<Unit>>,
}

impl Ground {
    /// `view` has all paths of the tree and of what the sides add to it; of what was not read it has empty texts.
    #[must_use]
    pub fn new(sources: &Sources, view: View) -> Self {
        Self {
            imports: Imports::new(sources, &view),
            view,
            units: BTreeMap::new(),
        }
    }

    /// Takes the text of a file that was asked for.
    pub fn learn(&mut self, sources: &Sources, path: RepoPath, file: FileId, store: &Store) {
        if let Some(parsed) = store.parsed(sources, file) {
            self.units.insert(path, parsed.unit);
        }
    }

    /// True for a file that was read and understood.
    #[must_use]
    pub fn knows(&self, path: &RepoPath) -> bool {
        self.units.contains_key(path)
    }

    /// True for a file of the tree, read or not.
    #[must_use]
    pub fn has(&self, path: &RepoPath) -> bool {
        self.view.exists(path)
    }

    /// The files that were understood.
    pub(super) fn units(&self) -> impl Iterator<Item = Arc<Unit>> + '_ {
        self.units.values().cloned()
    }
}

impl Modules for Ground {
    fn target(&self, from: &FileFacts, module: &str, name: &str) -> Option<(RepoPath, String)> {
        self.imports.target(from, module, name)
    }

    fn submodule(&self, package: &RepoPath, name: &str) -> Option<RepoPath> {
        self.imports.submodule(package, name)
    }

    fn may_give(&self, path: &RepoPath, _: &str) -> bool {
        self.view.exists(path)
    }
}

/// A place in a new line that uses a declaration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    /// The file with the declaration.
    pub path: RepoPath,
    /// The name of the declaration, with its owners.
    pub name: String,
    /// Where it is used.
    pub span: Span,
    /// The file that uses it.
    pub from: RepoPath,
    /// How it is called, if it is.
    pub call: Option<CallShape>,
    /// What becomes of what the call answers, if it is called.
    pub taken: Option<Taken>,
    /// What it writes out as a whole, if it does.
    pub written: Option<Written>,
    /// False where the type of an object led there.
    pub direct: bool,
    /// An import, not the use itself.
    pub import: bool,
    /// The file used it before, as far as anybody can tell: in code, not in a comment or as a key.
    pub before: bool,
    /// The name as it stands there.
    pub word: String,
}

/// What a side newly uses among `names`, and the files that have to be read to know all of it.
#[must_use]
pub fn uses(work: &Work, names: &BTreeSet<&str>, ground: &Ground) -> (Vec<Use>, BTreeSet<RepoPath>) {
    let names: HashSet<&str> = names.iter().copied().collect();
    let asks: Vec<(&RepoPath, Vec<NodeId>)> = work
        .code
        .iter()
        .filter_map(|(path, change)| {
            if !change.may_mean(&names) {
                return None;
            }
            let nodes = candidates(
                &change.side.as_ref()?.unit.facts,
                |line| change.lines.contains(&line),
                &names,
            );
            (!nodes.is_empty()).then_some((path, nodes))
        })
        .collect();
    let mut trail = Trail::default();
    let mut found = Vec::new();
    if !asks.is_empty() {
        let own = work
            .code
            .values()
            .filter_map(|change| Some(change.side.as_ref()?.unit.clone()));
        let base = ground.units.iter().filter(|(path, _)| !work.texts.contains_key(*path));
        let code = Code::new(own.chain(base.map(|(_, unit)| unit.clone())).collect(), ground);
        for (path, nodes) in asks {
            let Some(unit) = code.unit_at(path) else { continue };
            found.extend(
                nodes
                    .into_iter()
                    .flat_map(|node| followed(&code, At { unit, node }, ground, &mut trail)),
            );
        }
        told_before(work, ground, &mut found, &mut trail);
    }
    (found, trail.missing)
}

/// Looks up which of the uses are not the first of their file: in the tree that the sides left.
fn told_before(work: &Work, ground: &Ground, found: &mut [Use], trail: &mut Trail) {
    let mut known: HashMap<(FileId, String), bool> = HashMap::new();
    let says = |one: &Use| {
        let Some(base) = work.code.get(&one.from).and_then(|change| change.base.as_ref()) else {
            return false;
        };
        let text = &base.unit.facts;
        let said = known.entry((text.file, one.word.clone()));
        *said.or_insert_with(|| has_word(&text.text, &one.word, &['$']))
    };
    let said: Vec<bool> = found.iter().map(says).collect();
    if !said.contains(&true) {
        return;
    }
    let own = work.code.values().filter_map(|change| change.base.as_ref());
    let base = ground.units.iter().filter(|(path, _)| !work.code.contains_key(*path));
    let units = own.map(|base| base.unit.clone());
    let code = Code::new(units.chain(base.map(|(_, unit)| unit.clone())).collect(), ground);
    let mut own = Trail::default();
    let mut known: BTreeMap<(RepoPath, RepoPath, String, String), bool> = BTreeMap::new();
    for (one, _) in found.iter_mut().zip(said).filter(|(_, said)| *said) {
        let what = (one.from.clone(), one.path.clone(), one.name.clone(), one.word.clone());
        one.before = *known.entry(what).or_insert_with(|| was_used(&code, one, &mut own));
    }
    // What this side made was not there.
    own.missing
        .retain(|path| !work.texts.contains_key(path) || work.lacks(path));
    trail.missing.extend(own.missing);
}

/// True if a text used what a use means, or has the name where it cannot be followed.
fn was_used(code: &Code<'_>, one: &Use, trail: &mut Trail) -> bool {
    let Some(unit) = code.unit_at(&one.from) else {
        return true;
    };
    let facts = code.facts(unit);
    let names = HashSet::from([one.word.as_str()]);
    let nodes = candidates(facts, |_| true, &names).into_iter();
    let means = |target: Option<At>| target.map(|target| declared(code, target));
    let is_it = |found: Option<(RepoPath, String)>| {
        found.is_some_and(|(path, name)| (path, name) == (one.path.clone(), one.name.clone()))
    };
    nodes.map(|node| At { unit, node }).any(|at| match code.syntax(at) {
        Syntax::Import { from, names, .. } => names
            .iter()
            .filter(|name| [&*name.local, &*name.imported].contains(&one.word.as_str()))
            .any(|name| means(code.imported(unit, from, &name.imported, trail.restart())).is_none_or(is_it)),
        Syntax::Member { object, .. } => match means(code.behind(at, trail.restart())) {
            Some(found) => is_it(found),
            // Of a member of something else nobody knows; what a module gives out it is only behind the module.
            None => one.name.contains(['.', ':']) || is_module(code, at.with(*object)),
        },
        _ => match means(code.behind(at, trail.restart())) {
            Some(found) => is_it(found),
            None => matches!(code.declared(at), None | Some(Declared::Import { .. })),
        },
    })
}

/// The nodes on these lines that may mean one of the names.
fn candidates(facts: &FileFacts, on: impl Fn(u32) -> bool, names: &HashSet<&str>) -> Vec<NodeId> {
    let tree = &facts.tree;
    // What an import calls otherwise.
    let mut others: HashSet<&str> = HashSet::new();
    for id in tree.ids() {
        if let Syntax::Import { names: list, .. } = tree.syntax(id) {
            let renamed = list
                .iter()
                .filter(|name| names.contains(&*name.imported) || &*name.imported == "default");
            others.extend(renamed.map(|name| &*name.local));
        }
    }
    let is_one = |word: &str| names.contains(word) || others.contains(word);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(facts.text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let line = |id: NodeId| starts.partition_point(|start| *start <= tree.bytes(id).start as usize) as u32;
    let may = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Name => is_one(last(facts.words(*id))),
        Syntax::Member { property, .. } => is_one(facts.slice(*property)),
        Syntax::Import { names: list, .. } => list
            .iter()
            .any(|name| is_one(&name.local) || names.contains(&*name.imported)),
        _ => false,
    };
    // A long chain of calls begins lines above its last member: what counts is the line of the name.
    let at = |id: NodeId| match tree.syntax(id) {
        Syntax::Member { property, .. } => starts.partition_point(|start| *start <= property.start as usize) as u32,
        _ => line(id),
    };
    tree.ids().filter(|id| may(id) && on(at(*id))).collect()
}

pub(super) fn last(words: &str) -> &str {
    words.rsplit("::").next().unwrap_or(words)
}

/// What a candidate means.
fn followed(code: &Code<'_>, at: At, ground: &Ground, trail: &mut Trail) -> Vec<Use> {
    let facts = code.facts(at.unit);
    let use_of = |target: At, word: &str, trail: &mut Trail| {
        let (path, name) = declared(code, target)?;
        Some(Use {
            path,
            name,
            span: place(facts, at.node).in_file(facts.file),
            from: facts.path.clone(),
            call: CallShape::of(&facts.tree, at.node, |id| facts.words(id).to_owned()),
            taken: Taken::of(&facts.tree, at.node, |bytes| facts.slice(bytes).to_owned()),
            written: Written::of(facts, at.node),
            direct: is_direct(code, at, trail.restart()),
            import: matches!(code.syntax(at), Syntax::Import { .. }),
            before: false,
            word: word.to_owned(),
        })
    };
    match code.syntax(at) {
        Syntax::Import { from, names, .. } => {
            let each = names.iter().filter(|name| &*name.imported != "*");
            let mut found = Vec::new();
            for name in each {
                let target = code.imported(at.unit, from, &name.imported, trail.restart());
                let own = target.and_then(|target| use_of(target, &name.local, trail));
                // What another file passes on is asked of that file, too.
                let door = ground.target(facts, from, &name.imported);
                let by_default = &*name.imported == "default";
                let passed = own.as_ref().zip(door);
                let passed = passed.filter(|(own, (path, _))| own.path != *path || by_default);
                let passed = passed.map(|(own, (path, name))| Use {
                    path,
                    name,
                    ..own.clone()
                });
                found.extend(passed);
                found.extend(own);
            }
            found
        }
        _ => {
            let word = match code.syntax(at) {
                Syntax::Member { property, .. } => code.slice(at.unit, *property),
                _ => last(code.words(at)),
            };
            let target = code.behind(at, trail.restart());
            let own = target.and_then(|target| use_of(target, word, trail));
            // `shop.Cart`: what the module passes on is asked of the module, too.
            let door = own.as_ref().and_then(|own| {
                let Syntax::Member { object, .. } = code.syntax(at) else {
                    return None;
                };
                let Some(Declared::Import { module, name }) = code.declared(at.with(*object)) else {
                    return None;
                };
                let (path, name) = ground.target(facts, &module, word).filter(|_| &*name == "*")?;
                let passed = Use {
                    path,
                    name,
                    ..own.clone()
                };
                (passed.path != own.path).then_some(passed)
            });
            own.into_iter().chain(door).collect()
        }
    }
}

/// The bytes of the name in a use.
fn place(facts: &FileFacts, node: NodeId) -> crate::source::Bytes {
    match facts.tree.syntax(node) {
        Syntax::Member { property, .. } => *property,
        _ => facts.tree.bytes(node),
    }
}

/// False where only the type of an object says whose member it is.
fn is_direct(code: &Code<'_>, at: At, trail: &mut Trail) -> bool {
    let Syntax::Member { object, .. } = code.syntax(at) else {
        return true;
    };
    let object = at.with(*object);
    if matches!(code.words(object), "this" | "self" | "Self" | "cls") {
        return true;
    }
    let settled = code.settle(object, trail);
    !matches!(
        code.syntax(settled),
        Syntax::Name | Syntax::Member { .. } | Syntax::Field { .. }
    ) || settled == object && is_module(code, object)
}

/// A name that an import brings in as a whole module.
fn is_module(code: &Code<'_>, at: At) -> bool {
    matches!(code.declared(at), Some(Declared::Import { .. }))
}

/// The file and the name of a declaration.
pub(super) fn declared(code: &Code<'_>, target: At) -> Option<(RepoPath, String)> {
    let facts = code.facts(target.unit);
    let bytes = facts.tree.bytes(target.node);
    let symbol = enclosing(code.units()[target.unit].symbols(), bytes)?;
    let mut name = symbol.name.clone();
    match facts.tree.syntax(target.node) {
        Syntax::Field {
            key: Key::Name(key, _), ..
        } => {
            if symbol.kind != SymbolKind::Enum {
                return None;
            }
            name = super::member(facts.language, &name, key);
        }
        _ if !is_whole(&facts.tree, target.node, symbol.name_span.bytes, symbol.span.bytes) => return None,
        _ => {}
    }
    Some((facts.path.clone(), name))
}

/// True if a node is the declaration that a symbol is, or the value that it is bound to, and not something in it.
fn is_whole(tree: &Tree, node: NodeId, name: crate::source::Bytes, whole: crate::source::Bytes) -> bool {
    let bytes = tree.bytes(node);
    if bytes.contains(name) {
        return true;
    }
    // `const name = value`: between the name and the value stands nothing but the binding itself.
    let is_value = |id: NodeId| match tree.syntax(id) {
        Syntax::Let {
            value: Some(value),
            pattern,
            ..
        } => tree.bytes(*pattern) == name && tree.bytes(*value).contains(bytes) && tree.bare(*value) == tree.bare(node),
        Syntax::Entry { value, .. } | Syntax::Field { value: Some(value), .. } | Syntax::Assign { value, .. } => {
            tree.bare(*value) == tree.bare(node) && whole.contains(tree.bytes(id))
        }
        Syntax::Export { item: Some(item), .. } => tree.bare(*item) == tree.bare(node),
        _ => false,
    };
    std::iter::once(node).chain(tree.ancestors(node)).take(4).any(is_value)
}
