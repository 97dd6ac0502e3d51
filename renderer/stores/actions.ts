import type { StoreApi } from 'zustand/vanilla';
import { capabilitiesFor } from '../../shared/model/capabilities-for.ts';
import type { Sandbox, SandboxAction } from '../../shared/model/sandbox.ts';
import { canAct } from '../../shared/model/states.ts';
import type { Client } from '../app/connection/connection.ts';
import type { Strings } from '../strings/en.ts';
import type { HostState } from './page.ts';
import type { SandboxesStore } from './sandboxes.ts';
import type { Toasts } from './toasts.ts';
import { type Answer, busyKey, NO, type Question, type UiStore } from './ui.ts';

export type ListAction = Extract<SandboxAction, 'start' | 'stop' | 'pause' | 'resume' | 'rebuild' | 'destroy'>;

/** In the order in which they are shown. */
export const listActions = ['start', 'stop', 'pause', 'resume', 'rebuild', 'destroy'] as const satisfies ListAction[];

export interface Actions {
  /** Which of the sandboxes an action makes sense for now. */
  readonly possible: (action: ListAction, sandboxes: readonly Sandbox[]) => readonly Sandbox[];
  /** Asks where it must, then does it to all for which it makes sense. Failures become toasts. */
  readonly run: (action: ListAction, ids: Iterable<string>) => Promise<void>;
  /** Rejects with an AppError, e.g. `conflict` when another has the name. */
  readonly rename: (id: string, name: string) => Promise<void>;
  /** Resolves with the user's answer. */
  readonly ask: (question: Omit<Question, 'answer'>) => Promise<Answer>;
}

interface Dependencies {
  readonly client: Client;
  readonly sandboxes: SandboxesStore;
  readonly host: StoreApi<HostState>;
  readonly ui: UiStore;
  readonly toasts: Toasts;
  readonly strings: () => Strings;
}

/** Whether destroying it deletes a workspace: a folder of the user's is never deleted. */
function hasOwnWorkspace({ foreign, workspace, spec }: Sandbox): boolean {
  return !foreign && workspace !== null && spec?.source.type !== 'directory';
}

function destroyText(sandbox: Sandbox, { confirm }: Strings): string {
  if (hasOwnWorkspace(sandbox)) return confirm.destroyText;
  const source = sandbox.spec?.source;
  if (source?.type !== 'directory') return confirm.destroyTextBare;
  return confirm.destroyTextFolder(source.path);
}

/** Whether it may have changes that were not applied. */
const keepsChanges = ({ spec }: Sandbox): boolean => spec?.filesystem?.overlay === true;

const sentences = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

export function createActions({ client, sandboxes, host, ui, toasts, strings }: Dependencies): Actions {
  function isOffered(action: ListAction, { engine, spec, foreign }: Sandbox): boolean {
    // A foreign one has no spec that it could be made again from.
    if (action === 'rebuild') return !foreign;
    if (action !== 'pause') return true;
    const report = host.getState().engines?.find(({ kind }) => kind === engine);
    return !report || capabilitiesFor(report, spec?.runtime)?.features.pause.support !== 'unsupported';
  }

  function possible(action: ListAction, among: readonly Sandbox[]): readonly Sandbox[] {
    return among.filter((sandbox) => canAct(action, sandbox.state) && isOffered(action, sandbox));
  }

  function ask(question: Omit<Question, 'answer'>): Promise<Answer> {
    ui.getState().question?.answer(NO);
    return new Promise((resolve) => {
      const answer = (given: Answer) => {
        ui.setState({ question: null });
        resolve(given);
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
      const whose = foreign === 0 ? '' : many ? text.confirm.foreignAmong(foreign) : text.confirm.foreignText;
      const title = many ? text.confirm.destroyManyTitle(targets.length) : text.confirm.destroyTitle(first.name);
      const { unapplied } = ui.getState();
      const known = !many && unapplied?.id === first.id && unapplied.count > 0 ? unapplied : null;
      const lost = targets.some(keepsChanges) ? text.confirm.destroyChanges(known) : '';
      const what = many ? text.confirm.destroyManyText : destroyText(first, text);
      const keepable = targets.filter(hasOwnWorkspace).length;
      const option = {
        label: text.confirm.keepWorkspace(keepable),
        text: sentences(lost, many ? text.confirm.keepManyText : text.confirm.keepText, whose),
      };
      const question = { title, text: sentences(lost, what, whose), confirm, danger: true };
      return keepable > 0 ? { ...question, option } : question;
    }
    if (action === 'rebuild') {
      const many = targets.length > 1;
      const title = many ? text.confirm.rebuildManyTitle(targets.length) : text.confirm.rebuildTitle(first.name);
      const what = many ? text.confirm.rebuildManyText : text.confirm.rebuildText;
      const stays = targets.some(keepsChanges) ? text.confirm.rebuildChanges : '';
      return { title, text: sentences(what, stays), confirm, danger: true };
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

  /** Gives the path of a workspace that was kept. */
  async function send(action: ListAction, sandbox: Sandbox, keep: boolean): Promise<string | null> {
    const { id, name, foreign } = sandbox;
    const key = busyKey(action, id);
    ui.setState(({ busy }) => ({ busy: new Set(busy).add(key) }));
    try {
      if (action === 'destroy') {
        const keepWorkspace = keep && hasOwnWorkspace(sandbox);
        return (await client.sandboxes.destroy({ id, confirmForeign: foreign, keepWorkspace })).keptWorkspace;
      }
      if (action === 'rebuild') await client.sandboxes.rebuild({ id });
      else await client.sandboxes[action]({ id, confirmForeign: foreign });
      return null;
    } catch (error) {
      toasts.error(error, `${strings().actions.failed[action]} ${name}`);
      return null;
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
      if (targets.length === 0) return;
      const { yes, option } = question ? await ask(question) : { yes: true, option: false };
      if (!yes) return;
      const kept = await Promise.all(targets.map((sandbox) => send(action, sandbox, option)));
      const paths = kept.filter((path) => path !== null);
      if (paths.length > 0) toasts.copyable(strings().confirm.kept(paths.length), paths.join('\n'));
    },
    rename: async (id, name) => {
      await client.sandboxes.update({ id, name });
    },
  };
}
