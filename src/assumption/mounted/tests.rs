//! Routes of routers that one state alone mounts.

use std::sync::OnceLock;

use super::needs;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const APP: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: false };
//- src/app.ts
import { flags } from './flags';
import { quotesRouter } from './quotes-routes';
import { ordersRouter } from './orders-routes';
export const createApp = () => { if (flags.isEnabled('fast_quotes')) { app.use(quotesRouter); } app.use(ordersRouter); };
//- src/quotes-routes.ts
import { PATHS } from './paths';
const router = express.Router();
router.get(PATHS.QUOTES, show());
router.post('/quotes/new', validate(), create());
export { router as quotesRouter };
//- src/orders-routes.ts
const router = express.Router();
router.get('/orders', show());
export { router as ordersRouter };
";

#[track_caller]
fn check(test: &str, more: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let files = format!(
        "{APP}{more}\n//- src/app.test.ts\nimport {{ createApp }} from './app';\nimport {{ PATHS }} from './paths';\ntest('asks', async () => {{ {test} }});\n"
    );
    let (sources, view) = fixture(&files);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let mut found: Vec<String> = needs(&sources, &view, &index, &tests)
        .iter()
        .map(|((_, key), need)| format!("{key}={}", need.value))
        .collect();
    found.dedup();
    assert_eq!(found, expected, "{files}");
}

#[test]
fn a_route_of_one_state_is_needed_by_who_gets_a_good_answer() {
    for test in [
        "await request(app).get(PATHS.QUOTES).expect(200);",
        "await request(app).post('/quotes/new').send({ a: 1 }).expect(302);",
        "const res = await request(app).get(PATHS.QUOTES); expect(res.status).toBe(200);",
    ] {
        check(test, "", &["fast_quotes=on"]);
    }
}

#[test]
fn other_routes_and_answers_show_nothing() {
    for test in [
        "await request(app).get('/orders').expect(200);",
        "await request(app).get(PATHS.QUOTES).expect(404);",
        "await request(app).post('/quotes/new').expect(403);",
        "await request(app).post(PATHS.QUOTES).expect(200);",
        "await request(app).get(PATHS.QUOTES);",
    ] {
        check(test, "", &[]);
    }
    for more in [
        "//- src/other.ts\nimport { quotesRouter } from './quotes-routes';\nserver.use(quotesRouter);",
        "//- src/other.ts\napp.get(PATHS.QUOTES, legacy());",
    ] {
        check("await request(app).get(PATHS.QUOTES).expect(200);", more, &[]);
    }
}
