//! Routes that are there in one state alone: `if (useQuotes()) { app.use(quotesRouter) }`. Enters: the code of one tree and some of its tests. Leaves:
//! needs of the tests that request such a route and expect a good answer.
//!
//! The router is followed to the file that makes it, which nothing else may import, and whose routes nothing else may serve. A path is what is written: the
//! same text, or the same constant (`PATHS.QUOTES`). Where everything else is answered too (`app.get('*', …)`), nothing is said.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::acts::file::{Known, TestFile};
use super::acts::requests::status_of;
use super::acts::yields::callee_name;
use super::evidence::Need;
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, TestCase};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, FileId, RepoPath, Sources, Span, View};

/// Methods that put a router into an application.
const MOUNTS: [&str; 2] = ["use", "register"];
/// What answers every path.
const CATCHES_ALL: [&str; 6] = ["'*'", "\"*\"", "'/*'", "\"/*\"", "'*splat'", "setNotFoundHandler"];

/// `router.get(PATHS.QUOTES, …)`
static ROUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let path = r#"'[^'\n]+'|"[^"\n]+"|[A-Za-z_$][\w$]*(?:\.[\w$]+)+"#;
    Regex::new(&format!(
        r"(?i)(?:router|routes|app|server|fastify|instance)\s*\.\s*(get|post|put|patch|delete)\(\s*({path})\s*,"
    ))
    .ok()
});

/// A route that is served in one state alone.
struct Mounted<'a> {
    guard: &'a Guard,
    key: &'a FlagKey,
    value: FlagValue,
    place: Span,
}

/// Routes by method and path as written.
type Routes<'a> = BTreeMap<(String, String), Mounted<'a>>;

/// The needs of `tests`, by test and flag.
#[must_use]
pub(super) fn needs(
    sources: &Sources,
    view: &View,
    index: &CodeIndex,
    tests: &[usize],
) -> Vec<((usize, FlagKey), Need)> {
    let routes = routes(sources, view, index);
    let mut files: BTreeMap<&RepoPath, Known> = BTreeMap::new();
    let mut found = Vec::new();
    for test in tests.iter().filter(|_| !routes.is_empty()) {
        let Some(case) = index.tests.get(*test).filter(|case| case.gate.is_none()) else {
            continue;
        };
        let Some((path, facts)) = index.files.get_key_value(&case.path) else {
            continue;
        };
        let file = TestFile::new(facts, files.entry(path).or_insert_with(|| Known::of(facts)));
        let asked: Vec<(&Mounted<'_>, Span)> = case
            .bodies
            .iter()
            .filter(|body| body.file == facts.file)
            .flat_map(|body| requested(file, body.bytes, &routes))
            .collect();
        for (mounted, assertion) in &asked {
            if asked
                .iter()
                .all(|(other, _)| other.key != mounted.key || other.value == mounted.value)
            {
                found.push(((*test, mounted.key.clone()), need(case, mounted, *assertion)));
            }
        }
    }
    found
}

/// The routes among those that a region requests and expects a good answer of, with the assertion.
fn requested<'r, 'a>(file: TestFile<'_>, region: Bytes, routes: &'r Routes<'a>) -> Vec<(&'r Mounted<'a>, Span)> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let one = |id: NodeId| {
        let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
            return None;
        };
        let method = callee_name(facts, *callee);
        let path = written(facts.words(*args.first()?));
        let mounted = routes.get(&(method.to_owned(), path))?;
        let (status, assertion) = status_of(file, id, region)?;
        let sure = super::sure::fails_its_test(facts, id, region);
        (sure && (200..400).contains(&status)).then(|| (mounted, assertion.in_file(facts.file)))
    };
    file.nodes(region).filter_map(one).collect()
}

/// A path as it is written, whatever its quotes.
fn written(words: &str) -> String {
    words.trim().trim_matches(['"', '\'', '`']).to_owned()
}

fn is_script(path: &RepoPath) -> bool {
    matches!(
        Language::of(path),
        Some(Language::JavaScript | Language::TypeScript | Language::Tsx)
    )
}

/// All routes that stand in routers which one state alone mounts.
fn routes<'a>(sources: &Sources, view: &View, index: &'a CodeIndex) -> Routes<'a> {
    let mut found: Routes<'a> = BTreeMap::new();
    let Some(route) = ROUTE.as_ref() else { return found };
    let code: Vec<(&RepoPath, FileId)> = view
        .files
        .iter()
        .filter(|(path, _)| is_script(path) && !index.test_files.contains(path))
        .map(|(path, file)| (path, *file))
        .collect();
    let text = |file: FileId| &*sources.file(file).text;
    for guard in index.guards.iter().filter(|guard| guard.when.len() == 1) {
        let path = sources.path(guard.region.file);
        let Some(facts) = index
            .files
            .get(path)
            .filter(|_| is_script(path) && !index.test_files.contains(path))
        else {
            continue;
        };
        if CATCHES_ALL.iter().any(|all| facts.text.contains(all)) {
            continue;
        }
        for name in mounts(facts, guard.region.bytes) {
            let Some(router) = router(index, facts, name, guard) else {
                continue;
            };
            let Some(file) = view.files.get(router).filter(|_| is_alone(&code, router, path, &text)) else {
                continue;
            };
            for hit in route.captures_iter(text(*file)) {
                let (Some(whole), method, path) = (hit.get(0), hit[1].to_lowercase(), written(&hit[2])) else {
                    continue;
                };
                let elsewhere = code.iter().filter(|(other, _)| *other != router).any(|(_, other)| {
                    text(*other).contains(&path)
                        && route
                            .captures_iter(text(*other))
                            .any(|other| other[1].to_lowercase() == method && written(&other[2]) == path)
                });
                if !elsewhere {
                    let mounted = Mounted {
                        guard,
                        key: &guard.when[0].key,
                        value: guard.when[0].value,
                        place: Bytes::new(whole.start(), whole.end()).in_file(*file),
                    };
                    found.insert((method, path), mounted);
                }
            }
        }
    }
    found
}

/// The names that a region puts into an application.
fn mounts(facts: &FileFacts, region: Bytes) -> Vec<&str> {
    let tree = &facts.tree;
    let inside = tree.ids().filter(|id| region.contains(tree.bytes(*id)));
    let name = |id: NodeId| {
        let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
            return None;
        };
        let [only] = args.as_slice() else { return None };
        let mounts =
            matches!(tree.syntax(*callee), Syntax::Member { .. }) && MOUNTS.contains(&callee_name(facts, *callee));
        (mounts && matches!(tree.syntax(*only), Syntax::Name)).then(|| facts.words(*only))
    };
    inside.filter_map(name).collect()
}

/// The file of a router that a file imports and names nowhere else than in the region of a guard.
fn router<'a>(index: &'a CodeIndex, facts: &FileFacts, name: &str, guard: &Guard) -> Option<&'a RepoPath> {
    let tree = &facts.tree;
    let elsewhere = tree.ids().any(|id| {
        let named = matches!(tree.syntax(id), Syntax::Name) && facts.words(id) == name;
        named && !guard.region.bytes.contains(tree.bytes(id))
    });
    let import = tree.ids().find(|id| match tree.syntax(*id) {
        Syntax::Import { names, .. } => names.iter().any(|of| &*of.local == name),
        _ => false,
    })?;
    let mut edges = index
        .imports
        .iter()
        .filter(|edge| edge.from == facts.path && !edge.type_only && tree.bytes(import).contains(edge.span.bytes));
    let edge = edges.next().filter(|_| !elsewhere)?;
    edges.all(|other| other.to == edge.to).then_some(&edge.to)
}

/// True if a file makes one router, and no other file than `user` seems to import it.
fn is_alone<'s>(
    code: &[(&RepoPath, FileId)],
    router: &RepoPath,
    user: &RepoPath,
    text: &impl Fn(FileId) -> &'s str,
) -> bool {
    let stem = router.file_name().split('.').next().unwrap_or_default();
    let imported = [format!("/{stem}'"), format!("/{stem}\""), format!("/{stem}.js")];
    code.iter().all(|(path, file)| {
        let text = text(*file);
        if *path == router {
            return text.matches("Router(").count() < 2;
        }
        *path == user || !imported.iter().any(|way| text.contains(way.as_str()))
    })
}

fn need(case: &TestCase, mounted: &Mounted<'_>, assertion: Span) -> Need {
    let because = vec![
        Evidence {
            role: Role::Assertion,
            span: assertion,
            note: format!("the route is there only with `{}` {}", mounted.key, mounted.value),
        },
        Evidence {
            role: Role::Test,
            span: case.title_span,
            note: "in this test".into(),
        },
        Evidence {
            role: Role::Guard,
            span: mounted.place,
            note: "serves it".into(),
        },
        Evidence {
            role: Role::Guard,
            span: mounted.guard.condition,
            note: format!("decides by `{}`", mounted.key),
        },
    ];
    Need {
        value: mounted.value,
        certainty: NeedCertainty::Likely,
        because,
        assertion: Some(assertion),
    }
}

#[cfg(test)]
mod tests;
