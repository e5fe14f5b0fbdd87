//! Templates of `--format`.

use bireme::ui::template::{Functions, Labels, Record, RecordKind, Template, Value};

/// Whatever the template, there is a text or an error.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(template) = Template::parse(&text) else { return };
    let record = |kind, fields| {
        let labels = Labels::Of([("a".to_owned(), "b".to_owned())].into());
        Value::from(Record { type_name: "*row", kind, fields, labels })
    };
    let port = |number| record(RecordKind::Struct, vec![("Port", Value::Int(number))]);
    let item = record(
        RecordKind::Row,
        vec![
            ("Name", "wéb".into()),
            ("Health", "".into()),
            ("Publishers", Value::List { type_name: "[]port", items: vec![port(80), port(443)] }),
            ("Labels", record(RecordKind::Map, vec![("a", "b".into())])),
            ("Size", Value::Int(3)),
            ("Share", Value::Float(1e21)),
            ("Empty", Value::Nothing),
            ("Yes", Value::Bool(true)),
        ],
    );
    for functions in [Functions::Values, Functions::Header] {
        let mut written = String::new();
        let outcome = template.write(&item, functions, &mut written);
        if !text.contains("{{") {
            assert_eq!((outcome, written.as_str()), (Ok(()), &*text));
        }
    }
}
