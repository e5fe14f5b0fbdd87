//! A single Compose file as others will read it.

use std::path::Path;

use crate::compose::decode::{Sections, decode};
use crate::compose::files::Files;
use crate::compose::model::Project;
use crate::compose::normalize::normalize;
use crate::compose::paths::{self, Base};
use crate::compose::reset::Resets;
use crate::compose::yaml::{self, Node, Value};
use crate::compose::{canonical, defaults, merge, render, unicity};
use crate::diagnostic::{FileId, Span};

/// The model of one file of a project in YAML: long notation, absolute paths, names of resources.
/// Variables are as they are written, and nothing is taken from files that it extends or names.
///
/// The project was loaded with this file, so that no mistake is told here; what cannot be read while
/// variables stand in it, such as a number, is left out.
pub(super) fn model(text: &str, project: &Project, files: &dyn Files) -> String {
    let mut tree = tree(text);
    canonical::transform(&mut tree, true, &mut Vec::new());
    unicity::enforce(&mut tree);
    defaults::add(&mut tree);
    let home = project.environment.get("HOME").map(Path::new);
    paths::resolve(&mut tree, Base { directory: &project.working_dir, home }, files);
    normalize(&mut tree, &project.name, &project.environment);
    let (sections, _) = decode(&tree);
    let Sections { services, networks, volumes, secrets, configs, models, extensions } = sections;
    let unwritten = Project::unwritten(&project.name);
    render::model_yaml(&Project {
        services,
        networks,
        volumes,
        secrets,
        configs,
        models,
        extensions,
        ..unwritten
    })
}

/// The documents of a file, each laid over the ones before.
fn tree(text: &str) -> Node {
    let mut whole = Node::new(Value::Mapping(yaml::Mapping::default()), Span::new(FileId(0), 0, 0));
    for mut document in yaml::parse(FileId(0), text).documents {
        if document.as_mapping().is_some() {
            Resets::take(&mut document).apply(&mut whole);
            merge::merge(&mut whole, document, &mut Vec::new());
            unicity::enforce(&mut whole);
        }
    }
    if let Some(entries) = whole.as_mapping_mut() {
        entries.shift_remove("version");
    }
    whole
}
