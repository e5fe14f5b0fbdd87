//! The ports of a container in one cell: neighbouring ones joined into ranges, as `docker ps`
//! writes them.

use indexmap::IndexMap;

use crate::engine::api::PublishedPort;

/// `0.0.0.0:8080->80/tcp, 443/tcp, 9000-9002/udp`.
///
/// Per address and protocol, a range goes on while the port grows by one. A port that is published
/// under another number is never joined and stands at the end.
pub fn ports(ports: &[PublishedPort]) -> String {
    let mut sorted: Vec<&PublishedPort> = ports.iter().collect();
    sorted.sort_by_key(|port| (port.private_port, &port.ip, port.public_port, &port.r#type));

    // A range that is broken off is written at once, the open ones in the order they began.
    let mut open: IndexMap<(&str, &str), (u16, u16)> = IndexMap::new();
    let mut cells: Vec<String> = Vec::new();
    let mut mappings: Vec<String> = Vec::new();
    for port in sorted {
        let current = port.private_port;
        if !port.ip.is_empty() && port.public_port != current {
            let host = host(&port.ip, port.public_port);
            mappings.push(format!("{host}->{current}/{}", port.r#type));
            continue;
        }
        let key = (port.ip.as_str(), port.r#type.as_str());
        match open.get_mut(&key) {
            Some(range) if range.1.checked_add(1) == Some(current) => range.1 = current,
            Some(range) => {
                cells.push(written(key, *range));
                *range = (current, current);
            }
            None => {
                open.insert(key, (current, current));
            }
        }
    }
    cells.extend(open.iter().map(|(key, range)| written(*key, *range)));
    cells.extend(mappings);
    cells.join(", ")
}

fn written((ip, protocol): (&str, &str), (first, last): (u16, u16)) -> String {
    let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
    if ip.is_empty() {
        format!("{range}/{protocol}")
    } else {
        format!("{}->{range}/{protocol}", host(ip, &range))
    }
}

fn host(ip: &str, ports: impl std::fmt::Display) -> String {
    if ip.contains(':') { format!("[{ip}]:{ports}") } else { format!("{ip}:{ports}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(ip: &str, public_port: u16, private_port: u16, protocol: &str) -> PublishedPort {
        PublishedPort { ip: ip.to_owned(), private_port, public_port, r#type: protocol.to_owned() }
    }

    #[test]
    fn ports_are_joined_as_docker_ps_joins_them() {
        for (given, text) in [
            (vec![], ""),
            (vec![port("", 0, 5432, "tcp")], "5432/tcp"),
            (vec![port("0.0.0.0", 8080, 80, "tcp")], "0.0.0.0:8080->80/tcp"),
            (
                vec![port("0.0.0.0", 80, 80, "tcp"), port("::", 80, 80, "tcp")],
                "0.0.0.0:80->80/tcp, [::]:80->80/tcp",
            ),
            (
                vec![
                    port("0.0.0.0", 9001, 9001, "udp"),
                    port("0.0.0.0", 9000, 9000, "udp"),
                    port("0.0.0.0", 9002, 9002, "udp"),
                    port("0.0.0.0", 9004, 9004, "udp"),
                    port("", 0, 443, "tcp"),
                ],
                "0.0.0.0:9000-9002->9000-9002/udp, 443/tcp, 0.0.0.0:9004->9004/udp",
            ),
            (
                vec![port("127.0.0.1", 8001, 81, "tcp"), port("127.0.0.1", 8000, 80, "tcp")],
                "127.0.0.1:8000->80/tcp, 127.0.0.1:8001->81/tcp",
            ),
        ] {
            assert_eq!(ports(&given), text);
        }
    }
}
