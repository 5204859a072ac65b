//! What PRDs require of each other and of the world, beside flags: events, settings, columns, routes, values; and what goes stale.

use serde_json::Value;

use crate::git_scratch::Scratch;
use crate::project::{Project, flagman_in};

const CODE: &str = "//- src/cart.ts
export const MAX_ITEMS = 50;
export class OrderService {
  cancel(id: string): void {
    bus.emit('order.cancelled', { id });
  }
}
//- .env.example
ORDERS_URL=http://localhost
";

fn project(documents: &[(&str, &str)]) -> Project {
    let each = documents
        .iter()
        .map(|(name, text)| format!("//- docs/prds/{name}.md\n# {name}\n\n{text}\n"));
    Project::of(&(CODE.to_owned() + &each.collect::<String>()))
}

fn json(project: &Project, args: &[&str]) -> Value {
    let said = project.flagman(&[args, &["--format", "json"]].concat());
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err))
}

/// `kind target party prds` of what a PRD requires, or provides.
fn terms(project: &Project, prd: &str, side: &str) -> Vec<String> {
    let answer = json(project, &["prds", prd]);
    let all = answer["prds"][0][side].as_array().unwrap();
    let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let told = all.iter().map(|one| {
        let prds = one["prds"].as_array().unwrap().iter();
        let prds: Vec<&str> = prds.map(|prd| prd.as_str().unwrap()).collect();
        let all = [
            word(one, "kind"),
            word(one, "target"),
            word(one, "party"),
            prds.join("+"),
        ];
        all.join(" ").trim().to_owned()
    });
    told.collect()
}

fn findings(project: &Project, check: &str) -> Vec<String> {
    of_check(&project.flagman(&["gate", "--format", "json"]).out, check)
}

fn of_check(answer: &str, check: &str) -> Vec<String> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let all = answer["findings"].as_array().unwrap().iter();
    let of_check = all.filter(|finding| finding["check"] == check);
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    of_check
        .map(|finding| format!("{}: {}", word(finding, "level"), word(finding, "message")))
        .collect()
}

fn phase_of(project: &Project, prd: &str) -> u64 {
    let plan = json(project, &["plan"]);
    let phases = plan["phases"].as_array().unwrap().iter();
    let mut of = phases.filter(|phase| phase["prds"].as_array().unwrap().iter().any(|id| id == prd));
    of.next().expect("planned")["number"].as_u64().unwrap()
}

#[test]
fn who_waits_for_an_event_a_setting_or_a_route_comes_after_who_makes_it() {
    for (made, used, kind, name) in [
        (
            "Publish an `order.refunded` event when a refund is done.",
            "A mailer subscribes to the `order.refunded` event.",
            "event",
            "order.refunded",
        ),
        (
            "Checkout emits the event `RefundDone` at the end.",
            "When the `RefundDone` event arrives, the mailer sends a mail.",
            "event",
            "RefundDone",
        ),
        (
            "Every move broadcasts `appointment.moved` with both times.",
            "The calendar listens to `appointment.moved`.",
            "event",
            "appointment.moved",
        ),
        (
            "Adds the environment variable `TAX_SERVICE_URL`.",
            "The client reads `TAX_SERVICE_URL`.",
            "config",
            "TAX_SERVICE_URL",
        ),
        (
            "Introduce the config key `search.maxResults`.",
            "The list shows at most `search.maxResults` hits, a config key.",
            "config",
            "search.maxResults",
        ),
        (
            "Add the endpoint `GET /invoices/:id`.",
            "The page loads its data from `GET /invoices/:id`.",
            "route",
            "GET /invoices/:id",
        ),
    ] {
        let project = project(&[("001-use", used), ("002-make", made)]);
        let told = [format!("{kind} {name} prds 002-make")];
        assert_eq!(terms(&project, "001-use", "requires"), told, "{used}");
        assert_eq!(
            terms(&project, "002-make", "provides"),
            [format!("{kind} {name} prds 001-use")],
            "{made}"
        );
        assert!(phase_of(&project, "002-make") < phase_of(&project, "001-use"), "{used}");
    }
}

#[test]
fn what_is_there_waits_for_nobody() {
    let project = project(&[
        (
            "001-mail",
            "When the `order.cancelled` event arrives, a mail is sent. Create `src/mail.ts`.",
        ),
        (
            "002-bot",
            "The bot emits the `order.cancelled` event, too. Create `src/bot.ts`.",
        ),
        ("003-url", "The client reads the environment variable `ORDERS_URL`."),
        ("004-lost", "It listens for the `order.vanished` event."),
    ]);
    assert_eq!(terms(&project, "001-mail", "requires"), ["event order.cancelled code"]);
    assert_eq!(terms(&project, "002-bot", "provides"), ["file src/bot.ts prds"]);
    assert_eq!(terms(&project, "003-url", "requires"), ["config ORDERS_URL code"]);
    assert_eq!(terms(&project, "004-lost", "requires"), ["event order.vanished nobody"]);
    assert_eq!(phase_of(&project, "001-mail"), phase_of(&project, "002-bot"));
    let said = project.flagman(&["prds", "004-lost"]).out;
    assert!(said.contains("neither the code nor any PRD has it"), "{said}");
}

#[test]
fn who_uses_what_goes_or_moves_is_told() {
    let told = |change: &str, user: &str| {
        let project = project(&[("001-change", change), ("002-use", user)]);
        let apart = phase_of(&project, "001-change") != phase_of(&project, "002-use");
        (apart, findings(&project, "clean-merge-breaks").len())
    };
    for (change, user) in [
        (
            "Move `src/cart.ts` to `src/shop/cart.ts`.",
            "The page imports `MAX_ITEMS` from `src/cart.ts`.",
        ),
        (
            "`ORDERS_URL` is renamed to `SHOP_ORDERS_URL`.",
            "The client calls the address in `ORDERS_URL`.",
        ),
        (
            "We stop sending `order.cancelled`.",
            "A board subscribes to `order.cancelled`.",
        ),
        ("`MAX_ITEMS` disappears.", "The page shows `MAX_ITEMS`."),
    ] {
        assert_eq!(told(change, user), (true, 1), "{change}");
    }
    let stripe = "Stripe emits `invoice.paid`; the worker answers it.";
    let project = project(&[
        ("001-stripe", stripe),
        ("002-mail", "A mail goes out on the `invoice.paid` event."),
    ]);
    assert_eq!(terms(&project, "001-stripe", "provides"), [""; 0], "it is theirs");
}

#[test]
fn two_that_set_one_value_are_told_and_kept_apart() {
    for (first, second) in [
        (
            "`MAX_ITEMS` goes down to 20 for everybody.",
            "We raise `MAX_ITEMS` to 80 (`src/cart.ts`).",
        ),
        (
            "Set `MAX_ITEMS` to 5 in `src/cart.ts`.",
            "`MAX_ITEMS` in `src/cart.ts` is increased from 3 to 10.",
        ),
        ("`MAX_ITEMS` 50 -> 60.", "So `MAX_ITEMS` has to become 25."),
    ] {
        let project = project(&[("001-a", first), ("002-b", second)]);
        assert_eq!(findings(&project, "value-contradiction").len(), 1, "{first}");
        assert_ne!(phase_of(&project, "001-a"), phase_of(&project, "002-b"), "{first}");
    }
}

#[test]
fn the_gate_says_that_documents_do_not_say_what_they_change() {
    let project = project(&[
        ("001-a", "The page knows `MAX_ITEMS`."),
        ("002-b", "The cart knows `MAX_ITEMS`, too."),
    ]);
    // Nobody can know whom they meet: all three commands say so, and let none go beside another.
    let plan = project.flagman(&["plan"]).out;
    assert!(
        plan.contains("2 PRDs do not say what is changed, and go by themselves"),
        "{plan}"
    );
    assert_ne!(phase_of(&project, "001-a"), phase_of(&project, "002-b"));
    let said = project.flagman(&["gate"]);
    assert_eq!(said.code, 0);
    assert!(
        said.out
            .contains("2 PRDs do not say what is changed, and have a phase of their own"),
        "{}",
        said.out
    );
    let pairs = project.flagman(&["conflicts", "--prds"]).out;
    assert!(pairs.contains("does not say what it changes"), "{pairs}");
    project.write("flagman.toml", "[plan]\nunclear = \"together\"\n");
    let said = project.flagman(&["gate"]).out;
    assert!(
        said.contains("2 PRDs do not say what is changed, and may collide"),
        "{said}"
    );
}

#[test]
fn a_head_says_what_is_required_and_provided() {
    let head = "---\nrequires:\n  env: TAX_URL\n  event: order.paid\n  prd: 002-make\n---\n";
    let make = "---\nprovides: [env:TAX_URL, event:order.paid]\n---\n";
    let project = Project::of(&format!(
        "{CODE}//- docs/prds/001-use.md\n{head}# Use\n//- docs/prds/002-make.md\n{make}# Make\n"
    ));
    assert_eq!(
        terms(&project, "001-use", "requires"),
        [
            "config TAX_URL prds 002-make",
            "event order.paid prds 002-make",
            "prd 002-make prds 002-make"
        ]
    );
}

#[test]
fn two_documents_that_give_one_name_two_values_are_told() {
    let told = |first: &str, second: &str| {
        let project = project(&[("001-bulk", first), ("002-cart", second)]);
        findings(&project, "value-contradiction")
    };
    let raise = "Raise `MAX_ITEMS` from 50 to 200.";
    assert_eq!(
        told(raise, "The new hint warns from `MAX_ITEMS` (50) on."),
        ["warning: PRD 001-bulk sets `MAX_ITEMS` to 200, and PRD 002-cart takes it to be 50"]
    );
    assert_eq!(
        told("`MAX_ITEMS` stays at 40.", "Nothing."),
        ["warning: PRD 001-bulk says that `MAX_ITEMS` is 40, and the code has 50"]
    );
    for other in [
        "The new hint warns from `MAX_ITEMS` (200) on.",
        "`MAX_ITEMS` is 50 in tests.",
        "`MAX_ITEMS` was 50 once. Not any more.",
        "Depends on PRD 1. Raise `MAX_ITEMS` from 200 to 300.",
    ] {
        assert_eq!(told(raise, other), [""; 0], "{other}");
    }
}

#[test]
fn what_a_landed_document_changed_makes_the_others_stale() {
    let documents = [
        ("001-bulk", "Raise `MAX_ITEMS` from 50 to 200."),
        ("002-cart", "The new hint warns from `MAX_ITEMS` (50) on."),
        ("003-void", "Rename `OrderService.cancel` to `OrderService.voidOrder`."),
        ("004-button", "The button calls `OrderService.cancel`."),
    ];
    let documents = documents.map(|(name, text)| format!("//- docs/prds/{name}.md\n# {name}\n\n{text}\n"));
    let git = Scratch::new(&(CODE.to_owned() + &documents.concat()));
    git.commit(
        "Bulk orders, voided orders\n\nFlagman-PRD: 001-bulk\nFlagman-PRD: 003-void",
        "//- src/cart.ts\nexport const MAX_ITEMS = 200;\nexport class OrderService {\n  voidOrder(id: string): void {}\n}\n",
    );
    let answer = flagman_in(&git.root(), &["gate", "--format", "json"]);
    assert_eq!(
        of_check(&answer.out, "value-contradiction"),
        ["warning: PRD 001-bulk, which has landed, has set `MAX_ITEMS` to 200, and PRD 002-cart takes it to be 50"]
    );
    assert_eq!(
        of_check(&answer.out, "unresolved-mention"),
        [
            "warning: PRD 004-button names the symbol `OrderService.cancel`, which PRD 003-void, which has landed, took away or renamed"
        ]
    );
}
