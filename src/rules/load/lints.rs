//! What a rule may not get wrong silently: queries that do not compile in a language that the file claims, captures that its kind
//! needs, a key that swallows the fallback, generic names without a counter-example, rules that no needle lets run.

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Checker, Strictness};
use crate::lang::Language;
use crate::lang::queries::{CompiledQuery, LazyQuery, QueryError, compile};
use crate::rules::RuleFile;
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::shape::{Names, Shape};

/// The captures that a query may have; those that begin with `_` are its own.
const CAPTURES: [&str; 15] = [
    "key", "value", "fallback", "read", "def", "stub", "guard", "gate", "test", "suite", "title", "body", "table",
    "handle", "module",
];

/// Names that mean something else in most programs: their rules show with a `not` that they keep away from that.
const GENERIC: [&str; 30] = [
    "check",
    "decide",
    "disable",
    "enable",
    "enabled",
    "evaluate",
    "flag",
    "flags",
    "get",
    "getBoolean",
    "getValue",
    "has",
    "isEnabled",
    "isOff",
    "isOn",
    "is_enabled",
    "is_off",
    "is_on",
    "load",
    "off",
    "on",
    "override",
    "set",
    "stub",
    "toggle",
    "useFlag",
    "useFlags",
    "value",
    "variant",
    "variation",
];

impl Checker<'_> {
    pub(super) fn lint(&mut self, rule: &Rule, query: Option<&Spanned<String>>, file: &RuleFile) {
        if let Some(query) = query {
            let line = self.line(query.span().start);
            self.query(line, query.get_ref(), rule, file);
        } else {
            self.needs_key(rule);
        }
        self.counter_examples(rule);
        self.fits_shape(rule);
    }

    /// Compiles the query for every language that the file claims.
    fn query(&mut self, line: u32, text: &str, rule: &Rule, file: &RuleFile) {
        if key_swallows_arguments(text) {
            self.fail(line, "`(arguments (…) @key)` without an anchor captures the fallback as well: write `(arguments . (…) @key)`");
        }
        for language in &file.languages {
            if self.strictness == Strictness::BuiltIn {
                if language.is_built() {
                    self.queries.push((file.rules.len(), LazyQuery::new(*language, text)));
                }
                continue;
            }
            match compile(*language, text) {
                Ok(query) => {
                    self.captures(line, &query, rule);
                    self.queries.push((file.rules.len(), LazyQuery::compiled(text, query)));
                }
                // A build that does not read the language never asks.
                Err(QueryError::NotBuilt { .. }) => {}
                Err(error) => self.fail(line, format!("the query cannot be used: {error}")),
            }
        }
    }

    fn captures(&mut self, line: u32, query: &CompiledQuery, rule: &Rule) {
        let unknown = |name: &&str| !name.starts_with('_') && *name != "factory" && !CAPTURES.contains(name);
        for pattern in 0..query.patterns() {
            let captures = query.captures_of(pattern);
            for name in captures.iter().filter(|name| unknown(name)) {
                let hint = crate::rules::error::nearest(name, CAPTURES);
                self.fail_hint(line, format!("unknown capture `@{name}`"), hint);
            }
            let mut needed = Vec::new();
            if rule.key.is_none() && !matches!(rule.kind, RuleKind::Gate(_)) {
                needed.push("key");
            }
            if let RuleKind::Force(force) = &rule.kind
                && force.value.is_none()
                && force.covers != crate::rules::rule::Covers::Reset
            {
                needed.push("value");
            }
            for name in needed {
                let by_text = query
                    .predicates(pattern)
                    .iter()
                    .any(|predicate| &*predicate.name == "text-key!");
                let elsewhere = name == "key" && by_text;
                if !captures.contains(name) && !elsewhere {
                    self.fail(line, format!("a {} rule needs the capture `@{name}`", rule.kind.word()));
                }
            }
        }
    }

    fn needs_key(&mut self, rule: &Rule) {
        let tells_itself = matches!(rule.shape, Some(Shape::Cfg | Shape::Comment(_) | Shape::ModuleMock(_)));
        let chosen = matches!(&rule.shape, Some(Shape::Call(call) | Shape::Scope(call)) if call.any.is_some());
        if rule.key.is_none() && !tells_itself && !chosen && !matches!(rule.kind, RuleKind::Gate(_)) {
            self.fail(
                rule.line,
                format!("a {} rule needs `key`: where the flag's name stands", rule.kind.word()),
            );
        }
    }

    fn counter_examples(&mut self, rule: &Rule) {
        if self.strictness != Strictness::File || matches!(rule.shape, Some(Shape::Data(_))) {
            return;
        }
        if rule.examples.is_empty() {
            self.fail(rule.line, "the rule has no example; an example is its test");
        }
        let generic = rule.shape.as_ref().and_then(generic_name);
        if let (Some(name), true) = (generic, rule.counter_examples.is_empty()) {
            self.fail(
                rule.line,
                format!("`{name}` is a common name: show with `not` what it must not match"),
            );
        }
    }

    /// A module mock forces, a comment states: other kinds would never be asked for.
    fn fits_shape(&mut self, rule: &Rule) {
        let fits = match &rule.shape {
            Some(Shape::ModuleMock(_) | Shape::Scope(_)) => matches!(rule.kind, RuleKind::Force(_)),
            Some(Shape::Data(_) | Shape::Impl { .. } | Shape::Union(_)) => matches!(rule.kind, RuleKind::Define(_)),
            _ => true,
        };
        if !fits {
            self.fail(rule.line, format!("this shape cannot be a {} rule", rule.kind.word()));
        }
    }

    /// Without needles the names that the rules are about serve; a rule file without either would make every file be parsed.
    pub(super) fn needles(&mut self, file: &mut RuleFile, line: u32) {
        if file.needles.iter().any(|needle| needle.len() < 2) {
            self.fail(line, "a needle of less than two bytes is in every file");
        }
        let of_code = |rule: &&Rule| !matches!(rule.shape, None | Some(Shape::Data(_)));
        if !file.needles.is_empty() || !file.rules.iter().any(|rule| of_code(&rule)) {
            return;
        }
        let mut needles = BTreeSet::new();
        for rule in file.rules.iter().filter(of_code) {
            let words = rule
                .shape
                .as_ref()
                .map_or(&[][..], |shape| names_of(shape).map_or(&[], Names::words));
            if words.is_empty() {
                self.fail(
                    rule.line,
                    "give `needles`: words of which one must be in a file, else every file has to be parsed",
                );
            }
            needles.extend(words.iter().cloned());
        }
        file.needles = needles.into_iter().collect();
    }

    pub(super) fn unique_ids(&mut self, file: &RuleFile) {
        let mut seen = BTreeSet::new();
        for rule in &file.rules {
            if !seen.insert(&rule.id) {
                self.fail(rule.line, format!("the id `{}` is used twice in this file", rule.id));
            }
        }
        if file.rules.is_empty() && self.errors.is_empty() {
            self.fail(1, "the file has no rule");
        }
        if file.languages.is_empty() && self.errors.is_empty() {
            self.fail(1, format!("`languages` is empty; known: {}", all_languages()));
        }
    }
}

fn all_languages() -> String {
    Language::ALL.map(Language::word).join(", ")
}

fn names_of(shape: &Shape) -> Option<&Names> {
    match shape {
        Shape::Call(call) | Shape::Scope(call) => Some(&call.names),
        Shape::New(names) | Shape::Decorator(names) | Shape::Macro(names) => Some(names),
        Shape::Union(union) => Some(&union.names),
        Shape::Jsx(jsx) => Some(&jsx.names),
        Shape::Const(binding) => Some(&binding.names),
        Shape::ModuleMock(mock) => Some(&mock.names),
        Shape::Object(object) => object.in_call.as_ref(),
        _ => None,
    }
}

/// A common name among those of the shape, where nothing else narrows it down enough to be sure.
fn generic_name(shape: &Shape) -> Option<&'static str> {
    let names = match shape {
        Shape::Call(call) => &call.names,
        _ => return None,
    };
    GENERIC
        .into_iter()
        .find(|generic| names.words().iter().any(|name| name == generic))
}

/// True where a query has `@key` on an argument that may be any argument.
fn key_swallows_arguments(query: &str) -> bool {
    let tokens = tokens(query);
    // One entry for each open parenthesis: whether it opened an argument list, and whether an anchor stands before the next child.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut closed_unanchored = false;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" => {
                let kind = tokens.get(at + 1).copied().unwrap_or("");
                open.push((matches!(kind, "arguments" | "argument_list"), false));
                closed_unanchored = false;
            }
            ")" => {
                open.pop();
                closed_unanchored = false;
                if let Some((true, anchored)) = open.last_mut() {
                    closed_unanchored = !*anchored;
                    *anchored = false;
                }
            }
            "." => {
                if let Some((_, anchored)) = open.last_mut() {
                    *anchored = true;
                }
            }
            "@key" if closed_unanchored => return true,
            token if token.starts_with('@') => {}
            _ => closed_unanchored = false,
        }
    }
    false
}

/// The words and parentheses of a query, without strings and comments.
fn tokens(query: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                end.map_or(rest.len(), |end| end + 2)
            }
            ';' => rest.find('\n').unwrap_or(rest.len()),
            '(' | ')' | '[' | ']' | '.' => 1,
            c if c.is_whitespace() => c.len_utf8(),
            _ => rest
                .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"' | ';'))
                .unwrap_or(rest.len()),
        };
        if !first.is_whitespace() && !matches!(first, '"' | ';') {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::key_swallows_arguments;

    #[test]
    fn a_key_without_an_anchor_swallows_the_fallback() {
        assert!(key_swallows_arguments(
            "(call_expression arguments: (arguments (string) @key))"
        ));
        assert!(key_swallows_arguments("(arguments (string (string_fragment)) @key)"));
        assert!(!key_swallows_arguments("(arguments . (string) @key)"));
        assert!(!key_swallows_arguments("(arguments . (string) @key (_) @fallback)"));
        assert!(!key_swallows_arguments(
            "(arguments . (string) @_first . (string) @key)"
        ));
        assert!(!key_swallows_arguments("(pair key: (_) @key)"));
        assert!(key_swallows_arguments("(arguments . (_) @_first (string) @key)"));
    }
}
