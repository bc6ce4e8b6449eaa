//! Rows in bulk, by `copy … from stdin` in its binary format:
//! <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>.

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::SinkExt;
use orm_core::{
    dialect::Dialect,
    error::Error,
    schema::ColumnInfo,
    table::{Cells, Table},
};
use tokio_postgres::types::Type;

use crate::{
    Postgres,
    encode::{Encoder, write_item},
    error::failed,
    session::Session,
};

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// How much is collected before it is sent.
const CHUNK: usize = 64 * 1024;

impl Session {
    /// Copies rows that give the same columns.
    pub(crate) async fn copy_run<R: Cells>(&self, level: u32, rows: &[R]) -> Result<u64, Error> {
        let Some(first) = rows.first() else { return Ok(0) };
        self.check(level).await?;
        if self.is_unnamed() {
            let feature = "`copy_in` through a pooler, which loses the statement that asks for the types".into();
            return Err(Error::Unsupported { feature, dialect: "PostgreSQL" });
        }
        let table = <R::Table as Table>::NAME;
        let operation = || format!("copy into `{table}`");
        let (copy, question) = texts(table, &first.given_columns());
        let flight = self.flights.begin();
        let mut is_asked = false;
        let result = async {
            // The server converts nothing on the way in, so values are written as what the columns are there.
            let prepared = self.answer(self.client().prepare(&question)).await?;
            let types: Vec<Type> = prepared.columns().iter().map(|column| column.type_().clone()).collect();
            is_asked = true;
            let mut sink = std::pin::pin!(self.answer(self.client().copy_in::<_, Bytes>(&copy)).await?);
            let mut out = BytesMut::with_capacity(CHUNK + CHUNK / 4);
            out.put_slice(HEADER);
            for row in rows {
                if let Err(error) = write_row(row, &types, &mut out) {
                    // Dropping the sink tells the server to forget what was sent.
                    return Ok(Err(Error::Encode { operation: operation(), source: error }));
                }
                if out.len() >= CHUNK {
                    self.answer(sink.send(out.split().freeze())).await?;
                }
            }
            out.put_slice(&TRAILER);
            self.answer(sink.send(out.freeze())).await?;
            self.answer(sink.finish()).await.map(Ok)
        }
        .await;
        match result {
            Ok(Ok(copied)) => {
                flight.land();
                Ok(copied)
            }
            // The server is still to say that it forgot what was sent.
            Ok(Err(error)) => Err(error),
            Err(fault) => {
                if is_asked {
                    // A server that refuses to copy answers once more than the driver expects, if it refuses before it has
                    // read anything: what is sent later would get the answer to something else.
                    self.taint();
                    if self.level() == 0 {
                        self.give_up();
                    }
                }
                self.settle(flight, &fault);
                Err(failed(fault, operation(), &copy))
            }
        }
    }
}

fn texts(table: &str, columns: &[&ColumnInfo]) -> (String, String) {
    let mut names = String::new();
    for column in columns {
        names.push_str(if names.is_empty() { "" } else { ", " });
        Postgres.write_identifier(&mut names, column.name);
    }
    let mut name = String::new();
    Postgres.write_identifier(&mut name, table);
    // A row of defaults alone has no columns, and still is a row.
    let list = if names.is_empty() { String::new() } else { format!(" ({names})") };
    (format!("copy {name}{list} from stdin with (format binary)"), format!("select {names} from {name}"))
}

fn write_row<R: Cells>(row: &R, types: &[Type], out: &mut BytesMut) -> Result<(), orm_core::types::EncodeError> {
    let mut values = Encoder::default();
    row.bind(&mut values);
    let values = values.finish()?;
    let count = i16::try_from(values.len()).expect("a table has at most 1,600 columns");
    out.put_i16(count);
    for (value, ty) in values.iter().zip(types) {
        write_item(value, ty, out).map_err(|error| match error.downcast() {
            Ok(error) => *error,
            Err(_) => orm_core::types::EncodeError::OutOfRange { sql_type: "the column, which is of another type" },
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let (copy, question) = texts("a\"b", &[]);
        assert_eq!(copy, r#"copy "a""b" from stdin with (format binary)"#);
        assert_eq!(question, r#"select  from "a""b""#);
    }
}
