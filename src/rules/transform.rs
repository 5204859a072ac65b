//! Spellings of one key: how an SDK or a front end writes the flag that a definition calls otherwise. Enters: a key. Leaves: its
//! other spelling. Transforms collide (`a-b` and `a_b` are both `aB`): whoever uses them must consider every candidate.

/// One way to respell a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transform {
    /// `new-checkout` becomes `newCheckout`.
    Camel,
    /// `newCheckout` becomes `new-checkout`.
    Kebab,
    /// `newCheckout` becomes `new_checkout`.
    Snake,
    /// `newCheckout` becomes `NEW_CHECKOUT`.
    Screaming,
    /// `organizations:x` becomes `x`.
    Strip(String),
    /// `{}` in the template becomes the key in upper case (`MM_FEATUREFLAGS_{}`).
    Env(String),
}

impl Transform {
    /// Reads the word of a rule file: `camel`, `kebab`, `snake`, `screaming`, `strip:<prefix>`, `env:<template>`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.split_once(':') {
            Some(("strip", prefix)) if !prefix.is_empty() => Some(Self::Strip(prefix.to_owned())),
            Some(("env", template)) if template.contains("{}") => Some(Self::Env(template.to_owned())),
            Some(_) => None,
            None => match word {
                "camel" => Some(Self::Camel),
                "kebab" => Some(Self::Kebab),
                "snake" => Some(Self::Snake),
                "screaming" => Some(Self::Screaming),
                _ => None,
            },
        }
    }

    /// The other spelling of `key`.
    #[must_use]
    pub fn apply(&self, key: &str) -> String {
        match self {
            Self::Camel => camel(&words(key)),
            Self::Kebab => words(key).join("-"),
            Self::Snake => words(key).join("_"),
            Self::Screaming => words(key).join("_").to_uppercase(),
            Self::Strip(prefix) => key.strip_prefix(prefix.as_str()).unwrap_or(key).to_owned(),
            Self::Env(template) => template.replace("{}", &key.to_uppercase()),
        }
    }
}

/// The words of a key in lower case: cut at what is no letter or digit, and where a capital follows a small letter or a digit, or
/// ends a run of capitals (`HTTPServer` is `http`, `server`).
fn words(key: &str) -> Vec<String> {
    let chars: Vec<char> = key.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(at + 1);
        let rises = c.is_uppercase() && before.is_some_and(|b| b.is_lowercase() || b.is_numeric());
        let ends_run =
            c.is_uppercase() && before.is_some_and(char::is_uppercase) && after.is_some_and(|a| a.is_lowercase());
        if rises || ends_run {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn camel(words: &[String]) -> String {
    let mut name = String::new();
    for (at, word) in words.iter().enumerate() {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if at > 0 => name.extend(first.to_uppercase()),
            Some(first) => name.push(first),
            None => {}
        }
        name.push_str(chars.as_str());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::Transform;

    #[track_caller]
    fn check(word: &str, key: &str, expected: &str) {
        let transform = Transform::parse(word).expect("a known transform");
        assert_eq!(transform.apply(key), expected);
    }

    #[test]
    fn a_key_is_spelled_in_every_case() {
        check("camel", "new-checkout", "newCheckout");
        check("camel", "quote_snapshot_read", "quoteSnapshotRead");
        check("kebab", "newCheckout", "new-checkout");
        check("snake", "HTTPServer2Go", "http_server2_go");
        check("screaming", "newCheckout", "NEW_CHECKOUT");
        check("strip:organizations:", "organizations:issue-views", "issue-views");
        check("env:MM_FEATUREFLAGS_{}", "BoardsX", "MM_FEATUREFLAGS_BOARDSX");
    }

    #[test]
    fn an_unknown_word_is_no_transform() {
        assert_eq!(Transform::parse("cammel"), None);
        assert_eq!(Transform::parse("strip:"), None);
        assert_eq!(Transform::parse("env:FF_"), None);
    }
}
