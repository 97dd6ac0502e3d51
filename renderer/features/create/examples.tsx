import { Sparkles } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { exampleModule } from './example-module.ts';
import type { Form } from './form.ts';
import { uploadModule } from './upload-module.ts';
import type { FormHandle } from './use-form.ts';

/** Scripts that show what is in there: a language, its library, and a workspace. */
const commands: Readonly<Record<string, string>> = {
  quickjs: `js -e "const words = 'the quick brown fox jumps over the lazy dog'.split(' '); std.writeFile('words.json', JSON.stringify(words)); print(words.length + ' words, the longest is ' + words.toSorted((a, b) => b.length - a.length)[0])"`,
  python: `python -c "import sqlite3, sys; db = sqlite3.connect('squares.db'); db.execute('create table if not exists squares (n, square)'); db.executemany('insert into squares values (?, ?)', [(n, n * n) for n in range(100)]); db.commit(); print('Python', sys.version.split()[0], 'sum of squares:', db.execute('select sum(square) from squares').fetchone()[0])"`,
};

/** Fills in something that runs, for whoever has nothing at hand. */
export function Examples({ handle }: { readonly handle: FormHandle }) {
  const { connection, toasts } = usePage();
  const text = useStrings().create;
  const { form, change } = handle;
  const [busy, setBusy] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  if (form.engine !== 'wasm') return null;

  async function fillIn(): Promise<void> {
    const command = commands[form.runtime];
    if (command !== undefined) {
      change({ source: 'empty', command });
      return;
    }
    const current = new AbortController();
    stop.current = current;
    setBusy(true);
    try {
      const { path } = await uploadModule(connection.client, exampleModule(), current.signal, () => undefined);
      const example: Partial<Form> = { source: 'module', module: path, command: 'primes' };
      if (!current.signal.aborted) change({ ...example, limits: { ...form.limits, fuel: '1000000000' } });
    } catch (error) {
      if (!current.signal.aborted) toasts.error(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Button icon={<Sparkles size={14} aria-hidden="true" />} disabled={busy} onClick={() => void fillIn()}>
        {text.example}
      </Button>
      <span className="text-xs text-faint">
        {form.runtime === 'quickjs'
          ? text.examples.quickjs
          : form.runtime === 'python'
            ? text.examples.python
            : text.examples.wasi}
      </span>
    </div>
  );
}
