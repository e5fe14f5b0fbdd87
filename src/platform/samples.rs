//! Guests, images and services for the tests of verdicts.

use super::subject::{Argument, By, Fixed, Packages, Pin, Place, Recipe, Request, Stage, Subject};
use super::{Ability, Guest, How, Matching, Offer, Platform, Product};

/// What most images are offered for.
pub(in crate::platform) const BOTH: [&str; 2] = ["linux/amd64", "linux/arm64"];

pub(in crate::platform) fn platform(text: &str) -> Platform {
    Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
}

/// An arm64 guest with QEMU for amd64 and for nothing else.
pub(in crate::platform) fn guest() -> Guest {
    Guest {
        own: platform("linux/arm64"),
        others: vec![Ability { platform: platform("linux/amd64"), how: How::Qemu }],
        rest: How::None,
        product: Product::DockerEngine,
        matching: Matching::Covering,
    }
}

pub(in crate::platform) fn index(platforms: &[&str]) -> Offer {
    Offer::Known {
        platforms: platforms.iter().map(|text| platform(text)).collect(),
        is_index: true,
    }
}

pub(in crate::platform) fn place(line: u32) -> Place {
    Place { file: "compose.yaml".to_owned(), line }
}

pub(in crate::platform) fn subject(offer: Offer) -> Subject {
    Subject {
        service: "db".to_owned(),
        image: "postgres:16".to_owned(),
        request: None,
        behind: None,
        offer,
        local: Vec::new(),
        running: Vec::new(),
        data: Vec::new(),
        keeps_copies: false,
        build: None,
        accepted: false,
    }
}

pub(in crate::platform) fn pinned(offer: Offer, to: &str) -> Subject {
    let request = Request { platform: platform(to), by: By::Service(Some(place(7))) };
    Subject { request: Some(request), ..subject(offer) }
}

pub(in crate::platform) fn stage(name: &str, base: Offer, pin: Option<Pin>) -> Stage {
    Stage {
        begins_with: None,
        name: name.to_owned(),
        place: Place { file: "Dockerfile".to_owned(), line: 1 },
        base: "python:3.12".to_owned(),
        offer: Some(base),
        service: None,
        pin,
        runs: true,
        installs: false,
    }
}

/// Fixed to `linux/amd64`, perhaps by a build argument.
pub(in crate::platform) fn fixed(argument: Option<Argument>) -> Pin {
    let place = Place { file: "Dockerfile".to_owned(), line: 1 };
    let platform = platform("linux/amd64");
    Pin::Fixed(Box::new(Fixed { platform, place, argument, is_editable: true }))
}

pub(in crate::platform) fn built(stages: Vec<Stage>, packages: Packages) -> Recipe {
    Recipe { stages, packages, ..Recipe::default() }
}
