//! What a piece of text looks like. Enters: words. Leaves: whether they look like a path, an identifier, a route. Knows nothing of
//! sentences, and nothing of whether the thing exists.

use std::ops::Range;

use super::MentionKind;

/// Extensions of files that PRDs talk about; `e.g.` and `Node.js` must not become files.
const EXTENSIONS: &[&str] = &[
    "ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "rs", "py", "go", "rb", "java", "kt", "kts", "swift", "cs",
    "php", "c", "h", "cc", "cpp", "hpp", "sql", "prisma", "graphql", "gql", "proto", "json", "yaml", "yml", "toml",
    "md", "mdx", "html", "css", "scss", "vue", "svelte", "sh", "tf", "lock", "xml", "csv", "snap", "ex", "exs", "erb",
    "scala", "dart",
];

/// The methods of HTTP, as written before a route.
pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The kind of a touchpoint that front matter names without saying what it is.
pub(crate) fn of_declared(text: &str) -> MentionKind {
    of(text).unwrap_or(if text.contains('/') || text.contains('*') {
        MentionKind::Path
    } else {
        MentionKind::Symbol
    })
}

/// What `text`, a whole piece of code without white space around it, looks like.
pub(crate) fn of(text: &str) -> Option<MentionKind> {
    if is_route(text) {
        Some(MentionKind::Route)
    } else if is_path(text) {
        Some(MentionKind::Path)
    } else if is_symbol(text) {
        Some(MentionKind::Symbol)
    } else {
        None
    }
}

/// The name in `PAGE_SIZE = 25` and in `Cart.lines: Line[]`: a constant with its value, a field with its type.
pub(crate) fn declared_name(text: &str) -> Option<&str> {
    let constant = |name: &str| {
        name.contains('_')
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let valued = text
        .split_once(" = ")
        .map(|(name, _)| name)
        .filter(|name| constant(name));
    let typed = || {
        let (name, kind) = text.split_once(": ")?;
        (name.contains('.') && is_symbol(name) && kind.starts_with(char::is_alphabetic)).then_some(name)
    };
    valued.or_else(typed).filter(|name| is_symbol(name))
}

/// The call in `await sendMail(a, b)` and in `p := geo.Geocode(name)`: what a statement calls, without what it does with the answer.
pub(crate) fn called_in_statement(text: &str) -> Option<Range<usize>> {
    let open = text.find('(').filter(|_| text.trim_end_matches(';').ends_with(')'))?;
    let fit = |c: char| c.is_alphanumeric() || "_$.:#".contains(c);
    let start = text[..open].trim_end_matches(fit).len();
    let before = text[..start].strip_suffix(' ')?.trim_end();
    let word = before.rsplit(' ').next().unwrap_or(before);
    let leads = before.ends_with('=') || matches!(word, "await" | "return" | "new" | "yield" | "go" | "defer");
    (leads && is_symbol(&text[start..open])).then_some(start..open)
}

/// `GET /quotes/:id`, `/quotes/:id`
pub(crate) fn is_route(text: &str) -> bool {
    let path = match text.split_once(' ') {
        Some((method, path)) if METHODS.contains(&method) => path.trim_start(),
        Some(_) => return false,
        None => {
            // An absolute file path is no route.
            if text.starts_with('/') && has_extension(text) {
                return false;
            }
            text
        }
    };
    let fit = |c: char| c.is_ascii_alphanumeric() || "/-_.:{}*?=&$[]".contains(c);
    path.len() > 1 && path.starts_with('/') && !path.starts_with("//") && path.chars().all(fit)
}

/// True if the file name ends in an extension of a source or data file.
pub(crate) fn has_extension(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    name.rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}

/// `apps/api/src/x.ts`, `ReservationDetail.tsx`, `src/quotes/`
pub(crate) fn is_path(text: &str) -> bool {
    let fit = |c: char| c.is_alphanumeric() || "/-_.@+*[](){}$,".contains(c);
    if text.len() < 3 || text.contains("//") || text.contains("()") || !text.chars().all(fit) {
        return false;
    }
    let named = |part: &&str| !part.is_empty() && part.contains(|c: char| c.is_alphanumeric() || c == '*');
    let parts = text.split('/').filter(named).count();
    let scoped_package = text.starts_with('@') && parts <= 2 && !has_extension(text);
    has_extension(text) || (text.contains('/') && parts >= 1 && (parts > 1 || text.ends_with('/')) && !scoped_package)
}

/// `QuoteVersionService.create()`, `snake_case`, `SCREAMING_SNAKE`, `useQuote`, `Tax`
pub(crate) fn is_symbol(text: &str) -> bool {
    let name = symbol_name(text);
    let mut parts = 0;
    for part in name.split("::").flat_map(|part| part.split(['.', '#'])) {
        let fit = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        if part.is_empty() || part.starts_with(|c: char| c.is_ascii_digit()) || !part.chars().all(fit) {
            return false;
        }
        parts += 1;
    }
    let called = name.len() < text.len();
    let lower_word = name.chars().all(char::is_lowercase);
    parts > 0 && name.chars().any(char::is_alphabetic) && (called || parts > 1 || !lower_word) && name.len() > 1
}

/// The name without its call: `create` of `create(input)`.
pub(crate) fn symbol_name(text: &str) -> &str {
    let text = text.strip_suffix(';').unwrap_or(text);
    match text.split_once('(') {
        Some((name, rest)) if rest.ends_with(')') => name,
        _ => text
            .trim_start_matches('<')
            .trim_end_matches('>')
            .trim_end_matches('/')
            .trim_end(),
    }
}

/// True if a file of this name holds tests.
pub(crate) fn is_test_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let marked = [".spec.", ".test.", "_test.", ".stories."]
        .iter()
        .any(|mark| name.contains(mark));
    marked
        || path
            .split('/')
            .any(|part| matches!(part, "tests" | "test" | "__tests__" | "e2e"))
}

/// A name by which a flag could be read.
pub(crate) fn is_flag_key(text: &str) -> bool {
    let fit = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(fit) && !is_path(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use MentionKind::{Path, Route, Symbol};

    fn check(text: &str, expected: Option<&MentionKind>) {
        assert_eq!(of(text).as_ref(), expected, "{text}");
    }

    #[test]
    fn statements_call() {
        for (text, expected) in [
            ("await sendMail(email, 'Hello', text)", Some("sendMail")),
            ("p := geo.Geocode(name)", Some("geo.Geocode")),
            ("const x = loadUser(id);", Some("loadUser")),
            ("sendMail(a, b)", None),
            ("a function foo(x)", None),
            ("npm run test", None),
        ] {
            assert_eq!(called_in_statement(text).map(|range| &text[range]), expected, "{text}");
        }
    }

    #[test]
    fn shapes() {
        for path in [
            "apps/api/src/x.ts",
            "ReservationDetail.tsx",
            "quote-version.service.ts",
            "src/quotes/",
            "db/migrations/*.sql",
            "apps/[id]/page.tsx",
            ".github/workflows/ci.yml",
        ] {
            check(path, Some(&Path));
        }
        for symbol in [
            "QuoteVersionService.create()",
            "snake_case",
            "SCREAMING_SNAKE",
            "useQuote",
            "Tax",
            "create(input)",
            "a::b::C",
            "<FeeTable />",
            "quotes.status",
        ] {
            check(symbol, Some(&Symbol));
        }
        for route in ["POST /quotes/:id/x", "/quotes/{id}", "GET /a?b=c"] {
            check(route, Some(&Route));
        }
        for nothing in [
            "on",
            "true",
            "npm run test",
            "3",
            "1.5",
            "'x'",
            "@scope/package",
            "--flag",
            "a b",
            "",
            "/",
            "//",
            "https://x.y/z",
        ] {
            check(nothing, None);
        }
    }
}
