import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { Client } from '../client.ts';
import { tellFailure } from './failure.ts';
import { findSandbox } from './find-sandbox.ts';
import { plain } from './output.ts';

type Act = (client: Client, sandbox: Sandbox) => Promise<unknown>;

/** Several are acted on in turn; one that fails does not keep the others from it. */
export async function onEach(
  client: Client,
  given: readonly string[],
  act: Act,
  say: (name: string) => void,
): Promise<number> {
  let code = 0;
  for (const each of given) {
    try {
      const sandbox = await findSandbox(client, each);
      await act(client, sandbox);
      say(plain(sandbox.name));
    } catch (error) {
      code = tellFailure(error);
    }
  }
  return code;
}
