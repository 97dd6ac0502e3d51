import { functionPrelude } from '../quickjs/function-prelude.ts';
import { forGuest } from '../quickjs/host-calls.ts';
import { compileModule, createMachine, type Machine } from '../quickjs/machine.ts';
import { sleep } from '../standard-streams.ts';
import { parseFailure } from './failure.ts';
import { createCapture } from './output.ts';
import type { Ending } from './protocol.ts';
import type { Handler, HandlerOptions } from './serve.ts';

/** The code's own lines, without those of Terrarium's around it. */
const ownStack = (stack: string) =>
  stack
    .split('\n')
    .filter((line) => line.trim() !== '' && !/\b(?:terrarium|native)\b|file:\/\/|node:|wasm:/.test(line))
    .join('\n');

/**
 * JavaScript in QuickJS. Where nothing is to stay from one invocation to the next, the whole memory goes back to
 * what it was when the code was loaded: that is one copy of some 1.4 MB. Memory never shrinks, so after an
 * invocation that made it grow the code is loaded again, into a new instance of the compiled module.
 */
export async function serveQuickJs({ job, files, gauge, load }: HandlerOptions): Promise<Handler> {
  const module = compileModule(job);
  const capture = createCapture();
  const { world } = gauge;
  const env = JSON.stringify(load.env);
  const chance = new Uint32Array(1);

  const start = async () => {
    const machine = await createMachine(
      { job, files, ledger: gauge },
      {
        files,
        workdir: job.workdir,
        args: [],
        env: load.env,
        world,
        sleep,
        exit: (code) => {
          throw forGuest(Object.assign(new Error(), { errno: 'ENOTSUP' }), `exit ${code}`);
        },
        streams: capture.streams,
        terminalSize: () => ({ columns: 80, rows: 24 }),
      },
      { module },
    );
    const calls = install(machine);
    const outcome = loadCode(machine, calls);
    if (outcome.type !== 'returned') return outcome;
    gauge.keepWorld();
    return { type: 'ready', machine, calls, restore: machine.keep() } as const;
  };
  const install = ({ vm }: Machine) => {
    using random = vm.newFunction('terrarium.random', () => {
      world.fillRandomly(new Uint8Array(chance.buffer));
      return vm.newNumber((chance[0] ?? 0) / 2 ** 32);
    });
    using prelude = vm.evalCode(`(${functionPrelude.toString()})`, 'terrarium');
    return vm.callFunction(prelude, vm.undefined, random);
  };

  type Calls = ReturnType<Machine['vm']['callFunction']>;
  const ask = ({ vm }: Machine, calls: Calls, name: string, ...texts: readonly (string | Calls)[]) => {
    using method = calls.getProp(name);
    const args = texts.map((text) => (typeof text === 'string' ? vm.newString(text) : text.dup()));
    try {
      return vm.callFunction(method, calls, ...args).consume((handle) => (handle.isString ? handle.toString() : ''));
    } finally {
      for (const arg of args) arg.dispose();
    }
  };
  /** Begins something and waits for its answer. */
  const settled = (machine: Machine, calls: Calls, begin: () => void): Ending => {
    const answer = () => ask(machine, calls, 'answer');
    const stateOf = (text: string) => (text === 'pending' ? text : text.startsWith('done') ? 'done' : 'failed');
    const rejection = machine.drive(begin, () => stateOf(answer()), false);
    if (rejection !== null) {
      const [message = '', ...stack] = rejection.split('\n');
      return { type: 'threw', name: 'UnhandledRejection', message, stack: ownStack(stack.join('\n')) };
    }
    const text = answer();
    const rest = text.slice(text.indexOf('\n') + 1);
    switch (stateOf(text)) {
      case 'done':
        return { type: 'returned', result: rest };
      case 'failed': {
        const { name, message, stack } = parseFailure(rest);
        return { type: 'threw', name, message, stack: ownStack(stack) };
      }
      default: {
        const message = 'nothing is left that could settle what is awaited';
        return { type: 'threw', name: 'Error', message, stack: '' };
      }
    }
  };
  const loadCode = (machine: Machine, calls: Calls): Ending => {
    try {
      return settled(machine, calls, () => {
        using namespace = machine.evaluate(load.source ?? '', 'function.js', 'module');
        ask(machine, calls, 'load', namespace, load.handler);
      });
    } catch (error) {
      if (!machine.isThrownInside(error)) throw error;
      const { name, message, stack = '' } = error as Error;
      return { type: 'threw', name, message, stack: ownStack(stack) };
    }
  };

  let current = await start();
  if (current.type !== 'ready') return { refused: current };
  return {
    capture,
    invoke(payload) {
      if (current.type !== 'ready') throw new TypeError('the code is not loaded');
      const { machine, calls } = current;
      return settled(machine, calls, () => void ask(machine, calls, 'invoke', payload, env));
    },
    async renew() {
      if (load.keepState || (current.type === 'ready' && current.restore())) return;
      current = await start();
      if (current.type !== 'ready') throw new Error(`the code could not be loaded again: ${current.type}`);
    },
  };
}
