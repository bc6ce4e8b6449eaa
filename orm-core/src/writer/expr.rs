//! Expressions, with the parentheses they need and no others.

use super::Writer;
use crate::{
    ast::{Aggregate, BinaryOp, Expr, Function, Select},
    types::SqlType,
};

/// How tightly an operator binds; one that binds less than its surroundings gets parentheses.
///
/// PostgreSQL and SQLite do not agree on the order among comparisons, `is`, `between` and `like`, so all of them are
/// one level here, and an operand on that level always gets parentheses.
/// See <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-PRECEDENCE> and
/// <https://www.sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    /// Anything may stand here.
    Lowest,
    /// An operand of `or`.
    Or,
    /// An operand of `and`.
    And,
    /// The operand of `not`.
    Not,
    /// A comparison.
    Comparison,
    /// An operand of a comparison, or of `||` and arithmetic on one level.
    Operand,
    /// `+` and `-`.
    Sum,
    /// `*`, `/` and `%`.
    Product,
    /// `||`, which binds less than `+` in PostgreSQL and more than `*` in SQLite: its operands get parentheses.
    Atom,
}

/// How many conditions stand beside each other before a chain is split in two: SQLite refuses trees deeper than 1,000,
/// and reads `a and b and c` as a tree of depth three. See <https://www.sqlite.org/limits.html#max_expr_depth>.
const CHAIN: usize = 64;

fn precedence(expr: &Expr) -> Precedence {
    match expr {
        Expr::Or(items) if items.len() > 1 => Precedence::Or,
        Expr::And(items) if items.len() > 1 => Precedence::And,
        Expr::And(items) | Expr::Or(items) => items.first().map_or(Precedence::Atom, precedence),
        Expr::Not(_) => Precedence::Not,
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::Between { .. }
        | Expr::Match { .. }
        | Expr::InList { .. }
        | Expr::InLists { .. } => Precedence::Comparison,
        Expr::Binary(_, op, _) => operator_precedence(*op),
        Expr::Negate(_) => Precedence::Product,
        _ => Precedence::Atom,
    }
}

fn operator_precedence(op: BinaryOp) -> Precedence {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Precedence::Sum,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Precedence::Product,
        BinaryOp::Concat => Precedence::Operand,
        _ => Precedence::Comparison,
    }
}

fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Eq => " = ",
        BinaryOp::Ne => " <> ",
        BinaryOp::Lt => " < ",
        BinaryOp::Le => " <= ",
        BinaryOp::Gt => " > ",
        BinaryOp::Ge => " >= ",
        BinaryOp::IsDistinctFrom => " is distinct from ",
        BinaryOp::IsNotDistinctFrom => " is not distinct from ",
        BinaryOp::Add => " + ",
        BinaryOp::Sub => " - ",
        BinaryOp::Mul => " * ",
        BinaryOp::Div => " / ",
        BinaryOp::Rem => " % ",
        BinaryOp::Concat => " || ",
        BinaryOp::EqAny => " = ",
        BinaryOp::Contains | BinaryOp::ContainsValue => " @> ",
        BinaryOp::ContainedIn => " <@ ",
        BinaryOp::Overlaps => " && ",
        BinaryOp::Adjacent => " -|- ",
    }
}

impl Writer<'_> {
    /// Adds an expression where operators that bind less than `at_least` need parentheses.
    pub fn expr(&mut self, expr: &Expr, at_least: Precedence) {
        if precedence(expr) < at_least {
            self.push("(");
            self.bare(expr);
            self.push(")");
        } else {
            self.bare(expr);
        }
    }

    /// Adds an expression where nothing around it tells the database which type a value in its place has.
    pub fn typed(&mut self, expr: &Expr, at_least: Precedence) {
        match expr {
            Expr::Param(ty) => self.dialect().write_typed_param(self, *ty),
            _ => self.expr(expr, at_least),
        }
    }

    fn bare(&mut self, expr: &Expr) {
        match expr {
            Expr::Column { source, name, .. } => {
                self.ident(source);
                self.push(".");
                self.ident(name);
            }
            Expr::Param(_) => self.param(),
            Expr::Null => self.push("null"),
            Expr::Bool(true) => self.push("true"),
            Expr::Bool(false) => self.push("false"),
            Expr::Integer(value) => self.push(&value.to_string()),
            Expr::Now(ty) => self.dialect().write_now(self, *ty),
            Expr::Default { value, column } => self.default(value, column),
            Expr::Binary(left, op, right) => self.binary(left, *op, right),
            Expr::And(items) => self.chain(items, " and ", Precedence::And),
            Expr::Or(items) => self.chain(items, " or ", Precedence::Or),
            Expr::Not(inner) => {
                self.push("not ");
                self.expr(inner, Precedence::Atom);
            }
            Expr::Negate(inner) => {
                self.push("-");
                self.typed(inner, Precedence::Atom);
            }
            Expr::IsNull(inner) => {
                self.typed(inner, Precedence::Operand);
                self.push(" is null");
            }
            Expr::IsNotNull(inner) => {
                self.typed(inner, Precedence::Operand);
                self.push(" is not null");
            }
            Expr::Between { expr, low, high } => {
                self.typed(expr, Precedence::Operand);
                self.push(" between ");
                self.expr(low, Precedence::Operand);
                self.push(" and ");
                self.expr(high, Precedence::Operand);
            }
            Expr::Match { expr, matching } => self.dialect().write_match(self, expr, *matching),
            Expr::InList { expr, item } => self.dialect().write_in_list(self, expr, *item),
            Expr::InLists { exprs, items } => self.in_lists(exprs, items),
            Expr::Function(function, arguments) => self.function(*function, arguments),
            Expr::Aggregate { function, distinct, argument, result } => {
                self.aggregate(*function, *distinct, argument.as_deref(), *result);
            }
            Expr::Cast(inner, ty) => self.dialect().write_cast(self, inner, *ty),
            Expr::Exists(select) => self.subquery("exists (", select),
            Expr::Scalar(select) => self.subquery("(", select),
        }
    }

    // Functions of their own keep the frame of `bare` small, which deep expressions have many of.
    fn in_lists(&mut self, exprs: &[Expr], items: &[SqlType]) {
        self.push("(");
        self.list(exprs, |writer, expr| writer.expr(expr, Precedence::Lowest));
        self.push(") in (select ");
        self.dialect().write_lists(self, items);
        self.push(")");
    }

    fn subquery(&mut self, opening: &str, select: &Select) {
        self.push(opening);
        self.select(select);
        self.push(")");
    }

    fn binary(&mut self, left: &Expr, op: BinaryOp, right: &Expr) {
        let (left_at_least, right_at_least) = match op {
            BinaryOp::Add | BinaryOp::Sub => (Precedence::Sum, Precedence::Product),
            BinaryOp::Mul => (Precedence::Product, Precedence::Atom),
            BinaryOp::Div | BinaryOp::Rem => (Precedence::Product, Precedence::Lowest),
            BinaryOp::Concat
            | BinaryOp::Contains
            | BinaryOp::ContainedIn
            | BinaryOp::Overlaps
            | BinaryOp::ContainsValue
            | BinaryOp::Adjacent => (Precedence::Atom, Precedence::Atom),
            _ => (Precedence::Operand, Precedence::Operand),
        };
        // `a || b || c` is the same either way around; only its left side may go without parentheses.
        let left_at_least = match left {
            Expr::Binary(_, BinaryOp::Concat, _) if op == BinaryOp::Concat => Precedence::Operand,
            _ => left_at_least,
        };
        match right {
            Expr::Param(_) => self.typed(left, left_at_least),
            // Of two operands of one type, either tells the type of the other.
            _ if op == BinaryOp::ContainsValue => self.typed(left, left_at_least),
            _ => self.expr(left, left_at_least),
        }
        self.push(symbol(op));
        if op == BinaryOp::ContainsValue {
            self.typed(right, right_at_least);
        } else if matches!(op, BinaryOp::Div | BinaryOp::Rem) {
            // Dividing by zero is an error in PostgreSQL and NULL in SQLite; this makes it NULL in both.
            self.push("nullif(");
            self.typed(right, right_at_least);
            self.push(", 0)");
        } else if op == BinaryOp::EqAny {
            self.push("any(");
            self.expr(right, Precedence::Lowest);
            self.push(")");
        } else {
            self.expr(right, right_at_least);
        }
    }

    fn chain(&mut self, items: &[Expr], operator: &str, precedence: Precedence) {
        if items.len() > CHAIN {
            let (left, right) = items.split_at(items.len() / 2);
            self.push("(");
            self.chain(left, operator, precedence);
            self.push(")");
            self.push(operator);
            self.push("(");
            self.chain(right, operator, precedence);
            self.push(")");
            return;
        }
        let inner = if items.len() > 1 { Precedence::Not } else { Precedence::Lowest };
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(operator);
            }
            // `a or (b and c)`: parentheses that SQL does not need but readers do.
            self.expr(item, inner.max(precedence));
        }
    }

    fn function(&mut self, function: Function, arguments: &[Expr]) {
        let name = match function {
            Function::Coalesce => "coalesce(",
            Function::LowerCase => "lower(",
            Function::UpperCase => "upper(",
            Function::Length => "length(",
            Function::ArrayLength => "cardinality(",
            Function::Trim => "trim(",
            Function::Abs => "abs(",
        };
        let call = |writer: &mut Writer<'_>| {
            writer.push(name);
            // The first argument tells the types of the others.
            for (index, argument) in arguments.iter().enumerate() {
                if index > 0 {
                    writer.push(", ");
                    writer.expr(argument, Precedence::Lowest);
                } else {
                    writer.typed(argument, Precedence::Lowest);
                }
            }
            writer.push(")");
        };
        match function {
            Function::Length | Function::ArrayLength => self.dialect().write_length(self, &call),
            _ => call(self),
        }
    }

    fn aggregate(&mut self, function: Aggregate, distinct: bool, argument: Option<&Expr>, result: SqlType) {
        let call = |writer: &mut Writer<'_>| {
            writer.push(match function {
                Aggregate::Count => "count(",
                Aggregate::Sum => "sum(",
                Aggregate::Avg => "avg(",
                Aggregate::Min => "min(",
                Aggregate::Max => "max(",
            });
            match argument {
                Some(argument) => {
                    if distinct {
                        writer.push("distinct ");
                    }
                    writer.dialect().write_aggregated(writer, function, argument, result);
                }
                None => writer.push("*"),
            }
            writer.push(")");
        };
        self.dialect().write_aggregate(self, function, &call, result);
    }
}
