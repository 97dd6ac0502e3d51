import { type Failure, MOST_MESSAGE_TEXT, MOST_STACK_TEXT } from './protocol.ts';

/** Text of whatever a guest gave as a failure's, and no more of it than is told. */
export function bounded({ name, message, stack }: { readonly [part in keyof Failure]?: unknown }): Failure {
  const cut = (value: unknown, most: number) => (typeof value === 'string' ? value.slice(0, most) : '');
  return {
    name: cut(name, MOST_MESSAGE_TEXT) || 'Error',
    message: cut(message, MOST_MESSAGE_TEXT),
    stack: cut(stack, MOST_STACK_TEXT),
  };
}

/** A failure that a guest tells as JSON. It can have changed what makes JSON for it. */
export function parseFailure(text: string): Failure {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return bounded(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { name: 'Error', message: 'something was thrown that cannot be shown', stack: '' };
}
