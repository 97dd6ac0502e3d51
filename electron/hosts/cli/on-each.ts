import { toErrorData } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Client } from '../client/connection.ts';
import { failureOf, tellFailure } from './failure.ts';
import { findSandbox } from './find-sandbox.ts';
import { type Output, plain } from './output.ts';

/** What was done with one of several; in JSON one of an array, in the order in which they were given. */
export interface Done {
  /** What identifies it and what became of it. */
  readonly sandbox: Pick<Sandbox, 'id' | 'name'> & { readonly state: Sandbox['state'] | 'destroyed' };
  readonly keptWorkspace?: string | null;
}

/** The results of several, told as they come for people, and as one array in JSON at the end. */
export interface Report {
  readonly done: (done: Done) => void;
  /** `of`: the sandbox as it was given. Told on stderr too. */
  readonly failed: (of: string, error: unknown) => void;
  /** Says what is to be said at the end, also when not all was done. */
  readonly end: () => void;
  /** What to end with. */
  readonly code: () => number;
}

export function createReport(output: Output): Report {
  const items: object[] = [];
  let code = 0;
  return {
    done({ sandbox: { id, name, state }, keptWorkspace }) {
      items.push({ id, name, state, ...(keptWorkspace === undefined ? {} : { keptWorkspace }) });
      if (output.json) return;
      if (typeof keptWorkspace === 'string') output.line(plain(keptWorkspace));
      output.line(plain(name));
    },
    failed(of, error) {
      items.push({ sandbox: of, error: toErrorData(failureOf(error)) });
      code = tellFailure(error);
    },
    end() {
      if (output.json) output.value(items);
    },
    code: () => code,
  };
}

/** Several are acted on in turn; one that fails does not keep the others from it. */
export async function onEach(
  client: Client,
  given: readonly string[],
  act: (sandbox: Sandbox) => Promise<Done>,
  output: Output,
): Promise<number> {
  const report = createReport(output);
  for (const each of given) {
    try {
      report.done(await act(await findSandbox(client, each)));
    } catch (error) {
      report.failed(each, error);
    }
  }
  report.end();
  return report.code();
}
