import type { SandboxSpecInput } from '../../../shared/model/spec.ts';

/** Rules for this machine's files, as they are typed: a path a line. */
export interface FilesystemForm {
  readonly readOnly: string;
  readonly readWrite: string;
  readonly denied: string;
  readonly overlay: boolean;
}

export interface PythonForm {
  readonly interpreter: string;
  /** A requirement a line. */
  readonly packages: string;
  readonly indexUrl: string;
  readonly wheels: string;
  readonly systemSitePackages: boolean;
  readonly pip: boolean;
}

/** What only some engines know. Forgotten when another engine is chosen. */
export interface EngineOptions {
  /** Empty: the engine's usual one. */
  readonly runtime: string;
  readonly userns: '' | NonNullable<SandboxSpecInput['userns']>;
  readonly filesystem: FilesystemForm;
  readonly python: PythonForm;
}

export const emptyEngineOptions: EngineOptions = {
  runtime: '',
  userns: '',
  filesystem: { readOnly: '', readWrite: '', denied: '', overlay: false },
  python: { interpreter: '', packages: '', indexUrl: '', wheels: '', systemSitePackages: false, pip: false },
};

const lines = (text: string) => text.split('\n').flatMap((line) => line.trim() || []);
const isEmpty = (values: Readonly<Record<string, unknown>>) =>
  Object.values(values).every((value) => value === '' || value === false);

export function toEngineOptions({ runtime, userns, filesystem, python }: EngineOptions): Partial<SandboxSpecInput> {
  return {
    ...(runtime === '' ? {} : { runtime }),
    ...(userns === '' ? {} : { userns }),
    ...(isEmpty({ ...filesystem }) ? {} : { filesystem: toFilesystem(filesystem) }),
    ...(isEmpty({ ...python }) ? {} : { python: toPython(python) }),
  };
}

function toFilesystem({ readOnly, readWrite, denied, overlay }: FilesystemForm) {
  return { readOnly: lines(readOnly), readWrite: lines(readWrite), denied: lines(denied), overlay };
}

function toPython({ interpreter, packages, indexUrl, wheels, systemSitePackages, pip }: PythonForm) {
  return {
    ...(interpreter.trim() === '' ? {} : { interpreter: interpreter.trim() }),
    ...(indexUrl.trim() === '' ? {} : { indexUrl: indexUrl.trim() }),
    ...(wheels.trim() === '' ? {} : { wheels: wheels.trim() }),
    packages: lines(packages),
    systemSitePackages,
    pip,
  };
}
