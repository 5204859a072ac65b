//! Sentences. Enters: the tokens of a block. Leaves: [`Sentence`]s, each a run of tokens, with what its clauses are.

use std::cell::OnceCell;
use std::ops::Range;

use super::token::{Form, Token, tokens};
use super::words::{Class, words};
use crate::prd::markdown::Flow;
use crate::source::Bytes;

/// Longer than any sentence that a person writes: a longer one is cut, so that looking around in it stays cheap.
const LONGEST: usize = 120;

/// One sentence of a block.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    /// The text it stands in.
    pub(crate) flow: &'a Flow,
    /// Its tokens, with its closing mark.
    pub(crate) tokens: Vec<Token>,
    /// Of each token, what it does to the clause before it; found once, for it is asked at every step of every pattern.
    hinges: OnceCell<Vec<Hinge>>,
}

/// What a token does to the clause before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hinge {
    /// It goes on.
    None,
    /// Another one begins here, or the mark ends it.
    Ends,
    /// Another one begins here, in which a denial no longer holds.
    Turns,
}

impl<'a> Sentence<'a> {
    /// A run of tokens of a text.
    fn new(flow: &'a Flow, tokens: Vec<Token>) -> Self {
        Self {
            flow,
            tokens,
            hinges: OnceCell::new(),
        }
    }

    /// Its bytes in the block's text.
    pub(crate) fn range(&self) -> Range<usize> {
        self.span(0..self.tokens.len())
    }

    /// The bytes, in the block's text, of some of its tokens.
    pub(crate) fn span(&self, tokens: Range<usize>) -> Range<usize> {
        match self.tokens.get(tokens) {
            Some([first, .., last]) => first.at.start..last.at.end,
            Some([only]) => only.at.clone(),
            _ => 0..0,
        }
    }

    /// The words of some of its tokens, as a reader sees them.
    pub(crate) fn words(&self, tokens: Range<usize>) -> &str {
        &self.flow.text[self.span(tokens)]
    }

    /// The bytes of the document of some of its tokens.
    pub(crate) fn bytes(&self, tokens: Range<usize>) -> Bytes {
        self.flow.bytes_with_ticks(self.span(tokens))
    }

    /// True if it asks.
    pub(crate) fn is_question(&self) -> bool {
        self.tokens.last().is_some_and(|last| last.is_mark("?"))
    }

    /// Where the clause begins that the token `at` is in; a comma ends no clause.
    pub(crate) fn clause_start(&self, at: usize) -> usize {
        let hinges = self.hinges();
        (0..at)
            .rev()
            .find(|i| hinges[*i] != Hinge::None)
            .map_or(0, |i| if self.tokens[i].form == Form::Mark { i + 1 } else { i })
    }

    /// Where the clause ends that the token `at` is in.
    pub(crate) fn clause_end(&self, at: usize) -> usize {
        let hinges = self.hinges();
        let ends = |i: &usize| hinges[*i] != Hinge::None;
        (at + 1..self.tokens.len()).find(ends).unwrap_or(self.tokens.len())
    }

    /// A mark that ends a clause beyond doubt.
    pub(crate) fn is_break(&self, at: usize) -> bool {
        self.tokens[at].is_mark(";—|.!?")
    }

    /// A word after which a denial no longer holds ("but", "so").
    pub(crate) fn is_turn(&self, at: usize) -> bool {
        self.hinges()[at] == Hinge::Turns
    }

    fn hinges(&self) -> &[Hinge] {
        self.hinges.get_or_init(|| {
            let (clause, turn, negator) = (words().class("clause"), words().class("turn"), words().class("negator"));
            let hinge = |at: usize| {
                let begins = |class: &Class| class.at(&self.tokens[at..]) > 0;
                // "instead of" denies, "instead" turns.
                if begins(clause) {
                    Hinge::Ends
                } else if begins(turn) && !begins(negator) {
                    Hinge::Turns
                } else if self.is_break(at) {
                    Hinge::Ends
                } else {
                    Hinge::None
                }
            };
            (0..self.tokens.len()).map(hinge).collect()
        })
    }
}

/// The sentences of a block.
pub(crate) fn sentences(flow: &Flow) -> Vec<Sentence<'_>> {
    let mut out = Vec::new();
    let mut current: Vec<Token> = Vec::new();
    let mut rest = tokens(flow).into_iter().peekable();
    while let Some(token) = rest.next() {
        let ends = ends_sentence(&token, &current, rest.peek(), &flow.text);
        current.push(token);
        if ends || current.len() >= LONGEST {
            out.push(Sentence::new(flow, std::mem::take(&mut current)));
        }
    }
    if !current.is_empty() {
        out.push(Sentence::new(flow, current));
    }
    out
}

fn ends_sentence(token: &Token, earlier: &[Token], next: Option<&Token>, text: &str) -> bool {
    let before = earlier.last();
    let after_end = token.is_mark(")\"”’»") && before.is_some_and(|before| before.is_mark(".!?"));
    if !token.is_mark(".!?") && !after_end {
        return false;
    }
    let Some(next) = next else { return true };
    // "3. Out of scope"
    if earlier.len() == 1 && before.is_some_and(|before| before.form == Form::Number) {
        return false;
    }
    let apart = next.at.start > token.at.end;
    let closing = next.is_mark(")\"'”’»");
    let lower = text[next.at.clone()].starts_with(char::is_lowercase) && !next.ticked;
    let short = before.is_some_and(|before| {
        let word = text[before.at.clone()].to_lowercase();
        let dotted = word.len() == 1 && word.chars().all(char::is_alphabetic);
        before.at.end == token.at.start && (dotted || words().looks.abbreviations.contains(&word))
    });
    let abbreviated = short && token.is_mark(".");
    apart && !closing && !lower && !abbreviated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::markdown;

    fn check(document: &str, expected: &[&str]) {
        let blocks = markdown::blocks(document, 0);
        let got: Vec<_> = sentences(&blocks[0].flow)
            .iter()
            .map(|sentence| blocks[0].flow.text[sentence.range()].to_owned())
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn where_sentences_end() {
        check(
            "One. Two e.g. this, i.e. that `a. B`! Three v1.2 (see x.ts.) `Four` is it? yes",
            &[
                "One.",
                "Two e.g. this, i.e. that a. B!",
                "Three v1.2 (see x.ts.)",
                "Four is it? yes",
            ],
        );
    }

    #[test]
    fn an_endless_sentence_is_cut() {
        let document = "word ".repeat(10_000);
        let blocks = markdown::blocks(&document, 0);
        assert!(
            sentences(&blocks[0].flow)
                .iter()
                .all(|sentence| sentence.tokens.len() <= LONGEST)
        );
    }
}
