//! The project as `config` prints it, byte for byte as Docker Compose 2 does.
//!
//! Each entry of the model becomes a [`tree::Tree`]; JSON and YAML are printed from that. `$` is
//! doubled, so that what is printed can be loaded again.

mod document;
mod go_yaml;
pub(crate) mod json;
mod natural;
pub(crate) mod number;
pub(crate) mod tree;
mod yaml;

use self::document::{Object, Part, disabled_services, extensions, models, sections};
use self::tree::Tree;
use super::model::Project;
use super::yaml::Node;

/// A project in YAML, with a trailing newline.
pub fn project_yaml(project: &Project) -> String {
    let name = (!project.name.is_empty()).then(|| ("name", Part::Value(Tree::of(&project.name))));
    let parts = name.into_iter().chain(sections(project)).chain(models(project));
    let mut extensions: Vec<_> = extensions(&project.extensions).collect();
    extensions.sort_by(|(left, _), (right, _)| natural::compare(left, right));
    yaml::print_parts(parts.chain(extensions.into_iter().map(|(key, it)| (key, Part::Value(it)))))
}

/// A project in JSON, without a trailing newline. Models are left out, as they are in Docker
/// Compose 2.
pub fn project_json(project: &Project) -> String {
    let name = ("name", Part::Value(Tree::of(&project.name)));
    let extensions = extensions(&project.extensions)
        .map(|(key, tree)| (key, Part::Value(tree.without_empty_lists())));
    json::indented_parts(std::iter::once(name).chain(sections(project)).chain(extensions))
}

/// A project in YAML for programs that convert it, with a trailing newline: `$` is not doubled, and
/// what confidential variables hold is not left out.
pub fn model_yaml(project: &Project) -> String {
    let name = ("name", Tree::of(&project.name));
    let sections = sections(project).chain(models(project));
    let sections = sections.map(|(key, part)| (key, part.into_tree(Object::whole_tree)));
    let parts = std::iter::once(name).chain(sections).chain(extensions(&project.extensions));
    yaml::print(&Tree::Map(parts.map(|(key, tree)| (key.to_owned(), tree)).collect()))
}

/// A project as data, disabled services included, `$` not doubled.
pub(crate) fn project_tree(project: &Project) -> Tree {
    let tree = |part: Part<'_>| part.into_tree(Object::tree);
    let sections = sections(project).map(|(key, mut part)| {
        if let ("services", Part::Section(services)) = (key, &mut part) {
            services.extend(disabled_services(project));
        }
        (key, tree(part))
    });
    let models = models(project).map(|(key, part)| (key, tree(part)));
    let name = ("name", Tree::of(&project.name));
    let parts = std::iter::once(name).chain(sections).chain(models);
    let parts = parts.chain(extensions(&project.extensions));
    Tree::Map(parts.map(|(key, tree)| (key.to_owned(), tree)).collect())
}

/// A tree in YAML as it is, `$` not doubled, with a trailing newline.
pub fn tree_yaml(tree: &Node) -> String {
    yaml::print(&Tree::of_node(tree))
}

/// A tree in JSON as it is, `$` not doubled, without a trailing newline.
pub fn tree_json(tree: &Node) -> String {
    json::indented(&Tree::of_node(tree).without_empty_lists())
}

/// One line of text as a YAML scalar.
pub fn text_yaml(text: &str) -> String {
    yaml::print(&Tree::of(text)).trim_end().to_owned()
}

/// Doubles each `$` behind an offset.
fn double_dollars(text: &mut String, start: usize) {
    if text[start..].contains('$') {
        let doubled = text[start..].replace('$', "$$");
        text.truncate(start);
        text.push_str(&doubled);
    }
}
