//! Documents: the PRDs and what they say. Enters: the text of Markdown files. Leaves: [`Prd`]s with [`Mention`]s and
//! [`Statement`]s, each with its place. Knows nothing of code: whether a mentioned thing exists is asked in `touchpoint`.

mod called;
mod claim;
mod context;
mod criterion;
mod declared;
pub mod discover;
pub mod edit;
mod frontmatter;
mod id;
mod leaving;
mod looks;
mod markdown;
mod mention;
mod names;
mod passage;
pub mod places;
pub(crate) mod prose;
mod reference;
mod shape;
mod spelling;
mod statement;
pub mod status;
pub mod tasks;
mod titles;
mod within;
mod worth;

pub(crate) use id::is_generic;
pub use looks::only_looks;
pub use names::KnownNames;
pub use passage::Passage;
pub use reference::OTHER_KINDS;
pub(crate) use shape::is_test_path;
pub use spelling::spell_as;
pub use statement::{Claim, Flip, Part, Statement};
pub use titles::Titles;
pub use within::Within;
pub use worth::{Worth, WorthKind, literal};

use crate::source::{Bytes, FileId, RepoPath, Sources, Span};

/// A PRD's id: its front matter's `id`, else the leading number and slug of its file name (`011-tax`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PrdId(pub String);

impl std::fmt::Display for PrdId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl PrdId {
    /// The digits that the id begins with (after a `PRD-`), without leading zeros; `None` if it begins with something else.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let prefixed = self
            .0
            .get(..4)
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case("prd-"));
        let rest = if prefixed { &self.0[4..] } else { &self.0 };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

/// What a document says that it does with a thing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Access {
    /// Looks at it, calls it, depends on it.
    Read,
    /// Changes it.
    Write,
    /// Makes it.
    Create,
}

impl Access {
    /// The word used in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
        }
    }
}

/// What a mention looks like; whether it exists is decided later.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum MentionKind {
    /// Looks like a path or file name.
    Path,
    /// Looks like an identifier, perhaps with an owner (`QuoteVersionService.create`).
    Symbol,
    /// `GET /quotes/:id`, `/quotes/:id`
    Route,
    /// Declared or said to be a flag.
    Flag,
    /// Said to be a table.
    Table,
    /// Said to be a column (`table.column` or `column`).
    Column,
    /// Said to be a constraint or index.
    Constraint,
    /// Said to be an enum or status value set.
    Enum,
    /// Said to be an event or topic (`order.refunded`).
    Event,
    /// Said to be an environment variable or a setting.
    Config,
    /// Another PRD.
    Prd,
}

/// Whether a document speaks of a thing as of one that is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Age {
    /// It does not say.
    #[default]
    Unsaid,
    /// It does something that can only be done to what is there ("rename `x`").
    Old,
    /// It says "new".
    New,
    /// What something is moved to ("move it to `x`"): used where it is there, made where it is not.
    Aim,
}

/// A piece of a document's text that may point at code, a flag, a schema object or another PRD.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// What it looks like.
    pub kind: MentionKind,
    /// The words, without quotes and backticks.
    pub text: String,
    /// What the sentence says is done with it; `None` where it does not say.
    pub access: Option<Access>,
    /// Whether it must be there already, as far as the words say.
    pub age: Age,
    /// Written down in front matter (or a `touches:` list), not in prose.
    pub declared: bool,
    /// If it is a folder, or a pattern, each of its files is meant: it stands where files are listed.
    pub whole: bool,
    /// In a fenced or indented code block: weak, and never evidence of an assumption.
    pub sample: bool,
    /// The sentence says that it is *not* touched ("must not change", "out of scope").
    pub negated: bool,
    /// How it is changed so that who uses it has to be changed, too.
    pub contract: Option<Contract>,
    /// Where.
    pub span: Span,
}

/// What a document does to a thing so that who uses it has to be changed with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Contract {
    /// It is used otherwise: other arguments, something else comes back.
    Changed,
    /// Nothing of its name is there any more: gone, or called otherwise.
    Gone,
}

/// A name or text that a criterion, or the test plan, expects to see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// The words, without quotes and backticks; of `quote.frozenTotal` there are two, the whole and its last name.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// One document.
#[derive(Clone, PartialEq, Debug)]
pub struct Prd {
    /// Its id.
    pub id: PrdId,
    /// Its first heading, or its id.
    pub title: String,
    /// Its file.
    pub path: RepoPath,
    /// Its title's place.
    pub title_span: Span,
    /// The byte of its text at which its head ends.
    pub body: u32,
    /// Where its head declares what it touches, even if that is nothing.
    pub footprint: Option<Span>,
    /// Its branch, if front matter names one.
    pub branch: Option<String>,
    /// What it points at, in the order of the text.
    pub mentions: Vec<Mention>,
    /// What it claims, in the order of the text.
    pub statements: Vec<Statement>,
    /// The values that it gives to constants and settings, or takes them to have, in the order of the text.
    pub worths: Vec<Worth>,
    /// What its criteria and its test plan expect to see, in the order of the text.
    pub expected: Vec<Expected>,
    /// What it says, paragraph by paragraph, in the order of the text: without what is out of scope, history, headings and code.
    pub passages: Vec<Passage>,
    /// What it names in code voice or quotation marks and does not deny, wherever that stands; in the order of the text.
    pub named: Vec<Expected>,
    /// What it says goes, or gets another name, as it is written in code voice; in the order of the text.
    pub leaving: Vec<Expected>,
    /// What could not be understood of its front matter, and a code fence that is not closed.
    pub problems: Vec<Problem>,
}

/// Something of a document that could not be understood: of its head, or of where its code ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// A sentence.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What the head declares is lost, all of it: what the document asks for is not known.
    pub hides: bool,
}

/// Reads a PRD that is in several documents: what `with` say counts as said by it; its id, title and branch are those of `file`, unless only
/// one of the others names a branch.
#[must_use]
pub fn read_whole(sources: &Sources, file: FileId, with: &[FileId], id: Option<&str>, names: &KnownNames) -> Prd {
    let mut prd = read(sources, file, id, names);
    for other in with {
        let more = read(sources, *other, Some(&prd.id.0), names);
        prd.branch = prd.branch.take().or(more.branch);
        prd.footprint = prd.footprint.or(more.footprint);
        prd.mentions.extend(more.mentions);
        prd.statements.extend(more.statements);
        prd.worths.extend(more.worths);
        prd.expected.extend(more.expected);
        prd.named.extend(more.named);
        prd.leaving.extend(more.leaving);
        prd.passages.extend(more.passages);
        prd.problems.extend(more.problems);
    }
    prd
}

/// Reads one document. `id` is the id that a planning tool or the configuration gives it; front matter beats it. `names` are those that are
/// known for flags, or for other things.
#[must_use]
pub fn read(sources: &Sources, file: FileId, id: Option<&str>, names: &KnownNames) -> Prd {
    let text: &str = &sources.file(file).text;
    let head = frontmatter::read(text);
    let blocks = markdown::blocks(text, head.body);
    let problems = problems(head.problem, true, file)
        .chain(problems(frontmatter::twice(text, &head.fields), false, file))
        .chain(problems(unclosed_fence(text, &blocks), false, file))
        .collect();
    let parts = Parts {
        fields: &head.fields,
        body: head.body,
        blocks,
        problems,
    };
    assemble(sources, file, id, names, parts)
}

/// Reads one task of a list; `file` is the text of its own.
#[must_use]
pub fn read_task(sources: &Sources, file: FileId, task: &tasks::Task, names: &KnownNames) -> Prd {
    let parts = Parts {
        fields: &task.fields,
        body: 0,
        blocks: task.blocks(),
        problems: Vec::new(),
    };
    assemble(sources, file, Some(&task.id), names, parts)
}

/// What a document is made of.
struct Parts<'a> {
    fields: &'a [frontmatter::Field],
    /// Where its head ends.
    body: usize,
    blocks: Vec<markdown::Block>,
    problems: Vec<Problem>,
}

fn assemble(sources: &Sources, file: FileId, id: Option<&str>, names: &KnownNames, parts: Parts<'_>) -> Prd {
    let source = sources.file(file);
    let blocks = parts.blocks;
    let contexts = context::contexts(&blocks);
    let declared = declared::read(parts.fields, file);
    let id = declared
        .id
        .or_else(|| id.and_then(id::from_words))
        .unwrap_or_else(|| id::from_path(&source.path));
    let heading = markdown::title(&blocks).map(|(title, bytes)| {
        let is_kind = is_generic(&source.path) && places::is_title_of_all(&title);
        (if is_kind { id.0.clone() } else { title }, bytes)
    });
    let (title, title_bytes) = declared.title.or(heading).unwrap_or_else(|| {
        let line = source.text.lines().next().map_or(0, str::len);
        (id.0.clone(), Bytes::new(0, line))
    });
    let mut prd = Prd {
        id,
        title,
        path: source.path.clone(),
        title_span: title_bytes.in_file(file),
        body: Bytes::new(0, parts.body).end,
        footprint: declared.footprint,
        branch: declared.branch,
        mentions: declared.mentions,
        statements: declared.statements,
        worths: worth::find(&blocks, &contexts, file),
        expected: criterion::find(&blocks, &contexts, file),
        named: criterion::named_anywhere(&blocks, &contexts, file),
        leaving: leaving::find(&blocks, &contexts, file),
        passages: passage::find(&blocks, &contexts, file),
        problems: parts.problems,
    };
    prd.problems.extend(problems(declared.problems, false, file));
    prd.problems.extend(problems(declared.losses, true, file));
    prd.problems
        .extend(problems(places::left_open(&source.text), false, file));
    prd.mentions.extend(mention::find(&blocks, &contexts, file, names));
    worth::change(&mut prd.mentions, &prd.worths);
    prd.mentions
        .retain(|mention| mention.kind != MentionKind::Prd || !reference::is_self(&mention.text, &prd.id));
    claim::name_itself(&mut prd.statements, &prd.id);
    let body = claim::Document {
        blocks: &blocks,
        contexts: &contexts,
        file,
        id: &prd.id,
        names,
    };
    prd.statements.extend(claim::find(body, &prd.mentions));
    prd.problems.extend(reference::to_itself(&prd));
    called::call_flags(&mut prd);
    prd
}

/// What follows a fence that nobody closes is read as code, and claims nothing.
fn unclosed_fence(text: &str, blocks: &[markdown::Block]) -> Option<(String, Bytes)> {
    let message = "a code fence is never closed: all that follows it is read as code";
    Some((message.to_owned(), markdown::unclosed_fence(text, blocks)?))
}

fn problems(
    said: impl IntoIterator<Item = (String, Bytes)>,
    hides: bool,
    file: FileId,
) -> impl Iterator<Item = Problem> {
    let problem = move |(message, bytes): (String, Bytes)| Problem {
        message,
        span: bytes.in_file(file),
        hides,
    };
    said.into_iter().map(problem)
}

#[cfg(test)]
mod tests;
