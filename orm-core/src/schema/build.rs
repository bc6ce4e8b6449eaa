//! The const builders that generated code calls.

use super::{
    CheckDef, ColumnInfo, DecimalColumn, DefaultDef, ForeignKeyDef, GeneratedDef, GeneratedStorage, IndexDef,
    IntegerColumn, Numbering, TableDef, TextColumn, TimestampColumn, UniqueDef, ViewDef,
};
use crate::{scope::Nullability, table::ColumnDef, types::DbType};

#[doc(hidden)]
#[allow(missing_docs, reason = "the const builders generated code calls; the fields they set are documented")]
impl TableDef {
    #[must_use]
    pub const fn primary_key(mut self, primary_key: &'static [&'static str]) -> Self {
        self.primary_key = primary_key;
        self
    }

    #[must_use]
    pub const fn uniques(mut self, uniques: &'static [UniqueDef]) -> Self {
        self.uniques = uniques;
        self
    }

    #[must_use]
    pub const fn foreign_keys(mut self, foreign_keys: &'static [ForeignKeyDef]) -> Self {
        self.foreign_keys = foreign_keys;
        self
    }

    #[must_use]
    pub const fn checks(mut self, checks: &'static [CheckDef]) -> Self {
        self.checks = checks;
        self
    }

    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [IndexDef]) -> Self {
        self.indexes = indexes;
        self
    }

    #[must_use]
    pub const fn renamed_from(mut self, renamed_from: &'static str) -> Self {
        self.renamed_from = Some(renamed_from);
        self
    }

    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Self {
        self.comment = Some(comment);
        self
    }

    #[must_use]
    pub const fn without_rowid(mut self) -> Self {
        self.without_rowid = true;
        self
    }

    #[must_use]
    pub const fn soft_delete<C>(mut self) -> Self
    where
        C: ColumnDef<Type: DbType<Base: TimestampColumn>>,
    {
        self.soft_delete = Some(C::NAME);
        self
    }

    #[must_use]
    pub const fn scope(mut self, scope: &'static [&'static str]) -> Self {
        self.scope = scope;
        self
    }

    #[must_use]
    pub const fn version<C>(mut self) -> Self
    where
        C: ColumnDef<Type: DbType<Base: IntegerColumn>>,
    {
        self.version = Some(C::NAME);
        self
    }

    #[must_use]
    pub const fn not_strict(mut self) -> Self {
        self.strict = false;
        self
    }

    #[must_use]
    pub const fn view(mut self, view: &'static ViewDef) -> Self {
        self.view = Some(view);
        self
    }
}

#[doc(hidden)]
#[allow(missing_docs, reason = "the const builders generated code calls; the fields they set are documented")]
impl ColumnInfo {
    #[must_use]
    pub const fn default(mut self, default: DefaultDef) -> Self {
        self.default = Some(default);
        self
    }

    #[must_use]
    pub const fn on_update(mut self, on_update: DefaultDef) -> Self {
        self.on_update = Some(on_update);
        self
    }

    #[must_use]
    pub const fn collation(mut self, collation: &'static str) -> Self {
        self.collation = Some(collation);
        self
    }

    #[must_use]
    pub const fn comment(mut self, comment: &'static str) -> Self {
        self.comment = Some(comment);
        self
    }

    #[must_use]
    pub const fn renamed_from(mut self, renamed_from: &'static str) -> Self {
        self.renamed_from = Some(renamed_from);
        self
    }

    #[must_use]
    pub const fn postgres_type(mut self, postgres_type: &'static str) -> Self {
        self.postgres_type = Some(postgres_type);
        self
    }

    #[must_use]
    pub const fn sqlite_type(mut self, sqlite_type: &'static str) -> Self {
        self.sqlite_type = Some(sqlite_type);
        self
    }

    #[must_use]
    pub const fn of<C: ColumnDef>(rust_name: &'static str) -> Self {
        Self::new(C::NAME, rust_name, <C::Type as DbType>::SQL_TYPE, <C::Null as Nullability>::NULLABLE)
    }

    #[must_use]
    pub const fn auto_increment<C>(mut self) -> Self
    where
        C: ColumnDef<Type: DbType<Base: IntegerColumn>>,
    {
        self.auto_increment = true;
        self
    }

    #[must_use]
    pub const fn numbering(mut self, numbering: Numbering) -> Self {
        self.numbering = numbering;
        self
    }

    #[must_use]
    pub const fn length<C>(mut self, length: u32) -> Self
    where
        C: ColumnDef<Type: DbType<Base: TextColumn>>,
    {
        self.length = Some(length);
        self
    }

    #[must_use]
    pub const fn precision<C>(mut self, precision: u32, scale: u32) -> Self
    where
        C: ColumnDef<Type: DbType<Base: DecimalColumn>>,
    {
        self.precision = Some((precision, scale));
        self
    }

    #[must_use]
    pub const fn generated(mut self, expression: &'static str, storage: GeneratedStorage) -> Self {
        self.generated = Some(GeneratedDef { expression, storage });
        self
    }
}
