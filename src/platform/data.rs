//! Data that another CPU has written: which images are database servers, and what is known of their files.

/// A database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: &'static str,
    /// Names of its images, without what stands before the last slash.
    images: &'static [&'static str],
    /// What holds for files that the same major version wrote on another CPU, one sentence.
    pub portability: &'static str,
    /// How its data is saved first.
    pub dump: &'static str,
}

const DATABASES: [Database; 9] = [
    Database {
        name: "PostgreSQL",
        images: &["postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector"],
        portability: "PostgreSQL does not promise that a server reads what one of another CPU has written",
        dump: "pg_dumpall",
    },
    Database {
        name: "MySQL",
        images: &["mysql", "mysql-server", "percona", "percona-server"],
        portability: "MySQL's files are the same on CPUs that store numbers alike, as amd64 and arm64 do",
        dump: "mysqldump --all-databases",
    },
    Database {
        name: "MariaDB",
        images: &["mariadb"],
        portability: "MariaDB's files are the same on CPUs that store numbers alike, as amd64 and arm64 do",
        dump: "mariadb-dump --all-databases",
    },
    Database {
        name: "MongoDB",
        images: &["mongo", "mongodb", "mongodb-community-server", "percona-server-mongodb"],
        portability: "MongoDB does not promise that a server reads what one of another CPU has written",
        dump: "mongodump",
    },
    Database {
        name: "Redis",
        images: &["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"],
        portability: "Redis's files are the same on every CPU",
        dump: "redis-cli save",
    },
    Database {
        name: "Elasticsearch",
        images: &["elasticsearch", "opensearch", "solr"],
        portability: "the files of its indexes are the same on every CPU, plugins apart",
        dump: "a snapshot",
    },
    Database {
        name: "Cassandra",
        images: &["cassandra", "scylla"],
        portability: "it does not promise that a server reads what one of another CPU has written",
        dump: "nodetool snapshot",
    },
    Database {
        name: "ClickHouse",
        images: &["clickhouse-server", "clickhouse"],
        portability: "it does not promise that a server reads what one of another CPU has written",
        dump: "BACKUP",
    },
    Database {
        name: "Neo4j, InfluxDB, CouchDB",
        images: &["neo4j", "influxdb", "couchdb", "cockroach", "arangodb", "etcd"],
        portability: "it does not promise that a server reads what one of another CPU has written",
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

/// What to know before a database server of another CPU goes on with files. `places` are the
/// volumes and directories.
pub fn risk(database: &Database, image: &str, places: &[String]) -> String {
    format!(
        "{} of {image} holds what a server for another CPU has written. {}; save it first ({})",
        places.join(", "),
        capitalized(database.portability),
        database.dump
    )
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
        let database = Database::of_image("postgres:16").unwrap();
        assert_eq!(
            risk(database, "postgres:16", &["volume p_data".to_owned()]),
            "volume p_data of postgres:16 holds what a server for another CPU has written. PostgreSQL does not \
             promise that a server reads what one of another CPU has written; save it first (pg_dumpall)"
        );
    }
}
