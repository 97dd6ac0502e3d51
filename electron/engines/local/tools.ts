import { setImmediate as turn } from 'node:timers/promises';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { killTree, untilMarked } from '../../lib/proc.ts';
import { startExec, superviseExec } from './exec.ts';
import type { LocalSandbox } from './launcher.ts';
import { createLines } from './lines.ts';
import { nextPart, processesOf } from './marker.ts';
import { recordProgram } from './program-records.ts';
import { manifestMark } from './registry.ts';

export interface ToolRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Its abort kills the tool and all that it started, and rejects with its reason. */
  readonly signal: AbortSignal;
  /** Each line as it comes, of both streams. */
  readonly onLine?: (line: string) => void;
}

export interface ToolResult {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs programs of Terrarium's own for a sandbox (pip, npm), whether it runs or not. They carry the
 * sandbox's mark, so that its stop and its destroy end them and a killed host leaves none; but not its
 * limits.
 */
export type RunTool = (sandbox: LocalSandbox, request: ToolRequest) => Promise<ToolResult>;

export function createToolRunner(platform: NodeJS.Platform): RunTool {
  const { table, marker } = processesOf(platform);

  return async (sandbox, { argv, env, cwd, signal, onLine }) => {
    signal.throwIfAborted();
    const { id, paths, manifest } = sandbox;
    const mark = { ...manifestMark(manifest), part: nextPart() };
    const forget = await recordProgram(paths.programs, table, { mark: manifest.mark, part: mark.part });
    const output = { stdout: createLines(onLine), stderr: createLines(onLine) };
    try {
      const started = await startExec({
        prefix: await marker.prefix(mark, {}),
        argv,
        cwd,
        env: { ...env, TERRARIUM_SANDBOX_ID: id },
        stdin: undefined,
        kill: (pid) => killTree(table, pid, mark),
      });
      await untilMarked(table, started.child.pid ?? 0, mark);
      const exit = await superviseExec(started, {
        signal,
        // The turn lets others in between when a tool floods.
        onOutput: async (stream, chunk) => {
          output[stream].push(chunk);
          await turn();
        },
      });
      return { exit, stdout: output.stdout.end(), stderr: output.stderr.end() };
    } finally {
      await forget();
    }
  };
}
