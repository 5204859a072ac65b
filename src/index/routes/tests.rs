//! Routes as frameworks write them, and calls that only look like one.

use super::*;
use crate::source::{FileId, RepoPath};

fn check(path: &str, text: &str, expected: &[&str]) {
    let path = RepoPath::new(path).expect("a path");
    let language = Language::of(&path).expect("a language");
    let facts = crate::lang::read(FileId(0), &path, &text.into(), language, &[]);
    let shown: Vec<String> = routes(&facts)
        .iter()
        .map(|route| {
            format!(
                "{} {} @{}",
                route.method,
                route.path,
                facts.slice(route.span.bytes).lines().next().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn calls_of_routers_are_routes() {
    check(
        "a.ts",
        "app.get('/quotes/:id', auth, (req, res) => {});",
        &["GET /quotes/:id @app.get('/quotes/:id', auth, (req, res) => {})"],
    );
    check(
        "a.ts",
        "this.quoteRouter.post('/quotes', this.create.bind(this))",
        &["POST /quotes @this.quoteRouter.post('/quotes', this.create.bind(this))"],
    );
    check(
        "a.ts",
        "router.route('/q').get(list).post(make)",
        &["GET /q @router.route('/q')", "POST /q @router.route('/q')"],
    );
    check("a.ts", "app.all('*', h)", &[" * @app.all('*', h)"]);
}

#[test]
fn calls_of_clients_are_not() {
    check(
        "a.ts",
        "axios.get('/quotes'); request(app).get('/quotes').expect(200); cy.get('/x', f);",
        &[],
    );
    check(
        "a.ts",
        "app.get('/quotes'); api.get('/quotes', { params }); app.get('setting', f); api.post('/x', body)",
        &[],
    );
    check("a.ts", "cache.get('/x', () => 1); app.set('/x', f)", &[]);
}

#[test]
fn tables_and_descriptions_are_routes() {
    check(
        "a.ts",
        "const R = [{ method: 'GET', path: '/quotes/:id' }, { method: 'put', path: '/q', handler: f }]",
        &["GET /quotes/:id @'/quotes/:id'", "PUT /q @'/q'"],
    );
    check(
        "a.ts",
        "fastify.route({ method: ['GET', 'HEAD'], url: '/q', handler() {} })",
        &["GET /q @'/q'", "HEAD /q @'/q'"],
    );
    check(
        "a.ts",
        "axios({ method: 'GET', url: '/q', data }); x({ path: '/q' }); y({ method: 'snail', path: '/q' })",
        &[],
    );
}

#[test]
fn decorated_methods_are_routes_below_their_class() {
    check(
        "a.ts",
        "@Controller('quotes') class Q { @Get() list() {} @Post(':id/versions') make() {} helper() {} }",
        &[
            "GET /quotes @@Get()",
            "POST /quotes/:id/versions @@Post(':id/versions')",
        ],
    );
    check(
        "a.ts",
        "@Controller({ path: '/v1/', version: '1' }) class Q { @Delete('/x') @Auth('y') list() {} }",
        &["DELETE /v1/x @@Delete('/x')"],
    );
    check(
        "a.ts",
        "@Injectable() class Q { @Get('x') list() {} } @Controller(BASE) class R { @Get('x') list() {} }",
        &[],
    );
}

#[test]
fn rust_routes_are_found() {
    check(
        "a.rs",
        "fn r() -> Router { Router::new().route(\"/q/{id}\", get(show).post(routing::make)) }",
        &[
            "GET /q/{id} @\"/q/{id}\", get(show).post(routing::make)",
            "POST /q/{id} @\"/q/{id}\", get(show).post(routing::make)",
        ],
    );
    check(
        "a.rs",
        "#[get(\"/q\")] async fn q() {} #[test] fn t() {} fn m() { map.get(\"/q\"); }",
        &["GET /q @#[get(\"/q\")]"],
    );
}

#[test]
fn files_may_be_routes() {
    check(
        "web/src/app/(shop)/quotes/[id]/route.ts",
        "export async function GET() {}\nexport const POST = handler;\nexport const dynamic = 'x';",
        &["GET /quotes/[id] @GET", "POST /quotes/[id] @POST"],
    );
    check(
        "pages/api/quotes/index.ts",
        "export default function handler() {}",
        &[" /api/quotes @export default function handler() {}"],
    );
    check("src/route.ts", "export function GET() {}", &[]);
}
