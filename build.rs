//! The rule files are embedded: a new one, which no compiled file names yet, must cause a new build.

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
