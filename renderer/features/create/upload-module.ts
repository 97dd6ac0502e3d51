import { MODULE_BYTES_MAX, type ModuleInfo, UPLOAD_PIECE_MAX } from '../../../shared/contract/modules.ts';
import { AppError } from '../../../shared/model/app-error.ts';
import type { Page } from '../../stores/page.ts';

/** Base64 has four characters for three bytes. */
const PIECE_BYTES = (UPLOAD_PIECE_MAX / 4) * 3;

/** Brings a file to the host, which has no other way to it. An abort gives up what has come so far. */
export async function uploadModule(
  client: Page['connection']['client'],
  file: File,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<{ readonly path: string; readonly info: ModuleInfo }> {
  if (file.size === 0 || file.size > MODULE_BYTES_MAX) {
    throw new AppError(
      'invalid_input',
      `The file ${file.name} is ${file.size === 0 ? 'empty' : 'larger than 256 MiB'}.`,
    );
  }
  const { uploadId } = await client.modules.beginUpload({ name: file.name.slice(-255), sizeBytes: file.size });
  try {
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      signal.throwIfAborted();
      const base64 = await toBase64(file.slice(at, at + PIECE_BYTES));
      await client.modules.appendUpload({ uploadId, base64 });
      onProgress(Math.min(1, (at + PIECE_BYTES) / file.size));
    }
    signal.throwIfAborted();
    return await client.modules.finishUpload({ uploadId });
  } catch (error) {
    // The host lets go of it by itself where this does not reach it.
    await client.modules.cancelUpload({ uploadId }).catch(() => undefined);
    throw error;
  }
}

function toBase64(piece: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    // Text behind `data:…;base64,`.
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('the file could not be read'));
    reader.readAsDataURL(piece);
  });
}
