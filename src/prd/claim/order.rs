//! Claims about order. Enters: a rule that fits ("depends on"), a list of dependencies, titles. Leaves: [`Claim::DependsOn`] or
//! [`Claim::Before`] for each PRD that is named, [`Claim::Foundation`], [`Claim::Hotfix`].

use std::ops::Range;

use super::rule::Kind;
use super::{Document, Hit, mood};
use crate::prd::markdown::BlockKind;
use crate::prd::prose::{Form, Sentence, Token, sentences, words};
use crate::prd::reference;
use crate::prd::titles::Titled;
use crate::prd::{Claim, Statement};
use crate::source::FileId;

/// Nouns that may stand before a PRD's number: "the hotfix 002".
const NOUNS: [&str; 9] = [
    "prd", "hotfix", "migrat", "foundat", "spec", "writer", "work", "featur", "change",
];

/// The PRDs that follow the words "depends on", or that the pattern itself names.
pub(super) fn depends(hit: &Hit<'_>, document: Document<'_>, out: &mut Vec<Statement>) {
    let sentence = hit.sentence;
    let kind = hit.rule.kind;
    let before = &sentence.tokens[..hit.found.at.start];
    if hit
        .rule
        .behind
        .as_deref()
        .is_some_and(|class| !words().class(class).within(before))
    {
        return;
    }
    if kind == Kind::Before && !of_itself(hit) {
        return;
    }
    if let Some(at) = hit.found.prd {
        if ahead_of_another(hit) || of_a_thing(hit, at) {
            return;
        }
        if let Some(reference) = hit.references.iter().find(|reference| reference.start == at) {
            let at = hit.found.at.clone();
            push_reference((kind, hit.titles), out, sentence, reference.clone(), at, document.file);
        }
        return;
    }
    for reference in list(sentence, hit.references, hit.found.at.end, document, labelled(hit)) {
        // "The total depends on the tax lines" tells of two things, "it depends on the tax lines" of the document.
        let bare = hit.titles.iter().any(|title| title.bare && title.at == reference);
        if (bare && !of_itself(hit)) || mood::struck(sentence, &reference) {
            continue;
        }
        if hit.rule.weak && counts(sentence, &reference) {
            continue;
        }
        if labelled(hit) && unneeded(sentence, &reference) {
            return;
        }
        let at = hit.found.at.start..reference.end;
        push_reference((kind, hit.titles), out, sentence, reference, at, document.file);
    }
}

/// "Once the refund ledger is done": by its bare title a document is meant only where it is merged, landed or shipped.
fn of_a_thing(hit: &Hit<'_>, at: usize) -> bool {
    let bare = hit.titles.iter().any(|title| title.bare && title.at.start == at);
    let tokens = &hit.sentence.tokens[hit.found.at.clone()];
    let works = tokens
        .iter()
        .any(|token| matches!(&*token.stem, "merg" | "land" | "ship" | "releas" | "deploy"));
    let is_in = tokens
        .windows(2)
        .any(|two| &*two[0].stem == "is" && &*two[1].stem == "in");
    bare && !works && !is_in
}

/// "PRD 4 must land before PRD 9": the order of two others.
fn ahead_of_another(hit: &Hit<'_>) -> bool {
    let end = hit.found.at.end;
    let before = hit
        .sentence
        .tokens
        .get(end)
        .is_some_and(|next| matches!(&*next.stem, "befor" | "ahead"));
    before
        && hit
            .references
            .iter()
            .any(|other| (end..=end + 2).contains(&other.start))
}

/// True if it is this document of which the words tell that it comes before another: "the list before PRD 4" is another thing.
fn of_itself(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    if hit.found.prd == Some(hit.found.at.start) {
        // "PRD 4 waits for this table" waits for a table.
        let next = tokens.get(hit.found.at.end);
        return next.is_none_or(|next| {
            next.form == Form::Mark
                || words().class("land").has(&next.stem)
                || words().class("after_itself").has(&next.stem)
        });
    }
    let start = hit.sentence.clause_start(hit.found.at.start);
    let subject = &tokens[start..hit.found.at.start];
    let plain = |token: &Token| {
        token.form == Form::Mark || words().class("modal").has(&token.stem) || words().class("work").has(&token.stem)
    };
    words().class("ours").within(subject) || subject.iter().all(plain)
}

/// True if it is this document of which the words tell that it comes before all others: "the newest should come first" tells of a list, and
/// "everything else depends on this endpoint" of an endpoint.
pub(super) fn is_foundation(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let last = &tokens[hit.found.at.end - 1];
    let itself = matches!(&*last.stem, "this" | "it" | "that");
    let next = tokens.get(hit.found.at.end);
    let ends =
        next.is_none_or(|next| next.form == Form::Mark || words().class("clause").at(&tokens[hit.found.at.end..]) > 0);
    of_itself(hit) && (!itself || ends)
}

/// "Depends on: 7, 9": behind a colon at the beginning of a line plain numbers and names are references.
fn labelled(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let colon = tokens.get(hit.found.at.end).is_some_and(|token| token.is_mark(":"))
        || tokens[hit.found.at.clone()].iter().any(|token| token.is_mark(":"));
    colon && hit.found.at.start <= 1
}

/// "after 003 failed attempts", "needs 003 in the header": behind a word that often tells of other things the number counts what follows.
fn counts(sentence: &Sentence<'_>, reference: &Range<usize>) -> bool {
    let number = reference.len() == 1 && sentence.tokens[reference.start].form == Form::Number;
    let next = sentence
        .tokens
        .get(reference.end)
        .filter(|next| next.form == Form::Word);
    let counted = |next: &Token| {
        let small = sentence.flow.text[next.at.clone()].starts_with(|c: char| c.is_lowercase());
        small && !words().class("after_number").has(&next.stem)
    };
    number && next.is_some_and(counted)
}

/// "PRD 1: no dependency, just related reading", "PRD 1 → resolved", "Soft: PRD 1": what a list of dependencies says of an entry that is none, in
/// so many words or right beside it. "PRD 1: drops the old column" tells what it does.
fn unneeded(sentence: &Sentence<'_>, reference: &Range<usize>) -> bool {
    let said = words().class("no_dependency").within(&sentence.tokens);
    let word = |token: &&Token| token.form != Form::Mark;
    let beside = [
        sentence.tokens[..reference.start].iter().rev().find(word),
        sentence.tokens[reference.end..].iter().find(word),
    ];
    let over = |token: &&Token| {
        let text = sentence.flow.text[token.at.clone()].to_lowercase();
        words().looks.done_with.contains(&text)
    };
    said || beside.into_iter().flatten().any(|token| over(&token))
}

/// PRDs at the beginning of an entry of a list of dependencies.
pub(super) fn listed(
    (kind, row): (Kind, bool),
    document: Document<'_>,
    sentence: &Sentence<'_>,
    (references, titles): (&[Range<usize>], &[Titled]),
    out: &mut Vec<Statement>,
) {
    let colon = sentence.tokens.iter().take(6).position(|token| token.is_mark(":"));
    // "Systemd: 244 or later": a number behind a label of its own is no PRD.
    let from = match colon {
        Some(colon) if !references.iter().any(|reference| reference.start < colon) => colon + 1,
        _ => 0,
    };
    for reference in list(sentence, references, from, document, from == 0 && !row) {
        if mood::struck(sentence, &reference) || unneeded(sentence, &reference) {
            continue;
        }
        push_reference(
            (kind, titles),
            out,
            sentence,
            reference.clone(),
            reference,
            document.file,
        );
    }
}

/// The references in the list that begins at the token `from`: "001, 009 and the hotfix 002 (small)".
fn list(
    sentence: &Sentence<'_>,
    references: &[Range<usize>],
    from: usize,
    document: Document<'_>,
    labelled: bool,
) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    let mut parentheses = 0usize;
    while let Some(token) = sentence.tokens.get(at) {
        let known = references.iter().find(|reference| reference.start == at);
        if let Some(reference) = behind_words(sentence, references, at) {
            // "the digest writer (PRD 1) and smart routing (PRD 2)"
            at = reference.end + 1;
            out.push(reference);
            continue;
        }
        if token.is_mark("([") {
            parentheses += 1;
        } else if token.is_mark(")]") {
            parentheses = parentheses.saturating_sub(1);
        } else if parentheses > 0 {
            // An aside: "(tax)".
        } else if let Some(reference) = known {
            out.push(reference.clone());
            at = reference.end;
            continue;
        } else if bare(sentence, at, labelled) {
            let written = sentence.words(at..at + 1);
            if !reference::is_self(written, document.id) {
                out.push(at..at + 1);
            }
        } else if !connects(sentence, at, out.is_empty()) {
            break;
        }
        at += 1;
    }
    out
}

/// How many words a name has at most.
const NAME: usize = 6;

/// The reference in parentheses behind a name that begins at `at`.
fn behind_words(sentence: &Sentence<'_>, references: &[Range<usize>], at: usize) -> Option<Range<usize>> {
    let word = |at: &usize| {
        sentence
            .tokens
            .get(*at)
            .is_some_and(|token| matches!(token.form, Form::Word | Form::Code))
    };
    let end = (at..at + NAME).find(|at| !word(at))?;
    let opens = end > at && sentence.tokens.get(end)?.is_mark("(");
    let inside = references.iter().find(|reference| reference.start == end + 1)?;
    let closes = sentence.tokens.get(inside.end)?.is_mark(")");
    let known = references.iter().any(|reference| (at..end).contains(&reference.start));
    (opens && closes && !known).then(|| inside.clone())
}

/// A number or name that is a reference only because of where it stands.
fn bare(sentence: &Sentence<'_>, at: usize, labelled: bool) -> bool {
    let token = &sentence.tokens[at];
    let next = sentence.tokens.get(at + 1);
    // "007" is a PRD, "30 days" is not.
    let ends = next.is_none_or(|next| {
        next.form == Form::Mark
            || matches!(
                &*next.stem,
                "and" | "or" | "has" | "have" | "is" | "land" | "first" | "to"
            )
    });
    let date = next.is_some_and(|next| next.form == Form::Number && next.at.start == token.at.end + 1);
    match token.form {
        Form::Number => {
            token.stem.len() <= 4
                && ends
                && !date
                && (labelled
                    || token.stem.starts_with('0') && token.stem.len() > 1
                    || at > 0 && sentence.tokens[at - 1].is_mark("#"))
        }
        Form::Code => labelled && token.ticked && ends && is_slug(&token.stem),
        Form::Word | Form::Mark => false,
    }
}

/// `leads`, `009-fees`: how PRDs are named; `PodFailurePolicy` and `--all` are other things.
fn is_slug(text: &str) -> bool {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.chars().all(fit) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// What may stand between the words "depends on" and a reference, or between two references.
fn connects(sentence: &Sentence<'_>, at: usize, before_first: bool) -> bool {
    let token = &sentence.tokens[at];
    match token.form {
        Form::Mark => token.is_mark("&+#/") || token.is_mark(if before_first { ":—\"'“”*" } else { ",;" }),
        Form::Word => {
            // "the work for gaps in the timeline"
            let aim = matches!(&*token.stem, "for" | "on" | "around")
                && at
                    .checked_sub(1)
                    .is_some_and(|before| &*sentence.tokens[before].stem == "work");
            let glue = matches!(
                &*token.stem,
                "and"
                    | "both"
                    | "the"
                    | "on"
                    | "upon"
                    | "of"
                    | "after"
                    | "plus"
                    | "also"
                    | "as"
                    | "well"
                    | "two"
                    | "three"
                    | "follow"
            );
            glue || aim || NOUNS.contains(&&*token.stem)
        }
        Form::Number | Form::Code => false,
    }
}

/// What a reference names: the document of that title, the target of a link, else its words.
fn named(sentence: &Sentence<'_>, titles: &[Titled], reference: Range<usize>) -> Vec<String> {
    if let Some(title) = titles.iter().find(|title| title.at == reference) {
        return title.prds.iter().map(|prd| prd.0.clone()).collect();
    }
    let at = sentence.span(reference);
    let link = sentence.flow.links.iter().find(|link| link.words == at);
    let target = link.and_then(|link| Some(link.target[reference::in_link(&link.target)?].to_owned()));
    vec![target.unwrap_or_else(|| sentence.flow.text[at].to_owned())]
}

pub(super) fn push_reference(
    (kind, titles): (Kind, &[Titled]),
    out: &mut Vec<Statement>,
    sentence: &Sentence<'_>,
    reference: Range<usize>,
    at: Range<usize>,
    file: FileId,
) {
    for name in named(sentence, titles, reference) {
        let claim = match kind {
            Kind::Before => Claim::Before { what: name },
            _ => Claim::DependsOn { on: name },
        };
        let said = out.iter().any(|statement| statement.claim == claim);
        if !said {
            out.push(Statement {
                claim,
                declared: false,
                scene: false,
                span: sentence.bytes(at.clone()).in_file(file),
                sentence: sentence.words(0..sentence.tokens.len()).to_owned(),
            });
        }
    }
}

/// "002 Hotfix: …", "Foundation: …": what the title says.
pub(super) fn titles(document: Document<'_>, out: &mut Vec<Statement>) {
    let Some(title) = document
        .blocks
        .iter()
        .find(|block| matches!(block.kind, BlockKind::Heading(1)))
    else {
        return;
    };
    for sentence in sentences(&title.flow) {
        for at in 0..sentence.tokens.len() {
            let word = |i: usize| sentence.tokens.get(at + i).map_or("", |token| &*token.stem);
            let (claim, length) = match (word(0), word(1), word(2)) {
                ("hotfix", ..) => (Claim::Hotfix, 1),
                ("hot", "fix", _) => (Claim::Hotfix, 2),
                ("one", "line", "fix") => (Claim::Hotfix, 3),
                ("foundat", "prd", _) => (Claim::Foundation, 2),
                ("foundat", ..) if at == 0 => (Claim::Foundation, 1),
                _ => continue,
            };
            out.push(Statement {
                claim,
                declared: false,
                scene: false,
                span: sentence.bytes(at..at + length).in_file(document.file),
                sentence: sentence.words(0..sentence.tokens.len()).to_owned(),
            });
        }
    }
}
