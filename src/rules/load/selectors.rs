//! Selectors of the form to checked ones.

use super::Checker;
use crate::flag::FlagValue;
use crate::rules::form::{CallArgForm, ConstWord, NamesForm, ReceiverForm, SelectorFields, SelectorForm};
use crate::rules::selector::{CallArg, PathStep, Selector, Start, Take};
use crate::rules::shape::Names;

/// Selectors within selectors (`receiver = { receiver = { … } }`) that make sense.
const DEPTH: usize = 4;

impl Checker<'_> {
    pub(super) fn selector(&mut self, line: u32, form: SelectorForm) -> Option<Selector> {
        match form {
            SelectorForm::Every => Some(Selector::from(Start::Every)),
            SelectorForm::Fields(fields) => self.selector_fields(line, *fields, DEPTH),
        }
    }

    fn selector_fields(&mut self, line: u32, mut form: SelectorFields, depth: usize) -> Option<Selector> {
        if depth == 0 {
            self.fail(line, "selectors are nested too deeply");
            return None;
        }
        let starts = self.starts(line, &mut form, depth);
        if starts.len() > 1 {
            self.fail(line, "a selector begins in one place: give one of arg, kw, attr, type_arg, name, value, receiver, chain, decorator, const, const_value, fn, at, column");
            return None;
        }
        let path = match &form.path {
            Some(path) => self.path(line, path.get_ref()),
            None => Vec::new(),
        };
        let text = form
            .text
            .as_ref()
            .and_then(|text| self.text_pattern(line, text.get_ref()));
        let on = std::mem::take(&mut form.on)
            .into_iter()
            .map(|word| (word, FlagValue::On));
        let off = std::mem::take(&mut form.off)
            .into_iter()
            .map(|word| (word, FlagValue::Off));
        Some(Selector {
            start: starts.into_iter().next().unwrap_or(Start::Matched),
            path,
            take: self.take(line, &form)?,
            through: match form.call_arg.take() {
                Some(call) => self.call_arg(line, call),
                None => None,
            },
            text,
            words: on.chain(off).collect(),
            otherwise: form.r#else.take().and_then(|word| self.state(line, &word)),
        })
    }

    fn starts(&mut self, line: u32, form: &mut SelectorFields, depth: usize) -> Vec<Start> {
        let receiver = form.receiver.take().map(|receiver| match receiver {
            ReceiverForm::Itself => Start::Receiver(None),
            ReceiverForm::Within(fields) => {
                Start::Receiver(self.selector_fields(line, *fields, depth - 1).map(Box::new))
            }
        });
        let chain = form.chain.take().and_then(|call| self.call_arg(line, call));
        let decorator = form
            .decorator
            .take()
            .and_then(|names| self.names(line, names, "a decorator"));
        let constant = form.r#const.take().and_then(|word| self.state(line, &word));
        let given = match (form.arg.take(), form.kw.take()) {
            (Some(arg), Some(name)) => Some(Start::Given(arg, name)),
            (Some(arg), None) => Some(Start::Arg(arg)),
            (None, name) => name.map(Start::Keyword),
        };
        let all = [
            given,
            form.attr.take().map(Start::Attr),
            form.type_arg.take().map(Start::TypeArg),
            form.name.then_some(Start::Name),
            form.value.then_some(Start::Value),
            receiver,
            chain.map(|call| Start::Chain {
                names: call.names,
                arg: call.arg,
            }),
            decorator.map(Start::Decorator),
            constant.map(Start::Const),
            form.const_value.take().map(Start::ConstValue),
            form.r#fn.take().map(Start::Method),
            form.at.take().map(|paths| Start::At(paths.0)),
            form.column.take().map(Start::Column),
        ];
        all.into_iter().flatten().collect()
    }

    fn take(&mut self, line: u32, form: &SelectorFields) -> Option<Take> {
        match (form.entries.as_ref(), form.elements) {
            (None, false) => Some(Take::One),
            (None, true) => Some(Take::Elements),
            (Some(which), false) => self.word(
                which,
                "entries",
                &[("key", Take::EntryKeys), ("value", Take::EntryValues)],
            ),
            (Some(_), true) => {
                self.fail(line, "give either `entries` or `elements`");
                None
            }
        }
    }

    fn call_arg(&mut self, line: u32, form: CallArgForm) -> Option<CallArg> {
        Some(CallArg {
            names: self.names(line, form.name, "a call")?,
            arg: form.arg,
        })
    }

    /// On or off; a rule that says "unknown" would say nothing, and a gate must never rest on it.
    pub(super) fn state(&mut self, line: u32, word: &ConstWord) -> Option<FlagValue> {
        match FlagValue::parse(&word.0) {
            FlagValue::Unknown => {
                self.fail(
                    line,
                    format!(
                        "`{}` is neither on nor off; leave the value out where it is not known",
                        word.0
                    ),
                );
                None
            }
            value => Some(value),
        }
    }

    /// Words as they are, or one anchored pattern.
    pub(super) fn names(&mut self, line: u32, form: NamesForm, what: &str) -> Option<Names> {
        match form {
            NamesForm::Words(words) if words.is_empty() || words.iter().any(String::is_empty) => {
                self.fail(line, format!("the names of {what} are empty"));
                None
            }
            NamesForm::Words(words) => Some(Names::Words(words)),
            NamesForm::Pattern(pattern) => self.anchored(line, &pattern, what).map(Names::Pattern),
        }
    }

    fn text_pattern(&mut self, line: u32, text: &str) -> Option<crate::rules::selector::Pattern> {
        let pattern = self.pattern(line, text)?;
        let named = pattern
            .regex()
            .capture_names()
            .flatten()
            .any(|name| name == "key" || name == "value");
        if !named {
            self.fail(
                line,
                format!("the pattern `{text}` has neither a group `(?<key>…)` nor `(?<value>…)`"),
            );
            return None;
        }
        Some(pattern)
    }

    /// `flags[].flagKey`, `(0)[][1]`, `.value`
    pub(super) fn path(&mut self, line: u32, text: &str) -> Vec<PathStep> {
        match parse_path(text) {
            Some(steps) => steps,
            None => {
                self.fail(line, format!("`{text}` is no path; write names with dots, [] for each element, [n] for one, (n) for an argument"));
                Vec::new()
            }
        }
    }
}

fn parse_path(text: &str) -> Option<Vec<PathStep>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after.split_once(']')?;
            steps.push(match inside {
                "" => PathStep::Each,
                number => PathStep::Nth(number.parse().ok()?),
            });
            rest = after;
        } else if let Some(after) = rest.strip_prefix('(') {
            let (inside, after) = after.split_once(')')?;
            steps.push(PathStep::Argument(inside.parse().ok()?));
            rest = after;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[', '(']).unwrap_or(name.len());
            let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
            if end == 0 || !name[..end].chars().all(word) {
                return None;
            }
            steps.push(PathStep::Property(name[..end].to_owned()));
            rest = &name[end..];
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_step_by_step() {
        let name = |text: &str| PathStep::Property(text.into());
        assert_eq!(
            parse_path("flags[].flagKey"),
            Some(vec![name("flags"), PathStep::Each, name("flagKey")])
        );
        assert_eq!(
            parse_path("(0)[][-1]"),
            Some(vec![PathStep::Argument(0), PathStep::Each, PathStep::Nth(-1)])
        );
        assert_eq!(parse_path(".value"), Some(vec![name("value")]));
        assert_eq!(parse_path("a..b"), None);
        assert_eq!(parse_path("a[x]"), None);
        assert_eq!(parse_path("a["), None);
    }
}
