//! Text within XML, and what the pictures have in common. Pure.

/// Width of a cell of text, about: exact for names, which are [`MONOSPACE`].
pub(super) const CHARACTER: u64 = 8;

/// Attributes of text whose width must be known.
pub(super) const MONOSPACE: &str =
    "font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\"";

/// The colours for those who like it dark; attributes have those for everybody else.
pub(super) const DARK: &str = "<style>@media (prefers-color-scheme: dark) {.ground {fill: #0d1117} \
     .ink {fill: #e6edf3} .quiet {fill: #9198a1} .rule {stroke: #30363d} .halo {stroke: #0d1117} .mark {stroke: #ff7b72}}</style>\n";

/// `text` as it stands in content and attributes; what XML cannot hold becomes a space.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            character if character.is_control() => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}
