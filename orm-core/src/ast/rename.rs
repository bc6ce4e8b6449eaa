//! Reading a source under another name.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use super::{Expr, Join, Select, Source};

impl Expr {
    /// Reads the columns of a source under another name.
    pub(crate) fn rename(&mut self, from: &str, to: &'static str) {
        match self {
            Self::Column { source, .. } => {
                if *source == from {
                    *source = to;
                }
            }
            Self::Binary(left, _, right) => {
                left.rename(from, to);
                right.rename(from, to);
            }
            Self::And(items) | Self::Or(items) | Self::Function(_, items) | Self::InLists { exprs: items, .. } => {
                items.iter_mut().for_each(|item| item.rename(from, to));
            }
            Self::Not(inner)
            | Self::Negate(inner)
            | Self::IsNull(inner)
            | Self::IsNotNull(inner)
            | Self::Cast(inner, _)
            | Self::Match { expr: inner, .. }
            | Self::InList { expr: inner, .. } => inner.rename(from, to),
            Self::Between { expr, low, high } => {
                for part in [expr, low, high] {
                    part.rename(from, to);
                }
            }
            Self::Aggregate { argument, .. } => {
                if let Some(argument) = argument {
                    argument.rename(from, to);
                }
            }
            Self::Exists(select) | Self::Scalar(select) => select.rename_outer(from, to),
            Self::Param(_) | Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Now(_) | Self::Default { .. } => {}
        }
    }
}

impl Select {
    /// Reads the table it begins with under another name, which nothing in it has.
    pub(crate) fn rename_first(&mut self, name: &'static str) {
        let Some(Source::Table { name: table, alias }) = &mut self.from else { return };
        let mut number = 1;
        let mut alias_of = name;
        while self_names(&self.columns, &self.filter).contains(alias_of) || alias_of == *table {
            number += 1;
            alias_of = kept(format!("{name}_{number}"));
        }
        *alias = Some(alias_of);
        let from = *table;
        self.rename_exprs(from, alias_of);
    }

    /// Like [`Expr::rename`], in a subquery: a source of its own of that name hides the one outside.
    fn rename_outer(&mut self, from: &str, to: &'static str) {
        let own = self.from.iter().chain(self.joins.iter().map(|join| &join.source));
        if own.into_iter().all(|source| !source.names().contains(&from)) {
            self.rename_exprs(from, to);
        }
    }

    fn rename_exprs(&mut self, from: &str, to: &'static str) {
        let Self { columns, joins, filter, group_by, having, order_by, page_per, .. } = self;
        for expr in columns.iter_mut().chain(group_by).chain(page_per).chain(filter).chain(having) {
            expr.rename(from, to);
        }
        for key in order_by {
            key.expr.rename(from, to);
        }
        for Join { on, .. } in joins {
            if let Some(on) = on {
                on.rename(from, to);
            }
        }
    }
}

impl Source {
    /// The names its columns are read by.
    fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Joined(first, join) => [first.names(), join.source.names()].concat(),
            source => vec![source.name()],
        }
    }
}

/// The names of the sources of all subqueries.
fn self_names(columns: &[Expr], filter: &Option<Expr>) -> HashSet<&'static str> {
    let mut names = HashSet::new();
    columns.iter().chain(filter).for_each(|expr| collect(expr, &mut names));
    names
}

fn collect(expr: &Expr, names: &mut HashSet<&'static str>) {
    expr.visit(&mut |expr| {
        if let Expr::Exists(select) | Expr::Scalar(select) = expr {
            let sources = select.from.iter().chain(select.joins.iter().map(|join| &join.source));
            names.extend(sources.flat_map(Source::names));
            select.exprs().for_each(|inner| collect(inner, names));
        }
    });
}

/// A name that lives as long as the program: there are as many as the depth of its deepest query.
fn kept(name: String) -> &'static str {
    static KEPT: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    if let Some(known) = kept.get(name.as_str()) {
        return known;
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    kept.insert(name);
    name
}
