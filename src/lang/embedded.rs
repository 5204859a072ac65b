//! Code that stands within markup. Enters: the text of a component (`.vue`, `.svelte`) or a template (`.erb`). Leaves: its code alone, every
//! byte at its place, blanks for the rest. Knows nothing of what the code means.

use std::borrow::Cow;

use crate::source::RepoPath;

/// What opens an attribute of Vue whose text decides whether its element is there.
const DECIDES: [&str; 3] = ["v-if=", "v-else-if=", "v-show="];
/// What opens a condition of Svelte, and what an attribute is set to.
const ASKS: [&str; 3] = ["{#if ", "{:else if ", "={"];

/// The code of a text; the text itself in a language that is all code.
pub(super) fn code_of<'t>(path: &RepoPath, text: &'t str) -> Cow<'t, str> {
    match path.extension() {
        "vue" => Code::new(text).scripts().conditions(&DECIDES, quoted).bound().text(),
        "svelte" => Code::new(text).scripts().conditions(&ASKS, braced).text(),
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
        while let Some(open) = whole[from..].find('<').map(|at| from + at) {
            let rest = &whole[open..];
            if rest.starts_with("<!--") {
                let Some(end) = rest.find("-->") else { break };
                from = open + end;
                continue;
            }
            from = open + 1;
            if !rest.starts_with("<script") {
                continue;
            }
            let Some(start) = tag_end(rest).map(|at| open + at) else {
                break;
            };
            from = start;
            if !whole[..start].ends_with("/>") {
                let end = whole[start..].find("</script").map_or(whole.len(), |at| start + at);
                self.keep(start, end);
                from = end;
            }
        }
        self
    }

    /// What decides in the markup, each as an expression of its own: `v-if="a"` is `;(a)`. `inside` tells where it stands in what follows.
    fn conditions(mut self, opens: &[&str], inside: fn(&str) -> Option<(usize, usize)>) -> Self {
        let whole = self.whole;
        for open in opens {
            let mut from = 0;
            while let Some(at) = whole[from..].find(open).map(|at| from + at) {
                let after = at + open.len();
                let Some((start, end)) = inside(&whole[after..]).map(|(start, end)| (after + start, after + end))
                else {
                    from = after;
                    continue;
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

    /// What Vue's attributes are bound to: `:disabled="!features.tax"` is `;(!features.tax)`.
    fn bound(mut self) -> Self {
        let whole = self.whole;
        for (at, _) in whole.match_indices("=\"") {
            let name = whole[..at].rsplit(char::is_whitespace).next().unwrap_or_default();
            let is_bound = [":", "v-bind:"].iter().any(|sign| name.starts_with(sign));
            let Some((start, end)) = quoted(&whole[at + 1..]).map(|(start, end)| (at + 1 + start, at + 1 + end)) else {
                break;
            };
            if is_bound && start < end && self.kept[at] == b' ' {
                self.keep(start, end);
                (self.kept[at], self.kept[at + 1], self.kept[end]) = (b';', b'(', b')');
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

/// The byte behind a tag that the text begins with; what its attributes are set to may have a `>` in it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

/// Where the words in quotes stand that a text begins with.
fn quoted(text: &str) -> Option<(usize, usize)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some((1, 1 + text[1..].find(quote)?))
}

/// Where what stands before the brace that closes stands.
fn braced(text: &str) -> Option<(usize, usize)> {
    let mut depth = 0_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some((0, at)),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
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
            "a.vue",
            "<script setup generic=\"T extends Map<string, T>\">const a</script><b v-if='on'/>",
            "const a ;(on)",
        );
        check(
            "a.vue",
            "<b :a=\"!features.tax\" v-bind:b=\"c\" class=\"d\" :e=\"\" @click=\"f\"/><script>const g = h ? ':i' : `:j=\"k\"`</script>",
            ";(!features.tax) ;(c) const g = h ? ':i' : `:j=\"k\"`",
        );
        check(
            "a.vue",
            "<!-- <script>no</script> --><script src=\"./a.js\" /><style>b {}</style>",
            "",
        );
        check("a.svelte", "{#if f({a}) && b}<p/>{/if}", ";(f({a}) && b)");
        check(
            "a.svelte",
            "<script>let a</script>{#if $flags.a}<p/>{:else if b}<i/>{/if}",
            "let a ;($flags.a) ;(b)",
        );
        check(
            "a.svelte",
            "<A checked={$tax} onclick={() => { f({}) }} {...rest} class=\"{b}\" />",
            ";($tax) ;(() => { f({}) })",
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
