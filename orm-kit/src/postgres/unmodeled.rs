//! What a PostgreSQL database has that the model does not, told by its catalogs.

use crate::{error::Error, pull::Lost, session::Session};

/// What belongs to the schema that is read, but not to its model.
pub(super) fn unmodeled(session: &mut dyn Session) -> Result<Vec<Lost>, Error> {
    let mut lost = Vec::new();
    for query in QUERIES {
        for mut row in session.rows(&query.replace("{ours}", OURS).replace("{who}", WHO))? {
            let sql = row.pop().flatten();
            let what = row.pop().flatten().unwrap_or_default();
            let at = row.pop().flatten().unwrap_or_default();
            lost.push(Lost { at, what, sql });
        }
    }
    Ok(lost)
}

/// A relation `c` of the schema that is read, which does not belong to an extension and is not the kit's own.
const OURS: &str = "c.relnamespace = current_schema()::regnamespace and c.relname not like '\\_orm\\_%' \
    and not exists (select from pg_depend own where own.classid = 'pg_class'::regclass and own.objid = c.oid and own.deptype = 'e')";

/// Whom a privilege `g` is given to.
const WHO: &str = "lateral (select case g.grantee when 0 then 'public' else g.grantee::regrole::text end as who) w";

/// Each gives the place, what is there, and the statement that makes it.
const QUERIES: &[&str] = &[
    "select null, format('the foreign table `%s` is not part of the source', c.relname), null \
     from pg_class c where c.relkind = 'f' and not c.relispartition and {ours} order by c.relname",
    "select c.relname, format('the table inherits from `%s`', p.relname), null \
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent \
     where not c.relispartition and c.relkind = 'r' and {ours} order by 1, 2",
    "select c.relname, case c.relpersistence when 'u' then 'the table is unlogged' \
        else format('the table is stored with %s', array_to_string(c.reloptions, ', ')) end, null \
     from pg_class c where c.relkind = 'r' and not c.relispartition and (c.relpersistence = 'u' or c.reloptions is not null) \
        and {ours} order by 1",
    // Constraints.
    "select c.relname, format('the constraint `%s` is not valid for rows that were there before it; here it is', x.conname), null \
     from pg_constraint x join pg_class c on c.oid = x.conrelid where not x.convalidated and c.relkind = 'r' and {ours} \
     order by 1, x.conname",
    "select c.relname, format('the foreign key `%s` is %s', x.conname, 'match full'), null \
     from pg_constraint x join pg_class c on c.oid = x.conrelid \
     where x.contype = 'f' and x.confmatchtype = 'f' and c.relkind = 'r' and not c.relispartition and {ours} order by 1, x.conname",
    "select c.relname, format('the primary key is called `%s`; here `%s`', x.conname, left(c.relname, 58) || '_pkey'), null \
     from pg_constraint x join pg_class c on c.oid = x.conrelid where x.contype = 'p' and c.relkind = 'r' and not c.relispartition \
        and x.conname <> left(c.relname, 58) || '_pkey' and {ours} order by 1",
    "select c.relname, format('the key `%s` is %s', x.conname, pg_get_constraintdef(x.oid)), null \
     from pg_constraint x join pg_class c on c.oid = x.conrelid join pg_index i on i.indexrelid = x.conindid \
     where (x.contype = 'p' and x.condeferrable or x.contype in ('p', 'u') and i.indnkeyatts < i.indnatts) \
        and c.relkind = 'r' and not c.relispartition and {ours} order by 1",
    // Sequences of columns that do not begin with 1, or are not like others in another way.
    "select t.relname || '.' || a.attname, format('the numbers start with %s, by %s, from %s to %s%s', s.seqstart, s.seqincrement, \
        s.seqmin, s.seqmax, case when s.seqcycle then ', and then again' else '' end), null \
     from pg_sequence s join pg_class c on c.oid = s.seqrelid \
     join pg_depend o on o.objid = c.oid and o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass \
        and o.deptype in ('a', 'i') \
     join pg_class t on t.oid = o.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = o.refobjsubid \
     where (s.seqstart, s.seqincrement, s.seqmin, s.seqcycle, s.seqcache) <> (1, 1, 1, false, 1) and {ours} order by 1",
    // Privileges of others than the owner. Those of views are part of the views.
    "select c.relname, format('%s may %s', who, lower(string_agg(g.privilege_type, ', ' order by g.privilege_type))), format('grant %s on %I to %s', \
        lower(string_agg(g.privilege_type, ', ' order by g.privilege_type)), c.relname, who) \
     from pg_class c, aclexplode(c.relacl) g, {who} where g.grantee <> c.relowner and c.relkind not in ('v', 'm') and {ours} group by 1, who order by 1, who",
    "select c.relname || '.' || a.attname, format('%s may %s', who, lower(string_agg(g.privilege_type, ', ' order by g.privilege_type))), \
        format('grant %s on %I to %s', string_agg(format('%s (%I)', lower(g.privilege_type), a.attname), ', ' order by g.privilege_type), c.relname, who) \
     from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) g, {who} \
     where g.grantee <> c.relowner and {ours} group by 1, c.relname, who order by 1, who",
    "select null, format('%s may execute the function `%s(%s)`', who, p.proname, pg_get_function_identity_arguments(p.oid)), \
        format('grant execute on routine %s to %s', p.oid::regprocedure, who) \
     from pg_proc p, aclexplode(p.proacl) g, {who} where g.grantee not in (0, p.proowner) \
        and p.pronamespace = current_schema()::regnamespace \
        and not exists (select from pg_depend own where own.classid = 'pg_proc'::regclass and own.objid = p.oid and own.deptype = 'e') \
     order by p.proname, who",
    "select null, format('%s may %s in the schema', who, lower(g.privilege_type)), format('grant %s on schema %I to %s', \
        lower(g.privilege_type), n.nspname, who) \
     from pg_namespace n, aclexplode(n.nspacl) g, {who} where n.oid = current_schema()::regnamespace and g.grantee <> n.nspowner \
        and not exists (select from pg_init_privs i, aclexplode(i.initprivs) b where i.classoid = 'pg_namespace'::regclass \
            and i.objoid = n.oid and (b.grantee, b.privilege_type) = (g.grantee, g.privilege_type)) order by who, 2",
    // Comments on what is not a table or a column of one. What the server has by itself has lower numbers.
    "select case when c.relkind = 'r' then c.relname end, format('the comment on the %s `%s` is not part of the source', kind, \
        replace(i.identity, quote_ident(current_schema()) || '.', '')), format('comment on %s %s is %L', kind, i.identity, d.description) \
     from pg_description d left join pg_constraint x on d.classoid = 'pg_constraint'::regclass and x.oid = d.objoid \
     left join pg_trigger t on d.classoid = 'pg_trigger'::regclass and t.oid = d.objoid \
     left join pg_policy p on d.classoid = 'pg_policy'::regclass and p.oid = d.objoid \
     left join pg_rewrite w on d.classoid = 'pg_rewrite'::regclass and w.oid = d.objoid \
     left join pg_class c on c.oid = coalesce(x.conrelid, t.tgrelid, p.polrelid, w.ev_class, \
        case d.classoid when 'pg_class'::regclass then d.objoid end), \
     lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i, \
     lateral regexp_replace(regexp_replace(i.type, '^.* column$', 'column'), '^table constraint$', 'constraint') kind \
     where d.objoid >= 16384 and (d.classoid <> 'pg_class'::regclass or c.relkind not in ('r', 'v', 'm')) \
        and (c.oid is null and i.schema = current_schema() or {ours}) \
        and not exists (select from pg_depend own where own.classid = d.classoid and own.objid = d.objoid and own.deptype = 'e') \
     order by i.type, i.identity",
    // Types, functions, rules.
    "select null, format('the %s type `%s` is not part of the source', case y.typtype when 'c' then 'composite' else 'range' end, \
        y.typname), null \
     from pg_type y left join pg_class k on k.oid = y.typrelid \
     where y.typnamespace = current_schema()::regnamespace and (y.typtype = 'r' or y.typtype = 'c' and k.relkind = 'c') \
        and not exists (select from pg_depend own where own.classid = 'pg_type'::regclass and own.objid = y.oid and own.deptype = 'e') \
     order by y.typname",
    "select null, format('the window function `%s(%s)` is not part of the source', p.proname, pg_get_function_identity_arguments(p.oid)), null \
     from pg_proc p where p.prokind = 'w' and p.pronamespace = current_schema()::regnamespace \
        and not exists (select from pg_depend own where own.classid = 'pg_proc'::regclass and own.objid = p.oid and own.deptype = 'e') \
     order by p.proname",
    "select c.relname, format('the rule `%s` is not part of the source', r.rulename), pg_get_ruledef(r.oid) \
     from pg_rewrite r join pg_class c on c.oid = r.ev_class where r.rulename <> '_RETURN' and c.relkind not in ('v', 'm') and {ours} order by 1, r.rulename",
    "select c.relname, format('the statistics `%s` are not part of the source', e.stxname), pg_get_statisticsobjdef(e.oid) \
     from pg_statistic_ext e join pg_class c on c.oid = e.stxrelid where {ours} order by 1, e.stxname",
    // What is elsewhere.
    "select null, format('the schema `%s` is not read: it has %s', n.nspname, case count(*) when 1 then '1 table' \
        else count(*) || ' tables' end), null \
     from pg_class k join pg_namespace n on n.oid = k.relnamespace \
     where k.relkind in ('r', 'p') and not k.relispartition and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' \
        and n.oid <> current_schema()::regnamespace \
        and not exists (select from pg_depend own where own.classid = 'pg_class'::regclass and own.objid = k.oid and own.deptype = 'e') \
     group by n.nspname order by n.nspname",
];
