//! `select`.

use super::{Precedence, Writer};
use crate::ast::{Direction, Expr, Join, JoinKind, Nulls, Order, Select, Source};

impl Writer<'_> {
    /// Adds a `select`.
    pub fn select(&mut self, select: &Select) {
        if !select.page_per.is_empty() && (select.limit.is_some() || select.offset.is_some()) {
            return self.paged_per_group(select);
        }
        self.push(if select.distinct { "select distinct " } else { "select " });
        self.list(&select.columns, |writer, column| writer.typed(column, Precedence::Lowest));
        self.rows_of(select);
        self.order_by(&select.order_by);
        self.page(select.limit.as_ref(), select.offset.as_ref());
    }

    /// Adds a `select` whose limit and offset count the rows of each group.
    fn paged_per_group(&mut self, select: &Select) {
        self.push("select ");
        self.list(1..=select.columns.len(), |writer, at| writer.ident(&at.to_string()));
        self.push(" from (select ");
        self.list(select.columns.iter().zip(1..), |writer, (column, at): (&Expr, usize)| {
            writer.typed(column, Precedence::Lowest);
            writer.push(" as ");
            writer.ident(&at.to_string());
        });
        self.push(", row_number() over (partition by ");
        self.list(&select.page_per, |writer, key| writer.expr(key, Precedence::Lowest));
        self.order_by(&select.order_by);
        self.push(") as ");
        self.ident("row");
        self.rows_of(select);
        self.push(") as ");
        self.ident("ranked");
        self.push(" where ");
        let bounds = [(" <= ", &select.limit), (" > ", &select.offset)];
        for (at, (compare, bound)) in
            bounds.iter().filter_map(|(compare, bound)| Some((compare, bound.as_ref()?))).enumerate()
        {
            if at > 0 {
                self.push(" and ");
            }
            self.ident("row");
            self.push(compare);
            self.expr(bound, Precedence::Operand);
        }
        self.push(" order by ");
        self.ident("row");
    }

    /// Adds where the rows of a `select` come from, which of them, and how they are grouped.
    fn rows_of(&mut self, select: &Select) {
        if let Some(from) = &select.from {
            self.push(" from ");
            self.source(from);
        }
        for join in &select.joins {
            self.join(join);
        }
        self.filter(select.filter.as_ref());
        if !select.group_by.is_empty() {
            self.push(" group by ");
            self.list(&select.group_by, |writer, key| writer.expr(key, Precedence::Lowest));
        }
        if let Some(having) = &select.having {
            self.push(" having ");
            self.expr(having, Precedence::Lowest);
        }
    }

    fn order_by(&mut self, keys: &[Order]) {
        // PostgreSQL refuses `order by true`, which an absent condition is, and which orders nothing.
        let mut keys = keys.iter().filter(|key| !is_literal(&key.expr)).peekable();
        if keys.peek().is_some() {
            self.push(" order by ");
            self.list(keys, Self::order);
        }
    }

    /// Adds ` where` and the condition, if there is one.
    pub(super) fn filter(&mut self, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            self.push(" where ");
            self.expr(filter, Precedence::Lowest);
        }
    }

    fn source(&mut self, source: &Source) {
        let alias = match source {
            Source::Table { name, alias } => {
                self.ident(name);
                *alias
            }
            Source::Subquery { select, alias } => {
                self.push("(");
                self.select(select);
                self.push(")");
                Some(*alias)
            }
            Source::Joined(first, join) => {
                self.push("(");
                self.source(first);
                self.join(join);
                self.push(")");
                None
            }
        };
        if let Some(alias) = alias {
            self.push(" as ");
            self.ident(alias);
        }
    }

    fn join(&mut self, join: &Join) {
        self.push(match join.kind {
            JoinKind::Inner => " inner join ",
            JoinKind::Left => " left join ",
            JoinKind::Right => " right join ",
            JoinKind::Full => " full join ",
            JoinKind::Cross => " cross join ",
        });
        self.source(&join.source);
        if let Some(on) = &join.on {
            self.push(" on ");
            self.expr(on, Precedence::Lowest);
        }
    }

    fn order(&mut self, order: &Order) {
        self.typed(&order.expr, Precedence::Lowest);
        if order.direction == Direction::Descending {
            self.push(" desc");
        }
        match order.nulls {
            Some(Nulls::First) => self.push(" nulls first"),
            Some(Nulls::Last) => self.push(" nulls last"),
            None => {}
        }
    }

    fn page(&mut self, limit: Option<&Expr>, offset: Option<&Expr>) {
        if let Some(limit) = limit {
            self.push(" limit ");
            self.expr(limit, Precedence::Lowest);
        }
        let Some(offset) = offset else { return };
        if limit.is_none()
            && let Some(all) = self.dialect().no_limit()
        {
            self.push(" limit ");
            self.push(all);
        }
        self.push(" offset ");
        self.expr(offset, Precedence::Lowest);
    }
}

/// Whether the text of an expression is a constant and nothing else.
fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Null | Expr::Bool(_) => true,
        Expr::And(items) | Expr::Or(items) => matches!(items.as_slice(), [only] if is_literal(only)),
        _ => false,
    }
}
