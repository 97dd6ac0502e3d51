// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

const electron = vi.hoisted(() => ({
  listeners: new Map<string, (event: { readonly ports: readonly MessagePort[] }) => void>(),
}));
vi.mock('electron', () => ({ ipcRenderer: { on: electron.listeners.set.bind(electron.listeners) } }));

await import('./preload.ts');

test('the preload hands the port on, to its own origin alone, and gives the page nothing else', () => {
  const posted = vi.spyOn(window, 'postMessage').mockReturnValue();
  const { port1, port2 } = new MessageChannel();
  expect([...electron.listeners.keys()]).toEqual(['terrarium:port']);
  electron.listeners.get('terrarium:port')?.({ ports: [port1] });
  expect(posted.mock.calls).toEqual([['terrarium:port', location.origin, [port1]]]);
  port1.close();
  port2.close();
});
