import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ORPCError } from '@orpc/client';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { BodyLimitPlugin } from '@orpc/server/node';
import sirv from 'sirv';
import { isRouted } from '../../../../shared/contract/http-routes.ts';
import { AppError, type AppErrorData, appErrorDataSchema, toErrorData } from '../../../../shared/model/error.ts';
import type { Log } from '../../../lib/log.ts';
import type { CallContext } from '../../../rpc/call-context.ts';
import { httpStatus } from '../../../rpc/http-status.ts';
import { handlerOptions } from '../../../rpc/options.ts';
import type { Router } from '../../../rpc/router.ts';
import { fail, send } from '../answers.ts';
import { wrongToken } from '../refusals.ts';
import { createCoercion } from './coercion.ts';
import { createDocument } from './document.ts';
import { methodsAt } from './methods.ts';
import { API } from './path.ts';
import { referencePage, referenceParts, referencePolicy } from './reference.ts';

export interface HttpApi {
  /** Answers whatever is asked below `/api/v1`. `mayCall`: the request bears the token. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, mayCall: boolean) => Promise<void>;
}

/** The contract over plain HTTP, for programs that speak nothing else. */
export function createHttpApi(options: {
  readonly router: Router;
  readonly log: Log;
  readonly version: string;
  /** Bytes of a request's body. */
  readonly largestBody: number;
}): HttpApi {
  const { router, log, version, largestBody } = options;
  const handler = new OpenAPIHandler<CallContext>(router, {
    ...handlerOptions(log, (code) => httpStatus[code]),
    filter: ({ contract }) => isRouted(contract),
    plugins: [createCoercion(), new BodyLimitPlugin({ maxBodySize: largestBody })],
    customErrorResponseBodyEncoder: bodyOf,
  });
  let document: Promise<string> | undefined;
  const parts = sirv(dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json'))), { etag: true });

  return {
    async serve(request, response, mayCall) {
      const path = (request.url ?? '').split('?')[0]?.slice(API.length) ?? '';
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      // What is the same for everybody and says nothing of this machine needs no token: a browser can show it.
      if (isRead && path === '/openapi.json') {
        document ??= createDocument(version).then((made) => JSON.stringify(made));
        return send(response, 200, 'application/json', await document);
      }
      const isReference = path === '/docs' || path.startsWith('/docs/');
      if (!isRead && (isReference || path === '/openapi.json')) return refuseMethod(response, request, path, ['GET']);
      if (isReference) {
        response.setHeader('Content-Security-Policy', referencePolicy);
        if (path === '/docs') return send(response, 200, 'text/html', referencePage);
        const part = path.slice('/docs'.length);
        if (!referenceParts.includes(part)) return fail(response, 404, notFound(path));
        request.url = part;
        return parts(request, response, () => fail(response, 404, notFound(path)));
      }
      if (!mayCall) {
        response.setHeader('WWW-Authenticate', 'Bearer');
        return fail(response, 401, wrongToken);
      }
      const idempotencyKey = headerOf(request, 'idempotency-key');
      if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
        return fail(response, 400, wrongKey);
      }
      if (Number(request.headers['content-length'] ?? 0) > largestBody) {
        // Read to its end, or many a client would not hear why it was refused.
        request.resume();
        return fail(response, 413, tooLong(largestBody));
      }
      response.setHeader('Cache-Control', 'no-store');
      const { matched } = await handler.handle(request, response, { prefix: API, context: { idempotencyKey } });
      if (matched) return;
      const methods = methodsAt(path);
      if (methods.length === 0) fail(response, 404, notFound(path));
      else refuseMethod(response, request, path, methods);
    },
  };
}

/** What the library itself refuses (a body that is no JSON, or too long) has no AppError yet. */
function bodyOf(error: ORPCError<string, unknown>): AppErrorData {
  const known = appErrorDataSchema.safeParse(error.data);
  if (known.success) return known.data;
  const code = error.status === 413 ? 'limit_exceeded' : error.status < 500 ? 'invalid_input' : 'internal';
  return toErrorData(new AppError(code, error.message));
}

const wrongKey = new AppError('invalid_input', 'Idempotency-Key must be 1 to 255 printable ASCII characters', {
  details: { field: 'Idempotency-Key' },
});
const tooLong = (bytes: number) =>
  new AppError('limit_exceeded', `The request’s body is longer than ${bytes} bytes`, {
    hint: 'Give large inputs in parts, or put them into the workspace.',
  });
const notFound = (what: string) =>
  new AppError('not_found', `There is nothing at ${what}`, { hint: `What there is, is told at ${API}/docs.` });

function refuseMethod(
  response: ServerResponse,
  { method }: IncomingMessage,
  path: string,
  allowed: readonly string[],
): void {
  response.setHeader('Allow', allowed.join(', '));
  fail(
    response,
    405,
    new AppError('unsupported', `${path} takes ${allowed.join(' and ')}, not ${method}`, {
      hint: `What there is, is told at ${API}/docs.`,
    }),
  );
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
