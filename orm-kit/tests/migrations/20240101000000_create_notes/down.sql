-- loses data: notes
-- breaks programs that know the schema as it was
drop table "notes";
