import { composePage } from '../app/compose.ts';
import type { Page } from '../stores/page.ts';
import { createFakeTransport, type FakeTransport } from './fake-transport.ts';

/** The page's parts, composed as the page does it, with a host that a test makes answer. */
export function createFakePage(): { readonly page: Page; readonly fake: FakeTransport } {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  } as Storage;
  const fake = createFakeTransport();
  return { fake, page: composePage(fake.transport, storage, 'en') };
}
