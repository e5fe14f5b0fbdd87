#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bireme_fuzz::merge::check(data));
