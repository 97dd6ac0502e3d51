import { act, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { expect, onTestFinished, vi } from 'vitest';
import { type Page, PageContext } from '../stores/page.ts';
import { createFakePage } from './fake-page.ts';
import type { FakeTransport } from './fake-transport.ts';

export interface Rendered {
  readonly page: Page;
  readonly fake: FakeTransport;
  readonly element: HTMLElement;
  readonly text: () => string;
  /** Runs it, and waits until React has drawn what came of it. */
  readonly act: (work: () => unknown) => Promise<void>;
}

interface RenderOptions {
  /** False: looks at the very first drawing. */
  readonly settle?: boolean;
  /** Waits until the page has its host. */
  readonly connected?: boolean;
  readonly prepare?: (page: Page, fake: FakeTransport) => void;
}

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

/** Draws a piece of the page in happy-dom, with a host that a test makes answer. */
export async function renderPage(piece: ReactElement, options: RenderOptions = {}): Promise<Rendered> {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const { settle = true, connected = false, prepare } = options;
  const { page, fake } = createFakePage();
  const element = document.body.appendChild(document.createElement('div'));
  let root: Root | undefined;
  onTestFinished(async () => {
    await act(async () => root?.unmount());
    page.connection.dispose();
    element.remove();
  });
  prepare?.(page, fake);
  if (connected) await vi.waitFor(() => expect(page.connection.state.getState().status).toBe('connected'));
  const draw = () => {
    root = createRoot(element);
    root.render(<PageContext value={page}>{piece}</PageContext>);
  };
  if (settle) await act(async () => draw());
  else act(draw);
  return {
    page,
    fake,
    element,
    text: () => element.textContent ?? '',
    act: (work) => act(async () => void (await work())),
  };
}

/** Puts text into a field as typing does. */
export function fill(field: Element | null | undefined, value: string): void {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) throw new Error('no field to fill');
  const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
