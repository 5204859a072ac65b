//! What criteria expect to see. Enters: the blocks of a document and their contexts. Leaves: the [`Expected`] names and texts: what stands
//! in backticks or quotation marks where it is told by what the work is judged. Knows nothing of code.

use std::ops::Range;

use super::Expected;
use super::context::Context;
use super::markdown::{Block, BlockKind};
use super::mention::denial;
use super::prose::{Form, Sentence, sentences, words};
use crate::source::FileId;

/// Pairs of marks that quote.
const QUOTES: [(char, char); 3] = [('"', '"'), ('“', '”'), ('„', '“')];

/// The texts that the criteria of a document name, in the order of the text. What a sentence denies is not expected, and what it tells of
/// both states, or asks, is not either.
pub(super) fn find(blocks: &[Block], contexts: &[Context], file: FileId) -> Vec<Expected> {
    texts(blocks, contexts, file, |context| context.expects || context.tests)
}

/// The texts that a document names and does not deny, wherever they stand; in the order of the text.
pub(super) fn named_anywhere(blocks: &[Block], contexts: &[Context], file: FileId) -> Vec<Expected> {
    texts(blocks, contexts, file, |_| true)
}

fn texts(blocks: &[Block], contexts: &[Context], file: FileId, wanted: impl Fn(&Context) -> bool) -> Vec<Expected> {
    let mut out = Vec::new();
    for (block, context) in blocks.iter().zip(contexts) {
        let judged = wanted(context) && !context.negated && !context.silent;
        if !judged || matches!(block.kind, BlockKind::Code | BlockKind::Heading(_)) {
            continue;
        }
        for sentence in sentences(&block.flow) {
            let denied = (0..sentence.tokens.len()).any(|at| denial(&sentence, at));
            let supposed = words().class("either").within(&sentence.tokens) || sentence.is_question();
            if !denied && !supposed {
                named(&sentence, file, &mut out);
            }
        }
    }
    out.sort_by(|a, b| (a.span, &a.text).cmp(&(b.span, &b.text)));
    out.dedup();
    out
}

fn named(sentence: &Sentence<'_>, file: FileId, out: &mut Vec<Expected>) {
    let flow = sentence.flow;
    let mut add = |at: Range<usize>, text: &str| {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\'' || c == '"');
        if !text.is_empty() {
            out.push(Expected {
                text: text.to_owned(),
                span: flow.bytes(at).in_file(file),
            });
        }
    };
    for token in sentence
        .tokens
        .iter()
        .filter(|token| token.form == Form::Code && token.ticked)
    {
        let text = flow.text[token.at.clone()].trim();
        add(token.at.clone(), text);
        // "`status: x`" and "`quote.x`" expect an x.
        if let Some((_, value)) = text
            .rsplit_once([':', '='])
            .filter(|_| !text.starts_with('/') && !text.contains("/:"))
        {
            add(token.at.clone(), value);
        }
        let dotted = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
        if let Some((_, member)) = text.rsplit_once('.').filter(|_| text.chars().all(dotted)) {
            add(token.at.clone(), member);
        }
    }
    let whole = sentence.range();
    for (open, close) in QUOTES {
        let mut from = whole.start;
        while let Some(found) = flow.text[from..whole.end].find(open) {
            let start = from + found + open.len_utf8();
            let Some(length) = flow.text[start..whole.end].find(close) else {
                break;
            };
            add(start..start + length, &flow.text[start..start + length]);
            from = start + length + close.len_utf8();
        }
    }
}
