//! Orders, which lower the stock of what is ordered.

use orm::{Database, pool::TransactionOptions, prelude::*};
use serde::Deserialize;

use crate::{
    failure::Failure,
    schema::{NewOrder, Order, Product},
};

/// An order that is not placed yet.
#[derive(Debug, Deserialize)]
pub struct PlaceOrder {
    pub product_id: i64,
    pub quantity: i64,
}

/// Takes what is ordered out of the stock and stores the order: both, or neither.
///
/// The stock is lowered in the database, not read and written back, so two orders at once cannot sell the same thing
/// twice; that it does not fall below zero is a check of the table.
pub async fn place(db: &Database, order: &PlaceOrder) -> Result<Order, Failure> {
    let &PlaceOrder { product_id, quantity } = order;
    if quantity <= 0 {
        return Err(Failure::Unprocessable("an order is of one piece at least".to_owned()));
    }
    let placed = db.transaction_with(TransactionOptions::new().retry(3), async |tx| {
        let price_cents: i64 = Product::update()
            .set(Product::stock, Product::stock - quantity)
            .filter(Product::id.eq(product_id))
            .returning()
            .columns(Product::price_cents)
            .one(tx)
            .await?;
        // A total that does not fit is not an order that anybody means.
        let total_cents = price_cents
            .checked_mul(quantity)
            .ok_or_else(|| Failure::Unprocessable("the order is too large".to_owned()))?;
        let order =
            Order::insert().values(NewOrder::new(product_id, quantity, total_cents)).returning().one(tx).await?;
        Ok::<_, Failure>(order)
    });
    placed.await.map_err(|failure| match failure {
        Failure::Database(error) if error.violates_check("stock_is_left") => {
            Failure::Unprocessable(format!("there are less than {quantity} of product {product_id} left"))
        }
        failure => failure,
    })
}
