//! Code that stands within markup. Enters: the text of a component (`.vue`, `.svelte`) or a template (`.erb`). Leaves: its code alone, every
//! byte at its place, blanks for the rest. Knows nothing of what the code means.

use std::borrow::Cow;

use crate::source::RepoPath;

/// What opens an attribute of Vue whose text decides whether its element is there.
const DECIDES: [&str; 3] = ["v-if=\"", "v-else-if=\"", "v-show=\""];
/// What opens a condition of Svelte.
const ASKS: [&str; 2] = ["{#if ", "{:else if "];

/// The code of a text; the text itself in a language that is all code.
pub(super) fn code_of<'t>(path: &RepoPath, text: &'t str) -> Cow<'t, str> {
    match path.extension() {
        "vue" => Code::new(text).scripts().conditions(&DECIDES, '"').text(),
        "svelte" => Code::new(text).scripts().conditions(&ASKS, '}').text(),
        "erb" => Code::new(text).tags().text(),
        _ => Cow::Borrowed(text),
    }
}

/// A text of which only some parts are left.
struct Code<'t> {
    whole: &'t str,
    kept: Vec<u8>,
}

impl<'t> Code<'t> {
    fn new(whole: &'t str) -> Self {
        let blank = |byte: u8| if byte == b'\n' { byte } else { b' ' };
        Self {
            whole,
            kept: whole.bytes().map(blank).collect(),
        }
    }

    fn keep(&mut self, start: usize, end: usize) {
        self.kept[start..end].copy_from_slice(&self.whole.as_bytes()[start..end]);
    }

    /// The bodies of `<script>`.
    fn scripts(mut self) -> Self {
        let whole = self.whole;
        let mut from = 0;
        while let Some(open) = whole[from..].find("<script").map(|at| from + at) {
            let Some(start) = whole[open..].find('>').map(|at| open + at + 1) else {
                break;
            };
            let end = whole[start..].find("</script").map_or(whole.len(), |at| start + at);
            self.keep(start, end);
            from = end;
        }
        self
    }

    /// What decides in the markup, each as an expression of its own: `v-if="a"` is `;(a)`.
    fn conditions(mut self, opens: &[&str], close: char) -> Self {
        let whole = self.whole;
        for open in opens {
            let mut from = 0;
            while let Some(at) = whole[from..].find(open).map(|at| from + at) {
                let start = at + open.len();
                let Some(end) = whole[start..].find(close).map(|at| start + at) else {
                    break;
                };
                // What stands within a script is code already.
                if self.kept[at] == b' ' {
                    self.keep(start, end);
                    (self.kept[start - 2], self.kept[start - 1], self.kept[end]) = (b';', b'(', b')');
                }
                from = end;
            }
        }
        self
    }

    /// `<% code %>`, a statement each.
    fn tags(mut self) -> Self {
        let whole = self.whole;
        let mut from = 0;
        while let Some(open) = whole[from..].find("<%").map(|at| from + at + 2) {
            let Some(end) = whole[open..].find("%>").map(|at| open + at) else {
                break;
            };
            from = end + 2;
            let inner = &whole[open..end];
            if inner.starts_with(['#', '%']) {
                continue;
            }
            let start = open + inner.len() - inner.trim_start_matches(['=', '-']).len();
            let stop = open + inner.trim_end_matches('-').len();
            self.keep(start.min(stop), stop);
            self.kept[end] = b';';
        }
        self
    }

    fn text(self) -> Cow<'t, str> {
        // Parts are cut before and after letters of one byte, so that no letter is halved.
        Cow::Owned(String::from_utf8(self.kept).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_keeps_its_place() {
        let check = |path: &str, text: &str, code: &str| {
            let found = code_of(&RepoPath::new(path).expect("a path"), text);
            assert_eq!(found.split_whitespace().collect::<Vec<_>>().join(" "), code, "{text}");
            assert_eq!(found.len(), text.len());
        };
        check(
            "a.vue",
            "<template><b v-if=\"on && é\">ü</b></template>\n<script lang=\"ts\">\nconst on = flag('a');\n</script>",
            ";(on && é) const on = flag('a');",
        );
        check(
            "a.vue",
            "<script>const a = 'v-if=\"x\"'</script>",
            "const a = 'v-if=\"x\"'",
        );
        check("a.vue", "<b v-if=\"never closed", "");
        check(
            "a.svelte",
            "<script>let a</script>{#if $flags.a}<p/>{:else if b}<i/>{/if}",
            "let a ;($flags.a) ;(b)",
        );
        check(
            "a.html.erb",
            "<p><% if on?(:a) -%> é <%= tag \"x\" %><%# no %><% end %></p>",
            "if on?(:a) ; tag \"x\" ; end ;",
        );
        check("a.erb", "<%", "");
        check("a.ts", "const a = 1", "const a = 1");
    }
}
