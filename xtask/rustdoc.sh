#!/bin/sh
# rustdoc with unstable options allowed, for the public surfaces as JSON. Not by the environment of cargo: every build script
# that looks for a nightly compiler would run again, and find one.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
