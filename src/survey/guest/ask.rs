//! Asks an engine what its guest is and runs.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use super::cpu::{self, Cpu, Likeness};
use super::facts::Facts;
use super::memory::Sign;
use super::product::{matching, product};
use super::settings::translator;
use crate::build::{self, Runnable};
use crate::engine::endpoint::{Address, Surroundings};
use crate::engine::{DockerEngine, Engine, Result};
use crate::platform::{Matching, Platform, Product};

/// The network that Docker makes whenever it starts.
const DEFAULT_NETWORK: &str = "bridge";
/// How long BuildKit may take. It runs a program of each platform that it knows.
const PATIENCE: Duration = Duration::from_millis(1500);

/// By what an engine is known again, in one call.
pub(super) async fn sign(engine: &DockerEngine) -> Sign {
    // Of all networks, since a plan asks for them, too.
    let networks = engine.list_networks(&[]).await.unwrap_or_default();
    let of_start = networks.into_iter().find(|network| network.name == DEFAULT_NETWORK);
    let Some(network) = of_start else { return Sign::default() };
    // Podman's network is the same on every machine, and says when the service was started, which comes and
    // goes.
    let is_sure = !engine.describe().is_podman();
    let created = if is_sure { network.created } else { String::new() };
    Sign { id: network.id, created }
}

/// What an engine tells of its guest: two calls at once.
///
/// # Errors
/// An engine that does not say what it is.
pub(super) async fn facts(engine: &DockerEngine, surroundings: &dyn Surroundings) -> Result<Facts> {
    if engine.describe().is_podman() {
        return of_podman(engine, surroundings).await;
    }
    let tested = in_time(build::runnable_platforms(engine.transport()));
    let (info, tested) = tokio::join!(engine.server_info(), tested);
    let info = info?;
    let guest = Likeness { kernel: &info.kernel_version, name: &info.name, memory: info.mem_total };
    let product = product(engine.describe(), &info);
    let own = Platform::new(&engine.describe().os, &info.architecture, "");
    let is_mac = is_mac(product, &info.kernel_version, engine.address());
    let tested = tested.filter(|tested| !tested.platforms.is_empty());
    let matching = matching(engine.describe(), &info);
    let told = Told { own, product, matching, is_mac, guest, tested, handled: None };
    Ok(facts_of(told, engine, surroundings))
}

/// What Podman tells of its guest: one call.
async fn of_podman(engine: &DockerEngine, surroundings: &dyn Surroundings) -> Result<Facts> {
    let host = engine.podman_info().await?.host;
    let guest = Likeness { kernel: &host.kernel, name: &host.hostname, memory: host.mem_total };
    let own = Platform::new(&host.os, &host.arch, "");
    let product = Product::Podman;
    let is_mac = is_mac(product, &host.kernel, engine.address());
    let handled = host.emulated_architectures.clone();
    let matching = Matching::default();
    let told = Told { own, product, matching, is_mac, guest, tested: None, handled };
    Ok(facts_of(told, engine, surroundings))
}

/// What an engine told, whichever it is.
struct Told<'a> {
    own: Platform,
    product: Product,
    matching: Matching,
    is_mac: bool,
    guest: Likeness<'a>,
    tested: Option<Runnable>,
    handled: Option<Vec<String>>,
}

fn facts_of(told: Told<'_>, engine: &DockerEngine, surroundings: &dyn Surroundings) -> Facts {
    let address = engine.address();
    let is_arm = told.own.architecture() == "arm64";
    let is_local = matches!(address, Address::Unix(_));
    let is_here = is_local && cpu::is_this_machine(&told.guest, surroundings);
    let cpu = if is_here { cpu::cpu(surroundings) } else { Cpu::default() };
    Facts {
        os: told.own.os().to_owned(),
        architecture: told.own.architecture().to_owned(),
        product: told.product,
        matching: told.matching,
        is_here,
        is_apple: is_arm && (told.is_mac || cpu.is_apple),
        level: cpu.level,
        omits_32_bits: told.tested.as_ref().is_some_and(|tested| tested.omits_32_bits),
        tested: told.tested.map(|it| it.platforms.iter().map(ToString::to_string).collect()),
        handled: told.handled,
        translator: is_arm
            .then(|| translator(told.product, told.guest.name, address, surroundings))
            .flatten(),
        probed: BTreeMap::new(),
    }
}

/// Whether a guest runs on a Mac: the product is one for Macs only, or this is a Mac and the engine one
/// of those that run in a virtual machine on it.
fn is_mac(product: Product, kernel: &str, address: &Address) -> bool {
    let this_is = cfg!(target_os = "macos") && matches!(address, Address::Unix(_));
    match product {
        Product::OrbStack => true,
        // On Linux it comes for amd64 alone, on Windows its kernel is another one.
        Product::DockerDesktop => this_is || kernel.ends_with("-linuxkit"),
        Product::DockerEngine => false,
        _ => this_is,
    }
}

/// What comes in time.
async fn in_time<T, E>(call: impl Future<Output = std::result::Result<T, E>>) -> Option<T> {
    tokio::time::timeout(PATIENCE, call).await.ok()?.ok()
}
