//! Short syntax of ports and mounts.

use super::{Written, edit, point, rewrite, say};
use crate::diagnostic::Diagnostic;

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// Says how to write an item that cannot be taken apart.
pub(super) fn add(error: &mut Diagnostic, value: &Written<'_>) {
    let message = error.message.clone();
    let after = |prefix: &str| message.strip_prefix(prefix).map(str::to_owned);
    let help = |error: &mut Diagnostic, text: &str| error.help = Some(text.to_owned());
    if let Some(port) = after("Invalid hostPort: ").or_else(|| after("Invalid containerPort: ")) {
        of_port(error, value, &port);
    } else if let Some(protocol) = after("Invalid proto: ") {
        let near = PROTOCOLS.into_iter().find(|known| {
            let sorted = |text: &str| {
                let mut letters: Vec<char> = text.to_lowercase().chars().collect();
                letters.sort_unstable();
                letters
            };
            strsim::osa_distance(known, &protocol) == 1 || sorted(known) == sorted(&protocol)
        });
        let place = value.part(&protocol).filter(|_| value.is_verbatim());
        if let Some(place) = place {
            point(error, place, "not a protocol");
        }
        match near {
            Some(near) => {
                error.help = Some(format!("did you mean `{near}`?"));
                if let Some(place) = place {
                    edit(error, place, near);
                }
            }
            None => help(error, "write `tcp`, `udp` or `sctp`"),
        }
    } else if let Some(address) = after("Invalid ip address: ") {
        let place = value.part(&address).filter(|_| value.is_verbatim());
        if let Some(place) = place {
            point(error, place, "not an IP address");
        }
        if address == "localhost" {
            help(error, "write `127.0.0.1`");
            if let Some(place) = place {
                edit(error, place, "127.0.0.1");
            }
        } else {
            help(error, "in front of the ports stands an address, such as `127.0.0.1:8080:80`");
        }
    } else if message.starts_with("No port specified") {
        say(error, "no port of the container");
        help(error, "write `HOST:CONTAINER`, or only the port in the container");
    } else if message.starts_with("Invalid ranges") {
        say(error, "ranges of different lengths");
        help(error, "write as many ports for the host as for the container");
    } else if message.ends_with("too many colons") {
        let mut sections = value.text.splitn(3, ':');
        let parts = (sections.next(), sections.next(), sections.next());
        match parts {
            (Some(source), Some(target), Some(options)) if value.is_verbatim() => {
                rewrite(error, value, &format!("{source}:{target}:{}", options.replace(':', ",")));
            }
            _ => help(error, "write `SOURCE:TARGET:OPTIONS`, with commas between options"),
        }
    } else if message.ends_with("invalid empty volume spec") {
        say(error, "this says nothing");
        help(error, "write `SOURCE:TARGET`, or remove the item");
    } else if message.ends_with("empty section between colons") {
        say(error, "nothing on one side of a colon");
        help(error, "write `SOURCE:TARGET`; a lone path needs no colon");
    } else if message.contains("use long syntax") {
        help(error, "write `SOURCE:TARGET:PERMISSIONS`, such as `/dev/sda:/dev/xvda:rw`");
    } else if message.contains("expected key=value") {
        help(error, "write `NAME=VALUE`");
    }
}

fn of_port(error: &mut Diagnostic, value: &Written<'_>, port: &str) {
    let packed: String = value.text.chars().filter(|it| !it.is_whitespace()).collect();
    if packed != value.text && packed.bytes().all(|it| it.is_ascii_digit() || b":-./".contains(&it))
    {
        say(error, "there is a space in it");
        rewrite(error, value, &packed);
        return;
    }
    if let Some(place) = value.part(port).filter(|_| value.is_verbatim()) {
        point(error, place, "not a port");
    } else {
        say(error, "not a port");
    }
    let large = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    error.help = Some(if large {
        "a port is a number from 1 to 65535".to_owned()
    } else {
        "a port is a number, or a range such as `8000-8010`".to_owned()
    });
}
