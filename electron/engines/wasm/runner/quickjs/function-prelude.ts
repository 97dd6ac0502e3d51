/** What the host asks of a function's code. Each begins something; `answer` tells what became of it. */
export interface FunctionCalls {
  /** `namespace`: a promise of the module's. */
  readonly load: (namespace: Promise<unknown>, handler: string) => void;
  readonly invoke: (payload: string, env: string) => void;
  /** `pending`; or `done` and the result as JSON, or `failed` and `{ name, message, stack }` as JSON, after a line's end. */
  readonly answer: () => string;
}

/** Runs inside QuickJS, like `prelude`: its source is taken from here as it stands. */
export function functionPrelude(random: () => number): FunctionCalls {
  const { parse, stringify } = JSON;
  // QuickJS keeps its own chance in its memory, which every invocation begins with again.
  Math.random = () => random();

  let handler: unknown;
  let answer = 'pending';
  const done = (value: unknown) => {
    answer = `done\n${stringify(value) ?? 'null'}`;
  };
  const fail = (reason: unknown) => {
    let failure = { name: 'Error', message: '', stack: '' };
    try {
      failure =
        reason instanceof Error
          ? { name: String(reason.name), message: String(reason.message), stack: String(reason.stack ?? '') }
          : {
              name: typeof reason,
              message: String(typeof reason === 'object' ? stringify(reason) : reason),
              stack: '',
            };
    } catch {
      failure.message = 'something was thrown that cannot be shown';
    }
    answer = `failed\n${stringify(failure)}`;
  };
  const follow = async (begin: () => unknown) => {
    answer = 'pending';
    try {
      done(await begin());
    } catch (error) {
      fail(error);
    }
  };
  return {
    load(namespace, name) {
      void follow(async () => {
        const found = (await namespace) as Readonly<Record<string, unknown>>;
        handler = name in found ? found[name] : undefined;
        if (typeof handler !== 'function') {
          const error = new TypeError(`the code exports no function ${name}`);
          error.stack = '';
          throw error;
        }
      });
    },
    invoke(payload, env) {
      void follow(() =>
        (handler as (payload: unknown, context: unknown) => unknown)(parse(payload), { env: parse(env) }),
      );
    },
    answer: () => answer,
  };
}
