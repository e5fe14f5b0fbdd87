//! The report for people.

use super::{Builder, Engine, FileEvents, Problem, Report, Severity};
use crate::ui::format::binary_size;
use crate::ui::style::Style;
use crate::ui::text::{pad, visible, width, wrapped};

/// Prose is not broken into lines that are narrower, in cells.
const NARROWEST: usize = 20;

/// The report, with a trailing newline; for a terminal of so many `columns` sentences are broken between words.
/// Remedies stay whole: they are there to be copied.
pub fn text(report: &Report, columns: Option<usize>, colour: bool) -> String {
    let drawing = Drawing { columns, colour };
    let sections = [
        ("Engine", drawing.engine(report)),
        ("Platforms", drawing.platforms(report)),
        ("Files", report.file_events.as_ref().map(|it| drawing.files(it)).unwrap_or_default()),
        ("Project", drawing.project(report)),
        ("Problems", drawing.problems(report)),
    ];
    let blocks: Vec<String> = sections
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(title, lines)| {
            let title = Style::STRONG.paint(title, colour);
            format!("{title}\n{}\n", lines.join("\n"))
        })
        .collect();
    blocks.join("\n")
}

struct Drawing {
    columns: Option<usize>,
    colour: bool,
}

impl Drawing {
    fn engine(&self, report: &Report) -> Vec<String> {
        let mut rows = Vec::new();
        if let Some(endpoint) = &report.endpoint {
            rows.push(("endpoint", format!("{} ({})", endpoint.host, endpoint.origin)));
        }
        match &report.engine {
            Some(engine) => rows.extend(engine_rows(engine, report.builder.as_ref())),
            None => rows.push(("answers", "nobody".to_owned())),
        }
        for attempt in &report.tried {
            rows.push((
                "tried",
                format!("{} ({}): {}", attempt.host, attempt.what, attempt.answer),
            ));
        }
        let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        self.table(rows.collect()).concat()
    }

    fn platforms(&self, report: &Report) -> Vec<String> {
        let rows = report
            .platforms
            .iter()
            .map(|it| vec![it.platform.clone(), it.shown.clone(), it.because.clone()]);
        let mut all = Vec::new();
        for (lines, platform) in self.table(rows.collect()).into_iter().zip(&report.platforms) {
            all.extend(lines);
            if let Some(remedy) = &platform.remedy {
                all.push(format!("    {} {}", self.help("to run it:"), visible(remedy)));
            }
        }
        all
    }

    fn files(&self, events: &FileEvents) -> Vec<String> {
        let heard = match events.arrival {
            "all" => "containers hear of every change",
            "most" => "containers hear of most changes",
            "attributes" => "containers hear that a file has changed, not of new and removed ones",
            "none" => "containers hear of no change",
            "elsewhere" => "containers do not have this machine's files",
            _ => "whether containers hear of changes is not known",
        };
        let mut lines = self.hanging("  ", 4, &format!("{heard}: {}", visible(&events.because)));
        if let Some(remedy) = &events.remedy {
            lines.push(format!("    {} {}", self.help("help:"), visible(remedy)));
        }
        lines
    }

    fn project(&self, report: &Report) -> Vec<String> {
        let Some(project) = &report.project else { return Vec::new() };
        let mut lines = vec![format!("  {}", visible(&project.name))];
        let rows = project.services.iter().map(|it| {
            let runs = match &it.platform {
                Some(platform) => format!("{platform}, {}", it.shown),
                None if it.is_built => "its platform is not known before it is built".to_owned(),
                None => "its platform is not known before it is pulled".to_owned(),
            };
            vec![it.service.clone(), it.image.clone(), runs]
        });
        lines.extend(self.table(rows.collect()).concat());
        lines
    }

    fn problems(&self, report: &Report) -> Vec<String> {
        if report.problems.is_empty() {
            return vec![format!("  {}", Style::SUCCESS.paint("none", self.colour))];
        }
        report.problems.iter().flat_map(|problem| self.problem(problem)).collect()
    }

    fn problem(&self, problem: &Problem) -> Vec<String> {
        let (word, style) = match problem.severity {
            Severity::Error => ("error:", Style::ERROR),
            Severity::Warning => ("warning:", Style::WARNING),
            Severity::Note => ("note:", Style::ACTIVE),
        };
        let mut text = problem.message.lines().map(visible);
        let first = text.next().unwrap_or_default();
        let head = format!("  {} ", style.paint(word, self.colour));
        let mut lines = self.hanging(&head, width(word) + 3, &first);
        lines.extend(text.flat_map(|line| self.hanging("    ", 4, &line)));
        if let Some(remedy) = &problem.remedy {
            lines.push(format!("    {} {}", self.help("help:"), visible(remedy)));
        }
        lines
    }

    fn help(&self, word: &str) -> String {
        Style::HELP.paint(word, self.colour)
    }

    /// A text behind a head, its further lines `indent` cells from the edge.
    fn hanging(&self, head: &str, indent: usize, text: &str) -> Vec<String> {
        let lines = match self.columns {
            Some(columns) => wrapped(text, columns.saturating_sub(indent).max(NARROWEST)),
            None => vec![text.to_owned()],
        };
        let margin = " ".repeat(indent);
        let heads = std::iter::once(head).chain(std::iter::repeat(margin.as_str()));
        lines.iter().zip(heads).map(|(line, head)| format!("{head}{line}")).collect()
    }

    /// Rows in columns, each with the lines that it takes for the last of them.
    fn table(&self, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
        let rows: Vec<Vec<String>> =
            rows.into_iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|at| {
                rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0)
            })
            .collect();
        let lines = |row: &Vec<String>| {
            let Some((last, before)) = row.split_last() else { return Vec::new() };
            let cells = before.iter().zip(&widths).enumerate().map(|(at, (cell, wide))| {
                let cell = pad(cell, *wide);
                if at == 0 { Style::DIM.paint(&cell, self.colour) } else { cell }
            });
            let head: String = cells.fold("  ".to_owned(), |head, cell| head + &cell + "  ");
            let indent = 2 + widths.iter().take(before.len()).map(|wide| wide + 2).sum::<usize>();
            let lines = self.hanging(&head, indent, last);
            lines.iter().map(|line| line.trim_end().to_owned()).collect()
        };
        rows.iter().map(lines).collect()
    }
}

fn engine_rows(engine: &Engine, builder: Option<&Builder>) -> Vec<(&'static str, String)> {
    let guest = &engine.guest;
    let api = &engine.api;
    let mut system = vec![guest.system.clone()];
    system.push(format!("kernel {}", guest.kernel));
    system.push(guest.platform.clone());
    system.push(match guest.cpus {
        1 => "1 CPU".to_owned(),
        count => format!("{count} CPUs"),
    });
    system.push(binary_size(u64::try_from(guest.memory).unwrap_or(0)));
    let place = if guest.is_this_machine { ": this machine" } else { "" };
    let rootless = if guest.is_rootless { ", rootless" } else { "" };
    let store = match engine.images.store {
        "containerd" => "containerd's store, several platforms under a name",
        _ => "classic store, one platform under a name",
    };
    let mut rows = vec![
        ("answers", format!("{} {}{rootless}", engine.product, engine.version)),
        ("API", format!("{}, it speaks {} to {}", api.used, api.oldest, api.newest)),
        ("guest", format!("{}{place}", system.join(", "))),
        ("images", format!("{store} ({})", engine.images.driver)),
        (
            "builds",
            match (builder, engine.builder) {
                (Some(builder), _) => format!("{}, of buildx ({})", builder.name, builder.driver),
                (None, "buildkit") => "BuildKit".to_owned(),
                (None, "buildah") => "Buildah, by the calls of the classic builder".to_owned(),
                (None, other) => format!("the {other} builder"),
            },
        ),
        ("clock", clock(engine.clock_ahead)),
    ];
    if let Some(disk) = &engine.disk {
        let (free, total) = (binary_size(disk.free), binary_size(disk.total));
        rows.push(("disk", format!("{free} of {total} free ({})", disk.path)));
    }
    rows
}

fn clock(ahead: Option<i64>) -> String {
    match ahead {
        None => "the engine does not say".to_owned(),
        Some(0) => "as here".to_owned(),
        Some(seconds) if seconds > 0 => format!("{seconds} s ahead of this machine's"),
        Some(seconds) => format!("{} s behind this machine's", seconds.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Api, Attempt, Endpoint, Guest, Images, Platform, Project, Service};
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            host: "unix:///var/run/docker.sock".to_owned(),
            context: "default".to_owned(),
            origin: "the default".to_owned(),
        }
    }

    #[test]
    fn an_engine_is_told_with_all_that_runs_there() {
        let report = Report {
            endpoint: Some(endpoint()),
            engine: Some(Engine {
                product: "Docker Engine".into(),
                version: "28.5.2".into(),
                api: Api { used: "1.51".into(), oldest: "1.24".into(), newest: "1.51".into() },
                guest: Guest {
                    system: "Debian GNU/Linux 12 (bookworm)".into(),
                    kernel: "6.1.0".into(),
                    name: "box".into(),
                    platform: "linux/amd64".into(),
                    cpus: 2,
                    memory: 8 << 30,
                    is_this_machine: true,
                    is_rootless: false,
                },
                images: Images { store: "classic", driver: "overlay2".into() },
                builder: "buildkit",
                clock_ahead: Some(-3),
                disk: None,
            }),
            platforms: vec![
                Platform {
                    platform: "linux/amd64".into(),
                    how: "native",
                    shown: "natively".into(),
                    because: "it is the guest's own".into(),
                    remedy: None,
                },
                Platform {
                    platform: "linux/arm64".into(),
                    how: "none",
                    shown: "not at all".into(),
                    because: "there is no handler".into(),
                    remedy: Some("install one".into()),
                },
            ],
            project: Some(Project {
                name: "shop".into(),
                services: vec![Service {
                    service: "db".into(),
                    image: "postgres:16".into(),
                    platform: Some("linux/arm64".into()),
                    how: "none",
                    shown: "not at all".into(),
                    is_built: false,
                }],
            }),
            problems: vec![Problem {
                severity: Severity::Error,
                message: "db: it cannot run".into(),
                remedy: Some("install one".into()),
            }],
            ..Report::default()
        };
        assert_eq!(
            text(&report, None, false),
            "\
Engine
  endpoint  unix:///var/run/docker.sock (the default)
  answers   Docker Engine 28.5.2
  API       1.51, it speaks 1.24 to 1.51
  guest     Debian GNU/Linux 12 (bookworm), kernel 6.1.0, linux/amd64, 2 CPUs, 8GiB: this machine
  images    classic store, one platform under a name (overlay2)
  builds    BuildKit
  clock     3 s behind this machine's

Platforms
  linux/amd64  natively    it is the guest's own
  linux/arm64  not at all  there is no handler
    to run it: install one

Project
  shop
  db  postgres:16  linux/arm64, not at all

Problems
  error: db: it cannot run
    help: install one
"
        );
        assert!(report.is_broken());
    }

    #[test]
    fn without_an_engine_what_was_tried_is_told() {
        let report = Report {
            endpoint: Some(endpoint()),
            tried: vec![Attempt {
                host: "unix:///h/.colima/default/docker.sock".into(),
                what: "Colima".into(),
                answer: "connection refused".into(),
            }],
            problems: vec![Problem {
                severity: Severity::Error,
                message: "no engine answers".into(),
                remedy: Some("colima start".into()),
            }],
            ..Report::default()
        };
        assert_eq!(
            text(&report, None, false),
            "\
Engine
  endpoint  unix:///var/run/docker.sock (the default)
  answers   nobody
  tried     unix:///h/.colima/default/docker.sock (Colima): connection refused

Problems
  error: no engine answers
    help: colima start
"
        );
    }
}
