//! Uses that expect what they use to be otherwise: asked for before, tried, or tested to fail. Enters: the text around a use. Leaves: whether it is one of
//! these; then what is no longer as it was may well be meant.

use crate::source::{Sources, Span};

/// What says that the next line does not fit and is to stand.
const SILENCED: [&str; 4] = ["@ts-expect-error", "@ts-ignore", "# type: ignore", "# pyright: ignore"];

/// What tests that something fails.
const FAILS: [&str; 7] = [
    "raises(",
    "assertRaises",
    "toThrow",
    "assert.throws",
    "assert_raises",
    "should_panic",
    "expectError",
];

/// What asks whether something is there.
const ASKS: [&str; 5] = ["hasattr(", "getattr(", "typeof ", "respond_to?", "?.("];

/// Errors that somebody waits for who knows that a name may not be there.
const CAUGHT: [&str; 6] = [
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "NameError",
    "TypeError",
    "Exception",
];

/// True if the lines around a use of `word` say that it may not be there, or not as it was.
pub(super) fn is_excused(sources: &Sources, span: Span, word: &str) -> bool {
    let text = &sources.file(span.file).text;
    let lines: Vec<&str> = text.lines().collect();
    let at = (sources.start(span).line as usize).saturating_sub(1);
    let Some(line) = lines.get(at) else { return false };
    let above = &lines[at.saturating_sub(2)..at];
    let near = || above.iter().chain([line]);
    let has = |line: &&&str, words: &[&str]| words.iter().any(|word| line.contains(word));
    let said = near().any(|line| has(&line, &FAILS)) || near().rev().take(2).any(|line| has(&line, &SILENCED));
    let asked = ASKS.iter().any(|ask| line.contains(ask));
    // `a.price ? a.price(1) : …`, `a.price && a.price(1)`, `if (a.price)` around it.
    let tested = |line: &str| {
        let mut found = line.match_indices(word);
        found.any(|(at, _)| {
            let rest = line[at + word.len()..].trim_start();
            rest.starts_with("&&") || (rest.starts_with('?') && !rest.starts_with("?."))
        })
    };
    let under = above
        .iter()
        .any(|line| line.trim_start().starts_with("if ") && line.contains(word) && !line.contains(&format!("{word}(")));
    said || asked || tested(line) || under || is_tried(&lines, at)
}

/// True in a `try` of Python that waits for a name which is not there, and in what it does then.
fn is_tried(lines: &[&str], at: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut inner = indent(lines[at]);
    for above in lines[..at].iter().rev().filter(|line| !line.trim().is_empty()) {
        if indent(above) >= inner {
            continue;
        }
        inner = indent(above);
        let head = above.trim();
        let waits = |line: &str| CAUGHT.iter().any(|error| line.contains(error)) || line == "except:";
        if head.starts_with("except") && waits(head) {
            return true;
        }
        if head == "try:" {
            let handlers = lines[at..].iter().filter(|line| indent(line) == inner);
            let mut handlers = handlers
                .map(|line| line.trim())
                .take_while(|line| !line.starts_with("try"));
            return handlers.any(|line| line.starts_with("except") && waits(line));
        }
        if inner == 0 {
            return false;
        }
    }
    false
}
