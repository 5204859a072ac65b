//! What two sides add to one order of migrations, where the texts themselves tell the order (Alembic, Django), and the columns that Rails adds. Enters: the [`Work`] of both.
//! Leaves: [`Breach`]es. What a text says in another form than the tools write it is not guessed at.

use std::collections::{BTreeMap, BTreeSet};

use super::spoken::breach;
use super::work::Work;
use super::{Breach, BreachKind, Certainty, alembic};
use crate::source::{FileId, RepoPath, Sources, Span};

/// What the two sides do to one order.
pub(super) fn migrations(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    if !works.iter().all(|work| work.may_order()) {
        return Vec::new();
    }
    let mut found = alembic::second_heads(sources, works);
    found.extend(leaves(sources, works));
    found.extend(columns(sources, works));
    found
}

/// A migration of Django, as far as its order goes.
struct Step {
    /// The migrations that it follows, each with its app.
    after: Vec<(String, String)>,
    /// It follows only what its list says, and stands for no others.
    plain: bool,
}

impl Step {
    /// The migrations of this app that it follows.
    fn before(&self, app: &str) -> Vec<&str> {
        let own = self.after.iter().filter(|(label, _)| label == app);
        own.map(|(_, name)| name.as_str()).collect()
    }
}

/// Migrations of Django in one folder: those of one side, or of both.
type Steps<'w> = BTreeMap<&'w RepoPath, (Step, FileId)>;

/// The migrations of Django that a side made or changed, by folder; the second of a folder are those that are new.
fn steps<'w>(sources: &Sources, work: &'w Work) -> BTreeMap<&'w str, (Steps<'w>, BTreeSet<&'w RepoPath>)> {
    let mut found: BTreeMap<&str, (Steps<'_>, BTreeSet<&RepoPath>)> = BTreeMap::new();
    for (path, texts) in work.texts() {
        let folder = path.parent();
        if path.extension() != "py" || !(folder == "migrations" || folder.ends_with("/migrations")) {
            continue;
        }
        let Some(file) = texts.side else { continue };
        if let Some(step) = step(&sources.file(file).text) {
            let (steps, new) = found.entry(folder).or_default();
            steps.insert(path, (step, file));
            new.extend(texts.base.is_none().then_some(path));
        }
    }
    found
}

/// Two new migrations of one app that follow the same one while nothing joins them: then there are two leaves, and `migrate` stops.
fn leaves(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let [ours, theirs] = works.map(|work| steps(sources, work));
    let mut found = Vec::new();
    for (folder, (mine, new)) in &ours {
        let Some((others, newer)) = theirs.get(folder) else {
            continue;
        };
        let all = mine.iter().chain(others);
        let all: Vec<(&RepoPath, &Step)> = all.map(|(path, (step, _))| (*path, step)).collect();
        let Some(app) = app(folder, &all).filter(|_| all.iter().all(|(_, step)| step.plain)) else {
            continue;
        };
        let order: Vec<(&str, Vec<&str>)> = all.iter().map(|(path, step)| (stem(path), step.before(app))).collect();
        let mut told = BTreeSet::new();
        for one in new.difference(newer) {
            for other in newer.difference(new) {
                let shared = shared([&mine[one].0, &others[other].0], app).filter(|name| !is_gone(works, folder, name));
                let apart = || last(stem(one), &order).is_disjoint(&last(stem(other), &order));
                let Some(name) = shared.filter(|name| apart() && told.insert(*name)) else {
                    continue;
                };
                let before = format!("{app}.{name}");
                let joined = "`migrate` stops at two leaves, until one depends on the other or `makemigrations --merge` joins them";
                let deeds = [
                    format!("adds migration {one} after {before}"),
                    format!("adds {other} after it, too: {joined}"),
                ];
                let what = (BreachKind::MigrationSlot, Certainty::Seen, before.as_str());
                let places = [mine[one].1, others[other].1].map(|file| naming(sources, file, name));
                found.push(breach(0, what, deeds, places));
            }
        }
    }
    found
}

/// The migration of an app that both follow.
fn shared<'s>([one, other]: [&'s Step; 2], app: &str) -> Option<&'s str> {
    let mut both = one
        .after
        .iter()
        .filter(|before| before.0 == app && other.after.contains(before));
    both.next().map(|(_, name)| name.as_str())
}

/// True if a side took a migration away.
fn is_gone(works: [&Work; 2], folder: &str, name: &str) -> bool {
    let is_it = |path: &RepoPath| path.parent() == folder && stem(path) == name;
    let mut texts = works.into_iter().flat_map(Work::texts);
    texts.any(|(path, texts)| texts.side.is_none() && is_it(path))
}

/// The label of the app whose migrations lie in a folder: that of the folder above, or the only one that is named at all.
fn app<'s>(folder: &str, all: &[(&RepoPath, &'s Step)]) -> Option<&'s str> {
    let above = folder.strip_suffix("/migrations").unwrap_or_default();
    let above = above.rsplit('/').next().unwrap_or_default();
    let labels = all
        .iter()
        .flat_map(|(_, step)| step.after.iter().map(|(label, _)| label.as_str()));
    let labels: BTreeSet<&str> = labels.collect();
    let mut each = labels.iter().copied();
    labels
        .get(above)
        .copied()
        .or_else(|| each.next().filter(|_| each.next().is_none()))
}

fn stem(path: &RepoPath) -> &str {
    let name = path.file_name();
    name.strip_suffix(".py").unwrap_or(name)
}

/// The last of the migrations that follow one, over any number of others; each is given with those that it follows.
pub(super) fn last<'n>(name: &'n str, all: &[(&'n str, Vec<&'n str>)]) -> BTreeSet<&'n str> {
    let (mut found, mut known, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![name]);
    while let Some(name) = open.pop() {
        if !known.insert(name) {
            continue;
        }
        let follow = all.iter().filter(|(_, after)| after.contains(&name));
        let next: Vec<&str> = follow.map(|(name, _)| *name).collect();
        if next.is_empty() {
            found.insert(name);
        }
        open.extend(next);
    }
    found
}

/// The line that names a migration.
fn naming(sources: &Sources, file: FileId, name: &str) -> Span {
    let is_named = |line: &str| {
        ['"', '\'']
            .iter()
            .any(|quote| line.contains(&format!("{quote}{name}{quote}")))
    };
    let mut lines = sources.file(file).text.lines().zip(1u32..);
    let line = lines.find(|(line, _)| is_named(line)).map_or(1, |(_, at)| at);
    sources.line(file, line)
}

/// Reads a migration of Django; nothing for any other file.
fn step(text: &str) -> Option<Step> {
    let lines = || text.lines().map(str::trim);
    lines().find(|line| line.starts_with("class Migration("))?;
    let sets = |line: &str, name: &str| {
        let rest = line.strip_prefix(name).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['=', ':', '+', '.']))
    };
    let odd = lines().any(|line| sets(line, "replaces") || sets(line, "run_before"));
    let said = lines().filter(|line| sets(line, "dependencies")).count();
    let after = text
        .split_once("class Migration(")
        .and_then(|(_, body)| dependencies(body))
        .filter(|_| said == 1);
    Some(Step {
        plain: !odd && (said == 0 || after.is_some()),
        after: after.unwrap_or_default(),
    })
}

/// The pairs of names in the list `dependencies`; nothing where it has anything else but the user's model, which may be any app's.
fn dependencies(body: &str) -> Option<Vec<(String, String)>> {
    let at = body
        .lines()
        .find(|line| line.trim_start().starts_with("dependencies"))?;
    let start = at.as_ptr() as usize - body.as_ptr() as usize;
    let (_, rest) = body[start..].split_once('=')?;
    let plain: Vec<&str> = rest
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .collect();
    let plain = plain.join("\n");
    let mut rest = plain.trim_start().strip_prefix('[')?.trim_start();
    let mut found = Vec::new();
    while !rest.starts_with(']') {
        let swappable = rest.strip_prefix("migrations.swappable_dependency(");
        let (inner, after) = swappable.or_else(|| rest.strip_prefix('('))?.split_once(')')?;
        if swappable.is_none() {
            let names: Vec<&str> = inner.trim().trim_end_matches(',').split(',').map(str::trim).collect();
            let [app, name] = names.as_slice() else { return None };
            found.push((quoted(app)?.to_owned(), quoted(name)?.to_owned()));
        }
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    let end = rest[1..].lines().next().unwrap_or_default();
    end.trim().is_empty().then_some(found)
}

/// What stands in quotes, if nothing else is there.
fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let inner = inner.or_else(|| text.strip_prefix('\'')?.strip_suffix('\''));
    inner.filter(|inner| !inner.contains(['"', '\'', '\\']))
}

/// The new migrations of Rails, each with its folder.
fn scripts(work: &Work) -> impl Iterator<Item = (&RepoPath, FileId)> {
    let is_one = |path: &RepoPath| {
        let folder = path.parent().rsplit('/').next().unwrap_or_default();
        path.extension() == "rb" && (folder == "migrate" || folder.ends_with("_migrate"))
    };
    let new = work.texts().iter().filter(|(_, texts)| texts.base.is_none());
    new.filter_map(move |(path, texts)| Some((path, texts.side.filter(|_| is_one(path))?)))
}

/// One column that two migrations of Rails add to one table.
fn columns(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let added = |work| {
        let each = scripts(work).flat_map(|(path, file)| {
            let columns = added_columns(&sources.file(file).text).into_iter();
            columns.map(move |(name, line)| ((path.parent(), name), (path, sources.line(file, line))))
        });
        each.collect::<BTreeMap<_, _>>()
    };
    let [ours, theirs] = works.map(added);
    let mut found = Vec::new();
    for ((folder, name), (path, span)) in &ours {
        let Some((other, place)) = theirs.get(&(*folder, name.clone())).filter(|(other, _)| other != path) else {
            continue;
        };
        let deeds = [
            format!("adds column {name} in {path}"),
            format!("adds it again in {other}"),
        ];
        let what = (BreachKind::Schema, Certainty::Seen, name.as_str());
        found.push(breach(0, what, deeds, [*span, *place]));
    }
    found
}

/// The columns that a migration of Rails adds on the way there, each with its line; none where it asks first what there is, or takes columns away.
fn added_columns(text: &str) -> Vec<(String, u32)> {
    let asks = [
        "column_exists?",
        "if_not_exists",
        "remove_column",
        "drop_table",
        "rename_",
    ];
    if asks.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let back = text.find("def down").unwrap_or(text.len());
    let lines: Vec<&str> = text[..back].lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("add_column") else {
            continue;
        };
        let whole = [rest].into_iter().chain(lines[at + 1..].iter().copied()).take(3);
        let whole = whole.collect::<Vec<_>>().join(" ");
        let bare = whole.trim_start().trim_start_matches('(');
        if !whole.starts_with([' ', '(']) {
            continue;
        }
        let mut args = bare.split(',').map(str::trim);
        let mut name = || {
            let arg = args.next()?;
            let name = arg.strip_prefix(':').or_else(|| quoted(arg))?;
            let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            plain.then(|| name.to_owned())
        };
        if let (Some(table), Some(column)) = (name(), name()) {
            found.push((format!("{table}.{column}"), at as u32 + 1));
        }
    }
    found
}
