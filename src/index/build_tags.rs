//! Build constraints of Go. Enters: the text of a file. Leaves: the tags that a build must be given for the file to be part of it. What the
//! scripts of a project give is in `scripts`.

mod scripts;

pub use scripts::given;

/// Tags that the toolchain sets by itself, beside `go1.x`: systems, machines, compilers and how it was called.
const OF_THE_TOOLCHAIN: [&str; 45] = [
    "386",
    "aix",
    "amd64",
    "amd64p32",
    "android",
    "appengine",
    "arm",
    "arm64",
    "asan",
    "boringcrypto",
    "cgo",
    "darwin",
    "dragonfly",
    "freebsd",
    "gc",
    "gccgo",
    "hurd",
    "ignore",
    "illumos",
    "ios",
    "js",
    "linux",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mipsle",
    "msan",
    "netbsd",
    "openbsd",
    "plan9",
    "ppc64",
    "ppc64le",
    "purego",
    "race",
    "riscv64",
    "s390x",
    "solaris",
    "tinygo",
    "unix",
    "wasip1",
    "wasm",
    "windows",
    "zos",
    "nacl",
];

/// True for a tag that a person gives with `-tags`.
#[must_use]
pub fn is_given(tag: &str) -> bool {
    let version = tag
        .strip_prefix("go1")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // `GOEXPERIMENT=x` sets them, and `-tags` cannot.
    !version && !tag.starts_with("goexperiment.") && !OF_THE_TOOLCHAIN.contains(&tag)
}

/// The constraint of a file: what follows `//go:build` in front of the package's name.
#[must_use]
pub fn constraint(text: &str) -> Option<&str> {
    let mut head = text.lines().take_while(|line| !line.starts_with("package "));
    head.find_map(|line| line.trim_end().strip_prefix("//go:build "))
}

/// The tags that must be given for the file to be built: the first way where there are several. Those that must not be are not among them.
#[must_use]
pub fn needed(text: &str) -> Vec<String> {
    let Some(constraint) = constraint(text) else {
        return Vec::new();
    };
    let mut words = Words {
        rest: constraint,
        left: MOST_WORDS,
    };
    let mut given = Vec::new();
    // What cannot be read asks for nothing.
    let found = words.any(true).filter(|_| words.peek().is_empty()).unwrap_or_default();
    for tag in found {
        if is_given(&tag) && !given.contains(&tag) {
            given.push(tag);
        }
    }
    given
}

/// Words of one constraint that are read.
const MOST_WORDS: usize = 128;

/// What is left of a constraint. Each method gives the tags that make its part hold (or, where `holds` is false, fail).
struct Words<'l> {
    rest: &'l str,
    left: usize,
}

impl<'l> Words<'l> {
    fn peek(&mut self) -> &'l str {
        self.rest = self.rest.trim_start();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let length = match self.rest.chars().next() {
            None => 0,
            Some('&' | '|') => 2,
            Some(first) if is_word(first) => self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len()),
            Some(first) => first.len_utf8(),
        };
        self.rest.get(..length).unwrap_or(self.rest)
    }

    fn take(&mut self) -> &'l str {
        let word = self.peek();
        self.rest = &self.rest[word.len()..];
        word
    }

    fn any(&mut self, holds: bool) -> Option<Vec<String>> {
        let mut found = self.all(holds)?;
        while self.peek() == "||" {
            self.take();
            let more = self.all(holds)?;
            if !holds {
                found.extend(more);
            }
        }
        Some(found)
    }

    fn all(&mut self, holds: bool) -> Option<Vec<String>> {
        let mut found = self.one(holds)?;
        while self.peek() == "&&" {
            self.take();
            let more = self.one(holds)?;
            if holds {
                found.extend(more);
            }
        }
        Some(found)
    }

    fn one(&mut self, holds: bool) -> Option<Vec<String>> {
        self.left = self.left.checked_sub(1)?;
        match self.take() {
            "!" => self.one(!holds),
            "(" => {
                let found = self.any(holds)?;
                (self.take() == ")").then_some(found)
            }
            tag if !tag.is_empty() && is_tag(tag) => Some(if holds { vec![tag.to_owned()] } else { Vec::new() }),
            _ => None,
        }
    }
}

/// A tag as it may stand in a list of `-tags`.
fn is_tag(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_that_a_file_needs() {
        for (text, expected) in [
            ("//go:build enterprise\n\npackage a\n", "enterprise"),
            ("// Licence\n\n//go:build a && linux && !b\n\npackage a\n", "a"),
            ("//go:build (fast || slow) && x\npackage a\n", "fast x"),
            ("//go:build !(a && b)\npackage a\n", ""),
            ("//go:build !(a || !b) && c\npackage a\n", "b c"),
            ("//go:build goexperiment.arenas && a\npackage a\n", "a"),
            ("//go:build a && (b\npackage a\n", ""),
            ("//go:build go1.18 && !race\n\npackage a\n", ""),
            ("package a\n\n//go:build late\n", ""),
            ("package a\n", ""),
        ] {
            assert_eq!(needed(text).join(" "), expected, "{text}");
        }
    }
}
