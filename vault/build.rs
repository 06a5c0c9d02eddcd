//! Rebuilds the vault when the frames it embeds have changed.
//! It must never build the frames itself: that is the task of `cargo xtask build`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Debug builds read the frames when they start, so only an optimized build embeds them.
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed=../dist/frames");
    }
}
