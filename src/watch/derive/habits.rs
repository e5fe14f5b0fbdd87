//! What programs do when files change under them, by name and arguments.

/// What a program does about files that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// It notices and loads them anew.
    Reloads,
    /// The same with files that are written in place; one that is replaced is out of its sight from then on.
    Follows,
    /// It reads them whenever they are asked for.
    Reads,
    /// It reads them when it starts.
    Starts,
    /// It compiles them when it starts.
    Compiles,
    /// It has nothing to do with them.
    Idle,
}

impl Habit {
    /// Whether changes take effect without a restart.
    pub(super) fn notices(self) -> bool {
        matches!(self, Reloads | Follows | Reads | Idle)
    }

    /// Whether that also holds for what is brought into a container, which replaces what was there.
    pub(super) fn notices_what_is_brought(self) -> bool {
        self.notices() && self != Follows
    }

    /// Whether it makes of its source what it needs, whatever was built before.
    pub(super) fn watches(self) -> bool {
        matches!(self, Reloads | Follows)
    }
}

use Habit::{Compiles, Follows, Idle, Reads, Reloads, Starts};

/// When an entry holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// In any case.
    Always,
    /// One of the arguments is this, alone or with a value behind `=`.
    Has(&'static [&'static str]),
    /// The first argument that is no flag is one of these.
    First(&'static [&'static str]),
    /// There is no such argument.
    Bare,
    /// The first argument that is no flag is the first of these, and another argument is one of the rest.
    Both(&'static [&'static str], &'static [&'static str]),
    /// A variable has one of these values.
    Set(&'static str, &'static [&'static str]),
}

use When::{Always, Bare, Both, First, Has, Set};

const TRUE: &[&str] = &["1", "true", "True", "TRUE", "yes", "on"];

/// The first entry that holds for a program counts.
pub(super) const HABITS: &[(&[&str], When, Habit)] = &[
    // Programs that run others and start them again.
    (
        &[
            "nodemon",
            "node-dev",
            "ts-node-dev",
            "tsnd",
            "pm2-dev",
            "watchfiles",
            "hupper",
            "jurigged",
            "py-autoreload",
            "rerun",
            "shotgun",
            "guard",
            "air",
            "reflex",
            "CompileDaemon",
            "gow",
            "modd",
            "fresh",
            "wgo",
            "arelo",
            "realize",
            "bacon",
            "watchexec",
            "entr",
            "reload",
            "when-changed",
            "morbo",
            "live-server",
            "webpack-dev-server",
            "start-storybook",
            "sphinx-autobuild",
            "browser-sync",
        ],
        Always,
        Reloads,
    ),
    (&["watchmedo"], First(&["auto-restart", "shell-command", "tricks"]), Reloads),
    (&["pm2", "pm2-runtime"], Has(&["--watch"]), Reloads),
    // Python.
    (&["flask"], Has(&["--no-reload"]), Starts),
    (&["flask"], Has(&["--debug", "--reload"]), Reloads),
    (&["flask", "python-script"], Set("FLASK_DEBUG", TRUE), Reloads),
    (&["flask", "python-script"], Set("FLASK_ENV", &["development"]), Reloads),
    (&["manage.py", "django-admin"], Has(&["--noreload"]), Starts),
    (&["manage.py", "django-admin"], First(&["runserver", "runserver_plus"]), Reloads),
    (&["uvicorn"], Set("UVICORN_RELOAD", TRUE), Reloads),
    (
        &[
            "uvicorn",
            "gunicorn",
            "hypercorn",
            "granian",
            "sanic",
            "litestar",
            "quart",
            "pserve",
            "waitress-serve",
        ],
        Has(&["--reload", "--dev", "--auto-reload"]),
        Reloads,
    ),
    (&["fastapi"], Has(&["--no-reload"]), Starts),
    (&["fastapi"], First(&["dev"]), Reloads),
    (&["fastapi"], Has(&["--reload"]), Reloads),
    (&["adev", "reflex", "streamlit", "chainlit"], First(&["runserver", "run"]), Reloads),
    (&["mkdocs"], First(&["serve"]), Reloads),
    (
        &["jupyter", "jupyter-lab", "jupyter-notebook", "start-notebook.sh", "start-notebook.py"],
        Always,
        Reads,
    ),
    (
        &[
            "python",
            "python-script",
            "pypy",
            "manage.py",
            "flask",
            "fastapi",
            "uvicorn",
            "gunicorn",
            "hypercorn",
            "daphne",
            "granian",
            "sanic",
            "litestar",
            "quart",
            "waitress-serve",
            "pserve",
            "uwsgi",
            "celery",
            "dramatiq",
            "rq",
            "huey_consumer",
            "arq",
            "taskiq",
            "airflow",
            "dagster",
            "scrapy",
            "pytest",
        ],
        Always,
        Starts,
    ),
    // What is told not to look.
    (&["jekyll", "ng"], Has(&["--no-watch"]), Starts),
    // Ruby.
    (
        &["rails", "puma", "unicorn", "rackup", "thin", "falcon", "sidekiq"],
        Set("RAILS_ENV", &["production"]),
        Starts,
    ),
    (&["rails"], Both(&["server", "s"], &["production"]), Starts),
    (&["rails"], Set("RACK_ENV", &["production"]), Starts),
    (&["rails"], First(&["server", "s"]), Reloads),
    (&["puma", "unicorn", "rackup", "thin", "falcon"], Set("RAILS_ENV", &["development"]), Reloads),
    (&["jekyll", "middleman"], First(&["serve", "s", "server"]), Reloads),
    (
        &[
            "ruby", "rails", "rake", "puma", "unicorn", "rackup", "thin", "falcon", "sidekiq",
            "resque", "irb",
        ],
        Always,
        Starts,
    ),
    // Node and its like.
    // On Linux it listens to each file by itself (lib/internal/watch_mode/files_watcher.js), and goes on listening
    // to what is no longer there.
    (&["node"], Has(&["--watch", "--watch-path"]), Follows),
    (&["bun", "deno", "tsx", "ts-node"], Has(&["--watch", "--watch-path", "--hot"]), Reloads),
    (&["tsx"], First(&["watch"]), Reloads),
    (
        &["vite", "astro", "rsbuild", "rspack", "parcel", "vitepress", "vinxi"],
        First(&["build"]),
        Starts,
    ),
    (&["vite"], First(&["preview"]), Starts),
    (&["vite"], Always, Reloads),
    (
        &[
            "next",
            "nuxt",
            "nuxi",
            "astro",
            "remix",
            "react-router",
            "svelte-kit",
            "snowpack",
            "storybook",
            "wrangler",
            "vitepress",
            "vinxi",
            "rsbuild",
            "rspack",
            "gatsby",
            "strapi",
            "turbo",
            "nx",
            "medusa",
            "keystone",
            "redwood",
            "rw",
            "docusaurus",
            "expo",
            "webpack",
            "react-scripts",
            "vue-cli-service",
            "ng",
            "ember",
            "craco",
            "nest",
            "meteor",
            "sst",
            "quasar",
        ],
        First(&["dev", "develop", "watch"]),
        Reloads,
    ),
    (&["react-scripts", "craco", "docusaurus", "expo"], First(&["start"]), Reloads),
    (
        &["webpack", "vue-cli-service", "ng", "ember", "rspack", "nx", "quasar"],
        First(&["serve", "s"]),
        Reloads,
    ),
    (&["remix"], First(&["vite:dev"]), Reloads),
    (&["turbo", "nx"], Both(&["run"], &["dev", "serve", "watch"]), Reloads),
    (
        &["nest", "webpack", "tsc", "rollup", "esbuild", "babel", "swc", "sass"],
        Has(&["--watch", "-w"]),
        Reloads,
    ),
    (&["eleventy"], Has(&["--serve", "--watch"]), Reloads),
    (&["esbuild"], Has(&["--serve"]), Reloads),
    (&["parcel"], Always, Reloads),
    (&["serve", "http-server"], Always, Reads),
    (&["nest", "ts-node", "tsx"], Always, Compiles),
    (
        &["node", "bun", "deno", "next", "nuxt", "pm2", "pm2-runtime", "strapi", "ember", "astro"],
        Always,
        Starts,
    ),
    // PHP.
    (&["artisan"], Both(&["octane:start"], &["--watch"]), Reloads),
    (&["artisan"], First(&["serve", "queue:listen"]), Reads),
    (&["artisan"], Always, Starts),
    (&["php"], Has(&["-S"]), Reads),
    (&["php"], Always, Starts),
    (&["symfony"], First(&["serve", "server:start"]), Reads),
    (&["frankenphp"], Has(&["--watch"]), Reloads),
    (&["frankenphp"], Has(&["--worker"]), Starts),
    (&["php-fpm", "apache2-foreground", "apachectl", "frankenphp", "php-cgi"], Always, Reads),
    // Servers of files.
    (
        &[
            "nginx",
            "openresty",
            "httpd",
            "httpd-foreground",
            "apache2",
            "caddy",
            "lighttpd",
            "static-web-server",
        ],
        Always,
        Reads,
    ),
    // Languages that are compiled.
    (&["cargo"], First(&["watch"]), Reloads),
    (&["cargo"], Both(&["leptos"], &["watch"]), Reloads),
    (&["trunk", "dx"], First(&["serve"]), Reloads),
    (&["dotnet"], First(&["watch"]), Reloads),
    (&["mvn", "mvnw"], First(&["quarkus:dev", "mn:run"]), Reloads),
    (&["quarkus"], First(&["dev"]), Reloads),
    (&["gradle", "gradlew"], Has(&["--continuous", "-t"]), Reloads),
    (&["gradle", "gradlew"], First(&["quarkusDev"]), Reloads),
    (&["hugo"], First(&["server", "serve"]), Reloads),
    (&["go", "cargo", "dotnet"], First(&["run", "test"]), Compiles),
    (&["dlv"], First(&["debug"]), Compiles),
    (&["mvn", "mvnw", "gradle", "gradlew", "sbt"], Always, Compiles),
    // Others.
    (&["mix"], Set("MIX_ENV", &["prod"]), Starts),
    (&["mix"], First(&["phx.server"]), Reloads),
    (&["iex"], Has(&["phx.server"]), Reloads),
    (&["mix", "iex", "elixir"], Always, Starts),
    (&["perl", "lua", "Rscript", "julia", "hypnotoad", "starman", "plackup"], Always, Starts),
    (&["sleep"], Always, Idle),
    (&["tail"], Has(&["/dev/null"]), Idle),
    (&["irb"], Bare, Idle),
];

/// What an entry says of a program with its arguments; `None` for one that is not known.
pub(super) fn habit(
    program: &str,
    arguments: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Option<Habit> {
    let found = HABITS.iter().find(|(programs, when, _)| {
        programs.contains(&program) && holds(*when, arguments, &variable)
    });
    found.map(|(_, _, habit)| *habit)
}

fn holds(when: When, arguments: &[String], variable: &impl Fn(&str) -> Option<String>) -> bool {
    let first =
        arguments.iter().map(String::as_str).find(|word| !word.starts_with(['-', '+', '<']));
    let has = |wanted: &[&str]| {
        arguments.iter().any(|word| wanted.contains(&word.split('=').next().unwrap_or(word)))
    };
    match when {
        Always => true,
        Has(wanted) => has(wanted),
        First(wanted) => first.is_some_and(|word| wanted.contains(&word)),
        Bare => first.is_none(),
        Both(words, others) => first.is_some_and(|word| words.contains(&word)) && has(others),
        Set(name, values) => variable(name).is_some_and(|value| values.contains(&value.as_str())),
    }
}
