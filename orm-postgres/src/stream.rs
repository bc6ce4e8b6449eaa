//! Queries whose rows are read one by one.

use std::{
    collections::VecDeque,
    marker::PhantomData,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::{FutureExt, TryStreamExt, future::join};
use orm_core::{
    error::Error,
    executor::{Query, QueryKey, Shape},
    pool::Company,
};
use tokio_postgres::{Row, RowStream, Statement};

use crate::{
    error::Fault,
    flight::Flight,
    session::{Session, as_sql, decode, params},
};

/// How many rows are asked for at once, where others use the connection meanwhile.
const PORTION: usize = 500;

/// A query whose rows are read one by one.
pub struct Cursor(Reading);

enum Reading {
    /// Rows as they arrive, on a connection that nobody else uses: those that were not read are in the way of everything
    /// that is sent later.
    Arriving(Pin<Box<RowStream>>, Flight),
    /// Rows that are here, and where the next ones are asked for.
    Here(VecDeque<Row>, Option<Portal>),
    Over,
}

/// A cursor on the server, in a transaction. See <https://www.postgresql.org/docs/current/sql-declare.html>.
struct Portal {
    number: usize,
    fetch: Statement,
}

/// Which numbers of cursors are in use.
#[derive(Default)]
pub(crate) struct Portals(Mutex<Vec<bool>>);

impl Portals {
    fn take(&self) -> usize {
        let mut portals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = portals.iter().position(|is_taken| !is_taken).unwrap_or(portals.len());
        match portals.get_mut(number) {
            Some(is_taken) => *is_taken = true,
            None => portals.push(true),
        }
        number
    }

    fn give_back(&self, number: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[number] = false;
    }
}

/// What the statement that declares a cursor is kept under.
struct Declaration<Q>(PhantomData<Q>);

/// A cursor that is being declared.
struct Declaring<'s> {
    session: &'s Session,
    number: usize,
    /// Closing one that was never declared would be an error, which ends the transaction.
    is_sent: AtomicBool,
    is_answered: bool,
}

impl Drop for Declaring<'_> {
    fn drop(&mut self) {
        match (self.is_sent.load(Ordering::Relaxed), self.is_answered) {
            (true, false) => self.session.close_portal(self.number),
            (false, false) => self.session.portals.give_back(self.number),
            (_, true) => {}
        }
    }
}

impl Session {
    /// Sends a query whose rows are read one by one.
    ///
    /// In a transaction the rows come from a cursor in portions, between which other statements run, and those that nobody
    /// reads are never sent. Statements that write have no cursors, and neither do connections that are shared without a
    /// transaction or go through a pooler: their rows are read at once.
    pub(crate) async fn open<Q: Query>(&self, level: u32, query: &Q, company: Company) -> Result<Cursor, Error> {
        if company == Company::Shared && level > 0 && !Q::WRITES && !self.is_unnamed() {
            return self.declare(level, query).await;
        }
        let (rows, flight) = self.launch(level, query).await?;
        if company == Company::Alone {
            return Ok(Cursor(Reading::Arriving(Box::pin(rows), flight)));
        }
        match self.portion(rows).await {
            Ok(rows) => {
                flight.land();
                Ok(Cursor(Reading::Here(rows, None)))
            }
            Err(fault) => Err(self.failure(flight, fault, query)),
        }
    }

    async fn declare<Q: Query>(&self, level: u32, query: &Q) -> Result<Cursor, Error> {
        self.check(level).await?;
        let params = params(query)?;
        let number = self.portals.take();
        let flight = self.flights.begin();
        let mut declaring = Declaring { session: self, number, is_sent: AtomicBool::new(false), is_answered: false };
        let mut shape = Shape::default();
        shape.add(query.key().shape());
        shape.add(number as u64);
        let key = QueryKey::of::<Declaration<Q>>(&shape);
        let kept = self.kept(key);
        let was_kept = kept.is_some();
        let declared = async {
            let write = |text| format!("declare orm_{number} no scroll cursor for {text}");
            let declare = match kept {
                Some(declare) => declare,
                None => self.prepare(key, query, write).await?,
            };
            // Prepared for each cursor, as it describes the columns, which depend on how the tables are now.
            let fetch = format!("fetch forward {PORTION} from orm_{number}");
            let client = self.client();
            let declaration = client.execute_raw(&declare, params.iter().map(as_sql));
            // Both are sent at once.
            let both = async {
                declaring.is_sent.store(true, Ordering::Relaxed);
                let (declared, fetch) = join(declaration, client.prepare(&fetch)).await;
                declared.and(fetch)
            };
            self.answer(both).await
        };
        let declared = declared.await;
        declaring.is_answered = true;
        if declared.is_err() {
            self.portals.give_back(number);
        }
        match declared {
            Ok(fetch) => {
                flight.land();
                Ok(Cursor(Reading::Here(VecDeque::new(), Some(Portal { number, fetch }))))
            }
            Err(fault) if fault.is_stale(was_kept) => {
                self.outdated(key);
                Err(self.failure(flight, fault.into_stale(), query))
            }
            Err(fault) => Err(self.failure(flight, fault, query)),
        }
    }

    /// Rows that are read into memory.
    async fn portion(&self, rows: RowStream) -> Result<VecDeque<Row>, Fault> {
        let (mut rows, mut portion) = (Box::pin(rows), VecDeque::new());
        while let Some(row) = self.answer(rows.try_next()).await? {
            portion.push_back(row);
        }
        Ok(portion)
    }

    /// The next row of a query.
    pub(crate) async fn next<Q: Query>(
        &self,
        level: u32,
        cursor: &mut Cursor,
        query: &Q,
    ) -> Result<Option<Q::Row>, Error> {
        let result = match &mut cursor.0 {
            Reading::Over => Ok(None),
            Reading::Arriving(rows, _) => self.answer(rows.try_next()).await,
            Reading::Here(rows, portal) => {
                self.check(level).await?;
                if let (None, Some(Portal { fetch, .. })) = (rows.front(), &*portal) {
                    let flight = self.flights.begin();
                    let fetched = async {
                        let arriving = self.answer(self.client().query_raw(fetch, [] as [&str; 0])).await?;
                        self.portion(arriving).await
                    };
                    match fetched.await {
                        Ok(fetched) => *rows = fetched,
                        Err(fault) => return Err(self.failure(flight, fault, query)),
                    }
                    flight.land();
                    if rows.len() < PORTION
                        && let Some(Portal { number, .. }) = portal.take()
                    {
                        self.close_portal(number);
                    }
                }
                Ok(rows.pop_front())
            }
        };
        match result {
            Ok(Some(row)) => decode(query, &row).map(Some),
            ended => {
                let flight = match std::mem::replace(&mut cursor.0, Reading::Over) {
                    Reading::Arriving(_, flight) => flight,
                    _ => return Ok(None),
                };
                match ended {
                    Err(fault) => Err(self.failure(flight, fault, query)),
                    Ok(_) => {
                        flight.land();
                        Ok(None)
                    }
                }
            }
        }
    }

    /// Ends a query, of which there may be rows left. Those that are on their way keep the session busy until something
    /// sent later is answered.
    pub(crate) fn end_reading(&self, cursor: Cursor) {
        if let Reading::Here(_, Some(Portal { number, .. })) = cursor.0 {
            self.close_portal(number);
        }
    }

    /// Closes a cursor without waiting for the answer: whatever is sent next comes after it.
    fn close_portal(&self, number: usize) {
        // The text is sent when the future is first polled; it is ready then.
        drop(self.client().simple_query_raw(&format!("close orm_{number}")).now_or_never());
        self.portals.give_back(number);
    }
}
