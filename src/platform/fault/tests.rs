use super::*;
use crate::platform::Ability;

fn platform(text: &str) -> Platform {
    Platform::parse(text, &Platform::new("linux", "amd64", "")).unwrap()
}

fn told(exit_code: i64, log: &str, image: &str, how: How) -> String {
    told_of(exit_code, log, image, how, None)
}

fn told_of(exit_code: i64, log: &str, image: &str, how: How, program: Option<&Program>) -> String {
    let own = platform("linux/arm64");
    let image = platform(image);
    let mut guest = Guest::new(own.clone());
    if own != image {
        guest.others = vec![Ability { platform: image.clone(), how }];
    }
    let log: Vec<String> = log.lines().map(str::to_owned).collect();
    let process: [String; 0] = [];
    let end =
        End { service: "db", exit_code, log: &log, platform: &image, program, process: &process };
    of(&end, &guest).map_or_else(|| "nothing".to_owned(), |fault| fault.message)
}

#[test]
fn the_image_is_looked_at_before_emulation_is_blamed() {
    let log = "a\nexec /start.sh: exec format error";
    assert_eq!(
        told(1, log, "linux/amd64", How::None),
        "its image is for linux/amd64, and the engine (linux/arm64) has no emulator for that"
    );
    assert_eq!(
        told(255, log, "linux/arm64", How::Native),
        "its program (/start.sh) is nothing that linux/arm64 runs, although the image is of that platform"
    );
    assert!(told(1, log, "linux/amd64", How::Qemu).starts_with("its program (/start.sh)"));
    let crun =
        "{\"msg\":\"exec container process `/bin/sh`: Exec format error\",\"level\":\"error\"}";
    assert!(
        told(1, crun, "linux/amd64", How::Unknown)
            .contains("nothing on the engine (linux/arm64) ran")
    );
    assert!(told(1, crun, "linux/arm64", How::Native).contains("(/bin/sh)"));
    let words = "see exec format error in the manual";
    assert_eq!(told(3, words, "linux/arm64", How::Native), "nothing");
}

#[test]
fn what_a_program_is_goes_before_what_might_have_run_it() {
    let log = "exec /start.sh: exec format error";
    for how in [How::Native, How::Qemu, How::Unknown, How::None] {
        let image = if how == How::Native { "linux/arm64" } else { "linux/amd64" };
        let told = |program| told_of(255, log, image, how, Some(&program));
        assert_eq!(
            told(Program::Text),
            "its program (/start.sh) is a text without a line that says by what it is run"
        );
        assert_eq!(told(Program::Empty), "its program (/start.sh) is empty");
        assert_eq!(
            told(Program::Built("s390x")),
            format!(
                "its program (/start.sh) is built for linux/s390x, and the image is for {image}"
            )
        );
    }
    let own = Program::Built("amd64");
    let told = told_of(255, log, "linux/amd64", How::Unknown, Some(&own));
    assert!(told.contains("has no emulator for that"), "{told}");
}

#[test]
fn an_emulator_inside_an_image_emulates_nothing_here() {
    for log in [
        "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
        "qemu: uncaught target signal 4 (Illegal instruction) - core dumped",
        "rosetta error: x",
    ] {
        for code in [1, 132, 133, 139] {
            assert_eq!(told(code, log, "linux/arm64", How::Native), "nothing", "{code} {log}");
        }
    }
}

#[test]
fn emulators_are_quoted() {
    assert_eq!(
        told(
            139,
            "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
            "linux/amd64",
            How::Qemu
        ),
        "QEMU, which runs linux/amd64 here, failed at it (qemu: uncaught target signal 11 (Segmentation \
         fault) - core dumped)"
    );
    assert!(
        told(133, "rosetta error: x\n Trace/breakpoint trap", "linux/amd64", How::Rosetta)
            .starts_with("Rosetta, which")
    );
    assert_eq!(
        told(
            1,
            "rosetta error: failed to open elf at /lib64/ld-linux-x86-64.so.2",
            "linux/arm64",
            How::Native
        ),
        "a program for linux/amd64 was started in an image for linux/arm64, which has no libraries for it"
    );
    assert!(
        told(
            255,
            "qemu-x86_64: Could not open '/lib64/ld-linux-x86-64.so.2': No such file or directory",
            "linux/arm64",
            How::Native
        )
        .starts_with("a program for linux/amd64")
    );
    let debian =
        "aarch64-binfmt-P: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory";
    assert!(told(255, debian, "linux/amd64", How::Qemu).starts_with("a program for linux/arm64"));
}

#[test]
fn signals_count_where_something_emulates() {
    let emulated = |code| told(code, "", "linux/amd64", How::Qemu);
    assert!(emulated(132).starts_with("it used an instruction of linux/amd64"));
    assert!(emulated(139).contains("SIGSEGV ended it"));
    assert!(emulated(134).contains("SIGABRT"));
    for code in [0, 1, 137, 143] {
        assert_eq!(emulated(code), "nothing", "{code}");
    }
    for code in [134, 139] {
        assert_eq!(told(code, "", "linux/arm64", How::Native), "nothing", "{code}");
    }
    let glibc = "Fatal glibc error: CPU does not support x86-64-v3";
    assert!(told(127, glibc, "linux/amd64", How::Rosetta).starts_with("it used an instruction"));
    let illegal = "Illegal instruction (core dumped)";
    assert!(told(132, illegal, "linux/arm64", How::Native).starts_with("it needs instructions"));
}

#[test]
fn an_exit_code_alone_is_a_doubt_about_programs_and_nothing_about_shells() {
    let arm = platform("linux/arm64");
    let told = |process: &[&str]| {
        let process: Vec<String> = process.iter().map(|&word| word.to_owned()).collect();
        let end = End {
            service: "db",
            exit_code: 132,
            log: &[],
            platform: &arm,
            program: None,
            process: &process,
        };
        of(&end, &Guest::new(arm.clone()))
    };
    for program in [&["mongod"][..], &["/usr/bin/env", "A=1", "mongod"], &["tini", "--", "/run.sh"]]
    {
        assert!(told(program).unwrap().message.starts_with("it may need"), "{program:?}");
    }
    for shell in [&[][..], &["/bin/sh", "-c", "exit 132"], &["/sbin/tini", "-g", "--", "bash", "x"]]
    {
        assert_eq!(told(shell), None, "{shell:?}");
    }
}

#[test]
fn calls_that_emulation_lacks_are_known() {
    let seccomp = "seccomp unavailable: CONFIG_SECCOMP not compiled into kernel";
    assert!(told(1, seccomp, "linux/amd64", How::Qemu).contains("seccomp filter"));
    assert_eq!(told(1, seccomp, "linux/arm64", How::Native), "nothing");
    let ptrace = "ptrace(PTRACE_TRACEME): Function not implemented";
    assert!(told(1, ptrace, "linux/amd64", How::Qemu).contains("ptrace"));
}
