import { Option } from '@commander-js/extra-typings';
import { AppError } from '../../../shared/model/error.ts';
import { engineKinds } from '../../../shared/model/kinds.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { sandboxStates } from '../../../shared/model/states.ts';

export type Fits = (sandbox: Sandbox) => boolean;

export interface Filter {
  readonly key: string;
  readonly fits: Fits;
}

export const filterKeys = ['label', 'engine', 'state', 'name'] as const;

/** Several: all must fit, of several engines, states or names any. */
export const filterOption = new Option(
  '--filter <key=value>',
  'only those with label=NAME or label=NAME=VALUE, engine=, state=, name= (where * is any text); several: all must fit, of one key but label any',
).argParser((text: string, before: readonly Filter[] = []) => [...before, parse(text)]);

function parse(text: string): Filter {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  switch (key) {
    case 'label':
      return { key, fits: hasLabel(value) };
    case 'engine': {
      const wanted = oneOf(engineKinds, value, 'an engine');
      return { key, fits: ({ engine }) => engine === wanted };
    }
    case 'state': {
      const wanted = oneOf(sandboxStates, value, 'a state');
      return { key, fits: ({ state }) => state === wanted };
    }
    case 'name': {
      const wanted = glob(value);
      return { key, fits: ({ name }) => wanted.test(name) };
    }
    default:
      throw new AppError('invalid_input', `“${text}” is not a filter`, {
        hint: 'There are label=NAME, label=NAME=VALUE, engine=NAME, state=NAME and name=PATTERN.',
      });
  }
}

function oneOf<T extends string>(all: readonly T[], value: string, what: string): T {
  const found = all.find((each) => each === value);
  if (found !== undefined) return found;
  throw new AppError('invalid_input', `“${value}” is not ${what}`, { hint: `There are ${all.join(', ')}.` });
}

function hasLabel(value: string): Fits {
  const at = value.indexOf('=');
  const name = at < 0 ? value : value.slice(0, at);
  if (name === '') throw new AppError('invalid_input', 'A filter of labels needs a name: label=NAME');
  return ({ spec }) => {
    const found = spec && Object.hasOwn(spec.labels, name) ? spec.labels[name] : undefined;
    return found !== undefined && (at < 0 || found === value.slice(at + 1));
  };
}

/** `*` is any text, `?` one character. */
function glob(pattern: string): RegExp {
  const parts = [...pattern].map((each) => (each === '*' ? '.*' : each === '?' ? '.' : RegExp.escape(each)));
  return new RegExp(`^${parts.join('')}$`, 'su');
}

/** What all filters together let through; everything without one. */
export function fitsAll(filters: readonly Filter[] = []): Fits {
  const byKey = Map.groupBy(filters, ({ key }) => key);
  return (sandbox) =>
    [...byKey].every(([key, some]) =>
      key === 'label' ? some.every(({ fits }) => fits(sandbox)) : some.some(({ fits }) => fits(sandbox)),
    );
}
