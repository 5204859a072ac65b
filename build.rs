//! The rule files are embedded: a new one, which no compiled file names yet, must cause a new build.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
