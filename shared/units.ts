const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const BYTE_FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1000 ** 4,
  tib: 1024 ** 4,
};
const TIME_FACTORS: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function parseWithUnit(text: string, factors: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(text.trim());
  const factor = factors[match?.[2]?.toLowerCase() ?? ''];
  if (!match || factor === undefined) return undefined;
  return Math.round(Number(match[1]) * factor);
}

/** `512 MiB`, `1.5g`, `1 GB` → bytes. A bare letter is binary, as Docker reads it. */
export function parseBytes(text: string): number | undefined {
  return parseWithUnit(text, BYTE_FACTORS);
}

/** `90`, `90 s`, `1.5 min`, `2h`, `1h30m` → milliseconds. A bare number is seconds. */
export function parseDuration(text: string): number | undefined {
  const parts = /^\s*(?:\d+(?:\.\d+)?\s*[a-z]+\s*){2,}$/i.test(text) ? text.match(/[\d.]+\s*[a-z]+/gi) : [text];
  const values = parts?.map((part) => parseWithUnit(part, TIME_FACTORS)) ?? [];
  return values.includes(undefined) ? undefined : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** `0.5`, `-2` → a number; also with thousands separated. `0,500` is half of one to some: it is not read. */
export function parsePlainNumber(text: string): number | undefined {
  const typed = text.trim();
  const plain = /^-?[1-9]\d{0,2}([,_]\d{3})+(\.\d+)?$/.test(typed) ? typed.replaceAll(/[,_]/g, '') : typed;
  return /^-?(\d+(\.\d+)?|\.\d+)$/.test(plain) ? Number(plain) : undefined;
}

/** `0,5`, `1,5 GiB`: a decimal comma, which is not read but can be told from nonsense. */
export function hasDecimalComma(text: string): boolean {
  return /^-?\d+,\d+\s*[a-z]*$/i.test(text.trim());
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  const text = value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.replace(/\.?0+$/, '');
}

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.6 would be rounded to 1024.
  while (Math.abs(value) >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 0 ? '-' : ''}${threeDigits(Math.abs(value))} ${BYTE_UNITS[unit]}`;
}

export function formatBytesPerSecond(bytes: number): string {
  return `${formatBytes(bytes)}/s`;
}

/** Cores in use as a share of one core: `0.5` → `50 %`. */
export function formatCores(cores: number): string {
  const percent = cores * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** `1234567` instructions → `1.23 M`. */
export function formatInstructions(count: number): string {
  const steps = [' G', ' M', ' k'] as const;
  const index = [1e9, 1e6, 1e3].findIndex((step) => count >= step);
  return index < 0 ? String(Math.round(count)) : `${threeDigits(count / 10 ** (9 - 3 * index))}${steps[index]}`;
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `90000` → `1.5 min`, exact enough to be read back by parseDuration. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${threeDigits(ms / 1000)} s`;
  if (ms < 3_600_000) return `${threeDigits(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${threeDigits(ms / 3_600_000)} h`;
  return `${threeDigits(ms / 86_400_000)} d`;
}

/** The age of something in one short word: `12s`, `5m`, `3h`, `9d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
