//! What the scripts of a project give to `go test`. Enters: make files, shell scripts, task files, workflows. Leaves: which tags that are flags
//! their runs of tests give. What cannot be read (a variable, `GOFLAGS` of the whole file) may give any tag.

use std::collections::{BTreeMap, BTreeSet};

use super::{is_given, is_tag};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::source::{Sources, View, is_script};

/// The rules that read tags as flags.
const RULES: &str = "go/build-tags/";
/// Commands in commands (`sh -c "go test"`) that are looked into.
const DEPTH: usize = 3;
/// Parts of the names of variables that hold packages, files and the like, and no arguments.
const NO_ARGUMENTS: [&str; 10] = [
    "PKG", "PACKAGE", "DIR", "PATH", "MOD", "FILE", "TARGET", "TIMEOUT", "COUNT", "ROOT",
];
/// Parts of the names of variables that hold arguments, whatever else is in the name.
const ARGUMENTS: [&str; 4] = ["FLAG", "ARG", "OPT", "TAG"];
/// Keys of a workflow or task file whose values tell of a run and are none.
const TELL: [&str; 10] = [
    "name",
    "desc",
    "description",
    "title",
    "label",
    "displayname",
    "summary",
    "if",
    "when",
    "uses",
];
/// Commands that only show what they are given.
const SHOW: [&str; 5] = ["echo", "printf", "print", "println", "logger"];
/// Arguments of `go test` whose value is the next word.
const WITH_VALUE: [&str; 16] = [
    "run",
    "skip",
    "timeout",
    "count",
    "coverprofile",
    "covermode",
    "coverpkg",
    "p",
    "parallel",
    "bench",
    "benchtime",
    "o",
    "exec",
    "ldflags",
    "gcflags",
    "format",
];

/// One run of tests.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Run {
    /// The tags that are written out.
    tags: BTreeSet<String>,
    /// `-tags` is among its arguments, so that `GOFLAGS` does not count.
    says: bool,
    /// It may be given others, too.
    open: bool,
}

/// The tags that are flags and that runs of tests give: on where all of them do, unknown where only some do, or may.
#[must_use]
pub fn given(sources: &Sources, view: &View, index: &CodeIndex) -> BTreeMap<FlagKey, FlagValue> {
    let reads = index.reads.iter().filter(|read| read.rule.starts_with(RULES));
    let tags: BTreeSet<&FlagKey> = reads.map(|read| &read.key).collect();
    let mut found = BTreeMap::new();
    if tags.is_empty() {
        return found;
    }
    let scripts = view.files.iter().filter(|(path, _)| is_script(path));
    let runs: Vec<Run> = scripts.flat_map(|(_, file)| runs(&sources.file(*file).text)).collect();
    for tag in tags {
        let gives = |run: &Run| run.tags.contains(tag.as_str());
        let may = |run: &Run| run.open || gives(run);
        if runs.iter().any(may) {
            let all = runs.iter().all(gives);
            let value = if all { FlagValue::On } else { FlagValue::Unknown };
            found.insert(tag.clone(), value);
        }
    }
    found
}

/// The runs of tests in a script; a line that ends in a backslash goes on.
fn runs(text: &str) -> Vec<Run> {
    let whole = text.replace("\\\n", " ");
    let is_comment = |line: &str| ["#", "//", "/*"].iter().any(|mark| line.trim_start().starts_with(mark));
    let lines = whole.lines().filter(|line| !is_comment(line));
    let lines: Vec<&str> = lines.collect();
    let mut found = Vec::new();
    for line in &lines {
        of_line(line, DEPTH, &mut found);
    }
    let flags = Run::default();
    let flags = lines.iter().fold(flags, |flags, line| goflags(line, flags));
    for run in found.iter_mut().filter(|run| !run.says) {
        // Where in the file it holds is not followed.
        run.open |= flags.open || !flags.tags.is_empty();
    }
    found
}

/// Adds what a line says of `GOFLAGS`: `export GOFLAGS=-tags=a`, `GOFLAGS: -tags=a`.
fn goflags(line: &str, mut flags: Run) -> Run {
    for (at, _) in line.match_indices("GOFLAGS") {
        let Some(value) = assigned(&line[at + "GOFLAGS".len()..]) else {
            continue;
        };
        flags.open |= value.contains('$');
        if let Some((_, tags)) = value.split_once("-tags") {
            flags.tags.insert(tags.to_owned());
        }
    }
    flags
}

/// What a name is set to, given what follows it: a word for `=`, the rest of the line for ` = `, `:=`, `: `.
fn assigned(rest: &str) -> Option<&str> {
    let of_shell = rest.strip_prefix('=').filter(|value| !value.starts_with([' ', '\t']));
    if let Some(value) = of_shell {
        let end = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find(quote).map(|end| end + 2),
            _ => value.find([' ', '\t', ';', '&', '|']),
        };
        return Some(end.map_or(value, |end| &value[..end]));
    }
    let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']);
    let value = rest
        .trim_start_matches([':', '?', '+', '!'])
        .strip_prefix('=')
        .or_else(|| rest.strip_prefix(':'))?;
    Some(value.split(" #").next().unwrap_or(value))
}

/// The runs of one line: `a && b`, `a; b`, `a | b`, `(a)`.
fn of_line(line: &str, depth: usize, found: &mut Vec<Run>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if key(line).is_some_and(|key| TELL.contains(&key.to_ascii_lowercase().as_str())) {
        return;
    }
    for command in commands(line) {
        let words = shlex::split(command);
        let words = words.unwrap_or_else(|| command.split_whitespace().map(str::to_owned).collect());
        match arguments(&words) {
            _ if shows(&words) => {}
            Some(at) => found.push(of_run(&words[at..])),
            // `sh -c "go test ./..."`, `sh 'go test'`
            None => words
                .iter()
                .filter(|word| word.contains(' ') && word.contains("test"))
                .for_each(|word| of_line(word, depth, found)),
        }
    }
}

/// `name` of `- name: go test`.
fn key(line: &str) -> Option<&str> {
    let (key, rest) = line.trim_start().trim_start_matches("- ").split_once(':')?;
    let key = key.trim().trim_matches(['"', '\'']);
    let is_name = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    (is_name && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
}

/// True for a command that only shows its words: `@echo "go test"`, `run: echo go test`.
fn shows(words: &[String]) -> bool {
    let is_key = |word: &&String| word.ends_with(':') || **word == "-";
    let first = words.iter().find(|word| !is_key(word));
    first.is_some_and(|word| SHOW.contains(&word.trim_start_matches(['@', '-', '+'])))
}

/// The commands of a line; what stands in quotes or in `$(…)` is no end of one.
fn commands(line: &str) -> Vec<&str> {
    let (mut found, mut start, mut quote, mut inner) = (Vec::new(), 0, None, 0usize);
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        // `2>&1`, `&>log`
        let redirects = c == '&' && (before == '>' || line[at + 1..].starts_with('>'));
        match (quote, c) {
            (Some(open), _) if c == open && before != '\\' => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{') if inner > 0 || before == '$' => inner += 1,
            (None, ')' | '}') if inner > 0 => inner -= 1,
            (None, ';' | '|' | '&' | '(' | ')') if inner == 0 && !redirects => {
                found.push(&line[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
        before = c;
    }
    found.push(&line[start..]);
    found
}

/// Where the arguments of `go test` (`$(GO) test`, `$(GOTEST)`, `gotestsum`) begin in a command.
fn arguments(words: &[String]) -> Option<usize> {
    (0..words.len()).find_map(|at| {
        let word = words[at].trim_start_matches(['@', '-', '+']);
        let last = word.rsplit('/').next().unwrap_or(word);
        let name = variable(word).unwrap_or_default().to_ascii_uppercase();
        let is_go = last == "go" || (name.starts_with("GO") && !name.contains("TEST"));
        match () {
            () if is_go && words.get(at + 1).is_some_and(|next| next == "test") => Some(at + 2),
            () if last == "gotestsum" || (name.starts_with("GO") && name.contains("TEST")) => Some(at + 1),
            () => None,
        }
    })
}

/// The name of the variable that a whole word begins with: `$GO`, `$(GO)`, `${GO}`, `{{go}}`.
fn variable(word: &str) -> Option<&str> {
    let rest = word.strip_prefix('$').or_else(|| word.strip_prefix("{{"))?;
    let rest = rest.trim_start_matches(['(', '{', '$', ' ', '.']);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// What the arguments of a run give.
fn of_run(words: &[String]) -> Run {
    let mut run = Run::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches('-');
        let is_argument = word.starts_with('-');
        if is_argument && name == "args" {
            // What follows is for the tests themselves.
            break;
        }
        let list = match name.strip_prefix("tags").filter(|_| is_argument) {
            Some("") => Some(words.next().map_or("", String::as_str)),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(list) = list {
            run.says = true;
            for tag in list.split([',', ' ']).filter(|tag| !tag.is_empty()) {
                if !is_tag(tag) {
                    run.open = true;
                } else if is_given(tag) {
                    run.tags.insert(tag.to_owned());
                }
            }
        } else if is_argument && WITH_VALUE.contains(&name) {
            words.next();
        } else if let Some(variable) = variable(word) {
            let variable = variable.to_ascii_uppercase();
            let holds = |parts: &[&str]| parts.iter().any(|part| variable.contains(part));
            run.open |= holds(&ARGUMENTS) || !holds(&NO_ARGUMENTS);
        }
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_that_a_script_gives() {
        for (text, expected) in [
            ("go test -tags=a,b ./...", "a b"),
            ("\tgo test -race -tags 'a b' ./... | tee log", "a b"),
            ("CGO_ENABLED=0 go test --tags a ./x && go test -tags c", "a / c"),
            ("gotestsum -- -tags=integration,unit ./...", "integration unit"),
            ("go test -tags=netgo,race", "netgo"),
            ("go build -tags=a", "no run"),
            ("go test -tagsx=a", ""),
            ("@$(GO) test -tags=a ./...", "a"),
            ("${GO_BIN} test ./a; /usr/local/go/bin/go test -tags a ./b", " / a"),
            ("go test ./a && (cd b && go test -tags=a .)", " / a"),
            ("run: docker compose run app sh -c \"go test -tags=a ./...\"", "a"),
            // Another tool's tests are none of Go's.
            ("cargo test --workspace", "no run"),
            ("mongo test -tags=a", "no run"),
            // Nobody can read what these give.
            ("go test -tags=$(TAGS) ./...", "?"),
            ("go test -tags \"a,$TAGS\" ./...", "a ?"),
            ("go test $(TEST_FLAGS) ./...", "?"),
            ("go test {{test_args}} ./...", "?"),
            ("$(GOTEST) -tags=a ./...", "a"),
            ("go test \"$@\"", "?"),
            ("export GOFLAGS=-tags=a\ngo test ./...\ngo test -tags=b ./...", "? / b"),
            ("env:\n  GOFLAGS: \"-tags=a\"\nrun: go test ./...", "?"),
            ("GOFLAGS=-mod=vendor go test ./...", ""),
            ("GOFLAGS=-mod=vendor go test $(PKGS)", ""),
            ("GOFLAGS := -mod=vendor\ntest:\n\tgo test ./...", ""),
            ("GOFLAGS ?= -mod=vendor $(EXTRA)\ntest:\n\tgo test ./...", "?"),
            ("export GOFLAGS=\"-mod=vendor $EXTRA\"\ngo test ./...", "?"),
            ("go test $(PKG_FLAGS) ./...", "?"),
            ("go test $TEST_PATH_ARGS $(MODTAGS)", "?"),
            ("go test $(FILE_OPTS) ./...", "?"),
            // What only tells of a run is none.
            ("- name: go test\n  run: make check", "no run"),
            ("- name: go test -tags=b\n  run: go test -tags=a ./...", "a"),
            ("\t@echo \"running go test -tags=a\"\n\tgo test -tags=b ./...", "b"),
            ("run: echo go test", "no run"),
            ("// go test -tags=a", "no run"),
            ("/usr/local/go/bin/go test -tags=a ./...", "a"),
            ("go test ./... 2>&1 -tags=a | tee log", "a"),
            ("go test ./... &> log -tags=a", "a"),
            // These can.
            ("go test $(PKGS) ./$DIR/...", ""),
            ("go test -run $(NAME) -timeout $T ./...", ""),
            ("go test ./... # -tags=a", ""),
            ("# go test -tags=a", "no run"),
            ("go test ./... -args -tags=a", ""),
        ] {
            let found = runs(text);
            let shown = |run: &Run| {
                let tags = run.tags.iter().map(String::as_str);
                tags.chain(run.open.then_some("?")).collect::<Vec<_>>().join(" ")
            };
            let shown = found.iter().map(shown).collect::<Vec<_>>().join(" / ");
            let shown = if found.is_empty() { "no run".to_owned() } else { shown };
            assert_eq!(shown, expected, "{text}");
        }
    }

    fn seen(scripts: &str) -> Vec<(String, FlagValue)> {
        let code = "//- go.mod\nmodule a\n//- fast.go\n//go:build fast\n\npackage a\n\nfunc f() {}\n";
        let (sources, view) = crate::source::fixture(&format!("{code}{scripts}"));
        let index = crate::index::build::build(
            &sources,
            &view,
            &crate::rules::load_builtin(),
            &crate::index::Wanted::default(),
            &crate::index::store::FactsStore::default(),
        );
        index
            .ambient
            .flags
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }

    #[test]
    fn a_tag_is_what_the_scripts_that_run_tests_give() {
        let fast = |value| vec![("fast".to_owned(), value)];
        assert_eq!(seen(""), fast(FlagValue::Off));
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test -tags=fast ./...\n"),
            fast(FlagValue::On)
        );
        assert_eq!(
            seen(
                "//- Makefile\ntest:\n\tgo test \\\n\t  -tags 'x fast' ./...\n//- .github/workflows/ci.yml\nrun: go test -tags fast ./...\n"
            ),
            fast(FlagValue::On)
        );
        // One run with it and one without: nobody knows which is meant.
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test ./...\nfast:\n\tgo test -tags=fast ./...\n"),
            fast(FlagValue::Unknown)
        );
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo build -tags=fast\n\tgo test ./...\n"),
            fast(FlagValue::Off)
        );
        assert_eq!(seen("//- notes.md\ngo test -tags=fast\n"), fast(FlagValue::Off));
        // What a variable holds may be the tag.
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test -tags=$(TAGS) ./...\n"),
            fast(FlagValue::Unknown)
        );
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test -tags=fast ./a && go test ./b\n"),
            fast(FlagValue::Unknown)
        );
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test -tags=fast ./...\n\tcargo test\n"),
            fast(FlagValue::On)
        );
    }
}
