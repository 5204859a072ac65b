//! Orders that are drawn. Enters: a sentence behind a label ("Merge order: 004 → this"), a row of a table with a column "Depends on". Leaves: which
//! documents come before this one, and which behind it.

use super::Document;
use super::named::Named;
use super::order::push_reference;
use super::rule::Kind;
use crate::prd::markdown::Block;
use crate::prd::prose::{Form, Sentence, sentences, tokens_of, words};
use crate::prd::{Statement, reference};

/// A label has at most so many words.
const LABEL: usize = 6;

/// "Merge order: 004 → this → 017": what stands before this document comes first, what stands behind it waits.
pub(super) fn told(sentence: &Sentence<'_>, named: &Named, document: Document<'_>, out: &mut Vec<Statement>) {
    let tokens = &sentence.tokens;
    let Some(colon) = tokens.iter().take(LABEL).position(|token| token.is_mark(":")) else {
        return;
    };
    let links = |at: usize| tokens[at].is_mark("→>⇒") || &*tokens[at].stem == "then";
    if !words().class("sequence_label").within(&tokens[..colon]) || !(colon..tokens.len()).any(links) {
        return;
    }
    let Some(own) = (colon + 1..tokens.len()).find(|at| is_own(sentence, *at, document)) else {
        return;
    };
    for reference in named
        .sure(sentence)
        .into_iter()
        .chain(numbers(sentence, colon, document))
    {
        if reference.start > colon && !(reference.start..reference.end).contains(&own) {
            let kind = if reference.start < own {
                Kind::Depends
            } else {
                Kind::Before
            };
            let at = reference.start.min(own)..reference.end.max(own + 1);
            push_reference(
                (kind, &named.titles(sentence)),
                out,
                sentence,
                reference,
                at,
                document.file,
            );
        }
    }
}

/// "2. PRD 50 (this document)": the entry of this document in a list of an order.
pub(super) fn opens_with_itself(sentence: &Sentence<'_>, document: Document<'_>) -> bool {
    let tokens = &sentence.tokens;
    let first = tokens.iter().position(|token| token.form != Form::Mark);
    let named = |at: usize, length: usize| {
        at + length <= tokens.len() && reference::is_self(sentence.words(at..at + length), document.id)
    };
    first.is_some_and(|at| named(at, 2) || named(at, 1))
}

/// "this", "PRD 50", "050": this document.
fn is_own(sentence: &Sentence<'_>, at: usize, document: Document<'_>) -> bool {
    let tokens = &sentence.tokens;
    let named =
        |length: usize| at + length <= tokens.len() && reference::is_self(sentence.words(at..at + length), document.id);
    let itself = tokens[at].form == Form::Word && words().class("itself").at(&tokens[at..]) > 0;
    itself || named(2) || (tokens[at].form == Form::Number && named(1))
}

/// Bare numbers of a sequence: "004 → this".
fn numbers(sentence: &Sentence<'_>, colon: usize, document: Document<'_>) -> Vec<std::ops::Range<usize>> {
    let tokens = &sentence.tokens;
    let number = |at: &usize| {
        let alone = tokens[*at].stem.len() <= 4 && tokens[*at].form == Form::Number;
        // "3 → 5 retries" counts something.
        let next = tokens
            .get(at + 1)
            .is_none_or(|next| next.form == Form::Mark || &*next.stem == "then");
        let step = tokens.get(at + 1).is_some_and(|next| next.is_mark(".)"))
            && tokens.get(at + 2).is_some_and(|next| next.form != Form::Mark);
        alone && next && !step && !reference::is_self(sentence.words(*at..at + 1), document.id)
    };
    (colon + 1..tokens.len()).filter(number).map(|at| at..at + 1).collect()
}

/// "| Depends on | Reason |" over "| PRD 4 | adds the table |": a row of which no other cell names another document tells of this one.
pub(super) fn in_a_column(
    (head, row): (&Block, &Block),
    named: &Named,
    document: Document<'_>,
    out: &mut Vec<Statement>,
) {
    let Some(border) = super::grid::border_of(head) else {
        return;
    };
    let heads = super::grid::cells(&head.flow.text, border);
    let asks = |cell: &std::ops::Range<usize>| {
        let tokens = tokens_of(&head.flow.text[cell.clone()]);
        let depends = words().headings.get("depends").map_or(0, |class| class.at(&tokens));
        depends > 0 && tokens.len() <= depends + 1
    };
    let cells = super::grid::cells(&row.flow.text, border);
    let Some(cell) = heads.iter().position(asks).and_then(|column| cells.get(column)) else {
        return;
    };
    let inside = |one: &reference::Reference| cell.start <= one.at.start && one.at.end <= cell.end;
    let (here, elsewhere): (Vec<_>, Vec<_>) = named.surely().into_iter().partition(|one| inside(one));
    if !elsewhere.is_empty() || here.is_empty() {
        return;
    }
    for sentence in sentences(&row.flow) {
        for tokens in reference::in_tokens(&sentence, &here) {
            push_reference(
                (Kind::Depends, &named.titles(&sentence)),
                out,
                &sentence,
                tokens.clone(),
                tokens,
                document.file,
            );
        }
    }
}
