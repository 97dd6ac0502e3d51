import { type ConfigKey, configKeys } from '../../../../shared/model/config-schema.ts';
import { quantityWords } from '../../../../shared/model/handwritten.ts';
import { markdownTable, WRITE_REFERENCE } from '../reference.ts';

/** What is said of the configuration file beside its keys. */
const about = `# The configuration file

<!-- Written by \`${WRITE_REFERENCE}\` from the configuration's schema. -->

\`config.toml\` in the platform's folder for configuration (\`~/.config/terrarium\` on Linux, \`~/Library/Preferences/terrarium\`
on a Mac); with \`TERRARIUM_HOME\`, in that folder; \`TERRARIUM_CONFIG\` names another file. It is
[TOML](https://toml.io). \`terrarium config\` reads and changes it, and keeps what it does not change, comments too; so does the
window's settings dialog. What is written there by hand holds from the next call on, without a restart.

For what a sandbox is made of, options of the command line go over a spec file, which goes over the configuration, which goes
over what the engine does by default. \`terrarium config explain\` shows where each value comes from.

A file with a mistake holds for nothing: Terrarium starts with its defaults, or goes on with what held before, and says which
line and key is wrong, and what was expected there: in the window, in \`terrarium doctor\` and \`terrarium config\`, and in its log.

Sizes and times may be written with their units, such as \`"512MiB"\` and \`"5min"\`; a bare number is in the unit that ends the
key's name. A network may be written by its mode alone.
[config.schema.json](../resources/config.schema.json) is the schema for editors: \`#:schema <its path>\` in the first line.

\`\`\`toml
[machine]
sandboxes = 50
memoryBytes = "16GiB"

[engines.docker]
image = "debian:12"
network = "none"
limits = { memoryBytes = "512MiB", cpuCores = 1 }
\`\`\``;

const ENGINE = /^engines\.[a-z]+\./;

/** docs/config.md, from the schema itself. Keys that all engines have are told once. */
export function renderConfigReference(): string {
  const keys = configKeys();
  const general = keys.filter(({ name }) => !ENGINE.test(name));
  const ofEngines = new Map<string, ConfigKey>();
  for (const key of keys) if (ENGINE.test(key.name)) ofEngines.set(key.name.replace(ENGINE, ''), key);
  const engines = [...new Set(keys.flatMap(({ name }) => (ENGINE.test(name) ? [name.split('.')[1] ?? ''] : [])))];
  const withImage = engines.filter((engine) => keys.some(({ name }) => name === `engines.${engine}.image`));
  const row = (name: string, { about: words, normal }: ConfigKey) => [
    `\`${name}\``,
    words,
    normal === undefined ? '' : `\`${JSON.stringify(normal)}\``,
    quantityWords(name)?.split(',')[0] ?? '',
  ];
  const head = ['key', 'what it says', 'default', 'written as'];
  return `${[
    about,
    '## For all of Terrarium',
    markdownTable(
      head,
      general.map((key) => row(key.name, key)),
    ),
    '## For specs that do not say otherwise',
    `\`<engine>\` is ${engines.map((engine) => `\`${engine}\``).join(', ')}; only ${withImage.map((engine) => `\`${engine}\``).join(' and ')} have an \`image\`. What an engine cannot hold is refused when a sandbox is made, naming the key.`,
    markdownTable(
      head,
      [...ofEngines].map(([name, key]) => row(`engines.<engine>.${name}`, key)),
    ),
  ].join('\n\n')}\n`;
}
