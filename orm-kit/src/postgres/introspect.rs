//! Reads a schema from PostgreSQL's catalogs, each object as the JSON in which snapshots have it.

use serde::de::DeserializeOwned;

use crate::{
    error::Error,
    model::{Carried, Check, Column, Enum, Extension, ForeignKey, Index, Model, PrimaryKey, Table, Unique, View},
    session::{Row, Session},
};

/// What is in the schema that new objects go to, and does not belong to an extension. The catalog's own number is part of the
/// condition, because the index begins with it.
const OURS: &str = "n.nspname = current_schema() and not exists (select from pg_depend own \
    where own.classid = c.tableoid and own.objid = c.oid and own.deptype = 'e')";

pub(super) fn introspect(session: &mut dyn Session) -> Result<Model, Error> {
    let of_objects = [EXTENSIONS, ENUMS, TABLES, VIEWS].into_iter().chain(CARRIED);
    let of_parts = [COLUMNS, PRIMARY_KEYS, UNIQUES, FOREIGN_KEYS, CHECKS, INDEXES];
    let queries: Vec<String> = of_objects.chain(of_parts).map(|query| query.replace("{ours}", OURS)).collect();
    let mut reader = Reader(session.rows_of_each(&queries)?.into_iter());
    let mut model = Model {
        extensions: reader.objects::<Extension>()?,
        enums: reader.objects::<Enum>()?,
        tables: reader.objects::<Table>()?,
        views: sorted(reader.objects::<View>()?),
        carried: Vec::new(),
    };
    for _ in CARRIED {
        model.carried.extend(reader.objects::<Carried>()?);
    }
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

/// Views after those they read from.
fn sorted(mut views: Vec<View>) -> Vec<View> {
    let mut placed: Vec<View> = Vec::with_capacity(views.len());
    while !views.is_empty() {
        let is_ready =
            |view: &View| !views.iter().any(|other| view.reads.contains(&other.name) && other.name != view.name);
        // Views cannot read each other in a circle, except by way of a function.
        let at = views.iter().position(is_ready).unwrap_or(0);
        placed.push(views.remove(at));
    }
    placed
}

const EXTENSIONS: &str = "select json_build_object('name', extname)::text from pg_extension \
    where extname <> 'plpgsql' order by extname";

const ENUMS: &str = "select json_build_object('name', c.typname, 'labels', \
        (select json_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = c.oid))::text \
    from pg_type c join pg_namespace n on n.oid = c.typnamespace \
    where c.typtype = 'e' and {ours} order by c.typname";

// A partition belongs to its table, and what makes a table partitioned is not part of the model.
const TABLES: &str = "select json_strip_nulls(json_build_object('name', c.relname, 'columns', '[]'::json, \
        'comment', obj_description(c.oid, 'pg_class')))::text \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where c.relkind = 'r' and not c.relispartition and c.relname not like '\\_orm\\_%' and {ours} order by c.relname";

const VIEWS: &str = "select json_build_object('name', c.relname, 'definition', \
        rtrim(pg_get_viewdef(c.oid), ';'), 'materialized', c.relkind = 'm', \
        'indexes', (select coalesce(json_agg(indexdef order by indexname), '[]'::json) from pg_indexes i \
            where i.schemaname = n.nspname and i.tablename = c.relname), 'reads', coalesce((select json_agg(name order by name) \
            from (select distinct t.relname as name from pg_rewrite w join pg_depend d on d.objid = w.oid \
                and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass \
                join pg_class t on t.oid = d.refobjid and t.oid <> c.oid where w.ev_class = c.oid) r), '[]'::json))::text \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where c.relkind in ('v', 'm') and {ours} order by c.oid";

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

/// What is kept as it is.
const CARRIED: [&str; 10] = [
    "select json_build_object('kind', 'function', 'name', c.proname || '(' || pg_get_function_identity_arguments(c.oid) || ')', \
        'sql', pg_get_functiondef(c.oid))::text \
     from pg_proc c join pg_namespace n on n.oid = c.pronamespace where c.prokind in ('f', 'p') and {ours} \
        and not exists (select from pg_depend made where made.classid = 'pg_proc'::regclass and made.objid = c.oid and made.deptype = 'i') \
     order by c.oid",
    "select json_build_object('kind', 'aggregate', 'name', c.proname || '(' || pg_get_function_identity_arguments(c.oid) || ')', \
        'sql', format('create aggregate %I(%s) (sfunc = %s, stype = %s%s%s)', c.proname, pg_get_function_arguments(c.oid), \
        a.aggtransfn, format_type(a.aggtranstype, null), \
        case when a.aggfinalfn <> 0 then ', finalfunc = ' || a.aggfinalfn::text else '' end, \
        coalesce(', initcond = ' || quote_literal(a.agginitval), '')))::text \
     from pg_aggregate a join pg_proc c on c.oid = a.aggfnoid join pg_namespace n on n.oid = c.pronamespace \
     where {ours} order by c.oid",
    "select json_build_object('kind', 'trigger', 'name', t.tgname, 'table', c.relname, 'sql', pg_get_triggerdef(t.oid))::text \
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace \
     where not t.tgisinternal and {ours} order by c.relname, t.tgname",
    "select json_build_object('kind', 'sequence', 'name', c.relname, 'sql', format( \
        'create sequence %I as %s increment by %s minvalue %s maxvalue %s start with %s cache %s%s', c.relname, \
        format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, \
        case when s.seqcycle then ' cycle' else '' end))::text \
     from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace \
     where {ours} and not exists (select from pg_depend o where o.classid = c.tableoid and o.objid = c.oid \
        and o.deptype in ('a', 'i')) order by c.relname",
    "select json_build_object('kind', 'domain', 'name', c.typname, 'sql', format('create domain %I as %s%s%s', c.typname, \
        format_type(c.typbasetype, c.typtypmod), case when c.typnotnull then ' not null' else '' end, \
        coalesce((select string_agg(' ' || pg_get_constraintdef(x.oid), '' order by x.conname) \
            from pg_constraint x where x.contypid = c.oid and x.contype = 'c'), '')))::text \
     from pg_type c join pg_namespace n on n.oid = c.typnamespace where c.typtype = 'd' and {ours} order by c.typname",
    // Enough for a shadow, in which views read them. What only a partition has is left out.
    "select json_build_object('kind', 'partitioned_table', 'name', c.relname, 'sql', format('create table %I (%s%s) partition by %s', c.relname, \
        (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) \
            || coalesce(case when a.attidentity = '' and a.attgenerated = '' then ' default ' || pg_get_expr(d.adbin, d.adrelid) end, '') \
            || case when a.attnotnull then ' not null' else '' end, ', ' order by a.attnum) \
            from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum \
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), \
        coalesce((select string_agg(format(', constraint %I %s', x.conname, pg_get_constraintdef(x.oid)), '' order by x.conname) \
            from pg_constraint x where x.conrelid = c.oid and x.contype in ('p', 'u', 'c', 'f') and x.conparentid = 0), ''), \
        pg_get_partkeydef(c.oid)))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind = 'p' and not c.relispartition and {ours} order by c.relname",
    "select json_build_object('kind', 'partitioned_table', 'name', c.relname, 'sql', format('create table %I partition of %I %s%s', c.relname, \
        p.relname, pg_get_expr(c.relpartbound, c.oid), coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid \
     join pg_class p on p.oid = i.inhparent where c.relispartition and c.relkind in ('r', 'p') and {ours} order by c.relname",
    "select json_build_object('kind', 'policy', 'name', p.polname, 'table', c.relname, 'sql', format( \
        'create policy %I on %I as %s for %s to %s%s%s', p.polname, c.relname, \
        case when p.polpermissive then 'permissive' else 'restrictive' end, \
        case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, \
        case when p.polroles = '{0}' then 'public' else (select string_agg(quote_ident(rolname), ', ' order by rolname) \
            from pg_roles where oid = any(p.polroles)) end, \
        coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''), \
        coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')))::text \
     from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace \
     where {ours} order by c.relname, p.polname",
    "select json_build_object('kind', 'row_security', 'name', '', 'table', c.relname, 'sql', format( \
        'alter table %I enable row level security%s', c.relname, \
        case when c.relforcerowsecurity then ', force row level security' else '' end))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind = 'r' and c.relrowsecurity and not c.relispartition and {ours} order by c.relname",
    "select json_build_object('kind', 'exclusion', 'name', x.conname, 'table', c.relname, 'sql', format( \
        'alter table %I add constraint %I %s', c.relname, x.conname, pg_get_constraintdef(x.oid)))::text \
     from pg_constraint x join pg_class c on c.oid = x.conrelid join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind = 'r' and x.contype = 'x' and x.conparentid = 0 and {ours} order by c.relname, x.conname",
];
