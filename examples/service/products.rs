//! Products: listing them in pages, and adding one.

use orm::{Database, prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    failure::Failure,
    schema::{NewProduct, Product},
};

/// The longest page.
const LONGEST_PAGE: u64 = 100;

/// Which products, and which page of them: the query string.
#[derive(Debug, Default, Deserialize)]
pub struct ProductFilter {
    /// A part of the name.
    pub name: Option<String>,
    pub max_price_cents: Option<i64>,
    /// Only those that there are some of.
    #[serde(default)]
    pub in_stock: bool,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    pub limit: Option<u64>,
}

/// The last row of a page, by what rows are sorted by: `120-7` in the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    price_cents: i64,
    id: i64,
}

/// Some products, and where the next page begins.
#[derive(Debug, Serialize)]
pub struct Page {
    pub products: Vec<Product>,
    /// `None` on the last page.
    pub next: Option<Cursor>,
}

/// A product that is not there yet.
#[derive(Debug, Deserialize)]
pub struct CreateProduct {
    pub code: String,
    pub name: String,
    pub price_cents: i64,
    pub stock: i64,
}

/// A page of products, the cheapest first.
///
/// The page begins after a row, not after a number of rows: however far it is, the index on the price finds it, and products
/// that are added meanwhile move nothing.
pub async fn list(db: &Database, filter: &ProductFilter) -> Result<Page, Failure> {
    let limit = filter.limit.unwrap_or(20).clamp(1, LONGEST_PAGE);
    let mut products: Vec<Product> = Product::select()
        // A filter of `None` adds no condition.
        .filter(filter.name.as_ref().map(|name| Product::name.contains(name)))
        .filter(filter.max_price_cents.map(|price| Product::price_cents.le(price)))
        .filter(filter.in_stock.then(|| Product::stock.gt(0)))
        .filter(filter.after.map(|after| {
            let same_price = Product::price_cents.eq(after.price_cents).and(Product::id.gt(after.id));
            Product::price_cents.gt(after.price_cents).or(same_price)
        }))
        .order_by((Product::price_cents, Product::id))
        // One more than the page has tells whether there is another.
        .limit(limit + 1)
        .all(db)
        .await?;
    let is_last = products.len() as u64 <= limit;
    products.truncate(limit as usize);
    let next = products.last().filter(|_| !is_last).map(|it| Cursor { price_cents: it.price_cents, id: it.id });
    Ok(Page { products, next })
}

/// One product.
pub async fn one(db: &Database, id: i64) -> Result<Product, Failure> {
    Ok(Product::find(id).one(db).await?)
}

/// Adds a product. A code is given once.
pub async fn create(db: &Database, product: CreateProduct) -> Result<Product, Failure> {
    let CreateProduct { code, name, price_cents, stock } = product;
    let created = Product::insert().values(NewProduct::new(&code, name, price_cents, stock)).returning().one(db).await;
    created.map_err(|error| {
        if error.violates(Product::code) {
            Failure::Conflict(format!("there is a product `{code}`"))
        } else {
            error.into()
        }
    })
}

/// Fails if the database has no such table.
pub async fn is_there(db: &Database) -> Result<(), orm::Error> {
    Product::select().exists(db).await.map(drop)
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        format!("{}-{}", cursor.price_cents, cursor.id)
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let parsed = text.rsplit_once('-').and_then(|(price, id)| Some((price.parse().ok()?, id.parse().ok()?)));
        let (price_cents, id) = parsed.ok_or("the cursor is not one that a page ended with")?;
        Ok(Self { price_cents, id })
    }
}
