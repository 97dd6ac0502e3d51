import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCores,
  formatDuration,
  parseBytes,
  parseDuration,
  parsePlainNumber,
} from './units.ts';

describe('parseBytes', () => {
  it.each([
    ['512 MiB', 512 * 1024 ** 2],
    ['1.5g', 1.5 * 1024 ** 3],
    ['1 GB', 1e9],
    ['64k', 65_536],
    ['.5 KiB', 512],
    ['100', 100],
  ])('reads %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'lots', '-1 MiB', '1 MiB 2', '1,5 MiB', '5 min', 'NaN', 'Infinity'])('refuses "%s"', (text) =>
    expect(parseBytes(text)).toBeUndefined(),
  );
});

describe('parseDuration', () => {
  it.each([
    ['90', 90_000],
    ['90 s', 90_000],
    ['1.5 min', 90_000],
    ['2h', 7_200_000],
    ['250ms', 250],
    ['1 d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1 min 30 s', 90_000],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['5 MiB', '1h30', '1h 5 MiB', '1..5h2m', ''])('refuses "%s"', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('reads back what formatDuration writes', () => {
    for (const ms of [250, 1000, 90_000, 3_600_000, 5_400_000, 86_400_000]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });
});

it('reads plain numbers, also with separators', () => {
  expect(parsePlainNumber('1,024')).toBe(1024);
  expect(parsePlainNumber('0.5')).toBe(0.5);
  expect(parsePlainNumber('1e3')).toBeUndefined();
  expect(parsePlainNumber('')).toBeUndefined();
  expect(parsePlainNumber('-1')).toBe(-1);
  for (const unclear of ['0,5', '0,500', '1,5', '12,34']) expect(parsePlainNumber(unclear)).toBeUndefined();
});

it('formats bytes in three digits with a unit', () => {
  expect(formatBytes(0)).toBe('0 B');
  expect(formatBytes(1536)).toBe('1.5 KiB');
  expect(formatBytes(1024)).toBe('1 KiB');
  expect(formatBytes(1023.9)).toBe('1 KiB');
  expect(formatBytes(512 * 1024 ** 2)).toBe('512 MiB');
  expect(formatBytes(1000 * 1024)).toBe('1000 KiB');
  expect(formatBytes(2 ** 60)).toBe('1048576 TiB');
});

it('formats cores as a share of one core', () => {
  expect(formatCores(0)).toBe('0 %');
  expect(formatCores(0.004)).toBe('0.4 %');
  expect(formatCores(1.5)).toBe('150 %');
});

it('formats ages in one word', () => {
  expect([0, 59_999, 60_000, 3_600_000, 90_000_000].map(formatAge)).toEqual(['0s', '59s', '1m', '1h', '1d']);
  expect(formatAge(-5000)).toBe('0s');
});
