//! Command lines as users write them, and mistakes as they are told.

use super::*;

fn stop(line: &str) -> Stop {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    parse(&words, &Entry::of("bireme", Vec::new()).0).expect_err(line)
}

fn message(line: &str) -> String {
    match stop(line) {
        Stop::Mistake { message, .. } => message,
        Stop::Help(text) => panic!("help instead of a mistake: {text}"),
    }
}

#[test]
fn mistakes_are_told_in_docker_composes_words() {
    for (line, expected) in [
        ("up --bogus", "unknown flag: --bogus"),
        ("up --bogus=1", "unknown flag: --bogus"),
        ("--bogus", "unknown flag: --bogus"),
        ("up -Z", "unknown shorthand flag: 'Z' in -Z"),
        ("up -dZ", "unknown shorthand flag: 'Z' in -Z"),
        ("up -f x", "unknown shorthand flag: 'f' in -f"),
        (
            "up --timeout x",
            "invalid argument \"x\" for \"-t, --timeout\" flag: \
             strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            "--parallel x ps",
            "invalid argument \"x\" for \"--parallel\" flag: \
             strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            "up -d=maybe",
            "invalid argument \"maybe\" for \"-d, --detach\" flag: \
             strconv.ParseBool: parsing \"maybe\": invalid syntax",
        ),
        ("up -t", "flag needs an argument: 't' in -t"),
        ("up --timeout", "flag needs an argument: --timeout"),
        ("-f", "flag needs an argument: 'f' in -f"),
        ("exec", "requires at least 2 arg(s), only received 0"),
        ("exec web", "requires at least 2 arg(s), only received 1"),
        ("exec -u root web", "requires at least 2 arg(s), only received 1"),
        ("run", "requires at least 1 arg(s), only received 0"),
        ("run --rm -e A=1", "requires at least 1 arg(s), only received 0"),
        ("version extra", "unknown command \"extra\" for \"bireme version\""),
        ("commit", "accepts between 1 and 2 arg(s), received 0"),
        ("commit a b c", "accepts between 1 and 2 arg(s), received 3"),
        ("scale", "requires at least 1 arg(s), only received 0"),
        ("platforms --runs 2", "--measure <SERVICE> is missing"),
        ("platforms web -- true", "--measure <SERVICE> is missing"),
        ("platforms --no-up", "--fix is missing"),
        ("platforms --fix --check", "--fix cannot be used with --check"),
        ("platforms --fix --format json web", "--fix cannot be used with --format <FORMAT>"),
        ("platforms --packages --fix=true", "--packages cannot be used with --fix"),
        ("platforms --fix --check --packages", "--fix cannot be used with --check, --packages"),
        ("platforms --measure web --fix", "--measure <SERVICE> cannot be used with --fix"),
    ] {
        assert_eq!(message(line), expected, "{line}");
    }
}

#[test]
fn commands_are_told_by_what_they_do() {
    for line in ["--help", "up --help", "help up", "upp"] {
        let (Stop::Help(text) | Stop::Mistake { usage: text, .. }) = stop(line);
        assert!(text.contains("Create and start containers\n"), "{line}: {text}");
        assert!(!text.contains("experimental"), "{line}: {text}");
    }
}

#[test]
fn an_unknown_command_gets_the_help_and_a_guess() {
    let Stop::Mistake { usage, message, help } = stop("upp") else { panic!() };
    assert!(usage.contains("Usage:"), "{usage}");
    assert_eq!(message, "unknown docker command: \"compose upp\"");
    assert_eq!(help.as_deref(), Some("did you mean `bireme up`?"));
}

#[test]
fn the_command_is_named_as_the_user_typed_it() {
    let compose = Entry::of("docker-compose", vec!["compose".to_owned()]).0;
    let stop = |line: &str| {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        match parse(&words, &compose).expect_err(line) {
            Stop::Help(text) => text,
            Stop::Mistake { message, help, .. } => message + " / " + &help.unwrap_or_default(),
        }
    };
    for (line, expected) in [
        ("--help", "Usage:  docker compose [OPTIONS] COMMAND\n"),
        ("help up", "Usage:  docker compose up [OPTIONS] [SERVICE...]\n"),
        ("run -h", "Usage:  docker compose run [OPTIONS] SERVICE [COMMAND] [ARGS...]\n"),
        ("upp", "did you mean `docker compose up`?"),
        ("up -f x", "`docker compose -f … up`"),
        ("version extra", "unknown command \"extra\" for \"docker compose version\""),
    ] {
        let told = stop(line);
        assert!(told.contains(expected), "{line}: {told}");
    }
}

#[test]
fn a_global_flag_behind_the_command_is_explained() {
    let Stop::Mistake { help, .. } = stop("up -f compose.yaml") else { panic!() };
    assert_eq!(help.as_deref(), Some("global flags stand before the command: `bireme -f … up`"));
}

#[test]
fn a_command_to_measure_stands_behind_dashes() {
    for (line, expected) in [
        (
            "platforms --measure web --runs 2 sh -c x",
            "a command stands behind `--`: bireme platforms --measure web --runs 2 -- sh -c x",
        ),
        (
            "platforms --measure=web ls -l -f",
            "a command stands behind `--`: bireme platforms --measure=web -- ls -l -f",
        ),
        ("platforms web -f x", "global flags stand before the command: `bireme -f … platforms`"),
        (
            "platforms --measure web -f x",
            "global flags stand before the command: `bireme -f … platforms`",
        ),
    ] {
        let Stop::Mistake { help, .. } = stop(line) else { panic!("{line}") };
        assert_eq!(help.as_deref(), Some(expected), "{line}");
    }
}

fn parsed(line: &str) -> Arguments {
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    parse(&words, &Entry::of("bireme", Vec::new()).0).expect(line)
}

#[test]
fn run_and_exec_read_no_flags_behind_the_first_word() {
    for (line, expected, tty) in [
        ("exec web ls -la --dry-run", &["web", "ls", "-la", "--dry-run"][..], None),
        ("exec -T web -it sh", &["web", "-it", "sh"], Some(true)),
        ("exec --no-TTY=false web ls", &["web", "ls"], Some(false)),
        ("exec -- web ls", &["web", "ls"], None),
        ("exec web sh -c -- x", &["web", "sh", "-c", "--", "x"], None),
        ("exec web -- ls", &["web", "--", "ls"], None),
    ] {
        let Some(Command::Exec(args)) = parsed(line).command else { panic!("{line}") };
        assert_eq!(args.words, expected, "{line}");
        assert_eq!(args.no_tty, tty, "{line}");
    }
    let Some(Command::Run(args)) = parsed("run --rm -e A=b -P web --rm -d").command else {
        panic!()
    };
    assert_eq!(args.words, ["web", "--rm", "-d"]);
    assert!(args.rm && args.service_ports && !args.detach);
}

#[test]
fn flags_are_taken_in_all_their_spellings() {
    let Some(Command::Up(args)) =
        parsed("up web -Vd db --menu=false -t=5 --timeout -1 --scale a=1 --scale=b=2 -d=false")
            .command
    else {
        panic!()
    };
    assert_eq!(args.services, ["web", "db"]);
    assert!(args.renew_anon_volumes && !args.detach);
    assert_eq!((args.menu, args.timeout), (Some(false), Some(-1)));
    assert_eq!(args.scale, ["a=1", "b=2"]);
    let Some(Command::Logs(args)) = parsed("logs -fn -1 -t").command else { panic!() };
    assert!(args.follow && args.timestamps);
    assert_eq!(args.tail, "-1");
    let Some(Command::Down(args)) = parsed("down --volume --remove-orphans").command else {
        panic!()
    };
    assert!(args.former_volumes);
    assert_eq!(args.remove_orphans, Some(true));
}

#[test]
fn global_flags_stand_before_the_command_and_dry_run_anywhere() {
    let arguments = parsed("-f a.yaml --file b.yaml -p name --profile x -H tcp://h ps -q");
    assert_eq!(arguments.global.file, ["a.yaml", "b.yaml"]);
    assert_eq!(arguments.global.project_name.as_deref(), Some("name"));
    assert_eq!(arguments.global.host, ["tcp://h"]);
    for line in ["--dry-run up", "up --dry-run", "up web --dry-run"] {
        assert!(parsed(line).global.dry_run, "{line}");
    }
    assert!(!parsed("up").global.dry_run);
    assert!(parsed("--version").version);
    assert!(parsed("-v").version);
}

#[test]
fn help_is_not_a_mistake() {
    for line in ["", "--help", "help", "up --help", "help up", "-h"] {
        assert!(matches!(stop(line), Stop::Help(text) if text.contains("Usage")), "{line}");
    }
}

#[test]
fn flags_end_at_the_service_of_exec_and_run() {
    let words = |line: &str| -> Vec<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match parse(&words, &Entry::of("bireme", Vec::new()).0)
            .unwrap_or_else(|stop| panic!("{line}: {stop:?}"))
            .command
        {
            Some(Command::Exec(args)) => args.words,
            Some(Command::Run(args)) => args.words,
            other => panic!("{line}: {other:?}"),
        }
    };
    for (line, expected) in [
        ("exec web ls -l --all", "web ls -l --all"),
        ("exec -uroot -eA=1 -w/tmp web id", "web id"),
        ("exec -i=false -T web sh -c ls", "web sh -c ls"),
        ("-p run exec -u root web -- x", "web -- x"),
        ("exec -- web ls", "web ls"),
        ("run -p8080:80 -v/a:/b --rm --name x web --rm", "web --rm"),
        ("run --no-TTY --volumes /a:/b -dT web", "web"),
        ("--dry-run run --dry-run web -e", "web -e"),
    ] {
        assert_eq!(words(line).join(" "), expected, "{line}");
    }
    assert_eq!(message("exec --bogus web ls"), "unknown flag: --bogus");
    assert_eq!(message("run -Z web ls"), "unknown shorthand flag: 'Z' in -Z");
}

#[test]
fn a_group_answers_what_is_none_of_its_commands_with_its_help() {
    for (line, group) in [
        ("alpha", "alpha"),
        ("alpha nosuch extra", "alpha"),
        ("alpha --dry-run", "alpha"),
        ("alpha --dry-run nosuch", "alpha"),
        ("alpha nosuch -- --bogus", "alpha"),
        ("alpha -- viz", "alpha"),
        ("alpha help viz", "alpha"),
        ("bridge nosuch --help", "bridge"),
        ("bridge transformations nosuch", "bridge transformations"),
    ] {
        let Stop::Help(text) = stop(line) else { panic!("{line}") };
        let usage = format!("Usage:  bireme {group} [OPTIONS] COMMAND\n");
        assert!(text.starts_with(&usage), "{line}: {text}");
    }
    assert_eq!(message("alpha nosuch --bogus"), "unknown flag: --bogus");
    assert_eq!(message("bridge nosuch -x"), "unknown shorthand flag: 'x' in -x");
    assert_eq!(
        message("alpha nosuch --dry-run=x"),
        "invalid argument \"x\" for \"--dry-run\" flag: \
         strconv.ParseBool: parsing \"x\": invalid syntax"
    );
}

#[test]
fn words_that_docker_compose_ignores_are_taken() {
    for line in ["viz nosuch", "alpha viz nosuch", "bridge convert nosuch more"] {
        parsed(line);
    }
    let Stop::Help(text) = stop("viz --help") else { panic!() };
    assert!(!text.to_lowercase().contains("ignored"), "{text}");
}
