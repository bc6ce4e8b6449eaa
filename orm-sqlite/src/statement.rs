//! Prepared statements below `rusqlite`: the one module with `unsafe` code, audited as a whole.
//!
//! What makes it sound:
//!
//! - A [`Handle`] owns its statements and never gives one away. A [`Running`] borrows the handle, and while it lives its
//!   slot is marked as in use, so no other one has the same statement. If it is forgotten, the slot stays in use.
//! - Memory bound without a copy outlives the `'q` of the `Running`, which unbinds it when it ends. A `Running` that is
//!   forgotten leaves a statement that is never run again, and SQLite does not read bound memory when it finalizes one.
//! - A [`Parked`] statement holds a number of a slot, which stays in use, and no pointer that is followed. It is resumed on
//!   the handle it was parked on, which is checked. What it binds is copied or kept with it; if it is dropped instead, its slot
//!   is never used again.
//! - Values of a row are borrowed from the `Running`; the next step takes it mutably.
//! - SQLite runs in its multi-thread mode: a connection and its statements may move between threads and may not be
//!   shared by them (<https://www.sqlite.org/threadsafe.html>). `Handle` is `Send` and, holding a `RefCell`, not `Sync`.
#![allow(unsafe_code, reason = "the rows of `rusqlite` cost about as much as reading them")]

use std::{
    cell::RefCell,
    ffi::{CStr, c_char, c_int},
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
};

use orm_core::executor::QueryKey;
use rusqlite::ffi;

use crate::{
    cache::Slots,
    error::{Failure, Phase},
};

/// A connection and the statements prepared on it.
pub(crate) struct Handle {
    /// Before the connection, because fields are dropped in this order and SQLite does not close a connection that has
    /// statements. See <https://www.sqlite.org/c3ref/close.html>.
    statements: RefCell<Slots<Statement>>,
    connection: rusqlite::Connection,
}

// SAFETY: statements hold pointers into the connection, which is `Send` itself. They are reached through the handle only,
// so they are used on one thread at a time: whichever has the handle.
unsafe impl Send for Handle {}

/// A prepared statement, reset unless it is running.
struct Statement {
    raw: NonNull<ffi::sqlite3_stmt>,
    parameters: c_int,
    writes: bool,
}

/// A statement that is running, with the values bound to it. It is reset when this is dropped.
pub(crate) struct Running<'s, 'q> {
    handle: &'s Handle,
    raw: NonNull<ffi::sqlite3_stmt>,
    slot: usize,
    parameters: c_int,
    /// How many values are bound.
    bound: c_int,
    /// How many columns the current row has; 0 if there is none.
    columns: c_int,
    writes: bool,
    /// Whether texts or bytes are bound.
    binds_memory: bool,
    /// Bound texts that nobody else keeps.
    kept: Vec<String>,
    /// The result code of the first value that could not be bound, and its size.
    refused: Option<(c_int, usize)>,
    values: PhantomData<&'q [u8]>,
}

/// A running statement while nobody borrows its connection: its slot stays in use until it is resumed.
#[cfg(feature = "pool")]
pub(crate) struct Parked {
    /// Where the statement is in memory, to know it by; never followed.
    address: usize,
    slot: usize,
    bound: c_int,
    columns: c_int,
    binds_memory: bool,
    kept: Vec<String>,
}

/// Where a statement is after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// At a row.
    Row,
    /// At its end.
    Done,
}

/// A value of a row, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'r> {
    Null,
    Integer(i64),
    Float(f64),
    /// Text, which SQLite does not promise to be UTF-8.
    Text(&'r [u8]),
    Blob(&'r [u8]),
    /// There was no memory for the value.
    OutOfMemory,
}

/// Who keeps bound memory.
#[derive(Clone, Copy)]
enum Memory {
    Borrowed,
    Copied,
}

impl Handle {
    /// Takes over a connection, to keep this many prepared statements.
    pub(crate) fn new(connection: rusqlite::Connection, capacity: usize) -> Self {
        Self { statements: RefCell::new(Slots::new(capacity)), connection }
    }

    /// The connection itself.
    pub(crate) fn connection(&self) -> &rusqlite::Connection {
        &self.connection
    }

    /// Finds a prepared statement that is not running.
    #[inline]
    pub(crate) fn find<'q>(&self, key: QueryKey) -> Option<Running<'_, 'q>> {
        let mut statements = self.statements.borrow_mut();
        let (slot, statement) = statements.take(key)?;
        Some(statement.start(self, slot))
    }

    /// Prepares a statement, and keeps it if it has a key.
    pub(crate) fn prepare<'q>(&self, key: Option<QueryKey>, sql: &str) -> Result<Running<'_, 'q>, Failure> {
        let statement = Statement::prepare(&self.connection, sql)?;
        if key.is_some() {
            // Outside of the borrow: finalizing a statement may drop what functions of the program keep with it.
            while let Some(evicted) = self.make_room() {
                drop(evicted);
            }
        }
        let mut statements = self.statements.borrow_mut();
        let (slot, statement) = statements.insert(key, statement);
        Ok(statement.start(self, slot))
    }

    /// Goes on with a statement that was parked on this connection.
    ///
    /// # Panics
    /// If it was parked on another one.
    #[cfg(feature = "pool")]
    pub(crate) fn resume(&self, parked: Parked) -> Running<'_, 'static> {
        let statements = self.statements.borrow();
        let statement = statements.get(parked.slot).filter(|it| it.raw.as_ptr() as usize == parked.address);
        let statement = statement.expect("a statement is resumed on the connection it was parked on");
        let mut running = statement.start(self, parked.slot);
        running.bound = parked.bound;
        running.columns = parked.columns;
        running.binds_memory = parked.binds_memory;
        running.kept = parked.kept;
        running
    }

    fn make_room(&self) -> Option<Statement> {
        self.statements.borrow_mut().make_room()
    }

    /// Whether the text can be prepared.
    pub(crate) fn check(&self, sql: &str) -> Result<(), Failure> {
        Statement::prepare(&self.connection, sql).map(drop)
    }

    /// How many statements are kept.
    pub(crate) fn kept(&self) -> usize {
        self.statements.borrow().len()
    }

    /// How often SQLite prepared the kept statements again by itself.
    pub(crate) fn reprepares(&self) -> u64 {
        let count = |statement: &Statement| {
            // SAFETY: the statement is in a slot, so it is not finalized.
            let count =
                unsafe { ffi::sqlite3_stmt_status(statement.raw.as_ptr(), ffi::SQLITE_STMTSTATUS_REPREPARE, 0) };
            u64::try_from(count).unwrap_or(0)
        };
        self.statements.borrow().iter().map(count).sum()
    }
}

impl Statement {
    fn prepare(connection: &rusqlite::Connection, sql: &str) -> Result<Self, Failure> {
        // SQLite would ignore what follows a NUL.
        if sql.contains('\0') {
            return Err(Failure::invalid("the text of the statement contains a NUL"));
        }
        let Ok(length) = c_int::try_from(sql.len()) else {
            return Err(Failure::new(ffi::SQLITE_TOOBIG, None, Phase::Preparing));
        };
        let mut raw = ptr::null_mut();
        // SAFETY: the handle is that of an open connection and is used within this call only; the text is read up to its
        // length, and `raw` is written to.
        let (database, code) = unsafe {
            let database = connection.handle();
            let code = ffi::sqlite3_prepare_v3(
                database,
                sql.as_ptr().cast::<c_char>(),
                length,
                ffi::SQLITE_PREPARE_PERSISTENT as _,
                &raw mut raw,
                ptr::null_mut(),
            );
            (database, code)
        };
        if code != ffi::SQLITE_OK {
            // SAFETY: the connection is open, and the last call on it was the one that failed.
            return Err(unsafe { failure(database, code, Phase::Preparing) });
        }
        let Some(raw) = NonNull::new(raw) else {
            return Err(Failure::invalid("the text contains no statement"));
        };
        // SAFETY: the statement was prepared above and is not finalized.
        let (parameters, writes) =
            unsafe { (ffi::sqlite3_bind_parameter_count(raw.as_ptr()), ffi::sqlite3_stmt_readonly(raw.as_ptr()) == 0) };
        Ok(Self { raw, parameters, writes })
    }

    #[inline]
    fn start<'s, 'q>(&self, handle: &'s Handle, slot: usize) -> Running<'s, 'q> {
        Running {
            handle,
            raw: self.raw,
            slot,
            parameters: self.parameters,
            bound: 0,
            columns: 0,
            writes: self.writes,
            binds_memory: false,
            kept: Vec::new(),
            refused: None,
            values: PhantomData,
        }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: the statement is finalized here only. Its connection is open: SQLite refuses to close a connection
        // that has statements.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }
}

#[cfg(feature = "pool")]
impl Running<'_, 'static> {
    /// Lets go of the connection without ending the statement, which borrows nothing.
    pub(crate) fn park(self) -> Parked {
        let mut running = std::mem::ManuallyDrop::new(self);
        Parked {
            address: running.raw.as_ptr() as usize,
            slot: running.slot,
            bound: running.bound,
            columns: running.columns,
            binds_memory: running.binds_memory,
            kept: std::mem::take(&mut running.kept),
        }
    }
}

impl<'q> Running<'_, 'q> {
    /// Whether the statement may change the database file. See <https://www.sqlite.org/c3ref/stmt_readonly.html>.
    pub(crate) fn writes(&self) -> bool {
        self.writes
    }

    /// How many values the statement takes, and how many are bound.
    pub(crate) fn parameters(&self) -> (c_int, c_int) {
        (self.parameters, self.bound)
    }

    /// The result code of the first value that was refused, and its size in bytes.
    pub(crate) fn refused(&self) -> Option<(c_int, usize)> {
        self.refused
    }

    /// The most bytes a value may have.
    pub(crate) fn longest_value(&self) -> usize {
        // SAFETY: the statement is not finalized, so its connection is open; -1 asks without changing the limit.
        let limit =
            unsafe { ffi::sqlite3_limit(ffi::sqlite3_db_handle(self.raw.as_ptr()), ffi::SQLITE_LIMIT_LENGTH, -1) };
        usize::try_from(limit).unwrap_or(0)
    }

    /// The text of the statement, with placeholders.
    pub(crate) fn sql(&self) -> String {
        // SAFETY: the statement is not finalized; SQLite keeps its text, ended by a NUL, for as long, and it was
        // prepared from UTF-8.
        unsafe {
            let text = ffi::sqlite3_sql(self.raw.as_ptr());
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        }
    }

    /// Binds NULL as the next value.
    #[inline]
    pub(crate) fn bind_null(&mut self) {
        self.bound += 1;
        // SAFETY: the statement is not finalized; SQLite checks the position, here and below.
        let code = unsafe { ffi::sqlite3_bind_null(self.raw.as_ptr(), self.bound) };
        self.check_bound(code, 0);
    }

    /// Binds an integer as the next value.
    #[inline]
    pub(crate) fn bind_integer(&mut self, value: i64) {
        self.bound += 1;
        // SAFETY: as in `bind_null`.
        let code = unsafe { ffi::sqlite3_bind_int64(self.raw.as_ptr(), self.bound, value) };
        self.check_bound(code, 0);
    }

    /// Binds a floating-point number, which is not NaN, as the next value.
    #[inline]
    pub(crate) fn bind_float(&mut self, value: f64) {
        self.bound += 1;
        // SAFETY: as in `bind_null`.
        let code = unsafe { ffi::sqlite3_bind_double(self.raw.as_ptr(), self.bound, value) };
        self.check_bound(code, 0);
    }

    /// Binds a text as the next value, without copying it.
    #[inline]
    pub(crate) fn bind_text(&mut self, value: &'q str) {
        // SAFETY: the text lives for `'q`, which ends after this is dropped and the text unbound.
        unsafe { self.bind_text_as(value, Memory::Borrowed) };
    }

    /// Binds a copy of a text as the next value.
    pub(crate) fn bind_text_copy(&mut self, value: &str) {
        // SAFETY: the text is copied before the call ends.
        unsafe { self.bind_text_as(value, Memory::Copied) };
    }

    /// Binds a text as the next value and keeps it.
    pub(crate) fn bind_text_owned(&mut self, value: String) {
        // SAFETY: the text is kept, unmoved, until it is unbound: moving the `String` does not move its bytes, and the
        // vector is cleared after the bindings.
        unsafe { self.bind_text_as(&value, Memory::Borrowed) };
        self.kept.push(value);
    }

    /// Binds bytes as the next value, without copying them.
    #[inline]
    pub(crate) fn bind_bytes(&mut self, value: &'q [u8]) {
        // SAFETY: as in `bind_text`.
        unsafe { self.bind_bytes_as(value, Memory::Borrowed) };
    }

    /// Binds a copy of bytes as the next value.
    pub(crate) fn bind_bytes_copy(&mut self, value: &[u8]) {
        // SAFETY: the bytes are copied before the call ends.
        unsafe { self.bind_bytes_as(value, Memory::Copied) };
    }

    /// # Safety
    /// Borrowed text lives, unchanged, until the statement's bindings are cleared.
    #[inline]
    unsafe fn bind_text_as(&mut self, value: &str, memory: Memory) {
        self.bound += 1;
        self.binds_memory = true;
        // SAFETY: the statement is not finalized; the text has the length given and lives as long as the caller says.
        let code = unsafe {
            ffi::sqlite3_bind_text64(
                self.raw.as_ptr(),
                self.bound,
                value.as_ptr().cast::<c_char>(),
                value.len() as u64,
                memory.destructor(),
                ffi::SQLITE_UTF8 as _,
            )
        };
        self.check_bound(code, value.len());
    }

    /// # Safety
    /// Borrowed bytes live, unchanged, until the statement's bindings are cleared.
    #[inline]
    unsafe fn bind_bytes_as(&mut self, value: &[u8], memory: Memory) {
        self.bound += 1;
        self.binds_memory = true;
        // SAFETY: as in `bind_text_as`. The pointer of an empty slice is not null, which would bind NULL.
        let code = unsafe {
            ffi::sqlite3_bind_blob64(
                self.raw.as_ptr(),
                self.bound,
                value.as_ptr().cast(),
                value.len() as u64,
                memory.destructor(),
            )
        };
        self.check_bound(code, value.len());
    }

    #[inline]
    fn check_bound(&mut self, code: c_int, bytes: usize) {
        if code != ffi::SQLITE_OK && self.refused.is_none() {
            self.refused = Some((code, bytes));
        }
    }

    /// Runs the statement up to its next row or its end.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Step, Failure> {
        // SAFETY: the statement is not finalized, and nobody else runs it.
        match unsafe { ffi::sqlite3_step(self.raw.as_ptr()) } {
            ffi::SQLITE_ROW => {
                if self.columns == 0 {
                    // The number is fixed from the first step of a run on: only there SQLite prepares a statement again.
                    // SAFETY: as above.
                    self.columns = unsafe { ffi::sqlite3_column_count(self.raw.as_ptr()) };
                }
                Ok(Step::Row)
            }
            ffi::SQLITE_DONE => {
                self.columns = 0;
                Ok(Step::Done)
            }
            code => Err(self.failed(code)),
        }
    }

    #[cold]
    fn failed(&mut self, code: c_int) -> Failure {
        self.columns = 0;
        // SAFETY: the statement is not finalized, so its connection is open, and stepping it was the last call.
        unsafe { failure(ffi::sqlite3_db_handle(self.raw.as_ptr()), code, Phase::Running) }
    }

    /// Whether the column of the current row is NULL.
    #[inline]
    pub(crate) fn is_null(&self, index: usize) -> bool {
        let Some(column) = self.column(index) else { return true };
        // SAFETY: the statement is at a row that has this column.
        unsafe { ffi::sqlite3_column_type(self.raw.as_ptr(), column) == ffi::SQLITE_NULL }
    }

    /// The value of a column of the current row, without conversions.
    pub(crate) fn value(&self, index: usize) -> Value<'_> {
        let Some(value) = self.raw_value(index) else { return Value::Null };
        // SAFETY: the value is that of the current row, and is only ever read as the type it is stored as, so SQLite does
        // not convert it. Its memory stays in place until the next step, which takes `self` mutably, or the reset, after
        // which `self` is gone. See <https://www.sqlite.org/c3ref/column_blob.html>.
        unsafe {
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Value::Integer(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => Value::Float(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => text(value).map_or(Value::OutOfMemory, Value::Text),
                ffi::SQLITE_BLOB => {
                    let start = ffi::sqlite3_value_blob(value);
                    let length = ffi::sqlite3_value_bytes(value);
                    bytes(start.cast(), length).map_or(Value::OutOfMemory, Value::Blob)
                }
                _ => Value::Null,
            }
        }
    }

    /// Like [`value`](Self::value), for what most columns are: an integer, or `None`.
    #[inline]
    pub(crate) fn integer_at(&self, index: usize) -> Option<i64> {
        let value = self.raw_value(index)?;
        // SAFETY: as in `value`.
        unsafe { (ffi::sqlite3_value_type(value) == ffi::SQLITE_INTEGER).then(|| ffi::sqlite3_value_int64(value)) }
    }

    /// Like [`value`](Self::value), for what most columns are: a text, or `None`.
    #[inline]
    pub(crate) fn text_at(&self, index: usize) -> Option<&[u8]> {
        let value = self.raw_value(index)?;
        // SAFETY: as in `value`.
        unsafe { if ffi::sqlite3_value_type(value) == ffi::SQLITE_TEXT { text(value) } else { None } }
    }

    /// The value of a column of the current row, which is valid until the next step.
    ///
    /// Its `sqlite3_value_*` functions take no lock, unlike `sqlite3_column_*`; no other thread has the connection. See
    /// <https://www.sqlite.org/c3ref/value.html>.
    #[inline]
    fn raw_value(&self, index: usize) -> Option<*mut ffi::sqlite3_value> {
        let column = self.column(index)?;
        // SAFETY: the statement is at a row that has this column.
        Some(unsafe { ffi::sqlite3_column_value(self.raw.as_ptr(), column) })
    }

    /// SQLite does not say what reading a column that is not there does.
    #[inline]
    fn column(&self, index: usize) -> Option<c_int> {
        c_int::try_from(index).ok().filter(|&column| column < self.columns)
    }
}

impl Drop for Running<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the statement is not finalized. The code of a reset repeats the one of the last step.
        unsafe {
            ffi::sqlite3_reset(self.raw.as_ptr());
            if self.binds_memory {
                ffi::sqlite3_clear_bindings(self.raw.as_ptr());
            }
        }
        let released = self.handle.statements.borrow_mut().release(self.slot);
        // After the borrow, as in `prepare`.
        drop(released);
    }
}

impl Memory {
    #[inline]
    fn destructor(self) -> ffi::sqlite3_destructor_type {
        match self {
            Self::Borrowed => ffi::SQLITE_STATIC(),
            Self::Copied => ffi::SQLITE_TRANSIENT(),
        }
    }
}

/// The bytes of a text; `None` if there was no memory for them.
///
/// # Safety
/// The value is a text, and stays as it is for `'r`.
#[inline]
unsafe fn text<'r>(value: *mut ffi::sqlite3_value) -> Option<&'r [u8]> {
    // SAFETY: the caller says so. The length is that of the bytes once they are asked for.
    unsafe {
        let start = ffi::sqlite3_value_text(value);
        bytes(start, ffi::sqlite3_value_bytes(value))
    }
}

/// # Safety
/// `start` is null or points to `length` bytes that live for `'r`.
#[inline]
unsafe fn bytes<'r>(start: *const u8, length: c_int) -> Option<&'r [u8]> {
    match (start.is_null(), usize::try_from(length)) {
        // The pointer of an empty blob is null.
        (true, Ok(0)) => Some(&[]),
        // SAFETY: the caller says so.
        (false, Ok(length)) => Some(unsafe { slice::from_raw_parts(start, length) }),
        _ => None,
    }
}

/// # Safety
/// The connection is open, and the last call on it was the one that failed.
#[cold]
unsafe fn failure(database: *mut ffi::sqlite3, code: c_int, phase: Phase) -> Failure {
    // SAFETY: the connection is open; the message is ended by a NUL and stays until the next call.
    let message = unsafe {
        let message = ffi::sqlite3_errmsg(database);
        (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
    };
    Failure::new(code, message, phase)
}

#[cfg(test)]
mod tests;
