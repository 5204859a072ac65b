//! Routes that two files serve: by where they lie (Next.js, SvelteKit), or because both add to one router. Enters: the [`Work`] of both. Leaves: [`Breach`]es.

use std::collections::BTreeMap;

use super::paths;
use super::spoken::{breach, is_of_tests};
use super::touched::{number, words};
use super::work::{Store, Work};
use super::{Breach, BreachKind, Certainty};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language};
use crate::source::{FileId, RepoPath, Sources, Span};

/// Extensions of pages, in the order in which they are tried.
const PAGES: [&str; 5] = ["tsx", "ts", "jsx", "js", "mdx"];

/// Routes of both sides that one URL leads to.
pub(super) fn pages(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Breach> {
    let mut found = by_folder(sources, works);
    found.extend(by_router(sources, works, store));
    found
}

/// A place that serves a URL: the folder that all begin in, the parts of the URL, and how it is told from others there.
pub(super) type Place = (String, Vec<String>);

/// New files of both sides that one URL leads to. Dynamic parts of other names (`[id]`, `[slug]`) collide, too.
fn by_folder(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [mine, others] = works.map(|work| {
        work.later.places.get_or_init(|| {
            let new = work.new_paths();
            new.filter_map(|path| Some((place(path)?, path.clone()))).collect()
        })
    });
    let mut found = Vec::new();
    for ((root, url), path) in mine {
        let Some(other) = others.get(&(root.clone(), url.clone())).filter(|other| *other != path) else {
            continue;
        };
        let files = [(works[0], path), (works[1], other)].map(|(work, path)| work.text_of(path));
        let [Some(a), Some(b)] = files else { continue };
        let shown = format!("/{}", url.join("/"));
        let deeds = [format!("serves {shown} by {path}"), format!("serves it by {other}")];
        let what = (BreachKind::Route, Certainty::Seen, shown.as_str());
        found.push(breach(0, what, deeds, [a, b].map(|file| sources.line(file, 1))));
    }
    found
}

/// Where a file serves what.
fn place(path: &RepoPath) -> Option<Place> {
    let folders: Vec<&str> = path.parent().split('/').filter(|part| !part.is_empty()).collect();
    let (stem, extension) = path.file_name().split_once('.')?;
    let is_page = PAGES.contains(&extension);
    let svelte = path.file_name().starts_with("+page") || path.file_name().starts_with("+server");
    let from = if svelte {
        // `+page.svelte` and `+page.ts` are one page; `+server.ts` may stand beside it.
        folders.windows(2).position(|pair| pair == ["src", "routes"])? + 2
    } else if is_page && matches!(stem, "page" | "route") {
        folders.iter().position(|part| *part == "app")? + 1
    } else if is_page {
        let api = folders.windows(2).position(|pair| pair == ["pages", "api"])?;
        let parts = folders[api + 1..]
            .iter()
            .copied()
            .chain((stem != "index").then_some(stem));
        return Some((folders[..api].join("/"), parts.map(part).collect()));
    } else {
        return None;
    };
    let inner = &folders[from..];
    // Slots and intercepted routes are shown beside others; private folders serve nothing.
    let beside = |part: &&str| part.starts_with('@') || part.starts_with("(.") || part.starts_with('_');
    if inner.iter().any(beside) {
        return None;
    }
    let shown = inner
        .iter()
        .filter(|part| !(part.starts_with('(') && part.ends_with(')')));
    let root = folders[..from].join("/");
    let root = match svelte {
        true if path.file_name().starts_with("+server") => format!("{root} +server"),
        true if extension != "svelte" => return None,
        _ => root,
    };
    Some((root, shown.map(|part| self::part(part)).collect()))
}

/// A part of a URL: what it is called does not tell a dynamic one from another.
fn part(part: &str) -> String {
    let open = part.starts_with('[') && part.ends_with(']');
    match (open, part.contains("...")) {
        (true, true) => "[...]".to_owned(),
        (true, false) if !part.contains('=') => "[]".to_owned(),
        _ => part.to_owned(),
    }
}

/// New routes of both that are added to one router in different files: the same one that both import, or one of the same prefix in one folder.
fn by_router(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Breach> {
    let [mine, others] = works.map(|work| &work.later.paths.get_or_init(|| Paths::of(sources, work)).0);
    let common: Vec<&String> = mine.keys().filter(|path| others.contains_key(*path)).collect();
    let mut found = Vec::new();
    for path in common {
        let all = [(0, mine), (1, others)].map(|(side, of)| {
            let files = of[path].iter().take(8);
            let each = files.flat_map(|from| routes_of(sources, works[side], from, path, store));
            each.collect::<BTreeMap<Added, Span>>()
        });
        let [ours, theirs] = &all;
        for (route, span) in ours {
            let Some(other) = theirs.get(route).filter(|other| other.file != span.file) else {
                continue;
            };
            let files = [*span, *other].map(|span| sources.path(span.file));
            if files[0] == files[1] {
                continue;
            }
            let name = format!("{} {}{}", route.1.to_uppercase(), route.3, route.2)
                .trim()
                .to_owned();
            let deeds = [
                format!("serves {name} in {}", files[0]),
                format!("serves it in {}, by the same router", files[1]),
            ];
            found.push(breach(
                0,
                (BreachKind::Route, Certainty::Likely, &name),
                deeds,
                [*span, *other],
            ));
        }
    }
    found
}

/// A route by what it is added to: the router, the method, the path, the prefix.
type Added = (String, String, String, String);

/// The new routes of a file that have this path and whose router others may add to.
fn routes_of(sources: &Sources, work: &Work, from: &RepoPath, path: &str, store: &Store) -> Vec<(Added, Span)> {
    let parsed = work.text_of(from).and_then(|file| store.parsed(sources, file));
    let Some(parsed) = parsed.filter(|_| !is_of_tests(from, "")) else {
        return Vec::new();
    };
    let facts = &parsed.unit.facts;
    let new = work.new_lines(from);
    let routes = paths::served(facts).into_iter().filter_map(|(route, bytes, _)| {
        let span = bytes.in_file(facts.file);
        let (origin, prefix) = (route.path == path && new.contains(&sources.start(span).line))
            .then(|| origin(facts, route.router()))??;
        Some(((origin, route.method, route.path, prefix), span))
    });
    routes.collect()
}

/// Where a router comes from, and the prefix of what is added to it.
fn origin(facts: &FileFacts, router: &str) -> Option<(String, String)> {
    let tree = &facts.tree;
    let folder = facts.path.parent();
    for id in tree.ids() {
        match tree.syntax(id) {
            Syntax::Import { from, names, .. } => {
                let Some(name) = names.iter().find(|name| &*name.local == router) else {
                    continue;
                };
                let dots = from.len() - from.trim_start_matches('.').len();
                let module = match (facts.language, dots) {
                    (Language::Python, 0) | (Language::Go, _) => from.to_string(),
                    (Language::Python, dots) => {
                        let parts: Vec<&str> = folder.split('/').collect();
                        let kept = parts.len().checked_sub(dots - 1)?;
                        format!("{}.{}", parts[..kept].join("."), &from[dots..])
                    }
                    _ => return None,
                };
                return Some((format!("{module} {}", name.imported), String::new()));
            }
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            }
            | Syntax::Assign { target: pattern, value }
                if facts.words(*pattern) == router && facts.language == Language::Python =>
            {
                let made = facts.words(*value);
                let prefix = made
                    .split_once("prefix")?
                    .1
                    .trim_start()
                    .strip_prefix('=')?
                    .trim_start();
                let quote = prefix.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                let prefix = prefix[1..].split(quote).next().filter(|prefix| prefix.len() > 1)?;
                return Some((format!("in {folder}"), prefix.to_owned()));
            }
            _ => {}
        }
    }
    None
}

/// What new lines have in quotes that begins like a path, with the files of code that say it.
#[derive(Debug, Default)]
pub(super) struct Paths(BTreeMap<String, Vec<RepoPath>>);

impl Paths {
    /// Of what a side changed.
    pub(super) fn of(sources: &Sources, work: &Work) -> Self {
        let mut found: BTreeMap<String, Vec<RepoPath>> = BTreeMap::new();
        let served = [
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "route",
            "HandleFunc",
            "Handle",
            "GET",
            "POST",
            "PUT",
            "DELETE",
            "Get",
            "Post",
        ];
        let signs: Vec<u64> = served.iter().map(|word| number(word)).collect();
        for (path, touched) in &work.touched {
            let asked = matches!(path.extension(), "py" | "go") && signs.iter().any(|sign| touched.said.contains(sign));
            let Some(file) = work.text_of(path).filter(|_: &FileId| asked) else {
                continue;
            };
            let new = touched.new_lines();
            for (line, _) in sources
                .file(file)
                .text
                .lines()
                .zip(1u32..)
                .filter(|(_, at)| new.contains(at))
            {
                let serves = words(line).any(|word| served.contains(&word));
                for text in line
                    .split(['"', '\''])
                    .skip(1)
                    .step_by(2)
                    .filter(|text| serves && text.starts_with('/'))
                {
                    let files = found.entry(text.to_owned()).or_default();
                    if !files.contains(path) {
                        files.push(path.clone());
                    }
                }
            }
        }
        Self(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_pages_lie() {
        let of = |path: &str| {
            place(&RepoPath::new(path).expect("a path")).map(|(root, url)| format!("{root} /{}", url.join("/")))
        };
        assert_eq!(of("web/app/(shop)/cart/page.tsx").as_deref(), Some("web/app /cart"));
        assert_eq!(of("web/app/cart/route.ts").as_deref(), Some("web/app /cart"));
        assert_eq!(of("web/app/@modal/cart/page.tsx"), None);
        assert_eq!(of("app/posts/[id]/page.tsx"), of("app/posts/[slug]/page.tsx"));
        assert_eq!(of("src/routes/(a)/x/+page.svelte").as_deref(), Some("src/routes /x"));
        assert_eq!(of("src/routes/x/+server.ts").as_deref(), Some("src/routes +server /x"));
        assert_eq!(
            of("pages/api/cart/index.ts").as_deref(),
            of("pages/api/cart.ts").as_deref()
        );
        assert_eq!(of("src/cart/page.tsx"), None);
    }
}
