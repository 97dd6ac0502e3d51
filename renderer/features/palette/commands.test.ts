import { expect, it } from 'vitest';
import { findCommands } from './commands.ts';

const commands = ['Stop: web', 'Destroy: web', 'Show Stats', 'Theme: As the system', 'Go to web-stop'].map((label) => ({
  id: label,
  group: '',
  label,
  run: () => undefined,
}));
const labels = (text: string) => findCommands(commands, text, 10).map(({ label }) => label);

it('puts what begins with the text before what only contains it', () => {
  expect(labels('st')).toEqual(['Stop: web', 'Show Stats', 'Destroy: web', 'Theme: As the system', 'Go to web-stop']);
});

it('wants every word', () => expect(labels('web stop')).toEqual(['Stop: web', 'Go to web-stop']));

it('shows everything, in its order, before anything is typed', () => {
  expect(labels('')).toHaveLength(5);
  expect(findCommands(commands, '', 2)).toHaveLength(2);
});
