import { isContractProcedure } from '@orpc/contract';
import { contract } from '../../../../shared/contract/index.ts';

const routes = Object.values(contract)
  .flatMap((procedures) => Object.values(procedures))
  .flatMap((procedure) => (isContractProcedure(procedure) ? [procedure['~orpc'].route] : []))
  .flatMap(({ method = 'POST', path }) => (path === undefined ? [] : [{ method, pattern: patternOf(path) }]));

/** `/sandboxes/{id}`: a part in braces is any text without a slash. */
function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => (part.startsWith('{') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${parts.join('/')}$`);
}

/** The methods that a path below `/api/v1` takes; none where there is no such path. */
export function methodsAt(path: string): readonly string[] {
  const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return [...new Set(methods)].toSorted();
}
