//! A small JSON service on a database that `DATABASE_URL` chooses: products, and orders that lower their stock.
//!
//! ```text
//! DATABASE_URL=sqlite:shop.db cargo run --example service
//! DATABASE_URL=postgres://me@localhost/shop cargo run --example service
//!
//! curl -d '{"code": "A-1", "name": "Apple", "price_cents": 120, "stock": 10}' \
//!     -H 'content-type: application/json' http://127.0.0.1:3000/products
//! curl 'http://127.0.0.1:3000/products?max_price_cents=500&limit=20'
//! curl -d '{"product_id": 1, "quantity": 3}' -H 'content-type: application/json' http://127.0.0.1:3000/orders
//! ```
//!
//! Read `schema.rs` first, then `products.rs` and `orders.rs`, which have the queries; `failure.rs` turns errors of the
//! database into answers.
#![allow(unreachable_pub, reason = "a program has no users, `pub` says what a module offers to the others")]

mod failure;
mod orders;
mod products;
mod routes;
mod schema;

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use orm::{Database, ErrorKind};
use tokio::net::TcpListener;

/// Serves a small shop as JSON.
#[derive(Debug, Parser)]
struct Cli {
    /// The database: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`; `DATABASE_URL` unless it is given
    #[arg(long, value_name = "URL")]
    database: Option<String>,

    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let url = match cli.database {
        Some(url) => url,
        None => std::env::var("DATABASE_URL").context("there is neither `--database` nor `DATABASE_URL`")?,
    };
    let db = Database::connect(&url).await.context("connecting to the database")?;
    create_missing_tables(&db).await?;

    let listener = TcpListener::bind(cli.listen).await.with_context(|| format!("listening on {}", cli.listen))?;
    println!("listening on http://{}", listener.local_addr()?);
    // Requests that are under way are answered before it ends.
    axum::serve(listener, routes::routes(db)).with_graceful_shutdown(asked_to_stop()).await?;
    Ok(())
}

/// Creates the tables unless they are there. An application with data to keep migrates instead.
async fn create_missing_tables(db: &Database) -> anyhow::Result<()> {
    match products::is_there(db).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::InvalidStatement => {
            db.create_all(&schema::schema()).await.context("creating the tables")
        }
        Err(error) => Err(error).context("looking for the tables"),
    }
}

/// Waits for Ctrl-C, or to be told to end as services are.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).expect("the program may handle signals");
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
