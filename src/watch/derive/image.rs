//! What well-known images run where nothing else is said, and where.

/// The name of an image without its registry, namespace, tag and digest.
pub(super) fn name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split(':').next().unwrap_or(last)
}

fn tag(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').map_or("", |(_, tag)| tag)
}

/// Whether it is one of those that the Docker project curates: they have no namespace.
fn is_official(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let namespace = image.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    ["", "library", "docker.io", "docker.io/library", "public.ecr.aws/docker/library"]
        .contains(&namespace)
}

/// The working directory that an image sets; `None` if that is not known.
pub(super) fn directory(image: &str) -> Option<&'static str> {
    if image == "scratch" {
        return Some("/");
    }
    if !is_official(image) {
        return None;
    }
    Some(match name(image) {
        "php" => "/var/www/html",
        "golang" => "/go",
        "httpd" => "/usr/local/apache2",
        "wordpress" | "drupal" | "nextcloud" => return None,
        "composer" => "/app",
        "tomcat" => "/usr/local/tomcat",
        "gradle" => "/home/gradle",
        _ => "/",
    })
}

/// The command of an image, as far as it says which program runs.
pub(super) fn command(image: &str) -> Option<&'static [&'static str]> {
    let is_php = matches!(name(image), "php" | "wordpress" | "nextcloud" | "drupal");
    Some(match name(image) {
        _ if is_php && tag(image).contains("fpm") => &["php-fpm"],
        "php" if tag(image).contains("apache") => &["apache2-foreground"],
        "wordpress" | "nextcloud" | "drupal" => &["apache2-foreground"],
        "php" => &["php", "-a"],
        "nginx" | "nginx-unprivileged" => &["nginx"],
        "openresty" => &["openresty"],
        "httpd" => &["httpd-foreground"],
        "caddy" => &["caddy", "run"],
        "frankenphp" => &["frankenphp", "run"],
        "python" => &["python"],
        "node" => &["node"],
        "ruby" => &["irb"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_name() {
        for (image, expected, runs) in [
            ("php:8.3-apache", Some("/var/www/html"), Some("apache2-foreground")),
            (
                "docker.io/library/php:8.3-fpm-alpine@sha256:0",
                Some("/var/www/html"),
                Some("php-fpm"),
            ),
            ("localhost:5000/team/base:1", None, None),
            ("scratch", Some("/"), None),
            ("nginxinc/nginx-unprivileged", None, Some("nginx")),
        ] {
            assert_eq!(directory(image), expected, "{image}");
            assert_eq!(command(image).map(|it| it[0]), runs, "{image}");
        }
    }
}
