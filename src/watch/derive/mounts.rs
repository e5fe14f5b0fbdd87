//! Files of this machine that are mounted into containers: who has to be told when they change, and how.

use std::path::{Path, PathBuf};

use super::Action;
use super::commands::program;
use super::copies::below;
use crate::compose::files::{FileKind, Files};
use crate::compose::model::{Project, Service};

/// A path of this machine that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// On this machine.
    pub(super) path: PathBuf,
    /// In the container.
    pub(super) target: String,
    /// Whether the container cannot write there.
    pub(super) read_only: bool,
    /// The key that says so, below the service (`volumes[0]`).
    pub(super) key: String,
}

/// What a service sees of this machine: bind mounts, and configs that are files.
pub(super) fn seen(project: &Project, service: &Service) -> Vec<Seen> {
    let binds = service.volumes.iter().enumerate().filter(|(_, mount)| mount.r#type == "bind");
    let binds = binds.map(|(at, mount)| Seen {
        path: PathBuf::from(&mount.source),
        target: mount.target.clone(),
        read_only: mount.read_only,
        key: format!("volumes[{at}]"),
    });
    let configs = service.configs.iter().enumerate().filter_map(|(at, config)| {
        let file = &project.configs.get(&config.source)?.file;
        let target = match config.target.as_str() {
            "" => format!("/{}", config.source),
            target => target.to_owned(),
        };
        (!file.is_empty()).then(|| Seen {
            path: PathBuf::from(file),
            target,
            read_only: true,
            key: format!("configs[{at}]"),
        })
    });
    binds.chain(configs).collect()
}

/// How a program is told that its configuration changed.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// By a signal.
    By(&'static str),
    /// By `caddy reload`.
    Caddy,
    /// Not at all: it watches its files.
    Itself,
    /// It has to start again.
    Never,
}

use Told::{By, Caddy, Itself, Never};

/// Programs and images by name, and how they are told.
const PROGRAMS: &[(&[&str], Told)] = &[
    (&["nginx", "nginx-unprivileged", "openresty"], By("SIGHUP")),
    (&["haproxy", "haproxy-alpine"], By("SIGHUP")),
    (
        &["prometheus", "alertmanager", "blackbox-exporter", "blackbox_exporter", "snmp-exporter"],
        By("SIGHUP"),
    ),
    (&["caddy", "frankenphp"], Caddy),
    (&["traefik"], Itself),
    (&["httpd", "httpd-foreground", "apache2-foreground", "apachectl", "apache2"], By("SIGUSR1")),
    (&["php-fpm"], By("SIGUSR2")),
    (&["postgres", "postgis", "timescaledb", "pgvector", "pgbouncer"], By("SIGHUP")),
    (
        &[
            "mosquitto",
            "eclipse-mosquitto",
            "unbound",
            "named",
            "bind9",
            "squid",
            "nats",
            "nats-server",
        ],
        By("SIGHUP"),
    ),
    (&["vector", "telegraf", "vault", "consul", "stunnel", "openvpn", "dovecot"], By("SIGHUP")),
    (&["coredns"], By("SIGUSR1")),
    (&["fluentd"], By("SIGUSR2")),
];

/// What a program does about the configuration at a path in its container: an action and its reason;
/// `None` if nothing has to be done.
pub(super) fn reload(runs: &str, target: &str, is_file: bool) -> Option<(Action, String)> {
    // What only a first start reads, and what is asked for by visitors.
    let passive = [
        "/docker-entrypoint-initdb.d",
        "/usr/share/nginx/html",
        "/usr/local/apache2/htdocs",
        "/srv",
        "/var/www",
    ];
    if passive.iter().any(|directory| below(target, directory).is_some()) {
        return None;
    }
    let told = PROGRAMS.iter().find(|(names, _)| names.contains(&runs)).map_or(Never, |it| it.1);
    let name = if runs.is_empty() { "its program" } else { runs };
    let restart = |why: &str| Some((Action::Restart, format!("{name} {why}")));
    match told {
        // The image makes its configuration of templates when it starts.
        By(_) if below(target, "/etc/nginx/templates").is_some() => {
            restart("fills in its templates only when it starts")
        }
        By(signal) => Some((
            Action::Signal(signal),
            format!("{name} reads its configuration again on {signal}"),
        )),
        Caddy => {
            let file = if is_file { target.to_owned() } else { format!("{target}/Caddyfile") };
            let words = [name, "reload", "--config", &file].map(str::to_owned);
            Some((
                Action::Exec(words.to_vec()),
                format!("{name} takes over its configuration by `{name} reload`"),
            ))
        }
        Itself
            if matches!(
                target.rsplit('/').next(),
                Some("traefik.yml" | "traefik.yaml" | "traefik.toml")
            ) =>
        {
            restart("reads its static configuration only when it starts")
        }
        Itself => None,
        Never => restart("is not known to read it again while it runs"),
    }
}

/// What runs, by its name: the first word of a command without scripts of images before it; the image's
/// name where no command is known.
pub(super) fn runs<'a>(command: &'a [String], image: &'a str) -> &'a str {
    let is_script = |word: &&String| word.contains("entrypoint") || word.starts_with('-');
    let first = command.iter().find(|word| {
        !is_script(word) && !["tini", "dumb-init", "--", "exec"].contains(&program(word))
    });
    first.map_or_else(|| super::image::name(image), |word| program(word))
}

/// Whether a path that a container sees looks like configuration, and not like data or source.
pub(super) fn is_configuration(seen: &Seen, project: &Path, files: &dyn Files) -> Option<bool> {
    let kind = files.kind(&seen.path)?;
    let system =
        ["/etc", "/var", "/run", "/proc", "/sys", "/dev", "/usr", "/lib", "/bin", "/tmp", "/boot"];
    if !seen.path.starts_with(project) && system.iter().any(|it| seen.path.starts_with(it)) {
        return Some(false);
    }
    let name = seen.path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let parts: Vec<&str> = seen.target.split('/').collect();
    let in_configuration = seen.target.starts_with("/etc/")
        || seen.target.starts_with("/usr/local/etc/")
        || parts.iter().any(|part| ["conf", "config", "conf.d", "provisioning"].contains(part));
    Some(match kind {
        FileKind::File if extension == "sock" => false,
        FileKind::File => {
            seen.read_only
                || in_configuration
                || WRITTEN_BY_HAND.contains(&extension)
                || name == "Caddyfile"
        }
        FileKind::Directory => in_configuration,
    })
}

/// Endings of files that people write and programs do not.
const WRITTEN_BY_HAND: [&str; 18] = [
    "conf",
    "cnf",
    "cfg",
    "ini",
    "yml",
    "yaml",
    "toml",
    "xml",
    "properties",
    "hcl",
    "lua",
    "vcl",
    "rules",
    "acl",
    "tmpl",
    "template",
    "config",
    "alloy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_as_they_like_it() {
        for (runs, target, expected) in [
            ("nginx", "/etc/nginx/nginx.conf", "Some(Signal(\"SIGHUP\"))"),
            ("nginx", "/etc/nginx/templates/a.template", "Some(Restart)"),
            ("nginx", "/usr/share/nginx/html", "None"),
            ("prometheus", "/etc/prometheus/prometheus.yml", "Some(Signal(\"SIGHUP\"))"),
            ("httpd", "/usr/local/apache2/conf/httpd.conf", "Some(Signal(\"SIGUSR1\"))"),
            ("traefik", "/etc/traefik/traefik.yml", "Some(Restart)"),
            ("traefik", "/etc/traefik/dynamic/a.yml", "None"),
            ("redis", "/usr/local/etc/redis/redis.conf", "Some(Restart)"),
            ("postgres", "/docker-entrypoint-initdb.d/a.sql", "None"),
            (
                "caddy",
                "/etc/caddy/Caddyfile",
                "Some(Exec([\"caddy\", \"reload\", \"--config\", \"/etc/caddy/Caddyfile\"]))",
            ),
        ] {
            let action = reload(runs, target, true).map(|it| it.0);
            assert_eq!(format!("{action:?}"), expected, "{runs} {target}");
        }
    }

    #[test]
    fn the_program_is_named_by_command_or_image() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(runs(&words("/usr/bin/haproxy -f x"), "a/b"), "haproxy");
        assert_eq!(runs(&words("docker-entrypoint.sh postgres -c x"), "a"), "postgres");
        assert_eq!(runs(&[], "docker.io/prom/prometheus:v2"), "prometheus");
        assert_eq!(runs(&words("--config.file=/x"), "prom/prometheus"), "prometheus");
    }
}
