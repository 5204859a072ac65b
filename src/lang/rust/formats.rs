//! Format strings. Enters: the value and the source of a format string, and the arguments after it. Leaves: its literal parts and its
//! holes in order, or nothing where the holes are not simply one argument each.

use std::ops::Range;

use syn::Expr;

/// A part of a formatted text.
pub(super) enum Part<'a> {
    /// As written, escapes undone.
    Text(String),
    /// A hole that an argument fills.
    Arg(&'a Expr),
    /// A hole that names a variable: where its name stands in the source of the string.
    Captured(Range<usize>),
}

/// The parts of the format string `value`, whose token is `source`.
pub(super) fn parts<'a>(value: &str, source: &str, args: &[&'a Expr]) -> Option<Vec<Part<'a>>> {
    let mut reader = Reader {
        source,
        from: 0,
        used: vec![false; args.len()],
        args,
        next: 0,
    };
    let (mut parts, mut text) = (Vec::new(), String::new());
    let mut chars = value.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '{' | '}' if chars.next_if_eq(&char).is_some() => text.push(char),
            '}' => return None,
            '{' => {
                let inside: String = chars.by_ref().take_while(|char| *char != '}').collect();
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(reader.hole(&inside)?);
            }
            char => text.push(char),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    reader.used.iter().all(|used| *used).then_some(parts)
}

struct Reader<'a, 'b> {
    source: &'b str,
    /// Names are looked for in the source from here on.
    from: usize,
    args: &'b [&'a Expr],
    used: Vec<bool>,
    next: usize,
}

impl<'a> Reader<'a, '_> {
    fn hole(&mut self, inside: &str) -> Option<Part<'a>> {
        let (name, spec) = inside.split_once(':').unwrap_or((inside, ""));
        if spec.contains('$') || spec.contains('*') {
            return None;
        }
        let name = name.trim();
        let index = if name.is_empty() {
            self.next += 1;
            Some(self.next - 1)
        } else {
            name.parse()
                .ok()
                .or_else(|| self.args.iter().position(|arg| is_named(arg, name)))
        };
        let Some(index) = index else {
            return self.captured(name);
        };
        let used = self.used.get_mut(index)?;
        if std::mem::replace(used, true) {
            return None;
        }
        let arg = *self.args.get(index)?;
        Some(Part::Arg(match arg {
            Expr::Assign(named) => &named.right,
            other => other,
        }))
    }

    fn captured(&mut self, name: &str) -> Option<Part<'a>> {
        let hole = self.source.get(self.from..)?.find(&format!("{{{name}"))?;
        let start = self.from + hole + 1;
        self.from = start + name.len();
        Some(Part::Captured(start..self.from))
    }
}

fn is_named(arg: &Expr, name: &str) -> bool {
    match arg {
        Expr::Assign(named) => matches!(&*named.left, Expr::Path(path) if path.path.is_ident(name)),
        _ => false,
    }
}
