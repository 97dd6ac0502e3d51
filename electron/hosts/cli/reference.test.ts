import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatedDocs } from './generated-docs.ts';
import { createProgram } from './program.ts';
import { renderReference, WRITE_REFERENCE } from './reference.ts';

const program = createProgram('1.2.3');

it.each(generatedDocs())('%s says what the code says', (path, text) => {
  const written = readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
  expect(written, `${path} is stale: ${WRITE_REFERENCE} writes it`).toBe(text);
});

it('every command says what it does, shows how, and explains each argument and option', () => {
  for (const command of program.createHelp().visibleCommands(program)) {
    if (command.name() === 'help') continue;
    const section = renderReference(program).split(`## terrarium ${command.name()}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section.match(/^terrarium /gm)?.length, `usage and an example of ${command.name()}`).toBeGreaterThan(1);
    const explained = [
      [command.name(), command.description()],
      ...command.registeredArguments.map((argument) => [argument.name(), argument.description]),
      ...command.options.map(({ flags, description }) => [flags, description]),
    ];
    for (const [what, words] of explained) expect(words, `${command.name()}: ${what}`).toMatch(/\w/);
  }
});
