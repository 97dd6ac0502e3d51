import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { filterKeys } from '../filter.ts';

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Whether a file of this machine fits as well. */
  readonly files: boolean;
}

/** Names and ids of sandboxes that are there. */
export type Sandboxes = () => Promise<readonly Candidate[]>;

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** What may stand where the last word is. `words` begin behind the program's own name; the last one may be empty. */
export async function complete(
  program: CommandUnknownOpts,
  words: readonly string[],
  sandboxes: Sandboxes,
): Promise<Completion> {
  const [name = '', ...rest] = words;
  const typed = rest.at(-1);
  if (typed === undefined) return starting(name, name.startsWith('-') ? flagsOf(program) : commandsOf(program));
  const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name));
  if (name === 'help') return starting(typed, rest.length === 1 ? commandsOf(program) : []);
  if (!command) return NOTHING;
  if (command.commands.length > 0) return complete(command, rest, sandboxes);

  let operands = 0;
  let pending: Option | undefined;
  for (const word of rest.slice(0, -1)) {
    // What follows is the command's that is to be run.
    if (word === '--') return FILES;
    if (pending) pending = undefined;
    else if (word.startsWith('-') && word !== '-') pending = awaiting(optionOf(command, word), word);
    else operands++;
  }
  if (pending) return starting(typed, choicesOf(pending), !pending.argChoices && !isFilter(pending));
  const [, flag = '', value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  const option = value === undefined ? undefined : optionOf(command, flag);
  if (option)
    return starting(
      typed,
      choicesOf(option).map((each) => ({ ...each, value: `${flag}=${each.value}` })),
    );
  const argument = command.registeredArguments[Math.min(operands, command.registeredArguments.length - 1)];
  if (!argument || (operands >= command.registeredArguments.length && !argument.variadic)) {
    return starting(typed, typed.startsWith('-') ? flagsOf(command) : []);
  }
  // Behind its first word, what looks like a flag is the command's own.
  if (argument.name() === 'command' && operands >= command.registeredArguments.length) return FILES;
  if (typed.startsWith('-')) return starting(typed, flagsOf(command));
  if (argument.name() === 'key') return starting(typed, await configCandidates());
  if (argument.name() === 'value') return NOTHING;
  if (argument.name() === 'sandbox') return starting(typed, await sandboxes());
  // A side of a copy: of a sandbox, or a file here.
  if (argument.name() === 'source' || argument.name() === 'target') {
    const sides = (await sandboxes()).map((each) => ({ ...each, value: `${each.value}:` }));
    return starting(typed, typed === '' ? [] : sides, true);
  }
  if (argument.argChoices) return starting(typed, argument.argChoices.map(plainCandidate));
  return FILES;
}

async function configCandidates(): Promise<readonly Candidate[]> {
  const { configKeys } = await import('../../../../shared/model/config-schema.ts');
  return configKeys().map(({ name, about }) => ({ value: name, about }));
}

const plainCandidate = (value: string): Candidate => ({ value, about: '' });

function starting(typed: string, all: readonly Candidate[], files = false): Completion {
  return { candidates: all.filter(({ value }) => value.startsWith(typed)), files };
}

function commandsOf(program: CommandUnknownOpts): readonly Candidate[] {
  const visible = program.createHelp().visibleCommands(program);
  return visible.map((each) => ({ value: each.name(), about: each.description() }));
}

function flagsOf(command: CommandUnknownOpts): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));
}

function optionOf(command: CommandUnknownOpts, word: string): Option | undefined {
  // Of short ones together (`-it`), the last may take a value.
  const flag = word.startsWith('--') ? word : `-${word.at(-1)}`;
  return command.options.find(({ long, short }) => long === flag || short === flag);
}

/** The option, when the next word is its value. */
const awaiting = (option: Option | undefined, word: string): Option | undefined =>
  option?.required && !word.includes('=') ? option : undefined;

const isFilter = ({ long }: Option) => long === '--filter';

function choicesOf(option: Option): readonly Candidate[] {
  return isFilter(option)
    ? filterKeys.map((key) => plainCandidate(`${key}=`))
    : (option.argChoices ?? []).map(plainCandidate);
}
