//! What is mentioned and is not there. Enters: the mentions that could not be resolved. Leaves: [`Unresolved`], with "did you mean",
//! for those that look as if they should exist. Knows that most words of a document are not names of code.
//!
//! A name is only held against a document if it occurs nowhere in the tree, as a word of any text: packages, JSON keys,
//! environment names and fields occur somewhere.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::known::Known;
use super::made::Made;
use super::near::Near;
use super::reference::References;
use super::resolve::{Claimed, Lost, Resolved};
use super::{Certainty, TargetKind, Unresolved};
use crate::prd::{Access, Claim, MentionKind, OTHER_KINDS, Prd, is_test_path};
use crate::source::{Sources, View};

/// At most this many things are suggested.
const SUGGESTIONS: usize = 3;

/// How alike a suggestion must be (Jaro-Winkler).
const NEAR: f64 = 0.84;

/// True if `lost` may be something new that its PRD makes, rather than a slip of the pen.
pub(super) fn may_be_new(lost: &Lost<'_>, known: &Known<'_>) -> bool {
    let name = &lost.target.name;
    match lost.target.kind {
        TargetKind::File if is_test_path(name) => true,
        TargetKind::File => {
            !lost.said.old && name.contains('/') && stands_somewhere(name, known) && slips(lost, known).is_empty()
        }
        TargetKind::Symbol => !lost.said.old && is_compound(name) && slips(lost, known).is_empty(),
        TargetKind::Flag | TargetKind::Event => false,
        _ => slips(lost, known).is_empty(),
    }
}

/// True if some folder above the file is there: a new file may have a new folder, but hardly a whole new path.
fn stands_somewhere(path: &str, known: &Known<'_>) -> bool {
    let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    folders.into_iter().any(|folder| known.has_folder(folder))
}

/// Existing names that differ from this one by a letter or two; for a file also the only one of its name, elsewhere.
fn slips(lost: &Lost<'_>, known: &Known<'_>) -> Vec<String> {
    let name = last(lost).to_lowercase();
    let most = if name.len() >= 12 { 2 } else { 1 };
    if name.len() < 6 {
        return Vec::new();
    }
    let mut slips: Vec<String> = Vec::new();
    if lost.target.kind == TargetKind::File
        && let [path] = known.files_named(last(lost))
    {
        slips.push(path.to_string());
    }
    slips.extend(known.near(lost.target.kind).within(&name, most).map(str::to_owned));
    slips.sort();
    slips.dedup();
    slips
}

/// The file name, or the name without its owner.
fn last<'l>(lost: &'l Lost<'_>) -> &'l str {
    let separator = if lost.target.kind == TargetKind::File { '/' } else { '.' };
    lost.target.name.rsplit(separator).next().unwrap_or(&lost.target.name)
}

/// `camelCase`, `snake_case`, `PascalCase` of two words, `Owner.member`: not a word of prose. Environment names are written in
/// capitals and live outside the code.
fn is_compound(name: &str) -> bool {
    let lower = name.chars().any(char::is_lowercase);
    let inner = name.chars().skip(1).any(char::is_uppercase);
    lower && (inner || name.contains('_') || name.contains('.'))
}

/// The mentions that should mean something and do not.
pub(super) fn unresolved(
    prds: &[Prd],
    resolved: &Resolved<'_>,
    known: &Known<'_>,
    (view, sources): (&View, &Sources),
) -> Vec<Unresolved> {
    let candidates: Vec<&Lost<'_>> = resolved
        .lost
        .iter()
        .filter(|lost| should_exist(lost, known, sources))
        .collect();
    let names = || {
        candidates
            .iter()
            .filter(|lost| lost.target.kind != TargetKind::File)
            .map(|lost| last(lost))
    };
    let occurring = occurring(names(), view, sources);
    let documents: BTreeSet<&str> = prds.iter().map(|prd| prd.path.file_name()).collect();
    let gone = candidates.iter().filter(|lost| match lost.target.kind {
        TargetKind::File => !documents.contains(last(lost)),
        _ => !occurring.contains(last(lost)),
    });
    let gone: Vec<&Lost<'_>> = gone.copied().collect();
    let suggestions = Suggestions::new(gone.iter().map(|lost| lost.target.kind), known, &resolved.made);
    let mut out: Vec<Unresolved> = gone.iter().map(|lost| describe(lost, &suggestions)).collect();
    out.extend(references(prds));
    out.sort_by(|a, b| (&a.prd, a.span, &a.text).cmp(&(&b.prd, b.span, &b.text)));
    out.dedup();
    out
}

/// What a document uses and nobody has: things whose kind its words tell. A name alone may be anything.
pub(super) fn used<'a>(resolved: &Resolved<'a>) -> Vec<Claimed<'a>> {
    let told = |kind: TargetKind| {
        kind.is_schema() || matches!(kind, TargetKind::Route | TargetKind::Config | TargetKind::Event)
    };
    let used = resolved
        .lost
        .iter()
        .filter(|lost| told(lost.target.kind) && lost.said.access == Access::Read && !lost.mention.sample);
    let claim = |lost: &Lost<'a>| Claimed {
        prd: &lost.prd.id,
        target: lost.target.clone(),
        access: Access::Read,
        certainty: if lost.mention.declared {
            Certainty::Declared
        } else {
            Certainty::Mentioned
        },
        quality: 1.0,
        exists: false,
        span: lost.mention.span,
        unsaid: lost.said.unsaid,
        contract: None,
    };
    used.map(claim).collect()
}

fn should_exist(lost: &Lost<'_>, known: &Known<'_>, sources: &Sources) -> bool {
    let mention = lost.mention;
    let quoted = || {
        let text = &sources.file(mention.span.file).text;
        text.get(..mention.span.bytes.start as usize)
            .is_some_and(|before| before.ends_with(['`', '<']))
    };
    match lost.target.kind {
        TargetKind::File => {
            let name = last(lost);
            let is_file = name.contains('.') && !name.contains(['*', '<', '$', '{']) && !name.starts_with('.');
            // `Node.js` is no file.
            let named = lost.target.name.contains('/') || (quoted() && !name.ends_with(".js"));
            is_file && (mention.declared || named || !slips(lost, known).is_empty())
        }
        // A name alone may be a field, a local or a word of the trade: only a near one that exists shows that it is a slip.
        TargetKind::Symbol if mention.declared => is_compound(&lost.target.name),
        TargetKind::Symbol => {
            is_compound(&lost.target.name) && quoted() && (lost.owned || !slips(lost, known).is_empty())
        }
        TargetKind::Flag => mention.kind == MentionKind::Flag,
        kind => kind.is_schema() && mention.declared,
    }
}

/// True for the extension of a text that people read: a name in it need not be a name in the code.
fn is_document(extension: &str) -> bool {
    matches!(
        extension,
        "md" | "mdx" | "txt" | "rst" | "adoc" | "patch" | "diff" | "sarif" | "html" | "log"
    )
}

/// True for an answer of this program that somebody has kept in the tree: it names what PRDs plan.
fn is_report(text: &str) -> bool {
    let start = text.trim_start().strip_prefix('{').map(str::trim_start);
    start.is_some_and(|start| start.starts_with("\"schema\": \"flagman/"))
}

/// Those of `names` that occur as whole words in some text of the tree that is no document and does not belong to a tool
/// (`.story/`, `.github/`, `.task-master/`: what is planned is written down there as well).
pub(super) fn occurring<'l>(names: impl Iterator<Item = &'l str>, view: &View, sources: &Sources) -> BTreeSet<&'l str> {
    let words: Vec<&str> = names.collect::<BTreeSet<_>>().into_iter().collect();
    let mut found = BTreeSet::new();
    // With more names than fit an automaton, nothing is held against anybody.
    let Ok(automaton) = AhoCorasick::new(&words) else {
        return words.into_iter().collect();
    };
    if words.is_empty() {
        return found;
    }
    for (path, &file) in &view.files {
        let of_a_tool = path.parent().split('/').any(|folder| folder.starts_with('.'));
        let text = &sources.file(file).text;
        if of_a_tool || is_document(path.extension()) || is_report(text) {
            continue;
        }
        let text = text.as_bytes();
        let is_name =
            |at: Option<&u8>| at.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii());
        for hit in automaton.find_overlapping_iter(text) {
            let before = hit.start().checked_sub(1).and_then(|at| text.get(at));
            if !is_name(before) && !is_name(text.get(hit.end())) {
                found.insert(words[hit.pattern().as_usize()]);
            }
        }
    }
    found
}

/// What exists or is made, to be suggested for what does not.
struct Suggestions<'a> {
    known: &'a Known<'a>,
    /// Every name, sorted, by kind.
    names: BTreeMap<TargetKind, Vec<&'a str>>,
    /// The same by the part that people remember: the file name, the name itself.
    near: BTreeMap<TargetKind, Near>,
}

impl<'a> Suggestions<'a> {
    /// For things of these kinds.
    fn new(kinds: impl Iterator<Item = TargetKind>, known: &'a Known<'a>, made: &'a Made) -> Self {
        let kinds: BTreeSet<TargetKind> = kinds.collect();
        let names: BTreeMap<TargetKind, Vec<&str>> = kinds
            .into_iter()
            .map(|kind| {
                let mut names: Vec<&str> = known.names(kind).into_iter().chain(made.names()).collect();
                names.sort_unstable();
                names.dedup();
                (kind, names)
            })
            .collect();
        let part = |kind: TargetKind, name: &'a str| {
            let separator = if kind == TargetKind::File { '/' } else { '.' };
            name.rsplit(separator).next().unwrap_or(name)
        };
        let near = names
            .iter()
            .map(|(kind, names)| (*kind, Near::new(names.iter().map(|name| (part(*kind, name), *name)))))
            .collect();
        Self { known, names, near }
    }

    /// The most alike of them. Of a known class the members are meant.
    fn of(&self, lost: &Lost<'_>) -> Vec<String> {
        let kind = lost.target.kind;
        let word = last(lost).to_lowercase();
        let owner = lost.target.name.rsplit_once('.').map(|(owner, _)| format!("{owner}."));
        let owner = owner.filter(|owner| kind == TargetKind::Symbol && self.known.owns(owner));
        let members = owner.map(|owner| {
            let names = self.names.get(&kind).map_or(&[][..], Vec::as_slice);
            let members = &names[names.partition_point(|name| *name < owner.as_str())..];
            let members = members
                .iter()
                .map_while(|name| Some((name.strip_prefix(owner.as_str())?, *name)));
            Near::new(members)
        });
        let Some(near) = members.as_ref().or_else(|| self.near.get(&kind)) else {
            return Vec::new();
        };
        let suggested = near.most_alike(&word, SUGGESTIONS, NEAR).into_iter();
        suggested
            .map(|name| match self.known.files_named(name).first() {
                Some(path) if kind == TargetKind::File => path.to_string(),
                _ => name.to_owned(),
            })
            .collect()
    }
}

fn describe(lost: &Lost<'_>, suggestions: &Suggestions<'_>) -> Unresolved {
    let kind = lost.target.kind;
    Unresolved {
        prd: lost.prd.id.clone(),
        text: lost.mention.text.clone(),
        kind: if kind == TargetKind::File { "path" } else { kind.word() },
        suggestions: suggestions.of(lost),
        span: lost.mention.span,
    }
}

/// "RFC 7231", "story 1.2" of a tracker is no document of ours that is missing.
fn may_be_of_others(words: &str) -> bool {
    let lower = words.to_lowercase();
    OTHER_KINDS.iter().any(|kind| lower.starts_with(kind)) || lower.starts_with("story")
}

/// "#942" in a wave of PRDs 1 to 22 is an issue: its number has more digits than any of theirs.
fn is_issue(words: &str, prds: &[Prd]) -> bool {
    let number = words.strip_prefix('#').and_then(|number| number.parse::<u64>().ok());
    let most = prds.iter().filter_map(|prd| prd.id.number()).max().unwrap_or(0);
    number.is_some_and(|number| number >= 100 && number.to_string().len() > most.to_string().len())
}

/// Orders with PRDs that nobody knows, or on one of several.
fn references(prds: &[Prd]) -> Vec<Unresolved> {
    let names = References::new(prds);
    let mut out = Vec::new();
    for prd in prds {
        for statement in &prd.statements {
            if let Claim::DependsOn { on } | Claim::Before { what: on } = &statement.claim
                && !may_be_of_others(on)
                && !is_issue(on, prds)
                && let Err(suggestions) = names.find(on)
            {
                out.push(Unresolved {
                    prd: prd.id.clone(),
                    text: on.clone(),
                    kind: "PRD",
                    suggestions,
                    span: statement.span,
                });
            }
        }
    }
    out
}
