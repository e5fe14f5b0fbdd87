//! Usage lines and help as the docker command has them, with the command as the user typed it.

use clap::{Arg, Command};

/// Usage first, then what the command is for.
const TEMPLATE: &str = "Usage:  {usage}\n\n{about}\n\n{all-args}{after-help}";

/// Gives a command, known to users as `typed`, and those below it their usage lines.
pub(super) fn with_usage(command: Command, typed: &str) -> Command {
    let usage = line(&command, typed);
    let command = command.help_template(TEMPLATE).override_usage(usage);
    let command = if command.has_subcommands() {
        command.after_help(format!("Run `{typed} COMMAND --help` for the flags of a command."))
    } else {
        command
    };
    command.mut_subcommands(|below| {
        let typed = format!("{typed} {}", below.get_name());
        with_usage(below, &typed)
    })
}

/// What stands behind the flags of `cp`, which goes two ways.
const COPIES: [&str; 2] = ["SERVICE:SRC_PATH DEST_PATH|-", "SRC_PATH|- SERVICE:DEST_PATH"];

/// `docker compose up [OPTIONS] [SERVICE...]`; two such lines for `cp`, as in Docker Compose.
pub(super) fn line(command: &Command, typed: &str) -> String {
    if command.get_name() == "cp" {
        return COPIES.map(|words| format!("{typed} [OPTIONS] {words}")).join("\n\t");
    }
    let mut words = vec![typed.to_owned(), "[OPTIONS]".to_owned()];
    words.extend(command.get_positionals().filter(|arg| !arg.is_hide_set()).map(positional));
    if command.has_subcommands() {
        words.push("COMMAND".to_owned());
    }
    words.join(" ")
}

/// Leaves out of the list of arguments what the usage line says better.
pub(super) fn without_written_out(command: Command) -> Command {
    command
        .mut_args(|arg| {
            let written_out = arg.is_positional() && name(&arg).contains(' ');
            if written_out { arg.hide(true) } else { arg }
        })
        .mut_subcommands(without_written_out)
}

fn name(arg: &Arg) -> &str {
    let name = arg.get_value_names().and_then(|names| names.first());
    name.map_or_else(|| arg.get_id().as_str(), |name| name.as_str())
}

fn positional(arg: &Arg) -> String {
    let name = name(arg);
    // Words that mean different things are written out.
    if name.contains(' ') {
        return name.to_owned();
    }
    let repeats = arg.get_num_args().map_or_else(
        || matches!(arg.get_action(), clap::ArgAction::Append),
        |range| range.max_values() > 1,
    );
    match (arg.is_required_set(), repeats) {
        (true, false) => name.to_owned(),
        (true, true) => format!("{name} [{name}...]"),
        (false, false) => format!("[{name}]"),
        (false, true) => format!("[{name}...]"),
    }
}
