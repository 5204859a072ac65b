//! What a function answers with, read off its signature, and what becomes of the answer where it is called. Enters: the words between its name and its body, a
//! call. Leaves: an [`Answer`] that is of another kind than before; nothing where a caller may not notice.

use super::uses::declared;
use crate::conflict::outline::Outline;
use crate::index::code::{At, Code, Trail};
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax, Through, Tree};
use crate::source::Bytes;

/// The kinds of answers that a caller has to tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Nothing (`void`, `()`, none).
    Nothing,
    /// It comes later (`Promise<…>`).
    Later,
    /// There may be none (`Option<…>`).
    Maybe,
    /// It may fail (`Result<…>`).
    Tried,
    /// So many values (Go), or one.
    Values(usize),
}

/// An answer that is of another kind than it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    from: (Kind, String),
    to: (Kind, String),
}

/// What becomes of what a call answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// It is used at all.
    used: bool,
    /// It is waited for, or handed to who waits.
    awaited: bool,
}

impl Taken {
    /// Of the call whose callee is `callee`; nothing where it is not called.
    pub(super) fn of(tree: &Tree, callee: NodeId, words: impl Fn(Bytes) -> String) -> Option<Self> {
        let call = tree.node(callee).parent?;
        let Syntax::Call { callee: own, .. } = tree.syntax(call) else {
            return None;
        };
        if *own != callee {
            return None;
        }
        let (mut awaited, mut inner) = (false, call);
        let mut around = tree.ancestors(call);
        let mut outer = around.next();
        while let Some(id) = outer {
            match tree.syntax(id) {
                Syntax::Wrap(through, _) => awaited |= *through == Through::Await,
                _ => break,
            }
            inner = id;
            outer = around.next();
        }
        let (mut used, mut given) = (true, false);
        match outer.map(|id| tree.syntax(id)) {
            None | Some(Syntax::Block(_)) => used = false,
            // `f().then(…)`
            Some(Syntax::Member { property, object }) if *object == inner => {
                given = matches!(words(*property).as_str(), "then" | "catch" | "finally");
            }
            // Whoever gets it may wait for it: `Promise.all([f()])`, `return f()`.
            Some(Syntax::Return(_) | Syntax::Array(_) | Syntax::Call { .. } | Syntax::Spread(_)) => given = true,
            Some(_) => {}
        }
        Some(Self {
            used,
            awaited: awaited || given,
        })
    }
}

impl Taken {
    /// True if it is bound to names or counted with, and not handed on.
    pub(super) fn is_kept(self) -> bool {
        self.used && !self.awaited
    }
}

impl Answer {
    /// True if it has another number of values.
    pub(super) fn is_counted(&self) -> bool {
        matches!((self.from.0, self.to.0), (Kind::Values(_), Kind::Values(_)))
    }

    /// Reads both signatures; nothing where the answer is of the kind that it was, or is not written down.
    pub(super) fn of(language: Language, signatures: [&str; 2]) -> Option<Self> {
        let [from, to] = signatures.map(|signature| told(language, signature));
        let (from, to) = (from?, to?);
        (from.0 != to.0).then_some(Self { from, to })
    }

    /// True if what becomes of the answer does not go with what it is now.
    pub(super) fn misses(&self, taken: Taken) -> bool {
        match (self.from.0, self.to.0) {
            (_, Kind::Nothing) => taken.used,
            (_, Kind::Later) => taken.used && !taken.awaited,
            (Kind::Later, _) => false,
            // What was nothing was not used.
            (Kind::Nothing, _) => false,
            _ => taken.used,
        }
    }

    /// True if what the place means answers so after the merge, too.
    pub(super) fn holds(&self, code: &Code<'_>, at: At, trail: &mut Trail) -> bool {
        let now = || {
            let target = code.behind(at, trail.restart())?;
            let (_, name) = declared(code, target)?;
            let facts = code.facts(target.unit);
            let outline = Outline::read(facts)?;
            let item = outline.items.iter().find(|item| item.key.name == name)?;
            told(facts.language, item.signature.as_ref()?)
        };
        let mut now = now;
        now().is_some_and(|(kind, _)| kind == self.to.0)
    }

    /// `nothing (before: () => void)`
    pub(super) fn shown(&self) -> String {
        let word = |(kind, text): &(Kind, String)| match kind {
            Kind::Nothing => "nothing".to_owned(),
            _ => format!("`{text}`"),
        };
        format!("{} (before: {})", word(&self.to), word(&self.from))
    }
}

/// The kind of the answer, and its words.
fn told(language: Language, signature: &str) -> Option<(Kind, String)> {
    let text = behind_list(signature)?.trim().trim_end_matches(['{', ';', ':']).trim();
    let text = text.strip_suffix("=>").unwrap_or(text).trim();
    let kind = match language {
        Language::TypeScript | Language::Tsx => {
            let text = text.strip_prefix(':')?.trim();
            match text {
                "void" | "never" => Kind::Nothing,
                text if text.starts_with("Promise<void>") || text.starts_with("Promise<") => Kind::Later,
                text if text.contains(" is ") || text.starts_with("asserts") => return None,
                _ => Kind::Values(1),
            }
        }
        Language::Rust => {
            let Some(text) = text.strip_prefix("->") else {
                return (text.is_empty() || text.starts_with("where")).then(|| (Kind::Nothing, String::new()));
            };
            let text = text.trim();
            let name = text
                .split('<')
                .next()
                .unwrap_or_default()
                .rsplit("::")
                .next()
                .unwrap_or_default()
                .trim();
            match name {
                "()" => Kind::Nothing,
                "Option" => Kind::Maybe,
                "Result" => Kind::Tried,
                _ if text.starts_with('(') => Kind::Values(split(text)),
                _ => Kind::Values(1),
            }
        }
        Language::Go => match text {
            "" => Kind::Nothing,
            text if text.starts_with('(') => Kind::Values(split(text)),
            _ => Kind::Values(1),
        },
        _ => return None,
    };
    let shown = text.trim_start_matches([':', '-', '>']).trim();
    Some((kind, shown.chars().take(60).collect()))
}

/// How many values stand in parentheses: at commas that stand in nothing else.
fn split(text: &str) -> usize {
    let mut depth = 0;
    let commas = text.chars().filter(|c| {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth -= 1,
            _ => {}
        }
        *c == ',' && depth == 1
    });
    commas.count() + 1
}

/// What stands behind the list of parameters.
fn behind_list(signature: &str) -> Option<&str> {
    let start = signature.find('(')?;
    let mut depth = 0;
    for (at, c) in signature[start..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return signature.get(start + at + 1..);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_another_kind_are_told_apart() {
        let of = |language, from, to| Answer::of(language, [from, to]).map(|answer| answer.shown());
        let typed = |from, to| of(Language::TypeScript, from, to);
        assert_eq!(typed("(a: string): A {", "(b: string): B {"), None);
        assert_eq!(
            typed(
                "(id: string): A | undefined {",
                "(id: string): Promise<A | undefined> {"
            )
            .as_deref(),
            Some("`Promise<A | undefined>` (before: `A | undefined`)")
        );
        assert_eq!(
            typed("(h: H): () => void {", "(h: H): void {").as_deref(),
            Some("nothing (before: `() => void`)")
        );
        let rust = |from, to| of(Language::Rust, from, to);
        assert_eq!(rust("(&self) -> u8 {", "(&self) -> u16 {"), None);
        assert!(rust("(&self) -> Option<u8> {", "(&self) -> u8 {").is_some());
        assert!(rust("(&self) -> u8 {", "(&self) -> (u8, u8) {").is_some());
        let go = |from, to| of(Language::Go, from, to);
        assert!(go("(a int) int {", "(a int) (int, error) {").is_some());
        assert_eq!(go("(a int) (int, error) {", "(a int) (string, error) {"), None);
    }
}
