//! What is asked for where.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use orm::Database;

use crate::{
    failure::Failure,
    orders::{self, PlaceOrder},
    products::{self, CreateProduct, Page, ProductFilter},
    schema::{Order, Product},
};

type Answer<T> = Result<T, Failure>;

/// The service on a database.
pub fn routes(db: Database) -> Router {
    Router::new()
        .route("/products", get(list_products).post(create_product))
        .route("/products/{id}", get(one_product))
        .route("/orders", post(place_order))
        .with_state(db)
}

async fn list_products(State(db): State<Database>, Query(filter): Query<ProductFilter>) -> Answer<Json<Page>> {
    Ok(Json(products::list(&db, &filter).await?))
}

async fn one_product(State(db): State<Database>, Path(id): Path<i64>) -> Answer<Json<Product>> {
    Ok(Json(products::one(&db, id).await?))
}

async fn create_product(
    State(db): State<Database>,
    Json(product): Json<CreateProduct>,
) -> Answer<(StatusCode, Json<Product>)> {
    Ok((StatusCode::CREATED, Json(products::create(&db, product).await?)))
}

async fn place_order(State(db): State<Database>, Json(order): Json<PlaceOrder>) -> Answer<(StatusCode, Json<Order>)> {
    Ok((StatusCode::CREATED, Json(orders::place(&db, &order).await?)))
}
