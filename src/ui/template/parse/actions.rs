//! Text and actions, with what stands between an action and its end.

use super::literals::unquoted;
use super::{Ending, Parsed, Parser};
use crate::ui::template::lex::{Keyword, Kind, Token};
use crate::ui::template::tree::{Branch, Node};

impl Parser {
    /// `{{define "name"}}` comes next.
    pub(super) fn at_definition(&self) -> bool {
        let mut ahead = self.tokens[self.next..].iter().map(|token| token.kind);
        ahead.next() == Some(Kind::LeftDelimiter)
            && ahead.find(|kind| *kind != Kind::Space) == Some(Kind::Keyword(Keyword::Define))
    }

    pub(super) fn definition(&mut self) -> Parsed<()> {
        self.take();
        self.take_word();
        let token = self.take_word();
        let name = self.template_name(&token, "define clause")?;
        self.expect(Kind::RightDelimiter, "define clause")?;
        let nodes = self.apart("define clause")?;
        self.define(name, nodes)
    }

    /// Takes a template up. Only one that says nothing may be replaced.
    fn define(&mut self, name: String, nodes: Vec<Node>) -> Parsed<()> {
        let is_empty = |nodes: &[Node]| {
            nodes.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
        };
        match self.defined.get(&name) {
            Some(before) if !is_empty(before) => {
                if is_empty(&nodes) {
                    return Ok(());
                }
                Err(self.error(format!("template: multiple definition of template {name:?}")))
            }
            _ => {
                self.defined.insert(name, nodes);
                Ok(())
            }
        }
    }

    /// The nodes of a template of its own, up to its end: variables from outside are not in reach.
    fn apart(&mut self, context: &str) -> Parsed<Vec<Node>> {
        let outside = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let loops = std::mem::take(&mut self.loops);
        let (nodes, ending) = self.nodes()?;
        if ending != Ending::End {
            return Err(self.error(format!("unexpected {} in {context}", ending.written())));
        }
        self.variables = outside;
        self.loops = loops;
        Ok(nodes)
    }

    fn template_name(&self, token: &Token, context: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => {
                unquoted(&token.text).ok_or_else(|| self.error("invalid syntax"))
            }
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// Nodes up to an end or an else.
    fn nodes(&mut self) -> Parsed<(Vec<Node>, Ending)> {
        let mut nodes = Vec::new();
        while self.peek_word().kind != Kind::End {
            if let Some(ending) = self.node(&mut nodes)? {
                return Ok((nodes, ending));
            }
        }
        Err(self.error("unexpected EOF"))
    }

    /// Reads text or an action onto `nodes`; or says what ends them.
    pub(super) fn node(&mut self, nodes: &mut Vec<Node>) -> Parsed<Option<Ending>> {
        let token = self.take_word();
        match token.kind {
            Kind::Text => nodes.push(Node::Text(token.text)),
            Kind::LeftDelimiter => return self.action(nodes),
            _ => return Err(self.unexpected(&token, "input")),
        }
        Ok(None)
    }

    fn action(&mut self, nodes: &mut Vec<Node>) -> Parsed<Option<Ending>> {
        let Kind::Keyword(keyword) = self.peek_word().kind else {
            // Variables stay in reach until the end of what stands around.
            nodes.push(Node::Action(self.pipeline("command", Kind::RightDelimiter)?));
            return Ok(None);
        };
        self.take_word();
        nodes.push(match keyword {
            Keyword::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                return Ok(Some(Ending::End));
            }
            Keyword::Else => {
                let next = self.peek_word().kind;
                if !matches!(next, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelimiter, "else")?;
                }
                return Ok(Some(Ending::Else));
            }
            Keyword::If => Node::If(self.branch(keyword)?),
            Keyword::Range => Node::Range(self.branch(keyword)?),
            Keyword::With => Node::With(self.branch(keyword)?),
            Keyword::Break => self.jump("{{break}}", Node::Break)?,
            Keyword::Continue => self.jump("{{continue}}", Node::Continue)?,
            Keyword::Template => {
                let token = self.take_word();
                let name = self.template_name(&token, "template clause")?;
                let pipeline = if self.peek_word().kind == Kind::RightDelimiter {
                    self.take_word();
                    None
                } else {
                    Some(self.pipeline("template clause", Kind::RightDelimiter)?)
                };
                Node::Template { at: token.at, name, pipeline }
            }
            Keyword::Block => {
                let token = self.take_word();
                let name = self.template_name(&token, "block clause")?;
                let pipeline = self.pipeline("block clause", Kind::RightDelimiter)?;
                let block = self.apart("block clause")?;
                self.define(name.clone(), block)?;
                Node::Template { at: token.at, name, pipeline: Some(pipeline) }
            }
            Keyword::Define => {
                let token = self.tokens[self.next - 1].clone();
                return Err(self.unexpected(&token, "command"));
            }
        });
        Ok(None)
    }

    fn jump(&mut self, written: &str, node: Node) -> Parsed<Node> {
        self.expect(Kind::RightDelimiter, written)?;
        if self.loops == 0 {
            return Err(self.error(format!("{written} outside {{{{range}}}}")));
        }
        Ok(node)
    }

    fn branch(&mut self, keyword: Keyword) -> Parsed<Branch> {
        self.deeper()?;
        let outside = self.variables.len();
        let context = match keyword {
            Keyword::Range => "range",
            Keyword::With => "with",
            _ => "if",
        };
        let pipeline = self.pipeline(context, Kind::RightDelimiter)?;
        if keyword == Keyword::Range {
            self.loops += 1;
        }
        let (then, ending) = self.nodes()?;
        if keyword == Keyword::Range {
            self.loops -= 1;
        }
        let otherwise = match ending {
            Ending::Else if self.peek().kind == Kind::Keyword(keyword) => {
                // `{{else if …}}` and `{{else with …}}` end with the outer one.
                self.take();
                let inner = self.branch(keyword)?;
                Some(vec![if keyword == Keyword::If { Node::If(inner) } else { Node::With(inner) }])
            }
            Ending::Else => {
                let (otherwise, ending) = self.nodes()?;
                if ending != Ending::End {
                    return Err(self.error(format!("expected end; found {}", ending.written())));
                }
                Some(otherwise)
            }
            Ending::End => None,
        };
        self.variables.truncate(outside);
        self.nesting -= 1;
        Ok(Branch { pipeline, then, otherwise })
    }
}
