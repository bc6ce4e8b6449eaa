//! The queries that read what is neither a table nor an enum type, each row an object as JSON.
//!
//! `{ours}` is the condition of what belongs to the schema that is read. Names are printed as they are found by the search path, because
//! a schema is made in one place and compared in another.

/// The name of a function with its arguments, as other statements call it.
macro_rules! function {
    ($alias:literal) => {
        concat!(
            "quote_ident(",
            $alias,
            ".proname) || '(' || pg_get_function_identity_arguments(",
            $alias,
            ".oid) || ')'"
        )
    };
}

/// What the rules of a view or a policy use.
macro_rules! reads {
    ($class:literal, $of:expr) => {
        concat!(
            "'reads', coalesce((select json_agg(name order by name) from ( \
                select distinct t.relname as name from pg_depend d join pg_class t on t.oid = d.refobjid and t.oid <> c.oid \
                where d.classid = '", $class, "'::regclass and d.refclassid = 'pg_class'::regclass and d.objid ", $of,
            " union select distinct ", function!("f"), " from pg_depend d join pg_proc f on f.oid = d.refobjid \
                join pg_namespace fn on fn.oid = f.pronamespace and fn.nspname <> 'pg_catalog' \
                where d.classid = '", $class, "'::regclass and d.refclassid = 'pg_proc'::regclass and d.objid ", $of,
            ") r), '[]'::json)"
        )
    };
}

pub(super) const QUERIES: [&str; 12] = [
    "select json_build_object('kind', 'extension', 'name', extname, \
        'sql', json_build_array(format('create extension if not exists %I', extname)))::text \
     from pg_extension where extname <> 'plpgsql' order by extname",
    "select json_build_object('kind', 'domain', 'name', c.typname, 'sql', json_build_array(format('create domain %I as %s%s%s%s%s', \
        c.typname, format_type(c.typbasetype, c.typtypmod), \
        (select ' collate ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = c.typbasetype \
            where l.oid = c.typcollation and c.typcollation <> b.typcollation), \
        ' default ' || pg_get_expr(c.typdefaultbin, 0), case when c.typnotnull then ' not null' else '' end, \
        coalesce((select string_agg(' ' || pg_get_constraintdef(x.oid), '' order by x.conname) \
            from pg_constraint x where x.contypid = c.oid and x.contype = 'c'), ''))))::text \
     from pg_type c join pg_namespace n on n.oid = c.typnamespace where c.typtype = 'd' and {ours} order by c.typname",
    "select json_build_object('kind', 'sequence', 'name', c.relname, 'sql', json_build_array(format( \
        'create sequence %I as %s increment by %s minvalue %s maxvalue %s start with %s cache %s %s', c.relname, \
        format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, \
        case when s.seqcycle then 'cycle' else 'no cycle' end)))::text \
     from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace \
     where {ours} and not exists (select from pg_depend o where o.classid = c.tableoid and o.objid = c.oid \
        and o.deptype in ('a', 'i')) order by c.relname",
    concat!(
        "select json_build_object('kind', 'function', 'name', ",
        function!("c"),
        ", \
            'sql', json_build_array(regexp_replace(pg_get_functiondef(c.oid), \
                '^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )(?:\"(?:[^\"]|\"\")*\"|[^\".(]+)\\.', '\\1')))::text \
         from pg_proc c join pg_namespace n on n.oid = c.pronamespace where c.prokind in ('f', 'p') and {ours} \
            and not exists (select from pg_depend made where made.classid = 'pg_proc'::regclass and made.objid = c.oid \
                and made.deptype = 'i') \
         order by c.oid"
    ),
    concat!(
        "select json_build_object('kind', 'aggregate', 'name', ",
        function!("c"),
        ", \
            'sql', json_build_array(format('create aggregate %I(%s) (sfunc = %s, stype = %s%s%s)', c.proname, \
            pg_get_function_arguments(c.oid), a.aggtransfn, format_type(a.aggtranstype, null), \
            case when a.aggfinalfn <> 0 then ', finalfunc = ' || a.aggfinalfn::text else '' end, \
            coalesce(', initcond = ' || quote_literal(a.agginitval), '') \
            || case when a.aggcombinefn <> 0 then ', combinefunc = ' || a.aggcombinefn::text else '' end \
            || case c.proparallel when 's' then ', parallel = safe' when 'r' then ', parallel = restricted' else '' end)))::text \
         from pg_aggregate a join pg_proc c on c.oid = a.aggfnoid join pg_namespace n on n.oid = c.pronamespace \
         where {ours} order by c.oid"
    ),
    "select json_build_object('kind', 'partitioned_table', 'name', c.relname, 'sql', (select json_agg(sql order by turn, sql) from ( \
        select 1 as turn, format('create table %I (%s%s) partition by %s', c.relname, \
        (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) \
            || coalesce((select ' collate ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = a.atttypid \
                where l.oid = a.attcollation and a.attcollation <> b.typcollation), '') \
            || case a.attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity' else '' end \
            || coalesce(case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored' \
                when a.attidentity = '' and a.attgenerated = '' then ' default ' || pg_get_expr(d.adbin, d.adrelid) end, '') \
            || case when a.attnotnull then ' not null' else '' end, ', ' order by a.attnum) \
            from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum \
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), \
        coalesce((select string_agg(format(', constraint %I %s', x.conname, pg_get_constraintdef(x.oid)), '' order by x.conname) \
            from pg_constraint x where x.conrelid = c.oid and x.contype in ('p', 'u', 'c', 'f') and x.conparentid = 0), ''), \
        pg_get_partkeydef(c.oid)) as sql \
        union all select 2, replace(pg_get_indexdef(i.indexrelid, 0, true), ' ON ONLY ', ' ON ') from pg_index i where i.indrelid = c.oid \
            and not exists (select from pg_constraint x where x.conindid = i.indexrelid)) s))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind = 'p' and not c.relispartition and {ours} order by c.relname",
    // With what only the partition has.
    "select json_build_object('kind', 'partitioned_table', 'name', c.relname, 'sql', (select json_agg(sql order by turn, sql) from ( \
        select 1 as turn, format('create table %I partition of %I %s%s', c.relname, p.relname, \
            pg_get_expr(c.relpartbound, c.oid), coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')) as sql \
        union all select 2, format('alter table %I add constraint %I %s', c.relname, x.conname, pg_get_constraintdef(x.oid)) \
            from pg_constraint x where x.conrelid = c.oid and x.conparentid = 0 and x.coninhcount = 0 and x.contype in ('p', 'u', 'c', 'f') \
        union all select 3, pg_get_indexdef(x.indexrelid, 0, true) from pg_index x where x.indrelid = c.oid \
            and not exists (select from pg_inherits i where i.inhrelid = x.indexrelid) \
            and not exists (select from pg_constraint k where k.conindid = x.indexrelid)) s), \
        'reads', json_build_array(p.relname))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid \
     join pg_class p on p.oid = i.inhparent where c.relispartition and c.relkind in ('r', 'p') and {ours} order by c.relname",
    // With its options, indexes, comments and privileges, which go with it when it is made anew.
    concat!(
        "select json_build_object('kind', case c.relkind when 'm' then 'materialized_view' else 'view' end, 'name', c.relname, \
            'sql', (select json_agg(sql order by turn, sub, sql) from ( \
                select 1 as turn, 0 as sub, format(E'create %s %I%s as\\n%s', \
                    case c.relkind when 'm' then 'materialized view' else 'view' end, c.relname, \
                    coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';')) as sql \
                union all select 2, 0, pg_get_indexdef(i.indexrelid, 0, true) from pg_index i where i.indrelid = c.oid \
                union all select 3, m.objsubid, format('comment on %s %I%s is %L', case when m.objsubid > 0 then 'column' \
                    when c.relkind = 'm' then 'materialized view' else 'view' end, c.relname, \
                    coalesce('.' || quote_ident(a.attname), ''), m.description) \
                    from pg_description m left join pg_attribute a on a.attrelid = c.oid and a.attnum = m.objsubid and m.objsubid > 0 \
                    where m.objoid = c.oid and m.classoid = 'pg_class'::regclass \
                union all select 5, 0, rtrim(pg_get_ruledef(r.oid, true), ';') from pg_rewrite r \
                    where r.ev_class = c.oid and r.rulename <> '_RETURN' \
                union all select 4, 0, format('grant %s on %I to %s%s', string_agg(lower(g.privilege_type), ', ' order by g.privilege_type), \
                    c.relname, case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end, \
                    case when g.is_grantable then ' with grant option' else '' end) \
                    from aclexplode(c.relacl) g where g.grantee <> c.relowner group by g.grantee, g.is_grantable \
            ) s), \
            'columns', (select json_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum) \
                from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), ",
        reads!("pg_rewrite", "in (select oid from pg_rewrite where ev_class = c.oid)"),
        ")::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         where c.relkind in ('v', 'm') and {ours} order by c.oid"
    ),
    concat!(
        "select json_build_object('kind', 'trigger', 'name', t.tgname, 'table', c.relname, \
            'sql', (select json_agg(sql) from unnest(array[pg_get_triggerdef(t.oid, true), \
                case t.tgenabled when 'O' then null else format('alter table %I %s trigger %I', c.relname, \
                    case t.tgenabled when 'D' then 'disable' when 'A' then 'enable always' else 'enable replica' end, t.tgname) end]) sql \
                where sql is not null), \
            'reads', json_build_array(",
        function!("f"),
        "))::text \
         from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace \
         join pg_proc f on f.oid = t.tgfoid where not t.tgisinternal \
         and coalesce((to_jsonb(t) ->> 'tgparentid')::oid, 0) = 0 and {ours} order by c.relname, t.tgname"
    ),
    "select json_build_object('kind', 'exclusion', 'name', x.conname, 'table', c.relname, 'sql', json_build_array(format( \
        'alter table %I add constraint %I %s', c.relname, x.conname, pg_get_constraintdef(x.oid))))::text \
     from pg_constraint x join pg_class c on c.oid = x.conrelid join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind in ('r', 'p') and x.contype = 'x' and x.conparentid = 0 and {ours} order by c.relname, x.conname",
    "select json_build_object('kind', 'row_security', 'name', c.relname, 'table', c.relname, 'sql', json_build_array( \
        format('alter table %I enable row level security%s', c.relname, \
        case when c.relforcerowsecurity then ', force row level security' else '' end)))::text \
     from pg_class c join pg_namespace n on n.oid = c.relnamespace \
     where c.relkind in ('r', 'p') and c.relrowsecurity and {ours} order by c.relname",
    concat!(
        "select json_build_object('kind', 'policy', 'name', p.polname, 'table', c.relname, 'sql', json_build_array(format( \
            'create policy %I on %I as %s for %s to %s%s%s', p.polname, c.relname, \
            case when p.polpermissive then 'permissive' else 'restrictive' end, \
            case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, \
            case when p.polroles = '{0}' then 'public' else (select string_agg(quote_ident(rolname), ', ' order by rolname) \
                from pg_roles where oid = any(p.polroles)) end, \
            coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''), \
            coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))), ",
        reads!("pg_policy", "= p.oid"),
        ")::text from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace \
         where {ours} order by c.relname, p.polname"
    ),
];
