//! Keys that one side takes out of a file of settings or texts and the other's new lines ask for: a setting, a text of the interface, a variable of the
//! environment, a package that is depended on. Enters: the [`Work`] of both. Leaves: [`Vanished`] names.

use std::collections::BTreeMap;

use super::spoken::without_comment;
use super::touched::{number, words};
use super::twice::{LARGEST, line_of, values};
use super::vanished::{Vanished, is_composite};
use super::work::{Texts, Work};
use super::{BreachKind, Certainty, has_word};
use crate::lang::Language;
use crate::source::{RepoPath, Sources, Span};

/// Tables of manifests that name packages.
const PACKAGES: [&str; 7] = [
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
    "dev-dependencies",
    "build-dependencies",
    "workspace.dependencies",
];

/// A key that a side took out of a file of settings.
#[derive(Debug)]
pub(super) struct GoneKey {
    path: RepoPath,
    wanted: Wanted,
    was: Span,
}

/// The keys that each side takes away and the other asks for.
pub(super) fn keyed(sources: &Sources, works: [&Work; 2]) -> Vec<Vanished> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let (breaker, user) = (works[by], works[other]);
        for key in breaker.unkeyed.get_or_init(|| unkeyed(sources, breaker)) {
            if words(&key.wanted.text).all(|word| user.says(number(word)))
                && let Some(used) = asks(sources, user, &key.path, &key.wanted)
            {
                found.push(told(sources, by, (&key.path, &key.wanted), [key.was, used]));
            }
        }
    }
    found
}

/// What a side takes out of files of settings, as far as somebody may ask for it.
fn unkeyed(sources: &Sources, breaker: &Work) -> Vec<GoneKey> {
    let mut found = Vec::new();
    for (path, texts) in breaker.texts() {
        let Some((gone, file)) = gone(sources, path, *texts).zip(texts.base) else {
            continue;
        };
        for (keys, value) in gone {
            let was = line_of(sources, file, &keys, &value).first().copied();
            if let Some((wanted, was)) = Wanted::of(path, &keys).zip(was) {
                let path = path.clone();
                found.push(GoneKey { path, wanted, was });
            }
        }
    }
    found
}

/// The keys that a file of settings had and has no more, each with its value. Of a file that is gone nothing is said here.
fn gone(sources: &Sources, path: &RepoPath, texts: Texts) -> Option<BTreeMap<Vec<String>, String>> {
    let [base, side] = [texts.base?, texts.side?].map(|file| &*sources.file(file).text);
    if side.len() > LARGEST || base.len() > LARGEST || path.file_name().contains("lock") {
        return None;
    }
    let (mut had, has) = (values(path, base)?, values(path, side)?);
    // In their order, what begins with a key stands right behind where it would stand.
    let stays = |key: &Vec<String>| {
        has.range(key.clone()..)
            .next()
            .is_some_and(|(next, _)| next.starts_with(key))
    };
    had.retain(|key, _| !stays(key));
    Some(had)
}

/// What is looked for.
#[derive(Debug)]
struct Wanted {
    text: String,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// A package that is imported.
    Package,
    /// A variable of the environment.
    Variable,
    /// A key of several parts, with dots between them.
    Path,
    /// A key by itself, in quotes.
    Key,
}

impl Wanted {
    /// Nothing for keys that are no one's to ask for, or too plain.
    fn of(path: &RepoPath, keys: &[String]) -> Option<Self> {
        let last = keys.last()?;
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if matches!(path.file_name(), "package.json" | "Cargo.toml") {
            let table = keys
                .first()
                .filter(|table| keys.len() >= 2 && PACKAGES.contains(&table.as_str()));
            let name = keys.get(1).filter(|_| table.is_some())?;
            let form = Form::Package;
            let text = if path.extension() == "toml" {
                name.replace('-', "_")
            } else {
                name.clone()
            };
            return Some(Self { text, form });
        }
        if path.file_name().starts_with(".env") {
            let (text, form) = (last.clone(), Form::Variable);
            return Some(Self { text, form });
        }
        // What configures tools and builds is asked for by them.
        let of_tools = path.file_name().starts_with('.') || path.as_str().starts_with('.') || path.parent().is_empty();
        if of_tools
            && path.extension() != "properties"
            && !path.file_name().contains("config")
            && !path.file_name().contains("settings")
        {
            return None;
        }
        let parts: Vec<&str> = keys.iter().flat_map(|key| key.split('.')).collect();
        let [.., first, second] = parts[..] else {
            let form = Form::Key;
            return (plain(last) && is_composite(last)).then(|| Self {
                text: last.clone(),
                form,
            });
        };
        let text = format!("{first}.{second}");
        (plain(first) && plain(second) && text.len() >= 6).then_some(Self { text, form: Form::Path })
    }
}

/// The first new line of code that asks for it.
fn asks(sources: &Sources, user: &Work, manifest: &RepoPath, wanted: &Wanted) -> Option<Span> {
    let below = |path: &RepoPath| {
        let folder = manifest.parent();
        wanted.form != Form::Package || folder.is_empty() || path.as_str().starts_with(&format!("{folder}/"))
    };
    for (path, touched) in &user.touched {
        let fits = Language::of(path).is_some_and(Language::is_built) && below(path);
        if !fits || !words(&wanted.text).all(|word| touched.said.contains(&number(word))) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let new = user.new_lines(path);
        for (line, at) in sources.file(file).text.lines().zip(1u32..) {
            if new.contains(&at) && is_asked(without_comment(path, line), wanted) {
                return Some(sources.line(file, at));
            }
        }
    }
    None
}

fn is_asked(line: &str, wanted: &Wanted) -> bool {
    let text = wanted.text.as_str();
    let quoted = |text: &str| {
        ['"', '\'', '`']
            .iter()
            .any(|sign| line.contains(&format!("{sign}{text}{sign}")))
    };
    match wanted.form {
        Form::Package => {
            let imports = ["import", "require", "from "].iter().any(|word| line.contains(word));
            let whole = ['"', '\''].iter().any(|sign| line.contains(&format!("{sign}{text}/")));
            let path = has_word(line, text, &[':', '.']) || line.contains(&format!("{text}::"));
            (imports && (quoted(text) || whole)) || (line.trim_start().starts_with("use ") && path)
        }
        Form::Variable => has_word(line, text, &[]) && line.to_lowercase().contains("env"),
        Form::Key => quoted(text),
        // `t('cart.empty')`, `config.cache.ttl`; not `import … from './cart.empty'`.
        Form::Path => has_word(line, text, &['-', '/']) && !line.contains("import"),
    }
}

fn told(sources: &Sources, by: usize, (path, wanted): (&RepoPath, &Wanted), [was, used]: [Span; 2]) -> Vanished {
    let (file, line) = (sources.path(used.file), sources.start(used).line);
    let last = wanted.text.rsplit('.').next().unwrap_or_default().to_owned();
    let (word, kind, elsewhere) = match wanted.form {
        Form::Package => (wanted.text.clone(), BreachKind::Removed, Some(Certainty::Possible)),
        Form::Variable => (wanted.text.clone(), BreachKind::Key, None),
        // Another file of settings may have it.
        Form::Path | Form::Key => (last, BreachKind::Key, Some(Certainty::Possible)),
    };
    Vanished {
        by,
        word,
        subject: wanted.text.clone(),
        kind,
        certainty: [Some(Certainty::Likely), elsewhere],
        deeds: [
            format!("takes {} out of {path}", wanted.text),
            format!("asks for {} in {file}:{line}", wanted.text),
        ],
        was,
        used,
    }
}
