//! What is known of words in names: abbreviations, legal forms, trades, short
//! forms of first names.

/// The long form of a word, which may be several words; the word itself where there is none, and where it
/// may be short for several: "tech" is technical as well as technology.
pub(super) fn long_form(word: &str) -> &str {
    LONG.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long)
}

/// Legal forms, each with the one it is counted as. `Company` and `&` tell no
/// form apart and count as none.
pub(super) fn legal_form(word: &str) -> Option<&'static str> {
    LEGAL.iter().find(|(form, _)| *form == word).map(|(_, counted)| *counted)
}

/// Whether the word says nothing about who it is.
pub(super) fn is_filler(word: &str) -> bool {
    ["and", "the", "of", "dds", "phd", "esq", "attn"].contains(&word)
}

/// Whether the word before a name is a title. Behind one it may be a state.
pub(super) fn is_title(word: &str) -> bool {
    ["dr", "mr", "mrs", "ms", "miss", "prof", "rev"].contains(&word)
}

/// Whether many firms bear the word, so that it tells none of them.
pub(super) fn is_anybodys(word: &str) -> bool {
    has(ANYBODYS, word) || has(TRADES, word)
}

/// Whether both are words in their own right, so that one is no slip of the
/// other.
pub(super) fn are_two_words(one: &str, other: &str) -> bool {
    has(TRADES, one) && has(TRADES, other)
}

/// Whether both are forms of one first name.
pub(super) fn are_one_first_name(one: &str, other: &str) -> bool {
    FIRST_NAMES.iter().any(|forms| has(forms, one) && has(forms, other))
}

fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

const LONG: [(&str, &str); 69] = [
    ("agcy", "agency"),
    ("amer", "american"),
    ("apts", "apartments"),
    ("assn", "association"),
    ("assoc", "associates"),
    ("bldg", "building"),
    ("blvd", "boulevard"),
    ("bros", "brothers"),
    ("centre", "center"),
    ("chas", "charles"),
    ("colour", "color"),
    ("ctr", "center"),
    ("dept", "department"),
    ("distr", "distributors"),
    ("engr", "engineering"),
    ("engrg", "engineering"),
    ("envir", "environmental"),
    ("equip", "equipment"),
    ("fed", "federal"),
    ("fncl", "financial"),
    ("govt", "government"),
    ("gov", "government"),
    ("grey", "gray"),
    ("grp", "group"),
    ("harbour", "harbor"),
    ("hoa", "homeowners association"),
    ("hosp", "hospital"),
    ("hwy", "highway"),
    ("ii", "2"),
    ("iii", "3"),
    ("iv", "4"),
    ("ins", "insurance"),
    ("intl", "international"),
    ("jewellery", "jewelry"),
    ("jos", "joseph"),
    ("labour", "labor"),
    ("lic", "licensing"),
    ("ln", "lane"),
    ("maint", "maintenance"),
    ("mfg", "manufacturing"),
    ("mfr", "manufacturing"),
    ("mgmt", "management"),
    ("mgt", "management"),
    ("mkt", "market"),
    ("mktg", "marketing"),
    ("mt", "mount"),
    ("mtn", "mountain"),
    ("natl", "national"),
    ("organisation", "organization"),
    ("pkwy", "parkway"),
    ("rd", "road"),
    ("robt", "robert"),
    ("st", "saint"),
    ("svc", "service"),
    ("svcs", "services"),
    ("sys", "systems"),
    ("technologies", "technology"),
    ("theatre", "theater"),
    ("thos", "thomas"),
    ("tyre", "tire"),
    ("tyres", "tires"),
    ("univ", "university"),
    ("wm", "william"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("seven", "7"),
];

const LEGAL: [(&str, &str); 60] = [
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("corp", "inc"),
    ("corporation", "inc"),
    ("llc", "llc"),
    ("pllc", "llc"),
    ("lc", "llc"),
    ("llp", "llp"),
    ("lp", "lp"),
    ("ltd", "ltd"),
    ("limited", "ltd"),
    ("pty", "ltd"),
    ("pvt", "ltd"),
    ("private", "ltd"),
    ("pte", "ltd"),
    ("plc", "plc"),
    ("pc", "pc"),
    ("co", ""),
    ("company", ""),
    ("gmbh", "gmbh"),
    ("ggmbh", "gmbh"),
    ("mbh", "gmbh"),
    ("ug", "ug"),
    ("ag", "ag"),
    ("aktiengesellschaft", "ag"),
    ("kg", "kg"),
    ("ohg", "ohg"),
    ("gbr", "gbr"),
    ("eg", "eg"),
    ("ev", "ev"),
    ("sa", "sa"),
    ("sarl", "sarl"),
    ("sas", "sas"),
    ("sasu", "sas"),
    ("eurl", "eurl"),
    ("sl", "sl"),
    ("slu", "sl"),
    ("srl", "srl"),
    ("spa", "spa"),
    ("cv", "sa"),
    ("sapi", "sa"),
    ("ltda", "ltda"),
    ("lda", "ltda"),
    ("eireli", "ltda"),
    ("bv", "bv"),
    ("vof", "vof"),
    ("bvba", "bv"),
    ("ab", "ab"),
    ("as", "as"),
    ("asa", "as"),
    ("aps", "aps"),
    ("oy", "oy"),
    ("oyj", "oy"),
    ("kk", "kk"),
    ("doo", "doo"),
    ("zoo", "spzoo"),
    ("sro", "sro"),
    ("kft", "kft"),
    ("ooo", "ooo"),
    ("bhd", "bhd"),
];

/// Words that names are made of everywhere: what cash registers and test
/// accounts are called, places that every town has, praise.
const ANYBODYS: &str = "\
    abc xyz test testing customer client cash sale sales misc unknown none na tbd walk in general demo \
    sample temp default various account accounts shop store services service group office business \
    street avenue road main market park place plaza center city town village county state country \
    national american america united international global world universal university college school \
    academy church baptist methodist catholic christian community family first second new old royal \
    golden gold silver star sun sunshine sunny all seasons season four summer winter spring blue green \
    red white black north south east west northern southern eastern western central mid midwest pacific \
    atlantic coast coastal bay beach island ocean sea lake river creek valley hill hills mountain \
    mountains forest wood woods oak pine maple premier advanced quality superior best top elite pro \
    professional express quick fast total complete custom classic modern smart bright clear pure natural \
    organic healthy happy good great big little real true local home house club lodge hotel inn motel \
    cafe coffee pizza grill restaurant kitchen garden gardens repair supply systems solutions technology \
    partners associates management consulting company";

/// Words that business names end in and that differ from another such word by
/// a letter or two.
const TRADES: &str = "\
    accounting air apartments audio auto autos bakery baking bank bar boat boats body book books brewing \
    builders cab camp car care cars catering clean cleaning clinic coaching construction consulting \
    dance data daycare deli dental design designs diner door doors farm farms film films finance fitness \
    flooring floors florist foods freight glass grass hair hardware heating home homes lawn law learning \
    leasing lighting marine meat media metal motel hotel motor motors movers moving music nail nails \
    painting paper parts pasta pizza plumbing pools printing rental rentals roofing seal ski sky steel \
    stone store tools toys tutoring wood";

/// The forms of first names, a name a row.
const FIRST_NAMES: [&str; 59] = [
    "alexander alex al sandy xander",
    "alexandra alex sandra sandy lexi",
    "andrew andy drew",
    "anthony tony",
    "barbara barb barbie",
    "benjamin ben benny",
    "bradley brad",
    "catherine katherine kathryn cathy kathy kate katie cate kat",
    "charles charlie chuck chas",
    "christina christine tina chris christy",
    "christopher chris kit",
    "cynthia cindy",
    "daniel dan danny",
    "david dave davey",
    "deborah debra deb debbie",
    "donald don donny",
    "dorothy dot dottie",
    "douglas doug",
    "edward ed eddie ted ned",
    "elizabeth liz lizzie beth betty eliza lisa libby",
    "eugene gene",
    "frances fran frannie",
    "francis frank",
    "franklin frank",
    "frederick fred freddie",
    "gerald gerry jerry",
    "gregory greg",
    "harold harry hal",
    "henry hank harry",
    "isabella isabel bella izzy",
    "jacob jake",
    "james jim jimmy jamie",
    "janet jan",
    "jeffrey jeff geoff geoffrey",
    "jennifer jen jenny",
    "jessica jess jessie",
    "john jack johnny jon",
    "jonathan jon john",
    "joseph joe joey",
    "joshua josh",
    "judith judy",
    "kenneth ken kenny",
    "lawrence larry laurence",
    "leonard leo len lenny",
    "margaret meg maggie peggy marge margie",
    "matthew matt",
    "michael mike mick mickey",
    "nicholas nick nicolas",
    "patricia pat patty trish",
    "patrick pat paddy",
    "peter pete",
    "rebecca becky becca",
    "richard rick dick rich ricky",
    "robert bob rob bobby robbie bert",
    "samantha sam sammy",
    "samuel sam sammy",
    "stephen steven steve",
    "thomas tom tommy",
    "william bill will billy willie liam",
];
