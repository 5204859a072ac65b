//! The default of a flag that is introduced. Enters: a rule that fits, and the sentences behind it. Leaves: the default that the nearest
//! words tell.

use std::ops::Range;
use std::sync::OnceLock;

use super::Hit;
use crate::flag::FlagValue;
use crate::prd::markdown::{Block, BlockKind};
use crate::prd::prose::{Form, Pattern, Sentence, words};
use crate::prd::{Claim, Statement};

/// Sentences after the one that names a flag in which its default may be told.
const FOLLOWING: usize = 3;

/// So many words and marks are a label: "Default value:", "Initial state |".
const LABEL: usize = 4;

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
            "initial|default|starting state|value :? {toggled}",
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

/// The statement of an item, a row or a line that ships a flag and does not tell its default: the last one of `out`, the first of the item being
/// `before`.
pub(super) fn untold(block: &Block, before: usize, out: &[Statement]) -> Option<usize> {
    let prose = block.kind != BlockKind::Code;
    let open = |claim: &Claim| {
        matches!(
            claim,
            Claim::Introduces {
                default: FlagValue::Unknown,
                ..
            }
        )
    };
    let last = out.len().checked_sub(1).filter(|last| *last >= before && prose)?;
    open(&out[last].claim).then_some(last)
}

/// "- Flag: `x`", "- Default: off": an item that names nothing and tells a default tells that of the flag which the item before it ships. An item
/// between them may tell something else ("- Owner: growth").
pub(super) fn of_the_item_before(
    block: &Block,
    sentences: &[Sentence<'_>],
    untold: &mut Option<usize>,
    out: &mut [Statement],
) {
    let prose = block.kind != BlockKind::Code;
    let code = |sentence: &Sentence<'_>| sentence.tokens.iter().any(|token| token.form == Form::Code);
    let Some(at) = untold.filter(|_| prose && !sentences.iter().any(code)) else {
        *untold = None;
        return;
    };
    let labelled = sentences.first().is_some_and(|first| {
        let head = first.tokens.iter().take(LABEL).any(|token| token.form == Form::Mark);
        head && words()
            .class("default_label")
            .within(&first.tokens[..LABEL.min(first.tokens.len())])
    });
    if !labelled {
        return;
    }
    if let Claim::Introduces { default, .. } = &mut out[at].claim {
        *default = told(&sentences[..1]);
    }
    *untold = None;
}
