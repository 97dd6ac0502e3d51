const MOST = 80;

/** A name for a sandbox that goes on from another's snapshot, e.g. `api-first` or, when that is taken, `api-first-2`. */
export function cloneName(sandbox: string, snapshot: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const end = count === 1 ? `-${snapshot}` : `-${snapshot}-${count}`;
    // By characters: half of one is no text.
    const room = [...sandbox];
    while (room.join('').length + end.length > MOST) room.pop();
    const name = `${room.join('').trimEnd()}${end}`;
    if (!isTaken(name)) return name;
  }
}
