//! Names as words: how they are spelled in Rust and in SQL, one and many.

/// A way to spell a name of several words: the values of `rename_all`, as `orm`'s derives read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Snake,
    Camel,
    Pascal,
    ScreamingSnake,
    Kebab,
}

impl Case {
    /// Every case under the name it has in an attribute.
    pub(super) const ALL: [(&'static str, Self); 5] = [
        ("snake_case", Self::Snake),
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
    ];

    /// Spells a name in this case.
    pub(super) fn apply(self, name: &str) -> String {
        let words = words(name);
        let capital = |words: &[String]| words.iter().map(|word| capitalized(word)).collect::<String>();
        match self {
            Self::Snake => words.join("_"),
            Self::Camel => match words.split_first() {
                Some((first, rest)) => format!("{first}{}", capital(rest)),
                None => String::new(),
            },
            Self::Pascal => capital(&words),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
        }
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

/// The plural that `orm`'s derive makes of a noun in snake case, for the name of a table.
pub(super) fn plural(noun: &str) -> String {
    const IRREGULAR: [(&str, &str); 2] = [("person", "people"), ("child", "children")];
    let (start, last) = last_word(noun);
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == last) {
        return format!("{start}{plural}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if stem.ends_with(|c: char| c.is_alphabetic() && !"aeiou".contains(c)) => format!("{stem}ies"),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|ending| noun.ends_with(ending)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// Plurals that follow no rule, or another one than their ending says.
const IRREGULAR: [(&str, &str); 46] = [
    ("people", "person"),
    ("children", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("mice", "mouse"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("geese", "goose"),
    ("indices", "index"),
    ("vertices", "vertex"),
    ("matrices", "matrix"),
    ("analyses", "analysis"),
    ("crises", "crisis"),
    ("diagnoses", "diagnosis"),
    ("hypotheses", "hypothesis"),
    ("axes", "axis"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("ties", "tie"),
    ("pies", "pie"),
    ("lies", "lie"),
    ("caches", "cache"),
    ("aches", "ache"),
    ("niches", "niche"),
    ("quizzes", "quiz"),
    ("quizes", "quiz"),
    ("aliases", "alias"),
    ("biases", "bias"),
    ("canvases", "canvas"),
    ("atlases", "atlas"),
    ("gases", "gas"),
    ("lenses", "lens"),
    ("irises", "iris"),
    ("shoes", "shoe"),
    ("toes", "toe"),
    ("leaves", "leaf"),
    ("wives", "wife"),
    ("lives", "life"),
    ("knives", "knife"),
    ("shelves", "shelf"),
    ("halves", "half"),
    ("wolves", "wolf"),
    ("thieves", "thief"),
    ("loaves", "loaf"),
    ("selves", "self"),
    ("calves", "calf"),
];

/// Words that end like plurals and are none, or are their own plural.
const SINGULAR: [&str; 18] = [
    "news", "series", "species", "lens", "gas", "bias", "alias", "canvas", "atlas", "gps", "dns", "sms", "https",
    "aws", "os", "ios", "chaos", "cosmos",
];

/// One of what a name in snake case names many of: `user_addresses` are each a `user_address`. Only the last word changes.
pub(super) fn singular(noun: &str) -> String {
    let (start, last) = last_word(noun);
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == last) {
        return format!("{start}{singular}");
    }
    if SINGULAR.contains(&last) {
        return noun.to_owned();
    }
    let cut = |ending: usize, new: &str| format!("{}{new}", &noun[..noun.len() - ending]);
    let ends = |endings: &[&str]| endings.iter().any(|ending| last.len() > ending.len() && last.ends_with(ending));
    if ends(&["ies"]) {
        cut(3, "y")
    } else if ends(&["sses", "shes", "ches", "xes", "zzes", "oes"]) || ends(&["uses"]) && !ends(&["ouses", "auses"]) {
        cut(2, "")
    } else if ends(&["ss", "us", "is"]) || !ends(&["s"]) {
        noun.to_owned()
    } else {
        cut(1, "")
    }
}

fn last_word(name: &str) -> (&str, &str) {
    name.split_at(name.rfind('_').map_or(0, |underscore| underscore + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many() {
        let check = |many: &str, one: &str| assert_eq!(singular(many), one);
        check("users", "user");
        check("user_addresses", "user_address");
        check("categories", "category");
        check("days", "day");
        check("movies", "movie");
        check("boxes", "box");
        check("branches", "branch");
        check("statuses", "status");
        check("warehouses", "warehouse");
        check("purchases", "purchase");
        check("heroes", "hero");
        check("sales_people", "sales_person");
        check("indices", "index");
        check("analyses", "analysis");
        check("prizes", "prize");
        check("archives", "archive");
        check("order_details", "order_detail");
        // What is one already stays as it is.
        for one in ["user", "address", "status", "analysis", "news", "series", "bus", "data", "s", "", "_"] {
            check(one, one);
        }
    }

    /// What a table is called by the derive leads back to the struct, so that its name need not be written.
    #[test]
    fn plurals_lead_back() {
        let nouns = [
            "user",
            "category",
            "day",
            "address",
            "box",
            "branch",
            "wish",
            "person",
            "child",
            "status",
            "bus",
            "class",
            "hero",
            "house",
            "cause",
            "case",
            "size",
            "quiz",
            "buzz",
            "key",
            "tax",
            "alias",
            "lens",
            "move",
            "invoice",
            "price",
            "page",
            "image",
            "type",
            "virus",
            "store",
            "city",
            "country",
            "film",
            "process",
            "match",
            "phase",
            "sales_person",
            "order_item",
            "language",
            "track",
            "genre",
            "media_type",
        ];
        for noun in nouns {
            assert_eq!(singular(&plural(noun)), noun, "{}", plural(noun));
            assert_eq!(singular(noun), noun, "one stays one");
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, name: &str, expected: &str| assert_eq!(case.apply(name), expected);
        check(Case::Snake, "CustomerID", "customer_id");
        check(Case::Snake, "HTTPServer", "http_server");
        check(Case::Pascal, "order_details", "OrderDetails");
        check(Case::Camel, "created_at", "createdAt");
        check(Case::ScreamingSnake, "InProgress", "IN_PROGRESS");
        check(Case::Kebab, "InProgress", "in-progress");
    }
}
