// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import type { Capabilities } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { fakeCapabilities, fakeReport } from '../../test-support/fake-capabilities.ts';
import { fill, renderPage } from '../../test-support/render.tsx';
import { CreateDialog } from './create-dialog.tsx';

/** The dialog over a host with Docker; `create` answers to each try. */
async function open(create: () => Promise<unknown> = () => Promise.reject(new Error('not asked for'))) {
  const onClose = vi.fn();
  const rendered = await renderPage(<CreateDialog onClose={onClose} />, {
    connected: true,
    prepare: (page, host) => {
      page.host.setState({ engines: [fakeReport('docker')] });
      host.answer = (path) => (path.at(-1) === 'create' ? create() : Promise.resolve([]));
    },
  });
  const dialog = () => document.querySelector('[role="dialog"]') ?? document.body;
  const byLabel = (text: string) => {
    const label = [...dialog().querySelectorAll('label')].find((each) => each.textContent === text);
    return dialog().querySelector(label ? `[id="${label.htmlFor}"]` : `[aria-label="${text}"]`);
  };
  const button = (text: string) => [...document.querySelectorAll('button')].find((each) => each.textContent === text);
  return {
    ...rendered,
    onClose,
    text: () => document.body.textContent ?? '',
    invalid: () => [...dialog().querySelectorAll('[aria-invalid="true"]')],
    byLabel,
    button,
    press: (text: string) => rendered.act(() => button(text)?.click()),
    type: (label: string, value: string) => rendered.act(() => fill(byLabel(label), value)),
  };
}

it('begins in its first field and says nothing of fields that nobody has touched', async () => {
  const dialog = await open();
  expect(document.activeElement?.getAttribute('value')).toBe('docker');
  expect(dialog.text()).not.toContain('to correct');
  await dialog.press('Create');
  expect(dialog.text()).toContain('1 thing to correct');
  expect(document.activeElement).toBe(dialog.byLabel('Image'));
});

it('leaves a row that was just added in peace, and marks the cell that was typed in', async () => {
  const dialog = await open();
  await dialog.press('More options');
  await dialog.press('Add port');
  await dialog.press('Add mount');
  expect(dialog.invalid()).toEqual([]);
  await dialog.type('Port 1 inside', 'x');
  expect(dialog.invalid()).toEqual([dialog.byLabel('Port 1 inside')]);
  await dialog.type('Mount 1 from', '/data');
  expect(dialog.invalid()).toEqual([dialog.byLabel('Port 1 inside')]);
});

it('opens what is closed when something in it is wrong', async () => {
  const dialog = await open();
  await dialog.type('Image', 'busybox');
  await dialog.press('More options');
  await dialog.press('Add mount');
  await dialog.press('More options');
  expect(dialog.byLabel('Mount 1 from')).toBeNull();
  await dialog.press('Create');
  expect(document.activeElement).toBe(dialog.byLabel('Mount 1 from'));
});

it('takes an error back as soon as something is changed, and marks the field that the host named', async () => {
  const taken = new AppError('conflict', 'There is a sandbox named "api" already', { details: { field: 'spec.name' } });
  const dialog = await open(() => Promise.reject(taken));
  await dialog.type('Image', 'busybox');
  await dialog.type('Name', 'api');
  await dialog.press('Create');
  expect(dialog.text()).toContain('The sandbox was not created: There is a sandbox named "api" already');
  expect(document.activeElement).toBe(dialog.byLabel('Name'));
  await dialog.type('Name', 'api-2');
  expect(dialog.text()).not.toContain('There is a sandbox named');
  expect(dialog.invalid()).toEqual([]);
});

it('offers to pull the image for want of which it was not created, and the command that does', async () => {
  const missing = new AppError('not_found', 'The image busybox is not on this machine', {
    details: { field: 'source.reference', image: 'busybox', canPull: true },
  });
  const dialog = await open(() => Promise.reject(missing));
  await dialog.type('Image', 'busybox');
  await dialog.press('Create');
  const offers = () => [...document.querySelectorAll('button')].filter((each) => each.textContent === 'Pull busybox');
  expect(offers()).toHaveLength(1);
  expect(dialog.text()).toContain('docker pull busybox');
  // A long pull is not given up because something else is typed meanwhile.
  const [offer] = offers();
  await dialog.type('Name', 'api');
  expect(offers()).toEqual([offer]);
});

it('says how each limit is held, and names those that the engine does not have', async () => {
  const dialog = await open();
  const sign = (label: string) => dialog.byLabel(label)?.parentElement?.querySelector('[title]');
  expect(sign('Memory')?.getAttribute('title')).toBe('enforced');
  expect(sign('Processes')?.getAttribute('title')).toBe('best effort: through rlimits');
  expect(dialog.byLabel('Disk')).toBeNull();
  expect(dialog.text()).toContain('This engine has no limits on:Disk');
});

it('asks before what was typed is thrown away', async () => {
  const dialog = await open();
  const pressEscape = () =>
    dialog.act(() =>
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })),
    );
  await dialog.type('Image', 'busybox');
  // In this field Escape is also the key of its suggestions.
  await dialog.act(() => (dialog.byLabel('Image') as HTMLElement).focus());
  await pressEscape();
  expect(dialog.text()).toContain('Throw away what you typed?');
  await dialog.press('Keep editing');
  expect(dialog.onClose).not.toHaveBeenCalled();
  expect(dialog.byLabel('Image')).toHaveProperty('value', 'busybox');
  await dialog.type('Image', '');
  await pressEscape();
  expect(dialog.onClose).toHaveBeenCalledOnce();
});

it('says of the chosen engine how it isolates with the runtime that is chosen', async () => {
  const report = (isolation: Capabilities['isolation']) => ({ ...fakeCapabilities(), isolation });
  const isolated = {
    name: 'namespace',
    title: 'Isolated (bubblewrap)',
    tradeOff: '',
    capabilities: report('namespaces'),
  };
  const { act } = await renderPage(<CreateDialog onClose={() => undefined} />, {
    connected: true,
    prepare: (page, host) => {
      page.host.setState({ engines: [{ ...fakeReport('virtualenv', report('none')), runtimes: [isolated] }] });
      host.answer = () => Promise.resolve([]);
    },
  });
  const card = () => document.querySelector('input[value="virtualenv"]')?.closest('label')?.textContent;
  expect(card()).toContain('not isolated');
  const option = document.querySelector<HTMLOptionElement>('option[value="namespace"]');
  expect(option?.textContent).toBe('Isolated (bubblewrap)');
  await act(() => {
    const select = option?.closest('select');
    if (!select) throw new Error('no choice of runtimes');
    select.value = 'namespace';
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(card()).toContain('isolated by namespaces');
  expect(card()).not.toContain('not isolated');
});
