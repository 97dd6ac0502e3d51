import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { Strings } from '../strings/en.ts';

/** What a sandbox was made from. An empty workspace has no name of its own: it is said in the page's language. A module is known by its file's name. */
export function sourceText({ spec, source }: Pick<Sandbox, 'spec' | 'source'>, { list }: Strings): string {
  if (spec?.source.type === 'module') return spec.source.path.split('/').at(-1) ?? source;
  return spec?.source.type === 'empty' ? list.emptyWorkspace : source;
}
