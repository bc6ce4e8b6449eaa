//! The commands that need no schema, `init` before all: the others are `cargo orm` in a crate.

fn main() -> std::process::ExitCode {
    orm_kit::main_without_schema()
}
