import type { FunctionSummary } from '../../../shared/model/function.ts';
import type { Page } from '../../stores/page.ts';

/** Asks, and deletes it. A failure becomes a toast. */
export async function deleteFunction(page: Page, { id, name }: FunctionSummary): Promise<void> {
  const { actions, connection, functions, toasts, ui } = page;
  const text = page.strings.getState().current.functions;
  const question = { title: text.deleteTitle(name), text: text.deleteText, confirm: text.delete, danger: true };
  const { yes } = await actions.ask(question);
  if (!yes) return;
  try {
    await connection.client.functions.delete({ id });
    functions.edit(id, null);
    if (ui.getState().activeFunction === id) ui.setState({ activeFunction: null });
  } catch (error) {
    toasts.error(error, text.couldNotDelete(name));
  }
}
