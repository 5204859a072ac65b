//! What a change may touch, by its words alone: before anything is parsed. Enters: the two texts of a changed file. Leaves: the words that its
//! new lines say, those that may name what is no longer as it was, those that may name what is new, and whether a flag may have been turned.
//!
//! All of it is asked for too much rather than too little: a word more costs a parse, a word less a finding. What stands in the body of a function
//! is nobody else's, so a change there touches no name; whose body it is, indentation tells.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::brought::{self, is_import};
use super::fallback::Fallbacks;
use super::has_word;
use super::heads::{Head, Kind, heads};
use super::twice::NewKeys;
use super::values::Values;
pub(super) use super::word_set::{Word, WordSet};
use crate::conflict::{LineRange, changed_hunks};
use crate::lang::Language;
use crate::source::{RepoPath, Span};

/// Words of which one stands in whatever defines a flag, or in its path.
const SIGNS: [&str; 9] = [
    "flag",
    "feature",
    "toggle",
    "experiment",
    "rollout",
    "gate",
    "enable",
    "switch",
    "variant",
];

/// So many words of a line may be the name of what it declares: modifiers, receivers and types stand before it.
const FIRST: usize = 4;

/// What a change of a file touches.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// True for code in a language that is read.
    pub(super) code: bool,
    /// Runs of lines, as they were and as they are.
    pub(super) hunks: Vec<(LineRange, LineRange)>,
    /// What new lines say: words, keys with dashes and dots, what stands in quotes.
    pub(super) said: WordSet,
    /// What may be gone, or called otherwise.
    pub(super) lost: WordSet,
    /// What old lines may have declared and the text does not say any more.
    pub(super) faded: WordSet,
    /// What imports said and do not say any more.
    pub(super) dropped: WordSet,
    /// What imports say that none of the file said before.
    pub(super) brought: WordSet,
    /// What may be new: names, and what stands in quotes.
    pub(super) made: WordSet,
    /// What it does to flags that it may define.
    pub(super) flags: Option<Flags>,
    /// The keys that it adds to a file of settings, once they were asked for.
    pub(super) keys: OnceLock<Option<NewKeys>>,
    /// The events that its old lines sent, once they were asked for.
    pub(super) sent: OnceLock<Vec<(String, Span)>>,
    /// The calls whose last argument it turned, once they were asked for.
    pub(super) turned: OnceLock<Fallbacks>,
    /// What its new lines may give a name or a number to, once that was asked for.
    pub(super) marks: OnceLock<WordSet>,
}

/// What a change does to flags that the file may define.
#[derive(Debug, Default)]
pub(super) struct Flags {
    /// What old lines said and the file does not say any more.
    pub(super) faded: WordSet,
    /// True if a value may be the opposite of what it was.
    pub(super) turned: bool,
}

impl Touched {
    /// Compares the two texts of a file; nothing for one that is not there.
    #[must_use]
    pub(super) fn of(path: &RepoPath, [base, side]: [Option<&str>; 2]) -> Self {
        let [old, new] = [base, side].map(Option::unwrap_or_default);
        let hunks = changed_hunks(old.as_bytes(), new.as_bytes());
        let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        let mut touched = Self::default();
        for line in hunks.iter().flat_map(|(_, range)| lines(&after, *range)) {
            tokens(line, |token| _ = touched.said.insert(number(token)));
        }
        if let Some(language) = Language::of(path).filter(|language| language.is_built()) {
            touched.code = true;
            let [gone, made] = [(&before, 0), (&after, 1)].map(|(all, which)| {
                let ranges = hunks.iter().map(|(old, new)| [*old, *new][which]);
                names(language, all, &ranges.collect::<Vec<_>>(), which == 0)
            });
            (touched.lost, touched.made) = (gone, made);
            touched.faded = faded(&before, &hunks, new);
            owners(&after, &hunks, |word| _ = touched.lost.insert(number(word)));
            [touched.dropped, touched.brought] = brought::changed((&before, &after), &hunks);
            // What the file of a package imports it passes on.
            if path.file_name() == "__init__.py" {
                touched.lost.extend(&touched.dropped);
            }
            for line in hunks.iter().flat_map(|(_, range)| lines(&after, *range)) {
                quoted(line, |text| _ = touched.made.insert(number(text)));
            }
        }
        if base.is_some() && (signs().is_match(path.as_str()) || signs().is_match(old)) {
            touched.flags = Some(Flags::of((&before, &after), &hunks, new));
        }
        touched.hunks = hunks;
        touched
    }

    /// The run of lines of the text before in whose place this one-based new line stands.
    #[must_use]
    pub(super) fn instead_of(&self, line: u32) -> Option<LineRange> {
        let mut hunks = self.hunks.iter();
        let is_in = |new: &LineRange| (new.start..new.start + new.count).contains(&line);
        hunks.find(|(_, new)| is_in(new)).map(|(old, _)| *old)
    }

    /// The one-based lines that are new.
    #[must_use]
    pub(super) fn new_lines(&self) -> BTreeSet<u32> {
        let lines = self.hunks.iter();
        lines
            .flat_map(|(_, after)| after.start..after.start + after.count)
            .collect()
    }
}

/// The names of the types into which lines came, where none went: between two members an old text does not tell whose the place is.
fn owners<'t>(after: &[&'t str], hunks: &[(LineRange, LineRange)], mut each: impl FnMut(&'t str)) {
    let came = hunks.iter().filter(|(old, _)| old.count == 0);
    let ranges = came.map(|(_, new)| (new.start.saturating_sub(1) as usize, new.count as usize));
    heads(after, &ranges.collect::<Vec<_>>(), |line, around| {
        let inner = around.last().filter(|_| line.is_some());
        if let Some(head) = inner.filter(|head| Head::kind(after[head.line], head.closed) == Kind::Owner) {
            declared(after[head.line], |word| {
                each(word);
                // `CardProps` is what `Card` asks for.
                if let Some(component) = word.strip_suffix("Props") {
                    each(component);
                }
            });
        }
    });
}

/// What changed lines of a text may have declared and none of its lines says now.
fn faded(before: &[&str], hunks: &[(LineRange, LineRange)], now: &str) -> WordSet {
    let mut found = WordSet::default();
    for line in hunks.iter().flat_map(|(range, _)| lines(before, *range)) {
        if !is_comment(line) {
            declared(line, |word| _ = found.insert(number(word)));
        }
    }
    if !found.is_empty() {
        words(now).for_each(|word| _ = found.remove(&number(word)));
    }
    found
}

impl Flags {
    fn of((before, after): (&[&str], &[&str]), hunks: &[(LineRange, LineRange)], text: &str) -> Self {
        let mut names: HashSet<&str> = HashSet::new();
        for line in hunks.iter().flat_map(|(range, _)| lines(before, *range)) {
            declared(line, |word| _ = names.insert(word));
            quoted(line, |text| _ = names.insert(text));
        }
        let faded = names.into_iter().filter(|name| !has_word(text, name, &['$', '-']));
        let faded = faded.map(number).collect();
        // What went here and came there may be one line that was moved.
        let (mut gone, mut new) = (Values::default(), Values::default());
        let turned = hunks.iter().any(|(was, is)| {
            let (old, now) = (Values::of(lines(before, *was)), Values::of(lines(after, *is)));
            if was.count == 0 || is.count == 0 {
                gone.also(&old);
                new.also(&now);
            }
            old.turns(&now) || old.conditions != now.conditions
        });
        let turned = turned || gone.turns(&new);
        Self { faded, turned }
    }
}

fn signs() -> &'static AhoCorasick {
    static ALL: OnceLock<AhoCorasick> = OnceLock::new();
    ALL.get_or_init(|| {
        let signs = AhoCorasick::builder().ascii_case_insensitive(true).build(SIGNS);
        signs.expect("BUG: nine words are no automaton")
    })
}

/// The lines of a range.
fn lines<'t>(all: &'t [&'t str], range: LineRange) -> impl Iterator<Item = &'t str> {
    let from = (range.start.saturating_sub(1) as usize).min(all.len());
    let to = (from + range.count as usize).min(all.len());
    all[from..to].iter().copied()
}

/// What these lines of a text may declare, and what they may be the signature of. `signatures`: a line that only came may belong to one, too.
fn names(language: Language, all: &[&str], ranges: &[LineRange], signatures: bool) -> WordSet {
    let mut found = WordSet::default();
    let asked: Vec<(usize, usize)> = ranges
        .iter()
        .map(|range| (range.start.saturating_sub(1) as usize, range.count as usize))
        .filter(|(_, count)| *count > 0 || signatures)
        .collect();
    let plain = matches!(
        language,
        Language::TypeScript | Language::Tsx | Language::JavaScript | Language::Rust | Language::Python | Language::Go
    );
    heads(all, &asked, |line, around| {
        if !plain {
            for text in line.into_iter().chain(around.iter().map(|head| all[head.line])) {
                words(text).for_each(|word| _ = found.insert(number(word)));
            }
            return;
        }
        let mut own = line.filter(|line| !is_comment(line));
        let mut heads: Vec<&str> = Vec::new();
        for head in around.iter().rev() {
            let text = all[head.line];
            let kind = Head::kind(text, head.closed);
            match kind {
                Kind::Body => return,
                // What an import brings in is declared elsewhere.
                _ if is_import(text) => return,
                // Whoever matches all members of an enum of Rust has to know a new one.
                Kind::Names if language == Language::Rust && signatures => heads.push(text),
                Kind::Step | Kind::Names => {}
                Kind::Owner | Kind::Value => own = own.filter(|line| makes_a_function(line)),
                // Go: `const (`. What else parentheses hold has no name that anybody uses.
                Kind::Open => own = own.filter(|_| language == Language::Go),
            }
            let called = kind == Kind::Open && text.split('(').next().is_some_and(|name| name.contains('.'));
            if matches!(kind, Kind::Owner | Kind::Open) && !called {
                heads.push(text);
            }
        }
        for text in own.filter(|line| !is_import(line)).into_iter().chain(heads) {
            declared(text, |word| _ = found.insert(number(word)));
        }
    });
    found
}

/// True for a line of a member that may be a function or has members of its own.
fn makes_a_function(line: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "=>", "function", "fn ", "def ", "func ", "class ", "enum ", "mod ", "lambda",
    ];
    if SIGNS.iter().any(|sign| line.contains(sign)) {
        return true;
    }
    let Some(at) = line.find(['(', ':', '=', '<']) else {
        return false;
    };
    let rest = line[at + 1..].trim_start();
    matches!(line.as_bytes()[at], b'(' | b'<') || rest.starts_with('(') || rest.starts_with("async") || rest.is_empty()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("/*") || line.starts_with("* ") || line.starts_with("# ")
}

/// The first words of a line, one of which it declares, if it declares any.
fn declared<'t>(line: &'t str, mut each: impl FnMut(&'t str)) {
    let bare = line.trim_start();
    let many = line.contains("enum") || bare.starts_with(['@', '#']);
    // Go has the receiver before the name, Rust who may see it.
    let start = match bare.starts_with("func (") || bare.starts_with("pub(") {
        true => line.find(')').unwrap_or(0),
        false => 0,
    };
    let first = line[start..]
        .find(['(', ':', '=', '<', ';'])
        .map_or(line.len(), |at| start + at);
    let line = if many { line } else { &line[..first] };
    let mut count = 0;
    for word in words(line) {
        let end = word.as_ptr() as usize - line.as_ptr() as usize + word.len();
        let rest = &line[end..];
        let modifies =
            rest.starts_with(char::is_whitespace) && rest.trim_start().starts_with(|c| is_word(c) || c == '*');
        if RESERVED.contains(&word) || (modifies && MODIFIERS.contains(&word)) {
            continue;
        }
        each(word);
        count += 1;
        if count >= FIRST && !many {
            return;
        }
    }
}

/// Words that are never a name.
const RESERVED: [&str; 28] = [
    "const", "let", "var", "function", "if", "else", "while", "return", "this", "null", "true", "false", "typeof",
    "void", "extends", "class", "export", "pub", "fn", "impl", "struct", "mut", "self", "def", "func", "None", "True",
    "False",
];

/// Words that are no name where another word comes after them.
const MODIFIERS: [&str; 26] = [
    "default",
    "async",
    "static",
    "public",
    "private",
    "protected",
    "readonly",
    "abstract",
    "override",
    "declare",
    "get",
    "set",
    "type",
    "interface",
    "enum",
    "trait",
    "mod",
    "crate",
    "unsafe",
    "extern",
    "namespace",
    "module",
    "package",
    "new",
    "await",
    "case",
];

/// Everything that may be a name or a key: words, words with dashes, with dots, and what stands between quotes and brackets.
fn tokens(text: &str, mut each: impl FnMut(&str)) {
    let dashed = |c: char| !(is_word(c) || c == '-');
    let dotted = |c: char| !(is_word(c) || matches!(c, '-' | '.'));
    let apart = |c: char| c.is_whitespace() || "'\"`()[]{},;=<>".contains(c);
    words(text).for_each(&mut each);
    let mut more = |token: &str| {
        let token = token.trim_matches(['-', '.', ':']);
        if token.contains(|c| !is_word(c)) {
            each(token);
        }
    };
    text.split(dashed).for_each(&mut more);
    text.split(dotted).for_each(&mut more);
    text.split(apart).for_each(&mut more);
}

/// What stands in quotes.
fn quoted<'t>(line: &'t str, each: impl FnMut(&'t str)) {
    line.split(['"', '\'', '`']).skip(1).step_by(2).for_each(each);
}

/// The words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// FNV-1a.
pub(super) fn number(word: &str) -> Word {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
