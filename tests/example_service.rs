//! `examples/service`: what it answers over HTTP, on both databases.

#[path = "../examples/service/failure.rs"]
#[allow(unreachable_pub, reason = "shared with a program of several modules")]
mod failure;
#[path = "../examples/service/orders.rs"]
#[allow(unreachable_pub, reason = "as above")]
mod orders;
#[path = "support/pools.rs"]
mod pools;
#[path = "../examples/service/products.rs"]
#[allow(unreachable_pub, dead_code, reason = "as above")]
mod products;
#[path = "../examples/service/routes.rs"]
#[allow(unreachable_pub, reason = "as above")]
mod routes;
#[path = "../examples/service/schema.rs"]
#[allow(unreachable_pub, reason = "as above")]
mod schema;

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
};

use cargo_metadata::Message;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use orm::{prelude::*, testing::TestDatabase};
use schema::{Order, Product};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// The service on a database of its own, at an address of its own.
struct Service {
    database: TestDatabase,
    address: SocketAddr,
    // Stops serving when it is dropped.
    _serving: JoinSet<()>,
}

impl Service {
    async fn start(database: TestDatabase) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let routes = routes::routes(orm::Database::clone(&database));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.expect("it serves until it is stopped") });
        Self { database, address, _serving: serving }
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        request(self.address, "GET", path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        request(self.address, "POST", path, Some(body)).await
    }

    /// Adds a product and gives its key.
    async fn product(&self, code: &str, name: &str, price_cents: i64, stock: i64) -> i64 {
        let body = json!({ "code": code, "name": name, "price_cents": price_cents, "stock": stock });
        let (status, product) = self.post("/products", body).await;
        assert_eq!(status, StatusCode::CREATED, "{product}");
        product["id"].as_i64().expect("a key")
    }
}

/// Sends one request, and gives the answer's status and JSON.
async fn request(address: SocketAddr, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let stream = TcpStream::connect(address).await.expect("the service listens");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    let connection = tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header("host", address.to_string());
    let request = request.header("content-type", "application/json");
    let body = body.map_or_else(String::new, |body| body.to_string());
    let request = request.body(Full::new(Bytes::from(body))).expect("a request");
    let answer = sender.send_request(request).await.expect("it answers");
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("the answer arrives").to_bytes();
    drop(sender);
    connection.await.expect("the task ends").expect("the connection ends well");
    let text = String::from_utf8_lossy(&body);
    (status, serde_json::from_str(&text).unwrap_or_else(|_| json!(text)))
}

macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($service:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check($service: Service) -> Result<(), orm::Error> {
                $body
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn sqlite() -> Result<(), orm::Error> {
                check(Service::start(pools::on_sqlite(&schema::schema()).await).await).await
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn postgres() -> Result<(), orm::Error> {
                check(Service::start(pools::on_postgres(&schema::schema()).await).await).await
            }
        }
    )*};
}

on_both! {
    /// What is created is found; a code that is taken is a conflict, and what is not there is not found.
    async fn products_are_created_once(service) {
        let id = service.product("A-1", "Apple", 120, 10).await;
        let apple = json!({ "id": id, "code": "A-1", "name": "Apple", "price_cents": 120, "stock": 10 });
        assert_eq!(service.get(&format!("/products/{id}")).await, (StatusCode::OK, apple));
        let (status, problem) =
            service.post("/products", json!({ "code": "A-1", "name": "Other", "price_cents": 1, "stock": 1 })).await;
        assert_eq!((status, &problem), (StatusCode::CONFLICT, &json!({ "error": "there is a product `A-1`" })));
        assert_eq!(service.get("/products/999").await.0, StatusCode::NOT_FOUND);
        assert_eq!(service.post("/products", json!({ "code": "A-2" })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        let (too_long, negative) = ("A".repeat(33), -1);
        for (code, stock) in [(too_long.as_str(), 1), ("A-3", negative)] {
            let body = json!({ "code": code, "name": "Apple", "price_cents": 1, "stock": stock });
            assert_eq!(service.post("/products", body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(Product::select().count(&service.database).await?, 1);
    }

    /// Pages of three, each beginning where the one before ended, give every product once and in order; equal prices too.
    async fn pages_follow_each_other(service) {
        for number in 0..8 {
            service.product(&format!("A-{number}"), "Apple", 100 + number / 3, 1).await;
        }
        let mut seen = Vec::new();
        let mut path = "/products?limit=3".to_owned();
        let mut sizes = Vec::new();
        loop {
            let (status, page) = service.get(&path).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            let products = page["products"].as_array().expect("products");
            sizes.push(products.len());
            let key = |it: &Value| (it["price_cents"].as_i64().expect("a price"), it["id"].as_i64().expect("a key"));
            seen.extend(products.iter().map(key));
            // A product that is added in front of the page changes nothing about what follows.
            service.product(&format!("B-{}", sizes.len()), "Berry", 1, 1).await;
            match page["next"].as_str() {
                Some(next) => path = format!("/products?limit=3&after={next}"),
                None => break,
            }
        }
        assert_eq!(sizes, [3, 3, 2]);
        assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
        assert_eq!(service.get("/products?after=nonsense").await.0, StatusCode::BAD_REQUEST);
    }

    /// Filters that are not given filter nothing; names are texts and not patterns.
    async fn filters_are_optional(service) {
        service.product("A-1", "Apple", 120, 0).await;
        service.product("A-2", "Apple pie", 900, 2).await;
        service.product("B-1", "100% juice", 300, 5).await;
        for (query, expected) in [
            ("", vec!["A-1", "B-1", "A-2"]),
            ("?name=Apple", vec!["A-1", "A-2"]),
            ("?name=%25", vec!["B-1"]),
            ("?max_price_cents=300", vec!["A-1", "B-1"]),
            ("?in_stock=true", vec!["B-1", "A-2"]),
            ("?name=Apple&in_stock=true&max_price_cents=899", vec![]),
        ] {
            let (_, page) = service.get(&format!("/products{query}")).await;
            let codes = page["products"].as_array().expect("products").iter().map(|it| it["code"].as_str().expect("text"));
            assert_eq!(codes.collect::<Vec<_>>(), expected, "{query}");
        }
    }

    /// An order lowers the stock; one that there is not enough for changes nothing.
    async fn orders_lower_the_stock(service) {
        let id = service.product("A-1", "Apple", 120, 5).await;
        let (status, order) = service.post("/orders", json!({ "product_id": id, "quantity": 3 })).await;
        assert_eq!((status, &order["total_cents"]), (StatusCode::CREATED, &json!(360)));
        let (status, problem) = service.post("/orders", json!({ "product_id": id, "quantity": 3 })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        for (product_id, quantity, expected) in
            [(id, 0, StatusCode::UNPROCESSABLE_ENTITY), (999, 1, StatusCode::NOT_FOUND)]
        {
            let (status, _) = service.post("/orders", json!({ "product_id": product_id, "quantity": quantity })).await;
            assert_eq!(status, expected);
        }
        assert_eq!(Product::find(id).one(&service.database).await?.stock, 2);
        assert_eq!(Order::select().count(&service.database).await?, 1);
    }

    /// Orders that come at once sell what there is and nothing more.
    async fn orders_at_once(service) {
        let id = service.product("A-1", "Apple", 120, 10).await;
        let orders = (0..16).map(|_| service.post("/orders", json!({ "product_id": id, "quantity": 1 })));
        let answers = futures_util::future::join_all(orders).await;
        let count = |wanted| answers.iter().filter(|(status, _)| *status == wanted).count();
        assert_eq!((count(StatusCode::CREATED), count(StatusCode::UNPROCESSABLE_ENTITY)), (10, 6));
        assert_eq!(Product::find(id).one(&service.database).await?.stock, 0);
        assert_eq!(Order::select().count(&service.database).await?, 10);
    }
}

/// The program serves the database that `DATABASE_URL` names, and ends well when it is told to.
#[cfg(unix)]
#[tokio::test]
async fn the_program_starts_and_stops() {
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--example", "service", "--message-format", "json"])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    let built = build.output().expect("cargo runs, it runs this test");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = Message::parse_stream(&built.stdout[..]).filter_map(Result::ok);
    let mut programs = messages.filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => artifact.executable,
        _ => None,
    });
    let program = programs.next().expect("an example is a program");

    let folder = tempfile::tempdir().expect("a folder can be made");
    for is_new in [true, false] {
        let mut service = Command::new(&program)
            .args(["--listen", "127.0.0.1:0"])
            .env("DATABASE_URL", format!("sqlite:{}", folder.path().join("shop.db").display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = service.stdout.take().expect("it is captured");
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        let address = line.trim_end().strip_prefix("listening on http://").expect("an address").parse();
        let address = address.expect("an address");
        if is_new {
            let apple = json!({ "code": "A-1", "name": "Apple", "price_cents": 120, "stock": 10 });
            assert_eq!(request(address, "POST", "/products", Some(apple)).await.0, StatusCode::CREATED);
        }
        let (status, page) = request(address, "GET", "/products", None).await;
        assert_eq!((status, &page["products"][0]["code"]), (StatusCode::OK, &json!("A-1")));
        let told = Command::new("kill").args(["-TERM", &service.id().to_string()]).status();
        assert!(told.expect("`kill` runs").success());
        let ended = service.wait().expect("the program ends");
        assert!(ended.success(), "{ended}");
    }
}
