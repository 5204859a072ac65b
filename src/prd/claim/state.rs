//! What is told of a state. Enters: a rule that fits "once … is on" or "with … on". Leaves: whether the other state is told of as well,
//! whether the words speak of tidying up after the flag, and whether a test expects what they tell.

use std::ops::Range;
use std::sync::OnceLock;

use super::Hit;
use crate::prd::prose::{Form, Pattern, Sentence, Token, words};

/// How far apart a verb of removal and what it removes may stand.
const NEAR: usize = 8;

/// True if a test is to find it so: then the state is needed.
pub(super) fn expected(hit: &Hit<'_>) -> bool {
    let context = hit.context;
    context.tests || context.expects || context.assumptions || words().class("expects").within(&hit.sentence.tokens)
}

fn other_states() -> &'static [Pattern] {
    static PATTERNS: OnceLock<Vec<Pattern>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let say = [
            "with|when|while|if|once|where|until|as <thing> {be}? {toggled}",
            "with|when|while|if|once|where|until|as it|they {be}? {toggled}",
            "when|while|if|with {toggled}",
        ];
        say.iter()
            .map(|say| Pattern::parse(say).expect("BUG: a fixed pattern does not parse"))
            .collect()
    })
}

/// "With it on, the total is 1; with it off, 2": both states are told of, and neither is needed.
pub(super) fn both_told(hit: &Hit<'_>) -> bool {
    let here = &hit.found.at;
    let told = hit.rest.iter().take(2).enumerate().any(|(distance, sentence)| {
        let mut found = other_states().iter().flat_map(|pattern| pattern.find(sentence, &[]));
        found.any(|other| {
            let apart = distance > 0 || other.at.end <= here.start || here.end <= other.at.start;
            let opposite = other.state.is_some() && other.state != hit.found.state;
            apart && opposite && other.thing.is_none_or(|thing| same_thing(hit, &sentence.tokens[thing]))
        })
    });
    told || otherwise(hit)
}

/// "it", "the flag", or the thing by one of its words.
fn same_thing(hit: &Hit<'_>, thing: &[Token]) -> bool {
    let plain = |token: &Token| token.form == Form::Mark || words().class("not_distinctive").has(&token.stem);
    let own = hit.found.thing.clone().unwrap_or(0..0);
    let own = &hit.sentence.tokens[own];
    thing.iter().all(plain)
        || thing
            .iter()
            .filter(|token| !plain(token))
            .any(|token| own.iter().any(|word| word.stem == token.stem))
}

/// "…; otherwise it is 2", but not "otherwise it fails".
fn otherwise(hit: &Hit<'_>) -> bool {
    let tokens = &hit.sentence.tokens;
    let is = |token: &Token, stems: &[&str]| {
        let word = hit.sentence.flow.text[token.at.clone()].to_lowercase();
        token.form == Form::Word && (stems.contains(&&*token.stem) || stems.contains(&&*word))
    };
    let at = (hit.found.at.end..tokens.len()).find(|at| is(&tokens[*at], &["otherwise"]));
    at.is_some_and(|at| {
        !tokens[at..]
            .iter()
            .any(|token| is(token, &["fail", "break", "red", "wrong"]))
    })
}

/// "Once it is on, remove the old branch", "TODO: …", "That is a follow-up": work that comes after the flag, not with it.
pub(super) fn cleans_up(hit: &Hit<'_>, scope: usize) -> bool {
    let sentence = hit.sentence;
    let found = &hit.found.at;
    let parts = [scope..found.start, found.end..sentence.tokens.len()];
    let removal = parts.into_iter().any(|part| removes(sentence, part));
    let later = words().class("afterwards");
    let next = hit.rest.get(1).is_some_and(|next| {
        let first = next.tokens.first().map(|token| &*token.stem);
        matches!(first, Some("that" | "this" | "it" | "both")) && later.within(&next.tokens)
    });
    removal || next || later.within(&sentence.tokens)
}

/// "It must be on before the old branch can be removed": what waits for the state is tidying up.
pub(super) fn awaited_by_removal(hit: &Hit<'_>) -> bool {
    let within = hit.sentence.tokens[hit.found.at.clone()]
        .last()
        .is_some_and(|last| &*last.stem == "befor");
    let end = hit.found.at.end - usize::from(within);
    let next = hit.sentence.tokens.get(end);
    next.is_some_and(|next| &*next.stem == "befor" || &*next.stem == "before")
        && removes(hit.sentence, end..hit.sentence.clause_end(end))
}

/// A verb of removal with a flag, or what one leaves behind, beside it.
fn removes(sentence: &Sentence<'_>, part: Range<usize>) -> bool {
    let tokens = &sentence.tokens[part];
    let (verb, object) = (words().class("removes"), words().class("leftover"));
    (0..tokens.len()).any(|at| {
        let near = &tokens[at.saturating_sub(NEAR)..tokens.len().min(at + NEAR)];
        let it = |token: &Token| {
            let word = sentence.flow.text[token.at.clone()].to_lowercase();
            matches!(&*word, "it" | "them")
        };
        let length = verb.at(&tokens[at..]);
        let removed = object.within(near) || tokens.get(at + length).is_some_and(it);
        tokens[at].form == Form::Word && length > 0 && removed
    })
}
