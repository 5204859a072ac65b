//! What a manifest offers by name: features of a crate, scripts of a package. One side takes one away, the other one's new lines ask for it. Enters: the
//! [`Work`] of both. Leaves: [`Breach`]es.

use super::spoken::{breach, without_comment};
use super::touched::{number, words};
use super::twice::{LARGEST, line_of, values};
use super::work::{Texts, Work};
use super::{Breach, BreachKind, Certainty};
use crate::source::{RepoPath, Sources, Span};

/// Scripts that a package manager knows by itself.
const BUILT_IN: [&str; 6] = ["install", "publish", "pack", "version", "prepare", "restart"];

/// Something that a manifest offered.
#[derive(Debug)]
pub(super) struct Offered {
    path: RepoPath,
    name: String,
    /// The name of the crate, for a feature; nothing for a script.
    package: Option<String>,
    was: Span,
}

/// What one side offers no more and the other asks for.
pub(super) fn manifests(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let user = works[other];
        let gone = works[by].later.offered.get_or_init(|| gone(sources, works[by]));
        for one in gone
            .iter()
            .filter(|one| words(&one.name).all(|word| user.says(number(word))))
        {
            let Some((used, certainty)) = asked(sources, user, one) else {
                continue;
            };
            let (file, line) = (sources.path(used.file), sources.start(used).line);
            let what = if one.package.is_some() { "feature" } else { "script" };
            let deeds = [
                format!("takes {what} {} out of {}", one.name, one.path),
                format!("asks for {what} {} in {file}:{line}", one.name),
            ];
            found.push(breach(
                by,
                (BreachKind::Removed, certainty, &one.name),
                deeds,
                [one.was, used],
            ));
        }
    }
    found
}

/// What a side's manifests offer no more.
fn gone(sources: &Sources, breaker: &Work) -> Vec<Offered> {
    let mut found = Vec::new();
    for (path, texts) in breaker.texts() {
        match path.file_name() {
            "Cargo.toml" => found.extend(features(sources, path, *texts).unwrap_or_default()),
            "package.json" => found.extend(scripts(sources, path, *texts).unwrap_or_default()),
            _ => {}
        }
    }
    found
}

fn both(sources: &Sources, texts: Texts) -> Option<[&str; 2]> {
    let both = [texts.base?, texts.side?].map(|file| &*sources.file(file).text);
    both.iter().all(|text| text.len() <= LARGEST).then_some(both)
}

fn features(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<Vec<Offered>> {
    let both = both(sources, texts)?;
    let [old, new] = both.map(str::parse::<toml::Table>);
    let (old, new) = (old.ok()?, new.ok()?);
    let table = |of: &toml::Table, name: &str| {
        of.get(name)
            .and_then(|table| table.as_table())
            .cloned()
            .unwrap_or_default()
    };
    let package = table(&old, "package").get("name")?.as_str()?.to_owned();
    let has = table(&new, "features");
    // An optional dependency is a feature, too.
    let optional = |name: &String| {
        let named = |of: &toml::Table| of.get(name).and_then(|one| one.get("optional")).is_some();
        ["dependencies", "build-dependencies"]
            .iter()
            .any(|part| named(&table(&new, part)))
    };
    let gone = table(&old, "features").into_iter().map(|(name, _)| name);
    let gone = gone.filter(|name| !has.contains_key(name) && !optional(name));
    let file = texts.base?;
    let each = gone.filter_map(|name| {
        let was = line_of(sources, file, std::slice::from_ref(&name), "=")
            .first()
            .copied()?;
        Some(Offered {
            path: path.clone(),
            name,
            package: Some(package.clone()),
            was,
        })
    });
    Some(each.collect())
}

fn scripts(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<Vec<Offered>> {
    let [old, new] = both(sources, texts)?;
    let (old, new) = (values(path, old)?, values(path, new)?);
    let file = texts.base?;
    let mut found = Vec::new();
    for (keys, value) in &old {
        let [table, name] = &keys[..] else { continue };
        if table != "scripts" || new.contains_key(keys) || BUILT_IN.contains(&name.as_str()) {
            continue;
        }
        let was = line_of(sources, file, &[format!("\"{name}\"")], value)
            .first()
            .copied()?;
        found.push(Offered {
            path: path.clone(),
            name: name.clone(),
            package: None,
            was,
        });
    }
    Some(found)
}

/// The first new line that asks for it.
fn asked(sources: &Sources, user: &Work, one: &Offered) -> Option<(Span, Certainty)> {
    for (path, touched) in &user.touched {
        if !words(&one.name).all(|word| touched.said.contains(&number(word))) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let text = &*sources.file(file).text;
        let tells = match &one.package {
            Some(package) => feature_in(path, package, one),
            None => script_in(path, text, one),
        };
        let Some((asks, certainty)) = tells else { continue };
        let new = touched.new_lines();
        for (line, at) in text.lines().zip(1u32..).filter(|(_, at)| new.contains(at)) {
            if asks.is(without_comment(path, line), &one.name) {
                return Some((sources.line(file, at), certainty));
            }
        }
    }
    None
}

/// How something is asked for in a file.
enum Asks {
    /// `feature = "x"`
    Condition,
    /// A dependency on the crate, with its features.
    Dependency(String),
    /// `npm run x`
    Run,
}

impl Asks {
    fn is(&self, line: &str, name: &str) -> bool {
        let quoted = format!("\"{name}\"");
        match self {
            Self::Condition => {
                let bare: String = line.split_whitespace().collect();
                bare.contains(&format!("feature={quoted}"))
            }
            Self::Dependency(package) => {
                let of = line.trim_start().trim_start_matches('"').strip_prefix(package.as_str());
                let named = of.is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(['=', '.']));
                let listed = line
                    .split_once("features")
                    .map(|(_, rest)| rest.split(']').next().unwrap_or_default());
                named && listed.is_some_and(|list| list.contains(&quoted))
            }
            Self::Run => {
                let tokens: Vec<&str> = line
                    .split(|c: char| c.is_whitespace() || "\"'`;&|()".contains(c))
                    .collect();
                tokens.windows(3).any(
                    |run| matches!(run, ["npm" | "pnpm" | "yarn" | "bun", "run" | "run-script", last] if *last == name),
                ) || tokens
                    .windows(2)
                    .any(|run| matches!(run, ["yarn" | "pnpm", last] if *last == name))
            }
        }
    }
}

/// A crate asks itself by conditions in its code; others ask in their manifests.
fn feature_in(path: &RepoPath, package: &str, one: &Offered) -> Option<(Asks, Certainty)> {
    let folder = one.path.parent();
    let inside = folder.is_empty() || path.as_str().starts_with(&format!("{folder}/"));
    match path.extension() {
        // Below the root of a workspace there may be other crates.
        "rs" if inside => {
            let own = path.as_str()[folder.len()..].trim_start_matches('/');
            let plain = ["src/", "tests/", "benches/", "examples/"]
                .iter()
                .any(|start| own.starts_with(start));
            plain.then_some((Asks::Condition, Certainty::Likely))
        }
        "toml" if path.file_name() == "Cargo.toml" && *path != one.path => {
            Some((Asks::Dependency(package.to_owned()), Certainty::Seen))
        }
        _ => None,
    }
}

/// Scripts of the same package, and what runs in the folder of the package.
fn script_in(path: &RepoPath, text: &str, one: &Offered) -> Option<(Asks, Certainty)> {
    if *path == one.path {
        return Some((Asks::Run, Certainty::Seen));
    }
    // What goes to another folder first asks another package.
    let elsewhere = [
        "working-directory",
        "--prefix",
        "--filter",
        "--workspace",
        " -w ",
        "cd ",
        "--cwd",
        " -C ",
    ];
    let runs = path.as_str().starts_with(".github/")
        || path.file_name() == ".gitlab-ci.yml"
        || path.as_str().starts_with(".circleci/");
    let here = one.path.parent().is_empty() && !elsewhere.iter().any(|word| text.contains(word));
    (runs && here).then_some((Asks::Run, Certainty::Likely))
}
