//! What verdicts cost an `up`: nothing of the network where all is known, and two seconds at most where it is not.

use std::time::{Duration, Instant};

use super::servers::{Registry, Server};
use crate::harness::{Stack, platforms};

/// What a busy machine may need for the rest of an `up`.
const ROOM: Duration = Duration::from_secs(3);

/// An image that the engine has for a platform, under a name of its own.
struct Held {
    name: String,
    server: Server,
}

impl Held {
    fn new(stack: &Stack, platform: &str) -> Self {
        let server = Server::before(&Registry::of_the_lab());
        let repository = format!("{}/library/busybox", server.address);
        let path = format!("/images/create?fromImage={repository}&tag=stable&platform={platform}");
        let (_, told) = stack.engine().call("POST", &path, None);
        assert!(!told.to_string().contains("error"), "{told}");
        server.requests();
        Self { name: format!("{repository}:stable"), server }
    }

    /// Gives it another name.
    fn tag(&self, stack: &Stack, repository: &str) {
        let path = format!("/images/{}/tag?repo={repository}&tag=1", self.name);
        assert_eq!(stack.engine().call("POST", &path, None).0, 201);
    }
}

/// Removes names of images.
fn forget(stack: &Stack, names: &[&str]) {
    for name in names {
        stack.engine().call("DELETE", &format!("/images/{name}?force=true"), None);
    }
}

fn service(name: &str, image: &str, platform: &str) -> String {
    format!(
        "  {name}: {{image: '{image}', platform: {platform}, command: sleep 1000, stop_signal: SIGKILL}}\n"
    )
}

#[test]
fn an_up_with_a_warm_cache_asks_no_registry() {
    let foreign = platforms().1;
    let stack = Stack::new("warm");
    let held = Held::new(&stack, foreign);
    let services = service("db", &held.name, foreign);
    let stack = stack.file("compose.yaml", &format!("services:\n{services}"));
    let said = |told: &str| told.matches("db: runs emulated (QEMU) needlessly").count();
    let cold = stack.run(["up", "-d"]).success();
    assert_eq!(said(&cold.stderr), 1, "{cold}");
    assert_ne!(held.server.requests(), Vec::<String>::new(), "the registry was asked once");
    for arguments in [&["up", "-d"][..], &["up", "-d", "--force-recreate"], &["plan"]] {
        let warm = stack.run(arguments.iter().copied()).success();
        assert_eq!(said(&warm.stderr), 1, "{warm}");
        assert_eq!(held.server.requests(), Vec::<String>::new());
    }
    forget(&stack, &[&held.name]);
}

#[test]
fn containers_wait_two_seconds_for_a_registry_that_says_nothing_and_what_is_known_is_said() {
    let (native, foreign) = platforms();
    let stack = Stack::new("mute");
    let (held, other) = (Held::new(&stack, native), Held::new(&stack, foreign));
    let silent = Server::silent();
    let mute = format!("{}/a/b", silent.address);
    held.tag(&stack, &mute);
    let mute = format!("{mute}:1");
    let plain =
        format!("  plain: {{image: '{mute}', command: sleep 1000, stop_signal: SIGKILL}}\n");
    let services = [plain, service("db", &other.name, foreign)].concat();
    let hopeless = format!("{services}{}", service("far", &mute, "linux/s390x"));
    let stack = stack.file("compose.yaml", &format!("services:\n{hopeless}"));
    let refused = stack.run(["up", "-d"]).code(1);
    assert!(refused.stderr.contains("far: cannot run here"), "{refused}");
    assert!(stack.containers().is_empty(), "nothing was created");

    stack.write("compose.yaml", &format!("services:\n{services}"));
    std::fs::remove_dir_all(stack.home().join(".cache/bireme")).expect("it is there");
    let begun = Instant::now();
    let up = stack.run(["up", "-d"]).success();
    let took = begun.elapsed();
    assert_eq!(up.stderr.matches("db: runs emulated (QEMU) needlessly").count(), 1, "{up}");
    assert!(took < Duration::from_secs(3) + ROOM, "{took:?}");
    let place = up.stderr.find("needlessly").expect("it was said");
    assert!(up.stderr[place..].contains("Started"), "before containers were started: {up}");

    // It is left alone for a while.
    let begun = Instant::now();
    let again = stack.run(["up", "-d", "--force-recreate"]).success();
    assert!(begun.elapsed() < ROOM, "{:?}", begun.elapsed());
    assert_eq!(again.stderr.matches("needlessly").count(), 1, "{again}");
    forget(&stack, &[&held.name, &other.name, &mute]);
}

#[test]
fn a_verdict_that_comes_after_two_seconds_is_still_said() {
    let foreign = platforms().1;
    let stack = Stack::new("late");
    let held = Held::new(&stack, foreign);
    let late = Server::late(&Registry::of_the_lab(), Duration::from_millis(2200));
    let name = format!("{}/library/busybox", late.address);
    held.tag(&stack, &name);
    // The tag that the registry has.
    let path = format!("/images/{name}:1/tag?repo={name}&tag=stable");
    assert_eq!(stack.engine().call("POST", &path, None).0, 201);
    let name = format!("{name}:stable");
    let services = service("db", &name, foreign);
    let stack = stack.file("compose.yaml", &format!("services:\n{services}"));
    let up = stack.run(["up", "-d"]).success();
    let place = up.stderr.find("db: runs emulated (QEMU) needlessly");
    let place = place.unwrap_or_else(|| panic!("{up}"));
    if !stack.engine().has_containerd_store() {
        assert!(up.stderr[..place].contains("Creating"), "containers did not wait for it: {up}");
    }
    forget(&stack, &[&held.name, &name, &name.replace(":stable", ":1")]);
}
