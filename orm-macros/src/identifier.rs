//! The rules for SQL identifiers, and the hash that names are shortened and told apart with.

use crate::{attr::Text, ctxt::Ctxt};

/// The longest identifier: PostgreSQL cuts off longer ones without an error.
const LONGEST: usize = 63;

/// Reports a name that no database takes as it is, and says whether it is fine. `kind` says what it names: "table".
pub(crate) fn check(kind: &str, name: &Text, ctxt: &Ctxt) -> bool {
    let problem = problem(&name.value);
    if let Some(problem) = &problem {
        ctxt.error(name.span, format!("the {kind} name {problem}"));
    }
    problem.is_none()
}

/// The given name if there is one and it is fine, else the one made from a Rust name.
pub(crate) fn choose(kind: &str, given: Option<Text>, default: Text, ctxt: &Ctxt) -> Text {
    given.filter(|name| check(kind, name, ctxt)).unwrap_or_else(|| {
        check(kind, &default, ctxt);
        default
    })
}

fn problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.contains('\0') {
        return Some(format!("`{}` contains a NUL character", name.escape_default()));
    }
    (name.len() > LONGEST)
        .then(|| format!("`{name}` is {} bytes long; PostgreSQL cuts off everything after {LONGEST}", name.len()))
}

/// A generated name, cut and ended with a hash of the whole if it is too long.
pub(crate) fn shorten(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let mut cut = LONGEST - 9;
    while !name.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{:08x}", &name[..cut], hash(&name))
}

/// FNV-1a, 32 bits: the same in every release, since the result is stored in databases.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(problem(name).as_deref(), expected);
        check("users", None);
        check(&"a".repeat(63), None);
        check("", Some("is empty"));
        check("a\0", Some("`a\\u{0}` contains a NUL character"));
        let long = "a".repeat(64);
        check(&long, Some(&format!("`{long}` is 64 bytes long; PostgreSQL cuts off everything after 63")));
    }

    #[test]
    fn shortened_names_fit_and_stay_different() {
        let (a, b) = (shorten("ä".repeat(60) + "a"), shorten("ä".repeat(60) + "b"));
        assert!(a.len() <= LONGEST && b.len() <= LONGEST);
        assert_ne!(a, b);
    }

    #[test]
    fn hash_is_fnv_1a() {
        assert_eq!(hash("foobar"), 0xbf9c_f968);
    }
}
