import { canAct } from '../../../shared/model/states.ts';
import { listActions } from '../../stores/actions.ts';
import { tabsOf } from '../../stores/detail-tabs.ts';
import { functionTabs } from '../../stores/function-tabs.ts';
import type { Page } from '../../stores/page.ts';
import { places, sandboxShown } from '../../stores/ui.ts';

export interface Command {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly run: () => void;
}

/** Everything that can be done now. */
export function listCommands(page: Page): readonly Command[] {
  const { ui, sandboxes, functions, preferences, actions, host, consoles, connection, toasts } = page;
  const text = page.strings.getState().current;
  const { place, active, selected, activeFunction } = ui.getState();
  const isOfFunctions = place === 'functions';
  const byId = sandboxes.getState().byId;
  const current = isOfFunctions || active === null ? undefined : byId?.get(active);
  const chosen = isOfFunctions ? [] : [...selected].flatMap((id) => byId?.get(id) ?? []);
  const functionsById = functions.store.getState().byId;
  const currentFunction = isOfFunctions && activeFunction !== null ? functionsById?.get(activeFunction) : undefined;
  const commands: Command[] = [];
  const add = (group: keyof typeof text.palette.groups, id: string, label: string, run: () => void) => {
    commands.push({ id, group: text.palette.groups[group], label, run });
  };

  if (currentFunction) {
    for (const functionTab of functionTabs) {
      const label = text.palette.show(text.functions.tabs[functionTab]);
      add('function', `function-${functionTab}`, label, () => ui.setState({ functionTab }));
    }
  }
  if (current) {
    // First what does no harm: it is what Enter does before anything is typed.
    for (const tab of tabsOf(current, host.getState().engines)) {
      add('sandbox', `tab-${tab}`, text.palette.show(text.detail.tabs[tab]), () => ui.setState({ tab }));
    }
    for (const action of listActions) {
      if (actions.possible(action, [current]).length === 0) continue;
      const label = text.palette.on(text.actions[action], current.name);
      add('sandbox', `do-${action}`, label, () => void actions.run(action, [current.id]));
    }
    if (canAct('console', current.state) && !current.foreign) {
      add('sandbox', 'console', text.palette.on(text.console.new, current.name), () => {
        ui.setState({ tab: 'console' });
        consoles.open(current).catch(toasts.error);
      });
    }
  }
  if (chosen.length > 1) {
    for (const action of listActions) {
      const targets = actions.possible(action, chosen);
      if (targets.length === 0) continue;
      const label = text.palette.on(text.actions[action], text.list.selected(targets.length));
      add('selection', `all-${action}`, label, () => void actions.run(action, selected));
    }
  }
  add('page', 'create', text.app.newSandbox, () => ui.setState({ overlay: 'create' }));
  add('page', 'create-function', text.functions.new, () => ui.setState({ overlay: 'createFunction' }));
  for (const each of places) {
    if (each === place) continue;
    add('page', `place-${each}`, text.palette.go(text.app.placeNames[each]), () => ui.setState({ place: each }));
  }
  add('page', 'events', text.events.all, () => ui.setState({ overlay: 'events' }));
  add('page', 'settings', text.settings.title, () => ui.setState({ overlay: 'settings' }));
  add('page', 'help', text.help.title, () => ui.setState({ overlay: 'help' }));
  if (connection.state.getState().status !== 'connected') {
    add('page', 'reconnect', text.connection.retryNow, connection.retryNow);
  }
  for (const { kind, status } of host.getState().engines ?? []) {
    if (status === 'available') continue;
    add('page', `probe-${kind}`, text.palette.probe(text.engines.names[kind]), () => {
      connection.client.engines.probe({ kind }).catch(toasts.error);
    });
  }
  for (const theme of ['system', 'dark', 'light'] as const) {
    add('view', `theme-${theme}`, text.palette.theme(text.settings.themes[theme]), () => preferences.change({ theme }));
  }
  for (const groupBy of ['none', 'engine', 'state'] as const) {
    const label = text.palette.groupBy(text.list.groups[groupBy]);
    add('view', `group-${groupBy}`, label, () => preferences.change({ groupBy }));
  }
  add('view', 'language-en', text.palette.language('English'), () => preferences.change({ language: 'en' }));
  add('view', 'language-zh', text.palette.language('简体中文'), () => preferences.change({ language: 'zh-CN' }));
  for (const { id, name } of byId?.values() ?? []) {
    add('sandboxes', `go-${id}`, text.palette.go(name), () => ui.setState(sandboxShown(id)));
  }
  for (const { id, name } of functionsById?.values() ?? []) {
    const label = text.functions.goToFunction(name);
    add('functions', `go-${id}`, label, () => ui.setState({ place: 'functions', activeFunction: id }));
  }
  return commands;
}

/** Each word of the text must begin a word of the label, or be somewhere in it; the former come first. */
export function findCommands(commands: readonly Command[], text: string, most: number): readonly Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ label }: Command) => {
    const lower = label.toLowerCase();
    if (!words.every((word) => lower.includes(word))) return 2;
    return words.every((word) => lower.split(/[\s:]+/).some((part) => part.startsWith(word))) ? 0 : 1;
  };
  const ranked = commands.map((command) => ({ command, rank: rank(command) }));
  return [0, 1].flatMap((level) => ranked.flatMap((each) => (each.rank === level ? each.command : []))).slice(0, most);
}
