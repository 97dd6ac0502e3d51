import { configJsonSchema } from '../../../shared/model/config-schema.ts';
import { renderConfigReference } from './config/reference.ts';
import { createProgram } from './program.ts';
import { renderReference } from './reference.ts';

/** Files of this repository that are written from the code, each by its path. */
export const generatedDocs = (): readonly (readonly [path: string, text: string])[] => [
  // The version is not shown.
  ['docs/cli.md', renderReference(createProgram(''))],
  ['docs/config.md', renderConfigReference()],
  ['resources/config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
];
