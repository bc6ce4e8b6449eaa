//! Values on their way into a statement, in the forms SQLite stores them in.

use std::net::IpAddr;

use orm_core::{
    error::Error,
    types::{Binder, EncodeError, Matching},
};
use rusqlite::ffi;

use crate::{decimal, list::List, pattern, statement::Running, text};

/// Binds the values of a query to a statement.
pub(crate) struct Encoder<'e, 's, 'r, 'q> {
    running: &'e mut Running<'s, 'r>,
    /// Bind a text, and bytes, that live for `'q`: as they are if that is as long as the statement runs, else copied.
    bind_text: fn(&mut Running<'s, 'r>, &'q str),
    bind_bytes: fn(&mut Running<'s, 'r>, &'q [u8]),
    /// The list that is being bound as one value.
    list: Option<List>,
    fault: Option<EncodeError>,
}

impl<'e, 's, 'q> Encoder<'e, 's, 'q, 'q> {
    /// Binds values that live for as long as the statement runs.
    #[inline]
    pub(crate) fn borrowing(running: &'e mut Running<'s, 'q>) -> Self {
        Self { running, bind_text: Running::bind_text, bind_bytes: Running::bind_bytes, list: None, fault: None }
    }
}

impl<'e, 's, 'q> Encoder<'e, 's, 'static, 'q> {
    /// Binds copies of values.
    pub(crate) fn copying(running: &'e mut Running<'s, 'static>) -> Self {
        Self {
            running,
            bind_text: |running, value| running.bind_text_copy(value),
            bind_bytes: |running, value| running.bind_bytes_copy(value),
            list: None,
            fault: None,
        }
    }
}

impl Encoder<'_, '_, '_, '_> {
    /// Checks that all values were bound; `operation` says for which statement.
    #[inline]
    pub(crate) fn finish(self, operation: impl FnOnce() -> String) -> Result<(), Error> {
        let (parameters, bound) = self.running.parameters();
        if self.fault.is_none() && self.running.refused().is_none() && parameters == bound {
            return Ok(());
        }
        Err(self.into_error(operation()))
    }

    #[cold]
    fn into_error(self, operation: String) -> Error {
        let (parameters, bound) = self.running.parameters();
        let source = match (self.fault, self.running.refused()) {
            (Some(fault), _) => fault,
            (None, Some((ffi::SQLITE_TOOBIG, bytes))) => {
                EncodeError::TooLarge { bytes, limit: self.running.longest_value() }
            }
            (None, Some((ffi::SQLITE_NOMEM, bytes))) => EncodeError::TooLarge { bytes, limit: 0 },
            _ => {
                // A query that binds other values than the text it lowers to takes: a bug of ours, which must not run.
                debug_assert_eq!(parameters, bound, "{operation} binds as many values as its text takes");
                EncodeError::OutOfRange { sql_type: "the statement's parameters" }
            }
        };
        Error::Encode { operation, source }
    }

    #[inline]
    fn integer(&mut self, value: i64) {
        match &mut self.list {
            None => self.running.bind_integer(value),
            Some(list) => list.integer(value),
        }
    }

    /// A text that is made for the statement.
    fn made_text(&mut self, value: &str) {
        match &mut self.list {
            None => self.running.bind_text_copy(value),
            Some(list) => list.text(value),
        }
    }

    fn owned_text(&mut self, value: String) {
        match &mut self.list {
            None => self.running.bind_text_owned(value),
            Some(list) => list.text(&value),
        }
    }

    /// A text that is made for the statement, or the reason why it cannot be.
    fn checked_text(&mut self, value: Result<impl AsRef<str>, EncodeError>) {
        match value {
            Ok(value) => self.made_text(value.as_ref()),
            Err(error) => self.fail(error),
        }
    }
}

impl<'q> Binder<'q> for Encoder<'_, '_, '_, 'q> {
    fn null(&mut self) {
        match &mut self.list {
            None => self.running.bind_null(),
            Some(list) => list.null(),
        }
    }

    fn bool(&mut self, value: bool) {
        self.integer(i64::from(value));
    }

    fn i16(&mut self, value: i16) {
        self.integer(i64::from(value));
    }

    fn i32(&mut self, value: i32) {
        self.integer(i64::from(value));
    }

    fn i64(&mut self, value: i64) {
        self.integer(value);
    }

    fn f32(&mut self, value: f32) {
        self.f64(f64::from(value));
    }

    /// NaN is refused: SQLite would store it as NULL. See <https://www.sqlite.org/c3ref/bind_blob.html>.
    fn f64(&mut self, value: f64) {
        if value.is_nan() {
            self.fail(EncodeError::NotANumber);
            return;
        }
        match &mut self.list {
            None => self.running.bind_float(value),
            Some(list) => list.float(value),
        }
    }

    fn text(&mut self, value: &'q str) {
        match &mut self.list {
            None => (self.bind_text)(self.running, value),
            Some(list) => list.text(value),
        }
    }

    fn bytes(&mut self, value: &'q [u8]) {
        match &mut self.list {
            None => (self.bind_bytes)(self.running, value),
            Some(list) => list.bytes(value),
        }
    }

    fn uuid(&mut self, value: [u8; 16]) {
        self.made_text(text::uuid(value).as_str());
    }

    fn date(&mut self, days: i32) {
        self.checked_text(text::date(days));
    }

    fn time(&mut self, micros: i64) {
        self.checked_text(text::time(micros));
    }

    fn timestamp(&mut self, micros: i64) {
        self.checked_text(text::timestamp(micros));
    }

    fn timestamp_tz(&mut self, micros: i64) {
        self.checked_text(text::timestamp_tz(micros));
    }

    fn decimal(&mut self, value: String) {
        self.checked_text(decimal::encode(&value));
    }

    fn json(&mut self, value: String) {
        self.owned_text(value);
    }

    fn label(&mut self, value: &'static str) {
        self.made_text(value);
    }

    fn ip(&mut self, value: IpAddr) {
        self.owned_text(value.to_string());
    }

    fn pattern(&mut self, matching: Matching, value: &'q str) {
        match matching {
            Matching::Contains => (self.bind_text)(self.running, value),
            Matching::StartsWith => {
                (self.bind_text)(self.running, value);
                match pattern::successor(value) {
                    Some(end) => self.running.bind_text_owned(end),
                    // Bytes are greater than any text, so this is no bound at all.
                    None => self.running.bind_bytes_copy(&[]),
                }
            }
            Matching::Like | Matching::ILike | Matching::EndsWith => match pattern::translate(matching, value) {
                Ok(pattern) => self.running.bind_text_owned(pattern),
                Err(error) => self.fail(error),
            },
        }
    }

    fn has_flat_lists(&self) -> bool {
        true
    }

    fn begin_list(&mut self, len: usize) {
        self.list = Some(List::with_capacity(len));
    }

    fn end_list(&mut self) {
        if let Some(list) = self.list.take() {
            self.running.bind_text_owned(list.finish());
        }
    }

    #[cold]
    fn fail(&mut self, error: EncodeError) {
        self.fault.get_or_insert(error);
    }
}

#[cfg(test)]
mod tests;
