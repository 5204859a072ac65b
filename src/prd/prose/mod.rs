//! Prose as data: tokens, sentences, the words and patterns of `rules/prose/`. Enters: the blocks of a document. Leaves:
//! [`Sentence`]s, and the matches of a [`Pattern`] in one. Knows nothing of PRDs and flags beyond what the rule files say.

pub(crate) mod pattern;
pub(crate) mod sentence;
pub(crate) mod token;
pub(crate) mod words;

pub(crate) use pattern::Pattern;
pub(crate) use sentence::{Sentence, sentences};
pub(crate) use token::{Form, Token, stem, tokens_of};
pub(crate) use words::words;
