import type { FunctionSummary } from '../../../shared/model/function.ts';
import type { Strings } from '../../strings/en.ts';

/** `WebAssembly · Python`; with the runtime where it is not the language's own. */
export function aboutFunction(
  { engine, runtime, codeType }: Pick<FunctionSummary, 'engine' | 'runtime' | 'codeType'>,
  strings: Strings,
): string {
  const own = engine === 'wasm' ? null : runtime;
  return [strings.engines.names[engine], own, strings.functions.languages[codeType]]
    .filter((part) => part !== null)
    .join(' · ');
}
