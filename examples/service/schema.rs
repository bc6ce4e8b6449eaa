//! The tables of a small shop.

use orm::prelude::*;
use serde::Serialize;

/// A product, with as much of it as there is.
#[derive(Debug, Clone, PartialEq, Serialize, Table)]
#[table(name = "products", index(price_cents), check(stock_is_left = "stock >= 0"))]
pub struct Product {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    /// The number on the package.
    #[column(unique, length = 32)]
    pub code: String,
    pub name: String,
    pub price_cents: i64,
    pub stock: i64,
}

/// An order of one product.
#[derive(Debug, Clone, PartialEq, Serialize, Table)]
#[table(name = "orders")]
pub struct Order {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(index, references = Product::id)]
    pub product_id: i64,
    pub quantity: i64,
    /// What it cost when it was ordered.
    pub total_cents: i64,
}

schema! {
    /// Everything the service stores.
    pub fn schema() = [Product, Order]
}
