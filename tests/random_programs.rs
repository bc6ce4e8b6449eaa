//! Random conditions: the rows of each are those for which the same condition, computed in Rust, is true, on every
//! database; and queries with such conditions, to which both databases give the same answers.
//!
//! `ORM_TORTURE=1` tries many more of them.

#[path = "support/harness.rs"]
mod support;

use std::fmt::Debug;

use orm::{Error, prelude::*, sqlite::Connection};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, ProptestConfig, Strategy},
    prop_oneof, proptest,
    sample::select,
};
use support::{TestDatabase, assert_sql, postgres::Database};

alias!(Other);

/// A row of small values, so that conditions are true, false and unknown about equally often.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "samples", new(derive(Debug)))]
struct Sample {
    #[column(primary_key)]
    id: i64,
    a: Option<i64>,
    b: i64,
    text: Option<String>,
    flag: Option<bool>,
}

schema! { fn schema() = [Sample] }

const TEXTS: [&str; 5] = ["", "a", "A%", "é_", "a\\"];
const PATTERNS: [&str; 9] = ["", "%", "a%", "_", "A\\%", "é_", "\\", "%\\", "[a]"];

/// What SQL knows: true, false, or NULL.
type Known = Option<bool>;

/// A condition on one row.
#[derive(Debug, Clone)]
enum Leaf {
    Equal(i64),
    Different(i64),
    Less(i64),
    NotLess(i64),
    Between(i64, i64),
    InList(Vec<i64>),
    DistinctFrom(Option<i64>),
    ColumnsEqual,
    SumGreater(i64),
    QuotientEqual(i64),
    OrElse(i64),
    IsNull,
    Flag,
    Match(How, &'static str),
    TextIn(Vec<&'static str>),
}

#[derive(Debug, Clone, Copy)]
enum How {
    Like,
    ILike,
    Contains,
    StartsWith,
    EndsWith,
}

/// A condition made of others. One that is absent adds nothing to what it is part of.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(Leaf),
    Absent,
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
}

fn matches(how: How, text: &str, pattern: &str) -> bool {
    match how {
        How::Like => is_like(text, pattern),
        How::ILike => is_like(&text.to_ascii_lowercase(), &pattern.to_ascii_lowercase()),
        How::Contains => text.contains(pattern),
        How::StartsWith => text.starts_with(pattern),
        How::EndsWith => text.ends_with(pattern),
    }
}

fn is_like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    let mut characters = text.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            is_like(text, rest.as_str()) || characters.next().is_some() && is_like(characters.as_str(), pattern)
        }
        Some('_') => characters.next().is_some() && is_like(characters.as_str(), rest.as_str()),
        Some('\\') => {
            let escaped = rest.next().unwrap_or('\\');
            characters.next() == Some(escaped) && is_like(characters.as_str(), rest.as_str())
        }
        Some(literal) => characters.next() == Some(literal) && is_like(characters.as_str(), rest.as_str()),
    }
}

impl Leaf {
    fn of(&self, row: &Sample) -> Known {
        let text = row.text.as_deref();
        match self {
            Self::Equal(value) => row.a.map(|a| a == *value),
            Self::Different(value) => row.a.map(|a| a != *value),
            Self::Less(value) => row.a.map(|a| a < *value),
            Self::NotLess(value) => Some(row.b >= *value),
            Self::Between(low, high) => row.a.map(|a| (*low..=*high).contains(&a)),
            // NULL is in no list; whether it is in an empty one is known.
            Self::InList(values) if values.is_empty() => Some(false),
            Self::InList(values) => row.a.map(|a| values.contains(&a)),
            Self::DistinctFrom(value) => Some(row.a != *value),
            Self::ColumnsEqual => row.a.map(|a| a == row.b),
            Self::SumGreater(value) => row.a.map(|a| a + row.b > *value),
            Self::QuotientEqual(value) => row.a.and_then(|a| a.checked_div(row.b)).map(|quotient| quotient == *value),
            Self::OrElse(value) => Some(row.a.unwrap_or(*value) > row.b),
            Self::IsNull => Some(row.text.is_none()),
            Self::Flag => row.flag,
            Self::Match(how, pattern) => text.map(|text| matches(*how, text, pattern)),
            Self::TextIn(texts) if texts.is_empty() => Some(false),
            Self::TextIn(texts) => text.map(|text| texts.contains(&text)),
        }
    }
}

impl Tree {
    /// What is known of the row, or `None` if the whole condition is absent.
    fn of(&self, row: &Sample) -> Option<Known> {
        let present = |items: &[Self]| -> Vec<Known> { items.iter().filter_map(|item| item.of(row)).collect() };
        match self {
            Self::Leaf(leaf) => Some(leaf.of(row)),
            Self::Absent => None,
            Self::Not(inner) => inner.of(row).map(|known| known.map(|known| !known)),
            Self::All(items) => {
                let known = present(items);
                (!known.is_empty()).then(|| {
                    if known.contains(&Some(false)) {
                        Some(false)
                    } else if known.contains(&None) {
                        None
                    } else {
                        Some(true)
                    }
                })
            }
            Self::Any(items) if items.is_empty() => Some(Some(false)),
            Self::Any(items) => {
                let known = present(items);
                (!known.is_empty()).then(|| {
                    if known.contains(&Some(true)) {
                        Some(true)
                    } else if known.contains(&None) {
                        None
                    } else {
                        Some(false)
                    }
                })
            }
        }
    }
}

fn rows() -> Vec<Sample> {
    let mut rows = Vec::new();
    for a in [None, Some(-1), Some(0), Some(1), Some(2)] {
        for b in 0..3 {
            for text in std::iter::once(None).chain(TEXTS.map(Some)) {
                let flag = [None, Some(false), Some(true)][rows.len() % 3];
                rows.push(Sample { id: rows.len() as i64, a, b, text: text.map(str::to_owned), flag });
            }
        }
    }
    rows
}

fn write(db: &impl TestDatabase, rows: &[Sample]) -> Result<(), Error> {
    for Sample { id, a, b, text, flag } in rows.iter().cloned() {
        let new = Sample::insert().set(Sample::id, id).set(Sample::a, a).set(Sample::b, b);
        new.set(Sample::text, text).set(Sample::flag, flag).execute(db)?;
    }
    Ok(())
}

/// A new database of each kind with the same rows.
fn databases(rows: &[Sample]) -> Result<(Connection, Database), Error> {
    let sqlite = Connection::open_in_memory()?;
    sqlite.create_all(&schema())?;
    write(&sqlite, rows)?;
    let postgres = Database::new(&schema());
    write(&postgres, rows)?;
    Ok((sqlite, postgres))
}

/// The rows in an order that does not depend on the database's.
fn multiset<T: Debug>(rows: Vec<T>) -> Vec<String> {
    let mut rows: Vec<String> = rows.into_iter().map(|row| format!("{row:?}")).collect();
    rows.sort_unstable();
    rows
}

fn config(cases: u32) -> ProptestConfig {
    let factor = if std::env::var_os("ORM_TORTURE").is_some() { 100 } else { 1 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases * factor) }
}

fn leaves() -> impl Strategy<Value = Leaf> {
    let value = -2..4_i64;
    let how = select(vec![How::Like, How::ILike, How::Contains, How::StartsWith, How::EndsWith]);
    prop_oneof![
        value.clone().prop_map(Leaf::Equal),
        value.clone().prop_map(Leaf::Different),
        value.clone().prop_map(Leaf::Less),
        value.clone().prop_map(Leaf::NotLess),
        (value.clone(), value.clone()).prop_map(|(low, high)| Leaf::Between(low, high)),
        vec(value.clone(), 0..4).prop_map(Leaf::InList),
        option::of(value.clone()).prop_map(Leaf::DistinctFrom),
        Just(Leaf::ColumnsEqual),
        value.clone().prop_map(Leaf::SumGreater),
        value.clone().prop_map(Leaf::QuotientEqual),
        value.prop_map(Leaf::OrElse),
        Just(Leaf::IsNull),
        Just(Leaf::Flag),
        (how, select(&PATTERNS[..])).prop_map(|(how, pattern)| Leaf::Match(how, pattern)),
        vec(select(&TEXTS[..]), 0..3).prop_map(Leaf::TextIn),
    ]
}

/// Trees of at most three levels of lists above their leaves.
fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![9 => leaves().prop_map(Tree::Leaf), 1 => Just(Tree::Absent)];
    leaf.prop_recursive(3, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Tree::All),
            vec(inner.clone(), 0..5).prop_map(Tree::Any),
            inner.prop_map(|inner| Tree::Not(Box::new(inner))),
        ]
    })
}

/// A leaf as a condition. All leaves are of one type: of these conditions one is present, or none.
macro_rules! leaf {
    ($tree:expr) => {{
        let leaf = match $tree {
            Tree::Leaf(leaf) => Some(leaf.clone()),
            Tree::Absent => None,
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) => unreachable!("lists are at most three levels deep"),
        };
        macro_rules! only {
            ($pattern:pat => $condition:expr) => {
                match leaf.clone() {
                    Some($pattern) => Some($condition),
                    _ => None,
                }
            };
        }
        any((
            any((
                only!(Leaf::Equal(value) => Sample::a.eq(value)),
                only!(Leaf::Different(value) => Sample::a.ne(value)),
                only!(Leaf::Less(value) => Sample::a.lt(value)),
                only!(Leaf::NotLess(value) => Sample::b.ge(value)),
                only!(Leaf::Between(low, high) => Sample::a.between(low, high)),
                only!(Leaf::InList(values) => Sample::a.in_list(values)),
                only!(Leaf::DistinctFrom(value) => Sample::a.is_distinct_from(value)),
                only!(Leaf::ColumnsEqual => Sample::a.eq(Sample::b)),
            )),
            any((
                only!(Leaf::SumGreater(value) => (Sample::a + Sample::b).gt(value)),
                only!(Leaf::QuotientEqual(value) => (Sample::a / Sample::b).eq(value)),
                only!(Leaf::OrElse(value) => coalesce(Sample::a, value).gt(Sample::b)),
                only!(Leaf::IsNull => Sample::text.is_null()),
                only!(Leaf::Flag => Sample::flag),
                only!(Leaf::Match(how, pattern) => match how {
                    How::Like => Sample::text.like(pattern),
                    How::ILike => Sample::text.ilike(pattern),
                    How::Contains => Sample::text.contains(pattern),
                    How::StartsWith => Sample::text.starts_with(pattern),
                    How::EndsWith => Sample::text.ends_with(pattern),
                }),
                only!(Leaf::TextIn(texts) => Sample::text.in_list(texts)),
            )),
        ))
    }};
}

/// A tree as a condition, given how the trees in it become conditions. A leaf is a list of itself.
macro_rules! level {
    ($tree:expr, $below:expr) => {{
        let (mut every, mut some, mut none) = (None, None, None);
        match $tree {
            Tree::All(items) => every = Some(all(items.iter().map($below).collect::<Vec<_>>())),
            Tree::Any(items) => some = Some(any(items.iter().map($below).collect::<Vec<_>>())),
            Tree::Not(inner) => none = Some(not($below(&**inner))),
            Tree::Leaf(_) | Tree::Absent => some = Some(any([$below($tree)])),
        }
        any((every, some, none))
    }};
}

/// A tree as a condition.
macro_rules! condition {
    ($tree:expr) => {{
        let leaf = |tree: &Tree| leaf!(tree);
        let first = |tree: &Tree| level!(tree, leaf);
        let second = |tree: &Tree| level!(tree, first);
        level!($tree, second)
    }};
}

/// The checks, for each database: how a condition is written depends on its type, so a function cannot be told of all.
macro_rules! checks {
    ($($name:ident: $database:ty),*) => {$(
        mod $name {
            use super::*;

            /// Checks one condition in all the ways a query can have it.
            pub(super) fn check(db: &$database, rows: &[Sample], tree: &Tree) -> Result<(), Error> {
                let ids = || Sample::select().columns(Sample::id).order_by(Sample::id);
                let expected = |keep: &dyn Fn(Option<Known>) -> bool| -> Vec<i64> {
                    rows.iter().filter(|row| keep(tree.of(row))).map(|row| row.id).collect()
                };
                // A condition that is absent keeps every row, as does what is made of it.
                let kept = expected(&|known| known.is_none_or(|known| known == Some(true)));
                assert_eq!(ids().filter(condition!(tree)).all(db)?, kept);
                assert_eq!(ids().dynamic().filter(condition!(tree)).all(db)?, kept);
                assert_eq!(ids().filter(Some(condition!(tree))).filter(all([condition!(tree)])).all(db)?, kept);
                assert_eq!(ids().filter(condition!(tree)).count(db)?, kept.len() as i64);
                assert_eq!(ids().filter(condition!(tree)).exists(db)?, !kept.is_empty());

                let known: Vec<Option<bool>> =
                    Sample::select().columns(coalesce(condition!(tree), None::<bool>)).order_by(Sample::id).all(db)?;
                let present: Vec<Option<bool>> = rows.iter().map(|row| tree.of(row).unwrap_or(Some(true))).collect();
                assert_eq!(known, present);

                // Each row is one for which the condition is true, false, or NULL.
                if rows.iter().all(|row| tree.of(row).is_some()) {
                    let yes = ids().filter(condition!(tree)).all(db)?;
                    let no = ids().filter(not(condition!(tree))).all(db)?;
                    let unknown = ids().filter(condition!(tree).is_null()).all(db)?;
                    let mut partition = [yes, no.clone(), unknown.clone()].concat();
                    partition.sort_unstable();
                    assert_eq!(partition, rows.iter().map(|row| row.id).collect::<Vec<_>>());
                    assert_eq!(no, expected(&|known| known == Some(Some(false))));
                    assert_eq!(unknown, expected(&|known| known == Some(None)));
                }
                Ok(())
            }

            /// The parts of a conjunction, added one by one, keep the same rows as the conjunction.
            pub(super) fn check_parts(db: &$database, rows: &[Sample], parts: &[Tree]) -> Result<(), Error> {
                let mut query = Sample::select().columns(Sample::id).order_by(Sample::id).dynamic();
                for part in parts {
                    query = query.filter(condition!(part));
                }
                let holds = |row: &&Sample| parts.iter().all(|part| part.of(row).is_none_or(|known| known == Some(true)));
                assert_eq!(query.all(db)?, rows.iter().filter(holds).map(|row| row.id).collect::<Vec<_>>());
                Ok(())
            }

            /// The answers to queries of several kinds with a condition in them.
            pub(super) fn answers(db: &$database, tree: &Tree) -> Result<Vec<Vec<String>>, Error> {
                let other = Sample::alias::<Other>();
                let rows = Sample::select().filter(condition!(tree)).all(db)?;
                let computed = Sample::select().filter(condition!(tree)).columns((
                    (Sample::a + Sample::b * 3, Sample::a - 1, -Sample::b, (Sample::a - Sample::b).abs()),
                    (Sample::b / Sample::a, Sample::b % Sample::a, Sample::a / 2, Sample::b.cast::<f64>() / 4.0),
                    (Sample::text.concat("%"), Sample::text.upper(), Sample::text.length(), Sample::text.trim()),
                    (Sample::a.cast::<String>(), coalesce(Sample::text, "none"), Sample::flag.is_distinct_from(true)),
                    condition!(tree),
                ));
                let joined = Sample::select()
                    .left_join(other.on(other.a.eq(Sample::b).and(condition!(tree))))
                    .filter(other.text.is_distinct_from(Sample::text))
                    .columns((Sample::id, other.id));
                let grouped = Sample::select()
                    .filter(condition!(tree))
                    .group_by((Sample::text, Sample::flag))
                    .having(count_all().gt(1))
                    .columns((
                        (Sample::text, Sample::flag, count_all(), count(Sample::a), count_distinct(Sample::a)),
                        (sum(Sample::a), avg(Sample::a), min(Sample::a), max(Sample::b + 1)),
                    ));
                let distinct = Sample::select().filter(condition!(tree)).columns((Sample::a, condition!(tree))).distinct();
                let page = Sample::select()
                    .columns(Sample::id)
                    .order_by((Sample::text.desc().nulls_last(), Sample::a.asc().nulls_first(), condition!(tree).asc().nulls_first(), Sample::id))
                    .limit(20)
                    .offset(10);
                Ok(vec![
                    multiset(rows),
                    multiset(computed.all(db)?),
                    multiset(joined.all(db)?),
                    multiset(grouped.all(db)?),
                    multiset(distinct.all(db)?),
                    page.all(db)?.iter().map(ToString::to_string).collect(),
                ])
            }
        }
    )*};
}

checks! { sqlite: Connection, postgres: Database }

#[test]
fn conditions_mean_the_same_in_rust() {
    let rows = rows();
    let (sqlite, postgres) = databases(&rows).expect("the databases are new");
    proptest!(config(300), |(tree in trees())| {
        sqlite::check(&sqlite, &rows, &tree).expect("it runs");
        postgres::check(&postgres, &rows, &tree).expect("it runs");
    });
    assert!(sqlite.statement_cache_len() <= 256);
}

#[test]
fn filters_that_are_added_mean_their_conjunction() {
    let rows = rows();
    let (sqlite, postgres) = databases(&rows).expect("the databases are new");
    proptest!(config(200), |(parts in vec(trees(), 0..6))| {
        sqlite::check_parts(&sqlite, &rows, &parts).expect("it runs");
        postgres::check_parts(&postgres, &rows, &parts).expect("it runs");
    });
}

#[test]
fn databases_give_the_same_answers() {
    let (sqlite, postgres) = databases(&rows()).expect("the databases are new");
    proptest!(config(150), |(tree in trees())| {
        let answers = sqlite::answers(&sqlite, &tree).expect("it runs");
        assert_eq!(postgres::answers(&postgres, &tree).expect("it runs"), answers);
    });
}

/// What the trees of this file look like as SQL, and that the rows tell conditions apart.
#[test]
fn a_condition_as_sql() {
    let tree = Tree::All(vec![
        Tree::Any(vec![Tree::Leaf(Leaf::Equal(1)), Tree::Absent, Tree::Leaf(Leaf::Flag)]),
        Tree::Not(Box::new(Tree::Any(vec![Tree::Leaf(Leaf::IsNull), Tree::Leaf(Leaf::NotLess(2))]))),
        Tree::Leaf(Leaf::Between(0, 1)),
    ]);
    let query = Sample::select().filter(condition!(&tree)).columns(Sample::id);
    assert_sql!(query, both: concat!(
        r#"select "samples"."id" from "samples" where ("samples"."a" = $1 or "samples"."flag") "#,
        r#"and not ("samples"."text" is null or "samples"."b" >= $2) and "samples"."a" between $3 and $4"#
    ));
    let rows = rows();
    let known: Vec<Option<Known>> = rows.iter().map(|row| tree.of(row)).collect();
    for expected in [Some(Some(true)), Some(Some(false)), Some(None)] {
        assert!(known.contains(&expected), "{expected:?}");
    }
}
