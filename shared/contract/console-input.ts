/** Sends one piece; rejects when it could not be sent. */
export type Send = (data: string) => Promise<unknown>;

export interface Input {
  readonly push: (data: string) => void;
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff;

/** The first piece of `data` of at most `most` UTF-16 units that cuts no character in two. */
export function firstPiece(data: string, most: number): string {
  if (data.length <= most) return data;
  return data.slice(0, isHighSurrogate(data.charCodeAt(most - 1)) ? most - 1 : most);
}

/**
 * Sends what is typed or pasted in its order: one piece is on its way at a time, what comes
 * meanwhile is put together. A piece that failed is not sent again, as it may have arrived.
 */
export function createInput(send: Send, most: number, onError: (error: unknown) => void): Input {
  let waiting = '';
  let sending = false;

  async function drain(): Promise<void> {
    sending = true;
    while (waiting !== '') {
      const piece = firstPiece(waiting, most);
      waiting = waiting.slice(piece.length);
      try {
        await send(piece);
      } catch (error) {
        onError(error);
      }
    }
    sending = false;
  }

  return {
    push: (data) => {
      waiting += data;
      if (!sending) void drain();
    },
  };
}
