//! What a statement creates, told by its first words.

use orm_core::{ddl, dialect::Dialect, schema::Schema};

use super::{Object, ObjectKind};
use crate::{
    error::Error,
    sql::{Syntax, TokenKind, unquote},
};

/// What a schema declares beside tables, before it is normalized.
///
/// # Errors
/// If a statement creates nothing that is known here.
pub(super) fn objects(schema: &Schema, dialect: &dyn Dialect) -> Result<Vec<Object>, Error> {
    let views = schema.tables().iter().filter_map(|table| ddl::create_view(table, dialect));
    let others = schema.objects().iter().flat_map(|object| ddl::create_object(object, dialect));
    let mut objects: Vec<Object> = Vec::new();
    for statement in views.chain(others) {
        let object = created(&statement, Syntax::of(dialect.name()))?;
        match objects.iter().find(|it| it.is(&object)) {
            None => objects.push(object),
            // Columns of one name share a function.
            Some(other) if other.sql == object.sql => {}
            // Functions of one name differ in their arguments.
            Some(_) if matches!(object.kind, ObjectKind::Function | ObjectKind::Aggregate) => objects.push(object),
            Some(_) => return Err(Error::Usage(format!("the {object} is declared twice"))),
        }
    }
    Ok(super::in_order_of_creation(objects))
}

/// The object that a statement creates. A function is not told by its arguments yet.
fn created(statement: &str, syntax: Syntax) -> Result<Object, Error> {
    let unknown = || {
        let start: String = statement.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        Error::Usage(format!(
            "the schema declares `{start} …`, which is not a statement that creates an object beside tables"
        ))
    };
    let tokens: Vec<_> =
        syntax.tokens(statement).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let text = |at: usize| tokens.get(at).map(|token| &statement[token.span.clone()]).unwrap_or_default();
    let is = |at: usize, word: &str| text(at).eq_ignore_ascii_case(word);
    let skip = |at: usize, words: &[&str]| {
        let all = words.iter().enumerate().all(|(offset, word)| is(at + offset, word));
        if all { at + words.len() } else { at }
    };
    // The last part of a name, and the position after it.
    let name = |at: usize| {
        let at = if text(at + 1) == "." { at + 2 } else { at };
        (unquote(text(at)), at + 1)
    };
    if is(0, "alter") && is(1, "table") {
        let (table, at) = name(2);
        let is_exclusion = skip(at, &["add", "constraint"]) > at && is(at + 3, "exclude");
        let object = match skip(at, &["enable", "row", "level"]) > at {
            true => Object::new(ObjectKind::RowSecurity, table.clone(), Some(table), statement),
            false if is_exclusion => Object::new(ObjectKind::Exclusion, name(at + 2).0, Some(table), statement),
            false => return Err(unknown()),
        };
        return Ok(declared(object));
    }
    if !is(0, "create") {
        return Err(unknown());
    }
    let mut at = skip(1, &["or", "replace"]);
    for word in ["constraint", "recursive"] {
        at = skip(at, &[word]);
    }
    let kinds: [(&[&str], ObjectKind); 11] = [
        (&["extension"], ObjectKind::Extension),
        (&["domain"], ObjectKind::Domain),
        (&["sequence"], ObjectKind::Sequence),
        (&["function"], ObjectKind::Function),
        (&["procedure"], ObjectKind::Function),
        (&["aggregate"], ObjectKind::Aggregate),
        (&["virtual", "table"], ObjectKind::VirtualTable),
        (&["view"], ObjectKind::View),
        (&["materialized", "view"], ObjectKind::MaterializedView),
        (&["trigger"], ObjectKind::Trigger),
        (&["policy"], ObjectKind::Policy),
    ];
    // A table whose rows are in partitions has no struct of its own.
    let has = |words: &[&str]| (at..tokens.len()).any(|at| skip(at, words) > at);
    if is(at, "table") && (has(&["partition", "by"]) || has(&["partition", "of"])) {
        let at = skip(at + 1, &["if", "not", "exists"]);
        return Ok(declared(Object::new(ObjectKind::PartitionedTable, name(at).0, None, statement)));
    }
    let (words, kind) = kinds.into_iter().find(|(words, _)| skip(at, words) > at).ok_or_else(unknown)?;
    let at = skip(skip(at, words), &["if", "not", "exists"]);
    let (name_of_object, at) = name(at);
    let table = match kind {
        ObjectKind::Trigger | ObjectKind::Policy => {
            let on = (at..tokens.len()).find(|&at| is(at, "on")).ok_or_else(unknown)?;
            Some(name(on + 1).0)
        }
        _ => None,
    };
    // The one there is may belong to the whole database.
    let statement = match kind {
        ObjectKind::Extension if !statement.to_ascii_lowercase().contains("if not exists") => {
            statement.replacen(text(1), &format!("{} if not exists", text(1)), 1)
        }
        _ => statement.to_owned(),
    };
    Ok(declared(Object::new(kind, name_of_object, table, statement)))
}

fn declared(object: Object) -> Object {
    Object { declared: true, ..object }
}

impl Object {
    /// Whether this is what the database made of a declaration.
    pub(crate) fn became(&self, other: &Self) -> bool {
        let bare = |object: &Self| match object.kind {
            ObjectKind::Function | ObjectKind::Aggregate => {
                unquote(object.name.split('(').next().unwrap_or_default()).to_lowercase()
            }
            _ => object.name.to_lowercase(),
        };
        let tables =
            (self.table.as_ref().map(|it| it.to_lowercase()), other.table.as_ref().map(|it| it.to_lowercase()));
        self.kind == other.kind && tables.0 == tables.1 && bare(self) == bare(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_statements_create() {
        let check = |sql: &str, expected: &str| {
            let syntax = if sql.contains('[') { Syntax::Sqlite } else { Syntax::Postgres };
            assert_eq!(
                created(sql, syntax).map(|it| it.to_string()).map_err(|it| it.to_string()),
                Ok(expected.to_owned())
            );
        };
        check("create or replace function public.\"F\"(a int) returns int language sql as 'select 1'", "function F");
        check(
            "/* on */ CREATE CONSTRAINT TRIGGER t AFTER INSERT ON s.users EXECUTE FUNCTION f()",
            "trigger t of users",
        );
        check(
            "create trigger if not exists [t t] after update of a on [my table] begin select 1; end",
            "trigger t t of my table",
        );
        check("create materialized view if not exists v as select 1", "materialized view v");
        check("create virtual table if not exists fts using fts5([a])", "virtual table fts");
        check("create table p (a int) partition by range (a)", "partitioned table p");
        check("create table if not exists s.p1 partition of p default", "partitioned table p1");
        check("create policy p on t using (true)", "policy p of t");
        check("alter table t add constraint x exclude using gist (a with =)", "exclusion constraint x of t");
        check("alter table t enable row level security, force row level security", "row security of t");
        let refused =
            created("create table t (a int) -- no object", Syntax::Postgres).map_err(|error| error.to_string());
        let message = "the schema declares `create table t (a int) -- …`, which is not a statement that creates an object beside tables";
        assert_eq!(refused.err().as_deref(), Some(message));
    }
}
