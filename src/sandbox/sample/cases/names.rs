//! Names that QuickBooks would refuse or cut, and currencies that it does not
//! keep.

use super::{Case, PRO, Step};
use Step::{Bill, Pay};

const ONCE: &[(i64, Step)] =
    &[(90, Bill("a", &[PRO], &[])), (80, Pay("p", "CreditCard", "49", &[("a", "49")]))];
/// For money without decimals.
const WHOLE: &[(i64, Step)] = &[
    (90, Bill("a", &[("PRO-MONTHLY", "1", "4900", &[])], &[("JCT", "10")])),
    (80, Pay("p", "CreditCard", "5390", &[("a", "5390")])),
];

pub(super) const CASES: &[Case] = &[
    Case::new(10_556, "Grove: Tab\tand \"Quote\" 🦜", "colon, tab, quotes and an emoji", ONCE),
    Case::new(10_557, LONG, "a name of 300 letters", ONCE),
    Case::new(10_558, "Holly Hotels   ", "spaces at the end", ONCE),
    Case::new(10_559, "Ivy Imports Europe", "billed in euros", ONCE).billed_in("EUR"),
    Case::new(10_560, "Juniper Japan", "billed in yen, which have no decimals", WHOLE).billed_in("JPY"),
    Case::new(10_561, "Kapok Korea", "billed in won, which have no decimals", WHOLE).billed_in("KRW"),
    Case::new(10_562, "Laurel Canada", "billed in Canadian dollars", ONCE).billed_in("CAD"),
];

const LONG: &str = "Llanfairpwllgwyngyll Consolidated International Holdings and Partners of the Northern \
    and Southern Hemispheres, Makers of Fine Timepieces, Weather Instruments, Compasses, Sextants, Barometers, \
    Chronographs and Astrolabes by Appointment, Trading as the Old Observatory Workshop in the Upper Market Row";
