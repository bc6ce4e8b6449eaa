use super::*;

fn written(param: &Param<'_>, ty: &Type) -> Result<Vec<u8>, String> {
    let mut out = BytesMut::new();
    param.to_sql(ty, &mut out).map(|_| out.to_vec()).map_err(|error| error.to_string())
}

fn check(param: &Param<'_>, ty: &Type, expected: &[u8]) {
    assert_eq!(written(param, ty).as_deref(), Ok(expected), "{param:?} as {ty}");
}

fn refused(param: &Param<'_>, ty: &Type, expected: &str) {
    assert_eq!(written(param, ty), Err(expected.to_owned()), "{param:?} as {ty}");
}

#[test]
fn integers_have_the_width_the_server_expects() {
    check(&Param::Integer(-2), &Type::INT2, &[0xff, 0xfe]);
    check(&Param::Integer(-2), &Type::INT4, &[0xff, 0xff, 0xff, 0xfe]);
    check(&Param::Integer(1 << 40), &Type::INT8, &[0, 0, 1, 0, 0, 0, 0, 0]);
    check(&Param::Integer(10_001), &Type::NUMERIC, &[0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1]);
    refused(&Param::Integer(1 << 15), &Type::INT2, "the value is out of the range of smallint");
    refused(&Param::Integer(1 << 31), &Type::INT4, "the value is out of the range of integer");
}

#[test]
fn floats_keep_their_bits() {
    let signalling = f32::from_bits(0xffa0_0001);
    check(&Param::Single(signalling), &Type::FLOAT4, &[0xff, 0xa0, 0, 1]);
    check(&Param::Double(-0.0), &Type::FLOAT8, &[0x80, 0, 0, 0, 0, 0, 0, 0]);
    check(&Param::Single(-0.0), &Type::FLOAT8, &[0x80, 0, 0, 0, 0, 0, 0, 0]);
    refused(&Param::Double(1.0), &Type::FLOAT4, "the server expects a value of type float4");
}

#[test]
fn a_text_has_no_nul() {
    let refused = |text: &'static str, ty| {
        refused(&Param::Text(text.into()), ty, "the value is out of the range of text, which has no NUL")
    };
    check(&Param::Text("a".into()), &Type::VARCHAR, b"a");
    refused("\0", &Type::TEXT);
    refused("a\0b", &Type::VARCHAR);
}

#[test]
fn a_document_has_no_escaped_nul() {
    let check = |json: &str, is_refused: bool| {
        assert_eq!(has_escaped_nul(json), is_refused, "{json}");
        assert_eq!(written(&Param::Json(json.to_owned()), &Type::JSONB).is_err(), is_refused, "{json}");
        self::check(&Param::Json(json.to_owned()), &Type::JSON, json.as_bytes());
    };
    check(r#""\u0000""#, true);
    check(r#""\\u0000""#, false);
    check(r#""\\\u0000""#, true);
    check(r#""\\u0000 \u0000""#, true);
    check(r#"{"a\u0000": 1}"#, true);
    check(r#""u0000 \u00001\u0001""#, true);
    check(r#""u0000 \u0001""#, false);
}

/// The bounds are those that the server says when it is asked for more.
#[test]
fn times_are_in_range() {
    let epoch = |days: i32| (days - EPOCH_DAYS).to_be_bytes();
    check(&Param::Date(FIRST_DAY), &Type::DATE, &epoch(FIRST_DAY));
    check(&Param::Date(LAST_DAY), &Type::DATE, &epoch(LAST_DAY));
    let dates = "the value is out of the range of date: 4714-11-24 BC to 5874897-12-31";
    for days in [i32::MIN, FIRST_DAY - 1, LAST_DAY + 1, i32::MAX] {
        refused(&Param::Date(days), &Type::DATE, dates);
    }
    let first = i64::from(FIRST_DAY) * MICROS_PER_DAY;
    check(&Param::Timestamp(0), &Type::TIMESTAMP, &(-EPOCH_MICROS).to_be_bytes());
    for ty in [Type::TIMESTAMP, Type::TIMESTAMPTZ] {
        check(&Param::Timestamp(first), &ty, &(first - EPOCH_MICROS).to_be_bytes());
        let moments = "the value is out of the range of timestamp: 4714-11-24 BC to 294276-12-31";
        refused(&Param::Timestamp(first - 1), &ty, moments);
        refused(&Param::Timestamp(i64::MIN), &ty, moments);
    }
}

#[test]
fn lists_are_arrays() {
    let empty = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21];
    check(&Param::List(Vec::new()), &Type::INT2_ARRAY, &empty);
    let head = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1];
    let items = [0, 0, 0, 2, 0, 7, 0xff, 0xff, 0xff, 0xff];
    let list = Param::List(vec![Param::Integer(7), Param::Null]);
    check(&list, &Type::INT2_ARRAY, &[head.as_slice(), &items].concat());
    refused(&list, &Type::INT2, "the server expects a value of type int2");
    refused(
        &Param::List(vec![Param::Text("\0".into())]),
        &Type::TEXT_ARRAY,
        "the value is out of the range of text, which has no NUL",
    );
}

/// A text of 16 bytes would be taken for a UUID, and any eight bytes for a number.
#[test]
fn a_value_of_another_type_is_not_sent() {
    refused(&Param::Text("0123456789abcdef".into()), &Type::UUID, "the server expects a value of type uuid");
    refused(&Param::Uuid([0; 16]), &Type::TEXT, "the server expects a value of type text");
    refused(&Param::Decimal("1".into()), &Type::MONEY, "the server expects a value of type money");
    refused(&Param::Timestamp(0), &Type::INT8, "the server expects a value of type int8");
    refused(&Param::Json("1".into()), &Type::TEXT, "the server expects a value of type text");
    assert_eq!(written(&Param::Null, &Type::UUID), Ok(Vec::new()));
}

#[test]
fn a_domain_takes_the_values_of_its_type() {
    let domain = |of: Type| Type::new("positive".to_owned(), 100_000, Kind::Domain(of), "public".to_owned());
    check(&Param::Integer(7), &domain(domain(Type::INT2)), &[0, 7]);
    check(&Param::Text("a".into()), &domain(Type::TEXT), b"a");
}

/// The arrays of rows whose values are bound by `bind`.
fn rows<'q>(count: usize, columns: &[SqlType], bind: impl FnOnce(&mut Encoder<'q>)) -> Vec<Param<'q>> {
    let mut encoder = Encoder::default();
    encoder.begin_rows(count, columns);
    bind(&mut encoder);
    encoder.end_rows();
    encoder.i16(9);
    encoder.finish().expect("the values can be sent")
}

#[test]
fn rows_are_arrays_of_their_columns() {
    let params = rows(2, &[SqlType::SmallInt, SqlType::Text], |encoder| {
        encoder.i16(7);
        encoder.text("a");
        encoder.null();
        encoder.label("b");
    });
    assert_eq!(params.len(), 3, "and the value that follows the rows");
    let numbers =
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 7, 0xff, 0xff, 0xff, 0xff];
    check(&params[0], &Type::INT2_ARRAY, &numbers);
    let texts = |oid: u8| {
        let head = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, oid, 0, 0, 0, 2, 0, 0, 0, 1];
        [head.as_slice(), &[0, 0, 0, 1, b'a', 0, 0, 0, 1, b'b']].concat()
    };
    check(&params[1], &Type::TEXT_ARRAY, &texts(25));
    let role = Type::new("role".to_owned(), 99, Kind::Enum(Vec::new()), "public".to_owned());
    let roles = Type::new("_role".to_owned(), 100, Kind::Array(role), "public".to_owned());
    check(&params[1], &roles, &texts(99));
    refused(&params[0], &Type::INT4_ARRAY, "the server expects a value of type _int4");
    refused(&params[0], &Type::INT2, "the server expects a value of type int2");
    refused(&params[1], &Type::BYTEA_ARRAY, "the server expects a value of type _bytea");
}

#[test]
fn a_column_of_other_values_is_not_sent() {
    let params = rows(1, &[SqlType::Uuid], |encoder| encoder.text("0123456789abcdef"));
    refused(&params[0], &Type::UUID_ARRAY, "the server expects a value of type _uuid");
}
