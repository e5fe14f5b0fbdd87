//! INI and its kin, as the library `go-ini` reads them: sections, `key = value` or `key: value`,
//! comments, quotes, values that go on in the next line, and pairs under a key without a value.

use super::Pairs;

/// The pairs of a text: `section.key`. `None` if it is none, or a single key and nothing: then the
/// text is rather a value in Base64, which may end with `=`.
pub(super) fn pairs(text: &str) -> Option<Pairs> {
    let pairs = read(text, Deeper::Pairs).or_else(|| read(text, Deeper::Lines))?;
    let padding = text.find('=').is_some_and(|at| at + 2 >= text.len());
    (pairs.len() > 1 || !padding).then_some(pairs)
}

/// What lines are that stand deeper than a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deeper {
    /// Pairs of a key without a value.
    Pairs,
    /// Further lines of the value.
    Lines,
}

/// Where the reading is.
struct Reader<'a> {
    lines: std::iter::Peekable<std::str::Split<'a, char>>,
    deeper: Deeper,
}

fn read(text: &str, deeper: Deeper) -> Option<Pairs> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { lines: text.split('\n').peekable(), deeper };
    let mut pairs = Pairs::new();
    let mut section = "";
    let mut above: Option<String> = None;
    let mut unnamed = 0;
    while let Some(line) = reader.lines.next() {
        if let Some(parent) = above.as_ref()
            && line.starts_with([' ', '\t'])
        {
            let (key, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            pairs.remove(parent);
            pairs.insert(format!("{parent}.{}", key.trim()), value.trim().to_owned());
            continue;
        }
        let line = line.trim_start();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, _) = rest.rsplit_once(']').filter(|(name, _)| !name.is_empty())?;
            section = if name == "DEFAULT" { "" } else { name };
            continue;
        }
        let (name, rest) = name_of(line)?;
        let value = reader.value(rest)?;
        let name = if name == "-" {
            unnamed += 1;
            format!("#{unnamed}")
        } else {
            name.to_owned()
        };
        let path = if section.is_empty() { name } else { format!("{section}.{name}") };
        above = (deeper == Deeper::Pairs && value.is_empty()).then(|| path.clone());
        pairs.insert(path, value);
    }
    Some(pairs)
}

/// The key of a line, and what stands behind the delimiter. `None` if it has none.
fn name_of(line: &str) -> Option<(&str, &str)> {
    let quote = ["\"\"\"", "\"", "`"]
        .into_iter()
        .find(|quote| line.starts_with(quote) && (quote.len() < 3 || line.len() > 6));
    let Some(quote) = quote else {
        let (name, rest) = line.split_once(['=', ':'])?;
        return (!name.is_empty()).then(|| (name.trim(), rest));
    };
    let (name, rest) = line.strip_prefix(quote)?.split_once(quote)?;
    let (_, rest) = rest.split_once(['=', ':'])?;
    Some((name.trim(), rest))
}

impl Reader<'_> {
    /// The value that begins in the rest of a line. `None` if a quote is not closed.
    fn value(&mut self, rest: &str) -> Option<String> {
        let rest = rest.trim_start();
        let quote = ["\"\"\"", "`"].into_iter().find(|quote| rest.starts_with(quote));
        if let Some(quote) = quote.filter(|quote| rest.len() > quote.len() || *quote == "`") {
            return self.quoted(rest.strip_prefix(quote)?, quote);
        }
        let line = rest.trim_end();
        if let Some(start) = line.strip_suffix('\\') {
            return Some(self.continued(start.to_owned()));
        }
        let line = line.split(['#', ';']).next().unwrap_or_default().trim_end();
        match unquoted(line) {
            Some(inner) => Some(inner.to_owned()),
            None if self.deeper == Deeper::Lines => Some(self.with_deeper_lines(line.to_owned())),
            None => Some(line.to_owned()),
        }
    }

    /// What stands before a closing quote, on this line or on one of the next.
    fn quoted(&mut self, rest: &str, quote: &str) -> Option<String> {
        if let Some((value, _)) = rest.rsplit_once(quote) {
            return Some(value.to_owned());
        }
        let mut value = rest.to_owned();
        loop {
            let line = self.lines.next()?;
            value.push('\n');
            if let Some((last, _)) = line.split_once(quote) {
                value.push_str(last);
                return Some(value);
            }
            value.push_str(line);
        }
    }

    /// A value whose lines end with a backslash.
    fn continued(&mut self, mut value: String) -> String {
        while let Some(line) = self.lines.next().map(str::trim).filter(|line| !line.is_empty()) {
            let Some(part) = line.strip_suffix('\\') else {
                value.push_str(line);
                break;
            };
            value.push_str(part);
        }
        value
    }

    /// A value and the lines behind it that stand deeper than its key.
    fn with_deeper_lines(&mut self, mut value: String) -> String {
        while let Some(line) = self.lines.next_if(|line| line.starts_with([' ', '\t', '\u{c}'])) {
            value.push('\n');
            value.push_str(line.trim_end());
        }
        value
    }
}

/// What stands between quotes, if they are the only ones of their kind.
fn unquoted(line: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| {
        let inner = line.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    })
}
