//! Names that both sides of a pair add to one scope and that only one of them can have there. Enters: the [`Work`] of both. Leaves: [`Breach`]es.
//!
//! Where a language lets several things of one name stand side by side (overloads, ways to get and set, what is built for another system, what a
//! condition chooses, what a decorator hands to somebody else) nothing is said.

use std::collections::{BTreeMap, BTreeSet};

use super::twice::breach;
use super::work::{Parsed, Work};
use super::{Breach, BreachKind, Certainty};
use crate::conflict::outline::{Item, ItemKind};
use crate::index::SymbolKind;
use crate::index::build_tags;
use crate::lang::Language;
use crate::lang::tree::Syntax;
use crate::source::RepoPath;

/// Decorators of Python below which a second function of the name takes the place of the first.
const PLAIN: [&str; 16] = [
    "staticmethod",
    "classmethod",
    "property",
    "cached_property",
    "functools.cached_property",
    "functools.lru_cache",
    "functools.cache",
    "lru_cache",
    "cache",
    "contextmanager",
    "contextlib.contextmanager",
    "abstractmethod",
    "abc.abstractmethod",
    "dataclass",
    "dataclasses.dataclass",
    "override",
];

/// Words in the name of a Go file that say for which system it is built (`go tool dist list`).
const SYSTEMS: [&str; 36] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "linux",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "386",
    "amd64",
    "arm",
    "arm64",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mipsle",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "wasm",
    "unix",
    "zos",
    "hurd",
    "nacl",
    "sparc64",
    "riscv",
    "ppc",
];

/// Names that both add to one file (Go: to one package) and that only one of them can have there.
pub(super) fn names(works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works;
    let [ours, theirs] = [added(ours, theirs), added(theirs, ours)];
    let mut found: Vec<Breach> = Vec::new();
    let mut owners: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (scope, mine) in &ours {
        let Some(other) = theirs.get(scope) else { continue };
        let within = owners.iter().any(|(file, owner)| {
            let rest = scope.name.strip_prefix(owner);
            *file == scope.place && rest.is_some_and(|rest| rest.starts_with(['.', ':']))
        });
        if within
            || mine.path == other.path && mine.parsed.outline.body(mine.item) == other.parsed.outline.body(other.item)
        {
            continue;
        }
        owners.insert((&scope.place, &scope.name));
        let language = mine.parsed.unit.facts.language;
        let silent = matches!(language, Language::Python | Language::Ruby | Language::JavaScript);
        let certainty = if silent { Certainty::Likely } else { Certainty::Seen };
        let deed = format!("adds {} {} to {}", mine.item.kind.word(), scope.name, mine.path);
        let span = |added: &Added<'_>| vec![added.item.name_bytes.in_file(added.parsed.unit.facts.file)];
        let mut one = breach(
            BreachKind::AddedTwice,
            certainty,
            scope.name.clone(),
            &deed,
            [span(mine), span(other)],
        );
        if mine.path != other.path {
            one.deeds[1] = format!("adds it to {}", other.path);
        }
        found.push(one);
    }
    found
}

/// Something new.
struct Added<'w> {
    path: &'w RepoPath,
    parsed: &'w Parsed,
    item: &'w Item,
}

/// In which only one of a name can be.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    /// A file, or the folder of a package.
    place: String,
    name: String,
    /// Types and values may have one name.
    is_type: bool,
    /// For which builds it is there, and what else keeps it apart.
    condition: String,
}

/// What a side adds and nobody else may add beside it, as far as the other one changed the same places.
fn added<'w>(work: &'w Work, other: &Work) -> BTreeMap<Scope, Added<'w>> {
    let mut found = BTreeMap::new();
    let go = other.code.keys().filter(|path| path.extension() == "go");
    let packages: BTreeSet<&str> = go.map(RepoPath::parent).collect();
    for (path, change) in &work.code {
        let Some(parsed) = &change.side else { continue };
        let language = parsed.unit.facts.language;
        let package = language == Language::Go && !path.file_name().ends_with("_test.go");
        // A new file that both have is git's; a file of declarations only tells what is elsewhere.
        let both = if package {
            packages.contains(path.parent())
        } else {
            other.code.contains_key(path)
        };
        if !both || (change.base.is_none() && !package) || path.as_str().ends_with(".d.ts") {
            continue;
        }
        for key in change.added() {
            let Some(item) = parsed.item(key).filter(|item| is_alone(language, item)) else {
                continue;
            };
            let Some(condition) = condition(path, parsed, item) else {
                continue;
            };
            let place = if package { path.parent() } else { path.as_str() };
            let is_type = language == Language::Rust
                && !matches!(item.kind, ItemKind::Symbol(SymbolKind::Function | SymbolKind::Constant));
            let scope = Scope {
                place: place.to_owned(),
                name: key.name.clone(),
                is_type,
                condition,
            };
            found.insert(scope, Added { path, parsed, item });
        }
    }
    found
}

/// True for what only one can be of its name in its scope.
fn is_alone(language: Language, item: &Item) -> bool {
    let ItemKind::Symbol(kind) = item.kind else {
        return false;
    };
    let script = matches!(language, Language::TypeScript | Language::Tsx | Language::JavaScript);
    match kind {
        // Impls of several traits have methods of one name; other languages have overloads.
        SymbolKind::Method | SymbolKind::Function => match language {
            Language::Rust => kind == SymbolKind::Function,
            Language::Java | Language::Kotlin | Language::CSharp | Language::Ruby => false,
            Language::Go => !matches!(item.key.name.as_str(), "init" | "main" | "_"),
            _ => item.key.nth == 0,
        },
        // Declarations of one interface or namespace are put together.
        SymbolKind::Type | SymbolKind::Module => !script && language != Language::Ruby,
        SymbolKind::Class => !matches!(language, Language::Ruby | Language::CSharp),
        SymbolKind::Constant => {
            !matches!(item.key.name.as_str(), "_")
                && matches!(
                    language,
                    Language::Rust | Language::Go | Language::TypeScript | Language::Tsx
                )
        }
        SymbolKind::Enum => !script,
    }
}

/// What keeps an item apart from others of its name: two of one condition collide. Nothing for what may stand beside another one.
fn condition(path: &RepoPath, parsed: &Parsed, item: &Item) -> Option<String> {
    let facts = &parsed.unit.facts;
    let head = parsed.outline.head(item, &facts.text);
    match facts.language {
        Language::Go => built_for(path, &facts.text),
        Language::Rust => chosen(parsed, item, head),
        Language::Python => plain(parsed, item, head).then(String::new),
        Language::TypeScript | Language::Tsx | Language::JavaScript => {
            let words: Vec<&str> = head.split_whitespace().collect();
            let kept = words
                .into_iter()
                .filter(|word| matches!(*word, "get" | "set" | "static"));
            Some(kept.collect::<Vec<&str>>().join(" "))
        }
        Language::Ruby | Language::Java | Language::Kotlin | Language::CSharp => Some(String::new()),
    }
}

/// Go: the package, the constraint and the system for which a file is built; nothing for a program that is started by itself.
fn built_for(path: &RepoPath, text: &str) -> Option<String> {
    let constraint = build_tags::constraint(text).unwrap_or_default();
    let old = text.lines().take_while(|line| !line.starts_with("package "));
    let old: String = old.filter(|line| line.starts_with("// +build")).collect();
    if constraint.contains("ignore") || old.contains("ignore") {
        return None;
    }
    let package = text
        .lines()
        .find_map(|line| line.strip_prefix("package "))
        .unwrap_or_default();
    let stem = path.file_name().trim_end_matches(".go");
    let systems = stem.split('_').skip(1).filter(|word| SYSTEMS.contains(word));
    let systems: Vec<&str> = systems.collect();
    Some(format!("{package} {constraint} {old} {}", systems.join(" ")))
}

/// Rust: the attributes that choose it; nothing for what belongs to an impl, or to one of several modules of a name.
fn chosen(parsed: &Parsed, item: &Item, head: &str) -> Option<String> {
    let name = &item.key.name;
    if let Some((owner, _)) = name.rsplit_once("::") {
        let mut owners = parsed.outline.items.iter().filter(|other| other.key.name == owner);
        let module = |item: &Item| item.kind == ItemKind::Symbol(SymbolKind::Module);
        let only = owners.next().filter(|owner| module(owner) && owners.next().is_none())?;
        if parsed.outline.head(only, &parsed.unit.facts.text).contains("cfg_attr") {
            return None;
        }
    }
    let chosen = head.lines().map(str::trim).filter(|line| line.starts_with("#[cfg"));
    Some(chosen.collect::<Vec<&str>>().join(" "))
}

/// Python: true for what takes the place of an earlier one of its name: no decorator hands it on, and it stands under no condition.
fn plain(parsed: &Parsed, item: &Item, head: &str) -> bool {
    let mut decorators = head.lines().map(str::trim).filter_map(|line| line.strip_prefix('@'));
    let is_plain = |name: &str| {
        let name = name.split('(').next().unwrap_or(name).trim();
        PLAIN.contains(&name)
            || ["pytest.", "mock.", "patch"]
                .iter()
                .any(|start| name.starts_with(start))
    };
    if !decorators.all(is_plain) {
        return false;
    }
    let facts = &parsed.unit.facts;
    let tree = &facts.tree;
    let around = |id| {
        tree.ancestors(id)
            .take_while(|outer| !matches!(tree.syntax(*outer), Syntax::Class { .. } | Syntax::Function(_)))
            .any(|outer| {
                matches!(
                    tree.syntax(outer),
                    Syntax::If { .. } | Syntax::Loop { .. } | Syntax::With { .. }
                )
            })
    };
    let named = tree.ids().find(|id| match tree.syntax(*id) {
        Syntax::Function(function) => function
            .name
            .as_ref()
            .is_some_and(|(_, bytes)| *bytes == item.name_bytes),
        Syntax::Class { name, .. } => name.as_ref().is_some_and(|(_, bytes)| *bytes == item.name_bytes),
        _ => false,
    });
    // What a `try` may have made stands further in than what is around it.
    let line = |byte: u32| {
        let start = facts.text[..byte as usize].rfind('\n').map_or(0, |at| at + 1);
        let line = &facts.text[start..];
        line.len() - line.trim_start_matches([' ', '\t']).len()
    };
    let top = item.key.name.contains('.') || line(item.name_bytes.start) == 0;
    top && named.is_none_or(|id| !around(id))
}
