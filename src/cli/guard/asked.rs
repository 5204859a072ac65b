//! What is asked. Enters: the command line and standard input. Leaves: an [`Asked`].

use std::io::Read as _;
use std::path::Path;

use super::super::args::Guard;
use super::super::failure::Failure;
use super::super::project::current_folder;
use crate::git::Repository;
use crate::guard::{Asked, Hook, LIMIT, Proposal, Subject, Write, read_hook};
use crate::workspace;

/// The question.
///
/// # Errors
/// If standard input cannot be read, is too large, or is no hook's message.
pub(super) fn asked(wanted: &Guard) -> Result<Asked, Failure> {
    let told = |subject| Asked {
        hook: wanted.hook,
        folder: None,
        subject,
    };
    if !wanted.refs.is_empty() {
        return Ok(told(Subject::Refs(wanted.refs.iter().map(|name| full(name)).collect())));
    }
    if let Some(path) = &wanted.path {
        let proposal = match wanted.content.as_deref() {
            None => Proposal::Unknown("what will be written is not said (--content says it)".to_owned()),
            Some(from) if from == Path::new("-") => Proposal::Content(input()?),
            Some(from) => Proposal::Content(file(from)?),
        };
        return Ok(told(Subject::Files(vec![Write {
            path: path.to_string_lossy().into_owned(),
            from: None,
            proposal,
        }])));
    }
    let bytes = input()?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::unknown("standard input is not UTF-8"))?;
    match wanted.hook {
        Some(Hook::PrePush) => Ok(told(Subject::Refs(columns(&text, 4, 2)?))),
        Some(Hook::ReferenceTransaction) => match wanted.arguments.first().map(String::as_str) {
            // Only then does git listen.
            Some("prepared") => Ok(told(Subject::Refs(moved(&text)?))),
            state => Ok(told(Subject::Nothing(state.unwrap_or_default().to_owned()))),
        },
        hook => read_hook(&text, hook).map_err(|error| Failure::unknown(error.to_string())),
    }
}

/// A branch as people name it, as a ref: `main`, `heads/main`, and `HEAD` for the one that is checked out.
fn full(name: &str) -> String {
    if matches!(name, "HEAD" | "@") {
        let repository = current_folder().ok().map(|folder| Repository::discover(&folder));
        let branch = repository.and_then(|found| found.ok()?.head_branch().ok()?);
        return branch.map_or(name.to_owned(), |branch| format!("refs/heads/{branch}"));
    }
    if name.starts_with("refs/") {
        name.to_owned()
    } else if ["heads/", "remotes/", "tags/"]
        .iter()
        .any(|below| name.starts_with(below))
    {
        format!("refs/{name}")
    } else {
        format!("refs/heads/{name}")
    }
}

/// The refs that a transaction moves. To pack refs is to write each once more where it is, and then to take the loose file away: two
/// transactions that move nothing. A deletion of a packed ref begins with one of its own, without an old value, which is asked about.
fn moved(text: &str) -> Result<Vec<String>, Failure> {
    let columns = |at| columns(text, 3, at);
    let (old, new, names) = (columns(0)?, columns(1)?, columns(2)?);
    let is_zero = |oid: &str| oid.bytes().all(|byte| byte == b'0');
    let repository = current_folder()
        .ok()
        .and_then(|folder| Repository::discover(&folder).ok());
    let unmoved = |at: usize| {
        let (Some(repository), old, new, name) = (&repository, &old[at], &new[at], &names[at]) else {
            return false;
        };
        match (is_zero(old), is_zero(new)) {
            (true, false) => repository.resolve(name).is_ok_and(|now| now.to_string() == *new),
            (false, true) => {
                let packed = std::fs::read_to_string(repository.common_dir().join("packed-refs")).unwrap_or_default();
                packed.lines().any(|line| line.split_once(' ') == Some((old, name)))
            }
            _ => false,
        }
    };
    Ok((0..names.len())
        .filter(|at| !unmoved(*at))
        .map(|at| names[at].clone())
        .collect())
}

/// One column of the lines that git gives to its hooks.
fn columns(text: &str, count: usize, at: usize) -> Result<Vec<String>, Failure> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.splitn(count, ' ').collect();
            let word = words.get(at).filter(|_| words.len() == count);
            word.map(|word| (*word).to_owned())
                .ok_or_else(|| Failure::unknown("standard input is not what git gives to this hook"))
        })
        .collect()
}

fn input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::unknown(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::unknown("standard input is larger than 16 MiB"));
    }
    Ok(bytes)
}

fn file(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    match workspace::read_named(path, LIMIT) {
        Ok(Some(text)) => Ok(text.into_bytes()),
        Ok(None) => Err(wrong("there is no such file".to_owned())),
        Err(reason) => Err(wrong(reason.to_string())),
    }
}
