//! `config --explain`: where a value came from.

use std::path::Path;

use super::{Args, write};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::compose::explain::{Answer, NotFound, Question, explain};
use crate::compose::files::Files;
use crate::compose::load::LoadOptions;
use crate::compose::source::Request;
use crate::ui;

/// Prints the explanation of `asked`; then what is wrong with the project, if anything is.
pub(super) fn run(
    asked: &str,
    args: &Args,
    request: &Request,
    files: &dyn Files,
    context: &Context,
) -> Result {
    let options = LoadOptions {
        no_interpolate: args.no_interpolate,
        no_normalize: args.no_normalize,
        no_path_resolution: args.no_path_resolution,
        no_consistency: args.no_consistency,
        no_env_resolution: args.no_env_resolution,
        ..LoadOptions::default()
    };
    let answer = explain(
        &Question {
            asked,
            request,
            completed: &context.process.completed,
            options: &options,
            all_resources: context.global.all_resources,
        },
        files,
    );
    let failed = answer.has_errors();
    let Answer { explanation, diagnostics, sources } = answer;
    if !failed {
        context.ui.warnings(&diagnostics, &sources);
    }
    let explanation = match explanation {
        Ok(explanation) => explanation,
        // A mistake in the files is why it is not there, more likely than not.
        Err(not_found) if failed => {
            context.ui.failure(&not_found.to_string(), &[help(&not_found)]);
            return Err(Failure::Diagnostics { diagnostics, sources: Box::new(sources) });
        }
        Err(not_found) => return Err(Failure::new(not_found.to_string()).help(help(&not_found))),
    };
    let text = match args.format.as_deref() {
        None | Some("" | "text") => {
            let colour = context.ui.appearance().colour_stdout && args.output().is_none();
            let directory: &Path = &request.current_directory;
            ui::explanation(&explanation, directory, colour)
        }
        Some("json") => {
            let json = serde_json::to_string_pretty(&explanation);
            json.expect("an explanation has text keys, and nothing else fails") + "\n"
        }
        Some(format) => return Err(Failure::new(format!("unsupported format {format:?}"))),
    };
    if !args.quiet {
        write(text, args.output(), context)?;
    }
    if failed {
        return Err(Failure::Diagnostics { diagnostics, sources: Box::new(sources) });
    }
    Ok(())
}

fn help(not_found: &NotFound) -> String {
    let names: Vec<String> = not_found.suggestions.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "ask for a path such as `services.web.image`, or for a variable such as `TAG`"
            .to_owned(),
        [only] => format!("did you mean {only}?"),
        several => format!("did you mean one of {}?", several.join(", ")),
    }
}
