import { createStore } from 'zustand/vanilla';
import type { FunctionChange } from '../../shared/contract/functions.ts';
import { applyChanges } from '../../shared/contract/sandbox-changes.ts';
import type { SandboxChange } from '../../shared/contract/sandboxes.ts';
import { gather } from '../lib/gather.ts';
import { createActions } from '../stores/actions.ts';
import { createConsoles } from '../stores/consoles.ts';
import { createDraftStorage } from '../stores/drafts.ts';
import { createFunctions } from '../stores/functions.ts';
import type { HostState, Page } from '../stores/page.ts';
import { createPreferences } from '../stores/preferences.ts';
import { createSamples } from '../stores/samples.ts';
import { createSandboxesStore } from '../stores/sandboxes.ts';
import { createToasts } from '../stores/toasts.ts';
import { createUiStore } from '../stores/ui.ts';
import { en, type Strings } from '../strings/en.ts';
import { createConnection } from './connection/connection.ts';
import type { Transport } from './connection/transport.ts';
import { loadStrings } from './language.ts';

/** Makes the page's parts and connects them. The one place where they know each other. */
export function composePage(transport: Transport, storage: Storage, systemLanguage: string): Page {
  const connection = createConnection(transport);
  const { client } = connection;
  const sandboxes = createSandboxesStore();
  const ui = createUiStore();
  const toasts = createToasts();
  const preferences = createPreferences(storage, systemLanguage);
  const strings = createStore<{ readonly current: Strings }>(() => ({ current: en }));
  const host = createStore<HostState>(() => ({ engines: null, system: null }));
  const actions = createActions({ client, sandboxes, host, ui, toasts, strings: () => strings.getState().current });
  const consoles = createConsoles(client);
  const notKept = (error: unknown) => toasts.error(error, strings.getState().current.functions.notKept);
  const drafts = createDraftStorage(storage, notKept);
  const payloads = createDraftStorage(storage, notKept, 'payload');
  window.addEventListener('pagehide', () => {
    drafts.flush();
    payloads.flush();
  });
  const functions = createFunctions(client, drafts, payloads);
  const samples = createSamples();
  loadStrings(preferences, strings, toasts.error);
  return { connection, sandboxes, host, samples, consoles, functions, ui, preferences, toasts, actions, strings };
}

/** Keeps the page's stores as the host tells them, until the signal is aborted. */
export function followHost(page: Page, signal: AbortSignal): void {
  const { connection, sandboxes, host, samples, consoles, functions, toasts, ui } = page;
  const report = (error: unknown) => toasts.error(error);

  connection
    .subscribe({
      open: (client, streamSignal) => client.sandboxes.watch({}, { signal: streamSignal }),
      onItem: gather<SandboxChange>((changes) => {
        sandboxes.setState(({ byId }) => ({ byId: applyChanges(byId, changes) }));
        dropWhatIsGone();
      }),
      signal,
      endless: true,
    })
    .catch(report);
  connection
    .subscribe({
      open: (client, streamSignal) => client.engines.watch({}, { signal: streamSignal }),
      onItem: (engines) => host.setState({ engines }),
      signal,
      endless: true,
    })
    .catch(report);
  connection
    .subscribe({
      open: (client, streamSignal) => client.functions.watch({}, { signal: streamSignal }),
      onItem: gather<FunctionChange>((changes) => {
        functions.apply(changes);
        functions.forgetOthers(ui.getState().activeFunction);
      }),
      signal,
      endless: true,
    })
    .catch(report);
  samples.run(connection, signal).catch(report);

  /** Selection, samples and consoles of a sandbox end with it. */
  function dropWhatIsGone(): void {
    const { byId } = sandboxes.getState();
    if (!byId) return;
    const { selected, active, anchor } = ui.getState();
    if ([...selected].some((id) => !byId.has(id))) {
      ui.setState({ selected: new Set([...selected].filter((id) => byId.has(id))) });
    }
    if (active !== null && !byId.has(active)) ui.setState({ active: null });
    if (anchor !== null && !byId.has(anchor)) ui.setState({ anchor: null });
    for (const console of consoles.store.getState().byId.values()) {
      if (!byId.has(console.sandboxId)) consoles.forget(console.id);
    }
    for (const id of samples.ids()) if (!byId.has(id)) samples.drop(id);
  }

  const onConnected = async () => {
    const [system] = await Promise.all([connection.client.system.info({}), consoles.reload()]);
    host.setState({ system });
  };
  let known = 0;
  const check = () => {
    const { status, generation } = connection.state.getState();
    if (status !== 'connected' || generation === known) return;
    known = generation;
    onConnected().catch(report);
  };
  const unsubscribe = connection.state.subscribe(check);
  signal.addEventListener('abort', unsubscribe, { once: true });
  check();
}
