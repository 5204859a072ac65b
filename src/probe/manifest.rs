//! What a folder says of its tests. Enters: a `package.json`, the folders above a file. Leaves: the runner that it names and the line that runs
//! it. Lines that do more than start one runner are not taken apart.

use crate::source::{RepoPath, Sources, View};

/// A program that runs tests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Runner {
    /// Vitest.
    Vitest,
    /// Jest, or what passes its arguments on to it.
    Jest,
    /// Node's own.
    Node,
    /// Cargo.
    Cargo,
    /// Pytest.
    Pytest,
    /// Python's own, or Django's `manage.py test`.
    Unittest,
    /// `go test`.
    Go,
    /// The project's own command (`probe.command`).
    Command,
}

impl Runner {
    /// The word for people and programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Vitest => "vitest",
            Self::Jest => "jest",
            Self::Node => "node",
            Self::Cargo => "cargo",
            Self::Pytest => "pytest",
            Self::Unittest => "unittest",
            Self::Go => "go",
            Self::Command => "command",
        }
    }
}

/// A runner as a folder names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Named {
    /// Which.
    pub runner: Runner,
    /// The folder (`""` for the root).
    pub folder: String,
    /// Variables that the line sets.
    pub variables: Vec<(String, String)>,
    /// The words of the line, from the program on.
    pub words: Vec<String>,
}

/// The folders around a file, the nearest first; the root is `""`.
fn folders(path: &RepoPath) -> impl Iterator<Item = &str> {
    let mut next = Some(path.parent());
    std::iter::from_fn(move || {
        let folder = next?;
        next = match folder.rsplit_once('/') {
            Some((above, _)) => Some(above),
            None if folder.is_empty() => None,
            None => Some(""),
        };
        Some(folder)
    })
}

/// A file of a folder.
#[must_use]
pub fn within(folder: &str, name: &str) -> Option<RepoPath> {
    RepoPath::new(&format!("{folder}/{name}"))
        .filter(|_| !folder.is_empty())
        .or_else(|| RepoPath::new(name).filter(|_| folder.is_empty()))
}

/// The nearest folder around a file that has a manifest of this name.
#[must_use]
pub fn package_of(view: &View, path: &RepoPath, manifest: &str) -> Option<String> {
    nearest_with(view, path, &[manifest])
}

/// The nearest folder around a file that has one of these files.
#[must_use]
pub fn nearest_with(view: &View, path: &RepoPath, names: &[&str]) -> Option<String> {
    let exists = |folder: &str, name: &str| within(folder, name).is_some_and(|path| view.exists(&path));
    let has = |folder: &&str| names.iter().any(|name| exists(folder, name));
    folders(path).find(has).map(str::to_owned)
}

/// The JavaScript runner that is in charge of a test file: the nearest folder that names one. `own` is the one that the test imports.
#[must_use]
pub fn runner_of(sources: &Sources, view: &View, path: &RepoPath, own: Option<Runner>) -> Option<Named> {
    folders(path).find_map(|folder| {
        let manifest = within(folder, "package.json")?;
        let text = &sources.file(*view.files.get(&manifest)?).text;
        let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
        named(view, folder, &manifest, own)
    })
}

/// What a manifest names: its script `test`, else the first script that starts the runner, else a dependency or a configuration.
fn named(view: &View, folder: &str, manifest: &serde_json::Value, own: Option<Runner>) -> Option<Named> {
    let scripts = manifest.get("scripts").and_then(serde_json::Value::as_object);
    let test = scripts.and_then(|scripts| scripts.get("test"));
    let others = scripts
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.starts_with("test") || name.starts_with("unit"));
    let lines = test.into_iter().chain(others.map(|(_, line)| line));
    let is_own = |found: &Named| own.is_none_or(|own| own == found.runner);
    let by_script = lines
        .filter_map(serde_json::Value::as_str)
        .find_map(|line| parse(folder, line).filter(is_own));
    by_script.or_else(|| {
        let runners = [(Runner::Vitest, "vitest"), (Runner::Jest, "jest")];
        let (runner, word) = runners.into_iter().find(|(runner, word)| {
            own.is_none_or(|own| own == *runner) && (depends(manifest, word) || configured(view, folder, word))
        })?;
        Some(Named {
            runner,
            folder: folder.to_owned(),
            variables: Vec::new(),
            words: vec![word.to_owned()],
        })
    })
}

fn depends(manifest: &serde_json::Value, word: &str) -> bool {
    ["devDependencies", "dependencies"]
        .iter()
        .any(|table| manifest.get(table).and_then(|table| table.get(word)).is_some())
}

fn configured(view: &View, folder: &str, word: &str) -> bool {
    let endings = ["ts", "mts", "js", "mjs", "cjs", "json"];
    endings
        .iter()
        .any(|ending| within(folder, &format!("{word}.config.{ending}")).is_some_and(|path| view.exists(&path)))
}

/// A line of a script that starts one runner: `TZ=UTC vitest run --config x`.
fn parse(folder: &str, line: &str) -> Option<Named> {
    // Joined commands, pipes and substitutions are more than a runner.
    let plain = line.strip_prefix("cross-env ").unwrap_or(line);
    if plain.contains(['&', '|', ';', '`', '<', '>']) || plain.contains("$(") {
        return None;
    }
    let mut words = shlex::split(plain)?;
    let is_variable = |word: &String| {
        word.split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    let count = words.iter().take_while(|word| is_variable(word)).count();
    let variables = words
        .drain(..count)
        .filter_map(|word| word.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())))
        .collect();
    if words.first().is_some_and(|word| word == "npx" || word == "cross-env") {
        words.remove(0);
    }
    let program = words.first()?.rsplit('/').next()?;
    let runner = match program {
        "vitest" => Runner::Vitest,
        "jest" => Runner::Jest,
        "react-scripts" | "craco" if words.get(1).is_some_and(|word| word == "test") => Runner::Jest,
        "node" | "tsx" if words.iter().any(|word| word == "--test") => Runner::Node,
        // `node --experimental-vm-modules node_modules/jest/bin/jest.js`
        "node"
            if words
                .iter()
                .any(|word| word.ends_with("/jest.js") || word.ends_with("/.bin/jest")) =>
        {
            Runner::Jest
        }
        _ => return None,
    };
    Some(Named {
        runner,
        folder: folder.to_owned(),
        variables,
        words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixture;

    fn found(files: &str, test: &str) -> Option<(Runner, String, String)> {
        let (sources, view) = fixture(files);
        let path = RepoPath::new(test).expect("a path");
        runner_of(&sources, &view, &path, None).map(|named| (named.runner, named.folder, named.words.join(" ")))
    }

    #[test]
    fn the_nearest_folder_that_names_a_runner_is_in_charge() {
        let files = "//- package.json\n{\"scripts\": {\"test\": \"TZ=UTC vitest run --config v.ts\"}}\n\
                     //- apps/api/package.json\n{\"name\": \"api\"}\n\
                     //- apps/web/package.json\n{\"devDependencies\": {\"jest\": \"29\"}}\n";
        let root = Some((Runner::Vitest, String::new(), "vitest run --config v.ts".to_owned()));
        assert_eq!(found(files, "apps/api/src/a.test.ts"), root);
        assert_eq!(
            found(files, "apps/web/a.test.ts"),
            Some((Runner::Jest, "apps/web".to_owned(), "jest".to_owned()))
        );
        assert_eq!(found("//- package.json\n{}\n", "a.test.ts"), None);
    }

    #[test]
    fn a_line_that_does_more_than_start_a_runner_is_not_taken_apart() {
        for line in ["npm run build && vitest", "mocha", "vitest | tee log", "echo $(jest)"] {
            assert_eq!(parse("", line), None, "{line}");
        }
        let node = parse("", "node --import tsx --test 'src/**/*.test.ts'").expect("node");
        assert_eq!((node.runner, node.words.len()), (Runner::Node, 5));
        let jest = parse("", "cross-env NODE_ENV=test jest --runInBand").expect("jest");
        assert_eq!(jest.variables, [("NODE_ENV".to_owned(), "test".to_owned())]);
    }
}
