//! Statements as plain data: what typed queries lower to and the writer prints. No SQL text, no values.
//!
//! A [`Expr::Param`] stands for a value; the values themselves stay in the typed query, which hands them to the driver
//! in the order in which the writer prints the placeholders.

mod rename;

use crate::{
    error::Error,
    schema::{ColumnInfo, DefaultDef, TableDef},
    types::{Matching, SqlType},
};

/// A statement.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one is made for each text that is written, and dropped after")]
pub enum Statement {
    /// `select`.
    Select(Select),
    /// `insert`.
    Insert(Insert),
    /// `update`.
    Update(Update),
    /// `delete`.
    Delete(Delete),
    /// `refresh materialized view`.
    Refresh(Refresh),
}

impl Statement {
    /// The statement in words, for messages: ``select from `users` ``.
    pub fn describe(&self) -> String {
        match self {
            Self::Select(select) => format!("select from `{}`", select.table()),
            Self::Insert(insert) => format!("insert into `{}`", insert.table),
            Self::Update(update) => format!("update of `{}`", update.table),
            Self::Delete(delete) => format!("delete from `{}`", delete.table),
            Self::Refresh(refresh) => format!("refresh of `{}`", refresh.view),
        }
    }

    /// What it does, in one word of SQL.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Select(_) => "select",
            Self::Insert(_) => "insert",
            Self::Update(_) => "update",
            Self::Delete(_) => "delete",
            Self::Refresh(_) => "refresh",
        }
    }

    /// The table the statement is about.
    pub fn table(&self) -> &'static str {
        match self {
            Self::Select(select) => select.table(),
            Self::Insert(insert) => insert.table,
            Self::Update(update) => update.table,
            Self::Delete(delete) => delete.table,
            Self::Refresh(refresh) => refresh.view,
        }
    }

    /// The expressions of the rows the statement gives, in order.
    pub fn columns(&self) -> &[Expr] {
        match self {
            Self::Select(select) => &select.columns,
            Self::Insert(insert) => &insert.returning,
            Self::Update(update) => &update.returning,
            Self::Delete(delete) => &delete.returning,
            Self::Refresh(_) => &[],
        }
    }
}

/// `select`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select {
    /// Whether equal rows are given once.
    pub distinct: bool,
    /// What each row gives.
    pub columns: Vec<Expr>,
    /// The first source.
    pub from: Option<Source>,
    /// The sources joined to it, in order.
    pub joins: Vec<Join>,
    /// The condition rows meet.
    pub filter: Option<Expr>,
    /// The keys rows are grouped by.
    pub group_by: Vec<Expr>,
    /// The condition groups meet.
    pub having: Option<Expr>,
    /// The order of the rows.
    pub order_by: Vec<Order>,
    /// The greatest number of rows.
    pub limit: Option<Expr>,
    /// The number of rows skipped.
    pub offset: Option<Expr>,
    /// What limit and offset count rows for: for each group of rows with equal values of these, if there are any. The
    /// limit is then the position of the last row that is given.
    pub page_per: Vec<Expr>,
}

impl Select {
    fn table(&self) -> &'static str {
        match &self.from {
            Some(Source::Table { name, .. }) => name,
            Some(Source::Subquery { select, .. }) => select.table(),
            Some(Source::Joined(first, _)) => first.name(),
            None => "nothing",
        }
    }
}

/// Something rows are read from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A table.
    Table {
        /// Its name.
        name: &'static str,
        /// The name given to it in this query.
        alias: Option<&'static str>,
    },
    /// A query.
    Subquery {
        /// The query.
        select: Box<Select>,
        /// The name given to it in this query.
        alias: &'static str,
    },
    /// A source and another joined to it, as one: a row of the first has a partner if one of the second goes with it.
    Joined(Box<Source>, Box<Join>),
}

impl Source {
    /// The name its columns are read by: that of the first one, if it is several.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Table { name, alias } => alias.unwrap_or(name),
            Self::Subquery { alias, .. } => alias,
            Self::Joined(first, _) => first.name(),
        }
    }
}

/// A join.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Which rows without a partner are kept.
    pub kind: JoinKind,
    /// What is joined.
    pub source: Source,
    /// The condition partners meet; `None` for a cross join.
    pub on: Option<Expr>,
}

/// Which rows without a partner a join keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// None.
    Inner,
    /// Those of the left side.
    Left,
    /// Those of the right side.
    Right,
    /// Those of both sides.
    Full,
    /// Every row is a partner of every other.
    Cross,
}

/// A key of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What is compared.
    pub expr: Expr,
    /// Which comes first.
    pub direction: Direction,
    /// Where NULLs are.
    pub nulls: Option<Nulls>,
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Where NULLs are in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

/// `insert`.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// The table.
    pub table: &'static str,
    /// The columns values are given for; empty for a row of defaults.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Rows,
    /// What happens when a row with the same key exists.
    pub on_conflict: Option<OnConflict>,
    /// What each inserted row gives.
    pub returning: Vec<Expr>,
}

/// The rows of an `insert`.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// The values of each row.
    Values(Vec<Vec<Expr>>),
    /// Any number of rows, bound column by column: an array of values of this type for each.
    Arrays(Vec<SqlType>),
}

/// `on conflict`.
#[derive(Debug, Clone, PartialEq)]
pub struct OnConflict {
    /// The unique columns; empty for any.
    pub target: Vec<&'static str>,
    /// What is done with the existing row; empty for nothing.
    pub set: Vec<Assignment>,
    /// The condition the existing row meets to be updated.
    pub filter: Option<Expr>,
}

/// `column = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The column.
    pub column: &'static str,
    /// Its new value.
    pub value: Expr,
}

/// `update`.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The table.
    pub table: &'static str,
    /// The new values.
    pub set: Vec<Assignment>,
    /// The condition changed rows meet.
    pub filter: Option<Expr>,
    /// What each changed row gives.
    pub returning: Vec<Expr>,
}

/// `delete`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// The table.
    pub table: &'static str,
    /// The condition deleted rows meet.
    pub filter: Option<Expr>,
    /// What each deleted row gives.
    pub returning: Vec<Expr>,
}

/// `refresh materialized view`.
#[derive(Debug, Clone, PartialEq)]
pub struct Refresh {
    /// The view.
    pub view: &'static str,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of a source.
    Column {
        /// The name of the source in the query.
        source: &'static str,
        /// The table the source stands for.
        table: &'static str,
        /// The column.
        name: &'static str,
        /// Its type.
        ty: SqlType,
        /// The collation it was given, if it is not the database's usual one.
        collation: Option<&'static str>,
    },
    /// A value of this type, bound when the statement runs.
    Param(SqlType),
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that is part of the text.
    Integer(i64),
    /// The time of the statement, as a value of this type.
    Now(SqlType),
    /// What the schema says a column gets.
    Default {
        /// The value.
        value: DefaultDef,
        /// The column.
        column: &'static ColumnInfo,
    },
    /// An operator between two operands.
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    /// All conditions.
    And(Vec<Expr>),
    /// One of the conditions.
    Or(Vec<Expr>),
    /// Not the condition.
    Not(Box<Expr>),
    /// The negative number.
    Negate(Box<Expr>),
    /// `is null`.
    IsNull(Box<Expr>),
    /// `is not null`.
    IsNotNull(Box<Expr>),
    /// `between`.
    Between {
        /// The value.
        expr: Box<Expr>,
        /// The smallest it may be.
        low: Box<Expr>,
        /// The greatest it may be.
        high: Box<Expr>,
    },
    /// Text matched with a pattern that is bound when the statement runs.
    Match {
        /// The text.
        expr: Box<Expr>,
        /// How it is matched.
        matching: Matching,
    },
    /// Membership in a list that is bound as one value.
    InList {
        /// The value.
        expr: Box<Expr>,
        /// The type of the list's items.
        item: SqlType,
    },
    /// Membership of several values in a list of rows that is bound as one list for each.
    InLists {
        /// The values.
        exprs: Vec<Expr>,
        /// The types of the lists' items.
        items: Vec<SqlType>,
    },
    /// A function of its arguments.
    Function(Function, Vec<Expr>),
    /// An aggregate.
    Aggregate {
        /// Which one.
        function: Aggregate,
        /// Whether equal values count once.
        distinct: bool,
        /// What is aggregated; `None` for rows themselves.
        argument: Option<Box<Expr>>,
        /// The type of the result.
        result: SqlType,
    },
    /// A value converted to another type.
    Cast(Box<Expr>, SqlType),
    /// Whether the query gives a row.
    Exists(Box<Select>),
    /// The only column of the only row that the query gives; NULL if it gives none.
    Scalar(Box<Select>),
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// Different, NULL being equal to NULL.
    IsDistinctFrom,
    /// Equal, NULL being equal to NULL.
    IsNotDistinctFrom,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`, NULL when dividing by zero.
    Div,
    /// `%`, NULL when dividing by zero.
    Rem,
    /// `||`
    Concat,
    /// `= any(..)`: equal to an item of an array.
    EqAny,
    /// `@>`: has a value in it.
    ContainsValue,
    /// `-|-`: ends where another begins, or the other way around.
    Adjacent,
    /// `@>`: has everything in it that another has.
    Contains,
    /// `<@`: has nothing in it that another has not.
    ContainedIn,
    /// `&&`: has something in it that another has.
    Overlaps,
}

/// A scalar function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The first argument that is not NULL.
    Coalesce,
    /// Text in lower case.
    LowerCase,
    /// Text in upper case.
    UpperCase,
    /// The number of characters of a text.
    Length,
    /// The number of items of an array.
    ArrayLength,
    /// Text without surrounding spaces.
    Trim,
    /// A number without its sign.
    Abs,
}

/// An aggregate function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The number of values, or of rows.
    Count,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The smallest value.
    Min,
    /// The greatest value.
    Max,
}

impl Select {
    /// The statement, if every database takes it.
    ///
    /// # Errors
    /// If a join has no condition, or a `distinct` query is ordered by something it does not give, which PostgreSQL refuses and SQLite answers at
    /// random.
    pub(crate) fn checked(self) -> Result<Statement, Error> {
        self.check()?;
        Ok(Statement::Select(self))
    }

    /// All expressions of the query.
    fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let joins = self.joins.iter().filter_map(|join| join.on.as_ref());
        let order = self.order_by.iter().map(|key| &key.expr);
        let columns = self.columns.iter().chain(&self.group_by).chain(&self.page_per);
        columns
            .chain(joins)
            .chain(order)
            .chain([&self.filter, &self.having, &self.limit, &self.offset].into_iter().flatten())
    }

    /// Like [`checked`](Select::checked), for a query that becomes part of another.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for join in &self.joins {
            if matches!(join.on, Some(Expr::Bool(true))) {
                let table = match &join.source {
                    Source::Table { name, .. } => name,
                    source => source.name(),
                };
                return Err(Error::EmptyJoin { table });
            }
        }
        let given = |key: &Order| !key.expr.has_param() && self.columns.contains(&key.expr);
        if self.distinct && !self.order_by.iter().all(given) {
            return Err(Error::DistinctOrder { operation: format!("select from `{}`", self.table()) });
        }
        Ok(())
    }
}

impl Expr {
    /// A column of a source that stands for a table.
    pub(crate) fn column(table: &TableDef, source: &'static str, column: &ColumnInfo) -> Self {
        let ColumnInfo { name, sql_type: ty, collation, .. } = *column;
        Self::Column { source, table: table.name, name, ty, collation }
    }

    /// All of the conditions that are there, in one chain.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut items = Vec::new();
        for condition in conditions.into_iter().flatten() {
            match condition {
                Self::And(more) => items.extend(more),
                other => items.push(other),
            }
        }
        if items.len() > 1 { Some(Self::And(items)) } else { items.pop() }
    }

    fn any(&self, test: fn(&Self) -> bool) -> bool {
        let mut found = false;
        self.visit(&mut |expr| found = found || test(expr));
        found
    }

    /// Shows the expression and all its parts, but not those of subqueries.
    fn visit<'e>(&'e self, see: &mut dyn FnMut(&'e Self)) {
        see(self);
        match self {
            Self::Binary(left, _, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::And(items) | Self::Or(items) | Self::Function(_, items) | Self::InLists { exprs: items, .. } => {
                items.iter().for_each(|item| item.visit(see));
            }
            Self::Not(inner)
            | Self::Negate(inner)
            | Self::IsNull(inner)
            | Self::IsNotNull(inner)
            | Self::Cast(inner, _)
            | Self::Match { expr: inner, .. }
            | Self::InList { expr: inner, .. } => inner.visit(see),
            Self::Between { expr, low, high } => [expr, low, high].into_iter().for_each(|part| part.visit(see)),
            Self::Aggregate { argument, .. } => argument.iter().for_each(|argument| argument.visit(see)),
            Self::Column { .. }
            | Self::Param(_)
            | Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Now(_)
            | Self::Default { .. }
            | Self::Exists(_)
            | Self::Scalar(_) => {}
        }
    }

    /// Whether it reads a column.
    pub(crate) fn has_column(&self) -> bool {
        self.any(|expr| matches!(expr, Self::Column { .. } | Self::Exists(_) | Self::Scalar(_)))
    }

    /// Whether it contains an aggregate.
    pub(crate) fn has_aggregate(&self) -> bool {
        self.any(|expr| matches!(expr, Self::Aggregate { .. }))
    }

    /// Whether it contains a placeholder: leaving it out would leave a value without one.
    pub fn has_param(&self) -> bool {
        self.any(|expr| match expr {
            Self::Param(_) | Self::Match { .. } | Self::InList { .. } | Self::InLists { .. } => true,
            Self::Exists(select) | Self::Scalar(select) => select.exprs().any(Self::has_param),
            _ => false,
        })
    }
}
