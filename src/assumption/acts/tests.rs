//! Needs by requests and calls, on real source text: what proves a state, and the neighbour that proves nothing.

use std::sync::OnceLock;

use super::needs;
use crate::assumption::evidence::Need;
use crate::assumption::reach::Reach;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

/// A service whose methods depend on a flag, and the routes to some of them.
const SERVICE: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: false };
export const flags = { isEnabled: (key: string) => FLAG_DEFAULTS[key] };
//- src/quote-service.ts
import { flags } from './flags';
export class QuoteService {
  store = [];
  async kind(draft) {
    if (draft || flags.isEnabled('fast_quotes')) return 'fast';
    return this.store.length ? 'full' : 'partial';
  }
  sync(quote) {
    if (!flags.isEnabled('fast_quotes')) return;
    this.store.push(quote);
  }
  approve(quote) {
    if (!flags.isEnabled('fast_quotes')) throw new NotFoundError('no such thing');
    return { ...quote, approvedAt: 1 };
  }
  async send(quote) {
    if (flags.isEnabled('fast_quotes')) { this.mailer.queue(quote); } else { this.mailer.post(quote); }
  }
}
//- src/quote-controller.ts
import { flags } from './flags';
import { Controller } from './controller';
export class QuoteController extends Controller {
  constructor() {
    super();
    this.route({ method: 'post', path: '', handler: this.create });
    this.route({ method: 'get', path: '/:id', handler: this.show.bind(this) });
  }
  create(req, res) {
    if (flags.isEnabled('fast_quotes')) { res.status(204).end(); } else {
      try { this.save(req); res.status(202).end(); } catch (e) { res.status(400).end(); }
    }
  }
  show(req, res) {
    if (!flags.isEnabled('fast_quotes')) throw new NotFoundError();
    res.json({});
  }
}
//- src/routes.ts
import { QuoteController } from './quote-controller';
export function routes(app) {
  app.use('/api', app);
  app.use('/quotes', new QuoteController().router);
}
//- src/app.ts
import { routes } from './routes';
export const start = (app) => app.use('/api/v1', routes(app));
";

/// What each test of a project needs, as `title: on`.
#[track_caller]
pub(super) fn shown(project: &str, expected: &[&str]) {
    let of = |title: &str, need: &Need, _: &str| format!("{title}: {}", need.value);
    assert_eq!(told(project, of), expected, "{project}");
}

/// What a project's tests need, in the words of `tell`: from the title, the need and its assertion.
#[track_caller]
fn told(project: &str, tell: impl Fn(&str, &Need, &str) -> String) -> Vec<String> {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let (sources, view) = fixture(project);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    assert!(!tests.is_empty(), "{project}");
    let found = needs(&sources, &index, &Reach::of(&index), &tests);
    let tell = |((test, _), need): &((usize, _), Need)| {
        let because = sources.text(need.because[0].span);
        tell(&index.tests[*test].name, need, because.lines().next().unwrap_or(""))
    };
    found.iter().map(tell).collect()
}

/// The needs of the tests in a file beside the service, as `title: flag=value, because of the text`.
#[track_caller]
fn check(test: &str, expected: &[&str]) {
    let project = format!("{SERVICE}\n//- src/quote-service.test.ts\n{test}");
    let of = |title: &str, need: &Need, because: &str| format!("{title}: fast_quotes={} {because}", need.value);
    assert_eq!(told(&project, of), expected, "{test}");
}

const USES: &str = "import { QuoteService } from './quote-service';\nconst service = new QuoteService();\n";

#[test]
fn a_choice_that_is_given_back_tells_both_states_apart() {
    let service = |body: &str| format!("import {{ flags }} from './flags';\nconst look = () => {body};\n");
    for body in [
        "flags.isEnabled('fast_quotes') ? 'shiny' : 'dull'",
        "{ return flags.isEnabled('fast_quotes') ? 'shiny' : 'dull'; }",
    ] {
        let code = service(body);
        check(
            &format!("{code}it('a', () => {{ expect(look()).toBe('shiny'); }});"),
            &["a: fast_quotes=on expect(look()).toBe('shiny')"],
        );
        check(
            &format!("{code}it('a', () => {{ expect(look()).toBe('dull'); }});"),
            &["a: fast_quotes=off expect(look()).toBe('dull')"],
        );
    }
}

#[test]
fn what_a_called_function_gives_in_one_state_proves_it() {
    check(
        &format!(
            "{USES}test('a', async () => {{ const kind = await service.kind(false); expect(kind).toBe('full'); }});
             test('b', async () => {{ expect(await service.kind(false)).toEqual('partial'); }});
             test('c', async () => {{ expect(service.approve(q).approvedAt).toBe(1); }});"
        ),
        &[
            "a: fast_quotes=off expect(kind).toBe('full')",
            "b: fast_quotes=off expect(await service.kind(false)).toEqual('partial')",
            "c: fast_quotes=on expect(service.approve(q).approvedAt).toBe(1)",
        ],
    );
}

#[test]
fn what_either_state_may_give_proves_nothing() {
    check(
        &format!(
            "{USES}test('draft', async () => {{ expect(await service.kind(true)).toBe('fast'); }});
             test('not', async () => {{ expect(await service.kind(false)).not.toBe('full'); }});
             test('other', async () => {{ await service.kind(false); expect(other()).toBe('full'); }});"
        ),
        &[],
    );
}

#[test]
fn a_call_that_does_nothing_in_one_state_needs_the_other_where_something_is_asserted() {
    check(
        &format!(
            "{USES}test('a', () => {{ service.sync(q); expect(service.store).toHaveLength(1); }});
             test('empty', () => {{ service.sync(q); expect(service.store).toEqual([]); }});
             test('before', () => {{ const old = load(); service.sync(q); expect(old.size).toBe(2); }});
             test('throws', () => {{ expect(() => service.approve(q)).toThrow(); }});"
        ),
        &[
            "a: fast_quotes=on expect(service.store).toHaveLength(1)",
            "throws: fast_quotes=off expect(() => service.approve(q)).toThrow()",
        ],
    );
}

#[test]
fn a_mock_that_only_one_state_calls_proves_it() {
    check(
        &format!(
            "{USES}test('a', () => {{ service.send(q); expect(service.mailer.queue).toHaveBeenCalledWith(q); }});
             test('b', () => {{ service.send(q); expect(service.mailer.post).toHaveBeenCalledTimes(0); }});"
        ),
        &["a: fast_quotes=on expect(service.mailer.queue).toHaveBeenCalledWith(q)"],
    );
}

#[test]
fn a_fake_of_what_only_one_state_calls_proves_it() {
    check(
        "import { QuoteService } from './quote-service';
         test('a', async () => {
           const service = new QuoteService({ queue() { return 1; } });
           const sent = await service.send(q); expect(sent).toEqual(1);
         });
         test('both', async () => {
           const service = new QuoteService({ queue() { return 1; }, post: vi.fn() });
           const sent = await service.send(q); expect(sent).toEqual(1);
         });
         test('nothing asserted', async () => {
           const service = new QuoteService({ queue() { return 1; } });
           await service.send(q); expect(other()).toEqual(1);
         });",
        &["a: fast_quotes=on expect(sent).toEqual(1)"],
    );
}

#[test]
fn another_class_with_the_same_method_is_not_meant() {
    check(
        "import { Sync } from './sync';\nimport './quote-service';
         const sync = new Sync();
         test('a', () => { sync.sync(q); expect(sync.store).toHaveLength(1); });",
        &[],
    );
}

#[test]
fn the_answer_of_a_route_proves_the_state_of_its_function() {
    check(
        "test('a', () => request(app).post('/api/v1/quotes').send({}).expect(202));
         test('b', async () => { const res = await request(app).post(`${base}/api/v1/quotes`); expect(res.status).toBe(204); });
         test('c', () => request(app).get('/api/v1/quotes/7').expect(200));
         const create = (body, status = 202) => request(app).post('/api/v1/quotes').send(body).expect(status);
         test('d', async () => { await create({}); });",
        &[
            "a: fast_quotes=off 202",
            "b: fast_quotes=on expect(res.status).toBe(204)",
            "c: fast_quotes=on 200",
            "d: fast_quotes=off create({})",
        ],
    );
}

#[test]
fn a_refusal_or_another_route_proves_nothing() {
    check(
        "test('a', () => request(app).post('/api/v1/quotes').expect(400));
         test('b', () => request(app).get('/api/v1/quotes/7').expect(404));
         test('c', () => request(app).post('/api/v1/orders').expect(202));
         test('d', () => request(app).post('/api/v2/x/quotes').expect(202));
         test('e', () => request(app).post('/api/v1/quotes'));",
        &[],
    );
}

#[test]
fn proofs_of_both_states_tell_nothing() {
    check(
        "test('a', async () => {
           await request(app).post('/api/v1/quotes').expect(202);
           await request(other).post('/api/v1/quotes').expect(204);
         });",
        &[],
    );
}

#[test]
fn rust_functions_prove_as_well() {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let (sources, view) = fixture(
        "
//- src/lib.rs
pub fn total(flags: &Flags) -> &'static str {
    if !feature_flags.is_enabled(\"fast_quotes\") { return \"slow total\"; }
    \"fast\"
}
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn adds() { assert_eq!(total(&flags), \"fast\"); }
    #[test]
    fn runs() { let _ = total(&flags); assert!(true); }
}
",
    );
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let found = needs(&sources, &index, &Reach::of(&index), &tests);
    let found: Vec<String> = found
        .into_iter()
        .map(|((test, flag), need)| format!("{}: {flag}={}", index.tests[test].name, need.value))
        .collect();
    assert_eq!(found, ["adds: fast_quotes=on"]);
}
