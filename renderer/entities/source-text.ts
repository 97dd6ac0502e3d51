import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { Strings } from '../strings/en.ts';

/** What a sandbox was made from. An empty workspace has no name of its own: it is said in the page's language. */
export function sourceText({ spec, source }: Pick<Sandbox, 'spec' | 'source'>, { list }: Strings): string {
  return spec?.source.type === 'empty' ? list.emptyWorkspace : source;
}
