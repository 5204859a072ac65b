//! Where in a document a block stands. Enters: the blocks. Leaves: for each a [`Context`]: what its headings, its label and the line
//! that introduces its list say about it.

use super::markdown::{Block, BlockKind};
use super::prose::{Form, Token, sentences, words};
use super::{Access, mention};

/// What the surroundings of a block say about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Context {
    /// Out of scope: what is named here is not touched, and nothing is claimed.
    pub(crate) negated: bool,
    /// History, rejected alternatives, quotations: nothing is claimed.
    pub(crate) silent: bool,
    /// A list of assumptions.
    pub(crate) assumptions: bool,
    /// A list of PRDs that come before.
    pub(crate) depends: bool,
    /// A list of PRDs that come after.
    pub(crate) before: bool,
    /// About tests.
    pub(crate) tests: bool,
    /// Tells what is to be, not how things are or how they are judged.
    pub(crate) plans: bool,
    /// Tells how things are, or how they are judged.
    pub(crate) background: bool,
    /// Tells by what it is judged whether the work is done.
    pub(crate) expects: bool,
    /// Tells how things came to be: what comes after what in it is no plan.
    pub(crate) past: bool,
    /// A list of flags.
    pub(crate) flags: bool,
    /// The steps after the work has landed.
    pub(crate) rollout: bool,
    /// What is done with the things named here, where their sentences do not say.
    pub(crate) access: Option<Access>,
}

impl Context {
    /// This context within `outer`: what is out of scope stays so; the rest is said anew. A list of those that come after within one of those that
    /// come before is no list of both.
    fn within(self, outer: Self) -> Self {
        let orders = self.depends || self.before;
        Self {
            negated: self.negated || outer.negated,
            silent: self.silent || outer.silent,
            assumptions: self.assumptions || outer.assumptions,
            depends: self.depends || (outer.depends && !orders),
            before: self.before || (outer.before && !orders),
            tests: self.tests || outer.tests,
            plans: self.plans || outer.plans,
            background: self.background || outer.background,
            expects: self.expects || outer.expects,
            past: self.past || outer.past,
            flags: self.flags || outer.flags,
            rollout: self.rollout || outer.rollout,
            access: self.access.or(outer.access),
        }
    }

    fn says_something(self) -> bool {
        self != Self::default()
    }
}

/// A pseudo heading ("**Out of scope**" in a paragraph of its own) is deeper than every real one.
const PSEUDO: u8 = 7;

/// The context of each block.
pub(crate) fn contexts(blocks: &[Block]) -> Vec<Context> {
    // A title names the feature; its words say nothing of what stands below.
    let first = |block: &&Block| block.kind == BlockKind::Heading(1);
    let alone = blocks.iter().filter(first).count() == 1;
    let mut headings: Vec<(u8, Context)> = Vec::new();
    let mut out: Vec<Context> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let tokens = opening(block);
        let Some(level) = level(block, &tokens) else {
            let context = of_text(blocks, block, &tokens, &headings, &out);
            out.push(context);
            continue;
        };
        while headings.last().is_some_and(|(open, _)| *open >= level) {
            headings.pop();
        }
        let outer = headings.last().map(|(_, context)| *context).unwrap_or_default();
        let own = of_heading(block, &tokens, level, (level == 1 && alone, outer));
        headings.push((level, own));
        out.push(Context { access: None, ..own });
    }
    out
}

/// What a heading says of all that stands below it; `title` is true for the name of the whole document, `outer` is what it stands below.
fn of_heading(block: &Block, tokens: &[Token], level: u8, (title, outer): (bool, Context)) -> Context {
    let own = if title {
        Context::default()
    } else {
        of_words(tokens, &block.flow.text)
    };
    let background = is_background(tokens);
    let own = Context {
        access: own
            .access
            .or((level > 1 && !own.says_something() && tells_change(block, tokens)).then_some(Access::Write)),
        // "Requires" asks; "Requirements", which has the same stem, tells what is built.
        assumptions: own.assumptions || asks_for(block),
        ..own
    };
    // A subsection says for itself what it is about; only what is out of scope is inherited.
    let outer = if own.says_something() {
        Context {
            negated: outer.negated,
            silent: outer.silent,
            ..Context::default()
        }
    } else {
        Context {
            plans: level > 1 && !background,
            background,
            expects: outer.expects || opens("expects", tokens),
            past: outer.past || opens("past", tokens),
            access: outer.access.filter(|_| !background),
            ..outer
        }
    };
    let own = Context {
        plans: own.access.is_some_and(|access| access != Access::Read),
        ..own
    };
    own.within(outer)
}

/// The context of what is no heading: that of its section, of what introduces it, and of its own label.
fn of_text(
    blocks: &[Block],
    block: &Block,
    tokens: &[Token],
    headings: &[(u8, Context)],
    before: &[Context],
) -> Context {
    let section = headings.last().map(|(_, context)| *context).unwrap_or_default();
    let intro = block
        .intro
        .map_or(section, |at| carried(&blocks[at], before[at]).within(section));
    let label = label(tokens)
        .filter(|end| !is_told(&tokens[..*end]))
        .map(|end| Context {
            expects: opens("expects", &tokens[..end]),
            ..of_words(&tokens[..end], &block.flow.text)
        })
        .unwrap_or_default();
    // In a document without sections a list is what it is about.
    let outline = block.kind == BlockKind::Item && headings.iter().all(|(level, _)| *level == 1);
    let label = Context {
        plans: outline && !label.tests,
        ..label
    };
    let quoted = Context {
        silent: block.quoted,
        ..Context::default()
    };
    quoted.within(label.within(intro))
}

/// The first sentence of a block: no heading and no label is longer.
fn opening(block: &Block) -> Vec<Token> {
    let cut = |flow: &super::markdown::Flow| sentences(flow).into_iter().next().map(|sentence| sentence.tokens);
    if block.kind == BlockKind::Code {
        Vec::new()
    } else {
        cut(&block.flow).unwrap_or_default()
    }
}

fn level(block: &Block, tokens: &[Token]) -> Option<u8> {
    match block.kind {
        BlockKind::Heading(level) => Some(level),
        BlockKind::Paragraph => {
            let whole = tokens
                .last()
                .is_some_and(|last| last.at.end == block.flow.text.trim_end().len());
            let words = tokens.iter().filter(|token| token.form != Form::Mark).count();
            let ends = tokens.last().is_some_and(|last| last.is_mark(".!?"));
            // "Blocked by: —" says it all itself.
            let inside = &tokens[..tokens.len().saturating_sub(1)];
            let label = inside
                .iter()
                .any(|token| token.is_mark(":") || token.form == Form::Code);
            let title = whole && !label && words <= 6 && (!ends || words <= 3);
            (title && of_words(tokens, &block.flow.text).says_something() && !block.flow.text.contains("://"))
                .then_some(PSEUDO)
        }
        _ => None,
    }
}

/// Where the label of a block ends ("Depends on: …", "Where. …"), in tokens.
fn label(tokens: &[Token]) -> Option<usize> {
    let short = tokens.len() <= 4 && tokens.last().is_some_and(|last| last.is_mark("."));
    let colon = tokens.iter().take(8).position(|token| token.is_mark(":"));
    let end = colon.or(short.then(|| tokens.len() - 1))?;
    (end > 0).then_some(end)
}

/// "Later PRDs do not matter here: …" is a sentence, though it begins as the label "Later" does.
fn is_told(tokens: &[Token]) -> bool {
    let later = |token: &Token| matches!(&*token.stem, "later" | "follow" | "follow-up" | "followup");
    let first = tokens.iter().position(|token| token.form == Form::Word);
    let Some(first) = first.filter(|at| later(&tokens[*at])) else {
        return false;
    };
    // What stands in parentheses, and a clause of its own ("Later, when it is live"), tells of the label.
    let ends = |at: &usize| tokens[*at].is_mark(",;()[]") || words().class("clause").at(&tokens[*at..]) > 0;
    let end = (first..tokens.len()).find(ends).unwrap_or(tokens.len());
    let tells = |token: &Token| matches!(&*token.stem, "do" | "doe" | "is" | "are" | "may" | "can" | "might");
    !words().class("asks").within(tokens) && tokens[first..end].iter().any(tells)
}

fn asks_for(block: &Block) -> bool {
    let heading = block.flow.text.trim().trim_end_matches(':');
    ["requires", "required", "requires first"]
        .iter()
        .any(|word| heading.eq_ignore_ascii_case(word))
}

/// Headings under which things are told as they are, or judged.
fn is_background(tokens: &[Token]) -> bool {
    let words_only: Vec<Token> = tokens
        .iter()
        .skip_while(|token| token.form != Form::Word)
        .cloned()
        .collect();
    let headings = &words().headings;
    let begins = headings
        .get("background")
        .is_some_and(|class| class.at(&words_only) > 0);
    begins || headings.get("talk").is_some_and(|class| class.within(&words_only))
}

/// True if a heading begins with one of a class: "past" tells how things came to be, "expects" by what they are judged.
fn opens(class: &str, tokens: &[Token]) -> bool {
    let words_only: Vec<Token> = tokens
        .iter()
        .filter(|token| token.form == Form::Word)
        .cloned()
        .collect();
    words()
        .headings
        .get(class)
        .is_some_and(|class| class.at(&words_only) > 0)
}

/// Headings with a word that speaks of work to be done, anywhere: "Backend changes", "Inside the service".
fn tells_change(block: &Block, tokens: &[Token]) -> bool {
    let heading = matches!(block.kind, BlockKind::Heading(_));
    let change = words().headings.get("change").is_some_and(|class| class.within(tokens));
    heading && change && !is_background(tokens)
}

fn ends_in_ed(word: &str) -> bool {
    word.len() > 2 && word.is_char_boundary(word.len() - 2) && word[word.len() - 2..].eq_ignore_ascii_case("ed")
}

/// What the words of a heading or label say; `text` is that of their block.
fn of_words(tokens: &[Token], text: &str) -> Context {
    // "Needs (all of them)": an aside is no part of a label.
    let opens = tokens.iter().position(|token| token.is_mark("(")).filter(|at| *at > 0);
    let words_only: Vec<Token> = tokens[..opens.unwrap_or(tokens.len())]
        .iter()
        .skip_while(|token| token.form == Form::Number || token.form == Form::Mark)
        .filter(|token| token.form != Form::Mark)
        .cloned()
        .collect();
    let begins = |class: &str| words().headings.get(class).map_or(0, |class| class.at(&words_only));
    let is = |class: &str| {
        let length = begins(class);
        length > 0 && words_only.len() <= length + 1
    };
    let (depends, before) = (begins("depends"), begins("before"));
    // "Blocked" and "blocks" have one stem; "Required by launch" names no document.
    let passive = |at: usize| {
        words_only
            .get(at)
            .is_some_and(|token| ends_in_ed(&text[token.at.clone()]))
    };
    let blocked = depends == 0 && before == 1 && passive(0);
    let before = before > depends && !blocked && words_only.len() == before;
    let negated = begins("negated") > 0 || is("negated_alone");
    let access = [
        ("create", Access::Create),
        ("read", Access::Read),
        ("write", Access::Write),
    ];
    Context {
        negated,
        silent: begins("silent") > 0,
        assumptions: !negated && is("assumptions"),
        depends: !negated && !before && (is("depends") || (blocked && words_only.len() == 1)),
        before: !negated && before,
        tests: !negated && begins("tests") > 0,
        plans: false,
        background: false,
        expects: false,
        past: false,
        flags: !negated && is("flags"),
        rollout: begins("rollout") > 0,
        access: access
            .into_iter()
            .find(|(class, _)| !negated && is(class))
            .map(|(_, access)| access),
    }
}

/// What a line hands down to the list that it introduces.
fn carried(intro: &Block, context: Context) -> Context {
    if intro.kind != BlockKind::Item && !intro.flow.text.trim_end().ends_with(':') {
        return Context {
            access: None,
            ..context
        };
    }
    let all = sentences(&intro.flow);
    let Some(last) = all.last() else { return context };
    let governed = mention::governed(last, last.tokens.len(), mention::Voice::default());
    let colon = intro.flow.text.trim_end().ends_with(':');
    Context {
        negated: context.negated || (colon && governed.negated),
        access: if colon {
            governed.access.or(context.access)
        } else {
            context.access
        },
        ..context
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::markdown;

    fn check(document: &str, words: &str, expected: Context) {
        let blocks = markdown::blocks(document, 0);
        let contexts = contexts(&blocks);
        let at = blocks
            .iter()
            .position(|block| block.flow.text.contains(words))
            .expect("the words");
        assert_eq!(contexts[at], expected, "{words}");
    }

    #[test]
    fn what_blocks_and_what_is_blocked_are_two_things() {
        let orders = |document: &str| {
            let blocks = markdown::blocks(document, 0);
            let at = blocks
                .iter()
                .position(|block| block.flow.text.contains("PRD 1"))
                .expect("a reference");
            let context = contexts(&blocks)[at];
            (context.depends, context.before)
        };
        for after in [
            "## Blocked by\n\n- PRD 1\n",
            "- Blocked by: PRD 1\n",
            "Blocked by:\n\n* PRD 1\n",
            "### Blocked on\n\nPRD 1\n",
            "## Dependencies\n\n- Upstream: PRD 1\n",
        ] {
            assert_eq!(orders(after), (true, false), "{after}");
        }
        for before in [
            "## Blocks\n\n- PRD 1\n",
            "## Dependencies\n\n- Blocks: PRD 1\n",
            "## Dependencies\n\n- Required by: PRD 1\n",
            "## Dependencies\n\n- Downstream: PRD 1\n",
        ] {
            assert_eq!(orders(before), (false, true), "{before}");
        }
        assert_eq!(orders("## Required by launch\n\n- PRD 1\n"), (false, false));
    }

    #[test]
    fn headings_labels_and_introductions() {
        let document = "# Tax\n\nplain\n\n## 3. Out of scope (for now)\n\n- aaa\n\n### Assumptions\n\nbbb\n\n## Files to change\n\n- ccc\n\nWe must not touch:\n\n- ddd\n\n## Notes\n\n- Depends on: eee\n\n**Non-goals**\n\nfff\n\n## Test plan\n\nggg\n\n> hhh\n\nThis adds:\n\n- iii\n";
        let none = Context::default();
        check(document, "plain", none);
        check(document, "aaa", Context { negated: true, ..none });
        check(
            document,
            "bbb",
            Context {
                negated: true,
                assumptions: true,
                ..none
            },
        );
        check(
            document,
            "ccc",
            Context {
                plans: true,
                access: Some(Access::Write),
                ..none
            },
        );
        check(
            document,
            "ddd",
            Context {
                plans: true,
                access: Some(Access::Write),
                negated: true,
                ..none
            },
        );
        check(
            document,
            "eee",
            Context {
                depends: true,
                plans: true,
                ..none
            },
        );
        check(document, "fff", Context { negated: true, ..none });
        check(document, "ggg", Context { tests: true, ..none });
        check(
            document,
            "hhh",
            Context {
                tests: true,
                silent: true,
                ..none
            },
        );
        check(
            document,
            "iii",
            Context {
                tests: true,
                access: Some(Access::Create),
                ..none
            },
        );
    }
}
