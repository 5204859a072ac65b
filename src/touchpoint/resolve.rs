//! From mentions to touchpoints. Enters: PRDs, what exists. Leaves: a [`Claimed`] thing for each mention that could be resolved, and
//! the mentions that could not.
//!
//! Two rounds: first every mention is looked up among the things that exist; from those that do not, the things that PRDs make
//! are gathered; then the rest is looked up among these.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::known::{self, Known, Nearby};
use super::look::{self, Look};
use super::made::Made;
use super::missing;
use super::{Certainty, Target, TargetKind, version};
use crate::prd::{Access, Age, Claim, Contract, Flip, Mention, MentionKind, Prd, PrdId};
use crate::source::{Sources, Span, View};

/// How far a new symbol may stand from the path of its file.
const FILE_REACH: u32 = 400;

/// How precisely a value names the constraint that allows it.
const VALUE: f64 = 0.7;

/// One thing that one place of one document claims to touch.
#[derive(Clone, Debug)]
pub(super) struct Claimed<'a> {
    pub prd: &'a PrdId,
    pub target: Target,
    pub access: Access,
    pub certainty: Certainty,
    /// How precisely the name fits, 0 to 1.
    pub quality: f64,
    pub exists: bool,
    pub span: Span,
    /// The words name it and do not say what is done with it.
    pub unsaid: bool,
    /// Who uses it has to be changed with it.
    pub contract: Option<Contract>,
}

/// What is done with a mention, and whether it must be there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Said {
    /// What is done; what is only named is read.
    pub access: Access,
    /// The words speak of a thing that is there already; else it may be new.
    pub old: bool,
    /// The words say "new".
    pub fresh: bool,
    /// They do not say what is done with it.
    pub unsaid: bool,
    /// Who uses it has to be changed with it.
    pub contract: Option<Contract>,
}

impl Said {
    fn of(mention: &Mention) -> Self {
        let named = if mention.declared { Access::Write } else { Access::Read };
        // A sample says nothing of what is done.
        let access = mention.access.filter(|_| !mention.sample).unwrap_or(named);
        let read = access == Access::Read && (mention.declared || mention.sample);
        Self {
            access,
            old: read || (access == Access::Write && mention.age == Age::Old),
            fresh: mention.age == Age::New,
            unsaid: mention.access.is_none() && !mention.declared && !mention.sample,
            contract: mention.contract.filter(|_| !mention.sample),
        }
    }
}

/// A mention of a thing that does not exist.
#[derive(Clone, Debug)]
pub(super) struct Lost<'a> {
    pub prd: &'a Prd,
    pub mention: &'a Mention,
    pub target: Target,
    pub said: Said,
    /// Its owner (a class) exists.
    pub owned: bool,
}

/// Everything that the documents claim to touch.
#[derive(Debug, Default)]
pub(super) struct Resolved<'a> {
    pub claimed: Vec<Claimed<'a>>,
    /// What neither exists nor is made.
    pub lost: Vec<Lost<'a>>,
    /// What the PRDs make.
    pub made: Made,
}

/// Resolves every mention of `prds`.
pub(super) fn resolve<'a>(prds: &'a [Prd], known: &Known<'_>, view: &View, sources: &Sources) -> Resolved<'a> {
    let mut resolved = Resolved::default();
    for prd in prds {
        read_document(prd, known, sources, &mut resolved);
    }
    keep_what_occurs(&mut resolved, view, sources);
    let flags = flag_statements(prds, known, &mut resolved.made);
    resolved.claimed.extend(flags);
    resolved.claimed.extend(version::claims(prds, known, view));
    note_makers(&mut resolved.lost, known, &mut resolved.made);
    second_round(&mut resolved);
    resolved
}

/// The first round: what exists is claimed, the rest is lost for now.
fn read_document<'a>(prd: &'a Prd, known: &Known<'_>, sources: &Sources, resolved: &mut Resolved<'a>) {
    let nearby = look::nearby(prd, known);
    let mentions: Vec<&Mention> = prd.mentions.iter().filter(|mention| !mention.negated).collect();
    let from = resolved.lost.len();
    let looks: Vec<Look> = mentions
        .iter()
        .map(|mention| look::look(mention, known, &nearby))
        .collect();
    let text = &sources.file(prd.title_span.file).text;
    for (at, &mention) in mentions.iter().enumerate() {
        let said = Said::of(mention);
        let widened = match &looks[at] {
            _ if said.access < Access::Write || mention.sample => None,
            Look::Missing(..) => known.values.widened(at, &mentions, &looks, text),
            Look::Found(targets, _) => match targets.as_slice() {
                [one] => known.values.put_into(one, mention.span.bytes.range(), text),
                _ => None,
            },
            Look::Value(_) | Look::Nothing => None,
        };
        resolved.claimed.extend(widened.map(|target| Claimed {
            prd: &prd.id,
            target: target.clone(),
            access: Access::Write,
            certainty: certainty(mention),
            quality: VALUE,
            exists: true,
            span: mention.span,
            unsaid: false,
            contract: None,
        }));
    }
    for (&mention, look) in mentions.iter().zip(looks) {
        let mut said = Said::of(mention);
        // A file into which something is moved changes; a route that is called from now on does not.
        if mention.age == Age::Aim && mention.kind == MentionKind::Route && matches!(look, Look::Found(..)) {
            said.access = Access::Read;
        }
        first_round(prd, mention, said, look, resolved);
    }
    let paths: Vec<&Mention> = mentions
        .into_iter()
        .filter(|mention| mention.kind == MentionKind::Path)
        .collect();
    place_new_symbols(&paths, &nearby, known, &mut resolved.lost[from..]);
}

fn first_round<'a>(prd: &'a Prd, mention: &'a Mention, said: Said, look: Look, resolved: &mut Resolved<'a>) {
    let mut claim = |target: Target, access, quality| {
        resolved.claimed.push(Claimed {
            prd: &prd.id,
            target,
            access,
            certainty: certainty(mention),
            quality,
            exists: true,
            span: mention.span,
            unsaid: said.unsaid,
            contract: said.contract,
        });
    };
    match look {
        Look::Found(targets, quality) => {
            for target in targets {
                let access = access_to_old(&target, said.access, mention.declared);
                claim(target, access, quality);
            }
        }
        // Who uses a value that exists does not change the set of values.
        Look::Value(target) => claim(target, Access::Read, VALUE),
        // A sample in a code block may invent names.
        Look::Missing(target, owned) if !mention.sample => resolved.lost.push(Lost {
            prd,
            mention,
            target,
            said,
            owned,
        }),
        Look::Missing(..) | Look::Nothing => {}
    }
}

/// What "create" means for a thing of the database that exists: for a table or column that it is there (landed, or misread), for
/// a constraint that it is made anew.
fn access_to_old(target: &Target, access: Access, declared: bool) -> Access {
    match target.kind {
        TargetKind::Table | TargetKind::Column if access == Access::Create && !declared => Access::Read,
        // Who sends an event that others send, and who says again what a setting is, changes neither.
        TargetKind::Event | TargetKind::Config if access == Access::Create => Access::Read,
        kind if kind.is_schema() => access.min(Access::Write),
        _ => access,
    }
}

fn certainty(mention: &Mention) -> Certainty {
    match (mention.declared, mention.sample) {
        (true, _) => Certainty::Declared,
        (false, true) => Certainty::Inferred,
        (false, false) => Certainty::Mentioned,
    }
}

/// A new symbol stands in the file that is named beside it ("new module `portal-link.ts` with `issueLink`").
fn place_new_symbols(paths: &[&Mention], nearby: &Nearby, known: &Known<'_>, lost: &mut [Lost<'_>]) {
    for lost in lost.iter_mut().filter(|lost| lost.target.kind == TargetKind::Symbol) {
        if lost.target.path.is_some() || lost.mention.declared {
            continue;
        }
        // Mentions come in the order of the text, but declared ones come first.
        let distance = |path: &Mention| path.span.bytes.start.abs_diff(lost.mention.span.bytes.start);
        let near = paths
            .iter()
            .filter(|path| !path.declared && distance(path) <= FILE_REACH);
        let Some(path) = near.min_by_key(|path| distance(path)) else {
            continue;
        };
        lost.target.path = match look::look(path, known, nearby) {
            Look::Found(targets, _) => targets.into_iter().next().and_then(|target| target.path),
            Look::Missing(target, _) => target.path,
            Look::Value(_) | Look::Nothing => None,
        };
    }
}

/// A name that occurs in the code is no new name, though the index does not know it (a field, a table of a store without
/// migrations): it is touched, but nobody makes it.
fn keep_what_occurs(resolved: &mut Resolved<'_>, view: &View, sources: &Sources) {
    let all = std::mem::take(&mut resolved.lost);
    let names: BTreeSet<String> = all.iter().filter_map(name_to_find).map(str::to_owned).collect();
    let occurring = missing::occurring(names.iter().map(String::as_str), view, sources);
    let (there, lost): (Vec<_>, _) = all
        .into_iter()
        .partition(|lost| name_to_find(lost).is_some_and(|name| occurring.contains(name)));
    resolved.lost = lost;
    for lost in there {
        let symbol = lost.target.kind == TargetKind::Symbol;
        if symbol && lost.said.access == Access::Read {
            continue;
        }
        resolved.claimed.push(Claimed {
            prd: &lost.prd.id,
            access: access_to_old(&lost.target, lost.said.access, lost.mention.declared),
            // A field of this name may be any field of this name.
            certainty: if symbol {
                Certainty::Inferred
            } else {
                certainty(lost.mention)
            },
            target: lost.target,
            quality: 0.6,
            exists: true,
            span: lost.mention.span,
            unsaid: lost.said.unsaid,
            contract: lost.said.contract,
        });
    }
}

/// The part of a lost name that would occur in the code; `None` where it is a mere word, or a path.
fn name_to_find<'l>(lost: &'l Lost<'_>) -> Option<&'l str> {
    let name = match lost.target.kind {
        TargetKind::File | TargetKind::Route => return None,
        // An event is one text, dots and all.
        TargetKind::Event => {
            let name = lost.target.name.as_str();
            return (!name.chars().all(char::is_lowercase)).then_some(name);
        }
        _ => lost.target.name.rsplit('.').next()?,
    };
    let telling = name.contains('_') || name.chars().skip(1).any(char::is_uppercase);
    telling.then_some(name)
}

/// What statements say of flags by name: who introduces one makes it, who assumes or stubs one reads it.
fn flag_statements<'a>(prds: &'a [Prd], known: &Known<'_>, made: &mut Made) -> Vec<Claimed<'a>> {
    let mut claimed = Vec::new();
    for prd in prds {
        for statement in &prd.statements {
            let (key, access) = match &statement.claim {
                Claim::Introduces { key: Some(key), .. } => (key, Access::Create),
                Claim::Assumes { key: Some(key), .. } | Claim::Stubs { key: Some(key), .. } => (key, Access::Read),
                // Who makes a flip with its own work changes the flag.
                Claim::PlansFlip {
                    key: Some(key),
                    when: Flip::WithPrd(with),
                    ..
                } if *with == prd.id.0 => (key, Access::Write),
                Claim::PlansFlip { key: Some(key), .. } | Claim::States { key, .. } => (key, Access::Read),
                _ => continue,
            };
            let exists = known.flag(key.as_str()) != known::Meaning::Missing;
            let target = known::flag(key.as_str());
            if access == Access::Create && !exists {
                made.note(target.clone());
            }
            claimed.push(Claimed {
                prd: &prd.id,
                target,
                access,
                certainty: if statement.declared {
                    Certainty::Declared
                } else {
                    Certainty::Mentioned
                },
                quality: 1.0,
                exists,
                span: statement.span,
                unsaid: false,
                contract: None,
            });
        }
    }
    claimed
}

/// Who says that it makes a thing makes it. Who changes a thing that neither exists nor is made by somebody else makes it too,
/// unless it is a slip of the pen.
fn note_makers(lost: &mut [Lost<'_>], known: &Known<'_>, made: &mut Made) {
    let mut order: Vec<usize> = (0..lost.len()).collect();
    // Full names first, so that short ones find them.
    order.sort_by_cached_key(|&at| {
        let name = &lost[at].target.name;
        (Reverse(name.matches(['/', '.']).count()), name.clone(), at)
    });
    for &at in &order {
        if lost[at].said.access == Access::Create {
            lost[at].target = made.note(lost[at].target.clone());
        }
    }
    let mut makers = Vec::new();
    for &at in &order {
        let one = &lost[at];
        // What goes was there.
        let goes = one.said.contract == Some(Contract::Gone);
        let changes = one.said.fresh || (one.said.access == Access::Write && !goes && missing::may_be_new(one, known));
        if made.find(&one.target).is_none() && (changes || is_in_new_file(one, made)) {
            makers.push(at);
        }
    }
    for at in makers {
        lost[at].said.access = Access::Create;
        lost[at].target = made.note(lost[at].target.clone());
    }
}

/// "New module `portal-link.ts` with `issueLink`": what stands in a file that is made is made too.
fn is_in_new_file(lost: &Lost<'_>, made: &Made) -> bool {
    let path = lost
        .target
        .path
        .as_ref()
        .filter(|_| lost.target.kind == TargetKind::Symbol && !lost.said.old);
    path.is_some_and(|path| made.find(&known::file(path)).is_some())
}

fn second_round(resolved: &mut Resolved<'_>) {
    let mut rest = Vec::new();
    for lost in std::mem::take(&mut resolved.lost) {
        match resolved.made.find(&lost.target) {
            Some(target) => resolved.claimed.push(Claimed {
                prd: &lost.prd.id,
                target: target.clone(),
                access: lost.said.access,
                certainty: certainty(lost.mention),
                quality: if *target == lost.target { 0.9 } else { 0.75 },
                exists: false,
                span: lost.mention.span,
                unsaid: lost.said.unsaid,
                contract: lost.said.contract,
            }),
            None => rest.push(lost),
        }
    }
    resolved.lost = rest;
}
