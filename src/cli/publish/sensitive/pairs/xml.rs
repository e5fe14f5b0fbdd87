//! XML: `a.b` for what an element `b` in `a` holds, `a.b~1` for that of the second one, `a.b[c]` for an
//! attribute, `a.b (ln. 2)` for what stands behind the first of its children.

use std::collections::HashMap;

use super::Pairs;

/// How deep elements may stand in one another: paths of deeper ones would fill the memory.
const DEEPEST: usize = 128;

/// The pairs of a text whose first element is sound. What stands behind it is looked at as far as
/// that can be read.
pub(super) fn pairs(text: &str) -> Option<Pairs> {
    let mut reader = Reader { rest: text, ..Reader::default() };
    while reader.step().is_some() {}
    reader.is_sound.then_some(reader.pairs)
}

/// An element that is not closed yet.
struct Element {
    /// As written, with its prefix.
    tag: String,
    /// The path of the names it stands under, its own the last.
    names: String,
    path: String,
    texts: Vec<String>,
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    open: Vec<Element>,
    /// How often each path has come.
    counts: HashMap<String, usize>,
    pairs: Pairs,
    /// Whether an element that stands in no other was closed.
    is_sound: bool,
}

impl<'a> Reader<'a> {
    /// Reads on by one part; `None` at the end or at a mistake.
    fn step(&mut self) -> Option<()> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.rest.find('<').unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(start);
        if !text.is_empty() {
            self.rest = rest;
            self.text(&unescaped(text)?);
            return Some(());
        }
        if let Some(rest) = rest.strip_prefix("<!--") {
            self.rest = rest.split_once("-->")?.1;
        } else if let Some(rest) = rest.strip_prefix("<![CDATA[") {
            let (text, rest) = rest.split_once("]]>")?;
            self.rest = rest;
            self.text(text);
        } else if let Some(rest) = rest.strip_prefix("<?") {
            self.rest = rest.split_once("?>")?.1;
        } else if let Some(rest) = rest.strip_prefix("<!") {
            self.rest = behind_directive(rest)?;
        } else if let Some(rest) = rest.strip_prefix("</") {
            let (tag, rest) = rest.split_once('>')?;
            self.rest = rest;
            self.close(tag.trim_end())?;
        } else {
            self.rest = rest.strip_prefix('<')?;
            self.element()?;
        }
        Some(())
    }

    fn text(&mut self, text: &str) {
        let text = text.trim();
        if let Some(element) = self.open.last_mut().filter(|_| !text.is_empty()) {
            element.texts.push(text.to_owned());
        }
    }

    /// Reads what stands behind the `<` of an element, to its `>`.
    fn element(&mut self) -> Option<()> {
        let tag = self.name().filter(|_| self.open.len() < DEEPEST)?;
        self.open(tag);
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                return self.close(tag);
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Some(());
            }
            let name = self.name()?;
            let rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
            let (value, rest) = rest.strip_prefix(quote)?.split_once(quote)?;
            let value = unescaped(value).filter(|_| !value.contains('<'))?;
            self.rest = rest;
            self.attribute(name, value);
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | ':' | '-' | '.');
        let end = self.rest.find(|it| !is_part(it)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let first = name.chars().next()?;
        (first.is_alphabetic() || matches!(first, '_' | ':')).then_some(name)
    }

    fn open(&mut self, tag: &str) {
        let name = local(tag);
        let names = match self.open.last() {
            Some(parent) => format!("{}.{name}", parent.names),
            None => name.to_owned(),
        };
        let path = match self.count(&names) {
            0 => names.clone(),
            count => format!("{names}~{count}"),
        };
        self.open.push(Element { tag: tag.to_owned(), names, path, texts: Vec::new() });
    }

    fn attribute(&mut self, name: &str, value: String) {
        let name = local(name);
        let parent = self.open.last().map(|element| element.path.clone()).unwrap_or_default();
        let path = format!("{parent}[{name}]");
        let path = match self.count(&path) {
            0 => path,
            count => format!("{parent}[{name}~{count}]"),
        };
        self.pairs.insert(path, value);
    }

    /// How often a path has come before.
    fn count(&mut self, path: &str) -> usize {
        let count = self.counts.entry(path.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn close(&mut self, tag: &str) -> Option<()> {
        let element = self.open.pop().filter(|element| element.tag == tag)?;
        for (index, text) in element.texts.into_iter().enumerate() {
            let path = match index {
                0 => element.path.clone(),
                _ => format!("{} (ln. {})", element.path, index + 1),
            };
            self.pairs.insert(path, text);
        }
        self.is_sound |= self.open.is_empty();
        Some(())
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, name)| name)
}

/// What stands behind a directive such as `<!DOCTYPE …>`, which may have further ones in it.
fn behind_directive(text: &str) -> Option<&str> {
    let mut depth = 1;
    let end = text.char_indices().find(|(_, character)| {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    text.get(end?.0 + 1..)
}

/// A text with its references replaced; `None` if there is one that XML does not know.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        plain.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            name => numbered(name)?,
        });
        plain.push_str(rest);
    }
    Some(plain)
}

fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}
