import { expect, it } from 'vitest';
import {
  canAct,
  type Sandbox,
  type SandboxAction,
  type SandboxState,
  sandboxStates,
} from '../../../shared/model/sandbox.ts';
import { requireObject } from './require-object.ts';

const entryOf = (state: SandboxState, ref: string | null = 'object') => ({
  sandbox: { name: 'mine', state } as Sandbox,
  ref,
});

it.each<[SandboxAction, SandboxState, string, string]>([
  ['exec', 'stopped', '"mine" is stopped and cannot run a command now', 'Start it first.'],
  ['console', 'paused', '"mine" is paused and cannot open a console now', 'Resume it first.'],
  ['snapshot', 'ready', '"mine" is ready and cannot be saved as a snapshot now', 'Start it first.'],
  ['restore', 'stopping', '"mine" is stopping and cannot go on from a snapshot now', 'Wait until that is over.'],
  ['review', 'running', '"mine" is running and cannot have its changes applied or thrown away now', 'Stop it first.'],
  ['start', 'paused', '"mine" is paused and cannot be started now', 'Stop it first.'],
  ['resume', 'running', '"mine" is running and cannot be resumed now', 'Pause it first.'],
  ['stop', 'lost', '"mine" is lost and cannot be stopped now', 'Rebuild it, or destroy it.'],
])('tells of %s while it is %s what to do first', (action, state, message, hint) => {
  expect(() => requireObject(entryOf(state), action)).toThrow(
    expect.objectContaining({ code: 'conflict', message, hint }),
  );
});

it('gives the object where the action makes sense, and tells where there is none', () => {
  for (const state of sandboxStates.filter((each) => canAct('restore', each))) {
    expect(requireObject(entryOf(state), 'restore')).toBe('object');
  }
  expect(requireObject(entryOf('lost'))).toBe('object');
  expect(() => requireObject(entryOf('stopped', null), 'start')).toThrow(
    expect.objectContaining({ code: 'conflict', hint: 'Rebuild it, or destroy it.' }),
  );
});
