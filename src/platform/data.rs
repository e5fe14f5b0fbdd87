//! Data that another CPU has written: which images are database servers, and what is known of their files.

use super::Platform;

/// A database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: &'static str,
    /// Names of its images, without what stands before the last slash.
    images: &'static [&'static str],
    /// What holds for files that the same major version wrote on another CPU, one sentence.
    pub portability: &'static str,
    /// Whether that is a promise that they can be read.
    pub is_portable: bool,
    /// How its data is saved first.
    pub dump: &'static str,
}

const DATABASES: [Database; 9] = [
    Database {
        name: "PostgreSQL",
        images: &["postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector"],
        portability: "PostgreSQL does not promise that a server reads what one of another CPU has written",
        is_portable: false,
        dump: "pg_dumpall",
    },
    Database {
        name: "MySQL",
        images: &["mysql", "mysql-server", "percona", "percona-server"],
        portability: "MySQL's files are the same on CPUs that store numbers alike, as amd64 and arm64 do",
        is_portable: true,
        dump: "mysqldump --all-databases",
    },
    Database {
        name: "MariaDB",
        images: &["mariadb"],
        portability: "MariaDB's files are the same on CPUs that store numbers alike, as amd64 and arm64 do",
        is_portable: true,
        dump: "mariadb-dump --all-databases",
    },
    Database {
        name: "MongoDB",
        images: &["mongo", "mongodb", "mongodb-community-server", "percona-server-mongodb"],
        portability: "MongoDB does not promise that a server reads what one of another CPU has written",
        is_portable: false,
        dump: "mongodump",
    },
    Database {
        name: "Redis",
        images: &["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"],
        portability: "Redis's files are the same on every CPU",
        is_portable: true,
        dump: "redis-cli save",
    },
    Database {
        name: "Elasticsearch",
        images: &["elasticsearch", "opensearch", "solr"],
        portability: "the files of its indexes are the same on every CPU, plugins apart",
        is_portable: true,
        dump: "a snapshot",
    },
    Database {
        name: "Cassandra",
        images: &["cassandra", "scylla"],
        portability: "it does not promise that a server reads what one of another CPU has written",
        is_portable: false,
        dump: "nodetool snapshot",
    },
    Database {
        name: "ClickHouse",
        images: &["clickhouse-server", "clickhouse"],
        portability: "it does not promise that a server reads what one of another CPU has written",
        is_portable: false,
        dump: "BACKUP",
    },
    Database {
        name: "Neo4j, InfluxDB, CouchDB",
        images: &["neo4j", "influxdb", "couchdb", "cockroach", "arangodb", "etcd"],
        portability: "it does not promise that a server reads what one of another CPU has written",
        is_portable: false,
        dump: "its own backup",
    },
];

impl Database {
    /// The database that an image is, by its name.
    pub fn of_image(image: &str) -> Option<&'static Self> {
        let last = image.rsplit('/').next()?;
        let name = last.split([':', '@']).next()?;
        DATABASES.iter().find(|database| database.images.contains(&name))
    }
}

/// What is at stake where a database server goes on with files that one of another CPU has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// What to know, and what to do first: two sentences, no trailing period.
    pub text: String,
    /// Whether the files are promised to be readable all the same.
    pub is_portable: bool,
}

/// What is at stake where the server of an image goes on natively with files that one for `writer` has
/// written, or may have: `holds` says which. `places` are the volumes and directories. `None` if the image is no
/// database server that is known, or has no files.
pub fn risk(image: &str, places: &[String], holds: &str, writer: &Platform) -> Option<Risk> {
    let database = Database::of_image(image).filter(|_| !places.is_empty())?;
    let text = format!(
        "{} {holds} what a server for {writer} has written. {}; save it first ({})",
        places.join(", "),
        capitalized(database.portability),
        database.dump
    );
    Some(Risk { text, is_portable: database.is_portable })
}

fn capitalized(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_last_name() {
        let name = |image| Database::of_image(image).map(|database| database.name);
        assert_eq!(name("postgres"), Some("PostgreSQL"));
        assert_eq!(name("localhost:5000/bitnami/postgresql:16@sha256:ab"), Some("PostgreSQL"));
        assert_eq!(
            name("docker.elastic.co/elasticsearch/elasticsearch:8.1"),
            Some("Elasticsearch")
        );
        assert_eq!(name("postgres-exporter:1"), None);
        assert_eq!(name("nginx"), None);
    }

    #[test]
    fn the_risk_names_volumes_and_what_to_do() {
        let writer = Platform::new("linux", "arm64", "");
        let of = |image: &str, places: &[&str]| {
            let places: Vec<String> = places.iter().map(ToString::to_string).collect();
            risk(image, &places, "holds", &writer)
        };
        let postgres = of("postgres:16", &["volume p_data"]).unwrap();
        assert_eq!(
            postgres.text,
            "volume p_data holds what a server for linux/arm64 has written. PostgreSQL does not promise that a \
             server reads what one of another CPU has written; save it first (pg_dumpall)"
        );
        assert!(!postgres.is_portable && of("redis:7", &["volume p_data"]).unwrap().is_portable);
        assert_eq!(of("postgres:16", &[]), None);
        assert_eq!(of("nginx", &["volume p_data"]), None);
    }
}
