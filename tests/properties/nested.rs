//! What is loaded along a relation is what is selected, for every type of column.

use super::*;

/// The cells of rows, in the order of their ids: a column of the type, and one that may be NULL.
type Cells<T> = Vec<(T, Option<T>)>;

/// A table of cells that rows of another table lead to.
trait Nested<D>: CellIn<D> {
    /// Writes a row, and the row that leads to it. Without `twice`, the second column is NULL.
    fn write_both(db: &D, id: i64, value: &Self::Value, twice: bool) -> Result<(), Error>;
    fn clear_both(db: &D) -> Result<(), Error>;
    /// Selected alone.
    fn flat(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Selected from a join along the relation.
    fn joined(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded as whole rows.
    fn rows(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded as chosen columns.
    fn columns(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded as shapes in a shape.
    fn shapes(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded as computed values beside the rows of the relation.
    fn extras(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded as computed values beside the rows of the query.
    fn own_extras(db: &D) -> Result<Cells<Self::Value>, Error>;
    /// Loaded for rows that are there already.
    fn into_rows(db: &D) -> Result<Cells<Self::Value>, Error>;
}

/// Declares relations to tables of cells: `nested! { Texts texts of Bigs; }`.
macro_rules! nested {
    ($($table:ident $relation:ident of $owner:ident $module:ident;)*) => {$(
        mod $module {
            use super::*;

            relations! { $owner { $relation: optional($table) on(id = id) } }

            #[derive(Debug, Row)]
            #[row(of = $owner)]
            struct Outside {
                #[row(relation = $owner::$relation)]
                $relation: Option<Inside>,
            }

            #[derive(Debug, Row)]
            #[row(of = $table)]
            struct Inside {
                w: Option<<$table as Cell>::Value>,
                v: <$table as Cell>::Value,
            }

            nested!(@in orm::sqlite::Connection, $table $relation $owner);
            nested!(@in crate::support::postgres::Database, $table $relation $owner);
        }
    )*};
    (@in $database:ty, $table:ident $relation:ident $owner:ident) => {
        impl Nested<$database> for $table {
            fn write_both(db: &$database, id: i64, value: &Self::Value, twice: bool) -> Result<(), Error> {
                let also = twice.then(|| value.clone());
                $table::insert().set($table::id, id).set($table::v, value).set($table::w, also).execute(db)?;
                $owner::insert().set($owner::id, id).set($owner::v, owner::$owner()).execute(db)?;
                Ok(())
            }

            fn clear_both(db: &$database) -> Result<(), Error> {
                $table::delete().all_rows().execute(db)?;
                $owner::delete().all_rows().execute(db)?;
                Ok(())
            }

            fn flat(db: &$database) -> Result<Cells<Self::Value>, Error> {
                $table::select().columns(($table::v, $table::w)).order_by($table::id).all(db)
            }

            fn joined(db: &$database) -> Result<Cells<Self::Value>, Error> {
                $owner::select()
                    .inner_join($owner::$relation)
                    .columns(($table::v, $table::w))
                    .order_by($owner::id)
                    .all(db)
            }

            fn rows(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let rows = $owner::select().with($owner::$relation).order_by($owner::id).all(db)?;
                let cells = rows.iter().filter_map(|row| row.$relation()).map(|row| (row.v.clone(), row.w.clone()));
                Ok(cells.collect())
            }

            fn columns(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let relation = $owner::$relation.columns(($table::w, $table::v));
                let rows = $owner::select().with(relation).order_by($owner::id).all(db)?;
                Ok(rows.iter().filter_map(|row| row.$relation().clone()).map(|(w, v)| (v.clone(), w.clone())).collect())
            }

            fn shapes(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let rows: Vec<Outside> = $owner::select().rows_as::<Outside>().order_by($owner::id).all(db)?;
                Ok(rows.into_iter().filter_map(|row| row.$relation).map(|Inside { v, w }| (v, w)).collect())
            }

            fn extras(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let relation = $owner::$relation.extra("v", $table::v).extra("w", $table::w);
                let rows = $owner::select().with(relation).order_by($owner::id).all(db)?;
                let extras = rows.iter().filter_map(|row| row.$relation()).map(|row| row.extras());
                Ok(extras.map(|(v, w)| (v.clone(), w.clone())).collect())
            }

            fn own_extras(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let rows = $table::select().extra("v", $table::v).extra("w", $table::w).order_by($table::id).all(db)?;
                Ok(rows.iter().map(|row| row.extras()).map(|(v, w)| (v.clone(), w.clone())).collect())
            }

            fn into_rows(db: &$database) -> Result<Cells<Self::Value>, Error> {
                let owners = $owner::select().order_by($owner::id).all(db)?;
                let rows: Vec<Option<$table>> = $owner::$relation.load_into(&owners, db)?;
                Ok(rows.into_iter().flatten().map(|row| (row.v, row.w)).collect())
            }
        }
    };
}

/// What the tables that lead to others have beside their keys.
#[allow(non_snake_case, reason = "named after the tables")]
mod owner {
    pub(super) fn Bigs() -> i64 {
        i64::MIN
    }

    pub(super) fn Smalls() -> i16 {
        i16::MAX
    }
}

nested! {
    Bools bools of Bigs a;
    Bytes1 i8s of Bigs b;
    Bytes2 u8s of Bigs c;
    Words u16s of Bigs d;
    Wides u32s of Bigs e;
    Smalls i16s of Bigs f;
    Integers i32s of Bigs g;
    Bigs i64s of Smalls h;
    Singles f32s of Bigs i;
    Doubles f64s of Bigs j;
    Texts texts of Bigs k;
    Blobs blobs of Bigs l;
    Uuids uuids of Bigs m;
    Dates dates of Bigs n;
    Times times of Bigs o;
    Locals locals of Bigs p;
    Moments moments of Bigs q;
    Decimals decimals of Bigs r;
    Values jsons of Bigs s;
    Documents documents of Bigs t;
    Names names of Bigs u;
    Outers outers of Bigs v;
    Colours colours of Bigs w;
}

/// Every way to load gives what is selected, which is what was written.
fn check_nested<C: Nested<D>, D>(db: &D, values: &[C::Value]) -> Checked {
    check_nested_as::<C, D>(db, values, |read, value| read == value)
}

fn check_nested_as<C: Nested<D>, D>(
    db: &D,
    values: &[C::Value],
    is_same: impl Fn(&C::Value, &C::Value) -> bool,
) -> Checked {
    C::clear_both(db).map_err(fail)?;
    let written: Cells<C::Value> =
        values.iter().enumerate().map(|(at, value)| (value.clone(), (at % 3 > 0).then(|| value.clone()))).collect();
    for (id, (value, also)) in (1..).zip(&written) {
        C::write_both(db, id, value, also.is_some()).map_err(fail)?;
    }
    let ways: [(&str, fn(&D) -> Result<Cells<C::Value>, Error>); 8] = [
        ("flat", C::flat),
        ("joined", C::joined),
        ("rows", C::rows),
        ("columns", C::columns),
        ("shapes", C::shapes),
        ("extras", C::extras),
        ("own extras", C::own_extras),
        ("into rows", C::into_rows),
    ];
    for (name, way) in ways {
        let read = way(db).map_err(fail)?;
        let is_same = read.len() == written.len()
            && read.iter().zip(&written).all(|((v, w), (value, also))| {
                is_same(v, value)
                    && match (w, also) {
                        (Some(w), Some(also)) => is_same(w, also),
                        (None, None) => true,
                        _ => false,
                    }
            });
        prop_assert!(is_same, "{}, {name}: {read:?} instead of {written:?}", C::NAME);
    }
    Ok(())
}

fn few<T: std::fmt::Debug>(values: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    vec(values, 1..6)
}

fn is_same_float(read: &f64, value: &f64) -> bool {
    read.to_bits() == value.to_bits()
}

fn is_same_single(read: &f32, value: &f32) -> bool {
    read.to_bits() == value.to_bits()
}

properties! {
    12 cases:

    fn numbers(
        db,
        (a, b, c, d) in (few(any::<i8>()), few(any::<u8>()), few(any::<u16>()), few(any::<u32>())),
        (e, f, g, h) in (few(any::<i16>()), few(any::<i32>()), few(any::<i64>()), few(any::<bool>())),
        (doubles, singles, decimals) in (few(float()), few(single()), few(decimal()))
    ) {
        check_nested::<Bytes1, _>(db, &a)?;
        check_nested::<Bytes2, _>(db, &b)?;
        check_nested::<Outers, _>(db, &c.iter().map(|&number| Outer(Inner(number))).collect::<Vec<_>>())?;
        check_nested::<Words, _>(db, &c)?;
        check_nested::<Wides, _>(db, &d)?;
        check_nested::<Smalls, _>(db, &e)?;
        check_nested::<Integers, _>(db, &f)?;
        check_nested::<Bigs, _>(db, &g)?;
        check_nested::<Bools, _>(db, &h)?;
        check_nested_as::<Doubles, _>(db, &doubles, is_same_float)?;
        check_nested_as::<Singles, _>(db, &singles, is_same_single)?;
        check_nested::<Decimals, _>(db, &decimals)?;
    }

    fn texts_and_bytes(
        db,
        texts in vec(text_for(db), 1..6),
        blobs in few(vec(any::<u8>(), 0..1_000)),
        ids in few(any::<u128>()),
        colours in few(select(vec![Colour::Red, Colour::Green, Colour::Blue]))
    ) {
        check_nested::<Names, _>(db, &texts.iter().cloned().map(Name).collect::<Vec<_>>())?;
        check_nested::<Texts, _>(db, &texts)?;
        check_nested::<Blobs, _>(db, &blobs)?;
        check_nested::<Uuids, _>(db, &ids.into_iter().map(Uuid::from_u128).collect::<Vec<_>>())?;
        check_nested::<Colours, _>(db, &colours)?;
    }

    fn times(db, dates in few(date()), times in few(time()), moments in few(moment())) {
        check_nested::<Dates, _>(db, &dates)?;
        check_nested::<Times, _>(db, &times)?;
        check_nested::<Locals, _>(db, &moments.iter().map(DateTime::naive_utc).collect::<Vec<_>>())?;
        check_nested::<Moments, _>(db, &moments)?;
    }

    fn documents(db, values in few(json()), documents in few(document())) {
        if either!(db, postgres: true, sqlite: false) {
            let values: Vec<_> = values.into_iter().map(as_jsonb).collect();
            check_nested_as::<Values, _>(db, &values, is_same_json)?;
            let documents = documents.into_iter().map(|Document { title, tags, ratio, count }| {
                let tags = tags.into_iter().map(|tag| tag.map(without_nul)).collect();
                Json(Document { title: without_nul(title), tags, ratio, count })
            });
            check_nested::<Documents, _>(db, &documents.collect::<Vec<_>>())?;
        } else {
            check_nested::<Values, _>(db, &values)?;
            check_nested::<Documents, _>(db, &documents.into_iter().map(Json).collect::<Vec<_>>())?;
        }
    }

    /// NaN with any payload, which only PostgreSQL stores.
    fn nans(db, nans in few(nan())) {
        if either!(db, postgres: true, sqlite: false) {
            check_nested_as::<Doubles, _>(db, &nans, is_same_float)?;
        } else {
            prop_assert!(Doubles::write_both(db, 1, &nans[0], true).is_err());
        }
    }
}

/// The values at which a type ends, which chance rarely finds.
fn check_limits<D>(db: &D) -> Checked
where
    Bools: Nested<D>,
    Bytes1: Nested<D>,
    Bytes2: Nested<D>,
    Words: Nested<D>,
    Wides: Nested<D>,
    Smalls: Nested<D>,
    Integers: Nested<D>,
    Bigs: Nested<D>,
    Singles: Nested<D>,
    Doubles: Nested<D>,
    Texts: Nested<D>,
    Blobs: Nested<D>,
    Uuids: Nested<D>,
    Dates: Nested<D>,
    Times: Nested<D>,
    Locals: Nested<D>,
    Moments: Nested<D>,
    Decimals: Nested<D>,
    Values: Nested<D>,
{
    check_nested::<Bools, _>(db, &[true, false, true])?;
    check_nested::<Bytes1, _>(db, &[i8::MIN, -1, 0, i8::MAX])?;
    check_nested::<Bytes2, _>(db, &[0, u8::MAX])?;
    check_nested::<Words, _>(db, &[0, u16::MAX])?;
    check_nested::<Wides, _>(db, &[0, u32::MAX])?;
    check_nested::<Smalls, _>(db, &[i16::MIN, -1, 0, i16::MAX])?;
    check_nested::<Integers, _>(db, &[i32::MIN, -1, 0, i32::MAX])?;
    check_nested::<Bigs, _>(db, &[i64::MIN, i64::MIN + 1, -(1 << 53) - 1, 0, (1 << 53) + 1, i64::MAX])?;
    let floats = [f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1, f64::INFINITY, f64::NEG_INFINITY];
    check_nested_as::<Doubles, _>(db, &floats, is_same_float)?;
    let singles = [f32::MIN, f32::MAX, f32::MIN_POSITIVE, 1e-45, 0.1, f32::INFINITY, f32::NEG_INFINITY];
    check_nested_as::<Singles, _>(db, &singles, is_same_single)?;
    let texts = ["", " ", "\u{2400}", "'\"\\", "a\u{301}", "\u{10ffff}", "null", "0", "🦀"].map(str::to_owned);
    check_nested::<Texts, _>(db, &texts)?;
    check_nested::<Blobs, _>(db, &[vec![], vec![0], vec![0xff; 3], b"text".to_vec()])?;
    check_nested::<Uuids, _>(db, &[Uuid::nil(), Uuid::max()])?;
    let first = NaiveDate::from_ymd_opt(0, 1, 1).expect("a date");
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date");
    check_nested::<Dates, _>(db, &[first, last])?;
    let night = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("a time");
    check_nested::<Times, _>(db, &[NaiveTime::MIN, night])?;
    let moments = [first.and_time(NaiveTime::MIN), last.and_time(night), DateTime::UNIX_EPOCH.naive_utc()];
    check_nested::<Locals, _>(db, &moments)?;
    check_nested::<Moments, _>(db, &moments.map(|moment| moment.and_utc()))?;
    check_nested::<Decimals, _>(db, &[Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28), Decimal::MAX])?;
    let documents = ["null", "[]", "{}", r#""""#, "[null, 1, {\"a\": true}]", "9223372036854775807"];
    let documents = documents.map(|text| text.parse::<serde_json::Value>().expect("JSON"));
    check_nested_as::<Values, _>(db, &documents, is_same_json)
}

each_database! {
    fn limits(db) {
        check_limits(db).unwrap_or_else(|failure| panic!("{failure}"));
    }
}
