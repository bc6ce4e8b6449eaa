//! Names of Rust for names of SQL: identifiers that read well, of which no two are the same.

use std::collections::HashSet;

use super::words::{Case, singular};

/// What the prelude and generated code mean by a name, so that no table or enum may have it.
const TYPES: [&str; 39] = [
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Vec",
    "String",
    "Box",
    "Self",
    "Table",
    "Row",
    "NewRow",
    "Json",
    "Uuid",
    "DateTime",
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "Utc",
    "Decimal",
    "Interval",
    "Range",
    "Expr",
    "Condition",
    "CollectionExpr",
    "AliasColumns",
    "DbEnum",
    "DbType",
    "Debug",
    "Clone",
    "Copy",
    "PartialEq",
    "Default",
    "Send",
    "Sync",
    "Iterator",
    "From",
    "Into",
];

/// The methods of every table and every loaded row, which a column or a relation of that name would hide.
const METHODS: [&str; 13] = [
    "alias",
    "delete",
    "find",
    "insert",
    "insert_many",
    "on",
    "row",
    "select",
    "update",
    "into_row",
    "extras",
    "clone",
    "eq",
];

/// Words that are no identifiers in Rust.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that are given away, in one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// The names that types cannot have.
    pub(super) fn types() -> Self {
        Self(TYPES.iter().map(|&name| name.to_owned()).collect())
    }

    /// The names that columns and relations cannot have.
    pub(super) fn members() -> Self {
        Self(METHODS.iter().map(|&name| name.to_owned()).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Takes the first candidate that is free, or the last one with a number.
    pub(super) fn take(&mut self, candidates: &[String]) -> String {
        let numbered = candidates.last().into_iter().flat_map(|last| (2..).map(move |at| format!("{last}{at}")));
        let mut names = candidates.iter().cloned().chain(numbered);
        let name = names.find(|name| !self.has(name)).unwrap_or_default();
        self.0.insert(name.clone());
        name
    }

    /// Takes a name for a table's struct, whose companions must be free as well.
    fn take_struct(&mut self, candidates: &[String]) -> String {
        let companions = |name: &str| [format!("New{name}"), format!("{name}Changes"), format!("{name}Alias")];
        let numbered = candidates.last().into_iter().flat_map(|last| (2..).map(move |at| format!("{last}{at}")));
        let is_free = |name: &String| !self.has(name) && companions(name).iter().all(|it| !self.has(it));
        let name = candidates.iter().cloned().chain(numbered).find(is_free).unwrap_or_default();
        self.0.extend(companions(&name));
        self.0.insert(name.clone());
        name
    }

    /// Takes the name of the struct of a table: one of what the table's name names many of.
    pub(super) fn take_table(&mut self, table: &str) -> String {
        let snake = snake(table, "table");
        let (one, many) = (type_name(&singular(&snake)), type_name(&snake));
        self.take_struct(&[one.clone(), format!("{one}Row"), many])
    }

    /// Takes the name of an enum; `within` is a type whose name tells it from another of the same name.
    pub(super) fn take_enum(&mut self, name: &str, within: &str) -> String {
        let one = type_name(&snake(name, "kind"));
        self.take(&[one.clone(), format!("{within}{one}"), format!("{one}Kind")])
    }

    /// Takes the name of the field of a column.
    pub(super) fn take_field(&mut self, column: &str) -> String {
        let name = snake(column, "column");
        self.take(&[name.clone(), format!("{name}_")])
    }
}

fn type_name(snake: &str) -> String {
    Case::Pascal.apply(snake)
}

/// The name of an enum's variant.
pub(super) fn variant(label: &str) -> String {
    let name = Case::Pascal.apply(&snake(label, "label"));
    if name == "Self" { "SelfLabel".to_owned() } else { name }
}

/// A name of SQL in snake case, as an identifier of Rust but for keywords. What a name cannot begin with is put after `prefix`.
pub(super) fn snake(name: &str, prefix: &str) -> String {
    // `it's` is one word.
    let spelled: String =
        name.chars().filter(|c| *c != '\'').map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    // A name in capitals only is not several words.
    let snake = Case::Snake.apply(&spelled);
    // Letters that are written as several, and letters of which identifiers have none, such as superscripts.
    let snake: String = snake.chars().map(|c| if c == '_' || is_of_names(c) { c } else { '_' }).collect();
    let snake = Case::Snake.apply(&snake);
    match snake.chars().next() {
        None => prefix.to_owned(),
        // Not even `r#` makes them names.
        Some(_) if ["self", "super", "crate"].contains(&snake.as_str()) => format!("{snake}_"),
        Some(first) if first.is_ascii_digit() || !is_start(first) => format!("{prefix}_{snake}"),
        Some(_) => snake,
    }
}

fn is_of_names(c: char) -> bool {
    syn::parse_str::<syn::Ident>(&format!("names{c}")).is_ok()
}

fn is_start(c: char) -> bool {
    syn::parse_str::<syn::Ident>(&format!("{c}name")).is_ok()
}

/// A name as it is written in Rust.
pub(super) fn ident(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("r#{name}") } else { name.to_owned() }
}

/// Whether the derive takes a name of SQL, which some databases have longer than others.
pub(super) fn is_sql_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('\0') && name.len() <= 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_are_one_of_what_tables_are_many_of() {
        let mut taken = Taken::types();
        let mut check = |table: &str, expected: &str| assert_eq!(taken.take_table(table), expected);
        check("users", "User");
        // What is made along with `User` has this name.
        check("new_users", "NewUserRow");
        check("Order Details", "OrderDetail");
        check("options", "OptionRow");
        check("user", "User2");
        check("Users", "Users");
        check("USERS", "Users2");
        check("2fa", "Table2fa");
        check("", "TableRow");
        check("größen", "Größen");
    }

    #[test]
    fn fields() {
        let mut taken = Taken::members();
        let mut check = |column: &str, expected: &str| assert_eq!(ident(&taken.take_field(column)), expected);
        check("CustomerID", "customer_id");
        check("type", "r#type");
        check("self", "self_");
        check("select", "select_");
        check("a b", "a_b");
        check("a-b", "a_b_");
        check("a_b", "a_b_2");
        check("x²", "x");
        check("1st", "column_1st");
    }

    proptest::proptest! {
        /// Whatever tables and columns are called, their names in Rust are identifiers, and no two are the same.
        #[test]
        fn names_are_identifiers_and_distinct(names in proptest::collection::vec("(?s).{0,8}|[a-z_ ]{1,6}s?", 1..12)) {
            let (mut types, mut members) = (Taken::types(), Taken::members());
            let (mut structs, mut fields) = (HashSet::new(), HashSet::new());
            for name in &names {
                let (of_table, of_column) = (types.take_table(name), ident(&members.take_field(name)));
                for (written, seen) in [(of_table, &mut structs), (of_column, &mut fields)] {
                    proptest::prop_assert!(syn::parse_str::<syn::Ident>(&written).is_ok(), "{name:?} is {written:?}");
                    proptest::prop_assert!(seen.insert(written.clone()), "{written} twice");
                }
                proptest::prop_assert!(syn::parse_str::<syn::Ident>(&variant(name)).is_ok(), "{name:?}");
            }
        }
    }
}
