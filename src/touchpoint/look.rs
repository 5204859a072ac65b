//! What one mention means. Enters: a mention, what exists, what else the document mentions. Leaves: [`Look`]: the things that it
//! points at, or the thing that it would be if somebody made it.

use globset::Glob;

use super::known::{self, Known, Meaning, Nearby};
use super::{Target, TargetKind};
use crate::prd::{Mention, MentionKind, Prd};
use crate::source::RepoPath;

/// A glob or folder that stands for more files than this says nothing.
const MOST_FILES: usize = 200;

/// Objects that every program has: what is named with one of these as its owner is not ours.
const GLOBALS: &[&str] = &[
    "Array",
    "Boolean",
    "Date",
    "Error",
    "Intl",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "URL",
    "Vec",
    "Option",
    "Result",
    "console",
    "document",
    "env",
    "fs",
    "globalThis",
    "import",
    "localStorage",
    "navigator",
    "path",
    "process",
    "std",
    "window",
    "jest",
    "vi",
    "cy",
    "React",
    "Arc",
    "Box",
    "Rc",
];

/// How code asks for a variable of the environment.
const ENVIRONMENT: [&str; 4] = ["process.env.", "import.meta.env.", "env.", "os.environ."];

/// What a mention points at.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Look {
    /// Things that exist, found with this much precision (0 to 1).
    Found(Vec<Target>, f64),
    /// A value that this constraint or enum allows.
    Value(Target),
    /// Nothing that exists; what it would be, and whether it has an owner that does exist.
    Missing(Target, bool),
    /// Nothing that can be said: one of several things, a value, a word.
    Nothing,
}

impl Look {
    /// The things that it points at.
    pub(super) fn targets(&self) -> &[Target] {
        match self {
            Self::Found(targets, _) => targets,
            Self::Value(target) => std::slice::from_ref(target),
            Self::Missing(..) | Self::Nothing => &[],
        }
    }
}

/// What else a document mentions, as far as it is certain.
pub(super) fn nearby(prd: &Prd, known: &Known<'_>) -> Nearby {
    let mut nearby = Nearby::default();
    for mention in prd.mentions.iter().filter(|mention| !mention.sample) {
        match mention.kind {
            MentionKind::Path => {
                if let Meaning::Found(target, _) = known.file(&plain_path(&mention.text), &nearby) {
                    nearby.files.extend(target.path);
                }
            }
            MentionKind::Symbol => nearby
                .words
                .extend(plain_symbol(&mention.text).split('.').map(str::to_owned)),
            _ => {}
        }
    }
    // A class that is mentioned by name makes its file certain.
    let owners: Vec<RepoPath> = nearby
        .words
        .iter()
        .filter_map(|word| known.owner_file(word, &nearby))
        .collect();
    nearby.files.extend(owners);
    nearby
}

/// What `mention` points at.
pub(super) fn look(mention: &Mention, known: &Known<'_>, nearby: &Nearby) -> Look {
    let text = mention.text.trim();
    match mention.kind {
        MentionKind::Path => path(text, mention.whole, known, nearby),
        MentionKind::Symbol => symbol(text, known, nearby),
        MentionKind::Route => route(text, known),
        MentionKind::Flag => or_missing(known.flag(text), known::flag(text)),
        MentionKind::Table => schema(text, TargetKind::Table, known),
        MentionKind::Column => schema(text, TargetKind::Column, known),
        MentionKind::Constraint => schema(text, TargetKind::Constraint, known),
        MentionKind::Enum => match schema(text, TargetKind::Enum, known) {
            // An enum of the code; a value in small letters is none.
            Look::Missing(missing, owned) if text.starts_with(char::is_uppercase) => {
                match known.symbol(&plain_symbol(text), nearby) {
                    Meaning::Found(target, quality) => Look::Found(vec![target], quality),
                    _ => Look::Missing(missing, owned),
                }
            }
            look => look,
        },
        MentionKind::Config => setting(text, known, nearby),
        MentionKind::Event => event(text, known, nearby),
        MentionKind::Prd => Look::Nothing,
    }
}

/// A flag, a constant, a field that holds a setting; else the setting itself. Whether any text has it is looked up later.
fn setting(text: &str, known: &Known<'_>, nearby: &Nearby) -> Look {
    let name = ENVIRONMENT
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text);
    match symbol(name, known, nearby) {
        Look::Found(targets, quality) if targets.iter().all(|target| !target.kind.is_schema()) => {
            Look::Found(targets, quality)
        }
        _ => missing(TargetKind::Config, name),
    }
}

/// The class or constant that stands for an event; else the event by its name.
fn event(text: &str, known: &Known<'_>, nearby: &Nearby) -> Look {
    match known.symbol(&plain_symbol(text), nearby) {
        Meaning::Found(target, quality) => Look::Found(vec![target], quality),
        _ => missing(TargetKind::Event, text),
    }
}

fn missing(kind: TargetKind, name: &str) -> Look {
    let (name, path) = (name.to_owned(), None);
    Look::Missing(Target { kind, name, path }, false)
}

fn or_missing(meaning: Meaning, otherwise: Target) -> Look {
    match meaning {
        Meaning::Found(target, quality) => Look::Found(vec![target], quality),
        Meaning::Ambiguous => Look::Nothing,
        Meaning::Missing => Look::Missing(otherwise, false),
    }
}

fn path(text: &str, whole: bool, known: &Known<'_>, nearby: &Nearby) -> Look {
    let plain = plain_path(text);
    let found = known.file(&plain, nearby);
    let many = plain.contains(['*', '{']) || text.ends_with('/') || found == Meaning::Ambiguous;
    if let (true, Meaning::Missing | Meaning::Ambiguous) = (many, &found) {
        // What prose says of a folder is rarely meant of each of its files.
        return if whole { all_files(&plain, known) } else { Look::Nothing };
    }
    match RepoPath::new(&plain) {
        Some(path) => or_missing(found, known::file(&path)),
        None => Look::Nothing,
    }
}

fn all_files(pattern: &str, known: &Known<'_>) -> Look {
    let folder = pattern.trim_end_matches('/');
    let pattern = if pattern.contains(['*', '{', '?']) {
        pattern.to_owned()
    } else {
        format!("{folder}/**")
    };
    let Ok(glob) = Glob::new(&pattern) else {
        return Look::Nothing;
    };
    let glob = glob.compile_matcher();
    let fits = known
        .files()
        .filter(|path| glob.is_match(path.as_str()))
        .take(MOST_FILES + 1);
    let files: Vec<Target> = fits.map(known::file).collect();
    if files.is_empty() || files.len() > MOST_FILES {
        Look::Nothing
    } else {
        Look::Found(files, 0.6)
    }
}

/// An identifier may be a flag, a thing of the code or a thing of the database: documents quote them all alike.
fn symbol(text: &str, known: &Known<'_>, nearby: &Nearby) -> Look {
    let name = plain_symbol(text);
    if name.is_empty() {
        return Look::Nothing;
    }
    // `newCheckout()` is the function, though a flag is called so too.
    let called = text.contains('(') && matches!(known.symbol(&name, nearby), Meaning::Found(..));
    if !called && let Meaning::Found(flag, quality) = known.flag(&name) {
        return Look::Found(vec![flag], quality);
    }
    let of_code = known.symbol(&name, nearby);
    if let Meaning::Found(..) = of_code {
        return or_missing(of_code, known::flag(&name));
    }
    match (known.schema(&name, None), known.value(&name)) {
        (Meaning::Found(target, quality), _) => return Look::Found(vec![target], quality),
        (_, Some(target)) => return Look::Value(target),
        (Meaning::Ambiguous, _) => return Look::Nothing,
        (Meaning::Missing, _) if of_code != Meaning::Missing => return Look::Nothing,
        _ => {}
    }
    let owner = name
        .rsplit_once('.')
        .map(|(owner, _)| owner.rsplit('.').next().unwrap_or(owner).to_owned());
    if owner.as_deref().is_some_and(|owner| GLOBALS.contains(&owner)) {
        return Look::Nothing;
    }
    // `SMTP_HOST`, and no constant of the code: a program is told it from outside.
    if name.contains('_')
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    {
        return missing(TargetKind::Config, &name);
    }
    let path = owner.and_then(|owner| known.owner_file(&owner, nearby));
    let owned = path.is_some();
    let kind = TargetKind::Symbol;
    Look::Missing(Target { kind, name, path }, owned)
}

fn route(text: &str, known: &Known<'_>) -> Look {
    let (method, path) = known::route_parts(text);
    let target = Target {
        kind: TargetKind::Route,
        name: format!("{method} {path}").trim().to_owned(),
        path: None,
    };
    or_missing(known.route(text), target)
}

fn schema(text: &str, kind: TargetKind, known: &Known<'_>) -> Look {
    let name = text.trim_matches(['`', '"', '\'']).to_owned();
    // Documents say "column" where the index says "constraint", and "enum" of a check.
    let meaning = match known.schema(&name, Some(kind)) {
        Meaning::Missing => known.schema(&name, None),
        meaning => meaning,
    };
    if let (Meaning::Missing, Some(target)) = (&meaning, known.value(&name)) {
        return Look::Value(target);
    }
    let missing = Target { kind, name, path: None };
    or_missing(meaning, missing)
}

/// `apps/x.ts` of `./apps/x.ts:12`.
pub(super) fn plain_path(text: &str) -> String {
    let text = text.split('#').next().unwrap_or(text);
    let mut path = text;
    while let Some((before, last)) = path.rsplit_once(':') {
        if last.is_empty() || !last.chars().all(|c| c.is_ascii_digit() || c == '-') {
            break;
        }
        path = before;
    }
    path.trim_start_matches("./").trim_start_matches('/').to_owned()
}

/// `QuoteVersionService.create` of `QuoteVersionService#create(input)`, `A.b` of `<A.b />`, `a.b.C` of `a::b::<T>::C`.
pub(super) fn plain_symbol(text: &str) -> String {
    let text = text.trim().trim_start_matches(['<', '@']).trim_start_matches("new ");
    let end = text
        .find(['(', '<', ' ', '/', '>', '=', '?', ';', '[', '!'])
        .unwrap_or(text.len());
    let joined = text[..end].replace("::", ".").replace(['#', '\\'], ".");
    let parts = joined
        .split('.')
        .filter(|part| !part.is_empty() && !matches!(*part, "this" | "self" | "crate" | "super" | "prototype"));
    let parts: Vec<&str> = parts.collect();
    let fit = |part: &&str| part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    if parts.iter().all(fit) {
        parts.join(".")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_written_in_many_ways() {
        for text in [
            "A.b",
            "A#b",
            "A::b",
            "A.b()",
            "A.b(x, y)",
            "new A.b(x)",
            "<A.b />",
            "A.b<T>",
            "A.prototype.b",
        ] {
            assert_eq!(plain_symbol(text), "A.b", "{text}");
        }
        assert_eq!(plain_symbol("a-b"), "");
        assert_eq!(plain_symbol("this.x"), "x");
    }

    #[test]
    fn paths_lose_their_line_numbers() {
        for text in [
            "src/a.ts",
            "./src/a.ts",
            "src/a.ts:12",
            "src/a.ts:12:3",
            "src/a.ts#L4",
            "src/a.ts:3-9",
        ] {
            assert_eq!(plain_path(text), "src/a.ts", "{text}");
        }
    }
}
