//! The table of what is known to fail, each with where it was reported. All rows are about images for amd64.

use crate::platform::How;
use crate::platform::image::Image;

/// The emulators under which something fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    Qemu,
    Rosetta,
    /// All: what they have in common is missing.
    Any,
}

/// How certain it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// It was reported, or happens at times.
    Hint,
    /// It cannot work without AVX, which an emulator may have after all.
    UnlessAvx,
    /// It cannot work.
    Certain,
}

/// Which images.
pub(super) struct Images {
    /// Repositories, as people write them.
    pub(super) repositories: &'static [&'static str],
    /// The first release; empty for all.
    pub(super) from: &'static [u32],
    /// The first one that is not meant any more; empty for none.
    pub(super) before: &'static [u32],
    /// What their tags begin with, where these are no numbers.
    pub(super) tag: &'static str,
}

/// A row of the table.
pub(super) struct Known {
    pub(super) images: Images,
    pub(super) under: Under,
    pub(super) certainty: Certainty,
    pub(super) message: &'static str,
    pub(super) remedy: &'static str,
}

/// Images of some repositories, whatever the release.
const fn all(repositories: &'static [&'static str]) -> Images {
    Images { repositories, from: &[], before: &[], tag: "" }
}

const MONGODB: &[&str] = &[
    "mongo",
    "bitnami/mongodb",
    "bitnamilegacy/mongodb",
    "mongodb/mongodb-community-server",
    "mongodb/mongodb-enterprise-server",
    "percona/percona-server-mongodb",
];

const ORACLE_XE: &[&str] = &[
    "gvenzl/oracle-xe",
    "container-registry.oracle.com/database/express",
    "oracleinanutshell/oracle-xe-11g",
    "wnameless/oracle-xe-11g-r2",
];

const ELASTICSEARCH: &[&str] =
    &["elasticsearch", "docker.elastic.co/elasticsearch/elasticsearch", "bitnami/elasticsearch"];

const LEVEL_3: &[&str] = &[
    "registry.access.redhat.com/ubi10",
    "registry.access.redhat.com/ubi10/ubi",
    "registry.access.redhat.com/ubi10-minimal",
    "registry.access.redhat.com/ubi10/ubi-minimal",
    "registry.access.redhat.com/ubi10-micro",
    "registry.access.redhat.com/ubi10/ubi-micro",
    "registry.access.redhat.com/ubi10-init",
    "registry.access.redhat.com/ubi10/ubi-init",
];

const JAVA: &[&str] = &[
    "eclipse-temurin",
    "amazoncorretto",
    "openjdk",
    "ibmjava",
    "maven",
    "gradle",
    "jetty",
    "tomcat",
    "cassandra",
    "zookeeper",
    "apache/kafka",
    "bitnami/kafka",
    "confluentinc/cp-kafka",
    "confluentinc/cp-server",
    "confluentinc/cp-schema-registry",
    "confluentinc/cp-zookeeper",
    "wurstmeister/kafka",
    "quay.io/keycloak/keycloak",
    "jboss/keycloak",
    "jenkins/jenkins",
    "sonarqube",
    "neo4j",
];

const LEVEL_3_MESSAGE: &str = "its programs are compiled for x86-64-v3, which Rosetta does not have in a \
     virtual machine: all end with \"CPU does not support x86-64-v3\"";

impl Images {
    pub(super) fn have(&self, image: &Image) -> bool {
        self.repositories.contains(&image.repository.as_str())
            && (self.from.is_empty() || image.is_at_least(self.from))
            && (self.before.is_empty() || image.is_before(self.before))
            && image.tag.starts_with(self.tag)
    }
}

impl Under {
    pub(super) fn is(self, how: How) -> bool {
        match self {
            Self::Qemu => how == How::Qemu,
            Self::Rosetta => how == How::Rosetta,
            Self::Any => how.is_emulated(),
        }
    }
}

pub(super) const TABLE: [Known; 20] = [
    // microsoft/mssql-docker#668, tonistiigi/binfmt#90.
    Known {
        images: all(&["mcr.microsoft.com/mssql/server"]),
        under: Under::Qemu,
        certainty: Certainty::Certain,
        message: "SQL Server ends with a failed assertion when it starts under QEMU",
        remedy: "run it under Rosetta, or on an engine for amd64",
    },
    // orbstack/orbstack#114.
    Known {
        images: all(ORACLE_XE),
        under: Under::Any,
        certainty: Certainty::Certain,
        message: "Oracle XE runs under no emulator of programs, neither QEMU nor Rosetta",
        remedy: "use gvenzl/oracle-free, which exists for arm64, or an engine for amd64 (colima start \
                 --arch x86_64)",
    },
    // tigerbeetle/tigerbeetle#53, orbstack/orbstack#1115: the kernel's interface is not passed on.
    Known {
        images: all(&["ghcr.io/tigerbeetle/tigerbeetle"]),
        under: Under::Any,
        certainty: Certainty::Certain,
        message: "TigerBeetle needs io_uring, which emulators do not have",
        remedy: "use its image for the engine's own CPU",
    },
    // docker/for-mac#7137, orbstack/orbstack#482.
    Known {
        images: Images { from: &[5], ..all(MONGODB) },
        under: Under::Rosetta,
        certainty: Certainty::UnlessAvx,
        message: "MongoDB 5 and later needs AVX, which Rosetta does not have in a virtual machine: it ends \
                  with an illegal instruction (exit code 132)",
        remedy: "use its image for arm64, or MongoDB 4.4",
    },
    // docker/for-mac#6620: QEMU has AVX since 7.2.
    Known {
        images: Images { from: &[5], ..all(MONGODB) },
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "MongoDB 5 and later needs AVX, which QEMU has only since 7.2: with an older one it ends \
                  with an illegal instruction (exit code 132)",
        remedy: "use its image for arm64, or MongoDB 4.4",
    },
    // crc-org/vfkit#265: compiled for x86-64-v3, and glibc looks.
    Known {
        images: all(LEVEL_3),
        under: Under::Rosetta,
        certainty: Certainty::UnlessAvx,
        message: LEVEL_3_MESSAGE,
        remedy: "use its image for arm64",
    },
    Known {
        images: Images { from: &[10], ..all(&["rockylinux/rockylinux", "rockylinux"]) },
        under: Under::Rosetta,
        certainty: Certainty::UnlessAvx,
        message: LEVEL_3_MESSAGE,
        remedy: "use its image for arm64",
    },
    Known {
        images: Images { tag: "stream10", ..all(&["quay.io/centos/centos"]) },
        under: Under::Rosetta,
        certainty: Certainty::UnlessAvx,
        message: LEVEL_3_MESSAGE,
        remedy: "use its image for arm64",
    },
    // orbstack/orbstack#482.
    Known {
        images: all(&["milvusdb/milvus", "tensorflow/tensorflow", "tensorflow/serving"]),
        under: Under::Rosetta,
        certainty: Certainty::Hint,
        message: "it uses AVX where it was built with it, which Rosetta does not have in a virtual machine: \
                  then it ends with an illegal instruction (exit code 132)",
        remedy: "use a release with an image for arm64",
    },
    // docker/for-mac#7410: QEMU has no seccomp.
    Known {
        images: Images { before: &[8], ..all(ELASTICSEARCH) },
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "Elasticsearch does not find seccomp under QEMU (\"seccomp unavailable\"), and ends there \
                  unless it runs as a single node",
        remedy: "use its image for arm64 (7.8 and later), or set bootstrap.system_call_filter to false",
    },
    Known {
        images: Images { from: &[8], ..all(ELASTICSEARCH) },
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "Elasticsearch does not find seccomp under QEMU (\"seccomp unavailable\"), and ends there \
                  unless it runs as a single node",
        remedy: "use its image for arm64",
    },
    // docker/for-mac#5123, confluentinc/kafka-images#80.
    Known {
        images: all(JAVA),
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "Java's virtual machine crashes at times under QEMU (exit codes 134 and 139)",
        remedy: "use an image for arm64",
    },
    // docker/for-mac#7068, #7320.
    Known {
        images: all(JAVA),
        under: Under::Rosetta,
        certainty: Certainty::Hint,
        message: "Java's virtual machine crashes at times under Rosetta (exit code 139)",
        remedy: "use an image for arm64",
    },
    // PrairieLearn/PrairieLearn#9469.
    Known {
        images: all(&["citusdata/citus", "bitnami/postgresql", "bitnami/postgresql-repmgr"]),
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "PostgreSQL as it is built there aborts at times under QEMU (a stuck spinlock)",
        remedy: "use a release with an image for arm64",
    },
    // apple/foundationdb#6669.
    Known {
        images: all(&["foundationdb/foundationdb"]),
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "FoundationDB was reported not to start under QEMU",
        remedy: "use a release with an image for arm64",
    },
    // supabase/cli#5050.
    Known {
        images: Images { before: &[1, 29, 6], ..all(&["axllent/mailpit"]) },
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "Mailpit crashes at times under QEMU (exit code 139)",
        remedy: "use its image for arm64, in release 1.29.6 or later",
    },
    // docker/desktop-feedback#382.
    Known {
        images: all(&["rust", "ghcr.io/astral-sh/uv"]),
        under: Under::Qemu,
        certainty: Certainty::Hint,
        message: "rustc and uv crash at times under QEMU (exit code 139)",
        remedy: "use an image for arm64, or Rosetta",
    },
    // PTRACE_TRACEME is not passed on: docker/for-mac#5191.
    // dotnet/runtime#102509.
    Known {
        images: all(&[
            "mcr.microsoft.com/dotnet/sdk",
            "mcr.microsoft.com/dotnet/aspnet",
            "mcr.microsoft.com/dotnet/runtime",
        ]),
        under: Under::Rosetta,
        certainty: Certainty::Hint,
        message: ".NET crashes at times under Rosetta as long as it protects its code from being written",
        remedy: "use an image for arm64, or set DOTNET_EnableWriteXorExecute=0",
    },
    // docker/for-mac#6678: the name of a program that starts itself is lost.
    Known {
        images: all(&["docker"]),
        under: Under::Rosetta,
        certainty: Certainty::Hint,
        message: "an engine in a container may not start containers under Rosetta",
        remedy: "use its image for arm64",
    },
    Known {
        images: all(&["mambaorg/micromamba"]),
        under: Under::Rosetta,
        certainty: Certainty::Hint,
        message: "micromamba does not find the network under Rosetta, which does not pass netlink on",
        remedy: "use its image for arm64",
    },
    // docker/for-mac#6973.
];
