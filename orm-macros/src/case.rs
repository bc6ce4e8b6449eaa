//! Spells Rust names the way SQL names are spelled.

/// A way to spell a name of several words: the values of `rename_all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Camel,
    Pascal,
    Snake,
    ScreamingSnake,
    Kebab,
}

impl Case {
    /// Every case under the name it has in an attribute.
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
    ];

    /// Spells a Rust name in this case.
    pub(crate) fn apply(self, name: &str) -> String {
        let words = words(name);
        match self {
            Self::Camel => {
                let (first, rest) = words.split_at(words.len().min(1));
                first.iter().cloned().chain(rest.iter().map(|word| capitalized(word))).collect()
            }
            Self::Pascal => words.iter().map(|word| capitalized(word)).collect(),
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
        }
    }
}

/// The plural of an English noun in snake case; only the last word changes.
pub(crate) fn plural(noun: &str) -> String {
    const IRREGULAR: [(&str, &str); 2] = [("person", "people"), ("child", "children")];
    let (start, last) = noun.split_at(noun.rfind('_').map_or(0, |underscore| underscore + 1));
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == last) {
        return format!("{start}{plural}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if stem.ends_with(|c: char| c.is_alphabetic() && !"aeiou".contains(c)) => format!("{stem}ies"),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|ending| noun.ends_with(ending)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// The words of a name in any case, in lower case. A run of capitals is one word: `HTTPServer` is `http`, `server`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let separator = c == '_' || c == '-';
        let begins_word = c.is_uppercase()
            && previous.is_some_and(|previous| {
                !previous.is_uppercase() || rest.peek().is_some_and(|next| next.is_lowercase())
            });
        if (separator || begins_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !separator {
            word.extend(c.to_lowercase());
        }
        previous = Some(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let check = |case: Case, name: &str, expected: &str| assert_eq!(case.apply(name), expected);
        check(Case::Camel, "created_at", "createdAt");
        check(Case::Pascal, "created_at", "CreatedAt");
        check(Case::ScreamingSnake, "InProgress", "IN_PROGRESS");
        check(Case::Kebab, "InProgress", "in-progress");
        check(Case::Snake, "HTTPServer", "http_server");
        check(Case::Snake, "UserV2", "user_v2");
        check(Case::Snake, "A", "a");
        check(Case::Camel, "_", "");
    }

    #[test]
    fn plurals() {
        let check = |noun: &str, expected: &str| assert_eq!(plural(noun), expected);
        check("user", "users");
        check("category", "categories");
        check("day", "days");
        check("address", "addresses");
        check("box", "boxes");
        check("quiz", "quizes");
        check("branch", "branches");
        check("wish", "wishes");
        check("person", "people");
        check("sales_person", "sales_people");
        check("child", "children");
        check("y", "ys");
    }
}
