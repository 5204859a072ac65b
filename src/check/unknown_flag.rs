//! `unknown-flag`: an assumed flag exists neither in code nor in any PRD that introduces it; or the flag file records one that nobody knows.
//! A name that stands in the code, in a way that no rule reads, is somebody's flag: whether it is on is *unknown*, and nobody is blocked.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::assumption::table::FlagFacts;
use crate::flag::{FlagKey, LedgerEntry};
use crate::nearest::nearest;
use crate::prd::{Claim, PrdId};
use crate::source::{Bytes, RepoPath, Span};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for prd in facts.prds {
        for statement in &prd.statements {
            let Claim::Assumes { key: Some(key), .. } = &statement.claim else {
                continue;
            };
            let said = findings
                .iter()
                .any(|finding| finding.prd.as_ref() == Some(&prd.id) && finding.flag.as_ref() == Some(key));
            if said || exists(facts, key) || facts.known_to(&prd.id, key).is_some() {
                continue;
            }
            let place = place_in_code(facts, key);
            let found = match place {
                Some(place) => unread(facts, key, place),
                None => finding(facts, &prd.id, key, statement.declared),
            };
            let found = found
                .about(&prd.id)
                .on(key)
                .at(Role::Prd, statement.span, "assumed here");
            findings.push(match place {
                Some(place) => found.at(Role::Read, place, "the name stands here"),
                None => found,
            });
        }
    }
    findings.extend(recorded(facts));
    findings
}

/// The flags of the flag file that nobody knows: whoever recorded them believes that something is decided, and nothing is.
fn recorded(facts: &Facts<'_>) -> Vec<Finding> {
    let mut last: BTreeMap<&FlagKey, &LedgerEntry> = BTreeMap::new();
    for entry in &facts.ledger.entries {
        // A flag that only a branch defines may be recorded before the branch is merged.
        let tables = std::iter::once(facts.flags).chain(facts.branches.iter().map(|branch| &branch.flags));
        let known = tables.filter_map(|table| table.get(&entry.flag)).any(is_known);
        if !known && !assumed(facts, &entry.flag) {
            last.insert(&entry.flag, entry);
        }
    }
    let Some(file) = last.values().next().map(|entry| entry.span.file) else {
        return Vec::new();
    };
    // A name that stands in a text is somebody's flag, read in a way that no rule knows.
    let texts = facts.base.files.values().filter(|text| **text != file);
    for text in texts.map(|text| &facts.sources.file(*text).text) {
        last.retain(|key, _| !stands_in(key.as_str(), text));
    }
    last.into_iter()
        .map(|(key, entry)| nobodys(facts, key, entry))
        .collect()
}

fn is_known(flag: &FlagFacts) -> bool {
    !(flag.definitions.is_empty() && flag.reads.is_empty() && flag.introduced.is_empty())
}

fn assumed(facts: &Facts<'_>, key: &FlagKey) -> bool {
    let mut statements = facts.prds.iter().flat_map(|prd| &prd.statements);
    statements.any(|statement| matches!(&statement.claim, Claim::Assumes { key: Some(assumed), .. } if assumed == key))
}

/// True if `word` stands in `text`, and is no part of a longer name.
pub(super) fn stands_in(word: &str, text: &str) -> bool {
    place_in(word, text).is_some()
}

/// Where `word` stands in `text` and is no part of a longer name: the first place.
fn place_in(word: &str, text: &str) -> Option<Bytes> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut places = text.match_indices(word).filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        !before.ends_with(is_name) && !after.starts_with(is_name)
    });
    let (at, _) = places.next().filter(|_| !word.is_empty())?;
    Some(Bytes::new(at, at + word.len()))
}

/// The first place of a name in what is no document: code, configuration, data.
fn place_in_code(facts: &Facts<'_>, key: &FlagKey) -> Option<Span> {
    let is_document = |path: &RepoPath| matches!(path.extension(), "md" | "mdx" | "markdown" | "txt");
    let files = facts.base.files.iter().filter(|(path, _)| !is_document(path));
    let mut places = files.filter_map(|(_, file)| {
        let bytes = place_in(key.as_str(), &facts.sources.file(*file).text)?;
        Some(bytes.in_file(*file))
    });
    places.next()
}

fn nobodys(facts: &Facts<'_>, key: &FlagKey, entry: &LedgerEntry) -> Finding {
    let file = facts.sources.path(entry.span.file);
    let mut known = facts.flags.flags.iter().filter(|(_, flag)| is_known(flag));
    let owner = known.clone().find(|(_, flag)| flag.aliases.contains(key.as_str()));
    let message = match owner {
        Some((owner, _)) => {
            format!("`{key}` is recorded in {file}, and the flag is called `{owner}`: it does not count")
        }
        None => format!("`{key}` is recorded in {file}, and neither the code nor any PRD knows a flag of that name"),
    };
    let mut finding =
        Finding::new("unknown-flag", Level::Warning, message)
            .on(key)
            .at(Role::State, entry.span, "recorded here");
    let near = nearest(key.as_str(), known.by_ref().map(|(known, _)| known.as_str()));
    if let Some(name) = owner.map(|(owner, _)| owner.as_str()).or(near) {
        let name = FlagKey::new(name);
        let right = Remedy::new(RemedyKind::Declare, format!("did you mean `{name}`?"));
        finding = finding.help(right.with_command(facts.flip(&name, entry.value)));
    }
    finding.help(Remedy::new(
        RemedyKind::Declare,
        format!("correct the name in {file}; of a flag that is gone, take the entries out"),
    ))
}

/// Defined, read, recorded, or promised under this name or an alias.
fn exists(facts: &Facts<'_>, key: &FlagKey) -> bool {
    facts.flags.get(key).is_some()
        || facts
            .flags
            .flags
            .values()
            .any(|known| known.aliases.contains(key.as_str()))
}

/// A name that no rule knows, and that stands in the code: a rule is missing, not the flag.
fn unread(facts: &Facts<'_>, key: &FlagKey, place: Span) -> Finding {
    let file = facts.sources.path(place.file);
    let message = format!(
        "`{key}` is assumed; it stands in {file}, and no rule knows it for a flag there, so its state is not known"
    );
    let mut finding = Finding::new("unknown-flag", Level::Warning, message);
    finding.undecided = true;
    finding
        .help(
            Remedy::new(RemedyKind::Declare, "let flagman look for the helper that reads it")
                .with_command(facts.command("init --suggest")),
        )
        .help(Remedy::new(
            RemedyKind::Declare,
            "or write the rule yourself: docs/rules.md has the form",
        ))
}

fn finding(facts: &Facts<'_>, prd: &PrdId, key: &FlagKey, declared: bool) -> Finding {
    let unread = facts
        .base
        .skipped
        .iter()
        .chain(&facts.index.skipped)
        .filter(|skip| crate::lang::Language::of(&skip.path).is_some())
        .count();
    let message = match unread {
        0 => format!("`{key}` is assumed, and neither the code nor any PRD knows a flag of that name"),
        n => format!("`{key}` is assumed, and no flag of that name was found ({n} code files could not be read)"),
    };
    let mut finding = Finding::new(
        "unknown-flag",
        if unread == 0 { Level::Error } else { Level::Warning },
        message,
    );
    // Absence proves nothing where something was not read.
    finding.undecided = unread > 0;
    if let Some(name) = nearest(key.as_str(), facts.flags.flags.keys().map(FlagKey::as_str)) {
        let meant = Remedy::new(RemedyKind::Declare, format!("did you mean `{name}`?"));
        finding = finding.help(meant.with(declared.then(|| facts.rename(prd, key, name)).flatten()));
    }
    let ships = Remedy::new(
        RemedyKind::Declare,
        "name the PRD that ships it (make one, if there is none), or correct the name",
    );
    finding.help(ships.with(facts.ship(key)))
}
