//! Which tables and columns have another name: said by the schema or by answers, never guessed.

use crate::{
    error::Error,
    model::{Model, Table},
    question::{Answers, Question},
};

/// A table or column gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rename {
    /// A table.
    Table {
        /// The name it has.
        from: String,
        /// The name it is to have.
        to: String,
    },
    /// A column.
    Column {
        /// The table, by its new name.
        table: String,
        /// The name the column has.
        from: String,
        /// The name it is to have.
        to: String,
    },
}

impl Rename {
    /// The rename that takes this one back.
    pub fn reversed(&self) -> Self {
        match self {
            Self::Table { from, to } => Self::Table { from: to.clone(), to: from.clone() },
            Self::Column { table, from, to } => {
                Self::Column { table: table.clone(), from: to.clone(), to: from.clone() }
            }
        }
    }
}

/// The renames that lead from one schema to another, in an order in which they can be carried out, or what has to be asked first.
///
/// # Errors
/// If an answer says that something had a name before which another has too, or gives a name that is taken.
pub fn renames(from: &Model, to: &Model, answers: &Answers) -> Result<(Vec<Rename>, Vec<Question>), Error> {
    let mut questions = Vec::new();
    let new = |name: &str| from.table(name).is_none();
    let old_names: Vec<&str> = from.tables.iter().map(|table| table.name.as_str()).collect();
    let wanted: Vec<Wanted<'_>> = to
        .tables
        .iter()
        .map(|table| Wanted { name: &table.name, key: table.name.clone(), said: table.renamed_from.as_deref() })
        .collect();
    let tables = pairs(&old_names, &wanted, new, answers, &mut questions)?;
    let mut renames: Vec<Rename> =
        in_order(&tables, &old_names).into_iter().map(|(from, to)| Rename::Table { from, to }).collect();
    for table in &to.tables {
        let old_name = tables.iter().find(|(_, to)| *to == table.name).map_or(&table.name, |(from, _)| from);
        if let Some(before) = from.table(old_name) {
            renames.extend(of_columns(before, table, answers, &mut questions)?);
        }
    }
    Ok((renames, questions))
}

fn of_columns(
    from: &Table,
    to: &Table,
    answers: &Answers,
    questions: &mut Vec<Question>,
) -> Result<Vec<Rename>, Error> {
    let old_names: Vec<&str> = from.columns.iter().map(|column| column.name.as_str()).collect();
    let wanted: Vec<Wanted<'_>> = to
        .columns
        .iter()
        .map(|column| Wanted {
            name: &column.name,
            key: format!("{}.{}", to.name, column.name),
            said: column.renamed_from.as_deref(),
        })
        .collect();
    let pairs = pairs(&old_names, &wanted, |name| from.column(name).is_none(), answers, questions)?;
    let column = |(old, new)| Rename::Column { table: to.name.clone(), from: old, to: new };
    Ok(in_order(&pairs, &old_names).into_iter().map(column).collect())
}

/// A name of the new schema.
struct Wanted<'m> {
    name: &'m str,
    /// What it is called in answers.
    key: String,
    /// The old name, as the schema says.
    said: Option<&'m str>,
}

/// The old and the new names of what is renamed.
fn pairs(
    old_names: &[&str],
    wanted: &[Wanted<'_>],
    is_new: impl Fn(&str) -> bool,
    answers: &Answers,
    questions: &mut Vec<Question>,
) -> Result<Vec<(String, String)>, Error> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for it in wanted {
        if let Some(Some(old)) = answers.renamed.get(&it.key)
            && old_names.contains(&old.as_str())
            && old != it.name
        {
            pairs.push((old.clone(), it.name.to_owned()));
        }
    }
    // What the schema says of a name is done if the name is there. It is free again if what had it is renamed: `b` becomes `c` and
    // `a` becomes `b`.
    let is_free = |name: &str, pairs: &[(String, String)]| is_new(name) || pairs.iter().any(|(old, _)| old == name);
    loop {
        let next = wanted.iter().find_map(|it| {
            let old = it.said.filter(|old| old_names.contains(old))?;
            let is_open = is_free(it.name, &pairs)
                && !answers.renamed.contains_key(&it.key)
                && !pairs.iter().any(|(from, to)| from == old || to == it.name);
            is_open.then(|| (old.to_owned(), it.name.to_owned()))
        });
        match next {
            Some(pair) => pairs.push(pair),
            None => break,
        }
    }
    can_be_done(&pairs, old_names, wanted)?;
    let is_open = |it: &&Wanted<'_>| {
        is_free(it.name, &pairs) && !answers.renamed.contains_key(&it.key) && !pairs.iter().any(|(_, to)| to == it.name)
    };
    let open: Vec<&Wanted<'_>> = wanted.iter().filter(is_open).collect();
    let is_gone =
        |name: &&&str| !wanted.iter().any(|it| it.name == **name) && !pairs.iter().any(|(old, _)| old == *name);
    let gone: Vec<String> = old_names.iter().filter(is_gone).map(|&name| name.to_owned()).collect();
    if !gone.is_empty() {
        questions.extend(open.iter().map(|it| Question::Renamed { of: it.key.clone(), candidates: gone.clone() }));
    }
    Ok(pairs)
}

/// Refuses answers by which two would have one name, or one would have two.
fn can_be_done(pairs: &[(String, String)], old_names: &[&str], wanted: &[Wanted<'_>]) -> Result<(), Error> {
    for (at, (old, new)) in pairs.iter().enumerate() {
        let key = |new: &str| wanted.iter().find(|it| it.name == new).map_or("", |it| it.key.as_str());
        if old_names.contains(&new.as_str()) && !pairs.iter().any(|(old, _)| old == new) {
            return Err(Error::Usage(format!("`{}` cannot be `{old}` renamed: there is a `{new}` already", key(new))));
        }
        if let Some((_, other)) = pairs[..at].iter().find(|(other, _)| other == old) {
            return Err(Error::Usage(format!("`{old}` cannot become both `{}` and `{}`", key(other), key(new))));
        }
    }
    Ok(())
}

/// An order in which no name is taken when it is given: circles go by way of a name that nobody has.
fn in_order(pairs: &[(String, String)], old_names: &[&str]) -> Vec<(String, String)> {
    let mut taken: Vec<String> = old_names.iter().map(|&name| name.to_owned()).collect();
    let mut left = pairs.to_vec();
    let mut order = Vec::new();
    while !left.is_empty() {
        match left.iter().position(|(_, to)| !taken.contains(to)) {
            Some(at) => {
                let (from, to) = left.remove(at);
                taken.retain(|name| *name != from);
                taken.push(to.clone());
                order.push((from, to));
            }
            None => {
                let between = format!("__orm_renamed_{}", order.len());
                let from = std::mem::replace(&mut left[0].0, between.clone());
                taken.retain(|name| *name != from);
                taken.push(between.clone());
                order.push((from, between));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    fn renames(from: &Model, to: &Model, answers: &Answers) -> (Vec<Rename>, Vec<Question>) {
        super::renames(from, to, answers).expect("the answers can be followed")
    }

    fn model(tables: &[(&str, Option<&str>, &[(&str, Option<&str>)])]) -> Model {
        let owned = |name: &Option<&str>| name.map(str::to_owned);
        let column = |(name, renamed_from): &(&str, Option<&str>)| Column {
            name: (*name).to_owned(),
            renamed_from: owned(renamed_from),
            ..Column::default()
        };
        let tables = tables.iter().map(|(name, renamed_from, columns)| Table {
            name: (*name).to_owned(),
            renamed_from: owned(renamed_from),
            columns: columns.iter().map(column).collect(),
            ..Table::default()
        });
        Model { tables: tables.collect(), ..Model::default() }
    }

    fn column(table: &str, from: &str, to: &str) -> Rename {
        Rename::Column { table: table.to_owned(), from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn what_the_schema_says() {
        let from = model(&[("users", None, &[("name", None)])]);
        let to = model(&[("people", Some("users"), &[("full_name", Some("name"))])]);
        let table = Rename::Table { from: "users".to_owned(), to: "people".to_owned() };
        let renames = renames(&from, &to, &Answers::default());
        assert_eq!(renames, (vec![table, column("people", "name", "full_name")], vec![]));
    }

    #[test]
    fn what_was_said_long_ago_means_nothing() {
        let to = model(&[("people", Some("users"), &[("full_name", Some("name"))])]);
        assert_eq!(renames(&to, &to, &Answers::default()), (vec![], vec![]));
    }

    /// By answers only: a schema that says so would say it again after it is done.
    #[test]
    fn two_columns_swap_their_names() {
        let model = model(&[("t", None, &[("a", None), ("b", None)])]);
        let answer = |of: &str, old: &str| (of.to_owned(), Some(old.to_owned()));
        let answers = Answers { renamed: [answer("t.a", "b"), answer("t.b", "a")].into(), ..Answers::default() };
        let expected =
            vec![column("t", "b", "__orm_renamed_0"), column("t", "a", "b"), column("t", "__orm_renamed_0", "a")];
        assert_eq!(renames(&model, &model, &answers), (expected, vec![]));
    }

    #[test]
    fn a_name_that_is_given_on() {
        let from = model(&[("t", None, &[("a", None), ("b", None)])]);
        let to = model(&[("t", None, &[("b", Some("a")), ("c", Some("b"))])]);
        assert_eq!(
            renames(&from, &to, &Answers::default()),
            (vec![column("t", "b", "c"), column("t", "a", "b")], vec![])
        );
        assert_eq!(renames(&to, &to, &Answers::default()), (vec![], vec![]));
    }

    #[test]
    fn what_nobody_said_is_asked() {
        let from = model(&[("t", None, &[("a", None), ("b", None)])]);
        let to = model(&[("t", None, &[("a", None), ("c", None)])]);
        let (found, questions) = renames(&from, &to, &Answers::default());
        let question = Question::Renamed { of: "t.c".to_owned(), candidates: vec!["b".to_owned()] };
        assert_eq!((found, questions), (vec![], vec![question]));
        let answer = |answer: Option<&str>| {
            let renamed = [("t.c".to_owned(), answer.map(str::to_owned))].into();
            renames(&from, &to, &Answers { renamed, ..Answers::default() })
        };
        assert_eq!(answer(Some("b")), (vec![column("t", "b", "c")], vec![]));
        assert_eq!(answer(None), (vec![], vec![]));
    }

    #[test]
    fn a_name_that_is_taken() {
        let from = model(&[("t", None, &[("a", None), ("b", None)]), ("u", None, &[])]);
        let to = model(&[("t", None, &[("a", None), ("b", None), ("c", None), ("d", None)]), ("u", None, &[])]);
        let error = |said: &[(&str, &str)]| {
            let renamed = said.iter().map(|(of, old)| ((*of).to_owned(), Some((*old).to_owned()))).collect();
            let answers = Answers { renamed, ..Answers::default() };
            super::renames(&from, &to, &answers).expect_err("it cannot be done").to_string()
        };
        assert_eq!(error(&[("t.b", "a")]), "`t.b` cannot be `a` renamed: there is a `b` already");
        assert_eq!(error(&[("t", "u")]), "`t` cannot be `u` renamed: there is a `t` already");
        assert_eq!(error(&[("t.c", "a"), ("t.d", "a")]), "`a` cannot become both `t.c` and `t.d`");
        // It is free only once what has it is renamed.
        assert_eq!(error(&[("t.b", "a"), ("t.a", "u")]), "`t.b` cannot be `a` renamed: there is a `b` already");
    }

    #[test]
    fn what_is_only_new_is_no_question() {
        let from = model(&[("t", None, &[("a", None)])]);
        let to = model(&[("t", None, &[("a", None), ("b", None)]), ("u", None, &[])]);
        assert_eq!(renames(&from, &to, &Answers::default()), (vec![], vec![]));
    }
}
