//! What front matter declares. Enters: the fields of a document's head. Leaves: its id, title and branch, declared [`Mention`]s and
//! [`Statement`]s, and problems. Knows nothing of prose.

mod flags;

use super::frontmatter::{Data, Field, Value};
use super::{Access, Claim, Mention, MentionKind, PrdId, Statement, id, reference, shape};
use crate::flag::FlagValue;
use crate::source::{Bytes, FileId, Span};

/// What the head of a document says.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) id: Option<PrdId>,
    pub(crate) title: Option<(String, Bytes)>,
    pub(crate) branch: Option<String>,
    /// Where it says what is touched, even if that is nothing.
    pub(crate) footprint: Option<Span>,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) problems: Vec<(String, Bytes)>,
    /// Problems by which something that was meant is lost: the answer is not known without it.
    pub(crate) losses: Vec<(String, Bytes)>,
}

/// Keys that mean something here, in kebab-case; people write them with `_` or in camelCase too.
const KEYS: &[&str] = &[
    "id",
    "title",
    "branch",
    "depends-on",
    "touches",
    "files",
    "symbols",
    "tables",
    "columns",
    "constraints",
    "enums",
    "routes",
    "flags",
    "foundation",
    "hotfix",
    "creates",
    "writes",
    "reads",
    "introduces-flag",
    "assumes",
    "requires",
    "provides",
    "events",
];

/// Reads the fields of a document's head.
pub(crate) fn read(fields: &[Field], file: FileId) -> Declared {
    let mut reader = Reader {
        file,
        out: Declared::default(),
    };
    for field in fields {
        reader.field(field);
    }
    reader.out
}

struct Reader {
    file: FileId,
    out: Declared,
}

/// `dependsOn`, `depends_on` and `depends on` are one key.
pub(crate) fn kebab(key: &str) -> String {
    let mut out = String::new();
    for c in key.trim().chars() {
        match c {
            '_' | ' ' | '-' => out.push('-'),
            c if c.is_uppercase() && out.ends_with(|last: char| last.is_lowercase()) => {
                out.push('-');
                out.extend(c.to_lowercase());
            }
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

fn access_of(word: &str) -> Option<Access> {
    match word.trim().to_ascii_lowercase().as_str() {
        "create" | "creates" | "add" | "adds" | "new" | "introduces" | "introduce" => Some(Access::Create),
        "write" | "writes" | "modify" | "modifies" | "change" | "changes" | "update" | "updates" | "edit" | "edits"
        | "alter" | "alters" | "delete" | "deletes" | "remove" | "removes" | "rename" | "renames" => {
            Some(Access::Write)
        }
        "read" | "reads" | "use" | "uses" | "reference" | "references" | "call" | "calls" => Some(Access::Read),
        _ => None,
    }
}

fn kind_of(word: &str) -> Option<MentionKind> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "file" | "files" | "path" | "paths" | "relevant-files" | "owned-files" | "files-modified" => MentionKind::Path,
        "symbol" | "symbols" | "function" | "functions" | "class" | "component" | "components" => MentionKind::Symbol,
        "route" | "routes" | "endpoint" | "endpoints" => MentionKind::Route,
        "flag" | "flags" => MentionKind::Flag,
        "table" | "tables" => MentionKind::Table,
        "column" | "columns" => MentionKind::Column,
        "constraint" | "constraints" | "index" => MentionKind::Constraint,
        "enum" | "enums" | "type" => MentionKind::Enum,
        "event" | "events" | "topic" | "topics" => MentionKind::Event,
        "env" | "env-var" | "env-vars" | "environment" | "config" | "setting" | "settings" => MentionKind::Config,
        "prd" | "prds" => MentionKind::Prd,
        _ => return None,
    })
}

/// The documents that a value names: "PRD 1 and PRD 2", "001 002", "001-a; 002-b". "None" and "n/a" name none.
fn listed(words: &str) -> Vec<&str> {
    let nothing = |word: &str| {
        let word = word.trim_matches(['-', '—', '.', ' ']).to_ascii_lowercase();
        matches!(
            word.as_str(),
            "" | "none" | "n/a" | "na" | "tbd" | "null" | "false" | "nothing" | "no" | "~"
        )
    };
    let parts = words
        .split([',', ';'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" & "));
    let numbered = |word: &str| word.starts_with(|c: char| c.is_ascii_digit() || c == '#');
    let one_each = |part: &str| part.split_whitespace().count() > 1 && part.split_whitespace().all(numbered);
    let each = parts.flat_map(|part| match one_each(part) {
        true => part.split_whitespace().collect::<Vec<_>>(),
        false => vec![part.trim()],
    });
    each.filter(|on| !nothing(on)).collect()
}

impl Reader {
    fn field(&mut self, field: &Field) {
        let key = kebab(&field.key);
        let value = &field.value;
        match key.as_str() {
            "id" | "prd" | "prd-id" | "work-package-id" => self.id(value),
            "title" | "name" => {
                if let Data::Scalar(words) = &value.data {
                    self.out.title = Some((words.clone(), value.bytes));
                }
            }
            "branch" | "branch-name" | "feature-branch" => {
                if let Data::Scalar(words) = &value.data {
                    self.out.branch = Some(words.trim().to_owned()).filter(|words| !words.is_empty());
                }
            }
            "depends-on" | "blocked-by" | "merge-after" => self.depends(value, |_| true),
            // Others write there what a program needs, or when something is to be.
            "depends" | "after" | "requires" | "dependencies" | "needs" | "prerequisites" | "prereqs" | "waits-for" => {
                self.requires(value);
            }
            "provides" => self.touches(value, None, Some(Access::Create)),
            "blocks" | "unblocks" | "before" | "required-by" => self.before(value),
            "touches" | "touchpoints" => {
                self.out.footprint.get_or_insert(field.key_bytes.in_file(self.file));
                self.touches(value, None, Some(Access::Write));
            }
            "creates" | "writes" | "reads" | "modifies" | "changes" | "create-intent" => {
                self.out.footprint.get_or_insert(field.key_bytes.in_file(self.file));
                let access = access_of(key.split('-').next().unwrap_or_default());
                self.touches(value, None, access);
            }
            "flag" | "flags" | "feature-flag" | "feature-flags" => self.flags(value),
            "introduces-flag" | "introduces-flags" => self.introduces(value),
            "assumes" | "assumes-flags" | "requires-flag" | "requires-flags" => {
                self.settings(value, FlagValue::On, flags::assumes);
            }
            "foundation" => self.switch(value, &field.key, Claim::Foundation),
            "hotfix" => self.switch(value, &field.key, Claim::Hotfix),
            "kind" | "type" => self.kind(value),
            // "env: staging" is said of much else.
            "event" | "topic" | "env" | "environment" | "config" | "setting" | "settings" => {}
            key => match kind_of(key) {
                Some(MentionKind::Prd) | None => self.unknown(field, key),
                kind => {
                    self.out.footprint.get_or_insert(field.key_bytes.in_file(self.file));
                    self.touches(value, kind, Some(Access::Write));
                }
            },
        }
    }

    fn id(&mut self, value: &Value) {
        let id = match &value.data {
            Data::Scalar(words) => id::from_words(words),
            _ => None,
        };
        match (&id, &value.data) {
            (Some(id), Data::Scalar(words)) if id.0 != words.trim() => {
                let shown: String = words.chars().take(40).collect();
                let message = format!("the id `{shown}` is not fit to name a branch: the PRD is called `{id}`");
                self.problem(message, value.bytes);
            }
            (Some(_), _) | (None, Data::Nothing) => {}
            (None, _) => self.problem("`id` is not a word".to_owned(), value.bytes),
        }
        self.out.id = id.or_else(|| self.out.id.take());
    }

    fn kind(&mut self, value: &Value) {
        if let Data::Scalar(words) = &value.data {
            match words.to_ascii_lowercase().as_str() {
                "hotfix" => self.state(Claim::Hotfix, value.bytes),
                "foundation" => self.state(Claim::Foundation, value.bytes),
                _ => {}
            }
        }
    }

    fn switch(&mut self, value: &Value, key: &str, claim: Claim) {
        let word = match &value.data {
            Data::Scalar(words) => FlagValue::parse(words),
            _ => FlagValue::Unknown,
        };
        match word {
            FlagValue::On => self.state(claim, value.bytes),
            FlagValue::Off => {}
            FlagValue::Unknown => self.problem(format!("`{key}` is neither true nor false"), value.bytes),
        }
    }

    /// A key that looks like a slip of the pen is said; every other unknown key is somebody else's.
    fn unknown(&mut self, field: &Field, key: &str) {
        // "created" is no slip of "creates".
        let usual = matches!(key, "created" | "updated" | "state");
        let close = |known: &&&str| key.len() > 4 && !usual && strsim::damerau_levenshtein(key, known) <= 2;
        if let Some(known) = KEYS.iter().find(close) {
            let known = known.replace('-', "_");
            self.problem(
                format!("unknown key `{}`: did you mean `{known}`?", field.key),
                field.key_bytes,
            );
        }
    }

    fn depends(&mut self, value: &Value, names: fn(&str) -> bool) {
        for (words, bytes) in self.words(value, "depends_on") {
            for on in listed(&words).into_iter().filter(|on| names(on)) {
                let bytes = within(bytes, &words, on);
                self.mention(MentionKind::Prd, on, Some(Access::Read), bytes);
                self.state(Claim::DependsOn { on: on.to_owned() }, bytes);
            }
        }
    }

    /// What must be there: documents, as in `depends_on`; things, each with its kind (`{ column: orders.note, env: TAX_URL }`, `event:order.paid`);
    /// states of flags (`{ flag: new_checkout }`).
    fn requires(&mut self, value: &Value) {
        let kinds = |fields: &[Field]| fields.iter().all(|field| kind_of(&kebab(&field.key)).is_some());
        match &value.data {
            Data::Map(fields) if kinds(fields) => {
                for field in fields {
                    match kind_of(&kebab(&field.key)) {
                        Some(MentionKind::Prd) => self.depends(&field.value, |_| true),
                        Some(MentionKind::Flag) => self.settings(&field.value, FlagValue::On, flags::assumes),
                        kind => self.touches(&field.value, kind, Some(Access::Read)),
                    }
                }
            }
            Data::List(items) => items.iter().for_each(|item| self.requires(item)),
            Data::Scalar(words) if words.split_once(':').is_some_and(|(kind, _)| kind_of(kind).is_some()) => {
                self.touch(words, value.bytes, None, Some(Access::Read));
            }
            _ => self.depends(value, reference::may_name),
        }
    }

    fn before(&mut self, value: &Value) {
        for (words, bytes) in self.words(value, "blocks") {
            for what in listed(&words).into_iter().filter(|what| reference::may_name(what)) {
                let bytes = within(bytes, &words, what);
                self.mention(MentionKind::Prd, what, Some(Access::Read), bytes);
                self.state(Claim::Before { what: what.to_owned() }, bytes);
            }
        }
    }

    /// The words of a list or of one scalar; anything else is a problem.
    fn words(&mut self, value: &Value, key: &str) -> Vec<(String, Bytes)> {
        match &value.data {
            Data::Nothing => Vec::new(),
            Data::Scalar(words) => vec![(words.clone(), value.bytes)],
            Data::List(items) => {
                let mut out = Vec::new();
                for item in items {
                    match &item.data {
                        Data::Scalar(words) => out.push((words.clone(), item.bytes)),
                        _ => self.problem(format!("an entry of `{key}` is not a word"), item.bytes),
                    }
                }
                out
            }
            Data::Map(_) => {
                self.problem(format!("`{key}` is not a list"), value.bytes);
                Vec::new()
            }
        }
    }

    /// Touchpoints: a list, a map from access or kind to lists, or entries like `{path: …, access: …}`. Depth is bounded by the parser.
    fn touches(&mut self, value: &Value, kind: Option<MentionKind>, access: Option<Access>) {
        match &value.data {
            Data::Nothing => {}
            Data::Scalar(words) => self.touch(words, value.bytes, kind, access),
            Data::List(items) => {
                for item in items {
                    self.touches(item, kind.clone(), access);
                }
            }
            Data::Map(fields) => self.touch_map(fields, kind.as_ref(), access),
        }
    }

    fn touch_map(&mut self, fields: &[Field], kind: Option<&MentionKind>, access: Option<Access>) {
        let said = fields
            .iter()
            .find(|field| matches!(kebab(&field.key).as_str(), "access" | "action" | "mode"));
        let access = match said.map(|field| &field.value.data) {
            Some(Data::Scalar(words)) => access_of(words).or(access),
            _ => access,
        };
        for field in fields {
            let key = kebab(&field.key);
            if let Some(access) = access_of(&key) {
                self.touches(&field.value, kind.cloned(), Some(access));
            } else if let Some(kind) = kind_of(&key) {
                self.touches(&field.value, Some(kind), access);
            } else if matches!(key.as_str(), "name" | "target") {
                self.touches(&field.value, kind.cloned(), access);
            } else if !matches!(
                key.as_str(),
                "access" | "action" | "mode" | "description" | "why" | "note" | "reason"
            ) {
                self.problem(format!("unknown key `{}` in a touchpoint", field.key), field.key_bytes);
            }
        }
    }

    /// `create: apps/x.ts`, `table:quotes`, `apps/x.ts`, `QuoteService.create`
    fn touch(&mut self, words: &str, bytes: Bytes, kind: Option<MentionKind>, access: Option<Access>) {
        let (mut rest, mut kind, mut access) = (words, kind, access);
        while let Some((prefix, after)) = rest.split_once(':') {
            match (access_of(prefix), kind_of(prefix)) {
                (Some(said), _) => access = Some(said),
                (None, Some(said)) => kind = Some(said),
                (None, None) => break,
            }
            rest = after;
        }
        let target = rest.trim();
        if target.is_empty() {
            self.problem("a touchpoint without a name".to_owned(), bytes);
            return;
        }
        let kind = kind.unwrap_or_else(|| shape::of_declared(target));
        self.mention(kind, target, access, within(bytes, words, target));
    }

    fn mention(&mut self, kind: MentionKind, words: &str, access: Option<Access>, bytes: Bytes) {
        self.out.mentions.push(Mention {
            kind,
            text: words.to_owned(),
            access,
            age: super::Age::Unsaid,
            declared: true,
            whole: true,
            sample: false,
            negated: false,
            contract: None,
            span: bytes.in_file(self.file),
        });
    }

    fn state(&mut self, claim: Claim, bytes: Bytes) {
        let span = bytes.in_file(self.file);
        self.out.statements.push(Statement {
            claim,
            declared: true,
            scene: false,
            span,
            sentence: String::new(),
        });
    }

    fn loss(&mut self, sentence: String, bytes: Bytes) {
        self.out.losses.push((sentence, bytes));
    }

    fn problem(&mut self, sentence: String, bytes: Bytes) {
        self.out.problems.push((sentence, bytes));
    }
}

/// The place of `part`, a slice of `words`, which stand at `bytes`. Escaped words are longer in the document; then all of it is the place.
fn within(bytes: Bytes, words: &str, part: &str) -> Bytes {
    let offset = part.as_ptr() as usize - words.as_ptr() as usize;
    let start = bytes.start as usize + offset;
    let as_written = (bytes.end - bytes.start) as usize == words.len();
    if as_written {
        Bytes::new(start, start + part.len())
    } else {
        bytes
    }
}
