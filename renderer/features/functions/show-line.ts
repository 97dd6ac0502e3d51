import type { Page } from '../../stores/page.ts';

/** Shows a line of a version's code: in the editor, or of an older one where it can be looked at. */
export function showLine({ functions, ui }: Page, id: string, version: number, line: number): void {
  functions.store.setState({ reveal: { id, version, line } });
  const current = functions.store.getState().byId?.get(id)?.version;
  ui.setState({ functionTab: version === current ? 'code' : 'versions' });
}
