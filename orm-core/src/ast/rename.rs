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
        let mut taken = self_names(&self.columns, &self.filter);
        taken.extend(self.joins.iter().flat_map(|join| join.source.names()));
        let Some(Source::Table { name: table, alias }) = &mut self.from else { return };
        let mut number = 1;
        let mut alias_of = name;
        while taken.contains(alias_of) || alias_of == *table {
            number += 1;
            alias_of = kept(format!("{name}_{number}"));
        }
        let from = alias.replace(alias_of).unwrap_or(table);
        self.rename_exprs(from, alias_of);
    }

    /// Makes way for a join. A table that only a join itself reads, the one between two that are related many to many, goes
    /// by another name where its own is that of a further source.
    pub(crate) fn make_way(&mut self, join: &mut Join) {
        let mut taken: HashSet<&'static str> = self.sources().flat_map(Source::names).collect();
        if join.between().is_some_and(|between| taken.contains(between)) {
            join.rename_between(&taken);
        }
        taken.extend(join.source.names());
        let name = join.source.name();
        if let Some(earlier) = self.joins.iter_mut().find(|earlier| earlier.between() == Some(name)) {
            earlier.rename_between(&taken);
        }
    }

    /// What it reads from.
    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.from.iter().chain(self.joins.iter().map(|join| &join.source))
    }

    /// Like [`Expr::rename`], in a subquery: a source of its own of that name hides the one outside.
    fn rename_outer(&mut self, from: &str, to: &'static str) {
        if self.sources().all(|source| !source.names().contains(&from)) {
            // The name would mean a source of its own: that one makes way.
            if self.from.as_ref().is_some_and(|source| source.name() == to) {
                self.rename_first(kept(format!("{to}_inner")));
            }
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

impl Join {
    /// The name of the table between, if there is one.
    fn between(&self) -> Option<&'static str> {
        match &self.source {
            Source::Joined(_, between) => Some(between.source.name()),
            _ => None,
        }
    }

    /// Reads the table between under a name that is not taken.
    fn rename_between(&mut self, taken: &HashSet<&'static str>) {
        let Source::Joined(_, between) = &mut self.source else { return };
        let Source::Table { name, alias } = &mut between.source else { return };
        let from = alias.unwrap_or(name);
        let numbered = (2..).map(|number| kept(format!("{name}_{number}")));
        for free in numbered.filter(|name| !taken.contains(name)).take(1) {
            *alias = Some(free);
            for on in [&mut between.on, &mut self.on].into_iter().flatten() {
                on.rename(from, free);
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
            names.extend(select.sources().flat_map(Source::names));
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
