//! The command line of `flagman guard`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::guard::Hook;

/// `flagman guard`
#[derive(Debug, Args)]
pub(in crate::cli) struct Guard {
    /// The hook that asks: claude, codex, gemini, cursor, pre-push, reference-transaction [default: known by its message]
    #[arg(long, value_name = "HOOK", value_parser = hook)]
    pub hook: Option<Hook>,
    /// A file to ask about, instead of a hook's message on standard input
    #[arg(long, value_name = "FILE", conflicts_with = "hook")]
    pub path: Option<PathBuf>,
    /// What will be in the file: another file, or `-` for standard input [default: what lies there]
    #[arg(long, value_name = "FILE", requires = "path")]
    pub content: Option<PathBuf>,
    /// A ref to ask about; repeatable
    #[arg(long = "ref", value_name = "REF", conflicts_with_all = ["hook", "path"])]
    pub refs: Vec<String>,
    /// Keep the picture of who meets whom live on the terminal: every work tree, with what is not committed in it
    #[arg(long, conflicts_with_all = ["hook", "path", "refs"])]
    pub watch: bool,
    /// What git gives to its hooks
    #[arg(hide = true)]
    pub arguments: Vec<String>,
    /// Write the hooks, or take them away
    #[command(subcommand)]
    pub action: Option<GuardAction>,
}

/// `flagman guard install` and `uninstall`
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GuardAction {
    /// Write the hook files of agents and of git, beside whatever is in them
    Install(GuardHooks),
    /// Take away what install wrote, and nothing else
    Uninstall(GuardHooks),
}

/// Whose hook files.
#[derive(Debug, Args)]
pub(in crate::cli) struct GuardHooks {
    /// Whose: git is asked before it pushes, git-refs before any ref moves here [default: every agent whose folder is here]
    #[arg(long, value_enum, value_name = "AGENT", value_delimiter = ',')]
    pub agent: Vec<Agent>,
    /// How the hooks start flagman
    #[arg(long, value_name = "PROGRAM", default_value = "flagman", value_parser = program)]
    pub program: String,
    /// Print what would be in the files and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Who asks the guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum Agent {
    /// Claude Code: .claude/settings.json
    Claude,
    /// Codex: .codex/hooks.json, or .codex/config.toml if that has hooks
    Codex,
    /// Gemini CLI: .gemini/settings.json
    Gemini,
    /// Cursor: .cursor/hooks.json
    Cursor,
    /// Git's pre-push hook
    Git,
    /// Git's reference-transaction hook
    GitRefs,
}

impl Agent {
    /// All that have a folder in the work tree.
    pub(in crate::cli) const ALL: [Self; 4] = [Self::Claude, Self::Codex, Self::Gemini, Self::Cursor];

    /// The hook.
    #[must_use]
    pub(in crate::cli) fn hook(self) -> Hook {
        match self {
            Self::Claude => Hook::Claude,
            Self::Codex => Hook::Codex,
            Self::Gemini => Hook::Gemini,
            Self::Cursor => Hook::Cursor,
            Self::Git => Hook::PrePush,
            Self::GitRefs => Hook::ReferenceTransaction,
        }
    }

    /// True where its folder is.
    #[must_use]
    pub(in crate::cli) fn is_used_in(self, top: &Path) -> bool {
        let file = crate::guard::settings::file_of(self.hook());
        file.and_then(|file| top.join(file).parent().map(Path::is_dir))
            .unwrap_or(false)
    }
}

/// A program as it is written into a script, where nothing may be made of its name.
fn program(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    match text.chars().all(plain) && !text.is_empty() && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err("it is neither the name of a program nor a plain path to one".to_owned()),
    }
}

fn hook(text: &str) -> Result<Hook, String> {
    let words = Hook::WORDS.map(|(word, _)| word);
    Hook::parse(text).ok_or_else(|| {
        let meant = crate::nearest::did_you_mean(text, words.iter().copied());
        format!("`{text}` is no hook ({}){meant}", words.join(", "))
    })
}
