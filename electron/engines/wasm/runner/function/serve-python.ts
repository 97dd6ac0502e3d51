import { beginning, literal, literalPairs } from '../python/bootstrap.ts';
import { FUNCTION_BOOTSTRAP } from '../python/function-bootstrap.ts';
import { compilePyodide, createPythonRealm } from '../python/realm.ts';
import { sleep } from '../standard-streams.ts';
import { parseFailure } from './failure.ts';
import { createCapture } from './output.ts';
import type { Ending } from './protocol.ts';
import type { Handler, HandlerOptions } from './serve.ts';

/**
 * Python in Pyodide. Of an interpreter that has run something, more is left than its memory (what it knows of
 * JavaScript, its own files), so it does not go back: where nothing is to stay, each invocation has an interpreter
 * of its own, from the compiled module and the snapshot. The next one is made while nothing is asked for.
 */
export async function servePython({ job, files, gauge, load }: HandlerOptions): Promise<Handler> {
  const module = compilePyodide(job);
  const capture = createCapture();
  const env = `dict([${literalPairs(load.env)}])`;

  const start = async () => {
    const realm = await createPythonRealm(
      { job, files, ledger: gauge },
      {
        module,
        terminal: false,
        streams: capture.streams,
        sleep,
        terminalSize: () => ({ columns: 80, rows: 24 }),
      },
    );
    realm.connect(job.workdir);
    realm.pyodide.runPython(beginning(load.env));
    realm.pyodide.runPython(FUNCTION_BOOTSTRAP);
    const source = `_terrarium_load(${literal(load.source ?? '')}, ${literal(load.handler)})`;
    const ended = endingOf(String(await realm.run(source)));
    gauge.keepWorld();
    return { realm, ended };
  };

  let current = await start();
  if (current.ended.type !== 'returned') return { refused: current.ended };
  return {
    capture,
    async invoke(payload) {
      return endingOf(String(await current.realm.run(`await _terrarium_invoke(${literal(payload)}, ${env})`)));
    },
    async renew() {
      if (load.keepState) return;
      current.realm.dispose();
      current = await start();
      if (current.ended.type !== 'returned') throw new Error('the code could not be loaded again');
    },
  };
}

function endingOf(text: string): Ending {
  const rest = text.slice(text.indexOf('\n') + 1);
  if (text.startsWith('done')) return { type: 'returned', result: rest };
  return { type: 'threw', ...parseFailure(rest) };
}
