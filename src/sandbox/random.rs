//! Draws that repeat with their seed: enough to vary a sample or to choose
//! which calls are hit, and no secret.

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Sebastiano Vigna's splitmix64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitMix(u64);

impl SplitMix {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of seed 0 after `draws` numbers were drawn.
    pub(crate) fn after(draws: u64) -> Self {
        Self(draws.wrapping_mul(GAMMA))
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the author's own program for seed 0.
    #[test]
    fn it_draws_what_its_author_drew() {
        let mut random = SplitMix::new(0);
        let expected = [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F];
        assert_eq!(expected, [(); 3].map(|()| random.draw()));
        assert_eq!(SplitMix::after(2).draw(), expected[2]);
    }
}
