use std::path::PathBuf;

use super::{Mending, NewValue, Wanted, mend};
use crate::compose::files::Memory;
use crate::compose::source::Request;
use crate::platform::Platform;

/// A project in `/p`.
#[derive(Default)]
struct Case {
    files: Memory,
    request: Request,
}

impl Case {
    fn of(compose: &str) -> Self {
        let mut case = Self::default().file("compose.yaml", compose);
        case.request.current_directory = PathBuf::from("/p");
        case
    }

    fn file(mut self, name: &str, text: &str) -> Self {
        self.files = self.files.file(format!("/p/{name}"), text);
        self
    }

    fn named(mut self, files: &[&str]) -> Self {
        self.request.files = files.iter().map(|&file| file.to_owned()).collect();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.request.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn mend(&self, services: &[&str]) -> Mending {
        let services: Vec<String> = services.iter().map(|&service| service.to_owned()).collect();
        let wanted = Wanted { unpinned: services, ..Wanted::default() };
        mend(&self.request, &self.files, &wanted, &native()).unwrap()
    }

    /// What would be written: each file's name and text, then refusals.
    fn outcome(&self, services: &[&str]) -> String {
        outcome(&self.mend(services))
    }

    /// The same, where `ARCH` is to be `arm64`.
    fn outcome_of_argument(&self, services: &[&str]) -> String {
        let (name, value) = ("ARCH".to_owned(), "arm64".to_owned());
        let new = |service: &&str| {
            let service = (*service).to_owned();
            NewValue { service, name: name.clone(), value: value.clone() }
        };
        let arguments = services.iter().map(new).collect();
        let wanted = Wanted { arguments, ..Wanted::default() };
        outcome(&mend(&self.request, &self.files, &wanted, &native()).unwrap())
    }
}

fn native() -> Platform {
    Platform::new("linux", "arm64", "")
}

fn outcome(mending: &Mending) -> String {
    let changes = mending.changes.iter().map(|change| {
        format!("[{}]\n{}", change.path.strip_prefix("/p").unwrap().display(), change.after)
    });
    let refused = mending.refused.iter().map(|one| format!("{}: {}\n", one.service, one.reason));
    let named = mending.to_name.iter().map(|path| format!("name {}\n", path.display()));
    changes.chain(refused).chain(named).collect()
}

#[test]
fn a_pin_is_taken_out_where_it_stands() {
    let compose = "services:\n  db:\n    image: x # why\n    platform: linux/amd64 # M1\n  \
                   web: {image: y, platform: linux/amd64}\n";
    let case = Case::of(compose);
    assert_eq!(
        case.outcome(&["db"]),
        "[compose.yaml]\nservices:\n  db:\n    image: x # why\n  web: {image: y, platform: linux/amd64}\n"
    );
    assert_eq!(
        case.outcome(&["web", "db"]),
        "[compose.yaml]\nservices:\n  db:\n    image: x # why\n  web: {image: y}\n"
    );
    assert_eq!(case.mend(&["web", "db"]).mended, ["web", "db"]);
    let unpinned = Case::of("services: {a: {image: x}}").mend(&["a"]);
    assert!(unpinned.changes.is_empty() && unpinned.unpinned == ["a"]);
}

#[test]
fn all_files_that_pin_a_service_are_mended() {
    let pinned = "services:\n  db:\n    image: x\n    platform: linux/amd64\n";
    let over = "services:\n  db:\n    platform: linux/amd64\n";
    let case = Case::of(pinned).file("compose.override.yaml", over);
    assert_eq!(
        case.outcome(&["db"]),
        "[compose.override.yaml]\nservices:\n  db: {}\n[compose.yaml]\nservices:\n  db:\n    image: x\n"
    );
    let over = "services:\n  db:\n    platform: linux/amd64\n  web:\n    image: y\n";
    let case = Case::of("services: {db: {image: x}}").file("b.yaml", over);
    assert_eq!(
        case.named(&["compose.yaml", "b.yaml"]).outcome(&["db"]),
        "[b.yaml]\nservices:\n  web:\n    image: y\n"
    );
}

#[test]
fn a_native_platform_that_a_pin_hid_stays() {
    let native = "services:\n  db:\n    image: x\n    platform: linux/aarch64\n";
    let over = "services:\n  db:\n    restart: always\n    platform: linux/amd64\n";
    assert_eq!(
        Case::of(native).file("compose.override.yaml", over).outcome(&["db"]),
        "[compose.override.yaml]\nservices:\n  db:\n    restart: always\n"
    );
}

#[test]
fn what_several_share_goes_if_all_are_to_be_mended() {
    let compose = "x-c: &c\n  platform: linux/amd64\n  restart: always\nservices:\n  a:\n    <<: *c\n    image: x\n  \
                   b:\n    <<: *c\n    image: y\n";
    let case = Case::of(compose);
    assert_eq!(
        case.outcome(&["a", "b"]),
        format!("[compose.yaml]\n{}", compose.replacen("  platform: linux/amd64\n", "", 1))
    );
    assert_eq!(
        case.outcome(&["b"]),
        format!(
            "[compose.yaml]\n{}",
            compose.replace("<<: *c\n    image: y", "<<: *c\n    platform: \"\"\n    image: y")
        )
    );
}

#[test]
fn anchors_on_the_value_move() {
    let compose = "services:\n  a:\n    image: x\n    platform: &p linux/amd64\n  b:\n    image: y\n    platform: *p\n";
    let case = Case::of(compose);
    assert_eq!(
        case.outcome(&["a"]),
        "[compose.yaml]\nservices:\n  a:\n    image: x\n  b:\n    image: y\n    platform: &p linux/amd64\n"
    );
    assert_eq!(
        case.outcome(&["a", "b"]),
        "[compose.yaml]\nservices:\n  a:\n    image: x\n  b:\n    image: y\n"
    );
}

#[test]
fn extended_services_are_mended_at_their_base_or_by_themselves() {
    let compose =
        "services:\n  a:\n    extends: {file: base.yaml, service: s}\n  b:\n    image: y\n";
    let base = "services:\n  s:\n    image: x\n    platform: linux/amd64\n";
    let own = Case::of(compose).file("base.yaml", base);
    assert_eq!(own.outcome(&["a"]), "[base.yaml]\nservices:\n  s:\n    image: x\n");
    let others = Case::of(&compose.replace("base", "vendor/base")).file("vendor/base.yaml", base);
    assert_eq!(
        others.outcome(&["a"]),
        "[compose.yaml]\nservices:\n  a:\n    extends: {file: vendor/base.yaml, service: s}\n    \
         platform: \"\"\n  b:\n    image: y\n"
    );
    let shared = "services:\n  a:\n    image: x\n    platform: linux/amd64\n  b:\n    extends: a\n";
    assert_eq!(
        Case::of(shared).outcome(&["b"]),
        format!("[compose.yaml]\n{shared}    platform: \"\"\n")
    );
    assert_eq!(
        Case::of(shared).outcome(&["a"]),
        "[compose.override.yaml]\n# Takes back platforms that other files ask for (bireme platforms --fix).\n\
         services:\n  a:\n    platform: !reset null\n"
    );
}

#[test]
fn what_others_wrote_is_overridden() {
    let compose = "include: [vendor/x.yaml]\nservices:\n  a:\n    image: y\n";
    let included = "services:\n  db:\n    image: x\n    platform: linux/amd64\n";
    let case = || Case::of(compose).file("vendor/x.yaml", included);
    assert_eq!(
        case().outcome(&["db"]),
        "[compose.override.yaml]\n# Takes back platforms that other files ask for (bireme platforms --fix).\n\
         services:\n  db:\n    platform: !reset null\n"
    );
    let over = "services:\n  a:\n    restart: always\n";
    assert_eq!(
        case().file("compose.override.yaml", over).outcome(&["db"]),
        format!("[compose.override.yaml]\n{over}  db:\n    platform: !reset null\n")
    );
    assert_eq!(
        case().named(&["compose.yaml"]).outcome(&["db"]),
        "[compose.native.yaml]\n# Takes back platforms that other files ask for (bireme platforms --fix).\n\
         services:\n  db:\n    platform: !reset null\nname /p/compose.native.yaml\n"
    );
    assert_eq!(
        case()
            .named(&["compose.yaml"])
            .file("compose.native.yaml", "services: {}\n")
            .outcome(&["db"]),
        "db: its platform at vendor/x.yaml:4 would be taken back by compose.native.yaml, which is there and not \
         among the files of the project: name it as the last one, or remove it\n"
    );
    let own = Case::of(&compose.replace("vendor/", "")).file("x.yaml", included);
    assert_eq!(own.outcome(&["db"]), "[x.yaml]\nservices:\n  db:\n    image: x\n");
}

#[test]
fn variables_are_named_and_left() {
    let case = || Case::of("services:\n  db:\n    image: x\n    platform: ${P:-linux/amd64}\n");
    assert_eq!(
        case().outcome(&["db"]),
        "db: its platform at compose.yaml:4 is made of variables (P): set P=linux/arm64\n"
    );
    assert_eq!(
        case().variable("P", "linux/386").outcome(&["db"]),
        "db: its platform at compose.yaml:4 is made of variables (P): set P=linux/arm64\n"
    );
}

#[test]
fn bytes_stay_as_they_are() {
    let compose = "\u{feff}# c\r\nservices:\r\n\tdb: # tab\r\n".replace('\t', "  ")
        + "    'platform' : !!str \"linux/amd64\" # \tx\r\n    image: x\r\n---\r\nservices:\r\n  web: {\"image\": y}";
    assert_eq!(
        Case::of(&compose).outcome(&["db"]),
        "[compose.yaml]\n\u{feff}# c\r\nservices:\r\n  db: # tab\r\n    image: x\r\n---\r\nservices:\r\n  web: {\"image\": y}"
    );
    let last = "services:\n  db:\n    image: x\n    platform: linux/amd64";
    assert_eq!(Case::of(last).outcome(&["db"]), "[compose.yaml]\nservices:\n  db:\n    image: x\n");
}

#[test]
fn a_build_argument_gets_its_value_where_it_stands() {
    let map = "services:\n  a:\n    build:\n      args:\n        ARCH: \"amd64\" # M1\n        B: amd64\n";
    let changed = |text: &str| format!("[compose.yaml]\n{}", text.replacen("amd64", "arm64", 1));
    assert_eq!(Case::of(map).outcome_of_argument(&["a"]), changed(map));
    let list = "services:\n  a: {build: {args: [ARCH=amd64, B=amd64]}}\n  b: {image: x}\n";
    assert_eq!(Case::of(list).outcome_of_argument(&["a"]), changed(list));
    let variable = "services:\n  a: {build: {args: ['ARCH=${ARCH:-amd64}']}}\n";
    assert_eq!(
        Case::of(variable).outcome_of_argument(&["a"]),
        "a: the build argument ARCH at compose.yaml:2 comes from the variable ARCH\n"
    );
}

#[test]
fn a_build_argument_that_others_share_stays_theirs() {
    let shared = "x-build: &b\n  context: .\n  args: {ARCH: amd64}\nservices:\n  a:\n    build: *b\n  \
                  b:\n    build: *b\n";
    let case = Case::of(shared);
    assert_eq!(
        case.outcome_of_argument(&["a", "b"]),
        format!("[compose.yaml]\n{}", shared.replace("amd64", "arm64"))
    );
    assert_eq!(
        case.outcome_of_argument(&["b"]),
        "[compose.override.yaml]\n# Takes back platforms that other files ask for (bireme platforms --fix).\n\
         services:\n  b:\n    build:\n      args:\n        ARCH: arm64\n"
    );
}

#[test]
fn a_pin_over_one_that_variables_make_goes_without_that() {
    let merged = "services:\n  t: &t {image: x, platform: \"${P:-linux/amd64}\"}\n  u:\n    <<: *t\n    \
                  platform: linux/amd64 # u\n";
    assert_eq!(
        Case::of(merged).outcome(&["u"]),
        format!("[compose.yaml]\n{}", merged.replace("linux/amd64 # u", "\"\""))
    );
}
