import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Bytes of a Node's heap, and outside of it for buffers, that are in use: what is garbage is collected first. `address`: of its inspector. */
export async function heapInUse(address: string): Promise<number> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let lastId = 0;
  const ask = async (method: string): Promise<Record<string, number>> => {
    lastId += 1;
    const id = lastId;
    socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [data] = await once(socket, 'message');
      const answer = JSON.parse(String(data));
      if (answer.id === id) return answer.result;
    }
  };
  try {
    await ask('HeapProfiler.enable');
    for (let turn = 0; turn < 3; turn += 1) await ask('HeapProfiler.collectGarbage');
    const { usedSize = 0, backingStorageSize = 0 } = await ask('Runtime.getHeapUsage');
    return usedSize + backingStorageSize;
  } finally {
    socket.terminate();
  }
}
