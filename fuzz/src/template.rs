//! Templates of `--format`.

use bireme::ui::template::{Template, render};
use serde_json::json;

/// Whatever the template, there is a text or an error.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(template) = Template::parse(&text) else { return };
    let item = json!({
        "Name": "web", "Health": "", "Publishers": [{"Port": 80}, {"Port": 443}],
        "Labels": {"a": "b"}, "Size": 3, "Empty": null, "Yes": true,
    });
    let rendered = render(&template, &item);
    if !text.contains("{{") {
        assert_eq!(rendered.as_deref(), Ok(&*text));
    }
}
