//! The patched outline is the very one that the whole text gives; texts are changed at random, broken ones among them.

use super::*;
use crate::conflict::changed_hunks;

const TEXT: &str = r#"#!/usr/bin/env node
'use strict';
import { a } from './a'
import type { B } from './b';

// What it costs.
export function cost(lines: number[]): number {
  const sum = lines.reduce((x, y) => x + y, 0)
  return sum / 2
}

export const table = {
  one() {
    return 1;
  },
  two: { three: () => 3 },
};

@Injectable({
  scope: 'x',
})
export class Quotes extends Base {
  private total = 0

  get tax(): number {
    return this.total < 3 ? 1 : 2;
  }

  @Input()
  net(rate: number, at?: Date) {
    const text = `export ${rate}
export const inside = 1
}
`
    return text
  }
}

const loose = 1
let other = 2, another = 3

interface Shape {
  side: number
}

namespace Inner {
  export function deep() {}
}

describe('quotes', () => {
  it('adds', () => {
    expect(cost([1])).toBe(1);
  });
});

export default { cost, table }
export { loose as given }
const enum Kind {
  A,
  B,
}
/* export const gone = 1
*/
function last<T>(x: T): T {
  return x;
}
"#;

/// Lines that somebody may put in.
const LINES: [&str; 22] = [
    "",
    "}",
    "};",
    "{",
    "export const added = 1;",
    "export function more() {",
    "  return 2;",
    "  const b = 3",
    "(function () {})()",
    "[1, 2].forEach(x => x)",
    "`text",
    "/*",
    "*/",
    "// a comment",
    "class Other {",
    "  method() { return 1 }",
    "async",
    "function f() {}",
    "@Decorated()",
    "import('x')",
    "type Alias = { a: 1 }",
    "if (a < b) {",
];

/// Numbers from a seed (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("small")
    }
}

#[test]
fn what_is_patched_is_what_is_parsed() {
    let mut draw = Draw(7);
    let (mut patched, mut all) = (0, 0);
    for name in ["a.ts", "a.tsx", "a.js"] {
        let path = RepoPath::new(name).expect("a path");
        for round in 0..700 {
            let base = match round % 3 {
                0 => TEXT.to_owned(),
                1 => TEXT.replace('\n', "\r\n"),
                _ => TEXT.repeat(2),
            };
            let whole = Whole::of(&path, &base).expect("an outline");
            let mut lines: Vec<&str> = base.lines().collect();
            for _ in 0..1 + draw.below(3) {
                let at = draw.below(lines.len());
                match draw.below(4) {
                    0 => lines.insert(at, LINES[draw.below(LINES.len())]),
                    1 => _ = lines.remove(at),
                    2 => lines[at] = LINES[draw.below(LINES.len())],
                    _ => {
                        let moved = lines.remove(at);
                        lines.insert(draw.below(lines.len()), moved);
                    }
                }
            }
            let side = lines.join("\n") + if round % 2 == 0 { "\n" } else { "" };
            let hunks = changed_hunks(base.as_bytes(), side.as_bytes());
            all += 1;
            if let Some(outline) = whole.patched(&path, [&base, &side], &hunks) {
                patched += 1;
                assert_eq!(Some(outline), Outline::of(&path, &side), "{side}");
            }
        }
    }
    assert!(patched * 10 > all, "{patched} of {all}");
}

#[test]
fn few_statements_are_parsed_where_few_changed() {
    let path = RepoPath::new("a.ts").expect("a path");
    let whole = Whole::of(&path, TEXT).expect("an outline");
    let side = TEXT.replace("sum / 2", "sum / 3").replace("return x;", "return x\n");
    let hunks = changed_hunks(TEXT.as_bytes(), side.as_bytes());
    let regions = whole
        .parts
        .as_ref()
        .expect("parts")
        .regions([TEXT, &side], &hunks)
        .expect("regions");
    let parsed: usize = regions.iter().map(|region| region.side.range().len()).sum();
    assert_eq!(regions.len(), 2);
    assert!(parsed < side.len() / 2, "{parsed} of {}", side.len());
}
