//! The names of the rules by which values win, are lost, and come from nowhere.

use super::statement::{Cause, Fate, Origin, Stage};
use super::unmerged::MergeRule;
use crate::compose::merge::{Rule, rule_at};
use crate::compose::trace::{DocumentStage, ModelStage};
use crate::compose::unicity;
use crate::compose::yaml::Directive;

/// What is there instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Something of another document, of the same file.
    SameFile,
    /// Something of another file.
    OtherFile,
    /// Something of a service that extends this one.
    Extending,
    /// Something of the same document, or nothing.
    SameDocument,
}

/// Why a value of a target is not there any more.
pub(super) fn lost(fate: &Fate, keys: &[&str], label: &str, by: By) -> String {
    let same_file = by == By::SameFile;
    match &fate.cause {
        // A list with both was put together first, and one of them taken out then.
        Cause::SameName if matches!(by, By::OtherFile) => {
            "overridden: a later file wins".to_owned()
        }
        Cause::SameName if same_file => "overridden: a later document of the file wins".to_owned(),
        Cause::SameName if matches!(by, By::Extending) => {
            "overridden: a service that extends this one wins".to_owned()
        }
        Cause::LaterDocument => {
            let file = if same_file { "a later document of the file" } else { "a later file" };
            match rule_at(keys) {
                (Rule::Replace, depth) => {
                    let attribute = keys[..depth].last().copied().unwrap_or_default();
                    format!("overridden: {file} replaces all of `{attribute}`")
                }
                (Rule::Logging, _) => {
                    format!(
                        "overridden: {file} says `logging` with another driver, which replaces all of it"
                    )
                }
                (Rule::Pools, _) => {
                    format!("overridden: {file} says which address pools there are")
                }
                _ => format!("overridden: {file} wins"),
            }
        }
        Cause::Extending(service) => {
            format!("overridden: service `{service}`, which extends this one, wins")
        }
        Cause::Tag(Directive::Reset) => "removed by `!reset`".to_owned(),
        Cause::Tag(Directive::Override) => "replaced by `!override`".to_owned(),
        Cause::SameName => same_name(keys, label),
        Cause::MergeKey(MergeRule::Own) => {
            "overridden: the mapping itself says it, which beats what `<<` brings in".to_owned()
        }
        Cause::MergeKey(MergeRule::Earlier) => {
            "overridden: a mapping before it in the list of `<<` says it".to_owned()
        }
        Cause::Include => "the including file has the same definition".to_owned(),
        Cause::Dropped(Stage::Model(ModelStage::Normalized)) if keys.contains(&"args") => {
            "left out: a build argument without a value that the environment does not have either"
                .to_owned()
        }
        Cause::Dropped(Stage::Model(ModelStage::Canonical)) => "left out: it is empty".to_owned(),
        Cause::Dropped(Stage::Document(DocumentStage::Extended)) => "taken by `extends`".to_owned(),
        Cause::Dropped(_) => "left out".to_owned(),
    }
}

/// Why a value won over those that a merge key would have brought.
pub(super) fn won(rule: MergeRule) -> &'static str {
    match rule {
        MergeRule::Own => "written in the mapping itself, which beats what `<<` brings in",
        MergeRule::Earlier => "the first of the list in `<<`",
    }
}

fn same_name(keys: &[&str], label: &str) -> String {
    const LISTS: [&str; 6] = ["ports", "volumes", "devices", "configs", "secrets", "env_file"];
    let list = keys.iter().find(|key| LISTS.contains(key)).copied().unwrap_or_default();
    let sameness = match list {
        "ports" => "publishes the same port in the same way",
        "volumes" | "devices" => "has the same path in the container",
        "configs" | "secrets" => "has the same target",
        "env_file" => "names the same file",
        _ if unicity::is_keyed(keys) || label.is_empty() => "has the same key",
        _ => "has the same name",
    };
    format!("overridden: a later item of the list {sameness}")
}

/// What gave a value that no file says.
pub(super) fn added(origin: Origin, keys: &[&str], label: &str) -> Option<String> {
    if let (Origin::Added(_), ["networks", "default"]) = (origin, keys) {
        let rule = "Compose Specification: the default network: it exists when a service is on it";
        return Some(rule.to_owned());
    }
    let below = label.split('.').filter(|key| !key.is_empty());
    let keys: Vec<&str> = keys.iter().copied().chain(below).collect();
    let keys = keys.as_slice();
    let rule = match (origin, keys) {
        (Origin::Written | Origin::Anchor, _) => return None,
        (Origin::Inherited, _) => return Some("taken from what is extended".to_owned()),
        (Origin::Short, _) => "it follows from the short syntax",
        (Origin::LongDefault, ["services", _, "depends_on", _, "condition"]) => {
            "a dependency waits for the start of the other service unless it says otherwise"
        }
        (Origin::LongDefault, [.., "required"]) => {
            "what is named is required unless it says otherwise"
        }
        (Origin::LongDefault, _) => "the long syntax has it by default",
        (Origin::Added(ModelStage::Defaults), ["services", _, "ports", ..]) => {
            "a port is of protocol tcp and mode ingress unless it says otherwise"
        }
        (Origin::Added(ModelStage::Defaults), ["services", _, "secrets", ..]) => {
            "a secret is mounted at /run/secrets/<source> unless it says otherwise"
        }
        (Origin::Added(ModelStage::Defaults), ["services", _, "build", ..]) => {
            "a build's context is the project's directory unless it says otherwise"
        }
        (Origin::Added(ModelStage::Defaults), _) => {
            "all devices are meant unless a count or ids are given"
        }
        (Origin::Added(ModelStage::Normalized), ["services", _, "networks", ..]) => {
            "the default network: a service is on it unless it says `networks` or `network_mode`"
        }
        (Origin::Added(ModelStage::Normalized), [section, _, "name"]) if *section != "services" => {
            "a resource is named <project>_<key>, or <key> if it is external"
        }
        (Origin::Added(ModelStage::Normalized), ["services", _, "depends_on", ..]) => {
            "implicit dependency: `links`, `volumes_from` and namespaces of another service need it"
        }
        (Origin::Added(ModelStage::Normalized), ["services", _, "build", "dockerfile"]) => {
            "a build's file is `Dockerfile` unless it says otherwise"
        }
        (Origin::Added(ModelStage::Normalized), ["services", _, "build", ..]) => {
            "a build's context is the project's directory unless it says otherwise"
        }
        (Origin::Added(_), _) => "it follows from the rest of the project",
    };
    Some(format!("Compose Specification: {rule}"))
}

/// What a stage makes of a value.
pub(super) fn made(stage: Stage, with_variables: bool) -> &'static str {
    match stage {
        Stage::Document(DocumentStage::Interpolated) if with_variables => "variables substituted",
        Stage::Document(DocumentStage::Interpolated) => "read as the type that the attribute has",
        Stage::Document(DocumentStage::Extended) | Stage::Model(ModelStage::Paths) => {
            "made absolute"
        }
        Stage::Model(ModelStage::Captured) => "taken from the environment",
        Stage::Model(ModelStage::Normalized) => "normalised",
        Stage::Document(_) | Stage::Model(_) => "brought into the long syntax",
    }
}

/// The rule that decides about a target, for people.
pub(super) fn rule(keys: &[&str]) -> Option<String> {
    let attribute = |depth: usize| keys[..depth].last().copied().unwrap_or_default();
    let text = match (rule_at(keys), keys) {
        (_, ["name"]) => {
            "-p, then COMPOSE_PROJECT_NAME, then `name:` in the last file that has it, then the directory's name"
                .to_owned()
        }
        (_, ["services", _, "environment", ..]) => {
            "`environment` (the last file wins; a key without a value takes the shell's, then .env's), then `env_file` (the last file wins)"
                .to_owned()
        }
        (_, ["services", _, "labels", ..]) => {
            "`labels` (the last file wins), then `label_file` (the last file wins)".to_owned()
        }
        ((Rule::Replace, depth), _) => {
            format!("`{}` of a later file replaces that of an earlier one whole", attribute(depth))
        }
        ((Rule::Lists | Rule::Hosts, depth), _) => format!(
            "`{}` of a later file is added to that of an earlier one; of two items with one key the later wins",
            attribute(depth)
        ),
        _ => return None,
    };
    Some(text)
}

/// How values of one kind are put together, when no rule of its own says so.
pub(super) fn collection_rule(is_list: bool) -> String {
    if is_list {
        "lists of later files are appended to those of earlier ones; `!override` replaces, `!reset` removes"
    } else {
        "mappings of several files are united; of two values with one key that of the later file wins"
    }
    .to_owned()
}
