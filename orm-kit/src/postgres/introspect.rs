//! Reads a schema from PostgreSQL's catalogs, each object as the JSON in which snapshots have it.

mod objects;

use serde::de::DeserializeOwned;

use crate::{
    error::Error,
    model::{Check, Column, Enum, ForeignKey, Index, Model, Object, PrimaryKey, Table, Unique, in_order_of_creation},
    session::{Row, Session},
};

/// What is in the schema that new objects go to, and does not belong to an extension. The catalog's own number is part of the
/// condition, because the index begins with it.
const OURS: &str = "n.nspname = current_schema() and not exists (select from pg_depend own \
    where own.classid = c.tableoid and own.objid = c.oid and own.deptype = 'e')";

pub(super) fn introspect(session: &mut dyn Session) -> Result<Model, Error> {
    let of_objects = [ENUMS, TABLES].into_iter().chain(objects::QUERIES);
    let of_parts = [COLUMNS, PRIMARY_KEYS, UNIQUES, FOREIGN_KEYS, CHECKS, INDEXES];
    let queries: Vec<String> = of_objects.chain(of_parts).map(|query| query.replace("{ours}", OURS)).collect();
    let mut reader = Reader(session.rows_of_each(&queries)?.into_iter());
    let mut model = Model { enums: reader.objects::<Enum>()?, tables: reader.objects::<Table>()?, objects: Vec::new() };
    for _ in objects::QUERIES {
        model.objects.extend(reader.objects::<Object>()?);
    }
    model.objects = in_order_of_creation(model.objects);
    reader.parts::<Column>(&mut model, |table, column| table.columns.push(column))?;
    reader.parts::<PrimaryKey>(&mut model, |table, key| table.primary_key = Some(key))?;
    reader.parts::<Unique>(&mut model, |table, unique| table.uniques.push(unique))?;
    reader.parts::<ForeignKey>(&mut model, |table, key| table.foreign_keys.push(key))?;
    reader.parts::<Check>(&mut model, |table, check| {
        table.checks.push(Check { condition: without_parentheses(&check.condition), ..check });
    })?;
    reader.parts::<Index>(&mut model, |table, mut index| {
        index.filter = index.filter.map(|filter| without_parentheses(&filter));
        for part in &mut index.parts {
            if let crate::model::IndexKey::Expression(expression) = &mut part.key {
                *expression = without_parentheses(expression);
            }
        }
        table.indexes.push(index);
    })?;
    for table in &mut model.tables {
        for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
            generated.expression = without_parentheses(&generated.expression);
        }
    }
    Ok(model)
}

/// The answers to the queries, of which the next one is read.
struct Reader(std::vec::IntoIter<Vec<Row>>);

impl Reader {
    fn next(&mut self) -> Vec<Row> {
        self.0.next().expect("every query has an answer")
    }

    fn objects<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, Error> {
        self.next().into_iter().map(|mut row| read(row.remove(0).unwrap_or_default())).collect()
    }

    fn parts<T: DeserializeOwned>(
        &mut self,
        model: &mut Model,
        mut add: impl FnMut(&mut Table, T),
    ) -> Result<(), Error> {
        let positions: std::collections::HashMap<String, usize> =
            model.tables.iter().enumerate().map(|(at, table)| (table.name.clone(), at)).collect();
        for mut row in self.next() {
            let part = row.remove(1).unwrap_or_default();
            if let Some(&at) = positions.get(&row.remove(0).unwrap_or_default()) {
                add(&mut model.tables[at], read(part)?);
            }
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(json: String) -> Result<T, Error> {
    serde_json::from_str(&json)
        .map_err(|error| Error::Migrations(format!("the catalog of PostgreSQL has something unexpected: {error}")))
}

/// The parentheses the server prints around what is an operator, which the model has not.
fn without_parentheses(expression: &str) -> String {
    let tokens = crate::sql::tokens(expression);
    let mut depth = 0;
    let closes = tokens.iter().position(|token| {
        match &expression[token.span.clone()] {
            "(" if token.kind == crate::sql::TokenKind::Symbol => depth += 1,
            ")" if token.kind == crate::sql::TokenKind::Symbol => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    if expression.starts_with('(') && closes == Some(tokens.len() - 1) {
        return without_parentheses(&expression[1..expression.len() - 1]);
    }
    expression.to_owned()
}

const ENUMS: &str = "select json_build_object('name', c.typname, 'labels', \
        (select json_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = c.oid))::text \
    from pg_type c join pg_namespace n on n.oid = c.typnamespace \
    where c.typtype = 'e' and {ours} order by c.typname";

// A partition belongs to its table, and what makes a table partitioned is not part of the model.
const TABLES: &str = "select json_strip_nulls(json_build_object('name', c.relname, 'columns', '[]'::json, \
        'comment', obj_description(c.oid, 'pg_class')))::text \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and not c.relispartition and c.relname not like '\\_orm\\_%' and {ours} order by c.relname";

const COLUMNS: &str = "select c.relname, json_strip_nulls(json_build_object('name', a.attname, \
        'type', format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull, \
        'default', case when a.attgenerated = '' and s.serial is null then pg_get_expr(d.adbin, d.adrelid) end, \
        'generated', case when a.attgenerated <> '' then json_build_object('expression', pg_get_expr(d.adbin, d.adrelid), \
            'storage', case a.attgenerated when 's' then 'stored' else 'virtual' end) end, \
        'identity', case a.attidentity when 'd' then 'by_default' when 'a' then 'always' else s.serial end, \
        'collation', case when a.attcollation <> t.typcollation then l.collname end, \
        'comment', col_description(c.oid, a.attnum)))::text \
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace \
    join pg_type t on t.oid = a.atttypid left join pg_collation l on l.oid = a.attcollation \
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum \
    left join lateral (select 'serial' as serial from pg_depend o join pg_class q on q.oid = o.objid and q.relkind = 'S' \
        join pg_depend u on u.refclassid = 'pg_class'::regclass and u.refobjid = q.oid and u.objid = d.oid \
            and u.classid = 'pg_attrdef'::regclass \
        where o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid \
            and o.refobjsubid = a.attnum and o.deptype = 'a' limit 1) s on d.oid is not null \
    where a.attnum > 0 and not a.attisdropped and c.relkind = 'r' and {ours} order by a.attrelid, a.attnum";

/// The names of a constraint's columns.
macro_rules! key_columns {
    ($array:literal, $table:literal) => {
        concat!(
            "(select json_agg(a.attname order by k.at) from unnest(x.",
            $array,
            ") with ordinality k(num, at) \
             join pg_attribute a on a.attrelid = x.",
            $table,
            " and a.attnum = k.num)"
        )
    };
}

macro_rules! constraints {
    ($kind:literal, $($object:expr),*) => {
        concat!(
            "select c.relname, json_strip_nulls(json_build_object('name', x.conname, ", $($object,)* "))::text \
             from pg_constraint x join pg_class c on c.oid = x.conrelid join pg_namespace n on n.oid = c.relnamespace \
             left join pg_class f on f.oid = x.confrelid left join pg_index i on i.indexrelid = x.conindid \
             where x.contype = '", $kind, "' and x.conparentid = 0 and {ours} order by x.conrelid, x.conname"
        )
    };
}

macro_rules! deferrable {
    () => {
        "'deferrable', case when not x.condeferrable then 'no' when x.condeferred then 'initially_deferred' \
         else 'initially_immediate' end"
    };
}

macro_rules! action {
    ($column:literal) => {
        concat!(
            "case x.",
            $column,
            " when 'a' then 'no_action' when 'r' then 'restrict' when 'c' then 'cascade' \
             when 'n' then 'set_null' else 'set_default' end"
        )
    };
}

const PRIMARY_KEYS: &str = constraints!("p", "'columns', ", key_columns!("conkey", "conrelid"));

// `indnullsnotdistinct` is new in PostgreSQL 15, and absent from the row before.
const UNIQUES: &str = constraints!(
    "u",
    "'columns', ",
    key_columns!("conkey", "conrelid"),
    ", 'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), ",
    deferrable!()
);

const FOREIGN_KEYS: &str = constraints!(
    "f",
    "'columns', ",
    key_columns!("conkey", "conrelid"),
    ", 'table', f.relname, 'references', ",
    key_columns!("confkey", "confrelid"),
    ", 'on_delete', ",
    action!("confdeltype"),
    ", 'on_update', ",
    action!("confupdtype"),
    ", ",
    deferrable!()
);

const CHECKS: &str = constraints!("c", "'condition', pg_get_expr(x.conbin, x.conrelid)");

const INDEXES: &str = "select c.relname, json_strip_nulls(json_build_object('name', ic.relname, 'unique', i.indisunique, \
        'parts', (select json_agg(json_strip_nulls(json_build_object( \
            'key', case when i.indkey[k] <> 0 then json_build_object('column', (select attname from pg_attribute \
                where attrelid = c.oid and attnum = i.indkey[k])) \
                else json_build_object('expression', pg_get_indexdef(i.indexrelid, k + 1, false)) end, \
            'order', case when i.indoption[k] & 1 = 1 then 'descending' else 'ascending' end, \
            'nulls', case i.indoption[k] & 3 when 2 then 'first' when 1 then 'last' end, \
            'collation', (select l.collname from pg_attribute ia join pg_collation l on l.oid = i.indcollation[k] \
                left join pg_attribute ta on ta.attrelid = c.oid and ta.attnum = i.indkey[k] and i.indkey[k] <> 0 \
                where ia.attrelid = i.indexrelid and ia.attnum = k + 1 and i.indcollation[k] <> coalesce(ta.attcollation, \
                    (select typcollation from pg_type where oid = ia.atttypid))), \
            'operator_class', (select o.opcname from pg_opclass o where o.oid = i.indclass[k] and not o.opcdefault))) order by k) \
            from generate_series(0, i.indnkeyatts - 1) k), \
        'filter', pg_get_expr(i.indpred, i.indrelid), \
        'method', nullif(m.amname, 'btree'), \
        'include', (select coalesce(json_agg(a.attname order by k), '[]'::json) from generate_series(i.indnkeyatts, i.indnatts - 1) k \
            join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[k]), \
        'with', coalesce(to_json(ic.reloptions), '[]'::json), \
        'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)))::text \
    from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_am m on m.oid = ic.relam \
    join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and {ours} and not i.indisprimary \
        and not exists (select from pg_constraint x where x.conindid = i.indexrelid and x.contype in ('p', 'u', 'x')) \
    order by i.indrelid, ic.relname";
