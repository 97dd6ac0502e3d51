/**
 * What ECMA-262 says, a sentence and an expression that is true for each: in our own words, by the standard's sections
 * (https://tc39.es/ecma262/).
 */
export const ecmaScriptChecks: readonly (readonly [section: string, sentence: string, expression: string])[] = [
  [
    '6.1.6.1',
    'numbers are IEEE 754 doubles',
    '0.1 + 0.2 !== 0.3 && Object.is(-0 + -0, -0) && Number.MAX_SAFE_INTEGER === 2 ** 53 - 1',
  ],
  [
    '6.1.6.2',
    'BigInts have no limit, and divide towards zero',
    '2n ** 200n % 1000007n === BigInt.asUintN(64, 2n ** 200n % 1000007n) && -7n / 2n === -3n',
  ],
  [
    '7.1.4',
    'text becomes a number by its whole',
    'Number(" 0x1F ") === 31 && Number("") === 0 && Number.isNaN(Number("1 2"))',
  ],
  [
    '7.2.14',
    'loose equality converts, strict does not',
    'null == undefined && null !== undefined && "1" == 1 && !(NaN == NaN)',
  ],
  [
    '9.1.1.1',
    'let is not there before its line',
    '(() => { try { early; let early = 1; return false } catch (error) { return error instanceof ReferenceError } })()',
  ],
  [
    '13.2.5',
    '__proto__ in a literal sets the prototype, computed it does not',
    'Object.getPrototypeOf({ __proto__: null }) === null && Object.keys({ ["__proto__"]: 1 }).length === 1',
  ],
  [
    '13.3.9',
    'an optional chain ends at nothing',
    'undefined?.a.b.c === undefined && ({ a: null }).a?.() === undefined',
  ],
  [
    '13.5.3',
    'typeof never throws for a name that is not there',
    'typeof nobody === "undefined" && typeof null === "object" && typeof 1n === "bigint"',
  ],
  ['13.6', 'powers bind to the right', '2 ** 3 ** 2 === 512 && (-2) ** 2 === 4'],
  [
    '13.15.5',
    'destructuring takes defaults for undefined only',
    '(([a = 1, b = 2, ...c], { d: { e = 3 } = {} } = {}) => [a, b, c, e].join("|"))([undefined, null, 5, 6]) === "1||5,6|3"',
  ],
  [
    '14.7.5',
    'for of closes its iterator when it is left',
    '(() => { let closed = 0; const it = { [Symbol.iterator]: () => ({ next: () => ({ done: false }), return: () => (closed += 1, {}) }) }; for (const _ of it) break; return closed === 1 })()',
  ],
  [
    '14.7.4',
    'each round of a for has its own let',
    '(() => { const all = []; for (let n = 0; n < 3; n++) all.push(() => n); return all.map((each) => each()).join() === "0,1,2" })()',
  ],
  ['14.15', 'finally has the last word', '(() => { try { return 1 } finally { return 2 } })() === 2'],
  [
    '15.2',
    'a function knows its name and its length',
    '((a, b = 1, ...c) => 1).length === 1 && (() => { const named = () => 1; return named.name })() === "named"',
  ],
  [
    '15.5',
    'a generator goes on where it stood',
    '[...(function* () { const got = yield 1; yield* [2, got]; return 9 })()].join() === "1,2,"',
  ],
  [
    '15.7',
    'private fields are of the class alone',
    '(() => { class A { #x = 1; static has(it) { return #x in it } get x() { return this.#x } } return A.has(new A()) && !A.has({}) && new A().x === 1 })()',
  ],
  [
    '15.7',
    'static blocks run once, in order',
    '(() => { const seen = []; class A { static a = seen.push("a"); static { seen.push("block") } static b = seen.push("b") } return seen.join() === "a,block,b" })()',
  ],
  [
    '15.7',
    'super finds the parent’s methods',
    '(() => { class A { m() { return "a" } } class B extends A { m() { return super.m() + "b" } } return new B().m() === "ab" })()',
  ],
  [
    '19.2.1',
    'indirect eval sees the global scope only',
    '(() => { const inner = 1; return (0, eval)("typeof inner") === "undefined" })()',
  ],
  [
    '20.1.2',
    'a frozen object stays as it is',
    '(() => { "use strict"; const it = Object.freeze({ a: 1 }); try { it.a = 2; return false } catch (error) { return error instanceof TypeError && it.a === 1 } })()',
  ],
  [
    '20.1.2.13',
    'groupBy makes groups in order',
    'JSON.stringify(Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even"))) === \'{"odd":[1,3],"even":[2]}\'',
  ],
  [
    '20.4',
    'symbols are never equal but by key',
    'Symbol("a") !== Symbol("a") && Symbol.for("a") === Symbol.for("a") && Symbol("a").description === "a"',
  ],
  [
    '20.5',
    'an error has a cause',
    'new Error("a", { cause: 1 }).cause === 1 && new AggregateError([1], "m").errors[0] === 1',
  ],
  ['21.1.3.3', 'toFixed rounds what is really there', '(1.005).toFixed(2) === "1.00" && (1e21).toFixed(2) === "1e+21"'],
  ['21.1.3.6', 'numbers are written in any base', '(255).toString(16) === "ff" && (0.5).toString(2) === "0.1"'],
  [
    '21.3',
    'Math keeps signs of zero',
    'Object.is(Math.round(-0.4), -0) && Math.hypot(3, 4) === 5 && Math.clz32(1) === 31 && Math.imul(0xffffffff, 5) === -5',
  ],
  [
    '21.4',
    'dates are counted in UTC and know leap years',
    'Date.UTC(2024, 1, 29) === Date.parse("2024-02-29") && new Date(8.64e15 + 1).getTime() !== new Date(8.64e15 + 1).getTime()',
  ],
  [
    '22.1.3',
    'text is cut by code units, iterated by code points',
    '"👍a".length === 3 && [..."👍a"].length === 2 && "👍".codePointAt(0) === 0x1f44d',
  ],
  ['22.1.3.13', 'text has normal forms', '"\\u0041\\u030a".normalize("NFC") === "\\u00c5"'],
  [
    '22.1.3.19',
    'replaceAll takes functions and patterns',
    '"a-b-c".replaceAll("-", () => "+") === "a+b+c" && "aa".replace(/a/g, "$&$&") === "aaaa"',
  ],
  [
    '22.1.3',
    'text that is no Unicode is told',
    '"\\ud800".isWellFormed() === false && "\\ud800".toWellFormed() === "\\ufffd"',
  ],
  [
    '22.2',
    'patterns have names, look behind and Unicode classes',
    '/(?<y>\\d{4})-(?<m>\\d\\d)/.exec("2024-02").groups.m === "02" && /(?<=\\$)\\d+/.exec("$42")[0] === "42" && /^\\p{Lu}/u.test("É")',
  ],
  [
    '22.2',
    'sticky patterns go on where they ended',
    '(() => { const it = /a/y; return it.test("aab") && it.lastIndex === 1 && it.test("aab") && !it.test("aab") && it.lastIndex === 0 })()',
  ],
  [
    '22.2',
    'patterns tell where they matched',
    '/a(b)/d.exec("xab").indices[1].join() === "2,3" && /a.b/s.test("a\\nb")',
  ],
  [
    '23.1.3',
    'sorting is stable and leaves holes last',
    '[3, 1, , 2].sort().length === 4 && [[1, "a"], [0, "b"], [1, "c"]].sort((a, b) => a[0] - b[0]).map((each) => each[1]).join("") === "bac"',
  ],
  [
    '23.1.3',
    'arrays are copied by their newer methods',
    '(() => { const a = [3, 1, 2]; return a.toSorted().join() === "1,2,3" && a.with(0, 9)[0] === 9 && a.toSpliced(0, 1).length === 2 && a.join() === "3,1,2" && a.at(-1) === 2 && a.findLast((n) => n > 1) === 2 })()',
  ],
  [
    '23.1.3.13',
    'flat takes a depth',
    '[1, [2, [3, [4]]]].flat(2).length === 4 && [1, 2].flatMap((n) => [n, n]).join() === "1,1,2,2"',
  ],
  [
    '23.1.4.1',
    'an array’s length cuts it',
    '(() => { const a = [1, 2, 3]; a.length = 1; a[5] = 1; return a.length === 6 && !(2 in a) })()',
  ],
  [
    '23.2',
    'typed arrays wrap or clamp what does not fit',
    'new Uint8Array([257, -1]).join() === "1,255" && new Uint8ClampedArray([300, -5, 1.5]).join() === "255,0,2"',
  ],
  [
    '24.1',
    'maps keep the order, and know NaN',
    '(() => { const m = new Map([[NaN, 1], ["b", 2]]); m.set("a", 3).delete("b"); return m.get(NaN) === 1 && [...m.keys()].join() === "NaN,a" })()',
  ],
  [
    '24.2.3',
    'sets are united and compared',
    'new Set([1, 2]).union(new Set([3])).size === 3 && new Set([1]).isSubsetOf(new Set([1, 2]))',
  ],
  [
    '25.1',
    'buffers are resized and moved',
    '(() => { const b = new ArrayBuffer(2, { maxByteLength: 8 }); b.resize(8); const moved = b.transfer(); return moved.byteLength === 8 && b.detached })()',
  ],
  [
    '25.3',
    'a DataView reads either order of bytes',
    '(() => { const v = new DataView(new ArrayBuffer(4)); v.setInt16(0, 1); return v.getInt16(0, true) === 256 })()',
  ],
  [
    '25.5',
    'JSON is revived and replaced',
    'JSON.stringify({ a: undefined, b: () => 1, c: NaN, d: [undefined], e: { toJSON: () => "x" } }) === \'{"c":null,"d":[null],"e":"x"}\' && JSON.parse("[1,2]", (k, v) => (k === "0" ? 9 : v))[0] === 9',
  ],
  ['25.5', 'JSON has no __proto__ of its own', 'Object.hasOwn(JSON.parse(\'{"__proto__": 1}\'), "__proto__")'],
  [
    '26.1',
    'weak references hold what is held',
    '(() => { const it = {}; return new WeakRef(it).deref() === it && new WeakMap([[it, 1]]).get(it) === 1 })()',
  ],
  [
    '27.1.4',
    'iterators are mapped lazily',
    '[1, 2, 3].values().map((n) => n * 2).filter((n) => n > 2).take(1).toArray().join() === "4"',
  ],
  [
    '27.2',
    'promises are told in turns, timers after them',
    'await (async () => { const seen = []; const timer = new Promise((done) => setTimeout(() => { seen.push("timer"); done() })); Promise.resolve().then(() => seen.push("promise")); seen.push("sync"); await timer; return seen.join() === "sync,promise,timer" })()',
  ],
  [
    '27.2.4',
    'promises are gathered',
    'await (async () => { const settled = await Promise.allSettled([1, Promise.reject(2)]); const any = await Promise.any([Promise.reject(1), 3]); const { promise, resolve } = Promise.withResolvers(); resolve(4); return settled[1].reason === 2 && any === 3 && (await promise) === 4 })()',
  ],
  [
    '27.6',
    'asynchronous generators are iterated',
    'await (async () => { let sum = 0; for await (const n of (async function* () { yield 1; yield Promise.resolve(2) })()) sum += n; return sum === 3 })()',
  ],
  [
    '28.1',
    'Reflect does what operators do',
    'Reflect.ownKeys({ b: 1, 2: 1, 1: 1, [Symbol.iterator]: 1 }).length === 4 && Reflect.ownKeys({ b: 1, 2: 1, 1: 1 }).join() === "1,2,b"',
  ],
  [
    '28.2',
    'a proxy keeps to what cannot change',
    '(() => { const it = new Proxy(Object.freeze({ a: 1 }), { get: () => 2 }); try { it.a; return false } catch (error) { return error instanceof TypeError } })()',
  ],
  [
    'B.2.2.1',
    '__proto__ is an accessor of Object.prototype',
    'Object.getOwnPropertyDescriptor(Object.prototype, "__proto__").get !== undefined',
  ],
];

/** Modules of CPython's library whose own documentation has examples that can be run (`doctest`). */
export const pythonDoctests = [
  'bisect',
  'collections',
  'difflib',
  'enum',
  'fractions',
  'heapq',
  'random',
  'statistics',
  'textwrap',
  'ipaddress',
];
