//! The guide in `docs/guide`, whose examples run as documentation tests.

macro_rules! chapters {
    ($($name:ident: $path:literal;)*) => {$(
        #[doc = include_str!($path)]
        mod $name {}
    )*};
}

chapters! {
    schema: "../docs/guide/src/schema.md";
    views: "../docs/guide/src/views.md";
    objects: "../docs/guide/src/objects.md";
    queries: "../docs/guide/src/queries.md";
    joins: "../docs/guide/src/joins.md";
    relations: "../docs/guide/src/relations.md";
    grouping: "../docs/guide/src/grouping.md";
    dynamic: "../docs/guide/src/dynamic.md";
    writes: "../docs/guide/src/writes.md";
    scopes: "../docs/guide/src/scopes.md";
    transactions: "../docs/guide/src/transactions.md";
    pools: "../docs/guide/src/pools.md";
    postgres: "../docs/guide/src/postgres.md";
    errors: "../docs/guide/src/errors.md";
    observability: "../docs/guide/src/observability.md";
    types: "../docs/guide/src/types.md";
    testing: "../docs/guide/src/testing.md";
    faq: "../docs/guide/src/faq.md";
}
