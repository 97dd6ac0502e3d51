import type { Sandbox, SandboxAction } from '../../shared/model/sandbox.ts';
import { canAct } from '../../shared/model/states.ts';
import type { Client } from '../app/connection/connection.ts';
import type { Strings } from '../strings/en.ts';
import type { SandboxesStore } from './sandboxes.ts';
import type { Toasts } from './toasts.ts';
import { busyKey, type Question, type UiStore } from './ui.ts';

export type ListAction = Extract<SandboxAction, 'start' | 'stop' | 'pause' | 'resume' | 'rebuild' | 'destroy'>;

/** In the order in which they are shown. */
export const listActions = ['start', 'stop', 'pause', 'resume', 'rebuild', 'destroy'] as const satisfies ListAction[];

export interface Actions {
  /** Which of the sandboxes an action makes sense for now. */
  readonly possible: (action: ListAction, sandboxes: readonly Sandbox[]) => readonly Sandbox[];
  /** Asks where it must, then does it to all for which it makes sense. Failures become toasts. */
  readonly run: (action: ListAction, ids: Iterable<string>) => Promise<void>;
  readonly rename: (id: string, name: string) => Promise<void>;
  /** Resolves with the user's answer. */
  readonly ask: (question: Omit<Question, 'answer'>) => Promise<boolean>;
}

interface Dependencies {
  readonly client: Client;
  readonly sandboxes: SandboxesStore;
  readonly ui: UiStore;
  readonly toasts: Toasts;
  readonly strings: () => Strings;
}

export function createActions({ client, sandboxes, ui, toasts, strings }: Dependencies): Actions {
  function possible(action: ListAction, among: readonly Sandbox[]): readonly Sandbox[] {
    // A foreign one has no spec that it could be made again from.
    return among.filter((sandbox) => canAct(action, sandbox.state) && !(action === 'rebuild' && sandbox.foreign));
  }

  function ask(question: Omit<Question, 'answer'>): Promise<boolean> {
    ui.getState().question?.answer(false);
    return new Promise((resolve) => {
      const answer = (yes: boolean) => {
        ui.setState({ question: null });
        resolve(yes);
      };
      ui.setState({ question: { ...question, answer } });
    });
  }

  /** What the user must say yes to first; null when nothing. */
  function questionFor(action: ListAction, targets: readonly Sandbox[]): Omit<Question, 'answer'> | null {
    const text = strings();
    const [first] = targets;
    const foreign = targets.filter((sandbox) => sandbox.foreign).length;
    if (!first) return null;
    const confirm = text.actions[action];
    if (action === 'destroy') {
      const many = targets.length > 1;
      const parts = [many ? text.confirm.destroyManyText : text.confirm.destroyText];
      if (foreign > 0) parts.push(many ? text.confirm.foreignAmong(foreign) : text.confirm.foreignText);
      const title = many ? text.confirm.destroyManyTitle(targets.length) : text.confirm.destroyTitle(first.name);
      return { title, text: parts.join(' '), confirm, danger: true };
    }
    if (action === 'rebuild') {
      return { title: text.confirm.rebuildTitle(first.name), text: text.confirm.rebuildText, confirm, danger: true };
    }
    if (foreign === 0) return null;
    const who = targets.length > 1 ? text.list.selected(targets.length) : first.name;
    return {
      title: text.confirm.foreignTitle(confirm, who),
      text: targets.length > 1 ? text.confirm.foreignAmong(foreign) : text.confirm.foreignText,
      confirm,
      danger: false,
    };
  }

  async function send(action: ListAction, { id, name, foreign }: Sandbox): Promise<void> {
    const key = busyKey(action, id);
    ui.setState(({ busy }) => ({ busy: new Set(busy).add(key) }));
    try {
      if (action === 'rebuild') await client.sandboxes.rebuild({ id });
      else await client.sandboxes[action]({ id, confirmForeign: foreign });
    } catch (error) {
      toasts.error(error, `${strings().actions.failed[action]} ${name}`);
    } finally {
      ui.setState(({ busy }) => ({ busy: new Set([...busy].filter((other) => other !== key)) }));
    }
  }

  return {
    possible,
    ask,
    run: async (action, ids) => {
      const known = sandboxes.getState().byId;
      const targets = possible(
        action,
        [...ids].flatMap((id) => known?.get(id) ?? []),
      );
      const question = questionFor(action, targets);
      if (targets.length === 0 || (question && !(await ask(question)))) return;
      await Promise.all(targets.map((sandbox) => send(action, sandbox)));
    },
    rename: async (id, name) => {
      try {
        await client.sandboxes.update({ id, name });
      } catch (error) {
        toasts.error(error);
      }
    },
  };
}
