import { Command } from '@commander-js/extra-typings';
import { AppError } from '../../../../shared/model/error.ts';
import type { Context } from '../context.ts';
import { copyIn, copyOut } from '../copy.ts';
import { findSandbox } from '../find-sandbox.ts';
import { createProgress } from '../progress.ts';

/** One side of a copy. */
type Side = { readonly sandbox: string; readonly path: string } | { readonly sandbox: null; readonly path: string };

/** As docker(1) tells them apart: what begins with `/` or `.` is of this machine, also with a colon in it. */
function sideOf(text: string): Side {
  const at = text.indexOf(':');
  if (at <= 0 || /^[./]/.test(text)) return { sandbox: null, path: text };
  return { sandbox: text.slice(0, at), path: text.slice(at + 1) };
}

export function copyCommand({ run }: Context) {
  return new Command('cp')
    .description('copy files and folders into a sandbox or out of it; - is a tar archive on stdin or stdout')
    .argument('<source>', 'SANDBOX:PATH or a path here')
    .argument('<target>', 'SANDBOX:PATH or a path here; into it, where it is a folder')
    .addHelpText(
      'after',
      `
Paths of the sandbox are absolute, or begin in its working directory. Links are copied as links.
With --json it says how many bytes it has copied (of a folder, as an archive), and what it has left out.

Examples:
  terrarium cp ./data.csv web:data.csv
  terrarium cp web:/workspace/results .
  terrarium cp web:results - | tar -t
  tar -c src | terrarium cp - web:/workspace`,
    )
    .action((source, target) =>
      run(async (client, output, signal) => {
        const from = sideOf(source);
        const to = sideOf(target);
        if ((from.sandbox === null) === (to.sandbox === null)) {
          throw new AppError('invalid_input', 'One side must be in a sandbox, and the other one here', {
            hint: 'Write SANDBOX:PATH for what is in a sandbox, and ./PATH for what is here.',
          });
        }
        const given = from.sandbox ?? to.sandbox ?? '';
        const { id: sandboxId } = await findSandbox(client, given);
        if (output.json && to.path === '-' && to.sandbox === null) {
          throw new AppError('invalid_input', 'Standard output has the archive, and so no JSON', {
            hint: 'Leave --json out.',
          });
        }
        using progress = createProgress(output);
        if (from.sandbox !== null) {
          await copyOut(client, { sandboxId, path: from.path || '.' }, to.path, progress, signal);
        } else {
          await copyIn(client, from.path, { sandboxId, path: to.path || '.' }, progress, signal);
        }
        if (output.json) output.value(progress.told());
        return 0;
      }),
    );
}
