//! Makes projects of any size, as people write them.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// Services of one included file.
const SERVICES_PER_FILE: usize = 20;

/// What services may use beside plain keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Feature {
    /// More keys: labels, a healthcheck, limits.
    Keys,
    /// A common part by anchor and merge key.
    Anchors,
    /// A service of another file that they extend.
    Extends,
    /// Files of their own, which are included.
    Include,
    /// Environment files.
    EnvFiles,
    /// Profiles, of which none is active, for every tenth of them.
    Profiles,
    /// Variables, set and not, with defaults.
    Variables,
}

impl Feature {
    /// Each of them.
    pub(crate) fn all() -> Vec<Self> {
        use Feature::{Anchors, EnvFiles, Extends, Include, Keys, Profiles, Variables};
        vec![Keys, Anchors, Extends, Include, EnvFiles, Profiles, Variables]
    }
}

/// A project to be made.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) services: usize,
    pub(crate) features: Vec<Feature>,
}

impl Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} services", self.services)?;
        if self.features == Feature::all() {
            return f.write_str(", everything");
        }
        self.features.iter().try_for_each(|feature| write!(f, ", {feature:?}"))
    }
}

impl Plan {
    fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// Writes the files of the project into a directory, which is made.
    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory.join("config"))?;
        fs::write(directory.join(".env"), "REGISTRY=registry.example.com\nTAG=1.4.2\n")?;
        fs::write(directory.join("common.env"), "TZ=UTC\nTRACING=off\nGREETING=\"a $TZ\"\n")?;
        fs::write(
            directory.join("base.yaml"),
            "services:\n  base:\n    init: true\n    stop_grace_period: 20s\n    labels: {team: shop}\n",
        )?;
        let mut main = BufWriter::new(File::create(directory.join("compose.yaml"))?);
        writeln!(main, "name: bench")?;
        if self.has(Feature::Include) {
            let mut files = Vec::new();
            for first in (0..self.services).step_by(SERVICES_PER_FILE) {
                let name = format!("part{first}.yaml");
                let mut part = BufWriter::new(File::create(directory.join(&name))?);
                let last = self.services.min(first + SERVICES_PER_FILE);
                self.file(&mut part, first..last)?;
                part.flush()?;
                files.push(name);
            }
            writeln!(main, "include:")?;
            files.iter().try_for_each(|name| writeln!(main, "  - {name}"))?;
            writeln!(main, "volumes:\n  spare: {{}}")?;
        } else {
            self.file(&mut main, 0..self.services)?;
        }
        main.flush()
    }

    /// A file of some services and what they need.
    fn file(&self, out: &mut impl Write, services: std::ops::Range<usize>) -> Result<()> {
        if self.has(Feature::Anchors) {
            writeln!(out, "x-common: &common")?;
            writeln!(out, "  logging: {{driver: json-file, options: {{max-size: 10m}}}}")?;
            writeln!(out, "  security_opt: [\"no-new-privileges:true\"]")?;
        }
        writeln!(out, "services:")?;
        for number in services.clone() {
            self.service(out, number, services.start)?;
        }
        writeln!(out, "volumes:")?;
        for volume in services.step_by(10) {
            writeln!(out, "  data{}: {{}}", volume / 10)?;
        }
        Ok(())
    }

    fn service(&self, out: &mut impl Write, number: usize, first: usize) -> Result<()> {
        let image = if self.has(Feature::Variables) {
            "${REGISTRY}/team/service:${TAG:-latest}".to_owned()
        } else {
            format!("registry.example.com/team/service{number}:1.{}.2", number % 10)
        };
        writeln!(out, "  service{number}:")?;
        if self.has(Feature::Anchors) {
            writeln!(out, "    <<: *common")?;
        }
        if self.has(Feature::Extends) {
            writeln!(out, "    extends: {{file: base.yaml, service: base}}")?;
        }
        if self.has(Feature::Profiles) && number % 10 == 9 {
            writeln!(out, "    profiles: [debug]")?;
        }
        writeln!(out, "    image: {image}")?;
        writeln!(out, "    command: [\"serve\", \"--port\", \"{}\"]", 8000 + number % 1000)?;
        writeln!(out, "    environment:")?;
        writeln!(out, "      LOG_LEVEL: info")?;
        writeln!(out, "      SERVICE_NAME: service{number}")?;
        writeln!(out, "      DATABASE_URL: postgres://db{}:5432/app", number % 10)?;
        if self.has(Feature::EnvFiles) {
            writeln!(out, "    env_file: [common.env]")?;
        }
        writeln!(out, "    ports:\n      - \"{}:80\"", 10_000 + number % 50_000)?;
        writeln!(out, "    volumes:\n      - data{}:/var/lib/data", number / 10)?;
        writeln!(out, "      - ./config:/etc/service:ro")?;
        writeln!(out, "    restart: unless-stopped")?;
        // A tree of dependencies, of services that are enabled and in the same file.
        if number > first {
            let target = first + (number - first - 1) / 10 * 10;
            writeln!(out, "    depends_on:\n      - service{target}")?;
        }
        if self.has(Feature::Keys) {
            writeln!(out, "    labels:\n      - \"example.com/number={number}\"")?;
            writeln!(out, "      - \"example.com/rule=Host(`s{number}.example.com`)\"")?;
            writeln!(out, "    healthcheck:\n      test: curl -f http://localhost/health")?;
            writeln!(out, "      interval: 30s\n      retries: 3")?;
            writeln!(out, "    deploy:\n      resources:\n        limits:")?;
            writeln!(out, "          cpus: \"0.5\"\n          memory: 256M")?;
            writeln!(out, "    networks:\n      default:\n        aliases: [alias{number}]")?;
        }
        Ok(())
    }
}
