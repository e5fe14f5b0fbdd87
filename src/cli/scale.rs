//! `scale`: how many containers services have.

use std::collections::BTreeMap;

use super::context::{Context, proxies};
use super::failure::{Failure, Result};
use super::global::is_true;
use super::report::Filtered;
use super::runtime::Signals;
use super::up;
use crate::compose::trace::Untraced;
use crate::stack::up::Options;

/// The flags of `scale`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(override_usage = "bireme scale [OPTIONS] SERVICE=REPLICAS...")]
pub(super) struct Args {
    /// Leave out the services that these depend on
    #[arg(long)]
    pub(super) no_deps: bool,
    /// Services, each with its number of containers
    #[arg(value_name = "SERVICE=REPLICAS", required = true, num_args = 1..)]
    pub(super) replicas: Vec<String>,
}

/// Creates and removes containers until services have as many as asked for.
pub(super) fn run(args: &Args, context: &Context) -> Result {
    let scale = replicas(&args.replicas)?;
    let mut options = Options {
        services: scale.keys().cloned().collect(),
        scale,
        no_deps: args.no_deps,
        ignore_orphans: is_true(&context.process.variables, "COMPOSE_IGNORE_ORPHANS"),
        compatibility: context.global.compatibility,
        ..Options::default()
    };
    let project =
        context.load_to_create(&options.services, options.no_deps, false, &mut Untraced)?;
    context.with_engine(Signals::Cancel, async |engine, interrupt| {
        options.proxy_environment = proxies(&engine);
        let builder = context.builder(&engine);
        let report = Filtered::new(&context.ui, false, false);
        match up::plan(context, &project, &options, &engine).await?.plan {
            Some(mut plan) => {
                up::detached(context, &mut plan, &engine, &builder, &report, &interrupt).await
            }
            None => Ok(()),
        }
    })
}

fn replicas(words: &[String]) -> Result<BTreeMap<String, i64>> {
    let parse = |word: &String| {
        let parts = word.split_once('=');
        let Some((service, count)) =
            parts.filter(|(name, count)| !name.is_empty() && !count.is_empty())
        else {
            return Err(Failure::new(format!("invalid scale specifier: {word}")));
        };
        let count: i64 = count.parse().map_err(|_| {
            let problem = "can't parse replica value as int";
            Failure::new(format!("invalid scale specifier: {problem}: {word}"))
        })?;
        if count < 0 {
            return Err(Failure::new(format!("invalid scale specifier: {word}"))
                .help("there cannot be fewer than no containers"));
        }
        Ok((service.to_owned(), count))
    };
    words.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_service_and_a_number() {
        let words = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        let scale = replicas(&words(&["web=3", "db=0"])).unwrap();
        assert_eq!(scale.into_iter().collect::<Vec<_>>(), [("db".into(), 0), ("web".into(), 3)]);
        for (word, expected) in [
            ("web", "invalid scale specifier: web"),
            ("=2", "invalid scale specifier: =2"),
            ("web=", "invalid scale specifier: web="),
            ("web=-1", "invalid scale specifier: web=-1"),
            ("web=x", "invalid scale specifier: can't parse replica value as int: web=x"),
        ] {
            match replicas(&words(&[word])) {
                Err(Failure::Message { message, .. }) => assert_eq!(message, expected),
                other => panic!("{word}: {other:?}"),
            }
        }
    }
}
