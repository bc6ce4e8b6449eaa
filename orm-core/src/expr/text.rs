//! Text matched with patterns.

use std::borrow::Cow;

use super::{Expr, Lower, expression};
use crate::{
    ast,
    executor::Shape,
    scope::ValidIn,
    types::{Binder, Matching},
};

/// A text to match with: `&str`, `String`, `&String` or `Cow<str>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text to match with",
    label = "expected a `&str` or a `String`",
    note = "patterns are values: a column is compared with `.eq(..)`, and NULL never matches"
)]
pub trait TextPattern<'a> {
    /// The text.
    fn into_text(self) -> Cow<'a, str>;
}

#[diagnostic::do_not_recommend]
impl<'a> TextPattern<'a> for &'a str {
    fn into_text(self) -> Cow<'a, str> {
        Cow::Borrowed(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'a> TextPattern<'a> for &'a String {
    fn into_text(self) -> Cow<'a, str> {
        Cow::Borrowed(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'a> TextPattern<'a> for String {
    fn into_text(self) -> Cow<'a, str> {
        Cow::Owned(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'a> TextPattern<'a> for Cow<'a, str> {
    fn into_text(self) -> Self {
        self
    }
}

/// An expression matched with a text.
pub struct Match<'a, E> {
    pub(crate) expr: E,
    pub(crate) matching: Matching,
    pub(crate) pattern: Cow<'a, str>,
}

impl<E: Lower> Lower for Match<'_, E> {
    type Needs = E::Needs;
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Match { expr: Box::new(self.expr.to_ast()), matching: self.matching }
    }

    fn add_shape(&self, shape: &mut Shape) {
        shape.add(self.matching as u64);
        self.expr.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.expr.bind_values(out);
        out.pattern(self.matching, &self.pattern);
    }
}

expression!({'a, E: Expr} Match<'a, E>, type = bool);

impl<Scope, I, E: ValidIn<Scope, I>> ValidIn<Scope, I> for Match<'_, E> {
    type Null = E::Null;
    type Kind = E::Kind;
}

/// The text with `%`, `_` and `\` escaped, so that `like` and `ilike` take it as it is.
///
/// A text without them is borrowed, not copied.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let typed = "_nn";
/// assert_eq!(escape_like(typed), r"\_nn");
/// assert_eq!(User::select().filter(User::name.ilike(format!("{}%", escape_like(typed)))).count(&db)?, 0);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn escape_like(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '_', '\\']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 4);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    Cow::Owned(escaped)
}
