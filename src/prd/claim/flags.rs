//! Claims about flags. Enters: a rule that fits, and is meant. Leaves: the [`Claim`] with its key, its phrase and its state.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Hit, defaults, it, limits, push, turns, when};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::mention::{is_other, says_code};
use crate::prd::prose::pattern::noun_phrase_after;
use crate::prd::prose::{Form, Sentence, Token, tokens_of, words};
use crate::prd::{Claim, Flip, Part, Statement, shape};
use crate::source::FileId;

/// The thing behind the flag, in words: lower case, without marks and articles.
fn phrase(sentence: &Sentence<'_>, at: Range<usize>) -> String {
    let article = |i: &usize| words().class("det").has(&sentence.tokens[*i].stem);
    let start = at.clone().find(|i| !article(i)).unwrap_or(at.end);
    let tokens = sentence.tokens[start..at.end]
        .iter()
        .filter(|token| token.form != Form::Mark);
    let words: Vec<String> = tokens
        .map(|token| {
            let text = &sentence.flow.text[token.at.clone()];
            if token.form == Form::Word {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        })
        .collect();
    words.join(" ")
}

/// True if the code at the token `at` is called a flag in this document, here or elsewhere.
pub(super) fn is_key(sentence: &Sentence<'_>, at: usize, keys: &BTreeSet<String>) -> bool {
    let token = &sentence.tokens[at];
    token.form == Form::Code && keys.contains(&*token.stem) && !says_code(sentence, at)
}

/// True if the code at the token `at` is a flag's name: the document calls it so, or it looks like one.
pub(super) fn names_one(sentence: &Sentence<'_>, at: usize, keys: &BTreeSet<String>) -> bool {
    is_key(sentence, at, keys) || could_be_key(&sentence.tokens[at])
}

/// True if the name looks like a flag's, with nothing else to go by.
pub(super) fn could_be_key(token: &Token) -> bool {
    token.form == Form::Code && shape::is_flag_key(&token.stem) && token.stem.contains(['_', '-'])
}

/// `withFlags(…)`, `setFlagForTests(…)`: a function that sets flags in tests.
pub(super) fn sets_flags(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    let sets = [
        "with", "set", "mock", "override", "force", "stub", "enable", "use", "turn", "switch", "flip", "activate",
        "fake",
    ]
    .iter()
    .any(|verb| lower.starts_with(verb));
    sets && ["flag", "feature", "toggle", "switch", "variation", "gate"]
        .iter()
        .any(|noun| lower.contains(noun))
}

/// The key among some tokens: one that the document calls a flag, or, with a state that only a switch has, the only name there.
fn key_in(sentence: &Sentence<'_>, at: Range<usize>, keys: &BTreeSet<String>, switch: bool) -> Option<FlagKey> {
    let codes: Vec<usize> = at
        .filter(|i| sentence.tokens[*i].form == Form::Code && !is_hook(&sentence.tokens[*i].stem))
        .collect();
    let known = codes.iter().find(|i| is_key(sentence, **i, keys));
    let only = match codes.as_slice() {
        [only] if switch && could_be_switched(sentence, *only) => Some(only),
        _ => None,
    };
    known.or(only).map(|i| FlagKey::new(&sentence.tokens[*i].stem))
}

/// A name that nothing calls a flag, and nothing another thing.
pub(super) fn could_be_switched(sentence: &Sentence<'_>, at: usize) -> bool {
    let name = &sentence.tokens[at].stem;
    shape::is_flag_key(name) && !is_other(name) && !says_code(sentence, at)
}

/// `beforeEach`: where tests set flags, and none itself.
fn is_hook(code: &str) -> bool {
    let name = code.trim_end_matches("()");
    matches!(
        name,
        "beforeEach" | "beforeAll" | "afterEach" | "afterAll" | "setUp" | "setup" | "before_each"
    )
}

/// "on", "off", "flipped": states that only a switch has; a user or a page may be active too.
fn switch_state(hit: &Hit<'_>) -> bool {
    let at = hit.found.at.clone();
    let said = |mut range: Range<usize>, stems: &[&str]| {
        range.any(|i| {
            let token = &hit.sentence.tokens[i];
            token.form == Form::Word && stems.contains(&&*token.stem)
        })
    };
    // The "on" of "rely on" is no state: a state stands behind its thing.
    let thing = hit.found.thing.as_ref().map(|thing| thing.start).or(hit.found.key);
    hit.found.state.is_some() && said(thing.unwrap_or(at.start)..at.end, &["on", "off"]) || said(at, &["flip"])
}

fn state(hit: &Hit<'_>) -> FlagValue {
    let said = hit.found.state.unwrap_or(hit.rule.state);
    if hit.rule.turns { said.flipped() } else { said }
}

/// "behind the `x` feature flag": the one name that stands between the thing and the noun.
fn only_key(hit: &Hit<'_>, keys: &BTreeSet<String>) -> Option<usize> {
    let from = hit.found.thing.as_ref().map_or(hit.found.at.start, |thing| {
        if thing.end == hit.found.at.end {
            hit.found.at.start
        } else {
            thing.end
        }
    });
    let mut between = (from..hit.found.at.end).filter(|i| names_one(hit.sentence, *i, keys));
    between.next().filter(|_| between.next().is_none())
}

/// It ships something behind a flag.
pub(super) fn introduces(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let sentence = hit.sentence;
    let named = hit.found.key.or_else(|| only_key(hit, keys));
    let key = named.map(|at| FlagKey::new(&sentence.tokens[at].stem));
    let flagword = words().class("flagword").within(&sentence.tokens[hit.found.at.clone()]);
    let said = &sentence.tokens[hit.found.at.clone()];
    // `--verbose` is a flag of a command; "the gates" are many, and none of this document's.
    let option = said.iter().any(|token| token.ticked && token.stem.starts_with('-'));
    let many = |token: &Token| {
        let word = sentence.flow.text[token.at.clone()].to_lowercase();
        token.form == Form::Word && matches!(&*word, "flags" | "gates" | "toggles" | "switches")
    };
    if option || (key.is_none() && said.iter().any(many)) {
        return;
    }
    // "behind `nginx`" is no flag.
    let dotted = |at: usize| sentence.tokens[at].stem.contains('.');
    let is_one = named.is_some_and(|at| names_one(sentence, at, keys) || dotted(at));
    if !flagword && !hit.context.flags && !is_one {
        return;
    }
    let thing = match hit.found.thing.clone() {
        Some(thing) if thing.end == hit.found.at.end => noun_phrase_after(&sentence.tokens, thing.start),
        Some(thing) => thing,
        None => 0..0,
    };
    let mut phrase = phrase(sentence, thing);
    if phrase.is_empty() {
        phrase = key.as_ref().map(FlagKey::to_string).unwrap_or_default();
    }
    let (default, said) = defaults::near(hit);
    let default = if default == FlagValue::Unknown {
        hit.rule.state
    } else {
        default
    };
    // A name in a list of flags may be anybody's; one with its default is introduced.
    let needed = words().class("consumes").within(&sentence.tokens);
    if hit.rule.with_default && (needed || default == FlagValue::Unknown) {
        return;
    }
    if hit.rule.state == FlagValue::Unknown && is_set(hit, default) {
        return;
    }
    let flips = when::in_sentence(sentence, hit.references, hit.found.at.end, hit.own);
    let end = said.map_or(hit.found.at.end, |said| said.end.max(hit.found.at.end));
    let end = flips.as_ref().map_or(end, |(_, at)| at.end.max(end));
    let claim = Claim::Introduces {
        key,
        phrase,
        default,
        flips: flips.map(|(flip, _)| flip),
    };
    push(out, hit, claim, hit.found.at.start..end, file);
}

/// "Feature flags: `x`=on", "Flags: `x` (on)" sets what is there: who ships a flag tells its default as that, or ships it off.
fn is_set(hit: &Hit<'_>, default: FlagValue) -> bool {
    let tokens = &hit.sentence.tokens;
    let start = hit.found.at.start;
    let label = tokens[start..hit.found.at.end]
        .iter()
        .any(|token| token.is_mark(":=—-"));
    let next = (hit.found.at.end..tokens.len()).find(|at| tokens[*at].form != Form::Mark);
    let on = next.is_some_and(|at| words().class("toggled_on").at(&tokens[at..]) > 0);
    let equals = tokens.get(hit.found.at.end).is_some_and(|next| next.is_mark("=→"));
    // "gated by `x` being on"
    if tokens
        .get(hit.found.at.end)
        .is_some_and(|next| hit.sentence.flow.text[next.at.clone()].eq_ignore_ascii_case("being"))
    {
        return true;
    }
    let many = hit.sentence.words(start..start + 1).ends_with('s');
    let defaults = tokens.iter().any(|token| matches!(&*token.stem, "default" | "initi"));
    let bare = equals || (label && many);
    (equals && default == FlagValue::On) || (label && !defaults && (on || (bare && equals)))
}

/// It needs a state.
pub(super) fn assumes(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let needs = state(hit);
    if needs == FlagValue::Unknown {
        let available = words()
            .class("available")
            .within(&hit.sentence.tokens[hit.found.at.clone()]);
        if !available {
            return;
        }
    }
    let needs = if needs == FlagValue::Unknown {
        FlagValue::On
    } else {
        needs
    };
    let thing = hit
        .found
        .thing
        .clone()
        .unwrap_or_else(|| hit.found.key.map_or(0..0, |key| key..key + 1));
    // "`x` exists, and it must be on": the one name before it.
    let thing = if thing.is_empty() { it::is(hit, keys) } else { thing };
    let key = key_in(hit.sentence, thing.clone(), keys, switch_state(hit));
    let phrase = phrase(hit.sentence, thing);
    if hit.rule.bare && !stands_alone(hit) {
        return;
    }
    // "until ops enable `x`": who does it is no thing that is enabled.
    let said = tokens_of(&phrase);
    let somebody = !said.is_empty() && words().class("someone").at(&said) == said.len();
    if key.is_none() && (phrase.is_empty() || somebody) {
        return;
    }
    let claim = Claim::Assumes { key, phrase, needs };
    push(out, hit, claim, hit.found.at.clone(), file);
}

/// "Requires `x`." and not "requires `x` to be a number": nothing but its occasion is said of the name.
fn stands_alone(hit: &Hit<'_>) -> bool {
    let next = hit.sentence.tokens.get(hit.found.at.end);
    next.is_none_or(|next| {
        (next.form == Form::Mark && !next.is_mark("(:=/")) || words().class("after_bare").has(&next.stem)
    })
}

/// "`x` is off *by default*": the words behind the state.
fn behind_default(hit: &Hit<'_>) -> bool {
    let behind = hit.sentence.tokens[hit.found.at.end..].iter().take(2);
    behind.map(|token| &*token.stem).eq(["by", "default"])
}

/// Its tests set the state.
pub(super) fn stubs(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let sentence = hit.sentence;
    let thing = hit.found.thing.clone().unwrap_or(0..0);
    let both = sentence.tokens.iter().any(|token| &*token.stem == "both");
    let state_words = |class: &str| words().class(class).within(&sentence.tokens[hit.found.at.clone()]);
    let value = match hit.found.state {
        _ if both => FlagValue::Unknown,
        Some(state) => state,
        None if state_words("toggled_off") => FlagValue::Off,
        None if state_words("toggled_on") => FlagValue::On,
        None => FlagValue::Unknown,
    };
    let key =
        key_in(sentence, thing.clone(), keys, true).or_else(|| key_in(sentence, 0..sentence.tokens.len(), keys, false));
    let noun = noun_phrase_after(&sentence.tokens, thing.start);
    let claim = Claim::Stubs {
        key,
        phrase: phrase(sentence, noun.start..noun.end.min(thing.end).max(noun.start)),
        value,
    };
    push(out, hit, claim, hit.found.at.clone(), file);
}

/// A flip is planned; without a time it is none.
pub(super) fn flips(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let sentence = hit.sentence;
    let said = when::in_sentence(sentence, hit.references, hit.found.at.end, hit.own);
    let thing = hit
        .found
        .thing
        .clone()
        .unwrap_or_else(|| hit.found.key.map_or(0..0, |key| key..key + 1));
    // A name that nothing calls a flag is one only if a flag has that name.
    let surely = words().class("flagword").within(&sentence.tokens[hit.found.at.clone()]);
    let mut task = false;
    let itself = || {
        if hit.rule.with_it {
            return Some((Flip::WithPrd(hit.own.0.clone()), hit.found.at.clone()));
        }
        turns::by_itself(hit).or_else(|| {
            let found = turns::as_task(hit, &thing, out)?;
            task = true;
            Some(found)
        })
    };
    let said = if hit.rule.words_alone || hit.rule.with_it {
        None
    } else {
        said
    };
    let Some((when, time)) = said.or_else(itself) else {
        return;
    };
    let noun = noun_phrase_after(&sentence.tokens, thing.start);
    let cut = noun.start..noun.end.min(thing.end).max(noun.start);
    let off = words()
        .class("toggled_off")
        .within(&sentence.tokens[hit.found.at.clone()])
        || words().class("flip_off").within(&sentence.tokens[hit.found.at.clone()]);
    let to = turns::from_to(hit)
        .or(hit.found.state)
        .or((hit.rule.state != FlagValue::Unknown).then_some(hit.rule.state))
        .unwrap_or_else(|| FlagValue::from(!off));
    // "the flag is on for a week" tells a state; a flip is an event.
    let tokens = &sentence.tokens[hit.found.at.clone()];
    let event = tokens.iter().any(|token| {
        matches!(
            &*token.stem,
            "flip"
                | "turn"
                | "switch"
                | "enabl"
                | "disabl"
                | "activ"
                | "deactiv"
                | "toggl"
                | "goe"
                | "get"
                | "set"
                | "chang"
                | "becom"
                | "make"
                | "remov"
                | "delet"
                | "drop"
                | "retir"
        )
    });
    // "With this PRD `x` is on for everyone"
    let with_it = hit.rule.with_it;
    if !event && !with_it {
        return;
    }
    let key = key_in(sentence, thing.clone(), keys, !task || surely);
    let mut phrase = phrase(
        sentence,
        if task && key.is_none() && !hit.rule.words_alone {
            thing
        } else {
            cut
        },
    );
    if phrase.is_empty() {
        phrase = key.as_ref().map(FlagKey::to_string).unwrap_or_default();
    }
    let at = hit.found.at.start.min(time.start)..hit.found.at.end.max(time.end);
    let when = match limits::of(hit, to) {
        Some(limits::Limit { words, environments }) => Flip::Part(Part {
            words,
            environments,
            when: Box::new(when),
        }),
        None => when,
    };
    push(out, hit, Claim::PlansFlip { key, phrase, to, when }, at, file);
}

/// It says what a flag is.
pub(super) fn states(hit: &Hit<'_>, keys: &BTreeSet<String>, file: FileId, out: &mut Vec<Statement>) {
    let Some(at) = hit.found.key else { return };
    let flagword = words()
        .class("flagword")
        .within(&hit.sentence.tokens[hit.found.at.clone()]);
    let switched = switch_state(hit) && could_be_switched(hit.sentence, at);
    if !flagword && !is_key(hit.sentence, at, keys) && !switched {
        return;
    }
    let said = &hit.sentence.tokens[hit.found.at.clone()];
    let has = |word: &str| {
        said.iter()
            .any(|token| token.form == Form::Word && &*token.stem == word)
    };
    // "`x` is turned on" may tell what is and what is to be; "is already turned on" tells what is.
    if (has("turn") || has("switch")) && !has("alreadi") {
        return;
    }
    // "`x` is on for the pilot hotels" tells of them alone.
    if limits::is_for_some(hit) {
        return;
    }
    // "… stands or falls with `x` being on"
    let may = hit.found.at.clone().any(|i| {
        let word = hit.sentence.words(i..i + 1);
        word.eq_ignore_ascii_case("being") || word.eq_ignore_ascii_case("be")
    });
    if may {
        return;
    }
    let claim = Claim::States {
        key: FlagKey::new(&hit.sentence.tokens[at].stem),
        value: state(hit),
        by_default: has("default") || behind_default(hit),
    };
    if state(hit) != FlagValue::Unknown {
        push(out, hit, claim, hit.found.at.clone(), file);
    }
}
