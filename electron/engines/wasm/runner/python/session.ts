import type { Session } from '../console/link.ts';
import type { SessionOptions } from '../quickjs/session.ts';

export async function createPythonSession(_options: SessionOptions): Promise<Session> {
  throw new Error('not there yet');
}
