//! From mentions to touchpoints. Enters: PRDs, what exists. Leaves: a [`Claimed`] thing for each mention that could be resolved, and
//! the mentions that could not.
//!
//! Two rounds: first every mention is looked up among the things that exist; from those that do not, the things that PRDs make
//! are gathered; then the rest is looked up among these.

use std::cmp::Reverse;

use super::access::{self, Outline, Said};
use super::known::{self, Known, Nearby};
use super::look::{self, Look};
use super::made::Made;
use super::missing;
use super::{Certainty, Target, TargetKind};
use crate::prd::{Access, Claim, Mention, MentionKind, Prd, PrdId};
use crate::source::{Sources, Span};

/// How far a new symbol may stand from the path of its file.
const FILE_REACH: u32 = 400;

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
}

/// A mention of a thing that does not exist.
#[derive(Clone, Debug)]
pub(super) struct Lost<'a> {
    pub prd: &'a Prd,
    pub mention: &'a Mention,
    pub target: Target,
    pub said: Said,
}

/// Everything that the documents claim to touch.
#[derive(Debug, Default)]
pub(super) struct Resolved<'a> {
    pub claimed: Vec<Claimed<'a>>,
    /// What neither exists nor is made.
    pub lost: Vec<Lost<'a>>,
}

/// Resolves every mention of `prds`; `made` is what they make.
pub(super) fn resolve<'a>(prds: &'a [Prd], known: &Known<'_>, sources: &Sources) -> (Resolved<'a>, Made) {
    let mut resolved = Resolved::default();
    for prd in prds {
        let nearby = look::nearby(prd, known);
        let outline = Outline::new(&sources.file(prd.title_span.file).text);
        for mention in prd.mentions.iter().filter(|mention| !mention.negated) {
            let said = access::of(mention, &outline, sources);
            first_round(prd, mention, said, look::look(mention, known, &nearby), &mut resolved);
        }
        place_new_symbols(prd, &nearby, known, &mut resolved.lost);
    }
    let mut made = Made::default();
    let flags = flag_statements(prds, known, &mut made);
    resolved.claimed.extend(flags);
    note_makers(&mut resolved.lost, known, &mut made);
    second_round(&mut resolved, &made);
    (resolved, made)
}

fn first_round<'a>(prd: &'a Prd, mention: &'a Mention, said: Said, look: Look, resolved: &mut Resolved<'a>) {
    match look {
        Look::Found(targets, quality) => {
            let value = mention.kind == MentionKind::Enum && said.access < Access::Create;
            for target in targets {
                resolved.claimed.push(Claimed {
                    prd: &prd.id,
                    target,
                    // Who uses a value that exists does not change the set of values.
                    access: if value && quality < 1.0 {
                        Access::Read
                    } else {
                        said.access
                    },
                    certainty: certainty(mention),
                    quality,
                    exists: true,
                    span: mention.span,
                });
            }
        }
        // A sample in a code block may invent names.
        Look::Missing(target) if !mention.sample => resolved.lost.push(Lost {
            prd,
            mention,
            target,
            said,
        }),
        Look::Missing(_) | Look::Nothing => {}
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
fn place_new_symbols(prd: &Prd, nearby: &Nearby, known: &Known<'_>, lost: &mut [Lost<'_>]) {
    let paths: Vec<&Mention> = prd
        .mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Path && !mention.negated)
        .collect();
    let mine = lost
        .iter_mut()
        .filter(|lost| lost.prd.id == prd.id && lost.target.kind == TargetKind::Symbol);
    for lost in mine.filter(|lost| lost.target.path.is_none() && !lost.mention.declared) {
        let at = lost.mention.span.bytes.start;
        let distance = |path: &Mention| path.span.bytes.start.abs_diff(at);
        let near = paths
            .iter()
            .filter(|path| path.span.file == lost.mention.span.file && distance(path) <= FILE_REACH);
        let Some(path) = near.min_by_key(|path| distance(path)) else {
            continue;
        };
        lost.target.path = match look::look(path, known, nearby) {
            Look::Found(targets, _) => targets.into_iter().next().and_then(|target| target.path),
            Look::Missing(target) => target.path,
            Look::Nothing => None,
        };
    }
}

/// What statements say of flags by name: who introduces one makes it, who assumes or stubs one reads it.
fn flag_statements<'a>(prds: &'a [Prd], known: &Known<'_>, made: &mut Made) -> Vec<Claimed<'a>> {
    let mut claimed = Vec::new();
    for prd in prds {
        for statement in &prd.statements {
            let (key, access) = match &statement.claim {
                Claim::Introduces { key: Some(key), .. } => (key, Access::Create),
                Claim::Assumes { key: Some(key), .. } | Claim::Stubs { key: Some(key), .. } => (key, Access::Read),
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
        let changes = one.said.access == Access::Write && missing::may_be_new(one, known);
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

fn second_round(resolved: &mut Resolved<'_>, made: &Made) {
    let mut rest = Vec::new();
    for lost in std::mem::take(&mut resolved.lost) {
        match made.find(&lost.target) {
            Some(target) => resolved.claimed.push(Claimed {
                prd: &lost.prd.id,
                target: target.clone(),
                access: lost.said.access,
                certainty: certainty(lost.mention),
                quality: if *target == lost.target { 0.9 } else { 0.75 },
                exists: false,
                span: lost.mention.span,
            }),
            None => rest.push(lost),
        }
    }
    resolved.lost = rest;
}
