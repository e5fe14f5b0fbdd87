//! Engines that people run on their machines, where their sockets are, and how they are started.
//! Used only to explain why no engine answered: the endpoint in use is never another one than the
//! Docker CLI's.

use std::path::{Path, PathBuf};

use super::{Address, Origin, Surroundings};

/// A socket at which a local engine may listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEngine {
    /// Its product name.
    pub name: &'static str,
    /// Its socket.
    pub socket: PathBuf,
}

impl KnownEngine {
    /// Its socket as a host string.
    pub fn host(&self) -> String {
        Address::Unix(self.socket.clone()).to_string()
    }
}

/// Sockets of local engines that are there as files, the likeliest first.
pub fn known_engines(surroundings: &dyn Surroundings) -> Vec<KnownEngine> {
    let mut sockets: Vec<(&'static str, PathBuf)> = Vec::new();
    if let Some(home) = surroundings.home() {
        sockets.push(("Docker Desktop", home.join(".docker/run/docker.sock")));
        sockets.push(("Docker Desktop", home.join(".docker/desktop/docker.sock")));
        for colima in colima_homes(&home, surroundings) {
            for profile in surroundings.entries(&colima) {
                sockets.push(("Colima", colima.join(profile).join("docker.sock")));
            }
            sockets.push(("Colima", colima.join("docker.sock")));
        }
        sockets.push(("OrbStack", home.join(".orbstack/run/docker.sock")));
        sockets.push(("Rancher Desktop", home.join(".rd/docker.sock")));
        let lima = surroundings.filled_variable("LIMA_HOME").map(PathBuf::from);
        let lima = lima.unwrap_or_else(|| home.join(".lima"));
        for instance in surroundings.entries(&lima) {
            sockets.push(("Lima", lima.join(instance).join("sock/docker.sock")));
        }
    }
    if let Some(runtime) = surroundings.filled_variable("XDG_RUNTIME_DIR").map(PathBuf::from) {
        sockets.push(("rootless Docker", runtime.join("docker.sock")));
        sockets.push(("Podman", runtime.join("podman/podman.sock")));
    }
    sockets.push(("Podman", PathBuf::from("/run/podman/podman.sock")));
    if let Some(temporary) = surroundings.filled_variable("TMPDIR") {
        let machines = PathBuf::from(temporary).join("podman");
        for name in surroundings.entries(&machines) {
            if name.ends_with("-api.sock") {
                sockets.push(("Podman", machines.join(name)));
            }
        }
    }
    sockets.retain(|(_, socket)| surroundings.exists(socket));
    sockets.into_iter().map(|(name, socket)| KnownEngine { name, socket }).collect()
}

/// Where Colima may keep its profiles.
pub fn colima_homes(home: &Path, surroundings: &dyn Surroundings) -> Vec<PathBuf> {
    let own = surroundings.filled_variable("COLIMA_HOME").map(PathBuf::from);
    let configuration = surroundings.filled_variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let configuration = configuration.unwrap_or_else(|| home.join(".config"));
    let mut homes: Vec<PathBuf> = own.into_iter().collect();
    homes.extend([home.join(".colima"), configuration.join("colima")]);
    homes
}

/// What starts the engine that was looked for, or what to install, on `os`
/// (`std::env::consts::OS`). `None` where it is on another machine.
pub fn start_command(
    origin: Origin,
    context: &str,
    address: &Address,
    os: &str,
    surroundings: &dyn Surroundings,
) -> Option<String> {
    let Address::Unix(socket) = address else { return None };
    let socket = socket.to_string_lossy();
    let named = |word: &str| context.contains(word) || socket.contains(&format!("/.{word}"));
    if named("colima") || socket.contains("/colima/") {
        return Some(match context.strip_prefix("colima-") {
            Some(profile) => format!("colima start --profile {profile}"),
            None => "colima start".to_owned(),
        });
    }
    for (words, command) in [
        (["orbstack", "/.orbstack/"], "orb start"),
        (["rancher-desktop", "/.rd/"], "rdctl start"),
        (["desktop-linux", "/.docker/"], "docker desktop start"),
    ] {
        if words.iter().any(|word| context == *word || socket.contains(word)) {
            return Some(command.to_owned());
        }
    }
    if socket.contains("podman") {
        let root = socket.starts_with("/run/podman") || socket.starts_with("/var/run/podman");
        return Some(
            match (os, root) {
                ("linux", true) => "sudo systemctl start podman.socket",
                ("linux", false) => "systemctl --user start podman.socket",
                _ => "podman machine start",
            }
            .to_owned(),
        );
    }
    if socket.starts_with("/run/user/") {
        return Some("systemctl --user start docker".to_owned());
    }
    if origin != Origin::Default && !super::is_default_socket(&socket) {
        return None;
    }
    Some(default_start_command(os, surroundings))
}

/// What starts an engine at the default socket.
fn default_start_command(os: &str, surroundings: &dyn Surroundings) -> String {
    let application = |name: &str| {
        let bundle = PathBuf::from("/Applications").join(name);
        os == "macos" && surroundings.exists(&bundle)
    };
    let systemd = surroundings.exists(Path::new("/run/systemd/system"));
    let start_docker =
        if systemd { "sudo systemctl start docker" } else { "sudo service docker start" };
    let installed = [
        (application("Docker.app"), "open -a Docker"),
        (application("OrbStack.app"), "open -a OrbStack"),
        (surroundings.has_program("colima"), "colima start"),
        (application("Rancher Desktop.app"), "open -a 'Rancher Desktop'"),
        (os == "linux" && surroundings.has_program("dockerd"), start_docker),
        (surroundings.has_program("podman") && os == "macos", "podman machine start"),
        (surroundings.has_program("podman") && os == "linux", "sudo systemctl start podman.socket"),
    ];
    if let Some((_, command)) = installed.iter().find(|(there, _)| *there) {
        return (*command).to_owned();
    }
    match os {
        "macos" => "brew install colima docker && colima start".to_owned(),
        "linux" if surroundings.has_program("apt-get") => {
            format!("sudo apt-get install docker.io && {start_docker}")
        }
        "linux" if surroundings.has_program("dnf") => {
            format!("sudo dnf install moby-engine && {start_docker}")
        }
        _ => "install Docker Engine (https://docs.docker.com/engine/install/) and start it"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::surroundings::tests::Imagined;
    use super::*;

    #[test]
    fn finds_sockets_that_are_there() {
        let machine = Imagined::default()
            .with_variable("HOME", "/h")
            .with_variable("XDG_RUNTIME_DIR", "/run/user/7")
            .with_file("/h/.colima/work/docker.sock", "")
            .with_file("/h/.lima/docker/sock/docker.sock", "")
            .with_file("/run/user/7/podman/podman.sock", "");
        let found: Vec<_> = known_engines(&machine)
            .iter()
            .map(|engine| format!("{} {}", engine.name, engine.host()))
            .collect();
        assert_eq!(
            found,
            [
                "Colima unix:///h/.colima/work/docker.sock",
                "Lima unix:///h/.lima/docker/sock/docker.sock",
                "Podman unix:///run/user/7/podman/podman.sock",
            ]
        );
    }

    #[test]
    fn names_the_command_that_starts_an_engine() {
        let bare = Imagined::default();
        let debian =
            Imagined::default().with_variable("PATH", "/bin").with_file("/bin/apt-get", "");
        let with_docker = debian.clone().with_file("/bin/dockerd", "");
        let systemd = with_docker.clone().with_file("/run/systemd/system/x", "");
        let mac = Imagined::default().with_file("/Applications/Docker.app/x", "");
        let with_colima =
            Imagined::default().with_variable("PATH", "/b").with_file("/b/colima", "");
        let default = "unix:///var/run/docker.sock";
        for (origin, context, host, os, machine, expected) in [
            (
                Origin::Default,
                "default",
                default,
                "linux",
                &systemd,
                Some("sudo systemctl start docker"),
            ),
            (
                Origin::Default,
                "default",
                default,
                "linux",
                &debian,
                Some("sudo apt-get install docker.io && sudo service docker start"),
            ),
            (Origin::Default, "default", default, "macos", &mac, Some("open -a Docker")),
            (Origin::Default, "default", default, "macos", &with_colima, Some("colima start")),
            (
                Origin::CurrentContext,
                "colima-work",
                "unix:///h/.colima/work/docker.sock",
                "macos",
                &bare,
                Some("colima start --profile work"),
            ),
            (
                Origin::HostVariable,
                "default",
                "unix:///run/user/1/podman/podman.sock",
                "linux",
                &bare,
                Some("systemctl --user start podman.socket"),
            ),
            (Origin::HostVariable, "default", "unix:///own.sock", "linux", &with_docker, None),
            (Origin::HostVariable, "default", "tcp://box", "linux", &with_docker, None),
        ] {
            let address = Address::parse(host, false).unwrap();
            let command = start_command(origin, context, &address, os, machine);
            assert_eq!(command.as_deref(), expected, "{host} {os}");
        }
    }
}
