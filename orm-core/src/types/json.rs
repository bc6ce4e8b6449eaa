//! JSON: `serde_json::Value`, and any serializable type in [`Json`].

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::error::Category;

use super::{Binder, DbType, Decode, DecodeError, DecodeFault, Encode, EncodeError, RowRead, SqlType};

/// A value that is stored as JSON.
///
/// Derefs to the value. PostgreSQL stores `jsonb`, SQLite the text. JSON has no NaN and no infinity: `serde_json`
/// writes `null` for them.
///
/// A column of this type cannot be compared: databases disagree on when two documents are equal.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Table)]
/// struct Article {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     tags: Json<Vec<String>>,
/// }
/// schema! { fn schema() = [Article] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// Article::insert().set(Article::tags, Json(vec!["rust".to_owned()])).execute(&db)?;
/// let article = Article::find(1).one(&db)?;
/// assert_eq!(article.tags.len(), 1);
/// # Ok::<(), orm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Json<T>(pub T);

// Written by hand, so that an application that does not derive these traits itself need not build the derive.
impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T> Json<T> {
    /// The value itself.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// let tags: Vec<String> = Json(vec!["rust".to_owned()]).into_inner();
    /// assert_eq!(tags, ["rust"]);
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

fn encode<T: Serialize>(value: &T, out: &mut dyn Binder<'_>) {
    match serde_json::to_string(value) {
        Ok(text) => out.json(text),
        Err(error) => out.fail(EncodeError::Json(error.into())),
    }
}

fn decode<T: DeserializeOwned, Named, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<T, DecodeError> {
    let text = row.json(index).map_err(DecodeError::reading::<Named>)?;
    serde_json::from_str(text)
        .map_err(|error| DecodeError::new::<Named>(index, DecodeFault::Json(Place::of(&error).into())))
}

/// Where a document does not fit. The message of `serde_json` shows what is stored there, which errors do not do.
#[derive(Debug)]
struct Place {
    problem: &'static str,
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, line, column } = self;
        write!(f, "{problem} at line {line}, column {column}")
    }
}

impl std::error::Error for Place {}

impl Place {
    fn of(error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Syntax => "not JSON",
            Category::Eof => "the end of the document, too early,",
            Category::Data | Category::Io => "a value of another type, or a field that is missing or unknown,",
        };
        Self { problem, line: error.line(), column: error.column() }
    }
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> DbType for Json<T> {
    type Base = Self;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Json;
}

impl<T: Serialize + Send + Sync> Encode for Json<T> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        encode(&self.0, out);
    }
}

impl<T: DeserializeOwned> Decode for Json<T> {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        decode::<T, Self, R>(row, index).map(Json)
    }
}

crate::__value_type!({T: Serialize + DeserializeOwned + Send + Sync + 'static} Json<T>);

impl DbType for serde_json::Value {
    type Base = Self;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Json;
}

impl Encode for serde_json::Value {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        encode(self, out);
    }
}

impl Decode for serde_json::Value {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        decode::<Self, Self, R>(row, index)
    }
}

crate::__value_type!(serde_json::Value);
