//! Whose the name or the port is that a container could not have.

use std::sync::Arc;

use super::labels;
use super::query::ProjectContainer;
use crate::engine::Engine;
use crate::engine::api::{ContainerFilter, ContainerSummary};

/// What a refusal says is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Taken<'a> {
    /// A name, by the container with this id.
    Name(&'a str),
    /// A port of the host.
    Port(u16),
}

/// Whether a refusal says that a container has the name.
pub(super) fn is_of_name(refusal: &str) -> bool {
    matches!(taken(refusal), Some(Taken::Name(_)))
}

/// A sentence that says who has what an engine refused a container, if that is why it refused.
pub(super) async fn of_refusal<E: Engine>(engine: &E, refusal: &str) -> Option<String> {
    let taken = taken(refusal)?;
    let filter = ContainerFilter { all: true, ..ContainerFilter::default() };
    // This only helps; the refusal is told all the same.
    let all = engine.list_containers(&filter).await.ok()?;
    Some(match taken {
        Taken::Name(id) => {
            let owner = all.iter().find(|container| container.id == id)?;
            format!("the name is taken by {}", described(owner))
        }
        Taken::Port(port) => {
            let has = |container: &&Arc<ContainerSummary>| {
                container.ports.iter().any(|published| published.public_port == port)
            };
            match all.iter().find(has) {
                Some(owner) => format!("port {port} is taken by {}", described(owner)),
                None => {
                    format!(
                        "port {port} is taken by a program that runs in no container of this engine"
                    )
                }
            }
        }
    })
}

fn described(container: &Arc<ContainerSummary>) -> String {
    let container = ProjectContainer::new(Arc::clone(container));
    let name = &container.name;
    match container.label(labels::PROJECT) {
        "" => format!("container {name}, which belongs to no project"),
        project => {
            format!("container {name} of project {project} (service {})", container.service)
        }
    }
}

/// Reads an engine's refusal.
fn taken(refusal: &str) -> Option<Taken<'_>> {
    if let Some((_, rest)) = refusal.split_once("is already in use by ") {
        // Podman writes the bare id.
        let id = rest.strip_prefix("container \"").unwrap_or(rest);
        let end = id.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(id.len());
        return Some(Taken::Name(&id[..end])).filter(|_| end > 0);
    }
    if !refusal.contains("already allocated") && !refusal.contains("address already in use") {
        return None;
    }
    let behind = |word: &str| {
        let address = refusal.split_once(word)?.1.split([' ', '/']).next()?;
        Some(address.trim_end_matches(':'))
    };
    let address = behind("host port for ")
        .and_then(without_container)
        .or_else(|| LISTENED.iter().find_map(|word| behind(word)))?;
    address.rsplit(':').next()?.parse().ok().map(Taken::Port)
}

/// What stands before the address that could not be listened on.
const LISTENED: [&str; 6] =
    ["Bind for ", "host port ", "listen tcp4 ", "listen tcp6 ", "listen tcp ", "listen udp "];

/// `0.0.0.0:8080` of `0.0.0.0:8080:172.17.0.2:80`: the address of the host before that of the container.
fn without_container(addresses: &str) -> Option<&str> {
    let (rest, _port) = addresses.rsplit_once(':')?;
    let host = match rest.strip_suffix(']') {
        Some(rest) => rest.rsplit_once('[')?.0,
        None => rest.rsplit_once(':')?.0,
    };
    Some(host.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_engines_are_understood() {
        for (refusal, expected) in [
            (
                "Conflict. The container name \"/x\" is already in use by container \"0a1b\". You have to \
                 remove (or rename) that container to be able to reuse that name.",
                Some(Taken::Name("0a1b")),
            ),
            (
                "creating container storage: the container name \"x\" is already in use by 0a1b. You …",
                Some(Taken::Name("0a1b")),
            ),
            (
                "driver failed programming external connectivity on endpoint x (9f): Bind for \
                 0.0.0.0:8080 failed: port is already allocated",
                Some(Taken::Port(8080)),
            ),
            (
                "driver failed programming external connectivity on endpoint x (9f): Error starting \
                 userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use",
                Some(Taken::Port(80)),
            ),
            (
                "failed to set up container networking: driver failed programming external connectivity \
                 on endpoint x (9f): failed to bind host port 0.0.0.0:81/tcp: address already in use",
                Some(Taken::Port(81)),
            ),
            (
                "failed to bind host port for 0.0.0.0:83:172.17.0.2:80/tcp: address already in use",
                Some(Taken::Port(83)),
            ),
            (
                "failed to bind host port for [::]:84:[fd00::2]:80/tcp: address already in use",
                Some(Taken::Port(84)),
            ),
            ("Bind for :::82 failed: port is already allocated", Some(Taken::Port(82))),
            ("No such image: x", None),
        ] {
            assert_eq!(taken(refusal), expected, "{refusal}");
        }
    }
}
