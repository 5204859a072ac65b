//! How a function may be called, read off its signature, and how it is called. Enters: the words between its name and its body. Leaves: an
//! [`Arity`]; nothing where the language has overloads, or the words say more than is understood.

use super::typed::{Accepts, Given};
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax, Tree};

/// The arguments of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallShape {
    /// How many stand there without a name.
    pub positional: usize,
    /// What these are.
    pub given: Vec<Given>,
    /// Those with names (Python).
    pub named: Vec<String>,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Takes {
    /// By its place (or, in Python, its name).
    Place,
    /// By its name alone.
    Name,
    /// All that is left.
    Rest,
    /// All names that are left.
    Names,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Param {
    name: String,
    takes: Takes,
    optional: bool,
    accepts: Accepts,
}

/// How a function may be called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arity {
    params: Vec<Param>,
}

impl CallShape {
    /// The arguments of the call whose callee is `callee`; nothing where it is not called, or takes its arguments out of a list.
    #[must_use]
    pub fn of(tree: &Tree, callee: NodeId, words: impl Fn(NodeId) -> String) -> Option<Self> {
        let call = tree.node(callee).parent?;
        let (Syntax::Call { callee: own, args, .. } | Syntax::New { callee: own, args, .. }) = tree.syntax(call) else {
            return None;
        };
        if *own != callee {
            return None;
        }
        let mut shape = Self {
            positional: 0,
            given: Vec::new(),
            named: Vec::new(),
        };
        for arg in args {
            match tree.syntax(*arg) {
                Syntax::Spread(_) => return None,
                Syntax::Attribute { .. } => {
                    let name = words(*arg);
                    let name = name.split('=').next().unwrap_or_default().trim().to_owned();
                    if name.starts_with('*') {
                        return None;
                    }
                    shape.named.push(name);
                }
                _ => {
                    shape.positional += 1;
                    shape.given.push(Given::of(tree, *arg, &words));
                }
            }
        }
        Some(shape)
    }
}

impl Arity {
    /// Reads a signature: what stands between the name and the body.
    #[must_use]
    pub fn of(language: Language, signature: &str) -> Option<Self> {
        let words = list(language, signature)?;
        let mut params = Vec::new();
        let mut by_name = false;
        for word in split(&words)? {
            let word = word.trim();
            match language {
                Language::TypeScript | Language::Tsx | Language::JavaScript => params.extend(script(word)),
                Language::Python => python(word, params.is_empty(), &mut by_name, &mut params),
                Language::Rust => params.extend(rust(word)),
                Language::Go => params.push(Param {
                    name: word.to_owned(),
                    takes: if word.contains("...") {
                        Takes::Rest
                    } else {
                        Takes::Place
                    },
                    optional: false,
                    accepts: Accepts::of(language, word),
                }),
                Language::Ruby | Language::Java | Language::Kotlin | Language::CSharp => return None,
            }
        }
        Some(Self { params })
    }

    /// The same of a class of Python that makes its constructor of its fields, in order, each with whether it may be left out.
    #[must_use]
    pub fn of_fields<'n>(fields: impl IntoIterator<Item = (&'n str, bool)>) -> Self {
        let param = |(name, optional): (&str, bool)| Param {
            name: name.to_owned(),
            takes: Takes::Place,
            optional,
            accepts: Accepts::Any,
        };
        Self {
            params: fields.into_iter().map(param).collect(),
        }
    }

    /// True if the parameters are the same in another order, and this call names none of those that changed places.
    #[must_use]
    pub fn swaps(&self, other: &Self, call: &CallShape) -> bool {
        let names = |arity: &Self| -> Vec<String> { arity.params.iter().map(|param| param.name.clone()).collect() };
        let (own, others) = (names(self), names(other));
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        let moved = own.iter().zip(&others).take(call.positional).any(|(a, b)| a != b);
        moved && sorted(&own) == sorted(&others)
    }

    /// True if a call gives what the function needs, no more than it takes, and nothing that it cannot be.
    #[must_use]
    pub fn takes(&self, call: &CallShape) -> bool {
        self.counts(call) && self.fits(call)
    }

    /// True if what stands in each place can be what the function takes there.
    #[must_use]
    fn fits(&self, call: &CallShape) -> bool {
        let places = self.params.iter().take_while(|param| param.takes == Takes::Place);
        let mut each = places.zip(&call.given);
        each.all(|(param, given)| param.accepts.takes(*given))
    }

    /// True if this has as many places, and of the same names, as the other one: only what they take differs.
    #[must_use]
    pub fn is_shaped(&self, other: &Self) -> bool {
        let alike = |(one, two): (&Param, &Param)| one.takes == two.takes && one.optional == two.optional;
        self.params.len() == other.params.len() && self.params.iter().zip(&other.params).all(alike)
    }

    /// True if a call gives what the function needs, and no more than it takes.
    #[must_use]
    pub fn counts(&self, call: &CallShape) -> bool {
        let has = |takes: Takes| self.params.iter().any(|param| param.takes == takes);
        let places: Vec<&Param> = self.params.iter().filter(|param| param.takes == Takes::Place).collect();
        let known = |name: &String| {
            let by_name = self
                .params
                .iter()
                .filter(|param| matches!(param.takes, Takes::Place | Takes::Name));
            by_name.into_iter().any(|param| param.name == *name)
        };
        if call.positional > places.len() && !has(Takes::Rest) {
            return false;
        }
        if !has(Takes::Names) && !call.named.iter().all(known) {
            return false;
        }
        let given = |name: &String| call.named.contains(name);
        let left = places.iter().skip(call.positional).copied();
        let by_name = self.params.iter().filter(|param| param.takes == Takes::Name);
        left.chain(by_name).all(|param| param.optional || given(&param.name))
    }

    /// `2 arguments`, `1 to 3 arguments`, `at least 1 argument`.
    #[must_use]
    pub fn shown(&self) -> String {
        let places = self
            .params
            .iter()
            .filter(|param| matches!(param.takes, Takes::Place | Takes::Name));
        let (all, least) = (places.clone().count(), places.filter(|param| !param.optional).count());
        let rest = self
            .params
            .iter()
            .any(|param| matches!(param.takes, Takes::Rest | Takes::Names));
        let noun = |count: usize| if count == 1 { "argument" } else { "arguments" };
        match rest {
            true => format!("at least {least} {}", noun(least)),
            false if all == least => format!("{all} {}", noun(all)),
            false => format!("{least} to {all} arguments"),
        }
    }
}

/// What stands between the parentheses.
fn list(language: Language, signature: &str) -> Option<String> {
    let signature = signature.trim();
    let script = matches!(language, Language::TypeScript | Language::Tsx | Language::JavaScript);
    // `const f: Type = (a) => …`: what the type says is said elsewhere.
    if script && signature.starts_with(':') {
        return None;
    }
    let (mut depth, mut before) = (0i32, ' ');
    for (at, c) in signature.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if before != '=' && before != '-' => depth -= 1,
            // Go: `[T any](a T)`.
            '[' if language == Language::Go => depth += 1,
            ']' if language == Language::Go => depth -= 1,
            '(' if depth == 0 => return inside(&signature[at..]).map(str::to_owned),
            // `x => …`
            '>' if script && depth == 0 => {
                let one = signature[..at - 1].trim().trim_start_matches('=').trim();
                let one = one.strip_prefix("async ").unwrap_or(one).trim();
                let is_name = !one.is_empty() && one.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
                return is_name.then(|| one.to_owned());
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// What stands in the parentheses that `text` begins with.
fn inside(text: &str) -> Option<&str> {
    let mut depth = 0;
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') if !is_lifetime(&text[at..]) => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return text.get(1..at);
                }
            }
            _ => {}
        }
    }
    None
}

/// `'a` of Rust, which opens no text.
fn is_lifetime(text: &str) -> bool {
    let mut rest = text.chars();
    let name = rest.next() == Some('\'') && rest.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    name && rest.next() != Some('\'') && !text[1..].split([',', ')']).next().unwrap_or_default().contains('\'')
}

/// At the commas that stand in nothing else.
fn split(words: &str) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut depth, mut before) = (Vec::new(), 0, 0i32, ' ');
    let mut quote: Option<char> = None;
    for (at, c) in words.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') if !is_lifetime(&words[at..]) => quote = Some(c),
            (None, '(' | '[' | '{' | '<') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, '>') if before != '=' && before != '-' => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&words[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    if depth != 0 || quote.is_some() {
        return None;
    }
    if !words[from..].trim().is_empty() {
        parts.push(&words[from..]);
    }
    Some(parts)
}

fn script(word: &str) -> Option<Param> {
    let bare = bare(word);
    if bare.starts_with("this:") || bare.starts_with("this :") {
        return None;
    }
    let name: String = bare
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
        .collect();
    let rest = bare[name.len()..].trim_start();
    let has_default = bare
        .match_indices('=')
        .any(|(at, _)| !bare[at..].starts_with("=>") && !bare[at..].starts_with("=="));
    Some(Param {
        takes: if bare.starts_with("...") {
            Takes::Rest
        } else {
            Takes::Place
        },
        optional: rest.starts_with('?') || has_default,
        accepts: Accepts::of(Language::TypeScript, bare),
        name,
    })
}

/// A parameter without what says nothing of how it is called: decorators, and who may see the field that a constructor makes of it.
fn bare(word: &str) -> &str {
    const SEEN: [&str; 5] = ["public", "private", "protected", "readonly", "override"];
    let mut bare = word.trim();
    while let Some(decorator) = bare.strip_prefix('@') {
        let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
        let rest = decorator.trim_start_matches(name);
        let args = inside(rest).filter(|_| rest.starts_with('('));
        bare = args.map_or(rest, |args| &rest[args.len() + 2..]).trim_start();
    }
    while let Some(rest) = SEEN.iter().find_map(|word| bare.strip_prefix(word)) {
        let next = rest.trim_start();
        let names = next.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'));
        if !names || next.len() == rest.len() {
            break;
        }
        bare = next;
    }
    bare
}

fn python(word: &str, first: bool, by_name: &mut bool, params: &mut Vec<Param>) {
    let name: String = word
        .trim_start_matches('*')
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let takes = match word {
        "/" => return,
        "*" => {
            *by_name = true;
            return;
        }
        word if word.starts_with("**") => Takes::Names,
        word if word.starts_with('*') => {
            *by_name = true;
            Takes::Rest
        }
        _ if *by_name => Takes::Name,
        _ => Takes::Place,
    };
    if first && params.is_empty() && matches!(name.as_str(), "self" | "cls") {
        return;
    }
    params.push(Param {
        optional: word.contains('='),
        accepts: Accepts::of(Language::Python, word),
        name,
        takes,
    });
}

fn rust(word: &str) -> Option<Param> {
    let bare = word
        .rsplit(']')
        .next()
        .filter(|_| word.starts_with("#["))
        .unwrap_or(word)
        .trim();
    let plain = bare.trim_start_matches(['&', ' ']);
    let plain = match plain.strip_prefix('\'') {
        Some(rest) => rest
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
            .trim_start(),
        None => plain,
    };
    let plain = plain.strip_prefix("mut ").unwrap_or(plain).trim();
    if plain == "self" || plain.starts_with("self:") || plain.starts_with("self :") {
        return None;
    }
    Some(Param {
        name: bare.split(':').next().unwrap_or_default().trim().to_owned(),
        takes: Takes::Place,
        optional: false,
        accepts: Accepts::of(Language::Rust, bare),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(language: Language, signature: &str, positional: usize, named: &[&str]) -> bool {
        let call = CallShape {
            positional,
            given: Vec::new(),
            named: named.iter().map(|name| (*name).to_owned()).collect(),
        };
        Arity::of(language, signature).expect("an arity").takes(&call)
    }

    #[test]
    fn optional_default_and_rest_parameters_count_as_such() {
        let typed = |signature, count| takes(Language::TypeScript, signature, count, &[]);
        assert!(typed("(a: Map<string, number>, b?: string): void", 1));
        assert!(!typed("(a: Map<string, number>, b?: string): void", 0));
        assert!(typed(
            "<T extends (x: number) => void>(a: T, { b } = {}, ...rest: T[])",
            5
        ));
        assert!(typed("(a: (x: number, y: number) => void)", 1));
        assert!(!typed("(a: (x: number, y: number) => void, b: () => void)", 1));
        assert!(typed("= async x =>", 1) && !typed("= async x =>", 0));
        assert!(typed("(a = ',', b = 2)", 0));
        assert_eq!(Arity::of(Language::TypeScript, ": Handler = (a) =>"), None);
        let made = "(@Inject(A, 1) private readonly a: A, public b?: B, readonly = 1)";
        assert!(typed(made, 1) && typed(made, 3) && !typed(made, 0) && !typed(made, 4));
        let rust = |signature, count| takes(Language::Rust, signature, count, &[]);
        assert!(rust("<'a, F: Fn(u8) -> u8>(&'a mut self, a: &'a str, b: F) -> u8", 2));
        assert!(rust("(self: Arc<Self>, a: [u8; 2])", 1) && !rust("(a: u8)", 2));
        let go = |signature, count| takes(Language::Go, signature, count, &[]);
        assert!(go("(a, b int, c ...string) error", 2) && !go("(a, b int) error", 1));
    }

    #[test]
    fn python_arguments_may_have_names() {
        let python = |signature, count, named: &[&str]| takes(Language::Python, signature, count, named);
        assert!(python("(self, a, b=1, *, c, **kw):", 1, &["c", "z"]));
        assert!(!python("(self, a, b=1, *, c):", 1, &[]));
        assert!(!python("(self, a, b=1, *, c):", 1, &["c", "z"]));
        assert!(python("(a: dict[str, int], *args) -> None:", 4, &[]));
    }
}
