import { parseArgs } from 'node:util';
import { isAppError, toErrorData } from '../../../shared/model/error.ts';
import { FOLDER_IN_USE } from '../server/state-file.ts';
import { runWebHost } from './web-host.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, 'no-open': { type: 'boolean', default: false } } });
const port = values.port === undefined ? undefined : Number(values.port);
if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
  console.error(`--port takes a number from 0 to 65535, not "${values.port}".`);
  process.exit(2);
}

try {
  if ((await runWebHost({ port, opens: !values['no-open'] })) === 'shown') process.exit(0);
} catch (error) {
  if (!isAppError(error)) throw error;
  // To a command that has started it; nobody reads what it prints.
  process.send?.(toErrorData(error));
  console.error(`${error.message}. ${error.hint ?? ''}`);
  process.exit(error.code === 'conflict' ? FOLDER_IN_USE : 1);
}
