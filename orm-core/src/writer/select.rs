//! `select`.

use super::{Precedence, Writer};
use crate::ast::{Direction, Expr, Join, JoinKind, Nulls, Order, Select, Source};

impl Writer<'_> {
    /// Adds a `select`.
    pub fn select(&mut self, select: &Select) {
        self.push(if select.distinct { "select distinct " } else { "select " });
        self.list(&select.columns, |writer, column| writer.typed(column, Precedence::Lowest));
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
        // PostgreSQL refuses `order by true`, which an absent condition is, and which orders nothing.
        let mut keys = select.order_by.iter().filter(|key| !is_literal(&key.expr)).peekable();
        if keys.peek().is_some() {
            self.push(" order by ");
            self.list(keys, Self::order);
        }
        self.page(select.limit.as_ref(), select.offset.as_ref());
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
