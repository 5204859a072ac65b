//! Routes that one side serves no more and the other's new lines request. Enters: the [`Work`] of both. Leaves: [`Vanished`] names: the path is searched for in
//! the whole tree.

use super::spoken::{is_of_tests, without_comment};
use super::touched::{number, words};
use super::vanished::Vanished;
use super::work::Work;
use super::{BreachKind, Certainty};
use crate::conflict::LineRange;
use crate::index::schema::is_migration;
use crate::lang::Language;
use crate::source::{RepoPath, Sources, Span};

/// Names of calls that serve a path, or request it: what they are called on tells which.
const CALLS: [&str; 8] = ["get", "post", "put", "patch", "delete", "route", "add", "all"];

/// What routes are added to.
const SERVERS: [&str; 12] = [
    "app",
    "router",
    "routes",
    "route",
    "server",
    "fastify",
    "hono",
    "api",
    "bp",
    "blueprint",
    "mux",
    "r",
];

/// Words of a line that requests.
const REQUESTS: [&str; 12] = [
    "fetch", "axios", "http", "client", "request", "get", "post", "put", "patch", "delete", "url", "handle",
];

/// The routes that each side takes away and the other requests.
pub(super) fn requested(sources: &Sources, works: [&Work; 2]) -> Vec<Vanished> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let (breaker, user) = (works[by], works[other]);
        let gone = breaker.later.unserved.get_or_init(|| unserved(sources, breaker));
        for (path, was) in gone {
            if !words(path).all(|word| user.says(number(word))) {
                continue;
            }
            let Some(used) = requests(sources, user, path, sources.path(was.file)) else {
                continue;
            };
            let (file, line) = (sources.path(used.file), sources.start(used).line);
            found.push(Vanished {
                by,
                word: path.clone(),
                subject: path.clone(),
                kind: BreachKind::Route,
                certainty: [Some(Certainty::Likely), Some(Certainty::Possible)],
                deeds: [
                    format!("serves {path} no more (it did in {})", sources.path(was.file)),
                    format!("requests {path} in {file}:{line}"),
                ],
                was: *was,
                used,
            });
        }
    }
    found
}

/// What stands in quotes on a line and looks like a path, with what stands before it.
fn quoted(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = line.split(['"', '\'', '`']);
    let mut before = parts.next().unwrap_or_default();
    let mut inside = true;
    parts.filter_map(move |part| {
        let found = (inside && part.starts_with('/')).then_some((before, part));
        if !inside {
            before = part;
        }
        inside = !inside;
        found
    })
}

/// True if what stands before a path in quotes adds a route: a decorator, a call on a router, the name of a method in quotes before it.
fn serves(line: &str, before: &str) -> bool {
    let method = [
        "\"GET\"",
        "\"POST\"",
        "\"PUT\"",
        "\"PATCH\"",
        "\"DELETE\"",
        "'GET'",
        "'POST'",
        "'PUT'",
        "'PATCH'",
        "'DELETE'",
    ];
    let head = line[..line.find(['"', '\'', '`']).unwrap_or(line.len())]
        .trim_end_matches('(')
        .trim();
    let Some((receiver, name)) = head.rsplit_once('.') else {
        return false;
    };
    let receiver = receiver
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or_default();
    let small = receiver.to_lowercase();
    let server = SERVERS.contains(&small.as_str())
        || small.ends_with("router")
        || small.ends_with("app")
        || small.ends_with("mux");
    let call = CALLS.contains(&name.to_lowercase().as_str()) || matches!(name, "HandleFunc" | "Handle");
    let first = before.trim_end().ends_with('(') || before.is_empty();
    let named = name == "add" && method.iter().any(|method| line.contains(method));
    server && call && (first || named)
}

/// The paths that old lines served and no line of what changed says now.
fn unserved(sources: &Sources, breaker: &Work) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    for (path, touched) in &breaker.touched {
        let base = breaker.texts().get(path).and_then(|texts| texts.base);
        let Some(file) = base.filter(|_| touched.code && !is_of_tests(path, "")) else {
            continue;
        };
        let lines: Vec<&str> = sources.file(file).text.lines().collect();
        let each = |range: &LineRange| range.start..range.start + range.count;
        for at in touched.hunks.iter().flat_map(|(old, _)| each(old)) {
            let Some(line) = lines.get(at.saturating_sub(1) as usize) else {
                continue;
            };
            for (before, text) in quoted(line) {
                let plain = text
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
                let long = text.len() >= 4 && text.chars().skip(1).any(char::is_alphabetic);
                if plain && long && serves(line, before) && !found.iter().any(|(known, _)| known == text) {
                    found.push((text.to_owned(), sources.line(file, at)));
                }
            }
        }
    }
    if !found.is_empty() {
        let sides = breaker.texts().values().filter_map(|texts| texts.side);
        for file in sides {
            let text = &sources.file(file).text;
            found.retain(|(path, _)| {
                !text.contains(path.as_str()) || !text.lines().any(|line| quoted(line).any(|(_, said)| said == path))
            });
        }
    }
    found
}

/// The first new line that requests it, in another file than the one that served it; nothing where a new line serves it.
fn requests(sources: &Sources, user: &Work, wanted: &str, served: &RepoPath) -> Option<Span> {
    let mut first = None;
    for (path, touched) in &user.touched {
        let code = Language::of(path).is_some_and(Language::is_built) && !is_migration(path);
        if !code || !words(wanted).all(|word| touched.said.contains(&number(word))) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        for (line, at) in user.new_text(sources, path) {
            let line = without_comment(path, line);
            let asked = quoted(line).find(|(_, text)| text.split('?').next() == Some(wanted));
            let Some((before, _)) = asked else { continue };
            if serves(line, before) || line.trim_start().starts_with('@') {
                return None;
            }
            let small = line.to_lowercase();
            if path != served && words(&small).any(|word| REQUESTS.contains(&word)) {
                first = first.or(Some(sources.line(file, at)));
            }
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_serves_and_who_requests() {
        let is = |line: &str| quoted(line).any(|(before, _)| serves(line, before));
        assert!(
            is("@app.get(\"/health\")")
                && is("\tmux.HandleFunc(\"/api/items\", h)")
                && is("router.add('GET', '/teas', list)")
        );
        assert!(!is("r = self.http.get(\"/health\")") && !is("res, err := http.Get(c.Base + \"/api/count\")"));
        assert!(!is("const base = '/teas';") && !is("client.get('/teas')"));
    }
}
