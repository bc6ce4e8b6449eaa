//! Joins along relations.

use std::marker::PhantomData;

use super::{
    OwnerOf, Relation, RelationDef, TargetRow,
    children::{Deleted, pairs},
};
use crate::{
    ast,
    executor::Shape,
    expr::{Lower, expression},
    query::{Filtering, Join, JoinTarget, Unordered},
    scope::{NotNull, Scope, ValidIn},
    table::{Alias, AliasName, Source},
    types::Binder,
};

/// The condition that rows of `S`, the target or an alias of it, are those that relation `R` leads to.
pub struct RelatedOn<R, S, W> {
    filter: W,
    relation: PhantomData<fn() -> (R, S)>,
}

impl<R: RelationDef, S: Source, W: Lower> Lower for RelatedOn<R, S, W> {
    type Needs = W::Needs;
    type Columns = OwnerOf<R::Owner>;

    fn to_ast(&self) -> ast::Expr {
        let info = R::INFO;
        let owner = (info.owner, info.owner.name, info.owner_key.as_slice());
        let other = match &info.through {
            Some(through) => (through.table, through.table.name, through.to_owner.as_slice()),
            None => (info.target, S::NAME, info.target_key.as_slice()),
        };
        let mut filters =
            ast::Expr::all([R::built_in().and_then(|built_in| built_in.to_condition()), self.filter.to_condition()]);
        if let Some(filter) = &mut filters
            && S::NAME != info.target.name
        {
            filter.rename(info.target.name, S::NAME);
        }
        ast::Expr::all([Some(pairs(other, owner)), filters]).unwrap_or(ast::Expr::Bool(true))
    }

    fn add_shape(&self, shape: &mut Shape) {
        if let Some(built_in) = R::built_in() {
            built_in.add_shape(shape);
        }
        self.filter.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if let Some(built_in) = R::built_in() {
            built_in.bind(out);
        }
        self.filter.bind_values(out);
    }

    fn join_source(&self, target: ast::Source, hides_deleted: bool) -> ast::Source {
        let Some(through) = &R::INFO.through else { return target };
        let on = pairs(
            (through.table, through.table.name, through.to_target.as_slice()),
            (R::INFO.target, S::NAME, R::INFO.target_key.as_slice()),
        );
        let deleted = if hides_deleted { Deleted::LeftOut } else { Deleted::Too };
        let source = ast::Source::Table { name: through.table.name, alias: None };
        let on = ast::Expr::all([Some(on), deleted.condition(through.table, through.table.name)]);
        let join = ast::Join { kind: ast::JoinKind::Inner, source, on };
        ast::Source::Joined(Box::new(target), Box::new(join))
    }
}

expression!({R: RelationDef, S: Source, W: Lower} RelatedOn<R, S, W>, type = bool);

impl<Sc: Scope, I, R: RelationDef, S, W> ValidIn<Sc, I> for RelatedOn<R, S, W> {
    type Null = NotNull;
    type Kind = Sc::KindOf<R::Owner>;
}

impl<R: RelationDef, W: Filtering> JoinTarget for Relation<R, W, TargetRow<R>, Unordered> {
    type Source = R::Target;
    type Condition = RelatedOn<R, R::Target, W>;
    fn into_condition(self) -> Self::Condition {
        RelatedOn { filter: self.filter, relation: PhantomData }
    }
}

impl<R: RelationDef, W: Filtering> Relation<R, W, TargetRow<R>, Unordered> {
    /// The relation as the right side of a join, its target under another name.
    ///
    /// Needed where the target is part of the query already, as it is for a relation of a table to itself.
    ///
    /// ```sql
    /// from "posts" left join "users" as "writer" on "writer"."id" = "posts"."author_id"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// alias!(Writer);
    ///
    /// let writer = User::alias::<Writer>();
    /// let names: Vec<(String, String)> = Post::select()
    ///     .inner_join(Post::author.alias::<Writer>())
    ///     .columns((Post::title, writer.name))
    ///     .order_by(Post::id)
    ///     .all(&db)?;
    /// assert_eq!(names[2], ("Lifetimes".to_owned(), "Cleo".to_owned()));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn alias<A: AliasName>(self) -> Join<Alias<R::Target, A>, RelatedOn<R, Alias<R::Target, A>, W>> {
        Join::new(RelatedOn { filter: self.filter, relation: PhantomData })
    }
}
