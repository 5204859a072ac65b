//! Whether an argument can be what a parameter takes, as far as both are plain: literals, and built-in types. Enters: the words of a parameter, an argument of a
//! call. Leaves: an [`Accepts`] and a [`Given`]; what is not plain accepts, and is, anything.

use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax, Tree};

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Accepts {
    /// Anything, as far as anybody can tell.
    Any,
    /// A text.
    Text,
    /// A number without a fraction.
    Whole,
    /// A number with one (Rust: no other).
    Fraction,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list.
    List,
    /// An object, a dictionary.
    Object,
    /// Nothing that can be written out as a literal.
    Made,
}

/// What an argument is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// A text.
    Text,
    /// A number without a fraction.
    Whole,
    /// A number with one.
    Fraction,
    /// True or false.
    Bool,
    /// A list that is written out.
    List,
    /// An object that is written out.
    Object,
    /// Something else.
    Other,
}

impl Accepts {
    /// What the parameter with these words takes.
    pub(super) fn of(language: Language, word: &str) -> Self {
        let word = word.split(" = ").next().unwrap_or(word).trim();
        let ty = match language {
            Language::TypeScript | Language::Tsx | Language::Python | Language::Rust => {
                word.split_once(':').map(|(_, ty)| ty)
            }
            Language::Go => word.split_once(' ').map(|(_, ty)| ty),
            _ => None,
        };
        let Some(ty) = ty
            .map(str::trim)
            .filter(|_| !word.starts_with(['{', '[', '.', '*', '(']))
        else {
            return Self::Any;
        };
        match language {
            Language::TypeScript | Language::Tsx => script(ty),
            Language::Python => python(ty),
            Language::Rust => rust(ty),
            Language::Go => go(ty),
            _ => Self::Any,
        }
    }

    /// True if it may take what is given.
    pub(super) fn takes(self, given: Given) -> bool {
        match (self, given) {
            (Self::Any, _) | (_, Given::Other) => true,
            (Self::Text, given) => given == Given::Text,
            (Self::Whole, given) => given == Given::Whole,
            (Self::Fraction, given) => given == Given::Fraction,
            (Self::Number, given) => matches!(given, Given::Whole | Given::Fraction),
            (Self::Bool, given) => given == Given::Bool,
            (Self::List, given) => given == Given::List,
            (Self::Object, given) => given == Given::Object,
            (Self::Made, _) => false,
        }
    }
}

/// The name before type arguments.
fn head(ty: &str) -> &str {
    ty.split(['<', '[', '(']).next().unwrap_or_default().trim()
}

fn script(ty: &str) -> Accepts {
    if ty.contains(['|', '&', '?']) || ty.contains("=>") {
        return Accepts::Any;
    }
    match ty {
        "string" => Accepts::Text,
        "number" => Accepts::Number,
        "boolean" => Accepts::Bool,
        ty if ty.ends_with("[]") => Accepts::List,
        ty if ty.starts_with('{') => Accepts::Object,
        ty => match head(ty) {
            "Array" | "ReadonlyArray" if ty.contains('<') => Accepts::List,
            "Date" | "Map" | "Set" | "WeakMap" | "Promise" | "RegExp" | "URL" | "Uint8Array" | "AbortSignal" => {
                Accepts::Made
            }
            _ => Accepts::Any,
        },
    }
}

fn python(ty: &str) -> Accepts {
    let ty = ty.trim_matches(['"', '\'']);
    if ty.contains('|') {
        return Accepts::Any;
    }
    match head(ty) {
        "str" => Accepts::Text,
        "int" => Accepts::Whole,
        "float" => Accepts::Number,
        "bool" => Accepts::Bool,
        "list" | "List" => Accepts::List,
        "dict" | "Dict" => Accepts::Object,
        "datetime" | "date" | "timedelta" => Accepts::Made,
        _ => Accepts::Any,
    }
}

fn rust(ty: &str) -> Accepts {
    let plain = ty.strip_prefix('&').map(|rest| {
        let rest = rest.trim_start();
        let life = rest.strip_prefix('\'').and_then(|rest| rest.split_once(' '));
        life.map_or(rest, |(_, rest)| rest).trim()
    });
    match (plain, ty) {
        (Some("str"), _) => Accepts::Text,
        (None, "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize") => {
            Accepts::Whole
        }
        (None, "f32" | "f64") => Accepts::Fraction,
        (None, "bool") => Accepts::Bool,
        (None, ty)
            if matches!(
                head(ty),
                "String" | "Option" | "Vec" | "Duration" | "PathBuf" | "Box" | "Arc" | "HashMap"
            ) =>
        {
            Accepts::Made
        }
        _ => Accepts::Any,
    }
}

fn go(ty: &str) -> Accepts {
    match ty {
        "string" => Accepts::Text,
        "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" => {
            Accepts::Whole
        }
        "float32" | "float64" | "time.Duration" => Accepts::Number,
        "bool" => Accepts::Bool,
        "context.Context" | "error" | "time.Time" => Accepts::Made,
        ty if ["[]", "map[", "*", "chan ", "func("]
            .iter()
            .any(|start| ty.starts_with(start)) =>
        {
            Accepts::Made
        }
        _ => Accepts::Any,
    }
}

impl Given {
    /// What an argument is: a literal, or a name that one statement of the file binds to a literal, and nothing else does.
    pub(super) fn of(tree: &Tree, arg: NodeId, words: &impl Fn(NodeId) -> String) -> Self {
        let plain = Self::literal(tree, arg, words);
        if plain != Self::Other || !matches!(tree.syntax(arg), Syntax::Name) {
            return plain;
        }
        let name = words(arg);
        let mut bound = None;
        for id in tree.ids() {
            match tree.syntax(id) {
                Syntax::Let { pattern, value, ty, .. } if words(*pattern) == name => match (bound, value, ty) {
                    (None, Some(value), None) => bound = Some(*value),
                    _ => return Self::Other,
                },
                Syntax::Assign { target, .. } if words(*target) == name => return Self::Other,
                Syntax::Function(function) if function.params.iter().any(|param| words(*param).starts_with(&name)) => {
                    return Self::Other;
                }
                _ => {}
            }
        }
        bound.map_or(Self::Other, |value| Self::literal(tree, value, words))
    }

    fn literal(tree: &Tree, arg: NodeId, words: &impl Fn(NodeId) -> String) -> Self {
        match tree.syntax(arg) {
            Syntax::Text(_) if words(arg).starts_with(['"', '`']) || words(arg).starts_with('\'') => Self::Text,
            Syntax::Bool(_) => Self::Bool,
            Syntax::Number if words(arg).contains('.') => Self::Fraction,
            // `1f64`, `1e3`: what they are hangs on more.
            Syntax::Number if words(arg).chars().all(|c| c.is_ascii_digit() || c == '_') => Self::Whole,
            Syntax::Array(_) if words(arg).starts_with('[') => Self::List,
            Syntax::Object { type_name: None, .. } if words(arg).starts_with('{') => Self::Object,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plain_parameters_take() {
        let of = Accepts::of;
        assert_eq!(of(Language::TypeScript, "id: string"), Accepts::Text);
        assert_eq!(of(Language::TypeScript, "id: string | number"), Accepts::Any);
        assert_eq!(of(Language::TypeScript, "id: Money"), Accepts::Any);
        assert_eq!(of(Language::Python, "day: int = 3"), Accepts::Whole);
        assert_eq!(of(Language::Rust, "name: &'a str"), Accepts::Text);
        assert_eq!(of(Language::Rust, "name: impl Into<String>"), Accepts::Any);
        assert_eq!(of(Language::Go, "ctx context.Context"), Accepts::Made);
        assert!(Accepts::Number.takes(Given::Whole) && !Accepts::Fraction.takes(Given::Whole));
        assert!(Accepts::Made.takes(Given::Other) && !Accepts::Made.takes(Given::Text));
    }
}
