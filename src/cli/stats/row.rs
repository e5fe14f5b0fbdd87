//! A container as `stats` shows it, with the roundings of the Docker CLI. Pure.

use super::sample::Sample;
use crate::ui::format::{binary_size, decimal_size, short_id};
use crate::ui::template::{Labels, Record, RecordKind, Value};

/// The words above the columns.
pub(super) const HEADER: [(&str, &str); 9] = [
    ("Container", "CONTAINER"),
    ("Name", "NAME"),
    ("ID", "CONTAINER ID"),
    ("CPUPerc", "CPU %"),
    ("MemUsage", "MEM USAGE / LIMIT"),
    ("MemPerc", "MEM %"),
    ("NetIO", "NET I/O"),
    ("BlockIO", "BLOCK I/O"),
    ("PIDs", "PIDS"),
];

/// A container and what it uses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Id.
    pub(super) id: String,
    /// Name.
    pub(super) name: String,
    /// What it uses; `None` if that is not known.
    pub(super) sample: Option<Sample>,
}

impl Row {
    /// The row for a template; `cut` shortens the id.
    pub(super) fn value(&self, cut: bool) -> Value {
        let id = if cut { short_id(&self.id) } else { self.id.clone() };
        let cell = |unknown: &str, known: fn(&Sample) -> String| match &self.sample {
            Some(sample) => Value::from(known(sample)),
            None => Value::from(unknown),
        };
        Value::from(Record {
            type_name: "*container.statsContext",
            kind: RecordKind::Row,
            fields: vec![
                ("BlockIO", cell("--", |sample| both(sample.read, sample.written))),
                ("CPUPerc", cell("--", |sample| format!("{:.2}%", sample.cpu))),
                ("Container", self.id.as_str().into()),
                ("ID", id.into()),
                ("MemPerc", cell("--", |sample| format!("{:.2}%", sample.memory_share))),
                (
                    "MemUsage",
                    cell("-- / --", |sample| {
                        let limit = binary_size(sample.memory_limit);
                        format!("{} / {limit}", binary_size(sample.memory))
                    }),
                ),
                ("Name", self.name.as_str().into()),
                ("NetIO", cell("--", |sample| both(sample.received, sample.sent))),
                ("PIDs", cell("--", |sample| sample.pids.to_string())),
            ],
            labels: Labels::None,
        })
    }
}

fn both(there: u64, back: u64) -> String {
    format!("{} / {}", decimal_size(there, 3), decimal_size(back, 3))
}

#[cfg(test)]
mod tests {
    use super::super::listing;
    use super::*;

    #[test]
    fn rows_are_those_of_docker_stats() {
        let row = |sample| Row { id: "0123456789abcdef".into(), name: "shop-web-1".into(), sample };
        let known = row(Some(Sample {
            cpu: 1.526,
            memory: 790_528,
            memory_limit: 25_277_018_112,
            memory_share: 0.003,
            received: 2030,
            pids: 2,
            ..Sample::default()
        }));
        let rows = [known.value(true), row(None).value(true)];
        let text = listing("").unwrap().write(&rows, &HEADER).unwrap();
        assert_eq!(
            text,
            "CONTAINER ID   NAME         CPU %     MEM USAGE / LIMIT   MEM %     NET I/O       \
             BLOCK I/O   PIDS\n\
             0123456789ab   shop-web-1   1.53%     772KiB / 23.54GiB   0.00%     2.03kB / 0B   \
             0B / 0B     2\n\
             0123456789ab   shop-web-1   --        -- / --             --        --            \
             --          --\n"
        );
        let json = listing("json").unwrap().write(&rows[..1], &HEADER).unwrap();
        assert_eq!(
            json,
            "{\"BlockIO\":\"0B / 0B\",\"CPUPerc\":\"1.53%\",\"Container\":\"0123456789abcdef\",\
             \"ID\":\"0123456789ab\",\"MemPerc\":\"0.00%\",\"MemUsage\":\"772KiB / 23.54GiB\",\
             \"Name\":\"shop-web-1\",\"NetIO\":\"2.03kB / 0B\",\"PIDs\":\"2\"}\n"
        );
    }
}
