//! `flagman prds set ID KEY=VALUE…`: writes the front matter of a PRD, as [`crate::prd::edit`] finds it safe.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::args::{Declare, Format, Global};
use super::branches::unknown_prd;
use super::failure::{Failure, exit};
use super::flags::{file_to_write, lock};
use super::output::{Output, write_file};
use super::project::{Project, Wanted};
use crate::analysis::{PrdFile, analyze, documents};
use crate::flag::FlagKey;
use crate::nearest::nearest;
use crate::prd::edit::{Assignment, Change, Key, Refusal, draft, edit};
use crate::prd::{self, Claim, KnownNames, Prd, PrdId};
use crate::report::{json, visible};
use crate::source::{RepoPath, Sources};
use crate::touchpoint::References;
use crate::workspace;

/// Lines that are shown around a change.
const AROUND: usize = 3;

/// Where PRDs are looked for first.
const USUAL: &str = "docs/prds";

pub(super) fn run(global: &Global, wanted: &Declare, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let inputs = project.read(global, &Wanted::default())?;
    let prds = documents(&inputs.sources, &inputs.prds);
    let names = References::new(&prds);
    let target = target(&project, &prds, wanted)?;
    refuse_task(&inputs.prds, &target)?;
    let assignments = resolved(&names, &target, &wanted.assignments)?;
    check_id(&prds, &target, &assignments)?;
    if let Some(prd) = &target.prd {
        check_words(&inputs.sources, prd, &names, &assignments)?;
    }
    if assignments
        .iter()
        .any(|one| matches!(one.key, Key::Flag { section, .. } if section != "introduces"))
    {
        let known = analyze(inputs).flags.flags.into_keys().collect::<Vec<FlagKey>>();
        check_flags(&known, &assignments)?;
    }
    let path = file_to_write(
        &project,
        target.path.as_str(),
        "write into the file that it points at by hand",
    )?;
    // A dry run must not make a folder either.
    let _held = if wanted.dry_run { None } else { Some(lock(&path)?) };
    let old = workspace::read_named(&path, workspace::SIZE_LIMIT)
        .map_err(|reason| Failure::unknown(format!("{} cannot be read ({reason})", target.path)))?;
    if target.prd.is_none() && old.is_some() {
        let whose = prds.iter().find(|prd| prd.path == target.path);
        let whose = whose.map_or_else(
            || "no PRD that could be read".to_owned(),
            |prd| format!("PRD {}", prd.id),
        );
        return Err(
            Failure::usage(format!("{} is there already, and is {whose}", target.path))
                .hint("leave --new out to write into it, or take another name"),
        );
    }
    let same =
        |one: &str, other: &str| matches!((names.find(one), names.find(other)), (Ok(one), Ok(other)) if one == other);
    let start = old.clone().unwrap_or_else(|| draft(&target.title, &assignments));
    let new = edit(&start, &assignments, &same).map_err(|refusal| refused(&target, &refusal))?;
    let cycle = cycle(&prds, &names, &target.id, &assignments);
    let old = old.unwrap_or_default();
    if !wanted.dry_run && old != new {
        write_file(&path, &new, output)?;
    }
    let diff = diff(target.path.as_str(), &old, &new);
    match global.format {
        Format::Json => output.document(&json::text(&json::PrdsSetDocument {
            schema: "flagman/prds-set/v1",
            prd: target.id.0,
            path: target.path.to_string(),
            changed: old != new,
            written: old != new && !wanted.dry_run,
            diff,
            cycle,
        }))?,
        _ => {
            let mut text = said(&project, &target, wanted.dry_run, &diff);
            if !cycle.is_empty() {
                text.push_str(&format!(
                    "note: now they wait for each other: {}\n",
                    visible(&cycle.join(" → "))
                ));
            }
            output.answer(&text)?;
        }
    }
    Ok(exit::CLEAR)
}

/// A task of a list has no front matter.
fn refuse_task(files: &[PrdFile], target: &Target) -> Result<(), Failure> {
    let file = target.prd.as_ref().map(|prd| prd.title_span.file);
    let task = files.iter().find(|one| Some(one.file) == file && one.task.is_some());
    task.map_or(Ok(()), |_| {
        let what = format!("{} is a task of {}, which has no front matter", target.id, target.path);
        Err(Failure::usage(what)
            .hint("say it there: a task may have `\"flags\": {…}`, with what front matter says below `flags`"))
    })
}

/// The document to write.
struct Target {
    id: PrdId,
    path: RepoPath,
    /// `None` for one that is made now.
    prd: Option<Prd>,
    /// The heading of one that is made now.
    title: String,
}

fn target(project: &Project, prds: &[Prd], wanted: &Declare) -> Result<Target, Failure> {
    let exact = prds.iter().find(|prd| prd.id.0 == wanted.id);
    let found = match (exact, wanted.new) {
        (Some(prd), _) => prd,
        (None, true) => return made(project, prds, wanted),
        (None, false) => {
            let id = References::new(prds)
                .find(&wanted.id)
                .map_err(|near| unknown_prd(&wanted.id, &near).hint("to make one: --new"))?;
            let Some(prd) = prds.iter().find(|prd| prd.id == *id) else {
                return Err(unknown_prd(&wanted.id, &[]));
            };
            prd
        }
    };
    Ok(Target {
        id: found.id.clone(),
        path: found.path.clone(),
        prd: Some(found.clone()),
        title: String::new(),
    })
}

/// A number alone is how people call a PRD that is there; it is no name for a new one, unless the others have none either.
fn is_a_name(prds: &[Prd], id: &str) -> Result<(), Failure> {
    let number = |id: &str| id.chars().all(|c| c.is_ascii_digit());
    if !number(id) || prds.iter().any(|prd| number(&prd.id.0)) {
        return Ok(());
    }
    if let Ok(there) = References::new(prds).find(id) {
        return Err(Failure::usage(format!("PRD {there} is there already")).hint("leave --new out to write into it"));
    }
    let digits = |prd: &Prd| prd.id.0.chars().take_while(char::is_ascii_digit).count();
    let width = prds.iter().map(digits).max().unwrap_or(0).min(9);
    Err(
        Failure::usage(format!("`{id}` is a number alone, and a new PRD needs a name"))
            .hint(format!("flagman prds set --new {id:0>width$}-NAME …")),
    )
}

/// A document that is not there yet: beside the others, and named as they are.
fn made(project: &Project, prds: &[Prd], wanted: &Declare) -> Result<Target, Failure> {
    let id = wanted.id.as_str();
    is_a_name(prds, id)?;
    // What is fit to be the id of front matter is fit to name a file.
    Assignment::parse(&format!("id={id}")).map_err(Failure::usage)?;
    let mut folders: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for prd in prds {
        let own = prd::is_generic(&prd.path).then(|| prd.path.file_name());
        let folder = prd.path.parent();
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        *folders
            .entry((if own.is_some() { above } else { folder }, own))
            .or_default() += 1;
    }
    let most = folders.iter().max_by_key(|(_, count)| **count).map(|(place, _)| *place);
    let (folder, own) = most.unwrap_or((USUAL, None));
    let name = own.map_or_else(|| format!("{id}.md"), |own| format!("{id}/{own}"));
    let path = if folder.is_empty() {
        name
    } else {
        format!("{folder}/{name}")
    };
    let path = RepoPath::new(&path).ok_or_else(|| Failure::usage(format!("{path} is no path of the project")))?;
    if !project.is_prd(&path)? {
        return Err(Failure::usage(format!(
            "{path} would be no PRD: `prds.paths` in flagman.toml does not fit it"
        ))
        .hint("make it by hand where the others are"));
    }
    let titled = wanted.assignments.iter().find_map(|one| match (&one.key, &one.change) {
        (Key::Word("title"), Change::Set(words)) => words.first().cloned(),
        _ => None,
    });
    let words = id
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
        .replace('-', " ");
    let id = PrdId(id.to_owned());
    Ok(Target {
        title: titled.filter(|words| !words.is_empty()).unwrap_or(words),
        id,
        path,
        prd: None,
    })
}

/// The same with the PRDs that are meant by their ids, and the id itself where the file's name does not give it.
fn resolved(names: &References<'_>, target: &Target, assignments: &[Assignment]) -> Result<Vec<Assignment>, Failure> {
    let mut all = Vec::new();
    if target.prd.is_none() {
        let mut sources = Sources::default();
        let file = sources.add(target.path.clone(), "");
        if prd::read(&sources, file, None, &KnownNames::default()).id != target.id {
            all.extend(Assignment::parse(&format!("id={}", target.id)));
        }
    }
    for one in assignments {
        let (Key::List("depends_on"), Change::Set(words) | Change::Add(words)) = (&one.key, &one.change) else {
            all.push(one.clone());
            continue;
        };
        let ids = words.iter().map(|word| match names.find(word) {
            Ok(id) if *id == target.id => Err(Failure::usage(format!("PRD {id} cannot wait for itself"))),
            Ok(id) => Ok(id.0.clone()),
            Err(near) => Err(unknown_prd(word, &near)),
        });
        let ids = ids.collect::<Result<Vec<String>, Failure>>()?;
        let change = match &one.change {
            Change::Set(_) => Change::Set(ids),
            _ => Change::Add(ids),
        };
        all.push(Assignment {
            change,
            key: one.key.clone(),
        });
    }
    Ok(all)
}

/// The PRDs that wait for each other, from the one that is written back to itself, once it waits for what it is told to; none if none do.
fn cycle(prds: &[Prd], names: &References<'_>, target: &PrdId, assignments: &[Assignment]) -> Vec<String> {
    let mut waits: BTreeMap<&PrdId, BTreeSet<&PrdId>> = BTreeMap::new();
    for prd in prds {
        for statement in &prd.statements {
            let pair = match &statement.claim {
                Claim::DependsOn { on } => names.find(on).ok().map(|on| (&prd.id, on)),
                Claim::Before { what } => names.find(what).ok().map(|what| (what, &prd.id)),
                _ => None,
            };
            if let Some((late, early)) = pair {
                waits.entry(late).or_default().insert(early);
            }
        }
    }
    let told = assignments.iter().filter_map(|one| match (&one.key, &one.change) {
        (Key::List("depends_on"), Change::Set(ids) | Change::Add(ids)) => Some(ids),
        _ => None,
    });
    let mut before: BTreeMap<&PrdId, Option<&PrdId>> = BTreeMap::new();
    let mut next: VecDeque<&PrdId> = VecDeque::new();
    for id in told.flatten().filter_map(|id| names.find(id).ok()) {
        if before.insert(id, None).is_none() {
            next.push_back(id);
        }
    }
    while let Some(at) = next.pop_front() {
        if at == target {
            let mut way = vec![at.0.clone()];
            way.extend(std::iter::successors(before[at], |id| before[id]).map(|id| id.0.clone()));
            way.push(target.0.clone());
            way.reverse();
            return way;
        }
        for early in waits.get(at).into_iter().flatten() {
            if !before.contains_key(early) {
                before.insert(early, Some(at));
                next.push_back(early);
            }
        }
    }
    Vec::new()
}

/// Two PRDs of one id are told apart by their paths only.
fn check_id(prds: &[Prd], target: &Target, assignments: &[Assignment]) -> Result<(), Failure> {
    for one in assignments.iter().filter(|one| one.key == Key::Word("id")) {
        let Change::Set(words) = &one.change else { continue };
        let taken = prds
            .iter()
            .find(|prd| words.first() == Some(&prd.id.0) && prd.path != target.path);
        if let Some(prd) = taken {
            return Err(Failure::usage(format!("{} is PRD {} already", prd.path, prd.id)));
        }
    }
    Ok(())
}

/// What is said in words is not taken back by front matter.
fn check_words(
    sources: &Sources,
    prd: &Prd,
    names: &References<'_>,
    assignments: &[Assignment],
) -> Result<(), Failure> {
    for one in assignments {
        let (Key::List("depends_on"), Change::Remove(gone)) = (&one.key, &one.change) else {
            continue;
        };
        for word in gone {
            let meant = |on: &str| on == word || names.find(on).is_ok_and(|id| names.find(word) == Ok(id));
            let said = prd.statements.iter().find(|statement| {
                matches!(&statement.claim, Claim::DependsOn { on } if meant(on)) && !statement.declared
            });
            if let Some(statement) = said {
                let at = sources.start(statement.span);
                let words = sources.text(statement.span).lines().next().unwrap_or("").trim();
                return Err(Failure::usage(format!(
                    "{}:{} says it in words (\"{words}\"), which front matter does not take back",
                    prd.path, at.line
                ))
                .hint("change the sentence"));
            }
        }
    }
    Ok(())
}

/// A name that is nearly that of a flag is a slip of the pen.
fn check_flags(known: &[FlagKey], assignments: &[Assignment]) -> Result<(), Failure> {
    for one in assignments {
        let (Key::Flag { flag, .. }, Change::Set(_)) = (&one.key, &one.change) else {
            continue;
        };
        if known.iter().any(|known| known.as_str() == flag) {
            continue;
        }
        if let Some(near) = nearest(flag, known.iter().map(FlagKey::as_str)) {
            return Err(
                Failure::usage(format!("there is no flag `{flag}`; did you mean `{near}`?"))
                    .hint("flagman flags lists them"),
            );
        }
    }
    Ok(())
}

fn refused(target: &Target, refusal: &Refusal) -> Failure {
    Failure::usage(format!(
        "the front matter of {} stays as it is: {}",
        target.path, refusal.why
    ))
    .hint(&refusal.by_hand)
}

fn said(project: &Project, target: &Target, dry_run: bool, diff: &str) -> String {
    match (diff.is_empty(), dry_run) {
        (true, _) => format!("{} says so already\n", target.path),
        (false, true) => visible_lines(diff),
        (false, false) => format!(
            "{} is written:\n{}next: flagman plan{}\n",
            target.path,
            visible_lines(diff),
            project.invocation
        ),
    }
}

fn visible_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", visible(line))).collect()
}

/// The change as `diff -u` shows it: one hunk, from the first line that differs to the last.
fn diff(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let first = before
        .iter()
        .zip(&after)
        .take_while(|(one, other)| one == other)
        .count();
    let most = before.len().min(after.len()) - first;
    let pairs = before.iter().rev().zip(after.iter().rev()).take(most);
    let last = pairs.take_while(|(one, other)| one == other).count();
    let start = first.saturating_sub(AROUND);
    let tail = last.saturating_sub(AROUND);
    let counted = |lines: &[&str]| {
        let count = lines.len() - tail - start;
        let line = if count == 0 { start } else { start + 1 };
        format!("{line},{count}")
    };
    let mut text = format!(
        "--- a/{path}\n+++ b/{path}\n@@ -{} +{} @@\n",
        counted(&before),
        counted(&after)
    );
    let mut add = |sign: char, lines: &[&str]| lines.iter().for_each(|line| text += &format!("{sign}{line}\n"));
    add(' ', &before[start..first]);
    add('-', &before[first..before.len() - last]);
    add('+', &after[first..after.len() - last]);
    add(' ', &before[before.len() - last..before.len() - tail]);
    text
}
