//! Programs whose configuration changed: which of them read it again when they are told, and how they are told.

use super::Action;
use super::commands::program;
use super::copies::below;

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

/// Programs and images by name, and how they are told. What is not here starts again.
const PROGRAMS: &[(&[&str], Told)] = &[
    // nginx.org/en/docs/control.html: HUP changes the configuration.
    (&["nginx", "nginx-unprivileged", "openresty"], By("SIGHUP")),
    // HAProxy management guide, 4: in master-worker mode, which its image sets, the master reloads on SIGUSR2
    // and on SIGHUP alike. Its image's page names SIGHUP.
    (&["haproxy", "haproxy-alpine"], By("SIGHUP")),
    // prometheus.io/docs, "Configuration" of each: SIGHUP, also where /-/reload is switched off.
    (
        &["prometheus", "alertmanager", "blackbox-exporter", "blackbox_exporter", "snmp-exporter"],
        By("SIGHUP"),
    ),
    // caddyserver.com/docs/command-line: `caddy reload`; signals do not reload it.
    (&["caddy", "frankenphp"], Caddy),
    // doc.traefik.io/traefik/providers/file: `watch` is on by default.
    (&["traefik"], Itself),
    // httpd.apache.org/docs/current/stopping.html: USR1 is a graceful restart.
    (&["httpd", "httpd-foreground", "apache2-foreground", "apachectl", "apache2"], By("SIGUSR1")),
    // php-fpm(8): SIGUSR2 is a graceful reload of all workers and of the configuration.
    (&["php-fpm"], By("SIGUSR2")),
    // postgresql.org/docs/current/config-setting.html: SIGHUP, for parameters that can change so; pgbouncer(1): SIGHUP.
    (&["postgres", "postgis", "timescaledb", "pgvector", "pgbouncer"], By("SIGHUP")),
    // mosquitto(8), unbound(8), named(8), squid(8), docs.nats.io "Signals": SIGHUP.
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
    // vector.dev/docs "Process management", docs of telegraf, vault and consul on reloading, stunnel(8), openvpn(8),
    // dovecot(1): SIGHUP.
    (&["vector", "telegraf", "vault", "consul", "stunnel", "openvpn", "dovecot"], By("SIGHUP")),
    // coredns(1): SIGUSR1 reloads the Corefile.
    (&["coredns"], By("SIGUSR1")),
    // docs.fluentd.org "Signals": SIGUSR2 is a graceful reload.
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
