import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from '../../../shared/contract/logs.ts';
import { createDemuxer } from './demux.ts';

/** A line that is longer comes in several. In UTF-16 units. */
export const LONGEST_LINE = 64 * 1024;

/** RFC 3339 with nanoseconds, as engines write it before each message. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /;
/** Longest possible stamp with its space. */
const STAMP_LENGTH = 36;

export interface LogParser {
  readonly push: (chunk: Buffer) => readonly LogLine[];
  /** A last line that no newline ended. */
  readonly end: () => readonly LogLine[];
}

/** Makes lines of an engine's log stream: raw with a terminal, multiplexed without; timestamps on. */
export function createLogParser(tty: boolean): LogParser {
  if (tty) {
    const lines = createLines('stdout');
    return { push: (chunk) => lines.push(chunk, false), end: lines.end };
  }
  const lines = { stdout: createLines('stdout'), stderr: createLines('stderr') };
  const demux = createDemuxer();
  return {
    push: (chunk) => demux(chunk).flatMap((piece) => lines[piece.stream].push(piece.chunk, piece.first)),
    end: () => [...lines.stdout.end(), ...lines.stderr.end()],
  };
}

/**
 * One stream's lines. A long line is kept by engines as several messages, each with a stamp of its
 * own: `startsMessage` says where one begins, so that its stamp does not end up within the text.
 */
function createLines(stream: LogLine['stream']) {
  const decoder = new StringDecoder('utf8');
  /** The unfinished line. */
  let text = '';
  let at: number | null = null;
  /** Some of the line has come already, so a further stamp is not its time. */
  let begun = false;
  /** What may still be (part of) a stamp; null where none is expected. */
  let stamp: string | null = '';

  /** Gives what follows the stamp; null while it is not yet complete. */
  const takeStamp = (rest: string): string | null => {
    if (stamp === null) return rest;
    stamp += rest;
    if (stamp.length < STAMP_LENGTH && !/[ \n]/.test(stamp)) return null;
    const found = STAMP.exec(stamp);
    const after = found ? stamp.slice(found[0].length) : stamp;
    if (found?.[1] && !begun) at = Date.parse(found[1]);
    stamp = null;
    return after;
  };

  const emit = (lines: LogLine[], length: number) => {
    lines.push({ at, stream, text: text.slice(0, length) });
    text = text.slice(length);
  };

  return {
    push(chunk: Buffer, startsMessage: boolean): readonly LogLine[] {
      const lines: LogLine[] = [];
      if (startsMessage) stamp = '';
      for (let rest = decoder.write(chunk); rest !== ''; ) {
        const content = takeStamp(rest);
        if (content === null) break;
        const newline = content.indexOf('\n');
        text += newline === -1 ? content : content.slice(0, newline);
        begun = true;
        while (text.length > LONGEST_LINE) emit(lines, LONGEST_LINE);
        if (newline === -1) break;
        if (text.endsWith('\r')) text = text.slice(0, -1);
        emit(lines, text.length);
        begun = false;
        stamp = '';
        rest = content.slice(newline + 1);
      }
      return lines;
    },
    end(): readonly LogLine[] {
      text += stamp ?? '';
      if (text === '') return [];
      const lines: LogLine[] = [];
      emit(lines, text.length);
      return lines;
    },
  };
}
