//! The default of a flag that is introduced. Enters: a rule that fits, and the sentences behind it. Leaves: the default that the nearest
//! words tell.

use std::ops::Range;
use std::sync::OnceLock;

use super::Hit;
use crate::flag::FlagValue;
use crate::prd::prose::{Pattern, Sentence, words};

/// Sentences after the one that names a flag in which its default may be told.
const FOLLOWING: usize = 3;

fn default_patterns() -> &'static [Pattern] {
    static PATTERNS: OnceLock<Vec<Pattern>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let say = [
            "default|defaulted|defaulting to|is|be|as|at|:|=|in? {toggled}",
            "default : {toggled}",
            "default = {toggled}",
            "{toggled} by default",
            "{toggled} for|during|in {det}? =first",
            "start|begin|launch|ship|initially|first out? as? {toggled}",
            "initial state|value :? {toggled}",
            "{toggled} at first|launch|start|beginning",
            "{state} at the first|launch|start|beginning",
            "{toggled} from day|launch|start|the",
            "stay {toggled} for|until",
            "remain {toggled} for|until",
            "( {toggled} )",
            "( {toggled} until|for|at|by|to|in|first",
            ", {toggled} until|for|at|to|in|first|initially",
            ", {toggled} ,",
            ", {toggled} .",
            "which {be} {toggled}",
            "{be} {toggled} until|for|during|initially|everywhere|at",
        ];
        say.iter()
            .map(|say| Pattern::parse(say).expect("BUG: a fixed pattern does not parse"))
            .collect()
    })
}

/// "…, off" at the end of a line.
fn last_words() -> &'static Pattern {
    static PATTERN: OnceLock<Pattern> = OnceLock::new();
    PATTERN.get_or_init(|| Pattern::parse(", {toggled}").expect("BUG: a fixed pattern does not parse"))
}

fn ends(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence.tokens[at..].iter().all(|token| token.is_mark("."))
}

/// The default that the sentence, or one of the next, tells; with the tokens that tell it in the same sentence.
pub(super) fn near(hit: &Hit<'_>) -> (FlagValue, Option<Range<usize>>) {
    find(hit.rest)
}

/// The default that the first sentence, or one of the next, tells.
pub(crate) fn told(rest: &[Sentence<'_>]) -> FlagValue {
    find(rest).0
}

fn find(rest: &[Sentence<'_>]) -> (FlagValue, Option<Range<usize>>) {
    for (distance, sentence) in rest.iter().take(FOLLOWING).enumerate() {
        let found = default_patterns()
            .iter()
            .flat_map(|pattern| pattern.find(sentence, &[]))
            .chain(
                last_words()
                    .find(sentence, &[])
                    .into_iter()
                    .filter(|found| ends(sentence, found.at.end)),
            )
            .find(|found| found.state.is_some());
        if let Some(found) = found {
            let here = (distance == 0).then(|| found.at.clone());
            return (found.state.unwrap_or_default(), here);
        }
        // Another flag begins: what follows is about that one.
        let other = distance > 0
            && words().class("flagword").within(&sentence.tokens)
            && sentence.tokens.iter().any(|token| token.ticked);
        if other {
            break;
        }
    }
    (FlagValue::Unknown, None)
}
