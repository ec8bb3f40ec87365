//! First figures for the README's table.

fn main() {
    divan::main();
}
