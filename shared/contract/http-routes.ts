import type { AnyContractProcedure } from '@orpc/contract';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * How a procedure is called over HTTP: a path below `/api/v1`, which names fields of its input. The others are in the
 * query of a GET and in the JSON body of the rest. Streams are server-sent events. Null: it is not called over HTTP.
 */
type Route = readonly [at: `${Method} /${string}`, summary: string, status?: 201] | null;

type Procedures = Readonly<Record<string, Readonly<Record<string, AnyContractProcedure>>>>;
export type Routes<T extends Procedures> = {
  readonly [Group in keyof T]: { readonly [Name in keyof T[Group]]: Route };
};

/** The same procedures, those with a route bearing it. */
export function withRoutes<T extends Procedures>(contract: T, routes: Routes<T>): T {
  const routed = Object.entries(contract).map(([group, procedures]) => [
    group,
    Object.fromEntries(
      Object.entries(procedures).map(([name, procedure]) => [
        name,
        withRoute(procedure as Routable, routes[group]?.[name] ?? null, group),
      ]),
    ),
  ]);
  return Object.fromEntries(routed) as T;
}

/** What `call` and `stream` make. */
interface Routable extends AnyContractProcedure {
  readonly route: (route: AnyContractProcedure['~orpc']['route']) => AnyContractProcedure;
}

function withRoute(procedure: Routable, route: Route, group: string): AnyContractProcedure {
  if (route === null) return procedure;
  const [at, summary, successStatus] = route;
  const [method, path] = at.split(' ') as [Method, `/${string}`];
  return procedure.route({ method, path, summary, tags: [group], ...(successStatus ? { successStatus } : {}) });
}

export const isRouted = (procedure: AnyContractProcedure): boolean => procedure['~orpc'].route.path !== undefined;
