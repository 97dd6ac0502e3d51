import { parseArgs } from 'node:util';

export const usage = `npm start                 build what is stale, then open Terrarium in a window of its own,
                          or, where Electron cannot run, in the browser
npm start -- --web        serve it to a browser straight away
npm start -- --port N     … on this port of 127.0.0.1
npm start -- --no-open    … and open no browser
npm start -- --help       print this`;

export interface StartOptions {
  readonly help: boolean;
  /** The first option given that only the web host has; null when none was. */
  readonly webBecause: '--web' | '--port' | '--no-open' | null;
  /** For the web host's own command line. */
  readonly webArguments: readonly string[];
}

/** Throws, with a sentence for the user, on what it does not know. */
export function parseOptions(argv: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', default: false },
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
    },
  });
  const { help, web, port, 'no-open': noOpen } = values;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new Error(`--port takes a number from 0 to 65535, not "${port}".`);
  }
  return {
    help,
    webBecause: web ? '--web' : port !== undefined ? '--port' : noOpen ? '--no-open' : null,
    webArguments: [...(port === undefined ? [] : ['--port', port]), ...(noOpen ? ['--no-open'] : [])],
  };
}
