//! `images`: what the containers of a project were made from. A list, and one call for each image
//! that it names, side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use serde::Serialize;

use super::context::Context;
use super::failure::Result;
use super::ls::Format;
use super::runtime::Signals;
use crate::compose::image_name::ImageName;
use crate::engine::api::{ApiVersion, ContainerFilter, ContainerSummary, ImageDetails};
use crate::engine::{Engine, EngineError};
use crate::stack::query::ProjectContainer;
use crate::stack::{StackError, labels};
use crate::ui::{Layout, Stream, format, table};

/// Inspection takes a platform.
const TAKES_PLATFORM: ApiVersion = ApiVersion::new(1, 49);
/// How the engine writes the time of what never happened.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The flags of `images`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: String,
    /// Only ids
    #[arg(short, long)]
    quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// The image of a container.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Used {
    #[serde(rename = "ID")]
    id: String,
    container_name: String,
    repository: String,
    tag: String,
    platform: String,
    size: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_tag_time: String,
}

/// What is asked of an engine: an image by name, the platform of which it is, and its id.
type Key<'a> = (&'a str, Option<String>, &'a str);

/// Lists images.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let format = Format::parse(&args.format)?;
    let scope = context.named_scope()?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let filter = ContainerFilter {
            labels: vec![format!("{}={}", labels::PROJECT, scope.name())],
            all: true,
            ..ContainerFilter::default()
        };
        let containers = engine.list_containers(&filter).await.map_err(StackError::from)?;
        let mut containers: Vec<ProjectContainer> =
            containers.into_iter().map(ProjectContainer::new).collect();
        containers.retain(|container| {
            args.services.is_empty() || args.services.contains(&container.service)
        });
        scope.tell_unknown(&args.services, context);
        containers.sort_by(|left, right| left.name.cmp(&right.name));
        let with_platform = engine.describe().api_version >= TAKES_PLATFORM;
        let keys: BTreeSet<Key<'_>> =
            containers.iter().map(|container| key(&container.summary, with_platform)).collect();
        let calls = keys.into_iter().map(async |key| {
            let image = find(&*engine, &key).await?;
            Ok::<_, EngineError>((key, image))
        });
        let images: BTreeMap<_, _> =
            try_join_all(calls).await.map_err(StackError::from)?.into_iter().collect();
        let used: Vec<Used> = containers
            .iter()
            .filter_map(|container| {
                let image = images.get(&key(&container.summary, with_platform))?.as_ref()?;
                Some(used(container, image))
            })
            .collect();
        let text = match format {
            _ if args.quiet => ids(&used),
            Format::Json => json(&used),
            Format::Table => columns(&used, Utc::now()),
        };
        context.ui.write(Stream::Stdout, text);
        Ok(())
    })
}

fn key(container: &ContainerSummary, with_platform: bool) -> Key<'_> {
    let descriptor = container.image_manifest_descriptor.as_ref().filter(|_| with_platform);
    let platform = descriptor
        .and_then(|descriptor| descriptor.platform.as_ref())
        .map(|platform| platform_text(&platform.os, &platform.architecture, &platform.variant));
    (&container.image, platform, &container.image_id)
}

/// The image of a container. A name may have gone since, or have gone over to another platform; then
/// the id still leads there.
async fn find<E: Engine>(
    engine: &E,
    (name, platform, id): &Key<'_>,
) -> std::result::Result<Option<Arc<ImageDetails>>, EngineError> {
    if let Some(image) = engine.inspect_image(name, platform.as_deref()).await? {
        return Ok(Some(image));
    }
    engine.inspect_image(id, None).await
}

fn used(container: &ProjectContainer, image: &ImageDetails) -> Used {
    let name = ImageName::parse(&container.summary.image).ok();
    let tagged = &image.metadata.last_tag_time;
    Used {
        id: image.id.clone(),
        container_name: container.name.clone(),
        repository: name.as_ref().map_or("", ImageName::familiar_repository).to_owned(),
        tag: name.as_ref().and_then(ImageName::tag).unwrap_or_default().to_owned(),
        platform: platform_text(&image.os, &image.architecture, &image.variant),
        size: image.size,
        last_tag_time: if tagged == NEVER { String::new() } else { tagged.clone() },
    }
}

/// `linux/arm64/v8`.
fn platform_text(os: &str, architecture: &str, variant: &str) -> String {
    if os.is_empty() {
        return "unknown".to_owned();
    }
    let parts = [os, architecture, variant];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// Each id once, without its algorithm.
fn ids(images: &[Used]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for image in images {
        let id = image.id.split_once(':').map_or(image.id.as_str(), |(_, id)| id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.into_iter().flat_map(|id| [id, "\n"]).collect()
}

/// One array and an empty line. No images are `null`, as Docker Compose has it.
fn json(images: &[Used]) -> String {
    let images = Some(images).filter(|images| !images.is_empty());
    // Texts and numbers: there is nothing in it that JSON has not.
    serde_json::to_string(&images).unwrap_or_default() + "\n\n"
}

fn columns(images: &[Used], now: DateTime<Utc>) -> String {
    let header = ["CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"];
    let named = |text: &str| if text.is_empty() { "<none>".to_owned() } else { text.to_owned() };
    let rows = images.iter().map(|image| {
        vec![
            image.container_name.clone(),
            named(&image.repository),
            named(&image.tag),
            image.platform.clone(),
            format::short_id(&image.id),
            format::decimal_size(u64::try_from(image.size).unwrap_or(0), 3),
            // Not when it was built, which may be made up: when it got its name here.
            match DateTime::parse_from_rfc3339(&image.last_tag_time) {
                Ok(tagged) => format::ago((now - tagged.to_utc()).num_seconds()),
                Err(_) => "N/A".to_owned(),
            },
        ]
    });
    let header = header.map(str::to_owned).to_vec();
    table(&std::iter::once(header).chain(rows).collect::<Vec<_>>(), Layout::LISTING)
}
