// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { renderPage } from '../test-support/render.tsx';
import { Tabs } from './tabs.tsx';

it('brings the tab that is chosen into sight', async () => {
  const scroll = vi.spyOn(Element.prototype, 'scrollIntoView');
  const tabs = ['one', 'two'].map((value) => ({ value, label: value }));
  await renderPage(
    <Tabs label="parts" value="two" tabs={tabs} onChange={() => undefined}>
      two
    </Tabs>,
  );
  expect(scroll.mock.contexts.map((element) => (element as Element).textContent)).toEqual(['two']);
});
