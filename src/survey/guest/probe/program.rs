//! The smallest programs there can be, one for each CPU: an ELF file of a header, one segment and a few
//! instructions that end with an exit code of its own. Those for x86 say first what the CPU calls itself,
//! by which emulators are told apart.

use crate::platform::How;

/// The exit code by which it is known that a program ran.
pub(super) const RAN: i64 = 42;

/// Where a program is loaded: above what kernels keep free.
const BASE: u64 = 0x40_0000;
/// Alignment of its segment: the largest page that there is.
const ALIGNMENT: u64 = 0x1_0000;

/// Bits and byte order of a CPU's programs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Little32,
    Little64,
    Big64,
}

/// What is special about a CPU.
struct Machine {
    architecture: &'static str,
    form: Form,
    /// `e_machine`.
    number: u16,
    /// `e_flags`: which ABI it is, where kernels look.
    flags: u32,
    code: &'static [u8],
}

/// `cpuid` of leaves 0 and 0x80000002 to 4 (maker and brand, 60 bytes) to standard output, `exit(42)`.
const CODE_AMD64: &[u8] = &[
    0x48, 0x83, 0xec, 0x40, // sub rsp, 64
    0x31, 0xc0, // xor eax, eax
    0x31, 0xc9, // xor ecx, ecx
    0x0f, 0xa2, // cpuid
    0x89, 0x1c, 0x24, // mov [rsp], ebx
    0x89, 0x54, 0x24, 0x04, // mov [rsp+4], edx
    0x89, 0x4c, 0x24, 0x08, // mov [rsp+8], ecx
    0x48, 0x8d, 0x7c, 0x24, 0x0c, // lea rdi, [rsp+12]
    0xbe, 0x02, 0x00, 0x00, 0x80, // mov esi, 0x80000002
    0x89, 0xf0, // again: mov eax, esi
    0x0f, 0xa2, // cpuid
    0x89, 0x07, // mov [rdi], eax
    0x89, 0x5f, 0x04, // mov [rdi+4], ebx
    0x89, 0x4f, 0x08, // mov [rdi+8], ecx
    0x89, 0x57, 0x0c, // mov [rdi+12], edx
    0x48, 0x83, 0xc7, 0x10, // add rdi, 16
    0xff, 0xc6, // inc esi
    0x81, 0xfe, 0x05, 0x00, 0x00, 0x80, // cmp esi, 0x80000005
    0x75, 0xe3, // jne again
    0xb8, 0x01, 0x00, 0x00, 0x00, // mov eax, 1 (write)
    0x89, 0xc7, // mov edi, eax
    0x48, 0x89, 0xe6, // mov rsi, rsp
    0xba, 0x3c, 0x00, 0x00, 0x00, // mov edx, 60
    0x0f, 0x05, // syscall
    0xb8, 0x3c, 0x00, 0x00, 0x00, // mov eax, 60 (exit)
    0xbf, 0x2a, 0x00, 0x00, 0x00, // mov edi, 42
    0x0f, 0x05, // syscall
];

/// The same for 32 bits.
const CODE_386: &[u8] = &[
    0x83, 0xec, 0x40, // sub esp, 64
    0x31, 0xc0, // xor eax, eax
    0x31, 0xc9, // xor ecx, ecx
    0x0f, 0xa2, // cpuid
    0x89, 0x1c, 0x24, // mov [esp], ebx
    0x89, 0x54, 0x24, 0x04, // mov [esp+4], edx
    0x89, 0x4c, 0x24, 0x08, // mov [esp+8], ecx
    0x8d, 0x6c, 0x24, 0x0c, // lea ebp, [esp+12]
    0xbe, 0x02, 0x00, 0x00, 0x80, // mov esi, 0x80000002
    0x89, 0xf0, // again: mov eax, esi
    0x0f, 0xa2, // cpuid
    0x89, 0x45, 0x00, // mov [ebp], eax
    0x89, 0x5d, 0x04, // mov [ebp+4], ebx
    0x89, 0x4d, 0x08, // mov [ebp+8], ecx
    0x89, 0x55, 0x0c, // mov [ebp+12], edx
    0x83, 0xc5, 0x10, // add ebp, 16
    0x46, // inc esi
    0x81, 0xfe, 0x05, 0x00, 0x00, 0x80, // cmp esi, 0x80000005
    0x75, 0xe4, // jne again
    0xb8, 0x04, 0x00, 0x00, 0x00, // mov eax, 4 (write)
    0xbb, 0x01, 0x00, 0x00, 0x00, // mov ebx, 1
    0x89, 0xe1, // mov ecx, esp
    0xba, 0x3c, 0x00, 0x00, 0x00, // mov edx, 60
    0xcd, 0x80, // int 0x80
    0xb8, 0x01, 0x00, 0x00, 0x00, // mov eax, 1 (exit)
    0xbb, 0x2a, 0x00, 0x00, 0x00, // mov ebx, 42
    0xcd, 0x80, // int 0x80
];

const MACHINES: [Machine; 8] = [
    Machine { architecture: "amd64", form: Form::Little64, number: 62, flags: 0, code: CODE_AMD64 },
    Machine { architecture: "386", form: Form::Little32, number: 3, flags: 0, code: CODE_386 },
    Machine {
        architecture: "arm64",
        form: Form::Little64,
        number: 183,
        flags: 0,
        code: &[
            0x40, 0x05, 0x80, 0xd2, // mov x0, 42
            0xa8, 0x0b, 0x80, 0xd2, // mov x8, 93 (exit)
            0x01, 0x00, 0x00, 0xd4, // svc 0
        ],
    },
    Machine {
        architecture: "arm",
        form: Form::Little32,
        number: 40,
        flags: 0x0500_0000,
        code: &[
            0x2a, 0x00, 0xa0, 0xe3, // mov r0, 42
            0x01, 0x70, 0xa0, 0xe3, // mov r7, 1 (exit)
            0x00, 0x00, 0x00, 0xef, // svc 0
        ],
    },
    Machine {
        architecture: "riscv64",
        form: Form::Little64,
        number: 243,
        flags: 0,
        code: &[
            0x13, 0x05, 0xa0, 0x02, // li a0, 42
            0x93, 0x08, 0xd0, 0x05, // li a7, 93 (exit)
            0x73, 0x00, 0x00, 0x00, // ecall
        ],
    },
    Machine {
        architecture: "ppc64le",
        form: Form::Little64,
        number: 21,
        flags: 2,
        code: &[
            0x01, 0x00, 0x00, 0x38, // li r0, 1 (exit)
            0x2a, 0x00, 0x60, 0x38, // li r3, 42
            0x02, 0x00, 0x00, 0x44, // sc
        ],
    },
    Machine {
        architecture: "s390x",
        form: Form::Big64,
        number: 22,
        flags: 0,
        code: &[
            0xa7, 0x29, 0x00, 0x2a, // lghi %r2, 42
            0x0a, 0x01, // svc 1 (exit)
        ],
    },
    Machine {
        architecture: "loong64",
        form: Form::Little64,
        number: 258,
        flags: 0x43,
        code: &[
            0x04, 0xa8, 0x80, 0x03, // ori $a0, $zero, 42
            0x0b, 0x74, 0x81, 0x03, // ori $a7, $zero, 93 (exit)
            0x00, 0x00, 0x2b, 0x00, // syscall 0
        ],
    },
];

/// A program for an architecture (Go's words); `None` where there is none.
pub(super) fn program(architecture: &str) -> Option<Vec<u8>> {
    MACHINES.iter().find(|it| it.architecture == architecture).map(Machine::file)
}

/// What an x86 program ran on, by what it wrote: Rosetta's CPU is `VirtualApple`, QEMU's `QEMU …`.
pub(super) fn kind(written: &[u8]) -> How {
    let text = String::from_utf8_lossy(written);
    if text.contains("VirtualApple") {
        How::Rosetta
    } else if text.contains("QEMU") {
        How::Qemu
    } else {
        How::Emulated
    }
}

impl Machine {
    /// The whole file (`elf.h`: `Elf64_Ehdr`, `Elf64_Phdr` or their 32-bit forms, code).
    fn file(&self) -> Vec<u8> {
        let wide = self.form != Form::Little32;
        let (header, segment): (u16, u16) = if wide { (64, 56) } else { (52, 32) };
        let start = u64::from(header) + u64::from(segment);
        let size = start + self.code.len() as u64;

        let mut file = Writer { bytes: Vec::new(), form: self.form };
        let order = if self.form == Form::Big64 { 2 } else { 1 };
        file.bytes.extend([0x7f, b'E', b'L', b'F', if wide { 2 } else { 1 }, order, 1]);
        file.bytes.resize(16, 0);
        file.half(2); // ET_EXEC
        file.half(self.number);
        file.word(1);
        file.address(BASE + start);
        file.address(u64::from(header));
        file.address(0);
        file.word(self.flags);
        for half in [header, segment, 1, 0, 0, 0] {
            file.half(half);
        }
        file.word(1); // PT_LOAD
        if wide {
            file.word(5); // PF_R | PF_X
        }
        for address in [0, BASE, BASE, size, size] {
            file.address(address);
        }
        if !wide {
            file.word(5);
        }
        file.address(ALIGNMENT);
        file.bytes.extend(self.code);
        file.bytes
    }
}

/// Numbers in the order and the size that a CPU has them.
struct Writer {
    bytes: Vec<u8>,
    form: Form,
}

impl Writer {
    fn put(&mut self, number: u64, size: usize) {
        let little = number.to_le_bytes();
        let bytes = little.iter().take(size);
        if self.form == Form::Big64 {
            self.bytes.extend(bytes.rev());
        } else {
            self.bytes.extend(bytes);
        }
    }

    fn half(&mut self, number: u16) {
        self.put(number.into(), 2);
    }

    fn word(&mut self, number: u32) {
        self.put(number.into(), 4);
    }

    /// An address or an offset.
    fn address(&mut self, number: u64) {
        self.put(number, if self.form == Form::Little32 { 4 } else { 8 });
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn files_have_the_form_of_their_cpu() {
        for machine in &MACHINES {
            let file = program(machine.architecture).unwrap();
            let wide = machine.form != Form::Little32;
            assert_eq!(file.len(), if wide { 120 } else { 84 } + machine.code.len());
            let number = match machine.form {
                Form::Big64 => u16::from_be_bytes([file[18], file[19]]),
                _ => u16::from_le_bytes([file[18], file[19]]),
            };
            assert_eq!(number, machine.number, "{}", machine.architecture);
            assert!(file.ends_with(machine.code));
        }
        assert_eq!(program("pdp11"), None);
    }

    #[test]
    fn emulators_are_known_by_their_brands() {
        for (written, expected) in [
            ("GenuineIntelVirtualApple @ 2.50GHz processor\0\0", How::Rosetta),
            ("AuthenticAMDQEMU TCG CPU version 2.5+\0", How::Qemu),
            ("AuthenticAMDFEX-2501\0", How::Emulated),
            ("", How::Emulated),
        ] {
            assert_eq!(kind(written.as_bytes()), expected, "{written}");
        }
    }

    /// Runs each here, natively or under the emulators that are installed.
    #[test]
    fn programs_run() {
        let directory = tempfile::tempdir().unwrap();
        for machine in &MACHINES {
            let name = match machine.architecture {
                "amd64" => "x86_64",
                "386" => "i386",
                "arm64" => "aarch64",
                "loong64" => "loongarch64",
                other => other,
            };
            let qemu = std::path::PathBuf::from(format!("/usr/bin/qemu-{name}-static"));
            if !qemu.exists() {
                continue;
            }
            let path = directory.path().join(machine.architecture);
            std::fs::write(&path, machine.file()).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            let output = std::process::Command::new(qemu).arg(&path).output().unwrap();
            let shown = format!("{}: {output:?}", machine.architecture);
            assert_eq!(output.status.code(), i32::try_from(RAN).ok(), "{shown}");
            if machine.architecture.ends_with("86") || machine.architecture == "amd64" {
                assert_eq!(kind(&output.stdout), How::Qemu, "{shown}");
            }
        }
    }
}
