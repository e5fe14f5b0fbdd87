//! What commands of a Dockerfile make of files that they name.

use super::{built, lines};

/// The first rules of an image that takes `/out` from a stage with `main.conf` and `src` in `/s`.
fn of_stage(command: &str) -> Vec<String> {
    let dockerfile = format!(
        "FROM alpine AS build\nCOPY main.conf /s/\nCOPY src /s/src\n{command}\nFROM alpine\nCOPY --from=build /out /out\n"
    );
    let mut found = built(&dockerfile, &[("main.conf", ""), ("src/a", ""), ("src/b/c", "")]);
    assert_eq!(found.pop().as_deref(), Some("rebuild Dockerfile Dockerfile:1"));
    found
}

#[test]
fn what_a_stage_makes_of_files_is_built() {
    let (file, tree) = ("rebuild main.conf Dockerfile:2", "rebuild src Dockerfile:3");
    for (command, expected) in [
        ("RUN cp /s/main.conf /out", vec![file]),
        ("RUN mv /s/main.conf /out", vec![file]),
        ("RUN sed s/a/b/ /s/main.conf > /out", vec![file]),
        ("RUN tr a b < /s/main.conf > /out", vec![file]),
        ("WORKDIR /s\nRUN gzip -c main.conf > /out", vec![file]),
        ("ENV D=/s\nRUN envsubst < $D/main.conf > /out", vec![file]),
        ("RUN sh -c \"cat /s/*.conf\" > /out", vec![file]),
        ("RUN [\"sh\", \"-c\", \"cd /s && cat main.conf > /out\"]", vec![file]),
        ("RUN echo \"$(cat /s/main.conf)\" > /out", vec![file]),
        ("RUN cat /s/src/* > /out", vec![tree]),
        ("RUN cat /s/src/a > /out", vec!["rebuild src/a Dockerfile:3"]),
        ("RUN cp -r /s/src /out", vec![tree]),
        ("RUN cp -r /s /out", vec![file, tree]),
        ("RUN tar -C /s -cf /out .", vec![file, tree]),
        ("RUN find /s/src -type f -exec sed -i s/a/b/ {} + && touch /out", vec![tree]),
        ("RUN for each in 1 2; do cat /s/$each; done > /out", vec![file, tree]),
        ("RUN apk add curl && mkdir /out", vec![]),
        ("RUN cp /etc/os-release /out", vec![]),
    ] {
        assert_eq!(of_stage(command), expected, "{command}");
    }
}

#[test]
fn what_goes_through_several_stages_is_built() {
    let dockerfile = "\
FROM alpine AS first
COPY main.conf /s/
FROM alpine AS second
COPY --from=first /s /s
RUN ./make.sh
FROM alpine
COPY --from=second /out /out
";
    assert_eq!(built(dockerfile, &[("main.conf", "")])[0], "rebuild main.conf Dockerfile:2");
    let mounted = "\
FROM alpine
RUN --mount=type=bind,target=/m cp /m/conf/main.conf /out
";
    let found = built(mounted, &[("conf/main.conf", ""), ("other", "")]);
    assert_eq!(found[0], "rebuild conf/main.conf Dockerfile:2");
}

#[test]
fn what_the_image_itself_makes_of_files_is_built() {
    let dockerfile =
        "FROM alpine\nWORKDIR /app\nCOPY req.txt .\nRUN cat req.txt > /built\nCMD sleep 1000\n";
    assert_eq!(
        built(dockerfile, &[("req.txt", "")]),
        ["rebuild req.txt Dockerfile:3", "rebuild Dockerfile Dockerfile:1"]
    );
}

#[test]
fn a_tree_is_brought_where_commands_prepare_or_name_parts_of_it() {
    let harmless = "\
FROM python:3.12-slim
WORKDIR /app
COPY . .
RUN adduser --disabled-password app && chown -R app:app /app && chmod -R g+w . && mkdir -p media
RUN pip install -r requirements.txt && python -m compileall . && npm ci
RUN find /app -type f -name '*.sh' -exec chmod +x {} \\;
RUN python manage.py collectstatic --noinput; ln -s /app/manage.py /usr/bin/manage; rm -rf tests
CMD [\"python\", \"manage.py\", \"runserver\"]
";
    let files = [
        ("manage.py", ""),
        ("requirements.txt", ""),
        ("tests/a.py", ""),
        ("tool.sh", ""),
        ("settings.sample.py", ""),
        ("node_modules/a/a.js", ""),
    ];
    let expected = [
        "rebuild requirements.txt Dockerfile:3",
        "sync . → /app Dockerfile:3",
        "rebuild Dockerfile Dockerfile:1",
    ];
    assert_eq!(built(harmless, &files), expected);
    let named = harmless.replace(
        "RUN pip",
        "RUN cp settings.sample.py settings.py && cp *.sample /etc; for each in *; do touch $each; done\nRUN cp -r node_modules /opt && ./tool.sh .\nRUN pip",
    );
    let found = built(&named, &files);
    for rule in [
        "sync . → /app Dockerfile:3",
        "rebuild settings.sample.py Dockerfile:3",
        "rebuild tool.sh Dockerfile:3",
        "rebuild ./*.sample Dockerfile:3",
    ] {
        assert!(found.contains(&rule.to_owned()), "{found:?}");
    }
    assert_eq!(found.len(), 6, "{found:?}");
    // What a program is run by is read as it was copied.
    let script = "FROM python:3\nCOPY start.sh /\nCOPY app /app\nRUN sed -i 's/\\r$//' /start.sh\nENTRYPOINT [\"/start.sh\"]\n";
    let files = [
        ("Dockerfile", script),
        ("start.sh", "#!/bin/sh\nexec flask --debug run\n"),
        ("app/a.py", ""),
    ];
    assert_eq!(
        lines("services: {web: {build: .}}", &files)[..2],
        ["rebuild start.sh Dockerfile:2", "sync app → /app Dockerfile:3"]
    );
}

#[test]
fn what_a_program_is_given_and_only_a_build_makes_is_built() {
    let files = [
        ("package.json", r#"{"scripts": {"build": "tsc -p ."}}"#),
        ("server.js", ""),
        ("src/server.ts", ""),
    ];
    let tree = |command: &str| {
        let dockerfile = format!(
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nRUN npm run build\nCMD {command}\n"
        );
        let found = built(&dockerfile, &files);
        found.into_iter().find(|rule| rule.ends_with(" Dockerfile:5")).unwrap_or_default()
    };
    assert_eq!(tree(r#"["npx", "nodemon", "dist/server.js"]"#), "rebuild . Dockerfile:5");
    assert_eq!(tree("node --watch dist/server.js"), "rebuild . Dockerfile:5");
    assert_eq!(tree("node --watch server.js"), "sync+restart . → /app Dockerfile:5");
    assert_eq!(tree("nodemon server.js"), "sync . → /app Dockerfile:5");
}

#[test]
fn what_scripts_of_the_build_make_is_built() {
    let dockerfile = "\
FROM node:22
WORKDIR /app
COPY package.json tools/setup.sh ./
COPY src src
RUN sh -e setup.sh && rm setup.sh
CMD [\"node\", \"lib/x.js\"]
";
    let setup = "#!/bin/sh\ncd src\n./build --all\n";
    let files = [
        ("package.json", "{}"),
        ("tools/setup.sh", setup),
        ("src/build", "#!/usr/bin/env bash\nset -e\ntsc -p . --outDir ../lib\n"),
        ("src/x.ts", ""),
    ];
    let found = built(dockerfile, &files);
    assert!(found.contains(&"rebuild src Dockerfile:4".to_owned()), "{found:?}");
    assert!(found.contains(&"rebuild tools/setup.sh Dockerfile:3".to_owned()), "{found:?}");
    // Such that only prepare leave the source as it was copied.
    let harmless = [
        ("package.json", "{}"),
        ("tools/setup.sh", "apt-get update\napt-get install -y make\nmkdir -p /data\n"),
        ("src/x.js", ""),
    ];
    let found = built(dockerfile, &harmless);
    assert!(found.contains(&"sync+restart src → /app/src Dockerfile:4".to_owned()), "{found:?}");
    let mounted = "\
FROM alpine
RUN --mount=target=/m /m/make.sh
CMD [\"/app\"]
";
    let files = [("make.sh", "#!/bin/sh\ngo build -o /app /m\n"), ("main.go", "")];
    assert_eq!(built(mounted, &files)[0], "rebuild . Dockerfile:2");
}

#[test]
fn what_is_mounted_from_a_stage_is_built() {
    let dockerfile = "\
FROM scratch AS assets
COPY css /css
COPY docs /docs
FROM python:3.12 AS wheels
COPY requirements.txt .
RUN pip wheel -w /wheels -r requirements.txt
FROM python:3.12
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels pip install /wheels/*
RUN --mount=from=assets,src=/css,dst=/in cp -r /in /static
COPY app /app
CMD [\"python\", \"/app/main.py\"]
";
    let files =
        [("requirements.txt", ""), ("css/a.css", ""), ("docs/a.md", ""), ("app/main.py", "")];
    assert_eq!(
        built(dockerfile, &files),
        [
            "rebuild requirements.txt Dockerfile:5",
            "rebuild css Dockerfile:2",
            "sync+restart app → /app Dockerfile:10",
            "rebuild Dockerfile Dockerfile:1",
        ]
    );
}
