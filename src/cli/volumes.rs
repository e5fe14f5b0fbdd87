//! `volumes`: the volumes of a project; of some services, those that their running containers have.

use std::collections::BTreeSet;

use futures_util::future::try_join;

use super::context::Context;
use super::failure::Result;
use super::runtime::Signals;
use crate::engine::Engine;
use crate::engine::api::VolumeDetails;
use crate::stack::query::{self, Filter, OneOff};
use crate::stack::{StackError, labels};
use crate::ui::format;
use crate::ui::template::{Labels, Record, RecordKind, Value};
use crate::ui::{FormatError, Listing, Stream};

/// The columns without a template.
const COLUMNS: &str = r"table {{.Driver}}\t{{.Name}}";
/// `--format raw`.
const RAW: &str = r"name: {{.Name}}\ndriver: {{.Driver}}\n";

/// The words above the columns.
const HEADER: [(&str, &str); 11] = [
    ("ID", "ID"),
    ("Name", "VOLUME NAME"),
    ("Group", "GROUP"),
    ("Driver", "DRIVER"),
    ("Scope", "SCOPE"),
    ("Availability", "AVAILABILITY"),
    ("Mountpoint", "MOUNTPOINT"),
    ("Labels", "LABELS"),
    ("Links", "LINKS"),
    ("Size", "SIZE"),
    ("Status", "STATUS"),
];

/// What is said of what the list does not tell, or only of volumes of a swarm.
const UNKNOWN: &str = "N/A";

/// The flags of `volumes`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Args {
    /// table, table TEMPLATE, json, raw or TEMPLATE
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: String,
    /// Only names
    #[arg(short, long)]
    quiet: bool,
    /// Services; all if none
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// Lists volumes.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let listing = listing(&args.format)?;
    let scope = context.scope(&args.services)?;
    context.with_engine(Signals::Drop, async |engine, _| {
        let label = [format!("{}={}", labels::PROJECT, scope.name())];
        let all = async { engine.list_volumes(&label).await.map_err(StackError::from) };
        let mut volumes = if args.services.is_empty() {
            all.await?
        } else {
            let filter =
                Filter { services: args.services.clone(), all: false, one_off: OneOff::Include };
            let (mut volumes, containers) =
                try_join(all, query::containers(&*engine, scope.name(), &filter)).await?;
            let used: BTreeSet<&str> = containers
                .iter()
                .flat_map(|container| &container.summary.mounts)
                .map(|mount| mount.name.as_str())
                .collect();
            volumes.retain(|volume| used.contains(volume.name.as_str()));
            volumes
        };
        volumes.sort_by(|left, right| left.name.cmp(&right.name));
        let text = if args.quiet {
            volumes.iter().flat_map(|volume| [volume.name.as_str(), "\n"]).collect()
        } else {
            let rows: Vec<Value> = volumes.iter().map(row).collect();
            listing.write(&rows, &HEADER)?
        };
        context.ui.write(Stream::Stdout, text);
        Ok(())
    })
}

fn listing(format: &str) -> std::result::Result<Listing, FormatError> {
    Listing::parse(match format {
        "table" => COLUMNS,
        "raw" => RAW,
        format => format,
    })
}

fn row(volume: &VolumeDetails) -> Value {
    let cluster = volume.cluster_volume.as_ref();
    let of_swarm = |text: Option<&str>| Value::from(text.unwrap_or(UNKNOWN));
    Value::from(Record {
        type_name: "*formatter.volumeContext",
        kind: RecordKind::Row,
        fields: vec![
            ("Availability", of_swarm(cluster.map(|volume| volume.spec.availability.as_str()))),
            ("Driver", volume.driver.as_str().into()),
            ("Group", of_swarm(cluster.map(|volume| volume.spec.group.as_str()))),
            ("Labels", format::labels(&volume.labels).into()),
            ("Links", UNKNOWN.into()),
            ("Mountpoint", volume.mountpoint.as_str().into()),
            ("Name", volume.name.as_str().into()),
            ("Scope", volume.scope.as_str().into()),
            ("Size", UNKNOWN.into()),
            ("Status", status(volume).into()),
        ],
        labels: Labels::Of(volume.labels.clone()),
    })
}

/// Where a volume of a swarm is.
fn status(volume: &VolumeDetails) -> String {
    let Some(cluster) = &volume.cluster_volume else { return UNKNOWN.to_owned() };
    match cluster.publish_status.len() {
        _ if cluster.info.volume_id.is_empty() => "pending creation".to_owned(),
        0 => "created".to_owned(),
        1 => "in use (1 node)".to_owned(),
        nodes => format!("in use ({nodes} nodes)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(json: &str) -> VolumeDetails {
        serde_json::from_str(json).unwrap()
    }

    fn written(format: &str, volume: &VolumeDetails) -> String {
        listing(format).and_then(|listing| listing.write(&[row(volume)], &HEADER)).unwrap()
    }

    #[test]
    fn volumes_are_written_in_every_form() {
        let data = volume(
            r#"{"Name": "shop_data", "Driver": "local", "Mountpoint": "/m", "Scope": "local",
                "Labels": {"x": "1", "a": "2"}}"#,
        );
        for (format, expected) in [
            ("table", "DRIVER    VOLUME NAME\nlocal     shop_data\n"),
            ("raw", "name: shop_data\ndriver: local\n\n"),
            (r#"{{.Label "x"}} {{.Labels}} {{.Scope}}"#, "1 a=2,x=1 local\n"),
            (
                "json",
                "{\"Availability\":\"N/A\",\"Driver\":\"local\",\"Group\":\"N/A\",\
                 \"Labels\":\"a=2,x=1\",\"Links\":\"N/A\",\"Mountpoint\":\"/m\",\
                 \"Name\":\"shop_data\",\"Scope\":\"local\",\"Size\":\"N/A\",\"Status\":\"N/A\"}\n",
            ),
        ] {
            assert_eq!(written(format, &data), expected, "{format}");
        }
    }

    #[test]
    fn a_swarm_knows_more() {
        let data = volume(
            r#"{"Name": "v", "ClusterVolume": {"Spec": {"Group": "g", "Availability": "active"},
                "Info": {"VolumeID": "1"}, "PublishStatus": [{}, {}]}}"#,
        );
        assert_eq!(
            written("{{.Group}} {{.Availability}} {{.Status}}", &data),
            "g active in use (2 nodes)\n"
        );
    }
}
