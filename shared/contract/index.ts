import { changesContract } from './changes.ts';
import { consolesContract } from './consoles.ts';
import { enginesContract } from './engines.ts';
import { eventsContract } from './events.ts';
import { executionsContract } from './executions.ts';
import { filesContract } from './files.ts';
import { functionsContract, invocationsContract } from './functions.ts';
import { type Routes, withRoutes } from './http-routes.ts';
import { imagesContract } from './images.ts';
import { logsContract } from './logs.ts';
import { modulesContract } from './modules.ts';
import { monitorContract } from './monitor.ts';
import { packagesContract } from './packages.ts';
import { sandboxesContract } from './sandboxes.ts';
import { settingsContract } from './settings.ts';
import { snapshotsContract } from './snapshots.ts';
import { systemContract } from './system.ts';

const procedures = {
  sandboxes: sandboxesContract,
  executions: executionsContract,
  files: filesContract,
  consoles: consolesContract,
  monitor: monitorContract,
  logs: logsContract,
  engines: enginesContract,
  functions: functionsContract,
  invocations: invocationsContract,
  images: imagesContract,
  modules: modulesContract,
  packages: packagesContract,
  snapshots: snapshotsContract,
  changes: changesContract,
  events: eventsContract,
  settings: settingsContract,
  system: systemContract,
};
export type Contract = typeof procedures;

const routes: Routes<Contract> = {
  sandboxes: {
    list: ['GET /sandboxes', 'All sandboxes'],
    createAndWait: ['POST /sandboxes', 'Make a sandbox, and answer when it stands', 201],
    create: ['POST /sandboxes/stream', 'Make a sandbox, with progress'],
    validate: ['POST /sandboxes/validate', 'What making a sandbox would refuse'],
    watch: ['GET /sandboxes/watch', 'All sandboxes, then every change'],
    get: ['GET /sandboxes/{id}', 'One sandbox'],
    update: ['PATCH /sandboxes/{id}', 'Change a name, labels or limits'],
    destroy: ['DELETE /sandboxes/{id}', 'Destroy a sandbox with all that runs in it'],
    start: ['POST /sandboxes/{id}/start', 'Start it'],
    stop: ['POST /sandboxes/{id}/stop', 'Ask it to end, and kill it after a grace'],
    pause: ['POST /sandboxes/{id}/pause', 'Pause all that runs in it'],
    resume: ['POST /sandboxes/{id}/resume', 'Let it go on'],
    rebuild: ['POST /sandboxes/{id}/rebuild', 'Make it again from its spec, with its workspace'],
    inspect: ['GET /sandboxes/{id}/inspect', 'What the engine itself says of it'],
  },
  executions: {
    runAndWait: ['POST /sandboxes/{sandboxId}/executions', 'Run a command to its end'],
    run: ['POST /sandboxes/{sandboxId}/executions/stream', 'Run a command, with its output as it comes'],
    list: ['GET /sandboxes/{sandboxId}/executions', 'Commands of a sandbox, the newest first'],
    get: ['GET /executions/{id}', 'One command'],
    cancel: ['POST /executions/{id}/cancel', 'Kill a command'],
    signal: ['POST /executions/{id}/signal', 'Send a command a signal'],
    write: ['POST /executions/{id}/input', 'Give a command with streamed input the next piece'],
    endInput: ['POST /executions/{id}/input/end', 'End a command’s streamed input'],
    acknowledge: ['POST /executions/{id}/acknowledge', 'Say how much output was taken, where a window was asked for'],
  },
  // A terminal needs what it shows acknowledged, and what is typed in order: that is a WebSocket's.
  consoles: { open: null, write: null, resize: null, close: null, list: null, attach: null, acknowledge: null },
  monitor: {
    watch: ['GET /sandboxes/{id}/stats', 'History, then live figures of a sandbox'],
    watchAll: ['GET /stats', 'Live figures of all sandboxes'],
  },
  logs: { follow: ['GET /sandboxes/{id}/logs', 'Output of the main program'] },
  engines: {
    list: ['GET /engines', 'Engines and what each holds on this machine'],
    watch: ['GET /engines/watch', 'The same, again after each change'],
    probe: ['POST /engines/{kind}/probe', 'Look again what an engine can do'],
  },
  functions: {
    list: ['GET /functions', 'All functions'],
    watch: ['GET /functions/watch', 'All functions, then every change'],
    check: ['POST /functions/check', 'Load code without keeping it'],
    create: ['POST /functions', 'Make a function', 201],
    get: ['GET /functions/{id}', 'One function'],
    update: ['PATCH /functions/{id}', 'Change its code or settings'],
    rename: ['POST /functions/{id}/rename', 'Give it another name'],
    delete: ['DELETE /functions/{id}', 'Delete it with its history'],
    versions: ['GET /functions/{id}/versions', 'Its versions, the newest first'],
    version: ['GET /functions/{id}/versions/{version}', 'One version with its code'],
    setCurrent: ['POST /functions/{id}/versions/{version}/current', 'Make a version the current one'],
    invoke: ['POST /functions/{id}/invoke', 'Invoke it'],
    statistics: ['GET /functions/{id}/statistics', 'How its invocations went'],
    instances: ['GET /functions/{id}/instances', 'Its instances'],
  },
  invocations: {
    list: ['GET /functions/{functionId}/invocations', 'Invocations, the newest first'],
    get: ['GET /invocations/{id}', 'One invocation with its input and output'],
  },
  images: {
    list: ['GET /engines/{engine}/images', 'Images of an engine'],
    pull: ['POST /engines/{engine}/images/pull', 'Pull an image, with progress'],
  },
  modules: {
    inspect: ['POST /modules/inspect', 'What a WebAssembly module brings and asks for'],
    of: ['GET /sandboxes/{sandboxId}/module', 'The same of a sandbox’s module'],
    beginUpload: ['POST /modules/uploads', 'Begin to upload a module', 201],
    appendUpload: ['POST /modules/uploads/{uploadId}/pieces', 'Upload the next piece'],
    finishUpload: ['POST /modules/uploads/{uploadId}/finish', 'End an upload'],
    cancelUpload: ['DELETE /modules/uploads/{uploadId}', 'Give an upload up'],
  },
  packages: {
    list: ['GET /sandboxes/{sandboxId}/packages', 'Packages of a sandbox'],
    install: ['POST /sandboxes/{sandboxId}/packages/{provider}/install', 'Install packages, with progress'],
    upgrade: ['POST /sandboxes/{sandboxId}/packages/{provider}/upgrade', 'Upgrade packages, with progress'],
    uninstall: ['POST /sandboxes/{sandboxId}/packages/{provider}/uninstall', 'Uninstall packages, with progress'],
    freeze: ['GET /sandboxes/{sandboxId}/packages/{provider}/freeze', 'What is installed, as a requirements file'],
    versions: ['GET /sandboxes/{sandboxId}/packages/{provider}/versions', 'Versions of a package'],
    repair: ['POST /sandboxes/{sandboxId}/packages/{provider}/repair', 'Make broken ground whole again'],
  },
  snapshots: {
    list: ['GET /sandboxes/{id}/snapshots', 'Snapshots of a sandbox'],
    create: ['POST /sandboxes/{id}/snapshots', 'Save a running sandbox', 201],
    restore: ['POST /sandboxes/{id}/snapshots/{name}/restore', 'Go back to a snapshot'],
    clone: ['POST /sandboxes/{id}/snapshots/{name}/clone', 'A new sandbox that goes on from a snapshot', 201],
    remove: ['DELETE /sandboxes/{id}/snapshots/{name}', 'Remove a snapshot'],
  },
  changes: {
    list: ['GET /sandboxes/{id}/changes', 'Writes that are kept apart from the workspace'],
    read: ['GET /sandboxes/{id}/changes/file', 'One file before and after'],
    apply: ['POST /sandboxes/{id}/changes/apply', 'Write changes to the workspace'],
    discard: ['POST /sandboxes/{id}/changes/discard', 'Throw changes away'],
  },
  files: {
    stat: ['GET /sandboxes/{sandboxId}/files/stat', 'What is at a path'],
    list: ['GET /sandboxes/{sandboxId}/files/list', 'What is in a folder, 10,000 entries at most'],
    listAll: ['GET /sandboxes/{sandboxId}/files/list/stream', 'All that is in a folder'],
    watch: ['GET /sandboxes/{sandboxId}/files/watch', 'What changes in a folder'],
    read: ['GET /sandboxes/{sandboxId}/files/stream', 'A file in pieces'],
    readWhole: ['GET /sandboxes/{sandboxId}/files', 'A file of 4 MiB at most'],
    writeWhole: ['PUT /sandboxes/{sandboxId}/files', 'Write a file of 4 MiB at most'],
    beginWrite: ['POST /sandboxes/{sandboxId}/files/writes', 'Begin to write a file', 201],
    readTree: ['GET /sandboxes/{sandboxId}/files/tree', 'A file or folder as a tar archive in pieces'],
    beginWriteTree: ['POST /sandboxes/{sandboxId}/files/tree/writes', 'Begin to unpack a tar archive', 201],
    appendWrite: ['POST /files/writes/{writeId}/pieces', 'Write the next piece'],
    finishWrite: ['POST /files/writes/{writeId}/finish', 'End a write'],
    cancelWrite: ['DELETE /files/writes/{writeId}', 'Give a write up'],
    makeFolder: ['POST /sandboxes/{sandboxId}/files/folders', 'Make a folder'],
    remove: ['DELETE /sandboxes/{sandboxId}/files', 'Remove a file or folder'],
    rename: ['POST /sandboxes/{sandboxId}/files/rename', 'Rename or move a file or folder'],
  },
  events: {
    list: ['GET /events', 'What happened, the newest first'],
    watch: ['GET /events/watch', 'What happens from now on'],
  },
  settings: {
    get: ['GET /settings', 'The configuration'],
    set: ['PATCH /settings', 'Change the configuration file'],
    explain: ['POST /settings/explain', 'Where each value of a spec comes from'],
  },
  system: {
    info: ['GET /system', 'This host and its machine'],
    show: ['POST /system/show', 'Bring the app’s window to the front, where there is one'],
  },
};

/** Every call and stream between the page (or a script) and the host. */
export const contract: Contract = withRoutes(procedures, routes);
