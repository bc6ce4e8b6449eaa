//! The relations that foreign keys stand for, named as people do: a key `author_id` leads to an `author`, the rows that refer to it
//! are its `posts`, and a table with nothing but two keys is a way from one table to another.

use super::{
    draft::{Draft, KeyDraft, TableDraft},
    names::{Taken, ident, snake},
    words::{plural, singular},
};

/// A relation as it stands in `relations!`.
pub(super) struct Relation {
    /// The position of the table whose rows have it.
    pub(super) owner: usize,
    pub(super) name: String,
    /// What follows the name: `many(Post) via author_id`.
    pub(super) declaration: String,
}

/// All relations, those of one table in the order in which they are read best.
pub(super) fn relations(draft: &Draft<'_>) -> Vec<Relation> {
    let mut names =
        Naming { draft, taken: draft.tables.iter().map(|table| table.members.clone()).collect(), found: Vec::new() };
    // Two keys of the same columns to the same table cannot be told from each other.
    let told = |at: usize| {
        let keys = &draft.tables[at].keys;
        let is_like =
            |one: &KeyDraft<'_>, other: &KeyDraft<'_>| one.target == other.target && one.columns == other.columns;
        keys.iter().filter(move |key| keys.iter().filter(|other| is_like(key, other)).count() == 1)
    };
    for at in 0..draft.tables.len() {
        told(at).for_each(|key| names.one(at, key));
    }
    for at in 0..draft.tables.len() {
        let join = JoinTable::of(&draft.tables[at]);
        if join.as_ref().is_none_or(|join| join.has_more) {
            told(at).for_each(|key| names.many(at, key));
        }
        if let Some(join) = join {
            names.through(at, join.keys[0], join.keys[1]);
            names.through(at, join.keys[1], join.keys[0]);
        }
    }
    names.found.sort_by_key(|relation| relation.owner);
    names.found
}

/// A table whose rows say which rows of two other ones belong together.
struct JoinTable<'d, 'm> {
    keys: [&'d KeyDraft<'m>; 2],
    /// Whether its rows say anything else.
    has_more: bool,
}

impl<'d, 'm> JoinTable<'d, 'm> {
    fn of(table: &'d TableDraft<'m>) -> Option<Self> {
        let [first, second] = table.keys.as_slice() else { return None };
        let mut columns: Vec<usize> = [first.columns.as_slice(), &second.columns].concat();
        let all = columns.len();
        columns.sort_unstable();
        columns.dedup();
        let is_pair = table.unique_sets().into_iter().any(|mut set| {
            set.sort_unstable();
            set == columns
        });
        let is_required = columns.iter().all(|&at| !table.fields[at].is_option);
        // A key of its own, and nothing else, is not more.
        let own = |at: &usize| !columns.contains(at) && !table.key().contains(at);
        let has_more = (0..table.fields.len()).any(|at| own(&at));
        (is_pair && is_required && columns.len() == all).then_some(Self { keys: [first, second], has_more })
    }
}

struct Naming<'d, 'm> {
    draft: &'d Draft<'m>,
    taken: Vec<Taken>,
    found: Vec<Relation>,
}

impl Naming<'_, '_> {
    fn add(&mut self, owner: usize, candidates: &[String], declaration: String) {
        let name = self.taken[owner].take(candidates);
        self.found.push(Relation { owner, name, declaration });
    }

    fn table(&self, at: usize) -> &TableDraft<'_> {
        &self.draft.tables[at]
    }

    /// What one row of a table is called.
    fn row(&self, at: usize) -> String {
        singular(&snake(&self.table(at).table.name, "table"))
    }

    /// What rows of a table are called.
    fn rows(&self, at: usize) -> String {
        let name = snake(&self.table(at).table.name, "table");
        // A table that is called by one of its rows, as `film`.
        if singular(&name) == name { plural(&name) } else { name }
    }

    /// What a key leads to, as its columns say: `author` of `author_id`.
    fn role(&self, at: usize, key: &KeyDraft<'_>) -> Option<String> {
        let [column] = key.columns.as_slice() else { return None };
        let name = self.table(at).fields[*column].name.as_str();
        let endings = ["_id", "_uuid", "_guid", "_key", "_no", "_nr", "_number", "_code", "_fk", "_ref"];
        let beginnings = ["id_", "fk_"];
        let cut = endings.iter().find_map(|ending| name.strip_suffix(ending));
        let cut = cut.or_else(|| beginnings.iter().find_map(|beginning| name.strip_prefix(beginning)));
        cut.map(|cut| cut.trim_matches('_').to_owned())
            .filter(|cut| !cut.is_empty() && !cut.starts_with(|c: char| c.is_numeric()))
    }

    /// Which key is meant, where a table has several to another.
    fn via(&self, at: usize, key: &KeyDraft<'_>) -> String {
        let keys = self.table(at).keys.iter().filter(|other| other.target == key.target).count();
        if keys > 1 { format!(" via {}", self.columns(at, key)) } else { String::new() }
    }

    fn columns(&self, at: usize, key: &KeyDraft<'_>) -> String {
        let names: Vec<String> = key.columns.iter().map(|&column| ident(&self.table(at).fields[column].name)).collect();
        if names.len() == 1 { names.concat() } else { format!("({})", names.join(", ")) }
    }

    /// The row that a key refers to.
    fn one(&mut self, at: usize, key: &KeyDraft<'_>) {
        let row = self.row(key.target);
        let candidates = match self.role(at, key) {
            Some(role) => vec![role.clone(), format!("{role}_{row}")],
            None => {
                let first = key.columns.first().map_or("", |&column| self.table(at).fields[column].name.as_str());
                vec![row.clone(), format!("{first}_{row}"), format!("{row}_row")]
            }
        };
        let is_required = key.columns.iter().all(|&column| !self.table(at).fields[column].is_option);
        let count = if is_required { "one" } else { "optional" };
        let declaration = format!("{count}({}){}", self.table(key.target).name, self.via(at, key));
        self.add(at, &candidates, declaration);
    }

    /// The rows that refer to one.
    fn many(&mut self, at: usize, key: &KeyDraft<'_>) {
        let is_unique = self.table(at).unique_sets().into_iter().any(|mut set| {
            let mut columns = key.columns.clone();
            set.sort_unstable();
            columns.sort_unstable();
            set == columns
        });
        // Of two tables that refer to each other, the one that has the key would be found first.
        let refers_back = self.table(key.target).keys.iter().any(|other| other.target == at);
        let is_one = is_unique && !refers_back;
        let rows = if is_one { self.row(at) } else { self.rows(at) };
        let (via, role) = (self.via(at, key), self.role(at, key));
        let by_role = role.as_ref().map(|role| format!("{role}_{rows}"));
        let candidates = match role.as_deref() {
            Some("parent") if key.target == at && !is_one => vec!["children".to_owned(), rows],
            Some(role) if via.is_empty() || role == self.row(key.target) => {
                vec![rows, by_role.unwrap_or_default()]
            }
            Some(_) => by_role.into_iter().collect(),
            None if via.is_empty() => vec![rows.clone(), format!("{rows}_rows")],
            None => {
                let first = key.columns.first().map_or("", |&column| self.table(at).fields[column].name.as_str());
                vec![format!("{first}_{rows}")]
            }
        };
        let count = if is_one { "optional" } else { "many" };
        let declaration = format!("{count}({}){via}", self.table(at).name);
        self.add(key.target, &candidates, declaration);
    }

    /// The rows on the other side of a table between.
    fn through(&mut self, at: usize, to_owner: &KeyDraft<'_>, to_target: &KeyDraft<'_>) {
        let between = &self.table(at).name;
        let target = &self.table(to_target.target).name;
        let is_same = to_owner.target == to_target.target;
        let keys = if is_same {
            format!(": {} -> {}", self.columns(at, to_owner), self.columns(at, to_target))
        } else {
            String::new()
        };
        let declaration = format!("many({target}) through({between}{keys})");
        let rows = self.rows(to_target.target);
        let by_table = format!("{}_{rows}", self.row(at));
        let candidates = match self.role(at, to_target).filter(|_| is_same) {
            // Those who are followed are the `followed`.
            Some(role) if role.ends_with("ed") => vec![role, by_table],
            Some(role) => vec![plural(&role), by_table],
            None => vec![rows, by_table],
        };
        self.add(to_owner.target, &candidates, declaration);
    }
}
