import type { OpenAPI } from '@orpc/contract';
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { executionSchema } from '../../../../shared/contract/executions.ts';
import { isRouted } from '../../../../shared/contract/http-routes.ts';
import { contract } from '../../../../shared/contract/index.ts';
import { newSandboxSpecSchema } from '../../../../shared/contract/sandboxes.ts';
import { engineReportSchema } from '../../../../shared/model/engine.ts';
import { appErrorDataSchema, type ErrorCode, errorCodes } from '../../../../shared/model/error.ts';
import { terrariumEventSchema } from '../../../../shared/model/event.ts';
import { limitsSchema } from '../../../../shared/model/limits.ts';
import { sandboxSchema } from '../../../../shared/model/sandbox.ts';
import { sandboxSpecSchema } from '../../../../shared/model/spec.ts';
import { httpStatus } from '../../../rpc/http-status.ts';

const DESCRIPTION = `Sandboxes of this machine, as its window shows them.

Every request needs the header \`Authorization: Bearer …\` with the token of \`host.json\` in Terrarium's state folder,
which only its user may read. A failed request answers with an \`AppError\`; its \`hint\` says what to do.
Streams are server-sent events: each \`message\` is one item, \`done\` ends it; an \`error\` has the AppError as its \`data\`.`;

/** The contract as OpenAPI 3.1, made of the very schemas that requests are checked by. */
export async function createDocument(version: string): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: { title: 'Terrarium', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    filter: ({ contract: procedure }) => isRouted(procedure),
    commonSchemas: {
      AppError: { schema: appErrorDataSchema, strategy: 'output' },
      EngineReport: { schema: engineReportSchema, strategy: 'output' },
      Event: { schema: terrariumEventSchema, strategy: 'output' },
      Execution: { schema: executionSchema, strategy: 'output' },
      Limits: { schema: limitsSchema },
      NewSandboxSpec: { schema: newSandboxSpecSchema },
      Sandbox: { schema: sandboxSchema, strategy: 'output' },
      SandboxSpec: { schema: sandboxSpecSchema, strategy: 'output' },
    },
  });
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of operationsOf(path)) describeErrors(operation);
  }
  const create = document.paths?.['/sandboxes']?.post;
  if (create) create.parameters = [IDEMPOTENCY_KEY];
  return document;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

function operationsOf(path: OpenAPI.PathItemObject | undefined): readonly OpenAPI.OperationObject[] {
  return METHODS.flatMap((method) => path?.[method] ?? []);
}

/** Which way a call fails is known when it does, so every status can come of every call. */
function describeErrors(operation: OpenAPI.OperationObject): void {
  const success = Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2'));
  const failures = [...Map.groupBy(errorCodes, (code: ErrorCode) => httpStatus[code])].map(([status, codes]) => [
    String(status),
    failure(codes.join(', ')),
  ]);
  const ofEvery = [
    ['401', failure('denied: the token is missing or wrong')],
    ['413', failure('limit_exceeded: the body is too long')],
  ];
  operation.responses = Object.fromEntries([...success, ...ofEvery, ...failures]);
}

const failure = (description: string): OpenAPI.ResponseObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/AppError' } } },
});

const IDEMPOTENCY_KEY: OpenAPI.ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Makes it safe to ask again: while the sandbox is there, the same key answers with the same sandbox.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
