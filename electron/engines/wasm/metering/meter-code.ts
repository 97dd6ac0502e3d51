import { createReader, createWriter, s64, u32 } from './binary.ts';
import { readInstruction } from './instructions.ts';

interface Plan {
  /** How many parameters each function of the module's own has. */
  readonly parameters: readonly number[];
  /** Indices of the globals. */
  readonly counters: { readonly fuel: number; readonly refused: number };
  readonly fuel: boolean;
}

/** What goes into a function's body at a place: before the instruction there, or after the last one. */
type Insertion = { readonly at: number; readonly kind: 'check' | 'charge' | 'grow' | 'bulk'; cost: number };

const op = {
  unreachable: 0x00,
  if: 0x04,
  end: 0x0b,
  localGet: 0x20,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eq: 0x46,
  i64LessSigned: 0x53,
  i32Add: 0x6a,
  i64Sub: 0x7d,
  i64ShiftRight: 0x88,
  i64FromU32: 0xad,
  nothing: 0x40,
  i32: 0x7f,
} as const;

const BYTES_PER_UNIT_LOG2 = 3n;

/** The code section with its functions' bodies rewritten. */
export function meterCode(
  module: Uint8Array,
  { begin, end }: { readonly begin: number; readonly end: number },
  plan: Plan,
): Uint8Array {
  const reader = createReader(module, begin, end);
  const writer = createWriter((end - begin) * (plan.fuel ? 2 : 1) + 16);
  const count = reader.u32();
  writer.put(u32(count));
  const body = createWriter(1 << 16);
  for (let index = 0; index < count; index += 1) {
    const size = reader.u32();
    const last = reader.at + size;
    const start = body.length;
    meterBody(module, reader.at, last, plan, plan.parameters[index] ?? 0, body);
    writer.put(u32(body.length - start));
    writer.put(body.bytes().subarray(start));
    body.clear();
    reader.skip(size);
  }
  return writer.bytes();
}

function meterBody(
  module: Uint8Array,
  begin: number,
  end: number,
  plan: Plan,
  parameters: number,
  out: ReturnType<typeof createWriter>,
): void {
  const reader = createReader(module, begin, end);
  const groups = reader.u32();
  const groupsBegin = reader.at;
  let locals = parameters;
  for (let left = groups; left > 0; left -= 1) {
    locals += reader.u32();
    const type = reader.byte();
    if (type === 0x63 || type === 0x64) reader.skipNumber();
  }
  const code = reader.at;
  const insertions = plan.fuel ? findAll(module, code, end) : findGrowth(module, code, end);
  // One more local: what is on the stack is put aside there.
  const needsLocal = insertions.some(({ kind }) => kind === 'grow' || kind === 'bulk');
  out.put(u32(groups + (needsLocal ? 1 : 0)));
  out.copy(module, groupsBegin, code);
  if (needsLocal) out.put([1, op.i32]);
  let at = code;
  for (const insertion of insertions) {
    out.copy(module, at, insertion.at);
    at = insertion.at;
    out.put(codeOf(insertion, plan, locals));
  }
  out.copy(module, at, end);
}

function codeOf({ kind, cost }: Insertion, { counters }: Plan, local: number): readonly number[] {
  const fuel = u32(counters.fuel);
  const refused = u32(counters.refused);
  const charge =
    cost === 0 ? [] : [op.globalGet, ...fuel, op.i64Const, ...s64(BigInt(cost)), op.i64Sub, op.globalSet, ...fuel];
  switch (kind) {
    case 'charge':
      return charge;
    case 'check':
      return [
        ...charge,
        ...[op.globalGet, ...fuel, op.i64Const, 0, op.i64LessSigned],
        ...[op.if, op.nothing, op.unreachable, op.end],
      ];
    case 'grow':
      return [
        ...[op.localTee, ...u32(local), op.i32Const, ...s64(-1n), op.i32Eq, op.if, op.nothing],
        ...[op.globalGet, ...refused, op.i32Const, 1, op.i32Add, op.globalSet, ...refused, op.end],
        ...[op.localGet, ...u32(local)],
      ];
    case 'bulk':
      return [
        ...[op.localTee, ...u32(local), op.globalGet, ...fuel, op.localGet, ...u32(local), op.i64FromU32],
        ...[op.i64Const, ...s64(BYTES_PER_UNIT_LOG2), op.i64ShiftRight, op.i64Sub, op.globalSet, ...fuel],
      ];
  }
}

/**
 * A stretch of code that runs from its beginning to its end is paid for at its beginning. Functions and loops
 * are where it is checked that there was enough: nothing runs for long without passing one.
 */
function findAll(module: Uint8Array, begin: number, end: number): readonly Insertion[] {
  const reader = createReader(module, begin, end);
  const found: Insertion[] = [];
  const start = (kind: 'check' | 'charge'): Insertion => {
    const insertion: Insertion = { at: reader.at, kind, cost: 0 };
    found.push(insertion);
    return insertion;
  };
  let stretch: Insertion | null = start('check');
  for (let depth = 1; depth > 0; ) {
    const at = reader.at;
    const { flow, depth: change } = readInstruction(reader);
    depth += change;
    if (flow === 'bulk' && stretch) found.push({ at, kind: 'bulk', cost: 0 });
    if (flow === 'grow' && stretch) found.push({ at: reader.at, kind: 'grow', cost: 0 });
    if (stretch && flow !== 'free' && flow !== 'loop' && flow !== 'join') stretch.cost += 1;
    if (depth === 0) break;
    if (flow === 'loop') stretch = start('check');
    else if (flow === 'join' || flow === 'fork') stretch = start('charge');
    else if (flow === 'leave') stretch = null;
  }
  return found.filter(({ kind, cost }) => kind !== 'charge' || cost > 0);
}

function findGrowth(module: Uint8Array, begin: number, end: number): readonly Insertion[] {
  const reader = createReader(module, begin, end);
  const found: Insertion[] = [];
  while (!reader.done) {
    if (readInstruction(reader).flow === 'grow') found.push({ at: reader.at, kind: 'grow', cost: 0 });
  }
  return found;
}
