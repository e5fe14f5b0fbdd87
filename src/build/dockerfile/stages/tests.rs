use super::*;

/// What takes part, a line for each: name, base, platform, whether it runs.
fn outline(text: &str, args: &[(&str, &str)], target: &str, contexts: &[&str]) -> String {
    let args = args.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let contexts = contexts.iter().map(|&name| name.to_owned()).collect();
    let platform = Platform::new("linux", "arm64", "");
    let given = Given { args: &args, target, contexts: &contexts, platform: &platform };
    let stages = match stages(text, &given) {
        Ok(stages) => stages,
        Err(why) => return format!("error: {why}"),
    };
    let lines: Vec<String> = stages
        .iter()
        .map(|stage| {
            let base = match &stage.base {
                Base::Scratch => "nothing".to_owned(),
                Base::Image(image) => image.clone(),
                Base::Stage(place) => format!("stage {}", stages[*place].name),
                Base::Context(name) => format!("context {name}"),
                Base::Unknown { written, why } => format!("{written} ({why})"),
            };
            let platform = match &stage.platform {
                Asked::Target { is_said: false } => String::new(),
                Asked::Target { is_said: true } => " for the target".to_owned(),
                Asked::Builder => " on the builder".to_owned(),
                Asked::Fixed(fixed) => format!(" on {}", fixed.platform),
            };
            let runs = if stage.runs.is_empty() { "" } else { ", runs" };
            format!("{}: {} = {base}{platform}{runs}", stage.line, stage.name)
        })
        .collect();
    lines.join("\n")
}

#[test]
fn only_what_the_target_needs_takes_part() {
    let text = "\
FROM golang:1.22 AS build
RUN go build
FROM node AS unused
RUN npm ci
FROM alpine AS tools
FROM scratch AS files
COPY --from=build /app /
FROM Build AS test
RUN --mount=type=cache,target=/c --mount=type=bind,from=tools,target=/t go test
FROM debian
COPY --from=files / /
COPY --from=nginx:1.27 /etc/nginx /etc/nginx
";
    assert_eq!(
        outline(text, &[], "", &[]),
        "1: build = golang:1.22, runs\n6: files = nothing\n12: nginx:1.27 = nginx:1.27\n10: 5 = debian"
    );
    assert_eq!(
        outline(text, &[], "TEST", &[]),
        "1: build = golang:1.22, runs\n5: tools = alpine\n8: test = stage build, runs"
    );
    assert_eq!(outline(text, &[], "tools", &[]), "5: tools = alpine");
    assert_eq!(outline(text, &[], "2", &[]), "error: target stage \"2\" could not be found");
    assert_eq!(outline(text, &[], "none", &[]), "error: target stage \"none\" could not be found");
    let numbers = "FROM a\nFROM b\nFROM c\nCOPY --from=0 / /\nCOPY --from=9 / /";
    assert_eq!(outline(numbers, &[], "", &[]), "1: 0 = a\n5: 9 = 9\n3: 2 = c");
}

#[test]
fn arguments_and_their_defaults_name_bases() {
    let text = "\
ARG VERSION=3.12 REGISTRY
ARG IMAGE=\"python:${VERSION%-*}\"
ARG FLAVOUR
FROM ${REGISTRY:-docker.io/library}/${IMAGE}${FLAVOUR:+-$FLAVOUR} AS first
ARG LATER=x
FROM $LATER
";
    assert_eq!(outline(text, &[], "first", &[]), "4: first = docker.io/library/python:3.12");
    assert_eq!(
        outline(
            text,
            &[("VERSION", "3.9-rc"), ("FLAVOUR", "slim"), ("REGISTRY", "r.io")],
            "first",
            &[]
        ),
        "4: first = r.io/python:3.9-slim"
    );
    assert_eq!(outline(text, &[], "", &[]), "6: 1 = $LATER (LATER has no value)");
    assert_eq!(
        outline("FROM ${A:?give}", &[], "", &[]),
        "1: 0 = ${A:?give} (A has no value: give)"
    );
    assert_eq!(outline("ARG A=\nFROM $A", &[], "", &[]), "2: 0 = $A (it is empty)");
}

#[test]
fn platforms_are_what_they_follow() {
    for (word, expected) in [
        ("$BUILDPLATFORM", " on the builder"),
        ("${BUILDPLATFORM:-linux/amd64}", " on the builder"),
        ("linux/$BUILDARCH", " on the builder"),
        ("$TARGETPLATFORM", " for the target"),
        ("linux/${TARGETARCH}", " for the target"),
        ("linux/amd64", " on linux/amd64"),
        ("\"linux/amd64\"", " on linux/amd64"),
        ("$GIVEN", " on linux/s390x"),
        ("$HERE", " on the builder"),
        ("${NONE:-linux/arm/v7}", " on linux/arm/v7"),
        ("$NONE", " on "),
        ("", ""),
        ("\"\"", ""),
    ] {
        let text = format!("ARG GIVEN\nARG HERE=$BUILDPLATFORM\nFROM --platform={word} x");
        let outline = outline(&text, &[("GIVEN", "linux/s390x")], "", &[]);
        assert_eq!(outline, format!("3: 0 = x{expected}"), "{word}");
    }
    let given =
        outline("FROM --platform=$TARGETPLATFORM x", &[("TARGETPLATFORM", "linux/386")], "", &[]);
    assert_eq!(given, "1: 0 = x on linux/386", "an argument of its name goes before");
}

#[test]
fn a_stage_may_be_chosen_by_the_platform() {
    let text = "FROM a AS for-amd64\nFROM b AS for-arm64\nFROM for-${TARGETARCH}\nRUN x";
    assert_eq!(outline(text, &[], "", &[]), "2: for-arm64 = b\n3: 2 = stage for-arm64, runs");
}

#[test]
fn contexts_go_before_stages_and_images() {
    let text = "\
FROM docker.io/library/alpine:latest AS base
RUN x
FROM base AS middle
COPY --from=lib / /
COPY --from=other / /
FROM middle
";
    assert_eq!(
        outline(text, &[], "", &["alpine", "lib"]),
        "1: base = context alpine, runs\n4: lib = context lib\n5: other = other\n3: middle = stage base\n6: 2 = stage middle"
    );
    assert_eq!(
        outline(text, &[], "", &["middle"]),
        "3: middle = context middle\n6: 2 = stage middle"
    );
}

#[test]
fn every_way_to_write_is_read() {
    let text = "\
# syntax=docker/dockerfile:1.7-labs
# escape=`

from --platform=linux/amd64 `
  # in between
  windows AS Here
RUN <<EOF
FROM nothing
EOF
COPY <<-\"END\" /x
FROM nothing
\tEND
run [\"x\"]
FROM here as there
";
    assert_eq!(
        outline(text, &[], "", &[]),
        "4: Here = windows on linux/amd64, runs\n14: there = stage Here"
    );
    assert_eq!(outline("FROM a\r\nRUN b\r\n", &[], "", &[]), "1: 0 = a, runs");
    for (text, expected) in [
        ("", "there is no FROM"),
        ("RUN x", "line 1: no build stage in current context"),
        ("FROM", "line 1: FROM is not understood"),
        ("FROM a b", "line 1: FROM is not understood"),
        ("FROM --PLATFORM=linux/amd64 a", "line 1: unknown flag --PLATFORM"),
        ("FROM --link a", "line 1: unknown flag --link"),
        ("FROM --platform linux/amd64 a", "line 1: missing a value on flag --platform"),
        ("FROM --platform=a --platform=b c", "line 1: duplicate flag --platform"),
        ("# syntax = r2d4/mockerfile\napiVersion: v1", "it is written for r2d4/mockerfile"),
        ("ARG A=${B\nFROM x", "there is no closing }"),
    ] {
        assert_eq!(outline(text, &[], "", &[]), format!("error: {expected}"), "{text}");
    }
    let mirrored = "# syntax=r.io/proxy/docker/dockerfile:1@sha256:00\nFROM a";
    assert_eq!(outline(mirrored, &[], "", &[]), "2: 0 = a");
}

/// The argument to change for another platform, with its value: `name given|line|- = value`.
fn retarget(text: &str, args: &[(&str, &str)], values: &[&str]) -> String {
    let args = args.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let platform = Platform::new("linux", "arm64", "");
    let given = Given { args: &args, target: "", contexts: &BTreeSet::new(), platform: &platform };
    let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    let stages = stages(text, &given).unwrap();
    let Asked::Fixed(fixed) = &stages.last().unwrap().platform else { panic!("it is not fixed") };
    let is_meant =
        |asked: &Asked| matches!(asked, Asked::Fixed(it) if it.platform == "linux/arm64");
    let Some((argument, value)) = retargeted(text, &given, fixed, &values, is_meant) else {
        return format!("none of {}", fixed.arguments.len());
    };
    let from = match (argument.is_given, argument.default) {
        (true, _) => "given".to_owned(),
        (false, Some(line)) => line.to_string(),
        (false, None) => "-".to_owned(),
    };
    format!("{} {from} = {value}", argument.name)
}

#[test]
fn a_platform_goes_back_to_the_argument_that_decides_it() {
    let both = ["linux/arm64", "arm64"];
    let whole = "ARG P=linux/amd64\nFROM --platform=$P a\n";
    assert_eq!(retarget(whole, &[], &both), "P 1 = linux/arm64");
    assert_eq!(retarget(whole, &[("P", "linux/amd64")], &both), "P given = linux/arm64");
    let chain = "ARG OS=linux ARCH=amd64\nARG P=${OS}/${ARCH}\nFROM --platform=${P} a\n";
    assert_eq!(retarget(chain, &[], &both), "ARCH 1 = arm64");
    assert_eq!(retarget(chain, &[("ARCH", "amd64")], &both), "ARCH given = arm64");
    assert_eq!(retarget(chain, &[("P", "linux/amd64")], &both), "P given = linux/arm64");
    let own = "FROM --platform=${P:-linux/amd64} a\n";
    assert_eq!(retarget(own, &[], &both), "none of 1", "it is not declared");
    let declared = format!("ARG P\n{own}");
    assert_eq!(retarget(&declared, &[], &both), "P - = linux/arm64");
    assert_eq!(retarget("FROM --platform=linux/amd64 a", &[], &both), "none of 0");
    let late = "ARG P=linux/amd64\nARG P=linux/386\nFROM --platform=$P a\n";
    assert_eq!(retarget(late, &[], &both), "P 2 = linux/arm64");
}
