//! What stands in for images that do not exist for arm64. A hint, as of 2026: names and tags move, and only the
//! registry knows; a newer tag of the same image may have what an older one lacks.

use super::Platform;
use super::image::Image;

/// What may take the place of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// An image, or several to choose from, as they stand in a sentence.
    pub image: String,
    /// What is to be thought of; one sentence, or empty.
    pub note: &'static str,
}

/// Confluent's images, which came for arm64 with release 7.
const CONFLUENT: &str = "confluentinc/cp-";
const NEW_DATA: &str =
    "it does not read the other's files: dump the data, and load it into the new one";

/// What stands in for `image` on a guest whose own platform is `native`.
pub fn replacement(image: &str, native: &Platform) -> Option<Replacement> {
    if native.architecture() != "arm64" {
        return None;
    }
    let image = Image::parse(image)?;
    let with_tag = |repository: &str| match image.tag.as_str() {
        "" => repository.to_owned(),
        tag => format!("{repository}:{tag}"),
    };
    let same = |image: String| Some(Replacement { image, note: "" });
    let new_data = |image: &str| Some(Replacement { image: image.to_owned(), note: NEW_DATA });
    match image.repository.as_str() {
        "mysql" if image.tag.ends_with("-debian") && !image.is_before(&[8]) => {
            same(format!("mysql:{}-oracle", image.tag.trim_end_matches("-debian")))
        }
        "mysql" if image.is_before(&[8]) => new_data("mysql:8.4 or mariadb:10.11"),
        "mysql" if image.is_before(&[8, 0, 29]) => same("mysql:8.0".to_owned()),
        "postgis/postgis" => same(with_tag("imresamu/postgis")),
        "gvenzl/oracle-xe"
        | "container-registry.oracle.com/database/express"
        | "oracleinanutshell/oracle-xe-11g"
        | "wnameless/oracle-xe-11g-r2" => new_data("gvenzl/oracle-free"),
        "mailhog/mailhog" => Some(Replacement {
            image: "axllent/mailpit".to_owned(),
            note: "it listens on the same ports, 1025 and 8025",
        }),
        "selenium/standalone-chrome" => same(with_tag("selenium/standalone-chromium")),
        "selenium/node-chrome" => same(with_tag("selenium/node-chromium")),
        "elasticsearch" if image.is_before(&[7, 8]) => same("elasticsearch:7.17.28".to_owned()),
        "docker.elastic.co/elasticsearch/elasticsearch" if image.is_before(&[7, 8]) => {
            same("docker.elastic.co/elasticsearch/elasticsearch:7.17.28".to_owned())
        }
        "gitlab/gitlab-ce" | "gitlab/gitlab-ee" if image.is_before(&[18, 3]) => {
            same(format!("{}, release 18.3 or later", image.repository))
        }
        "jboss/keycloak" => same("quay.io/keycloak/keycloak".to_owned()),
        repository if repository.starts_with(CONFLUENT) && image.is_before(&[7]) => {
            same(format!("{repository}, release 7.3.1 or later"))
        }
        _ => None,
    }
}

/// The same as a sentence: what to do about an image that does not exist for the guest's own platform.
pub fn advice(image: &str, native: &Platform) -> Option<String> {
    let replacement = replacement(image, native)?;
    Some(format!("use {replacement} in its place, which exists for {native}"))
}

/// As it stands in a sentence: `axllent/mailpit (it listens …)`.
impl std::fmt::Display for Replacement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.image)?;
        if self.note.is_empty() { Ok(()) } else { write!(f, " ({})", self.note) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_images_have_successors() {
        let native = Platform::new("linux", "arm64", "");
        for (image, expected) in [
            ("mysql:5.7", Some("mysql:8.4 or mariadb:10.11")),
            ("mysql:5.7.44-debian", Some("mysql:8.4 or mariadb:10.11")),
            ("mysql:8.0.23", Some("mysql:8.0")),
            ("mysql:8.0-debian", Some("mysql:8.0-oracle")),
            ("mysql:8.4", None),
            ("mysql", None),
            ("docker.io/mailhog/mailhog:v1.0.1", Some("axllent/mailpit")),
            ("postgis/postgis:16-3.4", Some("imresamu/postgis:16-3.4")),
            ("selenium/standalone-chrome:4.27", Some("selenium/standalone-chromium:4.27")),
            ("confluentinc/cp-kafka:6.2.1", Some("confluentinc/cp-kafka, release 7.3.1 or later")),
            ("confluentinc/cp-kafka:7.5.0", None),
            ("gitlab/gitlab-ce:16.3.4-ce.0", Some("gitlab/gitlab-ce, release 18.3 or later")),
            ("mcr.microsoft.com/mssql/server:2022-latest", None),
            ("not an image", None),
        ] {
            let found = replacement(image, &native).map(|it| it.image);
            assert_eq!(found.as_deref(), expected, "{image}");
        }
        assert_eq!(replacement("mailhog/mailhog", &Platform::new("linux", "amd64", "")), None);
    }
}
